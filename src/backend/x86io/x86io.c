/* SPDX-License-Identifier: MIT */
/* Register access by in and out. */
#include "backend_x86io.h"

#include <errno.h>

#if defined(__x86_64__) || defined(__i386__)

#include <string.h>
#include <sys/io.h>
#include <time.h>

#define NS_PER_S          UINT64_C(1000000000)
#define NO_HARDWARE_READS 0xff
#define REMEMBERED        4u

/*
 * Ports whose registers this thread may touch, the last one granted first. Rights are not
 * taken back when a port is closed, so what is here stays true, but in a thread that has
 * rights of its own and may give them up.
 */
static _Thread_local struct opp_x86io_range granted[REMEMBERED]; /* base 0: none */
static _Thread_local bool has_its_own;

static bool is_granted(const struct opp_x86io_range *range)
{
	if (has_its_own)
		return false;
	for (size_t i = 0; i < REMEMBERED; i++)
		if (granted[i].base == range->base && granted[i].ecp_base == range->ecp_base &&
		    granted[i].count == range->count)
			return true;
	return false;
}

static int ask(const struct opp_x86io_range *range)
{
	if (ioperm(range->base, range->count, 1) != 0)
		return errno;
	if (range->ecp_base && ioperm(range->ecp_base, OPP_X86IO_ECP_REGISTERS, 1) != 0)
		return errno;
	memmove(&granted[1], &granted[0], sizeof(granted) - sizeof(granted[0]));
	granted[0] = *range;
	return 0;
}

int opp_backend_x86io_enter(const struct opp_x86io_range *range)
{
	return is_granted(range) ? 0 : ask(range);
}

int opp_backend_x86io_hand_out(const struct opp_x86io_range *range)
{
	has_its_own = true;
	return ask(range);
}

static uint16_t address(const struct opp_backend_x86io *backend, uint32_t offset)
{
	if (offset >= OPP_IOPORT_FIFO)
		return (uint16_t)(backend->range.ecp_base + (offset - OPP_IOPORT_FIFO));
	return (uint16_t)(backend->range.base + offset);
}

static uint8_t read8(void *context, uint32_t offset)
{
	const struct opp_backend_x86io *backend = context;

	return opp_backend_x86io_enter(&backend->range) == 0 ? inb(address(backend, offset))
							     : NO_HARDWARE_READS;
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	const struct opp_backend_x86io *backend = context;

	if (opp_backend_x86io_enter(&backend->range) == 0)
		outb(value, address(backend, offset));
}

static uint64_t clock_ns(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint32_t ranges(const struct opp_x86io_range *range)
{
	return (range->count >= OPP_X86IO_EPP_REGISTERS ? OPP_IOPORT_HAS_EPP : 0) |
	       (range->ecp_base ? OPP_IOPORT_HAS_ECP : 0);
}

enum opp_status opp_backend_x86io_open(struct opp_backend_x86io *backend,
				       const struct opp_x86io_range *range,
				       const struct opp_env *env, enum opp_probe probe, int *failed)
{
	backend->range = *range;
	backend->io = (struct opp_ioport){
		.context = backend,
		.ranges = ranges(range),
		.read8 = read8,
		.write8 = write8,
		.clock_ns = clock_ns,
	};
	*failed = opp_backend_x86io_enter(range);
	if (*failed)
		return OPP_ACCESS_DENIED;
	return opp_chip_open(&backend->chip, &backend->io, env, probe, false);
}

#else

enum opp_status opp_backend_x86io_open(struct opp_backend_x86io *backend,
				       const struct opp_x86io_range *range,
				       const struct opp_env *env, enum opp_probe probe, int *failed)
{
	(void)backend, (void)range, (void)env, (void)probe;
	*failed = ENOSYS;
	return OPP_ACCESS_DENIED;
}

int opp_backend_x86io_enter(const struct opp_x86io_range *range)
{
	(void)range;
	return ENOSYS;
}

int opp_backend_x86io_hand_out(const struct opp_x86io_range *range)
{
	return opp_backend_x86io_enter(range);
}

#endif
