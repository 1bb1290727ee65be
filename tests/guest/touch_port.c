/* SPDX-License-Identifier: MIT */
/* Whether it has a right to a port's registers that it has not asked for. */
#include <signal.h>
#include <stdio.h>
#include <sys/io.h>
#include <unistd.h>

#define STATUS_REGISTER 0x279

static void refused(int signal)
{
	static const char said[] = "refused\n";

	(void)signal;
	_exit(write(STDOUT_FILENO, said, sizeof(said) - 1) < 0);
}

int main(void)
{
	(void)signal(SIGSEGV, refused);
	(void)inb(STATUS_REGISTER);
	puts("touched");
	return 0;
}
