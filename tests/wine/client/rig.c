/* SPDX-License-Identifier: MIT */
/*
 * A port's life under the bus, and what the cases ask of their runner but requests.
 */
#include <string.h>

#include <wdm.h>
#include <wmistr.h>

#include <openparport/contract.h>
#include <openparport/names.h>

#include "rig.h"

#define WMI_BYTES 256

/* PARPORT_WMI_ALLOCATE_FREE_COUNTS_GUID */
static const GUID counts_guid = {
	0x4bbb69ea, 0x6853, 0x11d2, { 0x8e, 0xce, 0x00, 0xc0, 0x4f, 0x8e, 0xf4, 0x81 }
};

/* What the devices of the bus say of themselves. */
static const char *const known_ids[] = {
	"MFG:Acme;MDL:Zip;CLS:MEDIA;", "MFG:Acme;MDL:Scanner;",        "MFG:Bolt;MDL:Plotter;",
	"MFG:Bolt;MDL:Camera;",        "MFG:End;MDL:Printer;CMD:PCL;",
};

/* ---- counters ------------------------------------------------------------------------ */

static bool is_open(const struct rig *rig)
{
	for (int i = 0; i < RIG_FILES; i++) {
		if (rig->files[i].is_open)
			return true;
		for (int k = 0; k < MOST_DEVICES; k++) {
			if (rig->device_files[k][i].is_open)
				return true;
		}
	}
	return false;
}

/*
 * A removed port does not answer any more. While a file is open what its callbacks work on is
 * still there to be looked at; then what it told last.
 */
static struct PARPORT_WMI_ALLOC_FREE_COUNTS counters_of_removed(struct rig *rig)
{
	const struct opp_contract_port *port = rig->info.Context;

	if (is_open(rig)) {
		rig->counts.PortAllocates = port->port.counters.allocates;
		rig->counts.PortFrees = port->port.counters.frees;
	}
	return rig->counts;
}

struct PARPORT_WMI_ALLOC_FREE_COUNTS rig_counters(struct rig *rig)
{
	_Alignas(8) uint8_t buffer[WMI_BYTES] = { 0 };
	WNODE_ALL_DATA *node = (WNODE_ALL_DATA *)buffer;
	ULONG_PTR answered = 0;

	if (rig->is_removed)
		return counters_of_removed(rig);
	node->WnodeHeader.BufferSize = sizeof(buffer);
	node->WnodeHeader.Guid = counts_guid;
	node->WnodeHeader.Flags = WNODE_FLAG_ALL_DATA;
	CHECK_EQUAL(bus->wmi(rig->port, IRP_MN_QUERY_ALL_DATA, &counts_guid, buffer, sizeof(buffer),
			     &answered),
		    STATUS_SUCCESS);
	CHECK_EQUAL(node->InstanceCount, 1);
	CHECK(node->DataBlockOffset + sizeof(rig->counts) <= answered);
	memcpy(&rig->counts, buffer + node->DataBlockOffset, sizeof(rig->counts));
	return rig->counts;
}

/* ---- time and interrupts ---------------------------------------------------------------- */

void rig_settle(struct rig *rig)
{
	(void)rig;
	bus->settle();
}

void rig_pass_ms(struct rig *rig, uint32_t ms)
{
	(void)rig;
	bus->pass_ms(ms);
}

void rig_pass_days(struct rig *rig, uint32_t days)
{
	(void)rig;
	bus->pass_days(days);
}

bool rig_interrupt(struct rig *rig)
{
	return bus->interrupt(rig->port);
}

void rig_raise(struct rig *rig)
{
	(void)rig;
	bus->raise();
}

void rig_lower(struct rig *rig)
{
	(void)rig;
	bus->lower();
}

/* With a lock of the driver's held this would not return. */
void rig_in_routine(struct rig *rig)
{
	rig->info.QueryNumWaiters(rig->info.Context);
}

/* ---- devices ------------------------------------------------------------------------------- */

DEVICE_OBJECT *rig_device(struct rig *rig, uint8_t place)
{
	DEVICE_OBJECT **known =
		place == BUS_PORT_ITSELF ? &rig->device : &rig->devices[index_of(place)];
	DEVICE_OBJECT *device = bus->device(rig->port, place);

	if (device && device != *known) {
		if (*known)
			ObDereferenceObject(*known);
		ObReferenceObject(device);
		*known = device;
	}
	return *known;
}

static void forget_devices(struct rig *rig)
{
	for (int i = 0; i < MOST_DEVICES; i++) {
		if (rig->devices[i])
			ObDereferenceObject(rig->devices[i]);
	}
	if (rig->device)
		ObDereferenceObject(rig->device);
}

static bool has_file(const struct rig *rig, uint8_t place)
{
	for (int i = 0; i < RIG_FILES; i++) {
		if (rig->device_files[index_of(place)][i].is_open)
			return true;
	}
	return false;
}

void rig_closed(struct rig *rig, uint8_t place)
{
	if (!rig->is_removed && !has_file(rig, place))
		bus->remove_lost(rig->port, place);
}

/*
 * What the Plug and Play manager does when it was told that something has changed: who is not
 * reported any more is removed, unless it is open.
 */
static void enumerate_if_changed(struct rig *rig)
{
	static const uint8_t places[] = { 0, 1, 2, 3, END_DEVICE };
	uint32_t changes;

	while (!rig->is_removed && (changes = bus->changes(rig->port)) != rig->changes_seen) {
		rig->changes_seen = changes;
		CHECK_EQUAL(bus->enumerate(rig->port), STATUS_SUCCESS);
		for (size_t i = 0; i < sizeof(places); i++) {
			if (!has_file(rig, places[i]))
				bus->remove_lost(rig->port, places[i]);
		}
	}
}

/* Who asks without having been told has everything looked for. */
void rig_look(struct rig *rig)
{
	enumerate_if_changed(rig);
	CHECK_EQUAL(bus->enumerate(rig->port), STATUS_SUCCESS);
	bus->settle();
}

/* What the driver knows a device as, said by its hardware id. */
static void copy_id(struct rig *rig, uint8_t place, char *id)
{
	char name[OPP_PNP_ID_BYTES];
	ULONG_PTR answer = 0;
	const WCHAR *hardware_id;

	*id = 0;
	if (bus->pnp_query(rig->port, place, IRP_MN_QUERY_ID, BusQueryHardwareIDs, &answer) !=
	    STATUS_SUCCESS)
		return;
	hardware_id = (const WCHAR *)answer;
	for (size_t i = 0; i < sizeof(known_ids) / sizeof(known_ids[0]); i++) {
		size_t length = opp_device_hardware_id(place, known_ids[i], name);
		size_t same = 0;

		while (same < length && hardware_id[same] == (WCHAR)name[same])
			same++;
		if (same == length && !hardware_id[length])
			strcpy(id, known_ids[i]);
	}
	ExFreePool((void *)answer);
}

bool rig_is_there(struct rig *rig, uint8_t place, char *id)
{
	bool is_there;

	enumerate_if_changed(rig);
	is_there = bus->device(rig->port, place);
	if (id) {
		*id = 0;
		if (is_there)
			copy_id(rig, place, id);
	}
	return is_there;
}

uint32_t rig_changes(struct rig *rig)
{
	return bus->changes(rig->port);
}

void rig_change_chain(struct rig *rig, uint32_t devices, enum chain_health health)
{
	bus->change_chain(rig->port, devices, health);
}

void rig_forget_addresses(struct rig *rig)
{
	bus->forget_addresses(rig->port);
}

uint8_t rig_selected(struct rig *rig)
{
	return bus->selected(rig->port);
}

/* A chip with EPP reads in the byte mode, too, and the driver transfers 32 bits at a time. */
uint32_t rig_spare_capabilities(struct rig *rig)
{
	return rig->needs & NEEDS_EPP ? PPT_BYTE_PRESENT | PPT_EPP_32_PRESENT : 0;
}

uint8_t rig_chip_mode(struct rig *rig)
{
	return bus->chip_mode(rig->port);
}

void rig_plug(struct rig *rig, uint8_t place, enum device_kind kind)
{
	bus->plug(rig->port, place, kind);
}

void rig_unplug(struct rig *rig, uint8_t place)
{
	bus->unplug(rig->port, place);
}

void rig_trouble(struct rig *rig, uint8_t place, enum device_trouble trouble)
{
	bus->trouble(rig->port, place, trouble);
}

void rig_room(struct rig *rig, uint8_t place, uint32_t bytes)
{
	bus->room(rig->port, place, bytes);
}

void rig_say(struct rig *rig, uint8_t place, const void *bytes, uint32_t count)
{
	bus->say(rig->port, place, bytes, count);
}

uint32_t rig_heard(struct rig *rig, uint8_t place, void *bytes, uint32_t room)
{
	return bus->heard(rig->port, place, bytes, room);
}

uint8_t rig_address(struct rig *rig, uint8_t place)
{
	return bus->address(rig->port, place);
}

enum device_mode rig_mode(struct rig *rig, uint8_t place)
{
	return bus->mode(rig->port, place);
}

uint64_t rig_accesses(struct rig *rig)
{
	return bus->accesses(rig->port);
}

uint32_t rig_resets(struct rig *rig)
{
	return bus->resets(rig->port);
}

/* ---- a port's life ----------------------------------------------------------------------------- */

void rig_remove(struct rig *rig, bool surprise)
{
	static const uint8_t places[] = { 0, 1, 2, 3, END_DEVICE, RAW_DEVICE, BUS_PORT_ITSELF };

	for (size_t i = 0; i < sizeof(places); i++)
		rig_device(rig, places[i]);
	if (!surprise) {
		rig_counters(rig);
		rig->is_removed = true;
	}
	bus->remove(rig->port, surprise);
}

static void set_power(struct rig *rig, DEVICE_POWER_STATE state)
{
	CHECK_EQUAL(bus->power(rig->port, BUS_PORT_ITSELF, IRP_MN_SET_POWER, DevicePowerState,
			       (ULONG)state),
		    STATUS_SUCCESS);
}

void rig_suspend(struct rig *rig)
{
	set_power(rig, PowerDeviceD3);
	bus->supply(rig->port, FALSE);
	rig->is_off = true;
}

void rig_resume(struct rig *rig)
{
	if (rig->is_off)
		bus->supply(rig->port, TRUE);
	rig->is_off = false;
	set_power(rig, PowerDeviceD0);
}

struct rig *rig_second(struct rig *rig)
{
	return rig->second;
}

static void init_file(struct rig_file *file)
{
	*file = (struct rig_file){ .object = { .Type = IO_TYPE_FILE,
					       .Size = sizeof(FILE_OBJECT),
					       .ReadAccess = TRUE,
					       .WriteAccess = TRUE } };
}

void rig_begin(struct rig *rig, uint32_t needs)
{
	const struct bus_port_options options = { .needs = needs };

	memset(rig, 0, offsetof(struct rig, packets));
	for (uint32_t i = 0; i < RIG_PACKETS; i++)
		rig->packets[i].irp = NULL;
	for (int i = 0; i < RIG_FILES; i++) {
		init_file(&rig->files[i]);
		for (int k = 0; k < MOST_DEVICES; k++)
			init_file(&rig->device_files[k][i]);
	}
	rig->needs = needs;
	CHECK_EQUAL(bus->make(&options, &rig->port), STATUS_SUCCESS);
	rig->changes_seen = bus->changes(rig->port);
	if ((needs & NEEDS_CHAIN) && !(needs & NEEDS_DEVICES))
		CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), STATUS_SUCCESS);
	rig->info = port_info(rig);
}

static void close_one(struct rig *rig, struct rig_file *file, struct call to)
{
	struct call cleanup = to;
	struct call close = to;

	if (!file->is_open)
		return;
	cleanup.major = IRP_MJ_CLEANUP;
	close.major = IRP_MJ_CLOSE;
	rig_submit(rig, &cleanup);
	rig_submit(rig, &close);
}

static void close_files(struct rig *rig)
{
	for (int file = 0; file < RIG_FILES; file++) {
		close_one(rig, &rig->files[file], (struct call){ .file = file });
		for (uint8_t k = 0; k < MOST_DEVICES; k++)
			close_one(rig, &rig->device_files[k][file],
				  (struct call){ .file = file,
						 .to_device = true,
						 .place = k == MOST_DEVICES - 1 ? RAW_DEVICE : k });
	}
}

void rig_end(struct rig *rig)
{
	struct bus_port *port = rig->port;

	if (!port)
		return;
	packets_adopt(rig);
	close_files(rig);
	bus->settle();
	CHECK(!packets_are_left(rig));
	CHECK(bus->is_at_rest(port));
	rig->port = NULL;
	forget_devices(rig);
	CHECK_EQUAL(bus->destroy(port), 0);
}

void rig_drop(struct rig *rig)
{
	if (!rig->port)
		return;
	packets_adopt(rig);
	packets_cancel(rig);
	close_files(rig);
	bus->settle();
	forget_devices(rig);
	bus->destroy(rig->port);
	rig->port = NULL;
}
