/* SPDX-License-Identifier: MIT */
/*
 * Asks a ppdev port with an interrupt what nAck does: the count, poll() and
 * PPWCTLONIRQ. One client only: with two, Linux's ppdev locks its machine up.
 * How many interrupts a byte makes is not asked: QEMU's own port, the only one
 * that interrupts a guest, makes a few where a real one makes one.
 */
#include "answers.h"

#include <linux/parport.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define IDLE_CONTROL 0x0c
#define PATIENCE_MS  2000

/* One byte to the printer, which answers with nAck: the interrupt. */
static void strobe(int fd)
{
	struct ppdev_frob_struct low = { PARPORT_CONTROL_STROBE, PARPORT_CONTROL_STROBE };
	struct ppdev_frob_struct high = { PARPORT_CONTROL_STROBE, 0 };
	struct timespec settle = { .tv_nsec = 50000000 };
	unsigned char data = 'a', status;

	ioctl(fd, PPWDATA, &data);
	ioctl(fd, PPFCONTROL, &low);
	ioctl(fd, PPFCONTROL, &high);
	nanosleep(&settle, NULL);
	ioctl(fd, PPRSTATUS, &status);
}

static void show(int fd, const char *when)
{
	struct pollfd look = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };
	int count = -1;
	long result = poll(&look, 1, 0);

	answer("%s: poll = %s %#x", when, outcome(result), (unsigned int)look.revents);
	result = ioctl(fd, PPCLRIRQ, &count);
	answer("%s: PPCLRIRQ = %s, counted %s", when, outcome(result), count > 0 ? "some" : "none");
}

/*
 * A claim whose count starts at none: switching interrupts on may have caused one, which a
 * service that has the port from Linux hears of a moment later.
 */
static int claimed_and_cleared(void)
{
	const struct timespec moment = { .tv_nsec = 100000000 };
	int fd = claimed(), count;

	nanosleep(&moment, NULL);
	ioctl(fd, PPCLRIRQ, &count);
	return fd;
}

static void show_control(int fd, const char *when)
{
	unsigned char control = 0xee;
	long result = ioctl(fd, PPRCONTROL, &control);

	answer("%s: control = %s %02x", when, outcome(result), control);
}

static void ask_counts(void)
{
	int fd = claimed_and_cleared();

	show(fd, "no byte");
	strobe(fd);
	show(fd, "one byte");
	show(fd, "after clearing");
	for (int i = 0; i < 3; i++)
		strobe(fd);
	show(fd, "three bytes");
	strobe(fd);
	ioctl(fd, PPRELEASE);
	show(fd, "one byte, then released");
	ioctl(fd, PPCLAIM);
	show(fd, "claimed again");
	close(fd);
}

static void ask_response(void)
{
	unsigned char response = 0x0e, idle = IDLE_CONTROL;
	int fd = claimed_and_cleared();

	ioctl(fd, PPWCTLONIRQ, &response);
	show_control(fd, "response armed");
	strobe(fd);
	show_control(fd, "response after a byte");
	ioctl(fd, PPWCONTROL, &idle);
	strobe(fd);
	show_control(fd, "response after the next byte");
	close(fd);
}

static void *strobe_later(void *fd)
{
	struct timespec later = { .tv_nsec = 300000000 };

	nanosleep(&later, NULL);
	strobe(*(int *)fd);
	return NULL;
}

static void ask_waiting_poll(void)
{
	int fd = claimed_and_cleared();
	struct pollfd look = { .fd = fd, .events = POLLIN };
	pthread_t thread;
	long result;

	if (pthread_create(&thread, NULL, strobe_later, &fd) != 0)
		return;
	result = poll(&look, 1, PATIENCE_MS);
	pthread_join(thread, NULL);
	answer("poll that waits for a byte = %s %#x", outcome(result), (unsigned int)look.revents);
	show(fd, "after that poll");
	close(fd);
}

int main(int argc, char **argv)
{
	start_asking(argc, argv, 60);
	ask_counts();
	ask_response();
	ask_waiting_poll();
	return 0;
}
