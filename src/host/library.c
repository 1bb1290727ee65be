/* SPDX-License-Identifier: MIT */
/* libopenparport: finds out what a name means; the rest is the port's own kind's. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openparport/device.h>

#include "direct.h"
#include "error.h"
#include "handle.h"

#define SYSTEM_MOUNT "/run/openparport"

#define LAST_PORT  65534u
#define NAME_BYTES 32 /* of a file of the mount */

/* The number behind @prefix in @name, if that is all there is. */
static bool number_behind(const char *prefix, const char *name, unsigned int *number)
{
	const size_t length = strlen(prefix);
	const char *digits = name + length;
	unsigned long value;

	if (strncmp(name, prefix, length) != 0)
		return false;
	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return false;
	value = strtoul(digits, NULL, 10);
	*number = (unsigned int)value;
	return value <= LAST_PORT;
}

enum opp_status opp_default_mount(char *path, size_t bytes)
{
	const char *mount = getenv("OPENPARPORT_MOUNT");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int length;

	if (mount && mount[0])
		length = snprintf(path, bytes, "%s", mount);
	else if (geteuid() != 0 && runtime && runtime[0] && access(SYSTEM_MOUNT, F_OK) != 0 &&
		 errno == ENOENT)
		length = snprintf(path, bytes, "%s/openparport", runtime);
	else
		length = snprintf(path, bytes, SYSTEM_MOUNT);
	return length >= 0 && (size_t)length < bytes ? OPP_SUCCESS : OPP_INVALID_PARAMETER;
}

static enum opp_status open_below_mount(const char *file, struct opp_handle **handle,
					struct opp_error *error)
{
	char mount[PATH_MAX], path[PATH_MAX];

	if (opp_default_mount(mount, sizeof(mount)) != OPP_SUCCESS ||
	    snprintf(path, sizeof(path), "%s/%s", mount, file) >= (int)sizeof(path))
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "the path of the mount is too long");
	return opp_served_open(path, handle, error);
}

static enum opp_status open_served(const char *name, struct opp_handle **handle,
				   struct opp_error *error)
{
	char file[NAME_BYTES];
	unsigned int number;

	if (strchr(name, '/'))
		return opp_served_open(name, handle, error);
	if (number_behind("lpt", name, &number) && number > 0)
		number--;
	else if (!number_behind("parport", name, &number))
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "\"%.64s\": expected lpt1, parport0, a path, io:0x378, "
				     "pci:0000:03:00.0, ppdev:/dev/parport0 or sim:KEY=VALUE",
				     name);
	(void)snprintf(file, sizeof(file), "parport%u", number);
	return open_below_mount(file, handle, error);
}

static bool starts_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* All of this process that name the same registers, or the same card, share one port. */
static enum opp_status open_direct(const char *name, struct opp_handle **handle,
				   struct opp_error *error)
{
	char same[OPP_DIRECT_NAME_BYTES];

	if (!opp_direct_name(name, same))
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "\"%.64s\": expected io:0x378 or pci:0000:03:00.0", name);
	return opp_local_open(OPP_LOCAL_REAL, same, handle, error);
}

static bool is_real(const char *name)
{
	return starts_with(name, "io:") || starts_with(name, "pci:") || starts_with(name, "ppdev:");
}

static enum opp_status open_real(const char *name, struct opp_handle **handle,
				 struct opp_error *error)
{
	if (starts_with(name, "ppdev:"))
		return opp_local_open(OPP_LOCAL_REAL, name, handle, error);
	return open_direct(name, handle, error);
}

enum opp_status opp_open(const char *name, struct opp_handle **handle, struct opp_error *error)
{
	if (starts_with(name, "sim:"))
		return opp_local_open(OPP_LOCAL_SIMULATED, name + 4, handle, error);
	if (is_real(name))
		return open_real(name, handle, error);
	return open_served(name, handle, error);
}

/* ---- devices -------------------------------------------------------------------------- */

/* The place behind a "." at *@text, which moves behind it; without one it is the raw device. */
static bool take_place(const char **text, uint8_t *place)
{
	*place = OPP_PLACE_RAW;
	if (**text != '.')
		return true;
	if ((*text)[1] < '0' || (*text)[1] > '0' + (int)OPP_PLACE_END_OF_CHAIN)
		return false;
	*place = (uint8_t)((*text)[1] - '0');
	*text += 2;
	return true;
}

static bool is_device_name(const char *name)
{
	const size_t digits = strncmp(name, "lpt", 3) == 0 ? strspn(name + 3, "0123456789") : 0;
	const char *rest = name + 3 + digits;
	uint8_t place;

	return digits > 0 && digits < NAME_BYTES / 2 && take_place(&rest, &place) && *rest == '\0';
}

static enum opp_status open_served_device(const char *name, struct opp_handle **handle,
					  struct opp_error *error)
{
	enum opp_status status;

	if (strchr(name, '/'))
		status = opp_served_open(name, handle, error);
	else if (is_device_name(name))
		status = open_below_mount(name, handle, error);
	else
		status = opp_error_set(
			error, OPP_INVALID_PARAMETER,
			"\"%.64s\": expected lpt1, lpt1.0, a path, sim:KEY=VALUE or sim.0:KEY=VALUE",
			name);
	return status;
}

static enum opp_status open_local_device(const char *name, struct opp_handle **handle,
					 struct opp_error *error)
{
	const char *rest = name + 3;
	enum opp_status status;
	uint8_t place = OPP_PLACE_RAW;

	if (is_real(name))
		status = open_real(name, handle, error);
	else if (take_place(&rest, &place) && *rest == ':')
		status = opp_local_open(OPP_LOCAL_SIMULATED, rest + 1, handle, error);
	else
		status =
			opp_error_set(error, OPP_INVALID_PARAMETER,
				      "\"%.64s\": expected sim:KEY=VALUE or sim.0:KEY=VALUE", name);
	if (status != OPP_SUCCESS)
		return status;
	status = opp_local_open_device(*handle, place);
	if (status == OPP_SUCCESS)
		return status;
	opp_close(*handle);
	return opp_error_set(error, status, "%.64s: %s", name, opp_status_text(status));
}

enum opp_status opp_open_device(const char *name, struct opp_handle **handle,
				struct opp_error *error)
{
	const bool is_local =
		starts_with(name, "sim:") || starts_with(name, "sim.") || is_real(name);
	enum opp_status status = is_local ? open_local_device(name, handle, error)
					  : open_served_device(name, handle, error);

	if (status != OPP_SUCCESS)
		return status;
	status = opp_handle_becomes_device(*handle);
	if (status == OPP_SUCCESS)
		return status;
	opp_close(*handle);
	return opp_error_set(error, status, "%.160s: %s", name,
			     status == OPP_ACCESS_DENIED ? "another one has this device open"
							 : opp_status_text(status));
}

void opp_close(struct opp_handle *handle)
{
	if (handle)
		handle->ops->close(handle);
}

enum opp_status opp_allocate(struct opp_handle *handle, uint64_t timeout_us)
{
	return handle->ops->allocate(handle, timeout_us);
}

enum opp_status opp_free(struct opp_handle *handle)
{
	return handle->ops->free(handle);
}

enum opp_status opp_cancel(struct opp_handle *handle)
{
	return handle->ops->cancel(handle);
}

enum opp_status opp_waiters(struct opp_handle *handle, uint32_t *count)
{
	return handle->ops->waiters(handle, count);
}

enum opp_status opp_read_data(struct opp_handle *handle, uint8_t *value)
{
	return handle->ops->read_register(handle, OPP_HOST_DATA, value);
}

enum opp_status opp_write_data(struct opp_handle *handle, uint8_t value)
{
	return handle->ops->write_register(handle, OPP_HOST_DATA, value);
}

enum opp_status opp_read_status(struct opp_handle *handle, uint8_t *value)
{
	return handle->ops->read_register(handle, OPP_HOST_STATUS, value);
}

enum opp_status opp_read_control(struct opp_handle *handle, uint8_t *value)
{
	return handle->ops->read_register(handle, OPP_HOST_CONTROL, value);
}

enum opp_status opp_write_control(struct opp_handle *handle, uint8_t value)
{
	return handle->ops->write_register(handle, OPP_HOST_CONTROL, value);
}

enum opp_status opp_set_direction(struct opp_handle *handle, int reverse)
{
	return handle->ops->write_register(handle, OPP_HOST_DIRECTION, reverse != 0);
}

enum opp_status opp_registers(struct opp_handle *handle, struct opp_ioc_registers *registers)
{
	const enum opp_status status = handle->ops->registers(handle, registers);

	return status == OPP_SUCCESS ? opp_direct_enter(registers) : status;
}

enum opp_status opp_write(struct opp_handle *handle, const void *bytes, size_t count,
			  uint64_t timeout_us, size_t *sent)
{
	size_t unwanted;

	return handle->ops->write(handle, bytes, count, timeout_us, sent ? sent : &unwanted);
}

enum opp_status opp_get_status(struct opp_handle *handle, struct opp_ioc_status *status)
{
	return handle->ops->get_status(handle, status);
}

enum opp_status opp_get_info(struct opp_handle *handle, struct opp_ioc_info *info)
{
	return handle->ops->get_info(handle, info);
}

enum opp_status opp_get_pins(struct opp_handle *handle, struct opp_ioc_pins *pins)
{
	return handle->ops->get_pins(handle, pins);
}

enum opp_status opp_kick(struct opp_handle *handle, const struct opp_ioc_who *who)
{
	return handle->ops->kick(handle, who ? who->client : 0);
}

int opp_events(struct opp_handle *handle)
{
	return handle->ops->events(handle);
}
