/* SPDX-License-Identifier: MIT */
/*
 * benchclient.sys: what requests to parport.sys cost a kernel client, beside requests to a
 * driver that does nothing. All of it in one run, measured in turns; medians. Under Wine,
 * where a request between drivers is a call, so that what is added is seen.
 *
 * Lines of "name value" go to a file. docs/benchmarks.md says what they mean.
 */
#include <stdint.h>

#include <x86intrin.h>

#include <wdm.h>

#include <openparport/codes.h>

#include "bus.h"
#include "kernel_client.h"

const WCHAR *const client_results = L"\\??\\C:\\openparport\\figures.txt";

#define ROUNDS  101
#define BATCH   1000
#define WAITING 1000

#define CALIBRATE_MS 200
#define PS_A_MS      UINT64_C(1000000000)

#define ALLOCATE_CODE IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE
#define FREE_CODE     IOCTL_INTERNAL_PARALLEL_PORT_FREE

/* A request that is sent again and again. */
struct request {
	IRP *irp;
	void (*ended)(struct request *request); /* or NULL */
};

static DEVICE_OBJECT *port;
static DEVICE_OBJECT *yardstick;
static FILE_OBJECT file = { .Type = IO_TYPE_FILE, .Size = sizeof(FILE_OBJECT) };
static struct PARALLEL_PORT_INFORMATION callbacks;

static struct request free_request;
static struct request line[WAITING + 1];
static uint32_t failed; /* requests that did not end as they should */

/* ---- requests ---------------------------------------------------------------------------- */

static NTSTATUS NTAPI ended(DEVICE_OBJECT *device, IRP *irp, void *context)
{
	struct request *request = context;

	(void)device;
	failed += irp->IoStatus.Status != STATUS_SUCCESS;
	if (request->ended)
		request->ended(request);
	return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS send(DEVICE_OBJECT *device, struct request *request, UCHAR major, ULONG code)
{
	IO_STACK_LOCATION *stack;

	IoReuseIrp(request->irp, STATUS_SUCCESS);
	stack = IoGetNextIrpStackLocation(request->irp);
	stack->MajorFunction = major;
	stack->FileObject = &file;
	stack->Parameters.DeviceIoControl.IoControlCode = code;
	IoSetCompletionRoutine(request->irp, ended, request, TRUE, TRUE, TRUE);
	return IoCallDriver(device, request->irp);
}

static NTSTATUS send_code(DEVICE_OBJECT *device, struct request *request, ULONG code)
{
	return send(device, request, IRP_MJ_INTERNAL_DEVICE_CONTROL, code);
}

/* ---- what is measured ------------------------------------------------------------------------ */

static uint64_t began;
static uint64_t lasted;

static void begin(void)
{
	began = __rdtsc();
}

static void end(void)
{
	lasted = __rdtsc() - began;
}

static void two_bare_noops(void)
{
	begin();
	for (uint32_t i = 0; i < BATCH; i++) {
		failed += send_code(yardstick, &line[0], ALLOCATE_CODE) != STATUS_SUCCESS;
		failed += send_code(yardstick, &free_request, FREE_CODE) != STATUS_SUCCESS;
	}
	end();
}

static void allocate_and_free(void)
{
	begin();
	for (uint32_t i = 0; i < BATCH; i++) {
		failed += send_code(port, &line[0], ALLOCATE_CODE) != STATUS_SUCCESS;
		failed += send_code(port, &free_request, FREE_CODE) != STATUS_SUCCESS;
	}
	end();
}

static void try_and_free(void)
{
	begin();
	for (uint32_t i = 0; i < BATCH; i++) {
		failed += !callbacks.TryAllocatePort(callbacks.Context);
		callbacks.FreePort(callbacks.Context);
	}
	end();
}

static void fill_line(uint32_t waiting)
{
	failed += send_code(port, &line[0], ALLOCATE_CODE) != STATUS_SUCCESS;
	for (uint32_t i = 1; i <= waiting; i++)
		failed += send_code(port, &line[i], ALLOCATE_CODE) != STATUS_PENDING;
}

/* The holder frees, the first of @waiting is granted, and goes to the end of the line. */
static void hand_over(uint32_t waiting)
{
	uint32_t first = 1;

	fill_line(waiting);
	begin();
	for (uint32_t i = 0; i < BATCH; i++) {
		failed += send_code(port, &free_request, FREE_CODE) != STATUS_SUCCESS;
		failed += send_code(port, &line[first], ALLOCATE_CODE) != STATUS_PENDING;
		first = first == waiting ? 1 : first + 1;
	}
	end();
	for (uint32_t i = 0; i <= waiting; i++)
		failed += send_code(port, &free_request, FREE_CODE) != STATUS_SUCCESS;
}

static void hand_over_1(void)
{
	hand_over(1);
}

static void hand_over_1000(void)
{
	hand_over(WAITING);
}

/* ---- depth -------------------------------------------------------------------------------------- */

static uintptr_t deepest;
static uint32_t granted;

static void free_at_once(struct request *request)
{
	const uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	(void)request;
	if (here < deepest)
		deepest = here;
	granted++;
	callbacks.FreePort(callbacks.Context);
}

/* Bytes of stack between who frees and the deepest of @waiting completions that free at once. */
static uint64_t completion_depth(uint32_t waiting)
{
	const uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	deepest = here;
	granted = 0;
	fill_line(waiting);
	for (uint32_t i = 1; i <= waiting; i++)
		line[i].ended = free_at_once;
	callbacks.FreePort(callbacks.Context);
	for (uint32_t i = 1; i <= waiting; i++)
		line[i].ended = NULL;
	failed += granted != waiting;
	return here - deepest;
}

/* ---- medians -------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(void);
} measures[] = {
	{ "two_bare_noops", two_bare_noops }, { "alloc_free", allocate_and_free },
	{ "try_free", try_and_free },         { "handover_1", hand_over_1 },
	{ "handover_1000", hand_over_1000 },
};

#define MEASURES (sizeof(measures) / sizeof(measures[0]))

static uint64_t ticks[MEASURES][ROUNDS];

static void sort(uint64_t *values)
{
	for (uint32_t i = 1; i < ROUNDS; i++) {
		const uint64_t value = values[i];
		uint32_t k = i;

		for (; k > 0 && values[k - 1] > value; k--)
			values[k] = values[k - 1];
		values[k] = value;
	}
}

static uint64_t ticks_a_ms(void)
{
	LARGE_INTEGER wait = { .QuadPart = -10000 * CALIBRATE_MS };
	LARGE_INTEGER rate;
	LARGE_INTEGER from = KeQueryPerformanceCounter(&rate);
	const uint64_t ticks_from = __rdtsc();
	LARGE_INTEGER to;
	uint64_t ticks_to;

	KeDelayExecutionThread(KernelMode, FALSE, &wait);
	to = KeQueryPerformanceCounter(NULL);
	ticks_to = __rdtsc();
	return (ticks_to - ticks_from) * (uint64_t)rate.QuadPart /
	       (uint64_t)(to.QuadPart - from.QuadPart) / 1000;
}

/* Of one turn, in picoseconds. */
static void report_all(void)
{
	const uint64_t per_ms = ticks_a_ms();

	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (size_t m = 0; m < MEASURES; m++) {
			measures[m].run();
			ticks[m][round] = lasted;
		}
	}
	for (size_t m = 0; m < MEASURES; m++) {
		sort(ticks[m]);
		report_print("%s_ps %I64u\n", measures[m].name,
			     ticks[m][ROUNDS / 2] * (PS_A_MS / BATCH) / per_ms);
	}
	report_print("depth_1_bytes %I64u\n", completion_depth(1));
	report_print("depth_1000_bytes %I64u\n", completion_depth(WAITING));
	report_print("failed %u\n", failed);
}

/* ---- the run ------------------------------------------------------------------------------------------ */

static bool get_callbacks(void)
{
	IO_STACK_LOCATION *stack;
	IRP *irp = line[0].irp;

	IoReuseIrp(irp, STATUS_SUCCESS);
	irp->AssociatedIrp.SystemBuffer = &callbacks;
	stack = IoGetNextIrpStackLocation(irp);
	stack->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
	stack->FileObject = &file;
	stack->Parameters.DeviceIoControl.IoControlCode = IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO;
	stack->Parameters.DeviceIoControl.OutputBufferLength = sizeof(callbacks);
	IoSetCompletionRoutine(irp, ended, &line[0], TRUE, TRUE, TRUE);
	return IoCallDriver(port, irp) == STATUS_SUCCESS;
}

static bool prepare(void)
{
	const struct bus_port_options options = { .needs = 0 };
	struct bus_port *bus_port;

	yardstick = kernel_device(L"\\Device\\OppYardstick");
	if (!yardstick || !kernel_bus() || bus->make(&options, &bus_port) != STATUS_SUCCESS)
		return false;
	port = bus->device(bus_port, BUS_PORT_ITSELF);
	for (uint32_t i = 0; i <= WAITING; i++)
		line[i].irp = IoAllocateIrp(port->StackSize, FALSE);
	free_request.irp = IoAllocateIrp(port->StackSize, FALSE);
	return send(port, &line[0], IRP_MJ_CREATE, 0) == STATUS_SUCCESS && get_callbacks();
}

void client_run(void)
{
	if (prepare())
		report_all();
	report_print("end 0\n");
}
