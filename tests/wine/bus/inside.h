/* SPDX-License-Identifier: MIT */
/*
 * testbus.sys: its parts and what they ask of each other.
 *
 *	driver.c   entry, \Device\OppTestBus, the table of functions
 *	port.c     a port from its PDO to its end     pnp.c     requests to its stack
 *	hardware.c registers, chain, devices          pdo.c     how its PDO answers
 *	registry.c device keys
 *	clock.c    virtual time, who waits for it     kernel.c  what the host lacks
 *	modules.c  imports of the driver              traps.c   port instructions
 */
#ifndef OPENPARPORT_TESTS_BUS_INSIDE_H
#define OPENPARPORT_TESTS_BUS_INSIDE_H

#include <ntddk.h>

#include "../bus.h"
#include "chain_model.h"
#include "plain.h"

#define MOST_PORTS    4
#define MOST_CHILDREN 16

#define BUS_POOL_TAG 0x4270704fu /* OppB */

#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define US_PER_DAY UINT64_C(86400000000)
#define NEVER      UINT64_MAX

/* Exported, and in no header of a driver's. */
NTSTATUS NTAPI ZwYieldExecution(void);

/* A child of a port, as bus relations reported it. */
struct bus_child {
	DEVICE_OBJECT *physical; /* NULL: unused; referenced for us */
	uint8_t place;
	bool lost; /* no longer reported */
};

struct bus_port {
	unsigned slot;           /* which of the ports; decides on addresses and names */
	DEVICE_OBJECT *physical; /* ours */
	uint32_t needs;
	bool surprised;
	bool removed;
	struct bus_child children[MOST_CHILDREN];
	uint32_t changes; /* times bus relations were invalidated */
	struct chain_model model;
};

/* Every port that is there, by slot; NULL: none. */
extern struct bus_port *bus_ports[MOST_PORTS];
extern DRIVER_OBJECT *bus_driver;

/* ---- driver.c ------------------------------------------------------------------------- */

/* The driver under test, loaded when it is first asked for; NULL: it cannot be. */
DRIVER_OBJECT *bus_tested_driver(void);

/* ---- port.c ----------------------------------------------------------------------------- */

NTSTATUS bus_make(const struct bus_port_options *options, struct bus_port **port);
uint32_t bus_destroy(struct bus_port *port);

/* Raw and translated resources of a port. Static: good until the next call. */
void bus_resources(const struct bus_port *port, CM_RESOURCE_LIST **raw,
		   CM_RESOURCE_LIST **translated);

/* The vector that @port's interrupt has, translated. */
ULONG bus_vector(const struct bus_port *port);

/* The port that has @device in its stack, or as a child's; NULL: none. */
struct bus_port *bus_port_of(const DEVICE_OBJECT *device);

/* ---- pnp.c ------------------------------------------------------------------------------- */

DEVICE_OBJECT *bus_device(struct bus_port *port, uint8_t place);
NTSTATUS bus_pnp(struct bus_port *port, uint8_t place, UCHAR minor, ULONG_PTR *information);
NTSTATUS bus_pnp_query(struct bus_port *port, uint8_t place, UCHAR minor, ULONG type,
		       ULONG_PTR *information);
NTSTATUS bus_enumerate(struct bus_port *port);
void bus_remove_lost(struct bus_port *port, uint8_t place);
void bus_remove(struct bus_port *port, BOOLEAN surprise);
NTSTATUS bus_power(struct bus_port *port, uint8_t place, UCHAR minor, POWER_STATE_TYPE type,
		   ULONG state);
NTSTATUS bus_wmi(struct bus_port *port, UCHAR minor, const GUID *guid, void *buffer, ULONG bytes,
		 ULONG_PTR *information);

/* @stack: what the request is; its device object is set here. Waits for the end. */
NTSTATUS bus_send(DEVICE_OBJECT *device, const IO_STACK_LOCATION *stack, ULONG_PTR *information);

/* ---- registry.c ---------------------------------------------------------------------------- */

/* The device key of a device's instance, made when there is none. The caller closes it. */
NTSTATUS registry_open_device(const WCHAR *device, const WCHAR *instance, HANDLE *key);
NTSTATUS registry_set(HANDLE key, const WCHAR *name, ULONG type, const void *value, size_t bytes);
NTSTATUS registry_set_number(HANDLE key, const WCHAR *name, ULONG number);

/* ---- pdo.c --------------------------------------------------------------------------------- */

DRIVER_DISPATCH pdo_pnp;
DRIVER_DISPATCH pdo_power;
DRIVER_DISPATCH pdo_system_control;

/* The instance id of @port, "1" for the first. */
void pdo_instance(const struct bus_port *port, WCHAR instance[2]);

/* ---- hardware.c ------------------------------------------------------------------------------ */

void hardware_begin(struct bus_port *port);
uint16_t hardware_base(unsigned slot);
void bus_change_chain(struct bus_port *port, uint32_t devices, enum chain_health health);
void bus_forget_addresses(struct bus_port *port);
uint8_t bus_selected(struct bus_port *port);
uint8_t bus_chip_mode(struct bus_port *port);
void bus_plug(struct bus_port *port, uint8_t place, enum device_kind kind);
void bus_unplug(struct bus_port *port, uint8_t place);
void bus_trouble(struct bus_port *port, uint8_t place, enum device_trouble trouble);
void bus_room(struct bus_port *port, uint8_t place, uint32_t bytes);
void bus_say(struct bus_port *port, uint8_t place, const void *bytes, uint32_t count);
uint32_t bus_heard(struct bus_port *port, uint8_t place, void *bytes, uint32_t room);
uint8_t bus_address(struct bus_port *port, uint8_t place);
enum device_mode bus_mode(struct bus_port *port, uint8_t place);
uint64_t bus_accesses(struct bus_port *port);
uint32_t bus_resets(struct bus_port *port);
BOOLEAN bus_is_at_rest(struct bus_port *port);
void bus_supply(struct bus_port *port, BOOLEAN on);

/* ---- clock.c ----------------------------------------------------------------------------------- */

/*
 * The bus' lock: all that is kept here, the model included. Held for moments; no
 * driver's code runs in it.
 */
void bus_lock(void);
void bus_unlock(void);

NTSTATUS clock_begin(void);
void clock_end(void);

/* How many threads of the driver's have not ended. */
uint32_t clock_threads(void);

/* Virtual time. clock_add: lock held. */
uint64_t clock_now_ns_locked(void);
void clock_add_locked(uint64_t ns);

void bus_settle(void);
void bus_pass_ms(uint32_t ms);
void bus_pass_days(uint32_t days);
void bus_run_freely(BOOLEAN freely);

/* In place of the kernel's; what they do is documented there. */
LONG NTAPI clock_set_event(KEVENT *event, KPRIORITY increment, BOOLEAN wait);
NTSTATUS NTAPI clock_wait(void *object, KWAIT_REASON reason, KPROCESSOR_MODE mode,
			  BOOLEAN alertable, LARGE_INTEGER *timeout);
NTSTATUS NTAPI clock_delay(KPROCESSOR_MODE mode, BOOLEAN alertable, LARGE_INTEGER *interval);
LARGE_INTEGER NTAPI clock_counter(LARGE_INTEGER *frequency);
VOID NTAPI clock_stall(ULONG us);
NTSTATUS NTAPI clock_create_thread(HANDLE *thread, ULONG access, OBJECT_ATTRIBUTES *attributes,
				   HANDLE process, CLIENT_ID *id, PKSTART_ROUTINE routine,
				   void *context);
NTSTATUS NTAPI clock_end_thread(NTSTATUS status);

/* ---- kernel.c ------------------------------------------------------------------------------------- */

/* What the driver gets in place of its imports. */
extern const struct replacement kernel_replacements[];
extern const size_t kernel_replacement_count;

/* The driver does @what, for which the calling thread has to be at PASSIVE_LEVEL. */
void kernel_passive(const char *what);

/* How many interrupts are connected. */
uint32_t kernel_interrupts(void);

/* Runs one queued DPC; false: there is none. */
bool kernel_run_dpc(void);
bool kernel_has_dpcs(void);

BOOLEAN bus_interrupt(struct bus_port *port);
void bus_raise(void);
void bus_lower(void);

#endif
