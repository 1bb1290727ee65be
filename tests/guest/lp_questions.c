/* SPDX-License-Identifier: MIT */
/*
 * Asks a printer's node what lp's programs ask, and prints one line an answer. The
 * same binary runs on Linux's own lp and on ours. It writes nothing but to a printer
 * that is ready, so that it never waits. Low status bits are masked: they are not wired.
 */
#include "answers.h"

#include <fcntl.h>
#include <linux/lp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define STATUS_LINES  0xf8

/* Whatever LPABORTOPEN says. */
static int opened(void)
{
	int fd = open(node, O_RDWR | O_NONBLOCK);

	if (fd < 0) {
		perror(node);
		exit(1);
	}
	return fd;
}

static void show_flags(int fd, const char *when)
{
	int flags = -1;
	long result = ioctl(fd, LPGETFLAGS, &flags);

	answer("flags %s = %s %#x", when, outcome(result), (unsigned int)flags);
}

static void ask_open(const char *when)
{
	static const struct {
		const char *name;
		int flags;
	} ways[] = {
		{ "O_RDONLY", O_RDONLY },
		{ "O_WRONLY", O_WRONLY },
		{ "O_RDWR", O_RDWR },
		{ "O_WRONLY|O_EXCL", O_WRONLY | O_EXCL },
		{ "O_WRONLY|O_TRUNC", O_WRONLY | O_TRUNC },
		{ "O_WRONLY|O_NONBLOCK", O_WRONLY | O_NONBLOCK },
	};

	for (size_t i = 0; i < LENGTH(ways); i++) {
		int fd = open(node, ways[i].flags);

		answer("open %s %s = %s", ways[i].name, when, outcome(fd < 0 ? fd : 0));
		if (fd >= 0)
			close(fd);
	}
}

static void ask_twice(void)
{
	int first = opened(), second = open(node, O_WRONLY | O_EXCL);

	answer("open while it is open = %s", outcome(second < 0 ? second : 0));
	if (second >= 0)
		close(second);
	close(first);
}

static void ask_file(void)
{
	struct stat about;

	if (stat(node, &about) == 0)
		answer("file is a character device = %d", S_ISCHR(about.st_mode));
}

static void ask_facts(void)
{
	int fd = opened(), status = -1, irq = -2;
	long result = ioctl(fd, LPGETSTATUS, &status);

	answer("LPGETSTATUS = %s %#x", outcome(result), (unsigned int)status & STATUS_LINES);
	result = ioctl(fd, LPGETIRQ, &irq);
	answer("LPGETIRQ = %s %d", outcome(result), irq);
	close(fd);
}

/* Each is set and taken back; what one open file sets holds for the next. */
static void ask_flags(void)
{
	static const struct {
		const char *name;
		unsigned long code;
	} flags[] = {
		{ "LPABORT", LPABORT },
		{ "LPABORTOPEN", LPABORTOPEN },
		{ "LPCAREFUL", LPCAREFUL },
	};
	static const long values[] = { 1, 0, -1, 0 };
	char when[60];

	for (size_t f = 0; f < LENGTH(flags); f++) {
		for (size_t v = 0; v < LENGTH(values); v++) {
			int fd = opened();
			long result = ioctl(fd, flags[f].code, values[v]);

			snprintf(when, sizeof(when), "%s %ld, step %zu", flags[f].name, values[v],
				 v);
			answer("%s = %s", when, outcome(result));
			close(fd);
			fd = opened();
			show_flags(fd, when);
			close(fd);
		}
	}
}

static void ask_numbers(void)
{
	static const struct {
		const char *name;
		unsigned long code;
	} codes_with_number[] = {
		{ "LPCHAR", LPCHAR },     { "LPTIME", LPTIME },   { "LPWAIT", LPWAIT },
		{ "LPSETIRQ", LPSETIRQ }, { "LPRESET", LPRESET },
	};
	/* The last two: most of LPTIME, and one more. */
	static const unsigned long values[] = { 0, 1, 7, 1000, 17179869, 17179870 };
	int fd = opened();

	for (size_t c = 0; c < LENGTH(codes_with_number); c++)
		for (size_t v = 0; v < LENGTH(values); v++)
			answer("%s %lu = %s", codes_with_number[c].name, values[v],
			       outcome(ioctl(fd, codes_with_number[c].code, values[v])));
	show_flags(fd, "after numbers were set");
	close(fd);
	/* Back to what Linux begins with. */
	fd = opened();
	ioctl(fd, LPCHAR, LP_INIT_CHAR);
	ioctl(fd, LPTIME, LP_INIT_TIME);
	ioctl(fd, LPWAIT, LP_INIT_WAIT);
	close(fd);
}

static void ask_timeout(void)
{
	static const int64_t values[][2] = {
		{ 1, 0 }, { 0, 1 }, { 0, 999999 }, { 0, 0 }, { -1, 0 }, { 0, -1 }, { 10, 0 },
	};
	int fd = opened();

	for (size_t v = 0; v < LENGTH(values); v++) {
		const char *old = outcome(ioctl(fd, LPSETTIMEOUT_OLD, values[v]));

		answer("LPSETTIMEOUT %lld %lld = %s", (long long)values[v][0],
		       (long long)values[v][1], old);
		answer("LPSETTIMEOUT_NEW %lld %lld = %s", (long long)values[v][0],
		       (long long)values[v][1], outcome(ioctl(fd, LPSETTIMEOUT_NEW, values[v])));
	}
	close(fd);
}

static void ask_pointers(void)
{
	static const struct {
		const char *name;
		unsigned long code;
	} takers[] = {
		{ "LPGETSTATUS", LPGETSTATUS },
		{ "LPGETIRQ", LPGETIRQ },
		{ "LPGETFLAGS", LPGETFLAGS },
		{ "LPSETTIMEOUT", LPSETTIMEOUT_OLD },
		{ "LPSETTIMEOUT_NEW", LPSETTIMEOUT_NEW },
	};
	static void *const bad[] = { NULL, (void *)1, (void *)-4096L };
	int fd = opened();

	for (size_t t = 0; t < LENGTH(takers); t++)
		for (size_t b = 0; b < LENGTH(bad); b++)
			answer("%s at pointer %ld = %s", takers[t].name, (long)bad[b],
			       outcome(ioctl(fd, takers[t].code, bad[b])));
	close(fd);
}

static void ask_unknown(void)
{
	static const unsigned long others[] = {
		0x0600, 0x0603, 0x0607, 0x060d, 0x0610, PPCLAIM, PPRSTATUS, 0x5401, 0x541b, 0,
	};
	unsigned char bytes[64] = { 0 };
	int fd = opened();

	for (size_t i = 0; i < LENGTH(others); i++)
		answer("unknown code %#lx = %s", others[i], outcome(ioctl(fd, others[i], bytes)));
	close(fd);
}

static void ask_abort_open(void)
{
	int fd = opened();

	ioctl(fd, LPABORTOPEN, 1);
	close(fd);
	ask_open("with LPABORTOPEN");
	fd = opened();
	ioctl(fd, LPABORTOPEN, 0);
	close(fd);
}

/* Where no status can be had, the printer is one that prints. */
static bool is_ready(void)
{
	int fd = opened(), status = LP_PBUSY | LP_PACK | LP_PSELECD | LP_PERRORP;
	bool ready;

	ioctl(fd, LPGETSTATUS, &status);
	ready = (status & STATUS_LINES) == (LP_PBUSY | LP_PACK | LP_PSELECD | LP_PERRORP);

	close(fd);
	return ready;
}

static void ask_writing(void)
{
	int fd = open(node, O_WRONLY);

	answer("write of 1 byte = %s", outcome(write(fd, "x", 1)));
	answer("write of 10 bytes = %s", outcome(write(fd, "0123456789", 10)));
	answer("lseek = %s", outcome(lseek(fd, 0, SEEK_SET)));
	answer("pwrite = %s", outcome(pwrite(fd, "y", 1, 5)));
	answer("fsync = %s", outcome(fsync(fd)));
	close(fd);
}

int main(int argc, char **argv)
{
	start_asking(argc, argv, 60);
	ask_file();
	ask_open("at first");
	ask_twice();
	ask_facts();
	ask_flags();
	ask_numbers();
	ask_timeout();
	ask_pointers();
	ask_unknown();
	ask_abort_open();
	if (is_ready())
		ask_writing();
	return 0;
}
