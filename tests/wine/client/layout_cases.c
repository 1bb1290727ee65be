/* SPDX-License-Identifier: MIT */
/*
 * A client that was written to the published headers.
 */
#include "device_case.h"
#include "published.h"
#include "rig.h"

#define ROOM 200

/* Room for more than there is: Information tells the structure. */
static void ask_port(struct rig *rig, uint32_t code, enum published_structure which,
		     uint8_t answer[ROOM])
{
	struct call call = { .buffer = answer, .output_bytes = ROOM };

	submit(rig, &call, NO_FILE, code);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, published_bytes(which));
}

static void port_answers(struct rig *rig)
{
	_Alignas(8) uint8_t answer[ROOM];

	ask_port(rig, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, PUBLISHED_PORT, answer);
	CHECK(published_port(answer));
	ask_port(rig, IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO, PUBLISHED_MORE, answer);
	CHECK(published_more(answer));
	ask_port(rig, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, PUBLISHED_PNP, answer);
	CHECK(published_pnp(answer));
	CHECK_EQUAL(rig_counters(rig).PortFrees, rig_counters(rig).PortAllocates);
}

static void device_answer(struct rig *rig)
{
	_Alignas(8) uint8_t answer[ROOM];
	struct call call = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
			     .code = IOCTL_INTERNAL_PARCLASS_CONNECT,
			     .buffer = answer,
			     .output_bytes = ROOM };

	open_device(rig, END_DEVICE, 0);
	send_to(rig, &call, END_DEVICE);
	CHECK_EQUAL(call.returned, SUCCESS);
	CHECK_EQUAL(call.information, published_bytes(PUBLISHED_PARCLASS));
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, LOCK), SUCCESS);
	CHECK_EQUAL(published_write(answer, "published", 9), 9);
	CHECK_EQUAL(ask_internal(rig, END_DEVICE, UNLOCK), SUCCESS);
	check_heard(rig, END_DEVICE, "published", 9);
}

static const struct contract_case cases[] = {
	{ "C-097 a port's answers as the published headers read them", port_answers,
	  NEEDS_DEVICES | NEEDS_CHAIN | NEEDS_ECP },
	{ "C-097 a device's callbacks as the published headers call them", device_answer,
	  ON_POOR_CHIP },
};

CASE_TABLE(layout_cases, cases);
