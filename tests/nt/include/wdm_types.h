/* SPDX-License-Identifier: MIT */
/* See wdm.h: plain types, statuses, lists. */
#ifndef TESTS_NT_WDM_TYPES_H
#define TESTS_NT_WDM_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NTAPI
#define DDKAPI
#define FASTCALL
#define NTKERNELAPI
#define NTSYSAPI
#define NTHALAPI
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define _In_
#define _Out_
#define _Inout_
#define _In_opt_
#define _Use_decl_annotations_
#define FORCEINLINE                       static inline
#define DECLSPEC_NORETURN                 _Noreturn
#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define ANYSIZE_ARRAY                     1
#define MAXULONG                          UINT32_MAX
#define CONTAINING_RECORD(address, type, field)                                                    \
	((type *)(void *)((char *)(address)-offsetof(type, field)))
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define RTL_NUMBER_OF(array)      (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array)          RTL_NUMBER_OF(array)
#define RTL_CONSTANT_STRING(text)                                                                  \
	{                                                                                          \
		sizeof(text) - sizeof((text)[0]), sizeof(text), (text)                             \
	}

#define VOID void
typedef void *PVOID;
typedef void *HANDLE;
typedef HANDLE *PHANDLE;
typedef char CHAR;
typedef char *PCHAR;
typedef char *PSTR;
typedef const char *PCSTR;
typedef uint8_t UCHAR;
typedef uint8_t *PUCHAR;
typedef uint8_t BOOLEAN;
typedef uint8_t *PBOOLEAN;
typedef int16_t SHORT;
typedef int16_t CSHORT;
typedef uint16_t USHORT;
typedef uint16_t *PUSHORT;
typedef wchar_t WCHAR;
typedef WCHAR *PWCHAR;
typedef WCHAR *PWSTR;
typedef WCHAR *PWCH;
typedef const WCHAR *PCWSTR;
typedef int32_t LONG;
typedef int32_t *PLONG;
typedef uint32_t ULONG;
typedef uint32_t *PULONG;
typedef int64_t LONGLONG;
typedef uint64_t ULONGLONG;
typedef uint64_t ULONG64;
typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR;
typedef uintptr_t *PULONG_PTR;
typedef size_t SIZE_T;
typedef int INT;
typedef unsigned int UINT;
typedef LONG NTSTATUS;
typedef UCHAR KIRQL;
typedef KIRQL *PKIRQL;
typedef CHAR KPROCESSOR_MODE;
typedef CHAR CCHAR;
typedef LONG KPRIORITY;
typedef ULONG_PTR KAFFINITY;
typedef ULONG_PTR KSPIN_LOCK;
typedef KSPIN_LOCK *PKSPIN_LOCK;
typedef ULONG ACCESS_MASK;
typedef ULONG DEVICE_TYPE;

_Static_assert(sizeof(WCHAR) == 2, "built with -fshort-wchar");

#define FALSE 0
#define TRUE  1

typedef union _LARGE_INTEGER {
	struct {
		ULONG LowPart;
		LONG HighPart;
	};
	struct {
		ULONG LowPart;
		LONG HighPart;
	} u;
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;
typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;
typedef union _ULARGE_INTEGER {
	struct {
		ULONG LowPart;
		ULONG HighPart;
	};
	ULONGLONG QuadPart;
} ULARGE_INTEGER;

typedef struct _UNICODE_STRING {
	USHORT Length;
	USHORT MaximumLength;
	PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _GUID {
	uint32_t Data1;
	uint16_t Data2;
	uint16_t Data3;
	uint8_t Data4[8];
} GUID;
typedef const GUID *LPCGUID;

#define min(one, other)         ((one) < (other) ? (one) : (other))
#define max(one, other)         ((one) > (other) ? (one) : (other))
#define IsEqualGUID(one, other) (memcmp((one), (other), sizeof(GUID)) == 0)

/* ---- statuses ------------------------------------------------------------------------- */

#define NT_SUCCESS(status) ((NTSTATUS)(status) >= 0)

#define STATUS_SUCCESS                    ((NTSTATUS)0x00000000)
#define STATUS_CONTINUE_COMPLETION        STATUS_SUCCESS
#define STATUS_WAIT_0                     ((NTSTATUS)0x00000000)
#define STATUS_TIMEOUT                    ((NTSTATUS)0x00000102)
#define STATUS_PENDING                    ((NTSTATUS)0x00000103)
#define STATUS_OBJECT_NAME_EXISTS         ((NTSTATUS)0x40000000)
#define STATUS_BUFFER_OVERFLOW            ((NTSTATUS)0x80000005)
#define STATUS_NO_MORE_ENTRIES            ((NTSTATUS)0x8000001a)
#define STATUS_UNSUCCESSFUL               ((NTSTATUS)0xc0000001)
#define STATUS_NOT_IMPLEMENTED            ((NTSTATUS)0xc0000002)
#define STATUS_INVALID_HANDLE             ((NTSTATUS)0xc0000008)
#define STATUS_INVALID_PARAMETER          ((NTSTATUS)0xc000000d)
#define STATUS_NO_SUCH_DEVICE             ((NTSTATUS)0xc000000e)
#define STATUS_INVALID_DEVICE_REQUEST     ((NTSTATUS)0xc0000010)
#define STATUS_MORE_PROCESSING_REQUIRED   ((NTSTATUS)0xc0000016)
#define STATUS_ACCESS_DENIED              ((NTSTATUS)0xc0000022)
#define STATUS_BUFFER_TOO_SMALL           ((NTSTATUS)0xc0000023)
#define STATUS_OBJECT_TYPE_MISMATCH       ((NTSTATUS)0xc0000024)
#define STATUS_OBJECT_NAME_INVALID        ((NTSTATUS)0xc0000033)
#define STATUS_OBJECT_NAME_NOT_FOUND      ((NTSTATUS)0xc0000034)
#define STATUS_OBJECT_NAME_COLLISION      ((NTSTATUS)0xc0000035)
#define STATUS_DELETE_PENDING             ((NTSTATUS)0xc0000056)
#define STATUS_INSUFFICIENT_RESOURCES     ((NTSTATUS)0xc000009a)
#define STATUS_DEVICE_NOT_CONNECTED       ((NTSTATUS)0xc000009d)
#define STATUS_DEVICE_NOT_READY           ((NTSTATUS)0xc00000a3)
#define STATUS_NOT_SUPPORTED              ((NTSTATUS)0xc00000bb)
#define STATUS_INTERNAL_ERROR             ((NTSTATUS)0xc00000e5)
#define STATUS_NOT_A_DIRECTORY            ((NTSTATUS)0xc0000103)
#define STATUS_CANCELLED                  ((NTSTATUS)0xc0000120)
#define STATUS_DEVICE_CONFIGURATION_ERROR ((NTSTATUS)0xc0000182)
#define STATUS_INVALID_DEVICE_STATE       ((NTSTATUS)0xc0000184)
#define STATUS_IO_DEVICE_ERROR            ((NTSTATUS)0xc0000185)
#define STATUS_DEVICE_BUSY                ((NTSTATUS)0x80000011)
#define STATUS_DEVICE_DOES_NOT_EXIST      ((NTSTATUS)0xc00000c0)
#define STATUS_DEVICE_REMOVED             ((NTSTATUS)0xc00002b6)
#define STATUS_WMI_GUID_NOT_FOUND         ((NTSTATUS)0xc0000295)
#define STATUS_WMI_INSTANCE_NOT_FOUND     ((NTSTATUS)0xc0000296)
#define STATUS_WMI_ITEMID_NOT_FOUND       ((NTSTATUS)0xc0000297)
#define STATUS_WMI_NOT_SUPPORTED          ((NTSTATUS)0xc00002dd)
#define STATUS_WMI_READ_ONLY              ((NTSTATUS)0xc00002c6)
#define STATUS_WMI_SET_FAILURE            ((NTSTATUS)0xc00002c7)

/* ---- lists ------------------------------------------------------------------------------ */

typedef struct _LIST_ENTRY {
	struct _LIST_ENTRY *Flink;
	struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

static inline void InitializeListHead(LIST_ENTRY *head)
{
	head->Flink = head;
	head->Blink = head;
}

static inline BOOLEAN IsListEmpty(const LIST_ENTRY *head)
{
	return head->Flink == head;
}

static inline BOOLEAN RemoveEntryList(LIST_ENTRY *entry)
{
	entry->Blink->Flink = entry->Flink;
	entry->Flink->Blink = entry->Blink;
	return entry->Flink == entry->Blink;
}

static inline LIST_ENTRY *RemoveHeadList(LIST_ENTRY *head)
{
	LIST_ENTRY *entry = head->Flink;

	RemoveEntryList(entry);
	return entry;
}

static inline void InsertTailList(LIST_ENTRY *head, LIST_ENTRY *entry)
{
	entry->Flink = head;
	entry->Blink = head->Blink;
	head->Blink->Flink = entry;
	head->Blink = entry;
}

static inline void InsertHeadList(LIST_ENTRY *head, LIST_ENTRY *entry)
{
	entry->Flink = head->Flink;
	entry->Blink = head;
	head->Flink->Blink = entry;
	head->Flink = entry;
}

#endif
