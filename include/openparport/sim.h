/* SPDX-License-Identifier: MIT */
/*
 * A simulated PC parallel port and what hangs on it, for emulators and tests.
 *
 *	registers --> chip --> wires --> peripheral --> bytes
 *	   you        struct opp_sim      struct opp_centronics, or your own
 *
 * Time is virtual and yours: nothing happens between two calls, and a register
 * access takes none of it by itself. Two ways to run:
 *
 *	- move time with opp_sim_advance_to() before each access, as an emulated
 *	  CPU would, or
 *	- sleep until opp_sim_next_edge_ns() and advance to it, when you wait for
 *	  an interrupt.
 *
 * All storage is the caller's; nothing is allocated. The fields of struct
 * opp_sim and struct opp_centronics are private except where noted. One context
 * at a time uses a chip and its peripheral; a callback may not call back into
 * the chip, unless it is a peripheral's.
 *
 * This knows nothing of the engine: it can stand below any driver.
 * examples/emulator.c shows all of it in use.
 */
#ifndef OPENPARPORT_SIM_H
#define OPENPARPORT_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/wire.h>

#define OPP_SIM_NEVER UINT64_MAX

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

struct opp_sim_peripheral;

struct opp_sim {
	struct opp_sim_options options;
	struct opp_sim_counts counts; /* public, to read */
	struct opp_wires wires;       /* public, to read: levels at the connector, now */
	uint64_t now_ns;              /* public, to read: move it with opp_sim_advance_to */

	uint64_t wake_ns;
	struct opp_sim_peripheral *peripheral;
	uint8_t data_latch;
	uint8_t control_latch;
	uint8_t peripheral_data;
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

/*
 * opp_sim_advance_to - lets time pass; the peripheral's timers run in order.
 * @now_ns: an earlier time than the present does nothing.
 */
void opp_sim_advance_to(struct opp_sim *sim, uint64_t now_ns);

/* When the peripheral acts next if no register is written; OPP_SIM_NEVER: it waits too. */
uint64_t opp_sim_next_edge_ns(const struct opp_sim *sim);

/* A host error in words, for a log; static. */
const char *opp_sim_host_error_text(enum opp_sim_host_error error);

/* ---- peripherals ---------------------------------------------------------------- */

/*
 * attached - the cable was plugged in: drive the status lines.
 * wires_changed - a register write changed @before into sim->wires, all at once.
 * timer - the time asked for with opp_sim_wake_at has come; it is sim->now_ns.
 * All are called by the chip, may use the four calls below and nothing else.
 */
struct opp_sim_peripheral_ops {
	void (*attached)(struct opp_sim_peripheral *peripheral);
	void (*wires_changed)(struct opp_sim_peripheral *peripheral,
			      const struct opp_wires *before);
	void (*timer)(struct opp_sim_peripheral *peripheral);
};

/* Embed it; set ops. */
struct opp_sim_peripheral {
	const struct opp_sim_peripheral_ops *ops;
	struct opp_sim *sim; /* NULL while not attached */
};

/*
 * opp_sim_attach - plugs a peripheral in, in place of what was there.
 * opp_sim_detach - unplugs it: every status line floats high, timers stop.
 */
void opp_sim_attach(struct opp_sim *sim, struct opp_sim_peripheral *peripheral);
void opp_sim_detach(struct opp_sim *sim);

/*
 * What a peripheral, and only the attached one, does to its chip.
 *
 * drive_status - all five status lines in one instant.
 * drive_data - pulls low the data lines that are 0 in @levels; seen where the
 *	host does not drive them. 0xff releases them.
 * wake_at - one timer; a new time replaces the old one. A time that is not
 *	after sim->now_ns means as soon as time moves.
 * report - tells host_error that the host made a mistake.
 */
void opp_sim_drive_status(struct opp_sim *sim, uint8_t levels);
void opp_sim_drive_data(struct opp_sim *sim, uint8_t levels);
void opp_sim_wake_at(struct opp_sim *sim, uint64_t at_ns);
void opp_sim_report(struct opp_sim *sim, enum opp_sim_host_error error);

/* ---- a Centronics printer --------------------------------------------------------- */

enum opp_sim_ack_order {
	OPP_SIM_ACK_IN_BUSY,    /* nAck low and high again, then Busy falls (IEEE 1284) */
	OPP_SIM_ACK_AFTER_BUSY, /* Busy falls as the nAck pulse starts */
	OPP_SIM_ACK_WHILE_BUSY, /* Busy falls in the middle of the nAck pulse */
};

/* What can be wrong with it. */
#define OPP_CENTRONICS_PAPER_OUT   (1u << 0)
#define OPP_CENTRONICS_OFF_LINE    (1u << 1)
#define OPP_CENTRONICS_ERROR       (1u << 2)
#define OPP_CENTRONICS_POWERED_OFF (1u << 3) /* loses the buffer; drives every line low */

/* All zero is a printer that is always ready again before the host's next byte. */
struct opp_centronics_options {
	enum opp_sim_ack_order ack_order;
	uint32_t ack_ns;                /* width of nAck, 500 .. 10,000; 0: 500 */
	uint32_t characters_per_second; /* how fast it prints; 0: at once */
	uint32_t busy_every_bytes;      /* after every nth byte taken ... */
	uint32_t busy_extra_us;         /* ... Busy stays high for that much longer */
	uint8_t *buffer;                /* bytes wait here while it prints; NULL: one by one */
	uint32_t buffer_bytes;

	void *context;
	/*
	 * Called in order, when a byte is printed; may be NULL. Returns false when
	 * that cannot be now: the printer keeps the byte, see opp_centronics_resume.
	 */
	bool (*print)(void *context, uint8_t byte);
};

enum opp_centronics_state {
	OPP_CENTRONICS_IDLE,      /* Busy low, unless something is wrong */
	OPP_CENTRONICS_TAKING,    /* nStrobe is low, the byte is latched */
	OPP_CENTRONICS_WORKING,   /* until the latched byte is stored or printed */
	OPP_CENTRONICS_ACK,       /* nAck is low */
	OPP_CENTRONICS_ACK_READY, /* nAck is low, Busy has fallen already */
	OPP_CENTRONICS_RESET,     /* nInit is low */
	OPP_CENTRONICS_DEAD,      /* no power */
};

struct opp_centronics {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	uint64_t printed;                     /* public, to read: bytes printed so far */
	struct opp_centronics_options options;
	uint32_t char_ns;
	uint32_t conditions;
	enum opp_centronics_state state;
	uint64_t step_at_ns;     /* when the handshake goes on by itself */
	uint64_t print_at_ns;    /* when the next buffered byte is printed */
	uint64_t reset_at_ns;    /* when a low nInit counts as a reset */
	uint64_t setup_until_ns; /* data changed too lately for a strobe before that */
	uint64_t hold_until_ns;  /* data must not change before that */
	uint64_t strobe_fell_ns;
	uint64_t stopped_at_ns; /* when a condition raised Busy */
	uint32_t until_extra;   /* bytes before the next longer Busy */
	uint32_t head;          /* of the buffer: the next byte to print */
	uint32_t fill;
	uint8_t latch;
	bool strobe_taken; /* the strobe that is low now carries a byte of ours */
	bool taken_in_ack; /* latched while nAck was still low for the one before */
};

/* @options: copied; its buffer must outlive @printer. Then attach printer->peripheral. */
void opp_centronics_init(struct opp_centronics *printer,
			 const struct opp_centronics_options *options);

/*
 * opp_centronics_set_conditions - what is wrong with the printer from now on.
 * @conditions: OPP_CENTRONICS_*, 0: nothing, it goes on where it was.
 * May be called while it is not attached.
 */
void opp_centronics_set_conditions(struct opp_centronics *printer, uint32_t conditions);

/* opp_centronics_resume - print() would take a byte again after it refused one. */
void opp_centronics_resume(struct opp_centronics *printer);

#endif
