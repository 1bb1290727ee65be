/* SPDX-License-Identifier: MIT */
/* Requests of the device at the end of the chain (device_rig.h), each run to its end. */
#ifndef OPP_TEST_DEVICE_LAST_H
#define OPP_TEST_DEVICE_LAST_H

#include "device_rig.h"

/* What the last read got. */
extern uint8_t got[WORLD_BYTES];

/* The unit, and where it is plugged in. */
struct opp_1284 *last_unit(void);
struct opp_sim_connector *end_of_chain(void);
void unplug_last(void);

void lock_last(void);
void unlock_last(void);

/* Masks of protocols; negotiate asserts that it succeeds. */
struct ask *negotiation(uint16_t read, uint16_t write);
void negotiate(uint16_t read, uint16_t write);

enum opp_status write_text(const char *text);
/* Asserts how it ends; what came is in got. */
struct ask *read_bytes(size_t length, enum opp_status status);

/* One from before IEEE 1284 takes its place. */
void plug_old_printer(void);

#endif
