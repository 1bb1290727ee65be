/* SPDX-License-Identifier: MIT */
/*
 * Says who is in the way of a program that waits for a port.
 */
#include <inttypes.h>
#include <unistd.h>

#include "cli.h"

static uint32_t waiters_before_us(const struct opp_ioc_status *status)
{
	for (uint32_t i = 0; i < status->listed; i++)
		if (status->waiter[i].pid == getpid())
			return i;
	return status->waiters;
}

void cli_line_tell(void *context)
{
	struct cli_line *line = context;
	const struct opp_ioc_who *holder = &line->port->status.holder;
	char who[CLI_TEXT_BYTES], age[CLI_TEXT_BYTES];
	uint32_t before;

	if (cli_ask_status(line->port) != OPP_SUCCESS || holder->kind == OPP_IOC_WHO_NOBODY ||
	    holder->pid == getpid())
		return;
	before = waiters_before_us(&line->port->status);
	if (line->said && line->holder == holder->pid && line->before == before)
		return;
	line->said = true;
	line->holder = holder->pid;
	line->before = before;
	cli_say("waiting: %s is held by %s for %s, %" PRIu32 " before us in line",
		line->port->device, cli_who_text(holder, who),
		cli_duration_text(holder->age_us, age), before);
}
