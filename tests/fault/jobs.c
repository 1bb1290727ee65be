/* SPDX-License-Identifier: MIT */
/* See jobs.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openparport/device_id.h>

#include "jobs.h"

#define FEW  6u  /* bytes, where each costs many accesses */
#define MANY 40u /* more than the FIFO holds */
#define MOST 128u

#define ID       "MFG:A;MDL:B;"
#define ID_BYTES (sizeof(ID) - 1 + OPP_DEVICE_ID_PREFIX)
#define BY_LINES (OPP_PROTOCOL_SOFTWARE_EPP | OPP_PROTOCOL_SOFTWARE_ECP)

#define AFTER_NS UINT64_C(3000000000) /* a peripheral has given up all it waited for */

const struct job jobs[] = {
	{ "print", JOB_PRINT, 0, STREAM_PS2, 0, FEW },
	{ "print by FIFO", JOB_PRINT, 0, STREAM_FIFO_16, OPP_PROTOCOL_COMPAT_FIFO, MANY },
	{ "negotiate nibble", JOB_NEGOTIATE, OPP_REQUEST_NIBBLE, STREAM_PS2, 0, 0 },
	{ "negotiate byte", JOB_NEGOTIATE, OPP_REQUEST_BYTE, STREAM_PS2, 0, 0 },
	{ "negotiate ECP", JOB_NEGOTIATE, OPP_REQUEST_ECP, STREAM_FIFO_16, 0, 0 },
	{ "negotiate ECP by link", JOB_NEGOTIATE, OPP_REQUEST_LINK | OPP_REQUEST_ECP, STREAM_PS2, 0,
	  0 },
	{ "negotiate EPP", JOB_NEGOTIATE, OPP_REQUEST_EPP, STREAM_EPP_19, 0, 0 },
	{ "nibble read", JOB_READ, OPP_REQUEST_NIBBLE, STREAM_PS2, 0, FEW },
	{ "byte read", JOB_READ, OPP_REQUEST_BYTE, STREAM_PS2, 0, FEW },
	{ "EPP write by lines", JOB_WRITE, OPP_REQUEST_EPP, STREAM_PS2, BY_LINES, FEW },
	{ "EPP address by lines", JOB_WRITE_ADDRESS, OPP_REQUEST_EPP, STREAM_PS2, BY_LINES, FEW },
	{ "EPP read by lines", JOB_READ, OPP_REQUEST_EPP, STREAM_PS2, BY_LINES, FEW },
	{ "EPP write", JOB_WRITE, OPP_REQUEST_EPP, STREAM_EPP_19, 0, FEW },
	{ "EPP write, mode of the chip", JOB_WRITE, OPP_REQUEST_EPP, STREAM_ECP_EPP, 0, FEW },
	{ "EPP read", JOB_READ, OPP_REQUEST_EPP, STREAM_EPP_19, 0, FEW },
	{ "ECP write by lines", JOB_WRITE, OPP_REQUEST_ECP, STREAM_FIFO_16, BY_LINES, FEW },
	{ "ECP channel by lines", JOB_WRITE_ADDRESS, OPP_REQUEST_ECP, STREAM_PS2, BY_LINES, 2 },
	{ "ECP read by lines", JOB_READ, OPP_REQUEST_ECP, STREAM_FIFO_16, BY_LINES, FEW },
	{ "ECP write by FIFO", JOB_WRITE, OPP_REQUEST_ECP, STREAM_FIFO_16, 0, MANY },
	{ "ECP read by FIFO", JOB_READ, OPP_REQUEST_ECP, STREAM_FIFO_16, 0, MANY },
	{ "ECP write, not all counted", JOB_WRITE, OPP_REQUEST_ECP, STREAM_ECP_EPP, 0, MANY },
	{ "ECP read, not all counted", JOB_READ, OPP_REQUEST_ECP, STREAM_ECP_EPP, 0, MANY },
	{ "device id", JOB_ID, OPP_REQUEST_NIBBLE, STREAM_PS2, 0, ID_BYTES },
	{ "terminate nibble", JOB_TERMINATE, OPP_REQUEST_NIBBLE, STREAM_PS2, 0, 0 },
	{ "terminate byte", JOB_TERMINATE, OPP_REQUEST_BYTE, STREAM_PS2, 0, 0 },
	{ "terminate EPP", JOB_TERMINATE, OPP_REQUEST_EPP, STREAM_EPP_19, 0, 0 },
	{ "terminate ECP", JOB_TERMINATE, OPP_REQUEST_ECP, STREAM_FIFO_16, 0, 0 },
	{ "terminate ECP reverse", JOB_TERMINATE_REVERSE, OPP_REQUEST_ECP, STREAM_FIFO_16, BY_LINES,
	  0 },
	{ "abort nibble", JOB_ABORT, OPP_REQUEST_NIBBLE, STREAM_PS2, 0, 0 },
	{ "abort byte", JOB_ABORT, OPP_REQUEST_BYTE, STREAM_PS2, 0, 0 },
	{ "abort EPP", JOB_ABORT, OPP_REQUEST_EPP, STREAM_ECP_EPP, 0, 0 },
	{ "abort ECP", JOB_ABORT, OPP_REQUEST_ECP, STREAM_FIFO_16, 0, 0 },
	{ "reset from nibble", JOB_RESET, OPP_REQUEST_NIBBLE, STREAM_PS2, 0, 0 },
	{ "reset from ECP", JOB_RESET, OPP_REQUEST_ECP, STREAM_FIFO_16, 0, 0 },
};

const uint32_t job_count = sizeof(jobs) / sizeof(jobs[0]);

struct stream stream;

static uint8_t text[MOST];
static uint8_t got[MOST];
static struct opp_1284_item items[MOST];
static size_t before; /* bytes the device had got rid of when the job began */

static bool is_read(const struct job *job)
{
	return job->kind == JOB_READ || job->kind == JOB_ID;
}

/* ---- doing it ---------------------------------------------------------------------- */

/* How many bytes the device has got, or got rid of. */
static size_t device_moved(const struct job *job)
{
	if (job->kind == JOB_PRINT)
		return stream.printed_count;
	if (!is_read(job))
		return stream.heard_count;
	if (job->request == OPP_REQUEST_EPP)
		return stream.epp_data - before;
	return stream.items_given - stream.device.has_next - before;
}

/* The device has so much more to say, after what it may have kept of the last time. */
static void say(size_t count)
{
	before = stream.items_given - stream.device.has_next;
	for (size_t i = 0; i < MOST; i++)
		items[i] = (struct opp_1284_item){ .byte = text[i] };
	stream.items = items;
	stream.item_count = before + count;
	opp_1284_data_arrives(&stream.device);
}

/* To where the job starts; the host has nothing. */
static void get_ready(const struct job *job)
{
	uint8_t byte;

	stream.heard_count = 0;
	stream.printed_count = 0;
	say(job->kind == JOB_READ ? job->bytes : job->kind == JOB_TERMINATE_REVERSE ? 2 : 0);
	if (job->request == OPP_REQUEST_EPP)
		before = stream.epp_data;
	for (uint32_t i = 0; i < MOST; i++)
		got[i] = 0;
	if (job->kind != JOB_PRINT && job->kind != JOB_NEGOTIATE && job->kind != JOB_ID)
		stream_enter(&stream, job->request);
	if (job->kind == JOB_TERMINATE_REVERSE)
		assert_int_equal(stream_read(&stream, &byte, 1), OPP_SUCCESS);
}

static void begin(const struct job *job)
{
	struct opp_transfer *transfer = &stream.transfer;
	struct opp_protocol *protocol = &stream.protocol;

	switch (job->kind) {
	case JOB_NEGOTIATE: opp_negotiate_begin(transfer, protocol, job->request); break;
	case JOB_PRINT:
	case JOB_WRITE:
	case JOB_WRITE_ADDRESS:
		opp_write_begin(transfer, protocol,
				&(struct opp_write){ .bytes = text,
						     .length = job->bytes,
						     .inactivity_us = 200000,
						     .address = job->kind == JOB_WRITE_ADDRESS });
		break;
	case JOB_READ:
		opp_read_begin(transfer, protocol,
			       &(struct opp_read){ .bytes = got,
						   .capacity = job->bytes,
						   .first_us = 200000,
						   .silence_us = 100000 });
		break;
	case JOB_ID: opp_device_id_begin(transfer, protocol, got, MOST); break;
	case JOB_TERMINATE:
	case JOB_TERMINATE_REVERSE: opp_terminate_begin(transfer, protocol); break;
	case JOB_ABORT: opp_abort_begin(transfer, protocol); break;
	case JOB_RESET: opp_reset_begin(transfer, protocol); break;
	}
}

void job_begin(const struct job *job)
{
	const struct opp_1284_options device = {
		.modes = STREAM_EVERY | OPP_1284_LINK | OPP_1284_ID_NIBBLE,
		.device_id = ID,
	};

	for (uint32_t i = 0; i < MOST; i++)
		text[i] = job->kind == JOB_READ && job->request == OPP_REQUEST_EPP
				  ? (uint8_t)i
				  : (uint8_t)(i * 37 + 11) & 0x7f;
	if (job->kind == JOB_ID) {
		text[0] = 0;
		text[1] = ID_BYTES;
		for (uint32_t i = 0; i < sizeof(ID) - 1; i++)
			text[OPP_DEVICE_ID_PREFIX + i] = (uint8_t)ID[i];
	}
	stream_start_with(&stream, &stream_chips[job->chip], job->options, &device);
	get_ready(job);
	begin(job);
	rig_forget_accesses(&stream.rig);
}

/* ---- what must be true -------------------------------------------------------------- */

static void assert_over(void)
{
	const struct opp_transfer end = stream.transfer;
	const uint32_t accesses = stream.rig.accesses;

	assert_int_not_equal(end.status, OPP_PENDING);
	opp_transfer_end(&stream.transfer, OPP_KICKED);
	assert_int_equal(opp_transfer_step(&stream.transfer, stream.rig.hw, UINT32_MAX, UINT32_MAX),
			 OPP_STEP_DONE);
	assert_int_equal(stream.transfer.status, end.status);
	assert_int_equal(stream.transfer.moved, end.moved);
	assert_int_equal(stream.rig.accesses, accesses);
}

static void assert_lines(void)
{
	const struct opp_protocol *protocol = &stream.protocol;
	const uint8_t control = stream.rig.sim.control_latch & 0x2f;
	const bool byte_mode = protocol->mode == OPP_MODE_BYTE;

	assert_true(stream.rig.sim.ecr >> 5 <= 1);
	switch (protocol->position) {
	case OPP_AT_COMPAT_IDLE:
		assert_int_equal(protocol->mode, OPP_MODE_COMPAT);
		assert_int_equal(control, 0x0c);
		break;
	case OPP_AT_HBDA:
	case OPP_AT_HBDNA: assert_int_equal(control, byte_mode ? 0x24 : 0x04); break;
	case OPP_AT_REVERSE_IDLE: assert_int_equal(control, byte_mode ? 0x26 : 0x06); break;
	case OPP_AT_ECP_FORWARD: assert_int_equal(control & ~0x02, 0x04); break;
	case OPP_AT_ECP_REVERSE: assert_int_equal(control, 0x22); break;
	case OPP_AT_EPP_IDLE: assert_int_equal(control, 0x04); break;
	case OPP_AT_BROKEN_OFF:
		if (protocol->mode == OPP_MODE_ECP)
			assert_int_equal(control & ~0x06, 0x20); /* the peripheral's bus */
		else
			assert_int_equal(control,
					 byte_mode || protocol->mode == OPP_MODE_EPP ? 0x24 : 0x04);
		break;
	}
}

static uint8_t device_byte(const struct job *job, size_t i)
{
	return job->kind == JOB_PRINT ? stream.printed[i] : stream.heard[i].byte;
}

static void assert_counts(const struct job *job, uint32_t slack)
{
	const size_t moved = stream.transfer.moved;
	const size_t there = device_moved(job);

	assert_true(moved <= job->bytes);
	if (job->kind != JOB_ID) {
		assert_true(moved <= there + slack);
		assert_true(there <= moved + slack);
	}
	for (size_t i = 0; is_read(job) && i + slack < moved; i++)
		assert_int_equal(got[i], text[before + i]);
	for (size_t i = 0; !is_read(job) && slack < 2 && i < there && i + slack < job->bytes; i++)
		assert_int_equal(device_byte(job, i) & 0x7f, text[i]);
}

void job_assert_ended(void)
{
	assert_over();
	assert_lines();
}

void job_assert_sound(const struct job *job, uint32_t slack)
{
	job_assert_ended();
	rig_pass_ns(&stream.rig, 1000000); /* the last byte is on its way to paper */
	assert_counts(job, slack);
	if (job->kind == JOB_NEGOTIATE)
		assert_true((stream.transfer.status == OPP_SUCCESS) ==
			    (stream.protocol.mode != OPP_MODE_COMPAT));
	if (job->kind >= JOB_ID)
		assert_int_equal(stream.protocol.mode, OPP_MODE_COMPAT);
}

void job_assert_done(const struct job *job)
{
	assert_int_equal(stream.transfer.status, OPP_SUCCESS);
	assert_int_equal(stream.transfer.moved, job->bytes);
	job_assert_sound(job, 0);
}

/* It agreed to EPP by lines that said no: events 22 to 28 mean nothing there. */
static void reset_from_epp(void)
{
	const struct opp_hw_ops *ops = stream.rig.hw->ops;

	if (stream.protocol.mode != OPP_MODE_COMPAT || stream.device.state < OPP_1284_EPP_IDLE)
		return;
	ops->write_control(stream.rig.hw, OPP_LINE_NINIT, 0);
	rig_pass_ns(&stream.rig, 100000);
	ops->write_control(stream.rig.hw, OPP_LINE_NINIT, OPP_LINE_NINIT);
}

void job_assert_works_again(const struct job *job)
{
	struct rig *rig = &stream.rig;
	const bool broken_off = stream.protocol.position == OPP_AT_BROKEN_OFF;
	size_t printed;

	opp_1284_behave(&stream.device);
	if (!stream.device.peripheral.connector)
		opp_sim_attach(&rig->sim, &stream.device.peripheral);
	rig_pass_ns(rig, AFTER_NS);
	reset_from_epp();
	stream_assert_leaves(&stream);
	if (broken_off) /* nobody was asked, so nobody failed to answer */
		assert_int_equal(stream.transfer.fault.status, OPP_SUCCESS);
	get_ready(job);
	begin(job);
	(void)stream_run(&stream);
	job_assert_done(job);
	stream_assert_leaves(&stream);
	printed = stream.printed_count;
	assert_int_equal(stream_write(&stream, "x", 1), OPP_SUCCESS);
	rig_pass_ns(rig, 1000000);
	assert_int_equal(stream.printed_count, printed + 1);
}
