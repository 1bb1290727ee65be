/* SPDX-License-Identifier: MIT */
/* See stack.h. */
#include "stack.h"

static void fill_control(IO_STACK_LOCATION *stack, const struct call *call)
{
	stack->Parameters.DeviceIoControl.IoControlCode = call->code;
	stack->Parameters.DeviceIoControl.InputBufferLength = call->input_bytes;
	stack->Parameters.DeviceIoControl.OutputBufferLength = call->output_bytes;
}

void stack_fill(IO_STACK_LOCATION *stack, const struct call *call)
{
	switch (call->major) {
	case IRP_MJ_READ:
		stack->Parameters.Read.Length = call->output_bytes;
		stack->Parameters.Read.ByteOffset.QuadPart = call->byte_offset;
		break;
	case IRP_MJ_WRITE:
		stack->Parameters.Write.Length = call->input_bytes;
		stack->Parameters.Write.ByteOffset.QuadPart = call->byte_offset;
		break;
	case IRP_MJ_QUERY_INFORMATION:
		stack->Parameters.QueryFile.Length = call->output_bytes;
		stack->Parameters.QueryFile.FileInformationClass =
			(FILE_INFORMATION_CLASS)call->information_class;
		break;
	case IRP_MJ_SET_INFORMATION:
		stack->Parameters.SetFile.Length = call->input_bytes;
		stack->Parameters.SetFile.FileInformationClass =
			(FILE_INFORMATION_CLASS)call->information_class;
		break;
	case IRP_MJ_DEVICE_CONTROL:
	case IRP_MJ_INTERNAL_DEVICE_CONTROL: fill_control(stack, call); break;
	default: break;
	}
}
