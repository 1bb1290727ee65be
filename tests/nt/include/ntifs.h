/* SPDX-License-Identifier: MIT */
/* What a driver includes as <ntifs.h>: objects and their security. The rest is wdm.h's. */
#ifndef TESTS_NT_NTIFS_H
#define TESTS_NT_NTIFS_H

#include "wdm.h"

#define WRITE_DAC                 0x40000
#define DACL_SECURITY_INFORMATION 4

typedef PVOID PACCESS_STATE;
typedef PVOID PSECURITY_DESCRIPTOR;
typedef ULONG SECURITY_INFORMATION;

NTSTATUS ObOpenObjectByPointer(PVOID object, ULONG attributes, PACCESS_STATE state,
			       ACCESS_MASK access, POBJECT_TYPE type, KPROCESSOR_MODE mode,
			       HANDLE *handle);
NTSTATUS ZwSetSecurityObject(HANDLE handle, SECURITY_INFORMATION what,
			     PSECURITY_DESCRIPTOR descriptor);

NTSTATUS ZwWaitForSingleObject(HANDLE handle, BOOLEAN alertable, LARGE_INTEGER *timeout);

#endif
