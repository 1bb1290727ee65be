/* SPDX-License-Identifier: MIT */
/*
 * parport lock: runs a command while a device keeps its port, with the device
 * selected, by the documented requests.
 *
 *	open the device -> lock, again whenever its five seconds are over
 *		-> run the command, hand it signals -> unlock
 *
 * A time limit is for the wait for somebody else: a lock that nobody is in the
 * way of is not broken off.
 */
#include <unistd.h>

#include <openparport/codes.h>

#include "command.h"

#define WATCH_PERIOD_MS 100

struct lock {
	const struct cli_command *command;
	struct cli_port device;
	struct cli_line line;
	uint64_t begun_us;
};

static enum opp_status tell(struct lock *lock, uint32_t code)
{
	return opp_control(lock->device.handle, IRP_MJ_INTERNAL_DEVICE_CONTROL, code, NULL, 0, NULL,
			   0, NULL);
}

static bool is_late(const struct lock *lock)
{
	return cli_now_us() - lock->begun_us >= lock->command->timeout_us;
}

static bool somebody_else_holds(struct lock *lock)
{
	const struct opp_ioc_who *holder = &lock->device.status.holder;

	return cli_ask_status(&lock->device) == OPP_SUCCESS && holder->kind != OPP_IOC_WHO_NOBODY &&
	       holder->pid != getpid();
}

/* A cancel that comes before the request is repeated by the next tick. */
static void watch(void *context)
{
	struct lock *lock = context;

	if (!is_late(lock))
		cli_line_tell(&lock->line);
	else if (somebody_else_holds(lock))
		opp_cancel(lock->device.handle);
}

static enum opp_status take(struct lock *lock)
{
	const uint32_t code = lock->command->no_select ? IOCTL_INTERNAL_LOCK_PORT_NO_SELECT
						       : IOCTL_INTERNAL_LOCK_PORT;
	struct cli_ticker ticker;
	enum opp_status status;

	lock->begun_us = cli_now_us();
	if (!cli_ticker_start(&ticker, WATCH_PERIOD_MS, watch, lock))
		return OPP_INSUFFICIENT_RESOURCES;
	do
		status = tell(lock, code);
	while ((status == OPP_DEVICE_BUSY || status == OPP_CANCELLED) && !is_late(lock));
	cli_ticker_stop(&ticker);
	return status == OPP_CANCELLED ? OPP_DEVICE_BUSY : status;
}

static enum opp_status give_back(struct lock *lock)
{
	return tell(lock, lock->command->no_select ? IOCTL_INTERNAL_UNLOCK_PORT_NO_DESELECT
						   : IOCTL_INTERNAL_UNLOCK_PORT);
}

static int explain(struct lock *lock, enum opp_status status)
{
	const char *device = lock->device.device;
	char who[CLI_TEXT_BYTES], time[CLI_TEXT_BYTES];

	if (status == OPP_DEVICE_BUSY && somebody_else_holds(lock))
		return cli_fail(status, "%s was not free within %s: %s holds its port", device,
				cli_duration_text(lock->command->timeout_us, time),
				cli_who_text(&lock->device.status.holder, who));
	if (status == OPP_UNSUCCESSFUL)
		return cli_fail(status, "%s could not be selected: is it still in the daisy chain?",
				device);
	return cli_fail(status, "cannot lock %s: %s", device, opp_status_text(status));
}

int cli_lock(int argc, char **argv)
{
	static const struct argp_option options[] = {
		CLI_COMMAND_OPTION_TIMEOUT,
		{ "no-select", 'n', NULL, 0, "Leave the wire alone: do not select DEVICE", 0 },
		{ 0 },
	};
	static const struct argp verb = {
		.options = options,
		.args_doc = "DEVICE [--] COMMAND...",
		.doc = "Run COMMAND while DEVICE has its port locked, and exit as it does.",
	};
	struct cli_command command;
	struct lock lock = { .command = &command, .line.port = &lock.device };
	enum opp_status status;
	int code;

	cli_command_parse(&command, &verb, argc, argv);
	cli_command_block_signals(&command);
	code = cli_device_open(&lock.device, command.name);
	if (code)
		return code;

	cli_command_let_signals_end_us(&command);
	status = take(&lock);
	cli_command_keep_signals(&command);
	if (status == OPP_SUCCESS) {
		code = cli_command_run(&command);
		code = cli_command_released(lock.device.device, give_back(&lock), code);
	} else {
		code = explain(&lock, status);
	}
	cli_port_close(&lock.device);
	return code;
}
