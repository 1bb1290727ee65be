/* SPDX-License-Identifier: MIT */
/*
 * Talking to the adapters of a daisy chain: CPP packets (IEEE1284 7.2).
 *
 *	AA 55 00 FF(1) 87(2) 78(3) | command, nStrobe low(4), nStrobe high | FF
 *	                           '------- assigning: again and again ------'
 *
 * The bytes stand on DATA one after the other without a strobe; after (1), (2)
 * and (3) the adapters answer on the status lines, and a packet that is not
 * answered so goes no further than to its FF: no device sees a strobe that was
 * not meant for an adapter (P-124, P-133). At (4) the addressed adapter says yes.
 *
 * A packet with "deselect all" comes first wherever something is to be selected
 * or assigned, because adapters do not let go by themselves.
 */
#include <openparport/chain.h>

#include "machine.h"

#define CMD_ASSIGN        0x00u
#define CMD_SELECT_EPP    0x20u
#define CMD_SELECT_EPP_28 0x28u
#define CMD_DESELECT      0x30u
#define CMD_SELECT_ECP    0xd0u
#define CMD_SELECT        0xe0u

#define END_OF_PACKET 0xffu

/* The timing diagram asks for 7 us at least between two bytes (P-125). */
#define BYTE_NS   10000u
#define STROBE_NS 2000u

#define ANSWER (OPP_LINE_BUSY | OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT)
#define MORE   (OPP_LINE_PERROR | OPP_LINE_SELECT)

static const struct {
	uint8_t byte;
	uint8_t mask;   /* lines that answer this byte */
	uint8_t levels; /* ... as they must stand */
} prefix[] = {
	{ 0xaa, 0, 0 },
	{ 0x55, 0, 0 },
	{ 0x00, 0, 0 },
	{ 0xff, ANSWER, OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT },
	{ 0x87, ANSWER, OPP_LINE_BUSY | OPP_LINE_SELECT | OPP_LINE_NFAULT },
	{ 0x78, ANSWER & ~OPP_LINE_BUSY, OPP_LINE_PERROR | OPP_LINE_SELECT },
};

/* ---- one packet ----------------------------------------------------------------------- */

/* Places in a packet: that of a byte of the prefix, or */
#define AT_COMMAND (sizeof(prefix) / sizeof(prefix[0]))
#define AT_END     (AT_COMMAND + 1)

static void put(struct opp_run *run, uint8_t byte)
{
	run->hw->ops->write_data(run->hw, byte);
	opp_hold(run, BYTE_NS);
}

/* Looks at the status lines while nStrobe is low: a device need not answer any longer. */
static void strobe(struct opp_run *run)
{
	struct opp_hw *hw = run->hw;

	hw->ops->write_control(hw, OPP_LINE_NSTROBE, 0);
	opp_hold(run, STROBE_NS);
	run->transfer->seen = hw->ops->read_status(hw);
	hw->ops->write_control(hw, OPP_LINE_NSTROBE, OPP_LINE_NSTROBE);
	opp_hold(run, BYTE_NS);
}

static void go_to_end(struct opp_run *run, enum opp_status verdict)
{
	*opp_at(run) = AT_END;
	run->transfer->verdict = verdict;
}

static void say_prefix(struct opp_run *run)
{
	const uint8_t at = (*opp_at(run))++;

	put(run, prefix[at].byte);
	if (prefix[at].mask && !opp_sees(run, prefix[at].mask, prefix[at].levels))
		go_to_end(run, OPP_NO_SUCH_DEVICE);
}

/* The lines as they stood before tell whether this adapter is the last one. */
static void assign_one(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	const bool is_last = transfer->seen & OPP_LINE_BUSY;

	put(run, (uint8_t)(CMD_ASSIGN | transfer->moved));
	strobe(run);
	transfer->moved++;
	if (is_last || transfer->moved == transfer->chain.most || !opp_sees(run, MORE, MORE))
		go_to_end(run, OPP_SUCCESS);
}

/* Nobody need answer to "deselect all". */
static void say_command(struct opp_run *run, uint8_t command)
{
	put(run, command);
	strobe(run);
	if (command != CMD_DESELECT && (run->transfer->seen & OPP_LINE_NFAULT))
		go_to_end(run, OPP_UNSUCCESSFUL);
	else
		go_to_end(run, OPP_SUCCESS);
}

/* One packet with the command in transfer->byte. NO_SUCH_DEVICE: nobody listens. */
static enum opp_flow say_packet(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;
	uint8_t *at = opp_at(run);

	if (*at == 0)
		opp_drive_idle(run);
	do {
		if (*at != AT_END && opp_ended(run))
			go_to_end(run, opp_ended(run));
		if (*at < AT_COMMAND) {
			say_prefix(run);
		} else if (*at == AT_END) {
			put(run, END_OF_PACKET);
			return opp_return(run, transfer->verdict);
		} else if (transfer->byte == CMD_ASSIGN) {
			assign_one(run);
		} else {
			say_command(run, transfer->byte);
		}
	} while (!opp_is_spent(run));
	return OPP_FLOW_AGAIN;
}

static const struct opp_stage packet = { .go_on = say_packet, .is_part = true };

/* ---- packet after packet ------------------------------------------------------------------ */

enum {
	AT_START,
	AT_HOME, /* compatibility mode */
	AT_DESELECTED,
	AT_SAID,
};

static enum opp_flow say(struct opp_run *run, uint8_t then_at, uint8_t command)
{
	run->transfer->byte = command;
	return opp_call(run, then_at, &packet);
}

static enum opp_flow finish(struct opp_run *run)
{
	const enum opp_status result = run->transfer->result;

	if (result != OPP_NO_SUCH_DEVICE && result != OPP_UNSUCCESSFUL)
		return opp_return(run, result);
	opp_note_fault(run, result, OPP_NO_EVENT);
	return opp_return(run, OPP_UNSUCCESSFUL);
}

static enum opp_flow command_one(struct opp_run *run)
{
	const uint8_t command = run->transfer->chain.command;
	const bool heard = run->transfer->result == OPP_SUCCESS;

	switch (*opp_at(run)) {
	case AT_START: return opp_call(run, AT_HOME, &opp_termination);
	case AT_HOME: return say(run, AT_DESELECTED, CMD_DESELECT);
	case AT_DESELECTED:
		if (heard && command != CMD_DESELECT)
			return say(run, AT_SAID, command);
		break;
	default: break;
	}
	return finish(run);
}

static enum opp_flow assign(struct opp_run *run)
{
	struct opp_transfer *transfer = run->transfer;

	switch (*opp_at(run)) {
	case AT_START: return opp_call(run, AT_HOME, &opp_termination);
	case AT_HOME: return say(run, AT_DESELECTED, CMD_DESELECT);
	case AT_DESELECTED:
		if (transfer->result == OPP_SUCCESS)
			return say(run, AT_SAID, CMD_ASSIGN);
		break;
	default: break;
	}
	/* Nobody there: no devices. */
	if (transfer->result == OPP_NO_SUCH_DEVICE)
		return opp_return(run, OPP_SUCCESS);
	return opp_return(run, transfer->result);
}

/* ---- what there is to do -------------------------------------------------------------------- */

static const struct opp_stage commanding = { .go_on = command_one, .phase = OPP_PHASE_CHAIN };
static const struct opp_stage assigning = { .go_on = assign, .phase = OPP_PHASE_CHAIN };

void opp_chain_assign_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
			    uint8_t most)
{
	opp_transfer_prepare(transfer, protocol, &assigning);
	transfer->chain = (struct opp_chain){ .most = most };
}

static uint8_t select_command(const struct opp_protocol *protocol, enum opp_mode mode)
{
	if (mode == OPP_MODE_ECP)
		return CMD_SELECT_ECP;
	if (mode != OPP_MODE_EPP)
		return CMD_SELECT;
	return protocol->options & OPP_PROTOCOL_CHAIN_EPP_28 ? CMD_SELECT_EPP_28 : CMD_SELECT_EPP;
}

void opp_chain_select_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
			    uint8_t address, enum opp_mode mode)
{
	opp_transfer_prepare(transfer, protocol, &commanding);
	transfer->chain.command = (uint8_t)(select_command(protocol, mode) | address);
}

void opp_chain_deselect_begin(struct opp_transfer *transfer, struct opp_protocol *protocol)
{
	opp_transfer_prepare(transfer, protocol, &commanding);
	transfer->chain.command = CMD_DESELECT;
}
