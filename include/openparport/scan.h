/* SPDX-License-Identifier: MIT */
/*
 * What devices are on a port: those of the daisy chain and the one at its end, each
 * with its IEEE 1284 device id.
 *
 *	opp_scan_begin --> opp_scan_step --> OPP_STEP_DONE
 *	                     ^   |
 *	                     '---'  OPP_STEP_AGAIN, OPP_STEP_WAIT: scan->transfer.wait
 *
 * For whoever holds the port and drives its wire. Whatever it ends with: compatibility
 * mode, and nobody in the chain selected, so that the device at the end is the one
 * that listens (but see still_selected).
 *
 * A device says what it likes: an id is a text as opp_device_id_text makes it, and
 * nothing more is known of it. This keeps no list and compares with none.
 *
 * Source: IEEE1284 6.3, 7; CONTRACT S-60, S-81.
 */
#ifndef OPENPARPORT_SCAN_H
#define OPENPARPORT_SCAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <openparport/chain.h>
#include <openparport/device.h>
#include <openparport/device_id.h>
#include <openparport/hw.h>
#include <openparport/ieee1284.h>

/* OPP_PLACE_END_OF_CHAIN is the last one. */
#define OPP_SCAN_PLACES (OPP_CHAIN_DEVICES + 1u)

enum opp_scan_stage {
	OPP_SCAN_ASSIGNING,
	OPP_SCAN_SELECTING, /* the device at scan->place */
	OPP_SCAN_ASKING,    /* ... for its id */
	OPP_SCAN_DESELECTING,
	OPP_SCAN_ASKING_END, /* the device at the end of the chain */
	OPP_SCAN_DONE,
};

struct opp_scan {
	/* how it goes; read between steps */
	enum opp_status status; /* PENDING until OPP_STEP_DONE */
	uint8_t devices;        /* in the daisy chain: places 0 .. devices - 1 */
	/* "": it has none, none that can be believed, or was not asked */
	char id[OPP_SCAN_PLACES][OPP_DEVICE_ID_MOST];
	struct opp_transfer transfer; /* of it, wait is valid after OPP_STEP_WAIT */
	bool still_selected;          /* the chain stopped listening with a device selected */

	/* own */
	struct opp_protocol *protocol;
	_Atomic uint32_t ended_by; /* why it shall stop (enum opp_status); 0: go on */
	enum opp_scan_stage stage;
	uint8_t place;
	uint8_t raw[OPP_DEVICE_ID_MOST];
};

/*
 * opp_scan_begin - prepares a scan. Touches no hardware.
 * @most_devices: of the daisy chain, 0 .. OPP_CHAIN_DEVICES; 0: no adapter is spoken to.
 * Context: any.
 * When done: OPP_SUCCESS, also where nobody is;
 *	OPP_UNSUCCESSFUL	the chain stopped listening on the way; what was found before
 *				is told, nobody was asked for an id whose place is in doubt
 *	the reason given to opp_scan_end
 */
void opp_scan_begin(struct opp_scan *scan, struct opp_protocol *protocol, uint8_t most_devices);

/*
 * opp_scan_step - goes on.
 * Context, parameters, Returns: as opp_transfer_step.
 */
enum opp_step opp_scan_step(struct opp_scan *scan, struct opp_hw *hw, uint64_t now_us,
			    uint32_t budget_ns);

/*
 * opp_scan_end - makes it stop soon, and leave the wire as it always does. The first
 * reason wins; none has an effect on a scan that is done. The caller wakes who steps.
 * Context: as opp_transfer_end.
 */
void opp_scan_end(struct opp_scan *scan, enum opp_status reason);

#endif
