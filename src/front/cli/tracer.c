/* SPDX-License-Identifier: MIT */
/*
 * See tracer.h. What stops a thread, and what becomes of it:
 *
 *	SIGSEGV of a port instruction   done in its place --> goes on behind it
 *	ioperm, iopl, open of /dev/port answered
 *	    either of an unfree port    --> waits; begun anew once it is granted, and every
 *	                                    100 ms, so that signals reach it
 *	a stopping signal has stopped it --> stays stopped until SIGCONT
 *	start, exec, end of a thread    noted
 *	end of a call, of users of /dev/port: bytes moved there are those of ports
 *	any other signal                --> delivered
 */
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instruction.h"
#include "trap_file.h"
#include "trap_tasks.h"

#define CODE_64 0x33 /* segments that Linux runs programs in */
#define CODE_32 0x23

#define END_OF_CALL       (SIGTRAP | 0x80) /* or its beginning */
#define SYSTEM_CALL_BYTES 2                /* of syscall, sysenter and int 0x80 */
#define ADDRESSES         0x10000u
#define LEVEL_MOST        3u /* of iopl */

struct tracer {
	struct cli_ports *ports;
	struct cli_tasks tasks;
};

long cli_tracer_options(void)
{
	return PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
	       PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD |
	       PTRACE_O_EXITKILL;
}

/*
 * Whoever uses /dev/port stops at the end of each system call, too. A thread that is killed
 * meanwhile fails whatever is asked of it; its end is told next.
 */
static void go_on(const struct tracer *tracer, pid_t id, int number)
{
	const struct cli_task *task = cli_tasks_find(&tracer->tasks, id);

	ptrace(task && task->uses_file ? PTRACE_SYSCALL : PTRACE_CONT, id, NULL, (long)number);
}

/* False: it is to wait. */
static bool take(struct tracer *tracer, struct cli_task *task, cli_port_set set)
{
	cli_tasks_grant(&tracer->tasks, task->process, set);
	task->waits = !cli_ports_take(tracer->ports, set);
	return !task->waits;
}

/* ---- port instructions --------------------------------------------------------------------- */

struct access {
	struct cli_ports *ports;
	pid_t id;
};

static uint8_t access_in(void *context, uint16_t address)
{
	const struct access *access = context;

	return cli_ports_in(access->ports, address);
}

static void access_out(void *context, uint16_t address, uint8_t value)
{
	const struct access *access = context;

	cli_ports_out(access->ports, address, value);
}

/* As the program itself could. Returns how many bytes there are. */
static size_t load_some(pid_t id, uint64_t address, void *bytes, size_t count)
{
	const struct iovec here = { .iov_base = bytes, .iov_len = count };
	const struct iovec there = { .iov_base = (void *)(uintptr_t)address, .iov_len = count };
	const ssize_t got = process_vm_readv(id, &here, 1, &there, 1, 0);

	return got < 0 ? 0 : (size_t)got;
}

static bool access_load(void *context, uint64_t address, void *bytes, size_t count)
{
	const struct access *access = context;

	return load_some(access->id, address, bytes, count) == count;
}

static bool access_store(void *context, uint64_t address, const void *bytes, size_t count)
{
	const struct access *access = context;
	const struct iovec here = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = count };
	const struct iovec there = { .iov_base = (void *)(uintptr_t)address, .iov_len = count };

	return process_vm_writev(access->id, &here, 1, &there, 1, 0) == (ssize_t)count;
}

/* A fault that the processor told of, without an address: what a port instruction leads to. */
static bool is_protection_fault(pid_t id)
{
	siginfo_t info;

	return ptrace(PTRACE_GETSIGINFO, id, NULL, &info) == 0 && info.si_code == SI_KERNEL;
}

static bool find_instruction(pid_t id, struct cli_instruction *instruction,
			     struct user_regs_struct *registers)
{
	uint8_t bytes[CLI_INSTRUCTION_MOST];

	if (!is_protection_fault(id) || ptrace(PTRACE_GETREGS, id, NULL, registers) != 0)
		return false;
	if (registers->cs != CODE_64 && registers->cs != CODE_32)
		return false;
	return cli_instruction_decode(instruction, bytes,
				      load_some(id, registers->rip, bytes, sizeof(bytes)),
				      registers->cs == CODE_64);
}

static void deliver_page_fault(const struct tracer *tracer, pid_t id, uint64_t address)
{
	siginfo_t info = { .si_signo = SIGSEGV, .si_code = SEGV_MAPERR };

	info.si_addr = (void *)(uintptr_t)address;
	ptrace(PTRACE_SETSIGINFO, id, NULL, &info);
	go_on(tracer, id, SIGSEGV);
}

static void perform(struct tracer *tracer, pid_t id, const struct cli_instruction *instruction,
		    struct user_regs_struct *registers)
{
	struct access access = { .ports = tracer->ports, .id = id };
	const struct cli_bus bus = { .in = access_in,
				     .out = access_out,
				     .load = access_load,
				     .store = access_store,
				     .context = &access };
	uint64_t fault;
	const bool done = cli_instruction_perform(instruction, registers, &bus, &fault);

	ptrace(PTRACE_SETREGS, id, NULL, registers);
	if (done)
		go_on(tracer, id, 0);
	else
		deliver_page_fault(tracer, id, fault);
}

/* False: it is the program's own fault. */
static bool on_fault(struct tracer *tracer, struct cli_task *task)
{
	struct cli_instruction instruction;
	struct user_regs_struct registers;
	cli_port_set set;

	if (!find_instruction(task->id, &instruction, &registers))
		return false;
	if (!instruction.width && !task->ports)
		return false;
	set = cli_ports_at(tracer->ports, cli_instruction_port(&instruction, &registers),
			   instruction.width);
	if (take(tracer, task, set))
		perform(tracer, task->id, &instruction, &registers);
	return true;
}

/* ---- system calls --------------------------------------------------------------------------- */

typedef unsigned long long reg; /* as in struct user_regs_struct */

struct call {
	enum cli_trap trap;
	struct user_regs_struct registers;
	reg *arguments[3]; /* in registers */
};

static bool get_call(pid_t id, struct call *call)
{
	struct user_regs_struct *registers = &call->registers;
	unsigned long why;

	if (ptrace(PTRACE_GETEVENTMSG, id, NULL, &why) != 0 ||
	    ptrace(PTRACE_GETREGS, id, NULL, registers) != 0)
		return false;
	call->trap = why & ~(unsigned long)CLI_TRAP_I386;
	call->arguments[0] = why & CLI_TRAP_I386 ? &registers->rbx : &registers->rdi;
	call->arguments[1] = why & CLI_TRAP_I386 ? &registers->rcx : &registers->rsi;
	call->arguments[2] = &registers->rdx;
	return true;
}

/* The call is left out, and the program sees @result. */
static void answer(const struct tracer *tracer, pid_t id, struct call *call, int result)
{
	call->registers.orig_rax = (unsigned long long)-1;
	call->registers.rax = (unsigned long long)result;
	ptrace(PTRACE_SETREGS, id, NULL, &call->registers);
	go_on(tracer, id, 0);
}

/* The call is left out, and is the next that the program does. */
static void call_again(pid_t id, struct call *call)
{
	call->registers.rax = call->registers.orig_rax;
	call->registers.orig_rax = (unsigned long long)-1;
	call->registers.rip -= SYSTEM_CALL_BYTES;
	ptrace(PTRACE_SETREGS, id, NULL, &call->registers);
}

static void grant(struct tracer *tracer, struct cli_task *task, struct call *call, cli_port_set set)
{
	if (take(tracer, task, set))
		answer(tracer, task->id, call, 0);
	else
		call_again(task->id, call);
}

static void on_ioperm(struct tracer *tracer, struct cli_task *task, struct call *call)
{
	const uint64_t first = *call->arguments[0], count = *call->arguments[1];
	const bool on = (int)*call->arguments[2];

	if (first >= ADDRESSES || count == 0 || count > ADDRESSES - first)
		answer(tracer, task->id, call, -EINVAL);
	else
		grant(tracer, task, call,
		      on ? cli_ports_at(tracer->ports, (uint32_t)first, (uint32_t)count) : 0);
}

static void on_iopl(struct tracer *tracer, struct cli_task *task, struct call *call)
{
	const uint32_t level = (uint32_t)*call->arguments[0];

	if (level > LEVEL_MOST)
		answer(tracer, task->id, call, -EINVAL);
	else
		grant(tracer, task, call,
		      level == LEVEL_MOST ? cli_ports_at(tracer->ports, 0, ADDRESSES) : 0);
}

static bool names_port_file(pid_t id, uint64_t path)
{
	char text[sizeof(CLI_PORT_FILE)];

	return load_some(id, path, text, sizeof(text)) == sizeof(text) &&
	       memcmp(text, CLI_PORT_FILE, sizeof(text)) == 0;
}

/* What the other threads do next with it is to be seen, too. */
static void follow_file(struct tracer *tracer, const struct cli_task *task)
{
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		struct cli_task *other = &tracer->tasks.list[i];

		if (other->process != task->process || other->uses_file)
			continue;
		other->uses_file = true;
		if (other != task)
			ptrace(PTRACE_INTERRUPT, other->id, NULL, NULL);
	}
}

static void on_open(struct tracer *tracer, struct cli_task *task, struct call *call)
{
	const unsigned int path = call->trap == CLI_TRAP_OPENAT;

	if (!names_port_file(task->id, *call->arguments[path])) {
		go_on(tracer, task->id, 0);
		return;
	}
	follow_file(tracer, task);
	if (!take(tracer, task, cli_ports_at(tracer->ports, 0, ADDRESSES))) {
		call_again(task->id, call);
		return;
	}
	cli_trap_file_mend();
	*call->arguments[path + 1] &= ~(reg)O_TRUNC;
	ptrace(PTRACE_SETREGS, task->id, NULL, &call->registers);
	go_on(tracer, task->id, 0);
}

static void on_system_call(struct tracer *tracer, struct cli_task *task)
{
	struct call call;

	if (!get_call(task->id, &call))
		return;
	switch (call.trap) {
	case CLI_TRAP_IOPERM: on_ioperm(tracer, task, &call); break;
	case CLI_TRAP_IOPL: on_iopl(tracer, task, &call); break;
	case CLI_TRAP_OPEN:
	case CLI_TRAP_OPENAT: on_open(tracer, task, &call); break;
	default: go_on(tracer, task->id, 0); break;
	}
}

/* ---- /dev/port -------------------------------------------------------------------------- */

static const struct {
	uint32_t arch;
	uint32_t number;
	bool is_write;
	bool has_position;
} movers[] = {
	{ AUDIT_ARCH_X86_64, 0, false, false }, { AUDIT_ARCH_X86_64, 1, true, false },
	{ AUDIT_ARCH_X86_64, 17, false, true }, { AUDIT_ARCH_X86_64, 18, true, true },
	{ AUDIT_ARCH_I386, 3, false, false },   { AUDIT_ARCH_I386, 4, true, false },
	{ AUDIT_ARCH_I386, 180, false, true },  { AUDIT_ARCH_I386, 181, true, true },
};

static bool is_mover(uint32_t arch, const struct user_regs_struct *registers,
		     struct cli_moved *moved)
{
	const bool is_64 = arch == AUDIT_ARCH_X86_64;

	for (size_t i = 0; i < sizeof(movers) / sizeof(movers[0]); i++) {
		if (movers[i].arch != arch || movers[i].number != registers->orig_rax)
			continue;
		moved->is_write = movers[i].is_write;
		moved->fd = (int)(is_64 ? registers->rdi : registers->rbx);
		moved->memory = is_64 ? registers->rsi : registers->rcx;
		moved->position = -1;
		if (movers[i].has_position)
			moved->position = (int64_t)(is_64 ? registers->r10 : registers->rsi);
		return true;
	}
	return false;
}

/* True: the call has ended, and moved something. */
static bool has_moved(pid_t id, struct cli_moved *moved)
{
	struct __ptrace_syscall_info info;
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, id, sizeof(info), &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_EXIT || info.exit.is_error || info.exit.rval <= 0 ||
	    ptrace(PTRACE_GETREGS, id, NULL, &registers) != 0)
		return false;
	moved->count = (uint64_t)info.exit.rval;
	return is_mover(info.arch, &registers, moved);
}

static void on_end_of_call(struct tracer *tracer, pid_t id)
{
	struct access access = { .ports = tracer->ports, .id = id };
	struct cli_moved moved;
	int64_t port;
	uint8_t byte;

	if (!has_moved(id, &moved) || (port = cli_trap_file_position(id, &moved)) < 0)
		return;
	for (uint64_t i = 0; i < moved.count; i++, port++) {
		if (!moved.is_write) {
			byte = cli_ports_in(tracer->ports, (uint16_t)port);
			access_store(&access, moved.memory + i, &byte, 1);
		} else if (access_load(&access, moved.memory + i, &byte, 1)) {
			cli_ports_out(tracer->ports, (uint16_t)port, byte);
		}
	}
}

/* ---- threads ------------------------------------------------------------------------------------ */

/* What an event names: a new thread, or what one was called before it became a program. */
static pid_t named_by(pid_t id)
{
	unsigned long named = 0;

	ptrace(PTRACE_GETEVENTMSG, id, NULL, &named);
	return (pid_t)named;
}

static void forget(struct tracer *tracer, pid_t id)
{
	cli_tasks_forget(&tracer->tasks, id);
	cli_ports_give(tracer->ports, cli_tasks_ports(&tracer->tasks));
}

static void on_exec(struct tracer *tracer, pid_t id)
{
	const pid_t former = named_by(id);

	if (former != id)
		forget(tracer, former);
	go_on(tracer, id, 0);
}

static bool stops(int number)
{
	return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

static void on_signal(struct tracer *tracer, struct cli_task *task, int number)
{
	const pid_t id = task->id;

	if (number == END_OF_CALL) {
		on_end_of_call(tracer, id);
		go_on(tracer, id, 0);
	} else if (number != SIGSEGV || !on_fault(tracer, task)) {
		go_on(tracer, id, number);
	}
}

static void on_stop(struct tracer *tracer, struct cli_task *task, int event, int number)
{
	const pid_t id = task->id;

	switch (event) {
	case 0: on_signal(tracer, task, number); return;
	case PTRACE_EVENT_SECCOMP: on_system_call(tracer, task); return;
	case PTRACE_EVENT_STOP:
		if (stops(number))
			ptrace(PTRACE_LISTEN, id, NULL, NULL);
		else
			go_on(tracer, id, 0);
		return;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		cli_tasks_adopt(&tracer->tasks, named_by(id), task->process);
		go_on(tracer, id, 0);
		return;
	case PTRACE_EVENT_EXEC: on_exec(tracer, id); return;
	case PTRACE_EVENT_EXIT: forget(tracer, id); break;
	default: break;
	}
	go_on(tracer, id, 0);
}

static void on_change(struct tracer *tracer, pid_t id, int status)
{
	struct cli_task *task;

	if (!WIFSTOPPED(status)) {
		forget(tracer, id);
		return;
	}
	task = cli_tasks_adopt(&tracer->tasks, id, 0);
	if (task)
		on_stop(tracer, task, status >> 16, WSTOPSIG(status));
	else
		go_on(tracer, id, 0);
}

static void try_again(struct tracer *tracer)
{
	cli_ports_wait(tracer->ports);
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		struct cli_task *task = &tracer->tasks.list[i];

		if (task->waits)
			go_on(tracer, task->id, 0);
		task->waits = false;
	}
}

void cli_tracer_run(struct cli_ports *ports, pid_t first)
{
	struct tracer tracer = { .ports = ports };
	int status;
	pid_t id;

	cli_tasks_adopt(&tracer.tasks, first, 0);
	for (;;) {
		const bool any_waits = cli_tasks_any_waits(&tracer.tasks);

		id = waitpid(-1, &status, __WALL | (any_waits ? WNOHANG : 0));
		if (id > 0)
			on_change(&tracer, id, status);
		else if (id == 0)
			try_again(&tracer);
		else if (errno != EINTR)
			break;
	}
	free(tracer.tasks.list);
}
