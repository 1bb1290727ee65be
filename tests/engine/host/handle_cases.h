/* SPDX-License-Identifier: MIT */
/* Cases that hold for a handle on any kind of port. */
#ifndef OPP_TEST_HANDLE_CASES_H
#define OPP_TEST_HANDLE_CASES_H

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
int run_batch_cases(const char *title, struct handle_names *names);

#endif
