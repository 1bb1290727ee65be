/* SPDX-License-Identifier: MIT */
/* Names of real ports, and who has their registers, by what /proc/ioports says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "direct.h"

static void check(const char *text, uint16_t base, uint16_t ecp_base)
{
	struct opp_direct_range range;

	assert_true(opp_direct_parse(text, &range));
	assert_int_equal(range.base, base);
	assert_int_equal(range.ecp_base, ecp_base);
}

static void names_are_read(void **state)
{
	(void)state;
	check("io:0x378", 0x378, 0x778);
	check("io:888", 0x378, 0x778);
	check("io:0x3bc", 0x3bc, 0x7bc);
	check("io:0x378+none", 0x378, 0);
	check("io:0xd010", 0xd010, 0);
	check("io:0xd010+0xd018", 0xd010, 0xd018);
}

static void nonsense_is_refused(void **state)
{
	static const char *const nonsense[] = {
		"",           "io:",        "io:0",
		"io:0x379",   "io:378h",    "io:-888",
		"io:0xfffc",  "io:0x10378", "io:0x378+",
		"io:0x378+0", "io: 0x378",  "io:0x378+nonesuch",
		"io:0x378 ",  "IO:0x378",   "io:0x00000000378",
	};
	struct opp_direct_range range;

	(void)state;
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		assert_false(opp_direct_parse(nonsense[i], &range));
}

static const char ioports[] = "0000-0cf7 : PCI Bus 0000:00\n"
			      "  0060-0060 : keyboard\n"
			      "  0378-037a : parport0\n"
			      "  03f8-03ff : serial\n"
			      "  0778-077a : parport0\n"
			      "d000-dfff : PCI Bus 0000:05\n"
			      "  d010-d017 : 0000:05:00.0\n"
			      "    d010-d012 : parport1\n"
			      "  d020-d027 : 0000:05:00.1";

static void owners_are_found(void **state)
{
	char owner[16];

	(void)state;
	assert_true(opp_direct_owner(ioports, 0x378, 3, owner, sizeof(owner)));
	assert_string_equal(owner, "parport0");
	assert_true(opp_direct_owner(ioports, 0x376, 3, owner, sizeof(owner)));
	assert_false(opp_direct_owner(ioports, 0x375, 3, owner, sizeof(owner)));
	assert_false(opp_direct_owner(ioports, 0x37b, 3, owner, sizeof(owner)));
	assert_true(opp_direct_owner(ioports, 0xd010, 3, owner, sizeof(owner)));
	assert_string_equal(owner, "parport1");
}

/* A card's own range, and that of the bus it is on, belong to nobody's driver. */
static void buses_own_nothing(void **state)
{
	char owner[16];

	(void)state;
	assert_false(opp_direct_owner(ioports, 0xd020, 3, owner, sizeof(owner)));
	assert_false(opp_direct_owner(ioports, 0x278, 3, owner, sizeof(owner)));
	assert_false(opp_direct_owner("", 0x378, 3, owner, sizeof(owner)));
	assert_false(opp_direct_owner("no such line\n\n : \n", 0x378, 3, owner, sizeof(owner)));
}

static void a_long_name_is_cut(void **state)
{
	char owner[4];

	(void)state;
	assert_true(opp_direct_owner(ioports, 0x378, 3, owner, sizeof(owner)));
	assert_string_equal(owner, "par");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "io: addresses, with ECP's, without, and of a card", names_are_read, NULL, NULL,
		  NULL },
		{ "io: what is no address is refused", nonsense_is_refused, NULL, NULL, NULL },
		{ "io: the driver that has registers is found, to the byte", owners_are_found, NULL,
		  NULL, NULL },
		{ "io: buses and cards do not count as drivers", buses_own_nothing, NULL, NULL,
		  NULL },
		{ "io: a driver's long name is cut", a_long_name_is_cut, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("direct", tests, NULL, NULL);
}
