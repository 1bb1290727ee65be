/* SPDX-License-Identifier: MIT */
/*
 * What a port tells about itself. Each answer is built on zeroed storage, so
 * that unused fields and padding are 0 (S-12), and copied out whole.
 */
#include "rows.h"

#define BITS_A_BYTE 8u

enum opp_status opp_get_port_info_locked(struct opp_contract_port *port,
					 struct opp_request *request, uint64_t now_us)
{
	const struct opp_port_description *description = port->description;
	struct PARALLEL_PORT_INFORMATION info;

	(void)now_us;
	(void)__builtin_memset(&info, 0, sizeof(info));
	info.OriginalController = description->controller_address;
	info.Controller = description->controller;
	info.SpanOfController = description->controller_span_bytes;
	info.TryAllocatePort = opp_try_allocate_port;
	info.FreePort = opp_free_port;
	info.QueryNumWaiters = opp_query_num_waiters;
	info.Context = port;
	return opp_reply(request, &info, sizeof(info));
}

enum opp_status opp_get_more_port_info_locked(struct opp_contract_port *port,
					      struct opp_request *request, uint64_t now_us)
{
	const struct opp_port_description *description = port->description;
	struct MORE_PARALLEL_PORT_INFORMATION info;

	(void)now_us;
	(void)__builtin_memset(&info, 0, sizeof(info));
	info.InterfaceType = description->interface_type;
	info.BusNumber = description->bus_number;
	if (description->has_interrupt) {
		info.InterruptLevel = description->interrupt_level;
		info.InterruptVector = description->interrupt_vector;
		info.InterruptAffinity = description->interrupt_affinity;
		info.InterruptMode = description->interrupt_mode;
	}
	return opp_reply(request, &info, sizeof(info));
}

uint32_t opp_capabilities_locked(const struct opp_contract_port *port)
{
	static const struct {
		uint32_t hw;
		uint32_t capability;
	} pairs[] = {
		{ OPP_HW_CAN_REVERSE, PPT_BYTE_PRESENT },
		{ OPP_HW_CAN_EPP, PPT_EPP_PRESENT },
		{ OPP_HW_CAN_EPP_WIDE, PPT_EPP_32_PRESENT },
		{ OPP_HW_CAN_FIFO, PPT_ECP_PRESENT },
	};
	uint32_t capabilities = port->device_count ? PPT_1284_3_PRESENT : 0;

	for (uint32_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (port->hw->capabilities & pairs[i].hw)
			capabilities |= pairs[i].capability;
	}
	return capabilities;
}

uint32_t opp_fifo_width_bits(const struct opp_contract_port *port)
{
	return port->hw->fifo.word_bytes * BITS_A_BYTE;
}

enum opp_status opp_get_pnp_info_locked(struct opp_contract_port *port, struct opp_request *request,
					uint64_t now_us)
{
	const struct opp_port_description *description = port->description;
	struct PARALLEL_PNP_INFORMATION info;

	(void)now_us;
	(void)__builtin_memset(&info, 0, sizeof(info));
	info.OriginalEcpController = description->ecp_address;
	info.EcpController = description->ecp_controller;
	info.SpanOfEcpController = description->ecp_span_bytes;
	info.HardwareCapabilities = opp_capabilities_locked(port);
	info.TrySetChipMode = opp_try_set_chip_mode;
	info.ClearChipMode = opp_clear_chip_mode;
	info.FifoDepth = port->hw->fifo.depth_words;
	info.FifoWidth = opp_fifo_width_bits(port);
	info.Ieee1284_3DeviceCount = port->device_count;
	info.TrySelectDevice = opp_try_select_device;
	info.DeselectDevice = opp_deselect_device;
	info.Context = port;
	info.CurrentMode = opp_chip_mode_locked(port);
	info.PortName = description->port_name;
	return opp_reply(request, &info, sizeof(info));
}

void opp_contract_counts(struct opp_contract_port *port,
			 struct PARPORT_WMI_ALLOC_FREE_COUNTS *counts)
{
	(void)opp_contract_lock(port);
	counts->PortAllocates = port->port.counters.allocates;
	counts->PortFrees = port->port.counters.frees;
	opp_contract_tell_and_unlock(port);
}
