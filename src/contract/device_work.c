/* SPDX-License-Identifier: MIT */
/*
 * Requests that go through a device's work queue: into its engine, and out again.
 *
 *	opp_device_work_locked --> struct opp_device --> opp_devices_answer_locked
 *	                                                       |
 *	                                   its row's answer    '--> port->answered,
 *	                                                            told by events.c
 *
 * An answer is made before the device goes on to its next request: what a device
 * found out (its id) it finds out anew for the next one.
 */
#include "devices.h"

static enum opp_status answer_of(struct opp_request *request)
{
	if (request->row && request->row->answer_locked)
		return request->row->answer_locked(request);
	return request->device_req.status;
}

enum opp_status opp_device_work_locked(struct opp_request *request, uint64_t now_us)
{
	struct opp_contract_port *port = request->device->port;
	enum opp_status status;

	if (request->cancelled)
		return OPP_CANCELLED;
	status = opp_device_submit_locked(&request->device->device, &request->device_req, now_us);
	if (status != OPP_PENDING)
		return answer_of(request);
	port->stirred = true;
	if (request->awaited)
		return OPP_PENDING;
	request->cancelable = !request->decided;
	if (!port->ops->pend(port->context, request, request->cancelable))
		opp_device_drop_locked(request);
	return OPP_PENDING;
}

void opp_device_drop_locked(struct opp_request *request)
{
	request->device->port->stirred = true;
	(void)opp_device_cancel_locked(&request->device->device, &request->device_req);
}

/* What has ended while it was being submitted was never the front end's to cancel. */
bool opp_device_take(void *context, struct opp_device_req *req)
{
	struct opp_request *request = OPP_NODE(req, struct opp_request, device_req);
	const struct opp_contract_device *device = context;

	request->decided = true;
	return !request->cancelable || device->port->ops->take(device->port->context, request);
}

/* ---- what has ended -------------------------------------------------------------------- */

static void answer_locked(struct opp_contract_port *port, struct opp_device_req *req)
{
	struct opp_request *request = OPP_NODE(req, struct opp_request, device_req);

	request->status = answer_of(request);
	opp_queue_append(&port->answered, &request->link);
}

void opp_devices_answer_locked(struct opp_contract_port *port)
{
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		struct opp_device *device = &port->devices[i].device;

		while (device->finished.count > 0)
			answer_locked(port, opp_device_next_finished_locked(device));
	}
}

/* ---- time ---------------------------------------------------------------------------------- */

void opp_devices_expire_locked(struct opp_contract_port *port, uint64_t now_us)
{
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		struct opp_device *device = &port->devices[i].device;

		if (opp_device_deadline_us_locked(device) <= now_us)
			opp_device_expire_locked(device, now_us);
	}
}

uint64_t opp_devices_deadline_us_locked(const struct opp_contract_port *port)
{
	uint64_t earliest_us = UINT64_MAX;

	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		uint64_t us = opp_device_deadline_us_locked(&port->devices[i].device);

		if (us < earliest_us)
			earliest_us = us;
	}
	return earliest_us;
}

struct opp_device *opp_device_at_work_locked(struct opp_contract_port *port)
{
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		if (port->devices[i].device.state == OPP_DEVICE_WORKING)
			return &port->devices[i].device;
	}
	return NULL;
}
