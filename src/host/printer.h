/* SPDX-License-Identifier: MIT */
/*
 * The simulated printer of a host port: with or without IEEE 1284, its paper, and
 * what it has to say. Used by who drives the wire, but for init.
 */
#ifndef OPP_PRINTER_H
#define OPP_PRINTER_H

#include <openparport/sim_1284.h>

#include "memory.h"
#include "output.h"

struct opp_printer {
	bool speaks; /* IEEE 1284: device is plugged in, else plain */
	struct opp_centronics plain;
	struct opp_1284 device;
	uint8_t *buffer; /* ours */
	uint32_t conditions;
	struct opp_output *output; /* or NULL; not ours */
	struct opp_memory *input;  /* what the host reads; or NULL */
	uint32_t input_at;         /* the next byte of it ... */
	uint32_t epp_at;           /* ... and in EPP */
	uint8_t address;           /* EPP: the one written last */
	bool crowded;              /* the output has room for no more ... */
	bool full;                 /* ... and the device was told */
};

/* Errors: INVALID_PARAMETER (the input), INSUFFICIENT_RESOURCES. */
enum opp_status opp_printer_init(struct opp_printer *printer, const struct opp_host_config *config,
				 struct opp_output *output, struct opp_error *error);
/* Unplugged. A zeroed one is released already. */
void opp_printer_release(struct opp_printer *printer);

/* What is plugged in. */
struct opp_sim_peripheral *opp_printer_plug(struct opp_printer *printer);

/* OPP_1284_* of a device that knows the modes of @config, and tells its id in each. */
uint32_t opp_printer_modes(const struct opp_host_config *config);

/* Faults, and misdeeds to come, are from now on those of @config. */
void opp_printer_set_faults(struct opp_printer *printer, const struct opp_host_config *config);
void opp_printer_set_misdeeds(struct opp_printer *printer, const struct opp_host_config *config);

/* It shows an error while @jammed, and goes on where it waits for room. */
void opp_printer_heed(struct opp_printer *printer, bool jammed);

/* The output may have room again. */
void opp_printer_resume(struct opp_printer *printer);

/* After any access: the device may have to know that the output is crowded. */
void opp_printer_settle(struct opp_printer *printer);

/* It prints also what a fault keeps it from printing: about to be unplugged for good. */
void opp_printer_forget_faults(struct opp_printer *printer);

#endif
