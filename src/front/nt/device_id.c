/* SPDX-License-Identifier: MIT */
/*
 * Who a device is told to be: hardware ids, compatible ids, instance, description, location.
 *
 *	DeviceID       LPTENUM\<id>, or LPTENUM\Unidentified
 *	HardwareIDs    LPTENUM\<id>, <id>; none without an id
 *	CompatibleIDs  what the device lists under COMPATIBLE ID, separated by commas
 *	InstanceID     its location
 *
 * What a device says of itself is hostile: only characters that Plug and Play allows in an
 * id are passed on, and of texts only those that print.
 */
#include "nt.h"

#define ENUMERATOR      "LPTENUM\\"
#define RAW_DESCRIPTION "Printer Port Logical Interface"

/* Of one id or text with its end, in characters: no more is an id to Plug and Play. */
#define ROOM 200

/* Grows; what does not fit is left out. */
struct text {
	USHORT length;
	WCHAR characters[ROOM];
};

static void put(struct text *text, WCHAR character)
{
	if (text->length < ROOM - 2) /* a list ends with two */
		text->characters[text->length++] = character;
}

static void put_text(struct text *text, const char *more)
{
	while (*more)
		put(text, (UCHAR)*more++);
}

/* Without characters there is none; both ends are there, as if it were a list. */
static NTSTATUS give(const struct text *text, IRP *irp)
{
	const ULONG bytes = (text->length + 2u) * sizeof(WCHAR);
	WCHAR *answer;

	if (text->length == 0)
		return irp->IoStatus.Status;
	answer = ExAllocatePoolWithTag(PagedPool, bytes, OPP_NT_POOL_TAG);
	if (!answer)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(answer, bytes);
	RtlCopyMemory(answer, text->characters, text->length * sizeof(WCHAR));
	irp->IoStatus.Information = (ULONG_PTR)answer;
	return STATUS_SUCCESS;
}

/* ---- ids ----------------------------------------------------------------------------------- */

/* As S-82 says, but for a backslash: of those Plug and Play wants one, and stops at more. */
static void put_own_id(struct text *text, const char *id)
{
	for (; *id; id++)
		put(text, *id == '\\' ? '_' : (UCHAR)*id);
}

static void put_device_id(struct text *text, const struct opp_nt_device *device)
{
	char name[OPP_PNP_ID_BYTES];

	put_text(text, ENUMERATOR);
	if (opp_device_hardware_id(opp_nt_place_of(device), device->id, name))
		put_own_id(text, name + sizeof(ENUMERATOR) - 1);
	else
		put_text(text, "Unidentified");
}

static void put_hardware_ids(struct text *text, const struct opp_nt_device *device)
{
	char name[OPP_PNP_ID_BYTES];

	if (!opp_device_hardware_id(opp_nt_place_of(device), device->id, name))
		return;
	put_text(text, ENUMERATOR);
	put_own_id(text, name + sizeof(ENUMERATOR) - 1);
	put(text, 0);
	put_own_id(text, name + sizeof(ENUMERATOR) - 1);
}

static bool is_of_an_id(char character)
{
	return character > ' ' && character < 0x7f && character != ',';
}

static void put_compatible_ids(struct text *text, const struct opp_nt_device *device)
{
	struct opp_device_id_part list;
	bool begun = false;

	if (!opp_device_id_find(device->id, "COMPATIBLE ID", &list) || list.length > ROOM - 2)
		return;
	for (size_t i = 0; i < list.length; i++) {
		const bool follows = is_of_an_id(list.start[i]);

		if (follows)
			put(text, (UCHAR)list.start[i]);
		else if (begun)
			put(text, 0);
		begun = follows;
	}
}

static void put_location(struct text *text, const struct opp_nt_device *device)
{
	char name[OPP_NAME_BYTES];

	(void)opp_device_location(device->object.port->number, opp_nt_place_of(device), name);
	put_text(text, name);
}

NTSTATUS opp_nt_device_id(const struct opp_nt_device *device, IRP *irp, BUS_QUERY_ID_TYPE type)
{
	struct text text = { .length = 0 };

	switch (type) {
	case BusQueryDeviceID: put_device_id(&text, device); break;
	case BusQueryHardwareIDs: put_hardware_ids(&text, device); break;
	case BusQueryCompatibleIDs: put_compatible_ids(&text, device); break;
	case BusQueryInstanceID: put_location(&text, device); break;
	default: break;
	}
	return give(&text, irp);
}

/* ---- texts ------------------------------------------------------------------------------------ */

static bool put_part(struct text *text, const struct opp_nt_device *device, const char *key)
{
	struct opp_device_id_part part;

	if (!opp_device_id_find(device->id, key, &part))
		return false;
	for (size_t i = 0; i < part.length; i++)
		put(text,
		    part.start[i] >= ' ' && part.start[i] < 0x7f ? (UCHAR)part.start[i] : '?');
	return part.length > 0;
}

static void put_description(struct text *text, const struct opp_nt_device *device)
{
	if (opp_nt_place_of(device) == OPP_PLACE_RAW) {
		put_text(text, RAW_DESCRIPTION);
		return;
	}
	if (put_part(text, device, "DESCRIPTION"))
		return;
	if (put_part(text, device, "MANUFACTURER"))
		put(text, ' ');
	if (!put_part(text, device, "MODEL"))
		put_text(text, "IEEE 1284 device");
}

NTSTATUS opp_nt_device_text(const struct opp_nt_device *device, IRP *irp, DEVICE_TEXT_TYPE type)
{
	struct text text = { .length = 0 };

	if (type == DeviceTextDescription)
		put_description(&text, device);
	else if (type == DeviceTextLocationInformation)
		put_location(&text, device);
	return give(&text, irp);
}
