/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stream.h"

const struct opp_sim_options stream_chips[STREAM_CHIPS] = {
	{ .chip = OPP_SIM_PS2 },
	{ .chip = OPP_SIM_EPP },
	{ .chip = OPP_SIM_EPP, .epp_version = OPP_SIM_EPP_1_7 },
	{ .chip = OPP_SIM_EPP, .timeout_blocks = true, .timeout_clear = OPP_SIM_CLEAR_READ_TWICE },
	{ .chip = OPP_SIM_ECP, .fifo_words = 1, .full_counts_transmitter = true },
	{ .chip = OPP_SIM_ECP, .fifo_words = 4, .full_counts_transmitter = true },
	{ .chip = OPP_SIM_ECP, .fifo_words = 16, .full_counts_transmitter = true },
	{ .chip = OPP_SIM_ECP, .fifo_words = 64, .full_counts_transmitter = true },
	{ .chip = OPP_SIM_ECP_EPP },
};

static bool print(void *context, uint8_t byte)
{
	struct stream *stream = context;

	assert_true(stream->printed_count < STREAM_MOST);
	stream->printed[stream->printed_count++] = byte;
	return true;
}

static void hear(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	struct stream *stream = context;

	assert_true(stream->heard_count < STREAM_MOST);
	stream->heard[stream->heard_count++] = (struct stream_heard){ kind, channel, byte };
	if (stream->heard_count == stream->full_at)
		opp_1284_set_full(&stream->device, true);
}

static bool next_item(void *context, struct opp_1284_item *next)
{
	struct stream *stream = context;

	if (stream->items_given == stream->item_count)
		return false;
	*next = stream->items[stream->items_given++];
	return true;
}

static uint8_t give_epp(void *context, bool address)
{
	struct stream *stream = context;

	return address ? stream->epp_address++ : stream->epp_data++;
}

void stream_start_with(struct stream *stream, const struct opp_sim_options *chip, uint32_t options,
		       const struct opp_1284_options *device)
{
	struct opp_1284_options own = *device;

	*stream = (struct stream){ .epp_address = 0x80 };
	rig_start(&stream->rig, chip, NULL, STREAM_ISA_NS);
	own.context = stream;
	own.forward = hear;
	own.reverse = next_item;
	own.epp_read = give_epp;
	own.printer.context = stream;
	own.printer.print = print;
	opp_1284_init(&stream->device, &own);
	opp_sim_attach(&stream->rig.sim, &stream->device.peripheral);
	assert_int_equal(rig_open(&stream->rig, OPP_PROBE_FULL), OPP_SUCCESS);
	opp_protocol_init(&stream->protocol, options);
	rig_forget_accesses(&stream->rig);
}

void stream_start(struct stream *stream, uint32_t chip, uint32_t options)
{
	stream_start_with(stream, &stream_chips[chip], options,
			  &(struct opp_1284_options){ .modes = STREAM_EVERY });
}

enum opp_status stream_run(struct stream *stream)
{
	return rig_run(&stream->rig, &stream->transfer, RIG_BUDGET_NS);
}

void stream_enter(struct stream *stream, uint8_t request)
{
	opp_negotiate_begin(&stream->transfer, &stream->protocol, request);
	assert_int_equal(stream_run(stream), OPP_SUCCESS);
	rig_forget_accesses(&stream->rig);
}

void stream_start_in(struct stream *stream, uint32_t chip, uint32_t options, uint8_t request)
{
	stream_start(stream, chip, options);
	stream_enter(stream, request);
}

void stream_enter_epp(struct stream *stream)
{
	opp_epp_begin(&stream->transfer, &stream->protocol);
	assert_int_equal(stream_run(stream), OPP_SUCCESS);
	rig_forget_accesses(&stream->rig);
}

void stream_say(struct stream *stream, const struct opp_1284_item *items, size_t count)
{
	stream->items = items;
	stream->item_count = count;
	stream->items_given = 0;
	opp_1284_data_arrives(&stream->device);
}

void stream_say_bytes(struct stream *stream, const uint8_t *bytes, size_t count)
{
	assert_true(count <= STREAM_MOST);
	for (size_t i = 0; i < count; i++)
		stream->bytes_said[i] = (struct opp_1284_item){ .byte = bytes[i] };
	stream_say(stream, stream->bytes_said, count);
}

void stream_fill_up(struct stream *stream, size_t count)
{
	stream->full_at = stream->heard_count + count;
	if (count == 0)
		opp_1284_set_full(&stream->device, true);
}

void stream_make_room(struct stream *stream)
{
	stream->full_at = 0;
	opp_1284_set_full(&stream->device, false);
}

void stream_be_rude(struct stream *stream, uint8_t event, enum opp_1284_misdeed what, uint32_t us)
{
	const struct opp_1284_rudeness rudeness = { .event = event, .what = what, .us = us };

	assert_true(opp_1284_be_rude(&stream->device, &rudeness));
}

enum opp_status stream_write_what(struct stream *stream, const struct opp_write *what)
{
	opp_write_begin(&stream->transfer, &stream->protocol, what);
	return stream_run(stream);
}

enum opp_status stream_write(struct stream *stream, const void *bytes, size_t length)
{
	return stream_write_what(stream, &(struct opp_write){ .bytes = bytes,
							      .length = length,
							      .inactivity_us = STREAM_LONG });
}

enum opp_status stream_read_what(struct stream *stream, const struct opp_read *what)
{
	opp_read_begin(&stream->transfer, &stream->protocol, what);
	return stream_run(stream);
}

enum opp_status stream_read(struct stream *stream, void *bytes, size_t capacity)
{
	return stream_read_what(stream, &(struct opp_read){ .bytes = bytes,
							    .capacity = capacity,
							    .first_us = STREAM_LONG,
							    .silence_us = OPP_SILENCE_US });
}

enum opp_status stream_terminate(struct stream *stream)
{
	opp_terminate_begin(&stream->transfer, &stream->protocol);
	return stream_run(stream);
}

void stream_assert_heard(const struct stream *stream, enum opp_1284_kind kind, const void *bytes,
			 size_t count)
{
	assert_int_equal(stream->heard_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(stream->heard[i].kind, kind);
		assert_int_equal(stream->heard[i].byte, ((const uint8_t *)bytes)[i]);
	}
}

void stream_assert_fault(const struct stream *stream, enum opp_status status, uint8_t event)
{
	assert_int_equal(stream->transfer.fault.status, status);
	assert_int_equal(stream->transfer.fault.event, event);
}

void stream_assert_polite(const struct stream *stream)
{
	for (uint32_t i = 0; i < OPP_SIM_HOST_ERRORS; i++)
		if (stream->rig.host_errors[i])
			fail_msg("%s", opp_sim_host_error_text((enum opp_sim_host_error)i));
}

void stream_assert_leaves(struct stream *stream)
{
	assert_int_equal(stream_terminate(stream), OPP_SUCCESS);
	assert_int_equal(stream->protocol.mode, OPP_MODE_COMPAT);
	assert_int_equal(stream->protocol.position, OPP_AT_COMPAT_IDLE);
	assert_true(rig_is_idle(&stream->rig));
	rig_pass_ns(&stream->rig, 1000000);
	assert_int_equal(stream->device.state, OPP_1284_COMPAT);
}
