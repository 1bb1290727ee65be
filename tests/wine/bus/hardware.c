/* SPDX-License-Identifier: MIT */
/*
 * The simulated hardware: port addresses, chips, and what hangs on them. Time goes by
 * with each access.
 */
#include "inside.h"

#define ACCESS_NS  NS_PER_US
#define ECP_OFFSET 0x400u
#define ECP_SPAN   4u
#define SPAN       8u
#define FLOATING   UINT32_MAX

/* A printer has the last byte before it has printed it. */
#define PRINTING_NS NS_PER_MS

static const uint16_t bases[MOST_PORTS] = { 0x378, 0x278, 0x268, 0x258 };

uint16_t hardware_base(unsigned slot)
{
	return bases[slot];
}

static enum opp_sim_chip chip_for(uint32_t needs)
{
	if (needs & NEEDS_ECP)
		return needs & NEEDS_EPP ? OPP_SIM_ECP_EPP : OPP_SIM_ECP;
	return needs & NEEDS_EPP ? OPP_SIM_EPP : OPP_SIM_SPP;
}

static uint32_t adapters_for(uint32_t needs)
{
	if (!(needs & NEEDS_CHAIN))
		return 0;
	return needs & NEEDS_FOUR ? CHAIN_ADAPTERS : 2;
}

static void plug_devices(struct bus_port *port)
{
	for (uint8_t place = 0; place < port->model.plugged; place++)
		model_plug(&port->model, place, DEVICE_FULL);
	model_plug(&port->model, END_DEVICE, DEVICE_FULL);
}

void hardware_begin(struct bus_port *port)
{
	const struct opp_sim_options options = {
		.chip = chip_for(port->needs),
		.base = bases[port->slot],
	};

	model_init(&port->model, &options, adapters_for(port->needs));
	if (port->needs & NEEDS_DEVICES)
		plug_devices(port);
}

/* ---- port instructions -------------------------------------------------------------------- */

/* The port that answers at @address, and at which of its registers. */
static struct bus_port *decode_locked(uint16_t address, uint32_t *offset)
{
	for (unsigned i = 0; i < MOST_PORTS; i++) {
		if (!bus_ports[i])
			continue;
		*offset = (uint32_t)address - bases[i];
		if (*offset < SPAN || (*offset >= ECP_OFFSET && *offset < ECP_OFFSET + ECP_SPAN))
			return bus_ports[i];
	}
	note("nothing at port", address);
	return NULL;
}

static void begin_access_locked(struct bus_port *port)
{
	clock_add_locked(ACCESS_NS);
	opp_sim_advance_to(&port->model.sim, clock_now_ns_locked());
}

/* An EPP cycle has taken as long as the peripheral wanted. */
static void end_access_locked(const struct bus_port *port)
{
	if (port->model.sim.now_ns > clock_now_ns_locked())
		clock_add_locked(port->model.sim.now_ns - clock_now_ns_locked());
}

uint32_t port_read(uint16_t address, unsigned bytes)
{
	uint32_t offset, value = FLOATING;
	struct bus_port *port;

	bus_lock();
	port = decode_locked(address, &offset);
	if (port && !port->surprised) {
		begin_access_locked(port);
		if (bytes == 1)
			value = model_read(&port->model, offset);
		else if (bytes == 2)
			value = opp_sim_read16(&port->model.sim, offset);
		else
			value = opp_sim_read32(&port->model.sim, offset);
		end_access_locked(port);
	}
	bus_unlock();
	return bytes == 4 ? value : value & ((1u << bytes * 8) - 1);
}

void port_write(uint16_t address, unsigned bytes, uint32_t value)
{
	struct bus_port *port;
	uint32_t offset;

	bus_lock();
	port = decode_locked(address, &offset);
	if (port && !port->surprised) {
		begin_access_locked(port);
		if (bytes == 1)
			model_write(&port->model, offset, (uint8_t)value);
		else if (bytes == 2)
			opp_sim_write16(&port->model.sim, offset, (uint16_t)value);
		else
			opp_sim_write32(&port->model.sim, offset, value);
		end_access_locked(port);
	}
	bus_unlock();
}

/* ---- what a case does to it ------------------------------------------------------------------- */

/* Up to date, and nobody else's for the moment. */
static struct chain_model *enter(struct bus_port *port)
{
	bus_lock();
	opp_sim_advance_to(&port->model.sim, clock_now_ns_locked());
	return &port->model;
}

void bus_change_chain(struct bus_port *port, uint32_t devices, enum chain_health health)
{
	model_change(enter(port), devices, health);
	bus_unlock();
}

void bus_forget_addresses(struct bus_port *port)
{
	model_forget(enter(port));
	bus_unlock();
}

uint8_t bus_selected(struct bus_port *port)
{
	const uint8_t selected = model_selected(enter(port));

	bus_unlock();
	return selected;
}

uint8_t bus_chip_mode(struct bus_port *port)
{
	const uint8_t mode = model_mode(enter(port));

	bus_unlock();
	return mode;
}

void bus_plug(struct bus_port *port, uint8_t place, enum device_kind kind)
{
	model_plug(enter(port), place, kind);
	bus_unlock();
}

void bus_unplug(struct bus_port *port, uint8_t place)
{
	model_unplug(enter(port), place);
	bus_unlock();
}

void bus_trouble(struct bus_port *port, uint8_t place, enum device_trouble trouble)
{
	peripheral_trouble(&enter(port)->peripherals[place], trouble);
	bus_unlock();
}

void bus_room(struct bus_port *port, uint8_t place, uint32_t bytes)
{
	peripheral_room(&enter(port)->peripherals[place], bytes);
	bus_unlock();
}

void bus_say(struct bus_port *port, uint8_t place, const void *bytes, uint32_t count)
{
	peripheral_say(&enter(port)->peripherals[place], bytes, count);
	bus_unlock();
}

uint32_t bus_heard(struct bus_port *port, uint8_t place, void *bytes, uint32_t room)
{
	struct peripheral *peripheral;
	uint32_t count;

	bus_lock();
	clock_add_locked(PRINTING_NS);
	bus_unlock();
	peripheral = &enter(port)->peripherals[place];
	count = peripheral->heard_bytes;
	if (count > room)
		case_failed(__FILE__, __LINE__, "room for what was heard", room, count);
	memcpy(bytes, peripheral->heard, count);
	peripheral->heard_bytes = 0;
	bus_unlock();
	return count;
}

uint8_t bus_address(struct bus_port *port, uint8_t place)
{
	const uint8_t address = enter(port)->peripherals[place].address;

	bus_unlock();
	return address;
}

enum device_mode bus_mode(struct bus_port *port, uint8_t place)
{
	const enum device_mode mode = peripheral_mode(&enter(port)->peripherals[place]);

	bus_unlock();
	return mode;
}

uint64_t bus_accesses(struct bus_port *port)
{
	const uint64_t accesses = opp_sim_accesses(&enter(port)->sim);

	bus_unlock();
	return accesses;
}

uint32_t bus_resets(struct bus_port *port)
{
	const uint32_t resets = enter(port)->resets;

	bus_unlock();
	return resets;
}

BOOLEAN bus_is_at_rest(struct bus_port *port)
{
	const struct chain_model *model = enter(port);
	const BOOLEAN is_at_rest =
		port->surprised || (model_is_at_rest(model) && !model_is_confused(model));

	bus_unlock();
	return is_at_rest;
}

void bus_supply(struct bus_port *port, BOOLEAN on)
{
	model_power(enter(port), on);
	bus_unlock();
}
