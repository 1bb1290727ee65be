/* SPDX-License-Identifier: MIT */
/*
 * What lp's ioctls mean here. What is set holds for the port, whoever opens the file
 * next: a program sets it and ends. Numbers that tell Linux how to wait for a printer
 * are taken and mean nothing, since the engine waits as the printer wants it.
 */
#include "lp_ioctl.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/lp.h>

#include <openparport/hw.h>
#include <openparport/wire.h>

#include "call.h"
#include "glance.h"

#define TICKS_A_SECOND 250 /* of the Linux whose answers these are */
#define RESET_NS       50000
#define RESET_OPS      3

struct answer {
	struct opp_served_device *device;
	uint64_t argument;
	int32_t out;
};

/* ---- reset ----------------------------------------------------------------------------- */

struct reset {
	struct opp_call *call;
	struct opp_host_req request;
	struct opp_batch_op ops[RESET_OPS];
	enum opp_status status;
	struct opp_post ended;
};

static struct reset *reset_of(struct opp_call *call)
{
	return (struct reset *)call->bytes;
}

static void on_reset_ended(struct opp_post *post)
{
	struct reset *reset = OPP_NODE(post, struct reset, ended);
	struct opp_call *call = reset->call;
	enum opp_status status = reset->status;

	if (status == OPP_SUCCESS)
		opp_call_end_ioctl(call, NULL, 0);
	else
		opp_call_end_error(call, call->error ? call->error : opp_status_errno(status));
}

/* Context: any thread. */
static void on_complete(struct opp_host_req *request, enum opp_status status)
{
	struct reset *reset = OPP_NODE(request, struct reset, request);

	reset->status = status;
	opp_post(&reset->call->file->port->service->loop, &reset->ended);
}

/* A pulse that has begun goes on to its end. */
static void give_up_reset(struct opp_call *call)
{
	opp_host_expire(call->file->port->host, &reset_of(call)->request);
}

static void begin_reset(struct opp_file *file, fuse_req_t request)
{
	struct opp_call *call = opp_call_park(file, opp_kernel_asks(request), NULL,
					      sizeof(struct reset), give_up_reset);
	struct reset *reset;
	enum opp_status status;

	if (!call)
		return;
	opp_file_name_client(file, request);
	reset = reset_of(call);
	*reset = (struct reset){
		.call = call,
		.request = { .kind = OPP_HOST_BATCH,
			     .job = true,
			     .client = &file->client,
			     .complete = on_complete,
			     .ops = reset->ops,
			     .count = RESET_OPS },
		.ops = { { .what = OPP_BATCH_CONTROL, .mask = OPP_LINE_NINIT },
			 { .what = OPP_BATCH_DELAY, .ns = RESET_NS },
			 { .what = OPP_BATCH_CONTROL,
			   .mask = OPP_LINE_NINIT,
			   .value = OPP_LINE_NINIT } },
		.ended.run = on_reset_ended,
	};
	/* A pending one may have ended, and set its status, before this returns. */
	status = opp_host_submit(file->port->host, &reset->request);
	if (status == OPP_PENDING)
		return;
	reset->status = status;
	on_reset_ended(&reset->ended);
}

/* ---- what is answered at once -------------------------------------------------------------- */

/* Of the pins as lp shows them. */
static uint8_t status_register(const struct opp_ioc_pins *pins)
{
	return pins->status ^ OPP_LINE_BUSY;
}

static int get_interrupt(struct answer *answer)
{
	struct opp_host_chip chip;

	opp_host_chip_facts(answer->device->port->host, &chip);
	answer->out = chip.irq;
	return 0;
}

static int get_flags(struct answer *answer)
{
	answer->out = (int32_t)(LP_EXIST | LP_BUSY | answer->device->lp_flags);
	return 0;
}

static int set_flag(struct answer *answer, uint32_t flag)
{
	answer->device->lp_flags &= ~flag;
	if (answer->argument)
		answer->device->lp_flags |= flag;
	return 0;
}

static int set_abort(struct answer *answer)
{
	return set_flag(answer, LP_ABORT);
}

static int set_abort_open(struct answer *answer)
{
	return set_flag(answer, LP_ABORTOPEN);
}

static int set_careful(struct answer *answer)
{
	return set_flag(answer, LP_CAREFUL);
}

static int set_time(struct answer *answer)
{
	return answer->argument > UINT_MAX / TICKS_A_SECOND ? EINVAL : 0;
}

static int set_in_vain(struct answer *answer)
{
	(void)answer;
	return 0;
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct row {
	unsigned code;
	size_t out_bytes;
	int (*act)(struct answer *answer); /* 0 or an errno; NULL: the lines are looked at */
} rows[] = {
	{ LPCHAR, 0, set_in_vain },
	{ LPTIME, 0, set_time },
	{ LPABORT, 0, set_abort },
	{ LPGETIRQ, sizeof(int32_t), get_interrupt },
	{ LPWAIT, 0, set_in_vain },
	{ LPCAREFUL, 0, set_careful },
	{ LPABORTOPEN, 0, set_abort_open },
	{ LPGETSTATUS, sizeof(int32_t), NULL },
	{ LPGETFLAGS, sizeof(int32_t), get_flags },
};

static const struct row *find_row(unsigned code)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

static size_t in_bytes(unsigned code, bool compat)
{
	if (code == LPSETTIMEOUT_OLD)
		return compat ? sizeof(int32_t[2]) : sizeof(int64_t[2]);
	return code & IOC_IN ? _IOC_SIZE(code) : 0;
}

struct opp_ioctl_sizes opp_ioctl_sizes(unsigned code, bool compat)
{
	const struct row *row = find_row(code);

	return (struct opp_ioctl_sizes){
		.in_bytes = in_bytes(code, compat),
		.out_bytes = code & IOC_OUT ? _IOC_SIZE(code)
			     : row          ? row->out_bytes
					    : 0,
	};
}

/* Whoever of ours has the port. */
static void reply_status(struct opp_call *call, const struct opp_glance *glance)
{
	const int32_t out = status_register(&glance->pins);

	opp_call_end_ioctl(call, &out, sizeof(out));
}

void opp_lp_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	struct answer answer = { .device = file->device, .argument = ioctl->argument };
	const struct row *row = find_row(ioctl->code);
	int error = EINVAL;

	if (ioctl->code == LPRESET) {
		begin_reset(file, request);
		return;
	}
	if (row && ioctl->out_bytes >= row->out_bytes) {
		if (!row->act) {
			opp_glance(file, request, opp_glance_at_pins, reply_status);
			return;
		}
		error = row->act(&answer);
	}
	if (error)
		fuse_reply_err(request, error);
	else
		fuse_reply_ioctl(request, 0, &answer.out, row->out_bytes);
}

int opp_lp_open_error(const struct opp_served_device *device)
{
	const struct opp_served_port *port = device->port;
	struct opp_ioc_pins pins;
	uint8_t status;

	/* What cannot be looked at, or not at once, is found out when it is written to. */
	if (!(device->lp_flags & LP_ABORTOPEN) || port->info.capabilities & OPP_HW_IS_LENT ||
	    opp_host_pins(port->host, &pins) != OPP_SUCCESS)
		return 0;
	status = status_register(&pins);
	if (status & LP_POUTPA)
		return ENOSPC;
	return status & LP_PSELECD && status & LP_PERRORP ? 0 : EIO;
}
