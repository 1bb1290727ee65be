/* SPDX-License-Identifier: MIT */
/*
 * The places of a port: who is there, and who has it open.
 *
 *	            seen                    not seen, or its port is gone
 *	 absent ------------> present ------------------------------> absent
 *	   ^                     |            nobody has it open
 *	   |                     | the same, but a file has it open
 *	   |                     v
 *	   '------------- removed (DELETE_PENDING) --> gone, with its port
 *	     closed                                    (DEVICE_REMOVED)
 *
 * Who is removed comes back as somebody else: not before the file is closed. One that the
 * front end takes away is removed or gone until it is returned, whoever is there.
 */
#include "devices.h"

static uint8_t place_of(uint32_t index)
{
	return index <= OPP_PLACE_END_OF_CHAIN ? (uint8_t)index : OPP_PLACE_RAW;
}

static const struct opp_device_ops engine_ops = { .take = opp_device_take };

void opp_devices_init(struct opp_contract_port *port)
{
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		struct opp_contract_device *device = &port->devices[i];

		device->port = port;
		opp_device_init(&device->device, &port->port, place_of(i), &engine_ops, device);
		device->in_chain = place_of(i) == OPP_PLACE_RAW;
		if (!device->in_chain)
			device->device.presence = OPP_DEVICE_ABSENT;
	}
}

struct opp_contract_device *opp_contract_device(struct opp_contract_port *port, uint8_t place)
{
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		if (place_of(i) == place)
			return &port->devices[i];
	}
	return NULL;
}

bool opp_contract_device_is_there(struct opp_contract_device *device, char *id)
{
	bool is_there;

	(void)opp_contract_lock(device->port);
	is_there = device->device.presence == OPP_DEVICE_PRESENT;
	if (device->taken_away)
		is_there = device->in_chain && !opp_is_removed_locked(device->port);
	if (id)
		(void)__builtin_memcpy(id, device->id, sizeof(device->id));
	opp_contract_tell_and_unlock(device->port);
	return is_there;
}

/* ---- presence ------------------------------------------------------------------------ */

/* The worker ends what is under way. */
static void remove_locked(struct opp_contract_device *device, enum opp_device_presence presence,
			  uint64_t now_us)
{
	opp_device_remove_locked(&device->device, presence, now_us);
	device->port->stirred = true;
}

/* What follows for @device from who is at its place and whether a file has it open. */
static void settle_presence_locked(struct opp_contract_device *device, uint64_t now_us)
{
	enum opp_device_presence *presence = &device->device.presence;

	if (opp_is_removed_locked(device->port) || device->taken_away)
		return;
	if (!device->file)
		*presence = device->in_chain ? OPP_DEVICE_PRESENT : OPP_DEVICE_ABSENT;
	else if (!device->in_chain && *presence == OPP_DEVICE_PRESENT)
		remove_locked(device, OPP_DEVICE_SURPRISE_REMOVED, now_us);
}

void opp_device_seen_locked(struct opp_contract_device *device, bool is_there, const char *id,
			    uint64_t now_us)
{
	device->in_chain = is_there;
	if (is_there && id)
		(void)__builtin_memcpy(device->id, id, sizeof(device->id));
	else
		device->id[0] = '\0';
	settle_presence_locked(device, now_us);
	device->port->devices_changed = true;
}

void opp_contract_take_device(struct opp_contract_device *device, enum opp_device_presence presence)
{
	const uint64_t now_us = opp_contract_lock(device->port);

	device->taken_away = true;
	remove_locked(device, presence, now_us);
	opp_contract_tell_and_unlock(device->port);
}

void opp_contract_return_device(struct opp_contract_device *device)
{
	const uint64_t now_us = opp_contract_lock(device->port);

	device->taken_away = false;
	settle_presence_locked(device, now_us);
	opp_contract_tell_and_unlock(device->port);
}

void opp_contract_counted_locked(struct opp_contract_port *port, uint32_t count, uint64_t now_us)
{
	port->device_count = count;
	for (uint32_t id = 0; id < OPP_CHAIN_DEVICES; id++)
		opp_device_seen_locked(&port->devices[id], id < count, NULL, now_us);
}

void opp_devices_remove_locked(struct opp_contract_port *port, enum opp_port_presence presence,
			       uint64_t now_us)
{
	const enum opp_device_presence gone =
		presence == OPP_PORT_REMOVED ? OPP_DEVICE_GONE : OPP_DEVICE_SURPRISE_REMOVED;

	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		struct opp_contract_device *device = &port->devices[i];

		if (device->device.presence != OPP_DEVICE_ABSENT &&
		    device->device.presence != OPP_DEVICE_GONE)
			remove_locked(device, gone, now_us);
	}
	port->devices_changed = true;
}

/* ---- files ---------------------------------------------------------------------------- */

enum opp_status opp_create_device_locked(struct opp_contract_port *port,
					 struct opp_request *request, uint64_t now_us)
{
	struct opp_contract_device *device = request->device;
	enum opp_status status;

	(void)port;
	(void)now_us;
	if (!request->client) {
		status = opp_device_refusal_locked(&device->device);
		return status == OPP_SUCCESS ? OPP_INVALID_PARAMETER : status;
	}
	status = opp_device_open_locked(&device->device, request->as_directory);
	if (status == OPP_SUCCESS)
		device->file = request->client;
	return status;
}

enum opp_status opp_close_device_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us)
{
	struct opp_contract_device *device = request->device;
	const enum opp_device_presence before = device->device.presence;

	if (!request->client || device->file != request->client)
		return OPP_SUCCESS;
	opp_device_close_locked(&device->device, now_us);
	device->file = NULL;
	settle_presence_locked(device, now_us);
	port->devices_changed |= device->device.presence != before;
	port->stirred = true;
	return OPP_SUCCESS;
}
