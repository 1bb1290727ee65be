/* SPDX-License-Identifier: MIT */
/*
 * What a port asks for before it starts: its ranges, but no interrupt. The driver has no use
 * for one, and a port whose interrupt somebody else has can start without. Where clients may
 * connect to it, port_pnp.c leaves the requirements as they are.
 */
#include "nt.h"

static const IO_RESOURCE_LIST *after(const IO_RESOURCE_LIST *list)
{
	return (const IO_RESOURCE_LIST *)&list->Descriptors[list->Count];
}

/* Alternatives to an interrupt are interrupts: whatever stays is what it was. */
static void copy_but_interrupts(IO_RESOURCE_LIST *to, const IO_RESOURCE_LIST *from)
{
	to->Version = from->Version;
	to->Revision = from->Revision;
	to->Count = 0;
	for (ULONG i = 0; i < from->Count; i++) {
		if (from->Descriptors[i].Type != CmResourceTypeInterrupt)
			to->Descriptors[to->Count++] = from->Descriptors[i];
	}
}

static void copy_lists(IO_RESOURCE_REQUIREMENTS_LIST *to, const IO_RESOURCE_REQUIREMENTS_LIST *from)
{
	const IO_RESOURCE_LIST *source = from->List;
	IO_RESOURCE_LIST *list = to->List;

	RtlCopyMemory(to, from, FIELD_OFFSET(IO_RESOURCE_REQUIREMENTS_LIST, List));
	for (ULONG i = 0; i < from->AlternativeLists; i++) {
		copy_but_interrupts(list, source);
		source = after(source);
		list = (IO_RESOURCE_LIST *)&list->Descriptors[list->Count];
	}
	to->ListSize = (ULONG)((UCHAR *)list - (UCHAR *)to);
}

NTSTATUS opp_nt_drop_interrupts(IRP *irp)
{
	IO_RESOURCE_REQUIREMENTS_LIST *all =
		(IO_RESOURCE_REQUIREMENTS_LIST *)irp->IoStatus.Information;
	IO_RESOURCE_REQUIREMENTS_LIST *fewer;

	if (!all)
		return irp->IoStatus.Status;
	fewer = ExAllocatePoolWithTag(PagedPool, all->ListSize, OPP_NT_POOL_TAG);
	if (!fewer)
		return STATUS_INSUFFICIENT_RESOURCES;
	copy_lists(fewer, all);
	ExFreePool(all);
	irp->IoStatus.Information = (ULONG_PTR)fewer;
	return STATUS_SUCCESS;
}
