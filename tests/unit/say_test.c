/* SPDX-License-Identifier: MIT */
/* Which events administrators are told, and in which words. */
#include <fcntl.h>
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

#include "host_port.h"
#include "say.h"

#define TEXT_BYTES 1024

static FILE *said;
static int before;

/* stderr becomes a file that can be read again. */
static int listen_to(void **state)
{
	(void)state;
	said = tmpfile();
	before = dup(STDERR_FILENO);
	return !said || before < 0 || dup2(fileno(said), STDERR_FILENO) < 0;
}

static int hear(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	dup2(before, STDERR_FILENO);
	close(before);
	return fclose(said);
}

static const char *heard(char text[TEXT_BYTES])
{
	ssize_t count;

	fflush(stderr);
	count = pread(fileno(said), text, TEXT_BYTES - 1, 0);
	assert_true(count >= 0);
	text[count] = '\0';
	return text;
}

static struct opp_host_event transferred(uint32_t who, enum opp_status status,
					 enum opp_status fault)
{
	return (struct opp_host_event){
		.kind = OPP_HOST_TRANSFERRED,
		.pid = 42,
		.who = who,
		.name = "cat",
		.bytes = 7,
		.status = status,
		.fault = { .status = fault },
	};
}

static bool is_said(uint32_t who, enum opp_status status, enum opp_status fault)
{
	const struct opp_host_event event = transferred(who, status, fault);

	return opp_is_said(&event);
}

static void what_can_be_mended(void **state)
{
	const enum opp_status paper = OPP_DEVICE_PAPER_EMPTY;

	(void)state;
	assert_true(is_said(OPP_IOC_WHO_JOB, paper, paper));
	assert_true(is_said(OPP_IOC_WHO_PPDEV, paper, paper));
	assert_true(is_said(OPP_IOC_WHO_JOB, OPP_TIMEOUT, OPP_TIMEOUT));
	/* It mended itself, or nobody can mend it. */
	assert_false(is_said(OPP_IOC_WHO_JOB, OPP_SUCCESS, paper));
	assert_false(is_said(OPP_IOC_WHO_JOB, OPP_CANCELLED, paper));
	assert_false(is_said(OPP_IOC_WHO_JOB, OPP_DELETE_PENDING, OPP_SUCCESS));
}

static void not_what_is_tried(void **state)
{
	(void)state;
	assert_false(is_said(OPP_IOC_WHO_PPDEV, OPP_TIMEOUT, OPP_TIMEOUT));
	assert_false(
		is_said(OPP_IOC_WHO_SERVICE, OPP_DEVICE_PROTOCOL_ERROR, OPP_DEVICE_PROTOCOL_ERROR));
	assert_false(is_said(OPP_IOC_WHO_JOB, OPP_DEVICE_OFF_LINE, OPP_SUCCESS));
}

static void not_what_happens_all_the_time(void **state)
{
	static const enum opp_host_event_kind kinds[] = {
		OPP_HOST_QUEUED,    OPP_HOST_GRANTED, OPP_HOST_RELEASED,
		OPP_HOST_CANCELLED, OPP_HOST_EXPIRED, OPP_HOST_DROPPED,
	};
	struct opp_host_event event = transferred(OPP_IOC_WHO_JOB, OPP_SUCCESS, OPP_SUCCESS);

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		event.kind = kinds[i];
		assert_false(opp_is_said(&event));
	}
	event.kind = OPP_HOST_KICKED;
	assert_true(opp_is_said(&event));
}

static void in_words(void **state)
{
	const struct opp_host_event event =
		transferred(OPP_IOC_WHO_JOB, OPP_DEVICE_OFF_LINE, OPP_DEVICE_OFF_LINE);
	char text[TEXT_BYTES];

	(void)state;
	opp_say_event("parport3", &event);
	assert_ptr_equal(
		strstr(heard(text), "parportd: parport3: cat (pid 42) moved 7 bytes, then: "),
		text);
	assert_non_null(strstr(text, "; set the printer on-line\n"));
}

static void all_is_well(void **state)
{
	char text[TEXT_BYTES];

	(void)state;
	opp_say(OPP_SAID_READY, NULL, "serves");
	assert_string_equal(heard(text), "");
	opp_say(OPP_SAID_RIGHTS, NULL, "rights of %d", 3);
	assert_string_equal(heard(text), "parportd: rights of 3\n");
}

/* As when the service's starter was started by systemd, and has sent stderr elsewhere since. */
static void another_file_is_the_journal(void **state)
{
	char text[TEXT_BYTES], stream[64];
	struct stat about;

	(void)state;
	assert_int_equal(fstat(fileno(said), &about), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)about.st_dev,
		 (unsigned long long)about.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	opp_say(OPP_SAID_LINK, "parport0", "taken");
	assert_string_equal(heard(text), "parportd: parport0: taken\n");
}

static void nobody_reads(void **state)
{
	static const char lines[] = "parportd: 2 lines are missing here: nobody took them\n"
				    "parportd: heard\n";
	char text[65536];
	ssize_t count;
	int ends[2];

	(void)state;
	assert_return_code(pipe2(ends, O_NONBLOCK), 0);
	memset(text, '.', sizeof(text));
	while (write(ends[1], text, sizeof(text)) > 0)
		;
	assert_return_code(fcntl(ends[1], F_SETFL, 0), 0);
	assert_return_code(dup2(ends[1], STDERR_FILENO), 0);
	opp_say(OPP_SAID_LINK, NULL, "not heard");
	opp_say(OPP_SAID_LINK, NULL, "nor this");
	while (read(ends[0], text, sizeof(text)) > 0)
		;
	opp_say(OPP_SAID_LINK, NULL, "heard");
	count = read(ends[0], text, sizeof(text));
	assert_int_equal(count, strlen(lines));
	assert_memory_equal(text, lines, strlen(lines));
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "administrators are told faults that ended a transfer and can be mended",
		  what_can_be_mended, NULL, NULL, NULL },
		{ "who looks whether there is an answer, and the service's own looks, are no fault",
		  not_what_is_tried, NULL, NULL, NULL },
		{ "of the other events a kick alone is told", not_what_happens_all_the_time, NULL,
		  NULL, NULL },
		{ "a line says port, program, what, why and what to do", in_words, listen_to, hear,
		  NULL },
		{ "what only says that all is well is not for stderr", all_is_well, listen_to, hear,
		  NULL },
		{ "JOURNAL_STREAM of another file is heeded", another_file_is_the_journal,
		  listen_to, hear, NULL },
		{ "a stderr that nobody takes makes nobody wait; what is left out is counted",
		  nobody_reads, listen_to, hear, NULL },
	};

	return cmocka_run_group_tests_name("say", tests, NULL, NULL);
}
