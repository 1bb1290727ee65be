/* SPDX-License-Identifier: MIT */
/*
 * The one status every layer returns.
 *
 * A front end turns it into its own world's number with exactly one total
 * mapping: NTSTATUS (src/contract/ntstatus.c), errno and the command's exit
 * code (src/host/status.c). Each is a switch without a default, so that a new
 * status does not compile until every world has a number for it.
 */
#ifndef OPENPARPORT_STATUS_H
#define OPENPARPORT_STATUS_H

enum opp_status {
	OPP_SUCCESS,
	OPP_PENDING, /* accepted; ends later, exactly once */
	OPP_TIMEOUT, /* a transfer ran out of time, no line names a fault */
	OPP_CANCELLED,
	OPP_DELETE_PENDING, /* the port is being removed or is gone */
	OPP_DEVICE_REMOVED,
	OPP_DEVICE_BUSY, /* the port was not obtained by the deadline */
	OPP_DEVICE_NOT_CONNECTED,
	OPP_DEVICE_POWERED_OFF,
	OPP_DEVICE_PAPER_EMPTY,
	OPP_DEVICE_OFF_LINE,
	OPP_DEVICE_PROTOCOL_ERROR,
	OPP_IO_DEVICE_ERROR, /* the device reports a fault no other status names */
	OPP_NO_SUCH_DEVICE,
	OPP_NOT_A_DIRECTORY,
	OPP_ACCESS_DENIED,
	OPP_INVALID_DEVICE_REQUEST,
	OPP_INVALID_DEVICE_STATE, /* the caller does not hold what it must hold */
	OPP_INVALID_PARAMETER,
	OPP_BUFFER_TOO_SMALL,
	OPP_INSUFFICIENT_RESOURCES,
	OPP_UNSUCCESSFUL,
	OPP_KICKED, /* the holder was put out of the port by an administrator or max_hold */
};

#endif
