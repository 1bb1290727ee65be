/* SPDX-License-Identifier: MIT */
/*
 * A program of old, shared: it drives a real port's registers by in and out itself, and
 * yet waits for its turn, and others wait for it.
 *
 *	registers PORT [PULSES]
 *
 * PORT is lpt1 or parport0, which parportd serves, or one of this process, io:0x378. It
 * raises D0 so often, and says what the lines of STATUS were at the end. It needs
 * CAP_SYS_RAWIO, for the kernel asks for that; see opp_registers(3) for what it means.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>

#include <openparport/hosted/openparport.h>

#define WAIT_US UINT64_C(10000000)

static uint8_t pulse(const struct opp_ioc_registers *at, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		outb(0x01, at->base);
		outb(0x00, at->base);
	}
	return inb(at->base + 1);
}

int main(int argc, char **argv)
{
	const unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
	struct opp_ioc_registers at;
	struct opp_handle *port;
	struct opp_error error;
	enum opp_status status;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: registers PORT [PULSES]\n");
		return 2;
	}
	if (opp_open(argv[1], &port, &error) != OPP_SUCCESS) {
		(void)fprintf(stderr, "registers: %s\n", error.text);
		return opp_status_exit_code(error.status);
	}
	status = opp_allocate(port, WAIT_US);
	if (status == OPP_SUCCESS)
		status = opp_registers(port, &at);
	if (status == OPP_SUCCESS)
		printf("0x%x: %lu pulses, STATUS 0x%02x\n", at.base, count, pulse(&at, count));
	else
		(void)fprintf(stderr, "registers: %s\n", opp_status_text(status));
	opp_close(port);
	return status == OPP_SUCCESS ? 0 : opp_status_exit_code(status);
}
