/* SPDX-License-Identifier: MIT */
/* libopenparport: several pin operations in one call, and the pulse made of them. */
#include "handle.h"

enum opp_status opp_batch(struct opp_handle *handle, struct opp_batch *batch)
{
	batch->done = 0;
	if (!opp_host_batch_is_valid(batch->ops, batch->count))
		return OPP_INVALID_PARAMETER;
	return handle->ops->batch(handle, batch);
}

enum opp_status opp_pulse(struct opp_handle *handle, uint8_t mask, uint8_t value, uint64_t ns,
			  uint64_t *width_ns)
{
	struct opp_batch_op ops[] = {
		{ .what = OPP_BATCH_DATA, .mask = mask, .value = value },
		{ .what = OPP_BATCH_DELAY, .ns = ns },
		{ .what = OPP_BATCH_DATA_AS_WAS, .mask = mask },
	};
	struct opp_batch batch = { .ops = ops, .count = 3 };
	const enum opp_status status = opp_batch(handle, &batch);

	if (width_ns)
		*width_ns = batch.done ? ops[2].at_ns - ops[0].at_ns : 0;
	return status;
}
