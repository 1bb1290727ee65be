/* SPDX-License-Identifier: MIT */
/* See ecp_bench.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ecp_bench.h"

struct opp_sim sim;
struct device device;
uint32_t interrupts;
uint32_t errors[OPP_SIM_HOST_ERRORS];

/* ---- the device ------------------------------------------------------------------- */

static void show(uint32_t set, uint32_t clear)
{
	device.status = (uint8_t)((device.status & ~clear) | set);
	opp_sim_drive_status(device.peripheral.connector, device.status);
}

static void go_forward(uint8_t control)
{
	const bool busy = device.status & OPP_LINE_BUSY;

	if (!(control & OPP_LINE_NSTROBE) && !busy && !device.stalls) {
		show(OPP_LINE_BUSY, 0); /* ev 36 */
	} else if ((control & OPP_LINE_NSTROBE) && busy) {
		assert_true(device.taken_count < MOST);
		device.taken[device.taken_count++] = (struct item){
			device.peripheral.connector->wires.data,
			!(control & OPP_LINE_NAUTOFD),
		};
		show(0, OPP_LINE_BUSY); /* ev 32 */
	}
}

static void go_reverse(uint8_t control)
{
	const bool offering = !(device.status & OPP_LINE_NACK);
	const struct item *item;

	if (!(control & OPP_LINE_NAUTOFD) && !offering && device.given < device.offer_count) {
		item = &device.offers[device.given];
		device.has_bus = true;
		opp_sim_drive_data(device.peripheral.connector, item->byte); /* ev 41 */
		show(item->command ? 0 : OPP_LINE_BUSY, item->command ? OPP_LINE_BUSY : 0);
		show(0, OPP_LINE_NACK); /* ev 43 */
	} else if ((control & OPP_LINE_NAUTOFD) && offering) {
		device.given++;
		show(OPP_LINE_NACK, 0); /* ev 45 */
	}
}

/* The bus is the host's again; what was offered is kept for later. */
static void withdraw(void)
{
	device.has_bus = false;
	opp_sim_drive_data(device.peripheral.connector, 0xff);
	show(OPP_LINE_NACK, OPP_LINE_BUSY); /* ev 48 */
}

static void answer(void)
{
	const uint8_t control = device.peripheral.connector->wires.control;

	if (!(control & OPP_LINE_NINIT)) {
		go_reverse(control);
		return;
	}
	if (device.has_bus)
		withdraw();
	go_forward(control);
}

static void ring(struct opp_sim_alarm *alarm)
{
	assert_ptr_equal(alarm, &device.alarm);
	answer();
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	(void)peripheral;
	show(OPP_LINE_NACK | OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT, OPP_LINE_BUSY);
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	if (peripheral->connector->wires.control == before->control)
		return;
	if (device.slow_ns)
		opp_sim_set_alarm(&sim, &device.alarm, sim.now_ns + device.slow_ns);
	else
		answer();
}

static const struct opp_sim_peripheral_ops device_ops = { attached, NULL, wires_changed };

/* ---- the host --------------------------------------------------------------------- */

static void on_interrupt(void *context)
{
	(void)context;
	interrupts++;
}

static void on_error(void *context, enum opp_sim_host_error error, uint64_t now_ns)
{
	(void)context;
	(void)now_ns;
	errors[error]++;
}

void start(struct opp_sim_options options)
{
	interrupts = 0;
	memset(errors, 0, sizeof(errors));
	options.chip = OPP_SIM_ECP;
	options.interrupt = on_interrupt;
	options.host_error = on_error;
	opp_sim_init(&sim, &options);
	device = (struct device){
		.peripheral = { .ops = &device_ops },
		.alarm = { .ring = ring },
	};
}

void plug_in_slow(struct opp_sim_options options, uint32_t slow_ns)
{
	start(options);
	device.slow_ns = slow_ns;
	opp_sim_attach(&sim, &device.peripheral);
}

void plug_in(struct opp_sim_options options)
{
	plug_in_slow(options, 0);
}

void pass(uint64_t ns)
{
	opp_sim_advance_to(&sim, sim.now_ns + ns);
}

void out(uint32_t offset, uint32_t value)
{
	opp_sim_write(&sim, offset, (uint8_t)value);
}

uint8_t in(uint32_t offset)
{
	return opp_sim_read(&sim, offset);
}

uint8_t ecr(void)
{
	return in(ECR);
}

void set_mode(uint32_t mode)
{
	out(ECR, PS2);
	out(ECR, mode);
}

uint32_t host_errors(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < OPP_SIM_HOST_ERRORS; i++)
		sum += errors[i];
	return sum;
}

void begin_forward(void)
{
	out(ECR, PS2);
	out(CONTROL, 0x04);
	out(ECR, ECP);
}

void begin_reverse(const struct item *offers, uint32_t count)
{
	device.offers = offers;
	device.offer_count = count;
	out(ECR, PS2);
	out(CONTROL, 0x26);
	out(CONTROL, 0x22);
	out(ECR, ECP);
}

uint32_t fill(void)
{
	uint32_t count = 0;

	while (!(ecr() & FULL) && count < 1024) {
		out(FIFO, 0xaa);
		count++;
	}
	return count;
}
