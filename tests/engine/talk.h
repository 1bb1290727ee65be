/* SPDX-License-Identifier: MIT */
/*
 * Engine, chip driver and IEEE 1284 device together in virtual time: what the
 * host says, what the device understood, what stands in the registers.
 */
#ifndef OPP_TEST_TALK_H
#define OPP_TEST_TALK_H

#include <openparport/device_id.h>
#include <openparport/ieee1284.h>
#include <openparport/sim_1284.h>

#include "rig.h"

#define TALK_ISA_NS 1000u

struct talk {
	struct rig rig;
	struct opp_1284 device;
	struct opp_protocol protocol;
	struct opp_transfer transfer;

	const uint8_t *say; /* what the device has for the host */
	size_t say_bytes;
	size_t said; /* asked for, one ahead */

	uint8_t page[64];
	size_t printed;
	uint32_t budget_ns;
};

/* Names of CTL values (IEEE1284 1.3). */
#define CTL_IDLE     0x0c /* and events 22, 28 */
#define CTL_EVENT_1  0x06 /* 7, 12 */
#define CTL_EVENT_3  0x07
#define CTL_EVENT_4  0x04 /* 10, 20 */
#define CTL_EVENT_25 0x0e
#define CTL_REVERSED 0x20

/* A PS/2 port, the driver opened, a polite device attached; no access counted yet. */
void talk_start(struct talk *talk, const struct opp_1284_options *options, uint32_t access_ns);

/* What the device says in nibble, byte and ECP mode, from now on. */
void talk_say(struct talk *talk, const void *bytes, size_t count);

void talk_be_rude(struct talk *talk, uint8_t event, enum opp_1284_misdeed what, uint32_t us,
		  uint8_t mask, uint8_t levels);

enum opp_status talk_negotiate(struct talk *talk, uint8_t request);
enum opp_status talk_terminate(struct talk *talk);
enum opp_status talk_read(struct talk *talk, void *bytes, size_t capacity);
enum opp_status talk_read_for(struct talk *talk, void *bytes, size_t capacity, uint64_t first_us,
			      uint64_t silence_us);
void talk_begin_read(struct talk *talk, void *bytes, size_t capacity, uint64_t first_us,
		     uint64_t silence_us);
enum opp_status talk_fetch_id(struct talk *talk, uint8_t *bytes, size_t capacity);

/* Compatibility mode, on both sides and in the registers; and a byte is printed. */
void talk_assert_prints(struct talk *talk);

/* The CTL writes since rig_forget_accesses are these, bit 4 aside. */
void talk_assert_controls(const struct talk *talk, const uint8_t *values, size_t count);

#define assert_controls(talk, ...)                                                                 \
	talk_assert_controls(talk, (const uint8_t[]){ __VA_ARGS__ },                               \
			     sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* The fault names this event; OPP_SUCCESS: there was none. */
void talk_assert_fault(const struct talk *talk, enum opp_status status, uint8_t event);

#endif
