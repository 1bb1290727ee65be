/* SPDX-License-Identifier: MIT */
/*
 * Clients' interrupt routines: a line of pairs (service routine, deferred
 * routine) in connect order.
 *
 *	 unused --connect--> connected --disconnect--> unused
 *	                         |                       ^
 *	                         | its deferred routine  | the routine
 *	                         | runs at this moment   | returns
 *	                         '------> leaving -------'
 *
 * The line is walked at interrupt level without the port lock, so it changes
 * only inside the front end's synchronize. The deferred routines are called by
 * the engine's rounds.
 */
#include "rows.h"

static struct opp_interrupt_entry *entry_of(struct opp_link *link)
{
	return OPP_NODE(link, struct opp_interrupt_entry, link);
}

/* ---- at interrupt level ------------------------------------------------------------------ */

bool opp_contract_interrupt(struct opp_contract_port *port)
{
	void *object = port->description->interrupt_object;
	struct opp_link *link = opp_queue_first(&port->connected);
	bool handled = false;

	if (port->interrupts_ended)
		return false;
	for (; link; link = opp_queue_next(&port->connected, link)) {
		const struct PARALLEL_INTERRUPT_SERVICE_ROUTINE *pair = &entry_of(link)->routines;

		if (pair->InterruptServiceRoutine &&
		    pair->InterruptServiceRoutine(object, pair->InterruptServiceContext))
			handled = true;
	}
	return handled;
}

/* What is done to the line while the interrupt is kept out. */
struct change {
	struct opp_contract_port *port;
	struct opp_interrupt_entry *entry;
};

static void append_entry(void *argument)
{
	struct change *change = argument;

	opp_queue_append(&change->port->connected, &change->entry->link);
}

static void remove_entry(void *argument)
{
	struct change *change = argument;

	opp_queue_remove(&change->port->connected, &change->entry->link);
}

static void end_interrupts(void *argument)
{
	struct opp_contract_port *port = opp_contract_of(argument);

	port->interrupts_ended = true;
}

void opp_end_interrupts_locked(struct opp_contract_port *port)
{
	port->ops->synchronize(port->context, end_interrupts, port);
}

/* ---- connect ------------------------------------------------------------------------------- */

/* The engine's routines have the compiler's calling convention, a client's has the system's. */
static void call_deferred(void *context)
{
	const struct opp_interrupt_entry *entry = context;

	entry->routines.DeferredPortCheckRoutine(entry->routines.DeferredPortCheckContext);
}

static struct opp_interrupt_entry *unused_entry_locked(struct opp_contract_port *port)
{
	for (uint32_t i = 0; i < OPP_INTERRUPT_ENTRIES; i++) {
		if (!port->entries[i].used)
			return &port->entries[i];
	}
	return NULL;
}

static void connect_locked(struct opp_contract_port *port, struct opp_interrupt_entry *entry)
{
	struct change change = { .port = port, .entry = entry };

	port->ops->synchronize(port->context, append_entry, &change);
	if (entry->routines.DeferredPortCheckRoutine)
		opp_port_connect_deferred_locked(&port->port, &entry->deferred);
}

enum opp_status opp_connect_interrupt_locked(struct opp_contract_port *port,
					     struct opp_request *request, uint64_t now_us)
{
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE wanted;
	struct PARALLEL_INTERRUPT_INFORMATION info;
	struct opp_interrupt_entry *entry;

	(void)now_us;
	OPP_READ_INPUT(request, &wanted);
	if (!wanted.InterruptServiceRoutine && !wanted.DeferredPortCheckRoutine)
		return OPP_INVALID_PARAMETER;
	if (!port->description->interrupt_object)
		return OPP_UNSUCCESSFUL;
	entry = unused_entry_locked(port);
	if (!entry)
		return OPP_INSUFFICIENT_RESOURCES;
	*entry = (struct opp_interrupt_entry){
		.used = true,
		.routines = wanted,
		.client = request->client,
		.deferred = { .routine = call_deferred, .context = entry },
	};
	connect_locked(port, entry);

	(void)__builtin_memset(&info, 0, sizeof(info));
	info.InterruptObject = port->description->interrupt_object;
	info.TryAllocatePortAtInterruptLevel = opp_try_allocate_port_at_interrupt_level;
	info.FreePortFromInterruptLevel = opp_free_port_from_interrupt_level;
	info.Context = port;
	return opp_reply(request, &info, sizeof(info));
}

/* ---- disconnect ------------------------------------------------------------------------------ */

/* By service routine; a pair without one by its deferred routine (S-42). */
static bool is_meant(const struct PARALLEL_INTERRUPT_SERVICE_ROUTINE *pair,
		     const struct PARALLEL_INTERRUPT_SERVICE_ROUTINE *wanted)
{
	if (pair->InterruptServiceRoutine != wanted->InterruptServiceRoutine)
		return false;
	if (pair->InterruptServiceRoutine)
		return pair->InterruptServiceContext == wanted->InterruptServiceContext;
	return pair->DeferredPortCheckRoutine == wanted->DeferredPortCheckRoutine &&
	       pair->DeferredPortCheckContext == wanted->DeferredPortCheckContext;
}

/* PENDING while the entry's deferred routine runs. */
static enum opp_status disconnect_locked(struct opp_contract_port *port,
					 struct opp_interrupt_entry *entry)
{
	struct change change = { .port = port, .entry = entry };
	enum opp_status status = OPP_SUCCESS;

	port->ops->synchronize(port->context, remove_entry, &change);
	if (entry->routines.DeferredPortCheckRoutine)
		status = opp_port_disconnect_deferred_locked(&port->port, &entry->deferred);
	entry->used = status == OPP_PENDING;
	return status;
}

enum opp_status opp_disconnect_interrupt_locked(struct opp_contract_port *port,
						struct opp_request *request, uint64_t now_us)
{
	struct opp_link *link = opp_queue_first(&port->connected);
	struct PARALLEL_INTERRUPT_SERVICE_ROUTINE wanted;
	struct opp_interrupt_entry *entry;
	enum opp_status status;

	(void)now_us;
	OPP_READ_INPUT(request, &wanted);
	while (link && !is_meant(&entry_of(link)->routines, &wanted))
		link = opp_queue_next(&port->connected, link);
	if (!link)
		return OPP_INVALID_PARAMETER;
	entry = entry_of(link);
	status = disconnect_locked(port, entry);
	if (status == OPP_PENDING) {
		(void)port->ops->pend(port->context, request, false);
		entry->disconnect = request;
	}
	return status;
}

void opp_disconnect_client_locked(struct opp_contract_port *port, const struct opp_client *client)
{
	struct opp_link *link = opp_queue_first(&port->connected);

	while (link) {
		struct opp_interrupt_entry *entry = entry_of(link);

		link = opp_queue_next(&port->connected, link);
		if (entry->client == client)
			(void)disconnect_locked(port, entry);
	}
}

struct opp_request *opp_deferred_gone_locked(struct opp_contract_port *port,
					     struct opp_deferred *deferred)
{
	struct opp_interrupt_entry *entry =
		OPP_NODE(deferred, struct opp_interrupt_entry, deferred);
	struct opp_request *request = entry->disconnect;

	entry->used = false;
	if (request)
		request->status = opp_is_removed_locked(port) ? OPP_DELETE_PENDING : OPP_SUCCESS;
	return request;
}
