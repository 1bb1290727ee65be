/* SPDX-License-Identifier: MIT */
/*
 * A port from its physical device object to its end.
 */
#include "inside.h"

#define FLAG_BUS_ENUMERATED 0x1000u /* DO_BUS_ENUMERATED_DEVICE: set by the PnP manager */

#define INTERRUPT_LEVEL 7
#define FIRST_VECTOR    0x37
#define AFFINITY        3
#define SPAN            8
#define ECP_OFFSET      0x400
#define ECP_SPAN        4
#define BUS_NUMBER      2

/*
 * Translated addresses differ from raw ones by what a port instruction does not look at,
 * so that one in place of the other shows.
 */
#define TRANSLATION 0x10000

#define MOST_RESOURCES 3

struct bus_port *bus_ports[MOST_PORTS];

/* ---- resources --------------------------------------------------------------------------- */

/* Room for a list that names as many descriptors as there are. */
struct resource_list {
	CM_RESOURCE_LIST list;
	CM_PARTIAL_RESOURCE_DESCRIPTOR more[MOST_RESOURCES - 1];
};

ULONG bus_vector(const struct bus_port *port)
{
	return FIRST_VECTOR + port->slot;
}

static CM_PARTIAL_RESOURCE_DESCRIPTOR *next_descriptor(struct resource_list *resources)
{
	CM_PARTIAL_RESOURCE_LIST *partial = &resources->list.List[0].PartialResourceList;

	return &partial->PartialDescriptors[partial->Count++];
}

static void add_range(struct resource_list *resources, uint32_t start, uint32_t bytes)
{
	CM_PARTIAL_RESOURCE_DESCRIPTOR *range = next_descriptor(resources);

	range->Type = CmResourceTypePort;
	range->ShareDisposition = CmResourceShareDeviceExclusive;
	range->Flags = CM_RESOURCE_PORT_IO;
	range->u.Port.Start.QuadPart = start;
	range->u.Port.Length = bytes;
}

static void add_interrupt(struct resource_list *resources, ULONG vector, KAFFINITY affinity)
{
	CM_PARTIAL_RESOURCE_DESCRIPTOR *interrupt = next_descriptor(resources);

	interrupt->Type = CmResourceTypeInterrupt;
	interrupt->ShareDisposition = CmResourceShareDeviceExclusive;
	interrupt->Flags = CM_RESOURCE_INTERRUPT_LATCHED;
	interrupt->u.Interrupt.Level = INTERRUPT_LEVEL;
	interrupt->u.Interrupt.Vector = vector;
	interrupt->u.Interrupt.Affinity = affinity;
}

static void fill_list(const struct bus_port *port, struct resource_list *resources, bool translated)
{
	const uint32_t base = hardware_base(port->slot) + (translated ? TRANSLATION : 0);

	memset(resources, 0, sizeof(*resources));
	resources->list.Count = 1;
	resources->list.List[0].InterfaceType = Isa;
	resources->list.List[0].BusNumber = BUS_NUMBER;
	resources->list.List[0].PartialResourceList.Version = 1;
	resources->list.List[0].PartialResourceList.Revision = 1;
	add_range(resources, base, SPAN);
	if (port->needs & NEEDS_ECP)
		add_range(resources, base + ECP_OFFSET, ECP_SPAN);
	if (port->needs & NEEDS_NO_INTERRUPT)
		return;
	if (translated)
		add_interrupt(resources, bus_vector(port), AFFINITY);
	else
		add_interrupt(resources, INTERRUPT_LEVEL, ~(KAFFINITY)0);
}

void bus_resources(const struct bus_port *port, CM_RESOURCE_LIST **raw,
		   CM_RESOURCE_LIST **translated)
{
	static struct resource_list lists[2];

	fill_list(port, &lists[0], false);
	fill_list(port, &lists[1], true);
	*raw = &lists[0].list;
	*translated = &lists[1].list;
}

/* ---- the device key ------------------------------------------------------------------------- */

static size_t text_bytes(const WCHAR *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return (length + 1) * sizeof(WCHAR);
}

static NTSTATUS write_key(const struct bus_port *port, const struct bus_port_options *options)
{
	WCHAR usual[] = { L'L', L'P', L'T', (WCHAR)(L'1' + port->slot), 0 };
	const WCHAR *name = options->name ? options->name : usual;
	const bool connect = options->needs & (NEEDS_CONNECT | NEEDS_NO_INTERRUPT);
	WCHAR instance[2];
	NTSTATUS status;
	HANDLE key;

	pdo_instance(port, instance);
	status = registry_open_device(L"OPPTEST\\PORT", instance, &key);
	if (!NT_SUCCESS(status))
		return status;
	status = registry_set(key, L"PortName", REG_SZ, name, text_bytes(name));
	if (NT_SUCCESS(status))
		status = registry_set_number(key, L"EnableConnectInterruptIoctl", connect);
	if (NT_SUCCESS(status))
		status = registry_set_number(key, L"DaisyDevices", port->model.plugged);
	if (NT_SUCCESS(status))
		status = registry_set_number(key, L"ScanAtStart",
					     !!(options->needs & NEEDS_DEVICES));
	ZwClose(key);
	return status;
}

/* ---- its life ----------------------------------------------------------------------------------- */

struct bus_port *bus_port_of(const DEVICE_OBJECT *device)
{
	for (unsigned i = 0; i < MOST_PORTS; i++) {
		struct bus_port *port = bus_ports[i];

		if (!port)
			continue;
		if (device == port->physical || device == port->physical->AttachedDevice)
			return port;
		for (unsigned c = 0; c < MOST_CHILDREN; c++) {
			if (device == port->children[c].physical)
				return port;
		}
	}
	return NULL;
}

static struct bus_port *allocate(uint32_t needs)
{
	struct bus_port *port = ExAllocatePoolWithTag(NonPagedPool, sizeof(*port), BUS_POOL_TAG);
	unsigned slot = 0;

	while (slot < MOST_PORTS && bus_ports[slot])
		slot++;
	if (!port || slot == MOST_PORTS)
		case_failed(__FILE__, __LINE__, "room for a port", slot, 0);
	memset(port, 0, sizeof(*port));
	port->slot = slot;
	port->needs = needs;
	hardware_begin(port);
	bus_lock();
	bus_ports[slot] = port;
	bus_unlock();
	return port;
}

static NTSTATUS create_physical(struct bus_port *port)
{
	NTSTATUS status =
		IoCreateDevice(bus_driver, sizeof(struct bus_port *), NULL, FILE_DEVICE_CONTROLLER,
			       FILE_AUTOGENERATED_DEVICE_NAME, FALSE, &port->physical);

	if (!NT_SUCCESS(status))
		return status;
	*(struct bus_port **)port->physical->DeviceExtension = port;
	port->physical->Flags |= FLAG_BUS_ENUMERATED | DO_POWER_PAGABLE;
	port->physical->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
	return STATUS_SUCCESS;
}

static NTSTATUS add_device(struct bus_port *port)
{
	DRIVER_OBJECT *driver = bus_tested_driver();

	if (!driver)
		return STATUS_DRIVER_UNABLE_TO_LOAD;
	return driver->DriverExtension->AddDevice(driver, port->physical);
}

/*
 * Devices are looked for; then they are children. Who asks without having been told of a
 * change would have them looked for again.
 */
static NTSTATUS begin_devices(struct bus_port *port)
{
	const uint32_t changes = port->changes;
	NTSTATUS status = bus_enumerate(port);

	if (!NT_SUCCESS(status) || !(port->needs & NEEDS_DEVICES))
		return status;
	bus_settle();
	return port->changes == changes ? status : bus_enumerate(port);
}

/* A line in the log says which step it was that failed. */
static bool is_done(NTSTATUS status, const char *step)
{
	if (!NT_SUCCESS(status))
		note(step, (uint32_t)status);
	return NT_SUCCESS(status);
}

static NTSTATUS bring_up(struct bus_port *port, const struct bus_port_options *options)
{
	NTSTATUS status = write_key(port, options);

	if (is_done(status, "device key"))
		status = create_physical(port);
	if (is_done(status, "physical device object"))
		status = add_device(port);
	if (!is_done(status, "AddDevice"))
		return status;
	status = bus_pnp(port, BUS_PORT_ITSELF, IRP_MN_START_DEVICE, NULL);
	if (!is_done(status, "START_DEVICE"))
		return status;
	status = begin_devices(port);
	is_done(status, "bus relations");
	return status;
}

NTSTATUS bus_make(const struct bus_port_options *options, struct bus_port **port)
{
	struct bus_port *made = allocate(options->needs);
	const NTSTATUS status = bring_up(made, options);

	if (NT_SUCCESS(status))
		*port = made;
	else
		bus_destroy(made);
	return status;
}

static uint32_t left_behind(void)
{
	const DRIVER_OBJECT *driver = bus_tested_driver();
	uint32_t count = 0;

	for (unsigned i = 0; i < MOST_PORTS; i++) {
		if (bus_ports[i])
			return 0;
	}
	if (!driver)
		return 0;
	for (const DEVICE_OBJECT *device = driver->DeviceObject; device;
	     device = device->NextDevice)
		count++;
	return count + kernel_interrupts() + clock_threads();
}

uint32_t bus_destroy(struct bus_port *port)
{
	if (port->physical) {
		bus_remove(port, FALSE);
		IoDeleteDevice(port->physical);
	}
	bus_lock();
	bus_ports[port->slot] = NULL;
	bus_unlock();
	ExFreePoolWithTag(port, BUS_POOL_TAG);
	return left_behind();
}
