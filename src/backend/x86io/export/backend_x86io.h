/* SPDX-License-Identifier: MIT */
/*
 * A port of this machine, by the processor's port instructions.
 *
 * Linux gives a thread the right to single port addresses (ioperm), for which the process
 * needs CAP_SYS_RAWIO at that moment; the thread keeps it to its end. Each thread that
 * touches the wire asks for it when it first does, or before, by opp_backend_x86io_enter.
 * EPP cycles are of one byte: not every bus splits an access to more.
 * Whether somebody else uses the same registers is not known here.
 */
#ifndef OPP_BACKEND_X86IO_H
#define OPP_BACKEND_X86IO_H

#include <stdbool.h>
#include <stdint.h>

#include <openparport/env.h>
#include <openparport/ioport.h>
#include <openparport/status.h>

#include "chip.h"

#define OPP_X86IO_ECP_REGISTERS 3u

#define OPP_X86IO_REGISTERS     3u /* DATA, STATUS, CONTROL */
#define OPP_X86IO_EPP_REGISTERS 8u /* with those of EPP */

/* Where the registers of a port are. */
struct opp_x86io_range {
	uint16_t base;     /* of DATA, a multiple of 4 */
	uint16_t count;    /* from there on: OPP_X86IO_REGISTERS or _EPP_REGISTERS */
	uint16_t ecp_base; /* 0: none */
};

struct opp_backend_x86io {
	struct opp_chip chip; /* chip.hw is the port */
	struct opp_ioport io;
	struct opp_x86io_range range;
};

/* How many of @count addresses from @base on are taken to be the port's (P-012). */
static inline uint16_t opp_x86io_count(uint16_t base, uint16_t count)
{
	return base % 8 == 0 && count >= OPP_X86IO_EPP_REGISTERS ? OPP_X86IO_EPP_REGISTERS
								 : OPP_X86IO_REGISTERS;
}

/*
 * opp_backend_x86io_open - looks for a port and makes it ready.
 * @range: copied.
 * @failed: gets the errno with which access to the registers was refused (EPERM: no
 *	CAP_SYS_RAWIO, or a kernel that is locked down; ENOSYS: a kernel or processor
 *	without port instructions for processes), else 0.
 * Context: the one who drives the wire; no interrupts, as for all threads later.
 * Returns: SUCCESS; ACCESS_DENIED (@failed); NO_SUCH_DEVICE: no port answers.
 */
enum opp_status opp_backend_x86io_open(struct opp_backend_x86io *backend,
				       const struct opp_x86io_range *range,
				       const struct opp_env *env, enum opp_probe probe,
				       int *failed);

/*
 * opp_backend_x86io_enter - the calling thread will touch the registers. One that may not
 * reads 0xff and writes nothing, and nobody hears of it: an access cannot fail.
 * Context: any thread, the wire need not be its.
 * Returns: 0, or the errno as above.
 */
int opp_backend_x86io_enter(const struct opp_x86io_range *range);

/*
 * opp_backend_x86io_hand_out - the calling thread gets the right for accesses of its own. It
 * may give rights up from now on (ioperm), of which nobody hears here: from now on the kernel
 * is asked anew for each access that is made for it.
 * Returns: as opp_backend_x86io_enter.
 */
int opp_backend_x86io_hand_out(const struct opp_x86io_range *range);

#endif
