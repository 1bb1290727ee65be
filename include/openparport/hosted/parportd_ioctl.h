/* SPDX-License-Identifier: MIT */
/*
 * parportd's own ioctls, beside those of <linux/ppdev.h>, on its files.
 *
 * Every code carries its size, so that a FUSE file can serve it. Layouts are
 * the same for 32-bit and 64-bit callers. Times are microseconds.
 * A call fails with -1 and errno; parportd(8) lists the values.
 */
#ifndef OPENPARPORT_HOSTED_PARPORTD_IOCTL_H
#define OPENPARPORT_HOSTED_PARPORTD_IOCTL_H

#include <stdint.h>
#include <sys/ioctl.h>

#define OPP_IOC_TYPE           'O'
#define OPP_IOC_VERSION_NUMBER 1
#define OPP_IOC_NAME_BYTES     48
#define OPP_IOC_WAITERS_MAX    100
#define OPP_IOC_FOREVER_US     UINT64_MAX

/* struct opp_ioc_who.kind */
#define OPP_IOC_WHO_NOBODY  0
#define OPP_IOC_WHO_PPDEV   1 /* a file parport<m> */
#define OPP_IOC_WHO_JOB     2 /* a file lpt<m+1> */
#define OPP_IOC_WHO_LIBRARY 3 /* a program's own port, no service */
#define OPP_IOC_WHO_SERVICE 4 /* the service, which looks what devices there are */
#define OPP_IOC_WHO_SYSTEM  5 /* another user of the port's system, none of its own */

/* The client of whom the system has lent the port to: nobody that can be put out. */
#define OPP_IOC_CLIENT_OF_SYSTEM UINT64_MAX

struct opp_ioc_who {
	int32_t pid;                   /* thread group; 0 when unknown */
	uint32_t kind;                 /* OPP_IOC_WHO_* */
	uint64_t age_us;               /* how long it has held, waited or been printed */
	uint64_t client;               /* a number that its open file keeps */
	char name[OPP_IOC_NAME_BYTES]; /* the program's, NUL-terminated */
};

/*
 * What first went wrong in the last write that met anything wrong, even if it
 * mended itself later and the write came to its end.
 */
struct opp_ioc_fault {
	uint32_t status;       /* enum opp_status; 0: no write has met a fault */
	uint8_t phase;         /* enum opp_phase of <openparport/ieee1284.h> */
	uint8_t event;         /* IEEE 1284 event waited for; 255: none */
	uint8_t status_lines;  /* levels as the host read them */
	uint8_t control_lines; /* levels as it drove them */
	uint64_t age_us;       /* how long ago */
};

/* struct opp_ioc_status.state */
#define OPP_IOC_STATE_FREE      0
#define OPP_IOC_STATE_GRANTING  1
#define OPP_IOC_STATE_HELD      2
#define OPP_IOC_STATE_RELEASING 3
#define OPP_IOC_STATE_REMOVED   4
#define OPP_IOC_STATE_ELSEWHERE 5 /* somebody waits, and the system has lent it to @holder */

struct opp_ioc_status {
	uint32_t state;   /* OPP_IOC_STATE_* */
	uint32_t waiters; /* all, also those not listed */
	uint32_t listed;  /* entries of waiter[] that are valid */
	uint32_t allocates;
	uint32_t frees;
	uint32_t jobs_behind; /* print jobs that wait until @job is closed */
	uint64_t longest_wait_us;
	uint64_t longest_hold_us;
	uint64_t bytes_written; /* by transfers, since the service started ... */
	uint64_t bytes_read;    /* ... and from here on so, too */
	uint64_t waits;         /* requests that stood in line */
	uint64_t faults;        /* transfers that met one, even if it mended itself */
	uint64_t interrupts;
	struct opp_ioc_fault fault;
	struct opp_ioc_who holder;
	struct opp_ioc_who job; /* is printed, and keeps its place while it writes nothing */
	struct opp_ioc_who waiter[OPP_IOC_WAITERS_MAX]; /* in line, next first */
};

struct opp_ioc_info {
	uint32_t version;                    /* OPP_IOC_VERSION_NUMBER */
	uint32_t number;                     /* m of parport<m> */
	uint32_t capabilities;               /* OPP_HW_CAN_* of <openparport/hw.h> */
	uint32_t interrupt;                  /* 1: interrupts reach clients */
	char name[OPP_IOC_NAME_BYTES];       /* "parport0" */
	char back_end[OPP_IOC_NAME_BYTES];   /* "sim", "ppdev:/dev/parport0" */
	char chip[OPP_IOC_NAME_BYTES];       /* "ps2" */
	char peripheral[OPP_IOC_NAME_BYTES]; /* "printer", "none" */
	char exclusive[OPP_IOC_NAME_BYTES];  /* "refuse", "wait" */
	uint64_t max_hold_us;                /* 0: no limit */
};

/*
 * The wires as they are now, electrical levels; asks nobody's leave. EBUSY: the port is
 * not ours to look at, for its system lends it and no client holds it.
 */
struct opp_ioc_pins {
	uint8_t data;    /* D0..D7 */
	uint8_t status;  /* OPP_LINE_* status lines of <openparport/wire.h> */
	uint8_t control; /* OPP_LINE_* control lines */
	uint8_t reverse; /* 1: data lines are inputs */
	uint32_t reserved;
};

struct opp_ioc_allocate {
	uint64_t timeout_us; /* 0: now or never; OPP_IOC_FOREVER_US: no limit */
};

struct opp_ioc_kick {
	uint64_t client; /* opp_ioc_who.client of a holder or job; 0: whoever holds the port */
};

#define OPP_IOC_END_OF_CHAIN    255 /* a slot: the device that needs no selection */
#define OPP_IOC_DEVICE_ID_BYTES 4096

struct opp_ioc_wire {
	uint32_t status;            /* enum opp_status */
	uint8_t request;            /* OPP_IOC_NEGOTIATE: OPP_REQUEST_*; then the one in force */
	uint8_t mode;               /* OPP_IOC_SELECT: enum opp_mode; then the one in force */
	uint8_t position;           /* enum opp_position; output only */
	uint8_t slot;               /* OPP_IOC_SELECT: 0 .. 3, OPP_IOC_END_OF_CHAIN */
	uint32_t count;             /* devices, or bytes of an id; output only */
	uint32_t reserved;          /* 0 */
	struct opp_ioc_fault fault; /* what first went wrong; output only */
};

struct opp_ioc_device_id {
	struct opp_ioc_wire wire;
	uint8_t bytes[OPP_IOC_DEVICE_ID_BYTES]; /* the two of the length first */
};

#define OPP_IOC_TRANSFER_BYTES 8192

/* Bytes in the mode that is in force. */
struct opp_ioc_transfer {
	struct opp_ioc_wire wire; /* status, and count that changed sides; output only */
	uint64_t
		timeout_us; /* longest time: a write without progress, a read before its first byte */
	uint32_t count;     /* to move */
	uint32_t reserved; /* 0 */
	uint8_t bytes[OPP_IOC_TRANSFER_BYTES];
};

/* Where a port of this machine has its registers: I/O addresses of x86. */
struct opp_ioc_registers {
	uint16_t base;      /* of DATA; STATUS and CONTROL follow */
	uint16_t count;     /* from base on: 3, or 8 with those of EPP */
	uint16_t ecp_base;  /* of ECP's, the ECR is the third; 0: none */
	uint16_t ecp_count; /* 3, or 0 */
};

#define OPP_IOC_KEY_BYTES   32
#define OPP_IOC_VALUE_BYTES 4096
#define OPP_IOC_WHY_BYTES   320
#define OPP_IOC_SHOW_BYTES  16000

/* One key of a simulated port; texts are NUL-terminated. */
struct opp_ioc_sim_set {
	uint32_t status; /* enum opp_status; output only */
	char key[OPP_IOC_KEY_BYTES];
	char value[OPP_IOC_VALUE_BYTES];
	char why[OPP_IOC_WHY_BYTES]; /* what was expected, for people; output only */
};

struct opp_ioc_sim_show {
	uint32_t length; /* of the whole text, also where it did not fit */
	char text[OPP_IOC_SHOW_BYTES];
};

/* Nothing: measures what any call on the file costs. */
#define OPP_IOC_NOTHING _IO(OPP_IOC_TYPE, 0)
/*
 * As PPCLAIM, with a deadline.
 * EBUSY: not obtained in time; EINTR: a signal; ECANCELED: OPP_IOC_CANCEL;
 * ENODEV: port removed; EIO: this file was kicked out. On parport<m> only.
 */
#define OPP_IOC_ALLOCATE _IOW(OPP_IOC_TYPE, 1, struct opp_ioc_allocate)
#define OPP_IOC_WAITERS  _IOR(OPP_IOC_TYPE, 2, uint32_t)
#define OPP_IOC_STATUS   _IOR(OPP_IOC_TYPE, 3, struct opp_ioc_status)
#define OPP_IOC_INFO     _IOR(OPP_IOC_TYPE, 4, struct opp_ioc_info)
#define OPP_IOC_PINS     _IOR(OPP_IOC_TYPE, 5, struct opp_ioc_pins)
/*
 * Puts out the holder or the job that is printed, if it is still the one named:
 * who let go in time has not put another one in danger. EPERM: not root, not the
 * service's user; ENODATA: it neither holds the port nor is printed.
 */
#define OPP_IOC_KICK _IOW(OPP_IOC_TYPE, 6, struct opp_ioc_kick)
/*
 * Ends the PPCLAIM, OPP_IOC_ALLOCATE or write() of another thread that waits on
 * this file: ECANCELED, or the partial count of a write. Nothing waits: nothing
 * happens.
 */
#define OPP_IOC_CANCEL _IO(OPP_IOC_TYPE, 7)
/* Why the last write() on this file ended (enum opp_status), since a partial count cannot say. */
#define OPP_IOC_LAST_WRITE _IOR(OPP_IOC_TYPE, 8, uint32_t)

/*
 * ---- modes and daisy chains: on parport<m>, by the client that has claimed it ----
 *
 * They end with 0 and say in wire.status how that went; EINVAL: not claimed.
 * After OPP_IOC_NEGOTIATE read() and write() are in the mode that was agreed on.
 */
#define OPP_IOC_NEGOTIATE _IOWR(OPP_IOC_TYPE, 9, struct opp_ioc_wire)
/* Gives the devices of a daisy chain their addresses: count of them. */
#define OPP_IOC_CHAIN _IOWR(OPP_IOC_TYPE, 10, struct opp_ioc_wire)
/* Connects the device of a daisy chain until another one, or the port is released. */
#define OPP_IOC_SELECT    _IOWR(OPP_IOC_TYPE, 11, struct opp_ioc_wire)
#define OPP_IOC_DEVICE_ID _IOR(OPP_IOC_TYPE, 12, struct opp_ioc_device_id)
/* As write() and read(), with a limit of their own, and the count also when something ended them. */
#define OPP_IOC_WRITE _IOWR(OPP_IOC_TYPE, 21, struct opp_ioc_transfer)
#define OPP_IOC_READ  _IOWR(OPP_IOC_TYPE, 22, struct opp_ioc_transfer)

/*
 * For a client that will drive the registers by itself until it gives the port back:
 * opp_registers() of <openparport/hosted/openparport.h>. ENOENT: the port has none of its
 * own; EPERM: the thread that asks has no CAP_SYS_RAWIO, or the call was submitted.
 */
#define OPP_IOC_REGISTERS _IOR(OPP_IOC_TYPE, 26, struct opp_ioc_registers)

/*
 * ---- the simulation: on any file, whoever holds the port -----------------------
 *
 * SET changes a key of parport.conf(5) while the port runs; 0: see status. EPERM:
 * not root, not the service's user; EINVAL: a text without an end. SHOW gives every
 * key as it is now, a line "KEY = VALUE" each. ACCESSES counts those to the chip's
 * registers, whoever made them, since the chip was last changed.
 */
#define OPP_IOC_SIM_SET      _IOWR(OPP_IOC_TYPE, 13, struct opp_ioc_sim_set)
#define OPP_IOC_SIM_SHOW     _IOR(OPP_IOC_TYPE, 14, struct opp_ioc_sim_show)
#define OPP_IOC_SIM_ACCESSES _IOR(OPP_IOC_TYPE, 16, uint64_t)

/*
 * ---- documented requests ---------------------------------------------------------
 *
 * What the file stands for is what is asked: parport<m> the port. The call is a
 * struct opp_ioc_control and, right behind it, the request's one buffer for both ways:
 * input_bytes of input come in it, information bytes of an answer go back. Its own
 * length stands in the code and is at least that of the longer one of both.
 *
 * Ends with 0 and says in status how the request ended. It may wait, as PPCLAIM does:
 * EINTR: a signal; OPP_IOC_CANCEL ends it CANCELLED. EINVAL: the lengths do not fit;
 * EOPNOTSUPP: pointers of another size than the service's are in use; EIO: this file
 * was kicked out. In answers all pointers are 0, but the addresses of registers of a real
 * port where the thread that asks has CAP_SYS_RAWIO, and has not submitted the call.
 */
struct opp_ioc_control {
	uint32_t status;      /* enum opp_status; output only */
	uint32_t information; /* bytes of the answer, or moved; output only */
	uint32_t code;
	uint32_t input_bytes;
	uint32_t output_bytes;
	uint8_t major;         /* IRP_MJ_* of <openparport/codes.h> */
	uint8_t pointer_bytes; /* sizeof(void *) of who asks: structures depend on it */
	uint16_t reserved;     /* 0 */
};

#define OPP_IOC_CONTROL_BYTES 8192 /* of a buffer, at most */
#define OPP_IOC_CONTROL(bytes)                                                                     \
	_IOC(_IOC_READ | _IOC_WRITE, OPP_IOC_TYPE, 15, sizeof(struct opp_ioc_control) + (bytes))

/*
 * ---- several pin operations in one call: on parport<m> -------------------------
 *
 * Registers are shown as PPWDATA, PPWCONTROL and PPRSTATUS show them.
 */

#define OPP_BATCH_OPS_MOST 256
#define OPP_BATCH_NS_MOST  UINT64_C(10000000000) /* of all delays and waits together */

/* struct opp_batch_op.what */
#define OPP_BATCH_DATA        1 /* writes the bits of value that are in mask, keeps the others */
#define OPP_BATCH_CONTROL     2 /* the same to the control register */
#define OPP_BATCH_READ_DATA   3 /* into seen */
#define OPP_BATCH_READ_STATUS 4 /* into seen */
#define OPP_BATCH_WAIT_STATUS 5 /* until the bits in mask are those of value, ns at the longest */
#define OPP_BATCH_DELAY       6 /* the next one takes effect ns after the one before, or later */
#define OPP_BATCH_DATA_AS_WAS 7 /* the data bits in mask as they were before the batch ... */

/*
 * ... also when the batch ends early: it is not left out, so that what a pulse
 * has raised is not left up.
 */
struct opp_batch_op {
	uint8_t what; /* OPP_BATCH_* */
	uint8_t mask;
	uint8_t value;
	uint8_t seen; /* the register as it was read last; output only */
	uint32_t reserved;
	uint64_t ns;
	uint64_t at_ns; /* when it took effect, from the batch's beginning; output only */
};

struct opp_ioc_batch {
	uint32_t count;      /* of op */
	uint32_t allocate;   /* 1: unless it is claimed, the port is allocated for this batch */
	uint64_t timeout_us; /* and waited for so long, as with OPP_IOC_ALLOCATE */
	uint32_t status;     /* enum opp_status; output only */
	uint32_t done;       /* operations that took effect; output only */
	struct opp_batch_op op[OPP_BATCH_OPS_MOST];
};

/*
 * Ends with 0 and says in status how that went; TIMEOUT: op[done] has waited too
 * long, DEVICE_BUSY: the port was not obtained in time. EINVAL: not claimed, and
 * not to be allocated; ENXIO: as PPCLAIM; EIO: this file was kicked out.
 */
#define OPP_IOC_BATCH _IOWR(OPP_IOC_TYPE, 20, struct opp_ioc_batch)

/*
 * ---- asking now, being answered later: on parport<m> -----------------------------
 *
 * SUBMIT takes any other ioctl of parport<m> (not those for all files, nor read()
 * and write()) and returns; ENOMEM: as many are submitted as may be. REAP gives one
 * answer, oldest first; EAGAIN: none has come. poll() says POLLPRI while one is
 * there. CANCEL_ONE ends one that waits, which is answered with ECANCELED or with how
 * far it came; ENODATA: none of that tag waits. OPP_IOC_CANCEL ends them all.
 */
#define OPP_IOC_SUBMITTED_MOST 64 /* of one file, those not reaped included */
#define OPP_IOC_SUBMIT_BYTES   8448

struct opp_ioc_submit {
	uint64_t tag;                        /* the client's, comes back with the answer */
	uint32_t code;                       /* the ioctl */
	uint32_t reserved;                   /* 0 */
	uint8_t bytes[OPP_IOC_SUBMIT_BYTES]; /* its argument */
};

struct opp_ioc_reaped {
	uint64_t tag;
	uint32_t error;                      /* an errno; 0: it succeeded */
	uint32_t count;                      /* of bytes */
	uint8_t bytes[OPP_IOC_SUBMIT_BYTES]; /* what it gave back */
};

#define OPP_IOC_SUBMIT     _IOW(OPP_IOC_TYPE, 23, struct opp_ioc_submit)
#define OPP_IOC_REAP       _IOR(OPP_IOC_TYPE, 24, struct opp_ioc_reaped)
#define OPP_IOC_CANCEL_ONE _IOW(OPP_IOC_TYPE, 25, uint64_t)

struct opp_ioc_scan {
	uint32_t status;  /* enum opp_status */
	uint32_t devices; /* in the daisy chain */
	uint32_t end;     /* 1: the device at its end said who it is */
	uint32_t reserved;
};

/*
 * Looks anew what devices there are, on any file: takes the port in its turn. Files
 * and links are as they should be when it returns. EINTR: a signal.
 */
#define OPP_IOC_RESCAN _IOR(OPP_IOC_TYPE, 30, struct opp_ioc_scan)

#endif
