/* SPDX-License-Identifier: MIT */
/*
 * The one status every layer returns.
 *
 * A front end turns it into its own world's number with exactly one total
 * mapping: NTSTATUS (src/contract/ntstatus.c), errno (src/host/status.c), a
 * command's exit code (src/words/status.c). Each is a switch without a default,
 * so that a new status does not compile until every world has a number for it.
 *
 * The numbers travel between programs and the service (OPP_IOC_LAST_WRITE): a
 * new one goes to the end.
 */
#ifndef OPENPARPORT_STATUS_H
#define OPENPARPORT_STATUS_H

enum opp_status {
	OPP_SUCCESS = 0,
	OPP_PENDING = 1, /* accepted; ends later, exactly once */
	OPP_TIMEOUT = 2, /* a transfer ran out of time, no line names a fault */
	OPP_CANCELLED = 3,
	OPP_DELETE_PENDING = 4, /* the port is being removed or is gone */
	OPP_DEVICE_REMOVED = 5,
	OPP_DEVICE_BUSY = 6, /* the port was not obtained by the deadline */
	OPP_DEVICE_NOT_CONNECTED = 7,
	OPP_DEVICE_POWERED_OFF = 8,
	OPP_DEVICE_PAPER_EMPTY = 9,
	OPP_DEVICE_OFF_LINE = 10,
	OPP_DEVICE_PROTOCOL_ERROR = 11,
	OPP_IO_DEVICE_ERROR = 12, /* the device reports a fault no other status names */
	OPP_NO_SUCH_DEVICE = 13,
	OPP_NOT_A_DIRECTORY = 14,
	OPP_ACCESS_DENIED = 15,
	OPP_INVALID_DEVICE_REQUEST = 16,
	OPP_INVALID_DEVICE_STATE = 17, /* the caller does not hold what it must hold */
	OPP_INVALID_PARAMETER = 18,
	OPP_BUFFER_TOO_SMALL = 19,
	OPP_INSUFFICIENT_RESOURCES = 20,
	OPP_UNSUCCESSFUL = 21,
	OPP_KICKED = 22, /* the holder was put out of the port by an administrator or max_hold */
};

#endif
