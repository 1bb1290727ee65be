/* SPDX-License-Identifier: MIT */
/*
 * See instruction.h. Source: X86.
 */
#include "instruction.h"

#define FLAG_DIRECTION 0x400u
#define REX_WIDE       0x08u

/* ---- decoding ------------------------------------------------------------------------ */

struct prefixes {
	bool operand;
	bool address;
	bool repeat;
	bool wide; /* REX.W */
	enum cli_segment segment;
};

static bool is_legacy_prefix(struct prefixes *prefixes, uint8_t byte)
{
	switch (byte) {
	case 0x66: prefixes->operand = true; return true;
	case 0x67: prefixes->address = true; return true;
	case 0xf2:
	case 0xf3: prefixes->repeat = true; return true;
	case 0x64: prefixes->segment = CLI_SEGMENT_FS; return true;
	case 0x65: prefixes->segment = CLI_SEGMENT_GS; return true;
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e: return true;
	default: return false;
	}
}

/* Returns how many bytes they are. */
static size_t read_prefixes(struct prefixes *prefixes, const uint8_t *bytes, size_t count,
			    bool is_64)
{
	size_t at = 0;

	*prefixes = (struct prefixes){ 0 };
	while (at < count && is_legacy_prefix(prefixes, bytes[at]))
		at++;
	if (is_64 && at < count && (bytes[at] & 0xf0) == 0x40)
		prefixes->wide = bytes[at++] & REX_WIDE;
	return at;
}

/* Bit 0 of each of these says whether it moves more than a byte, bit 1 that it is an OUT. */
static bool read_opcode(struct cli_instruction *instruction, uint8_t opcode)
{
	switch (opcode & 0xfc) {
	case 0x6c: instruction->is_string = true; break;
	case 0xe4: instruction->is_immediate = true; break;
	case 0xec: break;
	default: return false;
	}
	instruction->is_out = opcode & 2;
	return true;
}

static uint8_t width_of(const struct prefixes *prefixes, uint8_t opcode)
{
	if (!(opcode & 1))
		return 1;
	return prefixes->operand && !prefixes->wide ? 2 : 4;
}

static uint8_t address_bytes_of(const struct prefixes *prefixes, bool is_64)
{
	if (is_64)
		return prefixes->address ? 4 : 8;
	return prefixes->address ? 2 : 4;
}

static bool is_interrupt_flag(uint8_t opcode)
{
	return opcode == 0xfa || opcode == 0xfb;
}

bool cli_instruction_decode(struct cli_instruction *instruction, const uint8_t *bytes, size_t count,
			    bool is_64)
{
	struct prefixes prefixes;
	size_t at;

	if (count > CLI_INSTRUCTION_MOST)
		count = CLI_INSTRUCTION_MOST;
	at = read_prefixes(&prefixes, bytes, count, is_64);
	if (at == count)
		return false;
	*instruction = (struct cli_instruction){ .length = (uint8_t)(at + 1), .is_64 = is_64 };
	if (is_interrupt_flag(bytes[at]))
		return true;
	if (!read_opcode(instruction, bytes[at]))
		return false;
	instruction->width = width_of(&prefixes, bytes[at]);
	instruction->address_bytes = address_bytes_of(&prefixes, is_64);
	instruction->is_repeated = instruction->is_string && prefixes.repeat;
	if (instruction->is_string && instruction->is_out)
		instruction->segment = prefixes.segment;
	if (!instruction->is_immediate)
		return true;
	if (++at == count)
		return false;
	instruction->port = bytes[at];
	instruction->length++;
	return true;
}

/* ---- performing ------------------------------------------------------------------------ */

typedef unsigned long long reg; /* as in struct user_regs_struct */

static uint64_t low_part(uint64_t value, unsigned int bytes)
{
	return bytes == 8 ? value : value & ((1ull << bytes * 8) - 1);
}

/* What is written to a part of a register; 32 bits clear those above. */
static void set_part(reg *whole, uint64_t value, unsigned int bytes)
{
	if (bytes < 4)
		*whole = (*whole & ~low_part(~0ull, bytes)) | low_part(value, bytes);
	else
		*whole = low_part(value, bytes);
}

uint16_t cli_instruction_port(const struct cli_instruction *instruction,
			      const struct user_regs_struct *registers)
{
	return instruction->is_immediate ? instruction->port : (uint16_t)registers->rdx;
}

static uint32_t in(const struct cli_bus *bus, uint16_t port, unsigned int width)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint32_t)bus->in(bus->context, (uint16_t)(port + i)) << i * 8;
	return value;
}

static void out(const struct cli_bus *bus, uint16_t port, unsigned int width, uint32_t value)
{
	for (unsigned int i = 0; i < width; i++)
		bus->out(bus->context, (uint16_t)(port + i), (uint8_t)(value >> i * 8));
}

static uint64_t base_of(const struct cli_instruction *instruction,
			const struct user_regs_struct *registers)
{
	switch (instruction->segment) {
	case CLI_SEGMENT_FS: return registers->fs_base;
	case CLI_SEGMENT_GS: return registers->gs_base;
	case CLI_SEGMENT_FLAT: break;
	}
	return 0;
}

/* Between memory at @address and the port. */
static bool move(const struct cli_instruction *instruction, uint16_t port, uint64_t address,
		 const struct cli_bus *bus)
{
	uint32_t value = 0; /* its bytes in memory are those of the program: both are x86 */

	if (instruction->is_out) {
		if (!bus->load(bus->context, address, &value, instruction->width))
			return false;
		out(bus, port, instruction->width, value);
		return true;
	}
	value = in(bus, port, instruction->width);
	return bus->store(bus->context, address, &value, instruction->width);
}

static bool perform_string(const struct cli_instruction *instruction,
			   struct user_regs_struct *registers, const struct cli_bus *bus,
			   uint64_t *fault)
{
	const uint16_t port = cli_instruction_port(instruction, registers);
	const unsigned int bytes = instruction->address_bytes;
	const uint64_t step =
		registers->eflags & FLAG_DIRECTION ? 0ull - instruction->width : instruction->width;
	reg *pointer = instruction->is_out ? &registers->rsi : &registers->rdi;
	uint64_t left = instruction->is_repeated ? low_part(registers->rcx, bytes) : 1;

	for (unsigned int turn = 0; left && turn < CLI_INSTRUCTION_TURNS; turn++, left--) {
		*fault = low_part(base_of(instruction, registers) + low_part(*pointer, bytes),
				  instruction->is_64 ? 8 : 4);
		if (!move(instruction, port, *fault, bus))
			return false;
		set_part(pointer, *pointer + step, bytes);
		if (instruction->is_repeated)
			set_part(&registers->rcx, left - 1, bytes);
	}
	if (!left)
		registers->rip += instruction->length;
	return true;
}

bool cli_instruction_perform(const struct cli_instruction *instruction,
			     struct user_regs_struct *registers, const struct cli_bus *bus,
			     uint64_t *fault)
{
	const uint16_t port = cli_instruction_port(instruction, registers);
	const unsigned int width = instruction->width;

	if (instruction->is_string)
		return perform_string(instruction, registers, bus, fault);
	if (instruction->is_out)
		out(bus, port, width, (uint32_t)registers->rax);
	else if (width)
		set_part(&registers->rax, in(bus, port, width), width);
	registers->rip += instruction->length;
	return true;
}
