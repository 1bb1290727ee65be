/* SPDX-License-Identifier: MIT */
/*
 * Two peripherals that do the handshakes of EPP and of a FIFO, write down what
 * they got, and stop answering when told.
 */
#ifndef OPP_TEST_CHIP_PEERS_H
#define OPP_TEST_CHIP_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openparport/sim.h>

#define PEER_BYTES 8192
#define PEER_NEVER UINT32_MAX

/* Takes what is written; what is read counts up, from 0. */
struct epp_peer {
	struct opp_sim_peripheral peripheral;
	struct opp_sim_alarm alarm;
	uint32_t answer_ns; /* nWait goes high so late */
	uint32_t deaf_from; /* so many cycles are answered, no more */
	uint32_t cycles;    /* answered */
	bool last_was_address;
	uint8_t taken[PEER_BYTES]; /* of written ones */
	uint32_t written;
	uint8_t next;
	bool asked; /* a strobe is low */
};

void epp_peer_plug(struct epp_peer *peer, struct opp_sim *sim);

/*
 * A printer while nSelectIn is low; otherwise an ECP device that has been
 * negotiated with. Sends as long as nInit is low.
 */
struct fifo_peer {
	struct opp_sim_peripheral peripheral;
	struct opp_sim_alarm alarm;
	uint32_t busy_ns;      /* how long it takes over a byte */
	uint32_t silent_after; /* ECP: after so many bytes it never answers a HostClk again */
	uint32_t busy_after;   /* after so many bytes Busy stays high */
	uint8_t taken[PEER_BYTES];
	bool command[PEER_BYTES];
	uint32_t written;
	const uint8_t *offers;
	uint32_t offered, to_offer;
	uint8_t status;
};

void fifo_peer_plug(struct fifo_peer *peer, struct opp_sim *sim);

#endif
