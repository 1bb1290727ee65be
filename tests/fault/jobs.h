/* SPDX-License-Identifier: MIT */
/*
 * One thing to do in each mode of IEEE 1284, on the chip and in the way that
 * matter to it; what must be true after something went wrong in the middle, and
 * that the same thing succeeds once nothing is wrong any more.
 */
#ifndef OPP_TEST_JOBS_H
#define OPP_TEST_JOBS_H

#include "stream.h"

enum job_kind {
	JOB_PRINT, /* in compatibility mode */
	JOB_NEGOTIATE,
	JOB_WRITE,
	JOB_WRITE_ADDRESS,
	JOB_READ,
	JOB_ID,
	JOB_TERMINATE,         /* from forward or host busy */
	JOB_TERMINATE_REVERSE, /* with the bus turned round */
	JOB_ABORT,
	JOB_RESET,
};

struct job {
	const char *name;
	enum job_kind kind;
	uint8_t request;
	uint32_t chip;    /* STREAM_ */
	uint32_t options; /* OPP_PROTOCOL_ */
	uint32_t bytes;
};

extern const struct job jobs[];
extern const uint32_t job_count;

extern struct stream stream;

/* Everything up to the transfer, which is begun and not stepped. */
void job_begin(const struct job *job);

/*
 * The transfer is over for good, protocol and lines agree, the chip is in SPP or
 * BYTE mode. What the host counts and what the device has is the same but for
 * @slack bytes, and nothing else than what was sent (with 2 of them: whichever they were).
 */
void job_assert_sound(const struct job *job, uint32_t slack);

/* The first half of that: over for good, protocol and lines agree. */
void job_assert_ended(void);

/* The job's whole success. */
void job_assert_done(const struct job *job);

/* The device is there and polite: the way home works, and so does the job, and printing. */
void job_assert_works_again(const struct job *job);

#endif
