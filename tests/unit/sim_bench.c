/* SPDX-License-Identifier: MIT */
#include "sim_bench.h"

static void on_interrupt(void *context)
{
	((struct bench *)context)->interrupts++;
}

static void on_host_error(void *context, enum opp_sim_host_error error, uint64_t now_ns)
{
	(void)error;
	(void)now_ns;
	((struct bench *)context)->host_errors++;
}

void bench_start(struct bench *bench, enum opp_sim_chip chip)
{
	const struct opp_sim_options options = {
		.chip = chip,
		.context = bench,
		.interrupt = on_interrupt,
		.host_error = on_host_error,
	};

	*bench = (struct bench){ .random = 1 };
	opp_sim_init(&bench->sim, &options);
}

void bench_wait_ns(struct bench *bench, uint64_t ns)
{
	opp_sim_advance_to(&bench->sim, bench->sim.now_ns + ns);
}

void bench_out(struct bench *bench, uint32_t offset, uint8_t value)
{
	bench_wait_ns(bench, BENCH_ACCESS_NS);
	opp_sim_write(&bench->sim, offset, value);
}

uint8_t bench_in(struct bench *bench, uint32_t offset)
{
	bench_wait_ns(bench, BENCH_ACCESS_NS);
	return opp_sim_read(&bench->sim, offset);
}

uint32_t bench_random(struct bench *bench)
{
	uint32_t x = bench->random;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	bench->random = x;
	return x;
}

void bench_random_bytes(struct bench *bench, uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)bench_random(bench);
}
