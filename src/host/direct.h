/* SPDX-License-Identifier: MIT */
/* Registers of this machine as a back end: which they are, and whether they may be used. */
#ifndef OPP_DIRECT_H
#define OPP_DIRECT_H

#include "backend_x86io.h"
#include "host_port.h"

struct opp_direct_range {
	uint16_t base;
	uint16_t ecp_base; /* 0: none */
};

/*
 * opp_direct_parse - "io:BASE" or "io:BASE+ECP", hexadecimal with 0x or decimal; without
 * ECP it is BASE + 0x400 where BASE is one of the three of old, and else none; with
 * "+none" there is none.
 */
bool opp_direct_parse(const char *text, struct opp_direct_range *range);

/*
 * opp_direct_owner - which driver of the kernel has one of @count addresses from @first on,
 * as @ioports (what /proc/ioports holds) says.
 * Returns: false when none has; else @owner has its name, with a NUL.
 */
bool opp_direct_owner(const char *ioports, uint16_t first, uint16_t count, char *owner,
		      size_t owner_bytes);

/* opp_back_end_open of a real port. */
enum opp_status opp_direct_open(struct opp_backend_x86io *direct,
				const struct opp_host_config *config, struct opp_error *error);

#endif
