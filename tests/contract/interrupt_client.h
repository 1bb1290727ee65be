/* SPDX-License-Identifier: MIT */
/*
 * A client that connects interrupt routines: what they do, and the journal they
 * write to. Each routine notes its letter; a letter of 0 is a NULL routine.
 */
#ifndef OPENPARPORT_TESTS_INTERRUPT_CLIENT_H
#define OPENPARPORT_TESTS_INTERRUPT_CLIENT_H

#include "case.h"

#define CONNECT    IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT
#define DISCONNECT IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT

/* One buffer for input and output, as METHOD_BUFFERED has it. */
union connect_buffer {
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE in;
	struct PARALLEL_INTERRUPT_INFORMATION out;
};

struct client {
	struct rig *rig;
	char isr_letter;
	char deferred_letter;
	uint8_t handles;
	void (*in_deferred)(struct client *client);
	void (*in_isr)(struct client *client);
	union connect_buffer buffer;
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE routines;
};

void begin_journal(void);

/* What was noted since the last look. */
void expect_journal(const char *letters);

int32_t connect_as(struct rig *rig, struct client *client, int file);
void connect_client(struct rig *rig, struct client *client);
int32_t disconnect_client(struct rig *rig, struct client *client);

/* The client's use of the pair, as its service routine does it. */
uint8_t try_at_interrupt(struct client *client);
void take_in_isr(struct client *client);
void free_in_isr(struct client *client);

#endif
