/* SPDX-License-Identifier: MIT */
/* Into modes and out of them: every request, every answer, every missing answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "talk.h"

#define DATA    0u
#define CONTROL 2u
#define XFLAG   OPP_LINE_SELECT
#define ID      "MFG:Acme;MDL:Printer;"

static struct talk talk;

static const struct {
	uint8_t request;
	uint32_t mode;
	enum opp_mode is;
	enum opp_position at;
} requests[] = {
	{ OPP_REQUEST_NIBBLE, OPP_1284_NIBBLE, OPP_MODE_NIBBLE, OPP_AT_HBDNA },
	{ OPP_REQUEST_BYTE, OPP_1284_BYTE, OPP_MODE_BYTE, OPP_AT_HBDNA },
	{ 0x04, OPP_1284_ID_NIBBLE, OPP_MODE_NIBBLE, OPP_AT_HBDA },
	{ 0x05, OPP_1284_ID_BYTE, OPP_MODE_BYTE, OPP_AT_HBDA },
	{ OPP_REQUEST_ECP, OPP_1284_ECP, OPP_MODE_ECP, OPP_AT_ECP_FORWARD },
	{ OPP_REQUEST_ECP_RLE, OPP_1284_ECP_RLE, OPP_MODE_ECP, OPP_AT_ECP_FORWARD },
	{ 0x14, OPP_1284_ID_ECP, OPP_MODE_ECP, OPP_AT_ECP_FORWARD },
	{ 0x34, OPP_1284_ID_ECP_RLE, OPP_MODE_ECP, OPP_AT_ECP_FORWARD },
	{ OPP_REQUEST_BECP, OPP_1284_BOUNDED_ECP, OPP_MODE_ECP, OPP_AT_ECP_FORWARD },
	{ OPP_REQUEST_EPP, OPP_1284_EPP, OPP_MODE_EPP, OPP_AT_EPP_IDLE },
};

#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

static void start_with(uint32_t modes)
{
	talk_start(&talk, &(struct opp_1284_options){ .modes = modes, .device_id = ID },
		   TALK_ISA_NS);
}

static int start(void **state)
{
	(void)state;
	start_with(OPP_1284_NIBBLE | OPP_1284_BYTE | OPP_1284_ID_NIBBLE | OPP_1284_ID_BYTE |
		   OPP_1284_LINK);
	return 0;
}

static void assert_polite(void)
{
	assert_int_equal(rig_host_errors(&talk.rig), 0);
}

/* ---- getting in ----------------------------------------------------------------------- */

static void test_writes(void **state)
{
	(void)state;
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	assert_controls(&talk, CTL_IDLE, CTL_EVENT_1, CTL_EVENT_3, CTL_EVENT_4);
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
	assert_controls(&talk, CTL_IDLE, CTL_EVENT_25, CTL_IDLE);
	assert_polite();
	talk_assert_prints(&talk);
}

/* From lines left anywhere, on a port so fast that set-up times are not had for nothing. */
static void test_before_event_1(void **state)
{
	const struct rig_access *log = talk.rig.log;
	uint64_t data_at_ns = 0;
	uint8_t control = 0;

	(void)state;
	talk_start(&talk, &(struct opp_1284_options){ .modes = OPP_1284_BYTE }, 50);
	talk.rig.hw->ops->set_reverse(talk.rig.hw, true);
	talk.rig.hw->ops->write_control(talk.rig.hw, OPP_CONTROL_LINES, OPP_LINE_NSELECTIN);
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
	for (;; log++) {
		assert_true(log < talk.rig.log + talk.rig.accesses);
		if (log->write && log->offset == DATA) {
			assert_int_equal(log->value, OPP_REQUEST_BYTE);
			data_at_ns = log->at_ns;
		}
		if (!log->write || log->offset != CONTROL)
			continue;
		if (log->value == CTL_EVENT_1)
			break;
		control = log->value;
	}
	assert_int_equal(control, CTL_IDLE);
	assert_true(data_at_ns && log->at_ns - data_at_ns >= 500);
}

/* When this value was written first, from @*from on; moves @*from behind it. */
static uint64_t written_ns(uint32_t *from, uint32_t offset, uint8_t value)
{
	for (uint32_t i = *from; i < talk.rig.accesses; i++) {
		const struct rig_access *access = &talk.rig.log[i];

		if (access->write && access->offset == offset && access->value == value) {
			*from = i + 1;
			return access->at_ns;
		}
	}
	fail_msg("CTL or DATA %02x is missing", value);
	return 0;
}

/* On a fast port with a quick device nothing is wide enough by itself. */
static void test_widths(void **state)
{
	uint64_t since_ns;
	uint32_t at = 0;

	(void)state;
	talk_start(&talk, &(struct opp_1284_options){ .modes = OPP_1284_BYTE | OPP_1284_LINK }, 50);
	opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, 0);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_LINK | OPP_REQUEST_BYTE), OPP_SUCCESS);
	since_ns = written_ns(&at, CONTROL, CTL_EVENT_3);
	assert_true(written_ns(&at, CONTROL, CTL_EVENT_4) - since_ns >= 500);
	since_ns = written_ns(&at, DATA, OPP_REQUEST_BYTE);
	assert_true(written_ns(&at, CONTROL, 0x05) - since_ns >= 500); /* ev 51 */
}

static void test_event_2_lines(void **state)
{
	static const uint8_t lines[] = { OPP_LINE_PERROR, OPP_LINE_SELECT, OPP_LINE_NFAULT };

	(void)state;
	for (uint32_t i = 0; i < sizeof(lines); i++) {
		start(NULL);
		talk_be_rude(&talk, 2, OPP_1284_WRONG, 0, lines[i], 0);
		assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_NO_SUCH_DEVICE);
		talk_assert_fault(&talk, OPP_NO_SUCH_DEVICE, 2);
	}
	start(NULL);
	talk_be_rude(&talk, 2, OPP_1284_WRONG, 0, OPP_LINE_NACK, OPP_LINE_NACK);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_NO_SUCH_DEVICE);
	assert_true(rig_is_idle(&talk.rig));
}

static void test_nobody(void **state)
{
	(void)state;
	rig_start_printing(&talk.rig, NULL, TALK_ISA_NS);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_NO_SUCH_DEVICE);
	assert_controls(&talk, CTL_IDLE, CTL_EVENT_1, CTL_IDLE);
	assert_int_equal(talk.protocol.mode, OPP_MODE_COMPAT);
	opp_sim_detach(&talk.rig.sim);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_NO_SUCH_DEVICE);
	assert_true(rig_is_idle(&talk.rig));
}

static void test_late(void **state)
{
	static const uint8_t events[] = { 2, 6 };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		start(NULL);
		talk.protocol.options = OPP_PROTOCOL_STRICT;
		opp_1284_set_response_us(&talk.device, events[i], 34990);
		assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
		start(NULL);
		talk.protocol.options = OPP_PROTOCOL_STRICT;
		opp_1284_set_response_us(&talk.device, events[i], 37000);
		assert_int_not_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
		start(NULL);
		opp_1284_set_response_us(&talk.device, events[i], 60000);
		assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
	}
}

/* ---- answers -------------------------------------------------------------------------- */

static void test_nibble_xflag(void **state)
{
	(void)state;
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	assert_false(talk.transfer.seen & XFLAG);
	talk_assert_fault(&talk, OPP_SUCCESS, 0);
	start(NULL);
	talk_be_rude(&talk, 6, OPP_1284_WRONG, 0, XFLAG, XFLAG);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	talk_assert_fault(&talk, OPP_DEVICE_PROTOCOL_ERROR, 5);
}

static void test_accepted(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < REQUESTS; i++) {
		const uint8_t request = requests[i].request;

		start_with(requests[i].mode);
		talk.protocol.options = OPP_PROTOCOL_BOUNDED_ECP;
		assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
		assert_int_equal(talk.protocol.mode, requests[i].is);
		assert_int_equal(talk.protocol.request, request);
		assert_int_equal(talk.protocol.position, requests[i].at);
		assert_int_equal(talk.device.request, request);
		assert_polite();
		assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
		talk_assert_fault(&talk, OPP_SUCCESS, 0);
		talk_assert_prints(&talk);
	}
}

static void test_refused(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < REQUESTS; i++) {
		start_with(OPP_1284_NIBBLE);
		talk.protocol.options = OPP_PROTOCOL_BOUNDED_ECP;
		assert_int_equal(talk_negotiate(&talk, requests[i].request), OPP_UNSUCCESSFUL);
		assert_controls(&talk, CTL_IDLE, CTL_EVENT_1, CTL_EVENT_3, CTL_EVENT_4, CTL_IDLE,
				CTL_EVENT_25, CTL_IDLE);
		talk_assert_fault(&talk, OPP_SUCCESS, 0);
		assert_polite();
		talk_assert_prints(&talk);
	}
}

static void test_event_6_missing(void **state)
{
	(void)state;
	talk_be_rude(&talk, 6, OPP_1284_NEVER, 0, 0, 0);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_DEVICE_PROTOCOL_ERROR);
	talk_assert_fault(&talk, OPP_DEVICE_PROTOCOL_ERROR, 6);
	assert_int_equal(talk.transfer.fault.phase, OPP_PHASE_NEGOTIATION);
	assert_controls(&talk, CTL_IDLE, CTL_EVENT_1, CTL_EVENT_3, CTL_EVENT_4, CTL_IDLE,
			CTL_EVENT_25, CTL_IDLE);
	talk_assert_prints(&talk);
}

static void test_link(void **state)
{
	const uint8_t request = OPP_REQUEST_LINK | OPP_REQUEST_BYTE;

	(void)state;
	assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
	assert_controls(&talk, CTL_IDLE, CTL_EVENT_1, CTL_EVENT_3, CTL_EVENT_4, 0x05, 0x04,
			CTL_EVENT_4 | CTL_REVERSED);
	assert_int_equal(talk.protocol.mode, OPP_MODE_BYTE);
	assert_int_equal(talk.protocol.request, request);
	assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
	talk_assert_prints(&talk);
	start_with(OPP_1284_LINK);
	assert_int_equal(talk_negotiate(&talk, request), OPP_UNSUCCESSFUL);
	talk_assert_fault(&talk, OPP_SUCCESS, 0);
	talk_assert_prints(&talk);
	start_with(OPP_1284_BYTE);
	assert_int_equal(talk_negotiate(&talk, request), OPP_UNSUCCESSFUL);
	talk_assert_prints(&talk);
	assert_polite();
}

static void test_link_breaks(void **state)
{
	static const uint8_t events[] = { 52, 55 };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		start(NULL);
		talk_be_rude(&talk, events[i], OPP_1284_NEVER, 0, 0, 0);
		assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_LINK | OPP_REQUEST_BYTE),
				 OPP_DEVICE_PROTOCOL_ERROR);
		talk_assert_fault(&talk, OPP_DEVICE_PROTOCOL_ERROR, events[i]);
		talk_assert_prints(&talk);
	}
}

/* Requests that are not made: the wires do not move, the mode stays. */
static void test_not_made(void **state)
{
	static const uint8_t bad[] = { OPP_REQUEST_CHANNEL_NIBBLE,
				       OPP_REQUEST_BECP,
				       0x02,
				       0x20,
				       0x44,
				       0x7f,
				       OPP_REQUEST_LINK | OPP_REQUEST_CHANNEL_NIBBLE };

	(void)state;
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	rig_forget_accesses(&talk.rig);
	for (uint32_t i = 0; i < sizeof(bad); i++)
		assert_int_equal(talk_negotiate(&talk, bad[i]), OPP_INVALID_PARAMETER);
	talk.rig.hw->capabilities &= ~OPP_HW_CAN_REVERSE;
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_INVALID_PARAMETER);
	assert_int_equal(talk.rig.accesses, 0);
	assert_int_equal(talk.protocol.mode, OPP_MODE_NIBBLE);
}

/* ---- from mode to mode ------------------------------------------------------------------ */

static void test_by_way_of_compat(void **state)
{
	(void)state;
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	assert_int_equal(talk.rig.accesses, 0);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
	assert_controls(&talk, CTL_IDLE, CTL_EVENT_25, CTL_IDLE, CTL_IDLE, CTL_EVENT_1, CTL_EVENT_3,
			CTL_EVENT_4, CTL_EVENT_4 | CTL_REVERSED);
	assert_int_equal(talk.protocol.mode, OPP_MODE_BYTE);
	assert_polite();
}

static void test_id_starts_over(void **state)
{
	const uint8_t request = OPP_REQUEST_NIBBLE | OPP_REQUEST_DEVICE_ID;

	(void)state;
	assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_negotiate(&talk, request), OPP_SUCCESS);
	assert_controls(&talk, CTL_IDLE, CTL_EVENT_25, CTL_IDLE, CTL_IDLE, CTL_EVENT_1, CTL_EVENT_3,
			CTL_EVENT_4);
}

/* ---- getting out -------------------------------------------------------------------------- */

static void test_termination_unanswered(void **state)
{
	static const uint8_t events[] = { 24, 27 };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		start(NULL);
		assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
		talk_be_rude(&talk, events[i], OPP_1284_NEVER, 0, 0, 0);
		rig_forget_accesses(&talk.rig);
		assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
		talk_assert_fault(&talk, OPP_DEVICE_PROTOCOL_ERROR, events[i]);
		assert_int_equal(talk.transfer.fault.phase, OPP_PHASE_TERMINATION);
		assert_controls(&talk, CTL_IDLE | CTL_REVERSED, CTL_EVENT_25 | CTL_REVERSED,
				CTL_IDLE | CTL_REVERSED, CTL_IDLE);
		assert_int_equal(talk.protocol.mode, OPP_MODE_COMPAT);
		rig_pass_ns(&talk.rig, UINT64_C(2000000000));
		talk_assert_prints(&talk);
	}
}

/* Events 18 and 19 come after event 22, and only then has the device seen it. */
static void test_event_18_or_24(void **state)
{
	(void)state;
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	opp_1284_set_response_us(&talk.device, 24, 30000);
	talk_be_rude(&talk, 23, OPP_1284_GLITCH, 20, OPP_LINE_NACK | OPP_LINE_NFAULT, 0);
	assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
	talk_assert_fault(&talk, OPP_SUCCESS, 0);
	assert_int_equal(talk.device.state, OPP_1284_COMPAT);
	talk_assert_prints(&talk);
}

/* A device that leaves nFault low at event 23 is not reproached for it. */
static void test_event_24_alone(void **state)
{
	(void)state;
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_NIBBLE), OPP_SUCCESS);
	talk_be_rude(&talk, 24, OPP_1284_WRONG, 0, OPP_LINE_NFAULT, 0);
	assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
	talk_assert_fault(&talk, OPP_SUCCESS, 0);
	talk_assert_prints(&talk);
}

/* EPP's address strobe is the line that ends the other modes. */
static void test_epp(void **state)
{
	const struct rig_access *log = talk.rig.log;

	(void)state;
	start_with(OPP_1284_EPP);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_EPP), OPP_SUCCESS);
	rig_forget_accesses(&talk.rig);
	assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
	assert_controls(&talk, 0x00, CTL_IDLE);
	assert_true(log[1].at_ns - log[0].at_ns >= 50000);
	talk_assert_fault(&talk, OPP_SUCCESS, 0);
	assert_polite();
	talk_assert_prints(&talk);
}

static void test_unplugged(void **state)
{
	(void)state;
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
	opp_sim_detach(&talk.rig.sim);
	assert_int_equal(talk_terminate(&talk), OPP_SUCCESS);
	talk_assert_fault(&talk, OPP_DEVICE_PROTOCOL_ERROR, 24);
	assert_true(rig_is_idle(&talk.rig));
	opp_sim_attach(&talk.rig.sim, &talk.device.peripheral);
	talk_assert_prints(&talk);
}

static void test_abort(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < REQUESTS; i++) {
		start_with(requests[i].mode);
		talk.protocol.options = OPP_PROTOCOL_BOUNDED_ECP;
		assert_int_equal(talk_negotiate(&talk, requests[i].request), OPP_SUCCESS);
		opp_abort_begin(&talk.transfer, &talk.protocol);
		assert_int_equal(opp_transfer_step(&talk.transfer, talk.rig.hw,
						   talk.rig.sim.now_ns / 1000, 0),
				 OPP_STEP_DONE);
		assert_int_equal(talk.transfer.status, OPP_SUCCESS);
		assert_int_equal(talk.device.state, OPP_1284_COMPAT);
		assert_polite();
		talk_assert_prints(&talk);
	}
}

/* One write ends the mode; the data lines stay the device's for the 1 us it may take. */
static void test_abort_lines(void **state)
{
	uint64_t since_ns;
	uint32_t at = 0;

	(void)state;
	talk_start(&talk, &(struct opp_1284_options){ .modes = OPP_1284_BYTE }, 50);
	assert_int_equal(talk_negotiate(&talk, OPP_REQUEST_BYTE), OPP_SUCCESS);
	rig_forget_accesses(&talk.rig);
	opp_abort_begin(&talk.transfer, &talk.protocol);
	assert_int_equal(rig_run(&talk.rig, &talk.transfer, 0), OPP_SUCCESS);
	assert_controls(&talk, CTL_EVENT_25 | CTL_REVERSED, CTL_IDLE | CTL_REVERSED, CTL_IDLE);
	since_ns = written_ns(&at, CONTROL, CTL_EVENT_25 | CTL_REVERSED);
	assert_true(written_ns(&at, CONTROL, CTL_IDLE) - since_ns >= 1000);
	talk_assert_prints(&talk);
}

/* Every exit of a negotiation, wherever it is told to stop: CTL 0x0c, and bit 4 as it was. */
static void test_ended_anywhere(void **state)
{
	uint32_t after = 0;
	enum opp_status status;

	(void)state;
	do {
		start(NULL);
		opp_1284_set_response_us(&talk.device, OPP_1284_EVERY_EVENT, 300);
		talk.rig.hw->ops->enable_interrupt(talk.rig.hw, true);
		opp_negotiate_begin(&talk.transfer, &talk.protocol, OPP_REQUEST_BYTE);
		for (uint32_t i = 0; i < after; i++)
			(void)opp_transfer_step(&talk.transfer, talk.rig.hw,
						talk.rig.sim.now_ns / 1000, 0);
		opp_transfer_end(&talk.transfer, OPP_KICKED);
		status = rig_run(&talk.rig, &talk.transfer, 0);
		if (status != OPP_SUCCESS) {
			assert_int_equal(status, OPP_KICKED);
			assert_int_equal(talk.rig.sim.control_latch, 0x1c);
			talk_assert_prints(&talk);
		}
		after++;
	} while (status != OPP_SUCCESS);
	assert_true(after > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "P-008 P-075 events 1, 4, 22, 25 and 28 are one control write each", test_writes,
		  start, NULL, NULL },
		{ "P-060 before event 1 the lines are idle and DATA is stable for 0.5 us",
		  test_before_event_1, NULL, NULL, NULL },
		{ "event 3 is wide enough and event 51's byte stable, however fast the port",
		  test_widths, NULL, NULL, NULL },
		{ "P-061 event 2 is PError, Select, nFault high and nAck low, no less",
		  test_event_2_lines, NULL, NULL, NULL },
		{ "P-062 nobody answers event 1: CTL 0x0c and no termination", test_nobody, start,
		  NULL, NULL },
		{ "P-063 an answer after 35 ms is an answer, by default a later one too", test_late,
		  NULL, NULL, NULL },
		{ "P-066 the plain nibble request is accepted with XFlag low", test_nibble_xflag,
		  start, NULL, NULL },
		{ "P-067 any other request is accepted with XFlag high", test_accepted, NULL, NULL,
		  NULL },
		{ "P-067 P-068 a refusal ends in 22 to 28 and the device still prints",
		  test_refused, NULL, NULL, NULL },
		{ "P-068 a missing event 6 ends in 22 to 28 and the device still prints",
		  test_event_6_missing, start, NULL, NULL },
		{ "P-072 an extensibility link is a second byte, refused at event 54", test_link,
		  start, NULL, NULL },
		{ "P-072 a link that breaks names event 52 or 55", test_link_breaks, NULL, NULL,
		  NULL },
		{ "requests that are not made leave wires and mode alone", test_not_made, start,
		  NULL, NULL },
		{ "P-080 a mode change goes by way of compatibility, the same mode costs nothing",
		  test_by_way_of_compat, start, NULL, NULL },
		{ "P-080 asking for the device id again starts from compatibility",
		  test_id_starts_over, start, NULL, NULL },
		{ "P-011 P-076 a termination without event 24 or 27 ends with CTL 0x0c",
		  test_termination_unanswered, NULL, NULL, NULL },
		{ "P-079 a pulse of events 18 and 19 is no event 24", test_event_18_or_24, start,
		  NULL, NULL },
		{ "P-075 event 24 is nAck low, whatever nFault says", test_event_24_alone, start,
		  NULL, NULL },
		{ "P-081 EPP ends by nInit low for 50 us, then nSelectIn low", test_epp, NULL, NULL,
		  NULL },
		{ "P-076 a termination ends though the cable is out", test_unplugged, start, NULL,
		  NULL },
		{ "P-011 an immediate termination takes one step", test_abort, NULL, NULL, NULL },
		{ "an immediate termination is one write, and 1 us before the host drives",
		  test_abort_lines, NULL, NULL, NULL },
		{ "P-011 a negotiation told to stop anywhere ends with CTL 0x0c",
		  test_ended_anywhere, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
