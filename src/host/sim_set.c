/* SPDX-License-Identifier: MIT */
/*
 * A simulated port changed while it runs.
 *
 * Everything that takes long, files above all, is done without the wire; what is
 * changed on the wire is changed between two accesses.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "error.h"
#include "host.h"

#define VALUE_BYTES 4096

/* ---- what hangs on the port ----------------------------------------------------------- */

static void change_faults(struct opp_host_port *port, const struct opp_host_config *config,
			  enum opp_area area)
{
	opp_wire_wait_turn(port);
	if (area == OPP_AREA_FAULT)
		opp_simulated_set_faults(opp_back_end_simulated(&port->below), config);
	else
		opp_simulated_set_misdeeds(opp_back_end_simulated(&port->below), config);
	opp_wire_give(port);
}

/* What the old printer has taken is printed, whatever is wrong with it. */
static void empty_printer(struct opp_host_port *port)
{
	struct opp_peripherals *set = opp_back_end_simulated(&port->below)->peripherals;

	opp_wire_wait_turn(port);
	if (set->has_printer)
		opp_printer_forget_faults(&set->printer);
	opp_wire_give(port);
	opp_wire_print_out(port);
}

/* Returns what was there, or NULL: the printer still has to print. */
static struct opp_peripherals *exchange(struct opp_host_port *port, struct opp_peripherals *next,
					const struct opp_host_config *faults)
{
	struct opp_peripherals *before = NULL;

	opp_wire_wait_turn(port);
	if (!opp_simulated_print_out(opp_back_end_simulated(&port->below)))
		before = opp_simulated_exchange(opp_back_end_simulated(&port->below), next);
	else
		opp_simulated_set_faults(opp_back_end_simulated(&port->below), faults);
	port->wake_ns = OPP_SIM_NEVER;
	opp_wire_give(port);
	return before;
}

static enum opp_status change_peripheral(struct opp_host_port *port,
					 const struct opp_host_config *config,
					 struct opp_error *error)
{
	struct opp_peripherals *next = NULL;
	struct opp_peripherals *before;
	enum opp_status status = opp_peripherals_new(
		&next, config, opp_back_end_simulated(&port->below)->peripherals,
		opp_wire_output_changed, port, error);

	if (status != OPP_SUCCESS)
		return status;
	empty_printer(port);
	before = exchange(port, next, &port->config);
	if (!before) {
		opp_peripherals_free(next, opp_back_end_simulated(&port->below)->peripherals);
		return opp_error_set(error, OPP_DEVICE_BUSY,
				     "the printer still has to print, and its output is full");
	}
	opp_peripherals_free(before, next);
	return OPP_SUCCESS;
}

/* ---- the chip ------------------------------------------------------------------------------ */

static void nobody_left(struct opp_host_client *client)
{
	(void)client;
}

static enum opp_status rebuild_chip(struct opp_host_port *port,
				    const struct opp_sim_options *options)
{
	struct opp_hw *hw = opp_host_hw(port);
	enum opp_status status;

	opp_wire_wait_turn(port);
	status = opp_simulated_change_chip(opp_back_end_simulated(&port->below), options);
	hw->ops->enable_interrupt(hw, true);
	port->wake_ns = OPP_SIM_NEVER;
	opp_wire_give(port);
	return status;
}

/* The port is taken like by any other client, so that nobody uses it meanwhile. */
static enum opp_status change_chip(struct opp_host_port *port, const struct opp_host_config *config,
				   struct opp_error *error)
{
	struct opp_host_client client = { .kind = OPP_IOC_WHO_LIBRARY, .name = "simulation" };
	enum opp_status status;

	client.pid = getpid();
	status = opp_host_open(port, &client);
	if (status != OPP_SUCCESS)
		return opp_error_set(error, status, "the port is being removed");
	status = opp_host_try_allocate(port, &client);
	if (status == OPP_SUCCESS)
		status = rebuild_chip(port, &config->chip);
	else
		opp_error_set(error, status, "the chip can be changed only while the port is free");
	if (status == OPP_NO_SUCH_DEVICE)
		status = opp_error_set(error, OPP_INVALID_PARAMETER,
				       "such a chip would not be found");
	opp_host_close(port, &client, false, nobody_left);
	return status;
}

/* ---- one key --------------------------------------------------------------------------------- */

static enum opp_status apply(struct opp_host_port *port, const struct opp_host_config *config,
			     enum opp_area area, struct opp_error *error)
{
	switch (area) {
	case OPP_AREA_START:
		return opp_error_set(error, OPP_INVALID_DEVICE_REQUEST,
				     "what a port is made of changes only when parportd starts");
	case OPP_AREA_PORT: break;
	case OPP_AREA_CHIP: return change_chip(port, config, error);
	case OPP_AREA_PERIPHERAL: return change_peripheral(port, config, error);
	case OPP_AREA_FAULT:
	case OPP_AREA_MISDEEDS: change_faults(port, config, area); break;
	}
	return OPP_SUCCESS;
}

static void keep(struct opp_host_port *port, struct opp_host_config *config)
{
	struct opp_host_config before;

	opp_lock_take(&port->lock);
	before = port->config;
	port->config = *config;
	opp_lock_give(&port->lock);
	*config = before;
}

static enum opp_status set_key(struct opp_host_port *port, const char *key, const char *value,
			       struct opp_error *error)
{
	struct opp_host_config config;
	enum opp_status status = opp_host_config_copy(&config, &port->config);

	if (status != OPP_SUCCESS)
		return opp_error_set(error, status, "no memory for a configuration");
	status = opp_host_config_set(&config, key, value, error);
	if (status == OPP_SUCCESS)
		status = apply(port, &config, opp_key_find(key)->area, error);
	if (status == OPP_SUCCESS)
		keep(port, &config);
	opp_host_config_release(&config);
	return status;
}

enum opp_status opp_host_sim_set(struct opp_host_port *port, const char *key, const char *value,
				 struct opp_error *error)
{
	enum opp_status status = OPP_DELETE_PENDING;

	pthread_mutex_lock(&port->setting);
	if (port->removing)
		opp_error_set(error, status, "the port is being removed");
	else if (!opp_back_end_simulated(&port->below))
		status = opp_error_set(error, OPP_INVALID_DEVICE_REQUEST,
				       "%s is a port of this machine: nothing of it is simulated",
				       port->name);
	else
		status = set_key(port, key, value, error);
	pthread_mutex_unlock(&port->setting);
	return status;
}

/* ---- as another configuration says ------------------------------------------------------------ */

static bool differs(const struct opp_key *key, const struct opp_host_config *one,
		    const struct opp_host_config *other)
{
	char text[VALUE_BYTES], other_text[VALUE_BYTES];

	(void)opp_config_text(one, key, text, sizeof(text));
	(void)opp_config_text(other, key, other_text, sizeof(other_text));
	return strcmp(text, other_text) != 0;
}

static bool area_differs(enum opp_area area, const struct opp_host_config *one,
			 const struct opp_host_config *other)
{
	uint32_t i;

	for (i = 0; i < opp_key_count; i++) {
		if (opp_keys[i].area == area && differs(&opp_keys[i], one, other))
			return true;
	}
	return false;
}

bool opp_host_config_is_another(const struct opp_host_config *one,
				const struct opp_host_config *other)
{
	return one->daisy_devices != other->daisy_devices ||
	       area_differs(OPP_AREA_START, one, other);
}

bool opp_host_config_changes_devices(const struct opp_host_config *one,
				     const struct opp_host_config *other)
{
	return area_differs(OPP_AREA_PERIPHERAL, one, other);
}

/* Into @config what @after says otherwise than @before. */
static enum opp_status merge(struct opp_host_config *config, enum opp_area area,
			     const struct opp_host_config *before,
			     const struct opp_host_config *after, struct opp_error *error)
{
	enum opp_status status = OPP_SUCCESS;
	char text[VALUE_BYTES];
	uint32_t i;

	for (i = 0; i < opp_key_count && status == OPP_SUCCESS; i++) {
		const struct opp_key *key = &opp_keys[i];

		if (key->area != area || !differs(key, before, after))
			continue;
		(void)opp_config_text(after, key, text, sizeof(text));
		status = opp_host_config_set(config, key->name, text, error);
	}
	return status;
}

static enum opp_status change_area(struct opp_host_port *port, enum opp_area area,
				   const struct opp_host_config *before,
				   const struct opp_host_config *after, struct opp_error *error)
{
	struct opp_host_config config;
	enum opp_status status;

	if (!area_differs(area, before, after))
		return OPP_SUCCESS;
	status = opp_host_config_copy(&config, &port->config);
	if (status != OPP_SUCCESS)
		return opp_error_set(error, status, "no memory for a configuration");
	status = merge(&config, area, before, after, error);
	if (status == OPP_SUCCESS)
		status = apply(port, &config, area, error);
	if (status == OPP_SUCCESS)
		keep(port, &config);
	opp_host_config_release(&config);
	return status;
}

enum opp_status opp_host_port_change(struct opp_host_port *port,
				     const struct opp_host_config *before,
				     const struct opp_host_config *after, struct opp_error *error)
{
	static const enum opp_area areas[] = { OPP_AREA_CHIP, OPP_AREA_PERIPHERAL, OPP_AREA_PORT,
					       OPP_AREA_FAULT, OPP_AREA_MISDEEDS };
	enum opp_status status = OPP_SUCCESS;
	size_t i;

	pthread_mutex_lock(&port->setting);
	if (port->removing)
		status = opp_error_set(error, OPP_DELETE_PENDING, "the port is being removed");
	for (i = 0; i < sizeof(areas) / sizeof(areas[0]) && status == OPP_SUCCESS; i++)
		status = change_area(port, areas[i], before, after, error);
	pthread_mutex_unlock(&port->setting);
	return status;
}

bool opp_host_sim_changes_devices(const char *key)
{
	const struct opp_key *known = opp_key_find(key);

	return known && known->area == OPP_AREA_PERIPHERAL;
}

size_t opp_host_sim_show(struct opp_host_port *port, char *text, size_t bytes)
{
	size_t at = 0;
	uint32_t i;

	if (bytes)
		text[0] = '\0';
	opp_lock_take(&port->lock);
	for (i = 0; i < opp_key_count; i++) {
		char value[VALUE_BYTES];

		(void)opp_config_text(&port->config, &opp_keys[i], value, sizeof(value));
		at += (size_t)snprintf(at < bytes ? text + at : NULL, at < bytes ? bytes - at : 0,
				       "%s = %s\n", opp_keys[i].name, value);
	}
	opp_lock_give(&port->lock);
	return at;
}

uint64_t opp_host_sim_accesses(struct opp_host_port *port)
{
	uint64_t accesses;

	opp_wire_wait_turn(port);
	accesses = opp_host_hw(port)->accesses;
	opp_wire_give(port);
	return accesses;
}
