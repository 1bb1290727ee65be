/* SPDX-License-Identifier: MIT */
/* A file that what a simulated peripheral makes goes to. */
#ifndef OPP_OUTPUT_H
#define OPP_OUTPUT_H

#include "host_port.h"

struct opp_output;

/* Bytes at the beginning of a file that are known only at its end. */
#define OPP_OUTPUT_HEAD_MOST 64

/*
 * opp_output_open - opens @path to append to it, and starts the thread that does so.
 * @key: the name of the key, for @error.
 * @afresh: what the file was is gone.
 * @changed: called by that thread, with no lock held, when there is room again
 *	after a byte was refused, and when opp_output_fails() has changed.
 * Errors: INVALID_PARAMETER (the file), INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_output_open(struct opp_output **output, const char *key, const char *path,
				bool afresh, void (*changed)(void *context), void *context,
				struct opp_error *error);

/*
 * opp_output_close - writes what is left, for a few seconds at the most; what
 * cannot be written then is counted on stderr. No lock may be held that
 * changed() takes. NULL is closed already.
 */
void opp_output_close(struct opp_output *output);

/* The path it was opened by; lives as long as it. */
const char *opp_output_path(const struct opp_output *output);

/* None of these waits for the file. */

/* Returns false when there is no room: the byte is still the caller's. */
bool opp_output_put(struct opp_output *output, uint8_t byte);
/* Takes @byte in any case. Returns false when there was no room and memory was asked for. */
bool opp_output_add(struct opp_output *output, uint8_t byte);
/* The last bytes written will be these, and they go to the beginning of a file. */
void opp_output_set_head(struct opp_output *output, const uint8_t *head, size_t bytes);
/* Is every byte in the file? */
bool opp_output_idle(struct opp_output *output);
/* Does the file refuse bytes, for another reason than a reader who is slow? */
bool opp_output_fails(struct opp_output *output);

#endif
