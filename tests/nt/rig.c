/* SPDX-License-Identifier: MIT */
/*
 * See rig.h: a port's life, its hardware, its time. Requests: packets.c.
 */
#include <stdlib.h>

#include "rig.h"

#define ACCESS_NS   1000
#define CLOCK_MS    16 /* that the driver's clock may be behind */
#define ECP_OFFSET  0x400
#define SETTLE_NS   (2000 * NS_PER_MS)
#define PRINTING_NS NS_PER_MS
#define NS_PER_DAY  (86400000 * NS_PER_MS)

/* Places of devices, the raw one last. */
#define RAW_INDEX (MOST_DEVICES - 1)

static const uint16_t bases[] = { 0x378, 0x278 };
static const PCWSTR port_names[] = { L"LPT1", L"LPT2" };
static const PCWSTR place_names[][MOST_DEVICES] = {
	{ L"\\Device\\Parallel0.0", L"\\Device\\Parallel0.1", L"\\Device\\Parallel0.2",
	  L"\\Device\\Parallel0.3", L"\\Device\\Parallel0.4", L"\\Device\\Parallel0" },
	{ L"\\Device\\Parallel1.0", L"\\Device\\Parallel1.1", L"\\Device\\Parallel1.2",
	  L"\\Device\\Parallel1.3", L"\\Device\\Parallel1.4", L"\\Device\\Parallel1" },
};

_Noreturn void case_failed(const char *file, int line, const char *what, long long got,
			   long long wanted)
{
	kernel_fatal("%s:%d: %s: got %lld (%#llx), wanted %lld (%#llx)", file, line, what, got,
		     (unsigned long long)got, wanted, (unsigned long long)wanted);
}

/* ---- hardware --------------------------------------------------------------------------- */

/* The model's time is the kernel's, and an access that took longer has taken it from there. */
static void keep_time(struct rig *rig)
{
	const uint64_t now_ns = kernel_now_ns() - rig->born_ns;

	if (rig->model.sim.now_ns > now_ns)
		kernel_pass_ns(rig->model.sim.now_ns - now_ns);
	else
		opp_sim_advance_to(&rig->model.sim, now_ns);
}

static void touch(struct rig *rig)
{
	CHECK(!rig->is_off);
	rig->accesses++;
	kernel_pass_ns(ACCESS_NS);
	keep_time(rig);
}

static uint8_t read8(void *context, uint32_t offset)
{
	struct rig *rig = context;
	uint8_t value;

	touch(rig);
	value = model_read(&rig->model, offset);
	keep_time(rig);
	return value;
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	struct rig *rig = context;

	touch(rig);
	model_write(&rig->model, offset, value);
	keep_time(rig);
}

static enum opp_sim_chip chip_for(uint32_t needs)
{
	if (needs & NEEDS_ECP)
		return needs & NEEDS_EPP ? OPP_SIM_ECP_EPP : OPP_SIM_ECP;
	return needs & NEEDS_EPP ? OPP_SIM_EPP : OPP_SIM_SPP;
}

static uint32_t most_devices(uint32_t needs)
{
	if (!(needs & NEEDS_CHAIN))
		return 0;
	return needs & NEEDS_FOUR ? CHAIN_ADAPTERS : OPP_USUAL_DEVICES;
}

/* ---- a port's life -------------------------------------------------------------------------- */

struct kernel_resources rig_resources(uint32_t number, uint32_t needs)
{
	return (struct kernel_resources){
		.port = bases[number],
		.span = 8,
		.ecp_port = (uint16_t)(bases[number] + ECP_OFFSET),
		.ecp_span = needs & NEEDS_ECP ? 4 : 0,
		.vector = needs & NEEDS_NO_INTERRUPT ? 0 : RIG_VECTOR,
	};
}

void rig_create(struct rig *rig, uint32_t number, uint32_t needs)
{
	*rig = (struct rig){ .number = number, .needs = needs, .born_ns = kernel_now_ns() };
	model_init(&rig->model, &(struct opp_sim_options){ .chip = chip_for(needs) },
		   most_devices(needs));
	rig->spp = (struct kernel_ports){ .first = TRANSLATED(bases[number]),
					  .count = 8,
					  .context = rig,
					  .read8 = read8,
					  .write8 = write8 };
	rig->ecp = rig->spp;
	rig->ecp.first += ECP_OFFSET;
	rig->ecp.offset = ECP_OFFSET;
	kernel_add_ports(&rig->spp);
	kernel_add_ports(&rig->ecp);
	rig->node = kernel_node_new();
	kernel_set_string(rig->node->physical, L"PortName", port_names[number]);
	kernel_set_dword(rig->node->physical, L"DaisyDevices", most_devices(needs));
	kernel_set_dword(rig->node->physical, L"ScanAtStart", 0);
	if (needs & (NEEDS_CONNECT | NEEDS_NO_INTERRUPT))
		kernel_set_dword(rig->node->physical, L"EnableConnectInterruptIoctl", 1);
}

NTSTATUS rig_add(struct rig *rig)
{
	const NTSTATUS status = kernel_add(rig->node);

	if (!NT_SUCCESS(status))
		return status;
	rig->device = IoGetAttachedDeviceReference(rig->node->physical);
	rig->port = ((struct opp_nt_object *)rig->device->DeviceExtension)->port;
	opp_nt_port_get(rig->port);
	return status;
}

NTSTATUS rig_start(struct rig *rig)
{
	const struct kernel_resources resources = rig_resources(rig->number, rig->needs);

	return kernel_start(rig->node, &resources);
}

/* The cases know a chip of EPP alone, and one without cycles of 32 bits. */
static void make_as_poor_as_needed(struct rig *rig)
{
	uint32_t capabilities = OPP_HW_CAN_COMPAT;

	if (rig->needs & NEEDS_EPP)
		capabilities |= OPP_HW_CAN_EPP;
	if (rig->needs & NEEDS_ECP)
		capabilities |= OPP_HW_CAN_REVERSE | OPP_HW_CAN_FIFO;
	rig->port->chip.hw.capabilities &= capabilities;
}

static void plug_devices(struct rig *rig)
{
	for (uint8_t place = 0; place < rig->model.plugged; place++)
		rig_plug(rig, place, DEVICE_FULL);
	rig_plug(rig, END_DEVICE, DEVICE_FULL);
	rig_look(rig);
	for (uint8_t place = 0; place < rig->model.plugged; place++)
		CHECK(rig_place(rig, place));
	CHECK(rig_place(rig, END_DEVICE));
	CHECK(rig_place(rig, RAW_DEVICE));
}

void rig_begin(struct rig *rig, uint32_t number, uint32_t needs)
{
	rig_create(rig, number, needs);
	CHECK_EQUAL(rig_add(rig), STATUS_SUCCESS);
	CHECK_EQUAL(rig_start(rig), STATUS_SUCCESS);
	make_as_poor_as_needed(rig);
	if (needs & NEEDS_CHAIN)
		CHECK_EQUAL(ask(rig, NO_FILE, IOCTL_INTERNAL_INIT_1284_3_BUS), OPP_NT_SUCCESS);
	if (needs & NEEDS_DEVICES)
		plug_devices(rig);
	rig->accesses = 0;
}

static void close_devices(struct rig *rig, int file)
{
	for (uint32_t i = 0; i < MOST_DEVICES; i++) {
		struct call cleanup = { .major = IRP_MJ_CLEANUP, .file = file, .to_device = true };
		struct call close = { .major = IRP_MJ_CLOSE, .file = file, .to_device = true };

		cleanup.place = close.place = i == RAW_INDEX ? RAW_DEVICE : (uint8_t)i;
		if (!rig->device_is_open[i][file])
			continue;
		rig_submit(rig, &cleanup);
		rig_submit(rig, &close);
	}
}

void rig_close_all(struct rig *rig)
{
	rig_adopt(rig);
	for (int file = 0; file < RIG_FILES; file++) {
		if (rig->is_open[file])
			close_file(rig, file);
		close_devices(rig, file);
	}
}

void rig_forget(struct rig *rig)
{
	for (uint32_t i = 0; i < MOST_DEVICES; i++) {
		for (int file = 0; file < RIG_FILES; file++) {
			if (rig->device_files[i][file])
				kernel_file_free(rig->device_files[i][file]);
			rig->device_files[i][file] = NULL;
		}
		if (rig->places[i])
			ObDereferenceObject(rig->places[i]);
		rig->places[i] = NULL;
	}
}

static void drop(struct rig *rig)
{
	rig_forget(rig);
	for (int file = 0; file < RIG_FILES; file++) {
		if (rig->files[file])
			kernel_file_free(rig->files[file]);
	}
	if (rig->device)
		ObDereferenceObject(rig->device);
	if (rig->port)
		opp_nt_port_put(rig->port);
}

void rig_end(struct rig *rig)
{
	if (rig->port) {
		rig_close_all(rig);
		rig_settle(rig);
	}
	CHECK(!rig->slots);
	if (rig->node)
		kernel_remove(rig->node);
	drop(rig);
}

void rig_run_case(void *contract_case)
{
	const struct contract_case *which = contract_case;
	static struct rig rigs[2];
	const uint32_t count = which->needs & NEEDS_SECOND_PORT ? 2 : 1;

	kernel_hold_dpcs(true);
	CHECK_EQUAL(kernel_load(DriverEntry), STATUS_SUCCESS);
	for (uint32_t i = 0; i < count; i++)
		rig_begin(&rigs[i], i, which->needs);
	if (count > 1)
		rigs[0].second = &rigs[1];
	which->run(&rigs[0]);
	for (uint32_t i = 0; i < count; i++)
		rig_end(&rigs[i]);
	kernel_unload();
}

void rig_run_bare_case(void *contract_case)
{
	const struct contract_case *which = contract_case;
	static struct rig rig;

	CHECK_EQUAL(kernel_load(DriverEntry), STATUS_SUCCESS);
	which->run(&rig);
	kernel_unload();
}

struct rig *rig_second(struct rig *rig)
{
	return rig->second;
}

/* ---- places ---------------------------------------------------------------------------------- */

static uint32_t index_of(uint8_t place)
{
	return place == RAW_DEVICE ? RAW_INDEX : place;
}

static void start_children(struct rig *rig)
{
	struct kernel_node *child;

	for (uint32_t i = 0; (child = kernel_child(rig->node, i)); i++) {
		if (child->state == NODE_FOUND)
			CHECK_EQUAL(kernel_start_child(child), STATUS_SUCCESS);
	}
}

/* At first, and when it was told that something has changed: otherwise they are looked for. */
static void ask_for_devices(struct rig *rig)
{
	if (rig->asked_at == rig->node->invalidated + 1)
		return;
	rig->asked_at = rig->node->invalidated + 1;
	CHECK_EQUAL(kernel_relations(rig->node), STATUS_SUCCESS);
	start_children(rig);
}

DEVICE_OBJECT *rig_place(struct rig *rig, uint8_t place)
{
	const uint32_t index = index_of(place);
	struct kernel_node *child;

	if (rig->places[index] || !rig->node)
		return rig->places[index];
	ask_for_devices(rig);
	child = kernel_child_named(rig->node, place_names[rig->number][index]);
	if (!child)
		return NULL;
	ObReferenceObject(child->physical);
	rig->places[index] = child->physical;
	return child->physical;
}

/* ---- time ------------------------------------------------------------------------------------ */

/* Whether the port's worker has something to do on the wire, as the native rig sees it. */
static bool has_work(struct rig *rig)
{
	struct opp_contract_port *port = &rig->port->contract;
	const bool sleeps = port->asleep && port->port.presence == OPP_PORT_PRESENT;

	if (!sleeps && opp_port_wants_wire_locked(&port->port))
		return true;
	for (uint32_t i = 0; i < OPP_CONTRACT_DEVICES; i++) {
		if (port->devices[i].device.state == OPP_DEVICE_WORKING)
			return true;
	}
	return port->look.state == OPP_LOOK_AT_WORK;
}

void rig_settle(struct rig *rig)
{
	const uint64_t end_ns = kernel_now_ns() + SETTLE_NS;
	uint64_t next_ns;

	if (KeGetCurrentIrql() == PASSIVE_LEVEL)
		kernel_run_dpcs();
	kernel_let_others_run();
	while (has_work(rig) && (next_ns = kernel_next_wake_ns()) < end_ns) {
		kernel_wait_until(next_ns);
		kernel_let_others_run();
	}
	keep_time(rig);
}

void rig_pass_ms(struct rig *rig, uint32_t ms)
{
	kernel_wait_until(kernel_now_ns() + (ms + CLOCK_MS) * NS_PER_MS);
	kernel_let_others_run();
	keep_time(rig);
}

void rig_pass_days(struct rig *rig, uint32_t days)
{
	kernel_pass_ns(days * NS_PER_DAY);
	keep_time(rig);
}

void rig_raise(struct rig *rig)
{
	KeRaiseIrql(DISPATCH_LEVEL, &rig->before);
	CHECK_EQUAL(rig->before, PASSIVE_LEVEL);
}

void rig_lower(struct rig *rig)
{
	CHECK_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
	KeLowerIrql(rig->before);
}

void rig_in_routine(struct rig *rig)
{
	(void)rig;
	CHECK_EQUAL(kernel_locks_held(), 0);
	CHECK(KeGetCurrentIrql() <= DISPATCH_LEVEL);
}

/* ---- what happens to the port ------------------------------------------------------------------ */

bool rig_interrupt(struct rig *rig)
{
	(void)rig;
	return kernel_interrupt(RIG_VECTOR);
}

void rig_remove(struct rig *rig, bool surprise)
{
	CHECK(rig->node);
	for (uint8_t place = 0; !surprise && place < RAW_INDEX; place++)
		CHECK(!rig->device_files[place][0] || rig->places[place]);
	(void)rig_place(rig, RAW_DEVICE);
	kernel_surprise(rig->node);
	if (surprise)
		return;
	kernel_remove(rig->node);
	rig->node = NULL;
}

void rig_suspend(struct rig *rig)
{
	CHECK_EQUAL(kernel_device_power(rig->node, IRP_MN_SET_POWER, PowerDeviceD3),
		    STATUS_SUCCESS);
	keep_time(rig);
	model_power(&rig->model, false);
	rig->is_off = true;
}

void rig_resume(struct rig *rig)
{
	if (rig->is_off)
		model_power(&rig->model, true);
	rig->is_off = false;
	if (rig->node)
		CHECK_EQUAL(kernel_device_power(rig->node, IRP_MN_SET_POWER, PowerDeviceD0),
			    STATUS_SUCCESS);
}

struct PARPORT_WMI_ALLOC_FREE_COUNTS rig_counters(struct rig *rig)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;

	opp_contract_counts(&rig->port->contract, &counts);
	return counts;
}

/* ---- the chain and its devices ------------------------------------------------------------------- */

void rig_change_chain(struct rig *rig, uint32_t devices, enum chain_health health)
{
	keep_time(rig);
	model_change(&rig->model, devices, health);
}

void rig_forget_addresses(struct rig *rig)
{
	model_forget(&rig->model);
}

uint8_t rig_selected(struct rig *rig)
{
	return model_selected(&rig->model);
}

uint32_t rig_spare_capabilities(struct rig *rig)
{
	(void)rig;
	return 0;
}

uint8_t rig_chip_mode(struct rig *rig)
{
	return model_mode(&rig->model);
}

void rig_plug(struct rig *rig, uint8_t place, enum device_kind kind)
{
	keep_time(rig);
	model_plug(&rig->model, place, kind);
}

void rig_unplug(struct rig *rig, uint8_t place)
{
	keep_time(rig);
	model_unplug(&rig->model, place);
}

void rig_trouble(struct rig *rig, uint8_t place, enum device_trouble trouble)
{
	keep_time(rig);
	peripheral_trouble(&rig->model.peripherals[place], trouble);
}

void rig_room(struct rig *rig, uint8_t place, uint32_t bytes)
{
	keep_time(rig);
	peripheral_room(&rig->model.peripherals[place], bytes);
}

void rig_say(struct rig *rig, uint8_t place, const void *bytes, uint32_t count)
{
	keep_time(rig);
	peripheral_say(&rig->model.peripherals[place], bytes, count);
}

uint32_t rig_heard(struct rig *rig, uint8_t place, void *bytes, uint32_t room)
{
	struct peripheral *peripheral = &rig->model.peripherals[place];
	uint32_t count;

	kernel_pass_ns(PRINTING_NS);
	keep_time(rig);
	count = peripheral->heard_bytes;
	CHECK(count <= room);
	memcpy(bytes, peripheral->heard, count);
	peripheral->heard_bytes = 0;
	return count;
}

uint8_t rig_address(struct rig *rig, uint8_t place)
{
	return rig->model.peripherals[place].address;
}

enum device_mode rig_mode(struct rig *rig, uint8_t place)
{
	return peripheral_mode(&rig->model.peripherals[place]);
}

uint64_t rig_accesses(struct rig *rig)
{
	return rig->accesses;
}

uint32_t rig_resets(struct rig *rig)
{
	return rig->model.resets;
}

void rig_look(struct rig *rig)
{
	opp_contract_look(&rig->port->contract);
	rig_settle(rig);
}

bool rig_is_there(struct rig *rig, uint8_t place, char *id)
{
	return opp_contract_device_is_there(opp_contract_device(&rig->port->contract, place), id);
}

uint32_t rig_changes(struct rig *rig)
{
	return rig->node->invalidated;
}
