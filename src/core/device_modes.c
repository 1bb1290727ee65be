/* SPDX-License-Identifier: MIT */
/*
 * Which protocols host and device have in common, found by asking the device.
 *
 *	ask --> ASKED --> answered --> ask ... --> connected, home or end
 *
 * An answer holds for every protocol that goes by the same request; who does not know
 * IEEE 1284 refuses them all at once. Nothing is asked twice.
 */
#include "device_work.h"

#define BOTH_WAYS .forward = true, .reverse = true

/* The fastest first (contract 5.2, S-67). */
static const struct opp_device_protocol protocols[] = {
	{
		.bit = OPP_PROTO_BOUNDED_ECP,
		BOTH_WAYS,
		.is_asked = true,
		.request = OPP_REQUEST_BECP,
		.needs = OPP_HW_CAN_FIFO | OPP_HW_CAN_REVERSE,
		.wants = OPP_PROTOCOL_BOUNDED_ECP,
	},
	{
		.bit = OPP_PROTO_ECP_HW_NOIRQ,
		BOTH_WAYS,
		.is_asked = true,
		.request = OPP_REQUEST_ECP,
		.needs = OPP_HW_CAN_FIFO | OPP_HW_CAN_REVERSE,
		.bars = OPP_PROTOCOL_SOFTWARE_ECP,
	},
	{
		.bit = OPP_PROTO_EPP_HW,
		BOTH_WAYS,
		.is_asked = true,
		.request = OPP_REQUEST_EPP,
		.needs = OPP_HW_CAN_EPP,
		.reverse_needs = OPP_HW_CAN_REVERSE,
		.bars = OPP_PROTOCOL_SOFTWARE_EPP,
	},
	{
		.bit = OPP_PROTO_EPP_SW,
		BOTH_WAYS,
		.is_asked = true,
		.request = OPP_REQUEST_EPP,
		.reverse_needs = OPP_HW_CAN_REVERSE,
		.sets = OPP_PROTOCOL_SOFTWARE_EPP,
	},
	{
		.bit = OPP_PROTO_ECP_SW,
		BOTH_WAYS,
		.is_asked = true,
		.request = OPP_REQUEST_ECP,
		.reverse_needs = OPP_HW_CAN_REVERSE,
		.sets = OPP_PROTOCOL_SOFTWARE_ECP,
	},
	{
		.bit = OPP_PROTO_BYTE,
		.reverse = true,
		.is_asked = true,
		.request = OPP_REQUEST_BYTE,
		.needs = OPP_HW_CAN_REVERSE,
	},
	{
		.bit = OPP_PROTO_NIBBLE,
		.reverse = true,
		.is_asked = true,
		.request = OPP_REQUEST_NIBBLE,
	},
	{ .bit = OPP_PROTO_COMPATIBILITY, .forward = true },
	{ .bit = OPP_PROTO_CENTRONICS, .forward = true },
};

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))
#define PROTOCOLS_END  (protocols + PROTOCOL_COUNT)

const struct opp_device_protocol *opp_device_protocol_of(uint16_t bit)
{
	const struct opp_device_protocol *protocol = protocols;

	while (protocol < PROTOCOLS_END - 1 && protocol->bit != bit)
		protocol++;
	return protocol;
}

/* What the host can do, as the port's options allow. */
static bool is_offered(const struct opp_device_run *run, const struct opp_device_protocol *protocol)
{
	const uint32_t options = run->device->work.options;

	return (run->hw->capabilities & protocol->needs) == protocol->needs &&
	       !(options & protocol->bars) && (options & protocol->wants) == protocol->wants;
}

static bool is_of_use(const struct opp_device_run *run, const struct opp_device_protocol *protocol,
		      bool reverse)
{
	const uint32_t needs = protocol->reverse_needs;

	if (!is_offered(run, protocol) || (protocol->bit & run->device->work.excluded))
		return false;
	return reverse ? protocol->reverse && (run->hw->capabilities & needs) == needs
		       : protocol->forward;
}

/* ---- what to do with the answers -------------------------------------------------------- */

/* The fastest that was not refused; NULL: nothing in common. */
static const struct opp_device_protocol *choose(const struct opp_device_run *run, uint16_t mask,
						bool reverse)
{
	const struct opp_device_protocol *protocol;

	for (protocol = protocols; protocol < PROTOCOLS_END; protocol++)
		if ((protocol->bit & mask & ~run->device->work.no) &&
		    is_of_use(run, protocol, reverse))
			return protocol;
	return NULL;
}

static bool is_known(const struct opp_device_work *work, const struct opp_device_protocol *protocol)
{
	return !protocol->is_asked || (protocol->bit & (work->yes | work->no));
}

static void ask_for(struct opp_device_run *run, const struct opp_device_protocol *protocol)
{
	run->device->work.request = protocol->request;
	opp_device_enter(run, protocol, OPP_WORK_ASKED);
}

/* Returns whether that direction's protocol is decided on. */
static bool decide(struct opp_device_run *run, uint16_t mask, bool reverse)
{
	struct opp_device_work *work = &run->device->work;
	const struct opp_device_protocol *protocol;

	if (!mask)
		return true;
	protocol = choose(run, mask, reverse);
	if (!protocol) {
		opp_device_go_home(run, OPP_UNSUCCESSFUL);
		return false;
	}
	if (!is_known(work, protocol)) {
		ask_for(run, protocol);
		return false;
	}
	work->protocols[reverse] = protocol->bit;
	return true;
}

static void negotiate(struct opp_device_run *run)
{
	struct opp_device_work *work = &run->device->work;
	struct opp_device_req *req = work->req;

	if (!decide(run, req->read, true) || !decide(run, req->write, false))
		return;
	req->write = work->protocols[false];
	req->read = work->protocols[true];
	if (work->locked)
		opp_device_connect(run);
	else
		opp_device_end(run, OPP_SUCCESS);
}

static void find_all(struct opp_device_run *run)
{
	struct opp_device_work *work = &run->device->work;
	const struct opp_device_protocol *protocol;

	for (protocol = protocols; protocol < PROTOCOLS_END; protocol++) {
		if (!is_offered(run, protocol))
			work->no |= protocol->bit;
		else if (!protocol->is_asked)
			work->yes |= protocol->bit;
		if (!is_known(work, protocol)) {
			ask_for(run, protocol);
			return;
		}
	}
	work->yes &= (uint16_t)~work->no;
	work->req->read = work->yes & (uint16_t)~work->req->exclude;
	work->req->write = work->req->read;
	opp_device_go_home(run, OPP_SUCCESS);
}

void opp_device_ask(struct opp_device_run *run)
{
	if (run->device->work.req->op == OPP_DO_CAPS)
		find_all(run);
	else
		negotiate(run);
}

/* ---- answers -------------------------------------------------------------------------------- */

/* All protocols that go by a request, or by @request. */
static uint16_t asked_for(bool any, uint8_t request)
{
	const struct opp_device_protocol *protocol;
	uint16_t mask = 0;

	for (protocol = protocols; protocol < PROTOCOLS_END; protocol++)
		if (protocol->is_asked && (any || protocol->request == request))
			mask |= protocol->bit;
	return mask;
}

void opp_device_answered(struct opp_device_run *run)
{
	struct opp_device_work *work = &run->device->work;
	const enum opp_status status = run->device->transfer.status;

	switch (status) {
	case OPP_SUCCESS: work->yes |= asked_for(false, work->request); break;
	case OPP_NO_SUCH_DEVICE: work->no |= asked_for(true, 0); break;
	case OPP_UNSUCCESSFUL:
	case OPP_INVALID_PARAMETER:
	case OPP_DEVICE_PROTOCOL_ERROR: work->no |= asked_for(false, work->request); break;
	default: opp_device_end(run, status); return;
	}
	opp_device_ask(run);
}
