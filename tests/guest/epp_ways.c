/* SPDX-License-Identifier: MIT */
/*
 * Moves bytes both ways in EPP, in every way a Linux program can:
 *
 *	epp_ways PORT BASE OUT IN
 *
 * negotiates EPP at the ppdev port PORT, writes the file OUT, a quarter each by
 * single bytes and by fast writes of the driver, by words and by double words at
 * the registers; then reads the file IN back likewise, and each address that it
 * writes. At last it prints a line in compatibility mode. Runs in a guest only:
 * the registers at BASE are touched directly, under the driver's feet.
 */
#include "answers.h"

#include <fcntl.h>
#include <linux/parport.h>
#include <linux/ppdev.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define QUARTER  1024
#define WAYS     4
#define EPP_DATA 4 /* its offset from the base */

static int port;
static unsigned short data_register;

static void need(const char *what, bool holds)
{
	if (holds)
		return;
	perror(what);
	exit(1);
}

static void load(const char *path, uint8_t *bytes)
{
	int fd = open(path, O_RDONLY);

	need(path, fd >= 0 && read(fd, bytes, WAYS * QUARTER) == WAYS * QUARTER);
	close(fd);
}

static void set(const char *what, unsigned long code, int value)
{
	need(what, ioctl(port, code, &value) == 0);
}

/* ---- the four ways --------------------------------------------------------------------- */

static void write_by_driver(const uint8_t *bytes)
{
	need("write", write(port, bytes, QUARTER) == QUARTER);
}

static void read_by_driver(uint8_t *bytes)
{
	need("read", read(port, bytes, QUARTER) == QUARTER);
}

static void write_words(const uint8_t *bytes)
{
	outsw(data_register, bytes, QUARTER / 2);
}

static void read_words(uint8_t *bytes)
{
	insw(data_register, bytes, QUARTER / 2);
}

static void write_double_words(const uint8_t *bytes)
{
	outsl(data_register, bytes, QUARTER / 4);
}

static void read_double_words(uint8_t *bytes)
{
	insl(data_register, bytes, QUARTER / 4);
}

static const struct way {
	const char *name;
	int flags;
	void (*write)(const uint8_t *bytes);
	void (*read)(uint8_t *bytes);
} ways[WAYS] = {
	{ "bytes", 0, write_by_driver, read_by_driver },
	{ "fast", PP_FASTWRITE | PP_FASTREAD, write_by_driver, read_by_driver },
	{ "words", 0, write_words, read_words },
	{ "double words", 0, write_double_words, read_double_words },
};

/* ---- both directions --------------------------------------------------------------------- */

static void write_data(const uint8_t *out)
{
	for (size_t i = 0; i < WAYS; i++) {
		set("PPSETFLAGS", PPSETFLAGS, ways[i].flags);
		ways[i].write(out + i * QUARTER);
	}
}

static void read_data(const uint8_t *in)
{
	set("PPDATADIR", PPDATADIR, 1);
	for (size_t i = 0; i < WAYS; i++) {
		uint8_t bytes[QUARTER] = { 0 };

		set("PPSETFLAGS", PPSETFLAGS, ways[i].flags);
		ways[i].read(bytes);
		answer("read by %s = %s", ways[i].name,
		       memcmp(bytes, in + i * QUARTER, QUARTER) ? "other bytes" : "as it is");
	}
	set("PPDATADIR", PPDATADIR, 0);
}

static void move_addresses(void)
{
	int wrong = 0;

	set("PPSETMODE", PPSETMODE, IEEE1284_MODE_EPP | IEEE1284_ADDR);
	for (int address = 0; address < 256; address++) {
		uint8_t byte = (uint8_t)address;

		need("write address", write(port, &byte, 1) == 1);
		byte = (uint8_t)~byte;
		set("PPDATADIR", PPDATADIR, 1);
		need("read address", read(port, &byte, 1) == 1);
		set("PPDATADIR", PPDATADIR, 0);
		wrong += byte != address;
	}
	set("PPSETMODE", PPSETMODE, IEEE1284_MODE_EPP);
	answer("addresses read back wrongly = %d", wrong);
}

int main(int argc, char **argv)
{
	static uint8_t out[WAYS * QUARTER], in[WAYS * QUARTER];
	static const char last[] = "printed\n";
	unsigned short base;

	if (argc != 5)
		return 2;
	start_asking(2, argv, 100);
	base = (unsigned short)strtoul(argv[2], NULL, 0);
	load(argv[3], out);
	load(argv[4], in);
	need("ioperm", ioperm(base, 8, 1) == 0);
	data_register = base + EPP_DATA;
	port = claimed();
	set("PPNEGOT EPP", PPNEGOT, IEEE1284_MODE_EPP);
	write_data(out);
	move_addresses();
	read_data(in);
	set("PPNEGOT compatibility", PPNEGOT, IEEE1284_MODE_COMPAT);
	need("print", write(port, last, sizeof(last) - 1) == (ssize_t)sizeof(last) - 1);
	close(port);
	return 0;
}
