/* SPDX-License-Identifier: MIT */
/*
 * Three devices and two files of one port, asked for things, called off, kept waiting, put
 * out, closed and opened in random order. After every turn the invariants of device_rig.c;
 * in the end every request was told once, those of a device in the order they came, and what
 * each printer printed is what its writes say they moved.
 */
#include <stdlib.h>
#include <string.h>

#include "device_rig.h"

#define SEEDS 2000u
#define MOVES 120u
#define TEXTS 64u

static uint64_t seed;
static uint32_t playing;                    /* for whoever reads why it failed */
static uint8_t pages[DEVICES][WORLD_BYTES]; /* what the writes moved */
static size_t page_bytes[DEVICES];
static uint32_t next_rank[DEVICES]; /* of the request told last that was not called off */
static uint32_t arrivals;
static uint8_t texts[TEXTS][8];
static uint32_t text_count;

/* What the rig does not know of its requests. */
static struct {
	const struct ask *ask; /* that of the rig with the same index; NULL: never used */
	uint32_t arrived;
	bool out_of_order; /* answered at once or called off: told before its time */
	bool noted;
} notes[WORLD_ASKS];

static uint32_t any(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static uint32_t index_of(const struct opp_device *device)
{
	return (uint32_t)(device - world.devices);
}

/* ---- what was told ------------------------------------------------------------------------------- */

static void note_end(uint32_t i)
{
	const struct ask *ask = notes[i].ask;
	const uint32_t index = index_of(ask->device);

	notes[i].noted = true;
	if (ask->req.op == OPP_DO_WRITE) {
		assert_true(page_bytes[index] + ask->req.moved <= WORLD_BYTES);
		memcpy(pages[index] + page_bytes[index], ask->req.bytes, ask->req.moved);
		page_bytes[index] += ask->req.moved;
	}
	if (notes[i].out_of_order)
		return;
	assert_true(notes[i].arrived > next_rank[index]);
	next_rank[index] = notes[i].arrived;
}

/* In the order in which they were told. */
static void note_ends(void)
{
	for (;;) {
		uint32_t first = WORLD_ASKS;

		for (uint32_t i = 0; i < WORLD_ASKS; i++)
			if (notes[i].ask && notes[i].ask->told && !notes[i].noted &&
			    (first == WORLD_ASKS || notes[i].ask->rank < notes[first].ask->rank))
				first = i;
		if (first == WORLD_ASKS)
			return;
		note_end(first);
	}
}

/* ---- what is done --------------------------------------------------------------------------------- */

static bool has_room(void)
{
	for (uint32_t i = 0; i < WORLD_ASKS; i++)
		if (!notes[i].ask || notes[i].noted)
			return true;
	return false;
}

static void submit_any(void)
{
	static const enum opp_device_op ops[] = {
		OPP_DO_WRITE,  OPP_DO_WRITE,  OPP_DO_WRITE, OPP_DO_LOCK,      OPP_DO_LOCK_NO_SELECT,
		OPP_DO_UNLOCK, OPP_DO_UNLOCK, OPP_DO_LINES, OPP_DO_NEGOTIATE, OPP_DO_IDLE,
	};
	const enum opp_device_op op = ops[any(sizeof(ops) / sizeof(ops[0]))];
	/* without being selected a device of the chain would not be the one that prints */
	const uint32_t index = op == OPP_DO_LOCK_NO_SELECT ? LAST : any(DEVICES);
	struct ask *ask;
	size_t i;

	if (!has_room() || (op == OPP_DO_WRITE && text_count == TEXTS))
		return;
	ask = world_ask(index, op);
	ask->req.read = OPP_PROTO_BYTE;
	if (op == OPP_DO_WRITE) {
		ask->req.bytes = texts[text_count];
		ask->req.length = sizeof(texts[0]);
		memset(texts[text_count], (int)('0' + text_count), sizeof(texts[0]));
		text_count++;
	}
	i = (size_t)(ask - world.asks);
	notes[i].ask = ask;
	notes[i].arrived = ++arrivals;
	notes[i].noted = false;
	notes[i].out_of_order = world_submit(ask) != OPP_PENDING;
}

static void call_off_any(void)
{
	const uint32_t i = any(WORLD_ASKS);
	struct ask *ask = &world.asks[i];

	if (notes[i].ask && !ask->told && opp_device_cancel_locked(ask->device, &ask->req))
		notes[i].out_of_order = true;
}

static void use_file(void)
{
	const uint32_t file = any(FILES);

	if (world.has_port[file])
		file_frees(file);
	else if (!world.wants_port[file])
		file_asks(file);
}

/* All that waits there is told at once. */
static void note_all_out_of_order(const struct opp_device *device)
{
	for (uint32_t i = 0; i < WORLD_ASKS; i++)
		if (notes[i].ask && !notes[i].ask->told && notes[i].ask->device == device)
			notes[i].out_of_order = true;
}

static void open_again(struct opp_device *device)
{
	note_all_out_of_order(device);
	opp_device_close_locked(device, world_now_us());
	assert_int_equal(opp_device_open_locked(device, false), OPP_SUCCESS);
}

static void kick_holder(void)
{
	for (uint32_t i = 0; i < DEVICES; i++) {
		if (world.port.holder != &device_at(i)->client)
			continue;
		assert_int_equal(opp_port_kick_locked(&world.port, world_now_us()), OPP_SUCCESS);
		note_all_out_of_order(device_at(i));
		opp_device_kicked_locked(device_at(i), world_now_us());
		open_again(device_at(i));
	}
}

/* Whoever asks by no file frees nothing of a device's (S-07). */
static void free_by_nobody(void)
{
	const struct opp_client *holder = world.port.holder;

	if (holder && holder->is_device)
		assert_int_equal(opp_port_free_locked(&world.port, NULL, world_now_us()),
				 OPP_INVALID_DEVICE_STATE);
}

/* With what it holds and waits for; none is open for a moment. */
static void open_files_again(void)
{
	for (uint32_t i = 0; i < FILES; i++)
		opp_port_close_locked(&world.port, &world.files[i], false, world_now_us());
	(void)world_turn();
	for (uint32_t i = 0; i < FILES; i++) {
		world.has_port[i] = false;
		world.wants_port[i] = false;
		assert_int_equal(opp_port_open_locked(&world.port, &world.files[i]), OPP_SUCCESS);
	}
}

static void be_out_of_paper(void)
{
	opp_1284_set_conditions(&world.units[any(DEVICES)].device,
				any(4) ? 0 : OPP_CENTRONICS_PAPER_OUT);
}

/* Not in the middle of a handshake: who steps is never that late. */
static void let_time_pass(void)
{
	world_run();
	world_pass_us(any(6000000));
}

static void move(void)
{
	switch (any(44)) {
	case 0: call_off_any(); break;
	case 1: use_file(); break;
	case 2: open_again(device_at(any(DEVICES))); break;
	case 3: kick_holder(); break;
	case 4: be_out_of_paper(); break;
	case 5: let_time_pass(); break;
	case 6:
	case 7: use_file(); break;
	case 8: open_files_again(); break;
	case 9:
	case 10: free_by_nobody(); break;
	default: submit_any(); break;
	}
	for (uint32_t turns = any(40); turns; turns--)
		(void)world_turn();
	note_ends();
}

/* ---- the end -------------------------------------------------------------------------------------- */

static void wind_up(void)
{
	for (uint32_t i = 0; i < DEVICES; i++) {
		opp_1284_set_conditions(&world.units[i].device, 0);
		open_again(device_at(i));
	}
	for (uint32_t i = 0; i < 2 * FILES; i++) {
		world_run();
		if (world.has_port[i % FILES])
			file_frees(i % FILES);
	}
	world_run();
	note_ends();
}

static void play(uint64_t from)
{
	seed = from;
	arrivals = 0;
	text_count = 0;
	memset(notes, 0, sizeof(notes));
	memset(next_rank, 0, sizeof(next_rank));
	memset(page_bytes, 0, sizeof(page_bytes));
	world_start(UNIT_MODES);
	world.budget_ns = 1;
	for (uint32_t i = 0; i < MOVES; i++)
		move();
	wind_up();
	expect_rest();
	rig_pass_ns(&world.chain.rig, 1000000);
	for (uint32_t i = 0; i < DEVICES; i++) {
		assert_int_equal(world.units[i].printed, page_bytes[i]);
		assert_memory_equal(world.units[i].page, pages[i], page_bytes[i]);
	}
	for (uint32_t i = 0; i < WORLD_ASKS; i++)
		assert_true(!notes[i].ask || notes[i].noted);
}

static void test_random(void **state)
{
	size_t bytes = 0;

	(void)state;
	for (playing = 1; playing <= SEEDS; playing++) {
		play(playing);
		for (uint32_t i = 0; i < DEVICES; i++)
			bytes += page_bytes[i];
	}
	assert_true(bytes > 50 * SEEDS);
}

static int tell_seed(void **state)
{
	(void)state;
	if (playing <= SEEDS)
		print_message("# the last seed: %u\n", playing);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-157 devices and files of one port in random order", test_random, NULL,
		  tell_seed, NULL },
	};

	return cmocka_run_group_tests_name("device_random", tests, NULL, NULL);
}
