/* SPDX-License-Identifier: MIT */
/*
 * A port that its system lends: claimed for who is next in line, given back by every free,
 * left alone by everybody else. The rig checks that nothing is touched without a claim.
 */
#include "native_lent.h"

/* The worker may sleep for so long between two questions. */
#define PAUSE_MS 10

/* ---- the usual course -------------------------------------------------------------------- */

static void granted_when_lent(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 1);
	queue_allocate(rig, &call, 0);
	CHECK_EQUAL(waiters(rig), 1);
	CHECK(!rig->system.questions);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
	CHECK(rig->system.ours);
	lent_give(rig, 0);
	CHECK(!rig->system.ours);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(rig->system.claims, 1);
}

static void given_back_between(struct rig *rig)
{
	struct call calls[3] = { 0 };

	open_files(rig, 3);
	for (int i = 0; i < 3; i++)
		queue_allocate(rig, &calls[i], i);
	for (int i = 0; i < 3; i++) {
		rig_settle(rig);
		check_ended(&calls[i], OPP_NT_SUCCESS);
		CHECK_EQUAL(waiters(rig), 2 - i);
		CHECK_EQUAL(rig->system.claims, i + 1);
		/* Between two of ours it is somebody else's turn. */
		rig->system.other = i < 2;
		CHECK_EQUAL(ask(rig, i, FREE), OPP_NT_SUCCESS);
		rig_pass_ms(rig, PAUSE_MS);
		CHECK(!rig->system.ours);
		CHECK(i == 2 || !calls[i + 1].done);
		rig->system.other = false;
	}
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
}

static void asked_with_pauses(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 1);
	rig->system.other = true;
	queue_allocate(rig, &call, 0);
	rig_pass_ms(rig, LONG_MS);
	CHECK(!call.done);
	CHECK(rig->system.questions >= LONG_MS / PAUSE_MS);
	CHECK(rig->system.questions <= LONG_MS / PAUSE_MS + 4);
	rig->system.other = false;
	rig_pass_ms(rig, PAUSE_MS);
	check_ended(&call, OPP_NT_SUCCESS);
	lent_give(rig, 0);
	/* Who comes next does not pay for it. */
	rig->system.vain = 1;
	call = (struct call){ 0 };
	queue_allocate(rig, &call, 0);
	rig_pass_ms(rig, 2);
	check_ended(&call, OPP_NT_SUCCESS);
}

static void status_while_waiting(struct rig *rig)
{
	struct call calls[2] = { 0 };

	open_files(rig, 2);
	rig->system.other = true;
	queue_allocate(rig, &calls[0], 0);
	rig_pass_ms(rig, LONG_MS);
	queue_allocate(rig, &calls[1], 1);
	CHECK_EQUAL(waiters(rig), 2);
	CHECK(!is_held(rig));
	CHECK_EQUAL(rig_state(rig), OPP_PORT_RELEASING);
	CHECK_EQUAL(rig->port.work.claim, OPP_CLAIM_ASKED);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_INVALID_DEVICE_STATE);
}

/* ---- nobody waits for it at once --------------------------------------------------------- */

static void tries_in_vain(struct rig *rig)
{
	open_files(rig, 1);
	for (int i = 0; i < 2; i++) {
		CHECK(!try_allocate(rig));
		CHECK(!opp_port_try_allocate_at_interrupt(&rig->port.port));
		CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_INVALID_DEVICE_STATE);
		CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
		CHECK(!rig->system.questions);
	}
	lent_take(rig, 0);
	CHECK(!try_allocate(rig));
	CHECK(opp_port_free_at_interrupt(&rig->port.port));
	opp_contract_settle(&rig->port);
	rig_settle(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK(!rig->system.ours);
}

static void try_select_in_vain(struct rig *rig)
{
	struct PARALLEL_1284_COMMAND command = { .ID = 1 };
	struct PARALLEL_PNP_INFORMATION info;

	open_files(rig, 1);
	lent_count_chain(rig);
	info = pnp_info(rig);
	CHECK_EQUAL(info.TrySelectDevice(info.Context, &command), OPP_NT_PENDING);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(rig->system.claims, 1);
}

/* ---- who has changed his mind ------------------------------------------------------------ */

static void check_given_up(struct rig *rig)
{
	rig_pass_ms(rig, PAUSE_MS);
	CHECK(!rig->system.asked && !rig->system.ours);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK(!is_held(rig));
}

static void cancelled_while_asked(struct rig *rig)
{
	struct call calls[2] = { 0 };

	open_files(rig, 2);
	rig->system.other = true;
	queue_allocate(rig, &calls[0], 0);
	queue_select(rig, &calls[1], 1);
	rig_pass_ms(rig, LONG_MS);
	rig_cancel(rig, &calls[0]);
	check_ended(&calls[0], OPP_NT_CANCELLED);
	rig_pass_ms(rig, PAUSE_MS);
	CHECK(rig->system.asked);
	rig_cancel(rig, &calls[1]);
	check_ended(&calls[1], OPP_NT_CANCELLED);
	check_given_up(rig);
}

static void dropped_while_asked(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 2);
	rig->system.other = true;
	queue_allocate(rig, &call, 0);
	rig_pass_ms(rig, LONG_MS);
	close_file(rig, 0);
	check_ended(&call, OPP_NT_CANCELLED);
	check_given_up(rig);
}

static void cancelled_before_asked(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 1);
	queue_allocate(rig, &call, 0);
	rig_cancel(rig, &call);
	check_given_up(rig);
	CHECK(!rig->system.questions);
}

static struct call in_question;

static void cancel_it(struct rig *rig)
{
	rig_cancel(rig, &in_question);
}

static void claimed_for_nobody(struct rig *rig)
{
	in_question = (struct call){ 0 };
	open_files(rig, 1);
	queue_allocate(rig, &in_question, 0);
	rig->during = cancel_it;
	rig_settle(rig);
	check_ended(&in_question, OPP_NT_CANCELLED);
	CHECK_EQUAL(rig->system.claims, 1);
	check_given_up(rig);
}

static void join_late(struct rig *rig)
{
	rig_cancel(rig, &in_question);
	in_question = (struct call){ 0 };
	queue_allocate(rig, &in_question, 1);
}

/* Who comes while the last one's claim is being taken back has one of his own. */
static void claimed_anew(struct rig *rig)
{
	struct call first = { 0 };

	in_question = (struct call){ 0 };
	open_files(rig, 2);
	rig->system.other = true;
	queue_allocate(rig, &first, 0);
	rig_pass_ms(rig, LONG_MS);
	rig_cancel(rig, &first);
	rig->during = join_late;
	rig_pass_ms(rig, PAUSE_MS);
	CHECK(!rig->during);
	rig->system.other = false;
	rig_settle(rig);
	check_ended(&in_question, OPP_NT_SUCCESS);
}

/* ---- selections -------------------------------------------------------------------------- */

static void selected_under_claim(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 2);
	lent_count_chain(rig);
	queue_device(rig, &call, 1, 1);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_selected(rig), 1);
	lent_give(rig, 1);
	CHECK_EQUAL(rig_selected(rig), END_OF_CHAIN);
}

static void selection_fails(struct rig *rig)
{
	struct call call = { 0 };

	open_files(rig, 2);
	lent_count_chain(rig);
	rig_change_chain(rig, OPP_USUAL_DEVICES, CHAIN_REFUSES);
	queue_device(rig, &call, 1, 1);
	rig_settle(rig);
	check_ended(&call, OPP_NT_UNSUCCESSFUL);
	check_given_up(rig);
}

/* ---- the port goes ------------------------------------------------------------------------ */

static void removed_while_asked(struct rig *rig, bool surprise)
{
	struct call calls[2] = { 0 };

	open_files(rig, 2);
	rig->system.other = true;
	queue_allocate(rig, &calls[0], 0);
	queue_allocate(rig, &calls[1], 1);
	rig_pass_ms(rig, LONG_MS);
	rig_remove(rig, surprise);
	check_ended(&calls[0], OPP_NT_DELETE_PENDING);
	check_ended(&calls[1], OPP_NT_DELETE_PENDING);
	check_given_up(rig);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_DELETE_PENDING);
}

static void orderly_while_asked(struct rig *rig)
{
	removed_while_asked(rig, false);
}

static void surprise_while_asked(struct rig *rig)
{
	removed_while_asked(rig, true);
}

static void surprise_while_held(struct rig *rig)
{
	open_files(rig, 1);
	lent_take(rig, 0);
	rig_remove(rig, true);
	rig_settle(rig);
	CHECK(rig->system.ours);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_DELETE_PENDING);
	rig_settle(rig);
	CHECK(!rig->system.ours);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
}

/* The system says so, in the @after-th answer. */
static void gone_when_asked(struct rig *rig)
{
	for (uint32_t after = 0; after < 3; after++) {
		struct call calls[2] = { 0 };

		rig_begin(rig, LENT);
		open_files(rig, 2);
		rig->system.other = after > 0;
		rig->system.gone = after == 0;
		queue_allocate(rig, &calls[0], 0);
		queue_allocate(rig, &calls[1], 1);
		rig_pass_ms(rig, after * PAUSE_MS);
		rig->system.gone = true;
		rig_settle(rig);
		check_ended(&calls[0], OPP_NT_DELETE_PENDING);
		check_ended(&calls[1], OPP_NT_DELETE_PENDING);
		CHECK_EQUAL(rig->port.port.presence, OPP_PORT_SURPRISE_REMOVED);
		CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_DELETE_PENDING);
		rig_end(rig);
	}
	rig_begin(rig, LENT);
}

/* ---- at every touch of the wire and every question, something else ------------------------- */

static struct call calls_under_way[3];

static void do_all(struct rig *rig)
{
	queue_device(rig, &calls_under_way[0], 0, 1);
	queue_allocate(rig, &calls_under_way[1], 1);
	queue_device(rig, &calls_under_way[2], 2, 0);
	for (int file = 0; file < 3; file++) {
		rig_settle(rig);
		(void)ask(rig, file, FREE);
	}
	rig_settle(rig);
}

static void by_cancel(struct rig *rig)
{
	for (int i = 0; i < 3; i++)
		rig_cancel(rig, &calls_under_way[i]);
}

static void by_cleanup(struct rig *rig)
{
	for (int i = 0; i < 3; i++)
		CHECK_EQUAL(ask_major(rig, i, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
}

static void by_orderly_removal(struct rig *rig)
{
	rig_remove(rig, false);
}

static void by_surprise(struct rig *rig)
{
	rig_remove(rig, true);
}

static void by_loss(struct rig *rig)
{
	rig->system.gone = true;
}

static void by_cancel_and_others(struct rig *rig)
{
	rig_lend_elsewhere(rig);
	by_cancel(rig);
}

static bool disturb(struct rig *rig, void (*disturbance)(struct rig *rig), uint32_t after)
{
	bool came_in;

	rig_begin(rig, LENT_CHAIN);
	open_files(rig, 3);
	lent_count_chain(rig);
	for (int i = 0; i < 3; i++)
		calls_under_way[i] = (struct call){ 0 };
	rig->during = disturbance;
	rig->during_after = after;
	do_all(rig);
	came_in = !rig->during;
	rig->during = NULL;
	for (int i = 0; i < 3; i++)
		CHECK(calls_under_way[i].done);
	rig_end(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK(!rig->system.ours && !rig->system.asked);
	return came_in;
}

static void at_each_touch(struct rig *rig)
{
	static void (*const disturbances[])(struct rig * rig) = {
		by_cancel,          by_cleanup, by_orderly_removal,   by_surprise,
		rig_lend_elsewhere, by_loss,    by_cancel_and_others,
	};

	for (size_t i = 0; i < sizeof(disturbances) / sizeof(disturbances[0]); i++) {
		uint32_t after = 0;

		while (disturb(rig, disturbances[i], after))
			CHECK(++after < MOST_TOUCHES);
		CHECK(after > 100);
	}
	rig_begin(rig, 0);
}

/* ---- schedules by chance ------------------------------------------------------------------- */

#define SCHEDULES 200
#define STEPS     60

static uint32_t chance;

static uint32_t below(uint32_t bound)
{
	chance = chance * 1103515245u + 12345u;
	return (chance >> 16) % bound;
}

static void do_something(struct rig *rig, struct call calls[RIG_FILES])
{
	const int file = (int)below(3);
	struct call *call = &calls[file];

	switch (below(8)) {
	case 0:
	case 1:
		if (call->slot)
			return;
		*call = (struct call){ 0 };
		if (below(2))
			queue_allocate(rig, call, file);
		else
			queue_device(rig, call, file, 1);
		return;
	case 2: rig_cancel(rig, call); return;
	case 3: (void)ask(rig, file, FREE); return;
	case 4: rig->system.other = !rig->system.other; return;
	case 5: CHECK_EQUAL(ask_major(rig, file, IRP_MJ_CLEANUP), OPP_NT_SUCCESS); return;
	case 6: (void)rig_step(rig); return;
	default: rig_pass_ms(rig, below(PAUSE_MS)); return;
	}
}

static void by_chance(struct rig *rig)
{
	for (uint32_t schedule = 0; schedule < SCHEDULES; schedule++) {
		struct call calls[RIG_FILES] = { 0 };

		chance = schedule;
		rig_begin(rig, LENT_CHAIN);
		open_files(rig, 3);
		lent_count_chain(rig);
		for (int i = 0; i < STEPS; i++)
			do_something(rig, calls);
		rig->system.other = false;
		if (below(4) == 0)
			rig_remove(rig, below(2));
		rig_end(rig);
		CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	}
	rig_begin(rig, 0);
}

static const struct contract_case cases[] = {
	{ "a lent port is claimed for who waits, and given back by its free", granted_when_lent,
	  LENT },
	{ "C-021 between two holders a lent port is given back", given_back_between, LENT },
	{ "a system is asked with pauses that grow to 10 ms", asked_with_pauses, LENT },
	{ "while a system has the port its waiters are counted", status_while_waiting, LENT },
	{ "nothing takes a lent port without waiting", tries_in_vain, LENT },
	{ "TrySelectDevice does not wait for a system", try_select_in_vain, LENT_CHAIN },
	{ "C-043 a wait for the system can be cancelled", cancelled_while_asked, LENT },
	{ "a client that goes while the system has the port", dropped_while_asked, LENT },
	{ "cancelled before the system was asked", cancelled_before_asked, LENT },
	{ "claimed for somebody who is gone: given back", claimed_for_nobody, LENT },
	{ "who comes as a claim is given up has one of his own", claimed_anew, LENT },
	{ "a device is selected after the claim", selected_under_claim, LENT_CHAIN },
	{ "a selection that fails gives the claim back", selection_fails, LENT_CHAIN },
	{ "orderly removal while the system has the port", orderly_while_asked, LENT },
	{ "surprise removal while the system has the port", surprise_while_asked, LENT },
	{ "surprise removal: the holder's claim is given back", surprise_while_held, LENT },
	{ "a port that is gone when it is claimed is removed", gone_when_asked, 0 },
	{ "cancel, removal and others at each touch of a lent port", at_each_touch, 0 },
	{ "a lent port in schedules by chance", by_chance, 0 },
};

CASE_TABLE(native_lent_cases, cases);
