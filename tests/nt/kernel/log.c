/* SPDX-License-Identifier: MIT */
/* The system's event log: entries are counted, and looked at. See kernel.h. */
#include "private.h"

/* Before an entry: how long it is. */
struct entry {
	UCHAR bytes;
	IO_ERROR_LOG_PACKET packet;
};

static struct {
	uint32_t out;
	uint32_t written;
	NTSTATUS last;
} entries;

static struct entry *entry_of(void *packet)
{
	return CONTAINING_RECORD(packet, struct entry, packet);
}

PVOID IoAllocateErrorLogEntry(PVOID io_object, UCHAR bytes)
{
	struct entry *entry;

	ENTER(DISPATCH_LEVEL);
	MUST(io_object && bytes >= sizeof(IO_ERROR_LOG_PACKET) && bytes <= ERROR_LOG_MAXIMUM_SIZE);
	entry = kernel_alloc(offsetof(struct entry, packet) + bytes);
	if (entry) {
		entry->bytes = bytes;
		memset(&entry->packet, 0, bytes);
		entries.out++;
	}
	leave();
	return entry ? &entry->packet : NULL;
}

static void free_entry(struct entry *entry)
{
	kernel_free(entry, offsetof(struct entry, packet) + entry->bytes);
	entries.out--;
}

/* Strings lie in the entry and end in it. */
static void must_be_sound(const struct entry *entry)
{
	const char *from = (const char *)&entry->packet;
	size_t at = entry->packet.StringOffset;

	for (USHORT i = 0; i < entry->packet.NumberOfStrings; i++) {
		WCHAR letter = 1;

		for (; letter; at += sizeof(letter)) {
			MUST(at + sizeof(letter) <= entry->bytes);
			memcpy(&letter, from + at, sizeof(letter));
		}
	}
	MUST(entry->packet.ErrorCode != STATUS_SUCCESS);
}

VOID IoWriteErrorLogEntry(PVOID packet)
{
	ENTER(DISPATCH_LEVEL);
	must_be_sound(entry_of(packet));
	entries.written++;
	entries.last = entry_of(packet)->packet.ErrorCode;
	free_entry(entry_of(packet));
	leave();
}

VOID IoFreeErrorLogEntry(PVOID packet)
{
	ENTER(DISPATCH_LEVEL);
	free_entry(entry_of(packet));
	leave();
}

uint32_t kernel_log_entries(void)
{
	return entries.written;
}

NTSTATUS kernel_log_last(void)
{
	return entries.last;
}

void log_end(void)
{
	if (entries.out)
		kernel_fatal("%u log entries were not written", entries.out);
	entries.written = 0;
}
