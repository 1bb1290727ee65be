/* SPDX-License-Identifier: MIT */
/* Two AVRs, programmed bit by bit through an STK200 dongle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_spi.h>

#include "sim_bench.h"

#define DISABLE 0x0cu
#define SCK     0x10u
#define MOSI    0x20u
#define RESET   0x80u
#define MISO    0x40u

#define FLASH    8192u
#define PAGE     64u
#define EEPROM   512u
#define WRITE_NS 50000u /* a poll takes 2 us: longer ones only cost time */
#define ERASE_NS 9000000u

static struct bench bench;
static struct opp_avr avr;
static uint8_t flash[FLASH];
static uint8_t eeprom[EEPROM];
static uint8_t page[PAGE];

static void start(struct opp_avr_options options)
{
	options.flash = flash;
	options.eeprom = eeprom;
	options.eeprom_bytes = EEPROM;
	options.write_us = WRITE_NS / 1000;
	options.erase_us = ERASE_NS / 1000;
	bench_start(&bench, OPP_SIM_SPP);
	bench_random_bytes(&bench, flash, FLASH);
	bench_random_bytes(&bench, eeprom, EEPROM);
	assert_true(opp_avr_init(&avr, &options));
	opp_sim_attach(&bench.sim, &avr.peripheral);
	bench_out(&bench, DATA, RESET);
	bench_out(&bench, DATA, 0);
}

static void start_mega(void)
{
	start((struct opp_avr_options){
		.signature = { 0x1e, 0x93, 0x07 },
		.flash_bytes = FLASH,
		.page = page,
		.page_bytes = PAGE,
	});
}

static void start_classic(void)
{
	start((struct opp_avr_options){
		.signature = { 0x1e, 0x91, 0x01 },
		.flash_bytes = 2048,
		.without_poll = true,
	});
}

static bool clock_bit(bool bit)
{
	const uint8_t mosi = bit ? MOSI : 0;
	bool miso;

	opp_sim_write(&bench.sim, DATA, mosi);
	opp_sim_write(&bench.sim, DATA, mosi | SCK);
	miso = opp_sim_read(&bench.sim, STATUS) & MISO;
	opp_sim_write(&bench.sim, DATA, mosi);
	return miso;
}

/* Four bytes out; returns the four that came in. */
static uint32_t instruct(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint32_t out = (uint32_t)a << 24 | (uint32_t)b << 16 | (uint32_t)c << 8 | d;
	uint32_t in = 0;

	for (uint32_t i = 0; i < 32; i++)
		in = in << 1 | clock_bit(out << i & 0x80000000u);
	bench_wait_ns(&bench, BENCH_ACCESS_NS);
	return in;
}

static bool enable(void)
{
	return (instruct(0xac, 0x53, 0, 0) >> 8 & 0xff) == 0x53;
}

static uint8_t read_flash(uint32_t at)
{
	return (uint8_t)instruct(at & 1 ? 0x28 : 0x20, (uint8_t)(at >> 9), (uint8_t)(at >> 1), 0);
}

static uint8_t read_eeprom(uint32_t at)
{
	return (uint8_t)instruct(0xa0, (uint8_t)(at >> 8), (uint8_t)at, 0);
}

static void write_eeprom(uint32_t at, uint8_t byte)
{
	instruct(0xc0, (uint8_t)(at >> 8), (uint8_t)at, byte);
}

static void wait_polling(uint64_t least_ns)
{
	const uint64_t began_ns = bench.sim.now_ns;

	while (instruct(0xf0, 0, 0, 0) & 1)
		assert_true(bench.sim.now_ns - began_ns < 2 * least_ns);
	assert_true(bench.sim.now_ns - began_ns > least_ns / 2);
}

static void test_enable(void **state)
{
	(void)state;
	start_mega();
	/* deaf until it is enabled */
	assert_int_equal(instruct(0x30, 0, 0, 0), 0xffffffff);
	assert_true(enable());
	assert_true(avr.programming);
	assert_int_equal(instruct(0x30, 0, 0, 0) & 0xff, 0x1e);
	assert_int_equal(instruct(0x30, 0, 1, 0) & 0xff, 0x93);
	assert_int_equal(instruct(0x30, 0, 2, 0) & 0xff, 0x07);
	/* neither locked nor fused */
	assert_int_equal(instruct(0x58, 0, 0, 0) & 0xff, 0xff);
	assert_int_equal(instruct(0x50, 0, 0, 0) & 0xff, 0xff);
	/* every other byte comes back one later */
	assert_int_equal(instruct(0x30, 0x12, 0x01, 0x34) & 0xffffff, 0x301293);
	assert_int_equal(instruct(0x77, 0x12, 0x56, 0x34), 0x34771256);
}

static void test_sync(void **state)
{
	(void)state;
	for (uint32_t off = 0; off < 32; off++) {
		uint32_t tries;

		start_mega();
		for (uint32_t i = 0; i < off; i++)
			clock_bit(false);
		for (tries = 0; !enable(); tries++)
			clock_bit(false);
		assert_int_equal(tries, off ? 32 - off : 0);
		assert_int_equal(instruct(0x30, 0, 1, 0) & 0xff, 0x93);
	}
}

static void test_lines(void **state)
{
	static const uint8_t lets_go[] = { RESET, DISABLE, 0x04, 0x08 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(lets_go); i++) {
		start_mega();
		assert_true(enable());
		bench_out(&bench, DATA, lets_go[i]);
		assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x78);
		for (uint32_t k = 0; k < 9; k++) {
			bench_out(&bench, DATA, lets_go[i] | SCK);
			bench_out(&bench, DATA, lets_go[i]);
		}
		bench_out(&bench, DATA, 0);
		assert_false(avr.programming);
		assert_int_equal(instruct(0x30, 0, 0, 0) & 0xff, 0xff);
		assert_true(enable());
	}
}

static void test_read_all(void **state)
{
	(void)state;
	start_mega();
	assert_true(enable());
	for (uint32_t i = 0; i < FLASH; i++)
		assert_int_equal(read_flash(i), flash[i]);
	for (uint32_t i = 0; i < EEPROM; i++)
		assert_int_equal(read_eeprom(i), eeprom[i]);
	assert_int_equal(read_flash(FLASH), 0xff);
	assert_int_equal(read_eeprom(EEPROM), 0xff);
}

static void test_erase(void **state)
{
	(void)state;
	start_mega();
	/* not before it is enabled */
	instruct(0xac, 0x80, 0, 0);
	assert_true(enable());
	flash[5] = 0x11;
	assert_int_equal(read_flash(5), 0x11);
	instruct(0xac, 0x80, 0, 0);
	assert_int_equal(instruct(0xf0, 0, 0, 0) & 1, 1);
	/* at work it writes nothing */
	write_eeprom(3, 0x22);
	bench_wait_ns(&bench, ERASE_NS);
	assert_int_equal(instruct(0xf0, 0, 0, 0) & 1, 0);
	for (uint32_t i = 0; i < FLASH; i++)
		assert_int_equal(flash[i], 0xff);
	for (uint32_t i = 0; i < EEPROM; i++)
		assert_int_equal(eeprom[i], 0xff);
}

static void test_pages(void **state)
{
	static uint8_t image[FLASH];

	(void)state;
	start_mega();
	bench_random_bytes(&bench, image, FLASH);
	assert_true(enable());
	instruct(0xac, 0x80, 0, 0);
	bench_wait_ns(&bench, ERASE_NS);
	for (uint32_t at = 0; at < FLASH; at += PAGE) {
		for (uint32_t i = 0; i < PAGE; i += 2) {
			const uint8_t word = (uint8_t)((at + i) >> 1);

			instruct(0x40, 0, word, image[at + i]);
			instruct(0x48, 0, word, image[at + i + 1]);
		}
		assert_int_equal(flash[at], 0xff);
		instruct(0x4c, (uint8_t)(at >> 9), (uint8_t)(at >> 1), 0);
		wait_polling(WRITE_NS);
	}
	assert_memory_equal(flash, image, FLASH);
	/* without an erase only zeros are added; what was not loaded stays */
	instruct(0x40, 0, 0, 0x0f);
	instruct(0x4c, 0, 0, 0);
	bench_wait_ns(&bench, WRITE_NS);
	assert_int_equal(flash[0], image[0] & 0x0f);
	assert_memory_equal(flash + 1, image + 1, FLASH - 1);
	instruct(0x40, 0, 0, 0x00);
	instruct(0x4c, 0x10, 0, 0);
	assert_memory_equal(flash + 1, image + 1, FLASH - 1);
}

static void test_bytes(void **state)
{
	(void)state;
	start_classic();
	assert_true(enable());
	assert_int_equal(instruct(0x30, 0, 1, 0) & 0xff, 0x91);
	instruct(0xac, 0x80, 0, 0);
	bench_wait_ns(&bench, ERASE_NS);
	/* it knows neither polling nor pages */
	assert_int_equal(instruct(0xf0, 0, 0x5a, 0) & 0xff, 0x5a);
	instruct(0x4c, 0, 0, 0);
	for (uint32_t i = 0; i < 200; i++) {
		const uint32_t at = i * 37 % 2048;
		const uint8_t byte = (uint8_t)(bench_random(&bench) & 0x7f);
		uint32_t polls = 0;

		instruct(at & 1 ? 0x48 : 0x40, (uint8_t)(at >> 9), (uint8_t)(at >> 1), byte);
		while (read_flash(at) != byte)
			assert_true(++polls < 1000);
		assert_true(polls > 10);
		assert_int_equal(flash[at], byte);
	}
	instruct(0x40, 0x04, 0, 0);
	assert_int_equal(read_flash(0x800), 0xff);
}

static void test_eeprom(void **state)
{
	(void)state;
	start_mega();
	assert_true(enable());
	for (uint32_t i = 0; i < 100; i++) {
		const uint32_t at = bench_random(&bench) % EEPROM;
		const uint8_t byte = (uint8_t)bench_random(&bench);

		/* which needs no erase */
		write_eeprom(at, byte);
		wait_polling(WRITE_NS);
		assert_int_equal(eeprom[at], byte);
		assert_int_equal(read_eeprom(at), byte);
	}
	write_eeprom(EEPROM, 0);
	assert_int_equal(instruct(0xf0, 0, 0, 0) & 1, 0);
}

/* Time starts anew with the chip it is plugged into. */
static void test_plugged_elsewhere(void **state)
{
	(void)state;
	start_mega();
	assert_true(enable());
	bench_wait_ns(&bench, UINT64_C(1000000000));
	write_eeprom(3, 0x22);
	opp_sim_detach(&bench.sim);
	bench_start(&bench, OPP_SIM_SPP);
	opp_sim_attach(&bench.sim, &avr.peripheral);
	assert_true(enable());
	assert_int_equal(instruct(0xf0, 0, 0, 0) & 1, 0);
}

static void test_makes_no_sense(void **state)
{
	static const uint32_t bad[][2] = { { FLASH, 0 },        { FLASH, 1 },  { FLASH, 48 },
					   { FLASH, 512 },      { 100, PAGE }, { PAGE / 2, PAGE },
					   { FLASH - 2, PAGE }, { 0, PAGE } };
	struct opp_avr_options options = { .flash = flash, .page = page };

	(void)state;
	for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		options.flash_bytes = bad[i][0];
		options.page_bytes = bad[i][1];
		assert_false(opp_avr_init(&avr, &options));
	}
	options.flash_bytes = 2 * PAGE;
	options.page_bytes = PAGE;
	assert_true(opp_avr_init(&avr, &options));
	options.flash = NULL;
	assert_false(opp_avr_init(&avr, &options));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "Programming Enable is echoed, then the signature is told", test_enable, NULL,
		  NULL, NULL },
		{ "a programmer that is some bits off gets into step", test_sync, NULL, NULL,
		  NULL },
		{ "the buffers and /RESET end programming", test_lines, NULL, NULL, NULL },
		{ "all of flash and EEPROM is read", test_read_all, NULL, NULL, NULL },
		{ "a chip erase takes its time and all there was", test_erase, NULL, NULL, NULL },
		{ "an ATmega is written page by page, polling", test_pages, NULL, NULL, NULL },
		{ "an AT90S is written byte by byte, reading until it is there", test_bytes, NULL,
		  NULL, NULL },
		{ "a chip at work is ready when plugged in elsewhere", test_plugged_elsewhere, NULL,
		  NULL, NULL },
		{ "pages that do not fill the flash are refused", test_makes_no_sense, NULL, NULL,
		  NULL },
		{ "EEPROM is written byte by byte", test_eeprom, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_avr", tests, NULL, NULL);
}
