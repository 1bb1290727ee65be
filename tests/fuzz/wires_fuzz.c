/* SPDX-License-Identifier: MIT */
/*
 * The host engine on hardware that says anything: what status and data lines
 * show, which accesses time out and how much a FIFO takes is the input, and so
 * is what the engine is asked to do and when it is told to stop.
 *
 * Demanded of every transfer: it ends in bounded steps, each of bounded length;
 * moved is never more than was asked for, and nothing is written beside the
 * buffer; the hardware is used as <openparport/hw.h> says; afterwards the lines
 * are at the idle of the position that the protocol claims.
 */
#include <stdbool.h>
#include <string.h>

#include <openparport/chain.h>
#include <openparport/ieee1284.h>

#include "fuzz.h"

#define BUDGET_NS   50000u
#define ACCESS_NS   1000u
#define LONGEST_NS  (BUDGET_NS + 400000u) /* a byte, a FIFO's worth, or a held nInit more */
#define MOST_STEPS  200000u
#define MOST_BYTES  64u
#define GUARD       16u
#define GUARD_VALUE 0xc3

struct mock {
	struct opp_hw hw;
	struct input *input;
	uint8_t control;
	uint8_t status; /* what the lines show when the input is over */
	bool reverse;
	bool in_fifo, in_epp;
	size_t in_the_fifo; /* bytes written since fifo_start, at most the depth */
	uint64_t stalled_ns;
};

static struct mock mock;

/* ---- the hardware ------------------------------------------------------------------ */

static void line_access(void)
{
	DEMAND(!mock.in_epp);
	mock.hw.accesses++;
}

static uint8_t read_status(struct opp_hw *hw)
{
	hw->accesses++;
	if (mock.input->left)
		mock.status = take(mock.input) & OPP_STATUS_LINES;
	return mock.status;
}

static uint8_t read_data(struct opp_hw *hw)
{
	(void)hw;
	line_access();
	DEMAND(!mock.in_fifo);
	return take(mock.input);
}

static void write_data(struct opp_hw *hw, uint8_t byte)
{
	(void)hw;
	(void)byte;
	line_access();
	DEMAND(!mock.in_fifo);
}

static uint8_t read_control(struct opp_hw *hw)
{
	(void)hw;
	return mock.control;
}

static void write_control(struct opp_hw *hw, uint8_t mask, uint8_t levels)
{
	(void)hw;
	line_access();
	DEMAND(!(mask & ~OPP_CONTROL_LINES));
	DEMAND(!mock.in_fifo || mask == OPP_LINE_NINIT);
	mock.control = (uint8_t)((mock.control & ~mask) | (levels & mask));
}

static void set_reverse(struct opp_hw *hw, bool reverse)
{
	line_access();
	DEMAND(!mock.in_fifo);
	if (hw->capabilities & OPP_HW_CAN_REVERSE)
		mock.reverse = reverse;
}

static bool is_reverse(struct opp_hw *hw)
{
	(void)hw;
	return mock.reverse;
}

static void enable_interrupt(struct opp_hw *hw, bool enable)
{
	(void)hw;
	(void)enable;
	line_access();
}

static enum opp_status set_chip_mode(struct opp_hw *hw, enum opp_chip_mode mode)
{
	(void)hw;
	mock.in_epp = mock.in_epp && mode != OPP_CHIP_BYTE;
	line_access();
	DEMAND(!mock.in_fifo);
	return OPP_SUCCESS;
}

static void epp_start(struct opp_hw *hw, bool reverse)
{
	line_access();
	DEMAND(hw->capabilities & OPP_HW_CAN_EPP);
	DEMAND(!mock.in_fifo);
	mock.in_epp = true;
	mock.reverse = reverse;
	mock.control = OPP_CONTROL_LINES;
}

static size_t epp_cycles(size_t length, uint32_t width, enum opp_epp_cycle cycle)
{
	const size_t accesses = length / width;
	const size_t good = take(mock.input) & 1 ? take_upto(mock.input, 255) : accesses;

	DEMAND(mock.in_epp);
	DEMAND(width == 1 || ((width == 2 || width == 4) && cycle == OPP_EPP_DATA &&
			      mock.hw.capabilities & OPP_HW_CAN_EPP_WIDE));
	DEMAND(length % width == 0);
	mock.hw.accesses += good < accesses ? good + 1 : accesses;
	return (good < accesses ? good : accesses) * width;
}

static size_t epp_write(struct opp_hw *hw, enum opp_epp_cycle cycle, const uint8_t *bytes,
			size_t length, uint32_t width)
{
	(void)hw;
	(void)bytes;
	DEMAND(!mock.reverse);
	return epp_cycles(length, width, cycle);
}

static size_t epp_read(struct opp_hw *hw, enum opp_epp_cycle cycle, uint8_t *bytes, size_t length,
		       uint32_t width)
{
	(void)hw;
	DEMAND(mock.reverse);
	memset(bytes, take(mock.input), length);
	return epp_cycles(length, width, cycle);
}

static void epp_stop(struct opp_hw *hw)
{
	(void)hw;
	DEMAND(mock.in_epp);
	mock.in_epp = false;
	mock.reverse = false;
	mock.control = OPP_CONTROL_LINES;
	line_access();
}

/* Takes some, or leaves all to the lines; the caller has made sure of those. */
static size_t bulk_write(struct opp_hw *hw, const uint8_t *bytes, size_t length)
{
	const size_t some = take_upto(mock.input, (uint32_t)length);

	(void)bytes;
	DEMAND(hw->capabilities & OPP_HW_CAN_BULK);
	DEMAND(length >= 1);
	DEMAND(mock.control == OPP_CONTROL_IDLE && !mock.reverse);
	line_access();
	return some;
}

static void fifo_start(struct opp_hw *hw, enum opp_fifo_use use)
{
	line_access();
	DEMAND(hw->capabilities & OPP_HW_CAN_FIFO);
	DEMAND(!mock.in_fifo);
	DEMAND(mock.reverse == (use == OPP_FIFO_ECP_REVERSE));
	DEMAND(mock.control & OPP_LINE_NSTROBE);
	mock.in_fifo = true;
	mock.in_the_fifo = 0;
}

static size_t fifo_moves(size_t length)
{
	const size_t some = take_upto(mock.input, mock.hw.fifo.depth_words);
	const size_t moved = some < length ? some : length;

	DEMAND(mock.in_fifo);
	mock.hw.accesses += moved + 1;
	return moved;
}

static size_t fifo_write(struct opp_hw *hw, const uint8_t *bytes, size_t length, bool command)
{
	size_t moved = fifo_moves(length);

	(void)bytes;
	(void)command;
	DEMAND(!mock.reverse);
	mock.in_the_fifo += moved;
	if (mock.in_the_fifo > hw->fifo.depth_words)
		mock.in_the_fifo = hw->fifo.depth_words;
	return moved;
}

static size_t fifo_read(struct opp_hw *hw, uint8_t *bytes, size_t length)
{
	const size_t moved = fifo_moves(length);

	(void)hw;
	DEMAND(mock.reverse);
	memset(bytes, take(mock.input), moved);
	return moved;
}

static bool fifo_is(void)
{
	DEMAND(mock.in_fifo);
	line_access();
	return !(take(mock.input) & 1);
}

static bool fifo_is_empty(struct opp_hw *hw)
{
	(void)hw;
	if (!fifo_is())
		return false;
	mock.in_the_fifo = 0;
	return true;
}

static bool fifo_is_full(struct opp_hw *hw)
{
	(void)hw;
	return fifo_is();
}

static void fifo_arm(struct opp_hw *hw)
{
	(void)hw;
	DEMAND(mock.in_fifo);
	line_access();
}

static size_t fifo_stop(struct opp_hw *hw)
{
	(void)hw;
	DEMAND(mock.in_fifo);
	line_access();
	mock.in_fifo = false;
	return mock.reverse || !mock.in_the_fifo
		       ? 0
		       : take_upto(mock.input, (uint32_t)mock.in_the_fifo);
}

static void busy_wait(void *context, uint32_t ns)
{
	(void)context;
	DEMAND(ns >= 1 && ns <= 100000);
	mock.stalled_ns += ns;
}

static void broken(void *context, const char *what)
{
	(void)context;
	demand(0, what, __FILE__, __LINE__);
}

static const struct opp_env env = { NULL, busy_wait, broken };

static const struct opp_hw_ops ops = {
	.read_status = read_status,
	.read_data = read_data,
	.write_data = write_data,
	.read_control = read_control,
	.write_control = write_control,
	.set_reverse = set_reverse,
	.is_reverse = is_reverse,
	.enable_interrupt = enable_interrupt,
	.set_chip_mode = set_chip_mode,
	.epp_start = epp_start,
	.epp_write = epp_write,
	.epp_read = epp_read,
	.epp_stop = epp_stop,
	.bulk_write = bulk_write,
	.fifo_start = fifo_start,
	.fifo_write = fifo_write,
	.fifo_read = fifo_read,
	.fifo_is_empty = fifo_is_empty,
	.fifo_is_full = fifo_is_full,
	.fifo_arm = fifo_arm,
	.fifo_stop = fifo_stop,
};

/* ---- the engine --------------------------------------------------------------------- */

static struct opp_protocol protocol;
static struct opp_transfer transfer;
static uint64_t now_us;
static uint8_t buffer[GUARD + MOST_BYTES + GUARD];

static void run(struct input *input)
{
	const uint32_t end_at = take(input) * 4u; /* 0: not */
	enum opp_step step = OPP_STEP_AGAIN;

	for (uint32_t steps = 0; step != OPP_STEP_DONE; steps++) {
		const uint64_t before_ns = mock.hw.accesses * ACCESS_NS + mock.stalled_ns;

		DEMAND(steps < MOST_STEPS);
		if (end_at && steps == end_at)
			opp_transfer_end(&transfer, OPP_CANCELLED);
		step = opp_transfer_step(&transfer, &mock.hw, now_us, BUDGET_NS);
		DEMAND(mock.hw.accesses * ACCESS_NS + mock.stalled_ns - before_ns <= LONGEST_NS);
		now_us += 50;
		if (step == OPP_STEP_WAIT && !transfer.wait.poll && transfer.wait.until_us > now_us)
			now_us = transfer.wait.until_us;
	}
}

static void check_lines(void)
{
	const bool can_reverse = mock.hw.capabilities & OPP_HW_CAN_REVERSE;
	const uint8_t control = mock.control;
	const bool high = control == OPP_CONTROL_LINES;

	DEMAND(!mock.in_fifo && !mock.in_epp);
	switch (protocol.position) {
	case OPP_AT_COMPAT_IDLE:
		DEMAND(protocol.mode == OPP_MODE_COMPAT && !protocol.request);
		DEMAND(control == OPP_CONTROL_IDLE && !mock.reverse);
		break;
	case OPP_AT_HBDA:
	case OPP_AT_HBDNA:
		DEMAND(protocol.mode == OPP_MODE_NIBBLE || protocol.mode == OPP_MODE_BYTE);
		DEMAND(high && mock.reverse == (protocol.mode == OPP_MODE_BYTE));
		break;
	case OPP_AT_BROKEN_OFF:
		if (protocol.mode == OPP_MODE_ECP)
			/* between ev 39 and 49 nobody can tell whose the data lines are */
			DEMAND(mock.reverse == can_reverse &&
			       (control | OPP_LINE_NAUTOFD | OPP_LINE_NINIT) == OPP_CONTROL_LINES);
		else
			DEMAND(high && mock.reverse == (protocol.mode != OPP_MODE_NIBBLE));
		break;
	case OPP_AT_REVERSE_IDLE:
		DEMAND(protocol.mode == OPP_MODE_NIBBLE || protocol.mode == OPP_MODE_BYTE);
		DEMAND(control == (OPP_CONTROL_LINES & ~OPP_LINE_NAUTOFD));
		break;
	case OPP_AT_ECP_FORWARD:
		DEMAND(protocol.mode == OPP_MODE_ECP && !mock.reverse);
		DEMAND((control | OPP_LINE_NAUTOFD) == OPP_CONTROL_LINES);
		break;
	case OPP_AT_ECP_REVERSE:
		DEMAND(protocol.mode == OPP_MODE_ECP && mock.reverse);
		DEMAND(control == (OPP_LINE_NSTROBE | OPP_LINE_NSELECTIN));
		break;
	case OPP_AT_EPP_IDLE: DEMAND(protocol.mode == OPP_MODE_EPP && high && !mock.reverse); break;
	}
}

static void check_buffer(size_t asked)
{
	DEMAND(transfer.moved <= asked);
	for (size_t i = 0; i < GUARD; i++) {
		DEMAND(buffer[i] == GUARD_VALUE);
		DEMAND(buffer[GUARD + asked + i] == GUARD_VALUE);
	}
}

static void begin_write(uint8_t what, size_t asked)
{
	const struct opp_write write = {
		.bytes = buffer + GUARD,
		.length = asked,
		.inactivity_us = 100000,
		.fault_us = what & 0x40 ? 50000 : 0,
		.address = what & 0x20,
		.compress = what & 0x10,
	};

	opp_write_begin(&transfer, &protocol, &write);
}

static void begin_read(uint8_t what, size_t asked)
{
	const struct opp_read read = {
		.bytes = buffer + GUARD,
		.capacity = asked,
		.first_us = what & 0x40 ? 200000 : 0,
		.silence_us = what & 0x40 ? 35000 : 0,
		.address = what & 0x20,
	};

	opp_read_begin(&transfer, &protocol, &read);
}

static void begin_in_chain(uint8_t what)
{
	switch (what & 3) {
	case 0: opp_chain_assign_begin(&transfer, &protocol, 1 + (what >> 6)); break;
	case 1:
		opp_chain_select_begin(&transfer, &protocol, what >> 6,
				       (what >> 2 & 15) % (OPP_MODE_EPP + 1));
		break;
	default: opp_chain_deselect_begin(&transfer, &protocol); break;
	}
}

static void do_something(struct input *input)
{
	const uint8_t what = take(input);
	size_t asked = what & 0x80 ? take_upto(input, MOST_BYTES) : 0;

	memset(buffer, GUARD_VALUE, sizeof(buffer));
	switch (what & 15) {
	case 0: opp_terminate_begin(&transfer, &protocol); break;
	case 1: opp_abort_begin(&transfer, &protocol); break;
	case 2: opp_epp_begin(&transfer, &protocol); break;
	case 3:
		begin_in_chain(take(input));
		asked = OPP_CHAIN_DEVICES; /* assignment counts them in moved */
		break;
	case 4:
	case 5: opp_device_id_begin(&transfer, &protocol, buffer + GUARD, asked); break;
	case 6:
	case 7: begin_write(what, asked); break;
	case 8:
	case 9:
	case 10: begin_read(what, asked); break;
	default: opp_negotiate_begin(&transfer, &protocol, take(input)); break;
	}
	run(input);
	DEMAND(transfer.status != OPP_PENDING);
	check_lines();
	check_buffer(asked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	mock = (struct mock){
		.hw = { .ops = &ops, .env = &env, .access_ns = ACCESS_NS },
		.input = &input,
		.control = OPP_CONTROL_IDLE,
	};
	mock.hw.capabilities = OPP_HW_CAN_COMPAT | OPP_HW_CAN_INTERRUPT | take(&input);
	if (mock.hw.capabilities & OPP_HW_CAN_FIFO)
		mock.hw.fifo = (struct opp_hw_fifo){ .depth_words = 16, .word_bytes = 1 };
	now_us = 0;
	opp_protocol_init(&protocol, take16(&input));
	while (input.left)
		do_something(&input);
	return 0;
}
