/* SPDX-License-Identifier: MIT */
/*
 * A scan, transfer after transfer.
 *
 *	ASSIGNING --> SELECTING --> ASKING --+--> DESELECTING --> ASKING_END --> DONE
 *	  |  ^            |           |      |         |               ^
 *	  |  '--next one--+-----------'      |         '- no answer ---|------> DONE
 *	  '----------- no chain ---------------------------------------'
 *
 * A device that cannot be selected is in the chain all the same, without an id.
 * Who answers a question is beyond doubt, or the question is not asked.
 */
#include <openparport/scan.h>

static void ask(struct opp_scan *scan, enum opp_scan_stage stage)
{
	scan->stage = stage;
	opp_device_id_begin(&scan->transfer, scan->protocol, scan->raw, sizeof(scan->raw));
}

void opp_scan_begin(struct opp_scan *scan, struct opp_protocol *protocol, uint8_t most_devices)
{
	scan->status = OPP_PENDING;
	scan->devices = 0;
	for (uint32_t place = 0; place < OPP_SCAN_PLACES; place++)
		scan->id[place][0] = '\0';
	scan->still_selected = false;
	scan->protocol = protocol;
	atomic_init(&scan->ended_by, OPP_SUCCESS);
	scan->place = 0;
	if (most_devices) {
		scan->stage = OPP_SCAN_ASSIGNING;
		opp_chain_assign_begin(&scan->transfer, protocol, most_devices);
	} else {
		ask(scan, OPP_SCAN_ASKING_END);
	}
}

/* Of what did not come whole nothing is believed. */
static void keep_id(struct opp_scan *scan, uint8_t place)
{
	if (scan->transfer.status == OPP_SUCCESS)
		(void)opp_device_id_text(scan->raw, scan->transfer.moved, scan->id[place],
					 sizeof(scan->id[place]));
}

static void finish(struct opp_scan *scan, enum opp_status status)
{
	const enum opp_status reason = (enum opp_status)atomic_load(&scan->ended_by);

	scan->stage = OPP_SCAN_DONE;
	scan->status = reason != OPP_SUCCESS ? reason : status;
}

/* To the device at scan->place, or behind the last one home. */
static void go_to_place(struct opp_scan *scan)
{
	if (scan->place < scan->devices && !atomic_load(&scan->ended_by)) {
		scan->stage = OPP_SCAN_SELECTING;
		scan->still_selected = true; /* one of them may hear it, whatever they answer */
		opp_chain_select_begin(&scan->transfer, scan->protocol, scan->place,
				       OPP_MODE_COMPAT);
	} else if (scan->still_selected) {
		scan->stage = OPP_SCAN_DESELECTING;
		opp_chain_deselect_begin(&scan->transfer, scan->protocol);
	} else if (atomic_load(&scan->ended_by)) {
		finish(scan, OPP_SUCCESS);
	} else {
		ask(scan, OPP_SCAN_ASKING_END);
	}
}

static void assigned(struct opp_scan *scan)
{
	if (scan->transfer.status == OPP_SUCCESS)
		scan->devices = (uint8_t)scan->transfer.moved;
	go_to_place(scan);
}

static void selected(struct opp_scan *scan)
{
	if (scan->transfer.status == OPP_SUCCESS) {
		ask(scan, OPP_SCAN_ASKING);
		return;
	}
	scan->place++;
	go_to_place(scan);
}

static void answered(struct opp_scan *scan)
{
	keep_id(scan, scan->place++);
	go_to_place(scan);
}

static void deselected(struct opp_scan *scan)
{
	scan->still_selected = scan->transfer.status != OPP_SUCCESS;
	if (scan->still_selected)
		finish(scan, OPP_UNSUCCESSFUL);
	else
		go_to_place(scan);
}

static void go_on(struct opp_scan *scan)
{
	switch (scan->stage) {
	case OPP_SCAN_ASSIGNING: assigned(scan); break;
	case OPP_SCAN_SELECTING: selected(scan); break;
	case OPP_SCAN_ASKING: answered(scan); break;
	case OPP_SCAN_DESELECTING: deselected(scan); break;
	case OPP_SCAN_ASKING_END:
		keep_id(scan, OPP_PLACE_END_OF_CHAIN);
		finish(scan, OPP_SUCCESS);
		break;
	case OPP_SCAN_DONE: break;
	}
}

enum opp_step opp_scan_step(struct opp_scan *scan, struct opp_hw *hw, uint64_t now_us,
			    uint32_t budget_ns)
{
	const enum opp_status reason = (enum opp_status)atomic_load(&scan->ended_by);
	enum opp_step step;

	if (reason != OPP_SUCCESS && scan->stage != OPP_SCAN_DESELECTING)
		opp_transfer_end(&scan->transfer, reason);
	step = opp_transfer_step(&scan->transfer, hw, now_us, budget_ns);
	if (step != OPP_STEP_DONE)
		return step;
	go_on(scan);
	return scan->stage == OPP_SCAN_DONE ? OPP_STEP_DONE : OPP_STEP_AGAIN;
}

void opp_scan_end(struct opp_scan *scan, enum opp_status reason)
{
	uint32_t none = OPP_SUCCESS;

	(void)atomic_compare_exchange_strong(&scan->ended_by, &none, reason);
}
