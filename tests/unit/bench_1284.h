/* SPDX-License-Identifier: MIT */
/*
 * A host written out by hand, at the registers of a simulated port with an IEEE
 * 1284 device in it: the device is not judged by our own engine. An access takes
 * no time; whoever waits misses no edge.
 */
#ifndef OPP_TEST_BENCH_1284_H
#define OPP_TEST_BENCH_1284_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openparport/sim_1284.h>

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

#define ACK    0x40u /* of a status byte, as read */
#define READY  0xd8u /* a printer that waits for a byte */
#define ID_49  "MFG:Acme;MDL:Laser9;CMD:PCL,PJL;CLS:PRINTER;SN;" /* 47 bytes: length 00 31 */
#define ANY_ID OPP_1284_ID_NIBBLE | OPP_1284_ID_BYTE | OPP_1284_ID_ECP | OPP_1284_ID_ECP_RLE
#define EVERYTHING                                                                                 \
	(OPP_1284_NIBBLE | OPP_1284_BYTE | OPP_1284_ECP | OPP_1284_ECP_RLE | OPP_1284_EPP |        \
	 OPP_1284_LINK | ANY_ID)

struct said {
	enum opp_1284_kind kind;
	uint8_t channel;
	uint8_t byte;
};

struct bench {
	struct opp_sim sim;
	struct opp_1284 device;

	uint8_t page[64]; /* compatibility mode */
	size_t printed;
	struct said said[256]; /* to forward() */
	size_t said_count;
	const struct opp_1284_item *items; /* for reverse() */
	size_t item_count, items_given;
	uint8_t epp_data; /* for epp_read(), which counts it up */
	uint8_t epp_address;

	uint32_t host_errors[64];
	uint32_t interrupts;
};

extern struct bench bench;

/* A PS/2 port. Callbacks and the id are the bench's; an id of NULL becomes ID_49. */
void bench_start(const struct opp_1284_options *options);

void bench_start_on(enum opp_sim_chip chip, const struct opp_1284_options *options);

/* cmocka: EVERYTHING, ID_49. */
int bench_setup(void **state);

void pass_ns(uint64_t ns);
void control(uint8_t value);
void data(uint8_t value);
uint8_t status(void);

/* Until (status & mask) == value; false after 40 ms. */
bool await_status(uint8_t mask, uint8_t value);
bool await_status_for(uint8_t mask, uint8_t value, uint64_t ns);

uint32_t all_host_errors(void);

/* Events 0 to 6. Returns the status after event 6. */
uint8_t negotiate(uint8_t request);

/* Events 22 to 28; the device must follow. */
void terminate(void);

/* One byte in compatibility mode, whether the printer wants it or not. */
void strobe(uint8_t byte);

/* What comes of negotiation: the device is back and prints. */
void assert_prints(uint8_t byte);

/* One byte in nibble mode, from HBDA (events 7 to 13). */
uint8_t read_nibbles(void);

/* Something for reverse() to give; the device is not told. */
void offer(const struct opp_1284_item *items, size_t count);

#endif
