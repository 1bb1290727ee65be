/* SPDX-License-Identifier: MIT */
/* What a host port tells about itself; nobody needs to hold it. */
#include "config.h"
#include "host.h"

#include <stdio.h>
#include <string.h>

/*
 * A system may need a moment to say that nobody else has it. Whoever has just got it is told
 * so before the worker notes that the claim is over.
 */
static bool is_elsewhere_locked(const struct opp_host_port *port, uint64_t now_us)
{
	const uint64_t since_us = port->claiming_since_us;

	return since_us && !port->contract.port.holder &&
	       (port->lent_to[0] || now_us - since_us >= OPP_HOST_TRY_US);
}

static uint32_t state_locked(struct opp_host_port *port, uint64_t now_us)
{
	if (port->contract.port.presence != OPP_PORT_PRESENT)
		return OPP_IOC_STATE_REMOVED;
	if (is_elsewhere_locked(port, now_us))
		return OPP_IOC_STATE_ELSEWHERE;
	switch (opp_port_state_locked(&port->contract.port, now_us)) {
	case OPP_PORT_GRANTING: return OPP_IOC_STATE_GRANTING;
	case OPP_PORT_HELD: return OPP_IOC_STATE_HELD;
	case OPP_PORT_RELEASING: return OPP_IOC_STATE_RELEASING;
	case OPP_PORT_FREE: break;
	}
	return OPP_IOC_STATE_FREE;
}

static void describe(struct opp_ioc_who *who, const struct opp_host_client *client,
		     uint64_t since_us, uint64_t now_us)
{
	who->pid = client->pid;
	who->kind = client->kind;
	who->client = client->number;
	who->age_us = now_us - since_us;
	memcpy(who->name, client->name, sizeof(who->name));
}

/* None of ours, but somebody of the system's. */
static void describe_other_locked(struct opp_ioc_who *who, const struct opp_host_port *port,
				  uint64_t now_us)
{
	*who = (struct opp_ioc_who){
		.kind = OPP_IOC_WHO_SYSTEM,
		.client = OPP_IOC_CLIENT_OF_SYSTEM,
		.age_us = now_us - port->claiming_since_us,
	};
	memcpy(who->name, port->lent_to, sizeof(port->lent_to));
}

static uint32_t list_waiters_locked(struct opp_host_port *port, struct opp_ioc_who *who,
				    uint64_t now_us)
{
	struct opp_link *link = opp_queue_first(&port->contract.port.waiters);
	uint32_t listed = 0;

	for (; link && listed < OPP_IOC_WAITERS_MAX; listed++) {
		const struct opp_req *req = OPP_NODE(link, struct opp_req, queue_link);

		describe(&who[listed], opp_host_client_of(port, req->client), req->arrived_us,
			 now_us);
		link = opp_queue_next(&port->contract.port.waiters, link);
	}
	return listed;
}

static struct opp_ioc_fault describe_fault(const struct opp_fault *fault, uint64_t now_us)
{
	if (fault->status == OPP_SUCCESS)
		return (struct opp_ioc_fault){ .status = OPP_SUCCESS };
	return (struct opp_ioc_fault){
		.status = fault->status,
		.phase = (uint8_t)fault->phase,
		.event = fault->event,
		.status_lines = fault->status_lines,
		.control_lines = fault->control_lines,
		.age_us = now_us - fault->time_us,
	};
}

struct opp_ioc_wire opp_host_wire_facts(const struct opp_host_req *req, enum opp_status status)
{
	return (struct opp_ioc_wire){
		.status = status,
		.request = req->request_now,
		.mode = (uint8_t)req->mode_now,
		.position = (uint8_t)req->position_now,
		.slot = req->slot,
		.count = (uint32_t)req->done,
		.fault = describe_fault(&req->fault, opp_host_now_ns() / 1000),
	};
}

uint32_t opp_host_waiters(struct opp_host_port *port)
{
	uint32_t waiters;

	opp_lock_take(&port->lock);
	waiters = opp_port_waiters_locked(&port->contract.port);
	opp_lock_give(&port->lock);
	return waiters;
}

bool opp_host_is_lost(struct opp_host_port *port)
{
	bool gone;

	opp_lock_take(&port->lock);
	gone = port->config.gone;
	opp_lock_give(&port->lock);
	return gone || opp_back_end_is_lost(&port->below);
}

void opp_host_status(struct opp_host_port *port, struct opp_ioc_status *status)
{
	const struct opp_port *engine = &port->contract.port;
	uint64_t now_us;

	*status = (struct opp_ioc_status){
		.bytes_written = port->bytes_written,
		.bytes_read = port->bytes_read,
		.interrupts = port->interrupts,
	};
	opp_lock_take(&port->lock);
	/* Never behind the port's own clock, which somebody who only looks shall not keep ticking. */
	now_us = opp_host_now_ns() / 1000;
	status->state = state_locked(port, now_us);
	status->waiters = opp_port_waiters_locked(engine);
	status->allocates = engine->counters.allocates;
	status->frees = engine->counters.frees;
	status->longest_wait_us = engine->counters.longest_wait_us;
	status->longest_hold_us = engine->counters.longest_hold_us;
	status->waits = port->waits;
	status->faults = port->faults;
	status->fault = describe_fault(&port->fault, now_us);
	if (engine->holder)
		describe(&status->holder, opp_host_client_of(port, engine->holder),
			 engine->held_since_us, now_us);
	else if (status->state == OPP_IOC_STATE_ELSEWHERE)
		describe_other_locked(&status->holder, port, now_us);
	status->listed = list_waiters_locked(port, status->waiter, now_us);
	opp_lock_give(&port->lock);
}

static void set_name(char name[OPP_IOC_NAME_BYTES], const char *text)
{
	(void)snprintf(name, OPP_IOC_NAME_BYTES, "%s", text);
}

/* The words of parport.conf(5) for what the chip was found to be. */
static const char *chip_found(uint32_t capabilities)
{
	const bool epp = capabilities & OPP_HW_CAN_EPP;

	if (capabilities & OPP_HW_CAN_FIFO)
		return epp ? "ecp-epp" : "ecp";
	if (epp)
		return "epp";
	return capabilities & OPP_HW_CAN_REVERSE ? "ps2" : "spp";
}

/* By which words a real port is told from others. */
static void set_back_end(struct opp_ioc_info *info, const struct opp_host_config *config)
{
	if (!opp_direct_name(config->back_end, info->back_end))
		set_name(info->back_end, config->back_end);
}

void opp_host_config_info(const struct opp_host_config *config, struct opp_ioc_info *info)
{
	*info = (struct opp_ioc_info){
		.version = OPP_IOC_VERSION_NUMBER,
		.number = config->number,
	};
	(void)snprintf(info->name, sizeof(info->name), "parport%u", config->number);
	set_back_end(info, config);
	set_name(info->chip, "unknown");
	set_name(info->peripheral, "unknown");
}

/* What the port is made of: as it is configured, or of a real one what is known. */
static void set_parts(struct opp_ioc_info *info, const struct opp_host_port *port)
{
	set_name(info->back_end, opp_back_end_name(&port->below));
	if (opp_host_config_is_real(&port->config)) {
		set_back_end(info, &port->config);
		set_name(info->chip, chip_found(info->capabilities));
		set_name(info->peripheral, "unknown");
		return;
	}
	(void)opp_config_text(&port->config, opp_key_find("chip"), info->chip, sizeof(info->chip));
	(void)opp_config_text(&port->config, opp_key_find("peripheral"), info->peripheral,
			      sizeof(info->peripheral));
}

/*
 * What a chip is changes on the wire of a simulated port only. That of a port which its
 * system lends is not waited for: it may be away for long.
 */
static void hold_chip(struct opp_host_port *port)
{
	if (!port->lent)
		opp_wire_wait_turn(port);
}

static void let_chip_go(struct opp_host_port *port)
{
	if (!port->lent)
		opp_wire_give(port);
}

void opp_host_info(struct opp_host_port *port, struct opp_ioc_info *info)
{
	uint32_t capabilities, number;

	hold_chip(port);
	capabilities = opp_host_hw(port)->capabilities;
	let_chip_go(port);
	opp_lock_take(&port->lock);
	number = port->config.number;
	*info = (struct opp_ioc_info){
		.version = OPP_IOC_VERSION_NUMBER,
		.number = number,
		.capabilities = capabilities,
		.interrupt = !!(capabilities & OPP_HW_CAN_INTERRUPT),
	};
	set_name(info->name, port->name);
	set_parts(info, port);
	opp_lock_give(&port->lock);
}

void opp_host_chip_facts(struct opp_host_port *port, struct opp_host_chip *chip)
{
	struct opp_chip_facts facts;

	hold_chip(port);
	facts = opp_back_end_facts(&port->below);
	let_chip_go(port);
	*chip = (struct opp_host_chip){
		.ecr = facts.ecr,
		.epp_needs_mode = facts.epp_needs_mode,
		.irq = facts.irq,
		.dma = facts.dma,
		.fifo = facts.fifo,
	};
}

const char *opp_host_advice(struct opp_host_port *port)
{
	return opp_back_end_advice(&port->below);
}

enum opp_status opp_host_pins(struct opp_host_port *port, struct opp_ioc_pins *pins)
{
	enum opp_status status = OPP_DEVICE_BUSY;

	*pins = (struct opp_ioc_pins){ 0 };
	opp_wire_wait_turn(port);
	if (opp_host_wire_is_ours(port))
		status = opp_back_end_enter(&port->below);
	if (status == OPP_SUCCESS)
		opp_back_end_look(&port->below, pins);
	opp_wire_give(port);
	return status;
}

bool opp_host_peripheral_idle(struct opp_host_port *port)
{
	bool idle;

	opp_wire_wait_turn(port);
	idle = !opp_host_wire_is_ours(port) || opp_back_end_is_idle(&port->below);
	opp_wire_give(port);
	return idle;
}
