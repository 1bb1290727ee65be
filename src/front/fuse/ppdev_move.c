/* SPDX-License-Identifier: MIT */
/*
 * What a file parport<m> has under way on the wire: write(), read(), PPNEGOT.
 *
 *	call --> request --> told --> another request ... --> answer
 *
 * One call at a time; the registers are not the client's meanwhile, and its
 * other calls wait behind it (ppdev.c).
 *
 * The client's mode is only what it stored, or what PPNEGOT agreed on before the
 * port was free last. A transfer in a mode that the wire is not in negotiates it
 * first; EPP is taken without asking, for programs and guests that negotiate by
 * the registers or know that their peripheral speaks nothing else.
 */
#include "ppdev.h"

#include <errno.h>
#include <string.h>

#include <linux/parport.h>

#include <openparport/hw.h>

/* The most that one read() of Linux's ppdev brings. */
#define READ_BYTES 1024

/* A read that waits lets the file's other calls in so often. */
#define LOOK_US 100000

#define NO_MODE (-1)

/* ---- one request after the other ---------------------------------------------------- */

/* Context: any thread. */
static void on_complete(struct opp_host_req *req, enum opp_status status)
{
	struct opp_ppdev *ppdev = OPP_NODE(req, struct opp_ppdev, move);

	ppdev->move_status = status;
	opp_post(&ppdev->file.port->service->loop, &ppdev->move_ended);
}

static void on_move_ended(struct opp_post *post)
{
	struct opp_ppdev *ppdev = OPP_NODE(post, struct opp_ppdev, move_ended);

	ppdev->wire_mode = ppdev->move.mode_now;
	ppdev->move_told(ppdev, ppdev->move_status);
	opp_ppdev_go_on(ppdev);
}

void opp_ppdev_move_init(struct opp_ppdev *ppdev)
{
	ppdev->move_ended.run = on_move_ended;
}

static void give_up_move(struct opp_call *call)
{
	struct opp_host_port *host = call->file->port->host;
	struct opp_host_req *move = &OPP_NODE(call->file, struct opp_ppdev, file)->move;

	if (call->error != call->late_error)
		opp_host_cancel(host, move);
	else if (!opp_host_expire(host, move))
		call->error = 0; /* it has the port in time, and can still be given up */
}

struct opp_call *opp_ppdev_move_for(struct opp_ppdev *ppdev, struct opp_asker asker,
				    const void *bytes, size_t count)
{
	ppdev->mover = opp_call_park(&ppdev->file, asker, bytes, count, give_up_move);
	return ppdev->mover;
}

struct opp_host_req *opp_ppdev_prepare(struct opp_ppdev *ppdev, enum opp_host_req_kind kind)
{
	memset(&ppdev->move, 0, sizeof(ppdev->move));
	ppdev->move.kind = kind;
	ppdev->move.client = &ppdev->file.client;
	ppdev->move.complete = on_complete;
	return &ppdev->move;
}

void opp_ppdev_submit(struct opp_ppdev *ppdev,
		      void (*told)(struct opp_ppdev *ppdev, enum opp_status status))
{
	enum opp_status status = OPP_CANCELLED;

	ppdev->move_told = told;
	if (!ppdev->mover->error)
		status = opp_host_submit(ppdev->file.port->host, &ppdev->move);
	if (status != OPP_PENDING)
		told(ppdev, status);
}

struct opp_call *opp_ppdev_move_done(struct opp_ppdev *ppdev)
{
	struct opp_call *call = ppdev->mover;

	ppdev->mover = NULL;
	return call;
}

int opp_ppdev_move_error(const struct opp_ppdev *ppdev, enum opp_status status)
{
	const struct opp_call *call = ppdev->mover;

	if (status == OPP_CANCELLED && call->error)
		return call->error;
	if (status == OPP_CANCELLED || status == OPP_KICKED || status == OPP_DELETE_PENDING)
		return opp_status_errno(status);
	return 0;
}

/* ---- modes --------------------------------------------------------------------------- */

static const struct wire_mode {
	int32_t mode; /* what PPSETMODE stores, without flags */
	enum opp_mode wire;
	uint8_t request;
} wire_modes[] = {
	{ IEEE1284_MODE_COMPAT, OPP_MODE_COMPAT, 0 },
	{ IEEE1284_MODE_NIBBLE, OPP_MODE_NIBBLE, OPP_REQUEST_NIBBLE },
	{ IEEE1284_MODE_BYTE, OPP_MODE_BYTE, OPP_REQUEST_BYTE },
	{ IEEE1284_MODE_ECP, OPP_MODE_ECP, OPP_REQUEST_ECP },
	{ IEEE1284_MODE_ECPRLE, OPP_MODE_ECP, OPP_REQUEST_ECP_RLE },
	{ IEEE1284_MODE_ECPSWE, OPP_MODE_ECP, OPP_REQUEST_ECP },
	{ IEEE1284_MODE_EPP, OPP_MODE_EPP, OPP_REQUEST_EPP },
	{ IEEE1284_MODE_EPPSWE, OPP_MODE_EPP, OPP_REQUEST_EPP },
	{ NO_MODE, OPP_MODE_COMPAT, 0 },
};

/* NO_MODE: none that bytes move in. */
static const struct wire_mode *find_mode(int32_t mode)
{
	const struct wire_mode *row = wire_modes;

	while (row->mode != mode && row->mode != NO_MODE)
		row++;
	return row;
}

static const struct wire_mode *stored_mode(const struct opp_ppdev *ppdev)
{
	return find_mode(ppdev->mode & ~OPP_MODE_FLAGS);
}

void opp_ppdev_heed_phase(struct opp_ppdev *ppdev)
{
	static const int32_t phases[] = {
		[OPP_AT_COMPAT_IDLE] = OPP_PHASE_FORWARD_IDLE,
		[OPP_AT_HBDA] = OPP_PHASE_DATA_AVAILABLE,
		[OPP_AT_HBDNA] = OPP_PHASE_NOT_AVAILABLE,
		[OPP_AT_REVERSE_IDLE] = OPP_PHASE_REVERSE_IDLE,
		[OPP_AT_ECP_FORWARD] = OPP_PHASE_FORWARD_IDLE,
		[OPP_AT_ECP_REVERSE] = OPP_PHASE_REVERSE_IDLE,
		[OPP_AT_EPP_IDLE] = OPP_PHASE_FORWARD_IDLE,
		[OPP_AT_BROKEN_OFF] = OPP_PHASE_UNKNOWN,
	};

	ppdev->phase = phases[ppdev->move.position_now];
}

void opp_ppdev_agree(struct opp_ppdev *ppdev, int32_t mode)
{
	opp_ppdev_set_mode(ppdev, mode);
	ppdev->agreed = ppdev->wire_mode;
}

/* A transfer in @mode, of data or addresses as the client's mode says. */
static struct opp_host_req *prepare_transfer(struct opp_ppdev *ppdev, enum opp_host_req_kind kind,
					     const struct wire_mode *mode)
{
	struct opp_host_req *move = opp_ppdev_prepare(ppdev, kind);

	move->request = mode->request;
	move->address = ppdev->mode & IEEE1284_ADDR;
	move->count = ppdev->mover->count;
	if (mode->wire == ppdev->wire_mode)
		move->first = OPP_HOST_AS_IT_IS;
	else if (mode->wire == OPP_MODE_EPP && ppdev->agreed != OPP_MODE_EPP)
		move->first = OPP_HOST_EPP_FIRST;
	else
		move->first = OPP_HOST_NEGOTIATE_FIRST;
	return move;
}

static bool never_came_to_it(const struct opp_ppdev *ppdev)
{
	return ppdev->move.stage == OPP_HOST_FIRST;
}

/* 0 when the file may move bytes. */
static int transfer_error(const struct opp_ppdev *ppdev)
{
	if (opp_file_kicked(&ppdev->file))
		return EIO;
	if (!ppdev->claimed)
		return opp_ppdev_unclaimed_error(ppdev);
	return stored_mode(ppdev)->mode != NO_MODE ? 0 : EINVAL;
}

/* ---- write --------------------------------------------------------------------------- */

static void end_write(struct opp_ppdev *ppdev, enum opp_status status)
{
	int error = opp_ppdev_move_error(ppdev, status);
	struct opp_call *call = opp_ppdev_move_done(ppdev);

	ppdev->file.last_write = status;
	ppdev->ticks = ppdev->ticks_at_claim;
	if (!error && never_came_to_it(ppdev))
		error = EIO;
	if (ppdev->move.done)
		opp_call_end_write(call, ppdev->move.done);
	else if (error)
		opp_call_end_error(call, error);
	else
		/* A peripheral that takes nothing: Linux's ppdev has no error for it. */
		opp_call_end_write(call, 0);
}

static void write_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	if (ppdev->wire_mode != OPP_MODE_COMPAT)
		opp_ppdev_heed_phase(ppdev);
	end_write(ppdev, status);
}

static void submit_write(struct opp_ppdev *ppdev, const struct wire_mode *mode)
{
	struct opp_call *call = ppdev->mover;
	uint64_t patience_us = call->nonblock ? OPP_TICK_US : ppdev->ticks * OPP_TICK_US;
	struct opp_host_req *move = prepare_transfer(ppdev, OPP_HOST_WRITE, mode);

	move->bytes = call->bytes;
	move->inactivity_us = patience_us;
	move->fault_us = patience_us;
	opp_ppdev_submit(ppdev, write_told);
}

static void compat_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	if (status == OPP_SUCCESS)
		submit_write(ppdev, stored_mode(ppdev));
	else
		end_write(ppdev, status);
}

static void start_write(struct opp_ppdev *ppdev)
{
	const struct wire_mode *mode = stored_mode(ppdev);

	/* Bytes go out on data lines that are outputs, and so they stay. */
	ppdev->reverse = false;
	if (mode->wire == OPP_MODE_COMPAT || mode->wire == OPP_MODE_NIBBLE ||
	    mode->wire == OPP_MODE_BYTE)
		opp_ppdev_set_mode(ppdev, IEEE1284_MODE_COMPAT);
	mode = stored_mode(ppdev);
	if (mode->wire != OPP_MODE_COMPAT || ppdev->wire_mode == OPP_MODE_COMPAT) {
		submit_write(ppdev, mode);
	} else {
		opp_ppdev_prepare(ppdev, OPP_HOST_TERMINATE);
		opp_ppdev_submit(ppdev, compat_told);
	}
}

static bool has_to_wait(const struct opp_ppdev *ppdev)
{
	return opp_ppdev_is_busy(ppdev) || ppdev->file.port->asleep;
}

/* An access is nothing to come back for later: no poll() tells when it is over. */
static bool waits_for_long(const struct opp_ppdev *ppdev)
{
	return ppdev->mover || ppdev->file.port->asleep;
}

void opp_ppdev_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
		     bool nonblock)
{
	struct opp_ppdev *ppdev = OPP_NODE(file, struct opp_ppdev, file);
	int error = transfer_error(ppdev);

	if (!error && nonblock && waits_for_long(ppdev))
		error = EAGAIN;
	if (error) {
		fuse_reply_err(request, error);
	} else if (has_to_wait(ppdev)) {
		opp_ppdev_wait_behind(ppdev, opp_kernel_asks(request), OPP_CALL_WRITE, bytes, count,
				      nonblock);
	} else if (opp_ppdev_move_for(ppdev, opp_kernel_asks(request), bytes, count)) {
		ppdev->mover->nonblock = nonblock;
		start_write(ppdev);
	}
}

/* ---- read ---------------------------------------------------------------------------- */

/*
 * Nothing to read, or nobody who offers it: not yet. Who may wait asks again, behind
 * the calls that have come meanwhile.
 */
static void read_again(struct opp_ppdev *ppdev)
{
	struct opp_call *call = opp_ppdev_move_done(ppdev);

	if (call->error)
		opp_call_end_error(call, call->error);
	else if (call->nonblock)
		opp_call_end_error(call, EAGAIN);
	else
		opp_ppdev_go_behind(ppdev, call);
}

static void read_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	bool nobody = never_came_to_it(ppdev) && status == OPP_NO_SUCH_DEVICE;
	int error = opp_ppdev_move_error(ppdev, status);

	if (!never_came_to_it(ppdev) && ppdev->claimed)
		opp_ppdev_heed_phase(ppdev);
	if (ppdev->move.done)
		opp_call_end_read(opp_ppdev_move_done(ppdev), ppdev->move.done);
	else if (!error && (status == OPP_SUCCESS || nobody))
		read_again(ppdev);
	else
		opp_call_end_error(opp_ppdev_move_done(ppdev), error ? error : EIO);
}

static void submit_read(struct opp_ppdev *ppdev, const struct wire_mode *mode,
			void (*told)(struct opp_ppdev *ppdev, enum opp_status status))
{
	struct opp_host_req *move = prepare_transfer(ppdev, OPP_HOST_READ, mode);
	uint64_t patience_us = ppdev->ticks * OPP_TICK_US;

	if (ppdev->mover->nonblock)
		patience_us = OPP_TICK_US;
	else if (patience_us > LOOK_US)
		patience_us = LOOK_US;
	move->buffer = ppdev->mover->bytes;
	move->first_us = patience_us;
	opp_ppdev_submit(ppdev, told);
}

/* In compatibility mode: byte mode if the port can, else nibble mode, and there it stays. */
static void reverse_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	bool by_byte = ppdev->move.request == OPP_REQUEST_BYTE;

	if (!never_came_to_it(ppdev) && ppdev->wire_mode != OPP_MODE_COMPAT) {
		opp_ppdev_agree(ppdev, by_byte ? IEEE1284_MODE_BYTE : IEEE1284_MODE_NIBBLE);
		read_told(ppdev, status);
	} else if (by_byte && !opp_ppdev_move_error(ppdev, status)) {
		submit_read(ppdev, find_mode(IEEE1284_MODE_NIBBLE), reverse_told);
	} else {
		int error = opp_ppdev_move_error(ppdev, status);

		opp_call_end_error(opp_ppdev_move_done(ppdev), error ? error : EIO);
	}
}

static void start_read(struct opp_ppdev *ppdev)
{
	bool can_reverse = ppdev->file.port->info.capabilities & OPP_HW_CAN_REVERSE;
	int32_t best = can_reverse ? IEEE1284_MODE_BYTE : IEEE1284_MODE_NIBBLE;
	const struct wire_mode *mode = stored_mode(ppdev);

	if (mode->wire == OPP_MODE_COMPAT)
		submit_read(ppdev, find_mode(best), reverse_told);
	else
		submit_read(ppdev, mode, read_told);
}

void opp_ppdev_read(struct opp_file *file, fuse_req_t request, size_t count, bool nonblock)
{
	struct opp_ppdev *ppdev = OPP_NODE(file, struct opp_ppdev, file);
	int error = transfer_error(ppdev);

	if (count > READ_BYTES)
		count = READ_BYTES;
	if (!error && nonblock && waits_for_long(ppdev))
		error = EAGAIN;
	if (error) {
		fuse_reply_err(request, error);
	} else if (has_to_wait(ppdev)) {
		opp_ppdev_wait_behind(ppdev, opp_kernel_asks(request), OPP_CALL_READ, NULL, count,
				      nonblock);
	} else if (opp_ppdev_move_for(ppdev, opp_kernel_asks(request), NULL, count)) {
		ppdev->mover->code = OPP_CALL_READ;
		ppdev->mover->nonblock = nonblock;
		start_read(ppdev);
	}
}

/* ---- PPNEGOT ------------------------------------------------------------------------- */

static int32_t wished_mode(const struct opp_ppdev *ppdev)
{
	int32_t mode;

	memcpy(&mode, ppdev->mover->bytes, sizeof(mode));
	return mode;
}

static void end_negotiation(struct opp_ppdev *ppdev, int error)
{
	struct opp_call *call = opp_ppdev_move_done(ppdev);

	if (error)
		opp_call_end_error(call, error);
	else
		opp_call_end_ioctl(call, NULL, 0);
}

/* EIO: nobody who knows IEEE 1284; ENXIO: somebody, who did not agree. */
static int negotiation_error(const struct opp_ppdev *ppdev, enum opp_status status)
{
	int error = opp_ppdev_move_error(ppdev, status);

	if (error || status == OPP_SUCCESS)
		return error;
	return status == OPP_NO_SUCH_DEVICE ? EIO : ENXIO;
}

static void back_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	int error = opp_ppdev_move_error(ppdev, status);
	int32_t mode = wished_mode(ppdev);

	if (!error && mode != IEEE1284_MODE_COMPAT)
		error = mode == IEEE1284_MODE_BECP ? ENOSYS : ENXIO;
	end_negotiation(ppdev, error);
}

static void go_back(struct opp_ppdev *ppdev)
{
	opp_ppdev_prepare(ppdev, OPP_HOST_TERMINATE);
	opp_ppdev_submit(ppdev, back_told);
}

static void anybody_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	if (status == OPP_SUCCESS)
		go_back(ppdev);
	else
		end_negotiation(ppdev, negotiation_error(ppdev, status));
}

static void negotiation_told(struct opp_ppdev *ppdev, enum opp_status status)
{
	if (status == OPP_INVALID_PARAMETER) {
		/* Nothing that this host can ask for: what is left to tell is whether anybody is there. */
		opp_ppdev_prepare(ppdev, OPP_HOST_NEGOTIATE)->request = OPP_REQUEST_NIBBLE;
		opp_ppdev_submit(ppdev, anybody_told);
		return;
	}
	if (status == OPP_SUCCESS)
		opp_ppdev_agree(ppdev, wished_mode(ppdev));
	end_negotiation(ppdev, negotiation_error(ppdev, status));
}

static uint8_t request_of(int32_t mode)
{
	uint8_t link = mode & IEEE1284_EXT_LINK ? OPP_REQUEST_LINK : 0;

	switch (mode) {
	case IEEE1284_MODE_ECPSWE: return OPP_REQUEST_ECP;
	case IEEE1284_MODE_EPPSL:
	case IEEE1284_MODE_EPPSWE: return OPP_REQUEST_EPP;
	default: return link | ((uint32_t)mode & 0xff);
	}
}

int opp_ppdev_negotiate(struct opp_ppdev *ppdev, struct opp_asker asker, int32_t mode)
{
	if (opp_ppdev_is_busy(ppdev))
		return OPP_WAITS_BEHIND_MOVE;
	if (mode == ppdev->mode)
		return 0;
	if ((mode & ~IEEE1284_ADDR) == (ppdev->mode & ~IEEE1284_ADDR)) {
		ppdev->mode = mode;
		return 0;
	}
	if (!opp_ppdev_move_for(ppdev, asker, &mode, sizeof(mode)))
		return OPP_ANSWERED_LATER;
	opp_ppdev_set_mode(ppdev, IEEE1284_MODE_COMPAT);
	ppdev->agreed = OPP_MODE_COMPAT;
	if (mode == IEEE1284_MODE_COMPAT || mode == IEEE1284_MODE_BECP) {
		go_back(ppdev);
	} else {
		opp_ppdev_prepare(ppdev, OPP_HOST_NEGOTIATE)->request = request_of(mode);
		opp_ppdev_submit(ppdev, negotiation_told);
	}
	return OPP_ANSWERED_LATER;
}
