/* SPDX-License-Identifier: MIT */
/*
 * Writes of the data register of the real port "io:ADDRESS", argv[1], against as many OUT with
 * nothing around them, once the port is allocated: by the program itself after opp_registers(),
 * and by opp_write_data().
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>

#include <openparport/hosted/openparport.h>

#include "measure.h"

#define TURNS       65536u
#define PATIENCE_US 10000000u
#define NAME_BYTES  16

static unsigned short base;

static void write_all(void)
{
	uint32_t i;

	for (i = 0; i < TURNS; i++)
		outb((unsigned char)i, base);
}

static uint64_t bare(void *context)
{
	const uint64_t start_ns = now_ns();

	(void)context;
	write_all();
	return now_ns() - start_ns;
}

static void allocate(struct opp_handle *port)
{
	if (opp_allocate(port, PATIENCE_US) != OPP_SUCCESS)
		give_up("allocate");
}

static void free_port(struct opp_handle *port)
{
	if (opp_free(port) != OPP_SUCCESS)
		give_up("free");
}

static uint64_t by_registers(void *context)
{
	struct opp_handle *port = context;
	struct opp_ioc_registers registers;
	uint64_t took_ns;

	allocate(port);
	if (opp_registers(port, &registers) != OPP_SUCCESS || registers.base != base)
		give_up("registers");
	took_ns = bare(NULL);
	free_port(port);
	return took_ns;
}

static uint64_t by_calls(void *context)
{
	struct opp_handle *port = context;
	uint64_t start_ns, took_ns;
	uint32_t i;

	allocate(port);
	start_ns = now_ns();
	for (i = 0; i < TURNS; i++)
		if (opp_write_data(port, (uint8_t)i) != OPP_SUCCESS)
			give_up("a write");
	took_ns = now_ns() - start_ns;
	free_port(port);
	return took_ns;
}

int main(int argc, char **argv)
{
	struct opp_handle *port;
	struct opp_error error;
	char name[NAME_BYTES];

	if (argc != 2)
		give_up("usage: direct_write ADDRESS");
	base = (unsigned short)strtoul(argv[1], NULL, 0);
	(void)snprintf(name, sizeof(name), "io:%#x", base);
	if (opp_open(name, &port, &error) != OPP_SUCCESS)
		give_up(error.text);
	report("direct_write_vs_outb", median_ratio(by_registers, bare, port));
	report("library_write_vs_outb", median_ratio(by_calls, bare, port));
	opp_close(port);
	return 0;
}
