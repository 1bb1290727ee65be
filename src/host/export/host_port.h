/* SPDX-License-Identifier: MIT */
/*
 * The engine made runnable in a process: one port with its lock, its worker
 * thread and its back end.
 *
 *	lock	arbitration (struct opp_port); held for O(1) steps, never while
 *		bytes move and never while a complete() runs
 *	wire	the registers; held by a register access, or by the worker for
 *		one step of a transfer. A register access of a holder whose own
 *		transfer runs is answered PENDING, see opp_host_access.
 *
 * Front ends in user space (the service) and the library build on this; it
 * knows neither of them. Deadlines are the caller's timers: when one fires it
 * calls opp_host_expire().
 *
 * No call here waits for another client or for a peripheral; the longest any of
 * them takes is one register access, or the step of a transfer that runs now. On a port
 * that its system lends even that may be for as long as somebody else likes: who must not
 * wait so long has what touches the wire run as an errand, see opp_host_errand. Calls that
 * touch it say so.
 */
#ifndef OPENPARPORT_HOST_PORT_H
#define OPENPARPORT_HOST_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openparport/contract.h>
#include <openparport/hosted/openparport.h>
#include <openparport/ieee1284.h>
#include <openparport/scan.h>
#include <openparport/sim_centronics.h>

struct opp_host_port;
struct opp_host_req;

/* How the wire is left when a holder died or was kicked. */
enum opp_on_death {
	OPP_ON_DEATH_IDLE, /* control lines at compatibility idle, DATA kept */
	OPP_ON_DEATH_KEEP,
};

/* What is plugged in, at the end of the daisy chain if there is one. */
enum opp_host_peripheral {
	OPP_HOST_NO_PERIPHERAL,
	OPP_HOST_PRINTER,
	OPP_HOST_CHECKIT, /* loop-back plugs */
	OPP_HOST_NORTON,
	OPP_HOST_COVOX,
	OPP_HOST_SOUND_SOURCE,
	OPP_HOST_RECORDER,
	OPP_HOST_WIGGLER, /* cables to JTAG chips */
	OPP_HOST_DLC5,
	OPP_HOST_AVR,
	OPP_HOST_SPI_FLASH,
};

#define OPP_HOST_DAISY_MOST 4

/* One port as a configuration describes it. Strings but the name belong to it. */
struct opp_host_config {
	const char *name;      /* NULL: "parport" and the number; lives as long as the port */
	char *back_end;        /* as parport.conf(5) writes it; NULL: simulated */
	uint32_t probe;        /* enum opp_probe, of a real port */
	bool gone;             /* a simulated port whose hardware is not there */
	bool force;            /* a real port whose registers a kernel driver has */
	uint32_t number;       /* m */
	uint8_t daisy_devices; /* of the chain that get an ID; 0: no adapter is spoken to */
	enum opp_on_death on_death;
	struct opp_sim_options chip; /* without its callbacks */
	enum opp_host_peripheral peripheral;

	/* the simulated printer */
	char *output; /* file that what was sent is appended to; NULL: dropped */
	struct opp_centronics_options printer; /* without buffer and callback */
	bool paper_out, off_line, error, powered_off;
	uint32_t modes;       /* OPP_1284_*, without those for the device id; 0: no IEEE 1284 */
	char *id;             /* device id; NULL: none */
	char *input;          /* file that the host reads; NULL: there is nothing to read */
	uint32_t response_us; /* of each answer */
	bool strict;
	char *rude; /* misdeeds as parport.conf(5) writes them; NULL: none */

	uint32_t daisy;                      /* adapters in front of the peripheral ... */
	char *daisy_id[OPP_HOST_DAISY_MOST]; /* ... and the ids of their devices */

	/* others */
	char *wav; /* file for what is heard; NULL: none */
	uint32_t samples_per_second;
	char *taps;        /* the JTAG chips as parport.conf(5) writes them */
	uint32_t avr_part; /* their places in the lists of parport.conf(5) */
	uint32_t flash_part;
	char *flash; /* files with the contents; NULL: erased, and forgotten at the end */
	char *eeprom;
};

/* Documented defaults (parport.conf(5)) for port @number. */
void opp_host_config_defaults(struct opp_host_config *config, uint32_t number);

/*
 * opp_host_config_set - one KEY = VALUE of a port, as text.
 * Serves both parport.conf and "sim:KEY=VALUE,...".
 * Returns INVALID_PARAMETER with @error->text saying what was expected; the
 * strings it keeps are copies owned by @config, see opp_host_config_release.
 */
enum opp_status opp_host_config_set(struct opp_host_config *config, const char *key,
				    const char *value, struct opp_error *error);
void opp_host_config_release(struct opp_host_config *config);

/*
 * opp_host_config_copy - @copy gets strings of its own.
 * Errors: INSUFFICIENT_RESOURCES: there is none, and nothing to release.
 */
enum opp_status opp_host_config_copy(struct opp_host_config *copy,
				     const struct opp_host_config *config);

/* Whether it describes a port of this machine, with what hangs on that. */
bool opp_host_config_is_real(const struct opp_host_config *config);

/* The file by which it reaches its port, from the root; NULL: it needs none. */
const char *opp_host_config_file(const struct opp_host_config *config);

/* Whether both describe ports of this machine, and those have a register in common. */
bool opp_host_config_overlaps(const struct opp_host_config *one,
			      const struct opp_host_config *other);

/* Whether a port that is as @one says must be replaced to be as @other says. */
bool opp_host_config_is_another(const struct opp_host_config *one,
				const struct opp_host_config *other);

/* Whether other devices may be there when it is as @other says. */
bool opp_host_config_changes_devices(const struct opp_host_config *one,
				     const struct opp_host_config *other);

/* Whether @key is one of a simulated port, and has no effect on a real one. */
bool opp_host_config_is_of_simulation(const char *key);

/* ---- who asks ------------------------------------------------------------------ */

/* Storage is the caller's from opp_host_open until the gone() of opp_host_close. */
struct opp_host_client {
	struct opp_client engine;
	pid_t pid;     /* thread group */
	uint32_t kind; /* OPP_IOC_WHO_* */
	char name[OPP_IOC_NAME_BYTES];
	bool sees_registers; /* is told their addresses: it may use them by itself */
	/* the host's own; port lock */
	uint64_t number;                    /* 1, 2, ... of this port */
	struct opp_contract_device *device; /* that it has open; NULL: none */
	uint32_t unfinished;                /* requests whose complete() has not returned */
	bool closing;
	void (*gone)(struct opp_host_client *client);
};

/* Who @client is from now on; also while its requests are under way. @name: OPP_IOC_NAME_BYTES. */
void opp_host_name_client(struct opp_host_port *port, struct opp_host_client *client, pid_t pid,
			  const char *name);

enum opp_host_event_kind {
	OPP_HOST_QUEUED,
	OPP_HOST_GRANTED,
	OPP_HOST_RELEASED,
	OPP_HOST_CANCELLED,
	OPP_HOST_EXPIRED,
	OPP_HOST_DROPPED, /* the file, or the port, went away while it held or waited */
	OPP_HOST_KICKED,
	OPP_HOST_TRANSFERRED, /* @bytes moved, @status says how it ended */
};

/* What happened, in the order in which it happened to the port. */
struct opp_host_event {
	enum opp_host_event_kind kind;
	uint64_t sequence; /* 1, 2, ... without a gap */
	uint64_t time_us;  /* monotonic */
	uint64_t request;  /* one number from QUEUED or GRANTED to the end of the hold */
	uint64_t client;   /* a number a file keeps for life */
	pid_t pid;
	uint32_t who; /* OPP_IOC_WHO_* */
	char name[OPP_IOC_NAME_BYTES];
	uint32_t waiters; /* left in line after the whole step this was part of */
	size_t bytes;
	enum opp_status status;
	struct opp_fault fault; /* TRANSFERRED: the first thing that went wrong on the way */
};

/*
 * Called in the order of the events, with the port's lock held: copy and
 * return. NULL: nobody listens, nothing is spent.
 */
typedef void (*opp_host_observer)(void *context, const struct opp_host_event *event);

/*
 * opp_host_port_create - a port on its back end, with a worker thread.
 * Errors: INVALID_PARAMETER, NO_SUCH_DEVICE, INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_host_port_create(const struct opp_host_config *config,
				     opp_host_observer observe, void *observe_context,
				     struct opp_host_port **port, struct opp_error *error);
/* From now on @observe is told, and no other. */
void opp_host_observe(struct opp_host_port *port, opp_host_observer observe, void *observe_context);
/*
 * Every request ends DELETE_PENDING and is told, now; so is every later one. The
 * wire is put to rest. Clients may still be closed. To be called once, or not at all.
 * Context: may wait, also for the wire: not from the complete() of what used it.
 */
void opp_host_port_remove(struct opp_host_port *port);
/*
 * The hardware has gone: the same, but the wire is not touched any more. Clients may still be
 * closed; opp_host_port_remove follows. Context: as opp_host_submit.
 */
void opp_host_port_gone(struct opp_host_port *port);
/*
 * Removes the port if it is not, and frees it.
 * Waits for a slow output, but no more than some seconds.
 */
void opp_host_port_destroy(struct opp_host_port *port);

/*
 * opp_host_open - one more client.
 * @client: zeroed, then pid, kind and name set.
 * Returns SUCCESS, or DELETE_PENDING on a port that is being removed.
 */
enum opp_status opp_host_open(struct opp_host_port *port, struct opp_host_client *client);
/*
 * opp_host_close - the file is gone. @dead: its process did not free properly.
 * Every request of it ends (complete() is called, perhaps later, from the
 * worker); *gone is called when the storage of @client is the caller's again.
 */
void opp_host_close(struct opp_host_port *port, struct opp_host_client *client, bool dead,
		    void (*gone)(struct opp_host_client *client));

/*
 * opp_host_open_device - the client has a device for itself alone, until it is closed:
 * its documented requests go there from now on, no more to the port. To be called once.
 * @place: see <openparport/device.h>.
 * Returns as CREATE of the documents does: ACCESS_DENIED (somebody else has it),
 *	INVALID_DEVICE_REQUEST (nobody is at that place), DELETE_PENDING,
 *	DEVICE_REMOVED; NO_SUCH_DEVICE (there is no such place).
 */
enum opp_status opp_host_open_device(struct opp_host_port *port, struct opp_host_client *client,
				     uint8_t place);

/* ---- requests ------------------------------------------------------------------- */

/* All but the first and the last want a client that holds the port, or a job. */
enum opp_host_req_kind {
	OPP_HOST_ALLOCATE,  /* ends when the port is the client's */
	OPP_HOST_WRITE,     /* bytes, in the mode that is in force; EPP and ECP: or addresses */
	OPP_HOST_READ,      /* the same into the buffer */
	OPP_HOST_NEGOTIATE, /* to the mode of @request */
	OPP_HOST_TERMINATE, /* to compatibility mode */
	OPP_HOST_DEVICE_ID, /* into the buffer, its two bytes of length first */
	OPP_HOST_ASSIGN,    /* gives the devices of a daisy chain their addresses: done of them */
	OPP_HOST_SELECT,    /* connects the device @slot of the daisy chain for @mode */
	OPP_HOST_DESELECT,  /* connects the device at the end of the chain */
	OPP_HOST_SCAN,      /* finds out what devices there are: @scan; done of them in the chain */
	OPP_HOST_BATCH,     /* the operations @ops, @count of them; done of them took effect */
	OPP_HOST_DOCUMENTED, /* a documented request, which says itself what it wants */
};

/* What a write or a read does before its first byte. */
enum opp_host_first {
	OPP_HOST_AS_IT_IS,        /* nothing */
	OPP_HOST_NEGOTIATE_FIRST, /* to the mode of @request, which costs nothing if it is that */
	OPP_HOST_EPP_FIRST,       /* to EPP without asking the peripheral, unless it is in EPP */
};

enum opp_host_stage {
	OPP_HOST_NOT_BEGUN, /* the port, or the wire, is somebody else's */
	OPP_HOST_FIRST,     /* see enum opp_host_first */
	OPP_HOST_ITSELF,
};

/* How far a batch has come; the worker's. */
struct opp_host_batch {
	bool begun;
	uint32_t next;        /* operation */
	uint8_t data, before; /* the data register: as it is, as it was */
	uint64_t began_ns;    /* by the port's clock, on a simulated port virtual time */
	uint64_t due_ns;      /* the next operation: not earlier, by that clock ... */
	uint64_t due_real_ns; /* ... and by the monotonic one */
	bool timing;          /* a delay or a wait is under way */
};

/*
 * One request, zeroed before its fields are set. Storage is the host's from
 * opp_host_submit until complete() is called or an immediate answer returned.
 * complete() is called exactly once for each PENDING submit, on any thread
 * (often inside another call of this interface), no lock held; it may call this
 * interface, opp_host_submit and opp_host_free included.
 */
struct opp_host_req {
	/* DOCUMENTED: major, code, lengths and buffer are the caller's; the answer stands there */
	struct opp_request contract;
	enum opp_host_req_kind kind;
	bool job;       /* allocate the port, do that, free the port ... */
	bool on_device; /* ... for the device @slot of the daisy chain, not the one at its end */
	struct opp_host_client *client;
	void (*complete)(struct opp_host_req *req, enum opp_status status);
	struct opp_batch_op *ops; /* of a batch; their contents are the caller's at complete */
	/* writes and reads; a device id has a buffer, its room and done */
	const uint8_t *bytes; /* of a write; stay the caller's until complete */
	uint8_t *buffer;      /* of a read; its contents are the caller's at complete */
	size_t count;
	enum opp_host_first first;
	bool address;           /* see struct opp_write and struct opp_read */
	size_t done;            /* bytes that changed sides; valid at complete */
	uint64_t inactivity_us; /* longest time without a write's progress; no fault showing */
	uint64_t fault_us;      /* how long a fault may last */
	uint64_t first_us;      /* how long a read waits for its first byte ... */
	uint64_t silence_us;    /* ... and for another one then; 0: OPP_SILENCE_US */
	/* modes and daisy chains */
	uint8_t request; /* OPP_REQUEST_* */
	uint8_t slot;    /* 0 .. 3 */
	enum opp_mode mode;
	struct opp_scan *scan; /* its storage is the caller's; what it found, at complete */
	uint8_t most_devices;  /* of a scan, see opp_scan_begin */
	/* what host and peripheral have agreed on; valid at complete, but not of an allocation */
	enum opp_mode mode_now;
	enum opp_position position_now;
	uint8_t request_now;
	struct opp_fault fault; /* what first went wrong */
	/* the host's own; port lock, but the transfer is the worker's while it runs */
	uint64_t number;
	bool active;     /* from a PENDING submit to complete() */
	bool taken;      /* DOCUMENTED: it ends, too late for a cancel */
	bool cancelling; /* DOCUMENTED: a cancel is on its way to the device */
	enum opp_host_stage stage;
	enum opp_status ended; /* why it shall stop; SUCCESS: it shall not */
	struct opp_link work_link;
	struct opp_transfer transfer;
	struct opp_host_batch batch;
};

/*
 * opp_host_submit - ask for the port, or for something to be done on its wire.
 * A mode that is negotiated, and a device of a daisy chain that is selected, stay
 * so until the port is free: then they are left before the next client has it.
 * Returns SUCCESS or an error at once, or PENDING: complete() follows.
 * A documented request ends as <openparport/contract.h> says. It is the client's, as
 * the file of the documents: others than control requests, reads, writes and
 * questions about it are INVALID_DEVICE_REQUEST. An answer names no address of this
 * process: those are NULL, the routines too, and registers where the client does not see
 * them. One that uses the wire is carried out by
 * the caller, in 1 ms at most, and touches the wire.
 * Errors: DELETE_PENDING, KICKED; INVALID_DEVICE_STATE (a client that does not
 *	hold the port, for other than an allocation or a job; one whose documented
 *	request is using the wire at this moment); INVALID_PARAMETER (a slot that no
 *	daisy chain has, an allocation or documented request as a job, a batch that is
 *	too long or has an operation that is none). A job on a device that cannot be
 *	selected ends UNSUCCESSFUL. What ran ends with its
 *	transfer's status, see <openparport/ieee1284.h> and <openparport/chain.h>; when
 *	what should have come first failed, with the status of that, and nothing done.
 */
enum opp_status opp_host_submit(struct opp_host_port *port, struct opp_host_req *req);

/* Can @count operations be a batch? See OPP_IOC_BATCH. */
bool opp_host_batch_is_valid(const struct opp_batch_op *ops, size_t count);

/*
 * opp_host_try_allocate - take the port if it is free; never stands in line.
 * Returns PENDING, and has done nothing: nobody here holds the port or wants it, but its
 *	system lends it, which takes a moment. Who tries submits an allocation then, and
 *	lets it expire after OPP_HOST_TRY_US.
 * Errors: DEVICE_BUSY, DELETE_PENDING, KICKED.
 */
#define OPP_HOST_TRY_US UINT64_C(20000)
enum opp_status opp_host_try_allocate(struct opp_host_port *port, struct opp_host_client *client);

/*
 * opp_host_cancel - a queued request ends CANCELLED, a running one stops before
 * its next byte or answer (and ends CANCELLED unless that was the last).
 * Context: @req's complete() has not returned.
 * Returns false when it is too late: complete() was or is being called.
 */
bool opp_host_cancel(struct opp_host_port *port, struct opp_host_req *req);

/* The deadline of a request in line: it ends DEVICE_BUSY. False: it left the line before. */
bool opp_host_expire(struct opp_host_port *port, struct opp_host_req *req);

/*
 * opp_host_free - release; the next in line has the port on return, unless a
 * request of @client still ran, which ends CANCELLED, or a mode or a selection is
 * to be left: then the port is handed on after that.
 * Errors: INVALID_DEVICE_STATE (not the holder), KICKED, DELETE_PENDING.
 */
enum opp_status opp_host_free(struct opp_host_port *port, struct opp_host_client *client);

/* Is the port @client's? Nobody else can take it away but by a kick or removal. */
bool opp_host_holds(struct opp_host_port *port, const struct opp_host_client *client);

/*
 * opp_host_kick - put the holder out; it gets KICKED until it opens again.
 * @client: only if the holder is the client of this number; 0: whoever it is.
 * Errors: INVALID_DEVICE_STATE (that one does not hold the port).
 */
enum opp_status opp_host_kick(struct opp_host_port *port, uint64_t client);

/* ---- registers: raw values as a PC port shows them -------------------------------- */

enum opp_host_register {
	OPP_HOST_DATA,
	OPP_HOST_STATUS,
	OPP_HOST_CONTROL,
	OPP_HOST_DIRECTION, /* 0 forward, 1 reverse */
};

#define OPP_HOST_REGISTERS 4u

struct opp_host_access {
	enum opp_host_register which;
	bool write;
	uint8_t keep;  /* a write's: bits of the register that are left, unless @value turns them */
	uint8_t value; /* to be written, or what was read */
};

/*
 * opp_host_access - some accesses, one after the other; the first that fails is the last.
 * opp_host_read, opp_host_write_register - one.
 * Never wait for a transfer: Returns PENDING when the holder's own transfer
 * runs; the caller tries again from that transfer's complete().
 * Context: touches the wire.
 * Errors: INVALID_DEVICE_STATE (not the holder), KICKED, DELETE_PENDING,
 *	INVALID_DEVICE_REQUEST (the chip cannot turn its data lines; STATUS is not written).
 */
enum opp_status opp_host_access(struct opp_host_port *port, struct opp_host_client *client,
				struct opp_host_access *accesses, size_t count);
enum opp_status opp_host_read(struct opp_host_port *port, struct opp_host_client *client,
			      enum opp_host_register which, uint8_t *value);
enum opp_status opp_host_write_register(struct opp_host_port *port, struct opp_host_client *client,
					enum opp_host_register which, uint8_t value);

/*
 * opp_host_registers - the client will drive the port's registers by itself as long as it
 * holds the port; when that ends, lines and chip are put to rest whatever it did.
 * Returns PENDING as opp_host_access.
 * Errors: those of opp_host_access; NO_SUCH_DEVICE (there are none), ACCESS_DENIED (it does
 *	not see them).
 */
enum opp_status opp_host_registers(struct opp_host_port *port, struct opp_host_client *client,
				   struct opp_ioc_registers *registers);

/* ---- what touches the wire, by somebody who must not wait for it ------------------ */

/* Storage is the host's until it is told, recalled or has run at once. */
struct opp_host_errand {
	void (*run)(struct opp_host_errand *errand);  /* calls what is wanted */
	void (*told)(struct opp_host_errand *errand); /* it has run */
	struct opp_host_client *client; /* for whom; is not gone before told() has returned */
	/* the host's own; port lock */
	bool queued;
	struct opp_link link;
};

/*
 * opp_host_errand - has @errand->run() called: now and by the caller where an access takes
 *	no longer than the hardware, else soon by the port's worker, in order of arrival.
 * Context: as opp_host_submit; run() and told() may call what this interface has.
 * Returns true when it has run; told() is not called then.
 */
bool opp_host_errand(struct opp_host_port *port, struct opp_host_errand *errand);

/* It shall not run. False: it has, or does; told() is called all the same. */
bool opp_host_recall(struct opp_host_port *port, struct opp_host_errand *errand);

/*
 * Interrupts of the port (nAck rising while enabled) since it was created.
 * @notify is called on any thread, no lock held, when the count has grown; at
 * most one listener. The simulator raises them in virtual time, which runs
 * with the monotonic clock while @notify is set. @context must outlive the port.
 */
uint64_t opp_host_interrupts(struct opp_host_port *port);
void opp_host_on_interrupt(struct opp_host_port *port, void (*notify)(void *context),
			   void *context);

/*
 * Is the peripheral's Busy low, and what it printed in its file? For fsync on lpt files.
 * True of a port that is not ours to look at, see opp_host_pins.
 * Context: touches the wire.
 */
bool opp_host_peripheral_idle(struct opp_host_port *port);

/* ---- the simulation --------------------------------------------------------------- */

/*
 * opp_host_sim_set - changes one key of a simulated port while it runs.
 * @key, @value: as for opp_host_config_set; beside those
 *	"rude" = "none", or "EVENT:WHAT", "EVENT:WHAT:ARGUMENT": see parport.conf(5).
 * What a printer has taken is printed, and no file loses a byte. A change of the
 * chip's takes the port for as long as it lasts.
 * Context: any thread, no lock held; waits for files.
 * Errors: INVALID_PARAMETER (@error->text says what was expected), DELETE_PENDING;
 *	DEVICE_BUSY (a key of the chip while somebody holds the port, or the
 *	output has no room for what a printer still has to print);
 *	INSUFFICIENT_RESOURCES; INVALID_DEVICE_REQUEST (the port is not simulated).
 */
enum opp_status opp_host_sim_set(struct opp_host_port *port, const char *key, const char *value,
				 struct opp_error *error);

/*
 * opp_host_port_change - what @after says otherwise than @before is as @after says from
 *	now on; all else stays as it is, also what opp_host_sim_set has changed.
 * @before, @after: not another port (opp_host_config_is_another).
 * Context, errors: as opp_host_sim_set. Of chip, peripheral and the rest, in this order,
 *	each is changed as a whole; after an error the later ones are as before.
 */
enum opp_status opp_host_port_change(struct opp_host_port *port,
				     const struct opp_host_config *before,
				     const struct opp_host_config *after, struct opp_error *error);

/* Does setting @key change which devices there are, so that a scan is due? */
bool opp_host_sim_changes_devices(const char *key);

/*
 * opp_host_sim_show - every key as it is now, a line "KEY = VALUE" each.
 * Returns the length without the NUL, also when @bytes are too few for it.
 */
size_t opp_host_sim_show(struct opp_host_port *port, char *text, size_t bytes);

/*
 * opp_host_sim_accesses - accesses to the chip's registers, by whomever, since the chip was made.
 * Context: touches the wire.
 */
uint64_t opp_host_sim_accesses(struct opp_host_port *port);

/* How @req, which has ended with @status, left the wire. */
struct opp_ioc_wire opp_host_wire_facts(const struct opp_host_req *req, enum opp_status status);

/* ---- power --------------------------------------------------------------------------- */

/*
 * opp_host_suspend - the machine goes to sleep: as opp_contract_suspend. What of the host's
 *	own requests runs ends DEVICE_POWERED_OFF with the bytes it has moved, and what needs
 *	the wire is refused with that; those who want the port wait.
 *	Returns true when the wire is quiet; else ask again in a millisecond or two.
 * opp_host_resume - it is awake again: registers are brought back, then all goes on.
 * opp_host_is_awake - that has happened, or there is nothing to wait for any more.
 * Context: as opp_host_submit.
 */
bool opp_host_suspend(struct opp_host_port *port);
void opp_host_resume(struct opp_host_port *port);
bool opp_host_is_awake(struct opp_host_port *port);

/* ---- facts --------------------------------------------------------------------------- */

/* Requests in line; the holder is not counted. */
uint32_t opp_host_waiters(struct opp_host_port *port);

/*
 * opp_host_is_lost - has the hardware left the system, for good (a card that was pulled
 * out)? Whoever asks removes the port then.
 * Context: any thread, no lock held; asks the system, does not wait.
 */
bool opp_host_is_lost(struct opp_host_port *port);
void opp_host_status(struct opp_host_port *port, struct opp_ioc_status *status);
/* Leaves exclusive and max_hold_us zero: they are the service's. */
void opp_host_info(struct opp_host_port *port, struct opp_ioc_info *info);
/* The same of a real port that is not there: what @config says. */
void opp_host_config_info(const struct opp_host_config *config, struct opp_ioc_info *info);
/*
 * DEVICE_BUSY: its system lends the port, and nobody here holds it. ACCESS_DENIED: the
 * calling thread has no right to a real port's registers, where it would read ones.
 * Context: touches the wire.
 */
enum opp_status opp_host_pins(struct opp_host_port *port, struct opp_ioc_pins *pins);

/* What the chip was found to be; OPP_HW_CAN_* of what can be used are in opp_host_info. */
struct opp_host_chip {
	bool ecr;            /* an ECP chip ... */
	bool epp_needs_mode; /* ... whose EPP cycles need its EPP mode */
	uint8_t irq, dma;    /* as configured; 0: unknown */
	struct opp_hw_fifo fifo;
};

/* What had better be changed about the port's system, for people; NULL: nothing. */
const char *opp_host_advice(struct opp_host_port *port);

void opp_host_chip_facts(struct opp_host_port *port, struct opp_host_chip *chip);

#endif
