/* SPDX-License-Identifier: MIT */
/*
 * A chain of JTAG chips behind a programming cable: what OpenOCD, UrJTAG and
 * xc3sprog look for. Chips have an IDCODE and a BYPASS register; every
 * instruction but IDCODE is taken for BYPASS.
 *
 *	line      Wiggler              DLC5
 *	Data1     SRST, high resets    TDI
 *	Data2     TMS                  TCK
 *	Data3     TCK                  TMS
 *	Data4     TDI                  -
 *	Data5     nTRST                TDO passes while high
 *	TDO       Busy                 Select
 *
 * What sim.h says of contexts, times and pointers holds here.
 * Source: IEEE1284 9; OOCD; FLASHROM, for Data5 of DLC5; TAP.
 */
#ifndef OPENPARPORT_SIM_JTAG_H
#define OPENPARPORT_SIM_JTAG_H

#include <openparport/sim.h>

enum opp_jtag_cable { OPP_JTAG_WIGGLER, OPP_JTAG_DLC5 };

#define OPP_JTAG_MOST_TAPS 32

enum opp_jtag_state {
	OPP_JTAG_RESET,
	OPP_JTAG_IDLE,
	OPP_JTAG_SELECT_DR,
	OPP_JTAG_CAPTURE_DR,
	OPP_JTAG_SHIFT_DR,
	OPP_JTAG_EXIT1_DR,
	OPP_JTAG_PAUSE_DR,
	OPP_JTAG_EXIT2_DR,
	OPP_JTAG_UPDATE_DR,
	OPP_JTAG_SELECT_IR,
	OPP_JTAG_CAPTURE_IR,
	OPP_JTAG_SHIFT_IR,
	OPP_JTAG_EXIT1_IR,
	OPP_JTAG_PAUSE_IR,
	OPP_JTAG_EXIT2_IR,
	OPP_JTAG_UPDATE_IR,
};

/* One chip; the caller's storage. The first four fields are yours to set. */
struct opp_jtag_tap {
	uint32_t idcode; /* 0: none, reset selects BYPASS */
	uint32_t idcode_instruction;
	uint32_t ir_capture; /* what its instruction register shows; ends in binary 01 */
	uint8_t ir_bits;     /* 2 .. 32 */

	uint8_t shift_bits;
	uint32_t shift;
	uint32_t instruction;
};

struct opp_jtag {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	enum opp_jtag_state state;            /* public, to read: of every chip */
	bool target_reset;                    /* public, to read: SRST holds the board */
	enum opp_jtag_cable cable;
	struct opp_jtag_tap *taps;
	uint32_t count;
	bool tdo;
};

/*
 * opp_jtag_init - a chain after power-up.
 * @taps: @count chips, 1 .. OPP_JTAG_MOST_TAPS, the one nearest TDI first; must
 *	outlive @chain.
 *
 * Context: any; not while it is plugged in.
 * Returns: false when there are too few or too many chips, or one with an
 * instruction register of other than 2 .. 32 bits; then nothing was done.
 */
bool opp_jtag_init(struct opp_jtag *chain, enum opp_jtag_cable cable, struct opp_jtag_tap *taps,
		   uint32_t count);

#endif
