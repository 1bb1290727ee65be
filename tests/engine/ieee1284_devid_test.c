/* SPDX-License-Identifier: MIT */
/* Device ids: fetched from devices that get them wrong, and made sense of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"

#define TEXT "MFG:Acme;CMD:PJL,PCL;MDL:Laser 9;CLS:PRINTER;"
#define SIZE (sizeof(TEXT) - 1 + OPP_DEVICE_ID_PREFIX)

static struct talk talk;
static uint8_t raw[OPP_DEVICE_ID_MOST];
static uint8_t id[OPP_DEVICE_ID_MOST + 1];
static char text[OPP_DEVICE_ID_MOST + 1];

/* ---- fetching ------------------------------------------------------------------------- */

/* What the device sends: @length in two bytes, then @body. Returns the bytes in all. */
static uint32_t compose(uint32_t length, const char *body)
{
	const size_t bytes = strlen(body);

	raw[0] = (uint8_t)(length >> 8);
	raw[1] = (uint8_t)length;
	memcpy(raw + OPP_DEVICE_ID_PREFIX, body, bytes);
	return (uint32_t)bytes + OPP_DEVICE_ID_PREFIX;
}

static void start_with(uint32_t modes, uint32_t raw_bytes)
{
	talk_start(&talk,
		   &(struct opp_1284_options){
			   .modes = modes, .raw_device_id = raw, .raw_device_id_bytes = raw_bytes },
		   TALK_ISA_NS);
	memset(id, 0xa5, sizeof(id));
}

/* Fetches it; @bytes come, and the device is out of the mode again. */
static void assert_fetches(size_t bytes)
{
	assert_int_equal(talk_fetch_id(&talk, id, OPP_DEVICE_ID_MOST), OPP_SUCCESS);
	assert_int_equal(talk.transfer.moved, bytes);
	assert_memory_equal(id, raw, bytes);
	assert_int_equal(id[bytes], 0xa5);
	assert_int_equal(rig_host_errors(&talk.rig), 0);
	talk_assert_fault(&talk, OPP_SUCCESS, 0);
	talk_assert_prints(&talk);
}

static void assert_text(size_t raw_bytes, const char *expected)
{
	assert_int_equal(opp_device_id_text(id, raw_bytes, text, sizeof(text)), strlen(expected));
	assert_string_equal(text, expected);
}

static void test_49_bytes(void **state)
{
	(void)state;
	assert_int_equal(compose(49, TEXT "A;"), 49);
	start_with(OPP_1284_ID_NIBBLE, 49);
	assert_fetches(49);
	assert_int_equal(id[0], 0x00);
	assert_int_equal(id[1], 0x31);
	assert_int_equal(opp_device_id_expected(id), 49);
	assert_true(opp_device_id_is_exact(id, 49));
	assert_text(49, TEXT "A;");
}

static void test_wrong_lengths(void **state)
{
	static const struct {
		const char *body;
		const char *text;
		uint32_t length;
	} ids[] = {
		{ TEXT, TEXT, SIZE - 2 },
		{ TEXT, TEXT, SIZE << 8 },
		{ TEXT, TEXT, 0 },
		{ TEXT, TEXT, 0xffff },
		{ TEXT, TEXT, 300 },
		{ "MFG:Acme;MDL:Laser", "MFG:Acme;MDL:Laser;", 20 },
		{ "MFG:Acme;MDL:Laser", "MFG:Acme;MDL:Laser;", 18 },
		{ TEXT " \r\n", TEXT, SIZE + 3 },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const uint32_t bytes = compose(ids[i].length, ids[i].body);

		start_with(OPP_1284_ID_NIBBLE, bytes);
		assert_fetches(bytes);
		assert_int_equal(opp_device_id_is_exact(id, bytes), ids[i].length == bytes);
		assert_text(bytes, ids[i].text);
	}
}

/* A device that goes on after the id is left alone: the mode ends though nFault is low. */
static void test_more_than_said(void **state)
{
	(void)state;
	start_with(OPP_1284_ID_NIBBLE, compose(SIZE, TEXT "and so on and on"));
	assert_fetches(SIZE);
	assert_text(SIZE, TEXT);
}

static void test_starts_over(void **state)
{
	const uint32_t bytes = compose(SIZE, TEXT);
	const uint8_t request = OPP_REQUEST_NIBBLE | OPP_REQUEST_DEVICE_ID;

	(void)state;
	start_with(OPP_1284_ID_NIBBLE, bytes);
	assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
	assert_int_equal(talk_read(&talk, id, 10), OPP_SUCCESS);
	assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
	assert_int_equal(talk_read(&talk, id, 7), OPP_SUCCESS);
	assert_memory_equal(id, raw, 7);
	memset(id, 0xa5, sizeof(id));
	assert_fetches(bytes);
}

/* Told to stop at every step, then asked again: always the whole id. */
static void test_ended_anywhere(void **state)
{
	const uint32_t bytes = compose(20, "MFG:Acme;MDL:Lase;");
	uint32_t after = 0;
	enum opp_status status;

	(void)state;
	do {
		start_with(OPP_1284_ID_NIBBLE, bytes);
		opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, 10);
		opp_device_id_begin(&talk.transfer, &talk.protocol, id, OPP_DEVICE_ID_MOST);
		for (uint32_t i = 0; i < after; i++)
			(void)opp_transfer_step(&talk.transfer, talk.rig.hw,
						talk.rig.sim.now_ns / 1000, 0);
		opp_transfer_end(&talk.transfer, OPP_CANCELLED);
		status = rig_run(&talk.rig, &talk.transfer, 0);
		assert_true(status == OPP_SUCCESS || status == OPP_CANCELLED);
		assert_memory_equal(id, raw, talk.transfer.moved);
		assert_true(rig_is_idle(&talk.rig));
		memset(id, 0xa5, sizeof(id));
		assert_fetches(bytes);
		after++;
	} while (status == OPP_CANCELLED);
	assert_true(after > 100);
}

static void test_other_ways(void **state)
{
	(void)state;
	start_with(OPP_1284_ID_BYTE, compose(SIZE, TEXT));
	assert_fetches(SIZE);
	assert_int_equal(talk.device.request, OPP_REQUEST_BYTE | OPP_REQUEST_DEVICE_ID);
	start_with(OPP_1284_ID_ECP, compose(SIZE, TEXT));
	assert_fetches(SIZE);
	assert_int_equal(talk.device.request, OPP_REQUEST_ECP | OPP_REQUEST_DEVICE_ID);
	start_with(OPP_1284_ID_ECP, compose(SIZE - 2, TEXT));
	assert_fetches(SIZE);
	start_with(OPP_1284_NIBBLE, compose(SIZE, TEXT));
	assert_int_equal(talk_fetch_id(&talk, id, sizeof(id)), OPP_UNSUCCESSFUL);
	talk_assert_prints(&talk);
	rig_start_printing(&talk.rig, NULL, TALK_ISA_NS);
	assert_int_equal(talk_fetch_id(&talk, id, sizeof(id)), OPP_NO_SUCH_DEVICE);
	assert_true(rig_is_idle(&talk.rig));
}

static void test_no_room(void **state)
{
	static const size_t rooms[] = { 2, 3, SIZE - 1 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		start_with(OPP_1284_ID_NIBBLE, compose(SIZE, TEXT));
		assert_int_equal(talk_fetch_id(&talk, id, rooms[i]), OPP_BUFFER_TOO_SMALL);
		assert_int_equal(talk.transfer.moved, rooms[i]);
		assert_int_equal(id[rooms[i]], 0xa5);
		assert_int_equal(opp_device_id_expected(id), SIZE);
		talk_assert_prints(&talk);
	}
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_fetch_id(&talk, id, 1), OPP_BUFFER_TOO_SMALL);
	assert_int_equal(talk.rig.accesses, 0);
	assert_int_equal(talk_fetch_id(&talk, id, SIZE), OPP_SUCCESS);
}

/* A length that says nothing, and no room for all: never taken for the whole. */
static void no_room_for(uint32_t length, uint32_t modes)
{
	const uint32_t bytes = compose(length, TEXT);

	for (size_t room = 20; room <= bytes; room++) {
		start_with(modes, bytes);
		assert_int_equal(talk_fetch_id(&talk, id, room),
				 room < bytes ? OPP_BUFFER_TOO_SMALL : OPP_SUCCESS);
		assert_int_equal(talk.transfer.moved, room);
		assert_int_equal(id[room], 0xa5);
		talk_assert_fault(&talk, OPP_SUCCESS, 0);
		talk_assert_prints(&talk);
	}
}

static void test_truncated(void **state)
{
	static const uint32_t modes[] = { OPP_1284_ID_NIBBLE, OPP_1284_ID_BYTE, OPP_1284_ID_ECP };

	(void)state;
	for (uint32_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		no_room_for(0, modes[i]);
		no_room_for(SIZE - 2, modes[i]);
	}
}

/* The device falls silent: what it said stays, the mode is left. */
static void test_breaks(void **state)
{
	(void)state;
	start_with(OPP_1284_ID_NIBBLE, compose(SIZE, TEXT));
	opp_device_id_begin(&talk.transfer, &talk.protocol, id, OPP_DEVICE_ID_MOST);
	while (talk.transfer.moved < 12)
		(void)opp_transfer_step(&talk.transfer, talk.rig.hw, talk.rig.sim.now_ns / 1000, 0);
	talk_be_rude(&talk, 8, OPP_1284_NEVER, 0, 0, 0);
	assert_int_equal(rig_run(&talk.rig, &talk.transfer, 0), OPP_DEVICE_PROTOCOL_ERROR);
	assert_int_equal(talk.transfer.moved, 12);
	assert_memory_equal(id, raw, 12);
	talk_assert_fault(&talk, OPP_DEVICE_PROTOCOL_ERROR, 9);
	talk_assert_prints(&talk);
}

/* ---- making sense ------------------------------------------------------------------------ */

static void assert_value(const char *key, const char *expected)
{
	struct opp_device_id_part value;

	assert_true(opp_device_id_find(text, key, &value));
	assert_int_equal(value.length, strlen(expected));
	assert_memory_equal(value.start, expected, value.length);
}

static void put_text(const char *what)
{
	assert_true(strlen(what) < sizeof(text));
	strcpy(text, what);
}

static void test_keys(void **state)
{
	struct opp_device_id_part value;
	struct opp_device_id_part key;
	size_t at = 0;
	uint32_t pieces = 0;

	(void)state;
	put_text(" Mfg : Acme Corp. ;model:Laser;nonsense;;MDL:Second;X-Odd:a:b;sn:;:v;");
	assert_value("MFG", "Acme Corp.");
	assert_value("manufacturer", "Acme Corp.");
	assert_value("MDL", "Laser");
	assert_value("Model", "Laser");
	assert_value("x-odd", "a:b");
	assert_value("SERN", "");
	assert_value("SERIALNUMBER", "");
	assert_false(opp_device_id_find(text, "CID", &value));
	assert_false(opp_device_id_find(text, "MF", &value));
	assert_false(opp_device_id_find(text, "MODELS", &value));
	assert_false(opp_device_id_find(text, "nonsense", &value));
	while (opp_device_id_next(text, &at, &key, &value))
		pieces++;
	assert_int_equal(pieces, 6);
	assert_int_equal(at, strlen(text));
}

static size_t as_text(const char *body, size_t capacity)
{
	return opp_device_id_text(raw, compose(0, body), text, capacity);
}

static void test_texts(void **state)
{
	(void)state;
	assert_int_equal(as_text("MFG:A\tB;\r\nMDL:C;", sizeof(text)), 16);
	assert_string_equal(text, "MFG:A B;  MDL:C;");
}

static void test_no_texts(void **state)
{
	(void)state;
	assert_int_equal(as_text("MFG:A\x01"
				 "B;MDL:C;",
				 sizeof(text)),
			 0);
	assert_string_equal(text, "");
	assert_int_equal(as_text("MFG:A;MDL:\x7f;", sizeof(text)), 0);
	assert_int_equal(as_text("MFG:A;", sizeof(text)), 0);
	assert_int_equal(as_text("", sizeof(text)), 0);
	assert_int_equal(opp_device_id_text(raw, 0, text, sizeof(text)), 0);
	assert_int_equal(opp_device_id_text(raw, 1, text, 0), 0);
	/* 12 characters, a ';' and a NUL */
	text[14] = 'x';
	assert_int_equal(as_text("MFG:A;MDL:BC", 13), 0);
	assert_int_equal(as_text("MFG:A;MDL:BC", 14), 13);
	assert_int_equal(text[14], 'x');
}

static void test_lengths(void **state)
{
	static const struct {
		uint8_t prefix[2];
		uint32_t means;
	} lengths[] = {
		{ { 0x00, 0x31 }, 49 },   { { 0x31, 0x00 }, 49 },   { { 0x00, 0x00 }, 0 },
		{ { 0xff, 0xff }, 0 },    { { 0x00, 0x0d }, 3328 }, { { 0x00, 0x0e }, 14 },
		{ { 0x10, 0x00 }, 4096 }, { { 0x10, 0x01 }, 272 },  { { 0x20, 0x11 }, 0 },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		assert_int_equal(opp_device_id_expected(lengths[i].prefix), lengths[i].means);
}

static void test_pnp(void **state)
{
	char name[OPP_PNP_ID_BYTES];

	(void)state;
	put_text("MFG:Hewlett-Packard;MDL:HP LaserJet 4P;");
	assert_int_equal(opp_device_id_pnp(text, name), 32);
	assert_string_equal(name, "LPTENUM\\Hewlett-PackardHP_La7EE2");
	put_text("MODEL:B;MANUFACTURER:A;");
	assert_int_equal(opp_device_id_pnp(text, name), 14);
	assert_memory_equal(name, "LPTENUM\\AB", 10);
	put_text("MFG:Hewlett-Packard;");
	assert_int_equal(opp_device_id_pnp(text, name), 0);
	assert_string_equal(name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-117 a length of 00 31 is 49 bytes in all", test_49_bytes, NULL, NULL, NULL },
		{ "P-118 exclusive, swapped, no, huge and too long lengths, and no last ';'",
		  test_wrong_lengths, NULL, NULL, NULL },
		{ "P-121 the mode ends after the id even when nFault is still low",
		  test_more_than_said, NULL, NULL, NULL },
		{ "P-120 an aborted read and a new request start at byte 0", test_starts_over, NULL,
		  NULL, NULL },
		{ "P-120 told to stop anywhere, the next fetch gives the whole id",
		  test_ended_anywhere, NULL, NULL, NULL },
		{ "an id refused in nibble mode is asked for in byte mode, then in ECP",
		  test_other_ways, NULL, NULL, NULL },
		{ "an id longer than the buffer says so and is left", test_no_room, NULL, NULL,
		  NULL },
		{ "an id that the buffer cuts says so although its length does not", test_truncated,
		  NULL, NULL, NULL },
		{ "an id that breaks off keeps what came", test_breaks, NULL, NULL, NULL },
		{ "P-119 keys know no case, long is short, the first one wins, all are kept",
		  test_keys, NULL, NULL, NULL },
		{ "white space becomes blanks", test_texts, NULL, NULL, NULL },
		{ "what is no text is refused, and nothing is written beyond the room",
		  test_no_texts, NULL, NULL, NULL },
		{ "P-118 lengths that make sense, one way or the other", test_lengths, NULL, NULL,
		  NULL },
		{ "P-122 the name of the HP LaserJet 4P for Windows", test_pnp, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
