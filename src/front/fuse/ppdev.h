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
 *	ppdev.c		the file: read, write, poll, close; interrupts
 *	ppdev_claim.c	claim, release, yield, kick, max_hold
 *	ppdev_ioctl.c	one row a code
 */
#ifndef OPENPARPORT_FUSE_PPDEV_H
#define OPENPARPORT_FUSE_PPDEV_H

#include "call.h"
#include "file.h"

/* Linux counts time-outs in ticks; its programs see the rounding. */
#define OPP_TICK_US        4000
#define OPP_TICKS_A_SECOND (1000000 / OPP_TICK_US)

#define OPP_IDLE_CONTROL 0x0c /* of a fresh client, and after a negotiation that failed */

/* What an action of a call may return beside 0 and an errno. */
#define OPP_ANSWERED_LATER     (-1)
#define OPP_WAITS_BEHIND_WRITE (-2) /* try again when the file's own write has ended */

struct opp_ppdev {
	struct opp_file file;

	/* the claim */
	bool exclusive;  /* PPEXCL */
	bool registered; /* has claimed once: counts for others' PPEXCL */
	bool claimed;
	bool claiming; /* @claim is submitted and its end not told */
	bool closed;
	struct opp_host_req claim;
	enum opp_status claim_status;
	struct opp_post claim_ended;
	struct opp_call_list claimants; /* calls that wait for @claim */

	/* as the client left them; the wire has them while claimed */
	uint8_t control;
	bool reverse;

	int32_t mode; /* IEEE1284_MODE_* */
	int32_t phase;
	uint32_t flags;
	uint64_t ticks; /* the time-out */
	uint64_t ticks_at_claim;

	/* interrupts while claimed */
	uint64_t interrupts_seen; /* of the port */
	uint32_t interrupts;      /* not yet cleared by the client */
	bool answer_armed;        /* PPWCTLONIRQ */
	uint64_t answer_after;    /* interrupts that came before it was armed */
	uint8_t answer;

	/* its write() */
	struct opp_call *writer; /* NULL: none runs */
	struct opp_host_req write;
	enum opp_status write_status;
	struct opp_post write_ended;
	struct opp_call_list behind; /* calls that wait behind it */
};

/* A new file, zeroed but for its ops and what a fresh client finds. NULL: no memory. */
struct opp_file *opp_ppdev_new(void);

/* Sets the mode, and the phase that Linux sets with it. */
void opp_ppdev_set_mode(struct opp_ppdev *ppdev, int32_t mode);

/* The control register's four lines; the port's interrupt is switched on with them. */
enum opp_status opp_ppdev_write_control(struct opp_ppdev *ppdev, uint8_t control);

enum opp_status opp_ppdev_write_direction(struct opp_ppdev *ppdev, bool reverse);

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
int opp_ppdev_claim(struct opp_ppdev *ppdev, fuse_req_t request, uint64_t timeout_us,
		    int late_error);
int opp_ppdev_release(struct opp_ppdev *ppdev);
int opp_ppdev_yield(struct opp_ppdev *ppdev, fuse_req_t request);
void opp_ppdev_cancel_claim(struct opp_ppdev *ppdev);

/* The file goes: no other client is kept out by it any more. */
void opp_ppdev_claim_close(struct opp_ppdev *ppdev);

/* Has the file that holds @port leave it, if it has been kicked. */
void opp_port_put_out_holder(struct opp_served_port *port);

/* What a port needs for its files parport<m>. False: no memory. */
bool opp_port_ppdev_init(struct opp_served_port *port);
void opp_port_ppdev_release(struct opp_served_port *port);

/* ---- ioctl (ppdev_ioctl.c) --------------------------------------------------------- */

void opp_ppdev_ioctl(struct opp_file *file, fuse_req_t request, const struct opp_ioctl *ioctl);

/* Keeps a call until the write that runs on the same file has ended; then it is made anew. */
void opp_ppdev_wait_behind(struct opp_ppdev *ppdev, fuse_req_t request, unsigned code,
			   const void *bytes, size_t count);

#endif
