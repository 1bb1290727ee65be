/* SPDX-License-Identifier: MIT */
/*
 * 64 KiB through the port "ppdev:PATH" of the library, against the same by write() on PATH,
 * argv[1]. Each side takes the port, prints, and gives it back.
 */
#include <fcntl.h>
#include <linux/ppdev.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <openparport/hosted/openparport.h>

#include "measure.h"

#define PAGE_BYTES  65536u
#define TURNS       7u
#define PATIENCE_US 10000000u
#define NAME_BYTES  64

static uint8_t page[PAGE_BYTES];

static uint64_t print_ours(struct opp_handle *port)
{
	const uint64_t start_ns = now_ns();
	size_t sent;

	if (opp_allocate(port, PATIENCE_US) != OPP_SUCCESS ||
	    opp_write(port, page, sizeof(page), PATIENCE_US, &sent) != OPP_SUCCESS ||
	    opp_free(port) != OPP_SUCCESS)
		give_up("our page");
	return now_ns() - start_ns;
}

static uint64_t print_theirs(const char *path)
{
	const uint64_t start_ns = now_ns();
	const int port = open(path, O_RDWR);

	if (port < 0 || ioctl(port, PPCLAIM) != 0 ||
	    write(port, page, sizeof(page)) != (ssize_t)sizeof(page))
		give_up(path);
	close(port);
	return now_ns() - start_ns;
}

int main(int argc, char **argv)
{
	struct opp_handle *port;
	struct opp_error error;
	char name[NAME_BYTES];
	double ratios[TURNS];
	uint32_t i;

	if (argc != 2)
		give_up("usage: lent_print PATH");
	for (i = 0; i < PAGE_BYTES; i++)
		page[i] = (uint8_t)(i * 7 + i / 256);
	(void)snprintf(name, sizeof(name), "ppdev:%s", argv[1]);
	if (opp_open(name, &port, &error) != OPP_SUCCESS)
		give_up(error.text);
	for (i = 0; i < TURNS; i++) {
		const uint64_t ours_ns = print_ours(port);

		ratios[i] = (double)ours_ns / (double)print_theirs(argv[1]);
	}
	report("ppdev_backend_vs_direct_ppdev", median(ratios, TURNS));
	opp_close(port);
	return 0;
}
