/* SPDX-License-Identifier: MIT */
/*
 * Clients on threads that run as they will: they allocate, cancel, free, ask, print, while
 * power goes and comes, and at last the port goes. Each request ends once, one client at a
 * time has the port, nothing is left; what two threads touch is ordered by what NT promises
 * to order (ThreadSanitizer).
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "cases.h"
#include "device_case.h"
#include "rig.h"

#define CLIENTS 4
#define ROUNDS  150
#define CYCLES  12

struct client {
	struct rig *rig;
	uint32_t seed;
	uint32_t granted;
};

/* A request of one thread's. */
struct asked {
	_Atomic bool done;
	_Atomic uint32_t ends;
	NTSTATUS status;
};

static _Atomic uint32_t owners; /* of the port: never two */
static _Atomic bool is_going;

static uint32_t next_random(struct client *client)
{
	client->seed = client->seed * 1103515245u + 12345u;
	return client->seed >> 16;
}

/* ---- requests ------------------------------------------------------------------------------ */

static void ended(void *context, IRP *irp)
{
	struct asked *asked = context;

	asked->status = irp->IoStatus.Status;
	MUST(atomic_fetch_add(&asked->ends, 1) == 0);
	atomic_store(&asked->done, true);
}

static bool is_done(void *asked)
{
	return atomic_load(&((struct asked *)asked)->done);
}

static IRP *new_request(DEVICE_OBJECT *device, FILE_OBJECT *file, UCHAR major, uint32_t code,
			struct asked *asked)
{
	IRP *irp = kernel_irp_new(device, file, major, 0, ended, asked);

	if (major == IRP_MJ_INTERNAL_DEVICE_CONTROL)
		IoGetNextIrpStackLocation(irp)->Parameters.DeviceIoControl.IoControlCode = code;
	return irp;
}

static NTSTATUS ask_and_wait(DEVICE_OBJECT *device, FILE_OBJECT *file, UCHAR major, uint32_t code)
{
	struct asked asked = { 0 };

	(void)kernel_irp_send(device, new_request(device, file, major, code, &asked));
	kernel_wait_for(is_done, &asked);
	return asked.status;
}

/* @cancels: perhaps in vain. */
static NTSTATUS allocate(struct client *client, FILE_OBJECT *file, bool cancels)
{
	DEVICE_OBJECT *device = client->rig->device;
	struct asked asked = { 0 };
	IRP *irp = new_request(device, file, IRP_MJ_INTERNAL_DEVICE_CONTROL, ALLOCATE, &asked);

	kernel_irp_keep(irp);
	(void)kernel_irp_send(device, irp);
	if (cancels)
		(void)IoCancelIrp(irp);
	kernel_wait_for(is_done, &asked);
	kernel_irp_drop(irp);
	return asked.status;
}

/* ---- threads ---------------------------------------------------------------------------------- */

static void have_the_port(struct client *client, FILE_OBJECT *file)
{
	DEVICE_OBJECT *device = client->rig->device;
	NTSTATUS status;

	MUST(atomic_fetch_add(&owners, 1) == 0 || atomic_load(&is_going));
	client->granted++;
	atomic_fetch_sub(&owners, 1);
	status = ask_and_wait(device, file, IRP_MJ_INTERNAL_DEVICE_CONTROL, FREE);
	MUST(status == STATUS_SUCCESS || status == STATUS_DELETE_PENDING);
}

static void run_client(void *context)
{
	struct client *client = context;
	DEVICE_OBJECT *device = client->rig->device;
	FILE_OBJECT *file = kernel_file_new(device);
	bool is_open = NT_SUCCESS(ask_and_wait(device, file, IRP_MJ_CREATE, 0));

	for (uint32_t i = 0; i < ROUNDS; i++) {
		const NTSTATUS status = allocate(client, file, next_random(client) % 4 == 0);

		if (NT_SUCCESS(status))
			have_the_port(client, file);
		else
			MUST(status == STATUS_CANCELLED || status == STATUS_DELETE_PENDING);
	}
	if (is_open) {
		MUST(ask_and_wait(device, file, IRP_MJ_CLEANUP, 0) == STATUS_SUCCESS);
		MUST(ask_and_wait(device, file, IRP_MJ_CLOSE, 0) == STATUS_SUCCESS);
	}
	kernel_file_free(file);
}

/* Takes it by its callbacks, and asks who waits. */
static void run_caller(void *context)
{
	struct client *client = context;
	const struct PARALLEL_PORT_INFORMATION info = port_info(client->rig);

	for (uint32_t i = 0; i < ROUNDS; i++) {
		if (info.TryAllocatePort(info.Context)) {
			MUST(atomic_fetch_add(&owners, 1) == 0 || atomic_load(&is_going));
			client->granted++;
			atomic_fetch_sub(&owners, 1);
			info.FreePort(info.Context);
		}
		MUST(info.QueryNumWaiters(info.Context) <= CLIENTS + 2);
	}
}

static void write_once(DEVICE_OBJECT *device, FILE_OBJECT *file, bool cancels)
{
	struct asked asked = { 0 };
	char page[8] = "a page\n";
	IRP *irp = new_request(device, file, IRP_MJ_WRITE, 0, &asked);

	irp->AssociatedIrp.SystemBuffer = page;
	IoGetNextIrpStackLocation(irp)->Parameters.Write.Length = sizeof(page);
	kernel_irp_keep(irp);
	(void)kernel_irp_send(device, irp);
	if (cancels)
		(void)IoCancelIrp(irp);
	kernel_wait_for(is_done, &asked);
	kernel_irp_drop(irp);
}

static void run_printer(void *context)
{
	struct client *client = context;
	DEVICE_OBJECT *device = client->rig->places[END_DEVICE];
	FILE_OBJECT *file = kernel_file_new(device);
	bool is_open = NT_SUCCESS(ask_and_wait(device, file, IRP_MJ_CREATE, 0));

	for (uint32_t i = 0; is_open && i < ROUNDS / 4; i++) {
		const bool locks = next_random(client) % 2;

		if (locks)
			(void)ask_and_wait(device, file, IRP_MJ_INTERNAL_DEVICE_CONTROL, LOCK);
		write_once(device, file, next_random(client) % 4 == 0);
		if (locks)
			(void)ask_and_wait(device, file, IRP_MJ_INTERNAL_DEVICE_CONTROL, UNLOCK);
	}
	if (is_open) {
		(void)ask_and_wait(device, file, IRP_MJ_CLEANUP, 0);
		(void)ask_and_wait(device, file, IRP_MJ_CLOSE, 0);
	}
	kernel_file_free(file);
}

/* Opens and closes; refused while somebody asks whether the port may stop. */
static void run_opener(void *context)
{
	struct client *client = context;
	DEVICE_OBJECT *device = client->rig->places[MOST_DEVICES - 1];
	FILE_OBJECT *file = kernel_file_new(device);

	for (uint32_t i = 0; i < ROUNDS; i++) {
		if (!NT_SUCCESS(ask_and_wait(device, file, IRP_MJ_CREATE, 0)))
			continue;
		(void)ask_and_wait(device, file, IRP_MJ_CLEANUP, 0);
		(void)ask_and_wait(device, file, IRP_MJ_CLOSE, 0);
	}
	kernel_file_free(file);
}

/* May it stop, may it go? It need not. */
static void run_manager(void *context)
{
	struct client *client = context;
	struct kernel_node *node = kernel_child_named(client->rig->node, L"\\Device\\Parallel0");

	for (uint32_t i = 0; i < CYCLES; i++) {
		kernel_ask_and_cancel(node, IRP_MN_QUERY_STOP_DEVICE, IRP_MN_CANCEL_STOP_DEVICE);
		kernel_ask_and_cancel(node, IRP_MN_QUERY_REMOVE_DEVICE,
				      IRP_MN_CANCEL_REMOVE_DEVICE);
		(void)kernel_relations(client->rig->node);
	}
}

static void run_power(void *context)
{
	struct client *client = context;

	for (uint32_t i = 0; i < CYCLES; i++) {
		(void)kernel_device_power(client->rig->node, IRP_MN_SET_POWER, PowerDeviceD3);
		kernel_wait_until(kernel_now_ns() + NS_PER_MS);
		(void)kernel_device_power(client->rig->node, IRP_MN_SET_POWER, PowerDeviceD0);
		kernel_wait_until(kernel_now_ns() + 20 * NS_PER_MS);
	}
}

static void run_interrupt(void *context)
{
	(void)context;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		(void)kernel_interrupt(RIG_VECTOR);
		kernel_wait_until(kernel_now_ns() + 10 * NS_PER_US);
	}
}

/* ---- all at once ----------------------------------------------------------------------------------- */

struct crowd {
	bool power;
	bool goes; /* in the middle */
};

static void play(void *argument)
{
	static KSTART_ROUTINE *const routines[] = { run_client,    run_client, run_client,
						    run_client,    run_caller, run_printer,
						    run_interrupt, run_opener, run_manager,
						    run_power };
	const struct crowd *crowd = argument;
	const uint32_t count = RTL_NUMBER_OF(routines) - !crowd->power;
	struct client clients[RTL_NUMBER_OF(routines)] = { 0 };
	PETHREAD threads[RTL_NUMBER_OF(routines)];
	static struct rig rig;
	uint32_t granted = 0;

	MUST(NT_SUCCESS(kernel_load(DriverEntry)));
	rig_begin(&rig, 0, ON_POOR_CHIP | NEEDS_CONNECT);
	rig_connect_taker(&rig);
	for (uint32_t i = 0; i < count; i++) {
		clients[i] = (struct client){ .rig = &rig, .seed = i };
		threads[i] = kernel_thread_start("of a client", routines[i], &clients[i]);
	}
	if (crowd->goes) {
		kernel_wait_until(kernel_now_ns() + 5 * NS_PER_MS);
		atomic_store(&is_going, true);
		kernel_surprise(rig.node);
	}
	for (uint32_t i = 0; i < count; i++) {
		kernel_thread_join(threads[i]);
		granted += clients[i].granted;
	}
	MUST(granted > 0);
	rig_end(&rig);
	kernel_unload();
}

static struct crowd crowds[] = { { false, false }, { true, false }, { true, true } };

static const struct nt_case cases[] = {
	{ "clients, a printer and interrupts at once", play, &crowds[0], NULL },
	{ "the same while power goes and comes", play, &crowds[1], NULL },
	{ "the same, and the hardware goes", play, &crowds[2], NULL },
};

int main(int argc, char **argv)
{
	return run_cases(cases, RTL_NUMBER_OF(cases), argc > 1 ? argv[1] : NULL, 1) ? EXIT_FAILURE
										    : EXIT_SUCCESS;
}
