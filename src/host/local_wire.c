/* SPDX-License-Identifier: MIT */
/* What a handle on a port of this process has done on the wire by the port's worker. */
#include "local.h"

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
