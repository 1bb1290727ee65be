/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* More than any transfer here takes: one that never ends fails instead of hanging. */
#define MOST_STEPS 1000000u

static void note(struct rig *rig, uint32_t offset, bool write, uint8_t value)
{
	if (rig->accesses <= RIG_LOG)
		rig->log[rig->accesses - 1] = (struct rig_access){
			.at_ns = rig->sim.now_ns,
			.offset = offset,
			.write = write,
			.value = value,
		};
}

static void access_starts(struct rig *rig)
{
	rig->accesses++;
	opp_sim_advance_to(&rig->sim, rig->sim.now_ns + rig->io.access_ns);
	if (rig->disturb)
		rig->disturb(rig);
}

static uint8_t stuck_bits(const struct rig *rig, uint32_t offset)
{
	const uint32_t mode = rig->sim.ecr >> 5;
	const bool test = offset == OPP_IOPORT_ECR && mode == 6;
	const bool configuration =
		offset >= OPP_IOPORT_CONFIG_A && offset <= OPP_IOPORT_CONFIG_B && mode == 7;

	switch (rig->stuck_at) {
	case RIG_FIFO_FLAGS: return test ? 0x03 : 0;
	case RIG_SERVICE_FLAG: return test ? 0x04 : 0;
	case RIG_CONFIGURATION: return configuration ? 0xff : 0;
	default: return offset == rig->stuck_at ? 0xff : 0;
	}
}

static uint8_t rig_read8(void *context, uint32_t offset)
{
	struct rig *rig = context;
	uint8_t value;

	access_starts(rig);
	value = rig->bus_dead ? 0xff : opp_sim_read(&rig->sim, offset);
	value = (uint8_t)((value & ~stuck_bits(rig, offset)) |
			  (rig->stuck_value & stuck_bits(rig, offset)));
	note(rig, offset, false, value);
	return value;
}

static void rig_write8(void *context, uint32_t offset, uint8_t value)
{
	struct rig *rig = context;

	access_starts(rig);
	if (!rig->bus_dead)
		opp_sim_write(&rig->sim, offset, value);
	note(rig, offset, true, value);
}

static uint16_t rig_read16(void *context, uint32_t offset)
{
	struct rig *rig = context;

	access_starts(rig);
	note(rig, offset, false, 0);
	return rig->bus_dead ? 0xffff : opp_sim_read16(&rig->sim, offset);
}

static void rig_write16(void *context, uint32_t offset, uint16_t value)
{
	struct rig *rig = context;

	access_starts(rig);
	note(rig, offset, true, (uint8_t)value);
	if (!rig->bus_dead)
		opp_sim_write16(&rig->sim, offset, value);
}

static uint32_t rig_read32(void *context, uint32_t offset)
{
	struct rig *rig = context;

	access_starts(rig);
	note(rig, offset, false, 0);
	return rig->bus_dead ? 0xffffffff : opp_sim_read32(&rig->sim, offset);
}

static void rig_write32(void *context, uint32_t offset, uint32_t value)
{
	struct rig *rig = context;

	access_starts(rig);
	note(rig, offset, true, (uint8_t)value);
	if (!rig->bus_dead)
		opp_sim_write32(&rig->sim, offset, value);
}

static uint64_t rig_clock_ns(void *context)
{
	return ((struct rig *)context)->sim.now_ns;
}

static void rig_busy_wait(void *context, uint32_t ns)
{
	struct rig *rig = context;

	rig->stalled_ns += ns;
	rig_pass_ns(rig, ns);
}

static void rig_broken(void *context, const char *what)
{
	(void)context;
	fail_msg("%s", what);
}

static void rig_interrupt(void *context)
{
	struct rig *rig = context;

	rig->interrupts++;
	if (rig->chip.hw.interrupt)
		rig->chip.hw.interrupt(rig->chip.hw.interrupt_context);
}

static void rig_host_error(void *context, enum opp_sim_host_error error, uint64_t now_ns)
{
	(void)now_ns;
	((struct rig *)context)->host_errors[error]++;
}

static bool rig_print(void *context, uint8_t byte)
{
	struct rig *rig = context;

	if (rig->jammed)
		return false;
	if (rig->printed < RIG_PAGE)
		rig->page[rig->printed] = byte;
	rig->printed++;
	return true;
}

void rig_start(struct rig *rig, const struct opp_sim_options *chip,
	       const struct opp_centronics_options *printer, uint32_t access_ns)
{
	struct opp_sim_options chip_options = chip ? *chip : (struct opp_sim_options){ 0 };
	struct opp_centronics_options printer_options =
		printer ? *printer : (struct opp_centronics_options){ 0 };

	*rig = (struct rig){ 0 };
	rig->hw = &rig->chip.hw;
	rig->env = (struct opp_env){ rig, rig_busy_wait, rig_broken };
	rig->stuck_at = RIG_NOTHING;
	rig->io = (struct opp_ioport){
		.context = rig,
		.ranges =
			OPP_IOPORT_HAS_ECP | (chip_options.base == 0x3bc ? 0 : OPP_IOPORT_HAS_EPP),
		.read8 = rig_read8,
		.write8 = rig_write8,
		.read16 = rig_read16,
		.write16 = rig_write16,
		.read32 = rig_read32,
		.write32 = rig_write32,
		.clock_ns = rig_clock_ns,
		.access_ns = access_ns,
	};
	chip_options.context = rig;
	chip_options.interrupt = rig_interrupt;
	chip_options.host_error = rig_host_error;
	opp_sim_init(&rig->sim, &chip_options);
	printer_options.context = rig;
	printer_options.print = rig_print;
	opp_centronics_init(&rig->printer, &printer_options);
}

void rig_start_printing(struct rig *rig, const struct opp_centronics_options *printer,
			uint32_t access_ns)
{
	rig_start(rig, &(struct opp_sim_options){ .chip = OPP_SIM_PS2 }, printer, access_ns);
	opp_sim_attach(&rig->sim, &rig->printer.peripheral);
	assert_int_equal(rig_open(rig, OPP_PROBE_FULL), OPP_SUCCESS);
	rig_forget_accesses(rig);
}

enum opp_status rig_open(struct rig *rig, enum opp_probe probe)
{
	return opp_chip_open(&rig->chip, &rig->io, &rig->env, probe, true);
}

void rig_forget_accesses(struct rig *rig)
{
	rig->accesses = 0;
	rig->chip.hw.accesses = 0;
	rig->sim.counts = (struct opp_sim_counts){ 0 };
	rig->stalled_ns = 0;
}

void rig_pass_ns(struct rig *rig, uint64_t ns)
{
	opp_sim_advance_to(&rig->sim, rig->sim.now_ns + ns);
}

uint32_t rig_host_errors(const struct rig *rig)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < OPP_SIM_HOST_ERRORS; i++)
		sum += rig->host_errors[i];
	return sum;
}

void rig_fill(uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(i * 37 + 11);
}

enum opp_status rig_run(struct rig *rig, struct opp_transfer *transfer, uint32_t budget_ns)
{
	for (uint32_t i = 0; i < MOST_STEPS; i++) {
		const uint64_t now_us = rig->sim.now_ns / 1000;
		const uint32_t accesses = rig->accesses;

		switch (opp_transfer_step(transfer, rig->hw, now_us, budget_ns)) {
		case OPP_STEP_DONE: return transfer->status;
		case OPP_STEP_AGAIN: break;
		case OPP_STEP_WAIT:
			/* who polls without touching the port would spin until then */
			if (!transfer->wait.poll || accesses == rig->accesses)
				opp_sim_advance_to(&rig->sim, transfer->wait.until_us * 1000);
			break;
		}
	}
	fail_msg("the transfer does not end");
	return OPP_PENDING;
}

bool rig_is_idle(const struct rig *rig)
{
	const enum opp_sim_chip chip = rig->sim.options.chip;
	const bool has_ecr = chip == OPP_SIM_ECP || chip == OPP_SIM_ECP_EPP;

	return (rig->sim.control_latch & ~0x10) == 0x0c && (!has_ecr || rig->sim.ecr >> 5 <= 1);
}
