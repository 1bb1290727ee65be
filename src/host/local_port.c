/* SPDX-License-Identifier: MIT */
/* Ports of this process by their "sim:" or "io:" text: a registry of those that have a name. */
#include "local_port.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t made = PTHREAD_COND_INITIALIZER; /* a named port was, or could not be */
static struct opp_local_port *named_ports;

static void free_port(struct opp_local_port *port)
{
	if (port->host)
		opp_host_port_destroy(port->host);
	opp_local_events_release(port);
	opp_host_config_release(&port->config);
	free(port->name);
	free(port->keys);
	free(port);
}

static void forget_locked(const struct opp_local_port *port)
{
	struct opp_local_port **link = &named_ports;

	while (*link && *link != port)
		link = &(*link)->next;
	if (*link)
		*link = port->next;
}

void opp_local_port_leave(struct opp_local_port *port)
{
	bool last;

	pthread_mutex_lock(&registry_lock);
	last = --port->handles == 0;
	if (last)
		forget_locked(port);
	pthread_mutex_unlock(&registry_lock);
	if (last)
		free_port(port);
}

/* One "KEY=VALUE" of @text, which it cuts up. */
static enum opp_status set_key(struct opp_local_port *port, char *text, struct opp_error *error)
{
	char *equals = strchr(text, '=');

	if (!equals)
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "sim: \"%.64s\": expected KEY=VALUE", text);
	*equals = '\0';
	if (strcmp(text, "back_end") == 0)
		return opp_error_set(
			error, OPP_INVALID_PARAMETER,
			"sim: back_end = \"%.64s\": expected no such key: the name of a "
			"real port is io:0x378",
			equals + 1);
	if (strcmp(text, "name") != 0)
		return opp_host_config_set(&port->config, text, equals + 1, error);
	if (equals[1] == '\0')
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "sim: name = \"\": expected a name to share the port by");
	free(port->name);
	port->name = strdup(equals + 1);
	return port->name
		       ? OPP_SUCCESS
		       : opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a name");
}

static enum opp_status parse_keys(struct opp_local_port *port, const char *keys,
				  struct opp_error *error)
{
	enum opp_status status = OPP_SUCCESS;
	char *text = strdup(keys);
	char *rest = NULL;
	char *key;

	port->keys = strdup(keys);
	if (!text || !port->keys)
		status = opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a name");
	else
		for (key = strtok_r(text, ",", &rest); key && status == OPP_SUCCESS;
		     key = strtok_r(NULL, ",", &rest))
			status = set_key(port, key, error);
	free(text);
	return status;
}

static enum opp_status describe(struct opp_local_port *port, const char *keys,
				struct opp_error *error)
{
	if (port->kind == OPP_LOCAL_SIMULATED)
		return parse_keys(port, keys, error);
	port->name = strdup(keys);
	port->keys = strdup(keys);
	if (!port->name || !port->keys)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a name");
	return opp_host_config_set(&port->config, "back_end", keys, error);
}

static struct opp_local_port *find_named_locked(const struct opp_local_port *described)
{
	struct opp_local_port *port = named_ports;

	while (port && (port->kind != described->kind || strcmp(port->name, described->name) != 0))
		port = port->next;
	return port;
}

/* Does @keys say no more than the name, or just what the first one said? */
static bool agrees(const struct opp_local_port *port, const char *keys)
{
	return strcmp(port->keys, keys) == 0 ||
	       (strncmp(keys, "name=", 5) == 0 && strcmp(port->name, keys + 5) == 0);
}

/* The port of that name once it is made, with one more handle; NULL: the name is @described's now. */
static struct opp_local_port *share_or_take_name_locked(struct opp_local_port *described)
{
	struct opp_local_port *named;

	while ((named = find_named_locked(described)) && !named->host)
		pthread_cond_wait(&made, &registry_lock);
	if (named) {
		named->handles++;
		return named;
	}
	described->next = named_ports;
	named_ports = described;
	return NULL;
}

/* Opens a file and starts threads, which may take long: the registry is not locked. */
static enum opp_status make(struct opp_local_port *described, struct opp_error *error)
{
	struct opp_host_port *host = NULL;
	enum opp_status status;

	described->config.name = described->name;
	described->handles = 1;
	status = opp_host_port_create(&described->config, NULL, NULL, &host, error);
	pthread_mutex_lock(&registry_lock);
	described->host = host;
	if (status != OPP_SUCCESS)
		forget_locked(described);
	pthread_cond_broadcast(&made);
	pthread_mutex_unlock(&registry_lock);
	return status;
}

static enum opp_status share_or_make(struct opp_local_port *described, struct opp_local_port **port,
				     struct opp_error *error)
{
	struct opp_local_port *named = NULL;
	enum opp_status status;

	if (described->name) {
		pthread_mutex_lock(&registry_lock);
		named = share_or_take_name_locked(described);
		pthread_mutex_unlock(&registry_lock);
	}
	if (named && !agrees(named, described->keys)) {
		status = opp_error_set(error, OPP_INVALID_PARAMETER,
				       "sim: a port named \"%.64s\" exists with other keys",
				       named->name);
		opp_local_port_leave(named);
		return status;
	}
	status = named ? OPP_SUCCESS : make(described, error);
	if (status == OPP_SUCCESS)
		*port = named ? named : described;
	return status;
}

enum opp_status opp_local_port_enter(enum opp_local_kind kind, const char *keys,
				     struct opp_local_port **port, struct opp_error *error)
{
	struct opp_local_port *described = calloc(1, sizeof(*described));
	enum opp_status status;

	*port = NULL;
	if (!described)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a port");
	pthread_mutex_init(&described->watch_lock, NULL);
	opp_host_config_defaults(&described->config, 0);
	described->kind = kind;
	status = describe(described, keys, error);
	if (status == OPP_SUCCESS)
		status = share_or_make(described, port, error);
	if (*port != described)
		free_port(described);
	return status;
}
