/* SPDX-License-Identifier: MIT */
/* Names of real ports, and who has their registers: a driver by /proc/ioports, a process by the lock. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "direct.h"

static void check(const char *text, uint16_t base, uint16_t ecp_base)
{
	struct opp_x86io_range range;

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
	check("io:0x100", 0x100, 0);
	check("io:0x278", 0x278, 0x678);
	check("io:0x37c", 0x37c, 0);
}

static void nonsense_is_refused(void **state)
{
	static const char *const nonsense[] = {
		"",
		"io:",
		"io:0",
		"io:0x379",
		"io:378h",
		"io:-888",
		"io:0xfffc",
		"io:0x10378",
		"io:0x378+",
		"io:0x378+0",
		"io: 0x378",
		"io:0x378+nonesuch",
		"io:0x378 ",
		"IO:0x378",
		"io:0x00000000378",
		"io:0x20",
		"io:0xfc",
		"io:0x378+0x20",
		"io:0x378+0x378",
		"io:0x378+0x37f",
		"io:0x3bc+0x3be",
		"pci:",
		"pci:0000:03:00",
		"pci:0000:03:00.8",
		"pci:0000:03:20.0",
		"pci:000:03:00.0",
		"pci:3:00.0",
		"pci:0000:03:00.0/",
		"pci:0000:03:00.0/2",
		"pci:0000:03:00.0/0x1",
		"pci:0000:03:00.0 ",
		"pci:../../..",
		"pci:000000000:03:00.0",
	};
	char name[OPP_DIRECT_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		assert_false(opp_direct_name(nonsense[i], name));
}

static void check_name(const char *text, const char *name)
{
	char same[OPP_DIRECT_NAME_BYTES];

	assert_true(opp_direct_name(text, same));
	assert_string_equal(same, name);
}

static void one_range_has_one_name(void **state)
{
	(void)state;
	check_name("io:888", "io:0x378");
	check_name("io:0x378+0x778", "io:0x378");
	check_name("io:0x378+none", "io:0x378+none");
	check_name("io:0xd010+none", "io:0xd010");
	check_name("io:0xD010+53272", "io:0xd010+0xd018");
	check_name("pci:3a:1F.7/0", "pci:0000:3a:1f.7");
	check_name("pci:10000:e1:00.0/1", "pci:10000:e1:00.0/1");
}

static bool overlap(const char *one, const char *other)
{
	assert_int_equal(opp_direct_overlap(one, other), opp_direct_overlap(other, one));
	return opp_direct_overlap(one, other);
}

static void one_register_in_common_is_an_overlap(void **state)
{
	(void)state;
	assert_true(overlap("io:0x378", "io:888+none"));
	assert_true(overlap("io:0x378", "io:0x37c"));
	assert_true(overlap("io:0xd010", "io:0xd008+0xd017"));
	assert_true(overlap("io:0xd010+0xd020", "io:0xd000+0xd022"));
	assert_true(overlap("pci:0000:03:00.0", "pci:03:00.0/0"));
	assert_false(overlap("pci:03:00.0", "pci:03:00.0/1"));
	assert_false(overlap("io:0x378", "pci:03:00.0"));
	assert_false(overlap("io:0x378", "io:0x278"));
	assert_false(overlap("io:0x3bc", "io:0x3c0"));
	assert_false(overlap("io:0xd010+0xd020", "io:0xd018+0xd023"));
}

static const char ioports[] = "0000-0cf7 : PCI Bus 0000:00\n"
			      "  0060-0060 : keyboard\n"
			      "  0378-037a : parport0\n"
			      "  03f8-03ff : serial\n"
			      "  0400-0403 : pnp 00:02\n"
			      "  0404-0405 : ACPI PM1a_CNT_BLK\n"
			      "  0778-077a : parport0\n"
			      "0cf8-0cff : PCI conf1\n"
			      "d000-dfff : PCI Bus 0000:05\n"
			      "  d010-d017 : 0000:05:00.0\n"
			      "    d010-d012 : parport1\n"
			      "  d020-d027 : 0000:05:00.1\n"
			      "  e020-e027 : 10000:e1:00.0\n"
			      "  e030-e037 : 0000:the driver";

static enum opp_direct_ownership ownership(const char *text, uint16_t first)
{
	char owner[16];

	return opp_direct_owner(text, first, 3, owner, sizeof(owner));
}

static void owners_are_found(void **state)
{
	char owner[16];

	(void)state;
	assert_int_equal(opp_direct_owner(ioports, 0x378, 3, owner, sizeof(owner)),
			 OPP_DIRECT_OWNED);
	assert_string_equal(owner, "parport0");
	assert_int_equal(ownership(ioports, 0x376), OPP_DIRECT_OWNED);
	assert_int_equal(ownership(ioports, 0x375), OPP_DIRECT_FREE);
	assert_int_equal(ownership(ioports, 0x37b), OPP_DIRECT_FREE);
	assert_int_equal(opp_direct_owner(ioports, 0x370, 8, owner, sizeof(owner)),
			 OPP_DIRECT_FREE);
	assert_int_equal(opp_direct_owner(ioports, 0x371, 8, owner, sizeof(owner)),
			 OPP_DIRECT_OWNED);
	assert_int_equal(opp_direct_owner(ioports, 0xd010, 3, owner, sizeof(owner)),
			 OPP_DIRECT_OWNED);
	assert_string_equal(owner, "parport1");
}

/* A card's own range, and that of the bus it is on, belong to nobody's driver. */
static void buses_own_nothing(void **state)
{
	(void)state;
	assert_int_equal(ownership(ioports, 0xd020), OPP_DIRECT_FREE);
	assert_int_equal(ownership(ioports, 0xe020), OPP_DIRECT_FREE);
	assert_int_equal(ownership(ioports, 0x278), OPP_DIRECT_FREE);
	assert_int_equal(ownership(ioports, 0x401), OPP_DIRECT_FREE);
}

static void the_machines_own_are_in_use(void **state)
{
	(void)state;
	assert_int_equal(ownership(ioports, 0xcf8), OPP_DIRECT_OWNED);
	assert_int_equal(ownership(ioports, 0x404), OPP_DIRECT_OWNED);
	assert_int_equal(ownership(ioports, 0xe030), OPP_DIRECT_OWNED);
}

/* What is told to whom lacks CAP_SYS_ADMIN, nothing, and what is not understood. */
static void hidden_owners_are_unknown(void **state)
{
	(void)state;
	assert_int_equal(ownership("0000-0000 : PCI Bus 0000:00\n"
				   "  0000-0000 : keyboard\n"
				   "  0000-0000 : parport0\n",
				   0x378),
			 OPP_DIRECT_UNKNOWN);
	assert_int_equal(ownership(NULL, 0x378), OPP_DIRECT_UNKNOWN);
	assert_int_equal(ownership("", 0x378), OPP_DIRECT_UNKNOWN);
	assert_int_equal(ownership("no such line\n\n : \n", 0x378), OPP_DIRECT_UNKNOWN);
}

static void a_long_name_is_cut(void **state)
{
	char owner[4];

	(void)state;
	assert_int_equal(opp_direct_owner(ioports, 0x378, 3, owner, sizeof(owner)),
			 OPP_DIRECT_OWNED);
	assert_string_equal(owner, "par");
}

/* ---- the lock ------------------------------------------------------------------------ */

static char lock_path[] = "/tmp/openparport-direct-XXXXXX";

static int make_lock_file(void **state)
{
	const int file = mkstemp(lock_path);

	(void)state;
	return file < 0 ? -1 : close(file);
}

static int remove_lock_file(void **state)
{
	(void)state;
	return unlink(lock_path);
}

static int try_lock(const char *text, int *file, pid_t *holder)
{
	struct opp_x86io_range range;

	assert_true(opp_direct_parse(text, &range));
	*holder = 0;
	return opp_direct_lock(lock_path, &range, file, holder);
}

static void refused_by_us(const char *text)
{
	pid_t holder;
	int file;

	assert_int_equal(try_lock(text, &file, &holder), EBUSY);
	assert_int_equal(file, -1);
	assert_int_equal(holder, getpid());
}

static void registers_are_one_ports_at_a_time(void **state)
{
	int first, second;
	pid_t holder;

	(void)state;
	assert_int_equal(try_lock("io:0x378", &first, &holder), 0);
	refused_by_us("io:0x378+none");
	refused_by_us("io:0x37c");
	refused_by_us("io:0xd010+0x77a");
	assert_int_equal(try_lock("io:0x278", &second, &holder), 0);
	refused_by_us("io:0x278");
	assert_int_equal(close(first), 0);
	assert_int_equal(try_lock("io:0x37c", &first, &holder), 0);
	assert_int_equal(close(first), 0);
	assert_int_equal(close(second), 0);
}

/* What was refused in its second range has not kept its first one. */
static void a_lock_is_whole_or_none(void **state)
{
	int first, second;
	pid_t holder;

	(void)state;
	assert_int_equal(try_lock("io:0xd020", &first, &holder), 0);
	refused_by_us("io:0xd010+0xd020");
	assert_int_equal(try_lock("io:0xd010", &second, &holder), 0);
	assert_int_equal(close(first), 0);
	assert_int_equal(close(second), 0);
}

/* With a lock of its own it waits to be killed. */
static void hold_in_a_child(int ready)
{
	pid_t holder;
	int file;

	if (try_lock("io:0x378", &file, &holder) != 0 || write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void a_process_that_dies_lets_go(void **state)
{
	int ends[2], file;
	pid_t child, holder;
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		hold_in_a_child(ends[1]);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(try_lock("io:0x378", &file, &holder), EBUSY);
	assert_int_equal(holder, child);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(try_lock("io:0x378", &file, &holder), 0);
	assert_int_equal(close(file), 0);
	assert_int_equal(close(ends[0]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "io: addresses, with ECP's, without, and of a card", names_are_read, NULL, NULL,
		  NULL },
		{ "io: what is no address is refused", nonsense_is_refused, NULL, NULL, NULL },
		{ "io: the same registers have one name, however they are written",
		  one_range_has_one_name, NULL, NULL, NULL },
		{ "io: two ports overlap when they have one register in common",
		  one_register_in_common_is_an_overlap, NULL, NULL, NULL },
		{ "io: the driver that has registers is found, to the byte", owners_are_found, NULL,
		  NULL, NULL },
		{ "io: buses and cards do not count as drivers", buses_own_nothing, NULL, NULL,
		  NULL },
		{ "io: what the firmware or a bus itself uses is in use",
		  the_machines_own_are_in_use, NULL, NULL, NULL },
		{ "io: whose addresses are hidden or cannot be read is not known to be nobody's",
		  hidden_owners_are_unknown, NULL, NULL, NULL },
		{ "io: a driver's long name is cut", a_long_name_is_cut, NULL, NULL, NULL },
		{ "io: a register is one port's at a time, and who has it is told",
		  registers_are_one_ports_at_a_time, NULL, NULL, NULL },
		{ "io: of registers that are not all free none is kept", a_lock_is_whole_or_none,
		  NULL, NULL, NULL },
		{ "io: a process that dies lets go of its registers, which were told to be its",
		  a_process_that_dies_lets_go, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("direct", tests, make_lock_file, remove_lock_file);
}
