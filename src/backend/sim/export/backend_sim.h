/* SPDX-License-Identifier: MIT */
/*
 * A port whose registers are those of a simulated chip.
 *
 * Virtual time is the later of the caller's clock and 1 us after the last
 * access, advanced when somebody looks: no thread runs the simulation. A driver
 * that sends bytes fast is therefore ahead of real time, never behind. One that
 * only looks, again and again, does not make time run faster than the clock. An
 * EPP cycle takes its own time; its access starts like any other. Who times his
 * accesses plans them: they take effect to the nanosecond, whatever the clock says.
 */
#ifndef OPP_BACKEND_SIM_H
#define OPP_BACKEND_SIM_H

#include <stdint.h>

#include <openparport/env.h>
#include <openparport/hw.h>
#include <openparport/ioport.h>
#include <openparport/sim.h>
#include <openparport/status.h>

#include "chip.h"

/* One access takes as long as on an ISA bus. */
#define OPP_BACKEND_SIM_ACCESS_NS 1000u

struct opp_backend_sim {
	struct opp_chip chip; /* chip.hw is the port */
	struct opp_ioport io;
	struct opp_sim *sim;
	bool looked;  /* the last access was a read */
	bool planned; /* the next access, for planned_ns */
	uint64_t planned_ns;
	uint64_t (*clock_ns)(void *context);
	void *clock_context;
};

/*
 * opp_backend_sim_open - offers @sim as a port.
 * @sim: initialised, stays the caller's and must outlive @backend. Its
 *	interrupt callback should be opp_backend_sim_interrupt with @backend as
 *	context, when interrupts are wanted.
 * @env: must outlive @backend.
 * @clock_ns: a monotonic clock in nanoseconds; NULL: only accesses and
 *	opp_sim_advance_to move time.
 * On success backend->chip.hw is ready.
 * Returns: as opp_chip_open with a full probe.
 */
enum opp_status opp_backend_sim_open(struct opp_backend_sim *backend, struct opp_sim *sim,
				     const struct opp_env *env, uint64_t (*clock_ns)(void *context),
				     void *clock_context);

/*
 * opp_backend_sim_catch_up - lets the peripheral do what is due by the clock.
 * Interrupts are raised from here and from register accesses.
 * Returns: the clock's time of the next edge in ns, OPP_SIM_NEVER when the
 *	peripheral waits for the host.
 * Context: who drives the wire.
 */
uint64_t opp_backend_sim_catch_up(struct opp_backend_sim *backend);

/*
 * opp_backend_sim_plan - the next access takes effect at @at_ns of virtual time,
 * or as soon after that as there can be one. Until then the clock moves time no
 * further than to where that access begins.
 * opp_backend_sim_unplan - it is an access like any other.
 * Context: who drives the wire.
 */
void opp_backend_sim_plan(struct opp_backend_sim *backend, uint64_t at_ns);
void opp_backend_sim_unplan(struct opp_backend_sim *backend);

/* For struct opp_sim_options.interrupt; @context: the struct opp_backend_sim. */
void opp_backend_sim_interrupt(void *context);

#endif
