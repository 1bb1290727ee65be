/* SPDX-License-Identifier: MIT */
/*
 * See trap.h.
 *
 *	program            in between              tracer
 *	   | fork -----------> | fork ----------------> |
 *	   | <--------------------------------- its id  |
 *	   | may trace me: go ahead ------------------> |
 *	   |                                            | opens the ports, seizes the program
 *	   | <------------------------------- exit code |
 *	   | filter, and becomes what it is to run      | cli_tracer_run
 */
#include "trap.h"

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trap_file.h"
#include "tracer.h"

/* ---- the filter ------------------------------------------------------------------------- */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(how) BPF_STMT(BPF_RET | BPF_K, (how))
#define STOP(number, why)                                                                          \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), RETURN(SECCOMP_RET_TRACE | (why))

#define I386_OPEN   5
#define I386_IOPERM 101
#define I386_IOPL   110
#define I386_OPENAT 295

#define CALLS 4 /* of each kind of code */

/* Numbers of system calls mean something only together with the kind of code. */
static int set_filter(void)
{
	static struct sock_filter filter[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 2 + 2 * CALLS),
		LOAD(nr),
		STOP(__NR_ioperm, CLI_TRAP_IOPERM),
		STOP(__NR_iopl, CLI_TRAP_IOPL),
		STOP(__NR_open, CLI_TRAP_OPEN),
		STOP(__NR_openat, CLI_TRAP_OPENAT),
		RETURN(SECCOMP_RET_ALLOW),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 1 + 2 * CALLS),
		LOAD(nr),
		STOP(I386_IOPERM, CLI_TRAP_IOPERM | CLI_TRAP_I386),
		STOP(I386_IOPL, CLI_TRAP_IOPL | CLI_TRAP_I386),
		STOP(I386_OPEN, CLI_TRAP_OPEN | CLI_TRAP_I386),
		STOP(I386_OPENAT, CLI_TRAP_OPENAT | CLI_TRAP_I386),
		RETURN(SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]),
					    .filter = filter };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return 0;
	return cli_fail(OPP_UNSUCCESSFUL, "cannot filter system calls: %s", strerror(errno));
}

/* To one that may have ended, which is no reason to be ended by a signal. */
static bool tell(int line, const void *bytes, size_t count)
{
	return send(line, bytes, count, MSG_NOSIGNAL) == (ssize_t)count;
}

/* ---- the tracer --------------------------------------------------------------------------- */

/* It is told that a port may have been granted, or a child has changed, by being interrupted. */
static void interrupted(int number)
{
	(void)number;
}

static void prepare_signals(void)
{
	const struct sigaction action = { .sa_handler = interrupted };
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	sigaction(SIGCHLD, &action, NULL);
}

/* Nobody is to wait for the end of a pipe that the program has left; messages stay possible. */
static void let_go_of_files(void)
{
	const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	if (nothing > STDERR_FILENO)
		close(nothing);
}

static int seize(pid_t program)
{
	if (ptrace(PTRACE_SEIZE, program, NULL, cli_tracer_options()) == 0)
		return 0;
	return cli_fail(OPP_ACCESS_DENIED,
			"the kernel does not let us trace the program (%s): something traces this "
			"command already, or look at sysctl kernel.yama.ptrace_scope",
			strerror(errno));
}

static _Noreturn void be_the_tracer(int line, pid_t program, const struct cli_named *named,
				    size_t count)
{
	struct cli_ports *ports = calloc(1, sizeof(*ports));
	const pid_t id = getpid();
	int code = EXIT_FAILURE;
	char go_ahead;

	setsid();
	prepare_signals();
	let_go_of_files();
	if (!ports || !tell(line, &id, sizeof(id)) || read(line, &go_ahead, 1) != 1)
		_exit(EXIT_FAILURE);
	code = cli_ports_open(ports, named, count);
	if (!code)
		code = seize(program);
	if (!tell(line, &code, sizeof(code)) || code)
		_exit(EXIT_FAILURE);
	close(line);
	cli_tracer_run(ports, program);
	_exit(EXIT_SUCCESS);
}

/* ---- the program ------------------------------------------------------------------------------ */

static int await_tracer(int line)
{
	int code;
	pid_t id;

	if (read(line, &id, sizeof(id)) != sizeof(id))
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "no memory for the tracer");
	/* Only where the kernel restricts tracing to parents does this mean anything. */
	(void)prctl(PR_SET_PTRACER, (unsigned long)id);
	if (!tell(line, "", 1) || read(line, &code, sizeof(code)) != sizeof(code))
		return cli_fail(OPP_UNSUCCESSFUL, "the tracer has ended");
	return code ? code : set_filter();
}

int cli_trap_start(const struct cli_named *named, size_t count)
{
	const pid_t program = getpid();
	int code = cli_trap_file_make();
	pid_t between;
	int lines[2];

	if (code)
		return code;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lines) != 0)
		return cli_fail(OPP_UNSUCCESSFUL, "cannot make a socket: %s", strerror(errno));
	between = fork();
	if (between == 0 && fork() == 0) {
		close(lines[0]);
		be_the_tracer(lines[1], program, named, count);
	}
	if (between == 0)
		_exit(EXIT_SUCCESS);
	close(lines[1]);
	if (between > 0)
		waitpid(between, NULL, 0);
	code = await_tracer(lines[0]);
	close(lines[0]);
	return code;
}
