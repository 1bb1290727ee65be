/* SPDX-License-Identifier: MIT */
/*
 * A port of parport.sys, its driver loaded into a kernel of its own, over a simulated chip,
 * chain and devices: what a case is written against (tests/contract/case.h), all of it by
 * request packets and callbacks. It checks by itself:
 *
 *	- each packet comes back exactly once, with the status its dispatch returned unless
 *	  that was PENDING;
 *	- a system buffer is exactly as long as the request says: nothing beyond Information
 *	  changes, and nothing at all on failure (but of a read);
 *	- no register is touched that the port was not given, or without power.
 *
 * It looks into the driver only to know whether the port's worker has something to do, what
 * the port is known to have counted, and who is at a place.
 */
#ifndef OPENPARPORT_TESTS_NT_RIG_H
#define OPENPARPORT_TESTS_NT_RIG_H

#include "kernel/kernel.h"
#include "nt.h"

#include "case.h"
#include "chain_model.h"

#define RIG_VECTOR 0x37

struct rig {
	struct kernel_node *node; /* NULL: removed */
	DEVICE_OBJECT *device;    /* the driver's; referred to */
	struct opp_nt_port *port; /* what is behind it; referred to */
	uint32_t number;
	uint32_t needs;

	struct chain_model model;
	uint64_t born_ns; /* when the model's clock was 0 */
	struct kernel_ports spp, ecp;
	uint64_t accesses;
	bool is_off;

	FILE_OBJECT *files[RIG_FILES];
	uint32_t asked_at;                   /* invalidations of relations then, and 1; 0: never */
	DEVICE_OBJECT *places[MOST_DEVICES]; /* referred to */
	FILE_OBJECT *device_files[MOST_DEVICES][RIG_FILES];
	bool is_open[RIG_FILES];
	bool device_is_open[MOST_DEVICES][RIG_FILES];
	uint32_t completed;
	KIRQL before;
	struct slot *slots; /* requests under way */
	struct rig *second;
};

DRIVER_INITIALIZE DriverEntry;

/*
 * rig_create - a chip at 0x378 (@number 0) or 0x278 and a node for it, with the values of its
 *	device key; the driver has not heard of it.
 * rig_add, rig_start - AddDevice, and the start with rig_resources.
 */
void rig_create(struct rig *rig, uint32_t number, uint32_t needs);
NTSTATUS rig_add(struct rig *rig);
NTSTATUS rig_start(struct rig *rig);

/* What @rig is given at its start; of @number. */
struct kernel_resources rig_resources(uint32_t number, uint32_t needs);

/* Closes what is open; gives back what @rig has of the port's devices. */
void rig_close_all(struct rig *rig);
void rig_forget(struct rig *rig);

/* All that a case needs, and the end of all. */
void rig_begin(struct rig *rig, uint32_t number, uint32_t needs);
void rig_end(struct rig *rig);

/* The device of a place: asked for and started if it is not known yet. NULL: none. */
DEVICE_OBJECT *rig_place(struct rig *rig, uint8_t place);

/* Whatever is under way, also if it comes back meanwhile. */
void rig_cancel_all(struct rig *rig);

/* Something that was cancelled is still under way. */
bool rig_keeps_cancelled(const struct rig *rig);

/* The requests that are under way are the rig's from now on: their calls may go. */
void rig_adopt(struct rig *rig);

/* Connects a routine that takes the free port at interrupt level, and frees it there (taker.c). */
void rig_connect_taker(struct rig *rig);

/* Runs one case of a port that is there, or one that makes its own. */
void rig_run_case(void *contract_case);
void rig_run_bare_case(void *contract_case);

extern const struct case_table bus_cases;
extern const struct case_table identity_cases;
extern const struct case_table life_cases;
extern const struct case_table object_cases;
extern const struct case_table system_cases;

/* Of a driver that has been loaded, and of no port. */
extern const struct case_table start_cases;

#endif
