/* SPDX-License-Identifier: MIT */
/*
 * Engine, chip driver, chip and IEEE 1284 device, all of it ours: any chip, any
 * device, any order of things to do, and a device that goes wrong wherever the
 * input says so.
 *
 * Demanded always: as in wires_fuzz.c. While the device has done nothing wrong
 * and nobody has ended a transfer: neither chip nor device has anything to
 * complain of, and what moved is what the device was given, and gave. At the end
 * the device behaves again, and prints.
 */
#include <stdbool.h>
#include <string.h>

#include <openparport/ieee1284.h>
#include <openparport/sim_1284.h>

#include "chip.h"
#include "fuzz.h"

#define BUDGET_NS  50000u
#define MOST_STEPS 500000u
#define MOST_BYTES 200u
#define LONG_US    400000u

static struct {
	struct opp_sim sim;
	struct opp_1284 device;
	struct opp_ioport io;
	struct opp_chip chip;
	struct opp_protocol protocol;
	struct opp_transfer transfer;

	bool upset;           /* something may have gone wrong */
	uint8_t next_forward; /* the host counts, the device listens */
	uint8_t next_reverse; /* the device counts, the host listens */
	uint8_t next_epp;
	uint64_t heard;
	uint64_t printed;
	uint8_t last_printed;
	uint32_t to_say;
} all;

static uint8_t buffer[MOST_BYTES];

/* ---- the device ---------------------------------------------------------------------- */

static bool on_print(void *context, uint8_t byte)
{
	(void)context;
	all.last_printed = byte;
	all.printed++;
	return true;
}

static void on_forward(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	(void)context;
	(void)channel;
	if (kind == OPP_1284_ECP_COMMAND && !(byte & 0x80))
		return; /* a count: the bytes follow */
	DEMAND(all.upset || (byte & 0x7f) == ((all.next_forward + all.heard) & 0x7f));
	all.heard++;
}

static bool on_reverse(void *context, struct opp_1284_item *next)
{
	(void)context;
	if (!all.to_say)
		return false;
	all.to_say--;
	*next = (struct opp_1284_item){ .byte = all.next_reverse++ };
	return true;
}

static uint8_t on_epp_read(void *context, bool address)
{
	(void)context;
	(void)address;
	return all.next_epp++;
}

static void on_host_error(void *context, enum opp_sim_host_error error, uint64_t now_ns)
{
	(void)context;
	(void)now_ns;
	if (!all.upset)
		demand(0, opp_sim_host_error_text(error), __FILE__, __LINE__);
}

/* ---- the registers -------------------------------------------------------------------- */

static void pass(uint64_t ns)
{
	opp_sim_advance_to(&all.sim, all.sim.now_ns + ns);
}

static uint8_t read8(void *context, uint32_t offset)
{
	(void)context;
	pass(all.io.access_ns);
	return opp_sim_read(&all.sim, offset);
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	(void)context;
	pass(all.io.access_ns);
	opp_sim_write(&all.sim, offset, value);
}

static uint64_t clock_ns(void *context)
{
	(void)context;
	return all.sim.now_ns;
}

static void busy_wait(void *context, uint32_t ns)
{
	(void)context;
	pass(ns);
}

static void broken(void *context, const char *what)
{
	(void)context;
	demand(0, what, __FILE__, __LINE__);
}

static const struct opp_env env = { NULL, busy_wait, broken };

/* ---- a session -------------------------------------------------------------------------- */

static bool start(struct input *input)
{
	static const uint8_t words[] = { 0, 1, 4, 16, 64, 7, 2, 33 };
	const uint8_t how = take(input);
	const struct opp_sim_options chip = {
		.chip = how % OPP_SIM_NO_PORT,
		.timeout_clear = take_upto(input, OPP_SIM_CLEAR_READ_TWICE),
		.timeout_blocks = how & 0x80,
		.fifo_words = words[take(input) & 7],
		.full_counts_transmitter = true,
		.host_error = on_host_error,
	};
	const struct opp_1284_options device = {
		.modes = take16(input),
		.device_id = "MFG:A;MDL:B;",
		.printer = { .print = on_print },
		.forward = on_forward,
		.reverse = on_reverse,
		.epp_read = on_epp_read,
	};

	all.upset = true; /* a probe may step on anybody's toes */
	opp_sim_init(&all.sim, &chip);
	opp_1284_init(&all.device, &device);
	opp_1284_set_response_us(&all.device, OPP_1284_EVERY_EVENT, take(input) & 7);
	opp_sim_attach(&all.sim, &all.device.peripheral);
	all.io = (struct opp_ioport){ .ranges = OPP_IOPORT_HAS_EPP | OPP_IOPORT_HAS_ECP,
				      .read8 = read8,
				      .write8 = write8,
				      .clock_ns = how & 0x20 ? clock_ns : NULL,
				      .access_ns = 1000 };
	if (opp_chip_open(&all.chip, &all.io, &env, OPP_PROBE_FULL, false) != OPP_SUCCESS)
		return false;
	/* not what loses bytes by itself where the device is no faster than it may be */
	opp_protocol_init(&all.protocol,
			  take16(input) & ~(OPP_PROTOCOL_STRICT | OPP_PROTOCOL_EPP_17));
	pass(10000000);
	all.upset = false;
	return true;
}

static void run(uint32_t end_at)
{
	enum opp_step step = OPP_STEP_AGAIN;

	for (uint32_t steps = 1; step != OPP_STEP_DONE; steps++) {
		DEMAND(steps < MOST_STEPS);
		if (steps == end_at)
			opp_transfer_end(&all.transfer, OPP_CANCELLED);
		step = opp_transfer_step(&all.transfer, &all.chip.hw, all.sim.now_ns / 1000,
					 BUDGET_NS);
		pass(500); /* who steps is no faster */
		if (step == OPP_STEP_WAIT && !all.transfer.wait.poll)
			opp_sim_advance_to(&all.sim, all.transfer.wait.until_us * 1000);
	}
	DEMAND(all.transfer.status != OPP_PENDING);
}

static void check_lines(void)
{
	const uint8_t control = all.sim.control_latch & 0x2f;

	DEMAND(all.sim.ecr >> 5 <= 1);
	switch (all.protocol.position) {
	case OPP_AT_COMPAT_IDLE:
		DEMAND(control == 0x0c && all.protocol.mode == OPP_MODE_COMPAT);
		break;
	case OPP_AT_ECP_REVERSE: DEMAND(control == 0x22); break;
	case OPP_AT_ECP_FORWARD: DEMAND((control & ~0x02) == 0x04); break;
	case OPP_AT_EPP_IDLE: DEMAND(control == 0x04); break;
	case OPP_AT_REVERSE_IDLE: DEMAND((control & ~0x20) == 0x06); break;
	case OPP_AT_HBDA:
	case OPP_AT_HBDNA: DEMAND((control & ~0x20) == 0x04); break;
	case OPP_AT_BROKEN_OFF: DEMAND(!(control & ~0x26)); break;
	}
}

static void write_some(struct input *input, uint8_t what, uint32_t end_at)
{
	const size_t length = take_upto(input, MOST_BYTES);
	const bool compat = all.protocol.mode == OPP_MODE_COMPAT;
	const uint64_t before = compat ? all.printed : all.heard;
	uint64_t got;

	all.next_forward = (uint8_t)(take(input) - all.heard);
	for (size_t i = 0; i < length; i++)
		buffer[i] = (uint8_t)(all.next_forward + all.heard + i) & 0x7f;
	opp_write_begin(&all.transfer, &all.protocol,
			&(struct opp_write){ .bytes = buffer,
					     .length = length,
					     .inactivity_us = LONG_US,
					     .address = what & 0x20,
					     .compress = what & 0x40 });
	run(end_at);
	pass(1000000);
	got = (compat ? all.printed : all.heard) - before;
	DEMAND(all.transfer.moved <= length);
	DEMAND(all.upset || got == all.transfer.moved);
}

static void read_some(struct input *input, uint8_t what, uint32_t end_at)
{
	const size_t capacity = take_upto(input, MOST_BYTES);
	const bool epp = all.protocol.mode == OPP_MODE_EPP;
	const bool id = all.protocol.request & OPP_REQUEST_DEVICE_ID;
	const uint32_t more = take(input) & 63;
	uint8_t expected;

	all.to_say += more;
	opp_1284_data_arrives(&all.device);
	expected = epp ? all.next_epp : (uint8_t)(all.next_reverse - all.device.has_next);
	opp_read_begin(&all.transfer, &all.protocol,
		       &(struct opp_read){ .bytes = buffer,
					   .capacity = capacity,
					   .first_us = what & 0x40 ? LONG_US : 0,
					   .silence_us = OPP_SILENCE_US,
					   .address = what & 0x20 });
	if (all.protocol.held.copies) /* what an earlier read left of a FIFO comes first */
		expected = all.protocol.held.byte;
	run(end_at);
	DEMAND(all.transfer.moved <= capacity);
	for (size_t i = 0; i < all.transfer.moved && !all.upset && !id; i++)
		DEMAND(buffer[i] == (uint8_t)(expected + i));
}

static void go_wrong(struct input *input)
{
	uint8_t bytes[OPP_1284_RUDENESS_BYTES];
	struct opp_1284_rudeness rude;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = take(input);
	rude = opp_1284_rudeness_from(bytes);
	if (opp_1284_be_rude(&all.device, &rude))
		all.upset = true;
}

static void do_something(struct input *input)
{
	const uint8_t what = take(input);
	const uint32_t end_at = what & 0x80 ? 1 + take(input) : 0;

	if (end_at)
		all.upset = all.upset || all.protocol.mode == OPP_MODE_EPP;
	switch (what & 15) {
	case 0: opp_terminate_begin(&all.transfer, &all.protocol); break;
	case 1:
		all.upset = all.upset || all.protocol.mode != OPP_MODE_COMPAT;
		opp_abort_begin(&all.transfer, &all.protocol);
		break;
	case 2:
	case 3:
	case 4: write_some(input, what, end_at); return;
	case 5:
	case 6:
	case 7: read_some(input, what, end_at); return;
	case 8: opp_device_id_begin(&all.transfer, &all.protocol, buffer, MOST_BYTES); break;
	case 9: go_wrong(input); return;
	case 10: opp_1284_set_full(&all.device, what & 0x10); return;
	default: opp_negotiate_begin(&all.transfer, &all.protocol, take(input)); break;
	}
	run(end_at);
}

static void check_recovers(void)
{
	const uint64_t printed = all.printed;

	opp_1284_behave(&all.device);
	opp_1284_set_full(&all.device, false);
	opp_terminate_begin(&all.transfer, &all.protocol);
	run(0);
	check_lines();
	DEMAND(all.transfer.status == OPP_SUCCESS);
	all.chip.hw.ops->write_control(&all.chip.hw, OPP_LINE_NINIT, 0);
	pass(1000000);
	all.chip.hw.ops->write_control(&all.chip.hw, OPP_LINE_NINIT, OPP_LINE_NINIT);
	pass(UINT64_C(3000000000));
	opp_write_begin(&all.transfer, &all.protocol,
			&(struct opp_write){ .bytes = "x", .length = 1, .inactivity_us = LONG_US });
	run(0);
	pass(1000000);
	DEMAND(all.transfer.status == OPP_SUCCESS);
	DEMAND(all.printed == printed + 1 && all.last_printed == 'x');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	memset(&all, 0, sizeof(all));
	if (!start(&input))
		return 0;
	while (input.left) {
		do_something(&input);
		check_lines();
	}
	check_recovers();
	return 0;
}
