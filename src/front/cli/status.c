/* SPDX-License-Identifier: MIT */
/*
 * parport status: who holds a port, who waits for it, and what happened so far.
 */
#include <inttypes.h>
#include <stdio.h>

#include <openparport/ieee1284.h>

#include "facts.h"

static const char *kind_text(uint32_t kind)
{
	static const char *const names[] = {
		[OPP_IOC_WHO_NOBODY] = "nobody",   [OPP_IOC_WHO_PPDEV] = "ppdev",
		[OPP_IOC_WHO_JOB] = "job",         [OPP_IOC_WHO_LIBRARY] = "library",
		[OPP_IOC_WHO_SERVICE] = "service", [OPP_IOC_WHO_SYSTEM] = "system",
	};

	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

static void text_fault(const struct opp_ioc_fault *fault)
{
	char age[CLI_TEXT_BYTES], event[CLI_TEXT_BYTES] = "";

	if (fault->event != OPP_NO_EVENT)
		snprintf(event, sizeof(event), " event %u,", fault->event);
	if (fault->status != OPP_SUCCESS)
		printf("  last fault: %s, in %s,%s %s ago, status lines %02x, control lines %02x\n",
		       opp_status_text((enum opp_status)fault->status),
		       cli_phase_text(fault->phase), event, cli_duration_text(fault->age_us, age),
		       fault->status_lines, fault->control_lines);
}

static void text_job(const struct opp_ioc_status *status)
{
	char who[CLI_TEXT_BYTES], age[CLI_TEXT_BYTES];

	if (status->job.kind != OPP_IOC_WHO_NOBODY)
		printf("  printing a job of %s for %s, jobs behind it: %" PRIu32 "\n",
		       cli_who_text(&status->job, who), cli_duration_text(status->job.age_us, age),
		       status->jobs_behind);
}

static void text(const struct cli_port *port)
{
	const struct opp_ioc_status *status = &port->status;
	char who[CLI_TEXT_BYTES], age[CLI_TEXT_BYTES], hold[CLI_TEXT_BYTES];

	printf("%s (%s): %s", port->device, port->info.name, cli_state_text(status->state));
	if (status->holder.kind != OPP_IOC_WHO_NOBODY)
		printf(" by %s for %s", cli_who_text(&status->holder, who),
		       cli_duration_text(status->holder.age_us, age));
	printf(", %" PRIu32 " waiting\n", status->waiters);
	for (uint32_t i = 0; i < status->listed; i++)
		printf("  %3" PRIu32 ". %s for %s\n", i + 1, cli_who_text(&status->waiter[i], who),
		       cli_duration_text(status->waiter[i].age_us, age));
	if (status->waiters > status->listed)
		printf("       and %" PRIu32 " more\n", status->waiters - status->listed);
	text_job(status);
	printf("  granted %" PRIu32 ", released %" PRIu32
	       ", longest wait %s, longest hold %s, bytes written %" PRIu64 "\n",
	       status->allocates, status->frees, cli_duration_text(status->longest_wait_us, age),
	       cli_duration_text(status->longest_hold_us, hold), status->bytes_written);
	text_fault(&status->fault);
}

static struct json_object *who_object(const struct opp_ioc_who *who, const char *age_key)
{
	struct json_object *object;

	if (who->kind == OPP_IOC_WHO_NOBODY)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "pid", json_object_new_int(who->pid));
	cli_json_text(object, "program", who->name);
	cli_json_text(object, "kind", kind_text(who->kind));
	cli_json_number(object, age_key, who->age_us);
	return object;
}

static struct json_object *fault_object(const struct opp_ioc_fault *fault)
{
	struct json_object *object;

	if (fault->status == OPP_SUCCESS)
		return NULL;
	object = json_object_new_object();
	cli_json_fault(object, fault);
	cli_json_number(object, "age_us", fault->age_us);
	return object;
}

static void json(const struct cli_port *port, struct json_object *object)
{
	const struct opp_ioc_status *status = &port->status;
	struct json_object *waiting = json_object_new_array();

	for (uint32_t i = 0; i < status->listed; i++)
		json_object_array_add(waiting, who_object(&status->waiter[i], "waited_us"));
	cli_json_text(object, "state", cli_state_text(status->state));
	json_object_object_add(object, "holder", who_object(&status->holder, "held_us"));
	cli_json_number(object, "waiters", status->waiters);
	json_object_object_add(object, "waiting", waiting);
	json_object_object_add(object, "job", who_object(&status->job, "printed_us"));
	cli_json_number(object, "jobs_behind", status->jobs_behind);
	cli_json_number(object, "allocates", status->allocates);
	cli_json_number(object, "frees", status->frees);
	cli_json_number(object, "longest_wait_us", status->longest_wait_us);
	cli_json_number(object, "longest_hold_us", status->longest_hold_us);
	cli_json_number(object, "bytes_written", status->bytes_written);
	cli_json_number(object, "bytes_read", status->bytes_read);
	cli_json_number(object, "waits", status->waits);
	cli_json_number(object, "faults", status->faults);
	cli_json_number(object, "interrupts", status->interrupts);
	json_object_object_add(object, "fault", fault_object(&status->fault));
}

int cli_status(int argc, char **argv)
{
	static const struct cli_facts facts = {
		.doc = "Show who holds a port, who waits for it in which order, and its counters.",
		.arguments = "[PORT...]",
		.can_watch = true,
		.ask = cli_ask_status,
		.text = text,
		.json = json,
	};

	return cli_facts_run(&facts, argc, argv);
}
