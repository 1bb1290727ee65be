/* SPDX-License-Identifier: MIT */
/*
 * A parallel port as the engine sees it: the one contract of every back end.
 *
 * All operations are synchronous, end within 100 us and never sleep, allocate
 * or lock. The wire belongs to one context at a time: the caller makes sure
 * that no two operations of one port overlap. None of them can fail: a back
 * end that has lost its hardware answers as an unplugged cable does (every
 * status line high) and tells its owner by its own means.
 *
 * Line operations speak levels at the connector (<openparport/wire.h>). The
 * raw_ operations speak the bits of a PC's registers, for front ends whose own
 * contract is made of them. Neither adds an access to the one it names
 * (Source: IEEE1284 P-139).
 */
#ifndef OPENPARPORT_HW_H
#define OPENPARPORT_HW_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/env.h>
#include <openparport/wire.h>

/* What a port can do: struct opp_hw.capabilities. */
#define OPP_HW_CAN_COMPAT    (1u << 0) /* data out, control out, status in */
#define OPP_HW_CAN_REVERSE   (1u << 1) /* the data lines can be inputs (PS/2 type) */
#define OPP_HW_CAN_INTERRUPT (1u << 2) /* a rising nAck can call interrupt() */

struct opp_hw;

struct opp_hw_ops {
	/* One access. Returns OPP_STATUS_LINES as levels, other bits 0. */
	uint8_t (*read_status)(struct opp_hw *hw);

	/* One access. Forward: the byte last written; reverse: the data lines. */
	uint8_t (*read_data)(struct opp_hw *hw);
	void (*write_data)(struct opp_hw *hw, uint8_t byte);

	/*
	 * read_control - OPP_CONTROL_LINES as the host last drove them. No access.
	 * write_control - the lines in @mask go to their level in @levels, all
	 * in the same instant; the others keep theirs. One access.
	 */
	uint8_t (*read_control)(struct opp_hw *hw);
	void (*write_control)(struct opp_hw *hw, uint8_t mask, uint8_t levels);

	/*
	 * set_reverse - makes the data lines inputs (true) or outputs (false).
	 * At most one access, none when they are so already. Without
	 * OPP_HW_CAN_REVERSE the lines stay outputs.
	 * is_reverse - no access.
	 */
	void (*set_reverse)(struct opp_hw *hw, bool reverse);
	bool (*is_reverse)(struct opp_hw *hw);

	/*
	 * enable_interrupt - lets a rising nAck call hw->interrupt, or not.
	 * Every other operation leaves that as it is. At most one access, none
	 * without OPP_HW_CAN_INTERRUPT.
	 */
	void (*enable_interrupt)(struct opp_hw *hw, bool enable);

	/* One access. The status register with the bits that no line feeds. */
	uint8_t (*raw_read_status)(struct opp_hw *hw);

	/*
	 * raw_read_control - the four line bits last written. No access.
	 * raw_write_control - one access; bits above the lower four of @bits
	 * are ignored, direction and interrupt enable have their own operation.
	 */
	uint8_t (*raw_read_control)(struct opp_hw *hw);
	void (*raw_write_control)(struct opp_hw *hw, uint8_t bits);
};

struct opp_hw {
	/* set by the back end, constant from then on */
	const struct opp_hw_ops *ops;
	const struct opp_env *env;
	uint32_t capabilities; /* OPP_HW_CAN_* */
	uint32_t access_ns;    /* least time of one access, see <openparport/ioport.h> */

	uint64_t accesses; /* so far; written by who drives the wire */

	/*
	 * Set by the port's owner before it enables interrupts; may be NULL.
	 * Context: interrupt level, or inside any operation of this port (a
	 * simulated one). Must not use the wire: it counts, sets a flag, wakes.
	 */
	void (*interrupt)(void *context);
	void *interrupt_context;
};

#endif
