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
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__i386__)
#include <sys/io.h>
#endif

#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND      127
#define EXIT_SIGNAL         128
#define PORT_ADDRESSES      65536

/* ---- what is asked for ---------------------------------------------------------- */

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct cli_command *command = state->input;

	switch (key) {
	case 't': command->timeout_us = cli_duration_of(state, argument); return 0;
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

/* ioperm's rights go with a fork and stay with a new program. To give them up takes none. */
static void drop_registers(void)
{
#if defined(__x86_64__) || defined(__i386__)
	(void)ioperm(0, PORT_ADDRESSES, 0);
#endif
}

/*
 * In the child, which is alone there: other threads may have held any lock at the fork, so
 * it only calls the system. @failed ends with the new program, or brings an errno.
 */
static void become(char **command, const sigset_t *mask, int failed)
{
	int error;

	drop_registers();
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	(void)execvp(command[0], command);
	error = errno;
	_exit(write(failed, &error, sizeof(error)) < 0);
}

/* Whether it has become the command: 0, or why not, and then it has ended. */
static int outcome(pid_t child, int failed)
{
	int error = 0;

	if (TEMP_FAILURE_RETRY(read(failed, &error, sizeof(error))) != sizeof(error))
		return 0;
	(void)TEMP_FAILURE_RETRY(waitpid(child, NULL, 0));
	return error;
}

static int spawn(pid_t *child, char **command, const sigset_t *mask)
{
	int ends[2];
	int error = 0;

	*child = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	*child = fork();
	if (*child == 0)
		become(command, mask, ends[1]);
	if (*child < 0)
		error = errno;
	(void)close(ends[1]);
	if (!error)
		error = outcome(*child, ends[0]);
	(void)close(ends[0]);
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
