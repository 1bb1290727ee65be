/* SPDX-License-Identifier: MIT */
/* A serial flash memory, driven bit by bit through a RayeR cable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_spi.h>

#include "sim_bench.h"

#define BYTES   0x40000u
#define CS      0x20u
#define SCK     0x40u
#define MOSI    0x80u
#define MISO    0x40u
#define BUSY    0x01u
#define ENABLED 0x02u

static struct bench bench;
static struct opp_spi_flash flash;
static uint8_t content[BYTES];
static uint8_t expected[BYTES];

static uint8_t exchange(uint8_t byte)
{
	uint8_t in = 0;

	for (uint32_t i = 0; i < 8; i++) {
		const uint8_t mosi = byte << i & 0x80 ? MOSI : 0;

		opp_sim_write(&bench.sim, DATA, mosi);
		opp_sim_write(&bench.sim, DATA, mosi | SCK);
		in = (uint8_t)(in << 1 | !!(opp_sim_read(&bench.sim, STATUS) & MISO));
		opp_sim_write(&bench.sim, DATA, mosi);
	}
	return in;
}

static void begin(uint8_t command)
{
	bench_out(&bench, DATA, CS);
	bench_out(&bench, DATA, 0);
	exchange(command);
}

static void begin_at(uint8_t command, uint32_t address)
{
	begin(command);
	exchange((uint8_t)(address >> 16));
	exchange((uint8_t)(address >> 8));
	exchange((uint8_t)address);
}

static void end(void)
{
	bench_out(&bench, DATA, CS);
}

static void order(uint8_t command)
{
	begin(command);
	end();
}

static uint8_t status(void)
{
	uint8_t value;

	begin(0x05);
	value = exchange(0);
	end();
	return value;
}

static void wait_ready(void)
{
	for (uint32_t i = 0; status() & BUSY; i++) {
		assert_true(i < 100000);
		bench_wait_ns(&bench, 10000);
	}
}

static void start(void)
{
	const struct opp_spi_flash_options options = {
		.id = { 0xef, 0x40, 0x12 },
		.content = content,
		.bytes = BYTES,
		.page_us = 700,
		.sector_us = 30000,
		.block_us = 150000,
		.chip_us = 1000000,
	};

	bench_start(&bench, OPP_SIM_SPP);
	bench_random_bytes(&bench, content, BYTES);
	memcpy(expected, content, BYTES);
	assert_true(opp_spi_flash_init(&flash, &options));
	opp_sim_attach(&bench.sim, &flash.peripheral);
}

static void test_id(void **state)
{
	(void)state;
	start();
	for (uint32_t i = 0; i < 3; i++) {
		begin(0x9f);
		assert_int_equal(exchange(0), 0xef);
		assert_int_equal(exchange(0), 0x40);
		assert_int_equal(exchange(0), 0x12);
		end();
	}
	/* not selected: MISO floats and bits go nowhere */
	bench_out(&bench, DATA, CS | MOSI);
	bench_out(&bench, DATA, CS | MOSI | SCK);
	assert_int_equal(bench_in(&bench, STATUS) & 0xf8, 0x78);
}

static void test_read(void **state)
{
	(void)state;
	start();
	for (uint32_t i = 0; i < 100; i++) {
		const uint32_t address = bench_random(&bench) & 0xffffff;
		const bool fast = i & 1;

		begin_at(fast ? 0x0b : 0x03, address);
		if (fast)
			exchange(0);
		for (uint32_t k = 0; k < 40; k++)
			assert_int_equal(exchange(0), expected[(address + k) % BYTES]);
		end();
	}
	/* round the end to the beginning */
	begin_at(0x03, BYTES - 2);
	for (uint32_t k = 0; k < 4; k++)
		assert_int_equal(exchange(0), expected[(BYTES - 2 + k) % BYTES]);
	end();
	assert_memory_equal(content, expected, BYTES);
}

static void test_program(void **state)
{
	(void)state;
	start();
	for (uint32_t i = 0; i < 100; i++) {
		const uint32_t address = bench_random(&bench) % BYTES;
		const uint32_t count = 1 + bench_random(&bench) % 256;

		order(0x06);
		assert_int_equal(status(), ENABLED);
		begin_at(0x02, address);
		for (uint32_t k = 0; k < count; k++) {
			const uint8_t byte = (uint8_t)bench_random(&bench);

			/* ones stay what they were, and a page has no next one */
			expected[(address & ~0xffu) | ((address + k) & 0xff)] &= byte;
			exchange(byte);
		}
		end();
		assert_int_equal(status(), BUSY);
		wait_ready();
		assert_int_equal(status(), 0);
	}
	assert_memory_equal(content, expected, BYTES);
}

static void test_long_page(void **state)
{
	(void)state;
	start();
	order(0x06);
	begin_at(0x20, 0x1000);
	end();
	wait_ready();
	order(0x06);
	begin_at(0x02, 0x1000);
	for (uint32_t k = 0; k < 300; k++)
		exchange((uint8_t)(k + 1));
	end();
	/* the last 256 bytes count */
	for (uint32_t k = 0; k < 256; k++)
		assert_int_equal(content[0x1000 + k], (k < 44 ? k + 257 : k + 1) & 0xff);
}

static void test_erase(void **state)
{
	static const struct {
		uint8_t command;
		uint32_t bytes;
		uint64_t ns;
	} erases[] = {
		{ 0x20, 0x1000, 30000000 },
		{ 0x52, 0x8000, 150000000 },
		{ 0xd8, 0x10000, 150000000 },
	};

	(void)state;
	start();
	for (uint32_t i = 0; i < 3; i++) {
		const uint32_t address = bench_random(&bench) % BYTES;
		uint64_t began_ns;

		order(0x06);
		begin_at(erases[i].command, address);
		end();
		began_ns = bench.sim.now_ns;
		memset(&expected[address & ~(erases[i].bytes - 1)], 0xff, erases[i].bytes);
		wait_ready();
		assert_in_range(bench.sim.now_ns - began_ns, erases[i].ns, erases[i].ns + 100000);
		assert_memory_equal(content, expected, BYTES);
	}
	for (uint32_t i = 0; i < 2; i++) {
		bench_random_bytes(&bench, content, BYTES);
		order(0x06);
		order(i ? 0x60 : 0xc7);
		wait_ready();
		memset(expected, 0xff, BYTES);
		assert_memory_equal(content, expected, BYTES);
	}
}

static void test_protected(void **state)
{
	static const uint8_t commands[] = { 0x02, 0x20, 0x52, 0xd8, 0xc7, 0x60 };

	(void)state;
	start();
	/* never enabled, disabled again, used up by the operation before */
	for (uint32_t i = 0; i < 3; i++) {
		for (uint32_t k = 0; k < sizeof(commands); k++) {
			if (i == 1) {
				order(0x06);
				order(0x04);
			}
			if (i == 2) {
				order(0x06);
				begin_at(0x20, 0);
				end();
				wait_ready();
				memset(expected, 0xff, 0x1000);
			}
			if (k < 4)
				begin_at(commands[k], 0x4000);
			else
				begin(commands[k]);
			if (k == 0)
				exchange(0);
			end();
			assert_int_equal(status(), 0);
		}
	}
	assert_memory_equal(content, expected, BYTES);
}

static void test_incomplete(void **state)
{
	(void)state;
	start();
	order(0x06);
	/* an address byte short, and one too many */
	begin(0x20);
	exchange(0);
	exchange(0);
	end();
	begin_at(0x20, 0);
	exchange(0);
	end();
	/* a bit too many */
	begin_at(0x20, 0);
	bench_out(&bench, DATA, SCK);
	bench_out(&bench, DATA, 0);
	end();
	begin(0xc7);
	exchange(0);
	end();
	/* no data */
	begin_at(0x02, 0);
	end();
	assert_int_equal(status(), ENABLED);
	assert_memory_equal(content, expected, BYTES);
}

static void test_busy(void **state)
{
	(void)state;
	start();
	order(0x06);
	begin_at(0x20, 0x2000);
	end();
	memset(&expected[0x2000], 0xff, 0x1000);
	assert_int_equal(status(), BUSY);
	/* it hears nothing but the question how it is */
	order(0x06);
	assert_int_equal(status(), BUSY);
	begin(0x9f);
	assert_int_equal(exchange(0), 0xff);
	end();
	begin_at(0x03, 0x5000);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(exchange(0), 0xff);
	end();
	order(0xc7);
	/* the status is read as often as it is asked for */
	begin(0x05);
	assert_int_equal(exchange(0), BUSY);
	bench_wait_ns(&bench, 30000000);
	exchange(0);
	assert_int_equal(exchange(0), 0);
	end();
	assert_memory_equal(content, expected, BYTES);
}

/* Time starts anew with the chip it is plugged into. */
static void test_plugged_elsewhere(void **state)
{
	(void)state;
	start();
	bench_wait_ns(&bench, UINT64_C(1000000000));
	order(0x06);
	order(0xc7);
	assert_int_equal(status() & BUSY, BUSY);
	opp_sim_detach(&bench.sim);
	bench_start(&bench, OPP_SIM_SPP);
	opp_sim_attach(&bench.sim, &flash.peripheral);
	assert_int_equal(status() & BUSY, 0);
}

static void test_makes_no_sense(void **state)
{
	static const uint32_t bad[] = { 0, 0x8000, 0x10001, 0x30000, 0x2000000 };
	struct opp_spi_flash_options options = { .content = content };

	(void)state;
	for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		options.bytes = bad[i];
		assert_false(opp_spi_flash_init(&flash, &options));
	}
	options.bytes = 0x10000;
	assert_true(opp_spi_flash_init(&flash, &options));
	options.content = NULL;
	assert_false(opp_spi_flash_init(&flash, &options));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a flash memory tells its id when it is selected", test_id, NULL, NULL, NULL },
		{ "reads, slow and fast, from anywhere and round the end", test_read, NULL, NULL,
		  NULL },
		{ "programming clears bits within one page", test_program, NULL, NULL, NULL },
		{ "of more than a page the last 256 bytes are programmed", test_long_page, NULL,
		  NULL, NULL },
		{ "sectors, blocks and the chip are erased in their time", test_erase, NULL, NULL,
		  NULL },
		{ "nothing changes unless writing was enabled just before", test_protected, NULL,
		  NULL, NULL },
		{ "a command of the wrong length does nothing", test_incomplete, NULL, NULL, NULL },
		{ "a memory at work answers to the status command only", test_busy, NULL, NULL,
		  NULL },
		{ "a chip at work is ready when plugged in elsewhere", test_plugged_elsewhere, NULL,
		  NULL, NULL },
		{ "a size that no address fits is refused", test_makes_no_sense, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_spi_flash", tests, NULL, NULL);
}
