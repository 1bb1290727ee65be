/* SPDX-License-Identifier: MIT */
/*
 * A JTAG chain. All chips see the same TCK and TMS, so one TAP state is enough;
 * registers shift on the rising edge of TCK, instructions take effect and TDO
 * changes on the falling one.
 */
#include <openparport/sim_jtag.h>

struct cable {
	uint8_t tck; /* data lines */
	uint8_t tms;
	uint8_t tdi;
	uint8_t trst;   /* low: the TAPs are reset; 0: not connected */
	uint8_t srst;   /* high: the board is reset; 0: not connected */
	uint8_t enable; /* low: TDO stays low; 0: always enabled */
	uint8_t tdo;    /* OPP_LINE_* */
};

static const struct cable cables[] = {
	[OPP_JTAG_WIGGLER] = { .tck = 0x04,
			       .tms = 0x02,
			       .tdi = 0x08,
			       .trst = 0x10,
			       .srst = 0x01,
			       .tdo = OPP_LINE_BUSY },
	[OPP_JTAG_DLC5] = { .tck = 0x02,
			    .tms = 0x04,
			    .tdi = 0x01,
			    .enable = 0x10,
			    .tdo = OPP_LINE_SELECT },
};

/* Where TMS low and TMS high lead. */
static const uint8_t next_state[][2] = {
	[OPP_JTAG_RESET] = { OPP_JTAG_IDLE, OPP_JTAG_RESET },
	[OPP_JTAG_IDLE] = { OPP_JTAG_IDLE, OPP_JTAG_SELECT_DR },
	[OPP_JTAG_SELECT_DR] = { OPP_JTAG_CAPTURE_DR, OPP_JTAG_SELECT_IR },
	[OPP_JTAG_CAPTURE_DR] = { OPP_JTAG_SHIFT_DR, OPP_JTAG_EXIT1_DR },
	[OPP_JTAG_SHIFT_DR] = { OPP_JTAG_SHIFT_DR, OPP_JTAG_EXIT1_DR },
	[OPP_JTAG_EXIT1_DR] = { OPP_JTAG_PAUSE_DR, OPP_JTAG_UPDATE_DR },
	[OPP_JTAG_PAUSE_DR] = { OPP_JTAG_PAUSE_DR, OPP_JTAG_EXIT2_DR },
	[OPP_JTAG_EXIT2_DR] = { OPP_JTAG_SHIFT_DR, OPP_JTAG_UPDATE_DR },
	[OPP_JTAG_UPDATE_DR] = { OPP_JTAG_IDLE, OPP_JTAG_SELECT_DR },
	[OPP_JTAG_SELECT_IR] = { OPP_JTAG_CAPTURE_IR, OPP_JTAG_RESET },
	[OPP_JTAG_CAPTURE_IR] = { OPP_JTAG_SHIFT_IR, OPP_JTAG_EXIT1_IR },
	[OPP_JTAG_SHIFT_IR] = { OPP_JTAG_SHIFT_IR, OPP_JTAG_EXIT1_IR },
	[OPP_JTAG_EXIT1_IR] = { OPP_JTAG_PAUSE_IR, OPP_JTAG_UPDATE_IR },
	[OPP_JTAG_PAUSE_IR] = { OPP_JTAG_PAUSE_IR, OPP_JTAG_EXIT2_IR },
	[OPP_JTAG_EXIT2_IR] = { OPP_JTAG_SHIFT_IR, OPP_JTAG_UPDATE_IR },
	[OPP_JTAG_UPDATE_IR] = { OPP_JTAG_IDLE, OPP_JTAG_SELECT_DR },
};

static struct opp_jtag *jtag_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_jtag *)peripheral;
}

/* ---- registers ------------------------------------------------------------------- */

#define IDCODE_BITS   32u
#define BYPASS_BITS   1u
#define LEAST_IR_BITS 2u
#define MOST_IR_BITS  32u

static uint32_t low_bits(uint32_t bits)
{
	return UINT32_MAX >> (32 - bits);
}

static void reset_taps(struct opp_jtag *chain)
{
	chain->state = OPP_JTAG_RESET;
	for (uint32_t i = 0; i < chain->count; i++) {
		struct opp_jtag_tap *tap = &chain->taps[i];

		tap->instruction = tap->idcode ? tap->idcode_instruction : low_bits(tap->ir_bits);
	}
}

static void capture_dr(struct opp_jtag_tap *tap)
{
	const bool idcode = tap->idcode && tap->instruction == tap->idcode_instruction;

	tap->shift = idcode ? tap->idcode : 0;
	tap->shift_bits = idcode ? IDCODE_BITS : BYPASS_BITS;
}

static void capture_ir(struct opp_jtag_tap *tap)
{
	tap->shift = tap->ir_capture & low_bits(tap->ir_bits);
	tap->shift_bits = tap->ir_bits;
}

static void shift(struct opp_jtag *chain, bool tdi)
{
	uint32_t in = tdi;

	for (uint32_t i = 0; i < chain->count; i++) {
		struct opp_jtag_tap *tap = &chain->taps[i];
		const uint32_t out = tap->shift & 1;

		tap->shift = tap->shift >> 1 | in << (tap->shift_bits - 1);
		in = out;
	}
}

/* ---- TCK ------------------------------------------------------------------------- */

static void clock_rose(struct opp_jtag *chain, bool tms, bool tdi)
{
	if (chain->state == OPP_JTAG_SHIFT_DR || chain->state == OPP_JTAG_SHIFT_IR)
		shift(chain, tdi);
	for (uint32_t i = 0; i < chain->count; i++) {
		if (chain->state == OPP_JTAG_CAPTURE_DR)
			capture_dr(&chain->taps[i]);
		if (chain->state == OPP_JTAG_CAPTURE_IR)
			capture_ir(&chain->taps[i]);
	}
	chain->state = (enum opp_jtag_state)next_state[chain->state][tms];
	if (chain->state == OPP_JTAG_RESET)
		reset_taps(chain);
}

static void clock_fell(struct opp_jtag *chain)
{
	const bool shifting =
		chain->state == OPP_JTAG_SHIFT_DR || chain->state == OPP_JTAG_SHIFT_IR;

	if (chain->state == OPP_JTAG_UPDATE_IR)
		for (uint32_t i = 0; i < chain->count; i++)
			chain->taps[i].instruction = chain->taps[i].shift;
	chain->tdo = !shifting || chain->taps[chain->count - 1].shift & 1;
}

static void show(struct opp_jtag *chain)
{
	const struct cable *cable = &cables[chain->cable];
	struct opp_sim_connector *connector = chain->peripheral.connector;
	const bool passes = (connector->wires.data & cable->enable) == cable->enable;

	opp_sim_drive_status(connector, chain->tdo && passes ? OPP_STATUS_LINES
							     : OPP_STATUS_LINES & ~cable->tdo);
}

/* ---- what the connector calls ------------------------------------------------------ */

static bool holds_taps(const struct opp_jtag *chain)
{
	return ~(uint32_t)chain->peripheral.connector->wires.data & cables[chain->cable].trst;
}

static void reset_board(struct opp_jtag *chain)
{
	chain->target_reset = chain->peripheral.connector->wires.data & cables[chain->cable].srst;
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct opp_jtag *chain = jtag_of(peripheral);
	const struct cable *cable = &cables[chain->cable];
	const uint8_t data = peripheral->connector->wires.data;
	const bool clocked = (data ^ before->data) & cable->tck;

	reset_board(chain);
	if (holds_taps(chain)) {
		reset_taps(chain);
		chain->tdo = true;
	} else if (clocked && (data & cable->tck)) {
		clock_rose(chain, data & cable->tms, data & cable->tdi);
	} else if (clocked) {
		clock_fell(chain);
	}
	show(chain);
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	struct opp_jtag *chain = jtag_of(peripheral);

	reset_board(chain);
	if (holds_taps(chain))
		reset_taps(chain);
	show(chain);
}

static const struct opp_sim_peripheral_ops jtag_ops = {
	.attached = attached,
	.wires_changed = wires_changed,
};

static bool is_a_chain(const struct opp_jtag_tap *taps, uint32_t count)
{
	if (!taps || !count || count > OPP_JTAG_MOST_TAPS)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (taps[i].ir_bits < LEAST_IR_BITS || taps[i].ir_bits > MOST_IR_BITS)
			return false;
	return true;
}

bool opp_jtag_init(struct opp_jtag *chain, enum opp_jtag_cable cable, struct opp_jtag_tap *taps,
		   uint32_t count)
{
	if (!is_a_chain(taps, count))
		return false;
	*chain = (struct opp_jtag){
		.peripheral = { .ops = &jtag_ops },
		.cable = cable,
		.taps = taps,
		.count = count,
		.tdo = true,
	};
	reset_taps(chain);
	return true;
}
