/* SPDX-License-Identifier: MIT */
/* Cases that know the kernel: what case.h has no words for. */
#ifndef OPENPARPORT_TESTS_NT_CASES_H
#define OPENPARPORT_TESTS_NT_CASES_H

/* @run: between kernel_begin and kernel_end, in a process of its own. */
struct nt_case {
	const char *name;
	void (*run)(void *argument);
	void *argument;
};

/* Prints TAP; returns how many failed. @only: a part of a name, of which it runs the first
 * case in this process; or NULL. */
int run_cases(const struct nt_case *cases, unsigned count, const char *only, int freely);

#endif
