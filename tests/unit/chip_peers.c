/* SPDX-License-Identifier: MIT */
#include "chip_peers.h"

#define READY (OPP_LINE_NACK | OPP_LINE_SELECT | OPP_LINE_PERROR | OPP_LINE_NFAULT)

/* ---- EPP ------------------------------------------------------------------------ */

static struct epp_peer *epp_of(struct opp_sim_peripheral *peripheral)
{
	return (struct epp_peer *)peripheral;
}

static void epp_attached(struct opp_sim_peripheral *peripheral)
{
	opp_sim_drive_status(peripheral->connector, READY);
}

static void epp_answers(struct opp_sim_alarm *alarm)
{
	struct epp_peer *peer =
		(struct epp_peer *)((char *)alarm - offsetof(struct epp_peer, alarm));
	const struct opp_wires *wires = &peer->peripheral.connector->wires;

	peer->cycles++;
	peer->last_was_address = !(wires->control & OPP_LINE_NSELECTIN);
	if (wires->control & OPP_LINE_NSTROBE)
		opp_sim_drive_data(peer->peripheral.connector, peer->next++);
	else
		peer->taken[peer->written++ % PEER_BYTES] = wires->data;
	opp_sim_drive_status(peer->peripheral.connector, READY | OPP_LINE_BUSY);
}

static void epp_wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct epp_peer *peer = epp_of(peripheral);
	struct opp_sim_connector *connector = peripheral->connector;
	const uint8_t strobes = OPP_LINE_NAUTOFD | OPP_LINE_NSELECTIN;
	const bool asked = (connector->wires.control & strobes) != strobes;

	(void)before;
	if (asked == peer->asked)
		return;
	peer->asked = asked;
	if (!asked) {
		opp_sim_set_alarm(connector->sim, &peer->alarm, OPP_SIM_NEVER);
		opp_sim_drive_data(connector, 0xff);
		opp_sim_drive_status(connector, READY);
	} else if (peer->cycles < peer->deaf_from) {
		if (peer->answer_ns == 0)
			epp_answers(&peer->alarm);
		else
			opp_sim_set_alarm(connector->sim, &peer->alarm,
					  connector->sim->now_ns + peer->answer_ns);
	}
}

static const struct opp_sim_peripheral_ops epp_ops = { epp_attached, NULL, epp_wires_changed };

void epp_peer_plug(struct epp_peer *peer, struct opp_sim *sim)
{
	*peer = (struct epp_peer){ .peripheral.ops = &epp_ops,
				   .alarm.ring = epp_answers,
				   .deaf_from = PEER_NEVER,
				   .asked = true }; /* nSelectIn is low at rest */
	opp_sim_attach(sim, &peer->peripheral);
}

/* ---- FIFO ----------------------------------------------------------------------- */

static struct fifo_peer *fifo_of(struct opp_sim_peripheral *peripheral)
{
	return (struct fifo_peer *)peripheral;
}

static void fifo_drive(struct fifo_peer *peer, uint8_t high, uint8_t low)
{
	peer->status = (uint8_t)((peer->status | high) & ~low);
	opp_sim_drive_status(peer->peripheral.connector, peer->status);
}

static void fifo_attached(struct opp_sim_peripheral *peripheral)
{
	fifo_drive(fifo_of(peripheral), 0, 0);
}

static void fifo_take(struct fifo_peer *peer)
{
	const struct opp_wires *wires = &peer->peripheral.connector->wires;

	peer->taken[peer->written % PEER_BYTES] = wires->data;
	peer->command[peer->written % PEER_BYTES] = !(wires->control & OPP_LINE_NAUTOFD);
	peer->written++;
}

/* The byte is dealt with. */
static void fifo_is_ready(struct opp_sim_alarm *alarm)
{
	struct fifo_peer *peer =
		(struct fifo_peer *)((char *)alarm - offsetof(struct fifo_peer, alarm));

	if (peer->written < peer->busy_after)
		fifo_drive(peer, 0, OPP_LINE_BUSY);
}

static void fifo_work(struct fifo_peer *peer)
{
	struct opp_sim *sim = peer->peripheral.connector->sim;

	fifo_take(peer);
	if (peer->busy_ns > 0)
		opp_sim_set_alarm(sim, &peer->alarm, sim->now_ns + peer->busy_ns);
	else
		fifo_is_ready(&peer->alarm);
}

static void fifo_offer(struct fifo_peer *peer)
{
	if (peer->offered == peer->to_offer)
		return;
	opp_sim_drive_data(peer->peripheral.connector, peer->offers[peer->offered]);
	fifo_drive(peer, OPP_LINE_BUSY, 0); /* data, not a command */
	fifo_drive(peer, 0, OPP_LINE_NACK); /* ev 43 */
}

static void fifo_turn(struct fifo_peer *peer, bool reverse)
{
	if (reverse) {
		fifo_drive(peer, 0, OPP_LINE_PERROR); /* ev 40 */
		fifo_offer(peer);
	} else {
		opp_sim_drive_data(peer->peripheral.connector, 0xff);
		fifo_drive(peer, OPP_LINE_PERROR | OPP_LINE_NACK, OPP_LINE_BUSY); /* ev 48, 49 */
	}
}

static void fifo_send(struct fifo_peer *peer, uint8_t changed, uint8_t control)
{
	if (!(changed & OPP_LINE_NAUTOFD))
		return;
	if (!(peer->status & OPP_LINE_NACK) && (control & OPP_LINE_NAUTOFD)) {
		fifo_drive(peer, OPP_LINE_NACK, 0); /* ev 45 */
		peer->offered++;
	} else if ((peer->status & OPP_LINE_NACK) && !(control & OPP_LINE_NAUTOFD)) {
		fifo_offer(peer);
	}
}

static void fifo_wires_changed(struct opp_sim_peripheral *peripheral,
			       const struct opp_wires *before)
{
	struct fifo_peer *peer = fifo_of(peripheral);
	const uint8_t control = peripheral->connector->wires.control;
	const uint8_t changed = control ^ before->control;
	const bool ecp = control & OPP_LINE_NSELECTIN;

	if (ecp && (changed & OPP_LINE_NINIT)) {
		fifo_turn(peer, !(control & OPP_LINE_NINIT));
	} else if (ecp && !(control & OPP_LINE_NINIT)) {
		fifo_send(peer, changed, control);
	} else if ((changed & OPP_LINE_NSTROBE) && !(control & OPP_LINE_NSTROBE)) {
		if (!ecp || peer->written < peer->silent_after)
			fifo_drive(peer, OPP_LINE_BUSY, 0); /* ecp: ev 36 */
	} else if ((changed & OPP_LINE_NSTROBE) && (peer->status & OPP_LINE_BUSY)) {
		fifo_work(peer); /* ecp: ev 37 */
	}
}

static const struct opp_sim_peripheral_ops fifo_ops = { fifo_attached, NULL, fifo_wires_changed };

void fifo_peer_plug(struct fifo_peer *peer, struct opp_sim *sim)
{
	*peer = (struct fifo_peer){ .peripheral.ops = &fifo_ops,
				    .alarm.ring = fifo_is_ready,
				    .silent_after = PEER_NEVER,
				    .busy_after = PEER_NEVER,
				    .status = READY };
	opp_sim_attach(sim, &peer->peripheral);
}
