/* SPDX-License-Identifier: MIT */
#include "bench_1284.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DATA    0u
#define STATUS  1u
#define CONTROL 2u

struct bench bench;

static bool on_print(void *context, uint8_t byte)
{
	(void)context;
	if (bench.printed < sizeof(bench.page))
		bench.page[bench.printed] = byte;
	bench.printed++;
	return true;
}

static void on_forward(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	(void)context;
	assert_true(bench.said_count < sizeof(bench.said) / sizeof(bench.said[0]));
	bench.said[bench.said_count++] = (struct said){ kind, channel, byte };
}

static bool on_reverse(void *context, struct opp_1284_item *next)
{
	(void)context;
	if (bench.items_given == bench.item_count)
		return false;
	*next = bench.items[bench.items_given++];
	return true;
}

static uint8_t on_epp_read(void *context, bool address)
{
	(void)context;
	return address ? bench.epp_address : bench.epp_data++;
}

static void on_host_error(void *context, enum opp_sim_host_error error, uint64_t now)
{
	(void)context;
	(void)now;
	bench.host_errors[error]++;
}

static void on_interrupt(void *context)
{
	(void)context;
	bench.interrupts++;
}

void bench_start_on(enum opp_sim_chip chip, const struct opp_1284_options *options)
{
	struct opp_1284_options all = *options;

	memset(&bench, 0, sizeof(bench));
	opp_sim_init(&bench.sim, &(struct opp_sim_options){ .chip = chip,
							    .interrupt = on_interrupt,
							    .host_error = on_host_error });
	all.forward = on_forward;
	all.reverse = on_reverse;
	all.epp_read = on_epp_read;
	all.printer.print = on_print;
	if (!all.device_id && !all.raw_device_id)
		all.device_id = ID_49;
	opp_1284_init(&bench.device, &all);
	opp_sim_attach(&bench.sim, &bench.device.peripheral);
}

void bench_start(const struct opp_1284_options *options)
{
	bench_start_on(OPP_SIM_PS2, options);
}

int bench_setup(void **state)
{
	(void)state;
	bench_start(&(struct opp_1284_options){ .modes = EVERYTHING });
	return 0;
}

void pass_ns(uint64_t ns)
{
	opp_sim_advance_to(&bench.sim, bench.sim.now_ns + ns);
}

void control(uint8_t value)
{
	opp_sim_write(&bench.sim, CONTROL, value);
}

void data(uint8_t value)
{
	opp_sim_write(&bench.sim, DATA, value);
}

uint8_t status(void)
{
	return opp_sim_read(&bench.sim, STATUS) & 0xf8;
}

bool await_status_for(uint8_t mask, uint8_t value, uint64_t ns)
{
	const uint64_t until_ns = bench.sim.now_ns + ns;

	while ((status() & mask) != value) {
		const uint64_t edge_ns = opp_sim_next_edge_ns(&bench.sim);

		if (bench.sim.now_ns >= until_ns)
			return false;
		opp_sim_advance_to(&bench.sim, edge_ns < until_ns ? edge_ns : until_ns);
	}
	return true;
}

bool await_status(uint8_t mask, uint8_t value)
{
	return await_status_for(mask, value, 40 * MS);
}

uint32_t all_host_errors(void)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(bench.host_errors) / sizeof(bench.host_errors[0]); i++)
		sum += bench.host_errors[i];
	return sum;
}

uint8_t negotiate(uint8_t request)
{
	data(request);
	pass_ns(US);
	control(0x06);
	assert_true(await_status(0x78, 0x38));
	control(0x07);
	pass_ns(US);
	control(0x04);
	assert_true(await_status(ACK, ACK));
	return status();
}

void terminate(void)
{
	control(0x0c);
	assert_true(await_status(ACK, 0));
	control(0x0e);
	assert_true(await_status(ACK, ACK));
	control(0x0c);
	assert_int_equal(bench.device.state, OPP_1284_COMPAT);
}

void strobe(uint8_t byte)
{
	data(byte);
	pass_ns(US);
	control(0x0d);
	pass_ns(US);
	control(0x0c);
	pass_ns(US);
}

void assert_prints(uint8_t byte)
{
	const size_t before = bench.printed;

	assert_true(await_status(0xf8, READY));
	strobe(byte);
	assert_true(await_status(0xf8, READY));
	assert_int_equal(bench.printed, before + 1);
	assert_int_equal(bench.page[before], byte);
}

static uint8_t read_nibble(void)
{
	uint8_t raw;

	control(0x06);
	assert_true(await_status(ACK, 0));
	raw = status();
	control(0x04);
	assert_true(await_status(ACK, ACK));
	return (uint8_t)(((raw >> 3) & 7) | ((~raw >> 4) & 8));
}

uint8_t read_nibbles(void)
{
	const uint8_t low = read_nibble();

	return (uint8_t)(low | read_nibble() << 4);
}

void offer(const struct opp_1284_item *items, size_t count)
{
	bench.items = items;
	bench.item_count = count;
	bench.items_given = 0;
}
