/* SPDX-License-Identifier: MIT */
/*
 * Before registers of this machine are touched: a kernel driver or a process that has them
 * must not be disturbed, and what refuses them is told apart.
 */
#include "direct.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "process.h"

#define PREFIX        "io:"
#define ECP_DISTANCE  0x400u
#define LEAST_ADDRESS 0x100u
#define OWNER_BYTES   64
#define SYSTEM_ROOT   "" /* of /sys */

/* Where only root makes files: nobody else can keep us from a port. */
#define LOCK_FILE "/run/openparport-io.lock"

/* ---- which registers ------------------------------------------------------------------- */

static bool is_address(unsigned long value)
{
	return value >= LEAST_ADDRESS && value <= UINT16_MAX - OPP_X86IO_EPP_REGISTERS;
}

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
	if (!is_address(value))
		return false;
	*address = (uint16_t)value;
	*text = digits + count;
	return true;
}

/* Behind another address @base + ECP_DISTANCE is another card. */
static uint16_t usual_ecp_base(uint16_t base)
{
	const bool is_of_old = base == 0x378 || base == 0x278 || base == 0x3bc;

	return is_of_old ? (uint16_t)(base + ECP_DISTANCE) : 0;
}

static bool meet(uint16_t one, uint16_t one_count, uint16_t other, uint16_t other_count)
{
	return one < other + other_count && other < one + one_count;
}

static bool has_any(const struct opp_x86io_range *range, uint16_t first, uint16_t count)
{
	return meet(range->base, range->count, first, count) ||
	       (range->ecp_base && meet(range->ecp_base, OPP_X86IO_ECP_REGISTERS, first, count));
}

static bool take_ecp_base(const char *text, struct opp_x86io_range *range)
{
	uint16_t ecp_base;

	if (strcmp(text, "none") == 0)
		return true;
	if (!take_address(&text, &ecp_base) || *text != '\0')
		return false;
	range->ecp_base = ecp_base;
	return true;
}

bool opp_direct_is_sound(const struct opp_x86io_range *range)
{
	return is_address(range->base) && range->base % 4 == 0 &&
	       (range->count == OPP_X86IO_REGISTERS || range->count == OPP_X86IO_EPP_REGISTERS) &&
	       (!range->ecp_base ||
		(is_address(range->ecp_base) &&
		 !meet(range->base, range->count, range->ecp_base, OPP_X86IO_ECP_REGISTERS)));
}

bool opp_direct_parse(const char *text, struct opp_x86io_range *range)
{
	*range = (struct opp_x86io_range){ 0 };
	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
		return false;
	text += strlen(PREFIX);
	if (!take_address(&text, &range->base))
		return false;
	range->count = opp_x86io_count(range->base, OPP_X86IO_EPP_REGISTERS);
	if (*text == '\0')
		range->ecp_base = usual_ecp_base(range->base);
	else if (*text != '+' || !take_ecp_base(text + 1, range))
		return false;
	return opp_direct_is_sound(range);
}

static void name_range(const struct opp_x86io_range *range, char *text)
{
	const int length = snprintf(text, OPP_DIRECT_NAME_BYTES, PREFIX "0x%x", range->base);
	const size_t room = OPP_DIRECT_NAME_BYTES - (size_t)length;

	if (range->ecp_base == usual_ecp_base(range->base))
		return;
	if (range->ecp_base)
		(void)snprintf(text + length, room, "+0x%x", range->ecp_base);
	else
		(void)snprintf(text + length, room, "+none");
}

bool opp_direct_name(const char *text, char *name)
{
	struct opp_x86io_range range;
	struct opp_pci_name card;

	if (opp_pci_parse(text, &card))
		opp_pci_name(&card, name);
	else if (opp_direct_parse(text, &range))
		name_range(&range, name);
	else
		return false;
	return true;
}

bool opp_direct_overlap(const char *one, const char *other)
{
	struct opp_pci_name card, other_card;
	struct opp_x86io_range range, with;

	if (opp_pci_parse(one, &card) && opp_pci_parse(other, &other_card))
		return opp_pci_same(&card, &other_card);
	return opp_direct_parse(one, &range) && opp_direct_parse(other, &with) &&
	       (has_any(&range, with.base, with.count) ||
		(with.ecp_base && has_any(&range, with.ecp_base, OPP_X86IO_ECP_REGISTERS)));
}

/* ---- whose they are ----------------------------------------------------------------------- */

/*
 * Buses, cards and parts of the board have ranges which those of drivers lie in: "PCI Bus
 * 0000:00", "0000:05:00.0" and "pnp 00:02". "PCI conf1" and "ACPI ..." are in use themselves.
 */
static bool is_around_others(const char *name)
{
	int end = 0;

	(void)sscanf(name, "%*x:%*x:%*x.%*x%n", &end);
	return strncmp(name, "PCI Bus ", 8) == 0 || strncmp(name, "pnp ", 4) == 0 ||
	       (end > 0 && (name[end] == '\n' || name[end] == '\0'));
}

enum opp_direct_ownership opp_direct_owner(const char *ioports, uint16_t first, uint16_t count,
					   char *owner, size_t owner_bytes)
{
	enum opp_direct_ownership ownership = OPP_DIRECT_UNKNOWN;
	const char *line;
	const char *end;

	for (line = ioports; line && *line; line = end ? end + 1 : NULL) {
		unsigned int low;
		unsigned int high;
		int name = 0;

		end = strchr(line, '\n');
		if (sscanf(line, " %x-%x : %n", &low, &high, &name) != 2 || name == 0 || high == 0)
			continue;
		ownership = OPP_DIRECT_FREE;
		if (low >= first + count || high < first || is_around_others(line + name))
			continue;
		(void)snprintf(owner, owner_bytes, "%.*s", (int)strcspn(line + name, "\n"),
			       line + name);
		return OPP_DIRECT_OWNED;
	}
	return ownership;
}

/* NULL: it cannot be read. */
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

static enum opp_direct_ownership find_owner(const struct opp_x86io_range *range, char *owner)
{
	char *ioports = read_ioports();
	enum opp_direct_ownership ownership =
		opp_direct_owner(ioports, range->base, range->count, owner, OWNER_BYTES);

	if (ownership == OPP_DIRECT_FREE && range->ecp_base)
		ownership = opp_direct_owner(ioports, range->ecp_base, OPP_X86IO_ECP_REGISTERS,
					     owner, OWNER_BYTES);
	free(ioports);
	return ownership;
}

static enum opp_status refuse_owned(const struct opp_x86io_range *range, struct opp_error *error)
{
	char owner[OWNER_BYTES];

	switch (find_owner(range, owner)) {
	case OPP_DIRECT_FREE: break;
	case OPP_DIRECT_OWNED:
		return opp_error_set(error, OPP_DEVICE_BUSY,
				     "io:0x%x: the kernel's driver %s has these registers: unload "
				     "it; of parport0 and its like the modules are lp, ppdev and "
				     "parport_pc or parport_serial",
				     range->base, owner);
	case OPP_DIRECT_UNKNOWN:
		return opp_error_set(error, OPP_ACCESS_DENIED,
				     "io:0x%x: no right to see whose registers these are "
				     "(/proc/ioports): run as root, or with CAP_SYS_ADMIN, "
				     "CAP_DAC_OVERRIDE and CAP_SYS_RAWIO",
				     range->base);
	}
	return OPP_SUCCESS;
}

/* ---- opening ---------------------------------------------------------------------------------- */

/* Whoever may not have the file is not kept apart from others: that takes "force". */
static enum opp_status lock(struct opp_direct *direct, const struct opp_x86io_range *range,
			    bool force, struct opp_error *error)
{
	pid_t holder = 0;
	const int failed = opp_direct_lock(LOCK_FILE, range, &direct->lock, &holder);

	if (failed == EBUSY && holder)
		return opp_error_set(error, OPP_DEVICE_BUSY,
				     "io:0x%x: process %d uses these registers: end it, or use the "
				     "port through the service if that is parportd",
				     range->base, (int)holder);
	if (failed == EBUSY)
		return opp_error_set(error, OPP_DEVICE_BUSY,
				     "io:0x%x: another process uses these registers", range->base);
	if (failed && !force)
		return opp_error_set(error, OPP_ACCESS_DENIED,
				     "io:0x%x: cannot keep other processes from these registers: "
				     "%s: %s",
				     range->base, LOCK_FILE, strerror(failed));
	return OPP_SUCCESS;
}

static enum opp_status explain(const struct opp_x86io_range *range, enum opp_status status,
			       int failed, struct opp_error *error)
{
	if (status == OPP_NO_SUCH_DEVICE)
		return opp_error_set(error, status,
				     "io:0x%x: no parallel port answers there: 'lspci -v' tells a "
				     "card's address, the firmware's setup that of a port on the "
				     "board",
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

static enum opp_status find(struct opp_direct *direct, const struct opp_host_config *config,
			    struct opp_x86io_range *range, struct opp_error *error)
{
	struct opp_pci_name card;

	if (opp_pci_parse(config->back_end, &card))
		return opp_pci_find(SYSTEM_ROOT, &card, config->force, range, &direct->folder,
				    error);
	if (opp_direct_parse(config->back_end, range))
		return OPP_SUCCESS;
	return opp_error_set(error, OPP_INVALID_PARAMETER,
			     "\"%.64s\": expected io:0x378 or pci:0000:03:00.0", config->back_end);
}

static enum opp_status take(struct opp_direct *direct, const struct opp_host_config *config,
			    const struct opp_x86io_range *range, struct opp_error *error)
{
	enum opp_status status = OPP_SUCCESS;
	int failed;

	if (!config->force)
		status = refuse_owned(range, error);
	if (status == OPP_SUCCESS)
		status = lock(direct, range, config->force, error);
	if (status != OPP_SUCCESS)
		return status;
	status = opp_backend_x86io_open(&direct->port, range, &opp_host_env,
					(enum opp_probe)config->probe, &failed);
	return status == OPP_SUCCESS ? status : explain(range, status, failed, error);
}

enum opp_status opp_direct_open(struct opp_direct *direct, const struct opp_host_config *config,
				struct opp_error *error)
{
	struct opp_x86io_range range;
	enum opp_status status;

	direct->lock = -1;
	direct->folder = -1;
	status = find(direct, config, &range, error);
	if (status == OPP_SUCCESS)
		status = take(direct, config, &range, error);
	if (status != OPP_SUCCESS)
		opp_direct_close(direct);
	return status;
}

void opp_direct_close(struct opp_direct *direct)
{
	if (direct->lock >= 0)
		(void)close(direct->lock);
	if (direct->folder >= 0)
		(void)close(direct->folder);
}

/* ---- for a client's own accesses --------------------------------------------------------- */

struct opp_ioc_registers opp_direct_registers(const struct opp_direct *direct)
{
	const struct opp_x86io_range *range = &direct->port.range;

	return (struct opp_ioc_registers){
		.base = range->base,
		.count = range->count,
		.ecp_base = range->ecp_base,
		.ecp_count = range->ecp_base ? OPP_X86IO_ECP_REGISTERS : 0,
	};
}

enum opp_status opp_direct_enter(const struct opp_ioc_registers *registers)
{
	const struct opp_x86io_range range = { registers->base, registers->count,
					       registers->ecp_base };

	if (!opp_direct_is_sound(&range))
		return OPP_UNSUCCESSFUL;
	return opp_backend_x86io_hand_out(&range) == 0 ? OPP_SUCCESS : OPP_ACCESS_DENIED;
}

bool opp_direct_is_lost(const struct opp_direct *direct)
{
	return direct->folder >= 0 && opp_pci_is_gone(direct->folder);
}
