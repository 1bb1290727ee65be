/* SPDX-License-Identifier: MIT */
/*
 * A daisy chain whose devices, and the one at its end, know IEEE 1284 and have ids;
 * and a scan on it.
 */
#ifndef OPP_TEST_SCAN_RIG_H
#define OPP_TEST_SCAN_RIG_H

#include <openparport/scan.h>
#include <openparport/sim_1284.h>

#include "chain_rig.h"

struct scan_rig {
	struct chain_rig chain;
	struct opp_1284 devices[OPP_SCAN_PLACES];
	uint32_t count; /* of adapters */
	struct opp_scan scan;
};

/* What the device at @place says it is. */
const char *scan_id_of(uint32_t place);

/* @count adapters, an IEEE 1284 device at each place; the driver opened. */
void scan_start(struct scan_rig *rig, uint32_t count);

/* Another device at @place, in the stead of what was there. */
void scan_plug(struct scan_rig *rig, uint32_t place, const struct opp_1284_options *options);

enum opp_step scan_step(struct scan_rig *rig, uint32_t budget_ns);

/* What was begun, to its end, letting time pass where it waits. */
enum opp_status scan_run_on(struct scan_rig *rig, uint32_t budget_ns);

/* From the beginning to the end. */
enum opp_status scan_run(struct scan_rig *rig, uint8_t most);

/* The first @devices and the one at the end have the ids of scan_id_of, the others none. */
void scan_assert_found(const struct scan_rig *rig, uint8_t devices);

/* Compatibility mode, lines at idle, nobody selected. */
void scan_assert_rests(const struct scan_rig *rig);

#endif
