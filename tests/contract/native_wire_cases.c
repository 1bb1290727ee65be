/* SPDX-License-Identifier: MIT */
/*
 * What happens while the wire is being worked on: by the worker between two
 * holders, by a caller for the holder. The case comes in at an access of the wire,
 * as another thread would.
 */
#include "native.h"

#define INIT_BUS     IOCTL_INTERNAL_INIT_1284_3_BUS
#define SET_MODE     IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE
#define ECP_MODE     0x60
#define MOST_NS      1000000
#define MOST_TOUCHES 400

static struct call waiting;

static void come_in(struct rig *rig, uint32_t after, void (*during)(struct rig *rig))
{
	rig->during = during;
	rig->during_after = after;
}

static int32_t set_mode(struct rig *rig, int file)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = ECP_MODE };

	return ask_with(rig, file, SET_MODE, &mode, sizeof(mode));
}

static int32_t try_select(struct rig *rig, uint32_t flags, uint8_t id)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);
	struct PARALLEL_1284_COMMAND command = { .ID = id, .CommandFlags = flags };

	return pnp.TrySelectDevice(pnp.Context, &command);
}

/* ---- in GRANTING and RELEASING --------------------------------------------------------------- */

/* Nobody may act as the holder; who asks for the port waits. */
static void check_nobodys(struct rig *rig, uint32_t in_line)
{
	for (int file = NO_FILE; file < 2; file++) {
		CHECK_EQUAL(ask(rig, file, FREE), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask_command(rig, file, SELECT, KEEP, 0), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask_command(rig, file, DESELECT, 0, 0), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask(rig, file, INIT_BUS), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(set_mode(rig, file), OPP_NT_INVALID_DEVICE_STATE);
	}
	CHECK(!try_allocate(rig));
	CHECK_EQUAL(try_select(rig, 0, 0), OPP_NT_PENDING);
	free_port(rig);
	CHECK_EQUAL(waiters(rig), in_line);
}

static void granting_is_nobodys(struct rig *rig)
{
	struct call call = { 0 };
	struct call next = { 0 };

	open_files(rig, 2);
	queue_device(rig, &call, 0, 1);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_GRANTING);
	check_nobodys(rig, 0);
	CHECK(rig_step(rig));
	queue_allocate(rig, &next, 1);
	check_nobodys(rig, 1);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_RELEASING);
	CHECK(rig_step(rig));
	check_nobodys(rig, 1);
	rig_settle(rig);
	check_ended(&next, OPP_NT_SUCCESS);
}

static void too_late_to_cancel(struct rig *rig)
{
	struct call call = { 0 };
	struct slot *slot;

	open_files(rig, 1);
	queue_device(rig, &call, 0, 1);
	slot = call.slot;
	CHECK(!rig_begin_cancel(&call));
	opp_contract_cancel(&rig->port, &slot->request);
	CHECK(rig_step(rig));
	opp_contract_cancel(&rig->port, &slot->request);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
	CHECK(is_held(rig));
}

static void cleanup_while_granting(struct rig *rig)
{
	struct call call = { 0 };
	struct call next = { 0 };

	open_files(rig, 2);
	queue_device(rig, &call, 0, 1);
	queue_allocate(rig, &next, 1);
	CHECK(rig_step(rig));
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
	CHECK(!call.done);
	rig_settle(rig);
	check_ended(&call, OPP_NT_CANCELLED);
	check_ended(&next, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

static void last_close_while_granting(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 1);
	queue_device(rig, &call, NO_FILE, 0);
	CHECK(rig_step(rig));
	close_file(rig, 0);
	rig_settle(rig);
	check_ended(&call, OPP_NT_CANCELLED);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
}

/* ---- removal ------------------------------------------------------------------------------------ */

static void removal_while_granting(struct rig *rig, bool surprise)
{
	struct call call = { 0 };
	struct call next = { 0 };
	uint64_t before;

	open_files(rig, 2);
	queue_device(rig, &call, 0, 1);
	queue_allocate(rig, &next, 1);
	CHECK(rig_step(rig));
	rig_remove(rig, surprise);
	check_ended(&next, OPP_NT_DELETE_PENDING);
	CHECK(!call.done);
	before = chain_port(&rig->chain)->accesses;
	rig_settle(rig);
	check_ended(&call, OPP_NT_DELETE_PENDING);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_DELETE_PENDING);
	if (surprise)
		CHECK(chain_port(&rig->chain)->accesses - before <= 2);
}

static void surprise_while_granting(struct rig *rig)
{
	removal_while_granting(rig, true);
}

static void order_while_granting(struct rig *rig)
{
	removal_while_granting(rig, false);
}

static void removal_while_releasing(struct rig *rig, bool surprise)
{
	struct call next = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	queue_device(rig, &next, 1, 0);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK(rig_step(rig));
	rig_remove(rig, surprise);
	check_ended(&next, OPP_NT_DELETE_PENDING);
	rig_settle(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
}

static void surprise_while_releasing(struct rig *rig)
{
	removal_while_releasing(rig, true);
	rig_change_chain(rig, 0, CHAIN_SOUND);
}

static void order_while_releasing(struct rig *rig)
{
	removal_while_releasing(rig, false);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

/* A holder frees hardware that is gone: nobody touches it any more. */
static void free_after_surprise(struct rig *rig)
{
	uint64_t before;

	open_files(rig, 1);
	CHECK_EQUAL(ask_device(rig, 0, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(set_mode(rig, 0), OPP_NT_SUCCESS);
	rig_remove(rig, true);
	before = chain_port(&rig->chain)->accesses;
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_DELETE_PENDING);
	rig_settle(rig);
	CHECK_EQUAL(chain_port(&rig->chain)->accesses, before);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
}

static void hardware_then_port(struct rig *rig)
{
	rig_remove(rig, true);
	rig_remove(rig, false);
}

static void port_then_hardware(struct rig *rig)
{
	rig_remove(rig, false);
	rig_remove(rig, true);
}

static void (*const both_removals[])(struct rig *rig) = { hardware_then_port, port_then_hardware };

/* In whatever order: hardware that is gone does not come back. */
static void both_removals_before(void (*end)(struct rig *rig), bool ends_first)
{
	static struct rig rig;

	for (int i = 0; i < 2; i++) {
		uint64_t before;

		rig_begin(&rig, NEEDS_CHAIN);
		open_files(&rig, 1);
		CHECK_EQUAL(try_select(&rig, 0, 1), OPP_NT_SUCCESS);
		if (ends_first)
			end(&rig);
		both_removals[i](&rig);
		before = chain_port(&rig.chain)->accesses;
		if (!ends_first)
			end(&rig);
		rig_settle(&rig);
		CHECK_EQUAL(chain_port(&rig.chain)->accesses, before);
		rig_end(&rig);
		CHECK_EQUAL(rig_state(&rig), OPP_PORT_FREE);
	}
}

static void last_close(struct rig *rig)
{
	close_file(rig, 0);
}

static void free_by_request(struct rig *rig)
{
	ask(rig, NO_FILE, FREE);
}

static void twice_removed(struct rig *rig)
{
	(void)rig;
	both_removals_before(last_close, false);
	both_removals_before(free_by_request, false);
	both_removals_before(free_by_request, true);
}

/* A request that ends in a step frees the port again: the worker must hear of it. */
static void free_it(struct rig *rig, struct call *call)
{
	(void)call;
	free_port(rig);
}

static void freed_by_completion(struct rig *rig)
{
	struct call call = { .completed = free_it };

	open_files(rig, 1);
	queue_device(rig, &call, 0, 1);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

/* ---- while a caller works for the holder ---------------------------------------------------------- */

static void others_come(struct rig *rig)
{
	for (int file = NO_FILE; file < 2; file++) {
		CHECK_EQUAL(ask_command(rig, file, SELECT, KEEP, 0), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask_command(rig, file, DESELECT, 0, 0), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(ask(rig, file, INIT_BUS), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(set_mode(rig, file), OPP_NT_INVALID_DEVICE_STATE);
	}
	CHECK(!try_allocate(rig));
	CHECK_EQUAL(try_select(rig, 0, 0), OPP_NT_PENDING);
	CHECK_EQUAL(try_select(rig, KEEP, 0), OPP_NT_INVALID_DEVICE_STATE);
	CHECK(!rig_step(rig));
	queue_allocate(rig, &waiting, 1);
}

static void one_at_a_time(struct rig *rig)
{
	waiting = (struct call){ 0 };
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	come_in(rig, 10, others_come);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK(!rig->during);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK(!waiting.done);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, 0, 1), OPP_NT_SUCCESS);
	check_ended(&waiting, OPP_NT_SUCCESS);
}

static void holder_frees(struct rig *rig)
{
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_RELEASING);
	CHECK(!rig_step(rig));
}

static void freed_meanwhile(struct rig *rig)
{
	waiting = (struct call){ 0 };
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &waiting, 1);
	come_in(rig, 10, holder_frees);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	CHECK(!waiting.done);
	rig_settle(rig);
	check_ended(&waiting, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

static void hardware_goes(struct rig *rig)
{
	rig_remove(rig, true);
}

static void port_goes(struct rig *rig)
{
	rig_remove(rig, false);
}

static void hold_until(struct rig *rig, void (*removal)(struct rig *rig), uint32_t after)
{
	rig_begin(rig, NEEDS_CHAIN | NEEDS_ECP);
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	come_in(rig, after, removal);
}

static void removed_meanwhile(struct rig *rig)
{
	void (*const removals[])(struct rig * rig) = { hardware_goes, port_goes };

	for (int i = 0; i < 2; i++) {
		hold_until(rig, removals[i], 10);
		CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_DELETE_PENDING);
		rig_end(rig);
		hold_until(rig, removals[i], 10);
		CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_DELETE_PENDING);
		rig_end(rig);
		hold_until(rig, removals[i], 0);
		CHECK_EQUAL(set_mode(rig, 0), OPP_NT_DELETE_PENDING);
		rig_end(rig);
	}
	rig_begin(rig, 0);
}

/* A front end's own client has negotiated: the contract's callers cannot wait for the end of that. */
static void mode_in_force(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	opp_port_left_locked(&rig->port.port, OPP_UNDO_MODE);
	rig->port.protocol.mode = OPP_MODE_NIBBLE;
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask_command(rig, 0, DESELECT, KEEP, 1), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_INVALID_DEVICE_STATE);
	CHECK_EQUAL(set_mode(rig, 0), OPP_NT_INVALID_DEVICE_STATE);
	rig->port.protocol.mode = OPP_MODE_COMPAT;
	opp_port_put_back_locked(&rig->port.port, OPP_UNDO_MODE);
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
}

/* A mode that nobody set, and a peripheral that does not answer. */
static void waits_for_nobody(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	rig->port.protocol.mode = OPP_MODE_NIBBLE;
	rig->may_break = true;
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_UNSUCCESSFUL);
	CHECK_EQUAL(rig->broken, 1);
	rig->may_break = false;
	rig->port.protocol.mode = OPP_MODE_COMPAT;
	CHECK_EQUAL(ask_command(rig, 0, SELECT, KEEP, 1), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
}

/* ---- at each access, everything -------------------------------------------------------------------- */

static void by_free(struct rig *rig)
{
	ask(rig, 0, FREE);
}

static void by_free_port(struct rig *rig)
{
	free_port(rig);
}

static void by_cleanup(struct rig *rig)
{
	ask_major(rig, 0, IRP_MJ_CLEANUP);
}

static void by_last_close(struct rig *rig)
{
	close_file(rig, 1);
	close_file(rig, 0);
}

static void by_unplugging(struct rig *rig)
{
	rig_change_chain(rig, 0, CHAIN_GONE);
}

static void (*const disturbances[])(struct rig *rig) = {
	by_free,       by_free_port,  by_cleanup,         hardware_goes,      port_goes,
	by_last_close, by_unplugging, hardware_then_port, port_then_hardware,
};

static void do_select(struct rig *rig)
{
	struct call call = { 0 };

	queue_device(rig, &call, 0, 1);
	rig_settle(rig);
	CHECK(call.done);
}

static void do_select_without_file(struct rig *rig)
{
	struct call call = { 0 };

	queue_device(rig, &call, NO_FILE, 1);
	rig_settle(rig);
	CHECK(call.done);
}

static void do_select_kept(struct rig *rig)
{
	ask(rig, 0, ALLOCATE);
	ask_command(rig, 0, SELECT, KEEP, 1);
}

static void do_try_select(struct rig *rig)
{
	try_select(rig, 0, 1);
}

static void do_select_and_deselect(struct rig *rig)
{
	ask(rig, 0, ALLOCATE);
	ask_command(rig, 0, SELECT, KEEP, 0);
	ask_command(rig, 0, DESELECT, 0, 0);
}

static void do_count(struct rig *rig)
{
	ask(rig, 0, INIT_BUS);
}

static void do_chip_mode(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION pnp = pnp_info(rig);

	ask(rig, 0, ALLOCATE);
	set_mode(rig, 0);
	pnp.ClearChipMode(pnp.Context, ECP_MODE);
	set_mode(rig, 0);
	ask(rig, 0, FREE);
	rig_settle(rig);
}

static void (*const actions[])(struct rig *rig) = {
	do_select, do_select_without_file, do_select_kept, do_try_select, do_select_and_deselect,
	do_count,  do_chip_mode,
};

/* Whatever came in between: the port ends free, and the wire at rest where it is still there. */
static bool disturb(struct rig *rig, uint32_t needs, void (*action)(struct rig *rig),
		    void (*disturbance)(struct rig *rig), uint32_t after)
{
	bool came_in;

	rig_begin(rig, needs);
	open_files(rig, 2);
	come_in(rig, after, disturbance);
	action(rig);
	came_in = !rig->during;
	rig->during = NULL;
	rig_settle(rig);
	rig_end(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	return came_in;
}

static void at_each_access(struct rig *rig)
{
	const uint32_t needs = NEEDS_CHAIN | NEEDS_ECP;

	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
		for (size_t d = 0; d < sizeof(disturbances) / sizeof(disturbances[0]); d++) {
			uint32_t after = 0;

			while (disturb(rig, needs, actions[a], disturbances[d], after))
				CHECK(++after < MOST_TOUCHES);
			CHECK(after > 0);
		}
	}
	rig_begin(rig, 0);
}

/* ---- time --------------------------------------------------------------------------------------------- */

static void check_short(struct rig *rig, uint64_t *before)
{
	CHECK(rig->wire_ns > *before);
	CHECK(rig->wire_ns - *before <= MOST_NS);
	*before = rig->wire_ns;
}

static void callers_are_not_kept(struct rig *rig)
{
	uint64_t before = rig->wire_ns;

	rig->description.most_devices = CHAIN_ADAPTERS;
	rig_change_chain(rig, CHAIN_ADAPTERS, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, NO_FILE, INIT_BUS), OPP_NT_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).Ieee1284_3DeviceCount, CHAIN_ADAPTERS);
	check_short(rig, &before);
	rig_raise(rig);
	CHECK(try_allocate(rig));
	CHECK_EQUAL(set_mode(rig, NO_FILE), OPP_NT_SUCCESS);
	check_short(rig, &before);
	CHECK_EQUAL(try_select(rig, KEEP, 3), OPP_NT_SUCCESS);
	check_short(rig, &before);
	CHECK_EQUAL(ask(rig, NO_FILE, INIT_BUS), OPP_NT_SUCCESS);
	check_short(rig, &before);
	CHECK_EQUAL(try_select(rig, KEEP, 3), OPP_NT_SUCCESS);
	check_short(rig, &before);
	CHECK_EQUAL(ask_command(rig, NO_FILE, DESELECT, KEEP, 3), OPP_NT_SUCCESS);
	check_short(rig, &before);
	free_port(rig);
	rig_lower(rig);
	rig_settle(rig);
}

/* ---- what the chip can do ------------------------------------------------------------------------------ */

static void each_capability(struct rig *rig)
{
	static const struct {
		uint32_t hw;
		uint32_t told;
	} all[] = {
		{ OPP_HW_CAN_COMPAT, 0 },
		{ OPP_HW_CAN_REVERSE, PPT_BYTE_PRESENT },
		{ OPP_HW_CAN_EPP, PPT_EPP_PRESENT },
		{ OPP_HW_CAN_EPP_WIDE, PPT_EPP_32_PRESENT },
		{ OPP_HW_CAN_FIFO, PPT_ECP_PRESENT },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		chain_port(&rig->chain)->capabilities = all[i].hw;
		CHECK_EQUAL(pnp_info(rig).HardwareCapabilities, all[i].told);
	}
}

/* An ECR alone is not enough for BYTE (S-50). */
static void byte_needs_reverse(struct rig *rig)
{
	struct PARALLEL_CHIP_MODE mode = { .ModeFlags = 0x20 };

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	chain_port(&rig->chain)->capabilities &= ~(uint32_t)OPP_HW_CAN_REVERSE;
	CHECK_EQUAL(ask_with(rig, 0, SET_MODE, &mode, sizeof(mode)), OPP_NT_NO_SUCH_DEVICE);
	CHECK_EQUAL(set_mode(rig, 0), OPP_NT_SUCCESS);
}

/* A port that is said to have no chain sees no packet. */
static void no_chain_no_packet(struct rig *rig)
{
	rig_change_chain(rig, 2, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, NO_FILE, INIT_BUS), OPP_NT_SUCCESS);
	CHECK_EQUAL(chain_port(&rig->chain)->accesses, 0);
	CHECK_EQUAL(pnp_info(rig).Ieee1284_3DeviceCount, 0);
}

static const struct contract_case cases[] = {
	{ "GRANTING and RELEASING are nobody's", granting_is_nobodys, NEEDS_CHAIN },
	{ "C-046 a cancel in GRANTING has no effect", too_late_to_cancel, NEEDS_CHAIN },
	{ "a CLEANUP in GRANTING takes effect when the step ends", cleanup_while_granting,
	  NEEDS_CHAIN },
	{ "C-017 a last close in GRANTING by ANON", last_close_while_granting, NEEDS_CHAIN },
	{ "C-175 surprise removal in GRANTING: DELETE_PENDING", surprise_while_granting,
	  NEEDS_CHAIN },
	{ "orderly removal in GRANTING: DELETE_PENDING", order_while_granting, NEEDS_CHAIN },
	{ "C-175 surprise removal in RELEASING", surprise_while_releasing, NEEDS_CHAIN },
	{ "orderly removal in RELEASING", order_while_releasing, NEEDS_CHAIN },
	{ "C-178 a free after surprise removal touches no hardware", free_after_surprise,
	  NEEDS_CHAIN | NEEDS_ECP },
	{ "C-178 removed twice, in either order: lost hardware stays untouched", twice_removed, 0 },
	{ "freed by the completion of a step: the worker is asked for", freed_by_completion,
	  NEEDS_CHAIN },
	{ "one at a time works for the holder", one_at_a_time, NEEDS_CHAIN },
	{ "C-074 freed while a device is being selected", freed_meanwhile, NEEDS_CHAIN },
	{ "C-176 removed while a caller works on the wire: DELETE_PENDING", removed_meanwhile, 0 },
	{ "a holder's own work is refused while a mode is in force", mode_in_force, NEEDS_CHAIN },
	{ "a holder's own work that would wait is broken off", waits_for_nobody, NEEDS_CHAIN },
	{ "free, cleanup, removal, last close at each access of the wire", at_each_access, 0 },
	{ "C-055 callers at DISPATCH_LEVEL are not kept for 1 ms", callers_are_not_kept,
	  NEEDS_CHAIN | NEEDS_ECP },
	{ "GET_PNP tells each thing the chip can do", each_capability, 0 },
	{ "BYTE mode needs data lines that can be read: NO_SUCH_DEVICE", byte_needs_reverse,
	  NEEDS_ECP },
	{ "a port without a chain sees no packet", no_chain_no_packet, 0 },
};

CASE_TABLE(native_wire_cases, cases);
