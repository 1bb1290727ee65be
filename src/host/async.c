/* SPDX-License-Identifier: MIT */
/* libopenparport: asking now, being told later. */
#include "handle.h"

static bool is_valid(const struct opp_async *async)
{
	switch (async->kind) {
	case OPP_ASYNC_ALLOCATE: return true;
	case OPP_ASYNC_WRITE:
	case OPP_ASYNC_READ: return async->count <= OPP_ASYNC_BYTES;
	case OPP_ASYNC_BATCH:
		return opp_host_batch_is_valid(async->batch->ops, async->batch->count);
	case OPP_ASYNC_CONTROL: return true; /* it is looked at when it is packed */
	}
	return false;
}

enum opp_status opp_submit(struct opp_handle *handle, struct opp_async *async)
{
	if (!is_valid(async))
		return OPP_INVALID_PARAMETER;
	async->status = OPP_PENDING;
	async->done = 0;
	if (async->kind == OPP_ASYNC_BATCH)
		async->batch->done = 0;
	if (async->kind == OPP_ASYNC_CONTROL)
		async->control->information = 0;
	return handle->ops->submit(handle, async);
}

int opp_fd(struct opp_handle *handle)
{
	return handle->ops->fd(handle);
}

struct opp_async *opp_reap(struct opp_handle *handle)
{
	return handle->ops->reap(handle);
}

enum opp_status opp_cancel_async(struct opp_handle *handle, const struct opp_async *async)
{
	return handle->ops->cancel_async(handle, async);
}
