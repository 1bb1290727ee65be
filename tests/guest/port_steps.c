/* SPDX-License-Identifier: MIT */
/*
 * A program on ppdev that does as it is told:
 *
 *	port_steps PORT STEP...
 *
 * opens PORT, takes the steps one after the other and prints each with its answer, so that
 * two of them, on Linux's file and on ours of the same port, can be brought into an order.
 */
#include "answers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ppdev.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define LIFE_S     100
#define FILE_BYTES 65536

static int port;

static long claim(const char *unused)
{
	(void)unused;
	return ioctl(port, PPCLAIM);
}

static long release(const char *unused)
{
	(void)unused;
	return ioctl(port, PPRELEASE);
}

/* So many PPWDATA, one after the other; how many of them were answered with 0. */
static long write_data(const char *count)
{
	const struct timespec pause = { .tv_nsec = 100000 };
	const long turns = strtol(count, NULL, 10);
	long good = 0;

	for (long i = 0; i < turns; i++) {
		unsigned char byte = (unsigned char)i;

		good += ioctl(port, PPWDATA, &byte) == 0;
		nanosleep(&pause, NULL);
	}
	return good;
}

/* A file of at most FILE_BYTES, in one write(). */
static long print(const char *path)
{
	static char bytes[FILE_BYTES];
	const int fd = open(path, O_RDONLY);
	const ssize_t count = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (count < 0) {
		perror(path);
		exit(1);
	}
	close(fd);
	return write(port, bytes, (size_t)count);
}

static long poll_for(const char *ms)
{
	struct pollfd look = { .fd = port, .events = POLLIN };

	return poll(&look, 1, (int)strtol(ms, NULL, 10));
}

/* Interrupts since this was asked last. */
static long clear_interrupts(const char *unused)
{
	int count = 0;
	const long result = ioctl(port, PPCLRIRQ, &count);

	(void)unused;
	return result < 0 ? result : count;
}

/* ---- the other programs ------------------------------------------------------------------ */

static long make(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT, 0600);

	return fd < 0 ? fd : close(fd);
}

static long await(const char *path)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	while (access(path, F_OK) != 0)
		nanosleep(&pause, NULL);
	return 0;
}

static long find_file(const char *path)
{
	return access(path, F_OK);
}

static const struct step {
	const char *name;
	int words;
	long (*take)(const char *word);
} steps[] = {
	{ "claim", 0, claim }, { "release", 0, release }, { "data", 1, write_data },
	{ "print", 1, print }, { "poll", 1, poll_for },   { "interrupts", 0, clear_interrupts },
	{ "make", 1, make },   { "await", 1, await },     { "find", 1, find_file },
};

static const struct step *find(const char *name)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].name, name) == 0)
			return &steps[i];
	fprintf(stderr, "port_steps: no step %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	start_asking(argc < 2 ? argc : 2, argv, LIFE_S);
	port = fresh();
	for (int i = 2; i < argc; i++) {
		const struct step *step = find(argv[i]);

		if (step->words && !argv[++i])
			return 2;
		answer("%s = %s", step->name, outcome(step->take(argv[i])));
	}
	return 0;
}
