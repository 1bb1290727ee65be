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

/* A job that writes nothing keeps other jobs waiting, while the port is free. */
static bool told_of_a_job(struct cli_line *line)
{
	const struct opp_ioc_who *job = &line->port->status.job;
	char who[CLI_TEXT_BYTES], age[CLI_TEXT_BYTES];

	if (!line->of_jobs || job->kind == OPP_IOC_WHO_NOBODY || job->pid == getpid())
		return false;
	if (line->client != job->client)
		cli_say("waiting: %s is kept by a print job of %s for %s", line->port->device,
			cli_who_text(job, who), cli_duration_text(job->age_us, age));
	line->client = job->client;
	return true;
}

static void tell_of_the_holder(struct cli_line *line)
{
	const struct opp_ioc_who *holder = &line->port->status.holder;
	char who[CLI_TEXT_BYTES], age[CLI_TEXT_BYTES];
	uint32_t before;

	if (holder->kind == OPP_IOC_WHO_NOBODY || holder->pid == getpid())
		return;
	before = waiters_before_us(&line->port->status);
	if (line->client == holder->client && line->before == before)
		return;
	line->client = holder->client;
	line->before = before;
	cli_say("waiting: %s is %s by %s for %s, %" PRIu32 " before us in line", line->port->device,
		holder->kind == OPP_IOC_WHO_SYSTEM ? "in use" : "held", cli_who_text(holder, who),
		cli_duration_text(holder->age_us, age), before);
}

void cli_line_tell(void *context)
{
	struct cli_line *line = context;

	if (cli_ask_status(line->port) == OPP_SUCCESS && !told_of_a_job(line))
		tell_of_the_holder(line);
}
