/* SPDX-License-Identifier: MIT */
/*
 * IOCTL_OPENPARPORT_QUERY_STATUS: what a port is doing and for whom, as one of its devices
 * tells it. A picture of one moment, taken under the lock; nothing is changed by it.
 */
#include "devices.h"

static uint32_t index_of(const struct opp_contract_device *device)
{
	return (uint32_t)(device - device->port->devices);
}

static uint32_t process_of_locked(const struct opp_contract_port *port, struct opp_client *client)
{
	if (!client || !port->ops->process_of)
		return 0;
	return port->ops->process_of(port->context, client);
}

static uint32_t state_locked(struct opp_contract_port *port, uint64_t now_us)
{
	switch (opp_port_state_locked(&port->port, now_us)) {
	case OPP_PORT_FREE: return OPENPARPORT_FREE;
	case OPP_PORT_GRANTING: return OPENPARPORT_GRANTING;
	case OPP_PORT_HELD: return OPENPARPORT_HELD;
	case OPP_PORT_RELEASING: break;
	}
	return OPENPARPORT_RELEASING;
}

/* @client has the port, or is about to get it; NULL: somebody without a file. */
static void tell_holder_locked(const struct opp_contract_port *port, struct opp_client *client,
			       struct OPENPARPORT_STATUS *status)
{
	const struct opp_contract_device *device;

	if (!client) {
		status->HolderKind = OPENPARPORT_HOLDER_UNKNOWN;
	} else if (client == &port->look.client) {
		status->HolderKind = OPENPARPORT_HOLDER_DRIVER;
	} else if (client->is_device) {
		device = OPP_NODE(OPP_NODE(client, struct opp_device, client),
				  struct opp_contract_device, device);
		status->HolderKind = OPENPARPORT_HOLDER_DEVICE;
		status->HolderPlace = index_of(device);
		status->HolderProcess = process_of_locked(port, device->file);
	} else {
		status->HolderKind = OPENPARPORT_HOLDER_FILE;
		status->HolderProcess = process_of_locked(port, client);
	}
}

static void tell_arbitration_locked(struct opp_contract_port *port,
				    struct OPENPARPORT_STATUS *status, uint64_t now_us)
{
	const struct opp_port *engine = &port->port;

	status->State = state_locked(port, now_us);
	status->Waiters = opp_port_waiters_locked(engine);
	status->Allocates = engine->counters.allocates;
	status->Frees = engine->counters.frees;
	status->LongestWaitMicroseconds = engine->counters.longest_wait_us;
	status->LongestHoldMicroseconds = engine->counters.longest_hold_us;
	if (status->State == OPENPARPORT_HELD) {
		status->HeldMicroseconds = now_us - engine->held_since_us;
		tell_holder_locked(port, engine->holder, status);
	} else if (status->State == OPENPARPORT_GRANTING) {
		tell_holder_locked(port, engine->granting->client, status);
	}
}

static void tell_hardware_locked(const struct opp_contract_port *port,
				 struct OPENPARPORT_STATUS *status)
{
	const struct opp_port_description *description = port->description;

	status->HardwareCapabilities = opp_capabilities_locked(port);
	status->FifoDepth = port->hw->fifo.depth_words;
	status->FifoWidth = opp_fifo_width_bits(port);
	status->ChipMode = opp_chip_mode_locked(port);
	status->Ieee1284_3DeviceCount = port->device_count;
	status->OriginalController = description->controller_address;
	status->OriginalEcpController = description->ecp_address;
	status->SpanOfController = description->controller_span_bytes;
	status->SpanOfEcpController = description->ecp_span_bytes;
}

static void tell_device_locked(const struct opp_contract_port *port,
			       const struct opp_contract_device *place,
			       struct OPENPARPORT_DEVICE *told)
{
	const struct opp_device *device = &place->device;

	if (device->presence == OPP_DEVICE_PRESENT)
		told->Flags |= OPENPARPORT_DEVICE_PRESENT;
	if (device->open)
		told->Flags |= OPENPARPORT_DEVICE_OPEN;
	if (device->locked)
		told->Flags |= OPENPARPORT_DEVICE_LOCKED;
	told->Process = process_of_locked(port, place->file);
	told->ReadProtocol = device->read_protocol;
	told->WriteProtocol = device->write_protocol;
}

enum opp_status opp_query_status_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us)
{
	struct OPENPARPORT_STATUS status;

	_Static_assert(OPENPARPORT_DEVICES == OPP_CONTRACT_DEVICES, "a place for each device");
	(void)__builtin_memset(&status, 0, sizeof(status));
	tell_arbitration_locked(port, &status, now_us);
	tell_hardware_locked(port, &status);
	status.Place = index_of(request->device);
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++)
		tell_device_locked(port, &port->devices[i], &status.Devices[i]);
	return opp_reply(request, &status, sizeof(status));
}
