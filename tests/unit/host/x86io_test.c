/* SPDX-License-Identifier: MIT */
/*
 * A real port whose processor is a table: every address holds what is written to it, and
 * rights belong to single threads, as with Linux's ioperm but that threads inherit none.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/io.h>

#include <cmocka.h>

#include "backend_x86io.h"
#include "host_port.h"

#define ADDRESSES 65536u
#define NO_LIMIT  UINT32_MAX

static _Atomic uint8_t registers[ADDRESSES];
static _Thread_local bool rights[ADDRESSES];
static atomic_uint grants, grants_most, violations;

int ioperm(unsigned long first, unsigned long count, int allow)
{
	if (grants >= grants_most) {
		errno = EPERM;
		return -1;
	}
	grants++;
	memset(&rights[first], allow, count);
	return 0;
}

/* Where the processor would end the program. */
static void check_right(unsigned short address)
{
	if (!rights[address])
		violations++;
}

unsigned char inb(unsigned short address)
{
	check_right(address);
	return registers[address];
}

void outb(unsigned char value, unsigned short address)
{
	check_right(address);
	registers[address] = value;
}

/* This thread's rights stay, as what it remembers of them does: each case has other ports. */
static int reset(void **state)
{
	(void)state;
	grants = 0;
	grants_most = NO_LIMIT;
	violations = 0;
	return 0;
}

/* ---- one back end, several threads -------------------------------------------------- */

static const struct opp_env env;

static void open_at(struct opp_backend_x86io *backend, uint16_t base, uint16_t ecp_base)
{
	const struct opp_x86io_range range = { base, opp_x86io_count(base, 8), ecp_base };
	int failed;

	assert_int_equal(opp_backend_x86io_open(backend, &range, &env, OPP_PROBE_GENTLE, &failed),
			 OPP_SUCCESS);
	assert_int_equal(failed, 0);
}

struct user {
	struct opp_backend_x86io *backend;
	sem_t go, done;
};

static void *use_twice(void *context)
{
	struct user *user = context;

	for (int i = 0; i < 2; i++) {
		sem_wait(&user->go);
		(void)user->backend->io.read8(user->backend->io.context, 1);
		sem_post(&user->done);
	}
	return NULL;
}

static void use_once(struct user *user)
{
	sem_post(&user->go);
	sem_wait(&user->done);
}

static void reopened_in_the_same_memory(void **state)
{
	struct opp_backend_x86io backend;
	struct user user = { .backend = &backend };
	pthread_t thread;

	(void)state;
	sem_init(&user.go, 0, 0);
	sem_init(&user.done, 0, 0);
	open_at(&backend, 0x378, 0);
	assert_int_equal(pthread_create(&thread, NULL, use_twice, &user), 0);
	use_once(&user);
	open_at(&backend, 0x278, 0);
	use_once(&user);
	pthread_join(thread, NULL);
	assert_int_equal(violations, 0);
}

static void ports_in_turn_are_asked_for_once(void **state)
{
	struct opp_backend_x86io one, other;

	(void)state;
	open_at(&one, 0xe000, 0);
	open_at(&other, 0xe010, 0);
	for (int i = 0; i < 10; i++) {
		(void)one.io.read8(one.io.context, 1);
		(void)other.io.read8(other.io.context, 1);
	}
	assert_int_equal(grants, 2);
	assert_int_equal(violations, 0);
}

static void more_ports_than_are_remembered(void **state)
{
	struct opp_backend_x86io ports[6];

	(void)state;
	for (uint16_t i = 0; i < 6; i++)
		open_at(&ports[i], (uint16_t)(0xd000 + 0x20 * i), (uint16_t)(0xd010 + 0x20 * i));
	for (int i = 0; i < 6; i++) {
		(void)ports[i].io.read8(ports[i].io.context, 7);
		(void)ports[i].io.read8(ports[i].io.context, OPP_IOPORT_ECR);
	}
	assert_int_equal(violations, 0);
}

static void opened_again_with_ecp(void **state)
{
	struct opp_backend_x86io without, with;

	(void)state;
	open_at(&without, 0xe040, 0);
	open_at(&with, 0xe040, 0xe050);
	(void)with.io.read8(with.io.context, OPP_IOPORT_ECR);
	assert_int_equal(violations, 0);
}

static void no_right_no_access(void **state)
{
	const struct opp_x86io_range range = { 0x378, 8, 0 };
	struct opp_backend_x86io backend;
	int failed;

	(void)state;
	grants_most = 0;
	assert_int_equal(opp_backend_x86io_open(&backend, &range, &env, OPP_PROBE_GENTLE, &failed),
			 OPP_ACCESS_DENIED);
	assert_int_equal(failed, EPERM);
	assert_int_equal(violations, 0);
}

/* ---- a port of the host on it --------------------------------------------------------- */

static enum opp_status create(const char *back_end, struct opp_host_port **port)
{
	struct opp_host_config config;
	enum opp_status status;

	opp_host_config_defaults(&config, 0);
	assert_int_equal(opp_host_config_set(&config, "back_end", back_end, NULL), OPP_SUCCESS);
	assert_int_equal(opp_host_config_set(&config, "force", "yes", NULL), OPP_SUCCESS);
	status = opp_host_port_create(&config, NULL, NULL, port, NULL);
	opp_host_config_release(&config);
	return status;
}

struct batch {
	struct opp_host_req req;
	sem_t ended;
	enum opp_status status;
};

static void batch_ended(struct opp_host_req *req, enum opp_status status)
{
	struct batch *batch = OPP_NODE(req, struct batch, req);

	batch->status = status;
	sem_post(&batch->ended);
}

static void gone(struct opp_host_client *client)
{
	(void)client;
}

struct caller {
	struct opp_host_port *port;
	struct opp_host_client *client;
	enum opp_status reads, writes;
};

static void *call(void *context)
{
	struct caller *caller = context;
	uint8_t value;

	caller->reads = opp_host_read(caller->port, caller->client, OPP_HOST_DATA, &value);
	caller->writes = opp_host_write_register(caller->port, caller->client, OPP_HOST_DATA, 0x77);
	return NULL;
}

static void capability_dropped_after_open(void **state)
{
	struct opp_batch_op op = { .what = OPP_BATCH_DATA, .mask = 0xff, .value = 0x5a };
	struct opp_host_client client = { .name = "test" };
	struct batch batch = { .req = { .kind = OPP_HOST_BATCH,
					.client = &client,
					.complete = batch_ended,
					.ops = &op,
					.count = 1 } };
	struct caller caller = { .client = &client };
	pthread_t thread;

	(void)state;
	assert_int_equal(create("io:0x37c", &caller.port), OPP_SUCCESS);
	grants_most = 0;
	assert_int_equal(opp_host_open(caller.port, &client), OPP_SUCCESS);
	assert_int_equal(opp_host_try_allocate(caller.port, &client), OPP_SUCCESS);

	sem_init(&batch.ended, 0, 0);
	assert_int_equal(opp_host_submit(caller.port, &batch.req), OPP_PENDING);
	sem_wait(&batch.ended);
	assert_int_equal(batch.status, OPP_SUCCESS);
	assert_int_equal(registers[0x37c], 0x5a);

	assert_int_equal(pthread_create(&thread, NULL, call, &caller), 0);
	pthread_join(thread, NULL);
	assert_int_equal(caller.reads, OPP_ACCESS_DENIED);
	assert_int_equal(caller.writes, OPP_ACCESS_DENIED);
	(void)call(&caller);
	assert_int_equal(caller.reads, OPP_SUCCESS);
	assert_int_equal(caller.writes, OPP_SUCCESS);
	assert_int_equal(registers[0x37c], 0x77);

	opp_host_close(caller.port, &client, false, gone);
	opp_host_port_destroy(caller.port);
	assert_int_equal(violations, 0);
}

static void capability_dropped_while_opening(void **state)
{
	struct opp_host_port *port = NULL;

	(void)state;
	grants_most = 1;
	assert_int_equal(create("io:0xe024", &port), OPP_ACCESS_DENIED);
	grants_most = NO_LIMIT;
	assert_int_equal(create("io:0xe024", &port), OPP_SUCCESS);
	opp_host_port_destroy(port);
	assert_int_equal(violations, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "io: a thread that used a port before asks anew for one in the same memory",
		  reopened_in_the_same_memory, reset, NULL, NULL },
		{ "io: a thread that uses two ports in turn asks for each once",
		  ports_in_turn_are_asked_for_once, reset, NULL, NULL },
		{ "io: of more ports than a thread remembers it touches none without a right",
		  more_ports_than_are_remembered, reset, NULL, NULL },
		{ "io: a port that is opened again with ECP's registers has a right to those, too",
		  opened_again_with_ecp, reset, NULL, NULL },
		{ "io: without the right nothing is touched", no_right_no_access, reset, NULL,
		  NULL },
		{ "io: a capability dropped after the open is missed by threads that come later "
		  "only, and they are told",
		  capability_dropped_after_open, reset, NULL, NULL },
		{ "io: a port whose worker has no right is not opened, and can be opened again",
		  capability_dropped_while_opening, reset, NULL, NULL },
	};

	return cmocka_run_group_tests_name("x86io", tests, NULL, NULL);
}
