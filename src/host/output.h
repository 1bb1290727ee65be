/* SPDX-License-Identifier: MIT */
/* The file that a simulated printer's bytes go to. */
#ifndef OPP_OUTPUT_H
#define OPP_OUTPUT_H

#include "host_port.h"

struct opp_output;

/*
 * opp_output_open - opens @path to append to it, and starts the thread that does so.
 * @changed: called by that thread, with no lock held, when there is room again
 *	after a byte was refused, and when opp_output_fails() has changed.
 * Errors: INVALID_PARAMETER (the file), INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_output_open(struct opp_output **output, const char *path,
				void (*changed)(void *context), void *context,
				struct opp_error *error);

/*
 * opp_output_close - writes what is left, for a few seconds at the most; what
 * cannot be written then is counted on stderr. No lock may be held that
 * changed() takes. NULL is closed already.
 */
void opp_output_close(struct opp_output *output);

/* None of these waits for the file. */

/* Returns false when there is no room: the byte is still the caller's. */
bool opp_output_put(struct opp_output *output, uint8_t byte);
/* Is every byte in the file? */
bool opp_output_idle(struct opp_output *output);
/* Does the file refuse bytes, for another reason than a reader who is slow? */
bool opp_output_fails(struct opp_output *output);

#endif
