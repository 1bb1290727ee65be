/* SPDX-License-Identifier: MIT */
/*
 * All that can hang on a simulated port, with its files: one set of it is built as
 * configured, plugged in, and replaced as a whole when the configuration changes.
 */
#ifndef OPP_PERIPHERALS_H
#define OPP_PERIPHERALS_H

#include <openparport/sim_daisy.h>
#include <openparport/sim_jtag.h>
#include <openparport/sim_plugs.h>
#include <openparport/sim_recorder.h>
#include <openparport/sim_spi.h>

#include "lists.h"
#include "memory.h"
#include "output.h"
#include "printer.h"
#include "sound.h"

struct opp_peripherals {
	struct opp_host_config config;   /* what it was built of */
	struct opp_sim_peripheral *plug; /* the one nearest to the chip; NULL: nothing */
	struct opp_printer printer;      /* used for OPP_HOST_PRINTER only */
	bool has_printer;
	struct opp_loopback loopback;
	struct opp_covox covox;
	struct opp_sound_source sound_source;
	struct opp_recorder recorder;
	struct opp_recorder_entry *recorded; /* its ring; NULL: no recorder */
	struct opp_jtag jtag;
	struct opp_taps taps;
	struct opp_avr avr;
	uint8_t avr_page[256];
	struct opp_spi_flash spi_flash;
	struct opp_daisy adapter[OPP_HOST_DAISY_MOST];
	struct opp_1284 adapted[OPP_HOST_DAISY_MOST];

	/* the next set has them, too, where the configuration says the same */
	struct opp_output *output; /* or NULL: what is printed is dropped */
	struct opp_sound *sound;
	struct opp_memory *flash, *eeprom;
};

/*
 * opp_peripherals_new - builds what @config describes; nothing is plugged in.
 * @before: the set that it is to follow, or NULL.
 * @changed: see opp_output_open.
 * Context: waits for files.
 * Errors: INVALID_PARAMETER (a file), INSUFFICIENT_RESOURCES.
 */
enum opp_status opp_peripherals_new(struct opp_peripherals **set,
				    const struct opp_host_config *config,
				    const struct opp_peripherals *before,
				    void (*changed)(void *context), void *context,
				    struct opp_error *error);

/* Unplugged. @other, or NULL: it uses some of the same files, which stay open. */
void opp_peripherals_free(struct opp_peripherals *set, const struct opp_peripherals *other);

/* After any access: what a recorder has noted goes to the output, and so on. */
void opp_peripherals_settle(struct opp_peripherals *set);

#endif
