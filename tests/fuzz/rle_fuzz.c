/* SPDX-License-Identifier: MIT */
/*
 * Counts, bytes and reads of any size in any order, beside a decoder that is
 * written down as plainly as can be. Demanded: the same bytes; and what the
 * engine would send for any bytes decodes to them, in no more bytes.
 */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "rle.h"

#define MOST 512u

static void check_decoder(struct input *input)
{
	struct opp_rle run = { 0 };
	uint8_t expected[RLE_LONGEST_RUN];
	uint8_t got[MOST];
	uint32_t copies = 1; /* of the next byte */
	uint32_t held = 0;   /* bytes in expected that did not come yet */

	while (input->left) {
		const uint8_t what = take(input);
		const size_t room = take(input);
		size_t moved;

		if (held == 0 && what & 1) {
			rle_count(&run, take(input));
			copies = (input->at[-1] & 0x7fu) + 1;
		} else if (held == 0 && what & 2) {
			memset(expected, what, copies);
			held = copies;
			copies = 1;
			rle_byte(&run, what);
		}
		moved = rle_expand(&run, got, room);
		DEMAND(moved == (room < held ? room : held));
		DEMAND(!memcmp(got, expected, moved));
		held -= (uint32_t)moved;
	}
}

static void check_encoder(const uint8_t *bytes, size_t size)
{
	size_t at = 0;
	size_t sent = 0;

	while (at < size) {
		const uint32_t run = rle_run(bytes + at, size - at);

		DEMAND(run >= 1 && run <= RLE_LONGEST_RUN && run <= size - at);
		for (uint32_t i = 1; i < run; i++)
			DEMAND(bytes[at + i] == bytes[at]);
		DEMAND(run == RLE_LONGEST_RUN || run == size - at || bytes[at + run] != bytes[at]);
		DEMAND(rle_copies((uint8_t)(run - 1)) == run);
		at += rle_pays(run) ? run : 1;
		sent += rle_pays(run) ? 2 : 1;
	}
	DEMAND(sent <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	check_decoder(&input);
	check_encoder(data, size);
	return 0;
}
