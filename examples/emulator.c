/* SPDX-License-Identifier: MIT */
/*
 * An emulator of a small PC: libx86emu's 8086, an interrupt controller, and a
 * parallel port with a printer on it, which are ours. Boots the sector argv[1] with
 * the chip argv[2]; what is printed goes to stdout. docs/embedding.md explains it.
 *
 * Not a whole PC: no BIOS but the address of the port, no timer, one interrupt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86emu.h>

#include <openparport/sim_centronics.h>

#define PORT_BASE  0x378u
#define ECP_OFFSET 0x400u /* its second range of addresses */
#define PIC        0x20u
#define PIC_MASK   0x21u

#define INSTRUCTION_NS 200u
#define ACCESS_NS      1000u
#define LIMIT_NS       60000000000u

#define SECTOR_BYTES 512u
#define BOOT_ADDRESS 0x7c00u
#define BIOS_LPT1    0x408u
#define IRQ7_VECTOR  0x0fu
#define IRQ7         0x80u

struct machine {
	x86emu_t *cpu;
	x86emu_memio_handler_t memory;
	struct opp_sim port;
	struct opp_centronics printer;
	uint8_t pic_mask, pic_asked, pic_served;
	unsigned int interrupts;
};

/* ---- what the port does to the machine -------------------------------------------- */

static void port_interrupts(void *context)
{
	struct machine *machine = context;

	machine->pic_asked |= IRQ7;
}

static void guest_errs(void *context, enum opp_sim_host_error error, uint64_t now_ns)
{
	(void)context;
	(void)fprintf(stderr, "at %llu ns: %s\n", (unsigned long long)now_ns,
		      opp_sim_host_error_text(error));
}

static bool print(void *context, uint8_t byte)
{
	(void)context;
	return putchar(byte) != EOF;
}

static void plug_in(struct machine *machine, enum opp_sim_chip chip)
{
	const struct opp_sim_options port = {
		.chip = chip,
		.base = PORT_BASE,
		.context = machine,
		.interrupt = port_interrupts,
		.host_error = guest_errs,
	};
	const struct opp_centronics_options paper = { .characters_per_second = 100,
						      .print = print };

	opp_sim_init(&machine->port, &port);
	opp_centronics_init(&machine->printer, &paper);
	opp_sim_attach(&machine->port, &machine->printer.peripheral);
}

/* ---- what the machine does to the port -------------------------------------------- */

static bool is_the_ports(uint32_t offset)
{
	return offset < 8 || (offset >= ECP_OFFSET && offset < ECP_OFFSET + 3);
}

static uint32_t port_in(struct opp_sim *port, uint32_t offset, unsigned int width)
{
	opp_sim_advance_to(port, port->now_ns + ACCESS_NS);
	switch (width) {
	case X86EMU_MEMIO_8: return opp_sim_read(port, offset);
	case X86EMU_MEMIO_16: return opp_sim_read16(port, offset);
	default: return opp_sim_read32(port, offset);
	}
}

static void port_out(struct opp_sim *port, uint32_t offset, unsigned int width, uint32_t value)
{
	opp_sim_advance_to(port, port->now_ns + ACCESS_NS);
	switch (width) {
	case X86EMU_MEMIO_8: opp_sim_write(port, offset, (uint8_t)value); break;
	case X86EMU_MEMIO_16: opp_sim_write16(port, offset, (uint16_t)value); break;
	default: opp_sim_write32(port, offset, value); break;
	}
}

static uint32_t in(struct machine *machine, uint32_t address, unsigned int width)
{
	if (is_the_ports(address - PORT_BASE))
		return port_in(&machine->port, address - PORT_BASE, width);
	return address == PIC_MASK ? machine->pic_mask : UINT32_MAX;
}

static void out(struct machine *machine, uint32_t address, unsigned int width, uint32_t value)
{
	if (is_the_ports(address - PORT_BASE))
		port_out(&machine->port, address - PORT_BASE, width, value);
	else if (address == PIC_MASK)
		machine->pic_mask = (uint8_t)value;
	else if (address == PIC)
		machine->pic_served = 0; /* end of interrupt */
}

static unsigned int access_bus(x86emu_t *cpu, uint32_t address, uint32_t *value, unsigned int type)
{
	struct machine *machine = cpu->_private;
	const unsigned int width = type & 0xff;

	switch (type & ~0xffu) {
	case X86EMU_MEMIO_I: *value = in(machine, address, width); return 0;
	case X86EMU_MEMIO_O: out(machine, address, width, *value); return 0;
	default: return machine->memory(cpu, address, value, type);
	}
}

/* ---- time and interrupts ----------------------------------------------------------- */

static bool is_asked(const struct machine *machine)
{
	return machine->pic_asked & ~machine->pic_mask & ~machine->pic_served;
}

/* HLT: nothing happens but at the port. */
static void sleep_until_asked(struct machine *machine)
{
	struct opp_sim *port = &machine->port;

	while (!is_asked(machine) && opp_sim_next_edge_ns(port) != OPP_SIM_NEVER)
		opp_sim_advance_to(port, opp_sim_next_edge_ns(port));
}

static void push(x86emu_t *cpu, uint32_t word)
{
	cpu->x86.R_SP -= 2;
	x86emu_write_word(cpu, cpu->x86.R_SS_BASE + cpu->x86.R_SP, word);
}

static void enter_interrupt(struct machine *machine)
{
	x86emu_t *cpu = machine->cpu;

	machine->pic_asked = 0;
	machine->pic_served = IRQ7;
	machine->interrupts++;
	push(cpu, cpu->x86.R_FLG);
	push(cpu, cpu->x86.R_CS);
	push(cpu, cpu->x86.R_IP);
	cpu->x86.R_FLG &= ~(uint32_t)(F_IF | F_TF);
	cpu->x86.R_EIP = x86emu_read_word(cpu, 4 * IRQ7_VECTOR);
	x86emu_set_seg_register(cpu, cpu->x86.R_CS_SEL,
				(uint16_t)x86emu_read_word(cpu, 4 * IRQ7_VECTOR + 2));
}

/* One instruction. Returns false where the guest has halted for good. */
static bool step(struct machine *machine)
{
	x86emu_t *cpu = machine->cpu;
	const bool listened = cpu->x86.R_FLG & F_IF;

	cpu->max_instr = cpu->x86.R_TSC + 1;
	x86emu_run(cpu, X86EMU_RUN_MAX_INSTR);
	opp_sim_advance_to(&machine->port, machine->port.now_ns + INSTRUCTION_NS);
	if (cpu->x86.mode & _MODE_HALTED) {
		if (!(cpu->x86.R_FLG & F_IF))
			return false;
		sleep_until_asked(machine);
		if (!is_asked(machine))
			return false;
	}
	/* STI listens behind the next instruction only. */
	if (listened && cpu->x86.R_FLG & F_IF && is_asked(machine))
		enter_interrupt(machine);
	return true;
}

/* ---- the machine ------------------------------------------------------------------- */

static bool boot(struct machine *machine, const char *path)
{
	uint8_t sector[SECTOR_BYTES];
	FILE *file = fopen(path, "rb");
	size_t length = 0;

	if (file) {
		length = fread(sector, 1, sizeof(sector), file);
		(void)fclose(file);
	}
	machine->cpu = x86emu_new(X86EMU_PERM_RWX, 0);
	if (length != sizeof(sector) || !machine->cpu)
		return false;
	machine->cpu->_private = machine;
	machine->memory = x86emu_set_memio_handler(machine->cpu, access_bus);
	machine->pic_mask = 0xff;
	for (uint32_t i = 0; i < SECTOR_BYTES; i++)
		x86emu_write_byte(machine->cpu, BOOT_ADDRESS + i, sector[i]);
	x86emu_write_word(machine->cpu, BIOS_LPT1, PORT_BASE);
	x86emu_set_seg_register(machine->cpu, machine->cpu->x86.R_CS_SEL, 0);
	machine->cpu->x86.R_EIP = BOOT_ADDRESS;
	return true;
}

static bool find_chip(const char *name, enum opp_sim_chip *chip)
{
	static const char *const names[] = {
		[OPP_SIM_SPP] = "spp", [OPP_SIM_PS2] = "ps2",         [OPP_SIM_EPP] = "epp",
		[OPP_SIM_ECP] = "ecp", [OPP_SIM_ECP_EPP] = "ecp+epp", [OPP_SIM_NO_PORT] = "none",
	};

	for (*chip = OPP_SIM_SPP; *chip <= OPP_SIM_NO_PORT; (*chip)++)
		if (strcmp(name, names[*chip]) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static struct machine machine;
	enum opp_sim_chip chip;

	if (argc != 3 || !find_chip(argv[2], &chip)) {
		(void)fprintf(stderr, "usage: emulator SECTOR spp|ps2|epp|ecp|ecp+epp|none\n");
		return 2;
	}
	plug_in(&machine, chip);
	if (!boot(&machine, argv[1])) {
		(void)fprintf(stderr, "emulator: %s is no boot sector\n", argv[1]);
		return 1;
	}
	while (machine.port.now_ns < LIMIT_NS && step(&machine))
		;
	printf("%u interrupts, %u ms\n", machine.interrupts,
	       (unsigned int)(machine.port.now_ns / 1000000));
	x86emu_done(machine.cpu);
	return machine.port.now_ns < LIMIT_NS ? 0 : 1;
}
