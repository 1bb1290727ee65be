/* SPDX-License-Identifier: MIT */
/*
 * Register accesses a byte of libieee1284's own transfer code and of ours, per mode:
 * a block between the same simulated chip and the same device, which answers at once,
 * counted by the chip.
 *
 * libieee1284 leaves transfers to the driver where it uses ppdev, so it is made to
 * work the port by IN and OUT: it is told that it may (ioperm below), and may not.
 * Each of these instructions then traps, and the chip answers in the signal handler.
 *
 * Prints "NAME.MODE VALUE" a line. Run it where there is no /dev/parport0 (bench/run
 * does): libieee1284 would prefer that.
 */
#include <ieee1284.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <ucontext.h>
#include <unistd.h>

#include <openparport/ieee1284.h>
#include <openparport/sim_1284.h>

#include "backend_sim.h"
#include "measure.h"

#define BLOCK_BYTES 1024u
#define BUDGET_NS   50000u
#define LIMIT_US    1000000u
#define BYTE        0x5au

#define IN_AL_DX     0xecu
#define OUT_DX_AL    0xeeu
#define OUT_DELAY_AL 0xe6u /* to port 0x80: nothing but time */

struct bench {
	struct opp_sim sim;
	struct opp_1284 device;
	struct opp_backend_sim backend;
	struct opp_protocol protocol;
	struct opp_transfer transfer;
	uint64_t taken; /* bytes, by the device */
	char block[BLOCK_BYTES];
	struct parport_list ports; /* libieee1284's */
	struct parport *port;
};

struct mode {
	const char *name;
	enum opp_sim_chip chip;
	uint8_t request;
	int theirs; /* M1284_*; M1284_COMPAT: nothing is negotiated */
	ssize_t (*read)(struct parport *port, int flags, char *buffer, size_t length);
	ssize_t (*write)(struct parport *port, int flags, const char *buffer, size_t length);
};

/* EPP and ECP by lines are what a chip without hardware for them is left with. */
static const struct mode modes[] = {
	{ "compat", OPP_SIM_PS2, 0, M1284_COMPAT, NULL, ieee1284_compat_write },
	{ "nibble", OPP_SIM_PS2, OPP_REQUEST_NIBBLE, M1284_NIBBLE, ieee1284_nibble_read, NULL },
	{ "byte", OPP_SIM_PS2, OPP_REQUEST_BYTE, M1284_BYTE, ieee1284_byte_read, NULL },
	{ "epp_by_lines", OPP_SIM_PS2, OPP_REQUEST_EPP, M1284_EPP, NULL, ieee1284_epp_write_data },
	{ "ecp_by_lines", OPP_SIM_PS2, OPP_REQUEST_ECP, M1284_ECP, NULL, ieee1284_ecp_write_data },
	{ "ecp_reverse_by_lines", OPP_SIM_PS2, OPP_REQUEST_ECP, M1284_ECP, ieee1284_ecp_read_data,
	  NULL },
	{ "epp", OPP_SIM_ECP_EPP, OPP_REQUEST_EPP, M1284_EPP, NULL, ieee1284_epp_write_data },
	{ "epp_reverse", OPP_SIM_ECP_EPP, OPP_REQUEST_EPP, M1284_EPP, ieee1284_epp_read_data,
	  NULL },
	{ "ecp", OPP_SIM_ECP_EPP, OPP_REQUEST_ECP, M1284_ECP, NULL, ieee1284_ecp_write_data },
	{ "ecp_reverse", OPP_SIM_ECP_EPP, OPP_REQUEST_ECP, M1284_ECP, ieee1284_ecp_read_data,
	  NULL },
};

static struct bench bench;

/* ---- the port that both work on ------------------------------------------------------ */

static bool next_byte(void *context, struct opp_1284_item *next)
{
	(void)context;
	*next = (struct opp_1284_item){ .byte = BYTE };
	return true;
}

static uint8_t epp_read(void *context, bool address)
{
	(void)context;
	(void)address;
	return BYTE;
}

static void forward(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	(void)context;
	(void)channel;
	bench.taken += (kind == OPP_1284_ECP_DATA || kind == OPP_1284_EPP_DATA) && byte == BYTE;
}

static bool print(void *context, uint8_t byte)
{
	(void)context;
	bench.taken += byte == BYTE;
	return true;
}

/* A port as after a reset of the machine; our driver's detection leaves it at rest. */
static void plug_in(enum opp_sim_chip which)
{
	static const struct opp_env env = { .busy_wait_ns = busy_wait_ns, .broken = broken };
	const struct opp_sim_options chip = {
		.chip = which,
		.base = 0x378,
		.full_counts_transmitter = true,
	};
	const struct opp_1284_options device = {
		.modes = OPP_1284_NIBBLE | OPP_1284_BYTE | OPP_1284_ECP | OPP_1284_EPP,
		.printer = { .print = print },
		.forward = forward,
		.reverse = next_byte,
		.epp_read = epp_read,
	};

	if (bench.sim.connector.peripheral)
		opp_sim_detach(&bench.sim);
	opp_sim_init(&bench.sim, &chip);
	opp_1284_init(&bench.device, &device);
	opp_1284_set_response_us(&bench.device, OPP_1284_EVERY_EVENT, 0);
	opp_sim_attach(&bench.sim, &bench.device.peripheral);
	if (opp_backend_sim_open(&bench.backend, &bench.sim, &env, clock_ns, NULL) != OPP_SUCCESS)
		abort();
}

/* ---- libieee1284 ------------------------------------------------------------------------ */

/* In place of the C library's: asks for nothing, so that every access traps. */
int ioperm(unsigned long from, unsigned long count, int on)
{
	(void)from;
	(void)count;
	(void)on;
	return 0;
}

static void trapped(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	const uint8_t *instruction = (const uint8_t *)registers[REG_RIP];
	const uint32_t offset = (uint16_t)registers[REG_RDX] - (uint32_t)bench.port->base_addr;
	const struct opp_ioport *io = &bench.backend.io;

	(void)number;
	(void)info;
	switch (*instruction) {
	case IN_AL_DX:
		registers[REG_RAX] &= ~(greg_t)0xff;
		registers[REG_RAX] |= io->read8(io->context, offset);
		registers[REG_RIP] += 1;
		break;
	case OUT_DX_AL:
		io->write8(io->context, offset, (uint8_t)registers[REG_RAX]);
		registers[REG_RIP] += 1;
		break;
	case OUT_DELAY_AL: registers[REG_RIP] += 2; break;
	default: _exit(1);
	}
}

static void trap_accesses(void)
{
	struct sigaction action = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO };

	if (sigaction(SIGSEGV, &action, NULL) != 0)
		give_up("sigaction");
	if (ieee1284_find_ports(&bench.ports, 0) != E1284_OK || bench.ports.portc == 0)
		give_up("libieee1284's ports");
	bench.port = bench.ports.portv[0];
	if (ieee1284_open(bench.port, 0, NULL) != E1284_OK ||
	    ieee1284_claim(bench.port) != E1284_OK)
		give_up("libieee1284's port");
}

/* Returns whether libieee1284 is able to. */
static bool they_move(const struct mode *mode, uint64_t *accesses)
{
	ssize_t moved;

	/* At first it believes in nibble mode, and later in what was there last. */
	ieee1284_terminate(bench.port);
	(void)ieee1284_data_dir(bench.port, 0);
	if (mode->theirs != M1284_COMPAT && ieee1284_negotiate(bench.port, mode->theirs) != 0)
		return false;
	*accesses = opp_sim_accesses(&bench.sim);
	moved = mode->read ? mode->read(bench.port, 0, bench.block, BLOCK_BYTES)
			   : mode->write(bench.port, 0, bench.block, BLOCK_BYTES);
	*accesses = opp_sim_accesses(&bench.sim) - *accesses;
	return moved == BLOCK_BYTES;
}

/* ---- we ------------------------------------------------------------------------------------ */

static void run(void)
{
	while (opp_transfer_step(&bench.transfer, &bench.backend.chip.hw, now_ns() / 1000,
				 BUDGET_NS) != OPP_STEP_DONE)
		;
	if (bench.transfer.status != OPP_SUCCESS)
		abort();
}

static void begin_block(bool reads)
{
	const struct opp_read read = { .bytes = (uint8_t *)bench.block,
				       .capacity = BLOCK_BYTES,
				       .first_us = LIMIT_US };
	const struct opp_write write = { .bytes = (const uint8_t *)bench.block,
					 .length = BLOCK_BYTES,
					 .inactivity_us = LIMIT_US,
					 .fault_us = LIMIT_US };

	if (reads)
		opp_read_begin(&bench.transfer, &bench.protocol, &read);
	else
		opp_write_begin(&bench.transfer, &bench.protocol, &write);
}

static bool we_move(const struct mode *mode, uint64_t *accesses)
{
	uint32_t moved;

	opp_protocol_init(&bench.protocol, 0);
	if (mode->theirs != M1284_COMPAT) {
		opp_negotiate_begin(&bench.transfer, &bench.protocol, mode->request);
		run();
	}
	*accesses = opp_sim_accesses(&bench.sim);
	begin_block(mode->read);
	run();
	moved = bench.transfer.moved;
	*accesses = opp_sim_accesses(&bench.sim) - *accesses;
	if (mode->theirs != M1284_COMPAT) {
		opp_terminate_begin(&bench.transfer, &bench.protocol);
		run();
	}
	return moved == BLOCK_BYTES;
}

/* ---- side by side --------------------------------------------------------------------------- */

/* Every byte must have arrived, the last one in a little while, or the figure is not one. */
static bool has_arrived(const struct mode *mode)
{
	size_t right = 0;

	opp_sim_advance_to(&bench.sim, bench.sim.now_ns + 1000000);
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		right += bench.block[i] == BYTE;
	return right == BLOCK_BYTES && (mode->read || bench.taken == BLOCK_BYTES);
}

static bool measure(const char *who, const struct mode *mode,
		    bool (*move)(const struct mode *mode, uint64_t *accesses))
{
	uint64_t accesses = 0;

	plug_in(mode->chip);
	bench.taken = 0;
	memset(bench.block, mode->read ? 0 : BYTE, BLOCK_BYTES);
	if (!move(mode, &accesses) || !has_arrived(mode)) {
		(void)fprintf(stderr, "bench: %s fails in mode %s\n", who, mode->name);
		return false;
	}
	printf("%s_accesses_per_byte.%s %.3f\n", who, mode->name, (double)accesses / BLOCK_BYTES);
	return true;
}

int main(void)
{
	bool works = true;

	trap_accesses();
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		(void)measure("libieee1284", &modes[i], they_move); /* not all of its modes work */
		works &= measure("ours", &modes[i], we_move);
	}
	return works ? 0 : 1;
}
