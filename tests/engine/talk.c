/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "talk.h"

#define CONTROL 2u

static bool print(void *context, uint8_t byte)
{
	struct talk *talk = context;

	if (talk->printed < sizeof(talk->page))
		talk->page[talk->printed] = byte;
	talk->printed++;
	return true;
}

static bool next_item(void *context, struct opp_1284_item *next)
{
	struct talk *talk = context;

	if (talk->said == talk->say_bytes)
		return false;
	*next = (struct opp_1284_item){ .byte = talk->say[talk->said++] };
	return true;
}

void talk_start(struct talk *talk, const struct opp_1284_options *options, uint32_t access_ns)
{
	struct opp_1284_options device = *options;
	const uint8_t *say = talk->say;
	const size_t say_bytes = talk->say_bytes;

	*talk = (struct talk){ .say = say, .say_bytes = say_bytes, .budget_ns = RIG_BUDGET_NS };
	rig_start(&talk->rig, &(struct opp_sim_options){ .chip = OPP_SIM_PS2 }, NULL, access_ns);
	device.context = talk;
	device.reverse = next_item;
	device.printer.context = talk;
	device.printer.print = print;
	opp_1284_init(&talk->device, &device);
	opp_sim_attach(&talk->rig.sim, &talk->device.peripheral);
	assert_int_equal(rig_open(&talk->rig, OPP_PROBE_FULL), OPP_SUCCESS);
	opp_protocol_init(&talk->protocol, 0);
	rig_forget_accesses(&talk->rig);
}

void talk_say(struct talk *talk, const void *bytes, size_t count)
{
	talk->say = bytes;
	talk->say_bytes = count;
	talk->said = 0;
	opp_1284_data_arrives(&talk->device);
}

void talk_be_rude(struct talk *talk, uint8_t event, enum opp_1284_misdeed what, uint32_t us,
		  uint8_t mask, uint8_t levels)
{
	const struct opp_1284_rudeness rudeness = {
		.event = event, .what = what, .us = us, .mask = mask, .levels = levels
	};

	assert_true(opp_1284_be_rude(&talk->device, &rudeness));
}

static enum opp_status run(struct talk *talk)
{
	return rig_run(&talk->rig, &talk->transfer, talk->budget_ns);
}

enum opp_status talk_negotiate(struct talk *talk, uint8_t request)
{
	opp_negotiate_begin(&talk->transfer, &talk->protocol, request);
	return run(talk);
}

enum opp_status talk_terminate(struct talk *talk)
{
	opp_terminate_begin(&talk->transfer, &talk->protocol);
	return run(talk);
}

enum opp_status talk_read(struct talk *talk, void *bytes, size_t capacity)
{
	return talk_read_for(talk, bytes, capacity, 0, 0);
}

void talk_begin_read(struct talk *talk, void *bytes, size_t capacity, uint64_t first_us,
		     uint64_t silence_us)
{
	opp_read_begin(&talk->transfer, &talk->protocol,
		       &(struct opp_read){
			       .bytes = bytes,
			       .capacity = capacity,
			       .first_us = first_us,
			       .silence_us = silence_us,
		       });
}

enum opp_status talk_read_for(struct talk *talk, void *bytes, size_t capacity, uint64_t first_us,
			      uint64_t silence_us)
{
	talk_begin_read(talk, bytes, capacity, first_us, silence_us);
	return run(talk);
}

enum opp_status talk_fetch_id(struct talk *talk, uint8_t *bytes, size_t capacity)
{
	opp_device_id_begin(&talk->transfer, &talk->protocol, bytes, capacity);
	return run(talk);
}

void talk_assert_prints(struct talk *talk)
{
	static const uint8_t letter = 'x';
	const size_t before = talk->printed;

	assert_int_equal(talk->protocol.mode, OPP_MODE_COMPAT);
	assert_int_equal(talk->protocol.position, OPP_AT_COMPAT_IDLE);
	assert_true(rig_is_idle(&talk->rig));
	opp_write_begin(&talk->transfer, &talk->protocol,
			&(struct opp_write){ .bytes = &letter,
					     .length = 1,
					     .inactivity_us = 1000000,
					     .fault_us = 1000000 });
	assert_int_equal(run(talk), OPP_SUCCESS);
	rig_pass_ns(&talk->rig, 1000000);
	assert_int_equal(talk->printed, before + 1);
	assert_int_equal(talk->page[before], letter);
}

void talk_assert_controls(const struct talk *talk, const uint8_t *values, size_t count)
{
	const struct rig *rig = &talk->rig;
	size_t seen = 0;

	assert_in_range(rig->accesses, 0, RIG_LOG);
	for (uint32_t i = 0; i < rig->accesses; i++) {
		const struct rig_access *access = &rig->log[i];

		if (!access->write || access->offset != CONTROL)
			continue;
		assert_true(seen < count);
		assert_int_equal(access->value & ~0x10, values[seen++]);
	}
	assert_int_equal(seen, count);
}

void talk_assert_fault(const struct talk *talk, enum opp_status status, uint8_t event)
{
	assert_int_equal(talk->transfer.fault.status, status);
	if (status != OPP_SUCCESS)
		assert_int_equal(talk->transfer.fault.event, event);
}
