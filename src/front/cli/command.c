/* SPDX-License-Identifier: MIT */
/*
 * Runs a command while a verb holds something, and hands it signals: what alloc
 * and lock share.
 *
 * What is held belongs to this process and not to the command, which does not
 * inherit the descriptor: whichever way either of them ends, it is free.
 *
 * Signals are blocked before the library or the ticker starts a thread, so
 * that only this thread ever takes one.
 */
#include "command.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND      127
#define EXIT_SIGNAL         128

/* ---- what is asked for ---------------------------------------------------------- */

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct cli_command *command = state->input;

	switch (key) {
	case 't':
		if (!cli_parse_duration(argument, &command->timeout_us))
			argp_error(
				state,
				"'%s' is no time: write a whole number and us, ms, s, m or h, for "
				"example 500ms",
				argument);
		return 0;
	case 'n': command->no_select = true; return 0;
	case ARGP_KEY_ARG:
		if (!command->name) {
			command->name = argument;
			return 0;
		}
		command->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!command->argv)
			argp_error(state, "name a port and a command, for example lpt1 sleep 5");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

void cli_command_parse(struct cli_command *command, const struct argp *verb, int argc, char **argv)
{
	struct argp argp = *verb;

	*command = (struct cli_command){ .timeout_us = OPP_FOREVER_US };
	argp.parser = parse;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, command);
}

/* ---- signals -------------------------------------------------------------------- */

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

void cli_command_block_signals(struct cli_command *command)
{
	signal(SIGCHLD, SIG_DFL);
	choose_forwarded(&command->signals);
	sigaddset(&command->signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &command->signals, &command->mask);
}

void cli_command_let_signals_end_us(const struct cli_command *command)
{
	pthread_sigmask(SIG_SETMASK, &command->mask, NULL);
}

void cli_command_keep_signals(const struct cli_command *command)
{
	pthread_sigmask(SIG_BLOCK, &command->signals, NULL);
}

/* ---- running -------------------------------------------------------------------- */

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

int cli_command_run(const struct cli_command *command)
{
	pid_t child;
	int error = spawn(&child, command->argv, &command->mask);

	if (error == 0)
		return wait_for(child, &command->signals);
	cli_say("cannot run %s: %s", command->argv[0], strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

int cli_command_released(const char *device, enum opp_status status, int code)
{
	if (status == OPP_SUCCESS)
		return code;
	cli_say("%s was not ours until the end: %s; what the command did may have met another "
		"program",
		device, opp_status_text(status));
	return code ? code : opp_status_exit_code(status);
}
