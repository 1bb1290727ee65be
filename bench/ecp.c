/* SPDX-License-Identifier: MIT */
/*
 * The price of a simulated FIFO: one access while bytes leave through it, their
 * handshake with a device included, against one reading of the clock.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openparport/ioport.h>

#include "backend_sim.h"
#include "measure.h"

#define TURNS         5000u
#define WRITES_A_LOOK 7u

#define ECR_PS2 0x34u
#define ECR_ECP 0x74u
#define FORWARD 0x04u /* CONTROL of forward idle */
#define FULL    0x02u

#define READY (OPP_LINE_NACK | OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT)

struct bench {
	struct opp_sim sim;
	struct opp_sim_peripheral device;
	struct opp_backend_sim backend;
	uint64_t taken;
};

static struct bench bench;

static void attached(struct opp_sim_peripheral *device)
{
	opp_sim_drive_status(device->connector, READY);
}

/* Answers HostClk with PeriphAck, within the same instant. */
static void wires_changed(struct opp_sim_peripheral *device, const struct opp_wires *before)
{
	const uint8_t control = device->connector->wires.control;

	if (!((control ^ before->control) & OPP_LINE_NSTROBE))
		return;
	bench.taken += control & OPP_LINE_NSTROBE;
	opp_sim_drive_status(device->connector,
			     control & OPP_LINE_NSTROBE ? READY : READY | OPP_LINE_BUSY);
}

static const struct opp_sim_peripheral_ops device_ops = { attached, NULL, wires_changed };

static void pass(void *context, uint32_t ns)
{
	(void)context;
	opp_sim_advance_to(&bench.sim, bench.sim.now_ns + ns);
}

static void plug_in(const struct opp_env *env)
{
	const struct opp_sim_options chip = { .chip = OPP_SIM_ECP };
	const struct opp_ioport *io = &bench.backend.io;

	opp_sim_init(&bench.sim, &chip);
	bench.device.ops = &device_ops;
	opp_sim_attach(&bench.sim, &bench.device);
	if (opp_backend_sim_open(&bench.backend, &bench.sim, env, NULL, NULL) != OPP_SUCCESS)
		abort();
	io->write8(io->context, OPP_IOPORT_ECR, ECR_PS2);
	io->write8(io->context, OPP_IOPORT_CONTROL, FORWARD);
	io->write8(io->context, OPP_IOPORT_ECR, ECR_ECP);
}

static uint64_t access_fifo(void *context)
{
	const struct opp_ioport *io = context;
	const uint64_t before = bench.taken;
	const uint64_t start_ns = now_ns();
	uint64_t spent_ns;
	uint32_t writes = 0;

	for (uint32_t i = 0; i < TURNS; i++) {
		if (i % (WRITES_A_LOOK + 1) < WRITES_A_LOOK) {
			io->write8(io->context, OPP_IOPORT_FIFO, (uint8_t)i);
			writes++;
		} else if (io->read8(io->context, OPP_IOPORT_ECR) & FULL) {
			abort();
		}
	}
	spent_ns = now_ns() - start_ns;
	if (bench.taken - before != writes)
		abort();
	return spent_ns;
}

static uint64_t read_clock(void *context)
{
	const uint64_t start_ns = now_ns();

	(void)context;
	for (uint32_t i = 0; i < TURNS; i++)
		(void)now_ns();
	return now_ns() - start_ns;
}

int main(void)
{
	const struct opp_env env = { .busy_wait_ns = pass, .broken = broken };

	plug_in(&env);
	report("sim_ecp_access_vs_clock_read",
	       median_ratio(access_fifo, read_clock, &bench.backend.io));
	return 0;
}
