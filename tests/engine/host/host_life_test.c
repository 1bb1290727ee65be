/* SPDX-License-Identifier: MIT */
/* A host port whose hardware goes, whose machine sleeps, whose configuration changes. */
#include "host_rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openparport/hosted/parportd_ioctl.h>

#define LIMIT_US 10000000u
#define PAGE     2000

static struct rig rig;
static struct asker a, b;
static uint8_t page[PAGE];
static char shown[16384];

static int start(void **state)
{
	size_t i;

	(void)state;
	rig_start(&rig, "characters_per_second=500,chip=ecp-epp");
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	for (i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 7 + (i >> 8));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static bool shows(const char *line)
{
	assert_true(opp_host_sim_show(rig.port, shown, sizeof(shown)) < sizeof(shown));
	return strstr(shown, line) != NULL;
}

static void set(const char *key, const char *value)
{
	assert_int_equal(opp_host_sim_set(rig.port, key, value, NULL), OPP_SUCCESS);
}

/* As the rig's, but for @key. */
static void another_config(struct opp_host_config *config, const char *key, const char *value)
{
	opp_host_config_defaults(config, 0);
	assert_int_equal(opp_host_config_set(config, key, value, NULL), OPP_SUCCESS);
}

static enum opp_status read_status(struct asker *asker)
{
	uint8_t value;

	return opp_host_read(rig.port, &asker->client, OPP_HOST_STATUS, &value);
}

/* A page of the holder's moves, and another client waits. */
static void begin_page(void)
{
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), LIMIT_US), OPP_PENDING);
	rig_wait_some_written(&rig);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
}

/* ---- gone --------------------------------------------------------------------------------- */

static void hardware_goes(void **state)
{
	(void)state;
	begin_page();
	opp_host_port_gone(rig.port);
	assert_int_equal(asker_wait(&b, 1), OPP_DELETE_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_DELETE_PENDING);
	assert_in_range(a.req.done, 1, PAGE - 1);
	assert_int_equal(asker_completions(&b), 1);
	rig_wait_state(&rig, OPP_IOC_STATE_REMOVED);
	assert_int_equal(rig_holder(&rig), 0);
	assert_int_equal(asker_allocate(&rig, &b), OPP_DELETE_PENDING);
}

static void holder_of_nothing(void **state)
{
	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	opp_host_port_gone(rig.port);
	assert_int_equal(read_status(&a), OPP_DELETE_PENDING);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_DELETE_PENDING);
	assert_int_equal(opp_host_try_allocate(rig.port, &b.client), OPP_DELETE_PENDING);
	assert_int_equal(rig.events[rig.event_count - 1].kind, OPP_HOST_DROPPED);
}

static void is_told_that_it_went(void **state)
{
	(void)state;
	assert_false(opp_host_is_lost(rig.port));
	set("gone", "yes");
	assert_true(opp_host_is_lost(rig.port));
	set("gone", "no");
	assert_false(opp_host_is_lost(rig.port));
}

/* ---- asleep ------------------------------------------------------------------------------- */

static void fall_asleep(void)
{
	uint32_t tries = 0;

	while (!opp_host_suspend(rig.port)) {
		assert_true(++tries < 10000);
		usleep(1000);
	}
}

static void wake_up(void)
{
	uint32_t tries = 0;

	opp_host_resume(rig.port);
	while (!opp_host_is_awake(rig.port)) {
		assert_true(++tries < 10000);
		usleep(1000);
	}
}

static void page_ends_with_its_count(void **state)
{
	(void)state;
	begin_page();
	assert_false(opp_host_suspend(rig.port));
	fall_asleep();
	assert_int_equal(asker_wait(&a, 1), OPP_DEVICE_POWERED_OFF);
	assert_in_range(a.req.done, 1, PAGE - 1);
	assert_int_equal(asker_completions(&b), 0);
	wake_up();
	rig_wait_output(&rig, page, a.req.done);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
}

static void holder_waits_for_power(void **state)
{
	(void)state;
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_true(opp_host_is_awake(rig.port));
	fall_asleep();
	assert_false(opp_host_is_awake(rig.port));
	assert_int_equal(read_status(&a), OPP_DEVICE_POWERED_OFF);
	assert_int_equal(asker_write(&rig, &a, false, page, 1, LIMIT_US), OPP_DEVICE_POWERED_OFF);
	wake_up();
	assert_int_equal(read_status(&a), OPP_SUCCESS);
	assert_int_equal(rig_holder(&rig), a.client.number);
}

static void free_port_is_nobodys(void **state)
{
	(void)state;
	fall_asleep();
	rig_wait_state(&rig, OPP_IOC_STATE_RELEASING);
	assert_int_equal(opp_host_try_allocate(rig.port, &a.client), OPP_DEVICE_BUSY);
	assert_int_equal(asker_allocate(&rig, &a), OPP_PENDING);
	wake_up();
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
}

/* ---- another configuration ------------------------------------------------------------------ */

static void change_leaves_the_rest(void **state)
{
	struct opp_host_config before, after;

	(void)state;
	another_config(&before, "response_us", "2");
	another_config(&after, "response_us", "9");
	set("off_line", "yes");
	set("strict", "yes");
	assert_int_equal(opp_host_port_change(rig.port, &before, &after, NULL), OPP_SUCCESS);
	assert_true(shows("response_us = 9\n") && shows("off_line = yes\n"));
	assert_true(shows("strict = yes\n") && shows("characters_per_second = 500\n"));
	assert_int_equal(opp_host_config_set(&before, "off_line", "yes", NULL), OPP_SUCCESS);
	assert_int_equal(opp_host_port_change(rig.port, &before, &after, NULL), OPP_SUCCESS);
	assert_true(shows("off_line = no\n"));
	opp_host_config_release(&before);
	opp_host_config_release(&after);
}

static void chip_in_use(void **state)
{
	struct opp_host_config before, after;
	struct opp_error error;

	(void)state;
	another_config(&before, "chip", "ecp-epp");
	another_config(&after, "chip", "spp");
	assert_int_equal(opp_host_config_set(&after, "paper_out", "yes", NULL), OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	assert_int_equal(opp_host_port_change(rig.port, &before, &after, &error), OPP_DEVICE_BUSY);
	assert_non_null(strstr(error.text, "while the port is free"));
	assert_true(shows("chip = ecp-epp\n") && shows("paper_out = no\n"));
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(opp_host_port_change(rig.port, &before, &after, &error), OPP_SUCCESS);
	assert_true(shows("chip = spp\n") && shows("paper_out = yes\n"));
	opp_host_config_release(&before);
	opp_host_config_release(&after);
}

static void removed_port_does_not_change(void **state)
{
	struct opp_host_config before, after;

	(void)state;
	another_config(&before, "strict", "no");
	another_config(&after, "strict", "yes");
	opp_host_port_remove(rig.port);
	assert_int_equal(opp_host_port_change(rig.port, &before, &after, NULL), OPP_DELETE_PENDING);
	opp_host_config_release(&before);
	opp_host_config_release(&after);
}

static bool is_another(const char *key, const char *value)
{
	struct opp_host_config one, other;
	bool so;

	another_config(&one, "strict", "no");
	another_config(&other, key, value);
	so = opp_host_config_is_another(&one, &other);
	opp_host_config_release(&one);
	opp_host_config_release(&other);
	return so;
}

static void what_makes_another_port(void **state)
{
	struct opp_host_config one, other;

	(void)state;
	assert_true(is_another("back_end", "io:0x378") && is_another("probe", "full"));
	assert_true(is_another("force", "yes"));
	assert_false(is_another("output", "/tmp/page") || is_another("chip", "spp"));
	assert_false(is_another("on_death", "keep") || is_another("paper_out", "yes"));
	another_config(&one, "strict", "no");
	another_config(&other, "strict", "no");
	assert_false(opp_host_config_changes_devices(&one, &other));
	other.daisy_devices++;
	assert_true(opp_host_config_is_another(&one, &other));
	other.daisy = 1;
	assert_true(opp_host_config_changes_devices(&one, &other));
	opp_host_config_release(&one);
	opp_host_config_release(&other);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start, stop, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-175 the hardware goes: each request ends DELETE_PENDING, once",
		     hardware_goes),
		CASE("C-178 who held a port that has gone can do nothing with it",
		     holder_of_nothing),
		CASE("a simulated port is told that it has gone", is_told_that_it_went),
		CASE("before a sleep a transfer ends with its count, and who waits waits on",
		     page_ends_with_its_count),
		CASE("a holder has no wire until the port is awake", holder_waits_for_power),
		CASE("a port that sleeps is nobody's", free_port_is_nobodys),
		CASE("a change leaves alone what it does not name", change_leaves_the_rest),
		CASE("a chip in use is not changed, nor what comes behind it", chip_in_use),
		CASE("a port that is removed does not change", removed_port_does_not_change),
		CASE("which keys make another port, and other devices", what_makes_another_port),
	};

	return cmocka_run_group_tests_name("the life of a port", tests, NULL, NULL);
}
