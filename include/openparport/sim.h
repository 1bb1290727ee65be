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
 *	  an interrupt. OPP_SIM_NEVER is no time to sleep until or to add to.
 *
 * All storage is the caller's; nothing is allocated. Fields are private except
 * where noted. Every peripheral has a header of its own, sim_<what>.h. This knows
 * nothing of the engine: it can stand below any driver. docs/embedding.md shows it
 * in use.
 *
 * For all that is declared here: a name in _ns is nanoseconds of virtual time; a
 * pointer is not NULL unless that is said; nothing waits, locks or fails, and what
 * a host does wrong is reported to it by host_error only. Context: any, one at a
 * time for a chip and what hangs on it. A callback may not call back into the
 * chip, unless it is a peripheral's.
 *
 * Source: IEEE1284 1, 2, 5.4, 5.5; docs/decisions/0017 where that is silent.
 */
#ifndef OPENPARPORT_SIM_H
#define OPENPARPORT_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/wire.h>

/* ---- time ----------------------------------------------------------------------- */

/* Virtual time, in nanoseconds from 0, ends after 292 years: what is due later never comes. */
#define OPP_SIM_LAST_NS (UINT64_MAX / 2)
#define OPP_SIM_NEVER   UINT64_MAX

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
 * @at_ns: not after the present means as soon as time moves; OPP_SIM_NEVER, or
 *	anything else after OPP_SIM_LAST_NS: off.
 * Alarms of one time ring in the order in which they were set.
 */
void opp_sim_set_alarm(struct opp_sim *sim, struct opp_sim_alarm *alarm, uint64_t at_ns);

/*
 * opp_sim_advance_to - lets time pass; what is due rings in order.
 * @now_ns: an earlier time than the present does nothing, and so does one after
 *	OPP_SIM_LAST_NS: an edge at OPP_SIM_NEVER is not one to go to.
 */
void opp_sim_advance_to(struct opp_sim *sim, uint64_t now_ns);

/* When something happens next if no register is accessed. OPP_SIM_NEVER: all wait for the host. */
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
 * opp_sim_plug - plugs a peripheral in, in place of what was there; NULL: nothing.
 *	It stays the caller's, in one connector at a time.
 * opp_sim_unplug - every status line floats high, the data lines are released.
 *	nAck that was low rises with them, and interrupts where that is enabled.
 */
void opp_sim_plug(struct opp_sim_connector *connector, struct opp_sim_peripheral *peripheral);
void opp_sim_unplug(struct opp_sim_connector *connector);

/*
 * opp_sim_drive - what a peripheral drives from now on, all in one instant.
 * @status: the levels of all five status lines.
 * @data: 0 pulls a data line low; 0xff releases them all.
 * The other two change the one and keep the other.
 */
void opp_sim_drive(struct opp_sim_connector *connector, uint8_t status, uint8_t data);
void opp_sim_drive_status(struct opp_sim_connector *connector, uint8_t levels);
void opp_sim_drive_data(struct opp_sim_connector *connector, uint8_t levels);

/*
 * For the owner of a connector.
 *
 * power - gives it a chip's clock, @sim NULL takes it away; the peripheral in it
 *	is attached or detached.
 * show - the host's side of the lines is now this; the peripheral is told when
 *	that changes wires.
 */
void opp_sim_power(struct opp_sim_connector *connector, struct opp_sim *sim);
void opp_sim_show(struct opp_sim_connector *connector, uint8_t data, uint8_t control);

/* ---- the chip ------------------------------------------------------------------ */

enum opp_sim_chip {
	OPP_SIM_SPP,     /* data lines are outputs, always */
	OPP_SIM_PS2,     /* CTL.5 makes the data lines inputs */
	OPP_SIM_EPP,     /* as PS2, with EPP cycles at +3 .. +7 */
	OPP_SIM_ECP,     /* as PS2, with an ECR and a FIFO at +0x400 .. +0x402 */
	OPP_SIM_ECP_EPP, /* as ECP, with EPP cycles in ECR mode 100 */
	OPP_SIM_NO_PORT, /* nothing decodes the address: reads 0xff */
};

enum opp_sim_epp_version {
	OPP_SIM_EPP_1_9, /* a cycle waits for nWait low before its strobe */
	OPP_SIM_EPP_1_7, /* it does not */
};

/* How STS.0, once an EPP cycle has timed out, goes back to 0. */
enum opp_sim_timeout_clear {
	OPP_SIM_CLEAR_WRITE_1,
	OPP_SIM_CLEAR_WRITE_0,
	OPP_SIM_CLEAR_READ,       /* the read that shows 1 is the last that does */
	OPP_SIM_CLEAR_READ_TWICE, /* the second read that shows it */
};

/* What STS.0 is where no EPP cycle can be made (in ECR modes other than 100, too). */
enum opp_sim_bit0 {
	OPP_SIM_BIT0_USUAL, /* 0 on a chip with EPP, 1 on others */
	OPP_SIM_BIT0_LOW,
	OPP_SIM_BIT0_HIGH,
	OPP_SIM_BIT0_CLEARABLE, /* the time-out bit: EPP seems to be there */
};

/* The size of a word of the FIFO, as cnfgA tells it. */
enum opp_sim_pword {
	OPP_SIM_PWORD_1,
	OPP_SIM_PWORD_2,
	OPP_SIM_PWORD_4,
	OPP_SIM_PWORD_RESERVED, /* an implementation id that means nothing: 1 byte */
};

#define OPP_SIM_FIFO_MOST_WORDS 64

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
	OPP_SIM_SPLIT_EVENT,       /* lines of event 1 or 4 changed one after the other */
	OPP_SIM_REQUEST_CHANGED,   /* data changed between events 1 and 4 */
	OPP_SIM_INIT_IN_HANDSHAKE, /* a reset where nobody was to be reset */
	OPP_SIM_SLOW_HOST,         /* more than 1 s within a handshake */
	OPP_SIM_BUS_FIGHT,         /* host and peripheral drive a data line to different levels */
	OPP_SIM_CLOCK_WHILE_BUSY,  /* ECP: HostClk fell while PeriphAck was high */
	OPP_SIM_RLE_NOT_AGREED,    /* ECP: a run length where 0x30 was not negotiated */
	OPP_SIM_TERMINATED_IN_REVERSE, /* ECP: data of the peripheral may be lost */
	OPP_SIM_BOTH_EPP_STROBES,      /* EPP is not ended by events 22 to 28 */

	/* an ECP chip */
	OPP_SIM_MODE_JUMP,         /* between two ECR modes >= 010, not from a FIFO to its test */
	OPP_SIM_TURN_IN_FIFO_MODE, /* CTL.5 changed in ECR mode 010 or 011 */
	OPP_SIM_FIFO_OVERRUN,      /* written while full, not in test mode: the word is lost */
	OPP_SIM_FIFO_UNDERRUN,     /* read while empty, not in test mode */
};

#define OPP_SIM_HOST_ERRORS (OPP_SIM_FIFO_UNDERRUN + 1) /* how many there are: the last one's */

/* All zero is a plain SPP port. */
struct opp_sim_options {
	enum opp_sim_chip chip;
	uint16_t base;    /* its I/O address; there is no EPP at 0x3bc */
	bool after_reset; /* as hardware reset leaves it: CTL 0x00; else as the BIOS does */
	uint8_t control_high_bits; /* what CTL.7 and CTL.6 read as: 0x00 .. 0xc0 */
	uint8_t status_low_bits;   /* what STS.2 and STS.1 read as: 0x00 .. 0x06 */
	bool control_unreadable;   /* CTL reads 0xff */
	bool extended_is_control;  /* base + 0x402 decodes as CTL (old 10-bit decoders) */
	bool data_overpowered;     /* a peripheral's low pulls a driven data line low */

	enum opp_sim_epp_version epp_version;
	enum opp_sim_timeout_clear timeout_clear;
	enum opp_sim_bit0 bit0;
	bool timeout_blocks;   /* DATA and CTL ignore writes until a time-out is cleared */
	bool epp_in_ps2_modes; /* ECP_EPP: EPP cycles in ECR modes 000 and 001, both ways, too */

	uint8_t fifo_words;           /* 1 .. OPP_SIM_FIFO_MOST_WORDS; 0: 16 */
	uint8_t fifo_threshold;       /* service at fifo_words less this; 0: half the FIFO */
	enum opp_sim_pword pword;     /* a narrower access leaves the upper bytes 0xff */
	bool full_counts_transmitter; /* cnfgA.2: the byte under way still fills its place */
	bool fifo_never_fills;        /* there is none: test mode never shows full */
	uint8_t config_b;             /* what cnfgB reads as; bit 7 is always 0 */

	void *context;                    /* of the callbacks, each of which may be NULL */
	void (*interrupt)(void *context); /* nAck rose, nFault fell, FIFO service: as enabled */
	void (*host_error)(void *context, enum opp_sim_host_error error, uint64_t now_ns);
};

enum opp_sim_register {
	OPP_SIM_DATA, /* in ECR mode 011: ecpAFifo */
	OPP_SIM_STATUS,
	OPP_SIM_CONTROL,
	OPP_SIM_EPP_ADDRESS,
	OPP_SIM_EPP_DATA, /* +4 .. +7 */
	OPP_SIM_FIFO,     /* cFifo, ecpDFifo, tFifo; in ECR mode 111: cnfgA */
	OPP_SIM_CONFIG_B,
	OPP_SIM_ECR,
	OPP_SIM_NOWHERE, /* none of them: at this offset nothing answers */
};

#define OPP_SIM_REGISTERS (OPP_SIM_NOWHERE + 1)

/* Register accesses since opp_sim_init, of whatever width, by enum opp_sim_register. */
struct opp_sim_counts {
	uint64_t reads[OPP_SIM_REGISTERS];
	uint64_t writes[OPP_SIM_REGISTERS];
};

/* Private. The words that wait between the bus and the handshake. */
struct opp_sim_fifo {
	uint32_t words[OPP_SIM_FIFO_MOST_WORDS];
	bool commands[OPP_SIM_FIFO_MOST_WORDS];
	uint32_t depth, threshold, word_bytes;
	uint32_t head, count;
	uint32_t last_read;
};

enum opp_sim_handshake {
	OPP_SIM_RESTS,   /* nothing to send, or the peripheral is not ready */
	OPP_SIM_SETUP,   /* data shown, the strobe is due */
	OPP_SIM_ASKS,    /* HostClk low until PeriphAck high */
	OPP_SIM_STROBES, /* nStrobe low */
	OPP_SIM_HOLDS,   /* nStrobe high, data stays */
	OPP_SIM_OFFERED, /* reverse: PeriphClk low, HostAck not high yet */
	OPP_SIM_TAKES,   /* reverse: HostAck high until PeriphClk high */
	OPP_SIM_STORES,  /* reverse: HostAck high until the byte is in the FIFO */
};

/* Private. What moves bytes in ECR modes 010 and 011. */
struct opp_sim_mover {
	struct opp_sim_alarm alarm;
	enum opp_sim_handshake state;
	bool stepping;
	uint32_t word;      /* on its way out, the next byte lowest; or in, as far as it came */
	uint32_t bytes;     /* of it */
	bool command;       /* what is sent or taken is one */
	uint8_t run_length; /* reverse: the RLE count that came before the next byte */
	uint8_t byte;       /* reverse: the byte taken ... */
	uint32_t copies;    /* ... of which so many are not in the FIFO yet */
};

struct opp_sim {
	struct opp_sim_options options;
	struct opp_sim_counts counts;       /* public, to read */
	struct opp_sim_connector connector; /* public: plug in here */
	uint64_t now_ns;                    /* public, to read: opp_sim_advance_to moves it */

	struct opp_sim_alarm *alarms; /* by time */
	uint8_t decoder[12];          /* enum opp_sim_register of +0 .. +7, +0x400 .. +0x403 */
	uint8_t data_latch;           /* what the host drives, or would */
	uint8_t control_latch;
	uint8_t driven_data;      /* the chip's side: the latch, or 0xff where it lets go ... */
	bool data_yields;         /* ... and whether the peripheral can pull it low */
	uint8_t owned_control;    /* CTL bits that hardware drives, not the latch ... */
	uint8_t hardware_control; /* ... like this */
	uint8_t ecr;              /* without full and empty; its mode, on chips without one */
	uint8_t unfinished_bytes; /* of a word, when the FIFO mode was left */
	uint8_t timeout_reads;    /* of STATUS that may still show the time-out */
	bool has_epp;
	bool timed_out;
	bool epp_reads; /* a cycle has the data lines as inputs, whatever the mode */
	bool fighting;  /* over a data line */
	struct opp_sim_fifo fifo;
	struct opp_sim_mover mover;
};

/*
 * opp_sim_init - a chip with nothing attached, at time 0: DATA 0x00, CTL 0x0c
 * or 0x00, ECR 0x15. Not for one that is in use: detach what is plugged in first,
 * or reset it.
 * @options: copied; what is out of its range is brought into it.
 */
void opp_sim_init(struct opp_sim *sim, const struct opp_sim_options *options);

/*
 * opp_sim_reset - the bus was reset: registers as hardware leaves them (CTL 0x00,
 * nInit low), an empty FIFO, no time-out. Time, alarms, counts and what is plugged
 * in stay; the peripheral sees its lines change.
 */
void opp_sim_reset(struct opp_sim *sim);

/*
 * opp_sim_read, opp_sim_write - one access to the register at @offset from the
 * port's base: 0 DATA, 1 STATUS, 2 CONTROL, 3 .. 7 EPP, 0x400 .. 0x402 ECP.
 * Any other offset, and any where nothing answers, reads as 0xff. All lines that one write changes
 * change in the same instant. An EPP cycle takes virtual time inside the access,
 * as much as the peripheral takes and at most 12 us.
 */
uint8_t opp_sim_read(struct opp_sim *sim, uint32_t offset);
void opp_sim_write(struct opp_sim *sim, uint32_t offset, uint8_t value);

/*
 * The same for 2 and 4 bytes at once, least significant first: one word of a
 * FIFO that is wide enough; elsewhere as many accesses to consecutive offsets, a
 * FIFO of bytes included: its other bytes reach cnfgB and the ECR.
 */
uint16_t opp_sim_read16(struct opp_sim *sim, uint32_t offset);
uint32_t opp_sim_read32(struct opp_sim *sim, uint32_t offset);
void opp_sim_write16(struct opp_sim *sim, uint32_t offset, uint16_t value);
void opp_sim_write32(struct opp_sim *sim, uint32_t offset, uint32_t value);

/* opp_sim_accesses - all of counts together. */
uint64_t opp_sim_accesses(const struct opp_sim *sim);

/* opp_sim_terminal_count - the DMA channel you play has moved its last byte (dmaEn is set). */
void opp_sim_terminal_count(struct opp_sim *sim);

/* The short form of opp_sim_plug and opp_sim_unplug for the chip's connector. */
void opp_sim_attach(struct opp_sim *sim, struct opp_sim_peripheral *peripheral);
void opp_sim_detach(struct opp_sim *sim);

/* opp_sim_report - tells host_error that the host made a mistake. */
void opp_sim_report(struct opp_sim *sim, enum opp_sim_host_error error);

/* A host error in words, for a log; static. */
const char *opp_sim_host_error_text(enum opp_sim_host_error error);

#endif
