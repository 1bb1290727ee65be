/* SPDX-License-Identifier: MIT */
/* What a device asks for before it is given something: lists of requirements. See kernel.h. */
#include "private.h"

#define TAG     0x71655265u
#define LISTS   2u
#define IN_LIST 4u

static void add_range(IO_RESOURCE_LIST *list, uint16_t port, uint16_t span)
{
	if (!span)
		return;
	list->Descriptors[list->Count++] = (IO_RESOURCE_DESCRIPTOR){
		.Type = CmResourceTypePort,
		.Flags = CM_RESOURCE_PORT_IO,
		.u.Port = { .Length = span,
			    .Alignment = 1,
			    .MinimumAddress.QuadPart = port,
			    .MaximumAddress.QuadPart = port + span - 1 },
	};
}

static void add_interrupt(IO_RESOURCE_LIST *list, UCHAR option, ULONG vector)
{
	list->Descriptors[list->Count++] = (IO_RESOURCE_DESCRIPTOR){
		.Option = option,
		.Type = CmResourceTypeInterrupt,
		.Flags = CM_RESOURCE_INTERRUPT_LATCHED,
		.u.Interrupt = { vector, vector },
	};
}

/* The interrupt stands before and between the ranges, and one list gives a choice. */
static IO_RESOURCE_LIST *fill(IO_RESOURCE_LIST *list, const struct kernel_resources *resources,
			      bool chooses)
{
	*list = (IO_RESOURCE_LIST){ .Version = 1, .Revision = 1 };
	if (resources->vector && chooses)
		add_interrupt(list, 0, resources->vector + 1);
	if (resources->vector && chooses)
		add_interrupt(list, IO_RESOURCE_ALTERNATIVE, resources->vector);
	add_range(list, resources->port, resources->span);
	if (resources->vector && !chooses)
		add_interrupt(list, 0, resources->vector);
	add_range(list, resources->ecp_port, resources->ecp_span);
	return (IO_RESOURCE_LIST *)&list->Descriptors[list->Count];
}

static IO_RESOURCE_REQUIREMENTS_LIST *requirements(const struct kernel_resources *resources)
{
	const size_t list_bytes =
		sizeof(IO_RESOURCE_LIST) + IN_LIST * sizeof(IO_RESOURCE_DESCRIPTOR);
	IO_RESOURCE_REQUIREMENTS_LIST *all =
		pool_must_alloc(sizeof(*all) + LISTS * list_bytes, TAG);
	IO_RESOURCE_LIST *list;

	*all = (IO_RESOURCE_REQUIREMENTS_LIST){ .InterfaceType = Isa, .AlternativeLists = LISTS };
	list = fill(all->List, resources, false);
	list = fill(list, resources, true);
	all->ListSize = (ULONG)((UCHAR *)list - (UCHAR *)all);
	return all;
}

IO_RESOURCE_REQUIREMENTS_LIST *kernel_filter(struct kernel_node *node,
					     const struct kernel_resources *resources)
{
	IRP *irp = kernel_irp_new(node->physical, NULL, IRP_MJ_PNP,
				  IRP_MN_FILTER_RESOURCE_REQUIREMENTS, NULL, NULL);
	ULONG_PTR answer;
	NTSTATUS status;

	irp->IoStatus.Information = (ULONG_PTR)requirements(resources);
	IoGetNextIrpStackLocation(irp)
		->Parameters.FilterResourceRequirements.IoResourceRequirementList =
		(void *)irp->IoStatus.Information;
	status = send_and_wait(node->physical, irp, &answer);
	MUST(NT_SUCCESS(status) || status == STATUS_NOT_SUPPORTED ||
	     status == STATUS_INSUFFICIENT_RESOURCES);
	return (IO_RESOURCE_REQUIREMENTS_LIST *)answer;
}

bool wants_interrupt(struct kernel_node *node, const struct kernel_resources *resources)
{
	IO_RESOURCE_REQUIREMENTS_LIST *filtered = kernel_filter(node, resources);
	const IO_RESOURCE_LIST *list = filtered->List;
	bool wants = false;

	for (ULONG i = 0; i < list->Count; i++)
		wants |= list->Descriptors[i].Type == CmResourceTypeInterrupt;
	ExFreePool(filtered);
	return wants;
}
