/* SPDX-License-Identifier: MIT */
/* See answers.h. */
#include "answers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct code codes[] = {
	{ "PPSETMODE", PPSETMODE, { 0x00, 0x01 } },
	{ "PPGETMODE", PPGETMODE, { 0 } },
	{ "PPSETPHASE", PPSETPHASE, { 1 } },
	{ "PPGETPHASE", PPGETPHASE, { 0 } },
	{ "PPSETFLAGS", PPSETFLAGS, { 0 } },
	{ "PPGETFLAGS", PPGETFLAGS, { 0 } },
	{ "PPSETTIME32", PPSETTIME32, { 1 } },
	{ "PPGETTIME32", PPGETTIME32, { 0 } },
	{ "PPSETTIME64", PPSETTIME64, { 1 } },
	{ "PPGETTIME64", PPGETTIME64, { 0 } },
	{ "PPGETMODES", PPGETMODES, { 0 } },
	{ "PPDATADIR", PPDATADIR, { 0 } },
	{ "PPWDATA", PPWDATA, { 0x55 } },
	{ "PPRDATA", PPRDATA, { 0 } },
	{ "PPWCONTROL", PPWCONTROL, { 0x0c } },
	{ "PPRCONTROL", PPRCONTROL, { 0 } },
	{ "PPFCONTROL", PPFCONTROL, { 0 } },
	{ "PPRSTATUS", PPRSTATUS, { 0 } },
	{ "PPWCTLONIRQ", PPWCTLONIRQ, { 0x0c } },
	{ "PPCLRIRQ", PPCLRIRQ, { 0 } },
	{ "PPNEGOT", PPNEGOT, { 0x00, 0x01 } },
	{ "PPEXCL", PPEXCL, { 0 } },
	{ "PPYIELD", PPYIELD, { 0 } },
	{ "PPRELEASE", PPRELEASE, { 0 } },
	{ "PPCLAIM", PPCLAIM, { 0 } },
};
const size_t codes_count = sizeof(codes) / sizeof(codes[0]);
const char *node;

void start_asking(int argc, char **argv, unsigned int seconds)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s PORT\n", argv[0]);
		exit(2);
	}
	node = argv[1];
	alarm(seconds);
}

const char *outcome(long result)
{
	static char text[32];
	const char *name = result < 0 ? strerrorname_np(errno) : NULL;

	if (name)
		return name;
	snprintf(text, sizeof(text), "%ld", result);
	return text;
}

void answer(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

int fresh(void)
{
	int fd = open(node, O_RDWR);

	if (fd < 0) {
		perror(node);
		exit(1);
	}
	return fd;
}

int claimed(void)
{
	int fd = fresh();

	if (ioctl(fd, PPCLAIM) != 0) {
		perror("PPCLAIM");
		exit(1);
	}
	return fd;
}
