/* SPDX-License-Identifier: MIT */
/*
 * The native rig: src/contract in this process, under an imitation of what a
 * kernel gives it. It checks by itself, at every step:
 *
 *	- the lock is taken once at a time and only at or below DISPATCH_LEVEL,
 *	  never held when a client is told or called;
 *	- each pended request completes exactly once, one of a port with
 *	  Information 0, and nobody touches its storage afterwards (it is
 *	  overwritten);
 *	- a system buffer is exactly as long as the request says: nothing beyond
 *	  it changes, nothing in it changes on failure (but of a read), and on
 *	  success nothing beyond Information (the input stays);
 *	- what submit answers PENDING has been marked so, and nothing else;
 *	- the line of interrupt routines changes only while the interrupt is kept out;
 *	- waiters = allocates, selects and devices in line; a port with waiters is not free;
 *	  grants - releases is 1 exactly when the port is not free;
 *	- the wire is touched with the lock free, by one context at a time, and is
 *	  at rest when the port is free or an ALLOCATE is granted;
 *	- the worker is asked for when it is needed;
 *	- a port that is lent is touched from claim to unclaim only, is claimed while somebody
 *	  holds it and given back, at rest, before it is free or anybody else's.
 */
#ifndef OPENPARPORT_TESTS_NATIVE_H
#define OPENPARPORT_TESTS_NATIVE_H

#include <openparport/contract.h>

#include "case.h"
#include "chain_hw.h"

#define SYSTEM_BUFFER_BYTES 512
#define CANARY_BYTES        16
#define RIG_SLOTS           1100

/* Who has opened such a file, of the port or of a device. */
#define PROCESS_OF_FILE(file) (1000u + (file))

enum level {
	PASSIVE_LEVEL,
	DISPATCH_LEVEL,
	DIRQL,
};

/* The system of a port that it lends. */
struct system {
	struct opp_hw_ops ops; /* the port's, with those of a system */
	bool lends;
	bool other; /* another user has it */
	bool gone;  /* the port, as it says when it is asked */
	bool asked; /* in vain, and not taken back */
	bool ours;
	uint32_t vain; /* so many more questions are in vain */
	uint32_t questions;
	uint32_t claims; /* questions with success */
};

/* A request packet: what an I/O manager keeps of one request. */
struct slot {
	struct opp_request request;
	struct call *call; /* NULL: unused */
	bool in_line;
	bool pended;
	struct call orphan; /* stands in for a call that has gone */
	bool cancelable;    /* its cancel routine is set */
	_Alignas(16) uint8_t arena[CANARY_BYTES + SYSTEM_BUFFER_BYTES + CANARY_BYTES];
	uint8_t as_sent[CANARY_BYTES + SYSTEM_BUFFER_BYTES + CANARY_BYTES];
};

struct rig {
	struct opp_contract_port port;
	struct opp_port_description description;
	struct chain_hw chain;
	struct system system;
	struct opp_client clients[RIG_FILES];
	bool is_open[RIG_FILES];
	struct opp_client device_files[MOST_DEVICES][RIG_FILES];
	bool device_is_open[MOST_DEVICES][RIG_FILES];
	uint32_t changes; /* of devices, as told */
	enum opp_status may_await;
	bool connect_enabled;
	bool settle_asked;
	bool step_asked;
	bool worker_waits; /* for wake_us */
	uint64_t wake_us;
	void (*during)(struct rig *rig); /* called once, after @during_after touches of the wire */
	uint32_t during_after;
	bool touching; /* in there */
	bool is_gone;  /* the hardware */
	bool is_off;   /* it has no power */
	uint32_t touched_after;
	uint32_t most_touches_after;
	bool may_break; /* an invariant; @broken counts how often */
	uint32_t broken;
	uint64_t wire_ns; /* accesses and waits so far; in now_us up to told_ns */
	uint64_t told_ns;
	bool locked;
	bool synchronized;
	enum level level;
	enum level level_before_lock;
	uint64_t now_us;
	uint32_t completed;
	uint32_t connected; /* pairs in the line, as last seen while the interrupt was kept out */
	uint32_t in_line;   /* allocates and selects, unless a cancel has been skipped */
	bool cancel_while_joining; /* the next pended request is cancelled at that moment */
	struct rig *second;
	uint32_t next_slot;
	struct slot slots[RIG_SLOTS]; /* last: cleared one by one, as they are used */
};

/* @needs: enum case_needs. */
void rig_begin(struct rig *rig, uint32_t needs);

/* Closes what is open and checks that nothing is left. */
void rig_end(struct rig *rig);

/* The two halves of a cancel: the request's cancel routine is taken, then runs. */
bool rig_begin_cancel(struct call *call);
void rig_finish_cancel(struct rig *rig, struct call *call);

/*
 * One step of the port's worker; returns false when there is nothing to do.
 * rig_settle takes them all.
 */
bool rig_step(struct rig *rig);

/* The port's, as it is now. */
enum opp_port_state rig_state(struct rig *rig);

/* From now on a system lends the port, to nobody else as yet. */
void rig_lend(struct rig *rig);

/* Another user of the system is faster for a while. */
void rig_lend_elsewhere(struct rig *rig);

/* What it must be: of a port that its system does not lend, nothing. */
void rig_check_claim(struct rig *rig, enum opp_port_state state);

/* The wire is being touched, or the system asked: now somebody else comes in between. */
void rig_disturb(struct rig *rig);

/* Nothing that a holder may leave is left on the wire. */
void rig_check_rest(const struct rig *rig);

/* The port's worker has something to do on the wire; for a device, or to look at them. */
bool rig_has_work(struct rig *rig);
bool rig_has_device_work(struct rig *rig);

/* The invariants; for who has called the contract and nobody is still being told. */
void rig_check(struct rig *rig);

#ifdef CHAIN_OVER_CHIP
/* Plugs in one DEVICE_FULL a place and looks at them. */
void rig_begin_devices(struct rig *rig);
#endif

/* Runs one case on a fresh port. */
void rig_run_case(const struct contract_case *contract_case);

extern const struct case_table native_cases; /* those that look behind the scenes */
extern const struct case_table native_bus_cases;
extern const struct case_table native_registers_cases;
extern const struct case_table native_wire_cases;
extern const struct case_table native_power_cases;
extern const struct case_table native_lent_cases;
extern const struct case_table native_lent_device_cases;
extern const struct case_table native_lent_power_cases;
extern const struct case_table native_device_cases;
extern const struct case_table native_look_cases;
extern const struct case_table native_device_power_cases;
extern const struct case_table native_status_cases;

/* Every table of cases. */
extern const struct case_table *const all_case_tables[];
extern const size_t all_case_table_count;

#endif
