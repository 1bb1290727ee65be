/* SPDX-License-Identifier: MIT */
/*
 * The Plug and Play manager, and the bus that the driver's ports stand on. What the bus has
 * to do for a start it does later, on a thread of its own. See kernel.h.
 */
#include <stdlib.h>

#include "private.h"

static struct {
	DRIVER_OBJECT driver;
	DRIVER_EXTENSION extension;
	bool loaded;
	DRIVER_OBJECT bus;
	DRIVER_EXTENSION bus_extension;
	struct kernel_node *nodes;
	struct _ETHREAD *manager; /* who does something to the nodes */
	uint32_t depth;
} pnp;

/* One thing at a time is done to the nodes. */
static bool nobody_manages(void *me)
{
	return !pnp.manager || pnp.manager == me;
}

static void manage(void)
{
	enter("the Plug and Play manager", PASSIVE_LEVEL);
	(void)block(nobody_manages, self(), KERNEL_NEVER);
	pnp.manager = self();
	pnp.depth++;
	leave();
}

static void manage_no_more(void)
{
	enter("the Plug and Play manager", PASSIVE_LEVEL);
	if (--pnp.depth == 0)
		pnp.manager = NULL;
	leave();
}

/* ---- requests ------------------------------------------------------------------------- */

struct wait {
	bool ended;
	IO_STATUS_BLOCK result;
};

static void note_end(void *context, IRP *irp)
{
	struct wait *wait = context;

	wait->result = irp->IoStatus;
	order_release(wait);
	wait->ended = true;
}

static bool has_ended(void *wait)
{
	return ((struct wait *)wait)->ended;
}

NTSTATUS send_and_wait(DEVICE_OBJECT *device, IRP *irp, ULONG_PTR *information)
{
	struct wait wait = { 0 };
	NTSTATUS status;

	irp_tell(irp, note_end, &wait);
	status = kernel_irp_send(device, irp);
	if (status != STATUS_PENDING && !wait.ended)
		kernel_fatal("a packet is not completed, its dispatch returned %#x",
			     (unsigned)status);
	kernel_wait_for(has_ended, &wait);
	order_acquire(&wait);
	if (status != STATUS_PENDING && status != wait.result.Status)
		kernel_fatal("a packet ends with %#x, its dispatch returned %#x",
			     (unsigned)wait.result.Status, (unsigned)status);
	if (information)
		*information = wait.result.Information;
	return wait.result.Status;
}

static IRP *request(struct kernel_node *node, UCHAR minor)
{
	return kernel_irp_new(node->physical, NULL, IRP_MJ_PNP, minor, NULL, NULL);
}

NTSTATUS kernel_pnp(struct kernel_node *node, UCHAR minor)
{
	return send_and_wait(node->physical, request(node, minor), NULL);
}

void kernel_ask_and_cancel(struct kernel_node *node, UCHAR query, UCHAR cancel)
{
	manage();
	if (node->state == NODE_STARTED) {
		(void)kernel_pnp(node, query);
		MUST(NT_SUCCESS(kernel_pnp(node, cancel)));
	}
	manage_no_more();
}

static bool take_text(ULONG_PTR text, WCHAR *room, size_t words)
{
	PCWSTR from = (PCWSTR)text;
	size_t i = 0;

	if (!from)
		return false;
	/* A list of hardware ids has NULs inside and two at its end. */
	while (i + 1 < words && (from[i] || (i && from[i + 1]))) {
		room[i] = from[i];
		i++;
	}
	room[i] = 0;
	ExFreePool((void *)text);
	return true;
}

bool kernel_query_id(struct kernel_node *node, BUS_QUERY_ID_TYPE type, WCHAR *room, size_t words)
{
	IRP *irp = request(node, IRP_MN_QUERY_ID);
	ULONG_PTR answer;

	IoGetNextIrpStackLocation(irp)->Parameters.QueryId.IdType = type;
	return NT_SUCCESS(send_and_wait(node->physical, irp, &answer)) &&
	       take_text(answer, room, words);
}

bool kernel_query_text(struct kernel_node *node, DEVICE_TEXT_TYPE type, WCHAR *room, size_t words)
{
	IRP *irp = request(node, IRP_MN_QUERY_DEVICE_TEXT);
	ULONG_PTR answer;

	IoGetNextIrpStackLocation(irp)->Parameters.QueryDeviceText.DeviceTextType = type;
	return NT_SUCCESS(send_and_wait(node->physical, irp, &answer)) &&
	       take_text(answer, room, words);
}

NTSTATUS kernel_query_capabilities(struct kernel_node *node, DEVICE_CAPABILITIES *capabilities)
{
	IRP *irp = request(node, IRP_MN_QUERY_CAPABILITIES);

	*capabilities = (DEVICE_CAPABILITIES){
		.Size = sizeof(*capabilities),
		.Version = 1,
		.Address = UINT32_MAX,
		.UINumber = UINT32_MAX,
	};
	IoGetNextIrpStackLocation(irp)->Parameters.DeviceCapabilities.Capabilities = capabilities;
	return send_and_wait(node->physical, irp, NULL);
}

/* ---- the bus below ------------------------------------------------------------------------ */

/* As late, and at as high a level, as a bus may. */
static void complete_later(void *context)
{
	IRP *irp = context;
	KIRQL before;

	irp->IoStatus.Status = STATUS_SUCCESS;
	KeRaiseIrql(DISPATCH_LEVEL, &before);
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	KeLowerIrql(before);
}

static NTSTATUS pend(IRP *irp)
{
	IoMarkIrpPending(irp);
	enter("the bus", DISPATCH_LEVEL);
	thread_put(thread_new("of the bus", complete_later, irp, true));
	leave();
	return STATUS_PENDING;
}

static void fill_capabilities(DEVICE_CAPABILITIES *capabilities)
{
	capabilities->DeviceState[PowerSystemWorking] = PowerDeviceD0;
	for (int state = PowerSystemSleeping1; state < PowerSystemMaximum; state++)
		capabilities->DeviceState[state] = PowerDeviceD3;
}

static NTSTATUS bus_pnp(DEVICE_OBJECT *device, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	NTSTATUS status;

	(void)device;
	switch (stack->MinorFunction) {
	case IRP_MN_START_DEVICE: return pend(irp);
	case IRP_MN_QUERY_CAPABILITIES:
		fill_capabilities(stack->Parameters.DeviceCapabilities.Capabilities);
		irp->IoStatus.Status = STATUS_SUCCESS;
		break;
	case IRP_MN_QUERY_REMOVE_DEVICE:
	case IRP_MN_CANCEL_REMOVE_DEVICE:
	case IRP_MN_REMOVE_DEVICE:
	case IRP_MN_QUERY_STOP_DEVICE:
	case IRP_MN_CANCEL_STOP_DEVICE:
	case IRP_MN_STOP_DEVICE:
	case IRP_MN_SURPRISE_REMOVAL: irp->IoStatus.Status = STATUS_SUCCESS; break;
	default: break;
	}
	status = irp->IoStatus.Status;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}

static NTSTATUS bus_dispatch_power(DEVICE_OBJECT *device, IRP *irp)
{
	(void)device;
	PoStartNextPowerIrp(irp);
	return pend(irp);
}

/* Who sends a request on below that nobody there serves. */
static NTSTATUS bus_other(DEVICE_OBJECT *device, IRP *irp)
{
	const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
	NTSTATUS status = irp->IoStatus.Status;

	(void)device;
	if (stack->MajorFunction != IRP_MJ_SYSTEM_CONTROL)
		kernel_fatal("major %#x arrives at the bus", stack->MajorFunction);
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}

/* ---- the driver ------------------------------------------------------------------------------ */

static void init_driver(DRIVER_OBJECT *driver, DRIVER_EXTENSION *extension)
{
	*driver = (DRIVER_OBJECT){ .DriverExtension = extension };
	*extension = (DRIVER_EXTENSION){ .DriverObject = driver };
}

NTSTATUS kernel_load(DRIVER_INITIALIZE *entry)
{
	UNICODE_STRING path;
	NTSTATUS status;

	init_driver(&pnp.driver, &pnp.extension);
	init_driver(&pnp.bus, &pnp.bus_extension);
	for (int major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++)
		pnp.bus.MajorFunction[major] = bus_other;
	pnp.bus.MajorFunction[IRP_MJ_PNP] = bus_pnp;
	pnp.bus.MajorFunction[IRP_MJ_POWER] = bus_dispatch_power;
	RtlInitUnicodeString(&path, L"\\Registry\\Machine\\System\\Services\\parport");
	status = entry(&pnp.driver, &path);
	pnp.loaded = NT_SUCCESS(status);
	return status;
}

void kernel_unload(void)
{
	MUST(pnp.loaded && !pnp.driver.DeviceObject);
	MUST(pnp.driver.DriverUnload);
	pnp.driver.DriverUnload(&pnp.driver);
	pnp.loaded = false;
}

/* ---- nodes --------------------------------------------------------------------------------------- */

struct kernel_node *node_of(const DEVICE_OBJECT *physical)
{
	struct kernel_node *node = pnp.nodes;

	while (node && node->physical != physical)
		node = node->next;
	return node;
}

/* Has a reference to @physical already. */
static struct kernel_node *node_new(DEVICE_OBJECT *physical, struct kernel_node *parent)
{
	struct kernel_node *node = calloc(1, sizeof(*node));

	MUST(node);
	node->physical = physical;
	node->parent = parent;
	node->next = pnp.nodes;
	pnp.nodes = node;
	return node;
}

struct kernel_node *kernel_node_new(void)
{
	DEVICE_OBJECT *physical;

	MUST(IoCreateDevice(&pnp.bus, 0, NULL, 0, 0, FALSE, &physical) == STATUS_SUCCESS);
	physical->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
	ObReferenceObject(physical);
	return node_new(physical, NULL);
}

static void node_free(struct kernel_node *node)
{
	struct kernel_node **place = &pnp.nodes;

	while (*place != node)
		place = &(*place)->next;
	*place = node->next;
	if (!node->parent)
		IoDeleteDevice(node->physical);
	ObDereferenceObject(node->physical);
	free(node);
}

NTSTATUS kernel_add(struct kernel_node *node)
{
	NTSTATUS status = pnp.extension.AddDevice(&pnp.driver, node->physical);
	const DEVICE_OBJECT *top = device_top(node->physical);

	if (NT_SUCCESS(status) == (top == node->physical))
		kernel_fatal("AddDevice returns %#x, its device is %sthere", (unsigned)status,
			     top == node->physical ? "not " : "");
	if (top->Flags & DO_DEVICE_INITIALIZING)
		kernel_fatal("AddDevice leaves DO_DEVICE_INITIALIZING");
	return status;
}

struct kernel_node *kernel_child(struct kernel_node *node, uint32_t index)
{
	for (struct kernel_node *child = pnp.nodes; child; child = child->next) {
		if (child->parent == node && index-- == 0)
			return child;
	}
	return NULL;
}

struct kernel_node *kernel_child_named(struct kernel_node *node, PCWSTR name)
{
	struct kernel_node *child;

	for (uint32_t i = 0; (child = kernel_child(node, i)); i++) {
		if (same_text(kernel_name_of(child->physical), name, text_length(name)))
			return child;
	}
	return NULL;
}

/* ---- start ------------------------------------------------------------------------------------------ */

struct resource_list {
	CM_RESOURCE_LIST list;
	CM_PARTIAL_RESOURCE_DESCRIPTOR more[3];
};

static void add_range(CM_PARTIAL_RESOURCE_LIST *list, uint32_t port, uint32_t span, bool in_memory)
{
	if (!span)
		return;
	list->PartialDescriptors[list->Count++] = (CM_PARTIAL_RESOURCE_DESCRIPTOR){
		.Type = in_memory ? CmResourceTypeMemory : CmResourceTypePort,
		.ShareDisposition = CmResourceShareDeviceExclusive,
		.Flags = CM_RESOURCE_PORT_IO,
		.u.Port = { .Start.QuadPart = port, .Length = span },
	};
}

/* @translated: as the processor sees it, else as the bus does. */
static void fill(struct resource_list *to, const struct kernel_resources *resources,
		 bool translated)
{
	CM_PARTIAL_RESOURCE_LIST *list = &to->list.List[0].PartialResourceList;
	const uint32_t more = translated ? TRANSLATED(0) : 0;

	*to = (struct resource_list){ .list = { .Count = 1 } };
	to->list.List[0].InterfaceType = Isa;
	to->list.List[0].BusNumber = 2;
	list->Version = list->Revision = 1;
	if (resources->swapped)
		add_range(list, resources->ecp_port + more, resources->ecp_span, false);
	add_range(list, resources->port + more, resources->span, resources->in_memory);
	if (!resources->swapped)
		add_range(list, resources->ecp_port + more, resources->ecp_span, false);
	if (!resources->vector)
		return;
	list->PartialDescriptors[list->Count++] = (CM_PARTIAL_RESOURCE_DESCRIPTOR){
		.Type = CmResourceTypeInterrupt,
		.ShareDisposition =
			resources->shared ? CmResourceShareShared : CmResourceShareDeviceExclusive,
		.Flags = CM_RESOURCE_INTERRUPT_LATCHED,
		.u.Interrupt = { .Level = translated ? DEVICE_IRQL : 7,
				 .Vector = translated ? resources->vector : 7,
				 .Affinity = 3 },
	};
}

static NTSTATUS start(struct kernel_node *node, CM_RESOURCE_LIST *raw, CM_RESOURCE_LIST *translated)
{
	IRP *irp = request(node, IRP_MN_START_DEVICE);
	IO_STACK_LOCATION *stack = IoGetNextIrpStackLocation(irp);
	NTSTATUS status;

	manage();
	stack->Parameters.StartDevice.AllocatedResources = raw;
	stack->Parameters.StartDevice.AllocatedResourcesTranslated = translated;
	status = send_and_wait(node->physical, irp, NULL);
	if (NT_SUCCESS(status))
		node->state = NODE_STARTED;
	manage_no_more();
	return status;
}

NTSTATUS kernel_start(struct kernel_node *node, const struct kernel_resources *resources)
{
	DEVICE_CAPABILITIES capabilities;
	struct kernel_resources given;
	struct resource_list raw;
	struct resource_list translated;
	NTSTATUS status;

	if (!resources)
		return start(node, NULL, NULL);
	manage();
	given = *resources;
	if (!wants_interrupt(node, resources))
		given.vector = 0;
	fill(&raw, &given, false);
	fill(&translated, &given, true);
	(void)kernel_query_capabilities(node, &capabilities);
	status = start(node, &raw.list, &translated.list);
	manage_no_more();
	return status;
}

NTSTATUS kernel_start_child(struct kernel_node *child)
{
	return start(child, NULL, NULL);
}

/* ---- who is there -------------------------------------------------------------------------------------- */

VOID IoInvalidateDeviceRelations(DEVICE_OBJECT *physical, DEVICE_RELATION_TYPE type)
{
	struct kernel_node *node;

	ENTER(DISPATCH_LEVEL);
	node = node_of(physical);
	if (!node || type != BusRelations)
		kernel_fatal("relations are invalidated of a device that has none");
	node->invalidated++;
	node->rescan = true;
	leave();
}

static void take_relations(struct kernel_node *parent, DEVICE_RELATIONS *relations)
{
	for (ULONG i = 0; i < relations->Count; i++) {
		DEVICE_OBJECT *physical = relations->Objects[i];
		struct kernel_node *node = node_of(physical);

		if (physical->Flags & DO_DEVICE_INITIALIZING)
			kernel_fatal("a device is reported with DO_DEVICE_INITIALIZING");
		if (!node)
			node = node_new(physical, parent);
		else
			ObDereferenceObject(physical);
		if (node->parent != parent || node->seen)
			kernel_fatal("a device is reported twice");
		node->seen = true;
	}
	ExFreePool(relations);
}

static void remove_node(struct kernel_node *node, bool surprise)
{
	if (surprise && node->state != NODE_SURPRISED && node->state != NODE_FOUND)
		MUST(NT_SUCCESS(kernel_pnp(node, IRP_MN_SURPRISE_REMOVAL)));
	MUST(NT_SUCCESS(kernel_pnp(node, IRP_MN_REMOVE_DEVICE)));
	node_free(node);
}

static void remove_missing(struct kernel_node *parent)
{
	struct kernel_node *child;
	uint32_t i = 0;

	while ((child = kernel_child(parent, i))) {
		if (child->seen)
			i++;
		else
			remove_node(child, true);
	}
}

NTSTATUS kernel_relations(struct kernel_node *node)
{
	IRP *irp = request(node, IRP_MN_QUERY_DEVICE_RELATIONS);
	struct kernel_node *child;
	ULONG_PTR relations;
	NTSTATUS status;

	manage();
	node->rescan = false;
	IoGetNextIrpStackLocation(irp)->Parameters.QueryDeviceRelations.Type = BusRelations;
	for (uint32_t i = 0; (child = kernel_child(node, i)); i++)
		child->seen = false;
	status = send_and_wait(node->physical, irp, &relations);
	if (NT_SUCCESS(status) && relations)
		take_relations(node, (DEVICE_RELATIONS *)relations);
	manage_no_more();
	return status;
}

void kernel_rescan(struct kernel_node *node)
{
	manage();
	if (NT_SUCCESS(kernel_relations(node)))
		remove_missing(node);
	manage_no_more();
}

/* ---- removal ---------------------------------------------------------------------------------------------- */

static void surprise(struct kernel_node *node)
{
	if (node->state == NODE_FOUND || node->state == NODE_SURPRISED)
		return;
	MUST(NT_SUCCESS(kernel_pnp(node, IRP_MN_SURPRISE_REMOVAL)));
	node->state = NODE_SURPRISED;
}

void kernel_surprise(struct kernel_node *node)
{
	struct kernel_node *child;

	manage();
	for (uint32_t i = 0; (child = kernel_child(node, i)); i++)
		surprise(child);
	surprise(node);
	manage_no_more();
}

void kernel_remove(struct kernel_node *node)
{
	struct kernel_node *child;

	manage();
	while ((child = kernel_child(node, 0)))
		remove_node(child, false);
	remove_node(node, false);
	manage_no_more();
}

static NTSTATUS ask(struct kernel_node *node, UCHAR minor)
{
	NTSTATUS status = STATUS_SUCCESS;
	struct kernel_node *child;

	for (uint32_t i = 0; NT_SUCCESS(status) && (child = kernel_child(node, i)); i++)
		status = kernel_pnp(child, minor);
	if (NT_SUCCESS(status))
		status = kernel_pnp(node, minor);
	return status;
}

NTSTATUS kernel_query_remove(struct kernel_node *node)
{
	NTSTATUS status;

	manage();
	status = ask(node, IRP_MN_QUERY_REMOVE_DEVICE);
	if (NT_SUCCESS(status))
		kernel_remove(node);
	else
		(void)ask(node, IRP_MN_CANCEL_REMOVE_DEVICE);
	manage_no_more();
	return status;
}

NTSTATUS kernel_stop(struct kernel_node *node)
{
	NTSTATUS status;

	manage();
	status = ask(node, IRP_MN_QUERY_STOP_DEVICE);
	if (NT_SUCCESS(status))
		status = ask(node, IRP_MN_STOP_DEVICE);
	else
		(void)ask(node, IRP_MN_CANCEL_STOP_DEVICE);
	manage_no_more();
	return status;
}

void pnp_end(void)
{
	if (pnp.nodes)
		kernel_fatal("devices are left on the bus");
	if (pnp.loaded)
		kernel_fatal("the driver is still loaded");
}
