/* SPDX-License-Identifier: MIT */
/* The simulated chip, seen from its registers and from its connector; no driver here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/sim_daisy.h>

#define DATA    0u
#define STATUS  1u
#define CONTROL 2u

/* A peripheral that writes down what happens to it. */
struct listener {
	struct opp_sim_peripheral peripheral;
	struct opp_sim_alarm alarm;
	uint32_t changes;
	struct opp_wires before;
	uint32_t rings;
	uint64_t rang_at_ns;
	uint64_t again_after_ns;
};

static struct opp_sim sim;
static struct listener listener;
static uint32_t interrupts;

static void attached(struct opp_sim_peripheral *peripheral)
{
	opp_sim_drive_status(peripheral->connector, OPP_STATUS_LINES & ~OPP_LINE_BUSY);
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct listener *this = (struct listener *)peripheral;

	this->changes++;
	this->before = *before;
}

static void ring(struct opp_sim_alarm *alarm)
{
	assert_ptr_equal(alarm, &listener.alarm);
	listener.rings++;
	listener.rang_at_ns = sim.now_ns;
	if (listener.again_after_ns)
		opp_sim_set_alarm(&sim, alarm, sim.now_ns + listener.again_after_ns);
}

static void detached(struct opp_sim_peripheral *peripheral)
{
	struct listener *this = (struct listener *)peripheral;

	opp_sim_set_alarm(peripheral->connector->sim, &this->alarm, OPP_SIM_NEVER);
}

static void take_levels(struct opp_sim_connector *connector)
{
	assert_non_null(connector->sim);
	connector->wires.status = connector->peripheral_status;
}

static const struct opp_sim_peripheral_ops listener_ops = { attached, detached, wires_changed };

static void on_interrupt(void *context)
{
	(void)context;
	interrupts++;
}

static void start(struct opp_sim_options options)
{
	interrupts = 0;
	options.interrupt = on_interrupt;
	opp_sim_init(&sim, &options);
	listener = (struct listener){
		.peripheral = { .ops = &listener_ops },
		.alarm = { .ring = ring },
	};
}

static void start_with_listener(struct opp_sim_options options)
{
	start(options);
	opp_sim_attach(&sim, &listener.peripheral);
}

static void test_status_bits(void **state)
{
	/* line, the bit it feeds, the level that makes the bit 1 */
	static const struct {
		uint8_t line, bit, level;
	} bits[] = {
		{ OPP_LINE_BUSY, 0x80, 0 },   { OPP_LINE_NACK, 0x40, 1 },
		{ OPP_LINE_PERROR, 0x20, 1 }, { OPP_LINE_SELECT, 0x10, 1 },
		{ OPP_LINE_NFAULT, 0x08, 1 },
	};

	(void)state;
	start_with_listener((struct opp_sim_options){ 0 });
	for (uint32_t lines = 0; lines < 0x100; lines += 8) {
		uint8_t expected = 0x01; /* no EPP here */

		opp_sim_drive_status(&sim.connector, (uint8_t)lines);
		for (uint32_t i = 0; i < 5; i++)
			if (!!(lines & bits[i].line) == bits[i].level)
				expected |= bits[i].bit;
		assert_int_equal(opp_sim_read(&sim, STATUS), expected);
	}
}

static void test_control_lines(void **state)
{
	(void)state;
	start_with_listener((struct opp_sim_options){ 0 });
	for (uint32_t value = 0; value < 0x100; value++) {
		opp_sim_write(&sim, CONTROL, (uint8_t)value);
		assert_int_equal(!!(sim.connector.wires.control & OPP_LINE_NSTROBE), !(value & 1));
		assert_int_equal(!!(sim.connector.wires.control & OPP_LINE_NAUTOFD), !(value & 2));
		assert_int_equal(!!(sim.connector.wires.control & OPP_LINE_NINIT), !!(value & 4));
		assert_int_equal(!!(sim.connector.wires.control & OPP_LINE_NSELECTIN),
				 !(value & 8));
	}
}

static void test_nothing_attached(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_PS2 });
	assert_int_equal(opp_sim_read(&sim, STATUS) & 0xf8, 0x78);
	opp_sim_write(&sim, DATA, 0x5a);
	opp_sim_write(&sim, CONTROL, 0x2c);
	assert_int_equal(opp_sim_read(&sim, DATA), 0xff);
	opp_sim_write(&sim, DATA, 0x00);
	assert_int_equal(opp_sim_read(&sim, DATA), 0xff);
}

static void test_unplugged(void **state)
{
	(void)state;
	start_with_listener((struct opp_sim_options){ .chip = OPP_SIM_PS2 });
	opp_sim_drive_data(&sim.connector, 0x3c);
	opp_sim_write(&sim, CONTROL, 0x2c);
	assert_int_equal(opp_sim_read(&sim, DATA), 0x3c);
	opp_sim_detach(&sim);
	assert_int_equal(opp_sim_read(&sim, STATUS) & 0xf8, 0x78);
	assert_int_equal(opp_sim_read(&sim, DATA), 0xff);
	assert_null(listener.peripheral.connector);
}

static void test_replaced(void **state)
{
	struct listener other = { .peripheral = { .ops = &listener_ops } };

	(void)state;
	start_with_listener((struct opp_sim_options){ .chip = OPP_SIM_PS2 });
	opp_sim_drive_data(&sim.connector, 0x3c);
	opp_sim_set_alarm(&sim, &listener.alarm, 500);
	opp_sim_attach(&sim, &other.peripheral);
	assert_null(listener.peripheral.connector);
	assert_true(opp_sim_next_edge_ns(&sim) == OPP_SIM_NEVER);
	opp_sim_write(&sim, CONTROL, 0x2c);
	assert_int_equal(opp_sim_read(&sim, DATA), 0xff);
	assert_int_equal(other.changes, 1);
	assert_int_equal(listener.changes, 0);
	opp_sim_detach(&sim);
}

static void test_data_latch(void **state)
{
	(void)state;
	start_with_listener((struct opp_sim_options){ .chip = OPP_SIM_PS2 });
	opp_sim_drive_data(&sim.connector, 0x00);
	for (uint32_t value = 0; value < 0x100; value++) {
		opp_sim_write(&sim, DATA, (uint8_t)value);
		assert_int_equal(opp_sim_read(&sim, DATA), value);
		assert_int_equal(sim.connector.wires.data, value);
	}
	/* the latch survives a turn of the lines */
	opp_sim_write(&sim, DATA, 0x5a);
	opp_sim_write(&sim, CONTROL, 0x2c);
	assert_int_equal(opp_sim_read(&sim, DATA), 0x00);
	opp_sim_write(&sim, CONTROL, 0x0c);
	assert_int_equal(opp_sim_read(&sim, DATA), 0x5a);
}

static void test_data_overpowered(void **state)
{
	(void)state;
	start_with_listener((struct opp_sim_options){ .data_overpowered = true });
	opp_sim_write(&sim, DATA, 0xf0);
	assert_int_equal(opp_sim_read(&sim, DATA), 0xf0);
	opp_sim_drive_data(&sim.connector, 0x3c);
	assert_int_equal(opp_sim_read(&sim, DATA), 0x30);
}

static void test_spp_direction(void **state)
{
	(void)state;
	start_with_listener((struct opp_sim_options){ .chip = OPP_SIM_SPP });
	opp_sim_write(&sim, DATA, 0x5a);
	opp_sim_write(&sim, CONTROL, 0x2c);
	assert_int_equal(opp_sim_read(&sim, DATA), 0x5a);
	assert_int_equal(sim.connector.wires.data, 0x5a);
}

static void test_control_high_bits(void **state)
{
	static const uint8_t constants[] = { 0x00, 0x40, 0x80, 0xc0 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		start((struct opp_sim_options){ .control_high_bits = constants[i] });
		assert_int_equal(opp_sim_read(&sim, CONTROL), constants[i] | 0x0c);
		for (uint32_t value = 0; value < 0x100; value++) {
			opp_sim_write(&sim, CONTROL, (uint8_t)value);
			assert_int_equal(opp_sim_read(&sim, CONTROL),
					 constants[i] | (value & 0x1f));
		}
	}
}

static void test_one_instant(void **state)
{
	(void)state;
	start_with_listener((struct opp_sim_options){ .chip = OPP_SIM_PS2 });
	opp_sim_write(&sim, DATA, 0x10);
	listener.changes = 0;
	/* nAutoFd falls and nSelectIn rises (event 1), and the data lines float */
	opp_sim_write(&sim, CONTROL, 0x26);
	assert_int_equal(listener.changes, 1);
	assert_int_equal(listener.before.control, OPP_CONTROL_IDLE);
	assert_int_equal(listener.before.data, 0x10);
	assert_int_equal(sim.connector.wires.control,
			 OPP_LINE_NSTROBE | OPP_LINE_NINIT | OPP_LINE_NSELECTIN);
	assert_int_equal(sim.connector.wires.data, 0xff);
	/* what changes nothing is no event */
	opp_sim_write(&sim, CONTROL, 0x26);
	opp_sim_write(&sim, DATA, 0x11);
	assert_int_equal(listener.changes, 1);
}

static void test_interrupt(void **state)
{
	(void)state;
	for (uint32_t enable = 0; enable < 2; enable++) {
		start_with_listener((struct opp_sim_options){ 0 });
		opp_sim_write(&sim, CONTROL, enable ? 0x1c : 0x0c);
		opp_sim_drive_status(&sim.connector, 0);
		assert_int_equal(interrupts, 0);
		opp_sim_drive_status(&sim.connector, OPP_STATUS_LINES & ~OPP_LINE_NACK);
		assert_int_equal(interrupts, 0);
		opp_sim_drive_status(&sim.connector, OPP_LINE_NACK);
		assert_int_equal(interrupts, enable);
		opp_sim_drive_status(&sim.connector, OPP_LINE_NACK | OPP_LINE_BUSY);
		assert_int_equal(interrupts, enable);
		/* enabling is no edge */
		opp_sim_write(&sim, CONTROL, 0x0c);
		opp_sim_write(&sim, CONTROL, 0x1c);
		assert_int_equal(interrupts, enable);
	}
}

/* Pull-ups make a low nAck rise, and an edge is an edge. */
static void test_unplugging_interrupts(void **state)
{
	(void)state;
	for (uint32_t low = 0; low < 2; low++) {
		start_with_listener((struct opp_sim_options){ 0 });
		opp_sim_write(&sim, CONTROL, 0x1c);
		opp_sim_drive_status(&sim.connector, low ? 0 : OPP_LINE_NACK);
		opp_sim_detach(&sim);
		assert_int_equal(interrupts, low);
	}
}

static void test_alias(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .extended_is_control = true });
	opp_sim_write(&sim, 0x402, 0x0e);
	assert_int_equal(opp_sim_read(&sim, CONTROL), 0x0e);
	assert_int_equal(opp_sim_read(&sim, 0x402), 0x0e);
	assert_false(sim.connector.wires.control & OPP_LINE_NAUTOFD);
	start((struct opp_sim_options){ 0 });
	opp_sim_write(&sim, 0x402, 0x0e);
	assert_int_equal(opp_sim_read(&sim, CONTROL), 0x0c);
	assert_int_equal(opp_sim_read(&sim, 0x402), 0xff);
}

static void test_no_port(void **state)
{
	(void)state;
	start((struct opp_sim_options){ .chip = OPP_SIM_NO_PORT });
	for (uint32_t offset = 0; offset < 3; offset++) {
		opp_sim_write(&sim, offset, 0x00);
		assert_int_equal(opp_sim_read(&sim, offset), 0xff);
	}
	assert_int_equal(sim.counts.reads[OPP_SIM_NOWHERE], 3);
	assert_int_equal(sim.counts.writes[OPP_SIM_NOWHERE], 3);
	assert_int_equal(opp_sim_accesses(&sim), 6);
}

static void test_counts(void **state)
{
	(void)state;
	start((struct opp_sim_options){ 0 });
	for (uint32_t offset = 0; offset < 3; offset++) {
		for (uint32_t i = 0; i <= offset; i++)
			opp_sim_read(&sim, offset);
		for (uint32_t i = 0; i <= 2 * offset; i++)
			opp_sim_write(&sim, offset, 0x0c);
		assert_int_equal(sim.counts.reads[offset], offset + 1);
		assert_int_equal(sim.counts.writes[offset], 2 * offset + 1);
	}
	assert_int_equal(opp_sim_accesses(&sim), 6 + 9);
}

static void test_time(void **state)
{
	(void)state;
	start_with_listener((struct opp_sim_options){ 0 });
	assert_true(opp_sim_next_edge_ns(&sim) == OPP_SIM_NEVER);
	opp_sim_set_alarm(&sim, &listener.alarm, 500);
	assert_int_equal(opp_sim_next_edge_ns(&sim), 500);
	opp_sim_advance_to(&sim, 499);
	assert_int_equal(listener.rings, 0);
	listener.again_after_ns = 100;
	opp_sim_advance_to(&sim, 850);
	assert_int_equal(listener.rings, 4);
	assert_int_equal(listener.rang_at_ns, 800);
	assert_int_equal(sim.now_ns, 850);
	/* the past is over, and a time in it means soon */
	opp_sim_advance_to(&sim, 10);
	assert_int_equal(sim.now_ns, 850);
	listener.again_after_ns = 0;
	opp_sim_set_alarm(&sim, &listener.alarm, 10);
	opp_sim_advance_to(&sim, 851);
	assert_int_equal(listener.rings, 5);
	/* "never" is not a time that comes */
	opp_sim_advance_to(&sim, OPP_SIM_NEVER);
	assert_int_equal(listener.rings, 5);
	assert_int_equal(sim.now_ns, 851);
}

/* At the end of time nothing comes round to its beginning. */
static void test_end_of_time(void **state)
{
	(void)state;
	start_with_listener((struct opp_sim_options){ 0 });
	opp_sim_set_alarm(&sim, &listener.alarm, OPP_SIM_LAST_NS);
	opp_sim_advance_to(&sim, OPP_SIM_LAST_NS - 1);
	assert_int_equal(listener.rings, 0);
	listener.again_after_ns = 10;
	opp_sim_advance_to(&sim, OPP_SIM_LAST_NS);
	assert_int_equal(listener.rings, 1);
	assert_true(opp_sim_next_edge_ns(&sim) == OPP_SIM_NEVER);
	opp_sim_advance_to(&sim, OPP_SIM_LAST_NS + 1);
	assert_true(sim.now_ns == OPP_SIM_LAST_NS);
	opp_sim_set_alarm(&sim, &listener.alarm, 0);
	assert_true(opp_sim_next_edge_ns(&sim) == OPP_SIM_NEVER);
}

/* Alarms that write down the order in which they ring. */
struct ringer {
	struct opp_sim_alarm alarm;
	char name;
};

static char rung[16];

static void write_down(struct opp_sim_alarm *alarm)
{
	rung[strlen(rung)] = ((struct ringer *)alarm)->name;
}

static void set_ringer(struct ringer *ringer, uint64_t at_ns)
{
	opp_sim_set_alarm(&sim, &ringer->alarm, at_ns);
}

static void test_many_alarms(void **state)
{
	struct ringer a = { { .ring = write_down }, 'a' };
	struct ringer b = { { .ring = write_down }, 'b' };
	struct ringer c = { { .ring = write_down }, 'c' };

	(void)state;
	start((struct opp_sim_options){ 0 });
	memset(rung, 0, sizeof(rung));
	set_ringer(&c, 300);
	set_ringer(&a, 100);
	set_ringer(&b, 300);
	opp_sim_advance_to(&sim, 1000);
	assert_string_equal(rung, "acb");
	/* a new time replaces the old one, and never is no time */
	set_ringer(&a, 2000);
	set_ringer(&b, 1500);
	set_ringer(&c, 1200);
	set_ringer(&a, 1100);
	set_ringer(&b, OPP_SIM_NEVER);
	assert_int_equal(opp_sim_next_edge_ns(&sim), 1100);
	opp_sim_advance_to(&sim, 3000);
	assert_string_equal(rung, "acbac");
}

/* A socket behind the listener's plug: power comes and goes with it. */
static void test_power(void **state)
{
	struct listener behind = { .peripheral = { .ops = &listener_ops } };
	struct opp_sim_connector socket = { .driven = take_levels };

	(void)state;
	start((struct opp_sim_options){ 0 });
	opp_sim_plug(&socket, &behind.peripheral);
	assert_null(behind.peripheral.connector);
	opp_sim_show(&socket, 0x12, 0x03);
	assert_int_equal(behind.changes, 0);
	opp_sim_power(&socket, &sim);
	assert_ptr_equal(behind.peripheral.connector, &socket);
	assert_int_equal(socket.wires.status, OPP_STATUS_LINES & ~OPP_LINE_BUSY);
	opp_sim_show(&socket, 0x34, 0x03);
	opp_sim_show(&socket, 0x34, 0x03);
	assert_int_equal(behind.changes, 1);
	assert_int_equal(behind.before.data, 0x12);
	opp_sim_power(&socket, NULL);
	assert_null(behind.peripheral.connector);
	assert_int_equal(socket.wires.status, OPP_STATUS_LINES);
	opp_sim_show(&socket, 0x56, 0x03);
	assert_int_equal(behind.changes, 1);
	opp_sim_power(&socket, &sim);
	opp_sim_unplug(&socket);
	assert_null(behind.peripheral.connector);
	assert_int_equal(socket.wires.status, OPP_STATUS_LINES);
}

static uint32_t drives;

static void count_levels(struct opp_sim_connector *connector)
{
	drives++;
	connector->wires.status = connector->peripheral_status;
	connector->wires.data = connector->peripheral_data;
}

static void test_drive(void **state)
{
	struct opp_sim_connector socket = { .driven = count_levels };

	(void)state;
	start((struct opp_sim_options){ 0 });
	opp_sim_power(&socket, &sim);
	drives = 0;
	opp_sim_drive(&socket, 0xff, 0x5a);
	assert_int_equal(drives, 1);
	assert_int_equal(socket.wires.status, OPP_STATUS_LINES);
	assert_int_equal(socket.wires.data, 0x5a);
	/* each alone leaves the other, and what is driven already is no event */
	opp_sim_drive_status(&socket, OPP_LINE_BUSY);
	opp_sim_drive_data(&socket, 0x3c);
	assert_int_equal(drives, 3);
	assert_int_equal(socket.wires.status, OPP_LINE_BUSY);
	assert_int_equal(socket.wires.data, 0x3c);
	opp_sim_drive_status(&socket, OPP_LINE_BUSY | 0x07);
	opp_sim_drive_data(&socket, 0x3c);
	opp_sim_drive(&socket, OPP_LINE_BUSY, 0x3c);
	assert_int_equal(drives, 3);
}

static void (*chip_driven)(struct opp_sim_connector *connector);

static void count_driven(struct opp_sim_connector *connector)
{
	drives++;
	chip_driven(connector);
}

/* The price of an access does not grow with the adapters as a power of two. */
static void test_chain(void **state)
{
	static struct opp_daisy adapters[10];

	(void)state;
	start((struct opp_sim_options){ 0 });
	for (uint32_t i = 0; i < 10; i++)
		opp_daisy_init(&adapters[i]);
	for (uint32_t i = 0; i < 9; i++)
		opp_sim_plug(&adapters[i].through, &adapters[i + 1].peripheral);
	opp_sim_plug(&adapters[9].through, &listener.peripheral);
	opp_sim_attach(&sim, &adapters[0].peripheral);
	chip_driven = sim.connector.driven;
	sim.connector.driven = count_driven;
	drives = 0;
	opp_sim_write(&sim, DATA, 0x5a);
	assert_int_equal(listener.changes, 1);
	assert_int_equal(drives, 0);
	opp_sim_drive_status(listener.peripheral.connector, OPP_LINE_BUSY);
	assert_int_equal(drives, 1);
}

static void test_error_texts(void **state)
{
	(void)state;
	for (uint32_t a = 0; a < OPP_SIM_HOST_ERRORS; a++)
		for (uint32_t b = 0; b < a; b++)
			assert_string_not_equal(
				opp_sim_host_error_text((enum opp_sim_host_error)a),
				opp_sim_host_error_text((enum opp_sim_host_error)b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-001 status bits show the lines, Busy upside down", test_status_bits, NULL,
		  NULL, NULL },
		{ "P-002 control bits drive nStrobe, nAutoFd and nSelectIn low and nInit high",
		  test_control_lines, NULL, NULL, NULL },
		{ "P-003 P-004 with nothing attached inputs are pulled up", test_nothing_attached,
		  NULL, NULL, NULL },
		{ "P-003 P-004 unplugging leaves pulled-up inputs", test_unplugged, NULL, NULL,
		  NULL },
		{ "plugging in replaces what was there", test_replaced, NULL, NULL, NULL },
		{ "P-005 data driven out reads back as written", test_data_latch, NULL, NULL,
		  NULL },
		{ "a strong peripheral overpowers the data latch of a chip that lets it",
		  test_data_overpowered, NULL, NULL, NULL },
		{ "CTL.5 is nothing to an SPP chip", test_spp_direction, NULL, NULL, NULL },
		{ "P-007 CTL.6 and CTL.7 read a constant and ignore writes", test_control_high_bits,
		  NULL, NULL, NULL },
		{ "P-009 lines named in one write change in one instant", test_one_instant, NULL,
		  NULL, NULL },
		{ "P-010 only a rising nAck interrupts, only when enabled", test_interrupt, NULL,
		  NULL, NULL },
		{ "unplugging lets a low nAck rise, which interrupts", test_unplugging_interrupts,
		  NULL, NULL, NULL },
		{ "P-013 an old decoder shows CTL at base + 0x402", test_alias, NULL, NULL, NULL },
		{ "where no port is, reads give 0xff", test_no_port, NULL, NULL, NULL },
		{ "accesses are counted by register", test_counts, NULL, NULL, NULL },
		{ "timers run in order and virtual time never goes back", test_time, NULL, NULL,
		  NULL },
		{ "virtual time ends and does not begin again", test_end_of_time, NULL, NULL,
		  NULL },
		{ "alarms ring by time, then in the order in which they were set", test_many_alarms,
		  NULL, NULL, NULL },
		{ "a peripheral is attached while its connector has power", test_power, NULL, NULL,
		  NULL },
		{ "driving what is driven already is no event", test_drive, NULL, NULL, NULL },
		{ "what a device drives passes each adapter once", test_chain, NULL, NULL, NULL },
		{ "every host error has words of its own", test_error_texts, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("sim_chip", tests, NULL, NULL);
}
