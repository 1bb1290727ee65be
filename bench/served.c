/* SPDX-License-Identifier: MIT */
/*
 * A served port's prices, on the file argv[1] of a service that is pinned to
 * processor argv[2], where this program goes too for the first two figures:
 * claim and release against two calls that do nothing, one data byte against
 * one such call; and, unpinned, from the holder's release to the waiter's
 * return in another process against one way of a pipe ping-pong.
 */
#include <fcntl.h>
#include <linux/ppdev.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "measure.h"

#define TURNS  1000u
#define ROUNDS 500u

static int port;

static void call(unsigned long code, void *argument)
{
	if (ioctl(port, code, argument) != 0)
		give_up("a call on the port");
}

static uint64_t claim_and_release(void *context)
{
	const uint64_t start_ns = now_ns();
	uint32_t i;

	(void)context;
	for (i = 0; i < TURNS; i++) {
		call(PPCLAIM, NULL);
		call(PPRELEASE, NULL);
	}
	return now_ns() - start_ns;
}

static uint64_t nothing_twice(void *context)
{
	const uint64_t start_ns = now_ns();
	uint32_t i;

	(void)context;
	for (i = 0; i < TURNS; i++) {
		call(OPP_IOC_NOTHING, NULL);
		call(OPP_IOC_NOTHING, NULL);
	}
	return now_ns() - start_ns;
}

static uint64_t write_data(void *context)
{
	const uint64_t start_ns = now_ns();
	uint32_t i;

	(void)context;
	for (i = 0; i < TURNS; i++) {
		unsigned char byte = (unsigned char)i;

		call(PPWDATA, &byte);
	}
	return now_ns() - start_ns;
}

static uint64_t nothing_once(void *context)
{
	const uint64_t start_ns = now_ns();
	uint32_t i;

	(void)context;
	for (i = 0; i < TURNS; i++)
		call(OPP_IOC_NOTHING, NULL);
	return now_ns() - start_ns;
}

/* ---- from one process to another ------------------------------------------------------ */

/* Shared by the two processes; each writes only when it is its turn. */
struct meeting {
	uint64_t let_go_ns;
	double took_ns[ROUNDS];
};

static void wait_until_somebody_waits(void)
{
	uint32_t waiters = 0;

	while (waiters == 0)
		call(OPP_IOC_WAITERS, &waiters);
}

/* The parent lets go, the child notes how long that took to reach it, and lets go too. */
static void wait_for_port(const char *path, struct meeting *meeting)
{
	uint32_t i;

	port = open(path, O_RDWR);
	if (port < 0)
		give_up(path);
	for (i = 0; i < ROUNDS; i++) {
		call(PPCLAIM, NULL);
		meeting->took_ns[i] = (double)(now_ns() - meeting->let_go_ns);
		wait_until_somebody_waits();
		call(PPRELEASE, NULL);
	}
	_exit(0);
}

static double release_to_grant_ns(const char *path, struct meeting *meeting)
{
	uint32_t i;
	pid_t child;

	call(PPCLAIM, NULL);
	child = fork();
	if (child == 0)
		wait_for_port(path, meeting);
	if (child < 0)
		give_up("fork");
	for (i = 0; i < ROUNDS; i++) {
		wait_until_somebody_waits();
		meeting->let_go_ns = now_ns();
		call(PPRELEASE, NULL);
		call(PPCLAIM, NULL);
	}
	call(PPRELEASE, NULL);
	waitpid(child, NULL, 0);
	return median(meeting->took_ns, ROUNDS);
}

static void pass_on(int from, int to)
{
	char ball;

	if (read(from, &ball, 1) != 1 || write(to, &ball, 1) != 1)
		_exit(1);
}

static double pipe_one_way_ns(struct meeting *meeting)
{
	int there[2], back[2];
	uint32_t i;
	pid_t child;

	if (pipe(there) != 0 || pipe(back) != 0)
		give_up("pipe");
	child = fork();
	if (child < 0)
		give_up("fork");
	for (i = 0; child == 0 && i < ROUNDS; i++)
		pass_on(there[0], back[1]);
	if (child == 0)
		_exit(0);
	for (i = 0; i < ROUNDS; i++) {
		const uint64_t start_ns = now_ns();
		char ball = 'o';

		if (write(there[1], &ball, 1) != 1 || read(back[0], &ball, 1) != 1)
			give_up("ping-pong");
		meeting->took_ns[i] = (double)(now_ns() - start_ns) / 2;
	}
	waitpid(child, NULL, 0);
	return median(meeting->took_ns, ROUNDS);
}

static void pin_to(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		give_up("pinning to a processor");
}

int main(int argc, char **argv)
{
	struct meeting *meeting = mmap(NULL, sizeof(*meeting), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cpu_set_t anywhere;

	if (argc != 3 || meeting == MAP_FAILED)
		give_up("usage: served PORT PROCESSOR");
	port = open(argv[1], O_RDWR);
	if (port < 0)
		give_up(argv[1]);
	if (sched_getaffinity(0, sizeof(anywhere), &anywhere) != 0)
		give_up("affinity");
	pin_to(atoi(argv[2]));
	report("claim_release_vs_empty_ioctl",
	       median_ratio(claim_and_release, nothing_twice, NULL));
	call(PPCLAIM, NULL);
	report("write_data_vs_empty_ioctl", median_ratio(write_data, nothing_once, NULL));
	call(PPRELEASE, NULL);
	if (sched_setaffinity(0, sizeof(anywhere), &anywhere) != 0)
		give_up("affinity");
	report("release_to_grant_vs_pingpong",
	       release_to_grant_ns(argv[1], meeting) / pipe_one_way_ns(meeting));
	return 0;
}
