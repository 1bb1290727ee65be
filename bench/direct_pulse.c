/* SPDX-License-Identifier: MIT */
/*
 * Pulses of 1 ms on D0 of the real port "io:ADDRESS", argv[1], for who records its data
 * register: first PULSES by opp_pulse(), then as many by OUT, nanosleep() and OUT. Between two
 * of them the program sleeps for a while.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <time.h>

#include <openparport/hosted/openparport.h>

#include "measure.h"

#define PULSES     500u
#define WIDTH_NS   1000000u
#define PAUSE_NS   4000000u
#define REGISTERS  3
#define NAME_BYTES 16

static void sleep_ns(uint32_t ns)
{
	const struct timespec pause = { .tv_nsec = ns };

	(void)nanosleep(&pause, NULL);
}

static void make_ours(struct opp_handle *port)
{
	uint32_t i;

	for (i = 0; i < PULSES; i++) {
		if (opp_pulse(port, 1, 1, WIDTH_NS, NULL) != OPP_SUCCESS)
			give_up("a pulse");
		sleep_ns(PAUSE_NS);
	}
}

static void make_naive(unsigned short base)
{
	uint32_t i;

	for (i = 0; i < PULSES; i++) {
		outb(1, base);
		sleep_ns(WIDTH_NS);
		outb(0, base);
		sleep_ns(PAUSE_NS);
	}
}

int main(int argc, char **argv)
{
	struct opp_handle *port;
	struct opp_error error;
	char name[NAME_BYTES];
	unsigned short base;

	if (argc != 2)
		give_up("usage: direct_pulse ADDRESS");
	base = (unsigned short)strtoul(argv[1], NULL, 0);
	(void)snprintf(name, sizeof(name), "io:%#x", base);
	if (opp_open(name, &port, &error) != OPP_SUCCESS)
		give_up(error.text);
	if (opp_allocate(port, 0) != OPP_SUCCESS || ioperm(base, REGISTERS, 1) != 0 ||
	    opp_write_data(port, 0) != OPP_SUCCESS)
		give_up("the port");
	make_ours(port);
	make_naive(base);
	opp_close(port);
	return 0;
}
