/* SPDX-License-Identifier: MIT */
/* Cases that hold for a handle on any kind of port. */
#ifndef OPP_TEST_HANDLE_CASES_H
#define OPP_TEST_HANDLE_CASES_H

#include <stddef.h>

/* What the printer of the mode cases has to say. */
#define MODE_INPUT_BYTES 20000

static inline unsigned char mode_input(size_t at)
{
	return (unsigned char)(at * 7 % 251);
}

/*
 * Two names of one port, opened anew for each case, whose printer takes 10
 * bytes and is busy for a minute then.
 */
struct handle_names {
	const char *first;
	const char *second;
};

/* Return the number of cases that failed. */
int run_handle_cases(const char *title, struct handle_names *names);
/* With an ECP printer behind two adapters, the second one's id names "Second", and this input. */
int run_mode_cases(const char *title, struct handle_names *names);
int run_async_cases(const char *title, struct handle_names *names);
int run_event_cases(const char *title, struct handle_names *names);
int run_batch_cases(const char *title, struct handle_names *names);
/*
 * Of a port that knows nibble mode, with two devices in its daisy chain: its name, and
 * what the names of devices begin with, "lpt1", or "sim" of a port named "devices".
 */
int run_device_cases(const char *title, struct handle_names *names);
/* Of a port with an ECP chip and two devices in its daisy chain. */
int run_control_cases(const char *title, struct handle_names *names);

#endif
