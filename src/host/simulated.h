/* SPDX-License-Identifier: MIT */
/*
 * The simulated back end of a host port: a chip and what hangs on it.
 * Used by one context at a time.
 */
#ifndef OPP_SIMULATED_H
#define OPP_SIMULATED_H

#include "backend_sim.h"
#include "host_port.h"
#include "peripherals.h"

struct opp_simulated {
	struct opp_sim sim;
	struct opp_backend_sim backend; /* backend.chip.hw is the port */
	uint64_t looked_ns;             /* when the monotonic clock was looked at last */
	struct opp_peripherals *peripherals;
};

/*
 * opp_simulated_open - builds what @config describes.
 * @output_changed: called by another thread, no lock held, when the output has
 *	something to say: opp_simulated_heed_output() is due.
 * Errors: INVALID_PARAMETER (a file), NO_SUCH_DEVICE (the chip cannot be found),
 *	INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_simulated_open(struct opp_simulated *simulated,
				   const struct opp_host_config *config,
				   void (*output_changed)(void *context), void *context,
				   struct opp_error *error);
/* What is printed already is still written, see opp_output_close. */
void opp_simulated_close(struct opp_simulated *simulated);

/*
 * opp_simulated_change_chip - the chip is another one from now on, as after power-up.
 * Errors: NO_SUCH_DEVICE: it cannot be found, and the old one is back.
 */
enum opp_status opp_simulated_change_chip(struct opp_simulated *simulated,
					  const struct opp_sim_options *options);

/* Plugs @next in, in place of what there is. Returns that. */
struct opp_peripherals *opp_simulated_exchange(struct opp_simulated *simulated,
					       struct opp_peripherals *next);

/* The time of the monotonic clock at which virtual time reaches @virtual_ns if nobody hurries it. */
uint64_t opp_simulated_real_ns(const struct opp_simulated *simulated, uint64_t virtual_ns);

/* The printer goes on when there is room, and shows an error while the output cannot be written. */
void opp_simulated_heed_output(struct opp_simulated *simulated);

/* The printer's faults (or its misdeeds) are from now on those of @config. */
void opp_simulated_set_faults(struct opp_simulated *simulated,
			      const struct opp_host_config *config);
void opp_simulated_set_misdeeds(struct opp_simulated *simulated,
				const struct opp_host_config *config);

/*
 * The printer prints what it has taken, without taking its time. Returns true when
 * there is more, for which the output must get room first.
 */
bool opp_simulated_print_out(struct opp_simulated *simulated);

/* Has all that was printed left for good? */
bool opp_simulated_is_written(const struct opp_simulated *simulated);

#endif
