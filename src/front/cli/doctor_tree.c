/* SPDX-License-Identifier: MIT */
/* Facts from /proc, /sys, /dev and /etc, as the kernel's documents lay them out; see doctor.h. */
#include "doctor.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILE_BYTES 8192

struct tree {
	struct doctor_facts *facts;
	int root;
};

/* ---- files ------------------------------------------------------------------------------ */

/* Links of the tree lead nowhere but into it. Returns a descriptor, or -1. */
static int open_in(const struct tree *tree, const char *path, unsigned int flags)
{
	const struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };

	return (int)syscall(SYS_openat2, tree->root, path, &how, sizeof(how));
}

static void join(char path[PATH_MAX], const char *folder, const char *name, const char *file)
{
	(void)snprintf(path, PATH_MAX, "%s/%s%s%s", folder, name, file ? "/" : "",
		       file ? file : "");
}

static int open_of(const struct tree *tree, const char *folder, const char *name, const char *file,
		   unsigned int flags)
{
	char path[PATH_MAX];

	join(path, folder, name, file);
	return open_in(tree, path, flags);
}

/* The text of a file, without the end of its last line; false: there is none. */
static bool read_of(const struct tree *tree, const char *folder, const char *name, const char *file,
		    char *text, size_t bytes)
{
	const int fd = open_of(tree, folder, name, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	FILE *stream = fd >= 0 ? fdopen(fd, "r") : NULL;
	struct stat about;
	size_t length = 0;

	text[0] = '\0';
	if (!stream)
		return false;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
		length = fread(text, 1, bytes - 1, stream);
	(void)fclose(stream);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	return length != 0;
}

/* The last part of what a link points to. */
static void read_link(const struct tree *tree, const char *folder, const char *name,
		      const char *file, char *text, size_t bytes)
{
	const int fd = open_of(tree, folder, name, file, O_PATH | O_NOFOLLOW);
	char target[PATH_MAX];
	const char *last;
	ssize_t length;

	if (fd < 0)
		return;
	length = readlinkat(fd, "", target, sizeof(target) - 1);
	(void)close(fd);
	if (length < 0)
		return;
	target[length] = '\0';
	last = strrchr(target, '/');
	doctor_set_text(text, bytes, last ? last + 1 : target);
}

/* Calls @heed for each name of a folder, in order; a folder that is not there has none. */
static void each(const struct tree *tree, const char *folder,
		 void (*heed)(const struct tree *tree, const char *name))
{
	const int fd = open_in(tree, folder, O_RDONLY | O_DIRECTORY);
	struct dirent **entries;
	int count;

	if (fd < 0)
		return;
	count = scandirat(fd, ".", &entries, NULL, versionsort);
	(void)close(fd);
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.')
			heed(tree, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static bool is_numbered(const char *name, const char *prefix)
{
	const size_t length = strlen(prefix);

	return strncmp(name, prefix, length) == 0 && name[length] &&
	       name[length + strspn(name + length, "0123456789")] == '\0';
}

static bool has_room(struct doctor_facts *facts, size_t count)
{
	facts->has_more = facts->has_more || count == DOCTOR_MOST;
	return count < DOCTOR_MOST;
}

/* ---- ports of the kernel ------------------------------------------------------------------ */

#define PARPORT "/proc/sys/dev/parport"

/* "Acme LaserThing" of a text like "MODEL:LaserThing;MANUFACTURER:Acme;". */
static void name_device(const char *id, char *device, size_t bytes)
{
	static const char *const keys[] = { "MFG:", "MANUFACTURER:", "MDL:", "MODEL:" };
	size_t at = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && at < bytes; i++) {
		const char *value = strstr(id, keys[i]);

		if (!value)
			continue;
		value += strlen(keys[i]);
		at += (size_t)snprintf(device + at, bytes - at, "%s%.*s", at ? " " : "",
				       (int)strcspn(value, ";"), value);
	}
}

/* The kernel's probing has a line for each part of an id. */
static void read_ids(const struct tree *tree, struct doctor_port *port)
{
	char file[DOCTOR_WORD], text[FILE_BYTES];

	for (unsigned int place = 0; place < DOCTOR_PLACES; place++) {
		size_t kept = 0;

		(void)snprintf(file, sizeof(file),
			       place == DOCTOR_END ? "autoprobe" : "autoprobe%u", place);
		if (!read_of(tree, PARPORT, port->name, file, text, sizeof(text)))
			continue;
		for (const char *from = text; *from; from++) {
			if (*from != '\n')
				text[kept++] = *from;
		}
		text[kept] = '\0';
		doctor_set_text(port->found.ids[place], DOCTOR_TEXT, text);
	}
	name_device(port->found.ids[DOCTOR_END], port->device, sizeof(port->device));
}

/* One of the folders in devices/ of the port that was added last. */
static void heed_user(const struct tree *tree, const char *name)
{
	if (strcmp(name, "active") != 0)
		tree->facts->ports[tree->facts->port_count - 1].users++;
}

static void read_users(const struct tree *tree, const char *name)
{
	char path[PATH_MAX];

	join(path, PARPORT, name, "devices");
	each(tree, path, heed_user);
}

static void heed_port(const struct tree *tree, const char *name)
{
	struct doctor_facts *facts = tree->facts;
	char text[FILE_BYTES];
	struct doctor_port *port;

	if (!is_numbered(name, "parport") || !has_room(facts, facts->port_count))
		return;
	port = &facts->ports[facts->port_count++];
	doctor_set_text(port->name, sizeof(port->name), name);
	if (read_of(tree, PARPORT, name, "base-addr", text, sizeof(text)))
		(void)sscanf(text, "%u %u", &port->base, &port->ecp_base);
	port->irq = -1;
	if (read_of(tree, PARPORT, name, "irq", text, sizeof(text)))
		port->irq = atoi(text);
	if (read_of(tree, PARPORT, name, "modes", text, sizeof(text)))
		doctor_set_text(port->modes, sizeof(port->modes), text);
	if (read_of(tree, PARPORT, name, "devices/active", text, sizeof(text)) &&
	    strcmp(text, "none") != 0)
		doctor_set_text(port->active, sizeof(port->active), text);
	read_ids(tree, port);
	read_users(tree, name);
}

/* ---- ports on the board ---------------------------------------------------------------------- */

#define PNP "/sys/bus/pnp/devices"

static bool is_parallel(const char *ids)
{
	return strstr(ids, "PNP0400") || strstr(ids, "PNP0401");
}

/* "state = active" and lines such as "io 0x378-0x37f". */
static void read_board(const char *text, struct doctor_card *card)
{
	const char *line = text;
	unsigned int low;

	card->enabled = strstr(text, "state = active") != NULL;
	while ((line = strstr(line, "io 0x")) != NULL) {
		line += strlen("io ");
		if (sscanf(line, "%x", &low) != 1)
			continue;
		if (!card->base)
			card->base = low;
		else if (!card->ecp_base)
			card->ecp_base = low;
	}
}

static void heed_board(const struct tree *tree, const char *name)
{
	struct doctor_facts *facts = tree->facts;
	char text[FILE_BYTES];
	struct doctor_card *card;

	if (!read_of(tree, PNP, name, "id", text, sizeof(text)) || !is_parallel(text) ||
	    !has_room(facts, facts->card_count))
		return;
	card = &facts->cards[facts->card_count++];
	doctor_set_text(card->where, sizeof(card->where), name);
	read_link(tree, PNP, name, "driver", card->driver, sizeof(card->driver));
	if (read_of(tree, PNP, name, "resources", text, sizeof(text)))
		read_board(text, card);
}

/* ---- ports on cards ------------------------------------------------------------------------------ */

#define PCI "/sys/bus/pci/devices"

static void add_port(const struct tree *tree, const char *name,
		     const struct opp_pci_function *function, const struct opp_pci_model *model,
		     uint32_t port)
{
	const struct opp_pci_registers at = opp_pci_registers_of(function, model, port);
	struct doctor_facts *facts = tree->facts;
	struct doctor_card *card;
	char where[DOCTOR_WORD];

	if (!has_room(facts, facts->card_count))
		return;
	card = &facts->cards[facts->card_count++];
	(void)snprintf(where, sizeof(where), port ? "%.*s/%u" : "%.*s", DOCTOR_WORD - 4, name,
		       port);
	doctor_set_text(card->where, sizeof(card->where), where);
	doctor_set_text(card->driver, sizeof(card->driver), function->driver);
	card->is_pci = true;
	card->ids = function->ids;
	card->by_serial = model->by_serial;
	card->enabled = function->is_enabled;
	card->base = at.base.first;
	card->ecp_base = at.ecp.first;
}

static void heed_pci(const struct tree *tree, const char *name)
{
	const int folder = open_of(tree, PCI, name, NULL, O_RDONLY | O_DIRECTORY);
	struct opp_pci_function function;
	struct opp_pci_model model;

	if (folder < 0)
		return;
	if (opp_pci_read(folder, &function)) {
		model = opp_pci_model_of(&function.ids, function.class);
		for (uint32_t port = 0; port < model.ports; port++)
			add_port(tree, name, &function, &model, port);
	}
	(void)close(folder);
}

/* ---- files of devices -------------------------------------------------------------------------------- */

static void add_node(const struct tree *tree, const char *folder, const char *name, bool is_usb)
{
	struct doctor_facts *facts = tree->facts;
	const int fd = open_of(tree, folder, name, NULL, O_PATH);
	struct doctor_node *node;
	char path[PATH_MAX];
	struct stat about;

	if (fd < 0)
		return;
	if (has_room(facts, facts->node_count) && fstat(fd, &about) == 0) {
		join(path, folder, name, NULL);
		node = &facts->nodes[facts->node_count++];
		doctor_set_text(node->path, sizeof(node->path), path);
		node->is_usb = is_usb;
		node->mode = about.st_mode & 07777;
		node->user = about.st_uid;
		node->group = about.st_gid;
		node->may_use = doctor_may(&facts->caller, R_OK | W_OK, fd, "", AT_EMPTY_PATH);
	}
	(void)close(fd);
}

static void heed_node(const struct tree *tree, const char *name)
{
	if (is_numbered(name, "parport") || is_numbered(name, "lp"))
		add_node(tree, "/dev", name, false);
}

static void heed_usb(const struct tree *tree, const char *name)
{
	if (is_numbered(name, "lp"))
		add_node(tree, "/dev/usb", name, true);
}

/* ---- the kernel -------------------------------------------------------------------------------------- */

static bool is_there(const struct tree *tree, const char *folder, const char *name)
{
	const int fd = open_of(tree, folder, name, NULL, O_PATH | O_NOFOLLOW);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static void read_kernel(const struct tree *tree)
{
	struct doctor_facts *facts = tree->facts;
	char text[FILE_BYTES];

	facts->has_lp = is_there(tree, "/sys/module", "lp");
	facts->has_ppdev = is_there(tree, "/sys/module", "ppdev");
	facts->has_parport_pc = is_there(tree, "/sys/module", "parport_pc");
	facts->locked_down =
		read_of(tree, "/sys/kernel/security", "lockdown", NULL, text, sizeof(text)) &&
		!strstr(text, "[none]");
}

/* ---- what the service needs ------------------------------------------------------------------------- */

#define UNIT    "parportd.service"
#define SYSTEMD "/etc/systemd/system"

static enum doctor_unit read_unit(const struct tree *tree)
{
	static const char *const folders[] = { SYSTEMD, "/usr/local/lib/systemd/system",
					       "/usr/lib/systemd/system", "/lib/systemd/system" };

	if (is_there(tree, SYSTEMD "/multi-user.target.wants", UNIT))
		return DOCTOR_UNIT_ENABLED;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (is_there(tree, folders[i], UNIT))
			return DOCTOR_UNIT;
	}
	return DOCTOR_NO_UNIT;
}

/* A line a file system, its name last. */
static bool has_file_system(const struct tree *tree, const char *name)
{
	char text[FILE_BYTES];
	char *rest, *line;

	(void)read_of(tree, "/proc", "filesystems", NULL, text, sizeof(text));
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *tab = strrchr(line, '\t');

		if (tab && strcmp(tab + 1, name) == 0)
			return true;
	}
	return false;
}

static void read_needs(const struct tree *tree)
{
	tree->facts->has_fuse = has_file_system(tree, "fuse");
	tree->facts->has_fuse_file = is_there(tree, "/dev", "fuse");
	tree->facts->unit = read_unit(tree);
}

static void read_all(const struct tree *tree)
{
	doctor_know_caller(tree->facts);
	each(tree, PARPORT, heed_port);
	each(tree, PNP, heed_board);
	each(tree, PCI, heed_pci);
	each(tree, "/dev", heed_node);
	each(tree, "/dev/usb", heed_usb);
	read_kernel(tree);
	read_needs(tree);
}

void doctor_set_text(char *to, size_t bytes, const char *from)
{
	size_t at = 0;

	for (; from[at] && at < bytes - 1; at++)
		to[at] = from[at] >= ' ' && from[at] <= '~' ? from[at] : '?';
	to[at] = '\0';
}

bool doctor_read_tree(struct doctor_facts *facts, const char *root)
{
	const struct tree tree = { facts, open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	const int fd = tree.root >= 0 ? open_in(&tree, ".", O_PATH) : -1;

	if (fd >= 0) {
		(void)close(fd);
		read_all(&tree);
	}
	if (tree.root >= 0)
		(void)close(tree.root);
	return fd >= 0;
}
