/* SPDX-License-Identifier: MIT */
/*
 * libopenparport: one port, from a program in user space.
 *
 * A port is opened by name: "lpt1", "parport0" or a path (a port that parportd
 * serves), or "sim:..." (a simulated port inside this process, see
 * opp_open). Allocate it before anything else touches it; free it soon.
 *
 * Every function may be called from any thread, also on one handle, and
 * returns a status of <openparport/status.h>. None keeps a pointer it was
 * given. opp_status_text() and the error of opp_open() are for people.
 */
#ifndef OPENPARPORT_HOSTED_OPENPARPORT_H
#define OPENPARPORT_HOSTED_OPENPARPORT_H

#include <stddef.h>
#include <stdint.h>

#include <openparport/hosted/parportd_ioctl.h>
#include <openparport/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OPP_FOREVER_US		UINT64_MAX
#define OPP_ERROR_BYTES		320

struct opp_handle;

/* What failed, on what, and what to do: one sentence each, no line break. */
struct opp_error {
	enum opp_status status;
	char text[OPP_ERROR_BYTES];
};

/*
 * opp_open - open a port.
 * @name: "lpt<n>" or "parport<m>" (m = n - 1) below the mount
 *	($OPENPARPORT_MOUNT, default /run/openparport); a path with a slash; or
 *	"sim:KEY=VALUE,..." with the keys chip, peripheral, output ... of
 *	parport.conf(5), e.g. "sim:peripheral=printer,output=page.prn".
 * @handle: where the new handle goes; the caller closes it with opp_close.
 * @error: filled on failure; may be NULL.
 * Errors: NO_SUCH_DEVICE (no such port or no service), ACCESS_DENIED,
 *	INVALID_PARAMETER (a malformed name), INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_open(const char *name, struct opp_handle **handle, struct opp_error *error);

/* Frees what the handle holds or wants. NULL is fine. */
void opp_close(struct opp_handle *handle);

/*
 * opp_allocate - wait for the port.
 * @timeout_us: 0 asks once and never waits in line; OPP_FOREVER_US: no limit.
 * Returns SUCCESS: the port is this handle's until opp_free.
 * Errors: DEVICE_BUSY (not obtained in time), CANCELLED (opp_cancel, or a
 *	signal), DELETE_PENDING, KICKED (open the port again).
 */
enum opp_status opp_allocate(struct opp_handle *handle, uint64_t timeout_us);

/* Errors: INVALID_DEVICE_STATE (not held by this handle), DELETE_PENDING, KICKED. */
enum opp_status opp_free(struct opp_handle *handle);

/* Ends an opp_allocate or opp_write that waits on this handle in another thread. */
enum opp_status opp_cancel(struct opp_handle *handle);

/* Requests in line; 0 means nobody waits for this port. */
enum opp_status opp_waiters(struct opp_handle *handle, uint32_t *count);

/* ---- registers, as a PC port shows them; the port must be held ------------- */

enum opp_status opp_read_data(struct opp_handle *handle, uint8_t *value);
enum opp_status opp_write_data(struct opp_handle *handle, uint8_t value);
enum opp_status opp_read_status(struct opp_handle *handle, uint8_t *value);
enum opp_status opp_read_control(struct opp_handle *handle, uint8_t *value);
enum opp_status opp_write_control(struct opp_handle *handle, uint8_t value);
/* @reverse: non-zero makes the data lines inputs. Errors: INVALID_DEVICE_REQUEST (chip cannot). */
enum opp_status opp_set_direction(struct opp_handle *handle, int reverse);

/*
 * opp_write - send bytes in compatibility mode; the port must be held.
 * @sent: bytes the device took, exact also on every error; may be NULL.
 * @timeout_us: longest time without progress.
 * Errors: TIMEOUT, CANCELLED, DEVICE_PAPER_EMPTY, DEVICE_OFF_LINE,
 *	IO_DEVICE_ERROR, DEVICE_NOT_CONNECTED, DEVICE_POWERED_OFF,
 *	INVALID_DEVICE_STATE (not held), KICKED.
 */
enum opp_status opp_write(struct opp_handle *handle, const void *bytes, size_t count,
			  uint64_t timeout_us, size_t *sent);

/* ---- what is going on; nobody needs to hold the port ------------------------ */

enum opp_status opp_get_status(struct opp_handle *handle, struct opp_ioc_status *status);
enum opp_status opp_get_info(struct opp_handle *handle, struct opp_ioc_info *info);
enum opp_status opp_get_pins(struct opp_handle *handle, struct opp_ioc_pins *pins);

/* Errors: ACCESS_DENIED, INVALID_DEVICE_STATE (nobody holds the port). */
enum opp_status opp_kick(struct opp_handle *handle);

/* ---- for people --------------------------------------------------------------- */

/* A short phrase in lower case without a full stop; never NULL, static. */
const char *opp_status_text(enum opp_status status);
/* 0 .. 125 as parport(1) lists them. */
int opp_status_exit_code(enum opp_status status);
/* Positive; 0 for SUCCESS. */
int opp_status_errno(enum opp_status status);

#ifdef __cplusplus
}
#endif

#endif
