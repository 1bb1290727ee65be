/* SPDX-License-Identifier: MIT */
/*
 * For a program that knows no driver and uses the registers of LPT1 at 0x378
 * itself: preloaded, it grants the right to do so and makes each access one to
 * /dev/parport0. The processor refuses the instruction, because nobody has that
 * right; what it would have done is done through ppdev, and the program goes on
 * behind it. All else the program does is untouched; no real port is reached.
 *
 * Knows IN and OUT of a byte with the port in DX, which is what inb() and outb()
 * are; anything else ends the program as without this.
 */
#include <fcntl.h>
#include <linux/ppdev.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <ucontext.h>
#include <unistd.h>

#define BASE 0x378u
#define IN   0xec /* instructions, of one byte */
#define OUT  0xee

static int port = -1;

static const unsigned long reads[] = { PPRDATA, PPRSTATUS, PPRCONTROL };
static const unsigned long writes[] = { PPWDATA, 0, PPWCONTROL };

/* Does what the instruction asks for; false when it is none of those. */
static bool do_access(greg_t *registers)
{
	const uint8_t instruction = *(const uint8_t *)registers[REG_RIP];
	const unsigned int offset = ((unsigned int)registers[REG_RDX] & 0xffff) - BASE;
	uint8_t byte = (uint8_t)registers[REG_RAX];

	if (offset >= sizeof(reads) / sizeof(reads[0]))
		return false;
	if (instruction == OUT)
		return ioctl(port, writes[offset], &byte) == 0;
	if (instruction != IN || ioctl(port, reads[offset], &byte) != 0)
		return false;
	registers[REG_RAX] = (registers[REG_RAX] & ~(greg_t)0xff) | byte;
	return true;
}

static void refused(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)info;
	if (do_access(registers))
		registers[REG_RIP]++;
	else
		signal(number, SIG_DFL);
}

int iopl(int level)
{
	const struct sigaction action = { .sa_sigaction = refused, .sa_flags = SA_SIGINFO };

	if (level == 0)
		return close(port);
	port = open("/dev/parport0", O_RDWR);
	if (port < 0 || ioctl(port, PPCLAIM) != 0)
		return -1;
	return sigaction(SIGSEGV, &action, NULL);
}
