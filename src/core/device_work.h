/* SPDX-License-Identifier: MIT */
/*
 * A device's request on the wire: what device.c, device_work.c and device_modes.c share.
 *
 *	opp_device_work_begin_locked --> opp_device_step --> OPP_STEP_DONE: work.status
 *
 * A request is a few transfers, one after the other: work.at says which one runs, and
 * so what follows when it has ended.
 */
#ifndef OPP_CORE_DEVICE_WORK_H
#define OPP_CORE_DEVICE_WORK_H

#include <openparport/device.h>

enum opp_device_at {
	OPP_WORK_BEGIN,     /* no transfer yet */
	OPP_WORK_ASKED,     /* NEGOTIATE, CAPS: a protocol is asked for */
	OPP_WORK_CONNECTED, /* the protocol of the request's direction */
	OPP_WORK_ADDRESSED, /* its address is sent */
	OPP_WORK_MOVED,     /* the bytes */
	OPP_WORK_ID,
	OPP_WORK_RESET,
	OPP_WORK_LOOK, /* to compatibility mode, where status lines mean something */
	OPP_WORK_HOME, /* to compatibility mode, and that is all */
};

/* One step of a request. */
struct opp_device_run {
	struct opp_device *device;
	struct opp_hw *hw;
	struct opp_protocol *protocol;
	uint64_t now_us;
};

/* A protocol that host and device may agree on. */
struct opp_device_protocol {
	uint16_t bit; /* OPP_PROTO_* */
	bool forward;
	bool reverse;
	bool is_asked; /* for, by request; the others are compatibility mode, which all know */
	uint8_t request;
	uint32_t needs;         /* OPP_HW_CAN_* */
	uint32_t reverse_needs; /* these, too, in reverse */
	uint32_t sets;          /* OPP_PROTOCOL_*, while it is used */
	uint32_t bars;          /* the port's options have none of these ... */
	uint32_t wants;         /* ... and all of these */
};

/* What @bit, a default or one that was negotiated, stands for. */
const struct opp_device_protocol *opp_device_protocol_of(uint16_t bit);

/* Prepares @req, the state being WORKING. */
void opp_device_work_begin_locked(struct opp_device *device, struct opp_device_req *req);

/* ---- what a step comes to: another transfer is begun, or the request ends ------------------ */

/* To @protocol, then on as @at says. */
void opp_device_enter(struct opp_device_run *run, const struct opp_device_protocol *protocol,
		      enum opp_device_at at);

/* To the protocol of the request's direction, then on with the request. */
void opp_device_connect(struct opp_device_run *run);

/* Ends with @status, in compatibility mode. */
void opp_device_go_home(struct opp_device_run *run, enum opp_status status);

void opp_device_end(struct opp_device_run *run, enum opp_status status);

/* NEGOTIATE, CAPS: asks the next question, or goes on with the answers. */
void opp_device_ask(struct opp_device_run *run);

/* The device has answered the last one. */
void opp_device_answered(struct opp_device_run *run);

#endif
