/* SPDX-License-Identifier: MIT */
/*
 * See kernel_client.h.
 */
#include <stdarg.h>

#include "kernel_client.h"

#define LINE_BYTES 512
#define NO_CODE    0 /* that any driver knows */

/* Of ntoskrnl; the headers have them among what is for C programs and for file systems. */
NTSTATUS NTAPI ZwDeviceIoControlFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine,
				     void *context, IO_STATUS_BLOCK *answer, ULONG code,
				     void *input, ULONG input_bytes, void *output,
				     ULONG output_bytes);
int __cdecl _vsnprintf(char *buffer, size_t bytes, const char *format, va_list arguments);

const struct bus_functions *bus;

/* ---- devices -------------------------------------------------------------------------- */

/*
 * The host opens a file some time after it has handed out the handle, and closes it some time
 * after it has taken that back; but it does one thing after another. So when a request has
 * been answered, all before it has been done.
 */
static HANDLE open_named(const WCHAR *name)
{
	OBJECT_ATTRIBUTES attributes;
	IO_STATUS_BLOCK answer;
	UNICODE_STRING wide;
	HANDLE handle;

	RtlInitUnicodeString(&wide, name);
	InitializeObjectAttributes(&attributes, &wide, OBJ_KERNEL_HANDLE, NULL, NULL);
	if (!NT_SUCCESS(ZwOpenFile(&handle, FILE_READ_DATA | SYNCHRONIZE, &attributes, &answer, 0,
				   FILE_SYNCHRONOUS_IO_NONALERT)))
		return NULL;
	ZwDeviceIoControlFile(handle, NULL, NULL, NULL, &answer, NO_CODE, NULL, 0, NULL, 0);
	return handle;
}

static void await_closed(void)
{
	HANDLE handle = open_named(BUS_DEVICE_NAME);

	if (handle)
		ZwClose(handle);
}

DEVICE_OBJECT *kernel_device(const WCHAR *name)
{
	HANDLE handle = open_named(name);
	DEVICE_OBJECT *device = NULL;
	FILE_OBJECT *file;

	if (!handle)
		return NULL;
	if (NT_SUCCESS(
		    ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, (void **)&file, NULL))) {
		device = file->DeviceObject;
		ObDereferenceObject(file);
	}
	ZwClose(handle);
	await_closed();
	return device;
}

static NTSTATUS NTAPI answered(DEVICE_OBJECT *device, IRP *irp, void *context)
{
	(void)device;
	(void)irp;
	(void)context;
	return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The bus answers at once. */
bool kernel_bus(void)
{
	DEVICE_OBJECT *device = kernel_device(BUS_DEVICE_NAME);
	IRP *irp = device ? IoAllocateIrp(device->StackSize, FALSE) : NULL;
	IO_STACK_LOCATION *stack;
	NTSTATUS status;

	if (!irp)
		return false;
	irp->AssociatedIrp.SystemBuffer = (void *)&bus;
	stack = IoGetNextIrpStackLocation(irp);
	stack->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
	stack->Parameters.DeviceIoControl.IoControlCode = BUS_GET_FUNCTIONS;
	stack->Parameters.DeviceIoControl.OutputBufferLength = sizeof(bus);
	IoSetCompletionRoutine(irp, answered, NULL, TRUE, TRUE, TRUE);
	status = IoCallDriver(device, irp);
	IoFreeIrp(irp);
	return NT_SUCCESS(status) && bus->bytes == sizeof(*bus);
}

/* ---- results ---------------------------------------------------------------------------- */

static HANDLE results;

static bool open_results(void)
{
	OBJECT_ATTRIBUTES attributes;
	IO_STATUS_BLOCK status;
	UNICODE_STRING name;

	RtlInitUnicodeString(&name, client_results);
	InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE,
				   NULL, NULL);
	return NT_SUCCESS(ZwCreateFile(&results, FILE_APPEND_DATA | SYNCHRONIZE, &attributes,
				       &status, NULL, FILE_ATTRIBUTE_NORMAL,
				       FILE_SHARE_READ | FILE_SHARE_DELETE, FILE_OVERWRITE_IF,
				       FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0));
}

void report_print(const char *format, ...)
{
	char line[LINE_BYTES];
	IO_STATUS_BLOCK status;
	va_list arguments;
	int bytes;

	va_start(arguments, format);
	bytes = _vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (bytes < 0 || bytes > (int)sizeof(line))
		bytes = sizeof(line);
	ZwWriteFile(results, NULL, NULL, NULL, &status, line, (ULONG)bytes, NULL, NULL);
}

/* ---- the thread --------------------------------------------------------------------------- */

static void NTAPI run(void *context)
{
	(void)context;
	if (!open_results())
		PsTerminateSystemThread(STATUS_UNSUCCESSFUL);
	client_run();
	ZwClose(results);
	PsTerminateSystemThread(STATUS_SUCCESS);
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
	HANDLE thread;
	NTSTATUS status;

	(void)driver;
	(void)path;
	status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, run, NULL);
	if (NT_SUCCESS(status))
		ZwClose(thread);
	return status;
}
