/* SPDX-License-Identifier: MIT */
/*
 * The documented contract of a port: requests and callbacks on one side, the
 * engine on the other.
 *
 *	front end        opp_contract_submit        opp_contract_interrupt
 *	 (any OS) ------------> | <-------------------------- port's interrupt
 *	                        v
 *	     row of (object, major, code): lengths, fields, holder, action
 *	                        v
 *	                 struct opp_port (queue, holder, hand-over)
 *	                        v
 *	 complete <---- events, told one by one with no lock held
 *
 * The front end owns all storage and supplies the lock, the clock and the
 * completion. The contract takes and drops the lock itself, so a front end
 * calls everything here without it. It knows no operating system and no chip:
 * the wire is a struct opp_hw. Who asks for something on the wire does it, the
 * lock given back meanwhile (1 ms at most); what is due between two holders is
 * left to a worker of the front end, opp_contract_step.
 *
 * Not here: devices on the port; power and Plug and Play requests.
 *
 * Source: [Port IRPs], [Sync], [Select], [Chip], [ISR] of docs/sources.md.
 */
#ifndef OPENPARPORT_CONTRACT_H
#define OPENPARPORT_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/codes.h>
#include <openparport/hw.h>
#include <openparport/ieee1284.h>
#include <openparport/port.h>
#include <openparport/queue.h>
#include <openparport/status.h>
#include <openparport/step.h>

/* Pairs of interrupt routines that can be connected to one port at a time. */
#define OPP_INTERRUPT_ENTRIES 16

/* What a request is addressed to; part of its key in the tables. */
enum opp_object_kind {
	OPP_OBJECT_PORT,
};

/*
 * A request. Storage is the front end's, until submit returns something else
 * than PENDING or complete is called for it. A file is one struct opp_client
 * from CREATE, which initialises it, to CLOSE.
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

	/* The answer. */
	enum opp_status status;
	uint32_t information; /* bytes of output; 0 on every failure */

	struct opp_req req; /* the engine's */
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
	uint32_t most_devices;     /* daisy devices that may get an ID, up to OPP_CHAIN_DEVICES */
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

/* What the contract needs from its front end; all of them must be there. */
struct opp_contract_ops {
	/* The port's lock. Context: <= DISPATCH_LEVEL; not recursive. */
	void (*lock)(void *context);
	void (*unlock)(void *context);

	/* Microseconds of one monotonic clock. Context: lock held. */
	uint64_t (*now_us)(void *context);

	/*
	 * pend - @request will end later, through complete.
	 * @cancelable: from here on, until take, the front end may call
	 *	opp_contract_cancel for it. Not so when it waits for no holder.
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
	 * held; may submit, call callbacks and free the storage.
	 */
	void (*complete)(void *context, struct opp_request *request);

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

struct opp_contract_port {
	struct opp_port port;
	const struct opp_port_description *description;
	const struct opp_contract_ops *ops;
	void *context; /* of ops */

	/*
	 * The wire: hw, protocol and work belong to who set OPP_UNDO_TRANSFER,
	 * or in GRANTING and RELEASING to opp_contract_step.
	 */
	struct opp_hw *hw;
	struct opp_protocol protocol;
	struct opp_wire_work work;

	/* Port lock. */
	bool stepping;         /* work is that between two holders */
	uint8_t chip_mode;     /* while OPP_UNDO_CHIP_MODE */
	uint8_t selected;      /* ID, while OPP_UNDO_SELECTION */
	uint32_t device_count; /* daisy devices, IDs 0 .. count - 1 */

	struct opp_queue connected; /* in connect order; walked at interrupt level */
	bool interrupts_ended;      /* removed; changed in synchronize only */
	struct opp_interrupt_entry entries[OPP_INTERRUPT_ENTRIES];
};

/*
 * opp_contract_init - a free port without daisy devices: an INIT_1284_3_BUS finds
 * those. Touches no hardware. All that is passed in outlives it.
 */
void opp_contract_init(struct opp_contract_port *port,
		       const struct opp_port_description *description, struct opp_hw *hw,
		       const struct opp_contract_ops *ops, void *context);

/*
 * opp_contract_submit - carry out one request.
 * INVALID_DEVICE_STATE also to who may act as the holder, wants the wire and finds
 * another caller at work on it for the holder: requests of one holder that use the
 * wire come one after the other.
 * Returns PENDING: @request ends through complete, perhaps it already has, and
 *	must not be touched here any more. Only ALLOCATE and SELECT, which wait
 *	for the port, and a DISCONNECT_INTERRUPT whose deferred routine is
 *	running, which waits for that; or its final status.
 * Context: <= DISPATCH_LEVEL, no lock held, also from within complete and the
 *	clients' routines. Never waits; drives the wire for 1 ms at most.
 */
enum opp_status opp_contract_submit(struct opp_contract_port *port, struct opp_request *request);

/*
 * opp_contract_cancel - the front end's cancel of a pending request.
 * It ends CANCELLED, through complete; without effect when it is too late.
 * Context: as submit. @request must still exist.
 */
void opp_contract_cancel(struct opp_contract_port *port, struct opp_request *request);

/*
 * opp_contract_remove - the port goes away.
 * Queued requests end DELETE_PENDING, later ones are refused, interrupt
 * routines are not called any more. What is being done on the wire still comes
 * to its end, soon where the hardware is gone: callers who are in there return,
 * and step_later is still to be heeded. Context: as submit.
 */
void opp_contract_remove(struct opp_contract_port *port, enum opp_port_presence presence);

/*
 * opp_contract_interrupt - the port's interrupt has fired.
 * Returns whether one of the connected routines handled it.
 * Context: DIRQL, inside what synchronize excludes.
 */
bool opp_contract_interrupt(struct opp_contract_port *port);

/* Carries out what settle_later asked for. Context: as submit. */
void opp_contract_settle(struct opp_contract_port *port);

/*
 * opp_contract_step - works on the wire between two holders: a device is selected
 * for a SELECT, what the last holder left is undone, the next one is served.
 * @budget_ns: how long a step may keep its caller, counted.
 * Returns OPP_STEP_AGAIN; OPP_STEP_WAIT: step again when port->work.transfer.wait
 *	says, the worker may read it until then; or OPP_STEP_DONE when nothing was
 *	left to do, but see step_later.
 * Context: one worker a port; otherwise as submit.
 */
enum opp_step opp_contract_step(struct opp_contract_port *port, uint32_t budget_ns);

/* The NTSTATUS that stands for @status. */
int32_t opp_ntstatus(enum opp_status status);

#endif
