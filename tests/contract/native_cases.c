/* SPDX-License-Identifier: MIT */
/*
 * Cases that need what only the native rig can do: every order of steps, a
 * richer description, a cancel at an awkward moment, the mapping of statuses.
 */
#include <string.h>

#include "native.h"

/* ---- statuses --------------------------------------------------------------------------- */

/* Written again from the documents: in the order of the enum. */
static const uint32_t nt_values[] = {
	[OPP_SUCCESS] = 0x00000000,
	[OPP_PENDING] = 0x00000103,
	[OPP_TIMEOUT] = 0x00000102,
	[OPP_CANCELLED] = 0xc0000120,
	[OPP_DELETE_PENDING] = 0xc0000056,
	[OPP_DEVICE_REMOVED] = 0xc00002b6,
	[OPP_DEVICE_BUSY] = 0x80000011,
	[OPP_DEVICE_NOT_CONNECTED] = 0xc000009d,
	[OPP_DEVICE_POWERED_OFF] = 0x8000000f,
	[OPP_DEVICE_PAPER_EMPTY] = 0x8000000e,
	[OPP_DEVICE_OFF_LINE] = 0x80000010,
	[OPP_DEVICE_PROTOCOL_ERROR] = 0xc0000186,
	[OPP_IO_DEVICE_ERROR] = 0xc0000185,
	[OPP_NO_SUCH_DEVICE] = 0xc000000e,
	[OPP_NOT_A_DIRECTORY] = 0xc0000103,
	[OPP_ACCESS_DENIED] = 0xc0000022,
	[OPP_INVALID_DEVICE_REQUEST] = 0xc0000010,
	[OPP_INVALID_DEVICE_STATE] = 0xc0000184,
	[OPP_INVALID_PARAMETER] = 0xc000000d,
	[OPP_BUFFER_TOO_SMALL] = 0xc0000023,
	[OPP_INSUFFICIENT_RESOURCES] = 0xc000009a,
	[OPP_UNSUCCESSFUL] = 0xc0000001,
	[OPP_KICKED] = 0xc0000022,
};

static void statuses(struct rig *rig)
{
	(void)rig;
	for (size_t i = 0; i < sizeof(nt_values) / sizeof(nt_values[0]); i++)
		CHECK_EQUAL((uint32_t)opp_ntstatus((enum opp_status)i), nt_values[i]);
}

/* ---- resources of an ECP chip ------------------------------------------------------------------ */

static void ecp_resources(struct rig *rig)
{
	struct PARALLEL_PNP_INFORMATION info;

	rig->description.ecp_address = UINT64_C(0x123456789a778);
	rig->description.ecp_controller = (void *)(uintptr_t)0x10778;
	rig->description.ecp_span_bytes = 3;
	chain_port(&rig->chain)->fifo = (struct opp_hw_fifo){ .depth_words = 64, .word_bytes = 2 };
	info = pnp_info(rig);
	CHECK_EQUAL(info.FifoDepth, 64);
	CHECK_EQUAL(info.FifoWidth, 16);
	CHECK_EQUAL(info.OriginalEcpController, UINT64_C(0x123456789a778));
	CHECK_EQUAL((uintptr_t)info.EcpController, 0x10778);
	CHECK_EQUAL(info.SpanOfEcpController, 3);
}

/* ---- every order of a free and two cancels --------------------------------------------------- */

/*
 * File 0 holds the port; A (file 1), then B (file 2) wait. What happens to them
 * happens in steps: a cancel is two, because a kernel takes the cancel routine
 * before it calls it, and everything else may come in between.
 */
enum step {
	STEP_FREE,
	STEP_CLEANUP_1,
	STEP_TRY,
	STEP_REMOVE,
	STEP_BEGIN_A,
	STEP_FINISH_A,
	STEP_BEGIN_B,
	STEP_FINISH_B,
	STEPS,
};

#define NOBODY (-2)

/* The rules of contract.md 6.1 once more, for this scene only. */
struct model {
	int holder; /* file, NO_FILE or NOBODY */
	bool removed;
	bool waits[2];    /* in line */
	bool begun[2];    /* its cancel routine has been taken */
	int32_t ended[2]; /* PENDING until it ends */
};

static void model_release(struct model *model)
{
	model->holder = NOBODY;
	for (int i = 0; i < 2 && model->holder == NOBODY; i++) {
		if (model->waits[i] && !model->begun[i]) {
			model->holder = i + 1;
			model->ended[i] = OPP_NT_SUCCESS;
		}
		model->waits[i] = false;
	}
}

static void model_end_waiter(struct model *model, int i, int32_t status)
{
	if (model->waits[i] && !model->begun[i])
		model->ended[i] = status;
	model->waits[i] = false;
}

static void model_cancel(struct model *model, int i, bool begin)
{
	if (begin)
		model->begun[i] = model->ended[i] == OPP_NT_PENDING;
	else if (model->begun[i])
		model->ended[i] = OPP_NT_CANCELLED;
	if (!begin)
		model->waits[i] = false;
}

static void model_step(struct model *model, enum step step)
{
	switch (step) {
	case STEP_FREE:
		if (model->holder == 0 || model->holder == NO_FILE)
			model_release(model);
		break;
	case STEP_CLEANUP_1:
		model_end_waiter(model, 0, OPP_NT_CANCELLED);
		if (model->holder == 1)
			model_release(model);
		break;
	case STEP_TRY:
		if (model->holder == NOBODY && !model->removed)
			model->holder = NO_FILE;
		break;
	case STEP_REMOVE:
		model->removed = true;
		model_end_waiter(model, 0, OPP_NT_DELETE_PENDING);
		model_end_waiter(model, 1, OPP_NT_DELETE_PENDING);
		break;
	case STEP_BEGIN_A: model_cancel(model, 0, true); break;
	case STEP_FINISH_A: model_cancel(model, 0, false); break;
	case STEP_BEGIN_B: model_cancel(model, 1, true); break;
	case STEP_FINISH_B: model_cancel(model, 1, false); break;
	case STEPS: break;
	}
}

struct scene {
	struct rig *rig;
	struct PARALLEL_PORT_INFORMATION info;
	struct call calls[2];
	bool begun[2];
};

static void take_step(struct scene *scene, enum step step)
{
	struct rig *rig = scene->rig;

	switch (step) {
	case STEP_FREE: ask(rig, 0, FREE); break;
	case STEP_CLEANUP_1: ask_major(rig, 1, IRP_MJ_CLEANUP); break;
	case STEP_TRY: scene->info.TryAllocatePort(scene->info.Context); break;
	case STEP_REMOVE: rig_remove(rig, true); break;
	case STEP_BEGIN_A: scene->begun[0] = rig_begin_cancel(&scene->calls[0]); break;
	case STEP_BEGIN_B: scene->begun[1] = rig_begin_cancel(&scene->calls[1]); break;
	case STEP_FINISH_A:
		if (scene->begun[0])
			rig_finish_cancel(rig, &scene->calls[0]);
		break;
	case STEP_FINISH_B:
		if (scene->begun[1])
			rig_finish_cancel(rig, &scene->calls[1]);
		break;
	case STEPS: break;
	}
}

static int holder_of(struct rig *rig)
{
	if (!is_held(rig))
		return NOBODY;
	for (int file = 0; file < RIG_FILES; file++) {
		if (rig->port.port.holder == &rig->clients[file])
			return file;
	}
	return NO_FILE;
}

static void check_scene(const struct scene *scene, const struct model *model)
{
	for (int i = 0; i < 2; i++) {
		CHECK_EQUAL(scene->calls[i].done, model->ended[i] != OPP_NT_PENDING);
		if (scene->calls[i].done)
			CHECK_EQUAL(scene->calls[i].status, model->ended[i]);
	}
	CHECK_EQUAL(holder_of(scene->rig), model->holder);
}

static void play(struct rig *rig, const enum step *order, uint32_t count)
{
	struct scene scene = { .rig = rig };
	struct model model = { .waits = { true, true },
			       .ended = { OPP_NT_PENDING, OPP_NT_PENDING } };

	rig_begin(rig, 0);
	scene.info = port_info(rig);
	open_files(rig, 3);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	queue_allocate(rig, &scene.calls[0], 1);
	queue_allocate(rig, &scene.calls[1], 2);
	for (uint32_t i = 0; i < count; i++) {
		take_step(&scene, order[i]);
		model_step(&model, order[i]);
		check_scene(&scene, &model);
	}
	rig_end(rig);
}

/* A cancel begins before it finishes. */
static bool is_possible(const enum step *order, uint32_t count)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t before = order[i] == STEP_FINISH_A   ? 1u << STEP_BEGIN_A
				  : order[i] == STEP_FINISH_B ? 1u << STEP_BEGIN_B
							      : 0;

		if ((seen & before) != before)
			return false;
		seen |= 1u << order[i];
	}
	return true;
}

static bool next_permutation(enum step *order, uint32_t count)
{
	uint32_t i = count - 1;
	uint32_t k = count - 1;
	enum step swapped;

	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	while (order[k] <= order[i - 1])
		k--;
	swapped = order[i - 1];
	order[i - 1] = order[k];
	order[k] = swapped;
	for (k = count - 1; i < k; i++, k--) {
		swapped = order[i];
		order[i] = order[k];
		order[k] = swapped;
	}
	return true;
}

static void every_order(struct rig *rig)
{
	enum step order[STEPS];
	uint32_t played = 0;

	for (uint32_t i = 0; i < STEPS; i++)
		order[i] = (enum step)i;
	do {
		if (is_possible(order, STEPS)) {
			play(rig, order, STEPS);
			played++;
		}
	} while (next_permutation(order, STEPS));
	CHECK_EQUAL(played, 40320 / 4);
	rig_begin(rig, 0);
}

/* ---- awkward moments ------------------------------------------------------------------------------ */

static void cancelled_while_joining(struct rig *rig)
{
	struct call lost = { 0 };
	struct call kept = { 0 };

	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	rig->cancel_while_joining = true;
	submit(rig, &lost, 1, ALLOCATE);
	CHECK_EQUAL(lost.returned, OPP_NT_PENDING);
	check_ended(&lost, OPP_NT_CANCELLED);
	CHECK_EQUAL(waiters(rig), 0);
	queue_allocate(rig, &kept, 1);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
	check_ended(&kept, OPP_NT_SUCCESS);
}

static const struct contract_case cases[] = {
	{ "each status has its NTSTATUS", statuses, 0 },
	{ "C-093 GET_PNP tells where the ECP registers are, and of wide words", ecp_resources, 0 },
	{ "C-047 free, cancels, cleanup, removal: every order", every_order, 0 },
	{ "C-187 a cancel while the request joins the line", cancelled_while_joining, 0 },
};

CASE_TABLE(native_cases, cases);
