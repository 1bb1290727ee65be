/* SPDX-License-Identifier: MIT */
/* Sound through a port: what is written is heard, at its time, and stands in the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_dac.h>

#include "sim_bench.h"

#define ON       0x04u
#define OFF      0x0cu
#define FULL     0x40u
#define FIFO     16u
#define PERIOD   142857u
#define MOST     4096u
#define FILE_MAX 65536u

struct heard {
	uint64_t at_ns;
	uint8_t level;
};

static struct bench bench;
static struct opp_covox covox;
static struct opp_sound_source source;
static struct heard heard[MOST];
static uint32_t samples;
static uint8_t file[FILE_MAX];
static uint32_t file_bytes;

static void hear(void *context, uint8_t level, uint64_t at_ns)
{
	assert_ptr_equal(context, heard);
	assert_true(samples < MOST);
	heard[samples++] = (struct heard){ at_ns, level };
}

static const struct opp_dac_output to_ear = { heard, hear };

static void write_file(void *context, uint8_t byte)
{
	assert_ptr_equal(context, file);
	assert_true(file_bytes < FILE_MAX);
	file[file_bytes++] = byte;
}

static void start(struct opp_sim_peripheral *peripheral)
{
	samples = 0;
	file_bytes = 0;
	bench_start(&bench, OPP_SIM_SPP);
	opp_sim_attach(&bench.sim, peripheral);
	samples = 0;
}

static void start_source(void)
{
	assert_true(opp_sound_source_init(&source, &to_ear));
	start(&source.peripheral);
}

static void send(uint8_t byte)
{
	bench_out(&bench, DATA, byte);
	bench_out(&bench, CONTROL, OFF);
	bench_out(&bench, CONTROL, ON);
}

static void test_covox(void **state)
{
	(void)state;
	assert_true(opp_covox_init(&covox, &to_ear));
	start(&covox.peripheral);
	for (uint32_t i = 0; i < 1000; i++) {
		const uint8_t level = (uint8_t)(i * 7 + 1);

		bench_wait_ns(&bench, bench_random(&bench) % 100000);
		bench_out(&bench, DATA, level);
		bench_out(&bench, CONTROL, 0x0d);
		bench_out(&bench, CONTROL, 0x0c);
		assert_int_equal(samples, i + 1);
		assert_int_equal(heard[i].level, level);
		assert_int_equal(heard[i].at_ns, bench.sim.now_ns - 2 * BENCH_ACCESS_NS);
	}
}

static void test_full(void **state)
{
	(void)state;
	start_source();
	bench_out(&bench, CONTROL, ON);
	for (uint32_t i = 0; i < FIFO; i++) {
		assert_false(opp_sim_read(&bench.sim, STATUS) & FULL);
		opp_sim_write(&bench.sim, DATA, (uint8_t)i);
		opp_sim_write(&bench.sim, CONTROL, OFF);
		opp_sim_write(&bench.sim, CONTROL, ON);
	}
	assert_true(opp_sim_read(&bench.sim, STATUS) & FULL);
	/* a 17th without looking is lost, and it is still full */
	opp_sim_write(&bench.sim, DATA, 0xee);
	opp_sim_write(&bench.sim, CONTROL, OFF);
	opp_sim_write(&bench.sim, CONTROL, ON);
	assert_true(opp_sim_read(&bench.sim, STATUS) & FULL);
	bench_wait_ns(&bench, PERIOD + 1);
	assert_false(opp_sim_read(&bench.sim, STATUS) & FULL);
	bench_wait_ns(&bench, FIFO * PERIOD);
	assert_int_equal(samples, FIFO);
	for (uint32_t i = 0; i < FIFO; i++)
		assert_int_equal(heard[i].level, i);
}

static void test_steady(void **state)
{
	uint8_t sent[700];

	(void)state;
	start_source();
	bench_out(&bench, CONTROL, ON | 0x10);
	bench_random_bytes(&bench, sent, sizeof(sent));
	for (uint32_t i = 0; i < sizeof(sent); i++) {
		while (bench_in(&bench, STATUS) & FULL)
			continue;
		bench_out(&bench, DATA, sent[i]);
		bench_out(&bench, CONTROL, OFF | 0x10);
		bench_out(&bench, CONTROL, ON | 0x10);
	}
	bench_wait_ns(&bench, 100000000);
	assert_int_equal(samples, sizeof(sent));
	for (uint32_t i = 0; i < sizeof(sent); i++)
		assert_int_equal(heard[i].level, sent[i]);
	/* 7 kHz, no nanosecond lost */
	for (uint32_t i = 7; i < sizeof(sent); i += 7)
		assert_int_equal(heard[i].at_ns - heard[i - 7].at_ns, 1000000);
	/* every time it was full nAck rose */
	assert_int_equal(bench.interrupts, sizeof(sent) - FIFO + 1);
}

static void test_power(void **state)
{
	(void)state;
	start_source();
	assert_true(bench_in(&bench, STATUS) & FULL);
	bench_out(&bench, CONTROL, ON);
	for (uint32_t i = 0; i < 8; i++)
		send((uint8_t)(i + 1));
	bench_out(&bench, CONTROL, OFF);
	bench_wait_ns(&bench, 10000000);
	/* it had a millisecond's breath */
	assert_int_equal(samples, 7);
	assert_true(bench_in(&bench, STATUS) & FULL);
	bench_out(&bench, CONTROL, ON);
	bench_wait_ns(&bench, 10000000);
	assert_int_equal(samples, 7);
	send(0x55);
	bench_wait_ns(&bench, 10000000);
	assert_int_equal(samples, 8);
	send(0x66);
	opp_sim_detach(&bench.sim);
	bench_wait_ns(&bench, 10000000);
	assert_int_equal(samples, 8);
}

/* Its clock starts anew with the chip it is plugged into, and no alarm stays behind. */
static void test_plugged_elsewhere(void **state)
{
	(void)state;
	start_source();
	bench_wait_ns(&bench, UINT64_C(10000000000));
	bench_out(&bench, CONTROL, ON);
	send(0x11);
	bench_out(&bench, CONTROL, OFF);
	opp_sim_detach(&bench.sim);
	assert_int_equal(opp_sim_next_edge_ns(&bench.sim), OPP_SIM_NEVER);
	start(&source.peripheral);
	bench_out(&bench, CONTROL, ON);
	send(0x22);
	bench_wait_ns(&bench, 2 * PERIOD);
	assert_int_equal(samples, 1);
	assert_int_equal(heard[0].level, 0x22);
}

static void test_makes_no_sense(void **state)
{
	static const struct opp_dac_output to_nobody = { 0 };
	struct opp_wav wav;

	(void)state;
	assert_false(opp_covox_init(&covox, &to_nobody));
	assert_false(opp_sound_source_init(&source, &to_nobody));
	assert_false(opp_wav_init(&wav, 8000, 0, file, NULL));
	assert_false(opp_wav_init(&wav, 0, 0, file, write_file));
	assert_false(opp_wav_init(&wav, 192001, 0, file, write_file));
	assert_true(opp_wav_init(&wav, 192000, 0, file, write_file));
}

static uint32_t little(const uint8_t *bytes, uint32_t count)
{
	uint32_t number = 0;

	while (count--)
		number = number << 8 | bytes[count];
	return number;
}

static void test_wav(void **state)
{
	uint8_t header[OPP_WAV_HEADER_BYTES];
	struct opp_wav wav;

	(void)state;
	file_bytes = 0;
	assert_true(opp_wav_init(&wav, 8000, 1000000, file, write_file));
	opp_wav_sample(&wav, 0x10, 1000000);          /* at once */
	opp_wav_sample(&wav, 0x20, 1000000 + 250000); /* after two samples of 125 us */
	opp_wav_sample(&wav, 0x30, 1000000 + 250001); /* between two: one is heard */
	opp_wav_sample(&wav, 0x40, 1000000 + 300000); /* not heard */
	opp_wav_sample(&wav, 0x50, 1000000 + 500000);
	opp_wav_end(&wav, 1000000 + 1000000, header);
	assert_int_equal(file_bytes, 8);
	assert_memory_equal(file, "\x10\x10\x20\x40\x50\x50\x50\x50", 8);
	assert_memory_equal(header, "RIFF", 4);
	assert_int_equal(little(header + 4, 4), 36 + 8);
	assert_memory_equal(header + 8, "WAVEfmt ", 8);
	assert_int_equal(little(header + 16, 4), 16);
	assert_int_equal(little(header + 20, 2), 1);
	assert_int_equal(little(header + 22, 2), 1);
	assert_int_equal(little(header + 24, 4), 8000);
	assert_int_equal(little(header + 28, 4), 8000);
	assert_int_equal(little(header + 32, 2), 1);
	assert_int_equal(little(header + 34, 2), 8);
	assert_memory_equal(header + 36, "data", 4);
	assert_int_equal(little(header + 40, 4), 8);
}

static void test_wav_odd(void **state)
{
	uint8_t header[OPP_WAV_HEADER_BYTES];
	struct opp_wav wav;

	(void)state;
	file_bytes = 0;
	assert_true(opp_wav_init(&wav, 1000, 0, file, write_file));
	opp_wav_end(&wav, 2000001, header);
	assert_int_equal(file_bytes, 4);
	assert_int_equal(little(header + 4, 4), 36 + 4);
	assert_int_equal(little(header + 40, 4), 3);
}

static void test_wav_of_a_port(void **state)
{
	static const uint32_t rates[] = { 1, 7000, 11025, 44100 };
	struct opp_wav wav;
	const struct opp_dac_output to_file = { &wav, opp_wav_sample };

	(void)state;
	for (uint32_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		assert_true(opp_wav_init(&wav, rates[i], 0, file, write_file));
		assert_true(opp_covox_init(&covox, &to_file));
		start(&covox.peripheral);
		/* a square wave of 100 Hz for a second */
		for (uint32_t k = 0; k < 200; k++) {
			opp_sim_advance_to(&bench.sim, k * UINT64_C(5000000));
			opp_sim_write(&bench.sim, DATA, k & 1 ? 0xe0 : 0x20);
		}
		opp_wav_sample(&wav, 0x80, 1000000000);
		assert_int_equal(file_bytes, rates[i]);
		for (uint32_t k = 0; k < file_bytes; k++) {
			const uint32_t half = (uint32_t)(k * UINT64_C(200) / rates[i]);

			assert_int_equal(file[k], half & 1 ? 0xe0 : 0x20);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a Covox plays every level at the time it is written", test_covox, NULL, NULL,
		  NULL },
		{ "P-137 a Sound Source with 16 samples shows nAck high and loses the next",
		  test_full, NULL, NULL, NULL },
		{ "a Sound Source plays all it is given at 7 kHz", test_steady, NULL, NULL, NULL },
		{ "a Sound Source without power forgets its FIFO", test_power, NULL, NULL, NULL },
		{ "a WAV file holds the level of each instant", test_wav, NULL, NULL, NULL },
		{ "a WAV file of odd length is padded", test_wav_odd, NULL, NULL, NULL },
		{ "a second through a Covox is a second in the file at any rate",
		  test_wav_of_a_port, NULL, NULL, NULL },
		{ "a Sound Source keeps no time of another port", test_plugged_elsewhere, NULL,
		  NULL, NULL },
		{ "sound that goes nowhere is refused", test_makes_no_sense, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_dac", tests, NULL, NULL);
}
