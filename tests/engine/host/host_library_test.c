/* SPDX-License-Identifier: MIT */
/* What names mean to libopenparport, and which handles share a port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openparport/hosted/openparport.h>

static void assert_rejected(const char *name, enum opp_status status, const char *because)
{
	struct opp_error error = { .status = OPP_SUCCESS };
	struct opp_handle *handle;

	assert_int_equal(opp_open(name, &handle, &error), status);
	assert_int_equal(error.status, status);
	assert_non_null(strstr(error.text, because));
	assert_null(strchr(error.text, '\n'));
	assert_int_equal(opp_open(name, &handle, NULL), status);
}

static void bad_names(void **state)
{
	(void)state;
	assert_rejected("", OPP_INVALID_PARAMETER, "expected");
	assert_rejected("lpt", OPP_INVALID_PARAMETER, "lpt");
	assert_rejected("lpt0", OPP_INVALID_PARAMETER, "lpt0");
	assert_rejected("lpt-1", OPP_INVALID_PARAMETER, "lpt-1");
	assert_rejected("parport99999999999999999999", OPP_INVALID_PARAMETER, "parport9");
	assert_rejected("sim:nonsense", OPP_INVALID_PARAMETER, "KEY=VALUE");
	assert_rejected("sim:colour=red", OPP_INVALID_PARAMETER, "colour");
	assert_rejected("sim:name=", OPP_INVALID_PARAMETER, "expected a name");
	assert_rejected("sim:chip=lpt", OPP_INVALID_PARAMETER, "ecp or ecp-epp");
	assert_rejected("sim:output=/nonexistent/page", OPP_INVALID_PARAMETER, "/nonexistent/page");
	assert_rejected("/nonexistent/parport0", OPP_NO_SUCH_DEVICE, "parportd");
	assert_rejected("/dev/null", OPP_NO_SUCH_DEVICE, "/dev/null");
}

static void served_names_lie_below_the_mount(void **state)
{
	(void)state;
	assert_int_equal(setenv("OPENPARPORT_MOUNT", "/nonexistent", 1), 0);
	assert_rejected("lpt3", OPP_NO_SUCH_DEVICE, "/nonexistent/parport2");
	assert_rejected("parport2", OPP_NO_SUCH_DEVICE, "/nonexistent/parport2");
	assert_int_equal(unsetenv("OPENPARPORT_MOUNT"), 0);
}

static void a_name_is_shared_while_it_is_used(void **state)
{
	struct opp_handle *maker, *sharer, *repeater;
	struct opp_ioc_info info;

	(void)state;
	assert_int_equal(opp_open("sim:name=shared,chip=spp", &maker, NULL), OPP_SUCCESS);
	assert_int_equal(opp_open("sim:name=shared", &sharer, NULL), OPP_SUCCESS);
	assert_int_equal(opp_open("sim:name=shared,chip=spp", &repeater, NULL), OPP_SUCCESS);
	assert_int_equal(opp_allocate(maker, 0), OPP_SUCCESS);
	assert_int_equal(opp_allocate(sharer, 0), OPP_DEVICE_BUSY);
	assert_int_equal(opp_allocate(repeater, 0), OPP_DEVICE_BUSY);
	assert_int_equal(opp_get_info(sharer, &info), OPP_SUCCESS);
	assert_string_equal(info.name, "shared");
	assert_rejected("sim:name=shared,chip=ps2", OPP_INVALID_PARAMETER, "other keys");
	opp_close(maker);
	assert_int_equal(opp_allocate(sharer, 0), OPP_SUCCESS);
	opp_close(sharer);
	opp_close(repeater);
	assert_int_equal(opp_open("sim:name=shared,chip=ps2", &maker, NULL), OPP_SUCCESS);
	opp_close(maker);
}

static void without_a_name_each_has_its_own(void **state)
{
	struct opp_handle *one, *other;

	(void)state;
	assert_int_equal(opp_open("sim:", &one, NULL), OPP_SUCCESS);
	assert_int_equal(opp_open("sim:", &other, NULL), OPP_SUCCESS);
	assert_int_equal(opp_allocate(one, 0), OPP_SUCCESS);
	assert_int_equal(opp_allocate(other, 0), OPP_SUCCESS);
	opp_close(one);
	opp_close(other);
	opp_close(NULL);
}

static void a_name_is_quoted_in_events(void **state)
{
	struct opp_handle *handle;
	char line[2000];
	ssize_t length;
	int events;

	(void)state;
	assert_int_equal(opp_open("sim:name=a\"b", &handle, NULL), OPP_SUCCESS);
	events = opp_events(handle);
	assert_true(events >= 0);
	assert_int_equal(opp_allocate(handle, 0), OPP_SUCCESS);
	opp_close(handle);
	length = read(events, line, sizeof(line) - 1);
	assert_true(length > 0);
	line[length] = '\0';
	assert_non_null(strstr(line, "\"port\":\"a\\u0022b\""));
	/* The port has ended, and so does what is told of it. */
	while (length > 0)
		length = read(events, line, sizeof(line));
	assert_int_equal(length, 0);
	close(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "bad names are explained", bad_names, NULL, NULL, NULL },
		{ "served names lie below the mount", served_names_lie_below_the_mount, NULL, NULL,
		  NULL },
		{ "a name is shared while it is used", a_name_is_shared_while_it_is_used, NULL,
		  NULL, NULL },
		{ "a port's name is quoted in its events", a_name_is_quoted_in_events, NULL, NULL,
		  NULL },
		{ "C-039 without a name each handle has its own port",
		  without_a_name_each_has_its_own, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("names of ports", tests, NULL, NULL);
}
