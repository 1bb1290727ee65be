/* SPDX-License-Identifier: MIT */
/*
 * See native.h.
 */
#include <string.h>

#include "native.h"

#define CANARY 0xc5
#define POISON 0xdb
#define DAY_US UINT64_C(86400000000)
#define ONE_US 1

#define NS_PER_US 1000

/* How long the work of a callback is waited for. */
#define AWAIT_US UINT64_C(200000000)

/* How long what runs may take to its end: a few answers, of which each may take 100 ms. */
#define SUSPEND_US UINT64_C(1000000)

/* Places of devices, the raw one last. */
#define RAW_INDEX (MOST_DEVICES - 1)

/*
 * Accesses and waits after the hardware went: of a step that was under way and an end;
 * of a device's byte or answer that was, and the way home.
 */
#define MOST_TOUCHES_AFTER            24
#define MOST_TOUCHES_FOR_DEVICE_AFTER 100

/* ---- what the contract asks of a front end --------------------------------------------- */

static void op_lock(void *context)
{
	struct rig *rig = context;

	CHECK(!rig->locked);
	CHECK(rig->level <= DISPATCH_LEVEL);
	rig->locked = true;
	rig->level_before_lock = rig->level;
	rig->level = DISPATCH_LEVEL;
}

static void op_unlock(void *context)
{
	struct rig *rig = context;

	CHECK(rig->locked);
	rig->locked = false;
	rig->level = rig->level_before_lock;
}

static uint64_t op_now_us(void *context)
{
	struct rig *rig = context;

	CHECK(rig->locked);
	rig->now_us += ONE_US;
	rig->now_us += (rig->wire_ns - rig->told_ns) / NS_PER_US;
	rig->told_ns += (rig->wire_ns - rig->told_ns) / NS_PER_US * NS_PER_US;
	return rig->now_us;
}

static struct slot *slot_of(struct opp_request *request)
{
	return OPP_NODE(request, struct slot, request);
}

static void leave_line(struct rig *rig, struct slot *slot)
{
	rig->in_line -= slot->in_line;
	slot->in_line = false;
}

static bool op_pend(void *context, struct opp_request *request, bool cancelable)
{
	struct rig *rig = context;
	struct slot *slot = slot_of(request);

	CHECK(rig->locked);
	CHECK(!request->awaited);
	slot->in_line = request->object == OPP_OBJECT_PORT && cancelable;
	if (request->object == OPP_OBJECT_PORT)
		CHECK_EQUAL(cancelable, request->req.state == OPP_REQ_QUEUED);
	else
		CHECK_EQUAL(cancelable, request->device_req.submitted);
	rig->in_line += slot->in_line;
	slot->pended = true;
	slot->cancelable = cancelable && !rig->cancel_while_joining;
	rig->cancel_while_joining = false;
	return slot->cancelable || !cancelable;
}

static bool op_take(void *context, struct opp_request *request)
{
	struct rig *rig = context;
	struct slot *slot = slot_of(request);
	bool taken = slot->cancelable;

	CHECK(rig->locked);
	CHECK(slot->call);
	slot->cancelable = false;
	leave_line(rig, slot);
	return taken;
}

static void op_settle_later(void *context)
{
	struct rig *rig = context;

	CHECK(!rig->locked);
	rig->settle_asked = true;
}

static void op_step_later(void *context)
{
	struct rig *rig = context;

	CHECK(rig->locked);
	rig->step_asked = true;
}

/* Now and then somebody else does something meanwhile. */
void rig_disturb(struct rig *rig)
{
	void (*during)(struct rig * rig) = rig->during;

	CHECK(!rig->locked);
	CHECK(rig->level <= DISPATCH_LEVEL);
	CHECK(!rig->touching);
	if (!during || rig->during_after-- > 0)
		return;
	rig->during = NULL;
	rig->touching = true;
	during(rig);
	rig->touching = false;
}

static void wire_touched(void *context, uint32_t ns)
{
	struct rig *rig = context;

	CHECK(!rig->is_off);
	CHECK(!rig->system.lends || rig->system.ours);
	if (rig->is_gone)
		CHECK(++rig->touched_after <= rig->most_touches_after);
	rig->wire_ns += ns;
	rig_disturb(rig);
}

static void op_synchronize(void *context, void (*change)(void *argument), void *argument)
{
	struct rig *rig = context;

	CHECK(rig->locked);
	CHECK(!rig->synchronized);
	rig->synchronized = true;
	CHECK_EQUAL(rig->port.connected.count, rig->connected);
	change(argument);
	rig->connected = rig->port.connected.count;
	rig->synchronized = false;
}

/* Reads a registry value: may wait. */
static bool op_connect_enabled(void *context)
{
	struct rig *rig = context;

	CHECK(!rig->locked);
	CHECK_EQUAL(rig->level, PASSIVE_LEVEL);
	return rig->connect_enabled;
}

/* ---- request packets ---------------------------------------------------------------------- */

static uint8_t *system_buffer(struct slot *slot)
{
	return slot->arena + CANARY_BYTES;
}

static uint32_t buffer_bytes(const struct call *call)
{
	return call->input_bytes > call->output_bytes ? call->input_bytes : call->output_bytes;
}

static struct slot *new_slot(struct rig *rig, struct call *call)
{
	for (uint32_t i = 0; i < RIG_SLOTS; i++) {
		struct slot *slot = &rig->slots[(rig->next_slot + i) % RIG_SLOTS];

		if (!slot->call) {
			rig->next_slot = (rig->next_slot + i + 1) % RIG_SLOTS;
			slot->call = call;
			slot->cancelable = false;
			slot->in_line = false;
			slot->pended = false;
			return slot;
		}
	}
	case_failed(__FILE__, __LINE__, "a free slot", 0, 1);
}

static uint32_t index_of(const struct call *call)
{
	return call->place == RAW_DEVICE ? RAW_INDEX : call->place;
}

static struct opp_client *client_of(struct rig *rig, const struct call *call)
{
	if (call->file == NO_FILE)
		return NULL;
	return call->to_device ? &rig->device_files[index_of(call)][call->file]
			       : &rig->clients[call->file];
}

static bool moves_bytes(const struct call *call)
{
	return call->to_device && (call->major == IRP_MJ_READ || call->major == IRP_MJ_WRITE);
}

static void fill_slot(struct rig *rig, struct slot *slot, const struct call *call)
{
	CHECK(buffer_bytes(call) <= SYSTEM_BUFFER_BYTES);
	slot->request = (struct opp_request){
		.object = call->to_device ? OPP_OBJECT_DEVICE : OPP_OBJECT_PORT,
		.device = call->to_device ? opp_contract_device(&rig->port, call->place) : NULL,
		.major = call->major,
		.code = call->code,
		.input_bytes = call->input_bytes,
		.output_bytes = call->output_bytes,
		.client = client_of(rig, call),
		.cancelled = call->cancelled,
		.byte_offset = call->byte_offset,
		.information_class = call->information_class,
		.as_directory = call->as_directory,
		.status = OPP_KICKED,
		.information = POISON,
	};
	memset(slot->arena, CANARY, sizeof(slot->arena));
	if (call->buffer) {
		memcpy(system_buffer(slot), call->buffer, buffer_bytes(call));
		slot->request.buffer = system_buffer(slot);
	}
	memcpy(slot->as_sent, slot->arena, sizeof(slot->arena));
}

/* Nothing but the first Information bytes of the system buffer has changed. */
static void check_buffer(struct slot *slot)
{
	uint32_t answered = slot->request.information;

	if (moves_bytes(slot->call) && slot->call->major == IRP_MJ_WRITE) {
		CHECK(answered <= slot->request.input_bytes);
		answered = 0;
	}
	CHECK(answered <= slot->request.output_bytes);
	memcpy(slot->as_sent + CANARY_BYTES, system_buffer(slot), answered);
	CHECK(memcmp(slot->as_sent, slot->arena, sizeof(slot->arena)) == 0);
}

static void end_call(struct rig *rig, struct slot *slot)
{
	struct call *call = slot->call;

	CHECK(call);
	CHECK(!call->done);
	if (slot->request.status != OPP_SUCCESS && !moves_bytes(call))
		CHECK_EQUAL(slot->request.information, 0);
	check_buffer(slot);
	if (!call->to_device && call->code == ALLOCATE && slot->request.status == OPP_SUCCESS)
		rig_check_rest(rig);
	if (slot->request.information && call->buffer && call->major != IRP_MJ_WRITE)
		memcpy(call->buffer, system_buffer(slot), slot->request.information);
	call->status = opp_ntstatus(slot->request.status);
	call->information = slot->request.information;
	call->order = ++rig->completed;
	call->done = true;
	call->slot = NULL;
	memset(slot, POISON, sizeof(*slot));
	slot->call = NULL;
}

static void end_awaited(struct rig *rig, struct opp_request *request)
{
	CHECK(!rig->locked);
	CHECK(!request->ended);
	request->ended = true;
}

static void op_await(void *context, struct opp_request *request)
{
	struct rig *rig = context;
	const uint64_t end_us = rig->now_us + AWAIT_US;

	CHECK(!rig->locked);
	CHECK_EQUAL(rig->level, PASSIVE_LEVEL);
	while (!request->ended) {
		CHECK(rig->now_us < end_us);
		rig_pass_ms(rig, 1);
	}
}

static enum opp_status op_may_await(void *context, const struct opp_request *request)
{
	struct rig *rig = context;

	CHECK(rig->locked);
	CHECK(request->awaited);
	return rig->may_await;
}

static void op_devices_changed(void *context)
{
	struct rig *rig = context;

	CHECK(!rig->locked);
	rig->changes++;
}

static void op_complete(void *context, struct opp_request *request)
{
	struct rig *rig = context;
	struct slot *slot = slot_of(request);
	struct call *call;
	void (*completed)(struct rig * rig, struct call * call);

	if (request->awaited) {
		end_awaited(rig, request);
		return;
	}
	call = slot->call;
	CHECK(!rig->locked);
	CHECK(rig->level <= DISPATCH_LEVEL);
	CHECK(call);
	if (request->object == OPP_OBJECT_PORT)
		CHECK_EQUAL(request->information, 0);
	CHECK(slot->pended);
	CHECK(!slot->cancelable);
	leave_line(rig, slot);
	completed = call->completed;
	call->returned = OPP_NT_PENDING;
	end_call(rig, slot);
	if (completed)
		completed(rig, call);
}

static uint32_t op_process_of(void *context, struct opp_client *client)
{
	struct rig *rig = context;
	const struct opp_client *files = &rig->device_files[0][0];

	CHECK(rig->locked);
	if (client >= rig->clients && client < rig->clients + RIG_FILES)
		return PROCESS_OF_FILE((uint32_t)(client - rig->clients));
	CHECK(client >= files && client < files + MOST_DEVICES * RIG_FILES);
	return PROCESS_OF_FILE((uint32_t)(client - files) % RIG_FILES);
}

static const struct opp_contract_ops ops = {
	.lock = op_lock,
	.unlock = op_unlock,
	.now_us = op_now_us,
	.pend = op_pend,
	.take = op_take,
	.complete = op_complete,
	.await = op_await,
	.may_await = op_may_await,
	.devices_changed = op_devices_changed,
	.settle_later = op_settle_later,
	.step_later = op_step_later,
	.synchronize = op_synchronize,
	.connect_enabled = op_connect_enabled,
	.process_of = op_process_of,
};

/* ---- the runner's functions ------------------------------------------------------------------ */

static bool *open_flag(struct rig *rig, const struct call *call)
{
	return call->to_device ? &rig->device_is_open[index_of(call)][call->file]
			       : &rig->is_open[call->file];
}

static void note_open(struct rig *rig, const struct call *call)
{
	if (call->major == IRP_MJ_CREATE && call->returned == OPP_NT_SUCCESS)
		*open_flag(rig, call) = true;
	if (call->major == IRP_MJ_CLOSE && call->file != NO_FILE)
		*open_flag(rig, call) = false;
}

void rig_submit(struct rig *rig, struct call *call)
{
	struct slot *slot = new_slot(rig, call);
	enum opp_status status;
	int32_t returned;

	CHECK(!call->slot && !call->done);
	call->slot = slot;
	fill_slot(rig, slot, call);
	status = opp_contract_submit(&rig->port, &slot->request);
	returned = opp_ntstatus(status);
	if (status != OPP_PENDING) {
		CHECK_EQUAL(slot->request.status, status);
		CHECK(!slot->pended);
		end_call(rig, slot);
	}
	call->returned = returned;
	note_open(rig, call);
	rig_check(rig);
}

bool rig_begin_cancel(struct call *call)
{
	struct slot *slot = call->slot;
	bool taken = slot && slot->cancelable;

	if (taken)
		slot->cancelable = false;
	return taken;
}

void rig_finish_cancel(struct rig *rig, struct call *call)
{
	struct slot *slot = call->slot;

	opp_contract_cancel(&rig->port, &slot->request);
	rig_check(rig);
}

void rig_cancel(struct rig *rig, struct call *call)
{
	if (rig_begin_cancel(call))
		rig_finish_cancel(rig, call);
}

bool rig_interrupt(struct rig *rig)
{
	enum level before = rig->level;
	bool handled;

	rig->level = DIRQL;
	handled = opp_contract_interrupt(&rig->port);
	rig->level = before;
	rig_check(rig);
	return handled;
}

void rig_change_chain(struct rig *rig, uint32_t devices, enum chain_health health)
{
	chain_change(&rig->chain, devices, health);
}

void rig_forget_addresses(struct rig *rig)
{
	chain_forget(&rig->chain);
}

enum opp_port_state rig_state(struct rig *rig)
{
	return opp_port_state_locked(&rig->port.port, rig->now_us);
}

uint8_t rig_selected(struct rig *rig)
{
	return chain_selected(&rig->chain);
}

uint32_t rig_spare_capabilities(struct rig *rig)
{
	(void)rig;
	return 0;
}

uint8_t rig_chip_mode(struct rig *rig)
{
	return chain_mode(&rig->chain);
}

void rig_remove(struct rig *rig, bool surprise)
{
	if (surprise && !rig->is_gone)
		rig->most_touches_after = rig_has_device_work(rig) ? MOST_TOUCHES_FOR_DEVICE_AFTER
								   : MOST_TOUCHES_AFTER;
	rig->is_gone |= surprise;
	opp_contract_remove(&rig->port, surprise ? OPP_PORT_SURPRISE_REMOVED : OPP_PORT_REMOVED);
	rig_check(rig);
}

void rig_suspend(struct rig *rig)
{
	const uint64_t end_us = rig->now_us + SUSPEND_US;

	while (!opp_contract_suspend(&rig->port)) {
		CHECK(rig->now_us < end_us);
		rig_check(rig);
		rig_pass_ms(rig, 1);
	}
	rig_check(rig);
	rig->is_off = true;
	chain_power(&rig->chain, false);
}

void rig_resume(struct rig *rig)
{
	if (rig->is_off)
		chain_power(&rig->chain, true);
	rig->is_off = false;
	opp_contract_resume(&rig->port);
	rig_check(rig);
}

struct PARPORT_WMI_ALLOC_FREE_COUNTS rig_counters(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;

	opp_contract_counts(&rig->port, &counts);
	return counts;
}

void rig_pass_days(struct rig *rig, uint32_t days)
{
	rig->now_us += days * DAY_US;
}

void rig_raise(struct rig *rig)
{
	CHECK_EQUAL(rig->level, PASSIVE_LEVEL);
	rig->level = DISPATCH_LEVEL;
}

void rig_lower(struct rig *rig)
{
	CHECK_EQUAL(rig->level, DISPATCH_LEVEL);
	rig->level = PASSIVE_LEVEL;
}

void rig_in_routine(struct rig *rig)
{
	CHECK(!rig->locked);
	CHECK(!rig->synchronized);
	CHECK(rig->level <= DISPATCH_LEVEL);
}

struct rig *rig_second(struct rig *rig)
{
	return rig->second;
}

/* ---- a port's life ----------------------------------------------------------------------------- */

static const uint16_t port_name[] = { 'L', 'P', 'T', '1', 0 };

static void op_broken(void *context, const char *what)
{
	struct rig *rig = context;

	if (!rig->may_break)
		case_failed(__FILE__, __LINE__, what, 0, 1);
	rig->broken++;
}

static uint32_t most_devices(uint32_t needs)
{
	if (!(needs & NEEDS_CHAIN))
		return 0;
	return needs & NEEDS_FOUR ? CHAIN_ADAPTERS : OPP_USUAL_DEVICES;
}

static void begin_chain(struct rig *rig, uint32_t needs)
{
	const struct chain_watch watch = { wire_touched, op_broken, rig };
	uint32_t capabilities = OPP_HW_CAN_COMPAT;

	if (needs & NEEDS_EPP)
		capabilities |= OPP_HW_CAN_EPP;
	if (needs & NEEDS_ECP)
		capabilities |= OPP_HW_CAN_REVERSE | OPP_HW_CAN_FIFO;
	chain_hw_init(&rig->chain, capabilities, most_devices(needs), &watch);
}

void rig_begin(struct rig *rig, uint32_t needs)
{
	static char interrupt_object;

	memset(rig, 0, offsetof(struct rig, slots));
	for (uint32_t i = 0; i < RIG_SLOTS; i++)
		rig->slots[i].call = NULL;
	rig->now_us = DAY_US;
	rig->connect_enabled = needs & (NEEDS_CONNECT | NEEDS_NO_INTERRUPT);
	begin_chain(rig, needs);
	if (needs & NEEDS_LENDING)
		rig_lend(rig);
	rig->description = (struct opp_port_description){
		.controller_address = 0x378,
		.controller = (void *)(uintptr_t)0x10378,
		.controller_span_bytes = 8,
		.most_devices = most_devices(needs),
		.port_name = port_name,
		.interface_type = 1,
		.bus_number = 2,
		.has_interrupt = !(needs & NEEDS_NO_INTERRUPT),
		.interrupt_level = 7,
		.interrupt_vector = 0x37,
		.interrupt_affinity = 3,
		.interrupt_mode = 1,
		.ecp_controller = needs & NEEDS_ECP ? (void *)(uintptr_t)0x10778 : NULL,
		.interrupt_object = needs & NEEDS_NO_INTERRUPT ? NULL : &interrupt_object,
	};
	CHECK_EQUAL(opp_contract_init(&rig->port, &rig->description, chain_port(&rig->chain), &ops,
				      rig),
		    OPP_SUCCESS);
	if ((needs & NEEDS_CHAIN) && !(needs & NEEDS_LENDING))
		CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_NT_SUCCESS);
#ifdef CHAIN_OVER_CHIP
	if (needs & NEEDS_DEVICES)
		rig_begin_devices(rig);
#endif
}

/* The calls of a case that has returned are gone; the requests still wait. */
static void adopt_pending(struct rig *rig)
{
	for (uint32_t i = 0; i < RIG_SLOTS; i++) {
		struct slot *slot = &rig->slots[i];

		if (slot->call) {
			slot->orphan = (struct call){
				.slot = slot,
				.major = slot->request.major,
				.to_device = slot->request.object == OPP_OBJECT_DEVICE,
			};
			slot->call = &slot->orphan;
		}
	}
}

static void close_devices(struct rig *rig, int file)
{
	for (uint32_t i = 0; i < MOST_DEVICES; i++) {
		struct call cleanup = { .major = IRP_MJ_CLEANUP, .file = file, .to_device = true };
		struct call close = { .major = IRP_MJ_CLOSE, .file = file, .to_device = true };

		cleanup.place = close.place = i == RAW_INDEX ? RAW_DEVICE : (uint8_t)i;
		if (!rig->device_is_open[i][file])
			continue;
		rig_submit(rig, &cleanup);
		rig_submit(rig, &close);
	}
}

void rig_end(struct rig *rig)
{
	adopt_pending(rig);
	for (int file = 0; file < RIG_FILES; file++) {
		if (rig->is_open[file])
			close_file(rig, file);
		close_devices(rig, file);
	}
	rig_settle(rig);
	CHECK_EQUAL(rig->in_line, 0);
	CHECK(!rig->port.telling);
	for (uint32_t i = 0; i < RIG_SLOTS; i++)
		CHECK(!rig->slots[i].call);
}

void rig_run_case(const struct contract_case *contract_case)
{
	static struct rig rigs[2];

	rig_begin(&rigs[0], contract_case->needs);
	if (contract_case->needs & NEEDS_SECOND_PORT) {
		rig_begin(&rigs[1], contract_case->needs);
		rigs[0].second = &rigs[1];
	}
	contract_case->run(&rigs[0]);
	rig_end(&rigs[0]);
	if (rigs[0].second)
		rig_end(&rigs[1]);
}

const struct case_table *const all_case_tables[] = {
	&open_cases,
	&allocate_cases,
	&queue_cases,
	&cancel_cases,
	&callback_cases,
	&select_cases,
	&chain_cases,
	&chip_mode_cases,
	&info_cases,
	&interrupt_cases,
	&deferred_cases,
	&removal_cases,
	&power_cases,
	&input_cases,
	&native_cases,
	&native_wire_cases,
	&native_power_cases,
	&native_lent_cases,
	&native_lent_power_cases,
#ifdef CHAIN_OVER_CHIP
	&device_open_cases,
	&device_lock_cases,
	&device_mode_cases,
	&device_io_cases,
	&device_id_cases,
	&device_row_cases,
	&device_power_cases,
	&device_status_cases,
	&native_device_cases,
	&native_look_cases,
	&native_device_power_cases,
	&native_status_cases,
	&native_bus_cases,
	&native_registers_cases,
	&native_lent_device_cases,
#endif
};
const size_t all_case_table_count = sizeof(all_case_tables) / sizeof(all_case_tables[0]);
