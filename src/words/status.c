/* SPDX-License-Identifier: MIT */
/*
 * A status in words, and as an exit code.
 *
 * No switch has a default: a new status does not compile until it has both.
 */
#include <openparport/words.h>

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_PORT = 110,
	EXIT_NOT_PERMITTED = 111,
	EXIT_REMOVED = 112,
	EXIT_KICKED = 113,
	EXIT_NOT_POSSIBLE = 114,
	EXIT_PAPER_OUT = 115,
	EXIT_OFF_LINE = 116,
	EXIT_DEVICE_ERROR = 117,
	EXIT_NOT_CONNECTED = 118,
	EXIT_PROTOCOL = 119,
	EXIT_NO_ANSWER = 120,
	EXIT_NO_RESOURCES = 121,
	EXIT_CANCELLED = 122,
	EXIT_BUSY = 124,
};

const char *opp_status_text(enum opp_status status)
{
	switch (status) {
	case OPP_SUCCESS: return "success";
	case OPP_PENDING: return "not finished yet";
	case OPP_TIMEOUT: return "the device stopped answering";
	case OPP_CANCELLED: return "cancelled";
	case OPP_DELETE_PENDING: return "the port is being removed";
	case OPP_DEVICE_REMOVED: return "the port is gone";
	case OPP_DEVICE_BUSY: return "the port is in use";
	case OPP_DEVICE_NOT_CONNECTED: return "no device is connected";
	case OPP_DEVICE_POWERED_OFF: return "the device has no power";
	case OPP_DEVICE_PAPER_EMPTY: return "the device is out of paper";
	case OPP_DEVICE_OFF_LINE: return "the device is off-line";
	case OPP_DEVICE_PROTOCOL_ERROR: return "the device broke the protocol";
	case OPP_IO_DEVICE_ERROR: return "the device reports an error";
	case OPP_NO_SUCH_DEVICE: return "no such port or device";
	case OPP_NOT_A_DIRECTORY: return "a port has no files below it";
	case OPP_ACCESS_DENIED: return "not permitted";
	case OPP_INVALID_DEVICE_REQUEST: return "the port cannot do that";
	case OPP_INVALID_DEVICE_STATE: return "the port is not held by the caller";
	case OPP_INVALID_PARAMETER: return "invalid value";
	case OPP_BUFFER_TOO_SMALL: return "the buffer is too small";
	case OPP_INSUFFICIENT_RESOURCES: return "out of memory or another resource";
	case OPP_UNSUCCESSFUL: return "failed";
	case OPP_KICKED: return "put out of the port";
	}
	return "unknown status";
}

int opp_status_exit_code(enum opp_status status)
{
	switch (status) {
	case OPP_SUCCESS: return EXIT_OK;
	case OPP_PENDING: return EXIT_FAILED;
	case OPP_TIMEOUT: return EXIT_NO_ANSWER;
	case OPP_CANCELLED: return EXIT_CANCELLED;
	case OPP_DELETE_PENDING: return EXIT_REMOVED;
	case OPP_DEVICE_REMOVED: return EXIT_REMOVED;
	case OPP_DEVICE_BUSY: return EXIT_BUSY;
	case OPP_DEVICE_NOT_CONNECTED: return EXIT_NOT_CONNECTED;
	case OPP_DEVICE_POWERED_OFF: return EXIT_NOT_CONNECTED;
	case OPP_DEVICE_PAPER_EMPTY: return EXIT_PAPER_OUT;
	case OPP_DEVICE_OFF_LINE: return EXIT_OFF_LINE;
	case OPP_DEVICE_PROTOCOL_ERROR: return EXIT_PROTOCOL;
	case OPP_IO_DEVICE_ERROR: return EXIT_DEVICE_ERROR;
	case OPP_NO_SUCH_DEVICE: return EXIT_NO_PORT;
	case OPP_NOT_A_DIRECTORY: return EXIT_NO_PORT;
	case OPP_ACCESS_DENIED: return EXIT_NOT_PERMITTED;
	case OPP_INVALID_DEVICE_REQUEST: return EXIT_NOT_POSSIBLE;
	case OPP_INVALID_DEVICE_STATE: return EXIT_NOT_POSSIBLE;
	case OPP_INVALID_PARAMETER: return EXIT_USAGE;
	case OPP_BUFFER_TOO_SMALL: return EXIT_FAILED;
	case OPP_INSUFFICIENT_RESOURCES: return EXIT_NO_RESOURCES;
	case OPP_UNSUCCESSFUL: return EXIT_FAILED;
	case OPP_KICKED: return EXIT_KICKED;
	}
	return EXIT_FAILED;
}
