/* SPDX-License-Identifier: MIT */
/*
 * What ports and devices are called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/device.h>
#include <openparport/names.h>

#define MOST_CHARACTERS 16

static bool number_of(const char *text, uint32_t *number)
{
	uint16_t name[MOST_CHARACTERS] = { 0 };

	for (size_t i = 0; text[i]; i++)
		name[i] = (unsigned char)text[i];
	return opp_port_number(name, number);
}

static void check_number(const char *port_name, uint32_t wanted)
{
	uint32_t number = UINT32_MAX;

	assert_true(number_of(port_name, &number));
	assert_int_equal(number, wanted);
}

static void check_name(size_t length, const char *name, const char *wanted)
{
	assert_string_equal(name, wanted);
	assert_int_equal(length, strlen(wanted));
}

static void first_port(void **state)
{
	char name[OPP_NAME_BYTES];

	(void)state;
	check_number("LPT1", 0);
	check_name(opp_port_object_name(0, name), name, "\\Device\\ParallelPort0");
}

static void later_ports(void **state)
{
	char name[OPP_NAME_BYTES];

	(void)state;
	check_number("LPT2", 1);
	check_number("lpt10", 9);
	check_number("Lpt99", 98);
	check_number("LPT255", 254);
	check_name(opp_port_object_name(254, name), name, "\\Device\\ParallelPort254");
}

static void no_port(void **state)
{
	static const char *const malformed[] = {
		"COM1",          "LPT",   "LPT0",  "LPT1x",    "",      "L",      "LPT01",
		"LPT256",        "LPT-1", "LPT+1", "LPT 1",    " LPT1", "LPT1 ",  "LPT1.0",
		"LPT4294967297", "XPT1",  "LXT1",  "LPX1",     "LPT1:", "LPT0x1", "@LPT1",
		"LPT00",         "LPT:",  "LPT/",  "LPT10000",
	};
	static const uint16_t not_ascii[] = { 'L' + 0x100, 'P', 'T', '1', 0 };
	uint32_t number = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		assert_false(number_of(malformed[i], &number));
	assert_false(opp_port_number(not_ascii, &number));
	assert_false(opp_port_number(NULL, &number));
	assert_int_equal(number, 7);
}

static void check_guid(const struct opp_guid *guid, const uint8_t wanted[16])
{
	assert_non_null(guid);
	assert_int_equal(guid->data1, (uint32_t)wanted[0] << 24 | (uint32_t)wanted[1] << 16 |
					      (uint32_t)wanted[2] << 8 | wanted[3]);
	assert_int_equal(guid->data2, wanted[4] << 8 | wanted[5]);
	assert_int_equal(guid->data3, wanted[6] << 8 | wanted[7]);
	assert_memory_equal(guid->data4, wanted + 8, 8);
}

static void raw_device(void **state)
{
	static const uint8_t parclass[16] = { 0x81, 0x1f, 0xc6, 0xa5, 0xf7, 0x28, 0x11, 0xd0,
					      0xa5, 0x37, 0x00, 0x00, 0xf8, 0x75, 0x3e, 0xd1 };
	char name[OPP_NAME_BYTES];

	(void)state;
	check_name(opp_device_object_name(0, OPP_PLACE_RAW, name), name, "\\Device\\Parallel0");
	check_name(opp_device_location(0, OPP_PLACE_RAW, name), name, "LPT1");
	check_name(opp_device_location(254, OPP_PLACE_RAW, name), name, "LPT255");
	check_guid(opp_device_interface(OPP_PLACE_RAW), parclass);
}

static void other_devices(void **state)
{
	char name[OPP_NAME_BYTES];

	(void)state;
	check_name(opp_device_object_name(0, 0, name), name, "\\Device\\Parallel0.0");
	check_name(opp_device_object_name(1, 1, name), name, "\\Device\\Parallel1.1");
	check_name(opp_device_location(0, 0, name), name, "LPT1.0");
	check_name(opp_device_location(9, 1, name), name, "LPT10.1");
	check_name(opp_device_object_name(0, OPP_PLACE_END_OF_CHAIN, name), name,
		   "\\Device\\Parallel0.4");
	check_name(opp_device_location(0, OPP_PLACE_END_OF_CHAIN, name), name, "LPT1.4");
}

static void interfaces(void **state)
{
	static const uint8_t parallel[16] = { 0x97, 0xf7, 0x6e, 0xf0, 0xf8, 0x83, 0x11, 0xd0,
					      0xaf, 0x1f, 0x00, 0x00, 0xf8, 0x00, 0x84, 0x5c };

	(void)state;
	check_guid(&opp_port_interface, parallel);
	for (uint8_t place = 0; place <= OPP_PLACE_END_OF_CHAIN; place++)
		assert_null(opp_device_interface(place));
}

static void hardware_ids(void **state)
{
	char name[OPP_PNP_ID_BYTES];

	(void)state;
	check_name(opp_device_hardware_id(OPP_PLACE_RAW, "", name), name,
		   "LPTENUM\\MicrosoftRawPort958A");
	check_name(opp_device_hardware_id(OPP_PLACE_RAW, "MFG:EPSON;MDL:SC-P600 Series;", name),
		   name, "LPTENUM\\MicrosoftRawPort958A");
	check_name(opp_device_hardware_id(0, "MFG:EPSON;MDL:SC-P600 Series;", name), name,
		   "LPTENUM\\EPSONSC-P600_Series730C");
	assert_int_equal(opp_device_hardware_id(OPP_PLACE_END_OF_CHAIN, "", name), 0);
	assert_string_equal(name, "");
}

/* What becomes a registry path is the peripheral's to choose. */
static void hostile_ids(void **state)
{
	static const char *const shown[][2] = {
		{ "MFG:A,B\\C;MDL:x\xe9 y/z;", "LPTENUM\\A_B\\Cx__y/z" },
		{ "MFG:a\tb\x1f;MDL:!~\x7f\x80\xff;", "LPTENUM\\a_b_!~___" },
	};
	char name[OPP_PNP_ID_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const size_t length = opp_device_hardware_id(0, shown[i][0], name);

		assert_int_equal(length, strlen(shown[i][1]) + 4);
		assert_memory_equal(name, shown[i][1], length - 4);
	}
	assert_int_equal(opp_device_hardware_id(0, "MFG:;MDL:;", name), 0);
	assert_string_equal(name, "");
	assert_int_equal(opp_device_hardware_id(0, "MFG:;MDL:x;", name), 13);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, NULL, NULL, NULL                                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-001 PortName LPT1 is number 0 and ParallelPort0", first_port),
		CASE("C-002 PortName LPTn is number n - 1", later_ports),
		CASE("C-003 a malformed PortName is no port", no_port),
		CASE("C-005 the raw device: Parallel<m>, LPT<m+1>, its interface", raw_device),
		CASE("C-006 C-007 daisy and end-of-chain devices by number", other_devices),
		CASE("interfaces: a port has its own, .x and .4 have none", interfaces),
		CASE("C-168 the raw device's hardware id is MicrosoftRawPort958A", hardware_ids),
		CASE("C-168 a hardware id has no character that a key may not have", hostile_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
