/* SPDX-License-Identifier: MIT */
#include "native_lent.h"

void lent_take(struct rig *rig, int file)
{
	struct call call = { 0 };

	queue_allocate(rig, &call, file);
	rig_settle(rig);
	check_ended(&call, OPP_NT_SUCCESS);
}

void lent_give(struct rig *rig, int file)
{
	CHECK_EQUAL(ask(rig, file, FREE), OPP_NT_SUCCESS);
	rig_settle(rig);
}

void lent_count_chain(struct rig *rig)
{
	lent_take(rig, 0);
	CHECK_EQUAL(ask(rig, 0, INIT_BUS), OPP_NT_SUCCESS);
	lent_give(rig, 0);
	CHECK_EQUAL(rig->port.device_count, OPP_USUAL_DEVICES);
}
