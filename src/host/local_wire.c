/* SPDX-License-Identifier: MIT */
/* What a handle on a port of this process has done on the wire by the port's worker. */
#include <stdlib.h>

#include "local.h"

enum opp_status opp_local_write(struct opp_handle *handle, const void *bytes, size_t count,
				uint64_t timeout_us, size_t *sent)
{
	enum opp_status status;
	struct opp_local_wait wait;

	opp_local_prepare(&wait, opp_local_of(handle), OPP_HOST_WRITE);
	wait.req.bytes = bytes;
	wait.req.count = count;
	wait.req.inactivity_us = timeout_us;
	wait.req.fault_us = timeout_us;
	status = opp_local_run(&wait, UINT64_MAX);
	*sent = wait.req.done;
	return status;
}

enum opp_status opp_local_read(struct opp_handle *handle, void *bytes, size_t room,
			       uint64_t timeout_us, size_t *got)
{
	enum opp_status status;
	struct opp_local_wait wait;

	opp_local_prepare(&wait, opp_local_of(handle), OPP_HOST_READ);
	wait.req.buffer = bytes;
	wait.req.count = room;
	wait.req.first_us = timeout_us;
	status = opp_local_run(&wait, UINT64_MAX);
	*got = wait.req.done;
	return status;
}

enum opp_status opp_local_wire(struct opp_handle *handle, enum opp_host_req_kind kind,
			       struct opp_ioc_wire *wire)
{
	struct opp_local_wait wait;
	enum opp_status status;

	opp_local_prepare(&wait, opp_local_of(handle), kind);
	wait.req.request = wire->request;
	wait.req.slot = wire->slot;
	wait.req.mode = wire->mode;
	status = opp_local_run(&wait, UINT64_MAX);
	*wire = opp_host_wire_facts(&wait.req, status);
	return status;
}

enum opp_status opp_local_device_id(struct opp_handle *handle, struct opp_ioc_device_id *id)
{
	struct opp_local_wait wait;
	enum opp_status status;

	opp_local_prepare(&wait, opp_local_of(handle), OPP_HOST_DEVICE_ID);
	wait.req.buffer = id->bytes;
	wait.req.count = sizeof(id->bytes);
	status = opp_local_run(&wait, UINT64_MAX);
	id->wire = opp_host_wire_facts(&wait.req, status);
	return status;
}

static enum opp_status run_batch(struct opp_local *local, struct opp_batch *batch, bool job)
{
	struct opp_local_wait wait;
	enum opp_status status;

	opp_local_prepare(&wait, local, OPP_HOST_BATCH);
	wait.req.job = job;
	wait.req.ops = batch->ops;
	wait.req.count = batch->count;
	status = opp_local_run(&wait, job ? opp_local_deadline_ns(batch->timeout_us) : UINT64_MAX);
	batch->done = (uint32_t)wait.req.done;
	return status;
}

enum opp_status opp_local_batch(struct opp_handle *handle, struct opp_batch *batch)
{
	enum opp_status status = run_batch(opp_local_of(handle), batch, false);

	if (status == OPP_INVALID_DEVICE_STATE && batch->allocate)
		status = run_batch(opp_local_of(handle), batch, true);
	return status;
}

void opp_local_document(struct opp_host_req *req, struct opp_ioc_control *control)
{
	req->kind = OPP_HOST_DOCUMENTED;
	req->contract.major = control->major;
	req->contract.code = control->code;
	req->contract.input_bytes = control->input_bytes;
	req->contract.output_bytes = control->output_bytes;
	if (control->input_bytes || control->output_bytes)
		req->contract.buffer = control + 1;
}

enum opp_status opp_local_control(struct opp_handle *handle, struct opp_ioc_control *control)
{
	struct opp_local_wait wait;
	enum opp_status status;

	opp_local_prepare(&wait, opp_local_of(handle), OPP_HOST_DOCUMENTED);
	opp_local_document(&wait.req, control);
	status = opp_local_run(&wait, UINT64_MAX);
	control->information = wait.req.contract.information;
	return status;
}

static enum opp_status look_who_is_there(struct opp_local *local)
{
	struct opp_scan *scan = malloc(sizeof(*scan));
	struct opp_local_wait wait;
	enum opp_status status;

	if (!scan)
		return OPP_INSUFFICIENT_RESOURCES;
	opp_local_prepare(&wait, local, OPP_HOST_SCAN);
	wait.req.job = true;
	wait.req.scan = scan;
	wait.req.most_devices = OPP_CHAIN_DEVICES;
	status = opp_local_run(&wait, UINT64_MAX);
	free(scan);
	return status;
}

enum opp_status opp_local_open_device(struct opp_handle *handle, uint8_t place)
{
	struct opp_local *local = opp_local_of(handle);
	enum opp_status status = OPP_SUCCESS;

	if (place != OPP_PLACE_RAW)
		status = look_who_is_there(local);
	if (status != OPP_SUCCESS)
		return status;
	return opp_host_open_device(local->port->host, &local->client, place);
}
