/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "device_rig.h"

struct world world;

/* ---- what peripherals do ------------------------------------------------------------------ */

static bool print(void *context, uint8_t byte)
{
	struct unit *unit = context;

	assert_true(unit->printed < WORLD_BYTES);
	unit->page[unit->printed++] = byte;
	return true;
}

static void hear(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	struct unit *unit = context;

	assert_true(unit->heard_count < WORLD_BYTES);
	unit->heard[unit->heard_count++] = (struct unit_heard){ (uint8_t)kind, channel, byte };
	if (unit->heard_count == unit->full_at)
		opp_1284_set_full(&unit->device, true);
}

static bool next_item(void *context, struct opp_1284_item *next)
{
	struct unit *unit = context;

	if (unit->said == unit->say_bytes)
		return false;
	*next = (struct opp_1284_item){ .byte = unit->say[unit->said++] };
	return true;
}

void unit_says(uint32_t index, const void *bytes, size_t count)
{
	struct unit *unit = &world.units[index];

	unit->say = bytes;
	unit->say_bytes = count;
	unit->said = 0;
	opp_1284_data_arrives(&unit->device);
}

static void plug_unit(uint32_t index, uint32_t modes)
{
	struct unit *unit = &world.units[index];
	const struct opp_1284_options options = {
		.modes = modes,
		.device_id = UNIT_ID,
		.context = unit,
		.forward = hear,
		.reverse = next_item,
		.printer = { .context = unit, .print = print },
	};

	opp_1284_init(&unit->device, &options);
	if (index == LAST)
		opp_sim_plug(&world.chain.adapters[SECOND].through, &unit->device.peripheral);
	else
		opp_daisy_plug_1284(&world.chain.adapters[index], &unit->device);
}

/* ---- beginning -------------------------------------------------------------------------------- */

static bool take(void *context, struct opp_device_req *req)
{
	(void)context;
	return req != world.refused;
}

/* What a device asks its port for is nobody else's to cancel. */
static bool take_of_file(void *context, struct opp_req *req)
{
	(void)context;
	assert_null(opp_device_of(req));
	return true;
}

void world_start_on(const struct opp_sim_options *chip, uint32_t modes, uint32_t options)
{
	static const struct opp_device_ops ops = { .take = take };
	static const struct opp_port_ops port_ops = { .take = take_of_file };
	struct chain_rig *chain = &world.chain;

	world = (struct world){ .budget_ns = RIG_BUDGET_NS, .options = options };
	chain_start_on(chain, chip, 2);
	for (uint32_t i = 0; i < DEVICES; i++)
		plug_unit(i, modes);
	assert_int_equal(chain_assign(chain, 2), 2);
	opp_protocol_init(&chain->protocol, options);
	opp_port_init(&world.port, &port_ops, NULL, &chain->rig.env);
	for (uint32_t i = 0; i < FILES; i++)
		assert_int_equal(opp_port_open_locked(&world.port, &world.files[i]), OPP_SUCCESS);
	for (uint32_t i = 0; i < DEVICES; i++) {
		opp_device_init(device_at(i), &world.port, (uint8_t)(i == LAST ? OPP_PLACE_RAW : i),
				&ops, NULL);
		assert_int_equal(opp_device_open_locked(device_at(i), false), OPP_SUCCESS);
	}
	rig_forget_accesses(&chain->rig);
}

void world_start(uint32_t modes)
{
	world_start_on(&(struct opp_sim_options){ .chip = OPP_SIM_ECP_EPP }, modes, 0);
}

int start_world(void **state)
{
	(void)state;
	world_start(UNIT_MODES);
	return 0;
}

uint64_t world_now_us(void)
{
	return world.chain.rig.sim.now_ns / 1000;
}

struct opp_device *device_at(uint32_t index)
{
	return &world.devices[index];
}

/* ---- requests --------------------------------------------------------------------------- */

struct ask *world_ask(uint32_t index, enum opp_device_op op)
{
	uint32_t i = 0;

	while (i < WORLD_ASKS - 1 && world.asks[i].device && !world.asks[i].told)
		i++;
	world.asks[i] = (struct ask){ .device = device_at(index), .req.op = op };
	return &world.asks[i];
}

struct ask *world_ask_bytes(uint32_t index, enum opp_device_op op, void *bytes, size_t length)
{
	struct ask *ask = world_ask(index, op);

	ask->req.bytes = bytes;
	ask->req.length = length;
	return ask;
}

enum opp_status world_submit(struct ask *ask)
{
	enum opp_status status = opp_device_submit_locked(ask->device, &ask->req, world_now_us());

	if (status == OPP_PENDING)
		return status;
	assert_int_equal(ask->req.status, status);
	ask->told++;
	ask->rank = ++world.told;
	return status;
}

struct ask *world_submitted(uint32_t index, enum opp_device_op op)
{
	struct ask *ask = world_ask(index, op);

	assert_int_equal(world_submit(ask), OPP_PENDING);
	return ask;
}

struct ask *world_write(uint32_t index, const char *text)
{
	struct ask *ask =
		world_ask_bytes(index, OPP_DO_WRITE, (uint8_t *)(uintptr_t)text, strlen(text));

	assert_int_equal(world_submit(ask), OPP_PENDING);
	return ask;
}

enum opp_status world_do(struct ask *ask)
{
	if (world_submit(ask) == OPP_PENDING)
		world_run_until(ask);
	world_run();
	return ask->req.status;
}

enum opp_status world_does(uint32_t index, enum opp_device_op op)
{
	return world_do(world_ask(index, op));
}

void world_lock(uint32_t index)
{
	assert_int_equal(world_does(index, OPP_DO_LOCK), OPP_SUCCESS);
	expect_device(index, OPP_DEVICE_LOCKED);
	assert_ptr_equal(world.port.holder, &device_at(index)->client);
}

void world_unlock(uint32_t index)
{
	assert_int_equal(world_does(index, OPP_DO_UNLOCK), OPP_SUCCESS);
	expect_rest();
}

/* ---- files of the port ------------------------------------------------------------------- */

void file_asks(uint32_t file)
{
	struct opp_req *req = &world.file_reqs[file];

	*req = (struct opp_req){ .client = &world.files[file], .kind = OPP_REQ_ALLOCATE };
	world.has_port[file] =
		opp_port_submit_locked(&world.port, req, world_now_us()) == OPP_SUCCESS;
	world.wants_port[file] = !world.has_port[file];
}

void file_frees(uint32_t file)
{
	world.has_port[file] = false;
	assert_int_equal(opp_port_free_locked(&world.port, &world.files[file], world_now_us()),
			 OPP_SUCCESS);
}

/* ---- telling what ended ------------------------------------------------------------------- */

static void tell_port_event(const struct opp_event *event)
{
	struct opp_device *device = opp_device_of(event->req);

	assert_int_equal(event->kind, OPP_EVENT_FINISHED);
	if (device) {
		assert_ptr_equal(event->req, &device->req);
		opp_device_granted_locked(device, world_now_us());
		return;
	}
	for (uint32_t i = 0; i < FILES; i++) {
		if (event->req != &world.file_reqs[i])
			continue;
		world.wants_port[i] = false;
		world.has_port[i] = event->req->status == OPP_SUCCESS;
	}
}

static bool tell(void)
{
	struct opp_event event;
	struct opp_device_req *req;
	bool any = false;

	if (opp_port_begin_events_locked(&world.port)) {
		any = true;
		while (opp_port_next_event_locked(&world.port, &event, world_now_us()))
			tell_port_event(&event);
	}
	for (uint32_t i = 0; i < DEVICES; i++) {
		while ((req = opp_device_next_finished_locked(device_at(i)))) {
			struct ask *ask = OPP_NODE(req, struct ask, req);

			assert_ptr_equal(ask->device, device_at(i));
			assert_int_equal(ask->told, 0);
			ask->told++;
			ask->rank = ++world.told;
			any = true;
		}
	}
	return any;
}

/* ---- the wire --------------------------------------------------------------------------------- */

static uint64_t next_deadline_us(void)
{
	uint64_t next_us = UINT64_MAX;

	for (uint32_t i = 0; i < DEVICES; i++) {
		const uint64_t deadline_us = opp_device_deadline_us_locked(device_at(i));

		if (deadline_us < next_us)
			next_us = deadline_us;
	}
	return next_us;
}

static void expire(void)
{
	for (uint32_t i = 0; i < DEVICES; i++)
		opp_device_expire_locked(device_at(i), world_now_us());
}

static void pass_until_us(uint64_t until_us)
{
	if (until_us * 1000 > world.chain.rig.sim.now_ns)
		opp_sim_advance_to(&world.chain.rig.sim, until_us * 1000);
	expire();
}

static void wait_for_wire(const struct opp_wait *wait, uint32_t accesses_before)
{
	const uint64_t deadline_us = next_deadline_us();

	world.waits++;
	if (!wait->poll || accesses_before == world.chain.rig.accesses)
		pass_until_us(wait->until_us < deadline_us ? wait->until_us : deadline_us);
}

static struct opp_device *at_work(void)
{
	for (uint32_t i = 0; i < DEVICES; i++)
		if (device_at(i)->state == OPP_DEVICE_WORKING)
			return device_at(i);
	return NULL;
}

static void count_step(void)
{
	world.steps++;
	if (world.disturb)
		world.disturb();
}

static void step_device(struct opp_device *device)
{
	struct rig *rig = &world.chain.rig;
	const uint32_t accesses = rig->accesses;
	const uint64_t now_us = world_now_us();

	switch (opp_device_step(device, rig->hw, &world.chain.protocol, now_us, world.budget_ns)) {
	case OPP_STEP_DONE: opp_device_stepped_locked(device, world_now_us()); break;
	case OPP_STEP_AGAIN: break;
	case OPP_STEP_WAIT:
		assert_true(device->wait.until_us > now_us);
		wait_for_wire(&device->wait, accesses);
		break;
	}
}

static void step_between(void)
{
	struct rig *rig = &world.chain.rig;
	const uint32_t accesses = rig->accesses;

	if (!world.handing_over) {
		opp_wire_work_hand_over_locked(&world.between, &world.port);
		world.between.devices = LAST;
		world.handing_over = true;
	}
	switch (opp_wire_work_step(&world.between, rig->hw, &world.chain.protocol, world_now_us(),
				   world.budget_ns)) {
	case OPP_STEP_DONE:
		world.handing_over = false;
		opp_wire_work_done_locked(&world.between, &world.port, world_now_us());
		break;
	case OPP_STEP_AGAIN: break;
	case OPP_STEP_WAIT: wait_for_wire(&world.between.transfer.wait, accesses); break;
	}
}

/* ---- invariants ------------------------------------------------------------------------------- */

static void check_device(const struct opp_device *device, uint32_t *drivers)
{
	const bool holds = world.port.holder == &device->client;
	const bool is_nobodys =
		opp_port_state_locked(&world.port, world_now_us()) == OPP_PORT_RELEASING;

	switch (device->state) {
	case OPP_DEVICE_RESTING:
		assert_int_equal(device->line.count, 0);
		assert_false(holds);
		assert_false(device->locked);
		break;
	case OPP_DEVICE_WANTING:
		assert_true(device->line.count > 0);
		assert_false(device->locked);
		break;
	case OPP_DEVICE_WORKING:
		assert_true(device->line.count > 0);
		assert_true(world.port.undo & OPP_UNDO_TRANSFER);
		assert_true(holds || is_nobodys); /* put out at work */
		(*drivers)++;
		break;
	case OPP_DEVICE_LOCKED:
		assert_int_equal(device->line.count, 0);
		assert_true(device->locked && holds);
		break;
	}
	if (holds)
		assert_int_equal(device->client.guard,
				 device->locked ? OPP_GUARD_FREE : OPP_GUARD_ALL);
}

static void check_free_port(void)
{
	const struct chain_rig *chain = &world.chain;

	assert_int_equal(chain->protocol.options, world.options);
	if (world.port.presence == OPP_PORT_SURPRISE_REMOVED)
		return;
	assert_int_equal(chain->protocol.mode, OPP_MODE_COMPAT);
	assert_true(rig_is_idle(&chain->rig));
	for (uint32_t i = 0; i < LAST && !world.selection_stays; i++)
		assert_int_equal(chain->adapters[i].mode, OPP_DAISY_UNSELECTED);
}

static void check(void)
{
	const enum opp_port_state state = opp_port_state_locked(&world.port, world_now_us());
	uint32_t drivers = 0;

	for (uint32_t i = 0; i < DEVICES; i++)
		check_device(device_at(i), &drivers);
	assert_true(drivers <= 1);
	assert_int_equal(!!(world.port.undo & OPP_UNDO_TRANSFER), drivers);
	if (state == OPP_PORT_FREE) {
		assert_int_equal(opp_port_waiters_locked(&world.port), 0);
		check_free_port();
	}
}

/* ---- time ---------------------------------------------------------------------------------------- */

bool world_turn(void)
{
	bool any = tell();
	struct opp_device *device = at_work();

	check();
	if (device) {
		count_step();
		step_device(device);
	} else if (opp_port_wants_wire_locked(&world.port)) {
		count_step();
		step_between();
	} else {
		return any;
	}
	check();
	return true;
}

void world_run(void)
{
	for (uint32_t i = 0; i < WORLD_TURNS; i++)
		if (!world_turn())
			return;
	fail_msg("the world does not come to rest");
}

void world_run_until(struct ask *ask)
{
	for (uint32_t i = 0; i < WORLD_TURNS && !ask->told; i++)
		if (!world_turn()) {
			assert_true(next_deadline_us() != UINT64_MAX);
			pass_until_us(next_deadline_us());
		}
	assert_int_equal(ask->told, 1);
}

void world_pass_us(uint64_t us)
{
	pass_until_us(world_now_us() + us);
	world_run();
}

/* ---- what must be true ------------------------------------------------------------------------- */

void expect_told(const struct ask *ask, enum opp_status status)
{
	assert_int_equal(ask->told, 1);
	assert_int_equal(ask->req.status, status);
}

void expect_waits(const struct ask *ask)
{
	assert_int_equal(ask->told, 0);
}

void expect_printed(uint32_t index, const char *text)
{
	rig_pass_ns(&world.chain.rig, 1000000);
	assert_int_equal(world.units[index].printed, strlen(text));
	assert_memory_equal(world.units[index].page, text, strlen(text));
}

void expect_port(enum opp_port_state state)
{
	assert_int_equal(opp_port_state_locked(&world.port, world_now_us()), state);
}

void expect_device(uint32_t index, enum opp_device_state state)
{
	assert_int_equal(device_at(index)->state, state);
}

void expect_rest(void)
{
	expect_port(OPP_PORT_FREE);
	check();
	for (uint32_t i = 0; i < DEVICES; i++)
		expect_device(i, OPP_DEVICE_RESTING);
	for (uint32_t i = 0; i < OPP_SIM_HOST_ERRORS; i++)
		if (world.chain.rig.host_errors[i])
			fail_msg("%s", opp_sim_host_error_text((enum opp_sim_host_error)i));
}
