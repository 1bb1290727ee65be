/* SPDX-License-Identifier: MIT */
/*
 * libopenparport: one port, from a program in user space.
 *
 * A port is opened by name: "lpt1", "parport0" or a path (a port that parportd
 * serves), or "sim:..." (a simulated port inside this process, see
 * opp_open). Allocate it before anything else touches it; free it soon.
 *
 * Every function may be called from any thread, also on one handle, and
 * returns a status of <openparport/status.h>. None keeps a pointer it was
 * given. opp_status_text() and the error of opp_open() are for people. A handle
 * of a port inside the process does not survive a fork.
 */
#ifndef OPENPARPORT_HOSTED_OPENPARPORT_H
#define OPENPARPORT_HOSTED_OPENPARPORT_H

#include <stddef.h>
#include <stdint.h>

#include <openparport/hosted/parportd_ioctl.h>
#include <openparport/modes.h>
#include <openparport/status.h>
#include <openparport/words.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OPP_FOREVER_US  UINT64_MAX
#define OPP_ERROR_BYTES 320

struct opp_handle;

/* What failed, on what, and what to do: one sentence each, no line break. */
struct opp_error {
	enum opp_status status;
	char text[OPP_ERROR_BYTES];
};

/*
 * opp_default_mount - the directory in which parportd shows its ports and opp_open() looks for
 *	them: $OPENPARPORT_MOUNT; without it /run/openparport, but for an ordinary
 *	user where that is not there, openparport in $XDG_RUNTIME_DIR.
 * Errors: INVALID_PARAMETER (it is longer than @bytes).
 */
enum opp_status opp_default_mount(char *path, size_t bytes);

/*
 * opp_open - open a port.
 * @name: one of
 *	"parport<m>" or "lpt<m+1>": a served port, by its file parport<m> below
 *	opp_default_mount(). Both names mean the same port here; the service's
 *	jobs are made by writing to its file lpt<m+1> instead.
 *	A path with a slash: that file, served as parport<m>.
 *	"sim:KEY=VALUE,...": a port inside this process, with the keys chip,
 *	peripheral, output ... of parport.conf(5), e.g.
 *	"sim:peripheral=printer,output=page.prn". Every open makes a port of its
 *	own, but with the further key name=NAME all handles that give this name
 *	share one: it is made by the first, later ones say "sim:name=NAME" alone
 *	or repeat the first one's text, and the last to close ends it. A value
 *	holds no comma.
 * @handle: where the new handle goes; the caller closes it with opp_close.
 * @error: filled on failure; may be NULL.
 * Errors: NO_SUCH_DEVICE (no such port or no service), ACCESS_DENIED,
 *	INVALID_PARAMETER (a malformed name), INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_open(const char *name, struct opp_handle **handle, struct opp_error *error);

/*
 * opp_open_device - open a device on a port, for this handle alone.
 * @name: one of
 *	"lpt<m+1>", the raw device of a served port: whoever is at the end of its daisy
 *	chain, without an id of its own; "lpt<m+1>.<x>", the device at place x, 0 .. 3,
 *	of the chain, or at its end, 4. A path with a slash: that file.
 *	"sim:KEY=VALUE,..." and "sim.<x>:KEY=VALUE,...": the same on a port inside this
 *	process, see opp_open.
 * The handle sends documented requests to the device: opp_control, opp_write, opp_read
 * and opp_device_id, which are made of them. For each the device takes the port in its
 * turn and gives it back, unless opp_lock has taken it for longer.
 * What holds a port, and what needs one that is held, is INVALID_DEVICE_REQUEST;
 * opp_cancel, opp_waiters, opp_get_... and opp_kick are as with a port.
 * Errors: those of opp_open; ACCESS_DENIED also where another one has the device open,
 *	DEVICE_BUSY (a print job is open there), INVALID_DEVICE_REQUEST (nobody is at
 *	that place), DELETE_PENDING, and INVALID_PARAMETER where the path is one of a port.
 */
enum opp_status opp_open_device(const char *name, struct opp_handle **handle,
				struct opp_error *error);

/*
 * opp_lock - has the device of a handle of opp_open_device keep the port, with the
 *	device selected, until opp_unlock: what is done meanwhile neither waits nor lets
 *	go in between. IOCTL_INTERNAL_LOCK_PORT and _UNLOCK_PORT, no more.
 * Errors: DEVICE_BUSY (the port was not obtained within five seconds), CANCELLED,
 *	UNSUCCESSFUL (could not be selected), INVALID_DEVICE_STATE (locked already, or not
 *	locked), DELETE_PENDING, DEVICE_REMOVED, KICKED; INVALID_PARAMETER on a port.
 */
enum opp_status opp_lock(struct opp_handle *handle);
enum opp_status opp_unlock(struct opp_handle *handle);

/* Frees what the handle holds. No other call on it may be under way. NULL is fine. */
void opp_close(struct opp_handle *handle);

/*
 * opp_allocate - wait for the port.
 * @timeout_us: 0 asks once and never waits in line; OPP_FOREVER_US: no limit.
 * Returns SUCCESS: the port is this handle's until opp_free.
 * Errors: DEVICE_BUSY (not obtained in time), CANCELLED (opp_cancel; on a
 *	served port also a signal caught by the waiting thread), DELETE_PENDING,
 *	KICKED (open the port again), DEVICE_REMOVED (the service went away).
 */
enum opp_status opp_allocate(struct opp_handle *handle, uint64_t timeout_us);

/* Errors: INVALID_DEVICE_STATE (not held by this handle), DELETE_PENDING, KICKED. */
enum opp_status opp_free(struct opp_handle *handle);

/*
 * opp_cancel - ends every call that waits on this handle in other threads, for the
 * port or for a device, a write before its next byte. Calls made later are not
 * concerned. Not for signal handlers.
 */
enum opp_status opp_cancel(struct opp_handle *handle);

/*
 * opp_waiters - requests in line; 0 means nobody waits for this port.
 * Errors: none on a port inside the process, DEVICE_REMOVED (the service went
 *	away) on a served one. So it is for all calls that need no hold.
 */
enum opp_status opp_waiters(struct opp_handle *handle, uint32_t *count);

/*
 * ---- registers, as a PC port shows them; the port must be held -------------
 *
 * An access waits while another thread has bytes moved or lines changed by the
 * same handle.
 * Errors: INVALID_DEVICE_STATE (not held by this handle), KICKED,
 *	DELETE_PENDING, DEVICE_REMOVED.
 */

enum opp_status opp_read_data(struct opp_handle *handle, uint8_t *value);
enum opp_status opp_write_data(struct opp_handle *handle, uint8_t value);
enum opp_status opp_read_status(struct opp_handle *handle, uint8_t *value);
enum opp_status opp_read_control(struct opp_handle *handle, uint8_t *value);
enum opp_status opp_write_control(struct opp_handle *handle, uint8_t value);
/* @reverse: non-zero makes the data lines inputs. Errors: INVALID_DEVICE_REQUEST (chip cannot). */
enum opp_status opp_set_direction(struct opp_handle *handle, int reverse);

/*
 * opp_registers - where the registers of a real port are, for a program that drives them
 *	by in and out itself, and the right of the calling thread to do so.
 * @registers: their addresses.
 * The kernel asks for CAP_SYS_RAWIO, of the calling thread; each thread that will use
 * the registers calls this. While they are used so, no other call of the handle uses the
 * wire, and interrupts stay off. The end of the hold, by opp_free(), by a kick or with the
 * program, puts lines and chip back to rest.
 * Nobody can take the right back: not opp_free(), nor a kick, until the thread ends or
 * gives it up itself (ioperm(2)); what the program starts inherits it. Who uses registers
 * that it does not hold any more disturbs the one who does.
 * Errors: INVALID_DEVICE_STATE (not held by this handle), NO_SUCH_DEVICE (simulated, or
 *	lent by the kernel's driver: there are no registers to use), ACCESS_DENIED (no
 *	CAP_SYS_RAWIO, a kernel that is locked down or gives port instructions to nobody),
 *	DEVICE_POWERED_OFF (the port sleeps), KICKED, DELETE_PENDING, DEVICE_REMOVED.
 */
enum opp_status opp_registers(struct opp_handle *handle, struct opp_ioc_registers *registers);

/*
 * ---- bytes, in the mode that is in force; the port must be held ---------------
 *
 * A mode, and a device that is connected, stay until the port is freed.
 */

/*
 * opp_write - sends bytes.
 * @bytes, @count: what to send; 0 bytes succeed at once.
 * @sent: bytes the device took, exact also on every error; may be NULL.
 * @timeout_us: longest time without progress.
 * Errors: TIMEOUT, CANCELLED, DEVICE_PAPER_EMPTY, DEVICE_OFF_LINE,
 *	IO_DEVICE_ERROR, DEVICE_NOT_CONNECTED, DEVICE_POWERED_OFF,
 *	DEVICE_PROTOCOL_ERROR (it fell silent within a byte),
 *	INVALID_DEVICE_REQUEST (nibble and byte mode send nothing),
 *	INVALID_DEVICE_STATE (not held; or a byte was broken off: negotiate, or
 *	terminate), KICKED, DELETE_PENDING, DEVICE_REMOVED.
 */
enum opp_status opp_write(struct opp_handle *handle, const void *bytes, size_t count,
			  uint64_t timeout_us, size_t *sent);

/*
 * opp_read - fetches bytes.
 * @bytes, @room: where they go; 0 bytes succeed at once.
 * @timeout_us: longest time until the first one; then what comes without a pause
 *	is taken.
 * @got: bytes fetched, exact also on every error; may be NULL. 0 with SUCCESS: the
 *	device had nothing to say.
 * Errors: INVALID_DEVICE_REQUEST (compatibility mode fetches nothing), TIMEOUT
 *	(ECP, EPP: the device was busy for as long), and as opp_write.
 */
enum opp_status opp_read(struct opp_handle *handle, void *bytes, size_t room, uint64_t timeout_us,
			 size_t *got);

/*
 * ---- modes and daisy chains; the port must be held ------------------------------
 *
 * opp_negotiate - goes to another mode; the one that is in force costs nothing.
 * @request: OPP_REQUEST_* of <openparport/modes.h>.
 * @how: what is in force now, and what first went wrong; may be NULL.
 * Errors: NO_SUCH_DEVICE (nobody who knows IEEE 1284), UNSUCCESSFUL (the device
 *	refused), DEVICE_PROTOCOL_ERROR (it fell silent), INVALID_PARAMETER (no such
 *	mode, or the port cannot): the mode is compatibility then, but for the last.
 *	CANCELLED, INVALID_DEVICE_STATE (not held), KICKED, DELETE_PENDING,
 *	DEVICE_REMOVED.
 *
 * opp_terminate - back to compatibility mode, which always succeeds: a device that
 *	does not follow is left alone.
 * Errors: as the last five above.
 */
enum opp_status opp_negotiate(struct opp_handle *handle, uint8_t request, struct opp_ioc_wire *how);
enum opp_status opp_terminate(struct opp_handle *handle);

/*
 * opp_device_id - what the device says of itself, as a text of KEY:VALUE; pieces.
 * @text: of @room bytes; ends with ';' and a NUL.
 * Errors: BUFFER_TOO_SMALL, as opp_negotiate; DEVICE_PROTOCOL_ERROR also when
 *	what came is no id.
 */
enum opp_status opp_device_id(struct opp_handle *handle, char *text, size_t room);

/*
 * opp_chain - gives the devices of a daisy chain their addresses.
 * @devices: how many there are, not counting the one at the end.
 *
 * opp_select - connects one of them, in place of the one before.
 * @slot: 0 .. 3, OPP_IOC_END_OF_CHAIN: the one at the end.
 * @mode: what it will be used in; EPP wants to know.
 * Errors: INVALID_PARAMETER, UNSUCCESSFUL (no adapter there says that it is
 *	connected), and as opp_terminate.
 */
enum opp_status opp_chain(struct opp_handle *handle, uint32_t *devices);
enum opp_status opp_select(struct opp_handle *handle, uint8_t slot, enum opp_mode mode);

/*
 * ---- several pin operations with nobody in between ----------------------------
 *
 * opp_batch - does them one after the other and tells when each took effect.
 * @batch->ops, @batch->count: what to do, see OPP_BATCH_DATA and the rest in
 *	<openparport/hosted/parportd_ioctl.h>; up to OPP_BATCH_OPS_MOST. seen and
 *	at_ns are filled in. at_ns counts from the beginning of the batch, on a
 *	simulated port in the simulator's time.
 * @batch->allocate: non-zero: where the handle does not hold the port it is
 *	allocated for this batch, waited for as opp_allocate with
 *	@batch->timeout_us would, and freed. Zero: the port must be held.
 * @batch->done: operations that took effect. What ends a batch early leaves out
 *	the rest, but for OPP_BATCH_DATA_AS_WAS.
 * Other accesses of the handle wait meanwhile. opp_cancel, a kick and the removal
 * of the port end it at its next operation, or in a delay or a wait.
 * Errors: TIMEOUT (ops[done] waited too long), INVALID_PARAMETER (none or too many,
 *	one that is not known, or longer than OPP_BATCH_NS_MOST together: nothing was done),
 *	CANCELLED, INVALID_DEVICE_STATE (not held), DEVICE_BUSY (not obtained in
 *	time), KICKED, DELETE_PENDING, DEVICE_REMOVED.
 */
struct opp_batch {
	struct opp_batch_op *ops;
	uint32_t count;
	int allocate;
	uint64_t timeout_us;
	uint32_t done; /* output */
};

enum opp_status opp_batch(struct opp_handle *handle, struct opp_batch *batch);

/*
 * opp_pulse - some data lines take a level for a while, then the one they had;
 * the port must be held.
 * @mask: which lines, D0 is 0x01. @value: their levels in between.
 * @ns: how long, up to OPP_BATCH_NS_MOST; never shorter, and longer by as much as
 *	the machine is late. The last of it is spent looking at the clock.
 * @width_ns: how long it really was; on a simulated port in the simulator's time,
 *	where it is @ns, or the time of an access if that is longer. 0: no pulse was
 *	made. May be NULL.
 * A pulse that is ended early (opp_cancel, a kick) is shorter, and the lines are back.
 * Errors: as opp_batch without allocate.
 */
enum opp_status opp_pulse(struct opp_handle *handle, uint8_t mask, uint8_t value, uint64_t ns,
			  uint64_t *width_ns);

/*
 * ---- asking now, being told later ------------------------------------------------
 *
 *	opp_submit --> poll(opp_fd()) --> opp_reap
 *
 * Nothing of it has a thread. What is submitted for the wire is done in the order of
 * submission, and so are the blocking calls that come in between.
 */
#define OPP_ASYNC_BYTES OPP_IOC_TRANSFER_BYTES
#define OPP_ASYNC_MOST  OPP_IOC_SUBMITTED_MOST

enum opp_async_kind {
	OPP_ASYNC_ALLOCATE, /* as opp_allocate: timeout_us */
	OPP_ASYNC_WRITE,    /* as opp_write: bytes, count, timeout_us; done */
	OPP_ASYNC_READ,     /* as opp_read: buffer, count, timeout_us; done */
	OPP_ASYNC_BATCH,    /* as opp_batch: batch */
	OPP_ASYNC_CONTROL,  /* as opp_control: control */
};

/* What opp_control gets and gives back. */
struct opp_async_control {
	uint8_t major;
	uint32_t code;
	const void *input;
	uint32_t input_bytes;
	void *output;
	uint32_t output_bytes;
	uint32_t information; /* valid when reaped */
};

/* Zeroed, then filled in. The library's from opp_submit until it is reaped, with all it names. */
struct opp_async {
	enum opp_async_kind kind;
	enum opp_status status; /* when reaped: what the blocking call would have returned */
	uint64_t timeout_us;
	const void *bytes;
	void *buffer;
	size_t count; /* up to OPP_ASYNC_BYTES */
	struct opp_batch *batch;
	struct opp_async_control *control;
	void *context; /* the caller's; not looked at */
	size_t done;   /* valid when reaped */
};

/*
 * opp_submit - have @async done; it is reaped once, whatever becomes of it.
 * Errors: INVALID_PARAMETER (as of the blocking call, or a count above
 *	OPP_ASYNC_BYTES), INSUFFICIENT_RESOURCES (also: OPP_ASYNC_MOST of the handle
 *	have not been reaped), DEVICE_REMOVED: it is not reaped then.
 *
 * opp_fd - a descriptor of the handle's that polls as readable (POLLIN) while there is
 *	something to reap; for poll(), select() and event loops, nothing else. -1: out of
 *	descriptors.
 *
 * opp_reap - one that has ended, the oldest first; NULL: none has. Never waits.
 *
 * opp_cancel_async - ends it early if it can be, like opp_cancel, which ends them all. It
 *	is reaped as any other.
 * Errors: INVALID_DEVICE_STATE (it is not under way, or has just ended).
 *
 * A deadline ends a wait for the port when it has come and opp_fd() is polled and
 * opp_reap() called. opp_close() ends all that is under way without reaping it.
 */
enum opp_status opp_submit(struct opp_handle *handle, struct opp_async *async);
int opp_fd(struct opp_handle *handle);
struct opp_async *opp_reap(struct opp_handle *handle);
enum opp_status opp_cancel_async(struct opp_handle *handle, const struct opp_async *async);

/*
 * ---- documented requests, as a driver of Windows sends them ------------------
 *
 * opp_control - send one and wait for its end: what DeviceIoControl(), or an IRP made
 *	by IoBuildDeviceIoControlRequest(), is there.
 * @major: IRP_MJ_INTERNAL_DEVICE_CONTROL or IRP_MJ_DEVICE_CONTROL, for one number
 *	means different things; also IRP_MJ_READ, _WRITE, _QUERY_INFORMATION and
 *	_SET_INFORMATION. These numbers, the codes and the structures are in
 *	<openparport/codes.h>.
 * @code: of the two control majors; the information class of the two INFORMATIONs;
 *	0 otherwise.
 * @input, @output: may be NULL where their length is 0; may be the same.
 * @input_bytes, @output_bytes: up to OPP_CONTROL_BYTES each.
 * @information: bytes that the request left in @output, or moved; 0 where it
 *	failed, but not of a READ or WRITE; may be NULL.
 *
 * The handle is the open file of the documents: who it is that asks. An ALLOCATE
 * waits for its turn without a limit of its own; opp_cancel ends it, and opp_allocate
 * is the same with a limit. One hold is meant by all: opp_free frees what an ALLOCATE
 * took. In structures that name routines, those are this library's own and work on
 * the handle, by any thread, until it is closed; Context is theirs alone; addresses
 * of registers are 0, but those of a real port for a thread with CAP_SYS_RAWIO: see
 * opp_registers, without which they are of no use. CONNECT_INTERRUPT is disabled, as it is by default there, and
 * PARCLASS_CONNECT is refused: a device's routines are its requests by another name.
 *
 * Returns the documented status: enum opp_status names each STATUS_... by its own
 * name (<openparport/status.h>), opp_status_ntstatus() gives its number.
 * Errors: INVALID_PARAMETER also for a length above OPP_CONTROL_BYTES,
 *	INVALID_DEVICE_REQUEST for another major; beside the documented ones KICKED
 *	and DEVICE_REMOVED as of opp_allocate.
 */
#define OPP_CONTROL_BYTES OPP_IOC_CONTROL_BYTES

enum opp_status opp_control(struct opp_handle *handle, uint8_t major, uint32_t code,
			    const void *input, uint32_t input_bytes, void *output,
			    uint32_t output_bytes, uint32_t *information);

/* ---- what is going on; nobody needs to hold the port ------------------------ */

enum opp_status opp_get_status(struct opp_handle *handle, struct opp_ioc_status *status);
enum opp_status opp_get_info(struct opp_handle *handle, struct opp_ioc_info *info);
enum opp_status opp_get_pins(struct opp_handle *handle, struct opp_ioc_pins *pins);

/*
 * opp_kick - put somebody out of the port; he gets KICKED until he opens it again.
 * @who: the holder or the job as opp_get_status() told it, so that nobody is put
 *	out who came later; NULL: whoever holds the port.
 * Errors: ACCESS_DENIED (neither root nor the service's user),
 *	INVALID_DEVICE_STATE (not there any more), DEVICE_REMOVED.
 */
enum opp_status opp_kick(struct opp_handle *handle, const struct opp_ioc_who *who);

/*
 * opp_events - what happens from now on, as lines of JSON: the event log of parportd(8),
 * and on a served port its devices that arrive and depart and its jobs. A served port
 * tells of all ports of the service; the field "port" says which.
 * Returns a descriptor, the caller's to read, poll() and close(): it blocks, unless the
 *	caller sets it not to. -1: see errno. Nobody waits for a reader; what he has no
 *	room for is lost, and a line {"event":"lost","count":N} says so. The end of the
 *	port is the end of the file, or an error of read().
 */
int opp_events(struct opp_handle *handle);

/* ---- for people: see <openparport/words.h>, too ----------------------------------- */

/* Positive; 0 for SUCCESS. What a served file's call fails with. */
int opp_status_errno(enum opp_status status);
/* The NTSTATUS that a status stands for; STATUS_ACCESS_DENIED for KICKED, which Windows has not. */
int32_t opp_status_ntstatus(enum opp_status status);

#ifdef __cplusplus
}
#endif

#endif
