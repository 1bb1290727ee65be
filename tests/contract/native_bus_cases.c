/* SPDX-License-Identifier: MIT */
/*
 * Devices that a front end's bus takes away and returns, whoever is at their place.
 */
#include "device_case.h"
#include "native.h"

static void take(struct rig *rig, uint8_t place, enum opp_device_presence presence)
{
	opp_contract_take_device(opp_contract_device(&rig->port, place), presence);
}

static void give_back(struct rig *rig, uint8_t place)
{
	opp_contract_return_device(opp_contract_device(&rig->port, place));
}

static int32_t try_open(struct rig *rig, uint8_t place, int file)
{
	return ask_device_major(rig, place, file, IRP_MJ_CREATE);
}

static void taken_with_work(struct rig *rig)
{
	struct call running = { 0 }, waiting = { 0 };

	open_device(rig, 1, 0);
	open_device(rig, RAW_DEVICE, 1);
	queue_write(rig, &running, 1, "abc", 3);
	queue_write(rig, &waiting, 1, "def", 3);
	take(rig, 1, OPP_DEVICE_SURPRISE_REMOVED);
	rig_settle(rig);
	check_ended(&running, DELETE_PENDING);
	check_ended(&waiting, DELETE_PENDING);
	CHECK(!is_held(rig));
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), DELETE_PENDING);
	CHECK_EQUAL(try_open(rig, 1, 1), DELETE_PENDING);
	take(rig, 1, OPP_DEVICE_GONE);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), DEVICE_REMOVED);
	CHECK_EQUAL(write_to(rig, RAW_DEVICE, "ghi", 3), SUCCESS);
}

/* Neither a look nor who closes it brings it back; who is there is told all the same. */
static void stays_taken(struct rig *rig)
{
	open_device(rig, 1, 0);
	take(rig, 1, OPP_DEVICE_GONE);
	CHECK(rig_is_there(rig, 1, NULL));
	close_device(rig, 1, 0);
	rig_look(rig);
	CHECK(rig_is_there(rig, 1, NULL));
	CHECK_EQUAL(try_open(rig, 1, 0), DEVICE_REMOVED);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_look(rig);
	CHECK(!rig_is_there(rig, 1, NULL));
	rig_change_chain(rig, 2, CHAIN_SOUND);
	rig_look(rig);
	CHECK(rig_is_there(rig, 1, NULL));
	CHECK_EQUAL(try_open(rig, 1, 0), DEVICE_REMOVED);
}

static void returned(struct rig *rig)
{
	take(rig, 1, OPP_DEVICE_GONE);
	give_back(rig, 1);
	open_device(rig, 1, 0);
	CHECK_EQUAL(write_to(rig, 1, "abc", 3), SUCCESS);
	close_device(rig, 1, 0);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	take(rig, 1, OPP_DEVICE_GONE);
	rig_look(rig);
	give_back(rig, 1);
	CHECK_EQUAL(try_open(rig, 1, 0), INVALID_DEVICE_REQUEST);
}

static void returned_while_open(struct rig *rig)
{
	open_device(rig, 1, 0);
	take(rig, 1, OPP_DEVICE_SURPRISE_REMOVED);
	give_back(rig, 1);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), DELETE_PENDING);
	close_device(rig, 1, 0);
	open_device(rig, 1, 0);
	CHECK_EQUAL(ask_internal(rig, 1, LOCK), SUCCESS);
}

static void goes_with_its_port(struct rig *rig)
{
	take(rig, 1, OPP_DEVICE_GONE);
	rig_remove(rig, false);
	CHECK(!rig_is_there(rig, 1, NULL));
	give_back(rig, 1);
	CHECK_EQUAL(try_open(rig, 1, 0), DEVICE_REMOVED);
}

static void told_when_closed(struct rig *rig)
{
	uint32_t changes;

	open_device(rig, 1, 0);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_look(rig);
	rig_change_chain(rig, 2, CHAIN_SOUND);
	rig_look(rig);
	CHECK(!rig_is_there(rig, 1, NULL));
	changes = rig_changes(rig);
	close_device(rig, 1, 0);
	CHECK(rig_is_there(rig, 1, NULL));
	CHECK_EQUAL(rig_changes(rig), changes + 1);
	open_device(rig, 1, 0);
	close_device(rig, 1, 0);
	CHECK_EQUAL(rig_changes(rig), changes + 1);
}

static const struct contract_case cases[] = {
	{ "C-177 a device taken away: DELETE_PENDING, then DEVICE_REMOVED", taken_with_work,
	  ON_POOR_CHIP },
	{ "C-177 a device taken away stays so, whoever is there", stays_taken, ON_POOR_CHIP },
	{ "a device that is returned opens if somebody is there", returned, ON_POOR_CHIP },
	{ "a device that is returned while a file has it open", returned_while_open, ON_POOR_CHIP },
	{ "a device taken away goes with its port", goes_with_its_port, ON_POOR_CHIP },
	{ "who comes back as the file of who went is closed is told of", told_when_closed,
	  ON_POOR_CHIP },
};

CASE_TABLE(native_bus_cases, cases);
