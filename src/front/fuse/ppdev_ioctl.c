/* SPDX-License-Identifier: MIT */
/*
 * The ioctls of <linux/ppdev.h>, one row a code. A code's number and size
 * choose the row: callers with a 32-bit and a 64-bit time_t differ in nothing
 * else. What Linux answers, spec and measured, is answered here; whatever is
 * not in the table is EINVAL, as there.
 */
#include "ppdev.h"

#include <errno.h>
#include <string.h>

#include <linux/parport.h>
#include <linux/ppdev.h>

#include <openparport/hw.h>
#include <openparport/wire.h>

#include "control.h"
#include "submit.h"

#define PPSETTIME_SIZED(time) _IOW(PP_IOCTL, 0x96, time[2])
#define PPGETTIME_SIZED(time) _IOR(PP_IOCTL, 0x95, time[2])
#define FLAGS_MASK            (PP_FASTWRITE | PP_FASTREAD | PP_W91284PIC)
#define OUT_BYTES             16

/* One call: what came, what goes back. */
struct ask {
	struct opp_ppdev *ppdev;
	struct opp_asker asker;
	const void *in;
	uint8_t out[OUT_BYTES];
};

static struct opp_host_port *host_of(struct ask *ask)
{
	return ask->ppdev->file.port->host;
}

static int32_t in_int(const struct ask *ask)
{
	int32_t value;

	memcpy(&value, ask->in, sizeof(value));
	return value;
}

static uint8_t in_byte(const struct ask *ask)
{
	return *(const uint8_t *)ask->in;
}

static int give_int(struct ask *ask, int32_t value)
{
	memcpy(ask->out, &value, sizeof(value));
	return 0;
}

static int answer(enum opp_status status)
{
	return status == OPP_PENDING ? OPP_WAITS_BEHIND_MOVE : opp_status_errno(status);
}

/* ---- registers --------------------------------------------------------------------- */

static int touch(struct ask *ask, struct opp_host_access access)
{
	const int error = answer(opp_ppdev_touch(ask->ppdev, &access, 1));

	ask->out[0] = access.value;
	return error;
}

static int read_register(struct ask *ask, enum opp_host_register which)
{
	return touch(ask, (struct opp_host_access){ .which = which });
}

static int read_data(struct ask *ask)
{
	return read_register(ask, OPP_HOST_DATA);
}

static int read_status(struct ask *ask)
{
	return read_register(ask, OPP_HOST_STATUS);
}

static int read_control(struct ask *ask)
{
	int error = read_register(ask, OPP_HOST_CONTROL);

	ask->out[0] &= OPP_CONTROL_LINES;
	return error;
}

static int write_data(struct ask *ask)
{
	return touch(ask, (struct opp_host_access){
				  .which = OPP_HOST_DATA, .write = true, .value = in_byte(ask) });
}

/* The lines of @keep are as they were, unless @control turns them. */
static int change_control(struct ask *ask, uint8_t keep, uint8_t control)
{
	return touch(ask, (struct opp_host_access){
				  .which = OPP_HOST_CONTROL,
				  .write = true,
				  .keep = keep & OPP_CONTROL_LINES,
				  .value = opp_ppdev_control_bits(ask->ppdev, control) });
}

static int write_control(struct ask *ask)
{
	return change_control(ask, 0, in_byte(ask));
}

static int frob_control(struct ask *ask)
{
	struct ppdev_frob_struct frob;

	memcpy(&frob, ask->in, sizeof(frob));
	return change_control(ask, (uint8_t)~frob.mask, frob.val);
}

static int set_direction(struct ask *ask)
{
	bool reverse = in_int(ask) != 0;
	struct opp_host_access access = { .which = OPP_HOST_DIRECTION,
					  .write = true,
					  .value = reverse };
	enum opp_status status = opp_ppdev_touch(ask->ppdev, &access, 1);

	/* A port that cannot turn its data lines says nothing, as on Linux. */
	if (status == OPP_INVALID_DEVICE_REQUEST)
		return 0;
	if (status == OPP_SUCCESS)
		ask->ppdev->reverse = reverse;
	return answer(status);
}

/* ---- what is only remembered -------------------------------------------------------- */

static int set_mode(struct ask *ask)
{
	opp_ppdev_set_mode(ask->ppdev, in_int(ask));
	return 0;
}

static int get_mode(struct ask *ask)
{
	return give_int(ask, ask->ppdev->mode);
}

static int set_phase(struct ask *ask)
{
	ask->ppdev->phase = in_int(ask);
	return 0;
}

static int get_phase(struct ask *ask)
{
	return give_int(ask, ask->ppdev->phase);
}

static int set_flags(struct ask *ask)
{
	ask->ppdev->flags = (uint32_t)in_int(ask) & FLAGS_MASK;
	return 0;
}

static int get_flags(struct ask *ask)
{
	return give_int(ask, (int32_t)ask->ppdev->flags);
}

static int get_modes(struct ask *ask)
{
	uint32_t can = ask->ppdev->file.port->info.capabilities;
	int32_t modes = PARPORT_MODE_PCSPP | PARPORT_MODE_SAFEININT;

	if (can & OPP_HW_CAN_REVERSE)
		modes |= PARPORT_MODE_TRISTATE;
	if (can & OPP_HW_CAN_EPP)
		modes |= PARPORT_MODE_EPP;
	/* Linux uses a FIFO for both. */
	if (can & OPP_HW_CAN_FIFO)
		modes |= PARPORT_MODE_ECP | PARPORT_MODE_COMPAT;
	return give_int(ask, modes);
}

static int set_exclusive(struct ask *ask)
{
	if (ask->ppdev->registered && !ask->ppdev->exclusive)
		return EINVAL;
	ask->ppdev->exclusive = true;
	return 0;
}

static int negotiate(struct ask *ask)
{
	return opp_ppdev_negotiate(ask->ppdev, ask->asker, in_int(ask));
}

/* ---- time-out ----------------------------------------------------------------------- */

static int set_time(struct ask *ask, int64_t seconds, int64_t us)
{
	if (seconds < 0 || us < 0 || us >= 1000000 || (seconds == 0 && us == 0) ||
	    seconds > INT64_MAX / 1000000 - 1)
		return EINVAL;
	ask->ppdev->ticks = (uint64_t)seconds * OPP_TICKS_A_SECOND +
			    ((uint64_t)us + OPP_TICK_US - 1) / OPP_TICK_US;
	return 0;
}

static int set_time_32(struct ask *ask)
{
	int32_t time[2];

	memcpy(time, ask->in, sizeof(time));
	return set_time(ask, time[0], time[1]);
}

static int set_time_64(struct ask *ask)
{
	int64_t time[2];

	memcpy(time, ask->in, sizeof(time));
	return set_time(ask, time[0], time[1]);
}

static int get_time_32(struct ask *ask)
{
	uint64_t ticks = ask->ppdev->ticks;
	const int32_t time[2] = {
		(int32_t)(ticks / OPP_TICKS_A_SECOND),
		(int32_t)(ticks % OPP_TICKS_A_SECOND * OPP_TICK_US),
	};

	memcpy(ask->out, time, sizeof(time));
	return 0;
}

static int get_time_64(struct ask *ask)
{
	uint64_t ticks = ask->ppdev->ticks;
	const int64_t time[2] = {
		(int64_t)(ticks / OPP_TICKS_A_SECOND),
		(int64_t)(ticks % OPP_TICKS_A_SECOND * OPP_TICK_US),
	};

	memcpy(ask->out, time, sizeof(time));
	return 0;
}

/* ---- interrupts ----------------------------------------------------------------------- */

static int control_on_interrupt(struct ask *ask)
{
	ask->ppdev->answer = in_byte(ask);
	ask->ppdev->answer_armed = true;
	ask->ppdev->answer_after = opp_host_interrupts(ask->ppdev->file.port->host);
	opp_port_choose_listener(ask->ppdev->file.port);
	return 0;
}

static int clear_interrupts(struct ask *ask)
{
	opp_ppdev_count_interrupts(ask->ppdev);
	give_int(ask, (int32_t)ask->ppdev->interrupts);
	ask->ppdev->interrupts = 0;
	return 0;
}

/* ---- the port itself ------------------------------------------------------------------- */

static int claim(struct ask *ask)
{
	uint64_t timeout_us = ask->ppdev->file.nonblock ? 0 : OPP_IOC_FOREVER_US;

	return opp_ppdev_claim(ask->ppdev, ask->asker, timeout_us, EAGAIN);
}

static int allocate(struct ask *ask)
{
	struct opp_ioc_allocate wish;

	memcpy(&wish, ask->in, sizeof(wish));
	return opp_ppdev_claim(ask->ppdev, ask->asker, wish.timeout_us, EBUSY);
}

static int release(struct ask *ask)
{
	return opp_ppdev_release(ask->ppdev);
}

static int yield(struct ask *ask)
{
	return opp_ppdev_yield(ask->ppdev, ask->asker);
}

/* ---- the service's own -------------------------------------------------------------------- */

static int own_negotiate(struct ask *ask)
{
	return opp_ppdev_own_wire(ask->ppdev, ask->asker, OPP_HOST_NEGOTIATE, ask->in);
}

static int own_chain(struct ask *ask)
{
	return opp_ppdev_own_wire(ask->ppdev, ask->asker, OPP_HOST_ASSIGN, ask->in);
}

static int own_select(struct ask *ask)
{
	return opp_ppdev_own_wire(ask->ppdev, ask->asker, OPP_HOST_SELECT, ask->in);
}

static int own_device_id(struct ask *ask)
{
	return opp_ppdev_own_device_id(ask->ppdev, ask->asker);
}

static int own_write(struct ask *ask)
{
	return opp_ppdev_own_transfer(ask->ppdev, ask->asker, OPP_HOST_WRITE, ask->in);
}

static int own_read(struct ask *ask)
{
	return opp_ppdev_own_transfer(ask->ppdev, ask->asker, OPP_HOST_READ, ask->in);
}

static int own_batch(struct ask *ask)
{
	return opp_ppdev_own_batch(ask->ppdev, ask->asker, ask->in);
}

static int own_registers(struct ask *ask)
{
	struct opp_file *file = &ask->ppdev->file;
	struct opp_ioc_registers registers;
	enum opp_status status;

	opp_file_ask_right(file, ask->asker.request);
	status = opp_host_registers(host_of(ask), &file->client, &registers);
	if (status == OPP_SUCCESS)
		memcpy(ask->out, &registers, sizeof(registers));
	return answer(status);
}

/* ---- the table --------------------------------------------------------------------------- */

struct row {
	unsigned code;
	bool anybody;                /* without a claim too */
	int (*act)(struct ask *ask); /* 0, an errno or what ppdev.h defines */
};

static const struct row rows[] = {
	{ PPRDATA, false, read_data },
	{ PPRSTATUS, false, read_status },
	{ PPRCONTROL, false, read_control },
	{ PPWDATA, false, write_data },
	{ PPWCONTROL, false, write_control },
	{ PPFCONTROL, false, frob_control },
	{ PPDATADIR, false, set_direction },
	{ PPCLAIM, true, claim },
	{ PPRELEASE, false, release },
	{ PPYIELD, false, yield },
	{ PPEXCL, true, set_exclusive },
	{ PPSETMODE, true, set_mode },
	{ PPGETMODE, true, get_mode },
	{ PPGETMODES, true, get_modes },
	{ PPSETPHASE, true, set_phase },
	{ PPGETPHASE, true, get_phase },
	{ PPSETFLAGS, true, set_flags },
	{ PPGETFLAGS, true, get_flags },
	{ PPNEGOT, false, negotiate },
	{ PPWCTLONIRQ, false, control_on_interrupt },
	{ PPCLRIRQ, false, clear_interrupts },
	{ PPSETTIME_SIZED(int32_t), false, set_time_32 },
	{ PPSETTIME_SIZED(int64_t), false, set_time_64 },
	{ PPGETTIME_SIZED(int32_t), false, get_time_32 },
	{ PPGETTIME_SIZED(int64_t), false, get_time_64 },
	{ OPP_IOC_ALLOCATE, true, allocate },
	{ OPP_IOC_NEGOTIATE, false, own_negotiate },
	{ OPP_IOC_CHAIN, false, own_chain },
	{ OPP_IOC_SELECT, false, own_select },
	{ OPP_IOC_DEVICE_ID, false, own_device_id },
	{ OPP_IOC_WRITE, false, own_write },
	{ OPP_IOC_READ, false, own_read },
	{ OPP_IOC_BATCH, true, own_batch },
	{ OPP_IOC_REGISTERS, false, own_registers },
};

static const struct row *find_row(unsigned code)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

static bool wants_claim(const struct opp_ppdev *ppdev, const struct row *row)
{
	return !row->anybody && !ppdev->claimed;
}

bool opp_ppdev_refuses(struct opp_file *file, unsigned code)
{
	const struct row *row = find_row(code);

	return row && !opp_file_kicked(file) &&
	       wants_claim(OPP_NODE(file, struct opp_ppdev, file), row);
}

void opp_ppdev_ask(struct opp_ppdev *ppdev, struct opp_asker asker, const struct opp_ioctl *ioctl)
{
	const struct row *row = find_row(ioctl->code);
	struct ask ask = { .ppdev = ppdev, .asker = asker, .in = ioctl->in };
	size_t out_bytes = ioctl->code & IOC_OUT ? _IOC_SIZE(ioctl->code) : 0;
	int result;

	if (opp_file_kicked(&ppdev->file))
		result = EIO;
	else if (ppdev->file.port->asleep && !ppdev->touch.done)
		result = OPP_WAITS_BEHIND_MOVE;
	else if (opp_control_is(ioctl))
		result = opp_ppdev_control(ppdev, asker, ioctl);
	else if (!row || wants_claim(ppdev, row))
		result = opp_ppdev_unclaimed_error(ppdev);
	else
		result = row->act(&ask);

	if (result == OPP_ANSWERED_LATER)
		return;
	if (result == OPP_WAITS_BEHIND_MOVE)
		opp_ppdev_wait_behind(ppdev, asker, ioctl->code, ioctl->in, ioctl->in_bytes, false);
	else if (result)
		opp_answer_error(asker, result);
	else
		opp_answer_ioctl(asker, ask.out, out_bytes);
}

void opp_ppdev_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	struct opp_ppdev *ppdev = OPP_NODE(file, struct opp_ppdev, file);

	if (!opp_submit_ioctl(ppdev, request, ioctl))
		opp_ppdev_ask(ppdev, opp_kernel_asks(request), ioctl);
}
