/* SPDX-License-Identifier: MIT */
/*
 * A simulated port on a bench: register access that is counted, written down
 * and can be disturbed, a printer that collects its page, a virtual clock that
 * only accesses, stalls and the test itself move.
 */
#ifndef OPP_TEST_RIG_H
#define OPP_TEST_RIG_H

#include <openparport/ieee1284.h>
#include <openparport/sim_centronics.h>

#include "chip.h"

#define RIG_LOG       8192
#define RIG_PAGE      4096
#define RIG_BUDGET_NS 50000u

/* For rig.stuck_at, beside offsets of registers. */
#define RIG_NOTHING       UINT32_MAX
#define RIG_FIFO_FLAGS    (UINT32_MAX - 1) /* full and empty of the ECR, in test mode */
#define RIG_SERVICE_FLAG  (UINT32_MAX - 2) /* serviceIntr of the ECR, in test mode */
#define RIG_CONFIGURATION (UINT32_MAX - 3) /* cnfgA and cnfgB */

struct rig_access {
	uint64_t at_ns;
	uint32_t offset;
	bool write;
	uint8_t value;
};

struct rig {
	struct opp_sim sim;
	struct opp_centronics printer;
	struct opp_ioport io;
	struct opp_env env;
	struct opp_chip chip;
	struct opp_hw *hw; /* chip.hw */

	struct rig_access log[RIG_LOG]; /* the first ones; the rest is only counted */
	uint32_t accesses;
	/* called before the access is made, whose number (from 1) is rig->accesses */
	void (*disturb)(struct rig *rig);
	bool bus_dead;     /* reads 0xff, swallows writes */
	uint32_t stuck_at; /* what reads as stuck_value, whatever it is */
	uint8_t stuck_value;

	uint8_t page[RIG_PAGE];
	bool jammed; /* print() refuses every byte */
	size_t printed;
	uint32_t host_errors[OPP_SIM_HOST_ERRORS];
	uint32_t interrupts;
	uint64_t stalled_ns; /* in env.busy_wait_ns */
};

/*
 * A port without a driver and without a peripheral. Both options may be NULL;
 * callbacks in them are replaced by those of the rig.
 */
void rig_start(struct rig *rig, const struct opp_sim_options *chip,
	       const struct opp_centronics_options *printer, uint32_t access_ns);

/* rig_start, the printer plugged in, the driver opened by a full probe, counts at zero. */
void rig_start_printing(struct rig *rig, const struct opp_centronics_options *printer,
			uint32_t access_ns);

enum opp_status rig_open(struct rig *rig, enum opp_probe probe);

void rig_forget_accesses(struct rig *rig);

void rig_pass_ns(struct rig *rig, uint64_t ns);

uint32_t rig_host_errors(const struct rig *rig);

/* Every byte that is not what the rest of a text would be: 0x00 .. 0xff and over again. */
void rig_fill(uint8_t *bytes, size_t count);

/* Steps @transfer to its end, letting time pass where it waits. */
enum opp_status rig_run(struct rig *rig, struct opp_transfer *transfer, uint32_t budget_ns);

/*
 * The control register is 0x0c, but for the interrupt enable, so the data lines
 * are outputs; an ECR is in mode 000 or 001.
 */
bool rig_is_idle(const struct rig *rig);

#endif
