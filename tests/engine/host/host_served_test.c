/* SPDX-License-Identifier: MIT */
/*
 * A service that answers what it likes, or dies at a bad moment: anybody can mount
 * one. The ioctls of the library are taken over by the linker.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#include <openparport/codes.h>
#include <openparport/contract.h>
#include <openparport/hosted/openparport.h>

#define LIE_BYTES 8000u /* within the buffer of a request, beyond that of its answer */

static struct opp_handle *handle;
static int (*service)(unsigned long code, void *argument);

int __wrap_ioctl(int fd, unsigned long code, ...);

int __wrap_ioctl(int fd, unsigned long code, ...)
{
	va_list arguments;
	void *argument;

	(void)fd;
	va_start(arguments, code);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (code == OPP_IOC_INFO) {
		memset(argument, 0, sizeof(struct opp_ioc_info));
		return 0;
	}
	return service(code, argument);
}

static int start(void **state)
{
	(void)state;
	return opp_open("/dev/null", &handle, NULL) != OPP_SUCCESS;
}

static int stop(void **state)
{
	(void)state;
	opp_close(handle);
	return 0;
}

/* ---- a service that dies --------------------------------------------------------------------- */

static struct opp_async *reaped;

static void *reap(void *unused)
{
	(void)unused;
	reaped = opp_reap(handle);
	return NULL;
}

static void reap_in_another_thread(void)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, reap, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static int gone(unsigned long code, void *argument)
{
	(void)argument;
	if (code == OPP_IOC_SUBMIT)
		reap_in_another_thread();
	errno = ENOTCONN;
	return -1;
}

static void dies_under_a_submit(void **state)
{
	struct opp_async async = { .kind = OPP_ASYNC_ALLOCATE };

	(void)state;
	service = gone;
	assert_int_equal(opp_submit(handle, &async), OPP_DEVICE_REMOVED);
	assert_null(reaped);
	assert_null(opp_reap(handle));
}

static int dies_when_it_has_taken_in(unsigned long code, void *argument)
{
	(void)argument;
	if (code == OPP_IOC_SUBMIT) {
		reap_in_another_thread();
		return 0;
	}
	errno = ENOTCONN;
	return -1;
}

static void dies_before_who_submits_has_heard(void **state)
{
	struct opp_async async = { .kind = OPP_ASYNC_ALLOCATE };

	(void)state;
	service = dies_when_it_has_taken_in;
	assert_int_equal(opp_submit(handle, &async), OPP_SUCCESS);
	assert_null(reaped);
	assert_ptr_equal(opp_reap(handle), &async);
	assert_int_equal(async.status, OPP_DEVICE_REMOVED);
	assert_null(opp_reap(handle));
}

/* Its answer overtakes what it says to who submits. */
static int answers_and_dies(unsigned long code, void *argument)
{
	static uint64_t tag;

	if (code == OPP_IOC_SUBMIT) {
		memcpy(&tag, argument, sizeof(tag));
		reap_in_another_thread();
	} else if (tag) {
		memset(argument, 0, sizeof(struct opp_ioc_reaped));
		memcpy(argument, &tag, sizeof(tag));
		tag = 0;
		return 0;
	}
	errno = ENOTCONN;
	return -1;
}

static void dies_when_it_has_answered(void **state)
{
	struct opp_async async = { .kind = OPP_ASYNC_ALLOCATE };

	(void)state;
	service = answers_and_dies;
	assert_int_equal(opp_submit(handle, &async), OPP_SUCCESS);
	assert_ptr_equal(reaped, &async);
	assert_int_equal(async.status, OPP_SUCCESS);
	assert_null(opp_reap(handle));
}

/* ---- a service that lies --------------------------------------------------------------------- */

static uint32_t lie;

static void answer_with_a_lie(void *argument)
{
	struct opp_ioc_control answer;

	memcpy(&answer, argument, sizeof(answer));
	answer.status = OPP_SUCCESS;
	answer.information = lie;
	answer.input_bytes = answer.output_bytes = OPP_IOC_CONTROL_BYTES;
	answer.major = IRP_MJ_DEVICE_CONTROL;
	memcpy(argument, &answer, sizeof(answer));
}

static int lies_about_requests(unsigned long code, void *argument)
{
	static struct opp_ioc_reaped answer;

	if (code == OPP_IOC_SUBMIT) {
		memcpy(&answer, argument, sizeof(answer));
		answer.error = 0;
		answer_with_a_lie(answer.bytes);
	} else if (code == OPP_IOC_REAP) {
		memcpy(argument, &answer, sizeof(answer));
	} else {
		answer_with_a_lie(argument);
	}
	return 0;
}

static void assert_refused(uint8_t major, uint32_t code, uint32_t input_bytes,
			   uint32_t output_bytes)
{
	static const uint8_t input[OPP_IOC_CONTROL_BYTES];
	uint8_t output[sizeof(struct PARALLEL_PNP_INFORMATION) + 1];
	struct opp_async_control control = { major,  code,         input, input_bytes,
					     output, output_bytes, 0 };
	struct opp_async async = { .kind = OPP_ASYNC_CONTROL, .control = &control };
	uint32_t information = 1;

	memset(output, 0x5A, sizeof(output));
	assert_int_equal(opp_control(handle, major, code, input, input_bytes, output, output_bytes,
				     &information),
			 OPP_UNSUCCESSFUL);
	assert_int_equal(information, 0);
	assert_int_equal(opp_submit(handle, &async), OPP_SUCCESS);
	assert_ptr_equal(opp_reap(handle), &async);
	assert_int_equal(async.status, OPP_UNSUCCESSFUL);
	assert_int_equal(control.information, 0);
	for (size_t at = 0; at < sizeof(output); at++)
		assert_int_equal(output[at], 0x5A);
}

static void more_than_was_asked_for(void **state)
{
	(void)state;
	service = lies_about_requests;
	lie = LIE_BYTES;
	assert_refused(IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO,
		       LIE_BYTES, 4);
	assert_refused(IRP_MJ_READ, 0, 0, 4);
	assert_refused(IRP_MJ_WRITE, 0, 4, 0);
	lie = 5;
	assert_refused(IRP_MJ_READ, 0, LIE_BYTES, 4);
}

static void too_short_for_its_pointers(void **state)
{
	(void)state;
	service = lies_about_requests;
	lie = 4;
	assert_refused(IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, 0, 4);
	assert_refused(IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, 0, 4);
	lie = 0;
	assert_refused(IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, 0, 0);
	lie = sizeof(struct PARALLEL_PNP_INFORMATION) - 1;
	assert_refused(IRP_MJ_INTERNAL_DEVICE_CONTROL, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, 0,
		       sizeof(struct PARALLEL_PNP_INFORMATION));
}

static int lies_about_bytes(unsigned long code, void *argument)
{
	struct opp_ioc_transfer *transfer = argument;

	(void)code;
	transfer->wire.status = OPP_SUCCESS;
	transfer->count = LIE_BYTES;
	transfer->wire.count = LIE_BYTES;
	return 0;
}

static void more_bytes_than_were_asked_for(void **state)
{
	uint8_t bytes[4] = { 0 };
	size_t moved = 1;

	(void)state;
	service = lies_about_bytes;
	assert_int_equal(opp_read(handle, bytes, sizeof(bytes), 0, &moved), OPP_SUCCESS);
	assert_int_equal(moved, 0);
	assert_int_equal(opp_write(handle, bytes, sizeof(bytes), 0, &moved), OPP_SUCCESS);
	assert_int_equal(moved, 0);
}

static int lies_about_the_line(unsigned long code, void *argument)
{
	(void)code;
	((struct opp_ioc_status *)argument)->listed = UINT32_MAX;
	return 0;
}

static void more_waiters_than_are_listed(void **state)
{
	struct opp_ioc_status status;

	(void)state;
	service = lies_about_the_line;
	assert_int_equal(opp_get_status(handle, &status), OPP_SUCCESS);
	assert_int_equal(status.listed, OPP_IOC_WAITERS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a service that dies under a submit: it failed, and nobody reaps it",
		  dies_under_a_submit, start, stop, NULL },
		{ "a service that dies when it has taken in: it is reaped once, later",
		  dies_before_who_submits_has_heard, start, stop, NULL },
		{ "a service that dies when it has answered: it is reaped once, and did not fail",
		  dies_when_it_has_answered, start, stop, NULL },
		{ "an answer that is longer than was asked for is refused", more_than_was_asked_for,
		  start, stop, NULL },
		{ "an answer that has no room for its pointers is refused",
		  too_short_for_its_pointers, start, stop, NULL },
		{ "more bytes than were asked for did not move", more_bytes_than_were_asked_for,
		  start, stop, NULL },
		{ "no more waiters are listed than there is room for", more_waiters_than_are_listed,
		  start, stop, NULL },
	};

	return cmocka_run_group_tests_name("a service not to be trusted", tests, NULL, NULL);
}
