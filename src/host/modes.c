/* SPDX-License-Identifier: MIT */
/* libopenparport: modes of IEEE 1284, device ids and daisy chains, by a handle that holds its port. */
#include <openparport/device_id.h>

#include "handle.h"

enum opp_status opp_read(struct opp_handle *handle, void *bytes, size_t room, uint64_t timeout_us,
			 size_t *got)
{
	size_t unwanted;

	return handle->ops->read(handle, bytes, room, timeout_us, got ? got : &unwanted);
}

enum opp_status opp_negotiate(struct opp_handle *handle, uint8_t request, struct opp_ioc_wire *how)
{
	struct opp_ioc_wire wire = { .request = request };
	const enum opp_status status = handle->ops->wire(handle, OPP_HOST_NEGOTIATE, &wire);

	if (how)
		*how = wire;
	return status;
}

enum opp_status opp_terminate(struct opp_handle *handle)
{
	return handle->ops->wire(handle, OPP_HOST_TERMINATE, &(struct opp_ioc_wire){ 0 });
}

enum opp_status opp_device_id(struct opp_handle *handle, char *text, size_t room)
{
	struct opp_ioc_device_id id = { .wire.count = 0 };
	const enum opp_status status = handle->ops->device_id(handle, &id);
	char whole[sizeof(id.bytes) + 1];

	if (status != OPP_SUCCESS)
		return status;
	/* What a service says it has filled in is not to be believed. */
	if (id.wire.count > sizeof(id.bytes) ||
	    opp_device_id_text(id.bytes, id.wire.count, whole, sizeof(whole)) == 0)
		return OPP_DEVICE_PROTOCOL_ERROR;
	if (opp_device_id_text(id.bytes, id.wire.count, text, room) == 0)
		return OPP_BUFFER_TOO_SMALL;
	return OPP_SUCCESS;
}

enum opp_status opp_chain(struct opp_handle *handle, uint32_t *devices)
{
	struct opp_ioc_wire wire = { .count = 0 };
	const enum opp_status status = handle->ops->wire(handle, OPP_HOST_ASSIGN, &wire);

	*devices = wire.count;
	return status;
}

enum opp_status opp_select(struct opp_handle *handle, uint8_t slot, enum opp_mode mode)
{
	struct opp_ioc_wire wire = { .slot = slot, .mode = (uint8_t)mode };

	if (slot == OPP_IOC_END_OF_CHAIN)
		return handle->ops->wire(handle, OPP_HOST_DESELECT, &wire);
	if (slot >= OPP_HOST_DAISY_MOST || (uint32_t)mode > OPP_MODE_EPP)
		return OPP_INVALID_PARAMETER;
	return handle->ops->wire(handle, OPP_HOST_SELECT, &wire);
}
