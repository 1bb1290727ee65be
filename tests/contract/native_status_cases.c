/* SPDX-License-Identifier: MIT */
/*
 * IOCTL_OPENPARPORT_QUERY_STATUS: the processes of files, and moments between two steps of
 * the port's worker.
 */
#include "device_case.h"
#include "native.h"

static void processes(struct rig *rig)
{
	struct OPENPARPORT_STATUS status;

	open_files(rig, 3);
	open_device(rig, RAW_DEVICE, 1);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 2, ALLOCATE), SUCCESS);
	status = query_status(rig, END_DEVICE);
	CHECK_EQUAL(status.HolderProcess, PROCESS_OF_FILE(2));
	CHECK_EQUAL(status.Devices[OPENPARPORT_RAW].Process, PROCESS_OF_FILE(1));
	CHECK_EQUAL(status.Devices[OPENPARPORT_END_OF_CHAIN].Process, PROCESS_OF_FILE(0));
	CHECK_EQUAL(status.Devices[0].Process, 0);
	CHECK_EQUAL(ask(rig, 2, FREE), SUCCESS);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, IOCTL_INTERNAL_LOCK_PORT), SUCCESS);
	CHECK_EQUAL(query_status(rig, END_DEVICE).HolderProcess, PROCESS_OF_FILE(0));
}

static void being_granted(struct rig *rig)
{
	struct OPENPARPORT_STATUS status;
	struct call select = { 0 };

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	queue_device(rig, &select, 0, 1);
	status = query_status(rig, END_DEVICE);
	CHECK_EQUAL(status.State, OPENPARPORT_GRANTING);
	CHECK_EQUAL(status.HolderKind, OPENPARPORT_HOLDER_FILE);
	CHECK_EQUAL(status.HolderProcess, PROCESS_OF_FILE(0));
	CHECK_EQUAL(status.HeldMicroseconds, 0);
	rig_settle(rig);
	CHECK_EQUAL(select.status, SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	status = query_status(rig, END_DEVICE);
	CHECK_EQUAL(status.State, OPENPARPORT_RELEASING);
	CHECK_EQUAL(status.HolderKind, OPENPARPORT_HOLDER_NOBODY);
	rig_settle(rig);
	CHECK_EQUAL(query_status(rig, END_DEVICE).State, OPENPARPORT_FREE);
}

static void looked_at(struct rig *rig)
{
	struct OPENPARPORT_STATUS status;

	open_device(rig, END_DEVICE, 0);
	opp_contract_look(&rig->port);
	status = query_status(rig, END_DEVICE);
	CHECK_EQUAL(status.State, OPENPARPORT_HELD);
	CHECK_EQUAL(status.HolderKind, OPENPARPORT_HOLDER_DRIVER);
	CHECK_EQUAL(status.HolderProcess, 0);
	rig_settle(rig);
	CHECK_EQUAL(query_status(rig, END_DEVICE).HolderKind, OPENPARPORT_HOLDER_NOBODY);
}

static const struct contract_case cases[] = {
	{ "status: the process that holds the port, and those of open devices", processes,
	  ON_POOR_CHIP },
	{ "status: while a device is selected for its next holder, and after it", being_granted,
	  ON_POOR_CHIP },
	{ "status: while the port looks who is there", looked_at, ON_POOR_CHIP },
};

CASE_TABLE(native_status_cases, cases);
