/* SPDX-License-Identifier: MIT */
/*
 * Files that are slow, full or gone, below a simulated printer: nobody waits for
 * them, and no byte is lost. write(2) is taken over by the linker.
 */
#include "host_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openparport/wire.h>

#define PAGE       200000
#define LIMIT_US   10000000u
#define NO_WAIT_US 0u
#define PATIENCE_S 20

static struct rig rig;
static struct asker a, b;
static uint8_t page[PAGE], paper[PAGE + 1];
static char fifo[64];

/* ---- the disk ------------------------------------------------------------------------ */

static _Atomic bool hangs;      /* write(2) does not return while this is so, or for ever so long */
static _Atomic int fails;       /* errno of every write, 0: none */
static _Atomic uint32_t writes; /* that began */
static _Atomic uint32_t late;   /* writes that a FIFO had no room for */

ssize_t __real_write(int file, const void *bytes, size_t count);
ssize_t __wrap_write(int file, const void *bytes, size_t count);

ssize_t __wrap_write(int file, const void *bytes, size_t count)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const time_t until = time(NULL) + PATIENCE_S;
	ssize_t wrote;

	if (file <= 2)
		return __real_write(file, bytes, count);
	writes++;
	while (hangs && time(NULL) < until)
		nanosleep(&pause, NULL);
	if (time(NULL) >= until)
		hangs = false;
	if (fails) {
		errno = fails;
		return -1;
	}
	wrote = __real_write(file, bytes, count);
	if (wrote < 0 && errno == EAGAIN)
		late++;
	return wrote;
}

static bool soon(bool (*true_yet)(void))
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const time_t until = time(NULL) + PATIENCE_S;

	while (!true_yet() && time(NULL) < until)
		nanosleep(&pause, NULL);
	return true_yet();
}

static bool is_being_written(void)
{
	return writes != 0;
}

static bool has_a_late_reader(void)
{
	return late != 0;
}

static bool shows_error(void)
{
	struct opp_ioc_pins pins;

	opp_host_pins(rig.port, &pins);
	return (pins.status & (OPP_LINE_NFAULT | OPP_LINE_SELECT | OPP_LINE_PERROR)) ==
	       OPP_LINE_SELECT;
}

static bool shows_none(void)
{
	return !shows_error();
}

static bool is_at_rest(void)
{
	return opp_host_peripheral_idle(rig.port);
}

/* ---- the port -------------------------------------------------------------------------- */

static void start_with(const char *keys)
{
	size_t i;

	hangs = false;
	fails = 0;
	writes = 0;
	late = 0;
	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	assert_int_equal(asker_allocate(&rig, &a), OPP_SUCCESS);
	for (i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 7 + (i >> 8));
}

static int start(void **state)
{
	(void)state;
	start_with("");
	return 0;
}

/* A FIFO with a reader that does not read yet. Returns the reader. */
static int start_with_fifo(void)
{
	char key[80];
	int reader;

	(void)snprintf(fifo, sizeof(fifo), "host-test-fifo-%ld", (long)getpid());
	(void)snprintf(key, sizeof(key), "output=%s", fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	reader = open(fifo, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	start_with(key);
	return reader;
}

static int stop(void **state)
{
	(void)state;
	hangs = false;
	fails = 0;
	rig_stop(&rig);
	return 0;
}

static int stop_with_fifo(void **state)
{
	unlink(fifo);
	return stop(state);
}

static enum opp_status print(const uint8_t *bytes, size_t count, uint64_t limit_us)
{
	const uint32_t before = asker_completions(&a);

	assert_int_equal(asker_write(&rig, &a, false, bytes, count, limit_us), OPP_PENDING);
	return asker_wait(&a, before + 1);
}

static void read_all(int reader, size_t bytes)
{
	struct pollfd ready = { .fd = reader, .events = POLLIN };
	size_t at = 0;
	ssize_t got = 1;

	while (at < bytes && got > 0 && poll(&ready, 1, PATIENCE_S * 1000) == 1) {
		got = read(reader, paper + at, bytes - at);
		at += got > 0 ? (size_t)got : 0;
	}
	assert_int_equal(at, bytes);
	assert_memory_equal(paper, page, bytes);
}

/* ---- a disk that hangs ------------------------------------------------------------------- */

static void strobe(uint8_t byte)
{
	uint8_t status = 0;

	while (!(status & 0x80))
		assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &status),
				 OPP_SUCCESS);
	opp_host_write_register(rig.port, &a.client, OPP_HOST_DATA, byte);
	opp_host_write_register(rig.port, &a.client, OPP_HOST_CONTROL, 0x0d);
	opp_host_write_register(rig.port, &a.client, OPP_HOST_CONTROL, 0x0c);
}

static void nobody_waits_for_a_disk(void **state)
{
	struct opp_ioc_status status;
	struct opp_ioc_pins pins;
	uint32_t i;

	(void)state;
	hangs = true;
	strobe(page[0]);
	assert_true(soon(is_being_written));
	for (i = 1; i < 1000; i++)
		strobe(page[i]);
	assert_int_equal(opp_host_waiters(rig.port), 0);
	opp_host_status(rig.port, &status);
	opp_host_pins(rig.port, &pins);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_true(hangs);
	hangs = false;
	rig_wait_output(&rig, page, 1000);
}

static void printer_waits_for_a_disk(void **state)
{
	size_t first;

	(void)state;
	hangs = true;
	assert_int_equal(print(page, sizeof(page), 100000), OPP_TIMEOUT);
	first = a.req.done;
	assert_in_range(first, 1, sizeof(page) - 1);
	assert_true(shows_none());
	hangs = false;
	assert_int_equal(print(page + first, sizeof(page) - first, LIMIT_US), OPP_SUCCESS);
	rig_wait_output(&rig, page, sizeof(page));
}

static void stored_bytes_wait_for_a_disk(void **state)
{
	(void)state;
	start_with("buffer_bytes=100000,characters_per_second=10000000");
	hangs = true;
	assert_int_equal(print(page, 100000, LIMIT_US), OPP_SUCCESS);
	hangs = false;
	rig_wait_output(&rig, page, 100000);
}

static void printer_is_not_at_rest_before_its_disk_is(void **state)
{
	(void)state;
	hangs = true;
	assert_int_equal(print(page, 1, LIMIT_US), OPP_SUCCESS);
	assert_true(soon(is_being_written));
	assert_false(is_at_rest());
	hangs = false;
	assert_true(soon(is_at_rest));
	rig_wait_output(&rig, page, 1);
}

static void port_ends_while_its_disk_hangs(void **state)
{
	(void)state;
	hangs = true;
	assert_int_equal(print(page, 100, LIMIT_US), OPP_SUCCESS);
	assert_true(soon(is_being_written));
	opp_host_port_destroy(rig.port);
	rig.port = NULL;
	assert_true(hangs);
	hangs = false;
	/* Who was left behind in write(2) still writes and is no trouble. */
	rig_wait_output(&rig, page, 100);
}

static void port_writes_all_before_it_ends(void **state)
{
	(void)state;
	start_with("buffer_bytes=100000,characters_per_second=1");
	assert_int_equal(print(page, 100000, LIMIT_US), OPP_SUCCESS);
	opp_host_port_destroy(rig.port);
	rig.port = NULL;
	assert_int_equal(rig_read_output(&rig, paper, sizeof(paper)), 100000);
	assert_memory_equal(paper, page, 100000);
}

/* ---- a disk that is full --------------------------------------------------------------------- */

static void full_disk_is_an_error_until_there_is_space(void **state)
{
	(void)state;
	fails = ENOSPC;
	assert_int_equal(print(page, 10, LIMIT_US), OPP_SUCCESS);
	assert_true(soon(shows_error));
	assert_int_equal(print(page + 10, 10, NO_WAIT_US), OPP_IO_DEVICE_ERROR);
	assert_int_equal(a.req.done, 0);
	fails = 0;
	assert_true(soon(shows_none));
	assert_int_equal(print(page + 10, sizeof(page) - 10, LIMIT_US), OPP_SUCCESS);
	rig_wait_output(&rig, page, sizeof(page));
}

static void page_goes_on_when_there_is_space(void **state)
{
	(void)state;
	fails = ENOSPC;
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), LIMIT_US), OPP_PENDING);
	assert_true(soon(shows_error));
	assert_int_equal(asker_completions(&a), 0);
	fails = 0;
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	rig_wait_output(&rig, page, sizeof(page));
}

static void device_that_is_always_full(void **state)
{
	(void)state;
	start_with("output=/dev/full");
	assert_int_equal(print(page, 10, LIMIT_US), OPP_SUCCESS);
	assert_true(soon(shows_error));
	assert_int_equal(print(page, 10, NO_WAIT_US), OPP_IO_DEVICE_ERROR);
}

/* ---- readers ---------------------------------------------------------------------------------- */

static void late_reader_gets_every_byte(void **state)
{
	const int reader = start_with_fifo();

	(void)state;
	assert_int_equal(asker_write(&rig, &a, false, page, sizeof(page), LIMIT_US), OPP_PENDING);
	assert_true(soon(has_a_late_reader));
	assert_true(shows_none());
	assert_int_equal(asker_completions(&a), 0);
	read_all(reader, sizeof(page));
	assert_int_equal(asker_wait(&a, 1), OPP_SUCCESS);
	close(reader);
}

static void reader_who_left_ends_nothing(void **state)
{
	int reader = start_with_fifo();

	(void)state;
	close(reader);
	assert_int_equal(print(page, 10, LIMIT_US), OPP_SUCCESS);
	assert_true(soon(shows_error));
	reader = open(fifo, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	assert_true(soon(shows_none));
	read_all(reader, 10);
	close(reader);
}

static void port_ends_without_its_reader(void **state)
{
	const int reader = start_with_fifo();

	(void)state;
	assert_int_equal(print(page, sizeof(page), 100000), OPP_TIMEOUT);
	opp_host_port_destroy(rig.port);
	rig.port = NULL;
	close(reader);
}

#define CASE(name, function, setup, stop)                                                          \
	{                                                                                          \
		name, function, setup, stop, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("C-038 nobody waits for a disk that hangs", nobody_waits_for_a_disk, start,
		     stop),
		CASE("a printer is busy while its disk hangs, and no byte is lost",
		     printer_waits_for_a_disk, start, stop),
		CASE("what a printer stored waits for its disk", stored_bytes_wait_for_a_disk, NULL,
		     stop),
		CASE("a printer is not at rest before its bytes are in the file",
		     printer_is_not_at_rest_before_its_disk_is, start, stop),
		CASE("a port ends although its disk hangs", port_ends_while_its_disk_hangs, start,
		     stop),
		CASE("a port writes all that its printer took before it ends",
		     port_writes_all_before_it_ends, NULL, stop),
		CASE("a full disk is a printer's error until there is space, and no byte is lost",
		     full_disk_is_an_error_until_there_is_space, start, stop),
		CASE("a page goes on when a full disk has space again",
		     page_goes_on_when_there_is_space, start, stop),
		CASE("paper that cannot be written is a device error", device_that_is_always_full,
		     NULL, stop),
		CASE("a reader who is late gets every byte", late_reader_gets_every_byte, NULL,
		     stop_with_fifo),
		CASE("a reader who left is an error, not the end of the program",
		     reader_who_left_ends_nothing, NULL, stop_with_fifo),
		CASE("a port ends although nobody reads", port_ends_without_its_reader, NULL,
		     stop_with_fifo),
	};

	return cmocka_run_group_tests_name("output of a host port", tests, NULL, NULL);
}
