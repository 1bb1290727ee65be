/* SPDX-License-Identifier: MIT */
/*
 * IEEE 1284 by a host port's requests: modes, device ids, daisy chains; what ends
 * them, and that nothing of it is left for the next client.
 */
#include "host_rig.h"

#include <string.h>

#include <openparport/chain.h>
#include <openparport/device_id.h>
#include <openparport/wire.h>

#define LIMIT_US 10000000u

static struct rig rig;
static struct asker a, b;
static uint8_t buffer[OPP_DEVICE_ID_MOST];

static void start_as(const char *keys)
{
	rig_start(&rig, keys);
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	memset(buffer, 0, sizeof(buffer));
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static int start(void **state)
{
	(void)state;
	start_as("modes=nibble byte");
	return 0;
}

static int start_without(void **state)
{
	(void)state;
	start_as("");
	return 0;
}

static int start_with_epp(void **state)
{
	(void)state;
	start_as("chip=epp,modes=nibble epp");
	return 0;
}

static int start_with_ecp(void **state)
{
	(void)state;
	start_as("chip=ecp,modes=nibble ecp ecp_rle");
	return 0;
}

static int start_with_chain(void **state)
{
	(void)state;
	start_as("modes=nibble,daisy=2");
	return 0;
}

/* The answer of a request that is waited for. */
static enum opp_status ask(struct asker *asker, const struct opp_host_req *wanted)
{
	const uint32_t completions = asker_completions(asker);
	const enum opp_status status = asker_ask(&rig, asker, wanted);

	return status == OPP_PENDING ? asker_wait(asker, completions + 1) : status;
}

static enum opp_status ask_for(struct asker *asker, enum opp_host_req_kind kind)
{
	return ask(asker, &(struct opp_host_req){
				  .kind = kind, .buffer = buffer, .count = sizeof(buffer) });
}

static enum opp_status negotiate(struct asker *asker, uint8_t request)
{
	return ask(asker, &(struct opp_host_req){ .kind = OPP_HOST_NEGOTIATE, .request = request });
}

static enum opp_status select_slot(struct asker *asker, uint8_t slot)
{
	return ask(asker, &(struct opp_host_req){
				  .kind = OPP_HOST_SELECT, .slot = slot, .mode = OPP_MODE_COMPAT });
}

static enum opp_status write_first(struct asker *asker, enum opp_host_first first, bool address,
				   const char *text)
{
	return ask(asker, &(struct opp_host_req){ .kind = OPP_HOST_WRITE,
						  .first = first,
						  .request = OPP_REQUEST_EPP,
						  .address = address,
						  .bytes = (const uint8_t *)text,
						  .count = strlen(text),
						  .inactivity_us = LIMIT_US,
						  .fault_us = LIMIT_US });
}

static void read_is(struct asker *asker, size_t count, const char *expected)
{
	assert_int_equal(ask(asker, &(struct opp_host_req){ .kind = OPP_HOST_READ,
							    .buffer = buffer,
							    .count = count,
							    .first_us = LIMIT_US }),
			 OPP_SUCCESS);
	assert_int_equal(asker->req.done, strlen(expected));
	assert_memory_equal(buffer, expected, strlen(expected));
}

static void id_contains(struct asker *asker, const char *text)
{
	char id[OPP_DEVICE_ID_MOST + 1];

	assert_int_equal(ask_for(asker, OPP_HOST_DEVICE_ID), OPP_SUCCESS);
	assert_true(opp_device_id_is_exact(buffer, asker->req.done));
	assert_true(opp_device_id_text(buffer, asker->req.done, id, sizeof(id)) > 0);
	assert_non_null(strstr(id, text));
	assert_int_equal(asker->req.mode_now, OPP_MODE_COMPAT);
}

static void holds(struct asker *asker)
{
	assert_int_equal(asker_allocate(&rig, asker), OPP_SUCCESS);
}

static void assert_idle(void)
{
	struct opp_ioc_pins pins;

	opp_host_pins(rig.port, &pins);
	assert_int_equal(pins.control, OPP_CONTROL_IDLE);
}

/* ---- modes ---------------------------------------------------------------------------- */

static void modes_and_back(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(negotiate(&a, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	assert_int_equal(a.req.mode_now, OPP_MODE_NIBBLE);
	read_is(&a, 4, "what");
	assert_int_equal(negotiate(&a, OPP_REQUEST_BYTE), OPP_SUCCESS);
	assert_int_equal(a.req.request_now, OPP_REQUEST_BYTE);
	read_is(&a, 100, " the printer says");
	assert_int_equal(ask_for(&a, OPP_HOST_TERMINATE), OPP_SUCCESS);
	assert_int_equal(a.req.mode_now, OPP_MODE_COMPAT);
	assert_idle();
	assert_int_equal(ask_for(&a, OPP_HOST_READ), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(write_first(&a, OPP_HOST_AS_IT_IS, false, "paper"), OPP_SUCCESS);
	rig_wait_output(&rig, "paper", 5);
}

static void refusals(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(negotiate(&a, OPP_REQUEST_EPP), OPP_UNSUCCESSFUL);
	assert_int_equal(a.req.mode_now, OPP_MODE_COMPAT);
	assert_int_equal(negotiate(&a, OPP_REQUEST_CHANNEL_NIBBLE), OPP_INVALID_PARAMETER);
	assert_int_equal(negotiate(&b, OPP_REQUEST_NIBBLE), OPP_INVALID_DEVICE_STATE);
	assert_int_equal(write_first(&a, OPP_HOST_NEGOTIATE_FIRST, false, "no"), OPP_UNSUCCESSFUL);
	assert_int_equal(a.req.done, 0);
	assert_int_equal(rig_read_output(&rig, buffer, sizeof(buffer)), 0);
}

static void nobody_knows_it(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(negotiate(&a, OPP_REQUEST_NIBBLE), OPP_NO_SUCH_DEVICE);
	assert_int_equal(ask_for(&a, OPP_HOST_DEVICE_ID), OPP_NO_SUCH_DEVICE);
	assert_idle();
}

static void epp_asked_and_unasked(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(write_first(&a, OPP_HOST_NEGOTIATE_FIRST, false, "ab"), OPP_SUCCESS);
	assert_int_equal(a.req.mode_now, OPP_MODE_EPP);
	assert_int_equal(write_first(&a, OPP_HOST_EPP_FIRST, true, "X"), OPP_SUCCESS);
	read_is(&a, 4, "what");
	assert_int_equal(ask(&a, &(struct opp_host_req){ .kind = OPP_HOST_READ,
							 .address = true,
							 .buffer = buffer,
							 .count = 1 }),
			 OPP_SUCCESS);
	assert_int_equal(buffer[0], 'X');
	rig_wait_output(&rig, "ab", 2);
}

/* A peripheral that was never asked ends no cycle; that EPP is on is all there is to see. */
static void epp_unasked(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(write_first(&a, OPP_HOST_EPP_FIRST, false, ""), OPP_SUCCESS);
	assert_int_equal(a.req.mode_now, OPP_MODE_EPP);
	assert_int_equal(ask_for(&a, OPP_HOST_TERMINATE), OPP_SUCCESS);
	assert_int_equal(a.req.mode_now, OPP_MODE_COMPAT);
	assert_idle();
}

static void set_control(uint8_t bits)
{
	assert_int_equal(opp_host_write_register(rig.port, &a.client, OPP_HOST_CONTROL, bits),
			 OPP_SUCCESS);
}

static void wait_for_ack(bool high)
{
	uint8_t status = 0;
	int looks = 0;

	do {
		assert_int_equal(opp_host_read(rig.port, &a.client, OPP_HOST_STATUS, &status),
				 OPP_SUCCESS);
	} while (!!(status & OPP_LINE_NACK) != high && ++looks < 100000);
	assert_int_equal(!!(status & OPP_LINE_NACK), high);
}

/* As a guest of an emulator does: it negotiates by registers, its cycles arrive as requests. */
static void epp_negotiated_by_registers(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(
		opp_host_write_register(rig.port, &a.client, OPP_HOST_DATA, OPP_REQUEST_EPP),
		OPP_SUCCESS);
	set_control(0x06); /* ev 1 */
	wait_for_ack(false);
	set_control(0x07); /* ev 3 */
	set_control(0x04); /* ev 4 */
	wait_for_ack(true);
	assert_int_equal(write_first(&a, OPP_HOST_EPP_FIRST, false, "ab"), OPP_SUCCESS);
	assert_int_equal(write_first(&a, OPP_HOST_EPP_FIRST, true, "X"), OPP_SUCCESS);
	read_is(&a, 4, "what");
	rig_wait_output(&rig, "ab", 2);
}

static void ecp_both_ways(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(negotiate(&a, OPP_REQUEST_ECP_RLE), OPP_SUCCESS);
	assert_int_equal(write_first(&a, OPP_HOST_AS_IT_IS, false, "forward"), OPP_SUCCESS);
	assert_int_equal(a.req.done, 7);
	read_is(&a, 21, RIG_INPUT);
	assert_int_equal(write_first(&a, OPP_HOST_AS_IT_IS, false, " again"), OPP_SUCCESS);
	rig_wait_output(&rig, "forward again", 13);
}

static void ids(void **state)
{
	(void)state;
	holds(&a);
	id_contains(&a, "MDL:Simulated printer;");
	assert_int_equal(ask(&a, &(struct opp_host_req){ .kind = OPP_HOST_DEVICE_ID,
							 .buffer = buffer,
							 .count = 5 }),
			 OPP_BUFFER_TOO_SMALL);
	assert_true(a.req.done <= 5);
	id_contains(&a, "MFG:OpenParport;");
}

/* ---- daisy chains ------------------------------------------------------------------------ */

static void chain(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(ask_for(&a, OPP_HOST_ASSIGN), OPP_SUCCESS);
	assert_int_equal(a.req.done, 2);
	assert_int_equal(select_slot(&a, 1), OPP_SUCCESS);
	id_contains(&a, "Simulated device 1;");
	assert_int_equal(select_slot(&a, 0), OPP_SUCCESS);
	id_contains(&a, "Simulated device 0;");
	assert_int_equal(ask_for(&a, OPP_HOST_DESELECT), OPP_SUCCESS);
	id_contains(&a, "Simulated printer;");
	assert_int_equal(select_slot(&a, 2), OPP_UNSUCCESSFUL);
	assert_int_equal(select_slot(&a, OPP_CHAIN_DEVICES), OPP_INVALID_PARAMETER);
}

static void no_chain(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(ask_for(&a, OPP_HOST_ASSIGN), OPP_SUCCESS);
	assert_int_equal(a.req.done, 0);
	assert_int_equal(select_slot(&a, 0), OPP_UNSUCCESSFUL);
}

/* ---- jobs ---------------------------------------------------------------------------------- */

static void jobs(void **state)
{
	static const struct opp_host_req read_job = { .kind = OPP_HOST_READ,
						      .job = true,
						      .first = OPP_HOST_NEGOTIATE_FIRST,
						      .request = OPP_REQUEST_BYTE,
						      .buffer = buffer,
						      .count = sizeof(buffer) };

	(void)state;
	assert_int_equal(ask(&a, &read_job), OPP_SUCCESS);
	assert_int_equal(a.req.done, strlen(RIG_INPUT));
	assert_memory_equal(buffer, RIG_INPUT, strlen(RIG_INPUT));
	assert_int_equal(a.req.mode_now, OPP_MODE_BYTE);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	assert_idle();
	assert_int_equal(ask(&b, &(struct opp_host_req){ .kind = OPP_HOST_DEVICE_ID,
							 .job = true,
							 .buffer = buffer,
							 .count = sizeof(buffer) }),
			 OPP_SUCCESS);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	assert_int_equal(rig_holder(&rig), 0);
}

/* ---- what one client leaves the next one does not find ----------------------------------- */

static void b_finds_nothing(void)
{
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	assert_idle();
	assert_int_equal(ask_for(&b, OPP_HOST_READ), OPP_INVALID_DEVICE_REQUEST);
	assert_int_equal(b.req.mode_now, OPP_MODE_COMPAT);
	id_contains(&b, "Simulated printer;");
	assert_int_equal(write_first(&b, OPP_HOST_AS_IT_IS, false, "b"), OPP_SUCCESS);
	rig_wait_output(&rig, "b", 1);
}

static void a_leaves_a_mode(void)
{
	holds(&a);
	assert_int_equal(negotiate(&a, OPP_REQUEST_BYTE), OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
}

static void a_leaves_a_selection(void)
{
	holds(&a);
	assert_int_equal(ask_for(&a, OPP_HOST_ASSIGN), OPP_SUCCESS);
	assert_int_equal(select_slot(&a, 0), OPP_SUCCESS);
	assert_int_equal(negotiate(&a, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
}

static void free_undoes(void **state)
{
	(void)state;
	a_leaves_a_mode();
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	b_finds_nothing();
}

static void death_undoes(void **state)
{
	(void)state;
	a_leaves_a_mode();
	asker_close(&rig, &a, true);
	b_finds_nothing();
}

static void kick_undoes(void **state)
{
	(void)state;
	a_leaves_a_mode();
	assert_int_equal(opp_host_kick(rig.port, 0), OPP_SUCCESS);
	b_finds_nothing();
}

static void free_undoes_a_selection(void **state)
{
	(void)state;
	a_leaves_a_selection();
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	b_finds_nothing();
}

static void death_undoes_a_selection(void **state)
{
	(void)state;
	a_leaves_a_selection();
	asker_close(&rig, &a, true);
	b_finds_nothing();
}

static void removal_undoes(void **state)
{
	struct opp_ioc_status status;

	(void)state;
	holds(&a);
	assert_int_equal(negotiate(&a, OPP_REQUEST_BYTE), OPP_SUCCESS);
	opp_host_port_remove(rig.port);
	assert_idle();
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_DELETE_PENDING);
	opp_host_status(rig.port, &status);
	assert_int_equal(status.frees, 1);
}

/* Every packet leaves 0xff on the data lines. */
static void free_sends(bool a_packet)
{
	struct opp_ioc_status status;
	struct opp_ioc_pins pins;

	assert_int_equal(opp_host_write_register(rig.port, &a.client, OPP_HOST_DATA, 0x5a),
			 OPP_SUCCESS);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	opp_host_status(rig.port, &status);
	if (!a_packet)
		assert_int_equal(status.state, OPP_IOC_STATE_FREE);
	rig_wait_state(&rig, OPP_IOC_STATE_FREE);
	opp_host_pins(rig.port, &pins);
	assert_int_equal(pins.data, a_packet ? 0xff : 0x5a);
}

static void free_after_nobody_answered(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(ask_for(&a, OPP_HOST_ASSIGN), OPP_SUCCESS);
	assert_int_equal(select_slot(&a, 2), OPP_UNSUCCESSFUL);
	free_sends(true);
}

static void free_after_a_deselection(void **state)
{
	(void)state;
	holds(&a);
	assert_int_equal(ask_for(&a, OPP_HOST_ASSIGN), OPP_SUCCESS);
	assert_int_equal(select_slot(&a, 0), OPP_SUCCESS);
	assert_int_equal(ask_for(&a, OPP_HOST_DESELECT), OPP_SUCCESS);
	free_sends(false);
	holds(&a);
	assert_int_equal(select_slot(&a, 0), OPP_SUCCESS);
	assert_int_equal(ask_for(&a, OPP_HOST_ASSIGN), OPP_SUCCESS);
	free_sends(false);
}

/* ---- what ends them ------------------------------------------------------------------------ */

/* A read takes what there is, or some of it, and waits for more, for ever. */
static void a_reads_on(uint8_t request)
{
	holds(&a);
	assert_int_equal(negotiate(&a, request), OPP_SUCCESS);
	assert_int_equal(asker_ask(&rig, &a,
				   &(struct opp_host_req){ .kind = OPP_HOST_READ,
							   .buffer = buffer,
							   .count = sizeof(buffer),
							   .first_us = RIG_FOREVER_US / 2,
							   .silence_us = RIG_FOREVER_US / 2 }),
			 OPP_PENDING);
}

static void a_ends(enum opp_status expected)
{
	assert_int_equal(asker_wait(&a, 2), expected);
	assert_true(a.req.done <= strlen(RIG_INPUT));
}

/* What a has counted and what comes now are the whole: nothing is lost, nothing comes twice. */
static void rest_is_read(struct asker *asker)
{
	const size_t before = a.req.done;

	assert_int_equal(negotiate(asker, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	assert_int_equal(ask(asker, &(struct opp_host_req){ .kind = OPP_HOST_READ,
							    .buffer = buffer + before,
							    .count = sizeof(buffer) - before }),
			 OPP_SUCCESS);
	assert_int_equal(before + asker->req.done, strlen(RIG_INPUT));
	assert_memory_equal(buffer, RIG_INPUT, strlen(RIG_INPUT));
}

static void cancelled_in(uint8_t request, enum opp_mode mode)
{
	a_reads_on(request);
	assert_true(opp_host_cancel(rig.port, &a.req));
	a_ends(OPP_CANCELLED);
	assert_int_equal(a.req.mode_now, mode);
	rest_is_read(&a);
}

static void cancelled_in_nibble(void **state)
{
	(void)state;
	cancelled_in(OPP_REQUEST_NIBBLE, OPP_MODE_NIBBLE);
}

static void cancelled_in_byte(void **state)
{
	(void)state;
	cancelled_in(OPP_REQUEST_BYTE, OPP_MODE_BYTE);
}

static void cancelled_in_ecp(void **state)
{
	(void)state;
	cancelled_in(OPP_REQUEST_ECP, OPP_MODE_ECP);
}

static void freed_in_it(void **state)
{
	(void)state;
	a_reads_on(OPP_REQUEST_BYTE);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(opp_host_free(rig.port, &a.client), OPP_SUCCESS);
	a_ends(OPP_CANCELLED);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	rest_is_read(&b);
}

static void kicked_in_it(void **state)
{
	(void)state;
	a_reads_on(OPP_REQUEST_NIBBLE);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	assert_int_equal(opp_host_kick(rig.port, a.client.number), OPP_SUCCESS);
	a_ends(OPP_KICKED);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	rest_is_read(&b);
	assert_int_equal(negotiate(&a, OPP_REQUEST_NIBBLE), OPP_KICKED);
}

static void dead_in_it(void **state)
{
	(void)state;
	a_reads_on(OPP_REQUEST_BYTE);
	assert_int_equal(asker_allocate(&rig, &b), OPP_PENDING);
	asker_close(&rig, &a, true);
	a_ends(OPP_CANCELLED);
	assert_int_equal(asker_wait(&b, 1), OPP_SUCCESS);
	rest_is_read(&b);
}

static void removed_in_it(void **state)
{
	(void)state;
	a_reads_on(OPP_REQUEST_BYTE);
	opp_host_port_remove(rig.port);
	a_ends(OPP_DELETE_PENDING);
	assert_int_equal(negotiate(&a, OPP_REQUEST_NIBBLE), OPP_DELETE_PENDING);
}

/* Each kind of request in line behind one that waits, and what it ends with. */
static const struct {
	enum opp_host_req_kind kind;
	bool cannot_end; /* it is on its way back, and gets there */
} in_line[] = {
	{ OPP_HOST_WRITE, false },    { OPP_HOST_READ, false },   { OPP_HOST_NEGOTIATE, false },
	{ OPP_HOST_TERMINATE, true }, { OPP_HOST_ASSIGN, false }, { OPP_HOST_DEVICE_ID, false },
	{ OPP_HOST_DESELECT, false }, { OPP_HOST_SELECT, false },
};

static uint8_t unread[16];

static void b_asks_for_a(enum opp_host_req_kind kind)
{
	assert_int_equal(asker_ask(&rig, &b,
				   &(struct opp_host_req){ .kind = kind,
							   .client = &a.client,
							   .request = OPP_REQUEST_NIBBLE,
							   .bytes = unread,
							   .buffer = unread,
							   .count = sizeof(unread) }),
			 OPP_PENDING);
}

static void cancelled_in_line(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(in_line) / sizeof(in_line[0]); i++) {
		start_as("chip=ecp,modes=nibble ecp");
		a_reads_on(OPP_REQUEST_ECP);
		b_asks_for_a(in_line[i].kind);
		assert_true(opp_host_cancel(rig.port, &b.req));
		assert_true(opp_host_cancel(rig.port, &a.req));
		a_ends(OPP_CANCELLED);
		assert_int_equal(asker_wait(&b, 1),
				 in_line[i].cannot_end ? OPP_SUCCESS : OPP_CANCELLED);
		assert_int_equal(b.req.done, 0);
		assert_false(opp_host_cancel(rig.port, &b.req));
		rest_is_read(&a);
		rig_stop(&rig);
	}
}

static void kicked_in_line(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(in_line) / sizeof(in_line[0]); i++) {
		start_as("chip=ecp,modes=nibble ecp");
		a_reads_on(OPP_REQUEST_ECP);
		b_asks_for_a(in_line[i].kind);
		assert_int_equal(opp_host_kick(rig.port, 0), OPP_SUCCESS);
		a_ends(OPP_KICKED);
		assert_int_equal(asker_wait(&b, 1),
				 in_line[i].cannot_end ? OPP_SUCCESS : OPP_KICKED);
		rig_wait_state(&rig, OPP_IOC_STATE_FREE);
		assert_idle();
		rig_stop(&rig);
	}
}

static void removed_in_line(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(in_line) / sizeof(in_line[0]); i++) {
		start_as("chip=ecp,modes=nibble ecp");
		a_reads_on(OPP_REQUEST_ECP);
		b_asks_for_a(in_line[i].kind);
		opp_host_port_remove(rig.port);
		a_ends(OPP_DELETE_PENDING);
		assert_int_equal(asker_wait(&b, 1),
				 in_line[i].cannot_end ? OPP_SUCCESS : OPP_DELETE_PENDING);
		rig_stop(&rig);
	}
}

#define CASE(name, function, begin)                                                                \
	{                                                                                          \
		name, function, begin, stop, NULL                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("nibble mode, byte mode and back to paper", modes_and_back, start),
		CASE("a mode that is refused changes nothing", refusals, start),
		CASE("a printer that knows no IEEE 1284", nobody_knows_it, start_without),
		CASE("EPP: data and addresses, both ways", epp_asked_and_unasked, start_with_epp),
		CASE("EPP without asking the peripheral, and back", epp_unasked, start_with_epp),
		CASE("EPP that was negotiated by registers", epp_negotiated_by_registers,
		     start_with_epp),
		CASE("ECP both ways", ecp_both_ways, start_with_ecp),
		CASE("a device id, and a buffer too small for it", ids, start),
		CASE("every device of a daisy chain says who it is", chain, start_with_chain),
		CASE("no daisy chain is no error", no_chain, start),
		CASE("jobs read, ask, and leave the port free and idle", jobs, start),
		CASE("a mode ends with the hold: free", free_undoes, start),
		CASE("a mode ends with the hold: death", death_undoes, start),
		CASE("a mode ends with the hold: kick", kick_undoes, start),
		CASE("a selection ends with the hold: free", free_undoes_a_selection,
		     start_with_chain),
		CASE("a selection ends with the hold: death", death_undoes_a_selection,
		     start_with_chain),
		CASE("a mode ends with the port: removal, then free", removal_undoes, start),
		CASE("a free deselects also what has not answered", free_after_nobody_answered,
		     start_with_chain),
		CASE("a free sends nothing where all is deselected", free_after_a_deselection,
		     start_with_chain),
		CASE("a read is cancelled: nibble mode", cancelled_in_nibble, start),
		CASE("a read is cancelled: byte mode", cancelled_in_byte, start),
		CASE("a read is cancelled: ECP", cancelled_in_ecp, start_with_ecp),
		CASE("a free ends a read", freed_in_it, start),
		CASE("a kick ends a read", kicked_in_it, start),
		CASE("a death ends a read", dead_in_it, start),
		CASE("removal ends a read", removed_in_it, start),
		{ "every request is cancelled in line", cancelled_in_line, NULL, NULL, NULL },
		{ "every request is kicked in line", kicked_in_line, NULL, NULL, NULL },
		{ "every request is removed in line", removed_in_line, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("IEEE 1284 of a host port", tests, NULL, NULL);
}
