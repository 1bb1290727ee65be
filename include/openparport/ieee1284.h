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
#include <openparport/status.h>

/* ---- the protocol of a port ---------------------------------------------------- */

enum opp_mode {
	OPP_MODE_COMPAT,
	OPP_MODE_NIBBLE,
	OPP_MODE_BYTE,
	OPP_MODE_ECP,
	OPP_MODE_EPP,
};

/* Extensibility requests, as sent at event 0 (IEEE1284 4.3). */
#define OPP_REQUEST_NIBBLE         0x00u
#define OPP_REQUEST_BYTE           0x01u
#define OPP_REQUEST_DEVICE_ID      0x04u /* or-ed to nibble, byte, ECP */
#define OPP_REQUEST_CHANNEL_NIBBLE 0x08u /* named, never made: INVALID_PARAMETER */
#define OPP_REQUEST_ECP            0x10u
#define OPP_REQUEST_BECP           0x18u
#define OPP_REQUEST_ECP_RLE        0x30u
#define OPP_REQUEST_EPP            0x40u
#define OPP_REQUEST_LINK           0x80u /* another byte follows */

/* Where the two are within the mode. */
enum opp_position {
	OPP_AT_COMPAT_IDLE,
	OPP_AT_HBDA,  /* nibble, byte: host busy, data available */
	OPP_AT_HBDNA, /* nibble, byte: host busy, data not available */
	OPP_AT_REVERSE_IDLE,
	OPP_AT_ECP_FORWARD,
	OPP_AT_ECP_REVERSE,
	OPP_AT_EPP_IDLE,
};

/* What may differ from port to port. All zero: the defaults. */
#define OPP_PROTOCOL_SOFTWARE_EPP (1u << 0) /* by lines although the chip has cycles */
#define OPP_PROTOCOL_SOFTWARE_ECP (1u << 1) /* by lines although the chip has a FIFO */
#define OPP_PROTOCOL_STRICT       (1u << 2) /* peripherals answer in 35 ms, not in 100 */
#define OPP_PROTOCOL_BOUNDED_ECP  (1u << 3) /* 0x18 may be negotiated (IEEE1284 5.6) */
#define OPP_PROTOCOL_SETTLE       (1u << 4) /* look twice: status lines settle late */
#define OPP_PROTOCOL_EPP_WIDE     (1u << 5) /* data in 4-byte cycles; counts in steps of 4 */

struct opp_protocol {
	uint32_t options; /* OPP_PROTOCOL_*; the owner's, between transfers */

	/* read between transfers */
	enum opp_mode mode;
	enum opp_position position;
	uint8_t request; /* the one that was accepted; in compatibility mode 0 */
};

/* ---- one thing to do ------------------------------------------------------------- */

enum opp_step {
	OPP_STEP_DONE,  /* status and moved are final */
	OPP_STEP_AGAIN, /* the budget is spent: step again when convenient */
	OPP_STEP_WAIT,  /* nothing to do before the peripheral moves: see wait */
};

/* What a transfer was doing when something went wrong. */
enum opp_phase {
	OPP_PHASE_COMPAT_READY, /* waiting until the peripheral takes the next byte */
};

#define OPP_NO_EVENT 0xffu /* compatibility mode has no IEEE 1284 event numbers */

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

struct opp_transfer {
	/* what to do: opp_compat_write_begin */
	const uint8_t *bytes;
	size_t length;
	uint64_t inactivity_us;
	uint64_t fault_us;

	/* how it goes; read between steps */
	size_t moved;           /* bytes the peripheral was given, exact at every time */
	enum opp_status status; /* OPP_PENDING until OPP_STEP_DONE */
	struct opp_wait wait;   /* valid after OPP_STEP_WAIT */
	struct opp_fault fault; /* the first one */

	/* own */
	_Atomic uint32_t ended_by; /* why it shall stop (enum opp_status); 0: go on */
	bool stalled;              /* the next byte was refused at stalled_at_us */
	bool faulted;              /* during this stall a fault showed first at fault_at_us */
	uint64_t stalled_at_us;
	uint64_t fault_at_us;
};

/*
 * opp_compat_write_begin - prepares a write in compatibility mode. Touches no hardware.
 * @bytes, @length: what to send; @bytes stays the caller's and must live until
 *	OPP_STEP_DONE. 0 bytes succeed without touching the hardware.
 * @inactivity_us: how long the peripheral may refuse a byte while no line
 *	shows a fault; counted anew from the end of each byte and once more
 *	from the end of a byte's fault_us when there was a fault.
 * @fault_us: how long a fault (paper out, off-line, error, not connected,
 *	powered off) may show before the transfer ends with it. 0: at once.
 * Context: any.
 */
void opp_compat_write_begin(struct opp_transfer *transfer, const void *bytes, size_t length,
			    uint64_t inactivity_us, uint64_t fault_us);

/*
 * opp_compat_write_step - moves bytes until the budget is spent, the peripheral
 * refuses a byte or all is said.
 * @now_us: the caller's monotonic time; never goes back within a transfer.
 * @budget_ns: how long this step may keep its caller, counted in accesses and
 *	stalls, not measured. One byte (about 4 accesses) is the least a step
 *	takes; it never ends inside the strobe pulse.
 * Context: who drives the wire; any IRQL up to DISPATCH_LEVEL; does not wait.
 * Returns: OPP_STEP_DONE with @transfer->status one of
 *	OPP_SUCCESS
 *	OPP_TIMEOUT			a byte was refused for inactivity_us, no fault shows
 *	OPP_DEVICE_NOT_CONNECTED	every status line is high
 *	OPP_DEVICE_POWERED_OFF		every status line is low (nAck is not looked at)
 *	OPP_DEVICE_PAPER_EMPTY		nFault low, PError high
 *	OPP_DEVICE_OFF_LINE		nFault low, Select low
 *	OPP_IO_DEVICE_ERROR		nFault low, nothing else
 *	the reason given to opp_transfer_end
 * Whatever the status: @transfer->moved bytes were strobed, and the control
 * lines are OPP_CONTROL_IDLE with the data lines driven (unless there was
 * nothing to send). The interrupt enable is left as it was.
 * Source: IEEE1284 section 3; CONTRACT S-73.
 */
enum opp_step opp_compat_write_step(struct opp_transfer *transfer, struct opp_hw *hw,
				    uint64_t now_us, uint32_t budget_ns);

/*
 * opp_transfer_end - makes a transfer stop before its next byte.
 * @reason: OPP_CANCELLED, OPP_DELETE_PENDING, OPP_KICKED, ...; the first one given wins.
 * Has no effect on a transfer that is done. The caller wakes who steps it.
 * Context: any, DIRQL included; any thread, while the transfer's storage lives.
 */
void opp_transfer_end(struct opp_transfer *transfer, enum opp_status reason);

/*
 * opp_line_fault - what the status lines complain about.
 * @status: levels, OPP_STATUS_LINES.
 * Returns: OPP_SUCCESS, or the fault statuses of opp_compat_write_step.
 * Source: CONTRACT 5.1, S-73; IEEE1284 3.4 (P-054).
 */
enum opp_status opp_line_fault(uint8_t status);

#endif
