/* SPDX-License-Identifier: MIT */
/* A parallel port for an emulator: its CPU does IN and OUT, paper comes out of stdout. */
#include <stdio.h>
#include <openparport/sim_centronics.h>

static struct opp_sim port;
static struct opp_centronics printer;
static unsigned int interrupts;

static void raise_irq7(void *context)
{
	(void)context;
	interrupts++;
}

static bool print(void *context, uint8_t byte)
{
	(void)context;
	return putchar(byte) != EOF;
}

/* What the CPU does at 0x378 .. 0x37a; each of its cycles takes 1 us of emulated time. */
static uint8_t in(uint16_t address)
{
	opp_sim_advance_to(&port, port.now_ns + 1000);
	return opp_sim_read(&port, address - 0x378);
}

static void out(uint16_t address, uint8_t value)
{
	opp_sim_advance_to(&port, port.now_ns + 1000);
	opp_sim_write(&port, address - 0x378, value);
}

/* The guest's program: poll Busy, write a byte, pulse nStrobe with nAck interrupts on. */
static void guest(const char *text)
{
	for (; *text; text++) {
		while (!(in(0x379) & 0x80))
			;
		out(0x378, (uint8_t)*text);
		out(0x37a, 0x1d);
		out(0x37a, 0x1c);
	}
}

int main(void)
{
	struct opp_sim_options chip = { .interrupt = raise_irq7 };
	struct opp_centronics_options paper = { .characters_per_second = 100, .print = print };

	opp_sim_init(&port, &chip);
	opp_centronics_init(&printer, &paper);
	opp_sim_attach(&port, &printer.peripheral);
	guest("Hello from an emulated parallel port.\n");
	while (opp_sim_next_edge_ns(&port) != OPP_SIM_NEVER) /* the last character */
		opp_sim_advance_to(&port, opp_sim_next_edge_ns(&port));
	printf("%u interrupts in %u ms\n", interrupts, (unsigned int)(port.now_ns / 1000000));
	return 0;
}
