/* SPDX-License-Identifier: MIT */
/*
 * Runs of equal bytes in ECP, both ways.
 *
 *	         count               byte
 *	NONE -----------> COUNTED ----------> HELD ---> NONE
 *	    '--------------------------------->   all copies passed on
 *	                  byte
 *
 * A run outlives the read that met it: what the caller has no room for waits in
 * the port's struct opp_rle. This moves no byte over the wire and trusts none:
 * a count is seven bits, whatever the peripheral sent.
 */
#include "rle.h"

uint32_t rle_run(const uint8_t *bytes, size_t length)
{
	const size_t most = length < RLE_LONGEST_RUN ? length : RLE_LONGEST_RUN;
	uint32_t run = 1;

	while (run < most && bytes[run] == bytes[0])
		run++;
	return run;
}

void rle_count(struct opp_rle *run, uint8_t count)
{
	*run = (struct opp_rle){ .copies = (uint8_t)rle_copies(count) };
}

void rle_byte(struct opp_rle *run, uint8_t byte)
{
	if (run->copies == 0)
		run->copies = 1;
	run->byte = byte;
	run->held = true;
}

bool rle_keep(struct opp_rle *run, uint8_t byte)
{
	if (run->copies > 0 && (run->byte != byte || run->copies == UINT8_MAX))
		return false;
	*run = (struct opp_rle){
		.copies = (uint8_t)(run->copies + 1),
		.byte = byte,
		.held = true,
	};
	return true;
}

size_t rle_expand(struct opp_rle *run, uint8_t *to, size_t room)
{
	size_t moved = 0;

	if (!run->held)
		return 0;
	while (run->copies && moved < room) {
		to[moved++] = run->byte;
		run->copies--;
	}
	if (run->copies == 0)
		run->held = false;
	return moved;
}
