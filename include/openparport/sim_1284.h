/* SPDX-License-Identifier: MIT */
/*
 * A simulated IEEE 1284 device: a Centronics printer that can negotiate.
 *
 *	wires --> struct opp_1284 --+-- compatibility mode --> struct opp_centronics --> print()
 *	                            '-- every other mode ----> forward(), reverse(), epp_read()
 *
 * Which requests it accepts, what its device id is and how long it takes over
 * each event is configured; so is how rude it is. All storage is the caller's.
 * The structure points into itself: it is not copied or moved after
 * opp_1284_init. Fields are private except where noted. What sim.h says of
 * contexts, times and pointers holds here; a callback is called from within an
 * access to the chip, an advance of its time or a call of this header.
 *
 * Source: IEEE1284 4, 5, 6.1, 8.2.
 */
#ifndef OPENPARPORT_SIM_1284_H
#define OPENPARPORT_SIM_1284_H

#include <openparport/sim_centronics.h>

/* The requests it accepts. 0x00 cannot be refused: without NIBBLE it never has data there. */
#define OPP_1284_NIBBLE      (1u << 0)  /* 0x00 */
#define OPP_1284_BYTE        (1u << 1)  /* 0x01 */
#define OPP_1284_ECP         (1u << 2)  /* 0x10 */
#define OPP_1284_ECP_RLE     (1u << 3)  /* 0x30 */
#define OPP_1284_BOUNDED_ECP (1u << 4)  /* 0x18 */
#define OPP_1284_EPP         (1u << 5)  /* 0x40 */
#define OPP_1284_ID_NIBBLE   (1u << 6)  /* 0x04; the four of these only with a device id */
#define OPP_1284_ID_BYTE     (1u << 7)  /* 0x05 */
#define OPP_1284_ID_ECP      (1u << 8)  /* 0x14 */
#define OPP_1284_ID_ECP_RLE  (1u << 9)  /* 0x34 */
#define OPP_1284_LINK        (1u << 10) /* 0x80, then any of the others but 0x00 */

/* What the host said in a mode other than compatibility. */
enum opp_1284_kind {
	OPP_1284_ECP_DATA,    /* run lengths already expanded */
	OPP_1284_ECP_COMMAND, /* as sent: 0x80 | channel, or a run length */
	OPP_1284_EPP_DATA,
	OPP_1284_EPP_ADDRESS,
};

/* One thing to say to the host. */
struct opp_1284_item {
	uint8_t byte;
	bool command; /* ECP: 0x80 | channel, or a run length; other modes send it as data */
};

/* All zero is a silent printer that knows nibble mode by name only. */
struct opp_1284_options {
	uint32_t modes;                        /* OPP_1284_* */
	struct opp_centronics_options printer; /* compatibility mode */
	bool no_printer;                       /* ready, but deaf to strobes */

	const char *device_id;        /* up to 65,533 bytes, their length before them, or ... */
	const uint8_t *raw_device_id; /* ... exactly this, whatever its length says */
	uint32_t raw_device_id_bytes;

	bool strict;         /* gives a handshake up after 1 s without the host */
	uint32_t event_1_us; /* nAutoFd may fall that much after nSelectIn rose; 0: not */

	void *context; /* of those below; each may be NULL */
	void (*forward)(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte);
	/*
	 * What to send next in nibble, byte and ECP mode; false: nothing now, it is
	 * asked again whenever a control line changes. One item is asked for ahead,
	 * and kept until the host has acknowledged it.
	 */
	bool (*reverse)(void *context, struct opp_1284_item *next);
	uint8_t (*epp_read)(void *context, bool address);
};

/* ---- rudeness --------------------------------------------------------------------- */

enum opp_1284_misdeed {
	OPP_1284_NEVER,  /* gives no answer any more, until the host resets or ends the mode */
	OPP_1284_LATE,   /* answers us later */
	OPP_1284_WRONG,  /* the lines of mask show levels, until the next event */
	OPP_1284_GLITCH, /* the lines of mask are upside down for us */
	OPP_1284_VANISH, /* every line high, deaf: unplugged */
	OPP_1284_DIE,    /* every line low: powered off */
};

/*
 * What comes with an event: of the device's own, in its stead or about it; of
 * the host's, as the answer or while that is awaited.
 */
struct opp_1284_rudeness {
	uint8_t event; /* 1 .. 75; one that does not show on a line never comes */
	enum opp_1284_misdeed what;
	bool always; /* false: the first time only */
	uint32_t us;
	uint8_t mask; /* OPP_STATUS_LINES */
	uint8_t levels;
};

#define OPP_1284_RUDENESS_MOST  16
#define OPP_1284_RUDENESS_BYTES 6 /* see opp_1284_rudeness_from */

/* ---- the device --------------------------------------------------------------------- */

/* The states of IEEE1284 8.2. */
enum opp_1284_state {
	OPP_1284_COMPAT,
	OPP_1284_DESELECTED, /* as COMPAT, nSelectIn high */
	OPP_1284_GONE,       /* vanished, dead */

	OPP_1284_N_2,    /* waits for event 3 */
	OPP_1284_N_3,    /* for 4 */
	OPP_1284_N_EXT,  /* for 51 */
	OPP_1284_N_EXT2, /* for 53 */
	OPP_1284_REFUSED,
	OPP_1284_T_24,
	OPP_1284_T_27,

	OPP_1284_HBDA, /* nibble and byte mode */
	OPP_1284_HBDNA,
	OPP_1284_REVERSE_IDLE,
	OPP_1284_INTERRUPTING, /* waits for event 20 */
	OPP_1284_LOW_NIBBLE,
	OPP_1284_BETWEEN_NIBBLES,
	OPP_1284_HIGH_NIBBLE,
	OPP_1284_BYTE_OFFERED,

	OPP_1284_ECP_SETUP,
	OPP_1284_ECP_BUSY,    /* before event 32 */
	OPP_1284_ECP_FORWARD, /* waits for 35 */
	OPP_1284_ECP_CLOCKED, /* for 37 */
	OPP_1284_ECP_REVERSE,
	OPP_1284_ECP_OFFERED,   /* waits for 44 */
	OPP_1284_ECP_RETURNING, /* before event 49 */
	OPP_1284_ECP_RECOVERY,  /* waits for 74 */

	OPP_1284_EPP_IDLE,
	OPP_1284_EPP_CYCLE,

	OPP_1284_STATES,
};

#define OPP_1284_EVENTS      76
#define OPP_1284_EVERY_EVENT 0xffu

struct opp_1284_step;

struct opp_1284 {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	struct opp_centronics printer;        /* public, to read */
	struct opp_1284_options options;
	struct opp_sim_connector inside; /* the printer's */
	uint32_t id_bytes;               /* with its length */
	uint16_t response_us[OPP_1284_EVENTS];

	enum opp_1284_state state; /* public, to read */
	uint8_t lines;             /* status lines, but in compatibility mode */
	uint8_t seen;              /* the control lines as last looked at */
	uint8_t driven;            /* on the data lines; 0xff: released */
	uint64_t event_1_until_ns; /* nSelectIn rose before nAutoFd fell */
	bool epp_chosen;           /* see opp_1284_choose_epp */

	struct opp_sim_alarm clock;
	const struct opp_1284_step *answer; /* under way; NULL: waits for the host */
	uint64_t answer_at_ns;              /* its next step; OPP_SIM_NEVER: it never comes */
	struct opp_sim_alarm patience;

	uint8_t request; /* the last one, as judged */
	bool accepted;
	bool linked; /* it came by way of 0x80 */
	bool full;
	uint32_t id_at; /* the next byte of the device id */
	struct opp_1284_item next;
	bool has_next;

	uint8_t forward_byte; /* taken at event 37 */
	bool forward_command;
	bool asks; /* nPeriphRequest is low */
	uint8_t channel;
	uint8_t run;        /* how often more the next byte counts */
	bool address_cycle; /* EPP */

	uint8_t wrong_mask; /* rudeness at work */
	uint8_t wrong_levels;
	uint8_t glitch_mask;
	struct opp_sim_alarm glitch;
	uint32_t rude_count;
	struct opp_1284_rudeness rude[OPP_1284_RUDENESS_MOST];
};

/*
 * opp_1284_init - a device that answers in 2 us and is polite.
 * @options: copied; what it points to must outlive @device. Then attach
 * device->peripheral. Both device ids NULL: it has none.
 */
void opp_1284_init(struct opp_1284 *device, const struct opp_1284_options *options);

/*
 * opp_1284_set_response_us - how long it takes over an answer.
 * @event: a peripheral's event, 2 .. 75, or OPP_1284_EVERY_EVENT: each one that
 *	the host waits for.
 * @us: 0 .. 65,535; IEEE 1284 allows 35,000.
 */
void opp_1284_set_response_us(struct opp_1284 *device, uint8_t event, uint16_t us);

/* opp_1284_data_arrives - reverse() would give something, after it did not. */
void opp_1284_data_arrives(struct opp_1284 *device);

/*
 * opp_1284_set_full - it has no room for what forward() would be given: Busy is
 * high at events 5 and 13, ECP stalls before event 36. The printer is not meant.
 */
void opp_1284_set_full(struct opp_1284 *device, bool full);

/* opp_1284_interrupt - EPP: a pulse on Intr, 1 us. Nothing in other modes or unplugged. */
void opp_1284_interrupt(struct opp_1284 *device);

/*
 * opp_1284_choose_epp - EPP that nobody negotiates, as of boards that know little
 * else, or behind a daisy-chain adapter (IEEE1284 5.4, 7.3).
 * @chosen: from now on the device is in EPP once every control line is high in
 *	compatibility mode; nInit low ends it as usual. False: not so any more,
 *	and the EPP that is under way is over.
 *
 * Context: that of the chip. Nothing happens when its modes lack OPP_1284_EPP.
 */
void opp_1284_choose_epp(struct opp_1284 *device, bool chosen);

/*
 * opp_1284_set_conditions - what is wrong with the printer, see
 * opp_centronics_set_conditions. Power off ends every mode.
 */
void opp_1284_set_conditions(struct opp_1284 *device, uint32_t conditions);

/*
 * opp_1284_be_rude - adds one misdeed to those that wait for their event.
 * Returns: false when there are OPP_1284_RUDENESS_MOST already.
 */
bool opp_1284_be_rude(struct opp_1284 *device, const struct opp_1284_rudeness *rudeness);

/*
 * opp_1284_rudeness_from - makes a misdeed of any OPP_1284_RUDENESS_BYTES bytes:
 * event, what (bit 7: always), us (low byte first), mask, levels. For fuzzers.
 */
struct opp_1284_rudeness opp_1284_rudeness_from(const uint8_t *bytes);

/* opp_1284_behave - forgets all rudeness; one that vanished or died is back, in compatibility mode. */
void opp_1284_behave(struct opp_1284 *device);

#endif
