/* SPDX-License-Identifier: MIT */
/*
 * What a host says to a peripheral: pure state machines over <openparport/hw.h>.
 *
 *	opp_..._begin --> opp_transfer_step --> OPP_STEP_DONE
 *	                    ^   |
 *	                    '---'  OPP_STEP_AGAIN, OPP_STEP_WAIT
 *
 * Two structures. A struct opp_protocol is what host and peripheral of one port
 * have agreed on; it lives as long as the port. A struct opp_transfer is one
 * thing to do there (negotiate, write, read, fetch the device id, select in a
 * daisy chain); it lives in storage of the caller until OPP_STEP_DONE. Both
 * belong to the one context that steps. Only opp_transfer_end() may be called
 * from elsewhere.
 *
 * Nothing here sleeps, allocates or reads a clock: time is passed in, waits are
 * results. This does not arbitrate: whoever steps holds the port.
 *
 * Events are numbered as in IEEE 1284, from 0 (IEEE1284 section 11, row 1).
 */
#ifndef OPENPARPORT_IEEE1284_H
#define OPENPARPORT_IEEE1284_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openparport/hw.h>
#include <openparport/modes.h>
#include <openparport/status.h>

/* ---- the protocol of a port ---------------------------------------------------- */

/* What may differ from port to port. All zero: the defaults. */
#define OPP_PROTOCOL_SOFTWARE_EPP (1u << 0) /* by lines although the chip has cycles */
#define OPP_PROTOCOL_SOFTWARE_ECP (1u << 1) /* by lines although the chip has a FIFO */
#define OPP_PROTOCOL_STRICT       (1u << 2) /* peripherals answer in 35 ms, not in 100 */
#define OPP_PROTOCOL_BOUNDED_ECP  (1u << 3) /* 0x18 may be negotiated (IEEE1284 5.6) */
#define OPP_PROTOCOL_SETTLE       (1u << 4) /* look twice: status lines settle late */
#define OPP_PROTOCOL_EPP_WIDE     (1u << 5) /* data in 4-byte cycles; counts in steps of 4 */
#define OPP_PROTOCOL_EPP_17       (1u << 6) /* a peripheral of EPP 1.7: nWait may rest high */
#define OPP_PROTOCOL_COMPAT_FIFO  (1u << 7) /* compatibility mode by the chip's FIFO, if any */
#define OPP_PROTOCOL_CHAIN_EPP_28 (1u << 8) /* EPP in a daisy chain is selected by 28, not 20 */

/* Of a run of equal bytes in ECP: what a reader was told and has not passed on. */
struct opp_rle {
	uint8_t copies; /* 0: no run */
	uint8_t byte;
	bool held; /* copies are of byte; otherwise of the next byte to come */
};

struct opp_protocol {
	uint32_t options; /* OPP_PROTOCOL_*; the owner's, between transfers */

	/* read between transfers */
	enum opp_mode mode;
	enum opp_position position;
	uint8_t request; /* the one that was accepted; in compatibility mode 0 */

	/* own, in ECP */
	struct opp_rle held;
	bool stray_count;   /* the peripheral was told a count, and never its byte */
	bool channel_waits; /* what the peripheral says next is a channel address */
};

/* ---- one thing to do ------------------------------------------------------------- */

enum opp_step {
	OPP_STEP_DONE,  /* status and moved are final */
	OPP_STEP_AGAIN, /* the budget is spent: step again when convenient */
	OPP_STEP_WAIT,  /* nothing to do before the peripheral moves: see wait */
};

/* The first thing that went wrong in a transfer, even if it mended itself later. */
struct opp_fault {
	enum opp_status status; /* OPP_SUCCESS: nothing did */
	enum opp_phase phase;
	uint8_t event;         /* IEEE 1284 event waited for, or OPP_NO_EVENT */
	uint8_t status_lines;  /* levels, as read */
	uint8_t control_lines; /* levels, as driven */
	uint64_t time_us;
};

struct opp_wait {
	/*
	 * Step again at this time at the latest. Earlier is always allowed:
	 * after an interrupt, and at once after opp_transfer_end().
	 */
	uint64_t until_us;
	bool poll; /* stepping without sleeping is worth it until then */
};

/* @by_us after @time_us; UINT64_MAX is never. */
static inline uint64_t opp_later_us(uint64_t time_us, uint64_t by_us)
{
	return by_us > UINT64_MAX - time_us ? UINT64_MAX : time_us + by_us;
}

/* What opp_write_begin sends. */
struct opp_write {
	const void *bytes; /* the caller's; lives until OPP_STEP_DONE */
	size_t length;     /* 0 succeeds without touching the hardware */

	/*
	 * How long the peripheral may refuse a byte while no line shows a
	 * fault; counted anew from the end of each byte and once more from the
	 * end of a byte's fault_us when there was a fault.
	 */
	uint64_t inactivity_us; /* EPP: how long it may keep the first cycle from starting */

	/*
	 * Compatibility mode: how long a fault (paper out, off-line, error, not
	 * connected, powered off) may show before the transfer ends with it. 0:
	 * at once.
	 */
	uint64_t fault_us;

	bool address;  /* EPP: address cycles; ECP: channel addresses, 0 .. 127 */
	bool compress; /* ECP: runs as counts, if OPP_REQUEST_ECP_RLE was accepted */
};

/* What opp_read_begin fetches. */
struct opp_read {
	uint8_t *bytes;  /* the caller's; lives until OPP_STEP_DONE */
	size_t capacity; /* 0 succeeds without touching the hardware */
	bool address;    /* EPP: address cycles; ECP: channel addresses only */

	/*
	 * How long to wait for the first byte, and with bytes in hand for
	 * another one. EPP, where the host makes the bytes come: first_us is how
	 * long the peripheral may keep the first cycle from starting (nWait
	 * high); silence_us means nothing.
	 */
	uint64_t first_us;
	uint64_t silence_us;
};

#define OPP_SILENCE_US 35000u /* usual silence_us (IEEE1284 P-111) */

#define OPP_NO_CHANNEL 0xffu

/* How many of the last bytes in a FIFO a transfer remembers the worth of. */
#define OPP_FIFO_LOG 128

/* What the begin functions of <openparport/chain.h> ask for. */
struct opp_chain {
	uint8_t command;
	uint8_t most; /* devices that may get an address */
};

struct opp_stage;
struct opp_move;

/* A transfer is a short stack of stages; the one on top is what happens now. */
struct opp_frame {
	const struct opp_stage *stage;
	uint8_t at; /* how far it is; 0: it has not started */
};

#define OPP_TRANSFER_DEPTH 6

struct opp_transfer {
	/* what to do: one of the begin functions */
	struct opp_protocol *protocol;
	struct opp_write write;
	struct opp_read read;
	struct opp_chain chain;

	/* how it goes; read between steps */
	size_t moved;           /* bytes that changed sides; until done those in a FIFO, too */
	enum opp_status status; /* OPP_PENDING until OPP_STEP_DONE */
	struct opp_wait wait;   /* valid after OPP_STEP_WAIT */
	struct opp_fault fault; /* the first one */
	uint8_t channel;        /* ECP: the address that a read of data ended before */

	/* own */
	_Atomic uint32_t ended_by; /* why it shall stop (enum opp_status); 0: go on */
	struct opp_frame frames[OPP_TRANSFER_DEPTH];
	uint8_t depth;
	enum opp_status result;       /* of the stage that returned last */
	enum opp_status verdict;      /* what a failed stage returns once it has tidied up */
	const struct opp_move *moves; /* of the handshake on top */
	size_t room;                  /* for a device id */
	uint8_t request;              /* of opp_negotiate_begin */
	uint8_t byte;                 /* what a handshake puts on the data lines */
	uint8_t seen;                 /* status lines at the last look */
	bool waiting;                 /* since waiting_since_us the peripheral has not moved */
	bool faulted;                 /* during this wait a fault showed first at fault_at_us */
	uint64_t waiting_since_us;
	uint64_t fault_at_us;
	uint8_t counted;             /* ECP: copies that the byte which comes next stands for */
	uint32_t pace_us;            /* between looks at a FIFO */
	uint64_t look_at_us;         /* not before */
	size_t entered;              /* bytes put into the FIFO ... */
	uint8_t worth[OPP_FIFO_LOG]; /* ... and what the last ones were worth */
};

/*
 * opp_protocol_init - host and peripheral are in compatibility mode.
 * @options: OPP_PROTOCOL_*.
 * Context: whoever holds the port, between transfers. Also after the lines were
 *	put to idle by other means than a transfer.
 */
void opp_protocol_init(struct opp_protocol *protocol, uint32_t options);

/*
 * opp_negotiate_begin - prepares the way into a mode. Touches no hardware.
 * @request: OPP_REQUEST_*. With OPP_REQUEST_LINK or-ed to it the same by
 *	extensibility link: event 0 carries the link, the rest follows in events
 *	51 to 55.
 * The way is by compatibility mode, wherever the two are. The request that is
 * in force already costs nothing, except one for the device id: that starts
 * over, at the id's first byte.
 * Context: any.
 * When done: OPP_SUCCESS, or
 *	OPP_INVALID_PARAMETER	no such request, one that is named only, one
 *				that @protocol->options or the hardware forbid;
 *				the mode is what it was
 * or, in compatibility mode,
 *	OPP_NO_SUCH_DEVICE	nobody answered event 1: nobody who knows IEEE 1284
 *	OPP_UNSUCCESSFUL	the peripheral refused
 *	OPP_DEVICE_PROTOCOL_ERROR the peripheral fell silent, see fault.event
 *	the reason given to opp_transfer_end
 * Source: IEEE1284 4.2, 4.3, 4.6.
 */
void opp_negotiate_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
			 uint8_t request);

/*
 * opp_request_in_force - would opp_negotiate_begin with @request cost nothing?
 * Context: whoever holds the port, between transfers.
 */
bool opp_request_in_force(const struct opp_protocol *protocol, uint8_t request);

/*
 * opp_terminate_begin - prepares the way back to compatibility mode. Touches no hardware.
 * Context: any.
 * When done: OPP_SUCCESS, always: a peripheral that does not follow is left
 * alone with nSelectIn low, and fault.event says where it stopped. Takes two
 * answers of the peripheral at most, from ECP three; opp_transfer_end does not
 * shorten that.
 * Source: IEEE1284 4.5.
 */
void opp_terminate_begin(struct opp_transfer *transfer, struct opp_protocol *protocol);

/*
 * opp_abort_begin - opp_terminate_begin without asking: immediate termination.
 * What the peripheral was about to say is lost. Takes one step.
 * Source: IEEE1284 4.5.
 */
void opp_abort_begin(struct opp_transfer *transfer, struct opp_protocol *protocol);

/*
 * opp_reset_begin - prepares a reset of the peripheral: nInit low for 50 us at least,
 * then until Busy is low, or 1 s. Touches no hardware. From another mode the way is by
 * compatibility mode.
 * Context: any.
 * When done, in compatibility mode: OPP_SUCCESS, the line faults of opp_write_begin as
 * the lines show them then, or the reason given to opp_transfer_end.
 * Source: IEEE1284 3.1 (P-056); CONTRACT S-76.
 */
void opp_reset_begin(struct opp_transfer *transfer, struct opp_protocol *protocol);

/*
 * opp_write_begin - prepares a write in the mode that is in force when it is
 * first stepped. Touches no hardware.
 * @what: copied, but for the bytes.
 * Context: any.
 * When done: OPP_SUCCESS, or
 *	OPP_INVALID_DEVICE_REQUEST	the mode moves nothing forward
 *	OPP_INVALID_DEVICE_STATE	a byte broke off: only negotiation and
 *					termination lead on (OPP_AT_BROKEN_OFF)
 *	OPP_INVALID_PARAMETER		ECP: a channel address above 127
 *	OPP_DEVICE_PROTOCOL_ERROR	ECP: the peripheral fell silent within a byte
 *					or a turn, see fault.event
 *	OPP_TIMEOUT			a byte was refused for inactivity_us, no fault
 *					shows; EPP: so was the first cycle, or a cycle
 *					was not answered (by the chip: in about 10 us;
 *					by lines: in 100 ms)
 *	OPP_DEVICE_NOT_CONNECTED	every status line is high
 *	OPP_DEVICE_POWERED_OFF		every status line is low (nAck is not looked at)
 *	OPP_DEVICE_PAPER_EMPTY		nFault low, PError high
 *	OPP_DEVICE_OFF_LINE		nFault low, Select low
 *	OPP_IO_DEVICE_ERROR		nFault low, nothing else
 *	the reason given to opp_transfer_end
 * (the faults of lines in compatibility mode only). Whatever the status:
 * moved bytes were taken (of EPP cycles of 4 bytes, one that timed out counts
 * none), and the lines are at the mode's idle or at OPP_AT_BROKEN_OFF, in
 * compatibility mode OPP_CONTROL_IDLE with the data lines driven (unless there
 * was nothing to send). The interrupt enable is left as it was.
 * Source: IEEE1284 section 3; CONTRACT S-73.
 */
void opp_write_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
		     const struct opp_write *what);

/*
 * opp_read_begin - prepares a read in the mode that is in force when it is
 * first stepped. Touches no hardware.
 * @what: copied; the bytes are the caller's.
 * Context: any.
 * When done: OPP_SUCCESS, with moved short of the capacity when the peripheral
 * had no more to say for as long as @what allows, or
 *	OPP_INVALID_DEVICE_REQUEST	the mode moves nothing in reverse
 *	OPP_INVALID_DEVICE_STATE	see opp_write_begin
 *	OPP_TIMEOUT			ECP: the peripheral was busy for first_us;
 *					EPP: nWait was high for first_us, or a cycle
 *					was not answered or not ended, see fault.event
 *	OPP_DEVICE_PROTOCOL_ERROR	the peripheral fell silent within a byte,
 *					see fault.event; the lines are at the mode's idle
 *	the reason given to opp_transfer_end
 * Whatever the status: moved bytes are in the buffer, and the peripheral
 * counts no other byte as taken. Data lines that the peripheral may still
 * drive are left to it, and the port is at OPP_AT_BROKEN_OFF.
 * Source: IEEE1284 5.1, 5.2, 5.4, 5.5.
 */
void opp_read_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
		    const struct opp_read *what);

/*
 * opp_device_id_begin - prepares fetching the device id, from its first byte.
 * Touches no hardware.
 * @buffer, @capacity: for the bytes as they come, the two of the length first;
 *	the caller's until OPP_STEP_DONE. OPP_DEVICE_ID_MOST are always enough.
 * Asks for it in nibble mode, then in byte mode and ECP as far as the hardware
 * allows. Starts from any mode.
 * Context: any.
 * When done, in compatibility mode: OPP_SUCCESS, or
 *	OPP_NO_SUCH_DEVICE	nobody knows IEEE 1284
 *	OPP_UNSUCCESSFUL	it has no device id
 *	OPP_BUFFER_TOO_SMALL	there is more; opp_device_id_expected() says how
 *				much (when @capacity is 2 at least)
 *	OPP_DEVICE_PROTOCOL_ERROR, the reason given to opp_transfer_end
 * Source: IEEE1284 6.3.
 */
void opp_device_id_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
			 uint8_t *buffer, size_t capacity);

/*
 * opp_epp_begin - prepares the way into EPP for a peripheral that knows nothing
 * else, or that somebody else has brought there: there is no negotiation, only the
 * lines go to EPP's idle. Touches no hardware. From another mode of @protocol the
 * way is by compatibility mode.
 * Context: any.
 * When done: OPP_SUCCESS, always. opp_terminate_begin leads back, by a reset.
 * Source: IEEE1284 5.4.
 */
void opp_epp_begin(struct opp_transfer *transfer, struct opp_protocol *protocol);

/*
 * opp_transfer_step - goes on until the budget is spent, the peripheral is to
 * move, or all is done.
 * @now_us: the caller's monotonic time; never goes back within a transfer.
 * @budget_ns: how long this step may keep its caller, counted in accesses and
 *	stalls, not measured. One byte is the least a step moves; it never ends
 *	inside a pulse whose width is bounded.
 * Context: who drives the wire; any IRQL up to DISPATCH_LEVEL; does not wait.
 * Returns: OPP_STEP_DONE with @transfer->status as the begin function says, at
 *	every further call too.
 */
enum opp_step opp_transfer_step(struct opp_transfer *transfer, struct opp_hw *hw, uint64_t now_us,
				uint32_t budget_ns);

/*
 * opp_transfer_end - makes a transfer stop before its next byte, or in its next wait.
 * @reason: OPP_CANCELLED, OPP_DELETE_PENDING, OPP_KICKED, ...; the first one given wins.
 * Has no effect on a transfer that is done. What must not be torn is finished
 * first: a byte in nibble and byte mode, an EPP cycle and the end of a read in
 * EPP, a byte of ECP up to event 45 or its recovery, what a FIFO holds, a
 * question the peripheral owes an answer to, the way back to compatibility mode.
 * Each is a few answers, which come in 100 ms or count as missing. The caller
 * wakes who steps it.
 * Context: any, DIRQL included; any thread, while the transfer's storage lives.
 */
void opp_transfer_end(struct opp_transfer *transfer, enum opp_status reason);

/*
 * opp_line_condition - what the status lines say of a peripheral in compatibility mode.
 * @status: levels, OPP_STATUS_LINES.
 * Returns: OPP_SUCCESS, or the line faults of opp_write_begin.
 * Source: CONTRACT 5.1, S-73; IEEE1284 3.4 (P-054).
 */
enum opp_status opp_line_condition(uint8_t status);

/*
 * opp_line_fault - the same, where nFault calls attention to it or nobody is there:
 * what keeps a write from going on.
 */
enum opp_status opp_line_fault(uint8_t status);

#endif
