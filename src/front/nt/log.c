/* SPDX-License-Identifier: MIT */
/*
 * Entries in the system's event log. Their texts are in messages.mc; a text that does not
 * fit into an entry is cut. Without memory for an entry there is none.
 */
#include "nt.h"

static ULONG length_of(const WCHAR *text)
{
	ULONG length = 0;

	while (text[length])
		length++;
	return length;
}

void opp_nt_log(DEVICE_OBJECT *device, NTSTATUS code, NTSTATUS why, const WCHAR *text)
{
	const ULONG begin = FIELD_OFFSET(IO_ERROR_LOG_PACKET, DumpData);
	const ULONG most = (ULONG)(ERROR_LOG_MAXIMUM_SIZE - begin) / sizeof(WCHAR) - 1;
	const ULONG length = min(length_of(text), most);
	const ULONG bytes = begin + (length + 1) * (ULONG)sizeof(WCHAR);
	PVOID source = device ? (PVOID)device : (PVOID)opp_nt_driver;
	IO_ERROR_LOG_PACKET *packet;
	WCHAR *to;

	packet = IoAllocateErrorLogEntry(source, (UCHAR)max(bytes, sizeof(*packet)));
	if (!packet)
		return;
	RtlZeroMemory(packet, max(bytes, sizeof(*packet)));
	packet->ErrorCode = code;
	packet->FinalStatus = why;
	packet->NumberOfStrings = 1;
	packet->StringOffset = (USHORT)begin;
	to = (WCHAR *)((UCHAR *)packet + begin);
	RtlCopyMemory(to, text, length * sizeof(WCHAR));
	IoWriteErrorLogEntry(packet);
}
