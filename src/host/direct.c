/* SPDX-License-Identifier: MIT */
/*
 * Before registers of this machine are touched: a kernel driver that has them must not be
 * disturbed, and what refuses them is told apart.
 */
#include "direct.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "process.h"

#define PREFIX       "io:"
#define ECP_DISTANCE 0x400u
#define LEGACY_MOST  0x3f8u /* above it an address plus ECP_DISTANCE is another card's */
#define REGISTERS    3u
#define OWNER_BYTES  64

/* ---- which registers ------------------------------------------------------------------- */

/* A number at *@text, which moves behind it. */
static bool take_address(const char **text, uint16_t *address)
{
	const bool hex = strncmp(*text, "0x", 2) == 0;
	const char *digits = hex ? *text + 2 : *text;
	const size_t count = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
	unsigned long value;

	if (count == 0 || count > 5)
		return false;
	value = strtoul(digits, NULL, hex ? 16 : 10);
	if (value == 0 || value > UINT16_MAX - 8)
		return false;
	*address = (uint16_t)value;
	*text = digits + count;
	return true;
}

bool opp_direct_parse(const char *text, struct opp_direct_range *range)
{
	*range = (struct opp_direct_range){ 0 };
	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
		return false;
	text += strlen(PREFIX);
	if (!take_address(&text, &range->base) || range->base % 4 != 0)
		return false;
	if (*text == '\0') {
		if (range->base < LEGACY_MOST)
			range->ecp_base = (uint16_t)(range->base + ECP_DISTANCE);
		return true;
	}
	if (*text++ != '+')
		return false;
	return strcmp(text, "none") == 0 ||
	       (take_address(&text, &range->ecp_base) && *text == '\0');
}

/* ---- whose they are ----------------------------------------------------------------------- */

/* Buses and bridges have ranges, too, which those of devices lie in: these do not count. */
static bool is_a_bus(const char *name)
{
	return strncmp(name, "PCI ", 4) == 0 || strncmp(name, "ACPI ", 5) == 0 ||
	       strncmp(name, "0000:", 5) == 0 || strncmp(name, "pnp ", 4) == 0;
}

bool opp_direct_owner(const char *ioports, uint16_t first, uint16_t count, char *owner,
		      size_t owner_bytes)
{
	const char *line;
	const char *end;

	for (line = ioports; line && *line; line = end ? end + 1 : NULL) {
		unsigned int low;
		unsigned int high;
		int name = 0;

		end = strchr(line, '\n');
		if (sscanf(line, " %x-%x : %n", &low, &high, &name) != 2 || name == 0)
			continue;
		if (low >= first + count || high < first || is_a_bus(line + name))
			continue;
		(void)snprintf(owner, owner_bytes, "%.*s", (int)strcspn(line + name, "\n"),
			       line + name);
		return true;
	}
	return false;
}

/* Returns NULL when it cannot be read: the caller then knows of no owner. */
static char *read_ioports(void)
{
	FILE *file = fopen("/proc/ioports", "re");
	char *text = NULL;
	size_t bytes = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &bytes, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	(void)fclose(file);
	return text;
}

static enum opp_status refuse_owned(const struct opp_direct_range *range, struct opp_error *error)
{
	char *ioports = read_ioports();
	char owner[OWNER_BYTES];
	enum opp_status status = OPP_SUCCESS;

	if (ioports && (opp_direct_owner(ioports, range->base, REGISTERS, owner, sizeof(owner)) ||
			(range->ecp_base && opp_direct_owner(ioports, range->ecp_base, REGISTERS,
							     owner, sizeof(owner)))))
		status =
			opp_error_set(error, OPP_DEVICE_BUSY,
				      "io:0x%x: the kernel's driver %s has these registers: unload "
				      "it (rmmod lp ppdev parport_pc), or set force = true if you "
				      "know that it leaves them alone",
				      range->base, owner);
	free(ioports);
	return status;
}

/* ---- opening ---------------------------------------------------------------------------------- */

static enum opp_status explain(const struct opp_direct_range *range, enum opp_status status,
			       int failed, struct opp_error *error)
{
	if (status == OPP_NO_SUCH_DEVICE)
		return opp_error_set(
			error, status,
			"io:0x%x: no parallel port answers there: see /proc/ioports and "
			"'lspci -v' for its address, and try probe = full",
			range->base);
	if (failed == ENOSYS)
		return opp_error_set(error, status,
				     "io:0x%x: this kernel gives no program port instructions "
				     "(CONFIG_X86_IOPL_IOPERM is off)",
				     range->base);
	if (failed == EPERM)
		return opp_error_set(error, status,
				     "io:0x%x: no right to use port instructions: run as root or "
				     "with CAP_SYS_RAWIO; a kernel that is locked down (Secure "
				     "Boot) refuses them to everybody",
				     range->base);
	return opp_error_set(error, status, "io:0x%x: no access to the registers: %s", range->base,
			     strerror(failed));
}

enum opp_status opp_direct_open(struct opp_backend_x86io *direct,
				const struct opp_host_config *config, struct opp_error *error)
{
	struct opp_direct_range range;
	enum opp_status status = OPP_SUCCESS;
	int failed;

	if (!opp_direct_parse(config->back_end, &range))
		return opp_error_set(error, OPP_INVALID_PARAMETER, "\"%.64s\": expected io:0x378",
				     config->back_end);
	if (!config->force)
		status = refuse_owned(&range, error);
	if (status != OPP_SUCCESS)
		return status;
	status = opp_backend_x86io_open(direct, range.base, range.ecp_base, &opp_host_env,
					(enum opp_probe)config->probe, &failed);
	return status == OPP_SUCCESS ? status : explain(&range, status, failed, error);
}
