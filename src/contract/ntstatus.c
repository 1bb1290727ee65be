/* SPDX-License-Identifier: MIT */
/*
 * The engine's statuses as NTSTATUS values. No default: a new status does not
 * compile before it has a value here.
 */
#include <openparport/contract.h>

int32_t opp_ntstatus(enum opp_status status)
{
	switch (status) {
	case OPP_SUCCESS: return OPP_NT_SUCCESS;
	case OPP_PENDING: return OPP_NT_PENDING;
	case OPP_TIMEOUT: return OPP_NT_TIMEOUT;
	case OPP_CANCELLED: return OPP_NT_CANCELLED;
	case OPP_DELETE_PENDING: return OPP_NT_DELETE_PENDING;
	case OPP_DEVICE_REMOVED: return OPP_NT_DEVICE_REMOVED;
	case OPP_DEVICE_BUSY: return OPP_NT_DEVICE_BUSY;
	case OPP_DEVICE_NOT_CONNECTED: return OPP_NT_DEVICE_NOT_CONNECTED;
	case OPP_DEVICE_POWERED_OFF: return OPP_NT_DEVICE_POWERED_OFF;
	case OPP_DEVICE_PAPER_EMPTY: return OPP_NT_DEVICE_PAPER_EMPTY;
	case OPP_DEVICE_OFF_LINE: return OPP_NT_DEVICE_OFF_LINE;
	case OPP_DEVICE_PROTOCOL_ERROR: return OPP_NT_DEVICE_PROTOCOL_ERROR;
	case OPP_IO_DEVICE_ERROR: return OPP_NT_IO_DEVICE_ERROR;
	case OPP_NO_SUCH_DEVICE: return OPP_NT_NO_SUCH_DEVICE;
	case OPP_NOT_A_DIRECTORY: return OPP_NT_NOT_A_DIRECTORY;
	case OPP_ACCESS_DENIED: return OPP_NT_ACCESS_DENIED;
	case OPP_INVALID_DEVICE_REQUEST: return OPP_NT_INVALID_DEVICE_REQUEST;
	case OPP_INVALID_DEVICE_STATE: return OPP_NT_INVALID_DEVICE_STATE;
	case OPP_INVALID_PARAMETER: return OPP_NT_INVALID_PARAMETER;
	case OPP_BUFFER_TOO_SMALL: return OPP_NT_BUFFER_TOO_SMALL;
	case OPP_INSUFFICIENT_RESOURCES: return OPP_NT_INSUFFICIENT_RESOURCES;
	case OPP_UNSUCCESSFUL: return OPP_NT_UNSUCCESSFUL;
	/* No document knows an administrator's kick: the port is refused to this file. */
	case OPP_KICKED: return OPP_NT_ACCESS_DENIED;
	}
	/* Only a value outside the enum comes here. */
	return OPP_NT_UNSUCCESSFUL;
}
