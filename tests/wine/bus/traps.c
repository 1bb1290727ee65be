/* SPDX-License-Identifier: MIT */
/*
 * What the processor of a kernel allows and that of a process does not: port
 * instructions and the interrupt level's register (cr8) trap, and are carried out here
 * against the simulated hardware. Any other exception of a driver is written down, for
 * the process ends with it.
 */
#include <windef.h>
#include <winnt.h>

#include "plain.h"

#define CONTINUE_EXECUTION (-1)
#define CONTINUE_SEARCH    0

#define OPERAND_SIZE 0x66
#define REPEAT       0xf3
#define REX          0x40
#define REX_MASK     0xf0
#define REX_R        4
#define REX_B        1

#define UNIMPLEMENTED_STUB 0x80000100
#define SHARED_DATA        0xfffff78000000000 /* the host reads it for drivers */

/* An instruction that may be one of those meant. */
struct instruction {
	const uint8_t *next; /* byte of it */
	uint8_t rex;
	unsigned wide; /* bytes of an operand that is not a byte */
	bool repeated;
	CONTEXT *context;
};

static void *handler;

static void take_prefixes(struct instruction *in)
{
	for (;; in->next++) {
		if (*in->next == OPERAND_SIZE)
			in->wide = 2;
		else if (*in->next == REPEAT)
			in->repeated = true;
		else
			break;
	}
	if ((*in->next & REX_MASK) == REX)
		in->rex = *in->next++;
}

static DWORD64 kept_bits(unsigned bytes)
{
	return bytes == 1 ? ~(DWORD64)0xff : bytes == 2 ? ~(DWORD64)0xffff : 0;
}

static void take_in(struct instruction *in, uint16_t address, unsigned bytes)
{
	in->context->Rax = (in->context->Rax & kept_bits(bytes)) | port_read(address, bytes);
}

static void take_string(struct instruction *in, bool out, unsigned bytes)
{
	CONTEXT *context = in->context;
	DWORD64 *where = out ? &context->Rsi : &context->Rdi;

	for (DWORD64 count = in->repeated ? context->Rcx : 1; count; count--) {
		uint32_t value = 0;

		if (out) {
			memcpy(&value, (const void *)*where, bytes);
			port_write((uint16_t)context->Rdx, bytes, value);
		} else {
			value = port_read((uint16_t)context->Rdx, bytes);
			memcpy((void *)*where, &value, bytes);
		}
		*where += bytes;
	}
	if (in->repeated)
		context->Rcx = 0;
}

static DWORD64 *general_register(struct instruction *in, uint8_t number)
{
	return &in->context->Rax + (number & 7) + (in->rex & REX_B ? 8 : 0);
}

/* mov between a register and cr8; returns false: it is something else. */
static bool take_level(struct instruction *in)
{
	const uint8_t opcode = *in->next++;
	const uint8_t operands = *in->next++;

	if (!(in->rex & REX_R) || operands >> 3 & 7)
		return false;
	if (opcode == 0x20)
		*general_register(in, operands) = irql_get();
	else if (opcode == 0x22)
		irql_set((uint8_t)*general_register(in, operands));
	else
		return false;
	return true;
}

static bool carry_out(struct instruction *in)
{
	const uint8_t opcode = *in->next++;
	const unsigned bytes = opcode & 1 ? in->wide : 1;

	switch (opcode) {
	case 0xe4:
	case 0xe5: take_in(in, *in->next++, bytes); return true;
	case 0xec:
	case 0xed: take_in(in, (uint16_t)in->context->Rdx, bytes); return true;
	case 0xe6:
	case 0xe7: port_write(*in->next++, bytes, (uint32_t)in->context->Rax); return true;
	case 0xee:
	case 0xef:
		port_write((uint16_t)in->context->Rdx, bytes, (uint32_t)in->context->Rax);
		return true;
	case 0x6c:
	case 0x6d: take_string(in, false, bytes); return true;
	case 0x6e:
	case 0x6f: take_string(in, true, bytes); return true;
	case 0x0f: return take_level(in);
	default: return false;
	}
}

static LONG WINAPI trap(EXCEPTION_POINTERS *exception)
{
	struct instruction in = {
		.next = (const uint8_t *)exception->ContextRecord->Rip,
		.wide = 4,
		.context = exception->ContextRecord,
	};
	const DWORD code = exception->ExceptionRecord->ExceptionCode;

	if (code == STATUS_PRIVILEGED_INSTRUCTION) {
		take_prefixes(&in);
		if (carry_out(&in)) {
			exception->ContextRecord->Rip = (DWORD64)in.next;
			return CONTINUE_EXECUTION;
		}
	}
	if (code == UNIMPLEMENTED_STUB)
		note((const char *)exception->ExceptionRecord->ExceptionInformation[1],
		     UNIMPLEMENTED_STUB);
	if (code >> 30 == 3 &&
	    exception->ExceptionRecord->ExceptionInformation[1] >> 12 != SHARED_DATA >> 12) {
		const uint8_t *driver = module_find("parport.sys");

		note("exception", code);
		note("  at", (DWORD64)in.context->Rip);
		note("  parport.sys", (DWORD64)driver);
		note("  address", exception->ExceptionRecord->ExceptionInformation[1]);
	}
	return CONTINUE_SEARCH;
}

void traps_begin(void)
{
	void *(WINAPI * add)(ULONG first, LONG(WINAPI * function)(EXCEPTION_POINTERS *));

	add = module_export(module_find("ntdll.dll"), "RtlAddVectoredExceptionHandler");
	handler = add(1, trap);
}

void traps_end(void)
{
	ULONG(WINAPI * take_away)(void *which);

	take_away = module_export(module_find("ntdll.dll"), "RtlRemoveVectoredExceptionHandler");
	take_away(handler);
}
