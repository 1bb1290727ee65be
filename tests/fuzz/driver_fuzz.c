/* SPDX-License-Identifier: MIT */
/*
 * The chip driver on a card that answers anything: what registers read as is the
 * input, and so is what the driver is asked to do.
 *
 * Demanded: every operation ends within the accesses that <openparport/hw.h>
 * allows; a gentle probe writes no DATA; what is found is possible, and asked of
 * nothing outside the card's ranges; the lines rest afterwards; nothing is
 * written beside a buffer.
 */
#include <stdbool.h>
#include <string.h>

#include "chip.h"
#include "fuzz.h"

#define OPEN_MOST   12000u /* accesses: a pretended FIFO of the most words */
#define LEAST_MOST  200u   /* accesses of any operation ... */
#define BYTE_MOST   2u     /* ... and so many more for each byte */
#define MOST_BYTES  64u
#define GUARD       8u
#define GUARD_VALUE 0x3c

static struct {
	struct input *input;
	uint32_t ranges;
	uint64_t accesses;
	uint64_t now_ns;
	uint64_t data_writes;
	uint8_t control, ecr;
	uint8_t last; /* what registers read as when the input is over */
} card;

static void access_at(uint32_t offset)
{
	card.accesses++;
	card.now_ns += 1000;
	DEMAND(offset < 3 || (offset < 8 && card.ranges & OPP_IOPORT_HAS_EPP) ||
	       (offset >= 0x400 && offset <= 0x402 && card.ranges & OPP_IOPORT_HAS_ECP));
}

static uint8_t read8(void *context, uint32_t offset)
{
	(void)context;
	access_at(offset);
	if (card.input->left)
		card.last = take(card.input);
	if (card.last & 1 && offset == OPP_IOPORT_EPP_DATA)
		card.now_ns += 11000; /* a cycle that timed out */
	return card.last;
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	(void)context;
	access_at(offset);
	switch (offset) {
	case OPP_IOPORT_DATA: card.data_writes++; break;
	case OPP_IOPORT_CONTROL: card.control = value; break;
	case OPP_IOPORT_ECR: card.ecr = value; break;
	default: break;
	}
}

static uint16_t read16(void *context, uint32_t offset)
{
	return (uint16_t)(read8(context, offset) * 0x101u);
}

static uint32_t read32(void *context, uint32_t offset)
{
	return read8(context, offset) * 0x1010101u;
}

static void write16(void *context, uint32_t offset, uint16_t value)
{
	write8(context, offset, (uint8_t)value);
}

static void write32(void *context, uint32_t offset, uint32_t value)
{
	write8(context, offset, (uint8_t)value);
}

static uint64_t clock_ns(void *context)
{
	(void)context;
	return card.now_ns;
}

static void busy_wait(void *context, uint32_t ns)
{
	(void)context;
	DEMAND(ns >= 1 && ns <= 100000);
	card.now_ns += ns;
}

static void broken(void *context, const char *what)
{
	(void)context;
	demand(0, what, __FILE__, __LINE__);
}

static const struct opp_env env = { NULL, busy_wait, broken };
static struct opp_ioport io;
static struct opp_chip chip;
static struct opp_hw *const hw = &chip.hw;
static uint8_t buffer[GUARD + MOST_BYTES + GUARD];

static bool opens(struct input *input)
{
	const uint8_t how = take(input);
	const enum opp_probe probe = how & 1 ? OPP_PROBE_GENTLE : OPP_PROBE_FULL;
	enum opp_status status;

	io = (struct opp_ioport){ .read8 = read8, .write8 = write8, .access_ns = 1000 };
	io.ranges = card.ranges = how >> 1 & 3;
	if (how & 8) {
		io.read16 = read16;
		io.write16 = write16;
		io.read32 = read32;
		io.write32 = write32;
	}
	if (how & 16)
		io.clock_ns = clock_ns;
	status = opp_chip_open(&chip, &io, &env, probe, how & 32);
	DEMAND(card.accesses <= OPEN_MOST);
	DEMAND(probe == OPP_PROBE_FULL || !card.data_writes);
	DEMAND(status == OPP_SUCCESS || status == OPP_NO_SUCH_DEVICE);
	return status == OPP_SUCCESS;
}

static bool can(uint32_t capability)
{
	return hw->capabilities & capability;
}

static void check_rest(void)
{
	DEMAND((card.control & 0x2f) == 0x0c);
	DEMAND(card.ecr >> 5 <= 1);
}

static void check_found(void)
{
	check_rest();
	DEMAND(can(OPP_HW_CAN_COMPAT));
	DEMAND(!can(OPP_HW_CAN_EPP_WIDE) || (can(OPP_HW_CAN_EPP) && io.read32));
	DEMAND(!can(OPP_HW_CAN_EPP) || io.ranges & OPP_IOPORT_HAS_EPP);
	DEMAND(!can(OPP_HW_CAN_FIFO) || io.ranges & OPP_IOPORT_HAS_ECP);
	DEMAND(can(OPP_HW_CAN_FIFO) == (hw->fifo.depth_words > 0));
	DEMAND(hw->fifo.word_bytes <= 1);
	DEMAND(hw->fifo.write_threshold_words <= hw->fifo.depth_words);
	DEMAND(hw->fifo.read_threshold_words <= hw->fifo.depth_words);
}

static void use_lines(struct input *input, uint8_t what)
{
	const struct opp_hw_ops *ops = hw->ops;

	switch (what & 7) {
	case 0: DEMAND(!(ops->read_status(hw) & ~OPP_STATUS_LINES)); break;
	case 1: ops->read_data(hw); break;
	case 2: ops->write_data(hw, take(input)); break;
	case 3: ops->write_control(hw, what >> 4, take(input) & OPP_CONTROL_LINES); break;
	case 4: ops->set_reverse(hw, what & 8); break;
	case 5: ops->enable_interrupt(hw, what & 8); break;
	case 6: (void)ops->set_chip_mode(hw, (what >> 3) % 5 * 0x20); break;
	default:
		DEMAND(ops->raw_read_control(hw) <= 0x0f);
		ops->raw_write_control(hw, take(input));
		break;
	}
}

static void use_epp(struct input *input, uint8_t what, size_t length)
{
	const struct opp_hw_ops *ops = hw->ops;
	const uint32_t width = can(OPP_HW_CAN_EPP_WIDE) && what & 8 && !(what & 16) ? 4 : 1;
	const enum opp_epp_cycle cycle = what & 16 ? OPP_EPP_ADDRESS : OPP_EPP_DATA;
	size_t moved;

	(void)input;
	length -= length % width;
	ops->epp_start(hw, what & 1);
	if (what & 1)
		moved = ops->epp_read(hw, cycle, buffer + GUARD, length, width);
	else
		moved = ops->epp_write(hw, cycle, buffer + GUARD, length, width);
	DEMAND(moved <= length && moved % width == 0);
	ops->epp_stop(hw);
	DEMAND((card.control & 0x2f) == 0x04);
}

static void use_fifo(struct input *input, uint8_t what, size_t length)
{
	const struct opp_hw_ops *ops = hw->ops;
	const enum opp_fifo_use use = (what & 15) % (OPP_FIFO_ECP_REVERSE + 1);
	const bool reverse = use == OPP_FIFO_ECP_REVERSE;
	size_t moved = 0;
	size_t unsent;

	ops->set_reverse(hw, reverse);
	ops->write_control(hw, OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD,
			   reverse ? OPP_LINE_NSTROBE : OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD);
	ops->fifo_start(hw, use);
	for (uint32_t rounds = take(input) & 3; rounds; rounds--) {
		const size_t some =
			reverse ? ops->fifo_read(hw, buffer + GUARD, length)
				: ops->fifo_write(hw, buffer + GUARD, length, what & 16);

		DEMAND(some <= length);
		moved += some;
		(void)ops->fifo_is_empty(hw);
		(void)ops->fifo_is_full(hw);
		if (what & 32)
			ops->fifo_arm(hw);
	}
	unsent = ops->fifo_stop(hw);
	DEMAND(reverse ? unsent == 0 : unsent <= moved);
	DEMAND(card.ecr >> 5 == 1);
}

static void use_chip(struct input *input)
{
	const uint8_t what = take(input);
	const size_t length = take_upto(input, MOST_BYTES);
	const uint64_t before = card.accesses;

	memset(buffer, GUARD_VALUE, sizeof(buffer));
	if ((what & 0xc0) == 0x40 && can(OPP_HW_CAN_EPP))
		use_epp(input, what, length);
	else if ((what & 0xc0) == 0x80 && can(OPP_HW_CAN_FIFO))
		use_fifo(input, what, length);
	else
		use_lines(input, what);
	DEMAND(card.accesses - before <=
	       LEAST_MOST + 4 * (BYTE_MOST * length + hw->fifo.depth_words));
	for (size_t i = 0; i < GUARD; i++)
		DEMAND(buffer[i] == GUARD_VALUE && buffer[GUARD + length + i] == GUARD_VALUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	memset(&card, 0, sizeof(card));
	card.input = &input;
	if (!opens(&input))
		return 0;
	check_found();
	while (input.left)
		use_chip(&input);
	return 0;
}
