/* SPDX-License-Identifier: MIT */
/*
 * The port as a bus: device objects that come and go with the devices, where they can be
 * found, and what becomes of them when Plug and Play or the hardware takes them away.
 */
#include <ntddk.h>

#include "device_case.h"
#include "messages.h"
#include "rig.h"

static struct kernel_node *find(struct rig *rig, PCWSTR name)
{
	return kernel_child_named(rig->node, name);
}

static void start_new_ones(struct rig *rig)
{
	struct kernel_node *child;

	for (uint32_t i = 0; (child = kernel_child(rig->node, i)); i++) {
		if (child->state == NODE_FOUND)
			CHECK_EQUAL(kernel_start_child(child), STATUS_SUCCESS);
	}
}

/* The port looks, and Plug and Play does what follows. */
static void look(struct rig *rig)
{
	rig_look(rig);
	while (rig->node->rescan)
		kernel_rescan(rig->node);
	start_new_ones(rig);
}

/* A CREATE, and if it succeeds a CLOSE. */
static NTSTATUS try_open(DEVICE_OBJECT *device)
{
	FILE_OBJECT *file = kernel_file_new(device);
	IRP *irp = kernel_irp_new(device, file, IRP_MJ_CREATE, 0, NULL, NULL);
	const NTSTATUS status = kernel_irp_send(device, irp);

	if (NT_SUCCESS(status)) {
		(void)kernel_irp_send(device,
				      kernel_irp_new(device, file, IRP_MJ_CLEANUP, 0, NULL, NULL));
		(void)kernel_irp_send(device,
				      kernel_irp_new(device, file, IRP_MJ_CLOSE, 0, NULL, NULL));
	}
	kernel_file_free(file);
	return status;
}

/* ---- where they are found -------------------------------------------------------------------- */

static bool is_text(PCWSTR text, PCWSTR wanted)
{
	while (text && *text && *text == *wanted)
		text++, wanted++;
	return text && *text == *wanted;
}

static bool leads_to(PCWSTR link, PCWSTR name)
{
	return is_text(kernel_link_target(link), name);
}

static void names(struct rig *rig)
{
	CHECK(leads_to(L"\\DosDevices\\LPT1", L"\\Device\\Parallel0"));
	CHECK(leads_to(L"\\DosDevices\\LPT1.0", L"\\Device\\Parallel0.0"));
	CHECK(leads_to(L"\\DosDevices\\LPT1.1", L"\\Device\\Parallel0.1"));
	CHECK(leads_to(L"\\DosDevices\\LPT1.4", L"\\Device\\Parallel0.4"));
	CHECK_EQUAL(kernel_links(), 4);
	CHECK(find(rig, L"\\Device\\Parallel0"));
	CHECK(kernel_find_device(L"\\Device\\ParallelPort0") == rig->device);
}

static const GUID port_class = {
	0x97f76ef0, 0xf883, 0x11d0, { 0xaf, 0x1f, 0x00, 0x00, 0xf8, 0x00, 0x84, 0x5c }
};
static const GUID device_class = {
	0x811fc6a5, 0xf728, 0x11d0, { 0xa5, 0x37, 0x00, 0x00, 0xf8, 0x75, 0x3e, 0xd1 }
};

static void interfaces(struct rig *rig)
{
	DEVICE_OBJECT *raw = find(rig, L"\\Device\\Parallel0")->physical;

	CHECK_EQUAL(kernel_interfaces(rig->node->physical, &port_class, true), 1);
	CHECK_EQUAL(kernel_all_interfaces(rig->node->physical), 1);
	CHECK_EQUAL(kernel_interfaces(raw, &device_class, true), 1);
	CHECK_EQUAL(kernel_all_interfaces(raw), 1);
	CHECK_EQUAL(kernel_all_interfaces(find(rig, L"\\Device\\Parallel0.0")->physical), 0);
	CHECK_EQUAL(kernel_all_interfaces(find(rig, L"\\Device\\Parallel0.4")->physical), 0);
	kernel_surprise(rig->node);
	CHECK_EQUAL(kernel_interfaces(rig->node->physical, &port_class, true), 0);
	CHECK_EQUAL(kernel_interfaces(raw, &device_class, true), 0);
}

static void device_map(struct rig *rig)
{
	CHECK(is_text(kernel_device_map(L"PARALLEL PORTS", L"\\Device\\Parallel0"),
		      L"\\DosDevices\\LPT1"));
	CHECK(!kernel_device_map(L"PARALLEL PORTS", L"\\Device\\Parallel0.0"));
	CHECK_EQUAL(IoGetConfigurationInformation()->ParallelCount, 1);
	CHECK_EQUAL(kernel_pnp(find(rig, L"\\Device\\Parallel0"), IRP_MN_REMOVE_DEVICE),
		    STATUS_SUCCESS);
	CHECK(!kernel_device_map(L"PARALLEL PORTS", L"\\Device\\Parallel0"));
	CHECK_EQUAL(IoGetConfigurationInformation()->ParallelCount, 0);
	CHECK(!kernel_link_target(L"\\DosDevices\\LPT1"));
}

static void link_is_taken(struct rig *rig)
{
	UNICODE_STRING link, target;

	RtlInitUnicodeString(&link, L"\\DosDevices\\LPT1");
	RtlInitUnicodeString(&target, L"\\Device\\Spooler");
	CHECK_EQUAL(IoCreateUnprotectedSymbolicLink(&link, &target), STATUS_SUCCESS);
	rig_look(rig);
	CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_start_child(find(rig, L"\\Device\\Parallel0")), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_log_last(), OPP_LOG_NO_LINK);
	CHECK_EQUAL(try_open(find(rig, L"\\Device\\Parallel0")->physical), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_pnp(find(rig, L"\\Device\\Parallel0"), IRP_MN_REMOVE_DEVICE),
		    STATUS_SUCCESS);
	CHECK(leads_to(L"\\DosDevices\\LPT1", L"\\Device\\Spooler"));
	CHECK_EQUAL(IoDeleteSymbolicLink(&link), STATUS_SUCCESS);
}

/* ---- who may open them -------------------------------------------------------------------------- */

#define EVERYTHING 0x10000000u
#define READ_WRITE 0xc0000000u

static const struct entry {
	uint8_t denies, sub_authorities;
	uint32_t mask;
	uint32_t of[2]; /* S-1-5-... */
} entries[] = {
	{ 1, 1, EVERYTHING, { 2 } },       /* NETWORK */
	{ 0, 1, EVERYTHING, { 18 } },      /* SYSTEM */
	{ 0, 2, EVERYTHING, { 32, 544 } }, /* Administrators */
	{ 0, 1, READ_WRITE, { 4 } },       /* INTERACTIVE */
};

/* An entry of the list; returns its bytes. */
static uint32_t check_entry(const UCHAR *entry, const struct entry *wanted)
{
	static const UCHAR nt_authority[] = { 0, 0, 0, 0, 0, 5 };
	const uint32_t sub_bytes = wanted->sub_authorities * 4u;
	uint32_t mask;

	memcpy(&mask, entry + 4, sizeof(mask));
	CHECK_EQUAL(entry[0], wanted->denies);
	CHECK_EQUAL(entry[1], 0);
	CHECK_EQUAL(entry[2] | entry[3] << 8, 16 + sub_bytes);
	CHECK_EQUAL(mask, wanted->mask);
	CHECK_EQUAL(entry[8], 1);
	CHECK_EQUAL(entry[9], wanted->sub_authorities);
	CHECK(memcmp(entry + 10, nt_authority, sizeof(nt_authority)) == 0);
	CHECK(memcmp(entry + 16, wanted->of, sub_bytes) == 0);
	return 16 + sub_bytes;
}

static void access_lists(struct rig *rig)
{
	static const uint8_t places[] = { 0, 1, END_DEVICE, RAW_DEVICE };

	for (size_t p = 0; p < RTL_NUMBER_OF(places); p++) {
		DEVICE_OBJECT *device = rig_place(rig, places[p]);
		const UCHAR *list = kernel_access_list(device);
		uint32_t at = 8;

		CHECK(list);
		CHECK_EQUAL(list[4], RTL_NUMBER_OF(entries));
		for (size_t i = 0; i < RTL_NUMBER_OF(entries); i++)
			at += check_entry(list + at, &entries[i]);
		CHECK_EQUAL(list[2] | list[3] << 8, at);
		CHECK(device->Characteristics & FILE_DEVICE_SECURE_OPEN);
	}
}

/* ---- who is reported ---------------------------------------------------------------------------- */

static void same_object(struct rig *rig)
{
	DEVICE_OBJECT *before = find(rig, L"\\Device\\Parallel0.1")->physical;

	look(rig);
	CHECK(find(rig, L"\\Device\\Parallel0.1")->physical == before);
	rig_plug(rig, 1, DEVICE_SILENT);
	look(rig);
	CHECK(find(rig, L"\\Device\\Parallel0.1")->physical == before);
	CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), SUCCESS);
	kernel_rescan(rig->node);
	CHECK(find(rig, L"\\Device\\Parallel0.1")->physical == before);
	CHECK_EQUAL(try_open(before), STATUS_SUCCESS);
}

/* A device at another's place: first the one is gone, then the other is there. */
static void another_device(struct rig *rig)
{
	DEVICE_OBJECT *before = find(rig, L"\\Device\\Parallel0.1")->physical;

	ObReferenceObject(before);
	rig_change_chain(rig, 1, CHAIN_SOUND);
	look(rig);
	CHECK(!find(rig, L"\\Device\\Parallel0.1"));
	CHECK(!kernel_find_device(L"\\Device\\Parallel0.1"));
	CHECK(!kernel_link_target(L"\\DosDevices\\LPT1.1"));
	CHECK(find(rig, L"\\Device\\Parallel0.0"));
	rig_change_chain(rig, 2, CHAIN_SOUND);
	look(rig);
	CHECK(find(rig, L"\\Device\\Parallel0.1")->physical != before);
	CHECK_EQUAL(try_open(find(rig, L"\\Device\\Parallel0.1")->physical), STATUS_SUCCESS);
	CHECK_EQUAL(try_open(before), STATUS_DEVICE_REMOVED);
	ObDereferenceObject(before);
}

/* Between two looks somebody else has taken the place. */
static void exchanged(struct rig *rig)
{
	struct opp_contract_device *place = opp_contract_device(&rig->port->contract, 1);
	DEVICE_OBJECT *before = find(rig, L"\\Device\\Parallel0.1")->physical;

	memcpy(place->id, "MFG:Other;MDL:One;", sizeof("MFG:Other;MDL:One;"));
	CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
	CHECK(!find(rig, L"\\Device\\Parallel0.1")->seen);
	CHECK(find(rig, L"\\Device\\Parallel0.1")->physical == before);
	ObReferenceObject(before);
	kernel_rescan(rig->node);
	CHECK(!find(rig, L"\\Device\\Parallel0.1"));
	CHECK(rig->node->rescan);
	kernel_rescan(rig->node);
	CHECK(find(rig, L"\\Device\\Parallel0.1")->physical != before);
	ObDereferenceObject(before);
}

/* Asked after it has said that something changed it answers; asked out of the blue it looks. */
static void looks_when_asked(struct rig *rig)
{
	uint32_t told;

	while (rig->node->rescan)
		kernel_rescan(rig->node);
	rig_settle(rig);
	told = rig->node->invalidated;
	rig_change_chain(rig, 1, CHAIN_SOUND);
	CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
	CHECK(find(rig, L"\\Device\\Parallel0.1")->seen);
	rig_settle(rig);
	CHECK_EQUAL(rig->node->invalidated, told + 1);
	CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
	CHECK(!find(rig, L"\\Device\\Parallel0.1")->seen);
	rig_settle(rig);
	CHECK_EQUAL(rig->node->invalidated, told + 1);
}

static void keep_answer(void *answer, IRP *irp)
{
	*(DEVICE_RELATIONS **)answer = (DEVICE_RELATIONS *)irp->IoStatus.Information;
}

/* As a filter above that reports @device; the answer is the caller's. */
static NTSTATUS relations_with(struct rig *rig, DEVICE_OBJECT *device, uint32_t fail_at,
			       DEVICE_RELATIONS **all)
{
	DEVICE_RELATIONS *above = ExAllocatePoolWithTag(PagedPool, sizeof(*above), 'tseT');
	IRP *irp = kernel_irp_new(rig->node->physical, NULL, IRP_MJ_PNP,
				  IRP_MN_QUERY_DEVICE_RELATIONS, keep_answer, all);
	NTSTATUS status;

	CHECK(above);
	above->Count = 1;
	above->Objects[0] = device;
	ObReferenceObject(device);
	IoGetNextIrpStackLocation(irp)->Parameters.QueryDeviceRelations.Type = BusRelations;
	irp->IoStatus.Information = (ULONG_PTR)above;
	kernel_fail_allocation(fail_at);
	status = kernel_irp_send(rig->node->physical, irp);
	kernel_fail_allocation(0);
	return status;
}

static void above_is_kept(struct rig *rig)
{
	DEVICE_RELATIONS *all;

	CHECK_EQUAL(relations_with(rig, rig->node->physical, 0, &all), STATUS_SUCCESS);
	CHECK_EQUAL(all->Count, 5);
	CHECK(all->Objects[0] == rig->node->physical);
	for (ULONG i = 0; i < all->Count; i++)
		ObDereferenceObject(all->Objects[i]);
	ExFreePool(all);
}

/* Who would let it go, when the question fails? */
static void above_is_not_lost(struct rig *rig)
{
	DEVICE_RELATIONS *all;

	for (uint32_t nth = 1; nth <= 2; nth++) {
		CHECK_EQUAL(relations_with(rig, rig->node->physical, nth, &all),
			    STATUS_INSUFFICIENT_RESOURCES);
		CHECK(!all);
	}
}

/* ---- taken away -------------------------------------------------------------------------------------- */

static void disabled_and_enabled(struct rig *rig)
{
	struct kernel_node *child = find(rig, L"\\Device\\Parallel0.0");

	CHECK_EQUAL(kernel_pnp(child, IRP_MN_QUERY_REMOVE_DEVICE), STATUS_SUCCESS);
	CHECK_EQUAL(try_open(child->physical), STATUS_DELETE_PENDING);
	CHECK_EQUAL(kernel_pnp(child, IRP_MN_CANCEL_REMOVE_DEVICE), STATUS_SUCCESS);
	CHECK_EQUAL(try_open(child->physical), STATUS_SUCCESS);
	CHECK_EQUAL(kernel_pnp(child, IRP_MN_REMOVE_DEVICE), STATUS_SUCCESS);
	CHECK_EQUAL(try_open(child->physical), STATUS_DEVICE_REMOVED);
	CHECK(!kernel_link_target(L"\\DosDevices\\LPT1.0"));
	look(rig);
	CHECK(find(rig, L"\\Device\\Parallel0.0") == child);
	CHECK_EQUAL(try_open(child->physical), STATUS_DEVICE_REMOVED);
	CHECK_EQUAL(kernel_start_child(child), STATUS_SUCCESS);
	CHECK_EQUAL(try_open(child->physical), STATUS_SUCCESS);
	CHECK(leads_to(L"\\DosDevices\\LPT1.0", L"\\Device\\Parallel0.0"));
}

static void surprised_with_work(struct rig *rig)
{
	struct call write = { 0 };

	open_device(rig, 0, 0);
	rig_room(rig, 0, 0);
	queue_write(rig, &write, 0, "abc", 3);
	CHECK(kernel_pnp(find(rig, L"\\Device\\Parallel0.0"), IRP_MN_QUERY_REMOVE_DEVICE) < 0);
	CHECK(kernel_pnp(find(rig, L"\\Device\\Parallel0.0"), IRP_MN_QUERY_STOP_DEVICE) < 0);
	CHECK_EQUAL(kernel_pnp(find(rig, L"\\Device\\Parallel0.0"), IRP_MN_SURPRISE_REMOVAL),
		    STATUS_SUCCESS);
	rig_settle(rig);
	check_ended(&write, DELETE_PENDING);
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), DELETE_PENDING);
	open_device(rig, END_DEVICE, 0);
	CHECK_EQUAL(write_to(rig, END_DEVICE, "def", 3), SUCCESS);
}

/* The port's removal comes before that of a device which somebody has open. */
static void orphans(struct rig *rig)
{
	open_device(rig, 0, 0);
	kernel_surprise(rig->node);
	CHECK_EQUAL(kernel_pnp(rig->node, IRP_MN_REMOVE_DEVICE), STATUS_SUCCESS);
	CHECK(kernel_find_device(L"\\Device\\Parallel0.0"));
	CHECK_EQUAL(ask_internal(rig, 0, LOCK), DEVICE_REMOVED);
	CHECK_EQUAL(try_open(find(rig, L"\\Device\\Parallel0.0")->physical), STATUS_DEVICE_REMOVED);
	close_device(rig, 0, 0);
}

static void unstarted(struct rig *rig)
{
	CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
	CHECK_EQUAL(try_open(find(rig, L"\\Device\\Parallel0")->physical),
		    STATUS_INVALID_DEVICE_REQUEST);
	CHECK_EQUAL(kernel_links(), 0);
}

static const struct contract_case cases[] = {
	{ "C-005 C-006 C-007 each device has its name and its link", names, ON_POOR_CHIP },
	{ "C-004 C-005 C-008 port and raw device have an interface, the others none", interfaces,
	  ON_POOR_CHIP },
	{ "the raw device is in the device map and counted as long as it is started", device_map,
	  ON_POOR_CHIP },
	{ "a device whose link is taken starts, and says so in the log", link_is_taken, 0 },
	{ "who may open a device: the system, administrators, who is logged on here", access_lists,
	  ON_POOR_CHIP },
	{ "who is the same, or does not say, keeps its object", same_object, ON_POOR_CHIP },
	{ "who comes later to a place has an object of its own", another_device, ON_POOR_CHIP },
	{ "another id at a place: the one goes, then the other comes", exchanged, ON_POOR_CHIP },
	{ "who asks without having been told has devices looked for", looks_when_asked,
	  ON_POOR_CHIP },
	{ "what a filter above reports stays in the answer", above_is_kept, ON_POOR_CHIP },
	{ "what a filter above reports is let go when there is no memory", above_is_not_lost,
	  ON_POOR_CHIP },
	{ "C-177 a device is disabled and enabled: DEVICE_REMOVED meanwhile", disabled_and_enabled,
	  ON_POOR_CHIP },
	{ "C-177 a device is lost with a write under way: DELETE_PENDING", surprised_with_work,
	  ON_POOR_CHIP },
	{ "a device that is open outlives its port", orphans, ON_POOR_CHIP },
	{ "a device that is not started has no link and does not open", unstarted, 0 },
};

CASE_TABLE(bus_cases, cases);
