/* SPDX-License-Identifier: MIT */
/* Between the files of ECP: who turns the bus, what comes next, who moves bytes. */
#ifndef OPP_IEEE1284_ECP_H
#define OPP_IEEE1284_ECP_H

#include "machine.h"
#include "rle.h"

/* The lines by their names in ECP. */
#define HOST_CLK     OPP_LINE_NSTROBE
#define HOST_ACK     OPP_LINE_NAUTOFD
#define NREVERSE     OPP_LINE_NINIT
#define PERIPH_CLK   OPP_LINE_NACK
#define PERIPH_ACK   OPP_LINE_BUSY
#define NACK_REVERSE OPP_LINE_PERROR
#define NPERIPH_REQ  OPP_LINE_NFAULT

/*
 * Each succeeds at once where the bus is so already.
 * ecp_turn_reverse - ev 38 to 40; HostAck is low, the peripheral may begin.
 * ecp_turn_reverse_held - the same, but HostAck is high again: the peripheral
 *	may not begin before the chip, which is about to own that line, says so.
 * ecp_turn_forward - ev 47 to 50. Does not heed opp_transfer_end.
 */
extern const struct opp_stage ecp_turn_reverse;
extern const struct opp_stage ecp_turn_reverse_held;
extern const struct opp_stage ecp_turn_forward;

/*
 * Host transfer recovery, ev 72 to 75: the byte that waits for ev 36 is taken
 * back. Returns transfer->verdict.
 */
extern const struct opp_stage ecp_recovery;

/* What the next byte on the wire is, and what it is worth to the caller. */
struct ecp_item {
	uint8_t byte;
	bool command;
	uint8_t copies; /* bytes of the caller that have moved with it; a count: 0 */
};

struct ecp_item ecp_next(const struct opp_run *run);

/* The peripheral has taken @item. */
void ecp_took(struct opp_run *run, struct ecp_item item);

/* Moves what is held of a run into the read's buffer. Returns the room left there. */
size_t ecp_pass_on(struct opp_run *run);

/* Whether the write's bytes go out as they are, each as a data byte. */
bool ecp_is_plain(const struct opp_run *run);

extern const struct opp_stage ecp_software_write;
extern const struct opp_stage ecp_software_read;
extern const struct opp_stage ecp_fifo_write;
extern const struct opp_stage ecp_fifo_read;

/* Whether the chip moves the bytes of this transfer. */
bool ecp_has_fifo(const struct opp_run *run);

/* Bounded ECP: only the peripheral asks for the reverse direction. */
bool ecp_is_bounded(const struct opp_protocol *protocol);

#endif
