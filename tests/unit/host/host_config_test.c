/* SPDX-License-Identifier: MIT */
/* The keys of a port: what is taken, what is refused and how that is explained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_1284.h>

#include "host_port.h"

static struct opp_host_config config;

static int start(void **state)
{
	(void)state;
	opp_host_config_defaults(&config, 3);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	opp_host_config_release(&config);
	return 0;
}

static void takes(const char *key, const char *value)
{
	struct opp_error error = { .text = "" };

	if (opp_host_config_set(&config, key, value, &error) != OPP_SUCCESS)
		fail_msg("%s", error.text);
}

/* The explanation names the key, the value and @expected. */
static void refuses(const char *key, const char *value, const char *expected)
{
	struct opp_error error = { .text = "" };

	assert_int_equal(opp_host_config_set(&config, key, value, &error), OPP_INVALID_PARAMETER);
	assert_int_equal(error.status, OPP_INVALID_PARAMETER);
	assert_non_null(strstr(error.text, key));
	assert_non_null(strstr(error.text, value));
	assert_non_null(strstr(error.text, expected));
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(config.number, 3);
	assert_int_equal(config.chip.chip, OPP_SIM_PS2);
	assert_int_equal(config.peripheral, OPP_HOST_PRINTER);
	assert_int_equal(config.on_death, OPP_ON_DEATH_IDLE);
	assert_null(config.output);
	assert_false(config.paper_out || config.off_line || config.error || config.powered_off);
}

static void words(void **state)
{
	(void)state;
	takes("chip", "spp");
	assert_int_equal(config.chip.chip, OPP_SIM_SPP);
	takes("peripheral", "none");
	assert_int_equal(config.peripheral, OPP_HOST_NO_PERIPHERAL);
	takes("on_death", "keep");
	assert_int_equal(config.on_death, OPP_ON_DEATH_KEEP);
	takes("ack_order", "after-busy");
	assert_int_equal(config.printer.ack_order, OPP_SIM_ACK_AFTER_BUSY);
	takes("ack_order", "while-busy");
	assert_int_equal(config.printer.ack_order, OPP_SIM_ACK_WHILE_BUSY);
	takes("ack_order", "in-busy");
	assert_int_equal(config.printer.ack_order, OPP_SIM_ACK_IN_BUSY);
	refuses("chip", "lpt", "spp, ps2, epp, ecp or ecp-epp");
	refuses("chip", "", "ecp or ecp-epp");
	refuses("chip", "SPP", "ecp or ecp-epp");
	refuses("ack_order", "busy", "in-busy, after-busy or while-busy");
	assert_int_equal(config.chip.chip, OPP_SIM_SPP);
}

static void numbers(void **state)
{
	(void)state;
	takes("characters_per_second", "0");
	takes("characters_per_second", "10000000");
	assert_int_equal(config.printer.characters_per_second, 10000000);
	takes("buffer_bytes", "00512");
	assert_int_equal(config.printer.buffer_bytes, 512);
	takes("busy_every_bytes", "64");
	assert_int_equal(config.printer.busy_every_bytes, 64);
	takes("busy_extra_us", "100000");
	assert_int_equal(config.printer.busy_extra_us, 100000);
	takes("ack_ns", "500");
	assert_int_equal(config.printer.ack_ns, 500);
}

static void numbers_that_are_none(void **state)
{
	static const char *const bad[] = { "",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "12x",
					   "0x10",
					   "1.5",
					   "1e3",
					   "ten",
					   "18446744073709551615",
					   "18446744073709551617",
					   "99999999999999999999999999" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses("buffer_bytes", bad[i], "a whole number from 0 to 16777216");
	assert_int_equal(config.printer.buffer_bytes, 0);
}

static void ranges(void **state)
{
	(void)state;
	refuses("characters_per_second", "10000001", "10000000");
	refuses("buffer_bytes", "16777217", "16777216");
	refuses("busy_extra_us", "60000001", "60000000");
	refuses("ack_ns", "499", "from 500 to 10000");
	refuses("ack_ns", "10001", "from 500 to 10000");
	refuses("ack_ns", "4294967796", "from 500 to 10000");
}

static void yes_or_no(void **state)
{
	(void)state;
	takes("paper_out", "yes");
	takes("off_line", "yes");
	takes("error", "yes");
	takes("powered_off", "yes");
	assert_true(config.paper_out && config.off_line && config.error && config.powered_off);
	takes("error", "no");
	assert_false(config.error);
	takes("paper_out", "false");
	assert_false(config.paper_out);
	takes("paper_out", "true");
	refuses("paper_out", "1", "yes, no, true or false");
	refuses("paper_out", "y", "yes, no, true or false");
	assert_true(config.paper_out);
}

static void output_is_copied(void **state)
{
	char path[] = "first.prn";

	(void)state;
	takes("output", path);
	path[0] = 'X';
	assert_string_equal(config.output, "first.prn");
	takes("output", "second.prn");
	assert_string_equal(config.output, "second.prn");
	refuses("output", "", "a file's path");
	assert_string_equal(config.output, "second.prn");
}

static void sets(void **state)
{
	(void)state;
	assert_int_equal(config.modes, 0);
	takes("modes", "nibble epp");
	assert_int_equal(config.modes, OPP_1284_NIBBLE | OPP_1284_EPP);
	takes("modes", " byte,ecp  ecp_rle ");
	assert_int_equal(config.modes, OPP_1284_BYTE | OPP_1284_ECP | OPP_1284_ECP_RLE);
	refuses("modes", "nibbles", "none or some of nibble, byte");
	refuses("modes", "nibble none", "none or some of");
	refuses("modes", "", "none or some of");
	takes("modes", "none");
	assert_int_equal(config.modes, 0);
}

static void bytes_of_the_chip(void **state)
{
	(void)state;
	takes("fifo_words", "64");
	assert_int_equal(config.chip.fifo_words, 64);
	assert_int_equal(config.chip.fifo_threshold, 0);
	refuses("fifo_words", "65", "from 0 to 64");
	refuses("config_b", "256", "from 0 to 255");
	takes("epp", "1.7");
	assert_int_equal(config.chip.epp_version, OPP_SIM_EPP_1_7);
	takes("pword_bytes", "4");
	assert_int_equal(config.chip.pword, OPP_SIM_PWORD_4);
}

static void texts(void **state)
{
	(void)state;
	assert_non_null(config.id);
	takes("id", "MFG:A;MDL:B;");
	assert_string_equal(config.id, "MFG:A;MDL:B;");
	takes("id", "none");
	assert_null(config.id);
	takes("rude", "6:never");
	refuses("rude", "6:sometimes", "EVENT:WHAT");
	assert_string_equal(config.rude, "6:never");
	takes("taps", "4:0x1 5:0x3");
	refuses("taps", "40:1", "BITS:IDCODE");
	takes("output", "page");
	takes("output", "none");
	assert_null(config.output);
}

static void unknown_keys(void **state)
{
	struct opp_error error;

	(void)state;
	assert_int_equal(opp_host_config_set(&config, "colour", "red", &error),
			 OPP_INVALID_PARAMETER);
	assert_non_null(strstr(error.text, "\"colour\""));
	assert_non_null(strstr(error.text, "parport.conf(5)"));
	assert_int_equal(opp_host_config_set(&config, "", "red", NULL), OPP_INVALID_PARAMETER);
}

static void long_values(void **state)
{
	struct opp_error error;
	char value[1000];

	(void)state;
	memset(value, '7', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(opp_host_config_set(&config, "ack_ns", value, &error),
			 OPP_INVALID_PARAMETER);
	assert_true(strlen(error.text) < sizeof(error.text));
	assert_non_null(strstr(error.text, "from 500 to 10000"));
	assert_int_equal(opp_host_config_set(&config, value, "1", &error), OPP_INVALID_PARAMETER);
	assert_non_null(strstr(error.text, "parport.conf(5)"));
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, start, stop, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("a port without any key", defaults),
		CASE("words", words),
		CASE("numbers", numbers),
		CASE("numbers that are none", numbers_that_are_none),
		CASE("numbers out of range", ranges),
		CASE("yes or no", yes_or_no),
		CASE("a path is copied", output_is_copied),
		CASE("sets", sets),
		CASE("bytes and words of the chip", bytes_of_the_chip),
		CASE("texts", texts),
		CASE("an unknown key is answered with where the keys stand", unknown_keys),
		CASE("a long value does not spoil the explanation", long_values),
	};

	return cmocka_run_group_tests_name("keys of a port", tests, NULL, NULL);
}
