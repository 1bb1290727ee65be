/* SPDX-License-Identifier: MIT */
/* A client whose interrupt routine uses the port at interrupt level. See rig.h. */
#include "interrupt_client.h"
#include "rig.h"

static struct PARALLEL_INTERRUPT_INFORMATION at_interrupt;

static uint8_t OPP_NTAPI take_and_give(void *object, void *context)
{
	(void)object;
	(void)context;
	if (at_interrupt.TryAllocatePortAtInterruptLevel(at_interrupt.Context))
		at_interrupt.FreePortFromInterruptLevel(at_interrupt.Context);
	return 1;
}

void rig_connect_taker(struct rig *rig)
{
	union connect_buffer buffer = { .in = { .InterruptServiceRoutine = take_and_give } };
	struct call call = { .buffer = &buffer,
			     .input_bytes = sizeof(buffer.in),
			     .output_bytes = sizeof(buffer.out) };

	submit(rig, &call, NO_FILE, CONNECT);
	CHECK_EQUAL(call.returned, OPP_NT_SUCCESS);
	at_interrupt = buffer.out;
}
