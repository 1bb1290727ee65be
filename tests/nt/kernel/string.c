/* SPDX-License-Identifier: MIT */
/* Counted strings of 16-bit characters. See kernel.h. */
#include <stdarg.h>
#include <stdlib.h>

#include "private.h"

#define MOST_WORDS 0x7ffe

size_t text_length(PCWSTR text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

static WCHAR upper(WCHAR letter)
{
	return letter >= 'a' && letter <= 'z' ? (WCHAR)(letter - 'a' + 'A') : letter;
}

bool same_text(PCWSTR one, PCWSTR other, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		if (upper(one[i]) != upper(other[i]))
			return false;
	}
	return !one[words] && !other[words];
}

PCWSTR text_copy(const UNICODE_STRING *string)
{
	WCHAR *copy;

	if (string->Length % sizeof(WCHAR) || string->Length > string->MaximumLength)
		kernel_fatal("a string of %u bytes, room for %u", string->Length,
			     string->MaximumLength);
	copy = calloc(1, string->Length + sizeof(WCHAR));
	MUST(copy);
	memcpy(copy, string->Buffer, string->Length);
	return copy;
}

VOID RtlInitUnicodeString(UNICODE_STRING *string, PCWSTR text)
{
	const size_t length = text ? text_length(text) : 0;

	MUST(length < MOST_WORDS);
	string->Length = (USHORT)(length * sizeof(WCHAR));
	string->MaximumLength = (USHORT)(text ? (length + 1) * sizeof(WCHAR) : 0);
	string->Buffer = (WCHAR *)(uintptr_t)text;
}

NTSTATUS RtlAppendUnicodeStringToString(UNICODE_STRING *to, const UNICODE_STRING *from)
{
	if (to->Length + from->Length > to->MaximumLength)
		return STATUS_BUFFER_TOO_SMALL;
	memcpy((char *)to->Buffer + to->Length, from->Buffer, from->Length);
	to->Length = (USHORT)(to->Length + from->Length);
	if (to->Length < to->MaximumLength)
		to->Buffer[to->Length / sizeof(WCHAR)] = 0;
	return STATUS_SUCCESS;
}

NTSTATUS RtlAppendUnicodeToString(UNICODE_STRING *to, PCWSTR text)
{
	UNICODE_STRING from;

	RtlInitUnicodeString(&from, text);
	return RtlAppendUnicodeStringToString(to, &from);
}

VOID RtlCopyUnicodeString(UNICODE_STRING *to, const UNICODE_STRING *from)
{
	to->Length = from->Length < to->MaximumLength ? from->Length : to->MaximumLength;
	memcpy(to->Buffer, from->Buffer, to->Length);
}

BOOLEAN RtlEqualUnicodeString(const UNICODE_STRING *one, const UNICODE_STRING *other,
			      BOOLEAN any_case)
{
	if (one->Length != other->Length)
		return FALSE;
	for (size_t i = 0; i < one->Length / sizeof(WCHAR); i++) {
		const WCHAR a = one->Buffer[i];
		const WCHAR b = other->Buffer[i];

		if (any_case ? upper(a) != upper(b) : a != b)
			return FALSE;
	}
	return TRUE;
}

VOID RtlFreeUnicodeString(UNICODE_STRING *string)
{
	if (string->Buffer)
		ExFreePool(string->Buffer);
	*string = (UNICODE_STRING){ 0 };
}

SIZE_T RtlCompareMemory(const VOID *one, const VOID *other, SIZE_T bytes)
{
	const uint8_t *a = one;
	const uint8_t *b = other;
	SIZE_T same = 0;

	while (same < bytes && a[same] == b[same])
		same++;
	return same;
}

ULONG DbgPrint(PCSTR format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	return 0;
}
