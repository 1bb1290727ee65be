/* SPDX-License-Identifier: MIT */
/*
 * The simulated back end of a host port: chip, printer and where its bytes go.
 * Used by one context at a time.
 */
#ifndef OPP_SIMULATED_H
#define OPP_SIMULATED_H

#include "backend_sim.h"
#include "host_port.h"

struct opp_simulated {
	struct opp_sim sim;
	struct opp_backend_sim backend; /* backend.chip.hw is the port */
	struct opp_centronics printer;
	uint32_t conditions; /* of the printer, OPP_CENTRONICS_* */
	uint8_t *buffer;     /* the printer's; ours */
	uint64_t lead_ns;    /* of virtual time over the monotonic clock */
	int output;          /* descriptor, or -1 */
	bool output_failed;
	size_t printed_bytes; /* of printed[], not in the file yet */
	uint8_t printed[512];
};

/*
 * opp_simulated_open - builds what @config describes.
 * Errors: INVALID_PARAMETER (the output file), INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_simulated_open(struct opp_simulated *simulated,
				   const struct opp_host_config *config, struct opp_error *error);
void opp_simulated_close(struct opp_simulated *simulated);

/* The time of the monotonic clock at which virtual time reaches @virtual_ns if nobody hurries it. */
uint64_t opp_simulated_real_ns(const struct opp_simulated *simulated, uint64_t virtual_ns);

/* Puts printed bytes into the output file. A byte that cannot be is lost, and the
 * printer reports an error from then on. */
void opp_simulated_flush(struct opp_simulated *simulated);

#endif
