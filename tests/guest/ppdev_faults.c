/* SPDX-License-Identifier: MIT */
/*
 * Asks a ppdev port what write() says when the printer does not take bytes:
 * off-line, out of paper, switched off. The same three printers stand at
 * Linux's port and at ours.
 */
#include "answers.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BYTES 100

static void show_line_state(int fd, const char *when)
{
	int64_t time[2] = { -1, -1 };
	unsigned char control = 0xee, status = 0xee;
	int mode = -1, phase = -1;

	ioctl(fd, PPRSTATUS, &status);
	ioctl(fd, PPRCONTROL, &control);
	ioctl(fd, PPGETTIME64, time);
	ioctl(fd, PPGETMODE, &mode);
	ioctl(fd, PPGETPHASE, &phase);
	answer("%s: status = %02x", when, status & 0xf8);
	answer("%s: after it = control %02x, time %lld %lld, mode %#x, phase %d", when, control,
	       (long long)time[0], (long long)time[1], (unsigned int)mode, phase);
}

static void ask_write(const char *name, int flags)
{
	int64_t patience[2] = { 0, 200000 };
	char page[BYTES];
	char when[40];
	int fd = claimed();

	memset(page, 'f', sizeof(page));
	fcntl(fd, F_SETFL, flags);
	ioctl(fd, PPSETTIME64, patience);
	snprintf(when, sizeof(when), "write%s", name);
	answer("%s = %s", when, outcome(write(fd, page, sizeof(page))));
	show_line_state(fd, when);
	ioctl(fd, PPSETTIME64, patience);
	answer("%s again = %s", when, outcome(write(fd, page, 1)));
	close(fd);
}

int main(int argc, char **argv)
{
	start_asking(argc, argv, 60);
	ask_write("", 0);
	ask_write(" without waiting", O_NONBLOCK);
	return 0;
}
