/* SPDX-License-Identifier: MIT */
/*
 * Who Plug and Play is told that ports and devices are, and what they can.
 */
#include "device_case.h"
#include "rig.h"

#define ROOM 256

/* An answer as text: '|' where a string of it ends. */
static void show(const WCHAR *answer, char text[ROOM])
{
	size_t i = 0;

	do {
		while (answer[i] && i < ROOM - 2) {
			text[i] = (char)answer[i];
			i++;
		}
		text[i++] = '|';
	} while (answer[i] && i < ROOM - 2);
	text[i] = 0;
}

static void check_text(const char *text, const char *wanted)
{
	if (strcmp(text, wanted) != 0)
		kernel_fatal("\"%s\", wanted \"%s\"", text, wanted);
}

static void check_id(struct rig *rig, PCWSTR name, BUS_QUERY_ID_TYPE type, const char *wanted)
{
	struct kernel_node *child = kernel_child_named(rig->node, name);
	WCHAR answer[ROOM] = { 0 };
	char text[ROOM];

	if (!kernel_query_id(child, type, answer, ROOM)) {
		CHECK(!wanted);
		return;
	}
	show(answer, text);
	CHECK(wanted);
	check_text(text, wanted);
}

static void check_description(struct rig *rig, PCWSTR name, const char *description,
			      const char *location)
{
	struct kernel_node *child = kernel_child_named(rig->node, name);
	WCHAR answer[ROOM] = { 0 };
	char text[ROOM];

	CHECK(kernel_query_text(child, DeviceTextDescription, answer, ROOM));
	show(answer, text);
	check_text(text, description);
	memset(answer, 0, sizeof(answer));
	CHECK(kernel_query_text(child, DeviceTextLocationInformation, answer, ROOM));
	show(answer, text);
	check_text(text, location);
}

/* ---- real ones ------------------------------------------------------------------------------- */

#define RAW L"\\Device\\Parallel0"
#define ZIP L"\\Device\\Parallel0.0"
#define END L"\\Device\\Parallel0.4"

static void raw_device(struct rig *rig)
{
	CHECK(rig_place(rig, RAW_DEVICE));
	check_id(rig, RAW, BusQueryDeviceID, "LPTENUM\\MicrosoftRawPort958A|");
	check_id(rig, RAW, BusQueryHardwareIDs,
		 "LPTENUM\\MicrosoftRawPort958A|MicrosoftRawPort958A|");
	check_id(rig, RAW, BusQueryCompatibleIDs, NULL);
	check_id(rig, RAW, BusQueryInstanceID, "LPT1|");
	check_description(rig, RAW, "Printer Port Logical Interface|", "LPT1|");
}

static void devices(struct rig *rig)
{
	check_id(rig, ZIP, BusQueryDeviceID, "LPTENUM\\AcmeZip35E4|");
	check_id(rig, ZIP, BusQueryHardwareIDs, "LPTENUM\\AcmeZip35E4|AcmeZip35E4|");
	check_id(rig, ZIP, BusQueryInstanceID, "LPT1.0|");
	check_id(rig, END, BusQueryInstanceID, "LPT1.4|");
	check_description(rig, ZIP, "Acme Zip|", "LPT1.0|");
	check_description(rig, END, "End Printer|", "LPT1.4|");
}

static void nameless(struct rig *rig)
{
	CHECK(rig_place(rig, 0));
	check_id(rig, ZIP, BusQueryDeviceID, "LPTENUM\\Unidentified|");
	check_id(rig, ZIP, BusQueryHardwareIDs, NULL);
	check_id(rig, ZIP, BusQueryCompatibleIDs, NULL);
	check_id(rig, ZIP, BusQueryInstanceID, "LPT1.0|");
	check_description(rig, ZIP, "IEEE 1284 device|", "LPT1.0|");
}

/* ---- what a device may say -------------------------------------------------------------------- */

#define LONG_50  "12345678901234567890123456789012345678901234567890"
#define LONG_200 LONG_50 LONG_50 LONG_50 LONG_50

static const struct saying {
	const char *id;
	BUS_QUERY_ID_TYPE type;
	const char *wanted; /* NULL: no answer */
} sayings[] = {
	{ "MFG:A;MDL:B;CID:one;", BusQueryCompatibleIDs, "one|" },
	{ "MFG:A;MDL:B;CID:one,two;", BusQueryCompatibleIDs, "one|two|" },
	{ "MFG:A;MDL:B;COMPATIBLE ID:,one, ,two three,;", BusQueryCompatibleIDs, "one|two|three|" },
	{ "MFG:A;MDL:B;CID:, ,;", BusQueryCompatibleIDs, NULL },
	{ "MFG:A;MDL:B;CID:" LONG_200 ";", BusQueryCompatibleIDs, NULL },
	{ "MFG:A;MDL:B;CID:a\x80z;", BusQueryCompatibleIDs, "a|z|" },
	{ "MFG:A\\B;MDL:C\\;", BusQueryDeviceID, "LPTENUM\\A_BC_40BF|" },
	{ "MFG:A\\B;MDL:C\\;", BusQueryHardwareIDs, "LPTENUM\\A_BC_40BF|A_BC_40BF|" },
	{ "MFG:A, B;MDL:C;", BusQueryDeviceID, "LPTENUM\\A__BC0444|" },
	{ "MFG:" LONG_50 ";MDL:C;", BusQueryDeviceID, "LPTENUM\\1234567890123456789084EF|" },
	{ "MFG:A;", BusQueryDeviceID, "LPTENUM\\Unidentified|" },
};

static const struct speech {
	const char *id;
	const char *wanted;
} speeches[] = {
	{ "MFG:A;MDL:B;DES:What it is;", "What it is|" },
	{ "MFG:A;DES:;MDL:B;", "A B|" },
	{ "MDL:B;", "B|" },
	{ "MFG:A;", "A IEEE 1284 device|" },
	{ "MFG:A;MDL:B\xe9\x1b;", "A B??|" },
};

static void say_id(struct opp_nt_device *device, const struct saying *saying)
{
	IRP irp = { .IoStatus.Status = STATUS_NOT_SUPPORTED };
	char text[ROOM];
	NTSTATUS status;

	(void)snprintf(device->id, sizeof(device->id), "%s", saying->id);
	status = opp_nt_device_id(device, &irp, saying->type);
	CHECK_EQUAL(status, saying->wanted ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED);
	CHECK_EQUAL(!irp.IoStatus.Information, !saying->wanted);
	if (!saying->wanted)
		return;
	show((const WCHAR *)irp.IoStatus.Information, text);
	check_text(text, saying->wanted);
	ExFreePool((void *)irp.IoStatus.Information);
}

static void say_text(struct opp_nt_device *device, const struct speech *speech)
{
	IRP irp = { .IoStatus.Status = STATUS_NOT_SUPPORTED };
	char text[ROOM];

	(void)snprintf(device->id, sizeof(device->id), "%s", speech->id);
	CHECK_EQUAL(opp_nt_device_text(device, &irp, DeviceTextDescription), STATUS_SUCCESS);
	show((const WCHAR *)irp.IoStatus.Information, text);
	check_text(text, speech->wanted);
	ExFreePool((void *)irp.IoStatus.Information);
}

static void hostile(struct rig *rig)
{
	struct opp_nt_device *device = rig_place(rig, 0)->DeviceExtension;

	for (size_t i = 0; i < RTL_NUMBER_OF(sayings); i++)
		say_id(device, &sayings[i]);
	for (size_t i = 0; i < RTL_NUMBER_OF(speeches); i++)
		say_text(device, &speeches[i]);
}

/* ---- capabilities --------------------------------------------------------------------------------- */

static void check_states(const DEVICE_CAPABILITIES *capabilities)
{
	CHECK_EQUAL(capabilities->DeviceState[PowerSystemWorking], PowerDeviceD0);
	for (int state = PowerSystemSleeping1; state < PowerSystemMaximum; state++)
		CHECK_EQUAL(capabilities->DeviceState[state], PowerDeviceD3);
}

static void capabilities(struct rig *rig)
{
	DEVICE_CAPABILITIES raw, zip, port;

	CHECK_EQUAL(kernel_query_capabilities(kernel_child_named(rig->node, RAW), &raw),
		    STATUS_SUCCESS);
	CHECK_EQUAL(kernel_query_capabilities(kernel_child_named(rig->node, ZIP), &zip),
		    STATUS_SUCCESS);
	CHECK_EQUAL(kernel_query_capabilities(rig->node, &port), STATUS_SUCCESS);
	CHECK(raw.RawDeviceOK && raw.SurpriseRemovalOK && !raw.Removable && !raw.UniqueID);
	CHECK(zip.RawDeviceOK && zip.SurpriseRemovalOK && zip.Removable && !zip.UniqueID);
	CHECK(port.SurpriseRemovalOK && !port.RawDeviceOK);
	check_states(&raw);
	check_states(&zip);
	check_states(&port);
}

/* ---- other requests ---------------------------------------------------------------------------------- */

struct outcome {
	NTSTATUS status;
	ULONG_PTR information;
};

static void keep(void *context, IRP *irp)
{
	*(struct outcome *)context =
		(struct outcome){ irp->IoStatus.Status, irp->IoStatus.Information };
}

static struct outcome send(DEVICE_OBJECT *device, UCHAR minor, ULONG type)
{
	struct outcome outcome;
	IRP *irp = kernel_irp_new(device, NULL, IRP_MJ_PNP, minor, keep, &outcome);

	IoGetNextIrpStackLocation(irp)->Parameters.QueryDeviceRelations.Type = type;
	CHECK_EQUAL(kernel_irp_send(device, irp), outcome.status);
	return outcome;
}

static void unknown_minors(struct rig *rig)
{
	DEVICE_OBJECT *raw = rig_place(rig, RAW_DEVICE);

	for (UCHAR minor = IRP_MN_QUERY_INTERFACE; minor < 0x40; minor++) {
		if (minor == IRP_MN_QUERY_CAPABILITIES || minor == IRP_MN_SURPRISE_REMOVAL ||
		    minor == IRP_MN_QUERY_ID || minor == IRP_MN_QUERY_DEVICE_TEXT ||
		    minor == IRP_MN_QUERY_BUS_INFORMATION)
			continue;
		CHECK_EQUAL(send(raw, minor, 0).status, STATUS_NOT_SUPPORTED);
		CHECK_EQUAL(send(rig->node->physical, minor, 0).status, STATUS_NOT_SUPPORTED);
	}
}

static void other_questions(struct rig *rig)
{
	DEVICE_OBJECT *raw = rig_place(rig, RAW_DEVICE);
	struct outcome outcome = send(raw, IRP_MN_QUERY_BUS_INFORMATION, 0);
	DEVICE_RELATIONS *relations;

	CHECK_EQUAL(outcome.status, STATUS_SUCCESS);
	CHECK_EQUAL(((PNP_BUS_INFORMATION *)outcome.information)->LegacyBusType, PNPBus);
	ExFreePool((void *)outcome.information);
	outcome = send(raw, IRP_MN_QUERY_DEVICE_RELATIONS, TargetDeviceRelation);
	CHECK_EQUAL(outcome.status, STATUS_SUCCESS);
	relations = (DEVICE_RELATIONS *)outcome.information;
	CHECK_EQUAL(relations->Count, 1);
	CHECK(relations->Objects[0] == raw);
	ObDereferenceObject(raw);
	ExFreePool(relations);
	CHECK_EQUAL(send(raw, IRP_MN_QUERY_DEVICE_RELATIONS, BusRelations).status,
		    STATUS_NOT_SUPPORTED);
	CHECK_EQUAL(
		send(rig->node->physical, IRP_MN_QUERY_DEVICE_RELATIONS, RemovalRelations).status,
		STATUS_NOT_SUPPORTED);
}

static const struct contract_case cases[] = {
	{ "C-168 the raw device: its ids, instance, texts", raw_device, 0 },
	{ "devices of the chain and at its end: ids, instance, texts", devices, ON_POOR_CHIP },
	{ "a device that was counted and not asked has an id without a name", nameless,
	  NEEDS_CHAIN },
	{ "ids and texts of whatever a device says", hostile, NEEDS_CHAIN },
	{ "capabilities of port and devices", capabilities, ON_POOR_CHIP },
	{ "requests that are not known keep their status", unknown_minors, 0 },
	{ "the bus of a device, and the device itself as a relation", other_questions, 0 },
};

CASE_TABLE(identity_cases, cases);
