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
#include <time.h>

#include <cmocka.h>

#include "direct.h"

#define ADDRESSES 65536u
#define NO_LIMIT  UINT32_MAX

/* A port with ECP: its ECR says that a FIFO is empty, and not full. */
#define ECP_PORT "io:0xf010+0xf020"
#define CONTROL  0xf012
#define ECR      0xf022

static _Atomic uint8_t registers[ADDRESSES];
static _Thread_local bool rights[ADDRESSES];
static atomic_uint grants, grants_most, violations;

int ioperm(unsigned long first, unsigned long count, int allow)
{
	if (allow && grants++ >= grants_most) {
		errno = EPERM;
		return -1;
	}
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
	if (address == ECR)
		return (registers[address] & 0xfc) | 1;
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

static enum opp_status create_with(const char *on_death, const char *back_end,
				   struct opp_host_port **port)
{
	struct opp_host_config config;
	enum opp_status status;

	opp_host_config_defaults(&config, 0);
	assert_int_equal(opp_host_config_set(&config, "back_end", back_end, NULL), OPP_SUCCESS);
	assert_int_equal(opp_host_config_set(&config, "force", "yes", NULL), OPP_SUCCESS);
	assert_int_equal(opp_host_config_set(&config, "on_death", on_death, NULL), OPP_SUCCESS);
	status = opp_host_port_create(&config, NULL, NULL, port, NULL);
	opp_host_config_release(&config);
	return status;
}

static enum opp_status create(const char *back_end, struct opp_host_port **port)
{
	return create_with("idle", back_end, port);
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
	enum opp_status reads, writes, looks, requests;
};

static void *call(void *context)
{
	struct caller *caller = context;
	struct opp_host_req req = {
		.kind = OPP_HOST_DOCUMENTED,
		.client = caller->client,
		.contract = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
			      .code = IOCTL_INTERNAL_DESELECT_DEVICE },
	};
	struct opp_ioc_pins pins;
	uint8_t value;

	caller->reads = opp_host_read(caller->port, caller->client, OPP_HOST_DATA, &value);
	caller->writes = opp_host_write_register(caller->port, caller->client, OPP_HOST_DATA, 0x77);
	caller->looks = opp_host_pins(caller->port, &pins);
	caller->requests = opp_host_submit(caller->port, &req);
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
	assert_int_equal(caller.looks, OPP_ACCESS_DENIED);
	assert_int_equal(caller.requests, OPP_ACCESS_DENIED);
	(void)call(&caller);
	assert_int_equal(caller.reads, OPP_SUCCESS);
	assert_int_equal(caller.writes, OPP_SUCCESS);
	assert_int_equal(caller.looks, OPP_SUCCESS);
	assert_int_not_equal(caller.requests, OPP_ACCESS_DENIED);
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

/* ---- registers for clients ---------------------------------------------------------------- */

static void open_and_allocate(struct opp_host_port *port, struct opp_host_client *client)
{
	assert_int_equal(opp_host_open(port, client), OPP_SUCCESS);
	assert_int_equal(opp_host_try_allocate(port, client), OPP_SUCCESS);
}

static void destroy(struct opp_host_port *port, struct opp_host_client *client)
{
	opp_host_close(port, client, false, gone);
	opp_host_port_destroy(port);
}

/* The worker does that before the next one is served. */
static void wait_for_turn(struct opp_host_port *port, struct opp_host_client *client)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	assert_int_equal(opp_host_open(port, client), OPP_SUCCESS);
	while (opp_host_try_allocate(port, client) != OPP_SUCCESS)
		(void)nanosleep(&pause, NULL);
}

/* In SPP or BYTE mode, without interrupts. */
static void assert_at_rest(void)
{
	assert_int_equal(registers[ECR] & ~0x20, 0x14);
	assert_int_equal(registers[CONTROL], 0x0c);
}

static void whatever_a_client_leaves(void **state)
{
	struct opp_host_client client = { .name = "test", .sees_registers = true };
	struct opp_host_client next = { .name = "next" };
	struct opp_ioc_registers told;
	struct opp_host_port *port;

	(void)state;
	assert_int_equal(create(ECP_PORT, &port), OPP_SUCCESS);
	open_and_allocate(port, &client);
	assert_int_equal(opp_host_registers(port, &client, &told), OPP_SUCCESS);
	assert_int_equal(told.base, 0xf010);
	assert_int_equal(told.count, 8);
	assert_int_equal(told.ecp_base, 0xf020);
	assert_int_equal(told.ecp_count, 3);

	registers[ECR] = 0x80;
	registers[CONTROL] = 0x21;
	assert_int_equal(opp_host_free(port, &client), OPP_SUCCESS);
	wait_for_turn(port, &next);
	assert_at_rest();

	opp_host_close(port, &next, false, gone);
	destroy(port, &client);
	assert_int_equal(violations, 0);
}

/* On a fresh port, which remembers the mode that a chip has at rest: this one is in another. */
static void put_out(const char *on_death)
{
	struct opp_host_client client = { .name = "test", .sees_registers = true };
	struct opp_host_client next = { .name = "next" };
	struct opp_ioc_registers told;
	struct opp_host_port *port;

	assert_int_equal(create_with(on_death, ECP_PORT, &port), OPP_SUCCESS);
	open_and_allocate(port, &client);
	assert_int_equal(opp_host_registers(port, &client, &told), OPP_SUCCESS);
	registers[ECR] = 0x74;
	registers[CONTROL] = 0x21;
	assert_int_equal(opp_host_kick(port, 0), OPP_SUCCESS);
	wait_for_turn(port, &next);
	assert_at_rest();
	assert_int_equal(opp_host_registers(port, &client, &told), OPP_KICKED);
	opp_host_close(port, &next, false, gone);
	destroy(port, &client);
}

static void kicked_with_registers(void **state)
{
	(void)state;
	put_out("idle");
	put_out("keep");
}

struct giver {
	struct opp_host_port *port;
	struct opp_host_client *client;
	enum opp_status reads, looks, refused;
};

/* As the manual page tells it to; then its program drops the capability, too. */
static void *give_right_up(void *context)
{
	struct giver *giver = context;
	struct opp_ioc_registers told;
	struct opp_ioc_pins pins;
	uint8_t value;

	if (opp_host_registers(giver->port, giver->client, &told) != OPP_SUCCESS ||
	    opp_direct_enter(&told) != OPP_SUCCESS)
		return NULL;
	(void)ioperm(told.base, told.count, 0);
	giver->reads = opp_host_read(giver->port, giver->client, OPP_HOST_STATUS, &value);
	(void)ioperm(told.base, told.count, 0);
	giver->looks = opp_host_pins(giver->port, &pins);
	(void)ioperm(told.base, told.count, 0);
	grants_most = 0;
	giver->refused = opp_host_read(giver->port, giver->client, OPP_HOST_STATUS, &value);
	return giver;
}

static void rights_given_up(void **state)
{
	struct opp_host_client client = { .name = "test", .sees_registers = true };
	struct giver giver = { .client = &client };
	pthread_t thread;
	uint8_t value;
	void *done;

	(void)state;
	assert_int_equal(create("io:0xf060", &giver.port), OPP_SUCCESS);
	open_and_allocate(giver.port, &client);
	assert_int_equal(pthread_create(&thread, NULL, give_right_up, &giver), 0);
	pthread_join(thread, &done);
	assert_ptr_equal(done, &giver);
	assert_int_equal(giver.reads, OPP_SUCCESS);
	assert_int_equal(giver.looks, OPP_SUCCESS);
	assert_int_equal(giver.refused, OPP_ACCESS_DENIED);
	assert_int_equal(opp_host_read(giver.port, &client, OPP_HOST_STATUS, &value), OPP_SUCCESS);
	destroy(giver.port, &client);
	assert_int_equal(violations, 0);
}

static void registers_are_for_the_holder(void **state)
{
	struct opp_host_client client = { .name = "test", .sees_registers = true };
	struct opp_ioc_registers told;
	struct opp_host_port *port;

	(void)state;
	assert_int_equal(create("io:0xf030", &port), OPP_SUCCESS);
	assert_int_equal(opp_host_open(port, &client), OPP_SUCCESS);
	assert_int_equal(opp_host_registers(port, &client, &told), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(opp_host_try_allocate(port, &client), OPP_SUCCESS);
	client.sees_registers = false;
	assert_int_equal(opp_host_registers(port, &client, &told), OPP_ACCESS_DENIED);
	client.sees_registers = true;
	assert_int_equal(opp_host_registers(port, &client, &told), OPP_SUCCESS);
	assert_int_equal(told.ecp_base, 0);
	assert_int_equal(told.ecp_count, 0);
	destroy(port, &client);
}

static void a_simulated_port_has_none(void **state)
{
	struct opp_host_client client = { .name = "test", .sees_registers = true };
	struct opp_host_config config;
	struct opp_ioc_registers told;
	struct opp_host_port *port;

	(void)state;
	opp_host_config_defaults(&config, 0);
	assert_int_equal(opp_host_port_create(&config, NULL, NULL, &port, NULL), OPP_SUCCESS);
	opp_host_config_release(&config);
	open_and_allocate(port, &client);
	assert_int_equal(opp_host_registers(port, &client, &told), OPP_NO_SUCH_DEVICE);
	destroy(port, &client);
}

static void ask(struct opp_host_port *port, struct opp_host_client *client, uint32_t code,
		void *answer, uint32_t bytes)
{
	struct opp_host_req req = {
		.kind = OPP_HOST_DOCUMENTED,
		.client = client,
		.contract = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
			      .code = code,
			      .buffer = answer,
			      .output_bytes = bytes },
	};

	assert_int_equal(opp_host_submit(port, &req), OPP_SUCCESS);
	assert_int_equal(req.contract.information, bytes);
}

static void told_in_documented_answers(void **state)
{
	struct opp_host_client client = { .name = "test" };
	struct PARALLEL_PORT_INFORMATION port;
	struct PARALLEL_PNP_INFORMATION pnp;
	struct opp_host_port *host;

	(void)state;
	assert_int_equal(create(ECP_PORT, &host), OPP_SUCCESS);
	assert_int_equal(opp_host_open(host, &client), OPP_SUCCESS);
	for (int sees = 0; sees < 2; sees++) {
		client.sees_registers = sees;
		ask(host, &client, IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO, &port, sizeof(port));
		assert_int_equal(port.OriginalController, sees ? 0xf010 : 0);
		assert_int_equal((uintptr_t)port.Controller, sees ? 0xf010 : 0);
		assert_int_equal(port.SpanOfController, sees ? 8 : 0);
		ask(host, &client, IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO, &pnp, sizeof(pnp));
		assert_int_equal(pnp.OriginalEcpController, sees ? 0xf020 : 0);
		assert_int_equal((uintptr_t)pnp.EcpController, sees ? 0xf020 : 0);
		assert_int_equal(pnp.SpanOfEcpController, sees ? 3 : 0);
	}
	destroy(host, &client);
}

static void what_is_told_is_looked_at(void **state)
{
	static const struct opp_ioc_registers no_port[] = {
		{ 0x20, 3, 0, 0 },     { 0x379, 3, 0, 0 },      { 0x378, 0, 0, 0 },
		{ 0x378, 200, 0, 0 },  { 0xfff8, 8, 0, 0 },     { 0, 0, 0, 0 },
		{ 0x378, 8, 0x70, 3 }, { 0x378, 8, 0xfffe, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(no_port) / sizeof(no_port[0]); i++)
		assert_int_equal(opp_direct_enter(&no_port[i]), OPP_UNSUCCESSFUL);
	assert_int_equal(grants, 0);
	assert_int_equal(opp_direct_enter(&(struct opp_ioc_registers){ 0xf040, 8, 0xf050, 3 }),
			 OPP_SUCCESS);
	assert_int_equal(grants, 2);
	(void)ioperm(0, ADDRESSES, 0);
	assert_int_equal(opp_direct_enter(&(struct opp_ioc_registers){ 0xf040, 8, 0xf050, 3 }),
			 OPP_SUCCESS);
	(void)inb(0xf041);
	assert_int_equal(violations, 0);
	grants_most = 0;
	assert_int_equal(opp_direct_enter(&(struct opp_ioc_registers){ 0xf048, 3, 0, 0 }),
			 OPP_ACCESS_DENIED);
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
		{ "registers: whatever a client does to them, the next one finds lines and chip at rest",
		  whatever_a_client_leaves, reset, NULL, NULL },
		{ "registers: also where the client was put out, who is not told again, and where "
		  "lines are kept",
		  kicked_with_registers, reset, NULL, NULL },
		{ "registers: a thread that has given its right up is given it again, or told that "
		  "it has none",
		  rights_given_up, reset, NULL, NULL },
		{ "registers: only who holds the port and may use them is told where they are",
		  registers_are_for_the_holder, reset, NULL, NULL },
		{ "registers: a simulated port has none", a_simulated_port_has_none, reset, NULL,
		  NULL },
		{ "registers: documented answers name them to who may use them, and else none",
		  told_in_documented_answers, reset, NULL, NULL },
		{ "registers: no right is asked for to what cannot be a port's; one given up is had again",
		  what_is_told_is_looked_at, reset, NULL, NULL },
	};

	return cmocka_run_group_tests_name("x86io", tests, NULL, NULL);
}
