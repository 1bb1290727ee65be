/* SPDX-License-Identifier: MIT */
/* Cases, and who runs them (run.c). */
#ifndef OPENPARPORT_TESTS_NT_CASES_H
#define OPENPARPORT_TESTS_NT_CASES_H

/* @run: between kernel_begin and kernel_end, in a process of its own. */
struct nt_case {
	const char *name;
	void (*run)(void *argument);
	void *argument;
	const char *dies_of; /* it must end with this message; NULL: it passes */
};

/*
 * Prints TAP; returns how many failed. @only: part of a name; the first case that has it is
 * run in this process. NULL: all.
 */
int run_cases(const struct nt_case *cases, unsigned count, const char *only, int freely);

/* inject.c, misuse.c */
extern const struct nt_case injection_cases[];
extern const unsigned injection_case_count;
extern const struct nt_case misuse_cases[];
extern const unsigned misuse_case_count;

#endif
