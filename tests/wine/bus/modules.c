/* SPDX-License-Identifier: MIT */
/*
 * Modules of this process, as the loader lists them, their exports and imports.
 */
#include <windef.h>
#include <winnt.h>
#include <winternl.h>

#include "plain.h"

/* Of a module's name in its entry; the header keeps it to itself. */
#define BASE_NAME_OFFSET 0x58

#define LETTER_CASE 0x20

static bool is_letter(int c)
{
	return (c | LETTER_CASE) >= 'a' && (c | LETTER_CASE) <= 'z';
}

static bool same_name(const UNICODE_STRING *wide, const char *name)
{
	const size_t length = wide->Length / sizeof(WCHAR);

	for (size_t i = 0; i < length; i++) {
		const int fold = is_letter(name[i]) ? LETTER_CASE : 0;

		if (!name[i] || (wide->Buffer[i] | fold) != (name[i] | fold))
			return false;
	}
	return !name[length];
}

static bool same_text(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

uint8_t *module_find(const char *name)
{
	const PEB *peb;
	const LIST_ENTRY *head;

	__asm__("movq %%gs:0x60, %0" : "=r"(peb)); /* of the thread's environment block */
	head = &peb->Ldr->InMemoryOrderModuleList;
	for (const LIST_ENTRY *entry = head->Flink; entry != head; entry = entry->Flink) {
		const LDR_DATA_TABLE_ENTRY *module =
			CONTAINING_RECORD(entry, LDR_DATA_TABLE_ENTRY, InMemoryOrderLinks);
		const UNICODE_STRING *base_name =
			(const UNICODE_STRING *)((const uint8_t *)module + BASE_NAME_OFFSET);

		if (same_name(base_name, name))
			return module->DllBase;
	}
	return NULL;
}

static const IMAGE_DATA_DIRECTORY *directory_of(const uint8_t *module, unsigned which)
{
	const IMAGE_DOS_HEADER *dos = (const void *)module;
	const IMAGE_NT_HEADERS64 *nt = (const void *)(module + dos->e_lfanew);

	return &nt->OptionalHeader.DataDirectory[which];
}

void *module_export(const uint8_t *module, const char *name)
{
	const IMAGE_DATA_DIRECTORY *directory = directory_of(module, IMAGE_DIRECTORY_ENTRY_EXPORT);
	const IMAGE_EXPORT_DIRECTORY *exports = (const void *)(module + directory->VirtualAddress);
	const DWORD *names = (const void *)(module + exports->AddressOfNames);
	const WORD *ordinals = (const void *)(module + exports->AddressOfNameOrdinals);
	const DWORD *functions = (const void *)(module + exports->AddressOfFunctions);

	for (DWORD i = 0; i < exports->NumberOfNames; i++) {
		if (same_text((const char *)module + names[i], name))
			return (void *)(uintptr_t)(module + functions[ordinals[i]]);
	}
	return NULL;
}

static void write_protected(void **place, void *value)
{
	NTSTATUS(WINAPI * protect)
	(HANDLE process, void **base, SIZE_T *bytes, ULONG wanted, ULONG *before);
	void *base = place;
	SIZE_T bytes = sizeof(*place);
	ULONG before;

	protect = module_export(module_find("ntdll.dll"), "NtProtectVirtualMemory");
	protect((HANDLE) ~(uintptr_t)0, &base, &bytes, PAGE_READWRITE, &before);
	*place = value;
	protect((HANDLE) ~(uintptr_t)0, &base, &bytes, before, &before);
}

static bool replace_one(const uint8_t *module, const IMAGE_IMPORT_DESCRIPTOR *from,
			const struct replacement *replacement)
{
	const IMAGE_THUNK_DATA64 *wanted = (const void *)(module + from->OriginalFirstThunk);
	void **bound = (void **)(uintptr_t)(module + from->FirstThunk);

	for (; wanted->u1.AddressOfData; wanted++, bound++) {
		const IMAGE_IMPORT_BY_NAME *by_name =
			(const void *)(module + wanted->u1.AddressOfData);

		if (same_text((const char *)by_name->Name, replacement->name)) {
			write_protected(bound, replacement->function);
			return true;
		}
	}
	return false;
}

unsigned module_replace(uint8_t *module, const struct replacement *replacements, size_t count)
{
	const IMAGE_DATA_DIRECTORY *directory = directory_of(module, IMAGE_DIRECTORY_ENTRY_IMPORT);
	const IMAGE_IMPORT_DESCRIPTOR *from = (const void *)(module + directory->VirtualAddress);
	unsigned replaced = 0;

	for (; from->Name; from++) {
		for (size_t i = 0; i < count; i++)
			replaced += replace_one(module, from, &replacements[i]);
	}
	return replaced;
}
