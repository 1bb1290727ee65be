/* SPDX-License-Identifier: MIT */
/*
 * What a port and its devices are called, and where they can be found: by name, by
 * interface, by id.
 */
#include <string.h>

#include "rig.h"

#define CLASSES   L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\DeviceClasses\\"
#define PORTS     CLASSES L"{97f76ef0-f883-11d0-af1f-0000f800845c}"
#define DEVICES   CLASSES L"{811fc6a5-f728-11d0-a537-0000f8753ed1}"
#define KEY_CHARS 512

/* ---- names ------------------------------------------------------------------------------ */

static bool leads_to(struct rig *rig, const WCHAR *name, uint8_t place)
{
	DEVICE_OBJECT *device = kernel_device(name);

	return device && device == bus->device(rig->port, place);
}

static void first_port(struct rig *rig)
{
	CHECK(leads_to(rig, L"\\Device\\ParallelPort0", BUS_PORT_ITSELF));
	CHECK(!kernel_device(L"\\Device\\ParallelPort1"));
}

static void port_named(struct rig *rig, const WCHAR *name)
{
	const struct bus_port_options options = { .name = name };

	CHECK_EQUAL(bus->destroy(rig->port), 0);
	rig->port = NULL;
	CHECK_EQUAL(bus->make(&options, &rig->port), STATUS_SUCCESS);
}

static void later_ports(struct rig *rig)
{
	port_named(rig, L"LPT3");
	CHECK(leads_to(rig, L"\\Device\\ParallelPort2", BUS_PORT_ITSELF));
	CHECK(leads_to(rig, L"\\Device\\Parallel2", RAW_DEVICE));
	CHECK(leads_to(rig, L"\\??\\LPT3", RAW_DEVICE));
	CHECK(!kernel_device(L"\\Device\\ParallelPort0"));
	port_named(rig, L"LPT255");
	CHECK(leads_to(rig, L"\\Device\\ParallelPort254", BUS_PORT_ITSELF));
}

static void malformed_names(struct rig *rig)
{
	static const WCHAR *const names[] = { L"COM1",  L"LPT",    L"LPT0",  L"LPT1x", L"LPT01",
					      L"LPT-1", L"LPT256", L"LPT 1", L"",      L"PT1" };
	struct bus_port *port;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct bus_port_options options = { .name = names[i] };

		CHECK(bus->make(&options, &port) < 0);
	}
	CHECK(leads_to(rig, L"\\Device\\ParallelPort0", BUS_PORT_ITSELF));
}

static void raw_device(struct rig *rig)
{
	CHECK(leads_to(rig, L"\\Device\\Parallel0", RAW_DEVICE));
	CHECK(leads_to(rig, L"\\??\\LPT1", RAW_DEVICE));
}

static void daisy_devices(struct rig *rig)
{
	CHECK(leads_to(rig, L"\\Device\\Parallel0.0", 0));
	CHECK(leads_to(rig, L"\\Device\\Parallel0.1", 1));
	CHECK(leads_to(rig, L"\\??\\LPT1.0", 0));
	CHECK(leads_to(rig, L"\\??\\LPT1.1", 1));
	CHECK(!kernel_device(L"\\??\\LPT1.2"));
}

static void end_of_chain(struct rig *rig)
{
	CHECK(leads_to(rig, L"\\Device\\Parallel0.4", END_DEVICE));
	CHECK(leads_to(rig, L"\\??\\LPT1.4", END_DEVICE));
}

/* ---- interfaces ----------------------------------------------------------------------------- */

static HANDLE open_key(HANDLE root, const WCHAR *name, size_t characters)
{
	UNICODE_STRING wide = { .Length = (USHORT)(characters * sizeof(WCHAR)),
				.MaximumLength = (USHORT)(characters * sizeof(WCHAR)),
				.Buffer = (WCHAR *)(ULONG_PTR)name };
	OBJECT_ATTRIBUTES attributes;
	HANDLE key;

	InitializeObjectAttributes(&attributes, &wide, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE,
				   root, NULL);
	return NT_SUCCESS(ZwOpenKey(&key, KEY_READ, &attributes)) ? key : NULL;
}

static bool is_linked(HANDLE interface)
{
	UNICODE_STRING value;
	struct {
		KEY_VALUE_PARTIAL_INFORMATION info;
		ULONG room;
	} answer = { 0 };
	HANDLE control = open_key(interface, L"#\\Control", 9);
	ULONG bytes;
	NTSTATUS status;

	if (!control)
		return false;
	RtlInitUnicodeString(&value, L"Linked");
	status = ZwQueryValueKey(control, &value, KeyValuePartialInformation, &answer,
				 sizeof(answer), &bytes);
	ZwClose(control);
	return NT_SUCCESS(status) && answer.info.Data[0] == 1;
}

/* How many interfaces of a class are enabled. */
static uint32_t enabled_interfaces(const WCHAR *class, size_t characters)
{
	HANDLE all = open_key(NULL, class, characters);
	union {
		KEY_BASIC_INFORMATION info;
		WCHAR room[KEY_CHARS];
	} entry;
	uint32_t enabled = 0;
	ULONG bytes;

	for (ULONG i = 0; all && NT_SUCCESS(ZwEnumerateKey(all, i, KeyBasicInformation, &entry,
							   sizeof(entry), &bytes));
	     i++) {
		HANDLE interface =
			open_key(all, entry.info.Name, entry.info.NameLength / sizeof(WCHAR));

		enabled += interface && is_linked(interface);
		if (interface)
			ZwClose(interface);
	}
	if (all)
		ZwClose(all);
	return enabled;
}

static uint32_t port_interfaces(void)
{
	return enabled_interfaces(PORTS, sizeof(PORTS) / sizeof(WCHAR) - 1);
}

static uint32_t device_interfaces(void)
{
	return enabled_interfaces(DEVICES, sizeof(DEVICES) / sizeof(WCHAR) - 1);
}

static void port_interface(struct rig *rig)
{
	struct bus_port *port = rig->port;

	CHECK_EQUAL(port_interfaces(), 1);
	rig->port = NULL;
	CHECK_EQUAL(bus->destroy(port), 0);
	CHECK_EQUAL(port_interfaces(), 0);
}

static void device_interface(struct rig *rig)
{
	struct bus_port *port = rig->port;

	CHECK(bus->device(port, 0) && bus->device(port, 1) && bus->device(port, END_DEVICE));
	CHECK_EQUAL(device_interfaces(), 1);
	CHECK_EQUAL(bus->pnp(port, RAW_DEVICE, IRP_MN_SURPRISE_REMOVAL, NULL), STATUS_SUCCESS);
	CHECK_EQUAL(device_interfaces(), 0);
}

/* ---- ids ---------------------------------------------------------------------------------------- */

static bool is_id(struct rig *rig, uint8_t place, ULONG type, const WCHAR *wanted, size_t bytes)
{
	ULONG_PTR answer = 0;
	bool same;

	CHECK_EQUAL(bus->pnp_query(rig->port, place, IRP_MN_QUERY_ID, type, &answer),
		    STATUS_SUCCESS);
	CHECK(answer);
	same = memcmp((void *)answer, wanted, bytes) == 0;
	ExFreePool((void *)answer);
	return same;
}

#define IS_ID(rig, place, type, wanted) is_id(rig, place, type, wanted, sizeof(wanted))

/* Lists end with an empty one. */
static void hardware_ids(struct rig *rig)
{
	CHECK(IS_ID(rig, RAW_DEVICE, BusQueryHardwareIDs,
		    L"LPTENUM\\MicrosoftRawPort958A\0MicrosoftRawPort958A\0"));
	CHECK(IS_ID(rig, RAW_DEVICE, BusQueryDeviceID, L"LPTENUM\\MicrosoftRawPort958A"));
}

static const struct contract_case cases[] = {
	{ "C-001 PortName LPT1 gives \\Device\\ParallelPort0", first_port, 0 },
	{ "C-002 PortName LPTn gives number n - 1", later_ports, 0 },
	{ "C-003 a malformed PortName gives no device object", malformed_names, 0 },
	{ "C-004 the port has its interface as long as it is there", port_interface, 0 },
	{ "C-005 the raw device's object and link", raw_device, 0 },
	{ "C-006 daisy devices' objects and links", daisy_devices, NEEDS_DEVICES | NEEDS_CHAIN },
	{ "C-007 the end-of-chain device is .4 in both", end_of_chain,
	  NEEDS_DEVICES | NEEDS_CHAIN },
	{ "C-005 C-008 of the devices only the raw one has an interface", device_interface,
	  NEEDS_DEVICES | NEEDS_CHAIN },
	{ "C-168 the raw device's hardware id is LPTENUM\\MicrosoftRawPort958A", hardware_ids, 0 },
};

CASE_TABLE(start_cases, cases);
