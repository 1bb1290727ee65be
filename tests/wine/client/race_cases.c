/* SPDX-License-Identifier: MIT */
/*
 * A free and a cancel at the same time, by two threads. The rig's packets are for one
 * thread; these requests are made by hand.
 */
#include "rig.h"

#define ROUNDS  5000
#define WAIT_MS 10000
#define CONTROL IRP_MJ_INTERNAL_DEVICE_CONTROL

/* How a request ended. */
struct outcome {
	LONG volatile times;
	NTSTATUS status;
};

/* What the two threads share. A round begins when both have arrived at its number. */
struct race {
	DEVICE_OBJECT *device;
	FILE_OBJECT *holder;
	FILE_OBJECT *waiter;
	IRP *waiting;
	LONG volatile round;
	LONG volatile cancelled; /* rounds that the canceller has done */
	KEVENT canceller_ended;
};

static NTSTATUS NTAPI ended(DEVICE_OBJECT *device, IRP *irp, void *context)
{
	struct outcome *outcome = context;

	(void)device;
	outcome->status = irp->IoStatus.Status;
	InterlockedIncrement(&outcome->times);
	return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS send(const struct race *race, IRP *irp, FILE_OBJECT *file, ULONG code,
		     struct outcome *outcome)
{
	IO_STACK_LOCATION *stack = IoGetNextIrpStackLocation(irp);

	stack->MajorFunction = CONTROL;
	stack->FileObject = file;
	stack->Parameters.DeviceIoControl.IoControlCode = code;
	*outcome = (struct outcome){ 0 };
	IoSetCompletionRoutine(irp, ended, outcome, TRUE, TRUE, TRUE);
	return IoCallDriver(race->device, irp);
}

static NTSTATUS ask_now(const struct race *race, FILE_OBJECT *file, ULONG code)
{
	IRP *irp = IoAllocateIrp(race->device->StackSize, FALSE);
	struct outcome outcome;
	NTSTATUS status;

	CHECK(irp);
	status = send(race, irp, file, code, &outcome);
	CHECK_EQUAL(outcome.times, 1);
	IoFreeIrp(irp);
	return status;
}

static void NTAPI cancel_each(void *context)
{
	struct race *race = context;

	for (LONG round = 1; round <= ROUNDS; round++) {
		while (race->round < round)
			YieldProcessor();
		IoCancelIrp(race->waiting);
		race->cancelled = round;
	}
	KeSetEvent(&race->canceller_ended, IO_NO_INCREMENT, FALSE);
	PsTerminateSystemThread(STATUS_SUCCESS);
}

/* Returns whether the cancel won. */
static bool run_round(struct race *race, LONG round)
{
	struct outcome outcome;

	CHECK_EQUAL(ask_now(race, race->holder, ALLOCATE), STATUS_SUCCESS);
	race->waiting = IoAllocateIrp(race->device->StackSize, FALSE);
	CHECK(race->waiting);
	CHECK_EQUAL(send(race, race->waiting, race->waiter, ALLOCATE, &outcome), STATUS_PENDING);
	InterlockedExchange(&race->round, round);
	for (LONG i = round % 64; i > 0; i--)
		YieldProcessor();
	CHECK_EQUAL(ask_now(race, race->holder, FREE), STATUS_SUCCESS);
	while (race->cancelled < round || !outcome.times)
		YieldProcessor();
	CHECK_EQUAL(outcome.times, 1);
	IoFreeIrp(race->waiting);
	if (outcome.status == STATUS_CANCELLED) {
		CHECK_EQUAL(ask_now(race, race->waiter, FREE), STATUS_INVALID_DEVICE_STATE);
		return true;
	}
	CHECK_EQUAL(outcome.status, STATUS_SUCCESS);
	CHECK_EQUAL(ask_now(race, race->waiter, FREE), STATUS_SUCCESS);
	return false;
}

static void free_and_cancel(struct rig *rig)
{
	static struct race race;
	LARGE_INTEGER patience = { .QuadPart = -10000LL * WAIT_MS };
	uint32_t cancelled = 0;
	HANDLE thread;

	open_files(rig, 2);
	race = (struct race){ .device = bus->device(rig->port, BUS_PORT_ITSELF),
			      .holder = &rig->files[0].object,
			      .waiter = &rig->files[1].object };
	KeInitializeEvent(&race.canceller_ended, NotificationEvent, FALSE);
	CHECK_EQUAL(PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, cancel_each,
					 &race),
		    STATUS_SUCCESS);
	ZwClose(thread);
	for (LONG round = 1; round <= ROUNDS; round++)
		cancelled += run_round(&race, round);
	CHECK_EQUAL(KeWaitForSingleObject(&race.canceller_ended, Executive, KernelMode, FALSE,
					  &patience),
		    STATUS_SUCCESS);
	report_print("# %u of %u won by the cancel\n", cancelled, ROUNDS);
	CHECK(!is_held(rig));
}

static const struct contract_case cases[] = {
	{ "C-047 a free races with a cancel: one end, the right holder", free_and_cancel, 0 },
};

CASE_TABLE(race_cases, cases);
