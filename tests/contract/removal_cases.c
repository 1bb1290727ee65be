/* SPDX-License-Identifier: MIT */
/*
 * A port that is being removed, or is gone.
 */
#include "case.h"

static const uint32_t codes[] = {
	ALLOCATE,
	FREE,
	SELECT,
	DESELECT,
	IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO,
	IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO,
	IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO,
	IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO,
	IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT,
	IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT,
	IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE,
	IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE,
	IOCTL_INTERNAL_INIT_1284_3_BUS,
	IOCTL_INTERNAL_PARCHIP_CONNECT,
};

static uint32_t told;

static void act_when_told(struct rig *rig, struct call *call)
{
	check_ended(call, OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_DELETE_PENDING);
	told++;
}

/* Asks for information while the port is still there: callbacks stay usable afterwards. */
static void queue_is_flushed(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);
	struct call calls[4] = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	for (int i = 0; i < 4; i++) {
		if (i % 2)
			queue_select(rig, &calls[i], 1);
		else
			queue_allocate(rig, &calls[i], i / 2);
	}
	rig_remove(rig, true);
	for (int i = 0; i < 4; i++)
		check_ended(&calls[i], OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(info.QueryNumWaiters(info.Context), 0);
	rig_cancel(rig, &calls[0]);
	rig_remove(rig, false);
	CHECK(is_held(rig));
}

static void told_once(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);
	struct call call = { .completed = act_when_told };

	told = 0;
	open_files(rig, 2);
	CHECK(info.TryAllocatePort(info.Context));
	queue_allocate(rig, &call, 0);
	rig_remove(rig, true);
	CHECK_EQUAL(told, 1);
	info.FreePort(info.Context);
	rig_remove(rig, false);
	CHECK_EQUAL(told, 1);
}

static void ask_everything(struct rig *rig)
{
	uint8_t buffer[128] = { 0 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		for (uint32_t bytes = 0; bytes <= sizeof(buffer); bytes += sizeof(buffer)) {
			struct call call = { .buffer = buffer,
					     .input_bytes = bytes,
					     .output_bytes = bytes };

			submit(rig, &call, NO_FILE, codes[i]);
			CHECK_EQUAL(call.returned, OPP_NT_DELETE_PENDING);
			CHECK_EQUAL(call.information, 0);
		}
	}
}

static void later_requests(struct rig *rig)
{
	rig_remove(rig, true);
	ask_everything(rig);
	rig_remove(rig, false);
	ask_everything(rig);
	CHECK(!is_held(rig));
}

static void callbacks_after_removal(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION port = port_info(rig);
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .CommandFlags = EOC };
	struct PARALLEL_1284_COMMAND keep = { .CommandFlags = EOC | KEEP };

	open_files(rig, 1);
	rig_remove(rig, true);
	CHECK(!port.TryAllocatePort(port.Context));
	port.FreePort(port.Context);
	CHECK_EQUAL(port.QueryNumWaiters(port.Context), 0);
	CHECK_EQUAL(pnp.TrySetChipMode(pnp.Context, 0), OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(pnp.ClearChipMode(pnp.Context, 0), OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &command), OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(pnp.TrySelectDevice(pnp.Context, &keep), OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(pnp.DeselectDevice(pnp.Context, &command), OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(rig_counters(rig).PortAllocates, 0);
	CHECK_EQUAL(rig_counters(rig).PortFrees, 0);
}

static void holder_still_frees(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	rig_remove(rig, true);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_DELETE_PENDING);
	CHECK(is_held(rig));
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_DELETE_PENDING);
	CHECK(!is_held(rig));
	info.FreePort(info.Context);
	CHECK_EQUAL(rig_counters(rig).PortFrees, 1);
	CHECK(!info.TryAllocatePort(info.Context));
}

static void callback_drops_silently(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);

	CHECK(info.TryAllocatePort(info.Context));
	rig_remove(rig, true);
	info.FreePort(info.Context);
	CHECK(!is_held(rig));
	CHECK(!info.TryAllocatePort(info.Context));
}

/* ---- interrupt routines ----------------------------------------------------------------------- */

static uint32_t called;

static uint8_t OPP_NTAPI isr(void *interrupt, void *context)
{
	(void)interrupt;
	(void)context;
	called++;
	return 1;
}

static void OPP_NTAPI deferred(void *context)
{
	(void)context;
	called++;
}

static void routines_after_removal(struct rig *rig)
{
	struct PARALLEL_PORT_INFORMATION info = port_info(rig);
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE routines = {
		.InterruptServiceRoutine = isr,
		.DeferredPortCheckRoutine = deferred,
	};
	union {
		struct PARALLEL_INTERRUPT_SERVICE_ROUTINE in;
		struct PARALLEL_INTERRUPT_INFORMATION out;
	} buffer = { .in = routines };
	struct call connect = { .buffer = &buffer,
				.input_bytes = sizeof(buffer.in),
				.output_bytes = sizeof(buffer.out) };

	called = 0;
	submit(rig, &connect, NO_FILE, IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT);
	CHECK_EQUAL(connect.returned, OPP_NT_SUCCESS);
	CHECK(rig_interrupt(rig));
	CHECK_EQUAL(called, 1);
	CHECK(info.TryAllocatePort(info.Context));
	rig_remove(rig, true);
	CHECK(!rig_interrupt(rig));
	info.FreePort(info.Context);
	CHECK_EQUAL(buffer.out.TryAllocatePortAtInterruptLevel(buffer.out.Context), 0);
	CHECK_EQUAL(ask_with(rig, NO_FILE, IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT, &routines,
			     sizeof(routines)),
		    OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(called, 1);
}

static const struct contract_case cases[] = {
	{ "C-175 removal ends every queued request with DELETE_PENDING", queue_is_flushed, 0 },
	{ "C-175 once each, also when the holder frees afterwards", told_once, 0 },
	{ "C-176 later requests: DELETE_PENDING", later_requests, 0 },
	{ "C-178 TryAllocatePort is FALSE, FreePort harmless", callbacks_after_removal, 0 },
	{ "C-178 the holder's FREE drops the port all the same", holder_still_frees, 0 },
	{ "C-178 the holder's FreePort drops the port", callback_drops_silently, 0 },
	{ "no interrupt routine is called after removal", routines_after_removal, NEEDS_CONNECT },
};

CASE_TABLE(removal_cases, cases);
