/* SPDX-License-Identifier: MIT */
/*
 * The rig under Wine: the cases of tests/contract as a kernel client of the shipped
 * parport.sys, on a port of the test bus driver. Requests are IRPs, callbacks are called as
 * they were handed out, all else is a control of the bus (../bus.h).
 *
 * It checks by itself, at every request:
 *
 *	- it completes exactly once;
 *	- PENDING is returned exactly when the IRP was marked so;
 *	- a system buffer is exactly as long as the request says: nothing beyond it changes,
 *	  nothing in it changes on failure (but of a read), and on success nothing beyond
 *	  Information (the input stays);
 *	- when a case has ended and its files are closed, no request is left, and no device
 *	  object when its port is gone.
 */
#ifndef OPENPARPORT_TESTS_WINE_RIG_H
#define OPENPARPORT_TESTS_WINE_RIG_H

#include <wdm.h>

#include "bus.h"
#include "case.h"
#include "kernel_client.h"

#define SYSTEM_BUFFER_BYTES 512
#define CANARY_BYTES        16
#define RIG_PACKETS         1100

/* A request, and what is remembered of it. */
struct packet {
	IRP *irp; /* NULL: unused */
	struct rig *rig;
	struct call *call;
	bool ended;         /* inside the dispatch, and not marked as pending */
	struct call orphan; /* stands in for a call that has gone */
	_Alignas(16) uint8_t arena[CANARY_BYTES + SYSTEM_BUFFER_BYTES + CANARY_BYTES];
	uint8_t as_sent[CANARY_BYTES + SYSTEM_BUFFER_BYTES + CANARY_BYTES];
};

struct rig_file {
	FILE_OBJECT object;
	bool is_open;
};

struct rig {
	struct bus_port *port;
	struct rig *second;
	uint32_t needs;        /* enum case_needs */
	DEVICE_OBJECT *device; /* as last seen, referenced: they may be gone; or NULL */
	DEVICE_OBJECT *devices[MOST_DEVICES];
	uint32_t changes_seen; /* of bus relations */
	struct PARALLEL_PORT_INFORMATION info;
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts; /* as asked last */
	bool is_removed;                             /* for good */
	bool is_off;                                 /* it and all that hangs on it */
	struct rig_file files[RIG_FILES];
	struct rig_file device_files[MOST_DEVICES][RIG_FILES];
	uint32_t completed;
	uint32_t next_packet;
	struct packet packets[RIG_PACKETS]; /* last: cleared one by one, as they are used */
};

/* ---- rig.c --------------------------------------------------------------------------- */

/* A started port and its devices. */
void rig_begin(struct rig *rig, uint32_t needs);

/* Closes what is open, takes the port away and checks that nothing is left. */
void rig_end(struct rig *rig);

/* After a case that failed: the same, without a word. */
void rig_drop(struct rig *rig);

/* The device object at a place, or the one that was there last; NULL: there was none. */
DEVICE_OBJECT *rig_device(struct rig *rig, uint8_t place);

/* A file of a device has been closed: one that is gone is removed, then. */
void rig_closed(struct rig *rig, uint8_t place);

/* Places of devices in an array, the raw one last. */
static inline uint32_t index_of(uint8_t place)
{
	return place == RAW_DEVICE ? MOST_DEVICES - 1 : place;
}

/* ---- packets.c ------------------------------------------------------------------------- */

/* The calls of a case that has returned are gone; the requests still wait. */
void packets_adopt(struct rig *rig);
bool packets_are_left(const struct rig *rig);
void packets_cancel(struct rig *rig);

/* ---- serve.c -------------------------------------------------------------------------------- */

/* From now on programs have a port. False: it could not be made. */
bool serve_programs(void);

/* ---- the cases that are of this rig alone ---------------------------------------------------- */

extern const struct case_table start_cases; /* names, interfaces, ids */
extern const struct case_table layout_cases;
extern const struct case_table object_cases;
extern const struct case_table pnp_cases;
extern const struct case_table race_cases;

#endif
