/* SPDX-License-Identifier: MIT */
/*
 * A program that uses the registers of LPT1 by itself, as test_cli_trap_io.py runs it:
 * port_program GROUP does what it can of one kind and says what was not as on a PC.
 *
 * Built for 64 and for 32 bits.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
#include <asm/prctl.h>
#include <sys/syscall.h>
#endif

#define DATA    0x378
#define STATUS  0x379
#define CONTROL 0x37a
#define NOBODY  0x2f8

#define THREADS  4
#define ACCESSES 50
#define LONG     300 /* more than is done at a time */

static unsigned int checked, failed;

static void check(bool good, const char *what)
{
	checked++;
	if (good)
		return;
	failed++;
	printf("not so: %s\n", what);
}

/* ---- widths ------------------------------------------------------------------------------ */

static void widths(void)
{
	unsigned long whole = ~0ul;
	unsigned char byte;

	outb(0x5a, DATA);
	check(inb(DATA) == 0x5a, "a byte is read back");
	outb(0x04, CONTROL);
	check(inb(CONTROL) == 0xc4, "the control register is read back, unused bits set");
	check(inw(DATA) == (0x5a | inb(STATUS) << 8), "16 bits are data and status");
	check(inl(DATA) == (0xffc40000u | inw(DATA)), "32 bits are three registers and nothing");
	outw(0xff21, DATA);
	check(inb(DATA) == 0x21, "16 bits are written");
	outl(0xff06ff43u, DATA);
	check(inw(DATA) >> 8 == inb(STATUS) && inb(DATA) == 0x43 && inb(CONTROL) == 0xc6,
	      "32 bits are written");
	__asm__ volatile("inb $0x61, %0" : "=a"(byte));
	__asm__ volatile("outb %0, $0x80" : : "a"(byte));
	check(byte == 0xff, "a port in the instruction");
	__asm__ volatile("inb %w1, %b0" : "+a"(whole) : "d"(DATA));
	check(whole == (~0ul & ~0xfful) + 0x43, "a byte leaves the rest of the register");
	whole = ~0ul;
	__asm__ volatile("inw %w1, %w0" : "+a"(whole) : "d"(DATA));
	check(whole >> 16 == ~0ul >> 16 && (whole & 0xff) == 0x43, "16 bits leave the rest");
	__asm__ volatile("inl %w1, %k0" : "+a"(whole) : "d"(DATA));
	check((uint64_t)whole >> 32 == 0 && (whole & 0xff) == 0x43, "32 bits leave nothing");
	outb(0x20, CONTROL);
	check(inb(CONTROL) == 0xe0 && inb(DATA) != 0x43, "the direction bit frees the data lines");
	outb(0x00, CONTROL);
	check(inb(DATA) == 0x43, "and drives them again");
}

/* ---- faults of its own -------------------------------------------------------------- */

static sigjmp_buf landing;
static volatile uintptr_t fault_address;
static volatile int fault_code;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	fault_address = (uintptr_t)info->si_addr;
	fault_code = info->si_code;
	siglongjmp(landing, 1);
}

static void catch_faults(void)
{
	const struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	fault_code = 0;
	sigaction(SIGSEGV, &action, NULL);
}

/* ---- strings ----------------------------------------------------------------------------- */

#define STRING(instruction, place)                                                                 \
	__asm__ volatile(instruction : "+" place(memory), "+c"(count) : "d"(DATA) : "memory", "cc");

static unsigned char bytes[LONG + 4];

static void repeated(void)
{
	unsigned char *memory = bytes;
	unsigned long count = LONG;

	for (unsigned int i = 0; i < LONG; i++)
		bytes[i] = (unsigned char)(i * 7);
	STRING("rep outsb", "S")
	check(memory == bytes + LONG && count == 0, "rep outsb goes through its memory");
	check(inb(DATA) == (unsigned char)((LONG - 1) * 7),
	      "rep outsb writes it, the last one last");
	outb(0xa5, DATA);
	memset(bytes, 0, sizeof(bytes));
	memory = bytes;
	count = LONG;
	STRING("rep insb", "D")
	check(memory == bytes + LONG && count == 0 && bytes[LONG] == 0,
	      "rep insb ends where it is to");
	for (unsigned int i = 0; i < LONG && count == 0; i++)
		count += bytes[i] != 0xa5;
	check(count == 0, "rep insb fills all of it");
	memory = NULL;
	STRING("rep insb", "D")
	check(memory == NULL && count == 0, "nothing is done no times");
}

static void backwards(void)
{
	static uint16_t words[4];
	uint16_t *memory = &words[3];
	unsigned long count = 2;

	outb(0x11, DATA);
	STRING("std; rep insw; cld", "D")
	check(memory == &words[1] && words[1] == 0, "the direction flag turns it round");
	check(words[3] == inw(DATA) && words[2] == words[3], "rep insw reads words");
	words[0] = 0xff33;
	memory = words;
	STRING("outsw", "S")
	check(memory == &words[1] && inb(DATA) == 0x33, "outsw writes one");
}

static void faulting(void)
{
	unsigned char *const page =
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *memory = page + 4096 - 2;
	unsigned long count = 4;

	mprotect(page + 4096, 4096, PROT_NONE);
	catch_faults();
	outb(0x66, DATA);
	if (sigsetjmp(landing, 1) == 0)
		STRING("rep insb", "D")
	check(fault_address == (uintptr_t)page + 4096 && fault_code == SEGV_MAPERR,
	      "a string that leaves its memory is a fault there");
	check(page[4094] == 0x66 && page[4095] == 0x66, "and done up to there");
}

#ifdef __x86_64__
static void segments(void)
{
	unsigned char *const low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	unsigned long memory = (unsigned long)low | 1ul << 40, count = 2;

	low[0] = 0x12;
	low[1] = 0x77;
	STRING("addr32 rep outsb", "S")
	check(inb(DATA) == 0x77 && memory == (unsigned long)low + 2, "32 bits of an address");
	syscall(SYS_arch_prctl, ARCH_SET_GS, low);
	memory = 0;
	STRING("gs outsb", "S")
	check(inb(DATA) == 0x12 && memory == 1, "a segment that begins elsewhere");
}
#endif

static void strings(void)
{
	repeated();
	backwards();
	faulting();
#ifdef __x86_64__
	segments();
#endif
}

/* ---- threads and processes ----------------------------------------------------------------- */

/* Of the two lines that are its own, nothing is lost to the others: one access is one. */
static void *access_often(void *result)
{
	bool *good = result;

	*good = true;
	for (unsigned int i = 0; i < ACCESSES; i++) {
		outb(0x3c, DATA);
		*good &= inb(DATA) == 0x3c && inw(DATA) >> 8 == inb(STATUS);
	}
	return NULL;
}

static void threads(void)
{
	pthread_t thread[THREADS];
	bool good[THREADS] = { false };

	for (unsigned int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, access_often, &good[i]);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	check(good[0] && good[1] && good[2] && good[3], "threads access side by side");
}

static int status_of_child(void (*child)(void))
{
	const pid_t id = fork();
	int status = -1;

	if (id == 0) {
		child();
		_exit(3);
	}
	waitpid(id, &status, 0);
	return status;
}

static void write_and_exit(void)
{
	outb(0x99, DATA);
	_exit(inb(DATA) == 0x99 ? 7 : 1);
}

static void exec_this(void)
{
	execl("/proc/self/exe", "port_program", "look", NULL);
}

static void *exec_in_thread(void *unused)
{
	exec_this();
	return unused;
}

static void exec_from_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, exec_in_thread, NULL);
	pthread_join(thread, NULL);
}

static void die(void)
{
	outb(0x42, DATA);
	raise(SIGTERM);
}

/* What write_and_exit has written. */
static void look(void)
{
	check(inb(DATA) == 0x99, "a program that was not asked for the right has it still");
}

static void processes(void)
{
	int status = status_of_child(write_and_exit);

	check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "a child's accesses and exit status");
	check(inb(DATA) == 0x99, "the port stays taken when a child ends");
	status = status_of_child(exec_this);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child becomes another program");
	status = status_of_child(exec_from_thread);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "and so does one of its threads");
	status = status_of_child(die);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "a child is ended by a signal");
	check(waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD,
	      "there is no child but its own");
}

/* ---- signals --------------------------------------------------------------------------------- */

static volatile sig_atomic_t ticks;

static void on_tick(int number)
{
	(void)number;
	ticks = ticks + 1;
	(void)inb(STATUS);
}

static void timers(void)
{
	const struct itimerval often = { .it_interval.tv_usec = 500, .it_value.tv_usec = 500 };
	const struct itimerval never = { .it_value.tv_usec = 0 };
	bool good = true;

	signal(SIGALRM, on_tick);
	setitimer(ITIMER_REAL, &often, NULL);
	for (unsigned int i = 0; i < 4000 && (ticks < 20 || i < 200); i++) {
		outb((unsigned char)i, DATA);
		good &= inb(DATA) == (unsigned char)i;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	check(good && ticks >= 20, "signals come between accesses, and their handlers access, too");
}

static void signals(void)
{
	volatile char *volatile nowhere = (char *)16;

	catch_faults();
	if (sigsetjmp(landing, 1) == 0)
		*nowhere = 0;
	check(fault_address == 16 && fault_code == SEGV_MAPERR, "a fault of its own is its own");
	fault_code = 0;
	if (sigsetjmp(landing, 1) == 0)
		__asm__ volatile("hlt");
	check(fault_code == SI_KERNEL, "so is an instruction that nobody may use");
	fault_code = 0;
	if (sigsetjmp(landing, 1) == 0)
		raise(SIGSEGV);
	check(fault_code == SI_TKILL, "and a signal that it sends itself");
	outb(0x18, DATA);
	check(inb(DATA) == 0x18, "its handler does not keep it from accesses");
	timers();
}

/* ---- system calls ------------------------------------------------------------------------------ */

static void rights(void)
{
	catch_faults();
	if (sigsetjmp(landing, 1) == 0)
		__asm__ volatile("cli");
	check(fault_code == SI_KERNEL, "without the right to ports, interrupts are not ours");
	check(ioperm(DATA, 3, 1) == 0, "the port is granted");
	check(ioperm(NOBODY, 8, 1) == 0, "and what is nobody's");
	check(ioperm(0xffff, 2, 1) == -1 && errno == EINVAL, "ports beyond the last one are not");
	check(ioperm(DATA, 0, 1) == -1 && errno == EINVAL, "nor none");
	check(iopl(3) == 0, "all of them are granted");
	check(iopl(4) == -1 && errno == EINVAL, "there is no more than all");
	__asm__ volatile("cli; sti");
	outb(0x5a, NOBODY);
	check(inb(NOBODY) == 0xff && inl(DATA + 0x400) == 0xffffffffu, "nobody answers there");
	check(iopl(0) == 0 && ioperm(DATA, 3, 0) == 0, "the right is given back");
}

/* ---- groups -------------------------------------------------------------------------------------- */

/* D0 to D4 are status bits 3 to 7 there, and the register shows the last one upside down. */
static void plug(void)
{
	bool good = true;

	for (unsigned int value = 0; value < 32; value++) {
		outb((unsigned char)value, DATA);
		good &= (inb(STATUS) & 0xf8) == (value << 3 ^ 0x80);
	}
	check(good, "the plug feeds back all 32 values");
}

/* Takes the port, says so and keeps it until the end of its input. */
static void hold(void)
{
	check(ioperm(DATA, 3, 1) == 0, "the port is granted");
	outb(0x77, DATA);
	printf("held\n");
	fflush(stdout);
	while (getchar() != EOF)
		;
}

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "widths", widths },       { "strings", strings }, { "threads", threads },
	{ "processes", processes }, { "signals", signals }, { "rights", rights },
	{ "look", look },           { "plug", plug },       { "hold", hold },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strcmp(argv[1], groups[i].name) == 0)
			groups[i].run();
	return checked && !failed ? 0 : 1;
}
