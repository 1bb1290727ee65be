/* SPDX-License-Identifier: MIT */
/*
 * A device on a port: who has it open, what it is asked to do, its turns at the port.
 *
 *	            submit                granted                 done
 *	 RESTING ------------> WANTING -------------> WORKING -------------> RESTING
 *	    ^                     |                    ^    |                 or, with more
 *	    '---------------------'             submit |    | LOCK ended      to do, WANTING
 *	      refused, deadline, cancel                |    v
 *	                                              LOCKED ---------------> RESTING
 *	                                                        UNLOCK, close
 *
 * Without power (opp_port_suspend_locked) what wants the wire waits, under a lock in LOCKED.
 *
 * Requests of one device are carried out one by one in the order they came. For each
 * the device takes the parent port (in line with everybody else, and not for longer
 * than lock_timeout_us), is selected where it is one of a daisy chain, and frees the
 * port afterwards: the automatic lock. A LOCK keeps the port until its UNLOCK.
 *
 * The device is a client of its port like any other, but for three things: it is no
 * open file of the port; what it asks the port for is cancelled by nobody else (no
 * take); and while it holds the port others neither free it nor, during an automatic
 * lock, use it (struct opp_client.guard).
 *
 * All of struct opp_device is guarded by the port's lock, but for what is marked own
 * to who drives the wire. Functions named _locked want the lock held; none waits, none
 * calls a client. What ended is fetched with opp_device_next_finished_locked and told
 * with the lock dropped. Times are those of <openparport/port.h>.
 *
 * Not here: codes, buffers and their lengths (src/contract); what devices there are
 * (<openparport/scan.h>).
 *
 * Source: [Open Device], [Lock], [R/W], [Dev Mode], [Attr] of docs/sources.md;
 * statements C-111..C-174, C-177.
 */
#ifndef OPENPARPORT_DEVICE_H
#define OPENPARPORT_DEVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openparport/device_id.h>
#include <openparport/hw.h>
#include <openparport/ieee1284.h>
#include <openparport/port.h>
#include <openparport/queue.h>
#include <openparport/status.h>

/* Where a device is: 0 .. 3 in the daisy chain, or one of these. */
#define OPP_PLACE_END_OF_CHAIN 4u
#define OPP_PLACE_RAW          0xffu

/* Protocols between host and device, as bits of a mask (contract 5.2). */
#define OPP_PROTO_CENTRONICS     0x0001u /* forward; the default */
#define OPP_PROTO_COMPATIBILITY  0x0002u /* forward */
#define OPP_PROTO_NIBBLE         0x0004u /* reverse; the default */
#define OPP_PROTO_CHANNEL_NIBBLE 0x0008u /* never negotiated */
#define OPP_PROTO_BYTE           0x0010u /* reverse */
#define OPP_PROTO_EPP_HW         0x0020u
#define OPP_PROTO_EPP_SW         0x0040u
#define OPP_PROTO_BOUNDED_ECP    0x0080u
#define OPP_PROTO_ECP_HW_NOIRQ   0x0100u
#define OPP_PROTO_ECP_HW_IRQ     0x0200u /* never negotiated */
#define OPP_PROTO_ECP_SW         0x0400u

#define OPP_LOCK_TIMEOUT_US  UINT64_C(5000000) /* default; S-70 */
#define OPP_TOTAL_TIMEOUT_MS UINT32_C(60000)   /* default of both constants; S-72 */

enum opp_device_presence {
	OPP_DEVICE_PRESENT,
	OPP_DEVICE_ABSENT,           /* port not started, or nobody at that place any more */
	OPP_DEVICE_SURPRISE_REMOVED, /* DELETE_PENDING */
	OPP_DEVICE_GONE,             /* DEVICE_REMOVED */
};

enum opp_device_state {
	OPP_DEVICE_RESTING,
	OPP_DEVICE_WANTING, /* its request is in the port's line, or being granted */
	OPP_DEVICE_WORKING, /* holds the port; the first request of the line runs */
	OPP_DEVICE_LOCKED,  /* holds the port; nothing to do */
};

enum opp_device_op {
	OPP_DO_READ,
	OPP_DO_WRITE,
	OPP_DO_LOCK,
	OPP_DO_LOCK_NO_SELECT,
	OPP_DO_UNLOCK,
	OPP_DO_UNLOCK_NO_DESELECT, /* what a client selected by means of its own stays so; what
				      the engine selected no next holder inherits (C-030) */
	OPP_DO_NEGOTIATE, /* the fastest protocols of both masks; under a lock the forward one
			     stays connected */
	OPP_DO_CAPS,      /* which protocols host and device both know; ends a mode */
	OPP_DO_ID,        /* into device->id; ends a mode */
	OPP_DO_LINES,     /* the status lines, with the device selected; ends a mode */
	OPP_DO_RESET,     /* nInit low for a while, then the line fault if there is one;
			     ends a mode */
	OPP_DO_FORWARD,   /* connects the write protocol; costs nothing where it is */
	OPP_DO_REVERSE,   /* connects the read protocol; costs nothing where it is */
	OPP_DO_IDLE,      /* back to compatibility mode; stored protocols back to the defaults */
	OPP_DO_TERMINATE, /* back to compatibility mode; stored protocols stay */
	OPP_DO_ADDRESS,   /* in its turn, without the port: one address is set, or told */
};

/*
 * One request. Storage is the front end's, zeroed before its fields are set, from
 * submit until next_finished gives it back or submit answers at once.
 */
struct opp_device_req {
	/* set by the front end */
	enum opp_device_op op;
	bool needs_lock;       /* of the callbacks: INVALID_DEVICE_STATE without an explicit lock */
	uint8_t *bytes;        /* READ, WRITE (not written to); the caller's */
	size_t length;         /* 0 succeeds in its turn, without the hardware or the port */
	uint16_t read;         /* NEGOTIATE: mask of protocols; 0: that direction stays as it is */
	uint16_t write;        /* NEGOTIATE: the same */
	uint16_t exclude;      /* CAPS: protocols not to be used, until close */
	bool leaves_excluded;  /* CAPS: as they are when its turn comes */
	bool refuse_connected; /* NEGOTIATE: DEVICE_PROTOCOL_ERROR while a mode is connected */
	bool reverse;          /* NEGOTIATE: the reverse one stays connected; ADDRESS: the one
				  of reading */
	bool set;              /* ADDRESS: it becomes address */
	bool has_chain;        /* UNLOCK: there is a chain on the port, of whose devices a client
				  under LOCK_NO_SELECT may have selected one */

	/* the answer */
	enum opp_status status;
	size_t moved;    /* READ, WRITE: exact whatever the status */
	uint8_t lines;   /* LINES: levels */
	uint8_t address; /* ADDRESS: as it is now */
	/* NEGOTIATE: read and write have the one bit each that is in force; CAPS: both have all */

	/* own; port lock */
	struct opp_link link;
	bool submitted;        /* in the line */
	bool cancelled;        /* by the front end, which is not asked again */
	bool dropped;          /* take refused it: the front end's cancel will come */
	enum opp_status ended; /* why it shall stop; SUCCESS: it shall not */
};

/*
 * Milliseconds. The limit of a transfer, from when its device has the port: bytes times
 * multiplier and constant, both 0: none. A read also ends when no byte came for
 * read_interval after the last one (0: never). read_interval UINT32_MAX: what is there,
 * without a limit; and with read_multiplier the same, as soon as something is (S-72).
 */
struct opp_device_timeouts {
	uint32_t read_interval, read_multiplier, read_constant;
	uint32_t write_multiplier, write_constant;
};

struct opp_device;

struct opp_device_ops {
	/*
	 * take - may the engine finish this request now? As struct opp_port_ops.take;
	 * opp_device_cancel_locked ends a request that was refused. NULL: always.
	 */
	bool (*take)(void *context, struct opp_device_req *req);
};

/* The request at work: what opp_device_step goes by. */
struct opp_device_work {
	/* set under the port's lock, when the work begins */
	struct opp_device_req *req;
	uint16_t protocols[2]; /* in force: forward, reverse */
	uint8_t addresses[2];  /* the same */
	uint16_t excluded;
	struct opp_device_timeouts timeouts;
	bool locked; /* explicitly: what it connects stays so */

	_Atomic uint32_t ended; /* why it shall stop (enum opp_status); 0: go on */

	/* own to who drives the wire */
	uint8_t at;
	uint32_t options;        /* the port's protocol had these before */
	uint64_t limit_us;       /* of the whole transfer */
	uint16_t yes;            /* protocols the device has agreed to ... */
	uint16_t no;             /* ... and refused */
	uint8_t request;         /* it was asked for last */
	enum opp_status verdict; /* the status, once the way home is done */

	/* read by stepped_locked */
	enum opp_status status; /* PENDING until OPP_STEP_DONE */
	bool in_mode;           /* an IEEE 1284 mode is in force */
};

struct opp_device {
	/* constant after init */
	struct opp_port *port;
	uint8_t place;
	const struct opp_device_ops *ops;
	void *context;

	/* the front end's; port lock */
	uint64_t lock_timeout_us;
	struct opp_device_timeouts timeouts;
	uint8_t read_address, write_address; /* in ECP the lower seven bits are the channel */
	enum opp_device_presence presence;   /* PRESENT or ABSENT; else opp_device_remove_locked */

	/* read by the front end; port lock */
	enum opp_device_state state;
	bool open;
	bool locked;             /* explicitly */
	uint16_t read_protocol;  /* one bit of the protocol masks (contract 5.2) */
	uint16_t write_protocol; /* the same */
	uint16_t known;          /* what CAPS found since open, excluded ones too; 0: nothing */
	uint16_t excluded;       /* never negotiated, until close */

	/* own; port lock */
	struct opp_client client; /* the device as a holder of the port */
	struct opp_req req;       /* what it asks the port for */
	uint64_t deadline_us;     /* of req while it waits in line */
	bool selects_itself;      /* the lock selected nobody, and its client may have */
	struct opp_queue line;    /* struct opp_device_req, the first one is at work */
	struct opp_queue finished;

	/* own to who drives the wire while the state is WORKING */
	struct opp_device_work work;
	struct opp_transfer transfer;
	struct opp_wait wait; /* valid after OPP_STEP_WAIT */
	uint8_t address;      /* EPP, ECP: sent last since the mode is in force */

	/*
	 * As the last ID got it, the length first. Read it under the lock in which that
	 * request came out of next_finished: the next one may be at work already.
	 */
	uint8_t id[OPP_DEVICE_ID_MOST];
	size_t id_bytes;
};

/* Whose request of the port @req is; NULL: not a device's. */
static inline struct opp_device *opp_device_of(struct opp_req *req)
{
	return req->client && req->client->is_device ? OPP_NODE(req, struct opp_device, req) : NULL;
}

/*
 * opp_device_init - a closed device that is there. @port and @ops outlive it; @ops may
 * be NULL.
 */
void opp_device_init(struct opp_device *device, struct opp_port *port, uint8_t place,
		     const struct opp_device_ops *ops, void *context);

/*
 * opp_device_refusal_locked - what a request is refused with where the device is not there.
 * Returns SUCCESS: it is; INVALID_DEVICE_REQUEST (absent), DELETE_PENDING, DEVICE_REMOVED.
 */
enum opp_status opp_device_refusal_locked(const struct opp_device *device);

/*
 * opp_device_open_locked - for one file at a time.
 * @as_directory: a directory is asked for.
 * Returns SUCCESS, or in this order DEVICE_REMOVED, DELETE_PENDING, NOT_A_DIRECTORY,
 *	INVALID_DEVICE_REQUEST (absent), ACCESS_DENIED (open already).
 */
enum opp_status opp_device_open_locked(struct opp_device *device, bool as_directory);

/*
 * opp_device_close_locked - what waits ends CANCELLED, what runs stops and ends so, a
 * lock is given back; protocols, time-outs, addresses, the exclusion and what is known
 * are the defaults again. It may be opened again at once: what the next file asks for
 * comes behind what still stops.
 */
void opp_device_close_locked(struct opp_device *device, uint64_t now_us);

/*
 * opp_device_submit_locked - asks an open device for something.
 * Returns PENDING: @req comes back through next_finished; or at once, finished:
 *	SUCCESS (nothing to do, nothing before it), DELETE_PENDING, DEVICE_REMOVED,
 *	INVALID_DEVICE_REQUEST (nobody has it open), KICKED, INVALID_DEVICE_STATE
 *	(needs_lock without one).
 * Ends, beside what <openparport/ieee1284.h> says of the transfers: DEVICE_BUSY (the
 *	port was not free in time), UNSUCCESSFUL (could not be selected; nothing in
 *	common; the protocol could not be connected), INVALID_DEVICE_STATE (LOCK while
 *	locked, UNLOCK while not; what wants the wire while the lock's client keeps the
 *	chip in a mode of its own; judged when its turn comes), IO_DEVICE_ERROR (no device
 *	id), KICKED, DEVICE_POWERED_OFF (it ran when the power went), and of a WRITE that runs out of time DEVICE_NOT_CONNECTED,
 *	DEVICE_POWERED_OFF, DEVICE_PAPER_EMPTY, DEVICE_OFF_LINE (so every fault that has
 *	no name of its own), else TIMEOUT. A READ that does ends SUCCESS with what there is,
 *	unless the device did not even take its address: that is as with a WRITE.
 */
enum opp_status opp_device_submit_locked(struct opp_device *device, struct opp_device_req *req,
					 uint64_t now_us);

/*
 * opp_device_cancel_locked - the front end's cancel. @req ends CANCELLED, one that
 * runs at its next step, with what it had moved; unless it came to its end before.
 * The caller wakes who steps.
 * Returns false when @req is finished already.
 */
bool opp_device_cancel_locked(struct opp_device *device, struct opp_device_req *req);

/*
 * opp_device_remove_locked - what waits and runs ends DELETE_PENDING, a lock is given
 * back; later requests are refused, with DEVICE_REMOVED once it is GONE. Before or after
 * opp_port_remove_locked, where the whole port goes.
 */
void opp_device_remove_locked(struct opp_device *device, enum opp_device_presence presence,
			      uint64_t now_us);

/*
 * opp_device_kicked_locked - opp_port_kick_locked has put the device out of its port.
 * What waits and runs ends KICKED, the lock is gone; so ends all it is asked for until
 * it is closed.
 */
void opp_device_kicked_locked(struct opp_device *device, uint64_t now_us);

/*
 * opp_device_granted_locked - a FINISHED event of the port is about &device->req
 * (opp_device_of): the port is the device's, or is not.
 */
void opp_device_granted_locked(struct opp_device *device, uint64_t now_us);

/*
 * opp_device_power_off_locked - the power is about to go: what runs ends
 * DEVICE_POWERED_OFF, at its next step, with what it had moved. What else there is to do
 * on the wire waits from now on (opp_port_suspend_locked was called before).
 * opp_device_power_on_locked - there is power again, and OPP_UNDO_POWER put back.
 * @reached: the device of opp_device_selected_locked has been selected again; if not it
 *	loses its lock, and what waits ends UNSUCCESSFUL.
 * opp_device_selected_locked - the device that holds the port and that the engine has
 * selected for it; NULL: none.
 */
void opp_device_power_off_locked(struct opp_device *device);
void opp_device_power_on_locked(struct opp_device *device, bool reached, uint64_t now_us);
struct opp_device *opp_device_selected_locked(const struct opp_port *port);

/*
 * When the front end is to call expire: UINT64_MAX for never. Changes with every call
 * here and when the port is handed on. An expire that comes too early does nothing.
 */
uint64_t opp_device_deadline_us_locked(const struct opp_device *device);
void opp_device_expire_locked(struct opp_device *device, uint64_t now_us);

/*
 * ---- the wire, while the state is WORKING ---------------------------------------------
 *
 * The state becomes WORKING in submit, granted, stepped and whatever else lets the next
 * request have its turn. The port has OPP_UNDO_TRANSFER set from then until stepped.
 * Under an explicit lock others may use the wire, too (S-07): the front end keeps them
 * and opp_device_step apart, and leaves that mark alone while the state is WORKING.
 */

/*
 * opp_device_step - goes on with the request at work.
 * Context: who drives the wire, without the lock. Does not wait.
 * Returns as opp_transfer_step; after OPP_STEP_WAIT see device->wait; after
 *	OPP_STEP_DONE call opp_device_stepped_locked.
 */
enum opp_step opp_device_step(struct opp_device *device, struct opp_hw *hw,
			      struct opp_protocol *protocol, uint64_t now_us, uint32_t budget_ns);

/* The request at work has ended: it is finished, the next begins or the port is freed. */
void opp_device_stepped_locked(struct opp_device *device, uint64_t now_us);

/* A finished request, told once each; NULL: none. */
struct opp_device_req *opp_device_next_finished_locked(struct opp_device *device);

#endif
