/* SPDX-License-Identifier: MIT */
/* The two kinds of ports behind a struct opp_handle: in this process, or served. */
#ifndef OPP_HANDLE_H
#define OPP_HANDLE_H

#include <openparport/names.h>

#include "host_port.h"

/* Each does what the function of <openparport/hosted/openparport.h> of its name says. */
struct opp_handle_ops {
	void (*close)(struct opp_handle *handle);
	enum opp_status (*allocate)(struct opp_handle *handle, uint64_t timeout_us);
	enum opp_status (*free)(struct opp_handle *handle);
	enum opp_status (*cancel)(struct opp_handle *handle);
	enum opp_status (*waiters)(struct opp_handle *handle, uint32_t *count);
	enum opp_status (*read_register)(struct opp_handle *handle, enum opp_host_register which,
					 uint8_t *value);
	enum opp_status (*write_register)(struct opp_handle *handle, enum opp_host_register which,
					  uint8_t value);
	/* Where they are; the calling thread's right to them is opp_registers' business. */
	enum opp_status (*registers)(struct opp_handle *handle,
				     struct opp_ioc_registers *registers);
	enum opp_status (*write)(struct opp_handle *handle, const void *bytes, size_t count,
				 uint64_t timeout_us, size_t *sent);
	enum opp_status (*read)(struct opp_handle *handle, void *bytes, size_t room,
				uint64_t timeout_us, size_t *got);
	/* A request that changes modes or connections; @wire says what, and learns how it went. */
	enum opp_status (*wire)(struct opp_handle *handle, enum opp_host_req_kind kind,
				struct opp_ioc_wire *wire);
	/* id->wire.count of id->bytes are filled in. */
	enum opp_status (*device_id)(struct opp_handle *handle, struct opp_ioc_device_id *id);
	enum opp_status (*get_status)(struct opp_handle *handle, struct opp_ioc_status *status);
	enum opp_status (*get_info)(struct opp_handle *handle, struct opp_ioc_info *info);
	enum opp_status (*get_pins)(struct opp_handle *handle, struct opp_ioc_pins *pins);
	enum opp_status (*kick)(struct opp_handle *handle, uint64_t client);
	int (*events)(struct opp_handle *handle);
	enum opp_status (*submit)(struct opp_handle *handle, struct opp_async *async);
	int (*fd)(struct opp_handle *handle);
	struct opp_async *(*reap)(struct opp_handle *handle);
	enum opp_status (*cancel_async)(struct opp_handle *handle, const struct opp_async *async);
	enum opp_status (*batch)(struct opp_handle *handle, struct opp_batch *batch);
	/* Its buffer follows it, with the input; information is filled in. */
	enum opp_status (*control)(struct opp_handle *handle, struct opp_ioc_control *control);
};

/*
 * A documented request as it travels, its buffer behind it: packed, carried out, then
 * what came of it given back and the storage freed (control.c). Returns @status, or
 * UNSUCCESSFUL when the answer is none to what was asked.
 */
enum opp_status opp_control_pack(const struct opp_async_control *what,
				 struct opp_ioc_control **packed);
enum opp_status opp_control_unpack(struct opp_handle *handle, struct opp_ioc_control *packed,
				   enum opp_status status, struct opp_async_control *what);

/* How long the buffer behind a packed request is. */
static inline uint32_t opp_control_buffer_bytes(const struct opp_ioc_control *packed)
{
	return packed->input_bytes > packed->output_bytes ? packed->input_bytes
							  : packed->output_bytes;
}

/* The first member of each kind's own handle. */
struct opp_handle {
	const struct opp_handle_ops *ops;
	struct opp_handle_ops device_ops; /* of a device: its kind's, with some replaced */
	uint16_t lpt[OPP_NAME_BYTES];     /* the port's documented name */
};

/* A handle that can send requests to a device is that device's from now on (device.c). */
enum opp_status opp_handle_becomes_device(struct opp_handle *handle);

enum opp_local_kind {
	OPP_LOCAL_SIMULATED,
	OPP_LOCAL_REAL,
};

/* @keys: see opp_local_port_enter. */
enum opp_status opp_local_open(enum opp_local_kind kind, const char *keys,
			       struct opp_handle **handle, struct opp_error *error);
/* Has the device at @place opened by a new handle; looks first who is there. */
enum opp_status opp_local_open_device(struct opp_handle *handle, uint8_t place);
/* @path: of a file parport<m> that the service serves. */
enum opp_status opp_served_open(const char *path, struct opp_handle **handle,
				struct opp_error *error);

#endif
