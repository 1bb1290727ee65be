/* SPDX-License-Identifier: MIT */
/*
 * IEEE 1284 device ids: what a peripheral says about itself, as
 * KEY:VALUE;KEY:VALUE;...; with its length in two bytes before it.
 *
 * Pure functions over bytes of an untrusted peripheral. <openparport/ieee1284.h>
 * fetches the bytes (opp_device_id_begin). Context of all: any.
 */
#ifndef OPENPARPORT_DEVICE_ID_H
#define OPENPARPORT_DEVICE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No id that is to be believed is longer or shorter, its length included. */
#define OPP_DEVICE_ID_MOST  4096u
#define OPP_DEVICE_ID_LEAST 14u

/* Length bytes at the beginning. */
#define OPP_DEVICE_ID_PREFIX 2u

/*
 * opp_device_id_expected - how many bytes there are, by their own account.
 * @prefix: the first two of them.
 * The account is taken as meant: high byte first; low byte first when that
 * alone makes sense.
 * Returns: bytes, the prefix included; 0: neither makes sense.
 * Source: IEEE1284 6.3.
 */
size_t opp_device_id_expected(const uint8_t prefix[OPP_DEVICE_ID_PREFIX]);

/*
 * opp_device_id_is_exact - whether the length said what came: high byte first,
 * itself included.
 */
bool opp_device_id_is_exact(const uint8_t *raw, size_t raw_bytes);

/*
 * opp_device_id_text - what came, as a text: without the length, with blanks for
 * white space, without what follows the last character that prints, ending
 * with ';' and a NUL.
 * @text: of @capacity bytes; @raw_bytes + 1 are always enough, fewer may be.
 * Returns: the text's length without the NUL; 0 (and an empty text) when @raw
 * is too short, has other control characters, or does not fit.
 * Source: IEEE1284 6.2, 6.3.
 */
size_t opp_device_id_text(const uint8_t *raw, size_t raw_bytes, char *text, size_t capacity);

/* A piece of a text, not ended by a NUL; blanks around it do not belong to it. */
struct opp_device_id_part {
	const char *start;
	size_t length;
};

/*
 * opp_device_id_next - goes through keys and values in the order they were sent.
 * @text: of opp_device_id_text, or any other text.
 * @at: 0 at first, then as it was left.
 * Returns: false when there are no more. Pieces without ':' are passed over.
 */
bool opp_device_id_next(const char *text, size_t *at, struct opp_device_id_part *key,
			struct opp_device_id_part *value);

/*
 * opp_device_id_find - the value of the first of such keys.
 * @key: "MANUFACTURER", "MFG", ...: upper and lower case, long and short form
 *	are the same.
 * Returns: whether there is one.
 * Source: IEEE1284 6.1, 6.2.
 */
bool opp_device_id_find(const char *text, const char *key, struct opp_device_id_part *value);

/* "LPTENUM\", 20 characters, 4 digits, a NUL. */
#define OPP_PNP_ID_BYTES 33

/*
 * opp_device_id_pnp - the name under which Windows enumerates the device.
 * Returns: its length; 0 (and an empty name) without manufacturer or model, or when both are empty.
 * Source: IEEE1284 6.4; CONTRACT S-82.
 */
size_t opp_device_id_pnp(const char *text, char name[OPP_PNP_ID_BYTES]);

#endif
