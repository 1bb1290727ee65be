/* SPDX-License-Identifier: MIT */
/*
 * A holder that drives the port's registers by itself: whatever it does there, and
 * whatever the port is asked for meanwhile, the next one finds lines and chip at rest.
 * The chip driver hears of none of these accesses, so what it remembers is wrong.
 */
#include "native.h"

#define SET          IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE
#define CLEAR        IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE
#define ECP_MODE     0x60
#define EPP_MODE     0x80 /* the chip has none */
#define CONTROL_REST 0x0c
#define CONTROL_LEFT 0x23 /* data lines are inputs, nStrobe and nAutoFd low */
#define NO_SERVICE   0x14

static int32_t mode_request(struct rig *rig, uint32_t code, uint8_t mode)
{
	struct PARALLEL_CHIP_MODE buffer = { .ModeFlags = mode };

	return ask_with(rig, 0, code, &buffer, sizeof(buffer));
}

/* ---- what the port is asked for meanwhile ----------------------------------------------- */

static void nothing(struct rig *rig)
{
	(void)rig;
}

static void sets_a_mode(struct rig *rig)
{
	CHECK_EQUAL(mode_request(rig, SET, ECP_MODE), OPP_NT_SUCCESS);
}

static void sets_and_clears_a_mode(struct rig *rig)
{
	sets_a_mode(rig);
	CHECK_EQUAL(mode_request(rig, CLEAR, ECP_MODE), OPP_NT_SUCCESS);
}

static void sets_a_mode_in_vain(struct rig *rig)
{
	CHECK_EQUAL(mode_request(rig, SET, EPP_MODE), OPP_NT_NO_SUCH_DEVICE);
}

static void sleeps(struct rig *rig)
{
	rig_suspend(rig);
	rig_resume(rig);
	rig_settle(rig);
}

static void (*const meanwhiles[])(struct rig *rig) = {
	nothing, sets_a_mode, sets_and_clears_a_mode, sets_a_mode_in_vain, sleeps,
};

/* ---- and how its hold ends --------------------------------------------------------------- */

static void by_free(struct rig *rig)
{
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_SUCCESS);
}

static void by_cleanup(struct rig *rig)
{
	CHECK_EQUAL(ask_major(rig, 0, IRP_MJ_CLEANUP), OPP_NT_SUCCESS);
}

static void by_removal(struct rig *rig)
{
	rig_remove(rig, false);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_DELETE_PENDING);
}

/* Where on_death is "keep" a front end takes back what a kick and a death leave to be done. */
static void by_a_kick_that_keeps_lines(struct rig *rig)
{
	struct opp_port *port = &rig->port.port;

	CHECK_EQUAL(opp_port_kick_locked(port, rig->now_us), OPP_SUCCESS);
	opp_port_put_back_locked(port, OPP_UNDO_LINES);
	rig->step_asked = true;
}

static void asleep(struct rig *rig)
{
	rig_suspend(rig);
	by_free(rig);
	rig_settle(rig);
	rig_resume(rig);
}

static void (*const ends[])(struct rig *rig) = {
	by_free, by_cleanup, by_removal, by_a_kick_that_keeps_lines, asleep,
};

/* ------------------------------------------------------------------------------------------ */

static void drive_by_hand(struct rig *rig)
{
	model_write(&rig->chain.model, OPP_IOPORT_CONTROL, CONTROL_LEFT);
	model_write(&rig->chain.model, OPP_IOPORT_ECR, ECP_MODE | NO_SERVICE);
}

static void hold_with_registers(struct rig *rig, void (*meanwhile)(struct rig *rig),
				void (*end)(struct rig *rig))
{
	rig_begin(rig, NEEDS_ECP);
	open_files(rig, 2);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	opp_port_left_locked(&rig->port.port, OPP_UNDO_REGISTERS);
	meanwhile(rig);
	drive_by_hand(rig);
	end(rig);
	rig_settle(rig);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(rig_chip_mode(rig), OPP_CHIP_SPP);
	CHECK_EQUAL(rig->chain.model.sim.control_latch, CONTROL_REST);
}

static void whatever_it_does(struct rig *rig)
{
	for (size_t m = 0; m < sizeof(meanwhiles) / sizeof(meanwhiles[0]); m++)
		for (size_t e = 0; e < sizeof(ends) / sizeof(ends[0]); e++) {
			hold_with_registers(rig, meanwhiles[m], ends[e]);
			rig_end(rig);
		}
	rig_begin(rig, 0);
}

/* The flag ends with the hold: who comes next leaves nothing that would have to be undone. */
static void not_the_next_one(struct rig *rig)
{
	uint64_t before;

	hold_with_registers(rig, nothing, by_free);
	before = rig_accesses(rig);
	CHECK_EQUAL(ask(rig, 1, ALLOCATE), OPP_NT_SUCCESS);
	CHECK_EQUAL(ask(rig, 1, FREE), OPP_NT_SUCCESS);
	CHECK_EQUAL(rig_state(rig), OPP_PORT_FREE);
	CHECK_EQUAL(rig_accesses(rig), before);
}

/* Nobody touches what has gone. */
static void gone(struct rig *rig)
{
	uint64_t before;

	open_files(rig, 1);
	CHECK_EQUAL(ask(rig, 0, ALLOCATE), OPP_NT_SUCCESS);
	opp_port_left_locked(&rig->port.port, OPP_UNDO_REGISTERS);
	rig_remove(rig, true);
	before = rig_accesses(rig);
	CHECK_EQUAL(ask(rig, 0, FREE), OPP_NT_DELETE_PENDING);
	rig_settle(rig);
	CHECK_EQUAL(rig_accesses(rig), before);
}

static const struct contract_case cases[] = {
	{ "registers: whatever was asked meanwhile, ECR and CONTROL are written at the hold's end",
	  whatever_it_does, 0 },
	{ "registers: the hold after it is as any other", not_the_next_one, NEEDS_ECP },
	{ "registers: of a port that has gone they are left alone", gone, NEEDS_ECP },
};

CASE_TABLE(native_registers_cases, cases);
