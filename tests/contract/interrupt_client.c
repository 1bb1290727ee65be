/* SPDX-License-Identifier: MIT */
/*
 * See interrupt_client.h.
 */
#include <string.h>

#include "interrupt_client.h"

static char journal[64];
static size_t written;

static void note(char letter)
{
	CHECK(written + 1 < sizeof(journal));
	journal[written++] = letter;
	journal[written] = 0;
}

void expect_journal(const char *letters)
{
	CHECK(strcmp(journal, letters) == 0);
	written = 0;
	journal[0] = 0;
}

static uint8_t OPP_NTAPI isr(void *interrupt, void *context)
{
	struct client *client = context;

	CHECK(interrupt == client->buffer.out.InterruptObject);
	note(client->isr_letter);
	if (client->in_isr)
		client->in_isr(client);
	return client->handles;
}

static void OPP_NTAPI deferred(void *context)
{
	struct client *client = context;

	rig_in_routine(client->rig);
	note(client->deferred_letter);
	if (client->in_deferred)
		client->in_deferred(client);
}

int32_t connect_as(struct rig *rig, struct client *client, int file)
{
	struct call call = { .buffer = &client->buffer,
			     .input_bytes = sizeof(client->buffer.in),
			     .output_bytes = sizeof(client->buffer.out) };

	client->rig = rig;
	client->routines = (struct PARALLEL_INTERRUPT_SERVICE_ROUTINE){
		.InterruptServiceRoutine = client->isr_letter ? isr : NULL,
		.InterruptServiceContext = client,
		.DeferredPortCheckRoutine = client->deferred_letter ? deferred : NULL,
		.DeferredPortCheckContext = client,
	};
	client->buffer.in = client->routines;
	submit(rig, &call, file, CONNECT);
	CHECK(call.returned != OPP_NT_PENDING);
	if (call.returned == OPP_NT_SUCCESS)
		CHECK_EQUAL(call.information, sizeof(client->buffer.out));
	return call.returned;
}

void connect_client(struct rig *rig, struct client *client)
{
	CHECK_EQUAL(connect_as(rig, client, NO_FILE), OPP_NT_SUCCESS);
}

int32_t disconnect_client(struct rig *rig, struct client *client)
{
	return ask_with(rig, NO_FILE, DISCONNECT, &client->routines, sizeof(client->routines));
}

void begin_journal(void)
{
	written = 0;
	journal[0] = 0;
}

uint8_t try_at_interrupt(struct client *client)
{
	const struct PARALLEL_INTERRUPT_INFORMATION *info = &client->buffer.out;

	return info->TryAllocatePortAtInterruptLevel(info->Context);
}

void take_in_isr(struct client *client)
{
	client->handles = try_at_interrupt(client);
}

void free_in_isr(struct client *client)
{
	const struct PARALLEL_INTERRUPT_INFORMATION *info = &client->buffer.out;

	info->FreePortFromInterruptLevel(info->Context);
}
