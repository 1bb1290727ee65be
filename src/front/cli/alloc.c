/* SPDX-License-Identifier: MIT */
/*
 * parport alloc: runs a command while it holds a port, as flock(1) does with a file.
 *
 *	open -> wait in line -> run the command, hand it signals -> free
 *	         (a signal here ends us; the service then forgets our request)
 *
 * The port belongs to this process and not to the command, which does not
 * inherit the descriptor: whichever way either of them ends, the port is free.
 *
 * Signals are blocked before the library or the ticker starts a thread, so
 * that only this thread ever takes one.
 */
#include <argp.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define TELL_PERIOD_MS      1000
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND      127
#define EXIT_SIGNAL         128

struct request {
	const char *port;
	uint64_t timeout_us;
	char **command; /* inside argv */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 't':
		if (!cli_parse_duration(argument, &request->timeout_us))
			argp_error(
				state,
				"'%s' is no time: write a whole number and us, ms, s, m or h, for "
				"example 500ms",
				argument);
		return 0;
	case ARGP_KEY_ARG:
		if (!request->port) {
			request->port = argument;
			return 0;
		}
		request->command = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!request->command)
			argp_error(state, "name a port and a command, for example lpt1 sleep 5");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void parse_arguments(struct request *request, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "timeout", 't', "T", 0,
		  "Wait at most T (500ms, 2s, 1m; 0: not at all), then fail", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "PORT [--] COMMAND...",
		.doc = "Run COMMAND while holding PORT, and exit as it does.",
	};

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, request);
}

/* ---- waiting ---------------------------------------------------------------- */

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Ctrl-Z and fg end the wait CANCELLED: then we go to the end of the line. */
static enum opp_status stay_in_line(struct cli_port *port, uint64_t timeout_us)
{
	uint64_t begun_us = now_us();
	uint64_t waited_us = 0;
	enum opp_status status;

	do {
		status = opp_allocate(port->handle, timeout_us == OPP_FOREVER_US
							    ? timeout_us
							    : timeout_us - waited_us);
		waited_us = now_us() - begun_us;
	} while (status == OPP_CANCELLED && waited_us < timeout_us);
	return status;
}

static enum opp_status wait_in_line(struct cli_port *port, uint64_t timeout_us)
{
	struct cli_line line = { .port = port };
	struct cli_ticker ticker;
	enum opp_status status = opp_allocate(port->handle, 0);

	if (status != OPP_DEVICE_BUSY || timeout_us == 0)
		return status;
	if (!cli_ticker_start(&ticker, TELL_PERIOD_MS, cli_line_tell, &line))
		return OPP_INSUFFICIENT_RESOURCES;
	status = stay_in_line(port, timeout_us);
	cli_ticker_stop(&ticker);
	return status;
}

static int explain(struct cli_port *port, enum opp_status status, const struct request *request)
{
	char who[CLI_TEXT_BYTES], time[CLI_TEXT_BYTES];

	/* The port is there, we have it open: this is what PPEXCL of another file leads to. */
	if (status == OPP_NO_SUCH_DEVICE)
		return cli_fail(OPP_DEVICE_BUSY,
				"another program has %s for itself alone (PPEXCL): end it, or set "
				"exclusive = \"wait\" in parport.conf",
				port->device);
	if (status == OPP_DEVICE_BUSY && cli_ask_status(port) == OPP_SUCCESS)
		return cli_fail(status,
				"%s was not free within %s: %s holds it; wait longer, end that "
				"program, or put it out with 'parport kick %s'",
				port->device, cli_duration_text(request->timeout_us, time),
				cli_who_text(&port->status.holder, who), port->device);
	return cli_fail(status, "cannot hold %s: %s", port->device, opp_status_text(status));
}

/* ---- running ----------------------------------------------------------------- */

static int spawn(pid_t *child, char **command, const sigset_t *mask)
{
	posix_spawnattr_t attributes;
	int error;

	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, mask);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	error = posix_spawnp(child, command[0], NULL, &attributes, command, environ);
	posix_spawnattr_destroy(&attributes);
	return error;
}

/*
 * Whatever would end us goes to the command instead. Not the signals that mean
 * a mistake of our own, nor those that stop and continue: a stopped alloc still
 * holds the port.
 */
static void choose_forwarded(sigset_t *set)
{
	static const int ours[] = {
		SIGILL,  SIGTRAP, SIGABRT, SIGBUS,  SIGFPE,  SIGSEGV, SIGSYS,
		SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG,  SIGWINCH
	};

	sigfillset(set);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigdelset(set, ours[i]);
}

/* Such a signal has reached the command already: its whole group gets it. */
static bool came_from_the_keyboard(const siginfo_t *signal)
{
	return signal->si_code == SI_KERNEL &&
	       (signal->si_signo == SIGINT || signal->si_signo == SIGQUIT);
}

static int wait_for(pid_t child, const sigset_t *signals)
{
	siginfo_t signal;
	int status;

	for (;;) {
		if (sigwaitinfo(signals, &signal) < 0)
			continue;
		if (signal.si_signo != SIGCHLD) {
			if (!came_from_the_keyboard(&signal))
				kill(child, signal.si_signo);
			continue;
		}
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status)
						   : WEXITSTATUS(status);
	}
}

static int run(char **command, const sigset_t *signals, const sigset_t *mask)
{
	pid_t child;
	int error = spawn(&child, command, mask);

	if (error == 0)
		return wait_for(child, signals);
	cli_say("cannot run %s: %s", command[0], strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int release(const struct cli_port *port, int code)
{
	enum opp_status status = opp_free(port->handle);

	if (status == OPP_SUCCESS)
		return code;
	cli_say("%s was not ours until the end: %s; what the command did may have met another "
		"program",
		port->device, opp_status_text(status));
	return code ? code : opp_status_exit_code(status);
}

int cli_alloc(int argc, char **argv)
{
	struct request request = { .timeout_us = OPP_FOREVER_US };
	enum opp_status status;
	struct cli_port port;
	sigset_t signals, mask;
	int code;

	parse_arguments(&request, argc, argv);
	signal(SIGCHLD, SIG_DFL);
	choose_forwarded(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, &mask);
	code = cli_port_open(&port, request.port);
	if (code)
		return code;

	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	status = wait_in_line(&port, request.timeout_us);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (status == OPP_SUCCESS)
		code = release(&port, run(request.command, &signals, &mask));
	else
		code = explain(&port, status, &request);
	cli_port_close(&port);
	return code;
}
