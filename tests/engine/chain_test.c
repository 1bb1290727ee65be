/* SPDX-License-Identifier: MIT */
/*
 * The host's side of a daisy chain, on the wire: what it says, when it stops, whom
 * it finds and reaches, and whom it does not take for an adapter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_1284.h>
#include <openparport/sim_plugs.h>
#include <openparport/sim_recorder.h>

#include "chain_rig.h"

#define MOST_WRITES 128
#define SPACE_NS    7000u
#define STROBE      0x01u
#define TESTS       3

static struct chain_rig chain;

static void start(uint32_t adapters)
{
	chain_start(&chain, OPP_SIM_PS2, adapters);
}

static void assert_wrote(uint32_t offset, const uint8_t *values, size_t count)
{
	uint8_t written[MOST_WRITES];

	assert_int_equal(chain_writes(&chain, offset, written, MOST_WRITES), count);
	assert_memory_equal(written, values, count);
}

#define assert_data(...)                                                                           \
	assert_wrote(DATA, (const uint8_t[]){ __VA_ARGS__ },                                       \
		     sizeof((const uint8_t[]){ __VA_ARGS__ }))

static bool has_strobed(void)
{
	uint8_t controls[MOST_WRITES];
	const size_t count = chain_writes(&chain, CONTROL, controls, MOST_WRITES);
	bool strobed = false;

	for (size_t i = 0; i < count; i++)
		strobed |= controls[i] & STROBE;
	return strobed;
}

static void assert_at_rest(void)
{
	assert_true(rig_is_idle(&chain.rig));
	assert_int_equal(chain.protocol.mode, OPP_MODE_COMPAT);
	assert_int_equal(rig_host_errors(&chain.rig), 0);
}

/* ---- one packet ----------------------------------------------------------------------- */

static void test_bytes(void **state)
{
	(void)state;
	start(2);
	assert_int_equal(chain_assign(&chain, 4), 2);
	assert_data(0xaa, 0x55, 0x00, 0xff, 0x87, 0x78, 0x30, 0xff, 0xaa, 0x55, 0x00, 0xff, 0x87,
		    0x78, 0x00, 0x01, 0xff);
	rig_forget_accesses(&chain.rig);
	assert_int_equal(chain_select(&chain, 1, OPP_MODE_COMPAT), OPP_SUCCESS);
	assert_data(0xaa, 0x55, 0x00, 0xff, 0x87, 0x78, 0x30, 0xff, 0xaa, 0x55, 0x00, 0xff, 0x87,
		    0x78, 0xe1, 0xff);
	rig_forget_accesses(&chain.rig);
	assert_int_equal(chain_deselect(&chain), OPP_SUCCESS);
	assert_data(0xaa, 0x55, 0x00, 0xff, 0x87, 0x78, 0x30, 0xff);
	assert_at_rest();
}

/* From the @failing_test-th look on, the status lines are not what they should be. */
static uint32_t failing_test;
static uint8_t wrong_status;

static void spoil_a_test(struct rig *rig)
{
	const struct rig_access *last;

	if (rig->accesses < 2)
		return;
	last = &rig->log[rig->accesses - 2];
	if (!last->write || last->offset != DATA)
		return;
	if ((failing_test == 0 && last->value == 0xff) ||
	    (failing_test == 1 && last->value == 0x87) ||
	    (failing_test == 2 && last->value == 0x78)) {
		rig->stuck_at = STATUS;
		rig->stuck_value = wrong_status;
	}
}

static void spoil(uint32_t test, uint8_t good, uint8_t bit)
{
	static const uint8_t said[] = { 0xaa, 0x55, 0x00, 0xff, 0x87, 0x78, 0xff };

	start(1);
	assert_int_equal(chain_assign(&chain, 4), 1);
	rig_forget_accesses(&chain.rig);
	failing_test = test;
	wrong_status = good ^ bit;
	chain.rig.disturb = spoil_a_test;
	assert_int_equal(chain_select(&chain, 0, OPP_MODE_COMPAT), OPP_UNSUCCESSFUL);
	assert_int_equal(chain.transfer.fault.status, OPP_NO_SUCH_DEVICE);
	assert_int_equal(chain.transfer.fault.phase, OPP_PHASE_CHAIN);
	assert_int_equal(chain.transfer.fault.status_lines, (wrong_status ^ 0x80) & 0xf8);
	if (test == TESTS - 1) {
		assert_wrote(DATA, said, sizeof(said));
	} else {
		uint8_t cut[sizeof(said)];

		memcpy(cut, said, 4 + test);
		cut[4 + test] = 0xff;
		assert_wrote(DATA, cut, 5 + test);
	}
	assert_false(has_strobed());
	assert_at_rest();
}

/* Each line that is looked at, wrong alone. */
static void test_each_test(void **state)
{
	static const struct {
		uint8_t good;
		uint8_t mask;
	} tests[TESTS] = { { 0xf8, 0xb8 }, { 0x58, 0xb8 }, { 0x70, 0x38 } };

	(void)state;
	for (uint32_t test = 0; test < TESTS; test++) {
		for (uint32_t bit = 0x08; bit <= 0x80; bit <<= 1) {
			if (tests[test].mask & bit)
				spoil(test, tests[test].good, (uint8_t)bit);
		}
	}
}

/* The times between two changes of the data lines, and of a strobe, from the log. */
static void assert_spaced(void)
{
	const struct rig_access *byte = NULL;
	const struct rig_access *strobe = NULL;

	for (uint32_t i = 0; i < chain.rig.accesses; i++) {
		const struct rig_access *access = &chain.rig.log[i];

		if (!access->write)
			continue;
		if (access->offset == DATA) {
			assert_true(!byte || access->at_ns - byte->at_ns >= SPACE_NS);
			byte = access;
		}
		if (access->offset == CONTROL && (access->value & STROBE)) {
			assert_true(byte && access->at_ns - byte->at_ns >= SPACE_NS);
			strobe = access;
		} else if (access->offset == CONTROL && strobe) {
			assert_true(access->at_ns - strobe->at_ns >= 1000);
			strobe = NULL;
		}
	}
	assert_non_null(byte);
}

/* The status lines are looked at while nStrobe is low, and not when it has risen. */
static void assert_looked_at(void)
{
	uint32_t strobes = 0;

	for (uint32_t i = 0; i + 2 < chain.rig.accesses; i++) {
		const struct rig_access *access = &chain.rig.log[i];

		if (!access->write || access->offset != CONTROL || !(access->value & STROBE))
			continue;
		strobes++;
		assert_false(access[1].write);
		assert_int_equal(access[1].offset, STATUS);
		assert_true(access[2].write);
		assert_int_equal(access[2].offset, CONTROL);
		assert_false(access[2].value & STROBE);
	}
	assert_true(strobes > 0);
}

static void test_strobe(void **state)
{
	(void)state;
	start(2);
	assert_int_equal(chain_assign(&chain, 4), 2);
	assert_looked_at();
	rig_forget_accesses(&chain.rig);
	assert_int_equal(chain_select(&chain, 1, OPP_MODE_COMPAT), OPP_SUCCESS);
	assert_looked_at();
}

static void test_spacing(void **state)
{
	static const uint32_t speeds[] = { 0, 100, 1000, 20000 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
		start(4);
		chain.rig.hw->access_ns = speeds[i];
		chain.rig.io.access_ns = speeds[i];
		assert_int_equal(chain_assign(&chain, 4), 4);
		assert_int_equal(chain_select(&chain, 3, OPP_MODE_COMPAT), OPP_SUCCESS);
		assert_spaced();
	}
}

/* ---- no phantoms ------------------------------------------------------------------------- */

static void expect_nobody(void)
{
	uint8_t data[MOST_WRITES];
	size_t count;

	rig_forget_accesses(&chain.rig);
	assert_int_equal(chain_assign(&chain, 4), 0);
	assert_int_equal(chain.transfer.fault.status, OPP_SUCCESS);
	assert_false(has_strobed());
	count = chain_writes(&chain, DATA, data, MOST_WRITES);
	assert_true(count >= 5 && data[count - 1] == 0xff);
	assert_int_equal(chain_select(&chain, 0, OPP_MODE_COMPAT), OPP_UNSUCCESSFUL);
	assert_int_equal(chain_deselect(&chain), OPP_UNSUCCESSFUL);
	assert_false(has_strobed());
	assert_at_rest();
}

static void test_empty_port(void **state)
{
	(void)state;
	start(0);
	opp_sim_detach(&chain.rig.sim);
	expect_nobody();
}

static void test_printers(void **state)
{
	static const uint32_t conditions[] = { 0, OPP_CENTRONICS_PAPER_OUT, OPP_CENTRONICS_OFF_LINE,
					       OPP_CENTRONICS_ERROR, OPP_CENTRONICS_POWERED_OFF };

	(void)state;
	for (uint32_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		start(0);
		opp_centronics_set_conditions(&chain.printers[CHAIN_END].centronics, conditions[i]);
		expect_nobody();
		assert_int_equal(chain.printers[CHAIN_END].bytes, 0);
	}
}

static void test_loopbacks(void **state)
{
	static const enum opp_loopback_wiring wirings[] = { OPP_LOOPBACK_CHECKIT,
							    OPP_LOOPBACK_NORTON };
	struct opp_loopback plug;

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		start(0);
		opp_loopback_init(&plug, wirings[i]);
		opp_sim_attach(&chain.rig.sim, &plug.peripheral);
		expect_nobody();
	}
}

static void test_fixed_lines(void **state)
{
	struct opp_recorder_entry ring[1];
	struct opp_recorder recorder;

	(void)state;
	for (uint32_t levels = 0; levels < 0x100; levels += 0x08) {
		start(0);
		opp_recorder_init(&recorder, ring, 1);
		opp_recorder_set_inputs(&recorder, (uint8_t)levels);
		opp_sim_attach(&chain.rig.sim, &recorder.peripheral);
		expect_nobody();
	}
}

/* A printer without paper at the end shows what an adapter shows to the last test. */
static void test_paper_out_behind(void **state)
{
	(void)state;
	for (uint32_t count = 1; count <= 4; count++) {
		start(count);
		opp_centronics_set_conditions(&chain.printers[CHAIN_END].centronics,
					      OPP_CENTRONICS_PAPER_OUT);
		assert_int_equal(chain_assign(&chain, 4), count);
		assert_at_rest();
	}
}

/* ---- addresses ------------------------------------------------------------------------------ */

static void test_assign(void **state)
{
	(void)state;
	for (uint32_t count = 0; count <= 4; count++) {
		for (uint8_t most = 1; most <= 4; most++) {
			const uint32_t wanted = count < most ? count : most;

			start(count);
			assert_int_equal(chain_assign(&chain, most), wanted);
			assert_int_equal(chain_assign(&chain, most), wanted);
			for (uint32_t i = 0; i < count; i++)
				assert_int_equal(chain.adapters[i].address,
						 i < wanted ? i : OPP_DAISY_NO_ADDRESS);
			assert_int_equal(chain_reached(&chain), CHAIN_END);
			assert_at_rest();
		}
	}
}

/* After 78 of the round for addresses, once: "more behind me", which is not true. */
static void promise_more(struct rig *rig)
{
	const uint32_t last = rig->accesses - 2;

	rig->stuck_at = RIG_NOTHING;
	if (rig->accesses < 10 || !rig->log[last].write || rig->log[last].value != 0x78 ||
	    rig->log[last].offset != DATA)
		return;
	rig->stuck_at = STATUS;
	rig->stuck_value = 0xf0;
}

static void test_broken_promise(void **state)
{
	(void)state;
	start(1);
	chain.rig.disturb = promise_more;
	assert_int_equal(chain_assign(&chain, 4), 1);
	assert_int_equal(chain.adapters[0].address, 0);
	assert_at_rest();
}

static void test_assign_while_selected(void **state)
{
	(void)state;
	start(3);
	assert_int_equal(chain_assign(&chain, 4), 3);
	for (uint8_t address = 0; address < 3; address++) {
		assert_int_equal(chain_select(&chain, address, OPP_MODE_COMPAT), OPP_SUCCESS);
		assert_int_equal(chain_assign(&chain, 4), 3);
		assert_int_equal(chain_reached(&chain), CHAIN_END);
	}
}

/* ---- selection ---------------------------------------------------------------------------------- */

static void test_select(void **state)
{
	(void)state;
	start(4);
	assert_int_equal(chain_assign(&chain, 4), 4);
	for (uint32_t from = 0; from < 4; from++) {
		for (uint32_t to = 0; to < 4; to++) {
			assert_int_equal(chain_select(&chain, (uint8_t)from, OPP_MODE_COMPAT),
					 OPP_SUCCESS);
			assert_int_equal(chain_select(&chain, (uint8_t)to, OPP_MODE_COMPAT),
					 OPP_SUCCESS);
			assert_int_equal(chain_reached(&chain), to);
		}
	}
	assert_int_equal(chain_deselect(&chain), OPP_SUCCESS);
	assert_int_equal(chain_reached(&chain), CHAIN_END);
	assert_int_equal(chain_deselect(&chain), OPP_SUCCESS);
	assert_int_equal(chain_reached(&chain), CHAIN_END);
	assert_at_rest();
}

static void expect_command(enum opp_mode mode, uint32_t options, enum opp_daisy_mode is,
			   uint8_t command)
{
	uint8_t data[MOST_WRITES];
	size_t count;

	opp_protocol_init(&chain.protocol, options);
	rig_forget_accesses(&chain.rig);
	assert_int_equal(chain_select(&chain, 1, mode), OPP_SUCCESS);
	assert_int_equal(chain.adapters[0].mode, OPP_DAISY_UNSELECTED);
	assert_int_equal(chain.adapters[1].mode, is);
	count = chain_writes(&chain, DATA, data, MOST_WRITES);
	assert_int_equal(data[count - 2], command);
}

static void test_select_modes(void **state)
{
	(void)state;
	start(2);
	assert_int_equal(chain_assign(&chain, 4), 2);
	expect_command(OPP_MODE_COMPAT, 0, OPP_DAISY_COMPATIBILITY, 0xe1);
	expect_command(OPP_MODE_NIBBLE, 0, OPP_DAISY_COMPATIBILITY, 0xe1);
	expect_command(OPP_MODE_BYTE, 0, OPP_DAISY_COMPATIBILITY, 0xe1);
	expect_command(OPP_MODE_ECP, 0, OPP_DAISY_ECP, 0xd1);
	expect_command(OPP_MODE_EPP, 0, OPP_DAISY_EPP, 0x21);
	expect_command(OPP_MODE_EPP, OPP_PROTOCOL_CHAIN_EPP_28, OPP_DAISY_EPP, 0x29);
}

static void test_absent(void **state)
{
	(void)state;
	start(2);
	assert_int_equal(chain_assign(&chain, 4), 2);
	assert_int_equal(chain_select(&chain, 1, OPP_MODE_COMPAT), OPP_SUCCESS);
	for (uint8_t address = 2; address < 4; address++) {
		assert_int_equal(chain_select(&chain, address, OPP_MODE_COMPAT), OPP_UNSUCCESSFUL);
		assert_int_equal(chain.transfer.fault.status, OPP_UNSUCCESSFUL);
		assert_int_equal(chain.transfer.fault.status_lines & OPP_LINE_NFAULT,
				 OPP_LINE_NFAULT);
		assert_int_equal(chain_reached(&chain), CHAIN_END);
	}
	opp_daisy_break(&chain.adapters[0], OPP_DAISY_REFUSES);
	assert_int_equal(chain_select(&chain, 0, OPP_MODE_COMPAT), OPP_UNSUCCESSFUL);
	assert_int_equal(chain_select(&chain, 1, OPP_MODE_COMPAT), OPP_SUCCESS);
	assert_at_rest();
}

/* ---- from another mode, and to an early end -------------------------------------------------------- */

static void begin_assign(void)
{
	opp_chain_assign_begin(&chain.transfer, &chain.protocol, 4);
}

static void begin_select(void)
{
	opp_chain_select_begin(&chain.transfer, &chain.protocol, 0, OPP_MODE_COMPAT);
}

static void begin_deselect(void)
{
	opp_chain_deselect_begin(&chain.transfer, &chain.protocol);
}

static void test_from_nibble_mode(void **state)
{
	static const struct {
		void (*begin)(void);
		uint32_t reached;
	} all[] = {
		{ begin_assign, UINT32_MAX },
		{ begin_select, 0 },
		{ begin_deselect, UINT32_MAX },
	};
	const struct opp_1284_options options = { .modes = OPP_1284_NIBBLE };
	static struct opp_1284 device;

	(void)state;
	for (uint32_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		start(1);
		opp_1284_init(&device, &options);
		opp_sim_plug(&chain.adapters[0].through, &device.peripheral);
		assert_int_equal(chain_assign(&chain, 4), 1);
		opp_negotiate_begin(&chain.transfer, &chain.protocol, OPP_REQUEST_NIBBLE);
		assert_int_equal(chain_run(&chain), OPP_SUCCESS);
		assert_int_equal(chain.protocol.mode, OPP_MODE_NIBBLE);
		all[i].begin();
		assert_int_equal(chain_run(&chain), OPP_SUCCESS);
		assert_int_equal(chain_reached(&chain), all[i].reached);
		assert_at_rest();
	}
}

static enum opp_status end_after(uint32_t steps)
{
	const uint64_t now_us = chain.rig.sim.now_ns / 1000;

	for (uint32_t i = 0; i < steps; i++)
		opp_transfer_step(&chain.transfer, chain.rig.hw, now_us, 1);
	opp_transfer_end(&chain.transfer, OPP_CANCELLED);
	return chain_run(&chain);
}

static void test_ended_early(void **state)
{
	enum opp_status status = OPP_CANCELLED;
	uint8_t data[MOST_WRITES];
	uint32_t steps = 0;
	size_t count;

	(void)state;
	while (status == OPP_CANCELLED) {
		start(2);
		assert_int_equal(chain_assign(&chain, 4), 2);
		rig_forget_accesses(&chain.rig);
		opp_chain_select_begin(&chain.transfer, &chain.protocol, 1, OPP_MODE_COMPAT);
		status = end_after(steps++);
		count = chain_writes(&chain, DATA, data, MOST_WRITES);
		assert_int_equal(data[count - 1], 0xff);
		assert_at_rest();
		assert_int_equal(chain_deselect(&chain), OPP_SUCCESS);
		assert_int_equal(chain_reached(&chain), CHAIN_END);
	}
	assert_int_equal(status, OPP_SUCCESS);
	assert_true(steps > 10);
}

/* Before access @unplug_at the first adapter is unplugged. */
static uint32_t unplug_at;

static void unplug(struct rig *rig)
{
	if (rig->accesses == unplug_at)
		opp_sim_detach(&rig->sim);
}

static void test_unplugged(void **state)
{
	uint32_t accesses = UINT32_MAX;
	enum opp_status status;
	uint8_t data[MOST_WRITES];
	size_t count;

	(void)state;
	for (unplug_at = 1; unplug_at <= accesses; unplug_at++) {
		start(2);
		assert_int_equal(chain_assign(&chain, 4), 2);
		rig_forget_accesses(&chain.rig);
		chain.rig.disturb = unplug;
		status = chain_select(&chain, 1, OPP_MODE_COMPAT);
		assert_true(status == OPP_SUCCESS || status == OPP_UNSUCCESSFUL);
		assert_int_equal(status == OPP_SUCCESS, !chain.transfer.fault.status);
		assert_true(rig_is_idle(&chain.rig));
		count = chain_writes(&chain, DATA, data, MOST_WRITES);
		assert_int_equal(data[count - 1], 0xff);
		if (chain.rig.accesses < unplug_at + 1)
			accesses = chain.rig.accesses;
		chain.rig.disturb = NULL;
		assert_int_equal(chain_assign(&chain, 4), 0);
	}
	assert_true(accesses > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a packet's bytes", test_bytes, NULL, NULL, NULL },
		{ "P-124 a test that fails ends the packet with FF", test_each_test, NULL, NULL,
		  NULL },
		{ "P-125 bytes come 7 us apart at least", test_spacing, NULL, NULL, NULL },
		{ "the answer to a strobe is read while nStrobe is low", test_strobe, NULL, NULL,
		  NULL },
		{ "P-128 nobody on an empty port", test_empty_port, NULL, NULL, NULL },
		{ "P-128 nobody in printers, ready, paper out, off-line", test_printers, NULL, NULL,
		  NULL },
		{ "P-128 nobody in loop-back plugs", test_loopbacks, NULL, NULL, NULL },
		{ "P-128 nobody where the lines never move", test_fixed_lines, NULL, NULL, NULL },
		{ "P-128 nobody in a printer without paper at the end of the chain",
		  test_paper_out_behind, NULL, NULL, NULL },
		{ "addresses from the host on, up to a limit", test_assign, NULL, NULL, NULL },
		{ "lines that are no adapter's end the round", test_broken_promise, NULL, NULL,
		  NULL },
		{ "addresses while a device is selected", test_assign_while_selected, NULL, NULL,
		  NULL },
		{ "each device after each other, and the end", test_select, NULL, NULL, NULL },
		{ "a selection for each mode", test_select_modes, NULL, NULL, NULL },
		{ "an absent device, one that refuses", test_absent, NULL, NULL, NULL },
		{ "from nibble mode the way is by termination", test_from_nibble_mode, NULL, NULL,
		  NULL },
		{ "unplugged before each access", test_unplugged, NULL, NULL, NULL },
		{ "ended after each step, a packet is ended too", test_ended_early, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
