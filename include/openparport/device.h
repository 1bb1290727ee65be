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
 * Requests of one device are carried out one by one in the order they came. For each
 * the device takes the parent port (in line with everybody else, and not for longer
 * than lock_timeout_us), is selected where it is one of a daisy chain, and frees the
 * port afterwards: the automatic lock. A LOCK keeps the port until its UNLOCK.
 *
 * The device is a client of its port like any other, but for two things: what it asks
 * the port for is cancelled by nobody else (no take), and while it holds the port
 * others neither free it nor, during an automatic lock, use it (struct opp_client.guard).
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
	OPP_DO_UNLOCK_NO_DESELECT,
	OPP_DO_NEGOTIATE, /* the fastest protocols of both masks; under a lock the forward one
			     stays connected */
	OPP_DO_CAPS,      /* which protocols host and device both know */
	OPP_DO_ID,        /* into device->id */
	OPP_DO_LINES,     /* the status lines, with the device selected */
	OPP_DO_RESET,     /* nInit low for a while, then the line fault if there is one */
	OPP_DO_FORWARD,   /* connects the write protocol; costs nothing where it is */
	OPP_DO_REVERSE,   /* connects the read protocol; costs nothing where it is */
	OPP_DO_IDLE,      /* back to compatibility mode; stored protocols back to the defaults */
	OPP_DO_TERMINATE, /* back to compatibility mode; stored protocols stay */
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
	size_t length;         /* 0 succeeds without touching the hardware, or the port */
	uint16_t read;         /* NEGOTIATE: mask of protocols; 0: that direction stays as it is */
	uint16_t write;        /* NEGOTIATE: the same */
	uint16_t exclude;      /* CAPS: protocols not to be used, until close */
	bool refuse_connected; /* NEGOTIATE: DEVICE_PROTOCOL_ERROR while a mode is connected */
	bool reverse;          /* NEGOTIATE: the reverse one stays connected */

	/* the answer */
	enum opp_status status;
	size_t moved;  /* READ, WRITE: exact whatever the status */
	uint8_t lines; /* LINES: levels */
	/* NEGOTIATE: read and write have the one bit each that is in force; CAPS: both have all */

	/* own; port lock */
	struct opp_link link;
	bool submitted;
	bool dropped;          /* the front end's cancel has it */
	enum opp_status ended; /* why it shall stop; SUCCESS: it shall not */
};

/* Milliseconds; S-72 says how they add up. */
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

struct opp_device {
	/* constant after init */
	struct opp_port *port;
	uint8_t place;
	const struct opp_device_ops *ops;
	void *context;

	/* the front end's, between requests */
	uint64_t lock_timeout_us;

	/* read by the front end */
	enum opp_device_presence presence;
	enum opp_device_state state;
	bool open;
	bool locked;             /* explicitly */
	uint16_t read_protocol;  /* one bit of the protocol masks (contract 5.2) */
	uint16_t write_protocol; /* the same */
	uint16_t known;          /* protocols the device is known to have; 0: never asked */
	uint16_t excluded;       /* never negotiated, until close */
	uint8_t read_address, write_address;
	struct opp_device_timeouts timeouts;

	/* own; port lock */
	struct opp_client client; /* the device as a holder of the port */
	struct opp_req req;       /* what it asks the port for */
	uint64_t deadline_us;     /* of req while it waits in line */
	struct opp_queue line;    /* struct opp_device_req, the first one is at work */
	struct opp_queue finished;

	/* own to who drives the wire while the state is WORKING */
	struct opp_transfer transfer;
	struct opp_wait wait;           /* valid after OPP_STEP_WAIT */
	uint8_t id[OPP_DEVICE_ID_MOST]; /* raw, as the last ID got it */
	size_t id_bytes;
};

/* opp_device_init - a closed device. @port and @ops outlive it. */
void opp_device_init(struct opp_device *device, struct opp_port *port, uint8_t place,
		     const struct opp_device_ops *ops, void *context);

/*
 * opp_device_open_locked - for one file at a time.
 * @as_directory: a directory is asked for.
 * Returns SUCCESS, or in this order DEVICE_REMOVED, DELETE_PENDING, NOT_A_DIRECTORY,
 *	INVALID_DEVICE_REQUEST (absent), ACCESS_DENIED (open already).
 */
enum opp_status opp_device_open_locked(struct opp_device *device, bool as_directory);

/*
 * opp_device_close_locked - what waits ends CANCELLED, what runs stops and ends so, a
 * lock is given back; protocols, time-outs, addresses and the exclusion are the
 * defaults again.
 */
void opp_device_close_locked(struct opp_device *device, uint64_t now_us);

/*
 * opp_device_submit_locked - asks for something.
 * Returns PENDING: @req comes back through next_finished; or at once, finished:
 *	SUCCESS (nothing to do), DELETE_PENDING, DEVICE_REMOVED, INVALID_DEVICE_STATE
 *	(needs_lock without one).
 * Ends, beside what <openparport/ieee1284.h> says of the transfers: DEVICE_BUSY (the
 *	port was not free in time), UNSUCCESSFUL (could not be selected; nothing in
 *	common), INVALID_DEVICE_STATE (LOCK while locked, UNLOCK while not; judged when
 *	its turn comes), IO_DEVICE_ERROR (no device id), TIMEOUT or a line fault.
 */
enum opp_status opp_device_submit_locked(struct opp_device *device, struct opp_device_req *req,
					 uint64_t now_us);

/*
 * opp_device_cancel_locked - the front end's cancel. @req ends CANCELLED, one that
 * runs at its next byte, with what it had moved; unless it came to its end before.
 * Returns false when @req is finished already.
 */
bool opp_device_cancel_locked(struct opp_device *device, struct opp_device_req *req,
			      uint64_t now_us);

/* What waits and runs ends DELETE_PENDING; GONE: later requests DEVICE_REMOVED. */
void opp_device_remove_locked(struct opp_device *device, enum opp_device_presence presence,
			      uint64_t now_us);

/* A FINISHED event of the port is about &device->req: the port is the device's, or is not. */
void opp_device_granted_locked(struct opp_device *device, uint64_t now_us);

/* When the front end is to call expire: UINT64_MAX for never. Changes with every call here. */
uint64_t opp_device_deadline_us_locked(const struct opp_device *device);
void opp_device_expire_locked(struct opp_device *device, uint64_t now_us);

/* ---- the wire, while the state is WORKING --------------------------------------------- */

/*
 * opp_device_step - goes on with the request at work. The port has OPP_UNDO_TRANSFER
 * set meanwhile, by opp_device_granted_locked and submit.
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
