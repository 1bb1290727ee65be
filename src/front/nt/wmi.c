/* SPDX-License-Identifier: MIT */
/*
 * WMI: how often a port was granted and freed (S-85), one data block with one instance that
 * is called what the port's physical device object is. Read only; no events, no methods,
 * and no description of the block in the image.
 *
 * Devices have none. What is meant for another driver of the stack goes down. A buffer that
 * is too short gets the size that is needed, in the form that its request has for it.
 */
#include "nt.h"

#include <wmistr.h>

/* {4BBB69EA-6853-11D2-8ECE-00C04F8EF481} */
static const GUID counts_guid = {
	0x4bbb69ea, 0x6853, 0x11d2, { 0x8e, 0xce, 0x00, 0xc0, 0x4f, 0x8e, 0xf4, 0x81 }
};

#define COUNTS_BYTES ((ULONG)sizeof(struct PARPORT_WMI_ALLOC_FREE_COUNTS))

/* Where the one instance's data are in an answer with all of them: aligned for any. */
#define ALL_DATA_OFFSET ((ULONG)((sizeof(WNODE_ALL_DATA) + 7) & ~(size_t)7))

struct answer {
	void *buffer;
	ULONG room, used;
};

void opp_nt_wmi_begin(struct opp_nt_port *port)
{
	(void)IoWMIRegistrationControl(port->self, WMIREG_ACTION_REGISTER);
}

void opp_nt_wmi_end(struct opp_nt_port *port)
{
	(void)IoWMIRegistrationControl(port->self, WMIREG_ACTION_DEREGISTER);
}

/* ---- registration -------------------------------------------------------------------------- */

/* Who asks in the newer way gives back the reference to the object. */
static NTSTATUS tell_blocks(struct opp_nt_port *port, struct answer *answer, bool counted)
{
	const ULONG needed = FIELD_OFFSET(WMIREGINFOW, WmiRegGuid) + sizeof(WMIREGGUIDW);
	WMIREGINFOW *info = answer->buffer;

	if (answer->room < sizeof(ULONG))
		return STATUS_BUFFER_TOO_SMALL;
	if (answer->room < needed) {
		*(ULONG *)answer->buffer = needed;
		answer->used = sizeof(ULONG);
		return STATUS_BUFFER_TOO_SMALL;
	}
	RtlZeroMemory(info, needed);
	info->BufferSize = needed;
	info->GuidCount = 1;
	info->WmiRegGuid[0].Guid = counts_guid;
	info->WmiRegGuid[0].Flags = WMIREG_FLAG_INSTANCE_PDO;
	info->WmiRegGuid[0].InstanceCount = 1;
	info->WmiRegGuid[0].Pdo = (ULONG_PTR)port->physical;
	if (counted)
		ObReferenceObject(port->physical);
	answer->used = needed;
	return STATUS_SUCCESS;
}

/* ---- data ---------------------------------------------------------------------------------------- */

static NTSTATUS too_small(struct answer *answer, ULONG needed)
{
	WNODE_TOO_SMALL *node = answer->buffer;

	if (answer->room < sizeof(*node))
		return STATUS_BUFFER_TOO_SMALL;
	node->WnodeHeader.BufferSize = sizeof(*node);
	node->WnodeHeader.Flags |= WNODE_FLAG_TOO_SMALL;
	node->SizeNeeded = needed;
	answer->used = sizeof(*node);
	return STATUS_SUCCESS;
}

static void put_counts(struct opp_nt_port *port, struct answer *answer, ULONG offset)
{
	struct PARPORT_WMI_ALLOC_FREE_COUNTS counts;
	WNODE_HEADER *header = answer->buffer;

	opp_contract_counts(&port->contract, &counts);
	RtlCopyMemory((UCHAR *)answer->buffer + offset, &counts, COUNTS_BYTES);
	KeQuerySystemTime(&header->TimeStamp);
	answer->used = offset + COUNTS_BYTES;
	header->BufferSize = answer->used;
}

static NTSTATUS tell_all(struct opp_nt_port *port, struct answer *answer)
{
	WNODE_ALL_DATA *node = answer->buffer;

	if (answer->room < ALL_DATA_OFFSET + COUNTS_BYTES)
		return too_small(answer, ALL_DATA_OFFSET + COUNTS_BYTES);
	node->WnodeHeader.Flags |= WNODE_FLAG_FIXED_INSTANCE_SIZE;
	node->DataBlockOffset = ALL_DATA_OFFSET;
	node->InstanceCount = 1;
	node->OffsetInstanceNameOffsets = 0;
	node->FixedInstanceSize = COUNTS_BYTES;
	put_counts(port, answer, ALL_DATA_OFFSET);
	return STATUS_SUCCESS;
}

/* Where its data belong the asker says. */
static NTSTATUS tell_one(struct opp_nt_port *port, struct answer *answer)
{
	WNODE_SINGLE_INSTANCE *node = answer->buffer;
	const ULONG least = FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData);

	if (answer->room < least)
		return STATUS_BUFFER_TOO_SMALL;
	if (node->InstanceIndex != 0)
		return STATUS_WMI_INSTANCE_NOT_FOUND;
	if (node->DataBlockOffset < least || node->DataBlockOffset > answer->room)
		return STATUS_INVALID_PARAMETER;
	if (answer->room - node->DataBlockOffset < COUNTS_BYTES)
		return too_small(answer, node->DataBlockOffset + COUNTS_BYTES);
	node->SizeDataBlock = COUNTS_BYTES;
	put_counts(port, answer, node->DataBlockOffset);
	return STATUS_SUCCESS;
}

/* ---- dispatch -------------------------------------------------------------------------------------- */

static NTSTATUS serve_block(struct opp_nt_port *port, const IO_STACK_LOCATION *stack,
			    struct answer *answer)
{
	if (RtlCompareMemory(stack->Parameters.WMI.DataPath, &counts_guid, sizeof(counts_guid)) !=
	    sizeof(counts_guid))
		return STATUS_WMI_GUID_NOT_FOUND;
	switch (stack->MinorFunction) {
	case IRP_MN_QUERY_ALL_DATA: return tell_all(port, answer);
	case IRP_MN_QUERY_SINGLE_INSTANCE: return tell_one(port, answer);
	case IRP_MN_CHANGE_SINGLE_INSTANCE:
	case IRP_MN_CHANGE_SINGLE_ITEM: return STATUS_WMI_READ_ONLY;
	default: return STATUS_INVALID_DEVICE_REQUEST;
	}
}

static bool is_ours(const struct opp_nt_port *port, const IO_STACK_LOCATION *stack)
{
	return stack->Parameters.WMI.ProviderId == (ULONG_PTR)port->self &&
	       (stack->MinorFunction <= IRP_MN_EXECUTE_METHOD ||
		stack->MinorFunction == IRP_MN_REGINFO_EX);
}

static NTSTATUS port_wmi(struct opp_nt_port *port, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	struct answer answer = { .buffer = stack->Parameters.WMI.Buffer,
				 .room = stack->Parameters.WMI.BufferSize };
	NTSTATUS status;

	if (!is_ours(port, stack))
		return opp_nt_pass_down(port, irp);
	if (stack->MinorFunction == IRP_MN_REGINFO || stack->MinorFunction == IRP_MN_REGINFO_EX)
		status = tell_blocks(port, &answer, stack->MinorFunction == IRP_MN_REGINFO_EX);
	else
		status = serve_block(port, stack, &answer);
	return opp_nt_complete(irp, status, answer.used);
}

NTSTATUS NTAPI opp_nt_system_control(DEVICE_OBJECT *self, IRP *irp)
{
	struct opp_nt_object *object = self->DeviceExtension;
	NTSTATUS status;

	if (!opp_nt_gate_enter(&object->gate))
		return opp_nt_complete(irp, STATUS_DELETE_PENDING, 0);
	if (object->kind == OPP_NT_PORT)
		status = port_wmi(object->port, irp);
	else
		status = opp_nt_complete(irp, irp->IoStatus.Status, irp->IoStatus.Information);
	opp_nt_gate_leave(&object->gate);
	return status;
}
