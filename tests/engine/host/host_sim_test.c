/* SPDX-License-Identifier: MIT */
/* A simulated port that is changed while it runs: what it says, and that nothing is lost. */
#include "host_rig.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openparport/hw.h>
#include <openparport/sim_dac.h>

#define LIMIT_US 10000000u
#define PAGE     5000

static struct rig rig;
static struct asker a, b;
static uint8_t page[PAGE], buffer[4096];
static char shown[16384];

static void start_as(const char *keys)
{
	size_t i;

	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	for (i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 7 + (i >> 8));
}

static int start(void **state)
{
	(void)state;
	start_as("modes=nibble byte");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static void set(const char *key, const char *value)
{
	struct opp_error error = { .text = "" };

	if (opp_host_sim_set(rig.port, key, value, &error) != OPP_SUCCESS)
		fail_msg("%s = %s: %s", key, value, error.text);
}

static void refuses(const char *key, const char *value, enum opp_status status, const char *because)
{
	struct opp_error error = { .text = "" };

	assert_int_equal(opp_host_sim_set(rig.port, key, value, &error), status);
	assert_int_equal(error.status, status);
	assert_non_null(strstr(error.text, because));
}

static void shows(const char *line)
{
	assert_true(opp_host_sim_show(rig.port, shown, sizeof(shown)) < sizeof(shown));
	assert_non_null(strstr(shown, line));
}

static enum opp_status ask(const struct opp_host_req *wanted)
{
	const uint32_t completions = asker_completions(&a);
	const enum opp_status status = asker_ask(&rig, &a, wanted);

	return status == OPP_PENDING ? asker_wait(&a, completions + 1) : status;
}

static enum opp_status negotiate(uint8_t request)
{
	return ask(&(struct opp_host_req){ .kind = OPP_HOST_NEGOTIATE, .request = request });
}

static void a_holds(void)
{
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
}

/* ---- keys ------------------------------------------------------------------------------- */

static void keys_are_shown(void **state)
{
	(void)state;
	shows("chip = ps2\n");
	shows("modes = nibble byte\n");
	shows("wav = none\n");
	set("response_us", "5");
	set("paper_out", "yes");
	set("id", "MFG:Somebody;MDL:Something;");
	set("config_b", "9");
	shows("response_us = 5\n");
	shows("paper_out = yes\n");
	shows("id = MFG:Somebody;MDL:Something;\n");
	shows("config_b = 9\n");
	assert_int_equal(opp_host_sim_show(rig.port, shown, 10),
			 opp_host_sim_show(rig.port, NULL, 0));
	assert_int_equal(strlen(shown), 9);
}

static void bad_keys_change_nothing(void **state)
{
	(void)state;
	refuses("colour", "red", OPP_INVALID_PARAMETER, "colour");
	refuses("chip", "lpt", OPP_INVALID_PARAMETER, "ecp");
	refuses("output", "/nonexistent/page", OPP_INVALID_PARAMETER, "/nonexistent/page");
	refuses("flash", "", OPP_INVALID_PARAMETER, "a file's path");
	refuses("input", "/nonexistent/input", OPP_INVALID_PARAMETER, "/nonexistent/input");
	shows("chip = ps2\n");
	a_holds();
	assert_int_equal(asker_write(&rig, &a, false, "as before", 9, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	rig_wait_output(&rig, "as before", 9);
}

static void removed_port_is_not_changed(void **state)
{
	(void)state;
	opp_host_port_remove(rig.port);
	refuses("paper_out", "yes", OPP_DELETE_PENDING, "removed");
}

/* ---- peripherals ---------------------------------------------------------------------------- */

static void id_is_changed(void **state)
{
	static const struct opp_host_req wanted = { .kind = OPP_HOST_DEVICE_ID,
						    .buffer = buffer,
						    .count = sizeof(buffer) };

	(void)state;
	a_holds();
	set("id", "MFG:Other;MDL:Device;");
	assert_int_equal(ask(&wanted), OPP_SUCCESS);
	assert_int_equal(a.req.done, 2 + strlen("MFG:Other;MDL:Device;"));
	assert_memory_equal(buffer + 2, "MFG:Other;MDL:Device;", a.req.done - 2);
	set("modes", "none");
	assert_int_equal(ask(&wanted), OPP_NO_SUCH_DEVICE);
	set("modes", "nibble");
	set("id", "none");
	assert_int_equal(ask(&wanted), OPP_UNSUCCESSFUL);
}

/*
 * Whatever was taken before the cable was pulled is printed. While that is done the printer
 * takes another buffer full: there is more to write than both.
 */
static void unplugged_while_it_prints(void **state)
{
	static uint8_t book[16 * PAGE];

	(void)state;
	for (size_t at = 0; at < sizeof(book); at += sizeof(page))
		memcpy(book + at, page, sizeof(page));
	set("characters_per_second", "50");
	set("buffer_bytes", "4000");
	a_holds();
	assert_int_equal(asker_write(&rig, &a, false, book, sizeof(book), LIMIT_US), OPP_PENDING);
	rig_wait_some_written(&rig);
	set("peripheral", "none");
	assert_true(opp_host_cancel(rig.port, &a.req));
	assert_int_equal(asker_wait(&a, 1), OPP_CANCELLED);
	assert_true(a.req.done > 0 && a.req.done < sizeof(book));
	rig_wait_output(&rig, book, a.req.done);
}

/* The rest of a page goes to the same printer when it is back. */
static void plugged_in_again(void **state)
{
	(void)state;
	set("characters_per_second", "10000");
	a_holds();
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), RIG_FOREVER_US),
			 OPP_PENDING);
	rig_wait_some_written(&rig);
	set("peripheral", "none");
	set("peripheral", "printer");
	set("characters_per_second", "0");
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	rig_wait_output(&rig, page, sizeof(page));
}

static void fault_stored_bytes_are_printed(void **state)
{
	(void)state;
	set("characters_per_second", "1");
	set("buffer_bytes", "100");
	a_holds();
	assert_int_equal(asker_write(&rig, &a, false, page, 50, LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	set("paper_out", "yes");
	set("peripheral", "norton");
	rig_wait_output(&rig, page, 50);
}

static void faults_come_and_go(void **state)
{
	(void)state;
	a_holds();
	set("paper_out", "yes");
	assert_int_equal(asker_write(&rig, &a, false, "x", 1, 0), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_DEVICE_PAPER_EMPTY);
	set("paper_out", "no");
	set("off_line", "yes");
	assert_int_equal(asker_write(&rig, &a, false, "x", 1, 0), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 2), OPP_DEVICE_OFF_LINE);
	assert_int_equal(asker_write(&rig, &a, false, "x", 1, RIG_FOREVER_US), OPP_PENDING);
	set("off_line", "no");
	assert_int_equal(asker_wait(&a, 3), OPP_SUCCESS);
	rig_wait_output(&rig, "x", 1);
}

static void rudeness(void **state)
{
	(void)state;
	a_holds();
	set("rude", "2+:never");
	assert_int_equal(negotiate(OPP_REQUEST_BYTE), OPP_NO_SUCH_DEVICE);
	set("paper_out", "no");
	assert_int_equal(negotiate(OPP_REQUEST_BYTE), OPP_NO_SUCH_DEVICE);
	set("rude", "2:never");
	assert_int_equal(negotiate(OPP_REQUEST_BYTE), OPP_NO_SUCH_DEVICE);
	assert_int_equal(negotiate(OPP_REQUEST_BYTE), OPP_SUCCESS);
	set("rude", "none");
	shows("rude = none\n");
}

static uint8_t status_with(uint8_t data)
{
	uint8_t value = 0;

	assert_int_equal(opp_host_write_register(rig.port, &a.client, OPP_HOST_DATA, data),
			 OPP_SUCCESS);
	assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &value), OPP_SUCCESS);
	return value;
}

/* Each shows something on the status lines that no other one does. */
static void other_peripherals(void **state)
{
	(void)state;
	a_holds();
	set("peripheral", "norton");
	assert_int_not_equal(status_with(0x00) & 0xf8, status_with(0x1f) & 0xf8);
	set("peripheral", "recorder");
	assert_int_equal(status_with(0x00) & 0xf8, status_with(0x1f) & 0xf8);
	set("peripheral", "checkit");
	assert_int_not_equal(status_with(0x00) & 0xf8, status_with(0x01) & 0xf8);
	set("peripheral", "wiggler");
	set("taps", "4:0x12345678 5:0x1 8:0");
	set("peripheral", "dlc5");
	set("peripheral", "avr");
	set("avr_part", "atmega128");
	set("peripheral", "spi_flash");
	set("flash_part", "w25q64");
	set("peripheral", "sound_source");
	set("daisy", "4");
	set("peripheral", "covox");
	assert_int_equal(ask(&(struct opp_host_req){ .kind = OPP_HOST_ASSIGN }), OPP_SUCCESS);
	assert_int_equal(a.req.done, 4);
}

/* ---- files -------------------------------------------------------------------------------------- */

static void recorder_writes_down(void **state)
{
	unsigned long long at_ns;
	unsigned int data, control;
	size_t count = 0;
	char *line;

	(void)state;
	set("peripheral", "recorder");
	a_holds();
	(void)status_with(0xa5);
	(void)status_with(0x5a);
	opp_host_port_destroy(rig.port);
	rig.port = NULL;
	shown[rig_read_output(&rig, shown, sizeof(shown) - 1)] = '\0';
	for (line = strtok(shown, "\n"); line; line = strtok(NULL, "\n"), count++) {
		assert_int_equal(sscanf(line, "%llu %2x %1x", &at_ns, &data, &control), 3);
		assert_int_equal(data, count == 0 ? 0xa5 : 0x5a);
	}
	assert_int_equal(count, 2);
}

static void converter_is_heard(void **state)
{
	FILE *file;
	size_t bytes;

	(void)state;
	set("wav", "host-test-sound.wav");
	set("peripheral", "covox");
	a_holds();
	(void)status_with(0x10);
	(void)status_with(0xf0);
	set("wav", "none");
	file = fopen("host-test-sound.wav", "r");
	assert_non_null(file);
	bytes = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);
	unlink("host-test-sound.wav");
	assert_true(bytes >= OPP_WAV_HEADER_BYTES);
	assert_memory_equal(buffer, "RIFF", 4);
	assert_memory_equal(buffer + 8, "WAVEfmt ", 8);
	assert_int_equal(buffer[4] | buffer[5] << 8 | buffer[6] << 16, bytes - 8);
}

/* ---- the chip -------------------------------------------------------------------------------------- */

static void chip_is_changed(void **state)
{
	struct opp_host_chip chip;
	struct opp_ioc_info info;

	(void)state;
	a_holds();
	refuses("chip", "ecp-epp", OPP_DEVICE_BUSY, "free");
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	set("chip", "ecp-epp");
	set("fifo_words", "32");
	opp_host_info(rig.port, &info);
	assert_string_equal(info.chip, "ecp-epp");
	assert_true(info.capabilities & OPP_HW_CAN_FIFO);
	assert_true(info.capabilities & OPP_HW_CAN_EPP);
	opp_host_chip_facts(rig.port, &chip);
	assert_true(chip.ecr);
	assert_int_equal(chip.fifo.depth_words, 32);
	set("chip", "spp");
	opp_host_info(rig.port, &info);
	assert_false(info.capabilities & OPP_HW_CAN_REVERSE);
	a_holds();
	assert_int_equal(opp_host_write_register(rig.port, &a.client, OPP_HOST_DIRECTION, 1),
			 OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), LIMIT_US), OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	rig_wait_output(&rig, page, sizeof(page));
}

/* ---- who is told that the port goes -------------------------------------------------- */

static void ask_on(struct asker *asker, enum opp_status status)
{
	assert_int_equal(status, OPP_DELETE_PENDING);
	shows("chip = ps2\n");
	refuses("paper_out", "yes", OPP_DELETE_PENDING, "removed");
	*(uint32_t *)asker->context += 1;
}

static void told_of_the_removal(void **state)
{
	uint32_t told_a = 0, told_b = 0;

	(void)state;
	set("busy_every_bytes", "10");
	set("busy_extra_us", "60000000");
	a_holds();
	a.then = b.then = ask_on;
	a.context = &told_a;
	b.context = &told_b;
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), RIG_FOREVER_US),
			 OPP_PENDING);
	rig_wait_written(&rig, 10);
	opp_host_port_remove(rig.port);
	assert_int_equal(asker_wait(&a, 1), OPP_DELETE_PENDING);
	assert_int_equal(asker_wait(&b, 1), OPP_DELETE_PENDING);
	assert_int_equal(told_a, 1);
	assert_int_equal(told_b, 1);
}

/* ---- all at once -------------------------------------------------------------------------------------- */

static _Atomic bool enough;

static void *fiddle(void *context)
{
	static const char *const changes[][2] = {
		{ "paper_out", "yes" },      { "paper_out", "no" },  { "peripheral", "none" },
		{ "peripheral", "printer" }, { "daisy", "2" },       { "daisy", "0" },
		{ "rude", "2:late:10" },     { "on_death", "keep" }, { "id", "MFG:X;MDL:Y;" },
	};
	struct opp_ioc_info info;
	size_t i = 0;

	(void)context;
	while (!enough) {
		const char *const *change = changes[i++ % (sizeof(changes) / sizeof(changes[0]))];

		if (opp_host_sim_set(rig.port, change[0], change[1], NULL) != OPP_SUCCESS)
			return context;
		(void)opp_host_sim_set(rig.port, "chip", i % 2 ? "ecp" : "ps2", NULL);
		opp_host_info(rig.port, &info);
		(void)opp_host_sim_show(rig.port, shown, sizeof(shown));
	}
	return NULL;
}

static void changed_while_it_works(void **state)
{
	size_t total = 0;
	pthread_t fiddler;
	void *failed;
	int i;

	(void)state;
	enough = false;
	assert_int_equal(pthread_create(&fiddler, NULL, fiddle, &enough), 0);
	for (i = 0; i < 20; i++) {
		const uint32_t completions = asker_completions(&a);

		assert_int_equal(asker_write(&rig, &a, true, page, 200, RIG_FOREVER_US),
				 OPP_PENDING);
		assert_int_equal(asker_wait(&a, completions + 1), OPP_SUCCESS);
		total += a.req.done;
	}
	enough = true;
	assert_int_equal(pthread_join(fiddler, &failed), 0);
	assert_null(failed);
	assert_int_equal(total, 4000);
	assert_true(opp_host_sim_set(rig.port, "paper_out", "no", NULL) == OPP_SUCCESS);
	assert_true(opp_host_sim_set(rig.port, "peripheral", "none", NULL) == OPP_SUCCESS);
	opp_host_port_destroy(rig.port);
	rig.port = NULL;
	assert_int_equal(rig_read_output(&rig, buffer, sizeof(buffer)), total);
	for (i = 0; i < 20; i++)
		assert_memory_equal(buffer + i * 200, page, 200);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start, stop, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("every key is shown as it is now", keys_are_shown),
		CASE("a key that is refused changes nothing", bad_keys_change_nothing),
		CASE("a port that is removed is not changed", removed_port_is_not_changed),
		CASE("id and modes are changed", id_is_changed),
		CASE("a printer that is unplugged prints what it has taken",
		     unplugged_while_it_prints),
		CASE("a printer that is plugged in again goes on", plugged_in_again),
		CASE("a printer out of paper prints before it goes",
		     fault_stored_bytes_are_printed),
		CASE("faults come and go", faults_come_and_go),
		CASE("rudeness comes and goes", rudeness),
		CASE("every peripheral can be plugged in", other_peripherals),
		CASE("a recorder's log", recorder_writes_down),
		CASE("a converter's sound", converter_is_heard),
		CASE("the chip is changed while the port is free", chip_is_changed),
		CASE("who is told of the removal may ask and change", told_of_the_removal),
		CASE("changes while bytes move lose none", changed_while_it_works),
	};

	return cmocka_run_group_tests_name("a simulated port that is changed", tests, NULL, NULL);
}
