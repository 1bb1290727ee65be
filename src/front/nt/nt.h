/* SPDX-License-Identifier: MIT */
/*
 * parport.sys: the engine as a kernel driver.
 *
 *	parent bus' PDO  <-  port FDO \Device\ParallelPort<m>  <.. device PDOs \Device\Parallel<m>..
 *	                        (struct opp_nt_port)               (struct opp_nt_device)
 *	                              |  IRPs as struct opp_request       |
 *	                              `------------> contract <-----------'
 *
 * The front end converts: an IRP into a request and back, a start's resources into a
 * description, what was found on the wire into child devices. What a request means, who
 * holds the port and what the wire does is not known here.
 *
 * Life of a device object: a gate counts who is inside a dispatch routine or owns a
 * pended IRP, so that a removal can wait for them; the port's memory is counted apart,
 * because a file may outlive the device object's removal and callbacks have pointers
 * into it.
 *
 * driver.c  entry, AddDevice, unload        irp.c       IRPs in and out, cancel; gate.c
 * port.c    a port from start to stop       glue.c      what the contract asks for
 * worker.c  the port's thread; clock.c      hardware.c  resources, registers, chip
 * interrupt.c  registry.c                   requirements.c
 * port_pnp.c  device_pnp.c  device_id.c     names.c     objects, links, interfaces
 * bus.c     power.c   wmi.c   log.c         security.c
 */
#ifndef OPP_NT_H
#define OPP_NT_H

#include <wdm.h>

#include <openparport/contract.h>
#include <openparport/names.h>

#include "chip.h"

#define OPP_NT_POOL_TAG 0x5070704fu /* "OppP" */

enum opp_nt_kind {
	OPP_NT_PORT,
	OPP_NT_DEVICE,
};

/* Changes on PnP requests only, which come one at a time to a device object; read by all. */
enum opp_nt_pnp {
	OPP_NT_NOT_STARTED,
	OPP_NT_STARTED,
	OPP_NT_STOP_PENDING,
	OPP_NT_STOPPED,
	OPP_NT_REMOVE_PENDING,
	OPP_NT_SURPRISE_REMOVED,
	OPP_NT_REMOVED,
};

/*
 * Who is inside. Open from init to wait; after that enter fails.
 * Context of enter and leave: <= DISPATCH_LEVEL; of wait: PASSIVE_LEVEL.
 */
struct opp_nt_gate {
	LONG inside; /* and 1 until wait; interlocked */
	_Atomic bool closed;
	KEVENT empty;
};

void opp_nt_gate_init(struct opp_nt_gate *gate);
bool opp_nt_gate_enter(struct opp_nt_gate *gate);
void opp_nt_gate_again(struct opp_nt_gate *gate); /* once more, by who is inside */
void opp_nt_gate_leave(struct opp_nt_gate *gate);
/* Closes it and waits until nobody is inside, the caller not counted, who must not be. */
void opp_nt_gate_wait(struct opp_nt_gate *gate);

/* Begins each device extension: what a dispatch routine looks at first. */
struct opp_nt_object {
	enum opp_nt_kind kind; /* constant */
	DEVICE_OBJECT *self;   /* constant */
	struct opp_nt_gate gate;
	_Atomic enum opp_nt_pnp pnp;
	enum opp_nt_pnp pnp_before; /* that a cancel-stop or cancel-remove goes back to */
	LONG files;                 /* open ones; port lock */
	struct opp_nt_port *port;   /* constant; counted once for each object */

	/* irp.c: the same files, and one of them that is found without the lock. */
	KSPIN_LOCK open_lock;
	LIST_ENTRY open;
	_Atomic(FILE_OBJECT *) usual; /* NULL: none */
	struct opp_nt_file *usual_file;
};

/* The extension of a device PDO. */
struct opp_nt_device {
	struct opp_nt_object object;
	struct opp_contract_device *place; /* constant */
	char id[OPP_DEVICE_ID_MOST];       /* as it was when it was reported; "" : none */
	LIST_ENTRY link;                   /* among the port's children; children_lock */
	BOOLEAN missing;                   /* not among them any more: a removal deletes it; same */
	BOOLEAN linked;                    /* its symbolic link is made */
	UNICODE_STRING interface_link;     /* raw device, started; else Buffer is NULL */
};

static inline struct opp_nt_device *opp_nt_device_of(struct opp_nt_object *object)
{
	return CONTAINING_RECORD(object, struct opp_nt_device, object);
}

/* As in <openparport/device.h>. */
static inline uint8_t opp_nt_place_of(const struct opp_nt_device *device)
{
	return device->place->device.place;
}

/* Values of the port's Plug and Play device key; docs/windows.md says what they mean. */
struct opp_nt_settings {
	ULONG most_devices;    /* DaisyDevices, 0 .. 4 */
	ULONG lock_timeout_ms; /* LockTimeout */
	BOOLEAN scan;          /* ScanAtStart: who is there is looked for, as documented */
	BOOLEAN full_probe;    /* ProbeFully: chip detection may move DATA */
	ULONG port_range;      /* PortRange: which range of I/O addresses is the port, from 0 */
	ULONG ecp_range;       /* EcpRange: which one the ECP registers */
};

/* The translated resources of a start. */
struct opp_nt_resources {
	PHYSICAL_ADDRESS base;
	ULONG span; /* bytes */
	PHYSICAL_ADDRESS ecp_base;
	ULONG ecp_span;                          /* 0: none */
	PHYSICAL_ADDRESS bus_base, bus_ecp_base; /* the same as the bus counts */
	BOOLEAN has_interrupt;
	ULONG level, vector;
	KAFFINITY affinity;
	KINTERRUPT_MODE mode;
	BOOLEAN shared;
	INTERFACE_TYPE interface_type;
	ULONG bus_number;
};

/*
 * The port itself: nonpaged pool, counted; the extension of its FDO is a struct
 * opp_nt_object that points here.
 */
struct opp_nt_port {
	/* constant after AddDevice */
	DEVICE_OBJECT *self;
	DEVICE_OBJECT *physical;    /* the parent bus' PDO */
	DEVICE_OBJECT *lower;       /* next below in the stack */
	WCHAR name[OPP_NAME_BYTES]; /* "LPTn" */
	UNICODE_STRING interface_link;
	uint32_t number; /* of its names */

	LONG references; /* interlocked: its FDO, each child, each open file of both */

	/* constant from START to STOP */
	struct opp_nt_settings settings;
	struct opp_nt_resources resources;
	struct opp_ioport io;
	struct opp_chip chip;
	struct opp_env env;
	struct opp_port_description description;

	/* Valid once begun: from the first START on. */
	struct opp_contract_port contract;
	_Atomic bool begun;
	_Atomic bool running; /* from a start to a stop or removal: what power is taken from */
	LONG files;           /* open ones, of the port and of its devices; lock */

	/* the contract's lock */
	KSPIN_LOCK lock;
	KIRQL lock_irql; /* of who has it, before */

	/* clock.c; lock */
	BOOLEAN clock_used;  /* since the last tick */
	BOOLEAN clock_ticks; /* else it stands still */
	uint64_t now_us;     /* as it was told last */

	/* callbacks that wait (opp_contract_ops.await): struct opp_nt_awaiter; await_lock */
	KSPIN_LOCK await_lock;
	LIST_ENTRY awaiters;

	/* the worker */
	KEVENT wake;
	_Atomic bool stop; /* the thread is to end */
	PETHREAD worker;
	_Atomic(HANDLE) worker_id; /* while it runs; else NULL */

	KDPC settle;

	/* guarded by interrupt_mutex: connected by the first client that wants it */
	KMUTEX interrupt_mutex;
	PKINTERRUPT interrupt;
	/* As read last: for what the port asks for, and for who asks at DISPATCH_LEVEL. */
	_Atomic bool connect_enabled;

	/* the bus */
	FAST_MUTEX children_lock;
	LIST_ENTRY children;         /* struct opp_nt_device.link, one for each place at most */
	struct opp_nt_gate relating; /* of who talks about them to the parent bus' PDO */
	LONG relations_due;          /* the next question is the answer to ours; interlocked */
	BOOLEAN taken_logged[OPP_CONTRACT_DEVICES]; /* that its name is; questions come singly */

	/* power */
	DEVICE_POWER_STATE device_states[PowerSystemMaximum]; /* as the parent bus says */
};

/* ---- driver.c ------------------------------------------------------------------------ */

extern DRIVER_OBJECT *opp_nt_driver; /* constant after DriverEntry */
/* The process of the system's threads; constant after DriverEntry, which is called in one. */
extern HANDLE opp_nt_system;
/* Nonpaged and, where the system has that, not executable; constant after DriverEntry. */
extern POOL_TYPE opp_nt_pool;

/* ---- irp.c --------------------------------------------------------------------------- */

/* Sets status and information and completes. Context: as IoCompleteRequest. */
NTSTATUS opp_nt_complete(IRP *irp, NTSTATUS status, ULONG_PTR information);

/* What all device objects begin as; the rest of @object is 0. */
void opp_nt_object_init(struct opp_nt_object *object, enum opp_nt_kind kind, DEVICE_OBJECT *self,
			struct opp_nt_port *port);

/* Every major but PNP, POWER and SYSTEM_CONTROL. */
DRIVER_DISPATCH opp_nt_request;

/* Storage of requests. PASSIVE_LEVEL. */
void opp_nt_requests_begin(void);
void opp_nt_requests_end(void);

/* What the contract ended; irp.c's half of opp_contract_ops.complete, pend and take. */
void opp_nt_request_ended(struct opp_request *request);
bool opp_nt_request_pend(struct opp_request *request, bool cancelable);
bool opp_nt_request_take(struct opp_request *request);

/* opp_contract_ops.process_of, of a file of the port or of a device. */
uint32_t opp_nt_process_of(struct opp_client *client);

/* ---- port.c -------------------------------------------------------------------------- */

/*
 * opp_nt_port_create - the memory of a port, one reference; names and settings not set.
 * Returns NULL: no memory. Context: PASSIVE_LEVEL.
 */
struct opp_nt_port *opp_nt_port_create(void);
void opp_nt_port_get(struct opp_nt_port *port);
void opp_nt_port_put(struct opp_nt_port *port); /* <= DISPATCH_LEVEL */

/*
 * opp_nt_port_start - resources are there: opens the chip, begins the contract, or has it
 * go on as after a loss of power, starts the worker, looks who is there. On failure
 * it does not run, and the next start need not fail.
 * opp_nt_port_stop - the same backwards; no file is open.
 * opp_nt_port_quiet - from here until opp_contract_resume no byte moves.
 * opp_nt_port_remove - the hardware goes (@surprise) or the port does: nobody touches it any
 *	more, and its interrupt is disconnected. May come again.
 * opp_nt_port_end - after the last of it, the gate empty: the worker has ended, the
 *	interrupt is disconnected. Idempotent.
 * Context: PASSIVE_LEVEL.
 */
NTSTATUS opp_nt_port_start(struct opp_nt_port *port, CM_RESOURCE_LIST *raw,
			   CM_RESOURCE_LIST *translated);
void opp_nt_port_stop(struct opp_nt_port *port);
void opp_nt_port_quiet(struct opp_nt_port *port);
void opp_nt_port_remove(struct opp_nt_port *port, bool surprise);
void opp_nt_port_end(struct opp_nt_port *port);

/*
 * opp_nt_file_came - a file is about to be opened on @object, @as_directory or not: counted,
 *	and its port too.
 * Returns STATUS_SUCCESS; STATUS_INVALID_DEVICE_REQUEST: not started, or stopped;
 *	STATUS_DELETE_PENDING: a removal is asked about; STATUS_NOT_A_DIRECTORY: a device
 *	@as_directory, and not started or stopped.
 * opp_nt_file_went - it was closed, or not opened.
 * opp_nt_pnp_unless_open - @object is @next from now on, pnp_before what it was, unless a
 *	file is open on it, or, of a port, on one of its devices. Returns whether it is.
 * opp_nt_pnp_cancel - if it is @pending, it is again what it was.
 * Context: <= DISPATCH_LEVEL.
 */
NTSTATUS opp_nt_file_came(struct opp_nt_object *object, bool as_directory);
void opp_nt_file_went(struct opp_nt_object *object);
bool opp_nt_pnp_unless_open(struct opp_nt_object *object, enum opp_nt_pnp next);
void opp_nt_pnp_cancel(struct opp_nt_object *object, enum opp_nt_pnp pending);

/* ---- glue.c -------------------------------------------------------------------------- */

extern const struct opp_contract_ops opp_nt_ops;

/* ---- clock.c ----------------------------------------------------------------------------- */

/*
 * Microseconds. opp_nt_now_us - exactly, but not cheaply. Any IRQL.
 * opp_nt_clock_read_locked - that of a port, which may be a tick behind.
 * opp_nt_clock_stop - who asks the port's next is told exactly.
 * opp_nt_clock_set - the worker's, before it works: the port's clock is right.
 * opp_nt_clock_tick - the worker's, when it has nothing to do: the same, or, when nobody
 *	has asked since the last tick, it stands still. Returns when the next tick is
 *	due; UINT64_MAX: not before the worker is woken.
 */
uint64_t opp_nt_now_us(void);
uint64_t opp_nt_clock_read_locked(struct opp_nt_port *port);
void opp_nt_clock_stop(struct opp_nt_port *port);
void opp_nt_clock_set(struct opp_nt_port *port);
uint64_t opp_nt_clock_tick(struct opp_nt_port *port);

/* ---- worker.c ------------------------------------------------------------------------- */

NTSTATUS opp_nt_worker_start(struct opp_nt_port *port);
void opp_nt_worker_wake(struct opp_nt_port *port); /* <= DISPATCH_LEVEL */
void opp_nt_worker_stop(struct opp_nt_port *port);

/* ---- hardware.c ----------------------------------------------------------------------- */

/*
 * opp_nt_resources_read - from the lists of START_DEVICE.
 * Returns STATUS_SUCCESS, or STATUS_DEVICE_CONFIGURATION_ERROR: no port range, or one
 *	that is shorter than three registers or lies in memory.
 */
NTSTATUS opp_nt_resources_read(const CM_RESOURCE_LIST *raw, const CM_RESOURCE_LIST *translated,
			       const struct opp_nt_settings *settings,
			       struct opp_nt_resources *resources);
/* Returns STATUS_SUCCESS or STATUS_NO_SUCH_DEVICE: nothing answers there. */
NTSTATUS opp_nt_hardware_open(struct opp_nt_port *port);

/* ---- interrupt.c ------------------------------------------------------------------------ */

/*
 * Reads the setting, and connects the interrupt if that has not been done. Any IRQL <=
 * DISPATCH_LEVEL; above PASSIVE_LEVEL, and without memory, what was read last counts.
 */
bool opp_nt_interrupt_enable(struct opp_nt_port *port);
void opp_nt_interrupt_disconnect(struct opp_nt_port *port);
void opp_nt_synchronize(struct opp_nt_port *port, void (*change)(void *argument), void *argument);

/* ---- registry.c ------------------------------------------------------------------------- */

/* PortName of the port's device key. @name: NUL-terminated. PASSIVE_LEVEL. */
NTSTATUS opp_nt_read_port_name(DEVICE_OBJECT *physical, WCHAR name[OPP_NAME_BYTES]);
void opp_nt_read_settings(DEVICE_OBJECT *physical, struct opp_nt_settings *settings);
bool opp_nt_read_connect_enabled(DEVICE_OBJECT *physical);

/* ---- requirements.c --------------------------------------------------------------------- */

/*
 * The answer to FILTER_RESOURCE_REQUIREMENTS, which has come back from below: what was asked
 * for, but no interrupt. Returns its status. PASSIVE_LEVEL.
 */
NTSTATUS opp_nt_drop_interrupts(IRP *irp);

/* ---- names.c ----------------------------------------------------------------------------- */

/* 8-bit name to one of UTF-16; Buffer is @room. */
void opp_nt_widen(const char *name, WCHAR room[OPP_NAME_BYTES], UNICODE_STRING *wide);

/* Link, device map and interface of a device that starts; the same backwards. PASSIVE_LEVEL. */
NTSTATUS opp_nt_device_publish(struct opp_nt_device *device);
void opp_nt_device_withdraw(struct opp_nt_device *device);
/* Interface of the port. */
NTSTATUS opp_nt_port_publish(struct opp_nt_port *port);
void opp_nt_port_withdraw(struct opp_nt_port *port);

/* ---- port_pnp.c, device_pnp.c, power.c, wmi.c ---------------------------------------------- */

/*
 * Both answer one PnP request. IRP_MN_REMOVE_DEVICE comes from outside the gate; after it
 * the device object may be gone.
 */
NTSTATUS opp_nt_port_pnp(struct opp_nt_object *object, IRP *irp);
NTSTATUS opp_nt_device_pnp(struct opp_nt_device *device, IRP *irp);
DRIVER_DISPATCH opp_nt_pnp; /* port_pnp.c; one of the two */

/*
 * device_id.c: what a device says it is, into memory that the asker frees; the statuses are
 * those of the requests. What there is none of leaves the request as it came.
 */
NTSTATUS opp_nt_device_id(const struct opp_nt_device *device, IRP *irp, BUS_QUERY_ID_TYPE type);
NTSTATUS opp_nt_device_text(const struct opp_nt_device *device, IRP *irp, DEVICE_TEXT_TYPE type);

/* Hands a request on to below the port, which does not look at it any more. */
NTSTATUS opp_nt_pass_down(struct opp_nt_port *port, IRP *irp);

DRIVER_DISPATCH opp_nt_power;
DRIVER_DISPATCH opp_nt_system_control;

/* Registers with WMI, and the reverse. PASSIVE_LEVEL. */
void opp_nt_wmi_begin(struct opp_nt_port *port);
void opp_nt_wmi_end(struct opp_nt_port *port);

/* ---- bus.c --------------------------------------------------------------------------------- */

/* The bus' part of a port, for opp_nt_port_create. */
void opp_nt_bus_begin(struct opp_nt_port *port);
/* opp_contract_ops.devices_changed: has the relations asked for again. <= DISPATCH_LEVEL. */
void opp_nt_bus_changed(struct opp_nt_port *port);
/* Answers QUERY_DEVICE_RELATIONS of BusRelations: who is there now has a PDO. PASSIVE_LEVEL. */
NTSTATUS opp_nt_bus_relations(struct opp_nt_port *port, IRP *irp);
/* The device is missing, and removed: nobody has it open. PASSIVE_LEVEL. */
void opp_nt_bus_delete(struct opp_nt_device *device);
/*
 * The port is removed: its children are deleted, but for those whose own removal is still
 * to come; that deletes them. PASSIVE_LEVEL.
 */
void opp_nt_bus_end(struct opp_nt_port *port);

/* ---- security.c ----------------------------------------------------------------------------- */

/* Only those of lptraw.inf may open @device from now on. PASSIVE_LEVEL. */
NTSTATUS opp_nt_secure(DEVICE_OBJECT *device);

/* ---- log.c ----------------------------------------------------------------------------------- */

/*
 * opp_nt_log - one entry in the system's event log.
 * @device: NULL: there is none yet. @code: of messages.mc. @why: beside it, for experts.
 * @text: inserted. Context: <= DISPATCH_LEVEL.
 */
void opp_nt_log(DEVICE_OBJECT *device, NTSTATUS code, NTSTATUS why, const WCHAR *text);

#endif
