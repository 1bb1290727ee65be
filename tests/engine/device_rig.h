/* SPDX-License-Identifier: MIT */
/*
 * Devices on a port, all the way down: struct opp_device and struct opp_port, engine, chip
 * driver, a daisy chain of two and the device at its end, on a virtual clock; and files of
 * the port that want it, too.
 *
 * A turn of the world tells what ended, then makes one step on the wire. After each the
 * invariants are asserted.
 */
#ifndef OPP_TEST_DEVICE_RIG_H
#define OPP_TEST_DEVICE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <openparport/device.h>
#include <openparport/sim_1284.h>
#include <openparport/step.h>

#include "chain_rig.h"

/* Indices of devices and units; LAST is the device at the end of the chain, opened as raw. */
#define FIRST   0u
#define SECOND  1u
#define LAST    2u
#define DEVICES 3u
#define FILES   2u

#define WORLD_BYTES 512u
#define WORLD_ASKS  16u
#define WORLD_TURNS 200000u

/* What the peripheral of a device did. */
struct unit {
	struct opp_1284 device;
	uint8_t page[WORLD_BYTES]; /* in compatibility mode */
	size_t printed;
	struct unit_heard {
		uint8_t kind; /* enum opp_1284_kind */
		uint8_t channel;
		uint8_t byte;
	} heard[WORLD_BYTES]; /* in other modes */
	size_t heard_count;
	const uint8_t *say; /* what it has for the host */
	size_t say_bytes;
	size_t said;    /* asked for, one ahead */
	size_t full_at; /* so many bytes heard: it has no room for more; 0: never */
};

struct ask {
	struct opp_device_req req;
	struct opp_device *device;
	uint32_t told;
	uint32_t rank; /* of all that were told, from 1 */
};

struct world {
	struct chain_rig chain;
	struct unit units[DEVICES];
	struct opp_port port;
	struct opp_device devices[DEVICES];
	struct opp_wire_work between;
	bool handing_over;

	struct opp_client files[FILES];
	struct opp_req file_reqs[FILES];
	bool has_port[FILES];
	bool wants_port[FILES]; /* its request is not told yet */

	struct ask asks[WORLD_ASKS];
	uint32_t told;
	const struct opp_device_req *refused; /* take says no */

	uint32_t options; /* OPP_PROTOCOL_*, of the port */
	uint32_t budget_ns;
	uint32_t steps; /* on the wire, so far */
	uint32_t waits;
	/* called before the step whose number (from 1) is world.steps; may be NULL */
	void (*disturb)(void);
	bool selection_stays; /* somebody asked for no deselect */
};

extern struct world world;

#define UNIT_MODES                                                                                 \
	(OPP_1284_NIBBLE | OPP_1284_BYTE | OPP_1284_ECP | OPP_1284_EPP | OPP_1284_ID_NIBBLE)
#define UNIT_ID "MFG:A;MDL:B;CLS:PRINTER;"

/* Opened devices whose units know @modes (OPP_1284_*), on a chip with both ECP and EPP. */
void world_start(uint32_t modes);
void world_start_on(const struct opp_sim_options *chip, uint32_t modes, uint32_t options);

/* For cmocka: world_start(UNIT_MODES). */
int start_world(void **state);

uint64_t world_now_us(void);
struct opp_device *device_at(uint32_t index);

/* ---- requests --------------------------------------------------------------------------- */

/* A fresh request for the device at @index, not submitted. */
struct ask *world_ask(uint32_t index, enum opp_device_op op);
struct ask *world_ask_bytes(uint32_t index, enum opp_device_op op, void *bytes, size_t length);

/* Returns what submit did. */
enum opp_status world_submit(struct ask *ask);
struct ask *world_submitted(uint32_t index, enum opp_device_op op);
struct ask *world_write(uint32_t index, const char *text);

/* Submits, runs the world to rest and returns how it ended. */
enum opp_status world_do(struct ask *ask);
enum opp_status world_does(uint32_t index, enum opp_device_op op);
/* A LOCK that is granted; an UNLOCK that leaves everything at rest. */
void world_lock(uint32_t index);
void world_unlock(uint32_t index);

/* ---- files of the port --------------------------------------------------------------------- */

void file_asks(uint32_t file);
void file_frees(uint32_t file);

/* ---- time -------------------------------------------------------------------------------------- */

/* One turn. Returns false when there was nothing to do. */
bool world_turn(void);
/* Until there is nothing to do but wait for a deadline or somebody's free. */
void world_run(void);
/* Until @ask is told, deadlines included. */
void world_run_until(struct ask *ask);
void world_pass_us(uint64_t us);

/* ---- what must be true ----------------------------------------------------------------------- */

void expect_told(const struct ask *ask, enum opp_status status);
void expect_waits(const struct ask *ask);
void expect_printed(uint32_t index, const char *text);
void expect_port(enum opp_port_state state);
void expect_device(uint32_t index, enum opp_device_state state);

/* Nobody holds the port or wants it; the wire is at rest and nobody was rude. */
void expect_rest(void);

void unit_says(uint32_t index, const void *bytes, size_t count);

#endif
