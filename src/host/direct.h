/* SPDX-License-Identifier: MIT */
/* Registers of this machine as a back end: which they are, and whether they may be used. */
#ifndef OPP_DIRECT_H
#define OPP_DIRECT_H

#include <sys/types.h>

#include "backend_x86io.h"
#include "host_port.h"
#include "pci.h"

#define OPP_DIRECT_NAME_BYTES 32

struct opp_direct {
	struct opp_backend_x86io port;
	int lock;   /* descriptor; -1: not taken */
	int folder; /* of the card in sysfs; -1: named by its registers */
};

enum opp_direct_ownership {
	OPP_DIRECT_FREE,
	OPP_DIRECT_OWNED,
	OPP_DIRECT_UNKNOWN,
};

/* Whether these can be a port's registers, whoever says so. */
bool opp_direct_is_sound(const struct opp_x86io_range *range);

/*
 * opp_direct_parse - "io:BASE" or "io:BASE+ECP", hexadecimal with 0x or decimal; without
 * ECP it is BASE + 0x400 where BASE is one of the three of old, and else none; with
 * "+none" there is none. Below 0x100 are the registers of the machine itself; and no
 * register is of both kinds.
 */
bool opp_direct_parse(const char *text, struct opp_x86io_range *range);

/*
 * opp_direct_name - one text for each real port, however @text names it: by its registers
 * or by its card (pci.h). One that has both names is kept apart by the lock.
 * @name: OPP_DIRECT_NAME_BYTES.
 * Returns: false: @text names none.
 */
bool opp_direct_name(const char *text, char *name);

/* Do both texts name ports with a register in common, as far as the texts tell? */
bool opp_direct_overlap(const char *one, const char *other);

/*
 * opp_direct_owner - which driver of the kernel has one of @count addresses from @first on,
 * as @ioports (what /proc/ioports holds; NULL: it cannot be read) says. Whoever lacks
 * CAP_SYS_ADMIN reads there that all addresses are 0: UNKNOWN.
 * Returns: OWNED: @owner has its name, with a NUL.
 */
enum opp_direct_ownership opp_direct_owner(const char *ioports, uint16_t first, uint16_t count,
					   char *owner, size_t owner_bytes);

/*
 * opp_direct_lock - keeps others who do the same with @path from these registers, until
 * @file is closed. Also within this process.
 * Returns: 0, or an errno. EBUSY: somebody has one of them, @holder if that is not 0.
 */
int opp_direct_lock(const char *path, const struct opp_x86io_range *range, int *file,
		    pid_t *holder);

/* opp_back_end_open of a real port. */
enum opp_status opp_direct_open(struct opp_direct *direct, const struct opp_host_config *config,
				struct opp_error *error);
void opp_direct_close(struct opp_direct *direct);

/* What the port has, and a client may be told. */
struct opp_ioc_registers opp_direct_registers(const struct opp_direct *direct);

/*
 * opp_direct_enter - the calling thread will touch registers of a port that is perhaps
 * another process's: what it says of them is looked at first.
 * Errors: ACCESS_DENIED, UNSUCCESSFUL (they are no port's).
 */
enum opp_status opp_direct_enter(const struct opp_ioc_registers *registers);

/* opp_back_end_is_lost: a card named as one can be missed. */
bool opp_direct_is_lost(const struct opp_direct *direct);

#endif
