/* SPDX-License-Identifier: MIT */
/* The life of a host port, from its configuration to its removal. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "error.h"

static enum opp_status init(struct opp_host_port *port, const struct opp_host_config *config,
			    opp_host_observer observe, void *observe_context,
			    struct opp_error *error)
{
	if (opp_host_config_copy(&port->config, config) != OPP_SUCCESS)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a port");
	if (config->name)
		(void)snprintf(port->name, sizeof(port->name), "%s", config->name);
	else
		(void)snprintf(port->name, sizeof(port->name), "parport%u", config->number);
	port->observe = observe;
	port->observe_context = observe_context;
	pthread_mutex_init(&port->setting, NULL);
	(void)sem_init(&port->entered, 0, 0);
	opp_queue_init(&port->work);
	opp_queue_init(&port->errands);
	port->wake_ns = OPP_SIM_NEVER;
	port->step_due_ns = UINT64_MAX;
	return OPP_SUCCESS;
}

static void release(struct opp_host_port *port)
{
	pthread_mutex_destroy(&port->setting);
	(void)sem_destroy(&port->entered);
	opp_host_config_release(&port->config);
	free(port);
}

/* A right to a real port that is dropped after this is the worker's still. */
static enum opp_status start_worker(struct opp_host_port *port, struct opp_error *error)
{
	const int failed = pthread_create(&port->worker, NULL, opp_worker_main, port);

	if (failed)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "%s: no thread for it: %s",
				     port->name, strerror(failed));
	while (sem_wait(&port->entered) != 0)
		;
	if (port->worker_status == OPP_SUCCESS)
		return OPP_SUCCESS;
	pthread_join(port->worker, NULL);
	return opp_error_set(error, port->worker_status,
			     "%s: the right to its registers went while it was opened", port->name);
}

static enum opp_status start(struct opp_host_port *port, struct opp_error *error)
{
	struct opp_hw *hw = opp_host_hw(port);
	enum opp_status status;

	if (opp_host_contract_init(port) != OPP_SUCCESS) {
		opp_back_end_close(&port->below);
		return opp_error_set(error, OPP_INVALID_PARAMETER, "%s: no port has that number",
				     port->name);
	}
	port->lent = hw->capabilities & OPP_HW_IS_LENT;
	hw->interrupt = opp_wire_interrupt;
	hw->interrupt_context = port;
	if (!port->lent) /* else a claim does */
		hw->ops->enable_interrupt(hw, true);
	status = start_worker(port, error);
	if (status != OPP_SUCCESS)
		opp_back_end_close(&port->below);
	return status;
}

enum opp_status opp_host_port_create(const struct opp_host_config *config,
				     opp_host_observer observe, void *observe_context,
				     struct opp_host_port **port, struct opp_error *error)
{
	struct opp_host_port *created = calloc(1, sizeof(*created));
	enum opp_status status;

	if (!created)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a port");
	status = init(created, config, observe, observe_context, error);
	if (status != OPP_SUCCESS) {
		free(created);
		return status;
	}
	/* Of the port's own, for what it points to stays. */
	status = opp_back_end_open(
		&created->below, &created->config,
		&(struct opp_back_end_calls){ .output_changed = opp_wire_output_changed,
					      .woken = opp_wire_woken,
					      .context = created },
		error);
	if (status == OPP_SUCCESS)
		status = start(created, error);
	if (status == OPP_SUCCESS)
		*port = created;
	else
		release(created);
	return status;
}

/* Who still holds a port that is removed can do nothing for its wire any more; devices let go. */
static void end_hold_locked(struct opp_host_port *port)
{
	struct opp_port *engine = &port->contract.port;
	struct opp_client *holder = engine->holder;

	if (!holder || holder->is_device)
		return;
	opp_worker_stop_all_locked(port, OPP_DELETE_PENDING);
	if (port->config.on_death == OPP_ON_DEATH_IDLE)
		opp_port_left_locked(engine, OPP_UNDO_LINES);
	(void)opp_port_free_locked(engine, holder, opp_host_now_locked(port));
	opp_host_hold_ended_locked(port, OPP_HOST_DROPPED, opp_host_client_of(port, holder),
				   OPP_DELETE_PENDING);
}

void opp_host_port_gone(struct opp_host_port *port)
{
	opp_contract_remove(&port->contract, OPP_PORT_SURPRISE_REMOVED);
	opp_host_enter(port);
	end_hold_locked(port);
	opp_worker_nudge_locked(port);
	opp_host_leave(port);
}

void opp_host_port_remove(struct opp_host_port *port)
{
	pthread_mutex_lock(&port->setting);
	port->removing = true;
	pthread_mutex_unlock(&port->setting);
	opp_contract_remove(&port->contract, OPP_PORT_REMOVED);
	opp_host_enter(port);
	end_hold_locked(port);
	port->stopping = true;
	opp_worker_nudge_locked(port);
	opp_host_leave(port);
	pthread_join(port->worker, NULL);
}

void opp_host_port_destroy(struct opp_host_port *port)
{
	if (!port->removing)
		opp_host_port_remove(port);
	opp_host_on_interrupt(port, NULL, NULL);
	opp_wire_print_out(port);
	opp_back_end_close(&port->below);
	release(port);
}
