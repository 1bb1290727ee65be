/* SPDX-License-Identifier: MIT */
/*
 * Streams of bytes through engine, chip driver and IEEE 1284 device, with any
 * chip: what the device understood, in order, and what it says.
 */
#ifndef OPP_TEST_STREAM_H
#define OPP_TEST_STREAM_H

#include <openparport/ieee1284.h>
#include <openparport/sim_1284.h>

#include "rig.h"

#define STREAM_ISA_NS 1000u
#define STREAM_MOST   16384u
#define STREAM_LONG   UINT64_C(10000000)
#define STREAM_EVERY                                                                               \
	(OPP_1284_NIBBLE | OPP_1284_BYTE | OPP_1284_ECP | OPP_1284_ECP_RLE |                       \
	 OPP_1284_BOUNDED_ECP | OPP_1284_EPP)

struct stream_heard {
	uint8_t kind; /* enum opp_1284_kind */
	uint8_t channel;
	uint8_t byte;
};

struct stream {
	struct rig rig;
	struct opp_1284 device;
	struct opp_protocol protocol;
	struct opp_transfer transfer;

	struct stream_heard heard[STREAM_MOST]; /* outside compatibility mode */
	size_t heard_count;
	uint8_t printed[STREAM_MOST]; /* in it */
	size_t printed_count;

	const struct opp_1284_item *items; /* what the device has to say */
	size_t item_count;
	struct opp_1284_item bytes_said[STREAM_MOST]; /* of stream_say_bytes */
	size_t items_given;                           /* one is asked for ahead */
	size_t full_at;   /* so many bytes heard or printed: it has no room for more; 0: never */
	uint8_t epp_data; /* what it gives next, counting up */
	uint8_t epp_address;
};

/* Every kind of chip that differs to a stream. */
extern const struct opp_sim_options stream_chips[];
#define STREAM_CHIPS       9
#define STREAM_FIFO_CHIPS  5 /* the last ones: 1, 4, 16 and 64 words, 16 that does not count all */
#define STREAM_PS2         0
#define STREAM_EPP_19      1
#define STREAM_EPP_17      2
#define STREAM_EPP_BLOCKED 3
#define STREAM_FIFO_1      4
#define STREAM_FIFO_4      5
#define STREAM_FIFO_16     6
#define STREAM_FIFO_64     7
#define STREAM_ECP_EPP     8

/* A polite device that knows STREAM_EVERY; the driver opened; no access counted yet. */
void stream_start(struct stream *stream, uint32_t chip, uint32_t options);
void stream_start_with(struct stream *stream, const struct opp_sim_options *chip, uint32_t options,
		       const struct opp_1284_options *device);

/* stream_start, then stream_enter. */
void stream_start_in(struct stream *stream, uint32_t chip, uint32_t options, uint8_t request);

/* Negotiates, asserts that it succeeds, and forgets accesses. */
void stream_enter(struct stream *stream, uint8_t request);

/* EPP without asking. */
void stream_enter_epp(struct stream *stream);

void stream_say(struct stream *stream, const struct opp_1284_item *items, size_t count);
/* The same of bytes that are no commands, up to STREAM_MOST. */
void stream_say_bytes(struct stream *stream, const uint8_t *bytes, size_t count);
/* Has room for @count bytes more, then none. */
void stream_fill_up(struct stream *stream, size_t count);
void stream_make_room(struct stream *stream);

void stream_be_rude(struct stream *stream, uint8_t event, enum opp_1284_misdeed what, uint32_t us);

enum opp_status stream_run(struct stream *stream);
enum opp_status stream_write(struct stream *stream, const void *bytes, size_t length);
enum opp_status stream_write_what(struct stream *stream, const struct opp_write *what);
enum opp_status stream_read(struct stream *stream, void *bytes, size_t capacity);
enum opp_status stream_read_what(struct stream *stream, const struct opp_read *what);
enum opp_status stream_terminate(struct stream *stream);

/* The device heard exactly these bytes of this kind since it started. */
void stream_assert_heard(const struct stream *stream, enum opp_1284_kind kind, const void *bytes,
			 size_t count);

void stream_assert_fault(const struct stream *stream, enum opp_status status, uint8_t event);

/* Neither the chip nor the device had to complain. */
void stream_assert_polite(const struct stream *stream);

/* Leaves the mode; lines and protocol are at compatibility idle, and the device is, too. */
void stream_assert_leaves(struct stream *stream);

#endif
