/* SPDX-License-Identifier: MIT */
/*
 * Words for people: messages, durations, programs.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openparport/duration.h>
#include <openparport/ieee1284.h>

#include "cli.h"

/* A message may name two paths. */
#define LINE_BYTES 8192

static const char *current_verb;

void cli_set_verb(const char *verb)
{
	current_verb = verb;
}

void cli_say(const char *format, ...)
{
	char text[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(stderr, "parport%s%s: %s\n", current_verb ? " " : "",
		current_verb ? current_verb : "", text);
}

int cli_fail(enum opp_status status, const char *format, ...)
{
	char text[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cli_say("%s", text);
	return opp_status_exit_code(status);
}

/* False: it is none. */
static bool parse_duration(const char *text, uint64_t *us)
{
	static const struct {
		const char *name;
		uint64_t us;
	} units[] = {
		{ "us", 1 },       { "ms", 1000 },      { "s", 1000000 },
		{ "m", 60000000 }, { "min", 60000000 }, { "h", 3600000000 },
	};
	uintmax_t number;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	number = strtoumax(text, &end, 10);
	if (errno)
		return false;
	end += strspn(end, " ");
	*us = 0;
	if (number == 0 && *end == '\0')
		return true;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].name) == 0)
			return !__builtin_mul_overflow(number, units[i].us, us);
	return false;
}

uint64_t cli_duration_of(struct argp_state *state, const char *text)
{
	uint64_t us = 0;

	if (!parse_duration(text, &us))
		argp_error(state,
			   "'%s' is no time: write a whole number and us, ms, s, m or h, for "
			   "example 500ms",
			   text);
	return us;
}

const char *cli_duration_text(uint64_t us, char text[CLI_TEXT_BYTES])
{
	const uint64_t tenths = us / 100000;

	opp_duration_text(tenths < UINT32_MAX ? (uint32_t)tenths : UINT32_MAX, text);
	return text;
}

const char *cli_phase_text(uint8_t phase)
{
	static const char *const names[] = {
		[OPP_PHASE_COMPAT_READY] = "compatibility mode",
		[OPP_PHASE_NEGOTIATION] = "negotiation",
		[OPP_PHASE_TERMINATION] = "termination",
		[OPP_PHASE_WRITE] = "writing",
		[OPP_PHASE_READ] = "reading",
		[OPP_PHASE_CHAIN] = "daisy chain",
	};

	return phase < sizeof(names) / sizeof(names[0]) ? names[phase] : "unknown";
}

static const char other[] = "another program of the system";

const char *cli_who_text(const struct opp_ioc_who *who, char text[CLI_TEXT_BYTES])
{
	const char *name = who->name[0] ? who->name : "a program";

	if (who->kind == OPP_IOC_WHO_NOBODY)
		return "nobody";
	if (who->kind == OPP_IOC_WHO_SYSTEM)
		snprintf(text, CLI_TEXT_BYTES, "%s%s%s%s", other, who->name[0] ? " (" : "",
			 who->name, who->name[0] ? ")" : "");
	else if (who->pid == 0)
		snprintf(text, CLI_TEXT_BYTES, "%s (pid unknown)", name);
	else
		snprintf(text, CLI_TEXT_BYTES, "%s (pid %" PRId32 ")", name, who->pid);
	return text;
}

bool cli_is_elsewhere(const struct cli_port *port)
{
	const uint32_t kind = port->status.holder.kind;

	return kind == OPP_IOC_WHO_SYSTEM ||
	       (kind == OPP_IOC_WHO_NOBODY && port->info.capabilities & OPP_HW_IS_LENT);
}

const char *cli_keeper_text(const struct cli_port *port, char text[CLI_TEXT_BYTES])
{
	if (port->status.holder.kind == OPP_IOC_WHO_NOBODY && cli_is_elsewhere(port))
		return other;
	return cli_who_text(&port->status.holder, text);
}
