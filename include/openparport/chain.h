/* SPDX-License-Identifier: MIT */
/*
 * The daisy chain of IEEE 1284.3, as its host sees it: up to four devices with
 * addresses 0 (nearest) to 3, and an ordinary one at the end of the chain.
 *
 * What is said to the adapters goes as a transfer of <openparport/ieee1284.h>:
 * begin here, opp_transfer_step there. From another mode the way is by termination;
 * from compatibility mode it never waits, only passes the times that the host owes
 * (about 100 us a packet). Whatever the status: compatibility mode, control lines
 * at OPP_CONTROL_IDLE, data lines driven, and every packet begun has ended.
 *
 * Every begin prepares only and touches no hardware. Context: any.
 *
 * Source: IEEE1284 section 7 (P-124, P-125, P-128). Multiplexors are not known here.
 */
#ifndef OPENPARPORT_CHAIN_H
#define OPENPARPORT_CHAIN_H

#include <stdint.h>

#include <openparport/ieee1284.h>

#define OPP_CHAIN_DEVICES 4u

/*
 * opp_chain_assign_begin - gives addresses anew and counts the devices.
 * @most: how many may get one, 1 .. OPP_CHAIN_DEVICES.
 * Ends OPP_SUCCESS, also where there is no chain, with transfer->moved devices,
 * none of them selected; or with the reason given to opp_transfer_end.
 */
void opp_chain_assign_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
			    uint8_t most);

/*
 * opp_chain_select_begin - connects the device at @address and no other.
 * @mode: what it is connected for; nibble and byte mode are negotiated from
 *	compatibility, as is everything where the device at the end listens.
 * Ends	OPP_SUCCESS
 *	OPP_UNSUCCESSFUL	nobody listens (fault.status NO_SUCH_DEVICE) or nobody
 *				has that address (fault.status UNSUCCESSFUL)
 *	the reason given to opp_transfer_end
 */
void opp_chain_select_begin(struct opp_transfer *transfer, struct opp_protocol *protocol,
			    uint8_t address, enum opp_mode mode);

/*
 * opp_chain_deselect_begin - the device at the end of the chain becomes reachable.
 * Ends as select does; UNSUCCESSFUL only where nobody listens.
 */
void opp_chain_deselect_begin(struct opp_transfer *transfer, struct opp_protocol *protocol);

#endif
