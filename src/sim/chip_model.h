/* SPDX-License-Identifier: MIT */
/*
 * Between the files of src/sim: the parts of a chip.
 *
 *	chip_model      decodes an access, keeps DATA, STATUS and CONTROL
 *	chip_epp        EPP cycles and the time-out bit
 *	chip_ecr        ECR, its modes, the configuration registers
 *	chip_fifo       the words between the bus and the handshake
 *	chip_mover      the handshakes of ECR modes 010 and 011
 *	chip_interrupt  what interrupts, and when
 *	wires           who drives which line
 *
 * Every constant is written from the specification; src/chip has its own.
 */
#ifndef OPP_SIM_CHIP_MODEL_H
#define OPP_SIM_CHIP_MODEL_H

#include <openparport/sim.h>

/* CONTROL (IEEE1284 1.3). */
#define SIM_CTL_STROBE        0x01u
#define SIM_CTL_AUTOFD        0x02u
#define SIM_CTL_INIT          0x04u
#define SIM_CTL_SELECT        0x08u
#define SIM_CTL_LINES         0x0fu
#define SIM_CTL_UPSIDE_DOWN   0x0bu /* nStrobe, nAutoFd, nSelectIn: 1 drives the line low */
#define SIM_CTL_ACK_INTERRUPT 0x10u
#define SIM_CTL_INPUT         0x20u

/* ECR (IEEE1284 2.3). */
#define SIM_ECR_MODE_SHIFT    5u
#define SIM_ECR_NO_FAULT_INTR 0x10u /* nErrIntrEn */
#define SIM_ECR_DMA           0x08u
#define SIM_ECR_SERVICED      0x04u /* serviceIntr */
#define SIM_ECR_FULL          0x02u
#define SIM_ECR_EMPTY         0x01u

/* Modes of the ECR (IEEE1284 2.4). */
#define SIM_MODE_SPP    0u
#define SIM_MODE_PS2    1u
#define SIM_MODE_FIFO   2u
#define SIM_MODE_ECP    3u
#define SIM_MODE_EPP    4u
#define SIM_MODE_TEST   6u
#define SIM_MODE_CONFIG 7u

#define SIM_FLOATING_BUS 0xffu

static inline uint32_t sim_mode(const struct opp_sim *sim)
{
	return (uint32_t)sim->ecr >> SIM_ECR_MODE_SHIFT;
}

static inline bool sim_moves(const struct opp_sim *sim)
{
	return sim_mode(sim) == SIM_MODE_FIFO || sim_mode(sim) == SIM_MODE_ECP;
}

/* CTL.5 counts in no mode that needs the lines as outputs. */
static inline bool sim_is_input(const struct opp_sim *sim)
{
	return (sim->control_latch & SIM_CTL_INPUT) && sim_mode(sim) != SIM_MODE_SPP &&
	       sim_mode(sim) != SIM_MODE_FIFO;
}

static inline bool sim_is_high(const struct opp_sim *sim, uint32_t status_line)
{
	return sim->connector.wires.status & status_line;
}

/* Makes the wires what the latches say, all in one instant, and tells the peripheral. */
void sim_settle(struct opp_sim *sim);

/* The chip's connector has been driven by its peripheral. */
void sim_driven(struct opp_sim_connector *connector);

/* ---- EPP ------------------------------------------------------------------------- */

/* May an EPP cycle be made in this mode? */
bool sim_epp_answers(const struct opp_sim *sim);

/* @strobe: SIM_CTL_AUTOFD for data, SIM_CTL_SELECT for an address. */
uint8_t sim_epp_read(struct opp_sim *sim, uint32_t strobe);
void sim_epp_write(struct opp_sim *sim, uint32_t strobe, uint8_t value);

/* STS.0, and what an access to STATUS does to it. */
bool sim_epp_read_bit0(struct opp_sim *sim);
void sim_epp_write_bit0(struct opp_sim *sim, bool value);

/* ---- ECR and FIFO ------------------------------------------------------------------ */

uint8_t sim_read_ecr(const struct opp_sim *sim);
void sim_write_ecr(struct opp_sim *sim, uint8_t value);
uint8_t sim_read_config_b(const struct opp_sim *sim);

/* base + 0x400, whatever it is in this mode; a write of @bytes bytes. */
uint32_t sim_read_fifo_register(struct opp_sim *sim);
void sim_write_fifo_register(struct opp_sim *sim, uint32_t value, uint32_t bytes);

/* ecpAFifo: base + 0 in mode 011. */
void sim_write_command(struct opp_sim *sim, uint8_t value);

/* Empty, and as the options say. */
void sim_fifo_init(struct opp_sim *sim);
bool sim_fifo_is_full(const struct opp_sim *sim);
/* While it is not full. */
void sim_fifo_put(struct opp_sim_fifo *fifo, uint32_t word, bool command);
void sim_fifo_put_back(struct opp_sim_fifo *fifo, uint32_t word, bool command);
/* The word read last once more when there is none. */
uint32_t sim_fifo_take(struct opp_sim_fifo *fifo, bool *command);

/* ---- the mover ----------------------------------------------------------------------- */

/* In a FIFO mode that sends. */
bool sim_mover_sends(const struct opp_sim *sim);

/* A FIFO mode begins, or turned around: the lines are the mover's, at rest. */
void sim_mover_begin(struct opp_sim *sim);

/* Nothing is under way, and no line is the mover's. */
void sim_mover_reset(struct opp_sim *sim);

/* Outside of the FIFO modes: lets the rest of a strobe pass that outlived its mode. */
void sim_mover_finish(struct opp_sim *sim);

/* A FIFO mode ends, or is about to turn, whatever the handshake's state. */
void sim_mover_end(struct opp_sim *sim);

/* The host has changed what it may wait for: the FIFO, nInit. */
void sim_mover_go(struct opp_sim *sim);

/* The peripheral has changed a status line: it goes on a little later. */
void sim_mover_look(struct opp_sim *sim);

/* ---- interrupts ---------------------------------------------------------------------- */

void sim_interrupt(struct opp_sim *sim);

/* Status lines have changed. */
void sim_status_interrupt(struct opp_sim *sim, uint8_t before, uint8_t now);

/* nErrIntrEn went low: a low nFault interrupts. */
void sim_fault_interrupt(struct opp_sim *sim);

/* The FIFO or the ECR has changed: one service condition, one interrupt. */
void sim_service_interrupt(struct opp_sim *sim);

#endif
