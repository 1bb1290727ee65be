/* SPDX-License-Identifier: MIT */
/* What is on a port: chains of every length, ids that are none, nobody at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan_rig.h"

static struct scan_rig rig;

static void test_chains(void **state)
{
	(void)state;
	for (uint8_t count = 0; count <= OPP_CHAIN_DEVICES; count++) {
		scan_start(&rig, count);
		assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
		scan_assert_found(&rig, count);
		scan_assert_rests(&rig);
		assert_int_equal(rig_host_errors(&rig.chain.rig), 0);
	}
}

static void test_limit(void **state)
{
	(void)state;
	for (uint8_t most = 1; most < OPP_CHAIN_DEVICES; most++) {
		scan_start(&rig, OPP_CHAIN_DEVICES);
		assert_int_equal(scan_run(&rig, most), OPP_SUCCESS);
		scan_assert_found(&rig, most);
		scan_assert_rests(&rig);
	}
}

/* The adapters hear nothing: only the device at the end is asked. */
static void test_no_chain_wanted(void **state)
{
	(void)state;
	scan_start(&rig, 2);
	assert_int_equal(scan_run(&rig, 0), OPP_SUCCESS);
	scan_assert_found(&rig, 0);
	assert_int_equal(rig.chain.adapters[0].address, OPP_DAISY_NO_ADDRESS);
	scan_assert_rests(&rig);
}

static void test_nobody(void **state)
{
	(void)state;
	scan_start(&rig, 0);
	opp_sim_detach(&rig.chain.rig.sim);
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	assert_int_equal(rig.scan.devices, 0);
	assert_string_equal(rig.scan.id[OPP_PLACE_END_OF_CHAIN], "");
	scan_assert_rests(&rig);
}

/* A printer of before IEEE 1284 at each place, whose id nobody hears. */
static void test_no_ids(void **state)
{
	(void)state;
	scan_start(&rig, 0);
	chain_start(&rig.chain, OPP_SIM_SPP, 2);
	rig.count = 2;
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	assert_int_equal(rig.scan.devices, 2);
	for (uint32_t place = 0; place < OPP_SCAN_PLACES; place++)
		assert_string_equal(rig.scan.id[place], "");
	scan_assert_rests(&rig);
	for (uint32_t i = 0; i <= CHAIN_END; i++)
		assert_int_equal(rig.chain.printers[i].bytes, 0);
}

static void test_broken_ids(void **state)
{
	static uint8_t huge[60000];
	static const uint8_t odd[] = "\xff\xff"
				     "MFG:A\x01;MDL:B;CLS:PRINTER;";
	static const uint8_t lies[] = "\x00\x0e"
				      "MFG:A;MDL:B;";
	const struct opp_1284_options ids[] = {
		{ .raw_device_id = huge, .raw_device_id_bytes = sizeof(huge) },
		{ .raw_device_id = odd, .raw_device_id_bytes = sizeof(odd) - 1 },
		{ .raw_device_id = lies, .raw_device_id_bytes = sizeof(lies) - 1 },
		{ .raw_device_id = huge, .raw_device_id_bytes = 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(huge); i++)
		huge[i] = 'x';
	scan_start(&rig, OPP_CHAIN_DEVICES);
	for (uint32_t place = 0; place < OPP_CHAIN_DEVICES; place++) {
		struct opp_1284_options options = ids[place];

		options.modes = OPP_1284_NIBBLE | OPP_1284_ID_NIBBLE;
		scan_plug(&rig, place, &options);
	}
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	assert_int_equal(rig.scan.devices, OPP_CHAIN_DEVICES);
	assert_int_equal(strlen(rig.scan.id[0]), OPP_DEVICE_ID_MOST - 1);
	assert_string_equal(rig.scan.id[1], "");
	assert_string_equal(rig.scan.id[2], "MFG:A;MDL:B;");
	assert_string_equal(rig.scan.id[3], "");
	assert_string_equal(rig.scan.id[4], scan_id_of(4));
	scan_assert_rests(&rig);
}

/* It has an address and takes nothing more: nobody else is asked in its stead. */
static void test_cannot_be_selected(void **state)
{
	(void)state;
	scan_start(&rig, 2);
	opp_daisy_break(&rig.chain.adapters[1], OPP_DAISY_REFUSES);
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	assert_int_equal(rig.scan.devices, 2);
	assert_string_equal(rig.scan.id[0], scan_id_of(0));
	assert_string_equal(rig.scan.id[1], "");
	assert_string_equal(rig.scan.id[4], scan_id_of(4));
	scan_assert_rests(&rig);
}

static void test_chain_falls_silent(void **state)
{
	(void)state;
	scan_start(&rig, 2);
	opp_scan_begin(&rig.scan, &rig.chain.protocol, OPP_CHAIN_DEVICES);
	while (rig.scan.stage != OPP_SCAN_DESELECTING)
		assert_int_not_equal(scan_step(&rig, RIG_BUDGET_NS), OPP_STEP_DONE);
	opp_sim_detach(&rig.chain.rig.sim);
	assert_int_equal(scan_run_on(&rig, RIG_BUDGET_NS), OPP_UNSUCCESSFUL);
	assert_true(rig.scan.still_selected);
	assert_int_equal(rig.scan.devices, 2);
	assert_string_equal(rig.scan.id[1], scan_id_of(1));
	assert_string_equal(rig.scan.id[OPP_PLACE_END_OF_CHAIN], "");
}

/* The scan before left nothing in the next one's answers. */
static void test_again(void **state)
{
	(void)state;
	scan_start(&rig, 2);
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	opp_sim_detach(&rig.chain.rig.sim);
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	assert_int_equal(rig.scan.devices, 0);
	for (uint32_t place = 0; place < OPP_SCAN_PLACES; place++)
		assert_string_equal(rig.scan.id[place], "");
	opp_sim_attach(&rig.chain.rig.sim, &rig.chain.adapters[0].peripheral);
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	scan_assert_found(&rig, 2);
}

/* A holder may leave a device selected and in a mode. */
static void start_amid(void)
{
	scan_start(&rig, 2);
	assert_int_equal(chain_assign(&rig.chain, OPP_CHAIN_DEVICES), 2);
	assert_int_equal(chain_select(&rig.chain, 1, OPP_MODE_COMPAT), OPP_SUCCESS);
	opp_negotiate_begin(&rig.chain.transfer, &rig.chain.protocol, OPP_REQUEST_NIBBLE);
	assert_int_equal(chain_run(&rig.chain), OPP_SUCCESS);
}

static void test_from_a_mode(void **state)
{
	(void)state;
	start_amid();
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	scan_assert_found(&rig, 2);
	scan_assert_rests(&rig);
}

/* With and without a chain, after each step; the chain works as ever afterwards. */
static void end_after_each_step(uint8_t most, uint32_t least_steps)
{
	const uint32_t budget_ns = 20000;
	uint32_t steps = 0;
	uint8_t place;
	bool done = false;

	while (!done) {
		scan_start(&rig, 2);
		opp_scan_begin(&rig.scan, &rig.chain.protocol, most);
		for (uint32_t i = 0; i < steps && !done; i++) {
			const enum opp_step step = scan_step(&rig, budget_ns);

			done = step == OPP_STEP_DONE;
			if (step == OPP_STEP_WAIT)
				rig_pass_ns(&rig.chain.rig, 10000);
		}
		place = rig.scan.place;
		opp_scan_end(&rig.scan, OPP_KICKED);
		opp_scan_end(&rig.scan, OPP_CANCELLED);
		assert_int_equal(scan_run_on(&rig, budget_ns), done ? OPP_SUCCESS : OPP_KICKED);
		assert_in_range(rig.scan.place, place, place + 1);
		scan_assert_rests(&rig);
		steps++;
	}
	assert_true(steps > least_steps);
	assert_int_equal(scan_run(&rig, OPP_CHAIN_DEVICES), OPP_SUCCESS);
	scan_assert_found(&rig, 2);
}

static void test_ended(void **state)
{
	(void)state;
	end_after_each_step(OPP_CHAIN_DEVICES, 60);
	end_after_each_step(0, 20);
}

static void test_ended_before_its_first_step(void **state)
{
	(void)state;
	start_amid();
	opp_scan_begin(&rig.scan, &rig.chain.protocol, OPP_CHAIN_DEVICES);
	opp_scan_end(&rig.scan, OPP_CANCELLED);
	assert_int_equal(scan_run_on(&rig, RIG_BUDGET_NS), OPP_CANCELLED);
	assert_int_equal(rig.chain.protocol.mode, OPP_MODE_COMPAT);
	assert_true(rig_is_idle(&rig.chain.rig));
	assert_int_equal(rig.scan.devices, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "chains of no device to four, each device with its id", test_chains, NULL, NULL,
		  NULL },
		{ "no more devices than are wanted", test_limit, NULL, NULL, NULL },
		{ "no chain wanted, none spoken to", test_no_chain_wanted, NULL, NULL, NULL },
		{ "nobody there", test_nobody, NULL, NULL, NULL },
		{ "devices without an id, none of whom prints anything", test_no_ids, NULL, NULL,
		  NULL },
		{ "ids that are none, too long or wrong about their length", test_broken_ids, NULL,
		  NULL, NULL },
		{ "a device that cannot be selected has no id", test_cannot_be_selected, NULL, NULL,
		  NULL },
		{ "a chain that falls silent with a device selected", test_chain_falls_silent, NULL,
		  NULL, NULL },
		{ "nothing is left of the scan before", test_again, NULL, NULL, NULL },
		{ "from a mode, with a device selected", test_from_a_mode, NULL, NULL, NULL },
		{ "ended after each step", test_ended, NULL, NULL, NULL },
		{ "ended before its first step", test_ended_before_its_first_step, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
