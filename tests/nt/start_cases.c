/* SPDX-License-Identifier: MIT */
/*
 * A port comes into being, or does not: names, resources, settings.
 */
#include "device_case.h"
#include "messages.h"
#include "rig.h"

static void add_named(struct rig *rig, PCWSTR name)
{
	rig_create(rig, 0, 0);
	kernel_set_string(rig->node->physical, L"PortName", name);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
}

static bool same(PCWSTR one, PCWSTR other)
{
	size_t i = 0;

	while (one[i] && one[i] == other[i])
		i++;
	return one[i] == other[i];
}

/* ---- names ----------------------------------------------------------------------------- */

static void names(struct rig *rig)
{
	static const PCWSTR pairs[][2] = {
		{ L"LPT1", L"\\Device\\ParallelPort0" },
		{ L"lpt2", L"\\Device\\ParallelPort1" },
		{ L"LPT255", L"\\Device\\ParallelPort254" },
	};

	for (size_t i = 0; i < RTL_NUMBER_OF(pairs); i++) {
		add_named(rig, pairs[i][0]);
		CHECK(same(kernel_name_of(rig->device), pairs[i][1]));
		CHECK(kernel_find_device(pairs[i][1]) == rig->device);
		rig_end(rig);
	}
}

static void half_a_character(struct rig *rig)
{
	static const WCHAR name[] = { 'L', 'P', 'T', '1', '2' };

	rig_create(rig, 0, 0);
	kernel_set_value(rig->node->physical, L"PortName", REG_SZ, name, sizeof(name) - 1);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	CHECK(kernel_find_device(L"\\Device\\ParallelPort0") == rig->device);
	rig_end(rig);
}

static void no_port(struct rig *rig, uint32_t entries)
{
	CHECK(!NT_SUCCESS(rig_add(rig)));
	CHECK_EQUAL(kernel_log_entries(), entries);
	rig_end(rig);
}

static void malformed_names(struct rig *rig)
{
	static const PCWSTR wrong[] = {
		L"COM1",   L"LPT",   L"LPT0", L"LPT1x",
		L"LPT256", L"LPT01", L"",     L"LPT1LPT1LPT1LPT1LPT1LPT1LPT1LPT1LPT1",
	};
	const WCHAR not_ended[] = { 'L', 'P', 'T', '3' };
	uint32_t entries = 0;

	for (size_t i = 0; i < RTL_NUMBER_OF(wrong); i++) {
		rig_create(rig, 0, 0);
		kernel_set_string(rig->node->physical, L"PortName", wrong[i]);
		no_port(rig, ++entries);
	}
	rig_create(rig, 0, 0);
	kernel_set_value(rig->node->physical, L"PortName", REG_SZ, NULL, 0);
	no_port(rig, ++entries);
	rig_create(rig, 0, 0);
	kernel_set_dword(rig->node->physical, L"PortName", 1);
	no_port(rig, ++entries);
	rig_create(rig, 0, 0);
	kernel_set_value(rig->node->physical, L"PortName", REG_SZ, not_ended, sizeof(not_ended));
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	CHECK(same(kernel_name_of(rig->device), L"\\Device\\ParallelPort2"));
	rig_end(rig);
}

/* ---- resources ------------------------------------------------------------------------------ */

static void refused(struct rig *rig, const struct kernel_resources *resources, NTSTATUS status)
{
	const uint32_t entries = kernel_log_entries();

	CHECK_EQUAL(kernel_start(rig->node, resources), status);
	CHECK_EQUAL(kernel_log_entries(), entries + 1);
	CHECK_EQUAL(kernel_all_interfaces(rig->node->physical), 0);
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CREATE), STATUS_INVALID_DEVICE_REQUEST);
}

static void wrong_resources(struct rig *rig)
{
	struct kernel_resources resources;

	add_named(rig, L"LPT1");
	refused(rig, NULL, STATUS_DEVICE_CONFIGURATION_ERROR);
	resources = rig_resources(0, 0);
	resources.in_memory = true;
	refused(rig, &resources, STATUS_DEVICE_CONFIGURATION_ERROR);
	resources = rig_resources(0, 0);
	resources.span = 2;
	refused(rig, &resources, STATUS_DEVICE_CONFIGURATION_ERROR);
	resources = (struct kernel_resources){ .vector = RIG_VECTOR };
	refused(rig, &resources, STATUS_DEVICE_CONFIGURATION_ERROR);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	open_files(rig, 1);
	rig_end(rig);
}

static void nobody_answers(struct rig *rig)
{
	const struct kernel_resources resources = rig_resources(0, 0);

	add_named(rig, L"LPT1");
	model_init(&rig->model, &(struct opp_sim_options){ .chip = OPP_SIM_NO_PORT }, 0);
	refused(rig, &resources, STATUS_NO_SUCH_DEVICE);
	model_init(&rig->model, &(struct opp_sim_options){ .chip = OPP_SIM_SPP }, 0);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	rig_end(rig);
}

/* Both lists hold the ranges of the port and of ECP, in this order, and @more. */
static void check_requirements(struct rig *rig, const ULONG more[2])
{
	const struct kernel_resources resources = rig_resources(0, NEEDS_ECP);
	IO_RESOURCE_REQUIREMENTS_LIST *all = kernel_filter(rig->node, &resources);
	const IO_RESOURCE_LIST *list = all->List;

	CHECK_EQUAL(all->AlternativeLists, 2);
	for (int i = 0; i < 2; i++) {
		ULONG ports = 0;

		CHECK_EQUAL(list->Count, 2 + more[i]);
		for (ULONG at = 0; at < list->Count; at++) {
			const IO_RESOURCE_DESCRIPTOR *descriptor = &list->Descriptors[at];

			if (descriptor->Type != CmResourceTypePort)
				continue;
			CHECK_EQUAL(descriptor->u.Port.MinimumAddress.QuadPart,
				    ports ? resources.ecp_port : resources.port);
			ports++;
		}
		CHECK_EQUAL(ports, 2);
		list = (const IO_RESOURCE_LIST *)&list->Descriptors[list->Count];
	}
	CHECK_EQUAL((const UCHAR *)list - (const UCHAR *)all, all->ListSize);
	ExFreePool(all);
}

static void asks_for_no_interrupt(struct rig *rig)
{
	static const ULONG none[2] = { 0, 0 };
	static const ULONG as_they_were[2] = { 1, 2 };

	rig_create(rig, 0, NEEDS_ECP);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	check_requirements(rig, none);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	rig_end(rig);
	rig_create(rig, 0, NEEDS_ECP | NEEDS_CONNECT);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	check_requirements(rig, as_they_were);
	rig_end(rig);
}

static void three_registers(struct rig *rig)
{
	struct kernel_resources resources = rig_resources(0, 0);

	rig_create(rig, 0, NEEDS_EPP);
	resources.span = 3;
	rig->spp.count = 3;
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_start(rig->node, &resources), STATUS_SUCCESS);
	CHECK_EQUAL(port_info(rig).SpanOfController, 3);
	CHECK(!(pnp_info(rig).HardwareCapabilities & PPT_EPP_PRESENT));
	rig_end(rig);
}

static void swapped_ranges(struct rig *rig)
{
	struct kernel_resources resources = rig_resources(0, NEEDS_ECP);

	resources.swapped = true;
	rig_create(rig, 0, NEEDS_ECP);
	kernel_set_dword(rig->node->physical, L"PortRange", 1);
	kernel_set_dword(rig->node->physical, L"EcpRange", 0);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_start(rig->node, &resources), STATUS_SUCCESS);
	CHECK_EQUAL(port_info(rig).OriginalController, 0x378);
	CHECK_EQUAL(pnp_info(rig).OriginalEcpController, 0x778);
	CHECK(pnp_info(rig).HardwareCapabilities & PPT_ECP_PRESENT);
	rig_end(rig);
}

static void too_many_devices(struct rig *rig)
{
	rig_create(rig, 0, NEEDS_CHAIN | NEEDS_FOUR);
	kernel_set_dword(rig->node->physical, L"DaisyDevices", 17);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), STATUS_SUCCESS);
	CHECK_EQUAL(pnp_info(rig).Ieee1284_3DeviceCount, 4);
	rig_end(rig);
}

static void looks_at_start(struct rig *rig)
{
	rig_create(rig, 0, NEEDS_CHAIN);
	kernel_set_value(rig->node->physical, L"ScanAtStart", REG_DWORD, NULL, 0);
	rig_plug(rig, END_DEVICE, DEVICE_NIBBLE);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	rig_settle(rig);
	CHECK(rig->node->rescan);
	CHECK(rig_place(rig, 0) && rig_place(rig, 1) && rig_place(rig, END_DEVICE));
	rig_end(rig);
}

/* Whether it was asked if it may go, or not. */
static void power_before_start(struct rig *rig)
{
	rig_create(rig, 0, 0);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	for (int asked = 0; asked < 2; asked++) {
		CHECK_EQUAL(kernel_device_power(rig->node, IRP_MN_SET_POWER, PowerDeviceD3),
			    STATUS_SUCCESS);
		CHECK_EQUAL(kernel_device_power(rig->node, IRP_MN_SET_POWER, PowerDeviceD0),
			    STATUS_SUCCESS);
		if (!asked)
			CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_QUERY_REMOVE_DEVICE),
				    STATUS_SUCCESS);
	}
	CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_CANCEL_REMOVE_DEVICE), STATUS_SUCCESS);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	rig_end(rig);
}

static void make_foreign(struct rig *rig, PCWSTR text, DEVICE_OBJECT **foreign)
{
	UNICODE_STRING name;

	RtlInitUnicodeString(&name, text);
	CHECK_EQUAL(IoCreateDevice(rig->device->DriverObject, 0, &name, 0, 0, FALSE, foreign),
		    STATUS_SUCCESS);
}

static void name_of_device_taken(struct rig *rig)
{
	DEVICE_OBJECT *foreign;

	rig_create(rig, 0, NEEDS_CHAIN);
	rig_plug(rig, END_DEVICE, DEVICE_NIBBLE);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	rig_look(rig);
	make_foreign(rig, L"\\Device\\Parallel0.0", &foreign);
	for (int i = 0; i < 2; i++) {
		CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
		CHECK_EQUAL(kernel_log_entries(), 1);
		CHECK_EQUAL(kernel_log_last(), OPP_LOG_NAME_TAKEN);
		CHECK(!kernel_child_named(rig->node, L"\\Device\\Parallel0.0"));
		CHECK(kernel_child_named(rig->node, L"\\Device\\Parallel0.1"));
		CHECK(kernel_child_named(rig->node, L"\\Device\\Parallel0.4"));
		CHECK(kernel_child_named(rig->node, L"\\Device\\Parallel0"));
	}
	IoDeleteDevice(foreign);
	CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
	CHECK(kernel_child_named(rig->node, L"\\Device\\Parallel0.0"));
	rig_end(rig);
}

static const struct contract_case cases[] = {
	{ "C-001 C-002 PortName LPTn: the object is ParallelPort<n - 1>", names, 0 },
	{ "a PortName with half a character more: as without", half_a_character, 0 },
	{ "C-003 a malformed PortName: no object, an entry in the log", malformed_names, 0 },
	{ "a start without a range of three ports fails, the next one need not", wrong_resources,
	  0 },
	{ "a start where no port answers fails, the next one need not", nobody_answers, 0 },
	{ "no interrupt is asked for, unless clients may connect to it", asks_for_no_interrupt, 0 },
	{ "a range of three ports has no EPP", three_registers, 0 },
	{ "PortRange, EcpRange: the ECP range comes first", swapped_ranges, 0 },
	{ "DaisyDevices: four are the most", too_many_devices, 0 },
	{ "power goes and comes before the start", power_before_start, 0 },
	{ "a device whose name is taken does not hide the others, and is in the log once",
	  name_of_device_taken, 0 },
	{ "ScanAtStart: who is there is looked for, unless that is 0", looks_at_start, 0 },
};

CASE_TABLE(start_cases, cases);
