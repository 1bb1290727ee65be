/* SPDX-License-Identifier: MIT */
/*
 * Ports by name, and the names of the ports there are.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const char *cli_mount(void)
{
	static char mount[PATH_MAX];

	return opp_default_mount(mount, sizeof(mount)) == OPP_SUCCESS ? mount : "";
}

static int explain(const char *name, const struct opp_error *error)
{
	const char *advice = "";

	if (error->status == OPP_NO_SUCH_DEVICE && !strchr(name, '/') && !cli_is_local(name))
		advice = " Where it serves its ports, OPENPARPORT_MOUNT must say.";
	return cli_fail(error->status, "%s%s", error->text, advice);
}

bool cli_is_local(const char *name)
{
	return strncmp(name, "sim:", 4) == 0 || strncmp(name, "io:", 3) == 0 ||
	       strncmp(name, "pci:", 4) == 0 || strncmp(name, "ppdev:", 6) == 0;
}

int cli_must_be_served(const char *name)
{
	if (!cli_is_local(name))
		return 0;
	return cli_fail(OPP_INVALID_PARAMETER,
			"%s ends with this command: name a port that parportd serves", name);
}

static void find_folder(struct cli_port *port, const char *name)
{
	char *slash;

	port->folder[0] = '\0';
	if (cli_is_local(name))
		return;
	if (!strchr(name, '/'))
		snprintf(port->folder, sizeof(port->folder), "%s", cli_mount());
	else if (realpath(name, port->folder) && (slash = strrchr(port->folder, '/')))
		*slash = '\0';
}

static int learn(struct cli_port *port, const char *name)
{
	enum opp_status status = opp_get_info(port->handle, &port->info);

	if (status != OPP_SUCCESS) {
		opp_close(port->handle);
		return cli_fail(status,
				"%s does not answer as a port of parportd (%s): "
				"name a port that 'parport list' shows",
				name, opp_status_text(status));
	}
	snprintf(port->device, sizeof(port->device), "lpt%u", port->info.number + 1);
	find_folder(port, name);
	return 0;
}

int cli_port_open(struct cli_port *port, const char *name)
{
	struct opp_error error;

	if (opp_open(name, &port->handle, &error) != OPP_SUCCESS)
		return explain(name, &error);
	return learn(port, name);
}

/* "lpt1.0" is device 0 of port "lpt1". */
static const char *device_suffix(const char *name)
{
	const size_t length = strlen(name);

	if (length < 3 || name[length - 2] != '.' || name[length - 1] < '0' ||
	    name[length - 1] > '4')
		return NULL;
	return name + length - 2;
}

void cli_name_parse(struct cli_name *parsed, const char *name)
{
	const char *suffix;

	*parsed = (struct cli_name){ .place = OPP_IOC_END_OF_CHAIN };
	if (cli_is_local(name) || !strchr(name, '/') || !realpath(name, parsed->port))
		snprintf(parsed->port, sizeof(parsed->port), "%s", name);
	suffix = device_suffix(parsed->port);
	if (cli_is_local(name) || !suffix)
		return;
	parsed->is_device = true;
	if (suffix[1] != '4')
		parsed->place = (uint8_t)(suffix[1] - '0');
	parsed->port[suffix - parsed->port] = '\0';
}

/* "lpt1" becomes "lpt1.0". */
static void add_place(struct cli_port *port, const struct cli_name *name)
{
	const size_t length = strlen(port->device);

	if (name->is_device)
		snprintf(port->device + length, sizeof(port->device) - length, ".%u",
			 name->place == OPP_IOC_END_OF_CHAIN ? 4 : name->place);
}

int cli_name_open(struct cli_port *port, const struct cli_name *name)
{
	const int code = cli_port_open(port, name->port);

	if (!code)
		add_place(port, name);
	return code;
}

static int explain_device(const struct opp_error *error)
{
	const char *advice = "";

	if (error->status == OPP_NO_SUCH_DEVICE)
		advice = " 'parport list' shows the devices there are.";
	if (error->status == OPP_DEVICE_BUSY)
		advice = ": a print job is open there, 'parport status' shows whose";
	return cli_fail(error->status, "%s%s", error->text, advice);
}

int cli_device_open(struct cli_port *device, const char *name)
{
	struct opp_error error;
	struct cli_name parsed;
	int code;

	if (opp_open_device(name, &device->handle, &error) != OPP_SUCCESS)
		return explain_device(&error);
	code = learn(device, name);
	cli_name_parse(&parsed, name);
	if (!code)
		add_place(device, &parsed);
	return code;
}

void cli_port_close(struct cli_port *port)
{
	opp_close(port->handle);
}

enum opp_status cli_ask_status(struct cli_port *port)
{
	return opp_get_status(port->handle, &port->status);
}

static int is_port(const struct dirent *entry)
{
	static const char prefix[] = "parport";
	const char *number = entry->d_name + sizeof(prefix) - 1;

	return strncmp(entry->d_name, prefix, sizeof(prefix) - 1) == 0 && number[0] &&
	       strspn(number, "0123456789") == strlen(number);
}

int cli_ports_of_mount(char ***names, size_t *count)
{
	struct dirent **entries;
	int found = scandir(cli_mount(), &entries, is_port, versionsort);

	if (found <= 0)
		return cli_fail(errno == EACCES ? OPP_ACCESS_DENIED : OPP_NO_SUCH_DEVICE,
				"no port in %s (%s): start parportd, or set OPENPARPORT_MOUNT "
				"to the directory it shows its ports in",
				cli_mount(),
				found < 0 ? strerror(errno) : "parportd is not running there");
	*count = (size_t)found;
	*names = calloc(*count, sizeof(**names));
	for (int i = 0; i < found; i++) {
		if (*names)
			(*names)[i] = strdup(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return *names ? 0 : cli_fail(OPP_INSUFFICIENT_RESOURCES, "out of memory");
}

void cli_names_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}
