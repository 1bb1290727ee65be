/* SPDX-License-Identifier: MIT */
/*
 * Waits for a port without a thread that sleeps, and no longer than it wants to: what a
 * program with an event loop does.
 *
 *	waiter [PORT [MILLISECONDS]]
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <openparport/hosted/openparport.h>

#define LOOK_MS 100

/* One turn of an event loop whose other descriptors would stand beside this one. */
static struct opp_async *turn(struct opp_handle *port)
{
	struct pollfd polled = { .fd = opp_fd(port), .events = POLLIN };
	uint32_t waiters;

	if (poll(&polled, 1, LOOK_MS) == 0 && opp_waiters(port, &waiters) == OPP_SUCCESS)
		printf("%u in line\n", (unsigned int)waiters);
	return opp_reap(port);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "sim:";
	struct opp_async wait = {
		.kind = OPP_ASYNC_ALLOCATE,
		.timeout_us = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1000) * 1000,
	};
	struct opp_handle *port;
	struct opp_error error;

	if (opp_open(name, &port, &error) != OPP_SUCCESS) {
		(void)fprintf(stderr, "waiter: %s\n", error.text);
		return opp_status_exit_code(error.status);
	}
	wait.status = opp_submit(port, &wait);
	if (wait.status == OPP_SUCCESS) {
		while (turn(port) != &wait)
			;
	}
	if (wait.status == OPP_SUCCESS)
		puts("the port is ours");
	else
		(void)fprintf(stderr, "waiter: %s\n", opp_status_text(wait.status));
	opp_close(port);
	return opp_status_exit_code(wait.status);
}
