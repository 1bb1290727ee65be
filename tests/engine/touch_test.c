/* SPDX-License-Identifier: MIT */
/*
 * How many requests in line does the engine touch? Each lies on a page of its
 * own that may not be accessed; the signal that an access raises counts it and
 * opens the page.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <openparport/port.h>

#define FEW  10
#define MANY 1000

static struct opp_port port;
static struct opp_client clients[MANY];
static char *pages;
static size_t page_bytes;
static volatile sig_atomic_t touched;
static struct sigaction usual;
static const struct opp_env env;

static struct opp_req *request(int number)
{
	return (void *)(pages + (size_t)number * page_bytes);
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
	uintptr_t offset = (uintptr_t)info->si_addr - (uintptr_t)pages;

	(void)context;
	if (offset >= MANY * page_bytes) { /* not ours: die of it */
		signal(signal_number, SIG_DFL);
		return;
	}
	touched++;
	mprotect(pages + offset / page_bytes * page_bytes, page_bytes, PROT_READ | PROT_WRITE);
}

static int setup(void **state)
{
	(void)state;
	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	pages = mmap(NULL, MANY * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	return pages == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(pages, MANY * page_bytes);
}

static void queue_up(int count)
{
	opp_port_init(&port, NULL, NULL, &env);
	assert_true(opp_port_try_allocate_locked(&port, NULL, 0));
	for (int i = 0; i < count; i++) {
		assert_int_equal(opp_port_open_locked(&port, &clients[i]), OPP_SUCCESS);
		*request(i) = (struct opp_req){ .client = &clients[i] };
		assert_int_equal(opp_port_submit_locked(&port, request(i), 0), OPP_PENDING);
	}
}

static void start_counting(void)
{
	struct sigaction counting = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	assert_int_equal(sigaction(SIGSEGV, &counting, &usual), 0);
	assert_int_equal(mprotect(pages, MANY * page_bytes, PROT_NONE), 0);
	touched = 0;
}

static int stop_counting(void)
{
	int count = touched;

	assert_int_equal(sigaction(SIGSEGV, &usual, NULL), 0);
	assert_int_equal(mprotect(pages, MANY * page_bytes, PROT_READ | PROT_WRITE), 0);
	return count;
}

static int touched_by_grant(int count)
{
	queue_up(count);
	start_counting();
	opp_port_free_locked(&port, NULL, 0);
	return stop_counting();
}

static int touched_by_cancel(int count)
{
	bool won;

	queue_up(count);
	start_counting();
	won = opp_port_cancel_locked(&port, request(count / 2));
	count = stop_counting();
	assert_true(won);
	return count;
}

static int touched_by_submit(int count)
{
	queue_up(count - 1);
	*request(count - 1) = (struct opp_req){ .client = NULL };
	start_counting();
	opp_port_submit_locked(&port, request(count - 1), 0);
	return stop_counting();
}

static void assert_constant(int (*touched_by)(int count))
{
	int few = touched_by(FEW);
	int many = touched_by(MANY);

	print_message("# requests touched: %d of %d, %d of %d\n", few, FEW, many, MANY);
	assert_true(few > 0);
	assert_int_equal(few, many);
	assert_true(few <= 3);
}

static void test_grant(void **state)
{
	(void)state;
	assert_constant(touched_by_grant);
}

static void test_cancel(void **state)
{
	(void)state;
	assert_constant(touched_by_cancel);
}

static void test_submit(void **state)
{
	(void)state;
	assert_constant(touched_by_submit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a grant touches as many requests with 1,000 waiters as with 10", test_grant,
		  NULL, NULL, NULL },
		{ "a cancel from the middle likewise", test_cancel, NULL, NULL, NULL },
		{ "a request that joins the line likewise", test_submit, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("touch", tests, setup, teardown);
}
