/* SPDX-License-Identifier: MIT */
/*
 * testbus.sys comes, offers its functions, loads the driver under test.
 */
#include "inside.h"

#define TESTED_MODULE "parport.sys"

#define LINE_BYTES 160

DRIVER_OBJECT *bus_driver;
static DEVICE_OBJECT *bus_object;
static DRIVER_OBJECT *tested;
static HANDLE log_file;

extern __declspec(dllimport) POBJECT_TYPE *IoDriverObjectType;
NTSTATUS NTAPI ObReferenceObjectByName(UNICODE_STRING *name, ULONG attributes, ACCESS_STATE *state,
				       ACCESS_MASK access, POBJECT_TYPE type, KPROCESSOR_MODE mode,
				       void *context, void **object);

/* ---- the log ------------------------------------------------------------------------------ */

static void open_log(void)
{
	OBJECT_ATTRIBUTES attributes;
	IO_STATUS_BLOCK status;
	UNICODE_STRING name;

	RtlInitUnicodeString(&name, L"\\??\\C:\\openparport\\bus.log");
	InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
	if (!NT_SUCCESS(ZwCreateFile(&log_file, FILE_APPEND_DATA | SYNCHRONIZE, &attributes,
				     &status, NULL, 0, FILE_SHARE_READ, FILE_OPEN_IF,
				     FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0)))
		log_file = NULL;
}

void note(const char *text, uint64_t number)
{
	static const char digits[] = "0123456789abcdef";
	char line[LINE_BYTES];
	IO_STATUS_BLOCK status;
	ULONG length = 0;

	if (!log_file)
		return;
	while (text[length] && length < LINE_BYTES - 19) {
		line[length] = text[length];
		length++;
	}
	line[length++] = ' ';
	for (int shift = 60; shift >= 0; shift -= 4)
		line[length++] = digits[number >> shift & 0xf];
	line[length++] = '\n';
	ZwWriteFile(log_file, NULL, NULL, NULL, &status, line, length, NULL, NULL);
}

/* Something the bus relies on is not so: nothing can be tested. The host process ends. */
_Noreturn void case_failed(const char *file, int line, const char *what, long long got,
			   long long wanted)
{
	note(file, (uint64_t)line);
	note(what, (uint64_t)got);
	note("  wanted", (uint64_t)wanted);
	__builtin_trap();
}

/* ---- the driver under test ------------------------------------------------------------------- */

static NTSTATUS load_tested(void)
{
	UNICODE_STRING service, name;
	uint8_t *module;
	NTSTATUS status;

	RtlInitUnicodeString(&service, L"\\Registry\\Machine\\System\\CurrentControlSet\\Services"
				       L"\\parport");
	RtlInitUnicodeString(&name, L"\\Driver\\parport");
	status = ZwLoadDriver(&service);
	note("parport.sys loaded", (uint32_t)status);
	if (!NT_SUCCESS(status) && status != STATUS_IMAGE_ALREADY_LOADED)
		return status;
	status = ObReferenceObjectByName(&name, OBJ_CASE_INSENSITIVE, NULL, 0, *IoDriverObjectType,
					 KernelMode, NULL, (void **)&tested);
	if (!NT_SUCCESS(status))
		return status;
	module = module_find(TESTED_MODULE);
	if (!module)
		return STATUS_DLL_NOT_FOUND;
	note("imports replaced",
	     module_replace(module, kernel_replacements, kernel_replacement_count));
	return STATUS_SUCCESS;
}

DRIVER_OBJECT *bus_tested_driver(void)
{
	if (!tested && !NT_SUCCESS(load_tested()))
		tested = NULL;
	return tested;
}

/* ---- functions ---------------------------------------------------------------------------------- */

static uint32_t get_changes(struct bus_port *port)
{
	return port->changes;
}

static const struct bus_functions functions = {
	.bytes = sizeof(functions),
	.make = bus_make,
	.destroy = bus_destroy,
	.device = bus_device,
	.pnp = bus_pnp,
	.pnp_query = bus_pnp_query,
	.enumerate = bus_enumerate,
	.remove_lost = bus_remove_lost,
	.remove = bus_remove,
	.power = bus_power,
	.wmi = bus_wmi,
	.changes = get_changes,
	.interrupt = bus_interrupt,
	.settle = bus_settle,
	.pass_ms = bus_pass_ms,
	.pass_days = bus_pass_days,
	.run_freely = bus_run_freely,
	.raise = bus_raise,
	.lower = bus_lower,
	.change_chain = bus_change_chain,
	.forget_addresses = bus_forget_addresses,
	.selected = bus_selected,
	.chip_mode = bus_chip_mode,
	.plug = bus_plug,
	.unplug = bus_unplug,
	.trouble = bus_trouble,
	.room = bus_room,
	.say = bus_say,
	.heard = bus_heard,
	.address = bus_address,
	.mode = bus_mode,
	.accesses = bus_accesses,
	.resets = bus_resets,
	.is_at_rest = bus_is_at_rest,
	.supply = bus_supply,
};

/* ---- requests to the bus itself and to PDOs --------------------------------------------------------- */

static NTSTATUS complete(IRP *irp, NTSTATUS status, ULONG_PTR information)
{
	irp->IoStatus.Status = status;
	irp->IoStatus.Information = information;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}

/* The port that a program has made. */
static struct bus_port *programs;

static NTSTATUS make_for_program(const uint32_t *input, ULONG bytes)
{
	struct bus_port_options options = { .needs = 0 };

	if (bytes != sizeof(options.needs) || programs)
		return STATUS_INVALID_PARAMETER;
	options.needs = *input;
	bus_run_freely(TRUE);
	return bus_make(&options, &programs);
}

/* @buffer: input, then output. */
static NTSTATUS hear_for_program(uint32_t *buffer, ULONG bytes, ULONG room, ULONG_PTR *heard)
{
	if (bytes != sizeof(*buffer) || !programs)
		return STATUS_INVALID_PARAMETER;
	*heard = bus_heard(programs, (uint8_t)*buffer, buffer, room);
	return STATUS_SUCCESS;
}

static NTSTATUS trouble_for_program(const uint32_t *input, ULONG bytes)
{
	if (bytes != 2 * sizeof(*input) || !programs)
		return STATUS_INVALID_PARAMETER;
	bus_trouble(programs, (uint8_t)input[0], (enum device_trouble)input[1]);
	return STATUS_SUCCESS;
}

static NTSTATUS serve_program(const IO_STACK_LOCATION *stack, void *buffer, ULONG_PTR *information)
{
	const ULONG input = stack->Parameters.DeviceIoControl.InputBufferLength;
	const ULONG output = stack->Parameters.DeviceIoControl.OutputBufferLength;

	switch (stack->Parameters.DeviceIoControl.IoControlCode) {
	case BUS_MAKE_PORT: return make_for_program(buffer, input);
	case BUS_HEARD: return hear_for_program(buffer, input, output, information);
	case BUS_TROUBLE: return trouble_for_program(buffer, input);
	default: return STATUS_INVALID_DEVICE_REQUEST;
	}
}

static DRIVER_DISPATCH control;
static NTSTATUS NTAPI control(DEVICE_OBJECT *device, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	const struct bus_functions *answer = &functions;
	void *buffer = irp->AssociatedIrp.SystemBuffer;
	ULONG_PTR information = 0;
	NTSTATUS status;

	if (device != bus_object)
		return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
	if (stack->MajorFunction == IRP_MJ_DEVICE_CONTROL) {
		status = serve_program(stack, buffer, &information);
		return complete(irp, status, information);
	}
	if (stack->Parameters.DeviceIoControl.IoControlCode != BUS_GET_FUNCTIONS ||
	    stack->Parameters.DeviceIoControl.OutputBufferLength != sizeof(answer))
		return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
	memcpy(buffer, &answer, sizeof(answer));
	return complete(irp, STATUS_SUCCESS, sizeof(answer));
}

static DRIVER_DISPATCH succeed;
static NTSTATUS NTAPI succeed(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	return complete(irp, STATUS_SUCCESS, 0);
}

static DRIVER_UNLOAD unload;
static VOID NTAPI unload(DRIVER_OBJECT *driver)
{
	UNICODE_STRING link;

	(void)driver;
	RtlInitUnicodeString(&link, BUS_LINK_NAME);
	IoDeleteSymbolicLink(&link);
	IoDeleteDevice(bus_object);
	clock_end();
	traps_end();
}

static NTSTATUS create_bus(DRIVER_OBJECT *driver)
{
	UNICODE_STRING name, link;
	NTSTATUS status;

	RtlInitUnicodeString(&name, BUS_DEVICE_NAME);
	RtlInitUnicodeString(&link, BUS_LINK_NAME);
	status = IoCreateDevice(driver, 0, &name, FILE_DEVICE_BUS_EXTENDER, 0, FALSE, &bus_object);
	if (!NT_SUCCESS(status))
		return status;
	bus_object->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
	return IoCreateSymbolicLink(&link, &name);
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *registry_path)
{
	NTSTATUS status;

	(void)registry_path;
	bus_driver = driver;
	driver->MajorFunction[IRP_MJ_CREATE] = succeed;
	driver->MajorFunction[IRP_MJ_CLEANUP] = succeed;
	driver->MajorFunction[IRP_MJ_CLOSE] = succeed;
	driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
	driver->MajorFunction[IRP_MJ_INTERNAL_DEVICE_CONTROL] = control;
	driver->MajorFunction[IRP_MJ_PNP] = pdo_pnp;
	driver->MajorFunction[IRP_MJ_POWER] = pdo_power;
	driver->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = pdo_system_control;
	driver->DriverUnload = unload;
	open_log();
	note("testbus.sys", 0);
	traps_begin();
	status = clock_begin();
	if (NT_SUCCESS(status))
		status = create_bus(driver);
	return status;
}
