/* SPDX-License-Identifier: MIT */
/*
 * A simulated printer with a Centronics interface and nothing else: it prints,
 * shows what is wrong with it, and ignores negotiation. All storage is the
 * caller's; the fields are private except where noted. What sim.h says of
 * contexts, times and pointers holds here.
 *
 * Source: IEEE1284 3, 8.1, 8.2.
 */
#ifndef OPENPARPORT_SIM_CENTRONICS_H
#define OPENPARPORT_SIM_CENTRONICS_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/sim.h>

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
	struct opp_sim_alarm alarm;
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
	bool ack_dropped;  /* the byte at work will not be acknowledged */
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

/*
 * opp_centronics_drop_ack - the host has turned to something else (IEEE 1284 event 1):
 * it will not be told any more that the last byte was taken. The byte stays.
 */
void opp_centronics_drop_ack(struct opp_centronics *printer);

#endif
