/* SPDX-License-Identifier: MIT */
/*
 * See chain_hw.h: the one without registers.
 */
#include <string.h>

#include "chain_hw.h"

#define ACCESS_NS 1000

/* Levels: of a control register that is all zero. */
#define CONTROL_WITHOUT_POWER (OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN)

static const uint8_t prefix[] = { 0xaa, 0x55, 0x00, 0xff, 0x87, 0x78 };

#define LISTENS 4
#define ANSWERS 5
#define WHOLE   sizeof(prefix)

static struct chain_hw *chain_of(struct opp_hw *hw)
{
	return OPP_NODE(hw, struct chain_hw, hw);
}

static void touch(struct chain_hw *chain)
{
	chain->hw.accesses++;
	chain->watch.touched(chain->watch.context, ACCESS_NS);
}

/* ---- the adapters ------------------------------------------------------------------------ */

static bool has_ears(const struct chain_hw *chain)
{
	return chain->adapters && chain->health != CHAIN_GONE;
}

static void hear(struct chain_hw *chain, uint8_t byte)
{
	if (chain->heard == WHOLE) {
		if (byte == 0xff && chain->commanded)
			chain->heard = 0;
		return;
	}
	chain->heard = byte == prefix[chain->heard] ? chain->heard + 1 : byte == prefix[0];
	if (chain->heard == LISTENS) {
		chain->commanded = false;
		chain->acknowledged = true;
		chain->turn = 0;
	}
}

static void take_address(struct chain_hw *chain, uint8_t address)
{
	if (!chain->commanded)
		memset(chain->address, NO_ADDRESS, sizeof(chain->address));
	chain->acknowledged = chain->turn < chain->adapters;
	if (chain->acknowledged)
		chain->address[chain->turn++] = address;
}

static bool is_present(const struct chain_hw *chain, uint8_t address)
{
	for (uint32_t i = 0; i < chain->adapters; i++) {
		if (chain->address[i] == address)
			return true;
	}
	return false;
}

static void select_one(struct chain_hw *chain, uint8_t address)
{
	chain->acknowledged = chain->health == CHAIN_SOUND && is_present(chain, address);
	if (!chain->acknowledged)
		return;
	chain->confused |= chain->selected != END_OF_CHAIN;
	chain->selected = address;
}

static void obey(struct chain_hw *chain, uint8_t command)
{
	chain->acknowledged = false;
	if (command <= 0x03)
		take_address(chain, command);
	else if ((command & 0xf0) == 0x30)
		chain->selected = END_OF_CHAIN;
	else if ((command & 0xfc) == 0xe0)
		select_one(chain, command & 0x03);
	chain->commanded = true;
}

static uint8_t shown(const struct chain_hw *chain)
{
	const uint8_t printer = OPP_LINE_NACK | OPP_LINE_SELECT | OPP_LINE_NFAULT;
	uint8_t answer = OPP_LINE_NACK | OPP_LINE_SELECT | OPP_LINE_PERROR;

	if (!has_ears(chain) || chain->heard < LISTENS || chain->turn >= chain->adapters)
		return printer;
	if (chain->heard == LISTENS)
		return OPP_LINE_NACK | OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT;
	if (chain->heard == ANSWERS)
		return OPP_LINE_NACK | OPP_LINE_BUSY | OPP_LINE_SELECT | OPP_LINE_NFAULT;
	if (chain->turn + 1 == chain->adapters)
		answer |= OPP_LINE_BUSY;
	return chain->acknowledged ? answer : answer | OPP_LINE_NFAULT;
}

/* ---- the port ------------------------------------------------------------------------------ */

static uint8_t read_status(struct opp_hw *hw)
{
	touch(chain_of(hw));
	return shown(chain_of(hw));
}

static void write_data(struct opp_hw *hw, uint8_t byte)
{
	struct chain_hw *chain = chain_of(hw);

	touch(chain);
	CHECK_EQUAL(chain->mode, OPP_CHIP_SPP);
	chain->data = byte;
	if (has_ears(chain))
		hear(chain, byte);
}

static uint8_t read_control(struct opp_hw *hw)
{
	return chain_of(hw)->control;
}

static void write_control(struct opp_hw *hw, uint8_t mask, uint8_t levels)
{
	struct chain_hw *chain = chain_of(hw);
	const uint8_t before = chain->control;

	touch(chain);
	chain->control = (uint8_t)((before & ~mask) | (levels & mask));
	if (has_ears(chain) && chain->heard == WHOLE &&
	    (before & ~chain->control & OPP_LINE_NSTROBE))
		obey(chain, chain->data);
}

static void set_reverse(struct opp_hw *hw, bool reverse)
{
	(void)hw;
	CHECK(!reverse);
}

static bool is_reverse(struct opp_hw *hw)
{
	(void)hw;
	return false;
}

static uint32_t needed_for(enum opp_chip_mode mode)
{
	switch (mode) {
	case OPP_CHIP_BYTE: return OPP_HW_CAN_FIFO | OPP_HW_CAN_REVERSE;
	case OPP_CHIP_EPP: return OPP_HW_CAN_EPP;
	case OPP_CHIP_FIFO:
	case OPP_CHIP_ECP: return OPP_HW_CAN_FIFO;
	default: return 0;
	}
}

static enum opp_status set_chip_mode(struct opp_hw *hw, enum opp_chip_mode mode)
{
	struct chain_hw *chain = chain_of(hw);
	const uint32_t needed = needed_for(mode);

	touch(chain);
	if ((hw->capabilities & needed) != needed)
		return OPP_NO_SUCH_DEVICE;
	chain->mode = mode;
	return OPP_SUCCESS;
}

static const struct opp_hw_ops ops = {
	.read_status = read_status,
	.write_data = write_data,
	.read_control = read_control,
	.write_control = write_control,
	.set_reverse = set_reverse,
	.is_reverse = is_reverse,
	.set_chip_mode = set_chip_mode,
};

static void busy_wait_ns(void *context, uint32_t ns)
{
	const struct chain_hw *chain = context;

	chain->watch.touched(chain->watch.context, ns);
}

static void broken(void *context, const char *what)
{
	const struct chain_hw *chain = context;

	chain->watch.broken(chain->watch.context, what);
}

void chain_hw_init(struct chain_hw *chain, uint32_t capabilities, uint32_t adapters,
		   const struct chain_watch *watch)
{
	*chain = (struct chain_hw){
		.env = { .context = chain, .busy_wait_ns = busy_wait_ns, .broken = broken },
		.watch = *watch,
		.hw = { .ops = &ops, .capabilities = capabilities, .access_ns = ACCESS_NS },
		.control = OPP_CONTROL_IDLE,
		.adapters = adapters,
		.selected = END_OF_CHAIN,
	};
	chain->hw.env = &chain->env;
	if (capabilities & OPP_HW_CAN_FIFO)
		chain->hw.fifo = (struct opp_hw_fifo){ .depth_words = 16, .word_bytes = 1 };
	memset(chain->address, NO_ADDRESS, sizeof(chain->address));
}

struct opp_hw *chain_port(struct chain_hw *chain)
{
	return &chain->hw;
}

void chain_pass_us(struct chain_hw *chain, uint64_t us)
{
	(void)chain;
	(void)us;
}

void chain_change(struct chain_hw *chain, uint32_t adapters, enum chain_health health)
{
	chain->adapters = adapters;
	chain->health = health;
	if (!adapters)
		chain->selected = END_OF_CHAIN;
}

void chain_forget(struct chain_hw *chain)
{
	memset(chain->address, NO_ADDRESS, sizeof(chain->address));
}

void chain_power(struct chain_hw *chain, bool on)
{
	if (on)
		return;
	chain_forget(chain);
	chain->selected = END_OF_CHAIN;
	chain->heard = 0;
	chain->mode = OPP_CHIP_SPP;
	chain->control = CONTROL_WITHOUT_POWER;
}

uint8_t chain_selected(const struct chain_hw *chain)
{
	return chain->selected;
}

uint8_t chain_mode(const struct chain_hw *chain)
{
	return (uint8_t)chain->mode;
}

bool chain_is_at_rest(const struct chain_hw *chain)
{
	return chain->selected == END_OF_CHAIN && chain->mode == OPP_CHIP_SPP &&
	       chain->control == OPP_CONTROL_IDLE;
}

bool chain_is_confused(const struct chain_hw *chain)
{
	return chain->confused;
}
