/* SPDX-License-Identifier: MIT */
/*
 * What happens while the worker is at work for a device, or a caller of its holder's.
 * The case comes in at an access of the wire, as another thread would.
 */
#include "device_case.h"
#include "native.h"

#define MOST_TOUCHES 100000

/* Longer than a device that is dead keeps a transfer. */
#define DEAD_MS 61000

static void come_in(struct rig *rig, uint32_t after, void (*during)(struct rig *rig))
{
	rig->during = during;
	rig->during_after = after;
}

/* ---- beside a caller of the holder's ---------------------------------------------------- */

static struct call meanwhile;

static void write_meanwhile(struct rig *rig)
{
	queue_write(rig, &meanwhile, END_DEVICE, "abc", 3);
	while (rig_step(rig))
		;
	CHECK(!meanwhile.done);
	CHECK_EQUAL(ask_command(rig, NO_FILE, SELECT, KEEP, 0), INVALID_DEVICE_STATE);
}

/* A request under the lock waits for the caller who is on the wire, and then has its turn. */
static void caller_first(struct rig *rig)
{
	meanwhile = (struct call){ 0 };
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	come_in(rig, 10, write_meanwhile);
	CHECK_EQUAL(ask_command(rig, NO_FILE, SELECT, KEEP, 1), SUCCESS);
	CHECK(!rig->during);
	CHECK_EQUAL(rig_selected(rig), 1);
	rig_settle(rig);
	CHECK_EQUAL(meanwhile.status, SUCCESS);
	check_heard(rig, 1, "abc", 3);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

static void select_meanwhile(struct rig *rig)
{
	struct PARCLASS_INFORMATION info = connect_to(rig, END_DEVICE);
	struct PARALLEL_1284_COMMAND command = { .ID = 1 };

	CHECK_EQUAL(ask_command(rig, NO_FILE, SELECT, KEEP, 1), INVALID_DEVICE_STATE);
	CHECK_EQUAL(info.ParallelTryselect(info.ParclassContext, command), INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), INVALID_DEVICE_STATE);
}

static void worker_first(struct rig *rig)
{
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	come_in(rig, 10, select_meanwhile);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "abcdef", 6), SUCCESS);
	CHECK(!rig->during);
	check_heard(rig, END_DEVICE, "abcdef", 6);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
}

/* By registers, as a client does it that drives them itself. */
static void select_by_registers(struct rig *rig, uint8_t id)
{
	struct opp_hw *hw = chain_port(&rig->chain);
	struct opp_protocol protocol;
	struct opp_transfer transfer;

	opp_protocol_init(&protocol, 0);
	opp_chain_select_begin(&transfer, &protocol, id, OPP_MODE_COMPAT);
	while (opp_transfer_step(&transfer, hw, rig->now_us, 1000000) != OPP_STEP_DONE)
		;
	CHECK_EQUAL(transfer.status, OPP_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), id);
}

static void unlock_deselects_beside(struct rig *rig)
{
	static const uint8_t places[] = { END_DEVICE, RAW_DEVICE };

	for (size_t i = 0; i < sizeof(places); i++) {
		open_device(rig, places[i], 0);
		CHECK_EQUAL(ask_internal(rig, places[i], LOCK_NO_SELECT), SUCCESS);
		select_by_registers(rig, 1);
		CHECK_EQUAL(ask_internal(rig, places[i], UNLOCK), SUCCESS);
		CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
	}
}

/* ---- at each access, everything -------------------------------------------------------------- */

static struct call moving;

static void by_cancel(struct rig *rig)
{
	rig_cancel(rig, &moving);
}

static void by_close(struct rig *rig)
{
	struct call cleanup = { .major = IRP_MJ_CLEANUP };
	struct call close = { .major = IRP_MJ_CLOSE };

	send_to(rig, &cleanup, 1);
	send_to(rig, &close, 1);
}

static void by_surprise(struct rig *rig)
{
	rig_remove(rig, true);
}

static void by_order(struct rig *rig)
{
	rig_remove(rig, false);
}

static void by_unplugging(struct rig *rig)
{
	rig_change_chain(rig, 0, CHAIN_SOUND);
	opp_contract_look(&rig->port);
}

static void by_clients(struct rig *rig)
{
	ask(rig, 0, FREE);
	free_port(rig);
	close_file(rig, 0);
}

static void (*const disturbances[])(struct rig *rig) = {
	by_cancel, by_close, by_surprise, by_order, by_unplugging, by_clients,
};

static uint8_t bytes[64];

static void do_write(struct rig *rig)
{
	queue_write(rig, &moving, 1, "bytes that move", 15);
}

static void do_read(struct rig *rig)
{
	rig_say(rig, 1, "something", 9);
	queue_read(rig, &moving, 1, bytes, 9);
}

static void do_id(struct rig *rig)
{
	moving = (struct call){ .major = IRP_MJ_DEVICE_CONTROL,
				.code = IOCTL_PAR_QUERY_DEVICE_ID,
				.buffer = bytes,
				.output_bytes = sizeof(bytes) };
	send_to(rig, &moving, 1);
}

static void do_lock(struct rig *rig)
{
	queue_internal(rig, &moving, 1, LOCK);
}

static void do_look(struct rig *rig)
{
	opp_contract_look(&rig->port);
	moving.done = true;
}

static void (*const actions[])(struct rig *rig) = {
	do_write, do_read, do_id, do_lock, do_look,
};

/*
 * Whatever came in between: what was asked for has ended once, and when all is closed
 * the port is free, and the wire at rest where it is still there.
 */
static bool disturb(struct rig *rig, void (*action)(struct rig *rig),
		    void (*disturbance)(struct rig *rig), uint32_t after)
{
	bool came_in;

	rig_begin(rig, ON_RICH_CHIP);
	moving = (struct call){ 0 };
	open_files(rig, 1);
	open_device(rig, 1, 0);
	come_in(rig, after, disturbance);
	action(rig);
	rig_settle(rig);
	came_in = !rig->during;
	rig->during = NULL;
	if (!moving.done)
		rig_pass_ms(rig, DEAD_MS);
	CHECK(moving.done);
	rig_end(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	return came_in;
}

static void at_each_access(struct rig *rig)
{
	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
		for (size_t d = 0; d < sizeof(disturbances) / sizeof(disturbances[0]); d++) {
			uint32_t after = 0;

			while (disturb(rig, actions[a], disturbances[d], after)) {
				after += 1 + after / 8;
				CHECK(after < MOST_TOUCHES);
			}
			CHECK(after > 0);
		}
	}
	rig_begin(rig, 0);
}

/* ---- time ------------------------------------------------------------------------------------------ */

static struct opp_device *device_at(struct rig *rig, uint8_t place)
{
	return &opp_contract_device(&rig->port, place)->device;
}

/* A file has the port, so that the worker has nothing else to wake up for. */
static void earliest_deadline(struct rig *rig)
{
	struct call writes[2] = { 0 };

	open_files(rig, 1);
	open_device(rig, 0, 0);
	open_device(rig, 1, 0);
	device_at(rig, 0)->lock_timeout_us = 3000000;
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, &writes[0], 0, "def", 3);
	queue_write(rig, &writes[1], 1, "ghi", 3);
	rig_pass_ms(rig, 2999);
	CHECK(!writes[0].done);
	rig_pass_ms(rig, 2);
	check_ended(&writes[0], DEVICE_BUSY);
	CHECK(!writes[1].done);
	rig_pass_ms(rig, LOCK_MS - 3000);
	check_ended(&writes[1], DEVICE_BUSY);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
}

/* Who is at work naps for longer than somebody else has patience. */
static void deadline_in_a_nap(struct rig *rig)
{
	struct call write = { 0 };
	struct call other = { 0 };

	open_device(rig, 0, 0);
	open_device(rig, END_DEVICE, 0);
	device_at(rig, 0)->lock_timeout_us = 5000;
	rig_room(rig, END_DEVICE, 0);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	rig_pass_ms(rig, 1000);
	CHECK(rig->worker_waits && rig->wake_us > rig->now_us);
	queue_write(rig, &other, 0, "def", 3);
	rig_pass_ms(rig, 6);
	check_ended(&other, DEVICE_BUSY);
	CHECK(!write.done);
	rig_room(rig, END_DEVICE, ROOM_FOR_ALL);
	rig_settle(rig);
	CHECK_EQUAL(write.status, SUCCESS);
}

/* What runs ends soon, not when its next nap is over. */
static void wakes_the_worker(struct rig *rig, void (*stop)(struct rig *rig))
{
	moving = (struct call){ 0 };
	open_device(rig, 1, 0);
	rig_room(rig, 1, 0);
	do_write(rig);
	rig_settle(rig);
	CHECK(!moving.done && !rig->step_asked);
	stop(rig);
	CHECK(rig->step_asked);
	rig_settle(rig);
	CHECK(moving.done);
}

static void cancel_wakes(struct rig *rig)
{
	wakes_the_worker(rig, by_cancel);
}

static void close_wakes(struct rig *rig)
{
	wakes_the_worker(rig, by_close);
}

static void removal_wakes(struct rig *rig)
{
	wakes_the_worker(rig, by_order);
}

/* The runner's own: a case need not see the end of what it began. */
static void leaves_a_write(struct rig *rig)
{
	struct call write = { 0 };

	open_device(rig, 1, 0);
	rig_room(rig, 1, 1);
	queue_write(rig, &write, 1, "abc", 3);
	rig_settle(rig);
	CHECK(!write.done);
}

/* A cancel that is half done when its request would end: it ends it. */
static void cancel_under_way(struct rig *rig)
{
	struct call write = { 0 };

	open_files(rig, 1);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	CHECK(rig_begin_cancel(&write));
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	rig_settle(rig);
	CHECK(!write.done);
	rig_finish_cancel(rig, &write);
	rig_settle(rig);
	CHECK(write.done);
	CHECK_EQUAL(write.status, CANCELLED);
	CHECK(!is_held(rig));
	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(write_to(rig, RAW_DEVICE, "x", 1), SUCCESS);
}

/* A cancel that arrives at the moment the request is pended. */
static void cancel_while_joining(struct rig *rig)
{
	struct call write = { 0 };

	open_device(rig, END_DEVICE, 0);
	rig->cancel_while_joining = true;
	queue_write(rig, &write, END_DEVICE, "abc", 3);
	rig_settle(rig);
	CHECK(write.done);
	CHECK_EQUAL(write.status, CANCELLED);
	CHECK(!is_held(rig));
}

/* ---- lines ----------------------------------------------------------------------------------------- */

/* What decides does so by itself, and nAck never does. */
static void each_line(struct rig *rig)
{
	static const struct {
		uint8_t lines, bits;
	} shown[] = {
		{ OPP_LINE_NFAULT | OPP_LINE_SELECT, PARALLEL_SELECTED },
		{ OPP_LINE_NFAULT, PARALLEL_OFF_LINE },
		{ OPP_LINE_SELECT, PARALLEL_SELECTED | PARALLEL_OFF_LINE },
		{ OPP_LINE_NFAULT | OPP_LINE_PERROR, PARALLEL_PAPER_EMPTY | PARALLEL_OFF_LINE },
		{ OPP_STATUS_LINES & ~OPP_LINE_NACK, PARALLEL_NOT_CONNECTED },
		{ 0, PARALLEL_POWER_OFF },
	};
	struct opp_sim_peripheral *plain;
	struct PAR_QUERY_INFORMATION found;
	struct call call;

	open_device(rig, END_DEVICE, 0);
	rig_plug(rig, END_DEVICE, DEVICE_PLAIN);
	plain = &rig->chain.model.peripherals[END_DEVICE].plain.peripheral;
	for (size_t i = 0; i < 2 * sizeof(shown) / sizeof(shown[0]); i++) {
		const uint8_t nack = i % 2 ? OPP_LINE_NACK : 0;

		opp_sim_drive_status(plain->connector, shown[i / 2].lines | nack);
		call = (struct call){ .buffer = &found, .output_bytes = sizeof(found) };
		CHECK_EQUAL(control(rig, &call, END_DEVICE, IOCTL_PAR_QUERY_INFORMATION), SUCCESS);
		CHECK_EQUAL(found.Status, shown[i / 2].bits);
	}
}

/* ---- the port ------------------------------------------------------------------------------------------ */

static void no_port_without_name(struct rig *rig)
{
	static const uint16_t names[][6] = {
		{ 'C', 'O', 'M', '1' }, { 'L', 'P', 'T' }, { 'L', 'P', 'T', '0' }, { 0 }
	};
	static struct opp_contract_port port;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rig->description.port_name = names[i];
		CHECK_EQUAL(opp_contract_init(&port, &rig->description, chain_port(&rig->chain),
					      rig->port.ops, rig),
			    OPP_INVALID_PARAMETER);
	}
}

/* Whom the front end does not let wait. */
static void may_not_await(struct rig *rig)
{
	struct PARCLASS_INFORMATION info;
	uint32_t moved = 77;

	open_device(rig, END_DEVICE, 0);
	info = connect_to(rig, END_DEVICE);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	rig->may_await = OPP_INVALID_PARAMETER;
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, (char[]){ "abc" }, 3, &moved, 0),
		    INVALID_PARAMETER);
	CHECK_EQUAL(moved, 0);
	rig->may_await = OPP_INVALID_DEVICE_STATE;
	CHECK_EQUAL(info.TerminateIeeeMode(info.ParclassContext), INVALID_DEVICE_STATE);
	rig->may_await = OPP_SUCCESS;
	CHECK_EQUAL(info.ParallelWrite(info.ParclassContext, (char[]){ "de" }, 2, &moved, 0),
		    SUCCESS);
	check_heard(rig, END_DEVICE, "de", 2);
}

/* A number from a configuration that nobody has judged. */
static void no_port_with_too_many(struct rig *rig)
{
	static struct opp_contract_port port;

	rig->description.most_devices = OPP_CHAIN_DEVICES + 1;
	CHECK_EQUAL(opp_contract_init(&port, &rig->description, chain_port(&rig->chain),
				      rig->port.ops, rig),
		    OPP_INVALID_PARAMETER);
	rig->description.most_devices = OPP_CHAIN_DEVICES;
	CHECK_EQUAL(opp_contract_init(&port, &rig->description, chain_port(&rig->chain),
				      rig->port.ops, rig),
		    OPP_SUCCESS);
}

static void no_such_place(struct rig *rig)
{
	CHECK(!opp_contract_device(&rig->port, 5));
	CHECK(!opp_contract_device(&rig->port, 0xfe));
	for (uint8_t place = 0; place <= END_DEVICE; place++)
		CHECK_EQUAL(opp_contract_device(&rig->port, place)->device.place, place);
	CHECK_EQUAL(opp_contract_device(&rig->port, RAW_DEVICE)->device.place, RAW_DEVICE);
}

static const struct contract_case cases[] = {
	{ "a device's request waits for a caller under its lock", caller_first, ON_POOR_CHIP },
	{ "a caller does not cut into a device's request", worker_first, ON_POOR_CHIP },
	{ "C-126 a plain unlock deselects what its client selected by registers",
	  unlock_deselects_beside, ON_POOR_CHIP },
	{ "cancel, close, removal at each access of a device's work", at_each_access, 0 },
	{ "C-128 the earliest deadline in line counts", earliest_deadline, ON_POOR_CHIP },
	{ "C-128 a deadline during a nap of who is at work", deadline_in_a_nap, ON_POOR_CHIP },
	{ "a cancel wakes the worker", cancel_wakes, ON_POOR_CHIP },
	{ "a close wakes the worker", close_wakes, ON_POOR_CHIP },
	{ "a removal wakes the worker", removal_wakes, ON_POOR_CHIP },
	{ "a case may end before its WRITE, bytes of which have moved", leaves_a_write,
	  ON_POOR_CHIP },
	{ "C-156 a cancel under way ends the request", cancel_under_way, ON_POOR_CHIP },
	{ "C-155 a cancel while the request joins the line", cancel_while_joining, ON_POOR_CHIP },
	{ "C-169 QUERY_INFORMATION: each line that decides, whatever nAck is", each_line,
	  ON_POOR_CHIP },
	{ "C-003 a port whose name is malformed does not begin", no_port_without_name, 0 },
	{ "C-010 a port with more devices than a chain has does not begin", no_port_with_too_many,
	  0 },
	{ "a callback of who may not wait does nothing", may_not_await, ON_POOR_CHIP },
	{ "every place has its device", no_such_place, 0 },
};

CASE_TABLE(native_device_cases, cases);
