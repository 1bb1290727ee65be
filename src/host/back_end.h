/* SPDX-License-Identifier: MIT */
/*
 * What is below a host port: a simulated chip and what hangs on it, registers of this
 * machine, or a port that its system lends. Here is all that tells them apart beside their
 * struct opp_hw.
 * Used by one context at a time.
 *
 * A simulated port has a time of its own, in which things happen by themselves; on a real
 * one an access happens when it is made, and nothing here knows what comes next.
 */
#ifndef OPP_BACK_END_H
#define OPP_BACK_END_H

#include "direct.h"
#include "host_port.h"
#include "ppdev.h"
#include "simulated.h"

enum opp_back_end_kind {
	OPP_BACK_END_SIMULATED,
	OPP_BACK_END_DIRECT,
	OPP_BACK_END_LENT,
};

struct opp_back_end {
	enum opp_back_end_kind kind; /* constant after open */
	union {
		struct opp_simulated simulated;
		struct opp_direct direct;
		struct opp_backend_ppdev lent;
	};
};

/* Is @text one that struct opp_host_config.back_end may be? */
bool opp_back_end_good(const char *text);

/* Whom a back end calls, with @context; on a thread of its own, nothing locked. */
struct opp_back_end_calls {
	void (*output_changed)(void *context); /* see opp_simulated_open */
	void (*woken)(void *context);          /* see struct opp_backend_ppdev */
	void *context;
};

/*
 * opp_back_end_open - what @config describes.
 * Errors: those of opp_simulated_open; for a real port ACCESS_DENIED (no right to its
 *	registers), DEVICE_BUSY (a driver of the kernel or another process has them, or
 *	the card), NO_SUCH_DEVICE (also: switched off).
 */
enum opp_status opp_back_end_open(struct opp_back_end *below, const struct opp_host_config *config,
				  const struct opp_back_end_calls *calls, struct opp_error *error);
void opp_back_end_close(struct opp_back_end *below);

/*
 * opp_back_end_enter - the calling thread will touch the wire.
 * Context: any thread, as often as it likes; who has the wire does not matter.
 * Errors: ACCESS_DENIED: it has no right to a real port's registers.
 */
enum opp_status opp_back_end_enter(const struct opp_back_end *below);

/*
 * opp_back_end_is_lost - has what is below left the system? It does not come back: who is
 * plugged in again is another one. Until somebody asks, reads show lines that are high.
 * Context: any thread; asks the system, does not wait. Who has the wire does not matter.
 */
bool opp_back_end_is_lost(const struct opp_back_end *below);

/* Registers that a client may drive by itself; all 0: there are none to hand out. */
struct opp_ioc_registers opp_back_end_registers(const struct opp_back_end *below);

/* NULL: it is real. */
struct opp_simulated *opp_back_end_simulated(struct opp_back_end *below);

struct opp_hw *opp_back_end_hw(struct opp_back_end *below);
struct opp_chip_facts opp_back_end_facts(const struct opp_back_end *below);
const char *opp_back_end_name(const struct opp_back_end *below);

/* As opp_host_advice. */
const char *opp_back_end_advice(const struct opp_back_end *below);

/* ---- its time, in nanoseconds ------------------------------------------------------------ */

/* The clock by which its accesses take effect. */
uint64_t opp_back_end_clock_ns(const struct opp_back_end *below);

/* The next access takes effect at @at_ns by that clock, if it can be planned; or not. */
void opp_back_end_plan(struct opp_back_end *below, uint64_t at_ns);
void opp_back_end_unplan(struct opp_back_end *below);

/* Lets happen what is due. Returns as opp_back_end_next_edge_ns. */
uint64_t opp_back_end_catch_up(struct opp_back_end *below);

/* When something happens by itself, by that clock; OPP_SIM_NEVER: unknown, or never. */
uint64_t opp_back_end_next_edge_ns(const struct opp_back_end *below);

/* Who has the wire gives it back: what hangs on a simulated port tells its files. */
void opp_back_end_settle(struct opp_back_end *below);

/* The time of the monotonic clock at which @at_ns is reached; OPP_SIM_NEVER stays so. */
uint64_t opp_back_end_real_ns(const struct opp_back_end *below, uint64_t at_ns);

/* ---- its lines ---------------------------------------------------------------------------- */

/*
 * The levels of all lines; on a real port three accesses. Of one that is lent to nobody of
 * ours no line can be seen: all are high.
 */
void opp_back_end_look(struct opp_back_end *below, struct opp_ioc_pins *pins);

/*
 * What is plugged in is at rest: not busy, and a simulated one has nothing left to write. A
 * port that is lent to nobody of ours is nobody's to wait for.
 */
bool opp_back_end_is_idle(struct opp_back_end *below);

#endif
