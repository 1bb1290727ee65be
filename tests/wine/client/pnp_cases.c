/* SPDX-License-Identifier: MIT */
/*
 * A port that is stopped, started, removed and comes again, and its devices with it.
 */
#include <string.h>

#include "device_case.h"
#include "rig.h"

#define MANY 1000

static NTSTATUS send_pnp(struct rig *rig, uint8_t place, UCHAR minor)
{
	return bus->pnp(rig->port, place, minor, NULL);
}

static NTSTATUS to_port(struct rig *rig, UCHAR minor)
{
	return send_pnp(rig, BUS_PORT_ITSELF, minor);
}

/* ---- removal ------------------------------------------------------------------------------ */

static uint32_t refused;

static void count_refused(struct rig *rig, struct call *call)
{
	(void)rig;
	check_ended(call, DELETE_PENDING);
	refused++;
}

static void full_queues(struct rig *rig)
{
	static struct call port_calls[MANY];
	static struct call writes[64];

	refused = 0;
	open_files(rig, 2);
	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	for (size_t i = 0; i < MANY; i++) {
		port_calls[i] = (struct call){ .completed = count_refused };
		queue_allocate(rig, &port_calls[i], (int)(i % 2));
	}
	for (size_t i = 0; i < 64; i++) {
		writes[i] = (struct call){ .completed = count_refused };
		queue_write(rig, &writes[i], RAW_DEVICE, "abc", 3);
	}
	CHECK_EQUAL(waiters(rig), MANY + 1);
	rig_remove(rig, true);
	rig_settle(rig);
	CHECK_EQUAL(refused, MANY + 64);
	rig_remove(rig, false);
	CHECK_EQUAL(refused, MANY + 64);
}

static void removal_is_refused(struct rig *rig)
{
	open_files(rig, 1);
	CHECK(to_port(rig, IRP_MN_QUERY_REMOVE_DEVICE) < 0);
	CHECK(to_port(rig, IRP_MN_QUERY_STOP_DEVICE) < 0);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	close_file(rig, 0);
	open_device(rig, RAW_DEVICE, 0);
	CHECK(to_port(rig, IRP_MN_QUERY_STOP_DEVICE) < 0);
	CHECK(send_pnp(rig, RAW_DEVICE, IRP_MN_QUERY_REMOVE_DEVICE) < 0);
	close_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(send_pnp(rig, RAW_DEVICE, IRP_MN_QUERY_REMOVE_DEVICE), SUCCESS);
	CHECK_EQUAL(send_pnp(rig, RAW_DEVICE, IRP_MN_CANCEL_REMOVE_DEVICE), SUCCESS);
	CHECK_EQUAL(to_port(rig, IRP_MN_QUERY_REMOVE_DEVICE), SUCCESS);
	CHECK_EQUAL(to_port(rig, IRP_MN_CANCEL_REMOVE_DEVICE), SUCCESS);
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
}

static void comes_again(struct rig *rig)
{
	const struct bus_port_options options = { .needs = ON_POOR_CHIP };

	for (int i = 0; i < 10; i++) {
		struct bus_port *port = rig->port;

		rig->port = NULL;
		CHECK_EQUAL(bus->destroy(port), 0);
		CHECK_EQUAL(bus->make(&options, &rig->port), STATUS_SUCCESS);
		open_files(rig, 1);
		open_device(rig, 1, 0);
		CHECK_EQUAL(write_to(rig, 1, "abc", 3), SUCCESS);
		check_heard(rig, 1, "abc", 3);
		close_device(rig, 1, 0);
		close_file(rig, 0);
	}
}

/* ---- stop and start ---------------------------------------------------------------------------- */

static void stopped_and_started(struct rig *rig)
{
	for (int i = 0; i < 3; i++) {
		CHECK_EQUAL(to_port(rig, IRP_MN_QUERY_STOP_DEVICE), SUCCESS);
		CHECK_EQUAL(to_port(rig, IRP_MN_STOP_DEVICE), SUCCESS);
		CHECK(ask_major(rig, 0, IRP_MJ_CREATE) < 0);
		CHECK_EQUAL(to_port(rig, IRP_MN_START_DEVICE), SUCCESS);
		rig_settle(rig);
		open_files(rig, 1);
		CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
		CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
		close_file(rig, 0);
	}
	CHECK(rig_is_there(rig, RAW_DEVICE, NULL));
	open_device(rig, RAW_DEVICE, 0);
	CHECK_EQUAL(write_to(rig, RAW_DEVICE, "abc", 3), SUCCESS);
	check_heard(rig, END_DEVICE, "abc", 3);
}

static void stop_called_off(struct rig *rig)
{
	CHECK_EQUAL(to_port(rig, IRP_MN_QUERY_STOP_DEVICE), SUCCESS);
	CHECK_EQUAL(to_port(rig, IRP_MN_CANCEL_STOP_DEVICE), SUCCESS);
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
}

/* ---- no device object where there is no device ------------------------------------------------------ */

/* What open_device_vanishes is for a file, for a device nobody has open. */
static void vanishes_and_returns(struct rig *rig)
{
	CHECK(rig_is_there(rig, 1, NULL));
	rig_change_chain(rig, 1, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	CHECK(!rig_is_there(rig, 1, NULL));
	CHECK(rig_is_there(rig, 0, NULL));
	rig_change_chain(rig, 2, CHAIN_SOUND);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	CHECK(rig_is_there(rig, 1, NULL));
	open_device(rig, 1, 0);
	CHECK_EQUAL(write_to(rig, 1, "abc", 3), SUCCESS);
	check_heard(rig, 1, "abc", 3);
}

static const struct contract_case cases[] = {
	{ "C-175 C-177 surprise removal with full queues ends each once", full_queues, 0 },
	{ "stop and removal are refused while a file is open", removal_is_refused, 0 },
	{ "a port that was removed comes again", comes_again, ON_POOR_CHIP },
	{ "a port is stopped and started", stopped_and_started, ON_POOR_CHIP },
	{ "a stop that is called off changes nothing", stop_called_off, 0 },
	{ "a device object comes and goes with its device", vanishes_and_returns, ON_POOR_CHIP },
};

CASE_TABLE(pnp_cases, cases);
