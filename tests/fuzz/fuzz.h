/* SPDX-License-Identifier: MIT */
/*
 * What the targets share: input that is read to its end and then is all zero,
 * and demands that end the run. A target is a function of libFuzzer; what it
 * demands stands in its first comment.
 */
#ifndef OPP_TEST_FUZZ_H
#define OPP_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t take(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->at++;
}

/* 0 .. @most */
static inline uint32_t take_upto(struct input *input, uint32_t most)
{
	return take(input) % (most + 1);
}

static inline uint32_t take16(struct input *input)
{
	const uint32_t low = take(input);

	return low | (uint32_t)take(input) << 8;
}

static inline void demand(int holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

#define DEMAND(what) demand(!!(what), #what, __FILE__, __LINE__)

#endif
