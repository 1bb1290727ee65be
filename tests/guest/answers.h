/* SPDX-License-Identifier: MIT */
/*
 * What the guest programs share: the codes of ppdev as a table, opening and
 * claiming a port, and printing one answer a line as "question = answer".
 * An answer is 0, a count, or the name of the errno; then the value, if any.
 */
#ifndef TESTS_GUEST_ANSWERS_H
#define TESTS_GUEST_ANSWERS_H

#include <asm/ioctl.h>
#include <linux/ppdev.h>
#include <stddef.h>

/* linux/ppdev.h has only the caller's own width of time. */
#define PPGETTIME32 _IOC(_IOC_READ, PP_IOCTL, 0x95, 8)
#define PPSETTIME32 _IOC(_IOC_WRITE, PP_IOCTL, 0x96, 8)
#define PPGETTIME64 _IOC(_IOC_READ, PP_IOCTL, 0x95, 16)
#define PPSETTIME64 _IOC(_IOC_WRITE, PP_IOCTL, 0x96, 16)

struct code {
	const char *name;
	unsigned long number;
	unsigned char given[16]; /* what to pass in, little endian */
};

extern const struct code codes[];
extern const size_t codes_count;

/* Path of the port under test. */
extern const char *node;

/* Takes the port from the command line; whatever happens, it is over in SECONDS. */
void start_asking(int argc, char **argv, unsigned int seconds);

/* A call's result as text: the number, or the errno's name. Static storage. */
const char *outcome(long result);

/* Prints "question = answer"; the format describes the question and the answer. */
void answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens the port O_RDWR; exits with a message when that fails. */
int fresh(void);

/* fresh() and PPCLAIM; exits with a message when that fails. */
int claimed(void);

#endif
