/* SPDX-License-Identifier: MIT */
/*
 * An open file parport<m>: what <linux/ppdev.h> lets a client set, and its way
 * to the port.
 *
 *	            PPCLAIM                  port is ours
 *	UNCLAIMED ----------> claiming ----------------------> CLAIMED
 *	    ^                    |                               |
 *	    |<-------------------' signal, deadline              |
 *	    `----------------------------------------------------' PPRELEASE, kick, close
 *
 *	ppdev.c		the file: poll, close, waiting calls; interrupts
 *	ppdev_claim.c	claim, release, yield, kick, max_hold
 *	ppdev_touch.c	registers
 *	ppdev_move.c	read, write, PPNEGOT
 *	ppdev_wire.c	the service's own ioctls on modes and daisy chains
 *	ppdev_ioctl.c	one row a code
 */
#ifndef OPENPARPORT_FUSE_PPDEV_H
#define OPENPARPORT_FUSE_PPDEV_H

#include "call.h"
#include "errand.h"
#include "file.h"
#include "gap.h"

/* Linux counts time-outs in ticks; its programs see the rounding. */
#define OPP_TICK_US        4000
#define OPP_TICKS_A_SECOND (1000000 / OPP_TICK_US)

#define OPP_IDLE_CONTROL 0x0c /* of a fresh client, and after a negotiation that failed */

/* What an action of a call may return beside 0 and an errno. */
#define OPP_ANSWERED_LATER    (-1)
#define OPP_WAITS_BEHIND_MOVE (-2) /* again when what is under way has ended, or the port awake */

/* Codes of calls that are not ioctls. */
#define OPP_CALL_WRITE 0u
#define OPP_CALL_READ  1u

/* What may stand beside a mode in what PPSETMODE and PPNEGOT take. */
#define OPP_MODE_FLAGS (IEEE1284_DEVICEID | IEEE1284_ADDR)

/* Linux keeps these numbers to itself, but PPGETPHASE tells them. */
#define OPP_PHASE_FORWARD_IDLE   1
#define OPP_PHASE_NOT_AVAILABLE  4
#define OPP_PHASE_REVERSE_IDLE   5
#define OPP_PHASE_DATA_AVAILABLE 6
#define OPP_PHASE_UNKNOWN        11

/* Accesses to registers that are made, or have been, for a call or because they were owed. */
struct opp_touch {
	struct opp_errand errand;
	struct opp_host_access access[OPP_HOST_REGISTERS];
	size_t count;
	enum opp_status status;
	bool under_way; /* the port's worker makes them, or will */
	bool asked;     /* ... for the call at hand */
	bool granted;   /* ... for a claim, which has its answer then */
	bool done;      /* ... for the call that is made anew now */
};

struct opp_ppdev {
	struct opp_file file;

	/* the claim */
	bool exclusive;  /* PPEXCL */
	bool registered; /* has claimed once: counts for others' PPEXCL */
	bool claimed;
	bool claiming; /* @claim is submitted and its end not told */
	bool closed;
	struct opp_gap_waiter gap; /* before @claim: who wants the port alone waits for jobs */
	struct opp_host_req claim;
	enum opp_status claim_status;
	struct opp_post claim_ended;
	struct opp_call_list claimants; /* calls that wait for @claim */

	/* as the client left them; the wire has them while claimed */
	uint8_t control;
	bool reverse;
	struct opp_touch touch;
	struct {
		bool due;
		uint8_t value;
	} owed[OPP_HOST_REGISTERS]; /* to be written as soon as nothing is under way */

	int32_t mode;         /* IEEE1284_MODE_* */
	enum opp_mode agreed; /* that the peripheral accepted last, before this claim too */
	int32_t phase;
	uint32_t flags;
	uint64_t ticks; /* the time-out */
	uint64_t ticks_at_claim;

	/* interrupts while claimed */
	uint64_t interrupts_seen; /* of the port */
	uint32_t interrupts;      /* not yet cleared by the client */
	bool answer_armed;        /* PPWCTLONIRQ */
	uint8_t answer;
	uint64_t answer_after; /* interrupts that came before it was armed */

	/* what it has under way on the wire */
	struct opp_call *mover; /* for whom; NULL: nothing, or what it owes */
	struct opp_host_req move;
	void (*move_told)(struct opp_ppdev *ppdev, enum opp_status status);
	enum opp_status move_status;
	struct opp_post move_ended;
	enum opp_mode wire_mode;     /* in force since the claim, as far as this file has asked */
	struct opp_call_list behind; /* calls that wait for its end */
};

/* A new file, zeroed but for its ops and what a fresh client finds. NULL: no memory. */
struct opp_file *opp_ppdev_new(void);

/* Sets the mode, and the phase that Linux sets with it. */
void opp_ppdev_set_mode(struct opp_ppdev *ppdev, int32_t mode);

/* For the control register: its four lines; the port's interrupt is switched on with them. */
uint8_t opp_ppdev_control_bits(const struct opp_ppdev *ppdev, uint8_t control);

/* ---- registers (ppdev_touch.c) ------------------------------------------------- */

/* Has it something under way on the wire? */
static inline bool opp_ppdev_is_busy(const struct opp_ppdev *ppdev)
{
	return ppdev->mover || ppdev->touch.under_way;
}

/*
 * opp_ppdev_touch - as opp_host_access, for the call at hand.
 * Returns PENDING: nothing has been done; the call waits (opp_ppdev_wait_behind) and is made
 *	anew, and comes here again with the same accesses.
 */
enum opp_status opp_ppdev_touch(struct opp_ppdev *ppdev, struct opp_host_access *accesses,
				size_t count);

/*
 * Whether @call has just been told PENDING because it began something: it is the mover then.
 * NULL: it could not be parked, and has its answer.
 */
bool opp_ppdev_wait_for_touch(struct opp_ppdev *ppdev, struct opp_call *call);

/* The call that waits for accesses, if one does, ends with @error. */
void opp_ppdev_give_up_touch(struct opp_ppdev *ppdev, int error);

/*
 * opp_ppdev_owe - a register is to be written, for no call.
 * opp_ppdev_pay - writes what is owed, or has it written, unless something is under way.
 */
void opp_ppdev_owe(struct opp_ppdev *ppdev, enum opp_host_register which, uint8_t value);
void opp_ppdev_owe_nothing(struct opp_ppdev *ppdev);
void opp_ppdev_pay(struct opp_ppdev *ppdev);

/* The claim that @call wanted has been granted: answers it when what that owes has been paid. */
void opp_ppdev_end_granted(struct opp_ppdev *ppdev, struct opp_call *call);

/* ---- interrupts (ppdev.c) ------------------------------------------------------ */

/* Moves what the port counted since into the client's count. */
void opp_ppdev_count_interrupts(struct opp_ppdev *ppdev);

void opp_port_interrupt_init(struct opp_served_port *port);

/* Listens for interrupts of the port only while its holder wants to be told. */
void opp_port_choose_listener(struct opp_served_port *port);

/* ---- claim (ppdev_claim.c); answers 0, an errno or what is defined above ---------- */

void opp_ppdev_claim_init(struct opp_ppdev *ppdev);

/*
 * opp_ppdev_claim - PPCLAIM and OPP_IOC_ALLOCATE.
 * @timeout_us: 0 asks once; OPP_IOC_FOREVER_US: no limit.
 * @late_error: the answer when time is up.
 */
int opp_ppdev_claim(struct opp_ppdev *ppdev, struct opp_asker asker, uint64_t timeout_us,
		    int late_error);
int opp_ppdev_release(struct opp_ppdev *ppdev);
/* What a call hears that wants a claim, from a file without one: errno. */
int opp_ppdev_unclaimed_error(const struct opp_ppdev *ppdev);
int opp_ppdev_yield(struct opp_ppdev *ppdev, struct opp_asker asker);
void opp_ppdev_cancel_claim(struct opp_ppdev *ppdev);

/*
 * opp_ppdev_control - OPP_IOC_CONTROL. What it does to the hold is the file's claim, as
 * if PPCLAIM or PPRELEASE had been called, but without their PPEXCL.
 */
int opp_ppdev_control(struct opp_ppdev *ppdev, struct opp_asker asker,
		      const struct opp_ioctl *ioctl);

/* The file counts for others' PPEXCL from now on. ENXIO: theirs keeps it out. */
int opp_ppdev_register(struct opp_ppdev *ppdev, struct opp_asker asker);

/* The file goes: no other client is kept out by it any more. */
void opp_ppdev_claim_close(struct opp_ppdev *ppdev);

/* Has the file that holds @port leave it, if it has been kicked. */
void opp_port_put_out_holder(struct opp_served_port *port);

/* Who holds @port by a file parport<m> may have it for max_hold from now on. */
void opp_port_limit_hold(struct opp_served_port *port);

/* What a port needs for its files parport<m>. False: no memory. */
bool opp_port_ppdev_init(struct opp_served_port *port);
void opp_port_ppdev_release(struct opp_served_port *port);

/* ---- ioctl (ppdev_ioctl.c) --------------------------------------------------------- */

void opp_ppdev_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl);

/* The same but for what submits and reaps. */
void opp_ppdev_ask(struct opp_ppdev *ppdev, struct opp_asker asker, const struct opp_ioctl *ioctl);

/* Does @code want a claim that the file does not have? */
bool opp_ppdev_refuses(struct opp_file *file, unsigned code);

/* ---- calls that wait (ppdev.c) ------------------------------------------------------- */

/* Keeps a call until what the file has under way has ended; then it is made anew. */
void opp_ppdev_wait_behind(struct opp_ppdev *ppdev, struct opp_asker asker, unsigned code,
			   const void *bytes, size_t count, bool nonblock);
/* The same of a call that is parked already and in no list. */
void opp_ppdev_go_behind(struct opp_ppdev *ppdev, struct opp_call *call);
void opp_ppdev_make_anew(struct opp_ppdev *ppdev, struct opp_call *call);

/* When something has ended: what the file owes and what waits begins, if it can. */
void opp_ppdev_go_on(struct opp_ppdev *ppdev);

/* ---- moving bytes and changing modes (ppdev_move.c) ---------------------------------- */

void opp_ppdev_move_init(struct opp_ppdev *ppdev);
void opp_ppdev_read(struct opp_file *file, fuse_req_t request, size_t count, bool nonblock);
void opp_ppdev_write(struct opp_file *file, fuse_req_t request, const char *bytes, size_t count,
		     bool nonblock);

/* PPNEGOT. */
int opp_ppdev_negotiate(struct opp_ppdev *ppdev, struct opp_asker asker, int32_t mode);

/*
 * opp_ppdev_move_for - parks what @asker asks for as the call that ppdev->move is for.
 * @bytes: copied; NULL: room for @count.
 * Context: nothing is under way.
 * Returns NULL when memory is short; @asker is then answered.
 */
struct opp_call *opp_ppdev_move_for(struct opp_ppdev *ppdev, struct opp_asker asker,
				    const void *bytes, size_t count);

/* Zeroes ppdev->move for a request of @kind, which may then be told more. */
struct opp_host_req *opp_ppdev_prepare(struct opp_ppdev *ppdev, enum opp_host_req_kind kind);

/* Submits it; @told hears how it ended, on the loop, and submits another one or ends the call. */
void opp_ppdev_submit(struct opp_ppdev *ppdev,
		      void (*told)(struct opp_ppdev *ppdev, enum opp_status status));

/* Nothing is under way any more: the call is the caller's, to be answered. */
struct opp_call *opp_ppdev_move_done(struct opp_ppdev *ppdev);

/* Why it did not end by itself: a signal, a kick, ...; 0: it did. Before the above. */
int opp_ppdev_move_error(const struct opp_ppdev *ppdev, enum opp_status status);

/* The phase that the wire is in after ppdev->move. */
void opp_ppdev_heed_phase(struct opp_ppdev *ppdev);

/* Peripheral and host have agreed on @mode, and the wire is in it. */
void opp_ppdev_agree(struct opp_ppdev *ppdev, int32_t mode);

/* ---- the service's own (ppdev_wire.c); answers as above ------------------------------- */

/* @kind: OPP_HOST_NEGOTIATE, ASSIGN or SELECT; @in: a struct opp_ioc_wire. */
int opp_ppdev_own_wire(struct opp_ppdev *ppdev, struct opp_asker asker, enum opp_host_req_kind kind,
		       const void *in);
int opp_ppdev_own_device_id(struct opp_ppdev *ppdev, struct opp_asker asker);
/* @kind: OPP_HOST_WRITE or READ; @in: a struct opp_ioc_transfer. */
int opp_ppdev_own_transfer(struct opp_ppdev *ppdev, struct opp_asker asker,
			   enum opp_host_req_kind kind, const void *in);
/* @in: a struct opp_ioc_batch. */
int opp_ppdev_own_batch(struct opp_ppdev *ppdev, struct opp_asker asker, const void *in);

#endif
