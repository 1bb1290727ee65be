/* SPDX-License-Identifier: MIT */
/* What the keys of a simulated port name: lists of misdeeds and chips, and files of peripherals. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lists.h"
#include "memory.h"
#include "output.h"
#include "sound.h"

/* ---- lists ---------------------------------------------------------------------------- */

static void misdeeds(void **state)
{
	struct opp_misdeeds list;

	(void)state;
	assert_true(
		opp_misdeeds_parse(" 6:never  16+:late:500 3:wrong:0x80 75:glitch:7:0xf8", &list));
	assert_int_equal(list.count, 4);
	assert_int_equal(list.misdeed[0].event, 6);
	assert_int_equal(list.misdeed[0].what, OPP_1284_NEVER);
	assert_false(list.misdeed[0].always);
	assert_int_equal(list.misdeed[1].event, 16);
	assert_int_equal(list.misdeed[1].what, OPP_1284_LATE);
	assert_true(list.misdeed[1].always);
	assert_int_equal(list.misdeed[1].us, 500);
	assert_int_equal(list.misdeed[2].levels, 0x80);
	assert_int_equal(list.misdeed[2].mask, 0xf8);
	assert_int_equal(list.misdeed[3].us, 7);
	assert_int_equal(list.misdeed[3].mask, 0xf8);
	assert_true(opp_misdeeds_parse("1:vanish 2:die", &list));
	assert_int_equal(list.misdeed[0].what, OPP_1284_VANISH);
	assert_int_equal(list.misdeed[1].what, OPP_1284_DIE);
}

static void no_misdeeds(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"never",
		"6",
		"6:",
		"0:never",
		"76:never",
		"6:nev",
		"6:nevermore",
		"6:never:1",
		"6:late",
		"6:late:",
		"6:late:-1",
		"6:late:60000001",
		"6:wrong:0x100",
		"6:glitch:1",
		"6:glitch:1:256",
		"6 :never",
		"-6:never",
		"6:never,7:never",
	};
	char many[] = "1:die 1:die 1:die 1:die 1:die 1:die 1:die 1:die "
		      "1:die 1:die 1:die 1:die 1:die 1:die 1:die 1:die 1:die";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(opp_misdeeds_good(bad[i]));
	assert_false(opp_misdeeds_good(many));
	many[strlen(many) - strlen(" 1:die")] = '\0';
	assert_true(opp_misdeeds_good(many));
}

static void taps(void **state)
{
	struct opp_taps list;

	(void)state;
	assert_true(opp_taps_parse("4:0x3f0f0f0f 32:1:0xffffffff 2:0", &list));
	assert_int_equal(list.count, 3);
	assert_int_equal(list.tap[0].ir_bits, 4);
	assert_int_equal(list.tap[0].idcode, 0x3f0f0f0f);
	assert_int_equal(list.tap[0].idcode_instruction, 0xe);
	assert_int_equal(list.tap[0].ir_capture, 1);
	assert_int_equal(list.tap[1].ir_bits, 32);
	assert_int_equal(list.tap[1].idcode_instruction, 0xffffffff);
	assert_int_equal(list.tap[2].idcode, 0);
	assert_int_equal(list.tap[2].idcode_instruction, 2);
	assert_false(opp_taps_good(""));
	assert_false(opp_taps_good("4"));
	assert_false(opp_taps_good("1:0"));
	assert_false(opp_taps_good("33:0"));
	assert_false(opp_taps_good("4:0x100000000"));
	assert_false(opp_taps_good("4:1:16"));
	assert_false(opp_taps_good("4:1:14:"));
	assert_false(opp_taps_good("4:1,4:1"));
}

/* ---- memories -------------------------------------------------------------------------- */

static char path[64];

static int make_path(void **state)
{
	(void)state;
	strcpy(path, "host-files-XXXXXX");
	assert_true(close(mkstemp(path)) == 0);
	return 0;
}

static int remove_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void put(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static size_t get(void *bytes, size_t count)
{
	FILE *file = fopen(path, "r");
	size_t got;

	assert_non_null(file);
	got = fread(bytes, 1, count, file);
	fclose(file);
	return got;
}

static void contents_come_and_go(void **state)
{
	struct opp_memory *memory;
	uint8_t content[20];

	(void)state;
	put("code");
	assert_int_equal(opp_memory_open(&memory, "flash", path, 8, NULL), OPP_SUCCESS);
	assert_memory_equal(memory->bytes, "code\xff\xff\xff\xff", 8);
	opp_memory_close(memory);
	assert_int_equal(get(content, sizeof(content)), 4);
	assert_int_equal(opp_memory_open(&memory, "flash", path, 8, NULL), OPP_SUCCESS);
	memory->bytes[7] = 0x55;
	opp_memory_close(memory);
	assert_int_equal(get(content, sizeof(content)), 8);
	assert_memory_equal(content, "code\xff\xff\xff\x55", 8);
}

static void contents_without_a_file(void **state)
{
	struct opp_memory *memory;

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(opp_memory_open(&memory, "flash", path, 4, NULL), OPP_SUCCESS);
	assert_memory_equal(memory->bytes, "\xff\xff\xff\xff", 4);
	opp_memory_close(memory);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(opp_memory_open(&memory, "flash", NULL, 4, NULL), OPP_SUCCESS);
	memory->bytes[0] = 0;
	opp_memory_close(memory);
}

static void contents_that_do_not_fit(void **state)
{
	struct opp_error error = { .text = "" };
	struct opp_memory *memory;

	(void)state;
	put("12345");
	assert_int_equal(opp_memory_open(&memory, "flash", path, 4, &error), OPP_INVALID_PARAMETER);
	assert_non_null(strstr(error.text, "flash = "));
	assert_non_null(strstr(error.text, "at most 4 bytes"));
	assert_int_equal(opp_memory_open(&memory, "flash", "/", 4, &error), OPP_INVALID_PARAMETER);
	assert_int_equal(opp_memory_load(&memory, "input", path, 4, &error), OPP_INVALID_PARAMETER);
	assert_int_equal(opp_memory_load(&memory, "input", path, 5, &error), OPP_SUCCESS);
	assert_int_equal(memory->count, 5);
	opp_memory_close(memory);
}

/* ---- outputs ------------------------------------------------------------------------------ */

static void nobody_cares(void *context)
{
	(void)context;
}

#define MUCH 400000u

/* A FIFO whose reader does not read: what does not fit is kept, and comes in order. */
static void added_bytes_are_kept(void **state)
{
	struct opp_output *output;
	uint32_t i, at = 0;
	bool room = true;
	uint8_t bytes[4096];
	ssize_t got;
	int reader;

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(opp_output_open(&output, "output", path, false, nobody_cares, NULL, NULL),
			 OPP_SUCCESS);
	for (i = 0; i < MUCH; i++)
		room = opp_output_add(output, (uint8_t)(i ^ i >> 8)) && room;
	assert_false(room);
	assert_false(opp_output_put(output, 0));
	assert_int_equal(fcntl(reader, F_SETFL, 0), 0);
	while (at < MUCH) {
		got = read(reader, bytes, sizeof(bytes));
		assert_true(got > 0);
		for (i = 0; i < (uint32_t)got; i++, at++)
			assert_int_equal(bytes[i], (uint8_t)(at ^ at >> 8));
	}
	opp_output_close(output);
	assert_int_equal(read(reader, bytes, sizeof(bytes)), 0);
	close(reader);
}

static void head_comes_last(void **state)
{
	struct opp_output *output;
	char bytes[16];

	(void)state;
	put("what was there before");
	assert_int_equal(opp_output_open(&output, "wav", path, true, nobody_cares, NULL, NULL),
			 OPP_SUCCESS);
	assert_true(opp_output_add(output, '.') && opp_output_add(output, '.') &&
		    opp_output_add(output, 'c'));
	opp_output_set_head(output, (const uint8_t *)"ab", 2);
	opp_output_close(output);
	assert_int_equal(get(bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "abc", 3);
}

/* A week of silence is a second of it; what comes first is not waited for. */
static void long_silence_is_short(void **state)
{
	const uint64_t week_ns = UINT64_C(604800000000000);
	uint8_t bytes[4096];
	struct opp_sound *sound;
	size_t got;

	(void)state;
	assert_int_equal(opp_sound_open(&sound, path, 1000, nobody_cares, NULL, NULL), OPP_SUCCESS);
	opp_sound_sample(sound, 0x10, week_ns);
	opp_sound_sample(sound, 0x20, week_ns + 10000000);
	opp_sound_sample(sound, 0x30, 2 * week_ns);
	opp_sound_close(sound);
	got = get(bytes, sizeof(bytes));
	assert_int_equal(got, OPP_WAV_HEADER_BYTES + 10 + 1000);
	assert_memory_equal(bytes, "RIFF", 4);
	assert_int_equal(bytes[OPP_WAV_HEADER_BYTES], 0x10);
	assert_int_equal(bytes[OPP_WAV_HEADER_BYTES + 9], 0x10);
	assert_int_equal(bytes[OPP_WAV_HEADER_BYTES + 10], 0x20);
	assert_int_equal(bytes[got - 1], 0x20);
}

#define FILE_CASE(name, function)                                                                  \
	{                                                                                          \
		name, function, make_path, remove_path, NULL                                       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "misdeeds are read from a text", misdeeds, NULL, NULL, NULL },
		{ "texts that are no misdeeds", no_misdeeds, NULL, NULL, NULL },
		{ "JTAG chips are read from a text", taps, NULL, NULL, NULL },
		FILE_CASE("a memory is read from its file and changes are written",
			  contents_come_and_go),
		FILE_CASE("a memory whose file is not there is erased", contents_without_a_file),
		FILE_CASE("a file that does not fit is refused", contents_that_do_not_fit),
		FILE_CASE("bytes that must be taken are kept in order", added_bytes_are_kept),
		FILE_CASE("a head is written over the beginning", head_comes_last),
		FILE_CASE("a long silence is a second", long_silence_is_short),
	};

	return cmocka_run_group_tests_name("files and lists of a port", tests, NULL, NULL);
}
