/* SPDX-License-Identifier: MIT */
/*
 * What a request finds when its object is not, or no longer, that of a device that is there;
 * and majors that are not requests of a parallel port.
 */
#include "device_case.h"
#include "rig.h"

static int32_t open_as(struct rig *rig, uint8_t place, bool as_directory)
{
	struct call call = { .major = IRP_MJ_CREATE, .file = 0, .as_directory = as_directory };

	return finish_at(rig, &call, place);
}

static void as_directory(struct rig *rig)
{
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, true), NOT_A_DIRECTORY);
	rig_unplug(rig, END_DEVICE);
	rig_look(rig);
	CHECK_EQUAL(open_as(rig, END_DEVICE, true), NOT_A_DIRECTORY);
	open_device(rig, RAW_DEVICE, 1);
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, true), NOT_A_DIRECTORY);
	rig_remove(rig, true);
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, true), DELETE_PENDING);
}

/* Not yet started, and stopped: what the contract says of no hardware. */
static void as_directory_unstarted(struct rig *rig)
{
	struct kernel_node *child;

	CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
	child = kernel_child(rig->node, 0);
	ObReferenceObject(child->physical);
	rig->places[MOST_DEVICES - 1] = child->physical; /* as rig_place has the raw one */
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, true), NOT_A_DIRECTORY);
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, false), INVALID_DEVICE_REQUEST);
	CHECK_EQUAL(kernel_start_child(child), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_stop(rig->node), STATUS_SUCCESS);
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, true), NOT_A_DIRECTORY);
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, false), INVALID_DEVICE_REQUEST);
}

static void no_hardware(struct rig *rig)
{
	open_device(rig, 1, 0);
	close_device(rig, 1, 0);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	rig_look(rig);
	CHECK_EQUAL(open_as(rig, 1, false), INVALID_DEVICE_REQUEST);
	CHECK_EQUAL(open_as(rig, 0, false), SUCCESS);
}

static void after_removal(struct rig *rig)
{
	(void)rig_place(rig, RAW_DEVICE);
	rig_remove(rig, true);
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, false), DELETE_PENDING);
	CHECK_EQUAL(ask_device_major(rig, RAW_DEVICE, NO_FILE, IRP_MJ_CREATE), DELETE_PENDING);
	rig_remove(rig, false);
	CHECK_EQUAL(open_as(rig, RAW_DEVICE, false), DEVICE_REMOVED);
	CHECK_EQUAL(ask_device_major(rig, RAW_DEVICE, NO_FILE, IRP_MJ_CREATE), DEVICE_REMOVED);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CREATE), DELETE_PENDING);
}

static bool is_served(uint8_t major)
{
	switch (major) {
	case IRP_MJ_CREATE:
	case IRP_MJ_CLOSE:
	case IRP_MJ_READ:
	case IRP_MJ_WRITE:
	case IRP_MJ_QUERY_INFORMATION:
	case IRP_MJ_SET_INFORMATION:
	case IRP_MJ_DEVICE_CONTROL:
	case IRP_MJ_INTERNAL_DEVICE_CONTROL:
	case IRP_MJ_CLEANUP:
	case IRP_MJ_POWER:
	case IRP_MJ_SYSTEM_CONTROL:
	case IRP_MJ_PNP: return true;
	default: return false;
	}
}

static void other_majors(struct rig *rig)
{
	open_device(rig, RAW_DEVICE, 0);
	open_files(rig, 1);
	for (uint8_t major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++) {
		struct call call = { .major = major };

		if (is_served(major))
			continue;
		CHECK_EQUAL(ask_device_major(rig, RAW_DEVICE, 0, major), INVALID_DEVICE_REQUEST);
		rig_submit(rig, &call);
		CHECK_EQUAL(call.returned, INVALID_DEVICE_REQUEST);
	}
}

/* ---- whose file, whose packet ------------------------------------------------------------ */

/* What another driver keeps in a file; nobody may follow it. */
#define OTHERS ((void *)(uintptr_t)0x10)

static void note_status(void *context, IRP *irp)
{
	*(NTSTATUS *)context = irp->IoStatus.Status;
}

/* To its end. */
static NTSTATUS send_as(struct rig *rig, DEVICE_OBJECT *device, FILE_OBJECT *file, uint8_t major,
			uint32_t code)
{
	NTSTATUS status = STATUS_PENDING;
	IRP *irp = kernel_irp_new(device, file, major, 0, note_status, &status);

	if (major == IRP_MJ_INTERNAL_DEVICE_CONTROL) {
		irp->RequestorMode = UserMode;
		IoGetNextIrpStackLocation(irp)->Parameters.DeviceIoControl.IoControlCode = code;
	}
	(void)kernel_irp_send(device, irp);
	rig_settle(rig);
	return status;
}

static NTSTATUS ask_as(struct rig *rig, DEVICE_OBJECT *device, FILE_OBJECT *file, uint32_t code)
{
	return send_as(rig, device, file, IRP_MJ_INTERNAL_DEVICE_CONTROL, code);
}

/* A class driver does its user's request in the packet that this came in. */
static void internal_in_users_packet(struct rig *rig)
{
	DEVICE_OBJECT *raw = rig_place(rig, RAW_DEVICE);

	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(ask_as(rig, rig->device, NULL, ALLOCATE), SUCCESS);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask_as(rig, rig->device, NULL, FREE), SUCCESS);
	CHECK_EQUAL(ask_as(rig, raw, NULL, LOCK), SUCCESS);
	CHECK_EQUAL(ask_as(rig, raw, NULL, UNLOCK), SUCCESS);
}

static void others_file(struct rig *rig)
{
	DEVICE_OBJECT *const devices[] = { rig->device, rig_place(rig, RAW_DEVICE) };
	FILE_OBJECT file = { .FsContext = OTHERS };

	open_files(rig, 1);
	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(ask_as(rig, devices[0], &file, ALLOCATE), SUCCESS);
	CHECK_EQUAL(ask(rig, NO_FILE, FREE), SUCCESS);
	CHECK_EQUAL(ask_as(rig, devices[1], &file, LOCK), SUCCESS);
	CHECK_EQUAL(ask_as(rig, devices[1], NULL, UNLOCK), SUCCESS);
	for (size_t i = 0; i < RTL_NUMBER_OF(devices); i++) {
		CHECK_EQUAL(send_as(rig, devices[i], &file, IRP_MJ_CLEANUP, 0), SUCCESS);
		CHECK_EQUAL(send_as(rig, devices[i], &file, IRP_MJ_CLOSE, 0), SUCCESS);
	}
	CHECK(file.FsContext == OTHERS);
	CHECK_EQUAL(ask_internal(rig, RAW_DEVICE, LOCK), SUCCESS);
}

/* It stands on the device, and what is kept in the file is its own. */
static void function_drivers_file(struct rig *rig)
{
	DEVICE_OBJECT *raw = rig_place(rig, RAW_DEVICE);
	FILE_OBJECT *file = kernel_file_new(raw);

	file->FsContext = OTHERS;
	for (uint32_t i = 0; i < 2; i++) {
		CHECK_EQUAL(send_as(rig, raw, file, IRP_MJ_CREATE, 0), SUCCESS);
		CHECK_EQUAL(open_as(rig, RAW_DEVICE, false), ACCESS_DENIED);
		CHECK_EQUAL(ask_as(rig, raw, file, LOCK), SUCCESS);
		CHECK_EQUAL(send_as(rig, raw, file, IRP_MJ_CLEANUP, 0), SUCCESS);
		CHECK(!is_held(rig));
		CHECK_EQUAL(send_as(rig, raw, file, IRP_MJ_CLOSE, 0), SUCCESS);
		CHECK(file->FsContext == OTHERS);
	}
	file->FsContext = NULL;
	kernel_file_free(file);
}

/* ---- who waits for the driver's thread ----------------------------------------------------- */

static struct PARCLASS_INFORMATION callbacks;

static void users_bytes(struct rig *rig)
{
	static char bytes[2][4];
	char *const last_of_users = &bytes[0][sizeof(bytes[0]) - 1];
	uint32_t moved = 77;

	open_device(rig, END_DEVICE, 0);
	callbacks = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	MmHighestUserAddress = last_of_users;
	CHECK_EQUAL(callbacks.ParallelWrite(callbacks.ParclassContext, bytes[0], 4, &moved, 0),
		    INVALID_PARAMETER);
	CHECK_EQUAL(moved, 0);
	CHECK_EQUAL(callbacks.ParallelWrite(callbacks.ParclassContext, bytes[1], 4, &moved, 0),
		    SUCCESS);
	CHECK_EQUAL(moved, 4);
	moved = 77;
	CHECK_EQUAL(callbacks.ParallelRead(callbacks.ParclassContext, bytes[0], 4, &moved, 0),
		    INVALID_PARAMETER);
	CHECK_EQUAL(moved, 0);
	MmHighestUserAddress = NULL;
}

static void terminate(struct rig *rig, struct call *call)
{
	(void)rig;
	CHECK_EQUAL(call->status, SUCCESS);
	CHECK_EQUAL(callbacks.TerminateIeeeMode(callbacks.ParclassContext), INVALID_DEVICE_STATE);
}

static void wait_for_oneself(struct rig *rig)
{
	struct call write = { .completed = terminate };

	open_device(rig, END_DEVICE, 0);
	callbacks = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	queue_write(rig, &write, END_DEVICE, "page", 4);
	rig_settle(rig);
	CHECK(write.done);
	CHECK_EQUAL(callbacks.TerminateIeeeMode(callbacks.ParclassContext), SUCCESS);
}

static void file_outlives_port(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);
	struct call waiting = { 0 };

	open_files(rig, 1);
	open_device(rig, RAW_DEVICE, 0);
	CHECK(info.TryAllocatePort(info.Context));
	queue_allocate(rig, &waiting, 0);
	rig_remove(rig, true);
	check_ended(&waiting, DELETE_PENDING);
	rig_remove(rig, false);
	info.FreePort(info.Context);
	close_device(rig, RAW_DEVICE, 0);
	close_file(rig, 0);
}

static const struct contract_case cases[] = {
	{ "C-113 an object opened as a directory: NOT_A_DIRECTORY", as_directory, ON_POOR_CHIP },
	{ "C-113 an object that is not started, opened as a directory: NOT_A_DIRECTORY",
	  as_directory_unstarted, 0 },
	{ "C-114 an object without its hardware: INVALID_DEVICE_REQUEST", no_hardware,
	  ON_POOR_CHIP },
	{ "C-115 an object after surprise removal, after removal", after_removal, 0 },
	{ "C-182 majors that nobody serves: INVALID_DEVICE_REQUEST", other_majors, 0 },
	{ "internal requests in a packet from user mode are served", internal_in_users_packet, 0 },
	{ "a file of another driver's: nobody's, and not followed", others_file, 0 },
	{ "what a function driver keeps in its file stays", function_drivers_file, 0 },
	{ "a callback with bytes of a user's process: INVALID_PARAMETER", users_bytes,
	  ON_POOR_CHIP },
	{ "a callback in the driver's own thread: INVALID_DEVICE_STATE", wait_for_oneself,
	  ON_POOR_CHIP },
	{ "C-018 files outlive the port, callbacks find its memory", file_outlives_port, 0 },
};

CASE_TABLE(object_cases, cases);
