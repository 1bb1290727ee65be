/* SPDX-License-Identifier: MIT */
/*
 * Who may open a device on a port, from the moment that there is an object for it: the list of
 * lptraw.inf. A set-up that has a list of its own for the device puts that in its place; most
 * have none, and the system's default lets everybody in.
 */
#include <ntifs.h>

#include "nt.h"

#define U16(value) (value) & 0xff, (value) >> 8
#define U32(value) U16((value)&0xffff), U16((value) >> 16)

#define GENERIC_EVERYTHING 0x10000000u
#define GENERIC_READ_WRITE 0xc0000000u

#define ALLOWED 0
#define DENIED  1

/* S-1-5-x, S-1-5-x-y, and the entry of an access list for each of them. */
#define SID_1(x)                  1, 1, 0, 0, 0, 0, 0, 5, U32(x)
#define SID_2(x, y)               1, 2, 0, 0, 0, 0, 0, 5, U32(x), U32(y)
#define ENTRY_1(kind, mask, x)    kind, 0, U16(20u), U32(mask), SID_1(x)
#define ENTRY_2(kind, mask, x, y) kind, 0, U16(24u), U32(mask), SID_2(x, y)

#define HEADER_BYTES 20u
#define LIST_BYTES   (8u + 3u * 20u + 24u)

/* Self-relative, without owner, group and audit; and the head of its list. */
#define HEADER 1, 0, U16(0x9004u), U32(0u), U32(0u), U32(0u), U32(HEADER_BYTES)
#define LIST   2, 0, U16(LIST_BYTES), U16(4u), U16(0u)

/* D:P(D;;GA;;;NU)(A;;GA;;;SY)(A;;GA;;;BA)(A;;GRGW;;;IU) */
static const _Alignas(8) uint8_t descriptor[] = {
	HEADER,
	LIST,
	ENTRY_1(DENIED, GENERIC_EVERYTHING, 2u),         /* who comes over the network */
	ENTRY_1(ALLOWED, GENERIC_EVERYTHING, 18u),       /* the system */
	ENTRY_2(ALLOWED, GENERIC_EVERYTHING, 32u, 544u), /* administrators */
	ENTRY_1(ALLOWED, GENERIC_READ_WRITE, 4u),        /* who is logged on here */
};
_Static_assert(sizeof(descriptor) == HEADER_BYTES + LIST_BYTES, "its parts say how long they are");

NTSTATUS opp_nt_secure(DEVICE_OBJECT *device)
{
	NTSTATUS status;
	HANDLE handle;

	status = ObOpenObjectByPointer(device, OBJ_KERNEL_HANDLE, NULL, WRITE_DAC, NULL, KernelMode,
				       &handle);
	if (!NT_SUCCESS(status))
		return status;
	status = ZwSetSecurityObject(handle, DACL_SECURITY_INFORMATION,
				     (PSECURITY_DESCRIPTOR)(ULONG_PTR)descriptor);
	(void)ZwClose(handle);
	return status;
}
