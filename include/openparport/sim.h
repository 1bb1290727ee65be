/* SPDX-License-Identifier: MIT */
/*
 * A simulated PC parallel port and what hangs on it, for emulators and tests.
 *
 *	registers --> chip --> connector --> peripheral --> bytes
 *	   you        struct opp_sim         sim_centronics.h, or your own
 *
 * Time is virtual and yours: nothing happens between two calls, and a register
 * access takes none of it by itself. Two ways to run:
 *
 *	- move time with opp_sim_advance_to() before each access, as an emulated
 *	  CPU would, or
 *	- sleep until opp_sim_next_edge_ns() and advance to it, when you wait for
 *	  an interrupt.
 *
 * All storage is the caller's; nothing is allocated. Fields are private except
 * where noted. One context at a time uses a chip and its peripheral; a callback
 * may not call back into the chip, unless it is a peripheral's.
 *
 * Every peripheral has a header of its own, sim_<what>.h. This knows nothing of
 * the engine: it can stand below any driver. examples/emulator.c shows it in use.
 */
#ifndef OPENPARPORT_SIM_H
#define OPENPARPORT_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/wire.h>

#define OPP_SIM_NEVER UINT64_MAX

/* ---- time ----------------------------------------------------------------------- */

struct opp_sim;

/* One timer of virtual time. Embed it, zero it, set ring; the rest is private. */
struct opp_sim_alarm {
	void (*ring)(struct opp_sim_alarm *alarm); /* its time has come and is sim->now_ns */
	uint64_t at_ns;
	struct opp_sim_alarm *next;
	bool set;
};

/*
 * opp_sim_set_alarm - rings @alarm once, in place of a time set before.
 * @at_ns: not after the present means as soon as time moves; OPP_SIM_NEVER: off.
 * Alarms of one time ring in the order in which they were set.
 */
void opp_sim_set_alarm(struct opp_sim *sim, struct opp_sim_alarm *alarm, uint64_t at_ns);

/*
 * opp_sim_advance_to - lets time pass; what is due rings in order.
 * @now_ns: an earlier time than the present does nothing.
 */
void opp_sim_advance_to(struct opp_sim *sim, uint64_t now_ns);

/* When something happens next if no register is accessed; OPP_SIM_NEVER: all wait for the host. */
uint64_t opp_sim_next_edge_ns(const struct opp_sim *sim);

/* ---- the connector ---------------------------------------------------------------- */

struct opp_sim_peripheral;

/*
 * A female connector: what a peripheral plugs into. A chip has one; so has
 * whatever hands its lines on. Its owner sets driven() and makes wires of what
 * both sides drive.
 */
struct opp_sim_connector {
	struct opp_sim *sim;                   /* clock and reports; NULL while it has no power */
	struct opp_wires wires;                /* public, to read: the levels here, now */
	struct opp_sim_peripheral *peripheral; /* NULL: nothing plugged in */
	uint8_t peripheral_status;             /* what the peripheral drives: levels */
	uint8_t peripheral_data;               /* 0: it pulls the line low */

	/*
	 * The peripheral has changed what it drives: the owner updates wires,
	 * without opp_sim_show. wires is still as it was before. Only with power.
	 */
	void (*driven)(struct opp_sim_connector *connector);
};

/*
 * attached - the cable was plugged in, or got power: drive the status lines.
 * detached - about to end: alarms off. May be NULL.
 * wires_changed - a register write changed @before into connector->wires, all
 *	at once; only data and control differ.
 * They and a peripheral's alarms may drive, set alarms and report, nothing else.
 */
struct opp_sim_peripheral_ops {
	void (*attached)(struct opp_sim_peripheral *peripheral);
	void (*detached)(struct opp_sim_peripheral *peripheral);
	void (*wires_changed)(struct opp_sim_peripheral *peripheral,
			      const struct opp_wires *before);
};

/* Embed it; set ops. */
struct opp_sim_peripheral {
	const struct opp_sim_peripheral_ops *ops;
	struct opp_sim_connector *connector; /* NULL: unplugged, or without power */
};

/*
 * opp_sim_plug - plugs a peripheral in, in place of what was there.
 * opp_sim_unplug - every status line floats high, the data lines are released.
 */
void opp_sim_plug(struct opp_sim_connector *connector, struct opp_sim_peripheral *peripheral);
void opp_sim_unplug(struct opp_sim_connector *connector);

/* What a peripheral drives: all five status lines; 0 pulls a data line low, 0xff releases them. */
void opp_sim_drive_status(struct opp_sim_connector *connector, uint8_t levels);
void opp_sim_drive_data(struct opp_sim_connector *connector, uint8_t levels);

/*
 * For the owner of a connector.
 *
 * power - gives it a chip's clock, NULL takes it away; the peripheral in it is
 *	attached or detached.
 * show - the host's side of the lines is now this; the peripheral is told when
 *	that changes wires.
 */
void opp_sim_power(struct opp_sim_connector *connector, struct opp_sim *sim);
void opp_sim_show(struct opp_sim_connector *connector, uint8_t data, uint8_t control);

/* ---- the chip ------------------------------------------------------------------ */

enum opp_sim_chip {
	OPP_SIM_SPP,     /* data lines are outputs, always */
	OPP_SIM_PS2,     /* CTL.5 makes the data lines inputs */
	OPP_SIM_NO_PORT, /* nothing decodes the address: reads 0xff */
};

/* What a driver did that real hardware or a real printer could resent. */
enum opp_sim_host_error {
	OPP_SIM_STROBE_WHILE_BUSY, /* the printer loses the byte */
	OPP_SIM_SHORT_SETUP,       /* data changed less than 500 ns before nStrobe fell */
	OPP_SIM_SHORT_STROBE,      /* nStrobe low for less than 500 ns */
	OPP_SIM_LONG_STROBE,       /* nStrobe low for more than 500 us */
	OPP_SIM_SHORT_HOLD,        /* data changed less than 450 ns after nStrobe rose */
	OPP_SIM_DATA_CHANGED_IN_STROBE,
	OPP_SIM_SHORT_INIT, /* nInit low for less than 500 ns: not seen as a reset */

	/* IEEE 1284 */
	OPP_SIM_STROBE_BEFORE_EVENT_2,
	OPP_SIM_SPLIT_EVENT,           /* lines of event 1 or 4 changed one after the other */
	OPP_SIM_REQUEST_CHANGED,       /* data changed between events 1 and 4 */
	OPP_SIM_INIT_IN_HANDSHAKE,     /* a reset where nobody was to be reset */
	OPP_SIM_SLOW_HOST,             /* more than 1 s within a handshake */
	OPP_SIM_BUS_FIGHT,             /* the host drives data lines that are the peripheral's */
	OPP_SIM_CLOCK_WHILE_BUSY,      /* ECP: HostClk fell while PeriphAck was high */
	OPP_SIM_RLE_NOT_AGREED,        /* ECP: a run length where 0x30 was not negotiated */
	OPP_SIM_TERMINATED_IN_REVERSE, /* ECP: data of the peripheral may be lost */
	OPP_SIM_BOTH_EPP_STROBES,      /* EPP is not ended by events 22 to 28 */
};

/* All zero is a plain SPP port. */
struct opp_sim_options {
	enum opp_sim_chip chip;
	uint8_t control_high_bits; /* what CTL.7 and CTL.6 read as: 0x00 .. 0xc0 */
	uint8_t status_low_bits;   /* what STS.2 .. STS.0 read as: 0x00 .. 0x07 */
	bool control_unreadable;   /* CTL reads 0xff */
	bool extended_is_control;  /* base + 0x402 decodes as CTL (old 10-bit decoders) */
	bool data_overpowered;     /* a peripheral's low pulls a driven data line low */

	void *context;                    /* of the callbacks, each of which may be NULL */
	void (*interrupt)(void *context); /* nAck rose while CTL.4 was set */
	void (*host_error)(void *context, enum opp_sim_host_error error, uint64_t now_ns);
};

/* Register accesses since opp_sim_init; index 0 DATA, 1 STATUS, 2 CONTROL. */
struct opp_sim_counts {
	uint64_t reads[3];
	uint64_t writes[3];
	uint64_t elsewhere; /* accesses to an offset that decodes as none of them */
};

struct opp_sim {
	struct opp_sim_options options;
	struct opp_sim_counts counts;       /* public, to read */
	struct opp_sim_connector connector; /* public: plug in here */
	uint64_t now_ns;                    /* public, to read: opp_sim_advance_to moves it */

	struct opp_sim_alarm *alarms; /* by time */
	uint8_t data_latch;
	uint8_t control_latch;
};

/*
 * opp_sim_init - a chip as the BIOS leaves it: DATA 0x00, CTL 0x0c, nothing
 * attached, time 0.
 * @options: copied.
 */
void opp_sim_init(struct opp_sim *sim, const struct opp_sim_options *options);

/*
 * opp_sim_read, opp_sim_write - one access to the register at @offset from the
 * port's base (0 DATA, 1 STATUS, 2 CONTROL; others read 0xff). All lines that
 * one write changes change in the same instant.
 */
uint8_t opp_sim_read(struct opp_sim *sim, uint32_t offset);
void opp_sim_write(struct opp_sim *sim, uint32_t offset, uint8_t value);

/* The short form of opp_sim_plug and opp_sim_unplug for the chip's connector. */
void opp_sim_attach(struct opp_sim *sim, struct opp_sim_peripheral *peripheral);
void opp_sim_detach(struct opp_sim *sim);

/* opp_sim_report - tells host_error that the host made a mistake. */
void opp_sim_report(struct opp_sim *sim, enum opp_sim_host_error error);

/* A host error in words, for a log; static. */
const char *opp_sim_host_error_text(enum opp_sim_host_error error);

#endif
