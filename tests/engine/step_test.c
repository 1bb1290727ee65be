/* SPDX-License-Identifier: MIT */
/*
 * The wire between two holders: a port, an ECP chip and a daisy chain, whose
 * devices know IEEE 1284.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_1284.h>
#include <openparport/step.h>

#include "chain_rig.h"

#define MOST_STEPS 10000
#define EVERYTHING (OPP_UNDO_MODE | OPP_UNDO_CHIP_MODE | OPP_UNDO_LINES | OPP_UNDO_SELECTION)

static struct chain_rig chain;
static struct opp_1284 device; /* behind adapter 1 */
static struct opp_port port;
static struct opp_client client;
static struct opp_wire_work work;
static uint32_t waits;

static uint64_t now_us(void)
{
	return chain.rig.sim.now_ns / 1000;
}

static int start(void **state)
{
	const struct opp_1284_options options = { .modes = OPP_1284_NIBBLE };

	(void)state;
	chain_start(&chain, OPP_SIM_ECP, 2);
	opp_1284_init(&device, &options);
	opp_sim_plug(&chain.adapters[1].device, &device.peripheral);
	assert_int_equal(chain_assign(&chain, 4), 2);
	opp_port_init(&port, NULL, NULL, &chain.rig.env);
	assert_int_equal(opp_port_open_locked(&port, &client), OPP_SUCCESS);
	return 0;
}

static enum opp_step step(uint32_t budget_ns)
{
	return opp_wire_work_step(&work, chain.rig.hw, &chain.protocol, now_us(), budget_ns);
}

static void run(uint32_t budget_ns)
{
	waits = 0;
	for (uint32_t i = 0; i < MOST_STEPS; i++) {
		switch (step(budget_ns)) {
		case OPP_STEP_DONE: return;
		case OPP_STEP_AGAIN: break;
		case OPP_STEP_WAIT:
			waits++;
			if (!work.transfer.wait.poll)
				opp_sim_advance_to(&chain.rig.sim,
						   work.transfer.wait.until_us * 1000);
			break;
		}
	}
	fail_msg("the work does not end");
}

/* What the port asks for, to its end. */
static void hand_over(void)
{
	assert_true(opp_port_wants_wire_locked(&port));
	opp_wire_work_hand_over_locked(&work, &port);
	run(RIG_BUDGET_NS);
	opp_wire_work_done_locked(&work, &port, now_us());
}

static void expect_state(enum opp_port_state state)
{
	assert_int_equal(opp_port_state_locked(&port, now_us()), state);
}

static void take(void)
{
	assert_true(opp_port_try_allocate_locked(&port, &client, now_us()));
}

static void leave(uint32_t undo)
{
	opp_port_left_locked(&port, undo);
	assert_int_equal(opp_port_free_locked(&port, &client, now_us()), OPP_SUCCESS);
	expect_state(OPP_PORT_RELEASING);
}

static void assert_at_rest(void)
{
	assert_true(rig_is_idle(&chain.rig));
	assert_int_equal(chain.protocol.mode, OPP_MODE_COMPAT);
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(chain.adapters[i].mode, OPP_DAISY_UNSELECTED);
	assert_int_equal(chain_reached(&chain), CHAIN_END);
	assert_int_equal(rig_host_errors(&chain.rig), 0);
}

/* As a holder may leave it: a device selected and in nibble mode. */
static void negotiate_with_device(void)
{
	assert_int_equal(chain_select(&chain, 1, OPP_MODE_COMPAT), OPP_SUCCESS);
	opp_negotiate_begin(&chain.transfer, &chain.protocol, OPP_REQUEST_NIBBLE);
	assert_int_equal(chain_run(&chain), OPP_SUCCESS);
	assert_int_equal(chain.protocol.mode, OPP_MODE_NIBBLE);
}

static void test_everything(void **state)
{
	(void)state;
	take();
	negotiate_with_device();
	leave(EVERYTHING);
	hand_over();
	assert_int_equal(work.status, OPP_SUCCESS);
	expect_state(OPP_PORT_FREE);
	assert_int_equal(port.undo, 0);
	assert_at_rest();
}

static void test_slow_peripheral(void **state)
{
	(void)state;
	take();
	negotiate_with_device();
	opp_1284_set_response_us(&device, 24, 20000);
	leave(OPP_UNDO_MODE | OPP_UNDO_SELECTION);
	hand_over();
	assert_true(waits > 0);
	assert_at_rest();
}

static void test_lines(void **state)
{
	(void)state;
	take();
	chain.rig.hw->ops->set_reverse(chain.rig.hw, true);
	chain.rig.hw->ops->write_control(chain.rig.hw, OPP_CONTROL_LINES, OPP_LINE_NSTROBE);
	leave(OPP_UNDO_LINES | OPP_UNDO_TRANSFER);
	hand_over();
	assert_at_rest();
}

static void test_chip_mode(void **state)
{
	(void)state;
	take();
	assert_int_equal(chain.rig.hw->ops->set_chip_mode(chain.rig.hw, OPP_CHIP_ECP), OPP_SUCCESS);
	assert_int_equal(chain.rig.sim.ecr >> 5, 3);
	leave(OPP_UNDO_CHIP_MODE);
	hand_over();
	assert_at_rest();
}

/* What the chip driver remembers is not how the holder's own accesses have left the chip. */
static void test_registers(void **state)
{
	struct opp_sim *sim = &chain.rig.sim;

	(void)state;
	take();
	negotiate_with_device();
	opp_sim_write(sim, OPP_IOPORT_CONTROL, 0x23);
	opp_sim_write(sim, OPP_IOPORT_ECR, OPP_CHIP_ECP | 0x14);
	memset(chain.rig.host_errors, 0, sizeof(chain.rig.host_errors));
	leave(OPP_UNDO_REGISTERS | OPP_UNDO_MODE | OPP_UNDO_SELECTION);
	hand_over();
	assert_int_equal(work.status, OPP_SUCCESS);
	expect_state(OPP_PORT_FREE);
	assert_at_rest();
}

static void submit_select(struct opp_req *req, uint8_t address)
{
	*req = (struct opp_req){
		.kind = OPP_REQ_SELECT, .client = &client, .needs_wire = true, .address = address
	};
	assert_int_equal(opp_port_submit_locked(&port, req, now_us()), OPP_PENDING);
	expect_state(OPP_PORT_GRANTING);
}

static void test_granting(void **state)
{
	struct opp_req req;

	(void)state;
	submit_select(&req, 1);
	hand_over();
	assert_int_equal(req.status, OPP_SUCCESS);
	assert_int_equal(chain.adapters[1].mode, OPP_DAISY_COMPATIBILITY);
	expect_state(OPP_PORT_HELD);
	assert_int_equal(opp_port_free_locked(&port, &client, now_us()), OPP_SUCCESS);
	expect_state(OPP_PORT_RELEASING);
	hand_over();
	expect_state(OPP_PORT_FREE);
	assert_at_rest();
}

/* The adapters have heard a select, whatever they said: it is taken back. */
static void test_refused(void **state)
{
	struct opp_req req;

	(void)state;
	submit_select(&req, 2);
	hand_over();
	assert_int_equal(req.status, OPP_UNSUCCESSFUL);
	expect_state(OPP_PORT_RELEASING);
	rig_forget_accesses(&chain.rig);
	hand_over();
	assert_true(chain.rig.accesses > 0);
	expect_state(OPP_PORT_FREE);
	assert_at_rest();
}

static void test_dropped(void **state)
{
	struct opp_req req;

	(void)state;
	submit_select(&req, 1);
	opp_port_drop_client_locked(&port, &client, true, now_us());
	hand_over();
	assert_int_equal(req.status, OPP_CANCELLED);
	expect_state(OPP_PORT_RELEASING);
	hand_over();
	expect_state(OPP_PORT_FREE);
	assert_at_rest();
}

static void test_resumed_mode(void **state)
{
	struct opp_hw *hw = chain.rig.hw;

	(void)state;
	assert_int_equal(hw->ops->set_chip_mode(hw, OPP_CHIP_ECP), OPP_SUCCESS);
	opp_wire_work_begin(&work, OPP_TASK_CHIP_MODE | OPP_TASK_SELECT | OPP_TASK_RESUME);
	work.address = 1;
	work.resumed_mode = OPP_CHIP_ECP;
	run(RIG_BUDGET_NS);
	assert_int_equal(work.status, OPP_SUCCESS);
	assert_int_equal(chain.rig.sim.ecr >> 5, 3);
	assert_int_equal(chain.adapters[1].mode, OPP_DAISY_COMPATIBILITY);
}

/* A chip that lacks a mode: the rest is done all the same. */
static void test_first_failure(void **state)
{
	(void)state;
	opp_wire_work_begin(&work, OPP_TASK_CHIP_MODE | OPP_TASK_ASSIGN | OPP_TASK_SELECT);
	work.mode = OPP_CHIP_EPP;
	work.most_devices = 1;
	work.address = 1;
	run(RIG_BUDGET_NS);
	assert_int_equal(work.status, OPP_NO_SUCH_DEVICE);
	assert_int_equal(work.transfer.status, OPP_UNSUCCESSFUL);
	assert_int_equal(chain.adapters[0].address, 0);
	assert_int_equal(chain.adapters[1].address, OPP_DAISY_NO_ADDRESS);
}

static void test_gone(void **state)
{
	(void)state;
	take();
	negotiate_with_device();
	leave(EVERYTHING);
	opp_port_remove_locked(&port, OPP_PORT_SURPRISE_REMOVED, now_us());
	rig_forget_accesses(&chain.rig);
	hand_over();
	assert_int_equal(chain.rig.accesses, 0);
	expect_state(OPP_PORT_FREE);
}

/* Orderly: the hardware is there for as long as this takes. */
static void test_removed(void **state)
{
	(void)state;
	take();
	negotiate_with_device();
	leave(EVERYTHING);
	opp_port_remove_locked(&port, OPP_PORT_REMOVED, now_us());
	hand_over();
	expect_state(OPP_PORT_FREE);
	assert_at_rest();
}

/* What was done when the hardware went, and no more than the end of a packet. */
static void test_ended(void **state)
{
	uint32_t succeeded = 0;
	uint32_t steps = 0;
	bool done = false;

	(void)state;
	while (!done) {
		opp_wire_work_begin(&work, OPP_TASK_DESELECT | OPP_TASK_SELECT);
		work.address = 1;
		for (uint32_t i = 0; i < steps && !done; i++)
			done = step(1) == OPP_STEP_DONE;
		opp_wire_work_end(&work);
		rig_forget_accesses(&chain.rig);
		run(1);
		assert_true(!done || work.status == OPP_SUCCESS);
		if (work.status == OPP_SUCCESS)
			assert_int_equal(chain.adapters[1].mode, OPP_DAISY_COMPATIBILITY);
		else
			assert_int_equal(work.status, OPP_DELETE_PENDING);
		succeeded += work.status == OPP_SUCCESS;
		assert_true(chain.rig.accesses <= 3);
		steps++;
	}
	assert_true(steps > 10);
	assert_in_range(succeeded, 1, 2); /* done, or all said but the end of the packet */
}

/* ---- power ---------------------------------------------------------------------------- */

static void lose_power(void)
{
	struct opp_sim *sim = &chain.rig.sim;

	opp_sim_reset(sim);
	opp_sim_power(&sim->connector, NULL);
	opp_sim_power(&sim->connector, sim);
}

static void restore(uint32_t tasks)
{
	opp_wire_work_begin(&work, OPP_TASK_RESTORE | tasks);
	work.most_devices = 2;
	work.address = 1;
	run(RIG_BUDGET_NS);
}

/* The peripheral was in a mode, the chip in another, the data lines were inputs. */
static void test_restored(void **state)
{
	(void)state;
	negotiate_with_device();
	chain.protocol.options = OPP_PROTOCOL_STRICT;
	chain.rig.hw->ops->set_reverse(chain.rig.hw, true);
	assert_int_equal(chain.rig.hw->ops->set_chip_mode(chain.rig.hw, OPP_CHIP_ECP), OPP_SUCCESS);
	lose_power();
	memset(chain.rig.host_errors, 0, sizeof(chain.rig.host_errors)); /* nInit fell, just so */
	restore(OPP_TASK_ASSIGN);
	assert_int_equal(work.status, OPP_SUCCESS);
	assert_int_equal(work.transfer.moved, 2);
	assert_int_equal(chain.protocol.options, OPP_PROTOCOL_STRICT);
	assert_at_rest();
	assert_int_equal(chain_select(&chain, 1, OPP_MODE_COMPAT), OPP_SUCCESS);
}

/* In a chain of as many devices as before, and in no other. */
static void test_restored_and_selected(void **state)
{
	(void)state;
	for (uint8_t devices = 1; devices <= 3; devices++) {
		lose_power();
		opp_wire_work_begin(&work, OPP_TASK_RESTORE | OPP_TASK_ASSIGN | OPP_TASK_SELECT);
		work.most_devices = OPP_CHAIN_DEVICES;
		work.address = 1;
		work.devices = devices;
		work.reminded = true;
		run(RIG_BUDGET_NS);
		assert_int_equal(work.status, devices == 2 ? OPP_SUCCESS : OPP_UNSUCCESSFUL);
		assert_int_equal(work.selecting, devices == 2);
		assert_int_equal(chain.adapters[1].mode,
				 devices == 2 ? OPP_DAISY_COMPATIBILITY : OPP_DAISY_UNSELECTED);
	}
}

/* A back end without registers: lines and chip mode by the operations that it has. */
static void test_restored_without_registers(void **state)
{
	struct opp_hw_ops ops = *chain.rig.hw->ops;

	(void)state;
	ops.restore = NULL;
	chain.rig.hw->ops = &ops;
	ops.set_reverse(chain.rig.hw, true);
	ops.write_control(chain.rig.hw, OPP_CONTROL_LINES, OPP_LINE_NSTROBE);
	restore(0);
	assert_at_rest();
	assert_int_equal(ops.set_chip_mode(chain.rig.hw, OPP_CHIP_ECP), OPP_SUCCESS);
	restore(0);
	assert_at_rest();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a mode, a chip mode, lines and a selection are undone", test_everything, start,
		  NULL, NULL },
		{ "a peripheral that takes its time to end a mode", test_slow_peripheral, start,
		  NULL, NULL },
		{ "lines are put back", test_lines, start, NULL, NULL },
		{ "a chip mode is put back", test_chip_mode, start, NULL, NULL },
		{ "P-011 registers that the holder drove itself are put back", test_registers,
		  start, NULL, NULL },
		{ "GRANTING selects, RELEASING deselects", test_granting, start, NULL, NULL },
		{ "what a failed selection left is undone", test_refused, start, NULL, NULL },
		{ "C-074 what a dropped client's selection left is undone", test_dropped, start,
		  NULL, NULL },
		{ "a chip mode is out of force for a packet", test_resumed_mode, start, NULL,
		  NULL },
		{ "the first failure is told, the rest is tried", test_first_failure, start, NULL,
		  NULL },
		{ "hardware that has gone is left alone", test_gone, start, NULL, NULL },
		{ "an orderly removal finds the wire at rest", test_removed, start, NULL, NULL },
		{ "ended after each step", test_ended, start, NULL, NULL },
		{ "P-011 what a loss of power took away is brought back", test_restored, start,
		  NULL, NULL },
		{ "a device is selected again in a chain that came back whole",
		  test_restored_and_selected, start, NULL, NULL },
		{ "P-011 brought back by line operations", test_restored_without_registers, start,
		  NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
