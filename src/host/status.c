/* SPDX-License-Identifier: MIT */
/*
 * A status as the number that a served file's call fails with.
 *
 * The switch has no default: a new status does not compile until it has one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "error.h"

int opp_status_errno(enum opp_status status)
{
	switch (status) {
	case OPP_SUCCESS: return 0;
	case OPP_PENDING: return EINPROGRESS;
	case OPP_TIMEOUT: return ETIMEDOUT;
	case OPP_CANCELLED: return ECANCELED;
	case OPP_DELETE_PENDING: return ENODEV;
	case OPP_DEVICE_REMOVED: return ENODEV;
	case OPP_DEVICE_BUSY: return EBUSY;
	case OPP_DEVICE_NOT_CONNECTED: return ENXIO;
	case OPP_DEVICE_POWERED_OFF: return ENXIO;
	case OPP_DEVICE_PAPER_EMPTY: return ENOSPC;
	case OPP_DEVICE_OFF_LINE: return ENXIO;
	case OPP_DEVICE_PROTOCOL_ERROR: return EPROTO;
	case OPP_IO_DEVICE_ERROR: return EIO;
	case OPP_NO_SUCH_DEVICE: return ENOENT;
	case OPP_NOT_A_DIRECTORY: return ENOTDIR;
	case OPP_ACCESS_DENIED: return EPERM;
	case OPP_INVALID_DEVICE_REQUEST: return EOPNOTSUPP;
	case OPP_INVALID_DEVICE_STATE: return EINVAL;
	case OPP_INVALID_PARAMETER: return EINVAL;
	case OPP_BUFFER_TOO_SMALL: return ENOBUFS;
	case OPP_INSUFFICIENT_RESOURCES: return ENOMEM;
	case OPP_UNSUCCESSFUL: return EIO;
	case OPP_KICKED: return EIO;
	}
	return EIO;
}

enum opp_status opp_error_set(struct opp_error *error, enum opp_status status, const char *format,
			      ...)
{
	va_list arguments;

	if (!error)
		return status;
	error->status = status;
	va_start(arguments, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return status;
}
