/* SPDX-License-Identifier: MIT */
/*
 * The documented contract of a port and of the devices on it: requests and
 * callbacks on one side, the engine on the other.
 *
 *	front end        opp_contract_submit        opp_contract_interrupt
 *	 (any OS) ------------> | <-------------------------- port's interrupt
 *	                        v
 *	     row of (object, major, code): lengths, fields, holder, action
 *	                        v
 *	  struct opp_device ---> struct opp_port (queue, holder, hand-over)
 *	                        v
 *	 complete <---- events, told one by one with no lock held
 *
 * The front end owns all storage and supplies the lock, the clock and the
 * completion. The contract takes and drops the lock itself, so a front end
 * calls everything here without it. It knows no operating system and no chip:
 * the wire is a struct opp_hw. Who asks a port for something on the wire does it,
 * the lock given back meanwhile (1 ms at most); what is due between two holders,
 * and all that devices are asked for, is left to a worker of the front end,
 * opp_contract_step.
 *
 * Which devices there are: the raw one always; those of the daisy chain and the one
 * at its end as a count or a scan found them. Each has its place in the port; one
 * that is gone is absent, or, while a file has it open, removed.
 *
 * Not here: power and Plug and Play requests, only what they come to; the names of devices
 * (<openparport/names.h>).
 *
 * Source: [Port IRPs], [Device IRPs], [Sync], [Select], [Chip], [ISR], [Names],
 * [Open Device], [Attr] of docs/sources.md.
 */
#ifndef OPENPARPORT_CONTRACT_H
#define OPENPARPORT_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/chain.h>
#include <openparport/codes.h>
#include <openparport/device.h>
#include <openparport/device_id.h>
#include <openparport/hw.h>
#include <openparport/ieee1284.h>
#include <openparport/port.h>
#include <openparport/queue.h>
#include <openparport/scan.h>
#include <openparport/status.h>
#include <openparport/step.h>

/* Daisy devices of a port that nobody has configured otherwise. */
#define OPP_USUAL_DEVICES 2u

/* Pairs of interrupt routines that can be connected to one port at a time. */
#define OPP_INTERRUPT_ENTRIES 16

/* Places of a port: the daisy chain, the end of it, raw. See opp_contract_device. */
#define OPP_CONTRACT_DEVICES (OPP_CHAIN_DEVICES + 2u)

struct opp_row;
struct opp_contract_port;
struct opp_contract_device;

/* What a request is addressed to; part of its key in the tables. */
enum opp_object_kind {
	OPP_OBJECT_PORT,
	OPP_OBJECT_DEVICE,
};

/*
 * A request. Storage is the front end's, until submit returns something else
 * than PENDING or complete is called for it. A file is one struct opp_client
 * from CREATE to CLOSE, that of a port initialised by its CREATE.
 */
struct opp_request {
	/* Set by the front end. */
	enum opp_object_kind object;
	uint8_t major; /* IRP_MJ_* */
	uint32_t code; /* of the two control majors */
	uint32_t input_bytes;
	uint32_t output_bytes;
	void *buffer;              /* of input and output; NULL counts as no bytes */
	struct opp_client *client; /* the file; NULL: ANON */
	bool cancelled;            /* cancelled before it arrived */

	/* The same, to a device only. */
	struct opp_contract_device *device;
	int64_t byte_offset;        /* READ, WRITE */
	uint32_t information_class; /* QUERY_INFORMATION, SET_INFORMATION */
	bool as_directory;          /* CREATE */

	/* The answer. */
	enum opp_status status;
	uint32_t information; /* bytes of output (WRITE: of input); 0 on every failure but
				 of READ and WRITE */

	/* A callback's, which awaits it: not in storage of the front end, never cancelled. */
	bool awaited;
	bool ended; /* for complete, to tell await */

	/* own */
	const struct opp_row *row;
	bool cancelable;                  /* to a device: so it was pended */
	bool decided;                     /* to a device: how it ends */
	struct opp_req req;               /* to a port: the engine's */
	struct opp_device_req device_req; /* to a device: the engine's */
	struct opp_link link;             /* among those that are to be told */
};

/*
 * What a port is made of, beside its struct opp_hw. Constant from init on, except
 * interrupt_object; the front end's, and outlives the port.
 */
struct opp_port_description {
	uint64_t controller_address; /* bus-relative base of the registers */
	void *controller;            /* mapped base; NULL: no registers to hand out */
	uint32_t controller_span_bytes;
	uint64_t ecp_address;
	void *ecp_controller; /* mapped base of the ECP registers; NULL: no ECR */
	uint32_t ecp_span_bytes;
	uint32_t most_devices;     /* daisy devices that may get an ID, up to OPP_CHAIN_DEVICES;
				      OPP_USUAL_DEVICES unless configured */
	const uint16_t *port_name; /* UTF-16 "LPTn", NUL-terminated */

	uint32_t interface_type; /* translated resources, as the bus reported them */
	uint32_t bus_number;
	bool has_interrupt;
	uint32_t interrupt_level;
	uint32_t interrupt_vector;
	uintptr_t interrupt_affinity;
	uint32_t interrupt_mode;
	void *interrupt_object; /* handed to clients; NULL: they cannot connect */
};

/*
 * What the contract needs from its front end; all of them must be there but for await
 * where no device is opened, may_await, devices_changed and the last four.
 */
struct opp_contract_ops {
	/* The port's lock. Context: <= DISPATCH_LEVEL; not recursive. */
	void (*lock)(void *context);
	void (*unlock)(void *context);

	/* Microseconds of one monotonic clock. Context: lock held. */
	uint64_t (*now_us)(void *context);

	/*
	 * pend - @request will end later, through complete.
	 * @cancelable: from here on, until take, the front end may call
	 *	opp_contract_cancel for it. Not so when it waits for no holder or is
	 *	decided already; one of a device stays so while it runs.
	 * Returns false when it is cancelable and was cancelled meanwhile; the
	 * request then ends CANCELLED. Context: lock held.
	 */
	bool (*pend)(void *context, struct opp_request *request, bool cancelable);

	/*
	 * take - may this cancelable request be ended now? Returns false when a
	 * cancel is under way for it, which ends it: opp_contract_cancel will
	 * be called. Context: lock held.
	 */
	bool (*take)(void *context, struct opp_request *request);

	/*
	 * complete - status and information are final. Called exactly once for
	 * each request that submit answered with PENDING. Context: no lock
	 * held; may submit, call a port's callbacks and free the storage. One
	 * that is awaited is only marked as ended, for the last time touched.
	 */
	void (*complete)(void *context, struct opp_request *request);

	/*
	 * await - waits until complete was called for @request, which is
	 * awaited. Perhaps that has happened. Context: PASSIVE_LEVEL, no lock
	 * held, not from within complete.
	 */
	void (*await)(void *context, struct opp_request *request);

	/*
	 * may_await - whether who calls a device's callback may wait in await, and the
	 * port's worker may touch for him the device_req.bytes of @request, a transfer's;
	 * NULL there: there are none. NULL: always.
	 * Returns SUCCESS; INVALID_PARAMETER: those bytes are there in the caller's process
	 *	only; INVALID_DEVICE_STATE: he is the worker, and would wait for himself.
	 * Context: his own; lock held.
	 */
	enum opp_status (*may_await)(void *context, const struct opp_request *request);

	/*
	 * devices_changed - a count or scan has come to its end, or a device
	 * came, or went: opp_contract_device_is_there may say something else
	 * than before. NULL: nobody wants to know. Context: as complete.
	 */
	void (*devices_changed)(void *context);

	/*
	 * settle_later - have opp_contract_settle called at <= DISPATCH_LEVEL.
	 * Context: DIRQL; may be asked again before it has happened.
	 */
	void (*settle_later)(void *context);

	/*
	 * step_later - have opp_contract_step called by the port's worker until
	 * it returns OPP_STEP_DONE. Context: lock held; may be asked again
	 * before that has happened. An ask during a step counts even if that
	 * step returns DONE (a request that ended in it may have freed the
	 * port): the worker forgets the ask before it steps.
	 */
	void (*step_later)(void *context);

	/*
	 * synchronize - call @change while opp_contract_interrupt does not run.
	 * Context: lock held; @change does not wait.
	 */
	void (*synchronize)(void *context, void (*change)(void *argument), void *argument);

	/* Is CONNECT_INTERRUPT enabled now (S-40)? Context: the submitter's, no lock held. */
	bool (*connect_enabled)(void *context);

	/*
	 * The wire's own lock, for a front end whose clients reach it beside the
	 * contract: held while the hardware is touched, one step at a time. NULL, both:
	 * nobody does. Context: no lock held; <= DISPATCH_LEVEL.
	 */
	void (*begin_wire)(void *context);
	void (*end_wire)(void *context);

	/*
	 * changed - a step has been made, and nobody told yet: for a front end that
	 * writes down what happens to the port. NULL: none. Context: lock held.
	 */
	void (*changed)(void *context);

	/*
	 * process_of - the process that opened the file @client; 0: not known. For who
	 * asks who holds the port. NULL: nobody knows. Context: lock held.
	 */
	uint32_t (*process_of)(void *context, struct opp_client *client);
};

/* A connected pair of interrupt routines. Guarded by the port lock. */
struct opp_interrupt_entry {
	struct opp_link link; /* place in the line; changed in synchronize only */
	bool used;
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE routines;
	struct opp_client *client; /* file that connected it; NULL: ANON */
	struct opp_deferred deferred;
	struct opp_request *disconnect; /* waits for the running deferred routine to return */
};

enum opp_look_state {
	OPP_LOOK_IDLE,
	OPP_LOOK_WAITING, /* req is in line */
	OPP_LOOK_AT_WORK,
};

/* The port's own scan. Port lock, but for scan: that is the worker's in AT_WORK. */
struct opp_look {
	enum opp_look_state state;
	bool wanted;
	struct opp_client client;
	struct opp_req req;
	struct opp_scan scan;
};

/* A place for a device. */
struct opp_contract_device {
	struct opp_device device;
	struct opp_contract_port *port; /* constant */

	/* Port lock. */
	struct opp_client *file; /* that has it open */
	bool in_chain;           /* somebody was at its place when that was looked at last */
	bool taken_away;         /* by the front end, whoever is at its place */
	/* What it said of itself when it was looked at last: opp_device_id_text, or "". */
	char id[OPP_DEVICE_ID_MOST];
};

struct opp_contract_port {
	struct opp_port port;
	const struct opp_port_description *description;
	const struct opp_contract_ops *ops;
	void *context; /* of ops */

	/*
	 * The wire: hw, protocol and work belong to the caller while caller_works
	 * stands, else to opp_contract_step.
	 */
	struct opp_hw *hw;
	struct opp_protocol protocol;
	struct opp_wire_work work;

	/* Of the worker: when to step again, valid after OPP_STEP_WAIT. */
	struct opp_wait wait;

	/* Port lock. */
	bool stepping;             /* work is the worker's: between two holders, or restoring */
	bool restoring;            /* then: what a loss of power took away */
	bool asleep;               /* from suspend to resume */
	bool caller_works;         /* work is the holder's own */
	bool stirred;              /* the worker has to look again */
	bool telling;              /* someone tells clients what happened to them */
	bool devices_changed;      /* not told yet */
	struct opp_queue answered; /* struct opp_request: ended, not told yet */
	uint8_t chip_mode;         /* while OPP_UNDO_CHIP_MODE */
	uint8_t selected;          /* ID, while OPP_UNDO_SELECTION */
	uint32_t device_count;     /* daisy devices, IDs 0 .. count - 1 */

	struct opp_queue connected; /* in connect order; walked at interrupt level */
	bool interrupts_ended;      /* removed; changed in synchronize only */
	struct opp_interrupt_entry entries[OPP_INTERRUPT_ENTRIES];

	char answer[OPP_DEVICE_ID_MOST]; /* port lock; the id that is being answered with */

	uint32_t number; /* of its names: 0 is that of "LPT1" */
	struct opp_contract_device devices[OPP_CONTRACT_DEVICES];
	struct opp_look look;
};

/*
 * opp_contract_init - a free port with its raw device alone: a scan finds the others,
 * an INIT_1284_3_BUS those of the daisy chain. Touches no hardware. All that is
 * passed in outlives it.
 * Returns SUCCESS, or INVALID_PARAMETER when the name is none of a port (S-80) or
 *	@description promises more devices than a chain has: there is no port then.
 */
enum opp_status opp_contract_init(struct opp_contract_port *port,
				  const struct opp_port_description *description, struct opp_hw *hw,
				  const struct opp_contract_ops *ops, void *context);

/*
 * opp_contract_look - looks who is there: the daisy chain is counted, everybody asked
 * for an id. Takes the port in its turn; devices_changed tells when it is done, again
 * when it was asked for again meanwhile. Context: as submit.
 */
void opp_contract_look(struct opp_contract_port *port);

/*
 * opp_contract_found_locked - a front end's own client has scanned the port, and this
 * is what it found; of a @scan that was ended nothing counts.
 * opp_contract_counted_locked - has given @count devices of the chain their addresses.
 * Context: lock held; opp_contract_tell_and_unlock follows.
 */
void opp_contract_found_locked(struct opp_contract_port *port, const struct opp_scan *scan,
			       uint64_t now_us);
void opp_contract_counted_locked(struct opp_contract_port *port, uint32_t count, uint64_t now_us);

/*
 * opp_contract_device - the place of a port's device, whether somebody is there or not.
 * @place: as in <openparport/device.h>.
 * Returns: constant from init on; NULL when there is no such place. Context: any.
 */
struct opp_contract_device *opp_contract_device(struct opp_contract_port *port, uint8_t place);

/*
 * opp_contract_device_is_there - whether it can be opened, or has been.
 * @id: gets what it says of itself, or "". OPP_DEVICE_ID_MOST bytes, which are written with
 *	the lock held: memory that is always there (NT: nonpaged). Or NULL.
 * Context: as submit.
 */
bool opp_contract_device_is_there(struct opp_contract_device *device, char *id);

/*
 * opp_contract_take_device - the front end takes it away, whoever is at its place: as with
 * one that went, what was asked of it ends DELETE_PENDING, and later requests are refused.
 * @presence: SURPRISE_REMOVED, or GONE.
 * opp_contract_return_device - it is what a count or scan says again; where a file has it
 * open still, once that is closed.
 * Neither changes whether somebody is_there. Context: as submit.
 */
void opp_contract_take_device(struct opp_contract_device *device,
			      enum opp_device_presence presence);
void opp_contract_return_device(struct opp_contract_device *device);

/* opp_contract_counts - how often the port was granted and freed (S-85). Context: as submit. */
void opp_contract_counts(struct opp_contract_port *port,
			 struct PARPORT_WMI_ALLOC_FREE_COUNTS *counts);

/*
 * opp_contract_submit - carry out one request.
 * On a port that is lent (OPP_HW_IS_LENT) nobody is granted the port at once: ALLOCATE and
 * SELECT wait in line while the worker claims it, also where nobody else wants it, and
 * what takes a free port for a moment without waiting (INIT_1284_3_BUS, the callbacks that
 * try) is refused as if it were held. While somebody else of the system has it
 * (work.claim, for the worker after a step) whoever waits may be cancelled as ever. A port
 * that is gone, as its system says, is removed as by opp_contract_remove, SURPRISE_REMOVED.
 * INVALID_DEVICE_STATE also to who may act as the holder, wants the wire and finds
 * another caller at work on it for the holder: requests of one holder that use the
 * wire come one after the other. The same to who wants the wire while an IEEE 1284
 * mode is in force, which the contract's own callers cannot wait to leave.
 * Returns PENDING: @request ends through complete, perhaps it already has, and
 *	must not be touched here any more. Of a port only ALLOCATE and SELECT, which
 *	wait for the port, and a DISCONNECT_INTERRUPT whose deferred routine is
 *	running, which waits for that; of a device what goes through its work
 *	queue; or its final status.
 * A CLEANUP or CLOSE disconnects what its file has connected, and does not wait for a
 * deferred routine that is running: only who asks for DISCONNECT_INTERRUPT, and waits for
 * its end, may rely on none being called any more.
 * Context: <= DISPATCH_LEVEL, no lock held, also from within complete and the
 *	clients' routines. Never waits; drives the wire for 1 ms at most.
 */
enum opp_status opp_contract_submit(struct opp_contract_port *port, struct opp_request *request);

/*
 * opp_contract_cancel - the front end's cancel of a pending request.
 * It ends CANCELLED, through complete, one that a device has begun as soon as that can
 * stop; without effect when it is too late.
 * Context: as submit. @request must still exist.
 */
void opp_contract_cancel(struct opp_contract_port *port, struct opp_request *request);

/*
 * opp_contract_remove - the port goes away.
 * Queued requests end DELETE_PENDING, later ones are refused, interrupt
 * routines are not called any more; its devices go with it. What is being done on
 * the wire still comes to its end, soon where the hardware is gone: callers who are in
 * there return, and step_later is still to be heeded. Context: as submit.
 */
void opp_contract_remove(struct opp_contract_port *port, enum opp_port_presence presence);

/*
 * opp_contract_interrupt - the port's interrupt has fired.
 * Returns whether one of the connected routines handled it.
 * Context: DIRQL, inside what synchronize excludes.
 */
bool opp_contract_interrupt(struct opp_contract_port *port);

/*
 * opp_contract_tell_and_unlock - ends a step that a front end has made itself: it may
 * use port->port beside the contract, for clients and requests of its own. Each of
 * those requests is the req of a struct opp_request, which ends through complete.
 * Context: lock held, which this gives back; otherwise as submit.
 */
void opp_contract_tell_and_unlock(struct opp_contract_port *port);

/* Carries out what settle_later asked for. Context: as submit. */
void opp_contract_settle(struct opp_contract_port *port);

/*
 * opp_contract_step - works on the wire. Between two holders: a device is selected
 * for a SELECT, what the last holder left is undone, the next one is served. While a
 * device holds the port: does what that was asked for. In line too long: DEVICE_BUSY.
 * @budget_ns: how long a step may keep its caller, counted.
 * Returns OPP_STEP_AGAIN; OPP_STEP_WAIT: step again when port->wait says, or when
 *	step_later is asked for; the worker may read it until then; or OPP_STEP_DONE
 *	when nothing was left to do, but see step_later.
 * Context: one worker a port; otherwise as submit.
 */
enum opp_step opp_contract_step(struct opp_contract_port *port, uint32_t budget_ns);

/*
 * opp_contract_suspend - the hardware is about to lose its power (S-84). Nothing is
 * granted and nothing is begun on the wire until resume; all else is as before: what is
 * submitted waits, can be cancelled, expires and is removed, a holder may free. What a
 * holder asks of the wire is refused (INVALID_DEVICE_STATE). What a device is doing ends
 * DEVICE_POWERED_OFF, with the bytes it had moved; a selection that is being made for a
 * SELECT is made anew when the port has resumed: until then it cannot be cancelled, as ever.
 * Returns true when the wire is quiet, and stays so; false while somebody is at work on
 *	it: for 1 ms, or, where a device is to end what it does or a mode, the few answers
 *	of 100 ms that opp_transfer_end says. The worker goes on meanwhile: wait, ask again.
 *	Idempotent; on a removed port without effect.
 * opp_contract_resume - there is power again, and what the chip, the adapters and the
 * devices knew is lost, or may be. Before anything else the worker brings the lines and
 * the chip to compatibility idle (hw.restore) and, where devices of a daisy chain were
 * known, gives them their IDs again; if they are not as many as before they are counted
 * as by INIT_1284_3_BUS. A holder keeps the port, without its chip mode and selection,
 * but a device that is locked is selected again, or loses its lock. Without effect unless
 * suspended.
 * Context: as submit.
 */
bool opp_contract_suspend(struct opp_contract_port *port);
void opp_contract_resume(struct opp_contract_port *port);

/* The NTSTATUS that stands for @status. */
int32_t opp_ntstatus(enum opp_status status);

#endif
