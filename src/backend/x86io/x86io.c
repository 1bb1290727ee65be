/* SPDX-License-Identifier: MIT */
/* Register access by in and out. */
#include "backend_x86io.h"

#include <errno.h>
#include <stdbool.h>

#if defined(__x86_64__) || defined(__i386__)

#include <sys/io.h>
#include <time.h>

#define LEGACY_REGISTERS  3u /* DATA, STATUS, CONTROL */
#define WITH_EPP          8u
#define ECP_REGISTERS     3u
#define NS_PER_S          UINT64_C(1000000000)
#define NO_HARDWARE_READS 0xff

/* The port whose registers this thread may touch for sure. */
static _Thread_local const struct opp_backend_x86io *granted;

static unsigned long span_of(const struct opp_backend_x86io *backend)
{
	return backend->io.ranges & OPP_IOPORT_HAS_EPP ? WITH_EPP : LEGACY_REGISTERS;
}

/* Returns 0 or an errno. */
static int grant(const struct opp_backend_x86io *backend)
{
	if (ioperm(backend->base, span_of(backend), 1) != 0)
		return errno;
	if (backend->ecp_base && ioperm(backend->ecp_base, ECP_REGISTERS, 1) != 0)
		return errno;
	granted = backend;
	return 0;
}

/* Who may not touch it finds no hardware: an access cannot fail. */
static bool may_access(const struct opp_backend_x86io *backend)
{
	return granted == backend || grant(backend) == 0;
}

static uint16_t address(const struct opp_backend_x86io *backend, uint32_t offset)
{
	if (offset >= OPP_IOPORT_FIFO)
		return (uint16_t)(backend->ecp_base + (offset - OPP_IOPORT_FIFO));
	return (uint16_t)(backend->base + offset);
}

static uint8_t read8(void *context, uint32_t offset)
{
	const struct opp_backend_x86io *backend = context;

	return may_access(backend) ? inb(address(backend, offset)) : NO_HARDWARE_READS;
}

static void write8(void *context, uint32_t offset, uint8_t value)
{
	const struct opp_backend_x86io *backend = context;

	if (may_access(backend))
		outb(value, address(backend, offset));
}

static uint64_t clock_ns(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint32_t ranges(const struct opp_backend_x86io *backend)
{
	return (backend->base % WITH_EPP == 0 ? OPP_IOPORT_HAS_EPP : 0) |
	       (backend->ecp_base ? OPP_IOPORT_HAS_ECP : 0);
}

enum opp_status opp_backend_x86io_open(struct opp_backend_x86io *backend, uint16_t base,
				       uint16_t ecp_base, const struct opp_env *env,
				       enum opp_probe probe, int *failed)
{
	backend->base = base;
	backend->ecp_base = ecp_base;
	backend->io = (struct opp_ioport){
		.context = backend,
		.ranges = ranges(backend),
		.read8 = read8,
		.write8 = write8,
		.clock_ns = clock_ns,
	};
	*failed = grant(backend);
	if (*failed)
		return OPP_ACCESS_DENIED;
	return opp_chip_open(&backend->chip, &backend->io, env, probe, false);
}

#else

enum opp_status opp_backend_x86io_open(struct opp_backend_x86io *backend, uint16_t base,
				       uint16_t ecp_base, const struct opp_env *env,
				       enum opp_probe probe, int *failed)
{
	(void)backend, (void)base, (void)ecp_base, (void)env, (void)probe;
	*failed = ENOSYS;
	return OPP_ACCESS_DENIED;
}

#endif
