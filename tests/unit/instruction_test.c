/* SPDX-License-Identifier: MIT */
/*
 * Port instructions of an x86: every form is known for what it is and does what it should;
 * nothing else is taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "instruction.h"

#define PORT        0x378
#define MEMORY      512u
#define FLAG_DOWN   0x400u
#define ACCESS_MOST 1024u
#define GARBAGE     0xdeadbeefcafef00dull

/* ---- what an instruction reaches --------------------------------------------------------- */

static struct {
	unsigned char memory[MEMORY]; /* at address 0x1000 */
	uint16_t ports[ACCESS_MOST];
	uint8_t written[ACCESS_MOST];
	unsigned int count;
	uint8_t next; /* what the next read gets */
} bench;

#define MEMORY_AT 0x1000u

static uint8_t bench_in(void *context, uint16_t port)
{
	(void)context;
	assert_true(bench.count < ACCESS_MOST);
	bench.ports[bench.count++] = port;
	return bench.next++;
}

static void bench_out(void *context, uint16_t port, uint8_t value)
{
	(void)context;
	assert_true(bench.count < ACCESS_MOST);
	bench.written[bench.count] = value;
	bench.ports[bench.count++] = port;
}

static bool is_memory(uint64_t address, size_t count)
{
	return address >= MEMORY_AT && address + count <= MEMORY_AT + MEMORY;
}

static bool bench_load(void *context, uint64_t address, void *bytes, size_t count)
{
	(void)context;
	if (!is_memory(address, count))
		return false;
	memcpy(bytes, &bench.memory[address - MEMORY_AT], count);
	return true;
}

static bool bench_store(void *context, uint64_t address, const void *bytes, size_t count)
{
	(void)context;
	if (!is_memory(address, count))
		return false;
	memcpy(&bench.memory[address - MEMORY_AT], bytes, count);
	return true;
}

static const struct cli_bus bus = {
	.in = bench_in, .out = bench_out, .load = bench_load, .store = bench_store
};

static int set_up(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	bench.next = 0x81;
	return 0;
}

struct code {
	size_t count;
	uint8_t bytes[CLI_INSTRUCTION_MOST + 1];
};

#define CODE(...) ((struct code){ sizeof((uint8_t[]){ __VA_ARGS__ }), { __VA_ARGS__ } })

static struct cli_instruction decoded(struct code code, bool is_64)
{
	struct cli_instruction instruction;

	assert_true(cli_instruction_decode(&instruction, code.bytes, code.count, is_64));
	assert_int_equal(instruction.length, code.count);
	return instruction;
}

static bool performs(struct code code, bool is_64, struct user_regs_struct *registers,
		     uint64_t *fault)
{
	const struct cli_instruction instruction = decoded(code, is_64);

	return cli_instruction_perform(&instruction, registers, &bus, fault);
}

static void perform(struct code code, bool is_64, struct user_regs_struct *registers)
{
	uint64_t fault;

	assert_true(performs(code, is_64, registers, &fault));
}

/* ---- which one it is ----------------------------------------------------------------------- */

struct form {
	uint8_t opcode;
	uint8_t wide; /* moves more than a byte */
	uint8_t length;
	bool is_out, is_string, is_immediate;
};

static const struct form forms[] = {
	{ 0x6c, 0, 1, false, true, false },  { 0x6d, 1, 1, false, true, false },
	{ 0x6e, 0, 1, true, true, false },   { 0x6f, 1, 1, true, true, false },
	{ 0xe4, 0, 2, false, false, true },  { 0xe5, 1, 2, false, false, true },
	{ 0xe6, 0, 2, true, false, true },   { 0xe7, 1, 2, true, false, true },
	{ 0xec, 0, 1, false, false, false }, { 0xed, 1, 1, false, false, false },
	{ 0xee, 0, 1, true, false, false },  { 0xef, 1, 1, true, false, false },
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* Prefixes of every kind before an opcode, and what they make of it. */
static const struct {
	struct code code;
	uint8_t width;   /* of a wide form */
	uint8_t address; /* in 64-bit code */
	bool repeats;    /* a string */
	enum cli_segment segment;
	bool only_64;
} prefixes[] = {
	{ { 0, { 0 } }, 4, 8, false, CLI_SEGMENT_FLAT, false },
	{ { 1, { 0x66 } }, 2, 8, false, CLI_SEGMENT_FLAT, false },
	{ { 1, { 0x67 } }, 4, 4, false, CLI_SEGMENT_FLAT, false },
	{ { 1, { 0xf3 } }, 4, 8, true, CLI_SEGMENT_FLAT, false },
	{ { 1, { 0xf2 } }, 4, 8, true, CLI_SEGMENT_FLAT, false },
	{ { 1, { 0x64 } }, 4, 8, false, CLI_SEGMENT_FS, false },
	{ { 1, { 0x65 } }, 4, 8, false, CLI_SEGMENT_GS, false },
	{ { 4, { 0x26, 0x2e, 0x36, 0x3e } }, 4, 8, false, CLI_SEGMENT_FLAT, false },
	{ { 4, { 0x66, 0xf3, 0x67, 0x65 } }, 2, 4, true, CLI_SEGMENT_GS, false },
	{ { 1, { 0x40 } }, 4, 8, false, CLI_SEGMENT_FLAT, true },
	{ { 2, { 0x66, 0x45 } }, 2, 8, false, CLI_SEGMENT_FLAT, true },
	{ { 3, { 0xf3, 0x66, 0x48 } }, 4, 8, true, CLI_SEGMENT_FLAT, true },
};

static void check_form(const struct form *form, size_t prefix, bool is_64)
{
	struct code code = prefixes[prefix].code;
	struct cli_instruction found;

	code.bytes[code.count++] = form->opcode;
	if (form->is_immediate)
		code.bytes[code.count++] = 0x9a;
	found = decoded(code, is_64);
	assert_int_equal(found.width, form->wide ? prefixes[prefix].width : 1);
	assert_int_equal(found.address_bytes,
			 is_64 ? prefixes[prefix].address : prefixes[prefix].address / 2);
	assert_int_equal(found.is_out, form->is_out);
	assert_int_equal(found.is_string, form->is_string);
	assert_int_equal(found.is_repeated, form->is_string && prefixes[prefix].repeats);
	assert_int_equal(found.is_immediate, form->is_immediate);
	assert_int_equal(found.port, form->is_immediate ? 0x9a : 0);
	assert_int_equal(found.segment,
			 form->is_string && form->is_out ? prefixes[prefix].segment : 0);
}

static void every_form(void **state)
{
	(void)state;
	for (size_t form = 0; form < FORMS; form++)
		for (size_t prefix = 0; prefix < sizeof(prefixes) / sizeof(prefixes[0]); prefix++) {
			check_form(&forms[form], prefix, true);
			if (!prefixes[prefix].only_64)
				check_form(&forms[form], prefix, false);
		}
}

static bool is_form(uint8_t byte)
{
	for (size_t i = 0; i < FORMS; i++)
		if (forms[i].opcode == byte)
			return true;
	return byte == 0xfa || byte == 0xfb;
}

/* 0x90 behind it is an opcode, and no port's: a prefix is told from an instruction. */
static void no_other(void **state)
{
	struct cli_instruction instruction;

	(void)state;
	for (unsigned int byte = 0; byte <= 0xff; byte++) {
		const uint8_t bytes[] = { (uint8_t)byte, 0x90 }, second[] = { 0x0f, (uint8_t)byte };

		for (unsigned int is_64 = 0; is_64 < 2; is_64++) {
			assert_int_equal(cli_instruction_decode(&instruction, bytes, 2, is_64),
					 is_form((uint8_t)byte));
			assert_false(cli_instruction_decode(&instruction, second, 2, is_64));
		}
	}
}

static void what_is_no_prefix(void **state)
{
	static const struct code codes[] = {
		{ 2, { 0xf0, 0xee } },       /* LOCK: not allowed */
		{ 3, { 0x48, 0x66, 0x90 } }, /* REX must stand last */
		{ 3, { 0x48, 0x48, 0xee } },
	};
	struct cli_instruction instruction;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_false(
			cli_instruction_decode(&instruction, codes[i].bytes, codes[i].count, true));
	assert_false(cli_instruction_decode(&instruction, CODE(0x40, 0xee).bytes, 2, false));
}

static void cut_off(void **state)
{
	struct cli_instruction instruction;
	uint8_t bytes[CLI_INSTRUCTION_MOST + 1] = { 0 };

	(void)state;
	assert_false(cli_instruction_decode(&instruction, bytes, 0, true));
	assert_false(cli_instruction_decode(&instruction, CODE(0x66).bytes, 1, true));
	assert_false(cli_instruction_decode(&instruction, CODE(0xe4).bytes, 1, true));
	memset(bytes, 0x66, sizeof(bytes));
	bytes[CLI_INSTRUCTION_MOST - 1] = 0xed;
	assert_true(cli_instruction_decode(&instruction, bytes, sizeof(bytes), true));
	assert_int_equal(instruction.length, CLI_INSTRUCTION_MOST);
	bytes[CLI_INSTRUCTION_MOST - 1] = 0x66;
	bytes[CLI_INSTRUCTION_MOST] = 0xed;
	assert_false(cli_instruction_decode(&instruction, bytes, sizeof(bytes), true));
}

/* ---- what it does ---------------------------------------------------------------------------- */

static void in_of_each_width(void **state)
{
	struct user_regs_struct registers = { .rax = GARBAGE, .rdx = GARBAGE << 16 | PORT };

	(void)state;
	perform(CODE(0xec), true, &registers);
	assert_true(registers.rax == ((GARBAGE & ~0xffull) | 0x81) && registers.rip == 1);
	perform(CODE(0x66, 0xed), true, &registers);
	assert_true(registers.rax == ((GARBAGE & ~0xffffull) | 0x8382) && registers.rip == 3);
	perform(CODE(0xed), true, &registers);
	assert_true(registers.rax == 0x87868584u && registers.rip == 4);
	perform(CODE(0xe4, 0xfe), true, &registers);
	perform(CODE(0xe5, 0xfe), false, &registers);
	assert_int_equal(bench.count, 12);
	assert_true(bench.ports[0] == PORT && bench.ports[2] == PORT + 1 &&
		    bench.ports[6] == PORT + 3 && bench.ports[7] == 0xfe &&
		    bench.ports[11] == 0x101);
}

static void out_of_each_width(void **state)
{
	static const uint8_t written[] = { 0x0d, 0x0d, 0xf0, 0x0d, 0xf0, 0xfe, 0xca, 0x0d };
	struct user_regs_struct registers = { .rax = GARBAGE, .rdx = 0xffff };

	(void)state;
	perform(CODE(0xee), true, &registers);
	perform(CODE(0x66, 0xef), true, &registers);
	perform(CODE(0xef), true, &registers);
	perform(CODE(0xe6, 0x42), false, &registers);
	assert_int_equal(bench.count, sizeof(written));
	assert_memory_equal(bench.written, written, sizeof(written));
	assert_true(bench.ports[0] == 0xffff && bench.ports[2] == 0 && bench.ports[6] == 2 &&
		    bench.ports[7] == 0x42);
	assert_true(registers.rax == GARBAGE && registers.rip == 6);
}

static void strings_forward(void **state)
{
	struct user_regs_struct registers = { .rdx = PORT, .rdi = MEMORY_AT, .rcx = 3 };

	(void)state;
	perform(CODE(0xf3, 0x66, 0x6d), true, &registers);
	assert_memory_equal(bench.memory, "\x81\x82\x83\x84\x85\x86\0", 7);
	assert_true(registers.rdi == MEMORY_AT + 6 && registers.rcx == 0 && registers.rip == 3);
	registers.rsi = MEMORY_AT;
	perform(CODE(0x6f), true, &registers);
	assert_memory_equal(&bench.written[6], "\x81\x82\x83\x84", 4);
	assert_true(registers.rsi == MEMORY_AT + 4 && registers.rcx == 0 && bench.count == 10);
}

static void strings_backward(void **state)
{
	struct user_regs_struct registers = {
		.rdx = PORT, .rsi = MEMORY_AT + 1, .rcx = 2, .eflags = FLAG_DOWN
	};

	(void)state;
	memcpy(bench.memory, "ab", 2);
	perform(CODE(0xf2, 0x6e), true, &registers);
	assert_memory_equal(bench.written, "ba", 2);
	assert_true(registers.rsi == MEMORY_AT - 1 && registers.rcx == 0);
}

static void no_times(void **state)
{
	struct user_regs_struct registers = { .rdx = PORT, .rdi = 7 };

	(void)state;
	perform(CODE(0xf3, 0x6c), true, &registers);
	assert_true(bench.count == 0 && registers.rdi == 7 && registers.rip == 2);
}

/* What counts and points is as wide as addresses are. */
static void address_widths(void **state)
{
	struct user_regs_struct registers = { .rdx = PORT,
					      .rsi = 1ull << 40 | MEMORY_AT,
					      .rcx = 1ull << 32 | 1 };

	(void)state;
	perform(CODE(0x67, 0xf3, 0x6e), true, &registers);
	assert_true(registers.rsi == MEMORY_AT + 1 && registers.rcx == 0 && bench.count == 1);
	registers.rsi = 0xabcd0000 | MEMORY_AT;
	registers.rcx = 0x10002;
	perform(CODE(0x67, 0xf3, 0x6e), false, &registers);
	assert_true(registers.rsi == (0xabcd0000 | (MEMORY_AT + 2)) && registers.rcx == 0x10000);
}

static void segments(void **state)
{
	struct user_regs_struct registers = {
		.rdx = PORT, .fs_base = MEMORY_AT + 8, .gs_base = MEMORY_AT + 4, .rsi = 0
	};

	(void)state;
	memcpy(bench.memory, "0123456789", 10);
	perform(CODE(0x64, 0x6e), true, &registers);
	perform(CODE(0x65, 0x6e), true, &registers);
	registers.rsi = 0xffffffff; /* -1: linear addresses have 32 bits in such code */
	perform(CODE(0x65, 0x6e), false, &registers);
	assert_memory_equal(bench.written, "853", 3);
	registers.rdi = MEMORY_AT;
	perform(CODE(0x65, 0x6c), true, &registers);
	assert_int_equal(bench.memory[0], 0x81);
}

static void in_turns(void **state)
{
	const uint64_t times = CLI_INSTRUCTION_TURNS + 5;
	struct user_regs_struct registers = { .rdx = PORT, .rsi = MEMORY_AT, .rcx = times };

	(void)state;
	perform(CODE(0xf3, 0x6e), true, &registers);
	assert_true(registers.rip == 0 && registers.rcx == 5);
	perform(CODE(0xf3, 0x6e), true, &registers);
	assert_true(registers.rip == 2 && registers.rcx == 0);
	assert_true(registers.rsi == MEMORY_AT + times && bench.count == times);
}

static void no_memory(void **state)
{
	struct user_regs_struct registers = {
		.rdx = PORT, .rsi = MEMORY_AT + MEMORY - 2, .rdi = MEMORY_AT - 2, .rcx = 3
	};
	uint64_t fault = 0;

	(void)state;
	assert_false(performs(CODE(0xf3, 0x6e), true, &registers, &fault));
	assert_true(fault == MEMORY_AT + MEMORY && registers.rsi == fault);
	assert_true(registers.rcx == 1 && registers.rip == 0 && bench.count == 2);
	assert_false(performs(CODE(0x6d), true, &registers, &fault));
	assert_true(fault == MEMORY_AT - 2 && registers.rdi == fault && registers.rip == 0);
}

static void interrupt_flag(void **state)
{
	struct user_regs_struct registers = { .rax = GARBAGE, .rdx = PORT };

	(void)state;
	perform(CODE(0xfa), true, &registers);
	perform(CODE(0xfb), false, &registers);
	assert_true(registers.rip == 2 && registers.rax == GARBAGE && bench.count == 0);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, set_up, NULL, NULL                                                 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("each form of IN, OUT, INS and OUTS with each prefix is known", every_form),
		CASE("no other instruction is taken for one of them", no_other),
		CASE("LOCK, an early REX and REX in 32-bit code are no prefixes",
		     what_is_no_prefix),
		CASE("what is cut off, or longer than 15 bytes, is no instruction", cut_off),
		CASE("IN reads 8, 16 and 32 bits, port by port", in_of_each_width),
		CASE("OUT writes 8, 16 and 32 bits, port by port, the last one is before 0",
		     out_of_each_width),
		CASE("INS and OUTS go forward, each by its width", strings_forward),
		CASE("and backward when the direction flag is set", strings_backward),
		CASE("a repeated one with a count of 0 does nothing", no_times),
		CASE("counter and pointer are as wide as addresses are", address_widths),
		CASE("OUTS reads from FS and GS where it is told to, INS never", segments),
		CASE("a long repetition is done in turns", in_turns),
		CASE("a string without memory stops before that element, and says where",
		     no_memory),
		CASE("CLI and STI do nothing", interrupt_flag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
