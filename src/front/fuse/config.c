/* SPDX-License-Identifier: MIT */
/*
 * Reads parport.conf with libconfig, which keeps the line of every setting.
 *
 * Settings at the top are the service's, a group parport<m> is a port. A key of
 * a port is the service's (the table below) or the back end's
 * (opp_host_config_set). Every mistake is told, not only the first.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <libconfig.h>

#include <openparport/names.h>

#include "say.h"

#define DEFAULT_GROUP    "lp"
#define DEFAULT_MODE     0660
#define DEFAULT_FAULT_US (60 * UINT64_C(1000000))
#define PORT_PREFIX      "parport"
#define VALUE_BYTES      256
#define DEV              "/dev"
#define DEVICES_MOST     24 /* of what is behind DEV */
#define LETTERS          "abcdefghijklmnopqrstuvwxyz0123456789-_"

/* One setting as text, and how many mistakes were told. */
struct reading {
	const char *path;
	unsigned mistakes;
};

/* The back end's texts name the key themselves; ours begin with "expected". */
static void mistake(struct reading *reading, const config_setting_t *at, const char *text)
{
	const char *file = config_setting_source_file(at);
	bool ours = strncmp(text, "expected", strlen("expected")) == 0;

	opp_say(OPP_SAID_MISTAKE, NULL, "%s:%u: %s%s%s", file ? file : reading->path,
		config_setting_source_line(at), ours ? config_setting_name(at) : "",
		ours ? ": " : "", text);
	reading->mistakes++;
}

/* ---- values: each reader returns what was expected, or NULL when all is well ----- */

/* False: @value is not a time. */
static bool read_duration(const char *value, uint64_t *us)
{
	static const struct {
		const char *unit;
		uint64_t us;
	} units[] = {
		{ "us", 1 },
		{ "ms", 1000 },
		{ "s", 1000000 },
		{ "min", 60000000 },
	};
	char unit[4];
	uint32_t count;
	int end = 0;

	/* sscanf alone would take a sign. */
	if (isdigit((unsigned char)value[0]) &&
	    sscanf(value, "%9" SCNu32 " %3s%n", &count, unit, &end) == 2 && !value[end])
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (strcmp(unit, units[i].unit) == 0) {
				*us = count * units[i].us;
				return true;
			}
	return false;
}

static const char *read_exclusive(struct opp_port_config *port, const char *value)
{
	if (strcmp(value, "refuse") != 0 && strcmp(value, "wait") != 0)
		return "expected \"refuse\" or \"wait\"";
	port->exclusive_waits = value[0] == 'w';
	return NULL;
}

static const char *read_max_hold(struct opp_port_config *port, const char *value)
{
	port->max_hold_us = 0;
	if (strcmp(value, "none") == 0)
		return NULL;
	if (!read_duration(value, &port->max_hold_us) || port->max_hold_us == 0)
		return "expected \"none\" or a time, such as \"30 s\" (units: us, ms, s, min)";
	return NULL;
}

static const char *read_fault_timeout(struct opp_port_config *port, const char *value)
{
	if (!read_duration(value, &port->fault_timeout_us) || port->fault_timeout_us == 0)
		return "expected a time, such as \"30 s\" (units: us, ms, s, min)";
	return NULL;
}

static const char *read_scan(struct opp_port_config *port, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return "expected true or false";
	port->scan = value[0] == 'y';
	port->scan_given = true;
	return NULL;
}

static const char *read_daisy_devices(struct opp_port_config *port, const char *value)
{
	if (strlen(value) != 1 || value[0] < '0' || value[0] > '0' + (int)OPP_CHAIN_DEVICES)
		return "expected a number, 0 .. 4";
	port->host.daisy_devices = (uint8_t)(value[0] - '0');
	return NULL;
}

static const char *keep_path(char **kept, const char *value)
{
	if (value[0] != '/')
		return "expected an absolute path";
	free(*kept);
	*kept = strdup(value);
	return *kept ? NULL : "no memory";
}

static const char *read_mount(struct opp_config *config, const char *value)
{
	return keep_path(&config->mount, value);
}

static const char *read_log(struct opp_config *config, const char *value)
{
	return keep_path(&config->log, value);
}

static const char *read_metrics(struct opp_config *config, const char *value)
{
	if (strlen(value) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return "expected a path of at most 107 characters";
	return keep_path(&config->metrics, value);
}

static const char *read_link_dev(struct opp_config *config, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return "expected true or false";
	config->link_dev = value[0] == 'y';
	return NULL;
}

const char *opp_config_set_run_as(struct opp_config *config, const char *user)
{
	const struct passwd *entry = getpwnam(user);

	if (!entry)
		return "expected the name of a user of this system";
	config->run_uid = entry->pw_uid;
	config->run_gid = entry->pw_gid;
	free(config->run_as);
	config->run_as = strdup(user);
	return config->run_as ? NULL : "no memory";
}

const char *opp_config_set_devices(struct opp_config *config, const char *directory)
{
	const size_t dev = strlen(DEV);
	const char *below = directory + dev;

	if (strncmp(directory, DEV, dev) != 0 ||
	    (below[0] && (below[0] != '/' || strlen(below) > DEVICES_MOST ||
			  strspn(below + 1, LETTERS) != strlen(below + 1) || !below[1])))
		return "expected \"/dev\", or \"/dev/NAME\" with a short name of a-z, 0-9, - and _";
	return keep_path(&config->devices, directory);
}

static const char *read_user(struct opp_config *config, const char *value)
{
	const struct passwd *user = getpwnam(value);

	if (!user)
		return "expected the name of a user of this system";
	config->user = user->pw_uid;
	return NULL;
}

static const char *read_group(struct opp_config *config, const char *value)
{
	const struct group *group = getgrnam(value);

	if (!group)
		return "expected the name of a group of this system";
	config->group = group->gr_gid;
	return NULL;
}

static const char *read_mode(struct opp_config *config, const char *value)
{
	char *end;
	unsigned long mode = strtoul(value, &end, 8);

	if (strlen(value) != 4 || value[0] != '0' || *end || mode > 0666 || (mode & 0111))
		return "expected an octal mode in quotes, such as \"0660\"";
	config->mode = (mode_t)mode;
	return NULL;
}

static const struct {
	const char *key;
	const char *(*read)(struct opp_config *config, const char *value);
} service_keys[] = {
	{ "mount", read_mount },     { "log", read_log },
	{ "user", read_user },       { "group", read_group },
	{ "mode", read_mode },       { "devices", opp_config_set_devices },
	{ "metrics", read_metrics }, { "link_dev", read_link_dev },
};

static const struct {
	const char *key;
	const char *(*read)(struct opp_port_config *port, const char *value);
} port_keys[] = {
	{ "exclusive", read_exclusive },         { "max_hold", read_max_hold },
	{ "fault_timeout", read_fault_timeout }, { "scan", read_scan },
	{ "daisy_devices", read_daisy_devices },
};

/* ---- settings -------------------------------------------------------------------- */

/* Does the text behind a key give it a number, and which? */
static bool number_behind(const char *text, long long *number)
{
	char *end;

	text += strspn(text, " \t\r\n");
	if (*text != '=' && *text != ':')
		return false;
	text++;
	text += strspn(text, " \t\r\n");
	*number = strtoll(text, &end, strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
	return end != text;
}

/* Everything in the file called @path, to be freed; NULL when it cannot be read. */
static char *text_of(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &room, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/* @text goes on from the line of @setting. */
static bool names_another_number(const char *text, const config_setting_t *setting)
{
	const char *key = config_setting_name(setting);
	bool another = false;
	long long number;

	while ((text = strstr(text, key))) {
		text += strlen(key);
		if (!number_behind(text, &number))
			continue;
		if (number == config_setting_get_int(setting))
			return false;
		another = true;
	}
	return another;
}

/*
 * libconfig 1.5 cuts a number to 32 bits and says nothing. So what was read is
 * looked for in the file: other numbers for the key, and not this one, mean
 * that it was cut.
 */
static bool was_cut(const struct reading *reading, const config_setting_t *setting)
{
	const char *file = config_setting_source_file(setting);
	char *text = text_of(file ? file : reading->path);
	const char *from = text;
	bool cut;

	for (unsigned line = 1; from && line < config_setting_source_line(setting); line++) {
		from = strchr(from, '\n');
		from = from ? from + 1 : NULL;
	}
	cut = from && names_another_number(from, setting);
	free(text);
	return cut;
}

/* The setting's value as text. Returns false for groups, lists and real numbers. */
static bool value_text(const config_setting_t *setting, char text[VALUE_BYTES])
{
	int length = 0;

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_STRING:
		length = snprintf(text, VALUE_BYTES, "%s", config_setting_get_string(setting));
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(text, VALUE_BYTES, "%lld", config_setting_get_int64(setting));
		break;
	case CONFIG_TYPE_BOOL:
		snprintf(text, VALUE_BYTES, "%s", config_setting_get_bool(setting) ? "yes" : "no");
		break;
	default: return false;
	}
	return length < VALUE_BYTES;
}

static const char *set_port_key(struct opp_port_config *port, const char *key, const char *value,
				struct opp_error *error)
{
	for (size_t i = 0; i < sizeof(port_keys) / sizeof(port_keys[0]); i++)
		if (strcmp(key, port_keys[i].key) == 0)
			return port_keys[i].read(port, value);
	if (strcmp(key, "name") == 0)
		return "expected no name: a port is called as its group is";
	if (opp_host_config_set(&port->host, key, value, error) != OPP_SUCCESS)
		return error->text;
	return NULL;
}

static void port_defaults(struct opp_port_config *port, uint32_t number)
{
	memset(port, 0, sizeof(*port));
	opp_host_config_defaults(&port->host, number);
	port->fault_timeout_us = DEFAULT_FAULT_US;
	snprintf(port->name, sizeof(port->name), PORT_PREFIX "%" PRIu32, number);
}

static void refuse_simulation(struct reading *reading, const config_setting_t *group)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);

		if (opp_host_config_is_of_simulation(config_setting_name(setting)))
			mistake(reading, setting,
				"expected only of a port with back_end = \"sim\"");
	}
}

static void read_port(struct reading *reading, struct opp_port_config *port,
		      const config_setting_t *group)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		char value[VALUE_BYTES];
		struct opp_error error;
		const char *wrong;

		if (!value_text(setting, value))
			wrong = "expected a short text, a number, true or false";
		else if (config_setting_type(setting) == CONFIG_TYPE_INT &&
			 was_cut(reading, setting))
			wrong = "expected a number of at most 2147483647";
		else
			wrong = set_port_key(port, config_setting_name(setting), value, &error);
		if (wrong)
			mistake(reading, setting, wrong);
	}
	if (opp_host_config_is_real(&port->host))
		refuse_simulation(reading, group);
	if (!port->scan_given)
		port->scan = !opp_host_config_is_real(&port->host);
}

static bool port_number(const char *name, uint32_t *number)
{
	char again[OPP_IOC_NAME_BYTES];

	if (sscanf(name, PORT_PREFIX "%3" SCNu32, number) != 1)
		return false;
	snprintf(again, sizeof(again), PORT_PREFIX "%" PRIu32, *number);
	return strcmp(name, again) == 0 && *number < OPP_PORT_NAME_MOST;
}

static void refuse_overlap(struct reading *reading, const struct opp_config *config,
			   const struct opp_port_config *port, const config_setting_t *group)
{
	char text[VALUE_BYTES];

	for (size_t i = 0; i < config->port_count; i++) {
		if (!opp_host_config_overlaps(&config->ports[i].host, &port->host))
			continue;
		snprintf(text, sizeof(text),
			 "expected registers or a file of its own: %s has some of these",
			 config->ports[i].name);
		mistake(reading, group, text);
	}
}

static void add_port(struct reading *reading, struct opp_config *config,
		     const config_setting_t *group)
{
	struct opp_port_config *ports;
	struct opp_port_config *port;
	uint32_t number;

	if (!port_number(config_setting_name(group), &number)) {
		mistake(reading, group, "expected a port, parport0 .. parport254");
		return;
	}
	ports = reallocarray(config->ports, config->port_count + 1, sizeof(*ports));
	if (!ports) {
		mistake(reading, group, "no memory");
		return;
	}
	config->ports = ports;
	port = &ports[config->port_count];
	port_defaults(port, number);
	read_port(reading, port, group);
	refuse_overlap(reading, config, port, group);
	config->port_count++;
}

static void read_service_key(struct reading *reading, struct opp_config *config,
			     const config_setting_t *setting)
{
	const char *wrong = "expected mount, log, user, group, mode, devices, metrics, "
			    "link_dev, or a port (parport0 = { ... };)";
	char value[VALUE_BYTES];

	for (size_t i = 0; i < sizeof(service_keys) / sizeof(service_keys[0]); i++) {
		if (strcmp(config_setting_name(setting), service_keys[i].key) != 0)
			continue;
		wrong = config_setting_type(setting) != CONFIG_TYPE_INT &&
					value_text(setting, value)
				? service_keys[i].read(config, value)
				: "expected a text in quotes";
	}
	if (wrong)
		mistake(reading, setting, wrong);
}

static void read_tree(struct reading *reading, struct opp_config *config, const config_t *tree)
{
	const config_setting_t *root = config_root_setting(tree);

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);

		if (config_setting_is_group(setting))
			add_port(reading, config, setting);
		else
			read_service_key(reading, config, setting);
	}
	if (config->port_count == 0 && reading->mistakes == 0) {
		opp_say(OPP_SAID_MISTAKE, NULL,
			"%s:1: expected at least one port (parport0 = { ... };)", reading->path);
		reading->mistakes++;
	}
}

static void no_tree(struct reading *reading, const config_t *tree)
{
	const char *file = config_error_file(tree);
	const char *text = config_error_text(tree);
	const char *hint = "expected KEY = VALUE; with texts in quotes, true and false without, "
			   "or parport0 = { KEY = VALUE; ... };";

	if (strstr(text, "duplicate"))
		hint = "expected each port once, and each key once in it";
	else if (strstr(text, "include"))
		hint = "expected the name of a file that can be read";
	opp_say(OPP_SAID_MISTAKE, NULL, "%s:%d: %s: %s", file ? file : reading->path,
		config_error_line(tree), text, hint);
	reading->mistakes++;
}

static void parse_file(struct reading *reading, struct opp_config *config, FILE *file)
{
	config_t tree;

	config_init(&tree);
	if (config_read(&tree, file) == CONFIG_TRUE)
		read_tree(reading, config, &tree);
	else
		no_tree(reading, &tree);
	config_destroy(&tree);
}

/* ---- whole configurations --------------------------------------------------------- */

static bool service_defaults(struct opp_config *config, bool by_root)
{
	const struct group *group = getgrnam(DEFAULT_GROUP);
	char mount[PATH_MAX];

	memset(config, 0, sizeof(*config));
	config->user = by_root ? 0 : geteuid();
	config->group = by_root && group ? group->gr_gid : getegid();
	config->mode = DEFAULT_MODE;
	if (opp_default_mount(mount, sizeof(mount)) == OPP_SUCCESS)
		config->mount = strdup(mount);
	return config->mount != NULL;
}

static bool one_simulated_port(struct opp_config *config)
{
	config->ports = malloc(sizeof(*config->ports));
	if (!config->ports)
		return false;
	config->port_count = 1;
	port_defaults(&config->ports[0], 0);
	return true;
}

/* libconfig ends the program when it is given a directory. */
static FILE *open_text(const char *path)
{
	FILE *file = fopen(path, "re");
	struct stat about;

	if (file && fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode)) {
		fclose(file);
		errno = EISDIR;
		return NULL;
	}
	return file;
}

bool opp_config_load(struct opp_config *config, const char *path, bool by_root)
{
	struct reading reading = { .path = path ? path : OPP_CONFIG_FILE };
	FILE *file;

	if (!service_defaults(config, by_root)) {
		opp_say(OPP_SAID_REFUSED, NULL, "no memory");
		return false;
	}
	file = open_text(reading.path);
	if (!file && !path && errno == ENOENT)
		return one_simulated_port(config);
	if (!file) {
		opp_say(OPP_SAID_MISTAKE, NULL, "%s: %s", reading.path, strerror(errno));
		return false;
	}
	parse_file(&reading, config, file);
	fclose(file);
	return reading.mistakes == 0;
}

void opp_config_release(struct opp_config *config)
{
	for (size_t i = 0; i < config->port_count; i++)
		opp_host_config_release(&config->ports[i].host);
	free(config->ports);
	free(config->mount);
	free(config->log);
	free(config->devices);
	free(config->metrics);
	free(config->run_as);
	memset(config, 0, sizeof(*config));
}
