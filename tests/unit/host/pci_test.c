/* SPDX-License-Identifier: MIT */
/* Cards in made-up trees of sysfs: where their ports are, and which of them are refused. */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pci.h"
#include "pci_card.h"

#define WHERE   "0000:03:00.0"
#define DEVICES "sys/bus/pci/devices"
#define IO      "0x0000000000040101"
#define MEMORY  "0x0000000000040200"
#define LINE    "0x%016x 0x%016x %s\n"

static char root[] = "/tmp/openparport-pci-XXXXXX";

/* ---- a tree ------------------------------------------------------------------------------- */

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
}

static void path_of(char path[PATH_MAX], const char *name)
{
	assert_in_range(snprintf(path, PATH_MAX, "%s/" DEVICES "/" WHERE "/%s", root, name), 1,
			PATH_MAX - 1);
}

static void put(const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	path_of(path, name);
	make_folders(path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void put_number(const char *name, unsigned int number)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "0x%04x\n", number);
	put(name, text);
}

/* Range by range: of how many addresses; 0: none, negative: of memory. */
static void put_ranges(const int counts[OPP_PCI_RANGES])
{
	unsigned int at = 0xd000;
	char text[512] = "";
	size_t length = 0;

	for (int i = 0; i < OPP_PCI_RANGES; i++, at += 0x10) {
		if (counts[i] == 0)
			length += (size_t)snprintf(text + length, sizeof(text) - length, LINE, 0, 0,
						   "0x0000000000000000");
		else if (counts[i] < 0)
			length += (size_t)snprintf(text + length, sizeof(text) - length, LINE,
						   0xfe000000, 0xfe000fff, MEMORY);
		else
			length += (size_t)snprintf(text + length, sizeof(text) - length, LINE, at,
						   at + (unsigned int)counts[i] - 1, IO);
	}
	put("resource", text);
}

static void put_card(unsigned int vendor, unsigned int device, unsigned int subvendor,
		     unsigned int subdevice)
{
	put_number("vendor", vendor);
	put_number("device", device);
	put_number("subsystem_vendor", subvendor);
	put_number("subsystem_device", subdevice);
	put("class", "0x070002\n");
	put("enable", "1\n");
	put_ranges((const int[]){ 8, 8, 8, 8, 8, 8 });
}

static void put_link(const char *name, const char *target)
{
	char path[PATH_MAX];

	path_of(path, name);
	assert_int_equal(symlink(target, path), 0);
}

static int make_root(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	(void)about, (void)kind;
	return where->level ? remove(path) : 0;
}

static int clear(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int remove_root(void **state)
{
	return clear(state) || rmdir(root);
}

/* ---- what is asked of it --------------------------------------------------------------------- */

static struct opp_error error;

static enum opp_status find_and_close(const char *text, bool force, struct opp_x86io_range *range)
{
	struct opp_pci_name name;
	enum opp_status status;
	int folder;

	assert_true(opp_pci_parse(text, &name));
	error.text[0] = '\0';
	status = opp_pci_find(root, &name, force, range, &folder, &error);
	if (status == OPP_SUCCESS)
		assert_int_equal(close(folder), 0);
	else
		assert_int_equal(folder, -1);
	return status;
}

static void found(const char *text, uint16_t base, uint16_t count, uint16_t ecp_base)
{
	struct opp_x86io_range range;

	assert_int_equal(find_and_close(text, false, &range), OPP_SUCCESS);
	assert_int_equal(range.base, base);
	assert_int_equal(range.count, count);
	assert_int_equal(range.ecp_base, ecp_base);
}

static void refused(const char *text, enum opp_status status, const char *says)
{
	struct opp_x86io_range range;

	assert_int_equal(find_and_close(text, false, &range), status);
	assert_non_null(strstr(error.text, says));
	assert_int_equal(strncmp(error.text, "pci:" WHERE, strlen("pci:" WHERE)), 0);
}

/* ---- cases ----------------------------------------------------------------------------------- */

static void one_port_has_the_first_two_ranges(void **state)
{
	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	found("pci:" WHERE, 0xd000, 8, 0xd010);
	found("pci:03:00.0/0", 0xd000, 8, 0xd010);
}

/* EPP's registers would be those of the next range, ECP's for example. */
static void a_short_range_has_no_epp(void **state)
{
	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	put_ranges((const int[]){ 4, 4, 0, 0, 0, 0 });
	found("pci:" WHERE, 0xd000, 3, 0xd010);
}

static void a_range_too_small_for_ecp_is_none(void **state)
{
	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	put_ranges((const int[]){ 8, 2, 8, 0, 0, 0 });
	found("pci:" WHERE, 0xd000, 8, 0);
}

/* Whatever the kernel says: what "io:" is not given is not had by a card either. */
static void a_place_that_is_no_ports(void **state)
{
	static const struct {
		unsigned int base, ecp;
	} places[] = { { 0xd002, 0xd010 }, { 0x78, 0xd010 }, { 0xd000, 0xd004 }, { 0xd000, 0x60 } };
	char text[256];

	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(text, sizeof(text), LINE LINE, places[i].base, places[i].base + 7,
			       IO, places[i].ecp, places[i].ecp + 3, IO);
		put("resource", text);
		refused("pci:" WHERE, OPP_NO_SUCH_DEVICE, "no parallel port can be there");
	}
}

static void a_class_alone_means_the_usual_layout(void **state)
{
	(void)state;
	put_card(0x1234, 0x5678, 0, 0);
	refused("pci:" WHERE, OPP_NO_SUCH_DEVICE,
		"this is no parallel port (1234:5678, class 070002)");
	put("class", "0x070103\n");
	put_ranges((const int[]){ -1, 8, -1, 4, 8, 0 });
	found("pci:" WHERE, 0xd010, 8, 0xd030);
}

static void ports_lie_where_their_card_has_them(void **state)
{
	(void)state;
	put_card(0x9710, 0x9835, 0x1000, 0x0012);
	found("pci:" WHERE, 0xd020, 8, 0);
	put_card(0x9710, 0x9845, 0x1000, 0x0014);
	found("pci:" WHERE, 0xd040, 8, 0);
	put_card(0x9710, 0x9900, 0xa000, 0x3012);
	found("pci:" WHERE, 0xd030, 8, 0xd040);
	put_card(0x1fd4, 0x1999, 0x1fd4, 0x0101);
	found("pci:" WHERE, 0xd010, 8, 0xd020);
}

static void two_ports_of_one_function(void **state)
{
	(void)state;
	put_card(0x14db, 0x2121, 0, 0);
	found("pci:" WHERE, 0xd000, 8, 0xd010);
	found("pci:" WHERE "/1", 0xd020, 8, 0xd030);
	put_card(0x14db, 0x2120, 0, 0);
	refused("pci:" WHERE "/1", OPP_NO_SUCH_DEVICE, "this card has one port: leave out /1");
}

static void netmos_says_how_many(void **state)
{
	(void)state;
	put_card(0x9710, 0x9815, 0x1000, 0x0020);
	found("pci:" WHERE "/1", 0xd020, 8, 0xd030);
	put_card(0x9710, 0x9815, 0x1000, 0x0010);
	refused("pci:" WHERE "/1", OPP_NO_SUCH_DEVICE, "this card has one port");
	put_card(0x9710, 0x9835, 0x1000, 0x0002);
	refused("pci:" WHERE, OPP_NO_SUCH_DEVICE, "this is no parallel port");
	put_card(0x9710, 0x9835, 0x1014, 0x0299);
	refused("pci:" WHERE, OPP_NO_SUCH_DEVICE, "this is no parallel port");
}

static void a_chip_that_stops_gets_no_ecp(void **state)
{
	(void)state;
	put_card(0x1415, 0x8403, 0, 0);
	put("class", "0x070101\n");
	found("pci:" WHERE, 0xd000, 8, 0);
}

static void a_card_that_is_not_there(void **state)
{
	(void)state;
	refused("pci:" WHERE, OPP_NO_SUCH_DEVICE, "there is no such card: 'lspci -D'");
}

static void a_card_that_is_switched_off(void **state)
{
	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	put("enable", "0\n");
	refused("pci:" WHERE, OPP_NO_SUCH_DEVICE, "echo 1 >/sys/bus/pci/devices/" WHERE "/enable");
}

static void a_card_with_memory_only(void **state)
{
	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	put_ranges((const int[]){ -1, 8, 0, 0, 0, 0 });
	refused("pci:" WHERE, OPP_NO_SUCH_DEVICE, "has no I/O addresses");
}

static void a_card_with_a_driver(void **state)
{
	struct opp_x86io_range range;

	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	put_link("driver", "../../../../bus/pci/drivers/parport_pc");
	refused("pci:" WHERE, OPP_DEVICE_BUSY, "the kernel's driver parport_pc has this card");
	assert_non_null(
		strstr(error.text, "echo " WHERE " >/sys/bus/pci/drivers/parport_pc/unbind"));
	assert_int_equal(find_and_close("pci:" WHERE, true, &range), OPP_SUCCESS);
}

static void a_drivers_name_is_outside_text(void **state)
{
	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	put_link("driver", "x/\033[2J\n");
	refused("pci:" WHERE, OPP_DEVICE_BUSY, "the kernel's driver ?[2J? has");
}

static void what_is_no_file_is_not_read(void **state)
{
	char path[PATH_MAX];

	(void)state;
	put_card(0x14db, 0x2120, 0, 0);
	path_of(path, "class");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	refused("pci:" WHERE, OPP_NO_SUCH_DEVICE, "there is no such card");
	assert_int_equal(unlink(path), 0);
	put_link("class", "vendor");
	refused("pci:" WHERE, OPP_NO_SUCH_DEVICE, "there is no such card");
}

static void a_card_that_goes_is_missed(void **state)
{
	struct opp_x86io_range range;
	struct opp_pci_name name;
	int folder;

	put_card(0x14db, 0x2120, 0, 0);
	assert_true(opp_pci_parse("pci:" WHERE, &name));
	assert_int_equal(opp_pci_find(root, &name, false, &range, &folder, NULL), OPP_SUCCESS);
	assert_false(opp_pci_is_gone(folder));
	assert_int_equal(clear(state), 0);
	assert_true(opp_pci_is_gone(folder));
	put_card(0x14db, 0x2120, 0, 0);
	assert_true(opp_pci_is_gone(folder));
	assert_int_equal(close(folder), 0);
}

int main(void)
{
#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, NULL, clear, NULL                                                  \
	}
	const struct CMUnitTest tests[] = {
		CASE("pci: a card's only port has its first two ranges, the second one for ECP",
		     one_port_has_the_first_two_ranges),
		CASE("pci: a range without room for EPP's registers has none",
		     a_short_range_has_no_epp),
		CASE("pci: a range without room for ECP's registers is not ECP's",
		     a_range_too_small_for_ecp_is_none),
		CASE("pci: registers where none of a port can be are refused, whoever says so",
		     a_place_that_is_no_ports),
		CASE("pci: a card that is known by its class has its port at the first ranges of I/O",
		     a_class_alone_means_the_usual_layout),
		CASE("pci: a port beside serial ones is where its card has it",
		     ports_lie_where_their_card_has_them),
		CASE("pci: the second port of a card is named, and of a card with one it is refused",
		     two_ports_of_one_function),
		CASE("pci: cards that say how many ports they have are believed",
		     netmos_says_how_many),
		CASE("pci: a chip that its ECR can stop is used without ECP",
		     a_chip_that_stops_gets_no_ecp),
		CASE("pci: a card that is not there is refused, with how to find it",
		     a_card_that_is_not_there),
		CASE("pci: a card that is switched off is refused, with the command that mends it",
		     a_card_that_is_switched_off),
		CASE("pci: a card that has memory addresses only is refused",
		     a_card_with_memory_only),
		CASE("pci: a card that a driver has is refused, with the commands, unless forced",
		     a_card_with_a_driver),
		CASE("pci: a driver's name cannot move a terminal's cursor",
		     a_drivers_name_is_outside_text),
		CASE("pci: what is no regular file is not read", what_is_no_file_is_not_read),
		CASE("pci: a card that goes is missed, also when another one is in its place",
		     a_card_that_goes_is_missed),
	};

	return cmocka_run_group_tests_name("pci", tests, make_root, remove_root);
}
