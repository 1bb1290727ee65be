/* SPDX-License-Identifier: MIT */
/*
 * Interrupts, and the registers that a driver reaches with port instructions. See kernel.h.
 */
#include <stdlib.h>

#include "private.h"

struct _KINTERRUPT {
	PKSERVICE_ROUTINE routine;
	void *context;
	ULONG vector;
	KIRQL irql;
	KSPIN_LOCK lock;
	struct _KINTERRUPT *next;
};

static struct {
	struct _KINTERRUPT *connected;
	struct kernel_ports *ports;
	bool refuse;
} hardware;

/* ---- interrupts -------------------------------------------------------------------------- */

NTSTATUS IoConnectInterrupt(KINTERRUPT **interrupt, PKSERVICE_ROUTINE routine, PVOID context,
			    KSPIN_LOCK *lock, ULONG vector, KIRQL irql, KIRQL synchronize_irql,
			    KINTERRUPT_MODE mode, BOOLEAN share, KAFFINITY affinity,
			    BOOLEAN floating_save)
{
	NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

	(void)mode;
	(void)share;
	ENTER(PASSIVE_LEVEL);
	MUST(!lock && routine && affinity && !floating_save);
	if (irql != DEVICE_IRQL || synchronize_irql != DEVICE_IRQL)
		kernel_fatal("an interrupt at level %d, synchronized at %d, was to be at %d", irql,
			     synchronize_irql, DEVICE_IRQL);
	*interrupt = hardware.refuse ? NULL : kernel_alloc(sizeof(**interrupt));
	if (*interrupt) {
		**interrupt = (struct _KINTERRUPT){ routine, context, vector,
						    irql,    0,       hardware.connected };
		hardware.connected = *interrupt;
		status = STATUS_SUCCESS;
	}
	leave();
	return status;
}

static bool lock_is_free(void *interrupt)
{
	return !((struct _KINTERRUPT *)interrupt)->lock;
}

/* Entered; the caller's level before. */
static KIRQL take(struct _KINTERRUPT *interrupt)
{
	const KIRQL before = self()->irql;

	if (interrupt->lock == (KSPIN_LOCK)self())
		kernel_fatal("an interrupt's lock is taken twice by one thread");
	set_level(DEVICE_IRQL);
	(void)block(lock_is_free, interrupt, KERNEL_NEVER);
	interrupt->lock = (KSPIN_LOCK)self();
	order_acquire(&interrupt->lock);
	return before;
}

static void give(struct _KINTERRUPT *interrupt, KIRQL before)
{
	order_release(&interrupt->lock);
	interrupt->lock = 0;
	set_level(before);
}

VOID IoDisconnectInterrupt(KINTERRUPT *interrupt)
{
	struct _KINTERRUPT **place = &hardware.connected;

	ENTER(PASSIVE_LEVEL);
	while (*place && *place != interrupt)
		place = &(*place)->next;
	if (!*place)
		kernel_fatal("an interrupt is disconnected that is not connected");
	(void)block(lock_is_free, interrupt, KERNEL_NEVER);
	order_acquire(&interrupt->lock);
	*place = interrupt->next;
	kernel_free(interrupt, sizeof(*interrupt));
	leave();
}

BOOLEAN KeSynchronizeExecution(KINTERRUPT *interrupt, PKSYNCHRONIZE_ROUTINE routine, PVOID context)
{
	BOOLEAN answer;
	KIRQL before;

	ENTER(DEVICE_IRQL);
	before = take(interrupt);
	leave();
	answer = routine(context);
	enter("the end of a synchronized routine", DEVICE_IRQL);
	give(interrupt, before);
	leave();
	return answer;
}

bool kernel_interrupt(ULONG vector)
{
	struct _KINTERRUPT *interrupt;
	bool handled = false;
	KIRQL before;

	enter("kernel_interrupt", DEVICE_IRQL);
	interrupt = hardware.connected;
	while (interrupt && interrupt->vector != vector)
		interrupt = interrupt->next;
	if (interrupt) {
		before = take(interrupt);
		leave();
		handled = interrupt->routine(interrupt, interrupt->context);
		enter("the end of an interrupt", DEVICE_IRQL);
		if (self()->irql != DEVICE_IRQL)
			kernel_fatal("an interrupt routine returns at level %d", self()->irql);
		give(interrupt, before);
		if (before < DISPATCH_LEVEL)
			dpcs_run();
	}
	leave();
	return handled;
}

uint32_t kernel_interrupts_connected(void)
{
	uint32_t count = 0;

	for (const struct _KINTERRUPT *interrupt = hardware.connected; interrupt;
	     interrupt = interrupt->next)
		count++;
	return count;
}

void kernel_refuse_interrupts(bool refuse)
{
	hardware.refuse = refuse;
}

/* ---- ports ------------------------------------------------------------------------------------ */

void kernel_add_ports(struct kernel_ports *ports)
{
	ports->next = hardware.ports;
	hardware.ports = ports;
}

static struct kernel_ports *ports_at(const void *port)
{
	const uintptr_t address = (uintptr_t)port;
	struct kernel_ports *ports = hardware.ports;

	while (ports &&
	       (address < ports->first || address >= (uintptr_t)ports->first + ports->count))
		ports = ports->next;
	if (!ports)
		kernel_fatal("port %#zx is nobody's", (size_t)address);
	return ports;
}

static uint8_t read8(const void *port, uint32_t ahead)
{
	const struct kernel_ports *ports = ports_at((const char *)port + ahead);

	return ports->read8(ports->context,
			    ports->offset + (uint32_t)((uintptr_t)port + ahead - ports->first));
}

static void write8(const void *port, uint32_t ahead, uint32_t value)
{
	const struct kernel_ports *ports = ports_at((const char *)port + ahead);

	ports->write8(ports->context,
		      ports->offset + (uint32_t)((uintptr_t)port + ahead - ports->first),
		      (uint8_t)(value >> 8 * ahead));
}

static uint32_t read_bytes(const void *port, uint32_t bytes)
{
	uint32_t value = 0;

	enter("a read of a port", DEVICE_IRQL);
	for (uint32_t i = 0; i < bytes; i++)
		value |= (uint32_t)read8(port, i) << 8 * i;
	leave();
	return value;
}

static void write_bytes(const void *port, uint32_t bytes, uint32_t value)
{
	enter("a write to a port", DEVICE_IRQL);
	for (uint32_t i = 0; i < bytes; i++)
		write8(port, i, value);
	leave();
}

UCHAR READ_PORT_UCHAR(UCHAR *port)
{
	return (UCHAR)read_bytes(port, 1);
}

USHORT READ_PORT_USHORT(USHORT *port)
{
	return (USHORT)read_bytes(port, 2);
}

ULONG READ_PORT_ULONG(ULONG *port)
{
	return read_bytes(port, 4);
}

VOID WRITE_PORT_UCHAR(UCHAR *port, UCHAR value)
{
	write_bytes(port, 1, value);
}

VOID WRITE_PORT_USHORT(USHORT *port, USHORT value)
{
	write_bytes(port, 2, value);
}

VOID WRITE_PORT_ULONG(ULONG *port, ULONG value)
{
	write_bytes(port, 4, value);
}

void interrupt_end(void)
{
	if (hardware.connected)
		kernel_fatal("an interrupt is still connected");
	hardware.ports = NULL;
}
