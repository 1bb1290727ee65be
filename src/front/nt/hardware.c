/* SPDX-License-Identifier: MIT */
/*
 * The port's hardware: which addresses are its own, how a register is reached, what chip
 * answers there.
 */
#include "nt.h"

/* DATA, STATUS and CONTROL; with the EPP registers; the ECP registers. */
#define SPP_BYTES 3u
#define EPP_BYTES 8u
#define ECP_BYTES 3u

/* What stands there belongs to a video card (P-012). */
#define NO_EPP_BASE 0x3bc

/* Four clocks of a 33 MHz bus: no card answers faster, and ISA's are slower. */
#define ACCESS_NS 120u

#define NS_PER_US 1000u

/* The longest the system likes to be stalled. */
#define STALL_MOST_US 50u

/* ---- what the engine needs of the system ----------------------------------------------------- */

static void busy_wait_ns(void *context, uint32_t ns)
{
	uint32_t us = (ns + NS_PER_US - 1) / NS_PER_US;

	(void)context;
	for (; us > STALL_MOST_US; us -= STALL_MOST_US)
		KeStallExecutionProcessor(STALL_MOST_US);
	KeStallExecutionProcessor(us);
}

static void broken(void *context, const char *what)
{
	(void)context;
	(void)DbgPrint("parport: %s\n", what);
	ASSERT(FALSE);
}

/* ---- registers ------------------------------------------------------------------------------ */

static ULONG_PTR address_of(const struct opp_nt_port *port, uint32_t offset)
{
	const struct opp_nt_resources *resources = &port->resources;

	if (offset >= OPP_IOPORT_FIFO)
		return (ULONG_PTR)resources->ecp_base.QuadPart + (offset - OPP_IOPORT_FIFO);
	return (ULONG_PTR)resources->base.QuadPart + offset;
}

static uint8_t read8(void *context, uint32_t offset)
{
	return READ_PORT_UCHAR((UCHAR *)address_of(context, offset));
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	WRITE_PORT_UCHAR((UCHAR *)address_of(context, offset), value);
}

static uint16_t read16(void *context, uint32_t offset)
{
	return READ_PORT_USHORT((USHORT *)address_of(context, offset));
}

static void write16(void *context, uint32_t offset, uint16_t value)
{
	WRITE_PORT_USHORT((USHORT *)address_of(context, offset), value);
}

static uint32_t read32(void *context, uint32_t offset)
{
	return READ_PORT_ULONG((ULONG *)address_of(context, offset));
}

static void write32(void *context, uint32_t offset, uint32_t value)
{
	WRITE_PORT_ULONG((ULONG *)address_of(context, offset), value);
}

static uint32_t ranges_of(const struct opp_nt_resources *resources)
{
	uint32_t ranges = 0;

	if (resources->span >= EPP_BYTES && resources->base.QuadPart != NO_EPP_BASE)
		ranges |= OPP_IOPORT_HAS_EPP;
	if (resources->ecp_span)
		ranges |= OPP_IOPORT_HAS_ECP;
	return ranges;
}

NTSTATUS opp_nt_hardware_open(struct opp_nt_port *port)
{
	const enum opp_probe probe = port->settings.full_probe ? OPP_PROBE_FULL : OPP_PROBE_GENTLE;

	port->env = (struct opp_env){ .busy_wait_ns = busy_wait_ns, .broken = broken };
	port->io = (struct opp_ioport){
		.context = port,
		.ranges = ranges_of(&port->resources),
		.read8 = read8,
		.write8 = write8,
		.read16 = read16,
		.write16 = write16,
		.read32 = read32,
		.write32 = write32,
		.access_ns = ACCESS_NS,
	};
	return opp_ntstatus(opp_chip_open(&port->chip, &port->io, &port->env, probe, false));
}

/* ---- resources ------------------------------------------------------------------------------- */

static const CM_PARTIAL_RESOURCE_DESCRIPTOR *port_range(const CM_RESOURCE_LIST *list, ULONG which)
{
	const CM_PARTIAL_RESOURCE_LIST *partial = &list->List[0].PartialResourceList;

	for (ULONG i = 0; i < partial->Count; i++) {
		if (partial->PartialDescriptors[i].Type == CmResourceTypePort && which-- == 0)
			return &partial->PartialDescriptors[i];
	}
	return NULL;
}

/* Those of the chip itself, and those that came with ECP. */
static void read_ranges(const CM_RESOURCE_LIST *raw, const CM_RESOURCE_LIST *translated,
			const struct opp_nt_settings *settings, struct opp_nt_resources *resources)
{
	const CM_PARTIAL_RESOURCE_DESCRIPTOR *chip = port_range(translated, settings->port_range);
	const CM_PARTIAL_RESOURCE_DESCRIPTOR *ecp = port_range(translated, settings->ecp_range);
	const CM_PARTIAL_RESOURCE_DESCRIPTOR *raw_chip = port_range(raw, settings->port_range);
	const CM_PARTIAL_RESOURCE_DESCRIPTOR *raw_ecp = port_range(raw, settings->ecp_range);

	if (chip && raw_chip) {
		resources->base = chip->u.Port.Start;
		resources->span = chip->u.Port.Length;
		resources->bus_base = raw_chip->u.Port.Start;
	}
	if (ecp && raw_ecp && ecp->u.Port.Length >= ECP_BYTES) {
		resources->ecp_base = ecp->u.Port.Start;
		resources->ecp_span = ecp->u.Port.Length;
		resources->bus_ecp_base = raw_ecp->u.Port.Start;
	} else if (resources->span >= OPP_IOPORT_FIFO + ECP_BYTES) {
		resources->ecp_base.QuadPart = resources->base.QuadPart + OPP_IOPORT_FIFO;
		resources->ecp_span = resources->span - OPP_IOPORT_FIFO;
		resources->bus_ecp_base.QuadPart = resources->bus_base.QuadPart + OPP_IOPORT_FIFO;
	}
}

static void read_interrupt(const CM_PARTIAL_RESOURCE_DESCRIPTOR *descriptor,
			   struct opp_nt_resources *resources)
{
	resources->has_interrupt = TRUE;
	resources->level = descriptor->u.Interrupt.Level;
	resources->vector = descriptor->u.Interrupt.Vector;
	resources->affinity = descriptor->u.Interrupt.Affinity;
	resources->mode =
		descriptor->Flags & CM_RESOURCE_INTERRUPT_LATCHED ? Latched : LevelSensitive;
	resources->shared = descriptor->ShareDisposition == CmResourceShareShared;
}

NTSTATUS opp_nt_resources_read(const CM_RESOURCE_LIST *raw, const CM_RESOURCE_LIST *translated,
			       const struct opp_nt_settings *settings,
			       struct opp_nt_resources *resources)
{
	const CM_PARTIAL_RESOURCE_LIST *partial;

	RtlZeroMemory(resources, sizeof(*resources));
	if (!raw || !translated || !raw->Count || !translated->Count)
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	partial = &translated->List[0].PartialResourceList;
	resources->interface_type = translated->List[0].InterfaceType;
	resources->bus_number = translated->List[0].BusNumber;
	read_ranges(raw, translated, settings, resources);
	for (ULONG i = 0; i < partial->Count; i++) {
		if (partial->PartialDescriptors[i].Type == CmResourceTypeInterrupt)
			read_interrupt(&partial->PartialDescriptors[i], resources);
	}
	return resources->span >= SPP_BYTES ? STATUS_SUCCESS : STATUS_DEVICE_CONFIGURATION_ERROR;
}
