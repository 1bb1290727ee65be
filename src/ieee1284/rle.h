/* SPDX-License-Identifier: MIT */
/* Runs of equal bytes in ECP: a count command, then the byte once. Pure. */
#ifndef OPP_IEEE1284_RLE_H
#define OPP_IEEE1284_RLE_H

#include <openparport/ieee1284.h>

/* The two kinds of command byte, told by bit 7 (IEEE1284 5.5.1; section 11, row 3). */
#define ECP_COMMAND_ADDRESS 0x80u
#define ECP_COMMAND_VALUE   0x7fu

#define RLE_LONGEST_RUN 128u

/* Bytes a count command and its byte stand for: 1 .. RLE_LONGEST_RUN. */
static inline uint32_t rle_copies(uint8_t count)
{
	return (count & ECP_COMMAND_VALUE) + 1u;
}

/*
 * rle_run - how many of @length bytes, at least one, are equal to the first;
 *	RLE_LONGEST_RUN at most.
 */
uint32_t rle_run(const uint8_t *bytes, size_t length);

/* rle_pays - whether a run so long is shorter on the wire as count and byte. */
static inline bool rle_pays(uint32_t run)
{
	return run > 2;
}

/*
 * rle_count - a count command came: it is about the next data byte. One that
 *	already waits for its byte is forgotten.
 * rle_byte - a data byte came; the run before it has been passed on.
 * rle_keep - one more byte that a chip has decoded. Returns false, and loses it,
 *	where another byte is held still.
 * rle_expand - moves what @run still holds to @to, @room bytes at most.
 *	Returns the bytes moved; what does not fit stays.
 */
void rle_count(struct opp_rle *run, uint8_t count);
void rle_byte(struct opp_rle *run, uint8_t byte);
bool rle_keep(struct opp_rle *run, uint8_t byte);
size_t rle_expand(struct opp_rle *run, uint8_t *to, size_t room);

#endif
