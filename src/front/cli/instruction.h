/* SPDX-License-Identifier: MIT */
/*
 * The port instructions of an x86: found in a program's bytes, and done in its place.
 *
 * Knows IN, OUT, INS and OUTS in all their forms, in 64-bit and 32-bit code, and CLI and
 * STI, which whoever has the right to all ports may use. Nothing here knows of processes.
 */
#ifndef OPENPARPORT_CLI_INSTRUCTION_H
#define OPENPARPORT_CLI_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#define CLI_INSTRUCTION_MOST 15 /* bytes; the processor refuses longer ones */

enum cli_segment { CLI_SEGMENT_FLAT, CLI_SEGMENT_FS, CLI_SEGMENT_GS };

struct cli_instruction {
	uint8_t length;
	uint8_t width;         /* bytes at once: 1, 2, 4; 0: CLI or STI */
	uint8_t address_bytes; /* of counter and pointer: 8, 4, 2 */
	bool is_64;            /* in 64-bit code */
	bool is_out;
	bool is_string;
	bool is_repeated;
	bool is_immediate; /* the port is @port, not in DX */
	uint8_t port;
	enum cli_segment segment; /* where OUTS reads */
};

/*
 * cli_instruction_decode - what the @count bytes at @bytes begin with.
 * False: none of ours, or it does not end within them.
 */
bool cli_instruction_decode(struct cli_instruction *instruction, const uint8_t *bytes, size_t count,
			    bool is_64);

/* The first port it accesses. */
uint16_t cli_instruction_port(const struct cli_instruction *instruction,
			      const struct user_regs_struct *registers);

/* What an instruction reaches. load and store return false where there is no such memory. */
struct cli_bus {
	uint8_t (*in)(void *context, uint16_t port);
	void (*out)(void *context, uint16_t port, uint8_t value);
	bool (*load)(void *context, uint64_t address, void *bytes, size_t count);
	bool (*store)(void *context, uint64_t address, const void *bytes, size_t count);
	void *context;
};

/* A repeated one stops here now and then, to be begun again: the program may get a signal. */
#define CLI_INSTRUCTION_TURNS 256u

/*
 * cli_instruction_perform - does it; @registers become what it leaves. Wide accesses are
 * accesses to as many ports, the lowest first.
 * False: no memory at @fault; the registers are as before that element.
 */
bool cli_instruction_perform(const struct cli_instruction *instruction,
			     struct user_regs_struct *registers, const struct cli_bus *bus,
			     uint64_t *fault);

#endif
