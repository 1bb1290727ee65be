/* SPDX-License-Identifier: MIT */
/*
 * The example for emulator authors boots its guest, which finds out which chip it was
 * given and prints that. Takes the paths of the emulator and of the guest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *emulator, *guest;

/* What it says with @chip, on stdout and stderr. Returns its exit status. */
static int run(const char *sector, const char *chip, char *said, size_t size)
{
	char command[512];
	size_t length;
	FILE *output;

	(void)snprintf(command, sizeof(command), "%s %s %s 2>&1", emulator, sector, chip);
	output = popen(command, "r");
	assert_non_null(output);
	length = fread(said, 1, size - 1, output);
	said[length] = '\0';
	return pclose(output);
}

static void expect(const char *chip, const char *expected)
{
	char said[256];

	assert_int_equal(run(guest, chip, said, sizeof(said)), 0);
	assert_string_equal(said, expected);
}

/* An interrupt a byte, 100 bytes a second of the guest's time, no error of a host. */
static void test_chips(void **state)
{
	(void)state;
	expect("spp", "A guest found: SPP\r\n20 interrupts, 200 ms\n");
	expect("ps2", "A guest found: SPP PS/2\r\n25 interrupts, 250 ms\n");
	expect("epp", "A guest found: SPP PS/2 EPP\r\n29 interrupts, 290 ms\n");
	expect("ecp", "A guest found: SPP ECP PS/2\r\n29 interrupts, 290 ms\n");
	expect("ecp+epp", "A guest found: SPP ECP PS/2 EPP\r\n33 interrupts, 330 ms\n");
}

static void test_no_port(void **state)
{
	(void)state;
	expect("none", "0 interrupts, 0 ms\n");
}

static void test_wrong_arguments(void **state)
{
	char said[256];

	(void)state;
	assert_int_not_equal(run(guest, "lpt", said, sizeof(said)), 0);
	assert_int_not_equal(run("/dev/null", "spp", said, sizeof(said)), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{ "an emulator's guest detects each chip and prints through it by interrupts",
		  test_chips, NULL, NULL, NULL },
		{ "an emulator's guest finds no port where there is none", test_no_port, NULL, NULL,
		  NULL },
		{ "the example emulator refuses what is no chip and no boot sector",
		  test_wrong_arguments, NULL, NULL, NULL },
	};

	if (argc != 3)
		return 2;
	emulator = argv[1];
	guest = argv[2];
	return cmocka_run_group_tests_name("emulator", tests, NULL, NULL);
}
