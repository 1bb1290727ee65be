/* SPDX-License-Identifier: MIT */
/*
 * What the test bus driver (testbus.sys) gives to a kernel client under Wine: ports that
 * come into being as on real hardware, what hangs on them, and time.
 *
 *	client.sys --- struct bus_functions ---> testbus.sys
 *	     |                                    PnP manager, chip, devices, clock
 *	     `-- requests --> parport.sys --------------^
 *
 * The driver on the ports is the shipped one; it runs on a clock that only goes on when
 * a register is touched, a stall is asked for, someone who has asked for time to pass
 * or sits in a wait of the driver's lets it, or it is looked at (1 us each time).
 *
 * How to get at the functions: an internal control request BUS_GET_FUNCTIONS to
 * \Device\OppTestBus, whose output buffer gets a const struct bus_functions *.
 * Context of all of them: PASSIVE_LEVEL, one thread at a time, no lock of the driver's
 * held, unless something else is said.
 */
#ifndef OPENPARPORT_TESTS_BUS_H
#define OPENPARPORT_TESTS_BUS_H

#include <wdm.h>

#include "case.h"

#define BUS_DEVICE_NAME L"\\Device\\OppTestBus"
#define BUS_LINK_NAME   L"\\DosDevices\\OppTestBus"
#define BUS_GET_FUNCTIONS                                                                          \
	CTL_CODE(FILE_DEVICE_BUS_EXTENDER, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

/*
 * The same for a program, as DeviceIoControl of \\\\.\\OppTestBus: makes one port, for as long
 * as the bus is there, and lets time run freely. Input: uint32_t of enum case_needs.
 */
#define BUS_MAKE_PORT CTL_CODE(FILE_DEVICE_BUS_EXTENDER, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* Of that port, as heard and trouble below. Input: a place, and an enum device_trouble. */
#define BUS_HEARD   CTL_CODE(FILE_DEVICE_BUS_EXTENDER, 0x802, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define BUS_TROUBLE CTL_CODE(FILE_DEVICE_BUS_EXTENDER, 0x803, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* Where a Plug and Play request goes, beside the places of case.h: to the port itself. */
#define BUS_PORT_ITSELF 0xfe

struct bus_port;

/* How a port is made. */
struct bus_port_options {
	uint32_t needs;    /* enum case_needs */
	const WCHAR *name; /* PortName; NULL: L"LPT1", L"LPT2" for the second one */
};

struct bus_functions {
	uint32_t bytes; /* of this structure: to be checked */

	/*
	 * make - a PDO with its device key, AddDevice, START_DEVICE with resources, bus
	 * relations, START_DEVICE of each child; with NEEDS_DEVICES all of them are looked for.
	 * Returns the first status that is none of success; then there is no port.
	 */
	NTSTATUS (*make)(const struct bus_port_options *options, struct bus_port **port);

	/*
	 * destroy - removes children and port as the PnP manager does, unless that was done.
	 * Returns how much of the driver's is left that should not be, once no port is: device
	 * objects, connected interrupts, threads.
	 */
	uint32_t (*destroy)(struct bus_port *port);

	/* The top of the stack at @place: a child, or BUS_PORT_ITSELF. NULL: not there. */
	DEVICE_OBJECT *(*device)(struct bus_port *port, uint8_t place);

	/*
	 * pnp - sends one IRP_MJ_PNP request and waits for it. START_DEVICE: with the
	 * port's resources. @information: of the answer, or NULL.
	 */
	NTSTATUS (*pnp)(struct bus_port *port, uint8_t place, UCHAR minor, ULONG_PTR *information);

	/* The same with an id type, text type or relation type in Parameters. */
	NTSTATUS(*pnp_query)
	(struct bus_port *port, uint8_t place, UCHAR minor, ULONG type, ULONG_PTR *information);

	/*
	 * QUERY_DEVICE_RELATIONS, and what follows: new children are started, lost ones get
	 * SURPRISE_REMOVAL, and REMOVE_DEVICE with the port.
	 */
	NTSTATUS (*enumerate)(struct bus_port *port);

	/* A child that was lost at @place gets REMOVE_DEVICE: nobody has it open any more. */
	void (*remove_lost)(struct bus_port *port, uint8_t place);

	/*
	 * remove - @surprise: SURPRISE_REMOVAL to children and port, whose registers read as
	 * 0xff from now on; else REMOVE_DEVICE to children and port. Files may be open: the
	 * device objects must be referenced by who still sends requests to them.
	 */
	void (*remove)(struct bus_port *port, BOOLEAN surprise);

	/* SET_POWER, QUERY_POWER of a device or system power state. */
	NTSTATUS(*power)
	(struct bus_port *port, uint8_t place, UCHAR minor, POWER_STATE_TYPE type, ULONG state);

	/* IRP_MJ_SYSTEM_CONTROL @minor for the port, data path @guid; @buffer in and out. */
	NTSTATUS(*wmi)
	(struct bus_port *port, UCHAR minor, const GUID *guid, void *buffer, ULONG bytes,
	 ULONG_PTR *information);

	/* How often the driver has said of the port that its bus relations are others. */
	uint32_t (*changes)(struct bus_port *port);

	/* ---- time and what is put off ---- */

	/* The port's connected ISR runs; DPCs do not yet. FALSE: not handled, or none. */
	BOOLEAN (*interrupt)(struct bus_port *port);

	/* DPCs run; then time goes by until the driver's threads have nothing to do, at most 2 s. */
	void (*settle)(void);

	/* Virtual time goes by; DPCs run and the driver's threads do what is due. */
	void (*pass_ms)(uint32_t ms);

	/* @days at once: nothing is done meanwhile. */
	void (*pass_days)(uint32_t days);

	/* TRUE: time goes by as fast as the host's, beside all that is said above. */
	void (*run_freely)(BOOLEAN freely);

	/* The calling thread is at DISPATCH_LEVEL, as far as the driver can tell, or no more. */
	void (*raise)(void);
	void (*lower)(void);

	/* ---- what hangs on the port: as rig_* of case.h ---- */
	void (*change_chain)(struct bus_port *port, uint32_t devices, enum chain_health health);
	void (*forget_addresses)(struct bus_port *port);
	uint8_t (*selected)(struct bus_port *port);
	uint8_t (*chip_mode)(struct bus_port *port);
	void (*plug)(struct bus_port *port, uint8_t place, enum device_kind kind);
	void (*unplug)(struct bus_port *port, uint8_t place);
	void (*trouble)(struct bus_port *port, uint8_t place, enum device_trouble trouble);
	void (*room)(struct bus_port *port, uint8_t place, uint32_t bytes);
	void (*say)(struct bus_port *port, uint8_t place, const void *bytes, uint32_t count);
	uint32_t (*heard)(struct bus_port *port, uint8_t place, void *bytes, uint32_t room);
	uint8_t (*address)(struct bus_port *port, uint8_t place);
	enum device_mode (*mode)(struct bus_port *port, uint8_t place);
	uint64_t (*accesses)(struct bus_port *port);
	uint32_t (*resets)(struct bus_port *port);

	/*
	 * Nothing selected, no chip mode, control lines at idle; or nobody could have seen to
	 * it: the hardware has gone.
	 */
	BOOLEAN (*is_at_rest)(struct bus_port *port);

	/* The chip and all that hangs on it lose their power, and with it what they knew; get it. */
	void (*supply)(struct bus_port *port, BOOLEAN on);
};

#endif
