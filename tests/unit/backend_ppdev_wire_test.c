/* SPDX-License-Identifier: MIT */
/* The ppdev back end on a made-up Linux: what it makes of a port that it has. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/parport.h>

#include <openparport/wire.h>

#include "fake_linux.h"
#include "lent_rig.h"

static struct opp_hw *const hw = &lent.hw;

static void test_abilities(void **state)
{
	(void)state;
	assert_int_equal(hw->capabilities, OPP_HW_CAN_COMPAT | OPP_HW_CAN_REVERSE | OPP_HW_CAN_EPP |
						   OPP_HW_CAN_BULK | OPP_HW_IS_LENT);
	lent_claim();
	assert_int_equal(hw->ops->set_chip_mode(hw, OPP_CHIP_SPP), OPP_SUCCESS);
	assert_int_equal(hw->ops->set_chip_mode(hw, OPP_CHIP_ECP), OPP_NO_SUCH_DEVICE);
	assert_int_equal(hw->ops->set_chip_mode(hw, OPP_CHIP_EPP), OPP_NO_SUCH_DEVICE);
}

/* Each byte's interrupt would make Linux nap over the next one of a write(). */
static void test_abilities_with_irq(void **state)
{
	(void)state;
	assert_int_equal(hw->capabilities, OPP_HW_CAN_COMPAT | OPP_HW_CAN_REVERSE | OPP_HW_CAN_EPP |
						   OPP_HW_CAN_INTERRUPT | OPP_HW_IS_LENT);
}

/* Who serves a file does not nap. */
static void test_abilities_served(void **state)
{
	int failed;

	(void)state;
	opp_backend_ppdev_close(&lent);
	fake.is_linux = false;
	assert_int_equal(lent_open(&failed), OPP_SUCCESS);
	assert_int_equal(hw->capabilities, OPP_HW_CAN_COMPAT | OPP_HW_CAN_REVERSE | OPP_HW_CAN_EPP |
						   OPP_HW_CAN_BULK | OPP_HW_CAN_INTERRUPT |
						   OPP_HW_IS_LENT);
}

/* ---- the wire ------------------------------------------------------------------------------------ */

static void test_lines(void **state)
{
	(void)state;
	lent_claim();
	fake.status = PARPORT_STATUS_BUSY | PARPORT_STATUS_PAPEROUT | 0x07;
	assert_int_equal(hw->ops->read_status(hw), OPP_LINE_PERROR);
	assert_int_equal(hw->ops->raw_read_status(hw), fake.status);
	hw->ops->write_control(hw, OPP_LINE_NSTROBE | OPP_LINE_NINIT, 0);
	assert_int_equal(fake.control, PARPORT_CONTROL_STROBE | PARPORT_CONTROL_SELECT);
	assert_int_equal(hw->ops->read_control(hw), OPP_LINE_NAUTOFD);
	hw->ops->raw_write_control(hw, PARPORT_CONTROL_AUTOFD);
	assert_int_equal(fake.control, PARPORT_CONTROL_AUTOFD);
	assert_int_equal(hw->ops->raw_read_control(hw), PARPORT_CONTROL_AUTOFD);
	hw->ops->write_data(hw, 0xa5);
	assert_int_equal(hw->ops->read_data(hw), 0xa5);
	hw->ops->set_reverse(hw, true);
	assert_true(hw->ops->is_reverse(hw) && fake.reverse);
}

static void test_epp(void **state)
{
	uint8_t bytes[20];

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	lent_claim();
	hw->ops->epp_start(hw, false);
	assert_int_equal(hw->ops->read_control(hw), OPP_CONTROL_LINES);
	assert_int_equal(hw->ops->epp_write(hw, OPP_EPP_ADDRESS, bytes, 1, 1), 1);
	assert_int_equal(fake.mode, IEEE1284_MODE_EPP | IEEE1284_ADDR);
	assert_int_equal(hw->ops->epp_write(hw, OPP_EPP_DATA, bytes, 20, 1), 20);
	assert_int_equal(fake.mode, IEEE1284_MODE_EPP);
	fake.takes = 7;
	assert_int_equal(hw->ops->epp_write(hw, OPP_EPP_DATA, bytes, 20, 1), 7);
	hw->ops->epp_stop(hw);
	assert_int_equal(fake.mode, IEEE1284_MODE_COMPAT);
	hw->ops->epp_start(hw, true);
	assert_int_equal(fake.reverse, 1);
	assert_int_equal(hw->ops->epp_read(hw, OPP_EPP_DATA, bytes, 20, 1), 7);
	assert_int_equal(bytes[6], 0x5a);
	fake.takes = 0; /* EAGAIN, which is no trouble */
	assert_int_equal(hw->ops->epp_read(hw, OPP_EPP_DATA, bytes, 20, 1), 0);
	hw->ops->epp_stop(hw);
	assert_int_equal(fake.reverse, 0);
	assert_int_not_equal(hw->ops->read_status(hw), OPP_STATUS_LINES);
}

static size_t bulk(const uint8_t *bytes, size_t length)
{
	return hw->ops->bulk_write(hw, bytes, length);
}

static void test_bulk(void **state)
{
	uint8_t page[1000];
	uint32_t writes;
	size_t sent = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)i;
	lent_claim();
	while (sent < sizeof(page))
		sent += bulk(page + sent, sizeof(page) - sent);
	assert_int_equal(fake.printed, sizeof(page));
	assert_memory_equal(fake.paper, page, sizeof(page));
	assert_in_range(fake.longest_write, 2, 8);
	fake.takes = 0;
	writes = fake.writes;
	assert_int_equal(bulk(page, sizeof(page)), 0);
	assert_int_equal(fake.writes, writes + 1);
}

static void test_bulk_slow(void **state)
{
	const uint8_t page[100] = { 0 };

	(void)state;
	lent_claim();
	(void)bulk(page, sizeof(page));
	fake.byte_ms = 12;
	fake.longest_write = 0;
	(void)bulk(page, sizeof(page));
	assert_in_range(fake.longest_write * fake.byte_ms, 12, 100);
	fake.longest_write = 0;
	for (int i = 0; i < 5; i++)
		assert_int_equal(bulk(page, sizeof(page)), 1);
	assert_int_equal(fake.longest_write, 1);
}

/* The printer is found ready each time, for whoever wrote has waited for it. */
static void test_bulk_waited_for(void **state)
{
	const uint8_t byte = 0;

	(void)state;
	lent_claim();
	for (int i = 0; i < 10; i++) {
		lent_nap(3);
		assert_int_equal(bulk(&byte, 1), 1);
		assert_int_equal(lent.bulk_bytes, 1);
	}
}

static void test_bulk_not_alone(void **state)
{
	const uint8_t page[100] = { 0 };
	uint32_t writes;

	(void)state;
	lent_claim();
	assert_int_not_equal(bulk(page, sizeof(page)), 0);
	assert_int_not_equal(bulk(page, sizeof(page)), 0);
	writes = fake.writes;
	fake_register(1);
	assert_int_equal(bulk(page, sizeof(page)), 0);
	assert_int_equal(fake.writes, writes);
}

static bool two_came(void)
{
	return lent_interrupts == 2 && lent_woken;
}

static void test_interrupts(void **state)
{
	(void)state;
	assert_true(hw->capabilities & OPP_HW_CAN_INTERRUPT);
	assert_int_equal(lent.irq, 7);
	lent_claim();
	lent_woken = 0;
	lent_nap(50);
	assert_int_equal(lent_interrupts, 0);
	fake_interrupt(2);
	lent_wait_for(two_came);
	hw->ops->enable_interrupt(hw, false);
	lent_nap(20);
	fake_interrupt(1);
	lent_nap(50);
	assert_int_equal(lent_interrupts, 2);
}

static bool any_came(void)
{
	return lent_interrupts != 0;
}

/* A service that serves a file may count as it likes. */
static void test_interrupts_made_up(void **state)
{
	int failed;

	(void)state;
	opp_backend_ppdev_close(&lent);
	fake.is_linux = false;
	fake.rises = INT_MAX;
	assert_int_equal(lent_open(&failed), OPP_SUCCESS);
	lent_claim();
	fake_interrupt(1);
	lent_wait_for(any_came);
	lent_nap(50);
	assert_in_range(lent_interrupts, 1, 1000);
}

#define CASE(name, function, setup)                                                                \
	{                                                                                          \
		name, function, setup, lent_stop, NULL                                             \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("ppdev: abilities are those of its system, chip modes none", test_abilities,
		     lent_start),
		CASE("ppdev: with an interrupt bytes are left to the lines",
		     test_abilities_with_irq, lent_start_with_irq),
		CASE("ppdev: a served file takes bytes, and has interrupts", test_abilities_served,
		     lent_start),
		CASE("ppdev: lines", test_lines, lent_start),
		CASE("ppdev: EPP by the file's own cycles, with exact counts", test_epp,
		     lent_start),
		CASE("ppdev: bytes in chunks, without a way to lose the port", test_bulk,
		     lent_start),
		CASE("ppdev: chunks of a slow printer are short", test_bulk_slow, lent_start),
		CASE("ppdev: a printer that is waited for gets a byte at a time",
		     test_bulk_waited_for, lent_start),
		CASE("ppdev: with another driver on the port bytes are left to the lines",
		     test_bulk_not_alone, lent_start),
		CASE("ppdev: interrupts are counted while they are wanted", test_interrupts,
		     lent_start_with_irq),
		CASE("ppdev: of interrupts that are made up a thousand count",
		     test_interrupts_made_up, lent_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
