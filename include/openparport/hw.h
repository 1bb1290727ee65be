/* SPDX-License-Identifier: MIT */
/*
 * A parallel port as the engine sees it: the one contract of every back end.
 *
 * All operations are synchronous, end within 100 us (those that move many bytes:
 * as many accesses as asked for and 100 us) and never sleep, allocate or lock; but
 * those that a system makes (OPP_HW_IS_LENT, OPP_HW_CAN_BULK) may sleep as they say.
 * The wire belongs to one context at a time: the caller makes sure that no two
 * operations of one port overlap. None of them can fail: a back end that has
 * lost its hardware answers as an unplugged cable does (every status line high)
 * and tells its owner by its own means.
 *
 * The operations of a capability may be called only, and may be NULL otherwise,
 * where struct opp_hw.capabilities has it; all others always.
 *
 * Line operations speak levels at the connector (<openparport/wire.h>). The
 * raw_ operations speak the bits of a PC's registers, for front ends whose own
 * contract is made of them. Neither adds an access to the one it names
 * (Source: IEEE1284 P-139).
 */
#ifndef OPENPARPORT_HW_H
#define OPENPARPORT_HW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openparport/env.h>
#include <openparport/status.h>
#include <openparport/wire.h>

/* Of the name of another user of a port that is lent, with its NUL. */
#define OPP_HW_USER_BYTES 32

/* What a port can do: struct opp_hw.capabilities. */
#define OPP_HW_CAN_COMPAT    (1u << 0) /* data out, control out, status in */
#define OPP_HW_CAN_REVERSE   (1u << 1) /* the data lines can be inputs (PS/2 type) */
#define OPP_HW_CAN_INTERRUPT (1u << 2) /* a rising nAck can call interrupt() */
#define OPP_HW_CAN_EPP       (1u << 3) /* EPP cycles by hardware: the epp_ operations */
#define OPP_HW_CAN_EPP_WIDE  (1u << 4) /* ... of 2 and 4 bytes an access */
#define OPP_HW_CAN_FIFO      (1u << 5) /* an ECP chip that can be used: the fifo_ operations */
#define OPP_HW_IS_LENT       (1u << 6) /* by its system, to one user at a time: claim, unclaim */
#define OPP_HW_CAN_BULK      (1u << 7) /* its system moves many bytes at once: bulk_write */

/* Modes of an ECP chip: the mode field of its ECR (IEEE1284 2.4). */
enum opp_chip_mode {
	OPP_CHIP_SPP = 0x00,
	OPP_CHIP_BYTE = 0x20,
	OPP_CHIP_FIFO = 0x40,
	OPP_CHIP_ECP = 0x60,
	OPP_CHIP_EPP = 0x80,
};

enum opp_epp_cycle {
	OPP_EPP_DATA,
	OPP_EPP_ADDRESS,
};

/* Who moves bytes through the FIFO. */
enum opp_fifo_use {
	OPP_FIFO_COMPAT,      /* out, nStrobe against Busy */
	OPP_FIFO_ECP_FORWARD, /* out, HostClk against PeriphAck */
	OPP_FIFO_ECP_REVERSE, /* in, PeriphClk against HostAck */
};

/* All 0 without OPP_HW_CAN_FIFO. */
struct opp_hw_fifo {
	uint16_t depth_words;
	uint8_t word_bytes;
	uint16_t write_threshold_words; /* so many free words are a service condition; 0: unknown */
	uint16_t read_threshold_words;  /* so many words to read are one; 0: unknown */
	bool counts_all; /* a byte fills its place until it is taken: fifo_stop tells of it, too */
};

struct opp_hw;

struct opp_hw_ops {
	/*
	 * A port that its system lends (OPP_HW_IS_LENT) is ours from a claim that
	 * succeeded to the unclaim, and only between these two is any other
	 * operation called.
	 * claim - asks for the port, or asks again. Never waits for who has it.
	 *	Afterwards control lines are at idle, data lines outputs and
	 *	interrupts enabled.
	 *	Returns: OPP_SUCCESS; OPP_PENDING (another user of the system has
	 *	it, see lent_to: ask again in a millisecond); OPP_NO_SUCH_DEVICE (it
	 *	is gone, and nothing is asked for any more: no unclaim follows).
	 * unclaim - gives it back, also when it is gone, or gives up what claim
	 *	has asked for.
	 */
	enum opp_status (*claim)(struct opp_hw *hw);
	void (*unclaim)(struct opp_hw *hw);

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
	 * OPP_HW_CAN_REVERSE the lines stay outputs. An ECP chip in another
	 * mode than BYTE or EPP is put in BYTE mode first: one access more.
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

	/*
	 * set_chip_mode - puts an ECP chip into @mode, by way of BYTE where the
	 * chip asks for it; BYTE is how it rests. At most two accesses. A chip
	 * without modes is always in SPP and, with OPP_HW_CAN_EPP, in EPP.
	 * Returns: OPP_SUCCESS, or OPP_NO_SUCH_DEVICE when the chip has no such mode.
	 */
	enum opp_status (*set_chip_mode)(struct opp_hw *hw, enum opp_chip_mode mode);

	/*
	 * restore - the port has had no power, or others have driven its registers:
	 * what these are to hold is written again, whatever they held. Control
	 * lines at idle, data lines outputs, an ECP chip in SPP mode; the
	 * interrupt enable as it was. At most two accesses. May be NULL where
	 * there are no registers: set_chip_mode and the line operations do.
	 */
	void (*restore)(struct opp_hw *hw);

	/*
	 * EPP by hardware (OPP_HW_CAN_EPP). Between start and stop only these are
	 * used, and read_status.
	 * epp_start - the lines (and the chip) made ready for cycles that write
	 *	or, with @reverse, read. No time-out of the past is left.
	 * epp_write, epp_read - cycles of @width bytes (1; 2 and 4 for data with
	 *	OPP_HW_CAN_EPP_WIDE; @length is a multiple of it). One access each.
	 *	Returns the bytes of accesses that did not time out; fewer than
	 *	@length: the next one did, and the chip's flag is cleared again.
	 *	What a cycle of several bytes moved before it timed out is unknown.
	 * epp_stop - lines at EPP idle, forward; the chip in BYTE mode if it has one.
	 *	set_chip_mode(BYTE) in its stead leaves lines and direction as they are.
	 */
	void (*epp_start)(struct opp_hw *hw, bool reverse);
	size_t (*epp_write)(struct opp_hw *hw, enum opp_epp_cycle cycle, const uint8_t *bytes,
			    size_t length, uint32_t width);
	size_t (*epp_read)(struct opp_hw *hw, enum opp_epp_cycle cycle, uint8_t *bytes,
			   size_t length, uint32_t width);
	void (*epp_stop)(struct opp_hw *hw);

	/*
	 * bulk_write - bytes in compatibility mode, by the system's own driver
	 *	(OPP_HW_CAN_BULK); control lines at idle, data lines outputs, before
	 *	and after. May sleep, 100 ms in all as a rule. Ends at a byte that the
	 *	peripheral does not take soon.
	 *	Returns how many it has taken. 0: now it moves none, the lines do.
	 * EPP accesses of such a system may be as many as it likes at once: it
	 * sleeps in between.
	 */
	size_t (*bulk_write)(struct opp_hw *hw, const uint8_t *bytes, size_t length);

	/*
	 * Bytes through the FIFO of an ECP chip (OPP_HW_CAN_FIFO). Between start
	 * and stop only these, read_status and write_control of nInit are used.
	 * fifo_start - enters the mode; lines and direction are set for it before
	 *	by the caller: nStrobe and nAutoFd high, in reverse too, so that no
	 *	byte begins before the chip owns them; fifo_stop gives them back
	 *	high. A rising nAck does not interrupt until fifo_stop.
	 * fifo_write - puts in what surely fits: all of an empty FIFO, the
	 *	threshold after a service condition that was armed, else nothing.
	 *	@command: ECP command bytes.
	 * fifo_read - takes out what surely is there: all of a full FIFO, the
	 *	threshold after a service condition that was armed, else one byte.
	 *	Both: one access a byte, and one to look, where no earlier look has
	 *	proven room or data. Return the bytes moved; when fewer than asked
	 *	for, another call may move more.
	 * fifo_is_empty, fifo_is_full - one access. Forward, the last byte may
	 *	still be on its way out of an empty FIFO: Busy tells (P-042). In
	 *	reverse a full FIFO is in the middle of no byte.
	 * fifo_arm - lets the next service condition call hw->interrupt, once. At
	 *	most one access, none without OPP_HW_CAN_INTERRUPT.
	 * fifo_stop - back to BYTE mode. Forward, gives a FIFO that moves some
	 *	time to become empty, and its last byte 20 us. Returns how many
	 *	bytes written last the peripheral never took; the FIFO is empty
	 *	afterwards. Of an ECP byte that has left the FIFO, but was not taken,
	 *	only fifo.counts_all tells. What a reverse FIFO still
	 *	holds is lost, so drain it first (P-046).
	 */
	void (*fifo_start)(struct opp_hw *hw, enum opp_fifo_use use);
	size_t (*fifo_write)(struct opp_hw *hw, const uint8_t *bytes, size_t length, bool command);
	size_t (*fifo_read)(struct opp_hw *hw, uint8_t *bytes, size_t length);
	bool (*fifo_is_empty)(struct opp_hw *hw);
	bool (*fifo_is_full)(struct opp_hw *hw);
	void (*fifo_arm)(struct opp_hw *hw);
	size_t (*fifo_stop)(struct opp_hw *hw);
};

struct opp_hw {
	/* set by the back end, constant from then on */
	const struct opp_hw_ops *ops;
	const struct opp_env *env;
	uint32_t capabilities; /* OPP_HW_CAN_* */
	uint32_t access_ns;    /* least time of one access, see <openparport/ioport.h> */
	struct opp_hw_fifo fifo;

	uint64_t accesses; /* so far; written by who drives the wire */

	/*
	 * The user of the system that a claim in vain has found, for people to read;
	 * empty: who, is not known. Written by claim.
	 */
	char lent_to[OPP_HW_USER_BYTES];

	/*
	 * Set by the port's owner before it enables interrupts; may be NULL.
	 * Context: interrupt level, or inside any operation of this port (a
	 * simulated one). Must not use the wire: it counts, sets a flag, wakes.
	 */
	void (*interrupt)(void *context);
	void *interrupt_context;
};

#endif
