/* SPDX-License-Identifier: MIT */
/* A status as text, errno and exit code: the documented tables. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openparport/hosted/openparport.h>

struct row {
	enum opp_status status;
	int error;
	int exit_code;
};

static const struct row rows[] = {
	{ OPP_SUCCESS, 0, 0 },
	{ OPP_PENDING, EINPROGRESS, 1 },
	{ OPP_TIMEOUT, ETIMEDOUT, 120 },
	{ OPP_CANCELLED, ECANCELED, 122 },
	{ OPP_DELETE_PENDING, ENODEV, 112 },
	{ OPP_DEVICE_REMOVED, ENODEV, 112 },
	{ OPP_DEVICE_BUSY, EBUSY, 124 },
	{ OPP_DEVICE_NOT_CONNECTED, ENXIO, 118 },
	{ OPP_DEVICE_POWERED_OFF, ENXIO, 118 },
	{ OPP_DEVICE_PAPER_EMPTY, ENOSPC, 115 },
	{ OPP_DEVICE_OFF_LINE, ENXIO, 116 },
	{ OPP_DEVICE_PROTOCOL_ERROR, EPROTO, 119 },
	{ OPP_IO_DEVICE_ERROR, EIO, 117 },
	{ OPP_NO_SUCH_DEVICE, ENOENT, 110 },
	{ OPP_NOT_A_DIRECTORY, ENOTDIR, 110 },
	{ OPP_ACCESS_DENIED, EPERM, 111 },
	{ OPP_INVALID_DEVICE_REQUEST, EOPNOTSUPP, 114 },
	{ OPP_INVALID_DEVICE_STATE, EINVAL, 114 },
	{ OPP_INVALID_PARAMETER, EINVAL, 2 },
	{ OPP_BUFFER_TOO_SMALL, ENOBUFS, 1 },
	{ OPP_INSUFFICIENT_RESOURCES, ENOMEM, 121 },
	{ OPP_UNSUCCESSFUL, EIO, 1 },
	{ OPP_KICKED, EIO, 113 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void numbers(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(ROWS, OPP_KICKED + 1);
	for (i = 0; i < ROWS; i++) {
		assert_int_equal(rows[i].status, i);
		assert_int_equal(opp_status_errno(rows[i].status), rows[i].error);
		assert_int_equal(opp_status_exit_code(rows[i].status), rows[i].exit_code);
	}
}

static void texts(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		const char *text = opp_status_text(rows[i].status);

		assert_in_range(text[0], 'a', 'z');
		assert_null(strpbrk(text, ".\n"));
		for (j = 0; j < i; j++)
			assert_string_not_equal(text, opp_status_text(rows[j].status));
	}
}

static void numbers_from_elsewhere(void **state)
{
	const enum opp_status unknown = (enum opp_status)(OPP_KICKED + 1);

	(void)state;
	assert_non_null(opp_status_text(unknown));
	assert_int_equal(opp_status_errno(unknown), EIO);
	assert_int_equal(opp_status_exit_code(unknown), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "every status has its errno and its exit code", numbers, NULL, NULL, NULL },
		{ "every status has a text of its own", texts, NULL, NULL, NULL },
		{ "a number that is no status fails", numbers_from_elsewhere, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
