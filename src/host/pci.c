/* SPDX-License-Identifier: MIT */
/* A card as sysfs shows it, and whether its port may be used; see pci.h. */
#include "pci.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "direct.h"
#include "error.h"
#include "pci_card.h"

#define PREFIX  "pci:"
#define DEVICES "sys/bus/pci/devices"

/* ---- its name ---------------------------------------------------------------------------- */

/* @least to @most hexadecimal digits at *@text, which moves behind them. */
static bool take_hex(const char **text, size_t least, size_t most, uint32_t *number)
{
	const size_t count = strspn(*text, "0123456789abcdefABCDEF");
	char digits[16];

	if (count < least || count > most)
		return false;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)count, *text);
	*number = (uint32_t)strtoul(digits, NULL, 16);
	*text += count;
	return true;
}

static bool take(const char **text, char character)
{
	if (**text != character)
		return false;
	++*text;
	return true;
}

/* "0000:03:00.0", or as lspci shows it where there is one domain, "03:00.0". */
static bool take_function(const char **text, struct opp_pci_name *name)
{
	const char *short_form = *text;

	if (!take_hex(text, 4, 8, &name->domain) || !take(text, ':')) {
		name->domain = 0;
		*text = short_form;
	}
	return take_hex(text, 2, 2, &name->bus) && take(text, ':') &&
	       take_hex(text, 2, 2, &name->slot) && name->slot < 32 && take(text, '.') &&
	       take_hex(text, 1, 1, &name->function) && name->function < 8;
}

bool opp_pci_parse(const char *text, struct opp_pci_name *name)
{
	*name = (struct opp_pci_name){ 0 };
	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
		return false;
	text += strlen(PREFIX);
	if (!take_function(&text, name))
		return false;
	if (take(&text, '/') &&
	    (!take_hex(&text, 1, 1, &name->port) || name->port >= OPP_PCI_PORTS_MOST))
		return false;
	return *text == '\0';
}

void opp_pci_name(const struct opp_pci_name *name, char text[OPP_PCI_NAME_BYTES])
{
	const int length =
		snprintf(text, OPP_PCI_NAME_BYTES, PREFIX "%04x:%02x:%02x.%x", name->domain,
			 name->bus & 0xff, name->slot & 0x1f, name->function & 7);

	if (name->port)
		(void)snprintf(text + length, OPP_PCI_NAME_BYTES - (size_t)length, "/%u",
			       name->port & 0xf);
}

bool opp_pci_same(const struct opp_pci_name *one, const struct opp_pci_name *other)
{
	return one->domain == other->domain && one->bus == other->bus && one->slot == other->slot &&
	       one->function == other->function && one->port == other->port;
}

/* ---- may it be used ------------------------------------------------------------------------ */

struct finding {
	const char *where; /* "0000:03:00.0" */
	const char *text;  /* "pci:0000:03:00.0/1" */
	struct opp_pci_function function;
	struct opp_pci_model model;
	struct opp_error *error;
};

/* Of a driver's name from sysfs only what a name can be. */
static void printable(char *text)
{
	for (; *text; text++) {
		if (*text < '!' || *text > '~')
			*text = '?';
	}
}

static enum opp_status refuse_driver(struct finding *found)
{
	printable(found->function.driver);
	return opp_error_set(found->error, OPP_DEVICE_BUSY,
			     "%s: the kernel's driver %s has this card: as root, echo %s "
			     ">/sys/bus/pci/drivers/%s/unbind, then echo 1 "
			     ">/sys/bus/pci/devices/%s/enable",
			     found->text, found->function.driver, found->where,
			     found->function.driver, found->where);
}

static enum opp_status refuse_memory(const struct finding *found)
{
	return opp_error_set(
		found->error, OPP_NO_SUCH_DEVICE,
		"%s: the port of this card (%04x:%04x) has no I/O addresses: a card, or a "
		"machine, that has memory addresses only cannot be used this way",
		found->text, found->function.ids.vendor, found->function.ids.device);
}

static enum opp_status refuse_place(const struct finding *found,
				    const struct opp_x86io_range *range)
{
	return opp_error_set(found->error, OPP_NO_SUCH_DEVICE,
			     "%s: the kernel has put this port at 0x%x, and ECP's registers at "
			     "0x%x (0: none): no parallel port can be there",
			     found->text, range->base, range->ecp_base);
}

static enum opp_status locate(struct finding *found, uint32_t port, bool force,
			      struct opp_x86io_range *range)
{
	struct opp_pci_registers at;

	if (!found->model.ports)
		return opp_error_set(
			found->error, OPP_NO_SUCH_DEVICE,
			"%s: this is no parallel port (%04x:%04x, class %06x): parport "
			"doctor lists those of this machine",
			found->text, found->function.ids.vendor, found->function.ids.device,
			found->function.class);
	if (port >= found->model.ports)
		return opp_error_set(found->error, OPP_NO_SUCH_DEVICE,
				     "%s: this card has one port: leave out /%u", found->text,
				     port);
	at = opp_pci_registers_of(&found->function, &found->model, port);
	if (!at.base.count)
		return refuse_memory(found);
	if (found->function.driver[0] && !force)
		return refuse_driver(found);
	if (!found->function.is_enabled)
		return opp_error_set(found->error, OPP_NO_SUCH_DEVICE,
				     "%s: this card is switched off: as root, echo 1 "
				     ">/sys/bus/pci/devices/%s/enable",
				     found->text, found->where);
	*range = (struct opp_x86io_range){
		.base = at.base.first,
		.count = opp_x86io_count(at.base.first, at.base.count),
		.ecp_base = at.ecp.count ? at.ecp.first : 0,
	};
	return opp_direct_is_sound(range) ? OPP_SUCCESS : refuse_place(found, range);
}

static enum opp_status refuse_absent(const struct finding *found)
{
	return opp_error_set(
		found->error, OPP_NO_SUCH_DEVICE,
		"%s: there is no such card: 'lspci -D' and 'parport doctor' show where "
		"cards are",
		found->text);
}

enum opp_status opp_pci_find(const char *root, const struct opp_pci_name *name, bool force,
			     struct opp_x86io_range *range, int *folder, struct opp_error *error)
{
	char text[OPP_PCI_NAME_BYTES], path[PATH_MAX], where[OPP_PCI_NAME_BYTES];
	struct finding found = { .where = where, .text = text, .error = error };
	enum opp_status status;

	opp_pci_name(name, text);
	(void)snprintf(where, sizeof(where), "%.*s", (int)strcspn(text + strlen(PREFIX), "/"),
		       text + strlen(PREFIX));
	(void)snprintf(path, sizeof(path), "%s/" DEVICES "/%s", root, where);
	*folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return refuse_absent(&found);
	if (opp_pci_read(*folder, &found.function)) {
		found.model = opp_pci_model_of(&found.function.ids, found.function.class);
		status = locate(&found, name->port, force, range);
	} else {
		status = refuse_absent(&found);
	}
	if (status != OPP_SUCCESS) {
		(void)close(*folder);
		*folder = -1;
	}
	return status;
}

bool opp_pci_is_gone(int folder)
{
	return faccessat(folder, "class", F_OK, 0) != 0 && errno == ENOENT;
}
