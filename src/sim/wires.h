/* SPDX-License-Identifier: MIT */
/* Between the files of src/sim. */
#ifndef OPP_SIM_WIRES_H
#define OPP_SIM_WIRES_H

#include <openparport/sim.h>

/* Bits of the control register; src/chip has its own, see IEEE1284 1.3. */
#define SIM_CTL_LINES         0x0fu
#define SIM_CTL_UPSIDE_DOWN   0x0bu /* nStrobe, nAutoFd, nSelectIn: 1 drives the line low */
#define SIM_CTL_ACK_INTERRUPT 0x10u
#define SIM_CTL_INPUT         0x20u

/* Makes the wires what the latches say, all in one instant, and tells the peripheral. */
void opp_sim_settle(struct opp_sim *sim);

/* The chip's connector has been driven by its peripheral: nAck may interrupt. */
void opp_sim_driven(struct opp_sim_connector *connector);

#endif
