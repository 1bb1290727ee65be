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
	if (opp_config_copy(&port->config, config) != OPP_SUCCESS)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a port");
	if (config->name)
		(void)snprintf(port->name, sizeof(port->name), "%s", config->name);
	else
		(void)snprintf(port->name, sizeof(port->name), "parport%u", config->number);
	port->observe = observe;
	port->observe_context = observe_context;
	pthread_mutex_init(&port->setting, NULL);
	opp_port_init(&port->engine, NULL, NULL, &opp_host_env);
	opp_queue_init(&port->work);
	port->wake_ns = OPP_SIM_NEVER;
	return OPP_SUCCESS;
}

static void release(struct opp_host_port *port)
{
	pthread_mutex_destroy(&port->setting);
	opp_host_config_release(&port->config);
	free(port);
}

static enum opp_status start(struct opp_host_port *port, struct opp_error *error)
{
	struct opp_hw *hw = opp_host_hw(port);
	int failed;

	hw->interrupt = opp_wire_interrupt;
	hw->interrupt_context = port;
	hw->ops->enable_interrupt(hw, true);
	failed = pthread_create(&port->worker, NULL, opp_worker_main, port);
	if (!failed)
		return OPP_SUCCESS;
	opp_simulated_close(&port->simulated);
	return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "%s: no thread for it: %s",
			     port->name, strerror(failed));
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
	status = opp_simulated_open(&created->simulated, config, opp_wire_output_changed, created,
				    error);
	if (status == OPP_SUCCESS)
		status = start(created, error);
	if (status == OPP_SUCCESS)
		*port = created;
	else
		release(created);
	return status;
}

static void note_last_holder_locked(struct opp_host_port *port)
{
	struct opp_client *holder = port->engine.holder;

	if (holder && port->hold)
		opp_observe_request_locked(port, OPP_HOST_DROPPED, port->hold,
					   opp_host_client_of(holder), OPP_DELETE_PENDING);
	port->hold = 0;
}

void opp_host_port_remove(struct opp_host_port *port)
{
	const struct opp_link *last;

	/* Only for this step: who is told may ask for the configuration. */
	pthread_mutex_lock(&port->setting);
	last = opp_host_enter(port);
	opp_port_remove_locked(&port->engine, OPP_PORT_REMOVED, opp_host_now_locked(port));
	opp_host_note_finished_locked(port, last);
	opp_worker_stop_all_locked(port, OPP_DELETE_PENDING);
	port->stopping = true;
	opp_worker_nudge_locked(port);
	pthread_mutex_unlock(&port->setting);
	opp_host_leave(port);
	pthread_join(port->worker, NULL);
	(void)opp_host_enter(port);
	note_last_holder_locked(port);
	opp_host_leave(port);
}

void opp_host_port_destroy(struct opp_host_port *port)
{
	if (!port->stopping)
		opp_host_port_remove(port);
	opp_host_on_interrupt(port, NULL, NULL);
	opp_wire_print_out(port);
	opp_simulated_close(&port->simulated);
	release(port);
}
