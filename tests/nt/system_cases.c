/* SPDX-License-Identifier: MIT */
/*
 * What the system wants beside Plug and Play: power, WMI, the event log.
 */
#include <wmistr.h>

#include "device_case.h"
#include "messages.h"
#include "rig.h"

/* ---- power ---------------------------------------------------------------------------------- */

static void devices_agree(struct rig *rig)
{
	struct kernel_node *raw;

	CHECK(rig_place(rig, RAW_DEVICE));
	raw = kernel_child_named(rig->node, L"\\Device\\Parallel0");
	CHECK_EQUAL(kernel_system_power(raw, IRP_MN_QUERY_POWER, PowerSystemSleeping3),
		    STATUS_SUCCESS);
	CHECK_EQUAL(kernel_system_power(raw, IRP_MN_SET_POWER, PowerSystemSleeping3),
		    STATUS_SUCCESS);
	CHECK_EQUAL(kernel_device_power(raw, IRP_MN_SET_POWER, PowerDeviceD3), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_power_state(raw), PowerDeviceD3);
	CHECK_EQUAL(kernel_device_power(raw, IRP_MN_SET_POWER, PowerDeviceD0), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_power_state(raw), PowerDeviceD0);
	CHECK_EQUAL(kernel_device_power(raw, IRP_MN_WAIT_WAKE, PowerDeviceD0),
		    STATUS_NOT_SUPPORTED);
}

/* ---- WMI --------------------------------------------------------------------------------------- */

static const GUID counts_guid = {
	0x4bbb69ea, 0x6853, 0x11d2, { 0x8e, 0xce, 0x00, 0xc0, 0x4f, 0x8e, 0xf4, 0x81 }
};
static const GUID other_guid = { 0x4bbb69eb, 0, 0, { 0 } };

union buffer {
	ULONG needed;
	WMIREGINFOW registration;
	WNODE_HEADER header;
	WNODE_ALL_DATA all;
	WNODE_SINGLE_INSTANCE one;
	WNODE_TOO_SMALL small;
	UCHAR bytes[256];
};

static NTSTATUS wmi(struct rig *rig, UCHAR minor, const GUID *guid, union buffer *buffer,
		    ULONG bytes, ULONG_PTR *answered)
{
	return kernel_wmi(rig->device, minor, guid, buffer, bytes, answered);
}

static void check_counts(struct rig *rig, const void *data)
{
	const struct PARPORT_WMI_ALLOC_FREE_COUNTS wanted = rig_counters(rig);

	CHECK_EQUAL(wanted.PortAllocates, 2);
	CHECK_EQUAL(wanted.PortFrees, 1);
	CHECK(memcmp(data, &wanted, sizeof(wanted)) == 0);
}

static void registered(struct rig *rig)
{
	const ULONG bytes = FIELD_OFFSET(WMIREGINFOW, WmiRegGuid) + sizeof(WMIREGGUIDW);
	const WMIREGGUIDW *block;
	union buffer buffer;
	ULONG_PTR answered;

	CHECK(kernel_wmi_registered(rig->device));
	CHECK_EQUAL(wmi(rig, IRP_MN_REGINFO_EX, NULL, &buffer, sizeof(buffer), &answered),
		    STATUS_SUCCESS);
	CHECK_EQUAL(answered, bytes);
	CHECK_EQUAL(buffer.registration.BufferSize, bytes);
	CHECK_EQUAL(buffer.registration.GuidCount, 1);
	block = buffer.registration.WmiRegGuid;
	CHECK(memcmp(&block->Guid, &counts_guid, sizeof(counts_guid)) == 0);
	CHECK_EQUAL(block->Flags, WMIREG_FLAG_INSTANCE_PDO);
	CHECK_EQUAL(block->InstanceCount, 1);
	CHECK(block->Pdo == (ULONG_PTR)rig->node->physical);
	ObDereferenceObject(rig->node->physical);
	CHECK_EQUAL(wmi(rig, IRP_MN_REGINFO, NULL, &buffer, sizeof(buffer), &answered),
		    STATUS_SUCCESS);
	CHECK_EQUAL(wmi(rig, IRP_MN_REGINFO_EX, NULL, &buffer, bytes - 1, &answered),
		    STATUS_BUFFER_TOO_SMALL);
	CHECK_EQUAL(answered, sizeof(ULONG));
	CHECK_EQUAL(buffer.needed, bytes);
	CHECK_EQUAL(wmi(rig, IRP_MN_REGINFO_EX, NULL, &buffer, 3, &answered),
		    STATUS_BUFFER_TOO_SMALL);
	CHECK_EQUAL(answered, 0);
}

static void count_some(struct rig *rig)
{
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
	CHECK_EQUAL(ask(rig, 0, FREE), SUCCESS);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), SUCCESS);
}

static void all_data(struct rig *rig)
{
	union buffer buffer = { .header = { .Flags = WNODE_FLAG_ALL_DATA } };
	ULONG_PTR answered;
	ULONG bytes;

	count_some(rig);
	CHECK_EQUAL(
		wmi(rig, IRP_MN_QUERY_ALL_DATA, &counts_guid, &buffer, sizeof(buffer), &answered),
		STATUS_SUCCESS);
	bytes = (ULONG)answered;
	CHECK_EQUAL(buffer.header.BufferSize, bytes);
	CHECK_EQUAL(buffer.header.Flags, WNODE_FLAG_ALL_DATA | WNODE_FLAG_FIXED_INSTANCE_SIZE);
	CHECK_EQUAL(buffer.all.InstanceCount, 1);
	CHECK_EQUAL(buffer.all.FixedInstanceSize, 8);
	CHECK_EQUAL(buffer.all.DataBlockOffset % 8, 0);
	CHECK_EQUAL(buffer.all.DataBlockOffset + 8, bytes);
	check_counts(rig, buffer.bytes + buffer.all.DataBlockOffset);
	CHECK_EQUAL(wmi(rig, IRP_MN_QUERY_ALL_DATA, &counts_guid, &buffer, bytes - 1, &answered),
		    STATUS_SUCCESS);
	CHECK_EQUAL(answered, sizeof(WNODE_TOO_SMALL));
	CHECK(buffer.header.Flags & WNODE_FLAG_TOO_SMALL);
	CHECK_EQUAL(buffer.small.SizeNeeded, bytes);
	CHECK_EQUAL(wmi(rig, IRP_MN_QUERY_ALL_DATA, &counts_guid, &buffer,
			sizeof(WNODE_TOO_SMALL) - 1, &answered),
		    STATUS_BUFFER_TOO_SMALL);
}

#define DATA_AT 72 /* 8 bytes more than there must be */

static NTSTATUS query_one(struct rig *rig, ULONG index, ULONG offset, ULONG bytes,
			  union buffer *buffer, ULONG_PTR *answered)
{
	memset(buffer, 0, sizeof(*buffer));
	buffer->header.Flags = WNODE_FLAG_SINGLE_INSTANCE;
	buffer->one.InstanceIndex = index;
	buffer->one.DataBlockOffset = offset;
	return wmi(rig, IRP_MN_QUERY_SINGLE_INSTANCE, &counts_guid, buffer, bytes, answered);
}

static void one_instance(struct rig *rig)
{
	union buffer buffer;
	ULONG_PTR answered;

	count_some(rig);
	CHECK_EQUAL(query_one(rig, 0, DATA_AT, DATA_AT + 8, &buffer, &answered), STATUS_SUCCESS);
	CHECK_EQUAL(answered, DATA_AT + 8);
	CHECK_EQUAL(buffer.header.BufferSize, DATA_AT + 8);
	CHECK_EQUAL(buffer.one.SizeDataBlock, 8);
	check_counts(rig, buffer.bytes + DATA_AT);
	CHECK_EQUAL(query_one(rig, 0, DATA_AT, DATA_AT + 7, &buffer, &answered), STATUS_SUCCESS);
	CHECK_EQUAL(answered, sizeof(WNODE_TOO_SMALL));
	CHECK_EQUAL(buffer.small.SizeNeeded, DATA_AT + 8);
	CHECK_EQUAL(query_one(rig, 1, DATA_AT, DATA_AT + 8, &buffer, &answered),
		    STATUS_WMI_INSTANCE_NOT_FOUND);
	CHECK_EQUAL(query_one(rig, 0, 8, sizeof(buffer), &buffer, &answered),
		    STATUS_INVALID_PARAMETER);
	CHECK_EQUAL(query_one(rig, 0, UINT32_MAX - 4, sizeof(buffer), &buffer, &answered),
		    STATUS_INVALID_PARAMETER);
	CHECK_EQUAL(query_one(rig, 0, DATA_AT, 8, &buffer, &answered), STATUS_BUFFER_TOO_SMALL);
}

static void refused(struct rig *rig)
{
	static const struct {
		const GUID *guid;
		NTSTATUS status;
		UCHAR minor;
	} refusals[] = {
		{ &other_guid, STATUS_WMI_GUID_NOT_FOUND, IRP_MN_QUERY_ALL_DATA },
		{ &other_guid, STATUS_WMI_GUID_NOT_FOUND, IRP_MN_QUERY_SINGLE_INSTANCE },
		{ &counts_guid, STATUS_WMI_READ_ONLY, IRP_MN_CHANGE_SINGLE_INSTANCE },
		{ &counts_guid, STATUS_WMI_READ_ONLY, IRP_MN_CHANGE_SINGLE_ITEM },
		{ &other_guid, STATUS_WMI_GUID_NOT_FOUND, IRP_MN_CHANGE_SINGLE_ITEM },
		{ &counts_guid, STATUS_INVALID_DEVICE_REQUEST, IRP_MN_EXECUTE_METHOD },
		{ &counts_guid, STATUS_INVALID_DEVICE_REQUEST, IRP_MN_ENABLE_EVENTS },
		{ &counts_guid, STATUS_NOT_SUPPORTED, 0x20 },
	};
	union buffer buffer;
	ULONG_PTR answered;

	for (size_t i = 0; i < RTL_NUMBER_OF(refusals); i++)
		CHECK_EQUAL(wmi(rig, refusals[i].minor, refusals[i].guid, &buffer, sizeof(buffer),
				&answered),
			    refusals[i].status);
	CHECK_EQUAL(kernel_wmi(rig_place(rig, RAW_DEVICE), IRP_MN_QUERY_ALL_DATA, &counts_guid,
			       &buffer, sizeof(buffer), &answered),
		    STATUS_NOT_SUPPORTED);
}

static void until_it_goes(struct rig *rig)
{
	CHECK(kernel_wmi_registered(rig->device));
	CHECK_EQUAL(kernel_stop(rig->node), STATUS_SUCCESS);
	CHECK(kernel_wmi_registered(rig->device));
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	kernel_surprise(rig->node);
	CHECK(!kernel_wmi_registered(rig->device));
}

/* ---- the clock ------------------------------------------------------------------------------------- */

#define LATER_MS 20

static uint64_t told_us;

static uint64_t read_clock(struct opp_nt_port *port)
{
	uint64_t now_us;
	KIRQL before;

	KeAcquireSpinLock(&port->lock, &before);
	now_us = opp_nt_clock_read_locked(port);
	KeReleaseSpinLock(&port->lock, before);
	return now_us;
}

/* Another processor, on which time has gone on. */
static void read_later(void *context)
{
	struct opp_nt_port *port = context;

	kernel_pass_ns(LATER_MS * NS_PER_MS);
	opp_nt_clock_stop(port);
	told_us = read_clock(port);
}

static void set_clock(struct opp_nt_port *port)
{
	opp_nt_clock_set(port);
}

static void tick_clock(struct opp_nt_port *port)
{
	(void)opp_nt_clock_tick(port);
}

static void never_back(struct rig *rig)
{
	static void (*const acts[])(struct opp_nt_port *) = { set_clock, tick_clock };
	uint32_t nth = 0;

	for (size_t i = 0; i < RTL_NUMBER_OF(acts); i++) {
		do {
			(void)read_clock(rig->port);
			kernel_inject(++nth, read_later, rig->port);
			acts[i](rig->port);
			CHECK(read_clock(rig->port) >= told_us);
		} while (kernel_end_injection());
		CHECK(nth > 2);
		nth = 0;
	}
}

/* As on Windows XP, where each processor counts for itself. */
static void never_back_elsewhere(struct rig *rig)
{
	const uint64_t now_us = read_clock(rig->port);

	rig->port->now_us += LATER_MS * 1000;
	opp_nt_clock_stop(rig->port);
	CHECK(read_clock(rig->port) >= now_us + LATER_MS * 1000);
}

/* ---- the event log -------------------------------------------------------------------------------- */

static void start_without(struct rig *rig, const struct kernel_resources *resources, NTSTATUS code)
{
	const uint32_t before = kernel_log_entries();

	CHECK(!NT_SUCCESS(kernel_start(rig->node, resources)));
	CHECK_EQUAL(kernel_log_entries(), before + 1);
	CHECK_EQUAL(kernel_log_last(), code);
}

static void failed_starts(struct rig *rig)
{
	struct kernel_resources resources = rig_resources(0, 0);

	CHECK_EQUAL(kernel_stop(rig->node), STATUS_SUCCESS);
	start_without(rig, NULL, OPP_LOG_NO_RESOURCES);
	resources.span = 2;
	start_without(rig, &resources, OPP_LOG_NO_RESOURCES);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
}

static void interrupt_conflict(struct rig *rig)
{
	const uint32_t before = kernel_log_entries();

	kernel_refuse_interrupts(true);
	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT), BUFFER_TOO_SMALL);
	CHECK_EQUAL(kernel_log_last(), OPP_LOG_INTERRUPT_CONFLICT);
	CHECK_EQUAL(ask(rig, 0, IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT), BUFFER_TOO_SMALL);
	CHECK_EQUAL(kernel_log_entries(), before + 1);
}

static void bad_name(struct rig *rig)
{
	struct kernel_node *other = kernel_node_new();
	const uint32_t before = kernel_log_entries();

	(void)rig;
	CHECK(!NT_SUCCESS(kernel_add(other)));
	CHECK_EQUAL(kernel_log_last(), OPP_LOG_BAD_PORT_NAME);
	kernel_set_string(other->physical, L"PortName", L"COM1");
	CHECK(!NT_SUCCESS(kernel_add(other)));
	CHECK_EQUAL(kernel_log_last(), OPP_LOG_BAD_PORT_NAME);
	kernel_set_string(other->physical, L"PortName", L"LPT1");
	CHECK(!NT_SUCCESS(kernel_add(other)));
	CHECK_EQUAL(kernel_log_last(), OPP_LOG_NAME_TAKEN);
	CHECK_EQUAL(kernel_log_entries(), before + 3);
	kernel_remove(other);
}

static const struct contract_case cases[] = {
	{ "devices agree to every state of power", devices_agree, 0 },
	{ "WMI: what the port registers", registered, 0 },
	{ "WMI: all data", all_data, 0 },
	{ "WMI: the one instance", one_instance, 0 },
	{ "WMI: what is refused, and what is not the port's", refused, 0 },
	{ "WMI: registered once, until the port goes", until_it_goes, 0 },
	{ "the clock does not go back, whoever sets it", never_back, 0 },
	{ "the clock does not go back on another processor", never_back_elsewhere, 0 },
	{ "log: why a port does not start", failed_starts, 0 },
	{ "log: an interrupt that cannot be connected, once", interrupt_conflict, NEEDS_CONNECT },
	{ "log: C-003 why a port is not created", bad_name, 0 },
};

CASE_TABLE(system_cases, cases);
