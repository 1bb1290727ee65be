/* SPDX-License-Identifier: MIT */
/*
 * A scene is played again and again, and at one place after the other something happens that
 * nobody in it expects: another processor cancels all requests, the hardware goes, the
 * system asks whether it may, power goes and comes, the interrupt fires, an allocation fails.
 * Whatever the scene's requests end with, each ends once, nothing is left, and no rule of the
 * kernel is broken.
 *
 * The place is the Nth call of the kernel: each of the first ones, and a part of those after
 * them, until a scene is over before it comes to the place.
 */
#include "cases.h"
#include "device_case.h"
#include "rig.h"

/* Each of the first calls; of later ones, one in so many more as there were before, over this. */
#define EACH_OF 400
#define THEN    40

struct scene {
	void (*play)(struct rig *rig);
	uint32_t needs;
	bool adds; /* the port, itself */
};

struct injection {
	const struct scene *scene;
	KSTART_ROUTINE *action; /* NULL: an allocation fails */
};

/* What a client of the interrupt has got. */
static struct PARALLEL_PORT_INFORMATION at_passive;

/* ---- scenes: whatever a request ends with is right ----------------------------------------- */

static void send_major(struct rig *rig, uint8_t major, int file)
{
	struct call call = { .major = major, .file = file };

	rig_submit(rig, &call);
}

static void play_queue(struct rig *rig)
{
	struct PARALLEL_1284_COMMAND end = { .CommandFlags = EOC };
	struct call waiting[4] = { 0 };
	struct call frees[4] = { 0 };

	send_major(rig, IRP_MJ_CREATE, 0);
	send_major(rig, IRP_MJ_CREATE, 1);
	waiting[2].buffer = &end;
	waiting[2].input_bytes = sizeof(end);
	submit(rig, &waiting[0], 0, ALLOCATE);
	submit(rig, &waiting[1], 1, ALLOCATE);
	submit(rig, &waiting[2], 0, SELECT);
	submit(rig, &waiting[3], NO_FILE, ALLOCATE);
	submit(rig, &frees[0], 0, FREE);
	submit(rig, &frees[1], 1, FREE);
	kernel_let_others_run();
	send_major(rig, IRP_MJ_CLEANUP, 0);
	send_major(rig, IRP_MJ_CLOSE, 0);
	rig->is_open[0] = false;
	submit(rig, &frees[2], NO_FILE, FREE);
	rig_settle(rig);
	rig_adopt(rig);
}

/* Who was cancelled, at whatever moment, does not wait for somebody who never frees. */
static void play_wait(struct rig *rig)
{
	struct call holding = { 0 };
	struct call waiting[2] = { 0 };

	send_major(rig, IRP_MJ_CREATE, 0);
	submit(rig, &holding, 0, ALLOCATE);
	submit(rig, &waiting[0], 0, ALLOCATE);
	submit(rig, &waiting[1], NO_FILE, ALLOCATE);
	kernel_let_others_run();
	CHECK(!rig_keeps_cancelled(rig));
	rig_adopt(rig);
}

static void to_end(struct rig *rig, struct call *call)
{
	DEVICE_OBJECT *end = rig_place(rig, END_DEVICE);

	call->to_device = true;
	call->place = END_DEVICE;
	if (end)
		rig_submit(rig, call);
}

static void play_write(struct rig *rig)
{
	static char page[] = "page";
	struct call open = { .major = IRP_MJ_CREATE };
	struct call lock = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL, .code = LOCK };
	struct call write = { .major = IRP_MJ_WRITE, .buffer = page, .input_bytes = 4 };
	struct call next = write;
	struct call unlock = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL, .code = UNLOCK };

	to_end(rig, &open);
	to_end(rig, &lock);
	to_end(rig, &write);
	to_end(rig, &next);
	to_end(rig, &unlock);
	rig_settle(rig);
	rig_adopt(rig);
}

/* What the port's thread does for the last time before the port may go. */
static struct call last_write;

static void play_last(struct rig *rig)
{
	static char page[] = "page";
	struct call open = { .major = IRP_MJ_CREATE };

	last_write = (struct call){ .major = IRP_MJ_WRITE, .buffer = page, .input_bytes = 4 };
	to_end(rig, &open);
	to_end(rig, &last_write);
	rig_settle(rig);
}

static void play_scan(struct rig *rig)
{
	opp_contract_look(&rig->port->contract);
	rig_settle(rig);
	if (rig->node)
		kernel_rescan(rig->node);
}

static void play_start(struct rig *rig)
{
	const struct kernel_resources resources = rig_resources(rig->number, rig->needs);

	if (!NT_SUCCESS(rig_add(rig)))
		return;
	if (NT_SUCCESS(kernel_start(rig->node, &resources))) {
		struct kernel_node *child;

		(void)kernel_relations(rig->node);
		for (uint32_t i = 0; (child = kernel_child(rig->node, i)); i++)
			(void)kernel_start_child(child);
	}
	rig_settle(rig);
}

static void play_interrupt(struct rig *rig)
{
	const struct PARALLEL_PORT_INFORMATION info = at_passive;
	struct call waiting = { 0 };

	kernel_hold_dpcs(false);
	send_major(rig, IRP_MJ_CREATE, 0);
	(void)info.TryAllocatePort(info.Context);
	submit(rig, &waiting, 0, ALLOCATE);
	(void)kernel_interrupt(RIG_VECTOR);
	rig_settle(rig);
	info.FreePort(info.Context);
	(void)kernel_interrupt(RIG_VECTOR);
	rig_settle(rig);
	rig_adopt(rig);
}

/* Power may come while the port is stopped: that does not wake it. */
static void play_stop(struct rig *rig)
{
	const struct kernel_resources resources = rig_resources(rig->number, rig->needs);

	CHECK_EQUAL(kernel_stop(rig->node), SUCCESS);
	kernel_let_others_run();
	CHECK(rig->port->contract.asleep);
	CHECK_EQUAL(kernel_start(rig->node, &resources), SUCCESS);
	rig_settle(rig);
}

static const struct scene queue = { play_queue, 0, false };
static const struct scene waiting = { play_wait, 0, false };
static const struct scene write_page = { play_write, ON_POOR_CHIP, false };
static const struct scene last = { play_last, ON_POOR_CHIP, false };
static const struct scene scan = { play_scan, ON_POOR_CHIP, false };
static const struct scene start = { play_start, NEEDS_CHAIN, true };
static const struct scene stop = { play_stop, 0, false };
static const struct scene interrupt = { play_interrupt, NEEDS_CONNECT, false };

/* ---- what happens -------------------------------------------------------------------------------- */

static void cancel(void *rig)
{
	rig_cancel_all(rig);
}

/* Somebody else may have its addresses and its interrupt from then on. */
static void surprise(void *context)
{
	struct rig *rig = context;

	kernel_surprise(rig->node);
	rig->is_off = true;
	CHECK_EQUAL(kernel_interrupts_connected(), 0);
}

/* Refused while a file is open; else the port is gone. */
static void ask_to_remove(void *context)
{
	struct rig *rig = context;
	struct kernel_node *node = rig->node;

	rig->node = NULL;
	if (!NT_SUCCESS(kernel_query_remove(node)))
		rig->node = node;
}

/* As soon as the last request has come back its file is closed, and the port goes for good. */
static void go_when_done(void *context)
{
	struct rig *rig = context;

	if (!last_write.done)
		return;
	rig_close_all(rig);
	rig_forget(rig);
	kernel_remove(rig->node);
	rig->node = NULL;
}

static void power_cycle(void *context)
{
	struct rig *rig = context;

	(void)kernel_device_power(rig->node, IRP_MN_SET_POWER, PowerDeviceD3);
	(void)kernel_device_power(rig->node, IRP_MN_SET_POWER, PowerDeviceD0);
}

static void fire(void *context)
{
	(void)context;
	(void)kernel_interrupt(RIG_VECTOR);
}

/* ---- again and again -------------------------------------------------------------------------------- */

/* Returns whether it happened. */
static bool play_once(const struct injection *injection, uint32_t nth)
{
	const struct scene *scene = injection->scene;
	static struct rig rig;
	bool happened;

	CHECK_EQUAL(kernel_load(DriverEntry), STATUS_SUCCESS);
	if (scene->adds)
		rig_create(&rig, 0, scene->needs);
	else
		rig_begin(&rig, 0, scene->needs);
	if (scene->needs & NEEDS_CONNECT) {
		rig_connect_taker(&rig);
		at_passive = port_info(&rig);
	}
	if (injection->action)
		kernel_inject(nth, injection->action, &rig);
	else
		kernel_fail_allocation(nth);
	scene->play(&rig);
	happened = kernel_end_injection() || kernel_failed_allocation();
	kernel_fail_allocation(0);
	kernel_hold_dpcs(false);
	kernel_let_others_run();
	rig_end(&rig);
	kernel_unload();
	return happened;
}

static void play(void *argument)
{
	const struct injection *injection = argument;
	uint32_t nth = 1;
	uint32_t times = 0;

	while (play_once(injection, nth)) {
		kernel_end();
		kernel_begin(false);
		nth += nth < EACH_OF || !injection->action ? 1 : nth / THEN;
		times++;
	}
	CHECK(times > 0);
}

static struct injection injections[] = {
	{ &queue, cancel },
	{ &queue, surprise },
	{ &queue, ask_to_remove },
	{ &queue, power_cycle },
	{ &queue, NULL },
	{ &write_page, cancel },
	{ &write_page, surprise },
	{ &write_page, ask_to_remove },
	{ &write_page, power_cycle },
	{ &write_page, NULL },
	{ &scan, surprise },
	{ &scan, ask_to_remove },
	{ &scan, power_cycle },
	{ &scan, NULL },
	{ &start, NULL },
	{ &interrupt, fire },
	{ &interrupt, cancel },
	{ &interrupt, surprise },
	{ &interrupt, ask_to_remove },
	{ &waiting, cancel },
	{ &last, go_when_done },
	{ &stop, power_cycle },
};

const struct nt_case injection_cases[] = {
	{ "a queue, and at each place all of it is cancelled", play, &injections[0], NULL },
	{ "a queue, and at each place the hardware goes", play, &injections[1], NULL },
	{ "a queue, and at each place the port is to be removed", play, &injections[2], NULL },
	{ "a queue, and at each place power goes and comes", play, &injections[3], NULL },
	{ "a queue, and each allocation fails", play, &injections[4], NULL },
	{ "lock and write, and at each place all is cancelled", play, &injections[5], NULL },
	{ "lock and write, and at each place the hardware goes", play, &injections[6], NULL },
	{ "lock and write, and at each place the port is to be removed", play, &injections[7],
	  NULL },
	{ "lock and write, and at each place power goes and comes", play, &injections[8], NULL },
	{ "lock and write, and each allocation fails", play, &injections[9], NULL },
	{ "a scan, and at each place the hardware goes", play, &injections[10], NULL },
	{ "a scan, and at each place the port is to be removed", play, &injections[11], NULL },
	{ "a scan, and at each place power goes and comes", play, &injections[12], NULL },
	{ "a scan, and each allocation fails", play, &injections[13], NULL },
	{ "add and start, and each allocation fails", play, &injections[14], NULL },
	{ "an interrupt, and at each place another one", play, &injections[15], NULL },
	{ "an interrupt, and at each place all is cancelled", play, &injections[16], NULL },
	{ "an interrupt, and at each place the hardware goes", play, &injections[17], NULL },
	{ "an interrupt, and at each place the port is to be removed", play, &injections[18],
	  NULL },
	{ "in line for ever, and at each place all is cancelled", play, &injections[19], NULL },
	{ "the last write, and at each place after it the port goes", play, &injections[20], NULL },
	{ "a stop, and at each place power goes and comes", play, &injections[21], NULL },
};
const unsigned injection_case_count = RTL_NUMBER_OF(injection_cases);
