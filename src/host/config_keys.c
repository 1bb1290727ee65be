/* SPDX-License-Identifier: MIT */
/* Every key of a port, and what it is without one. parport.conf(5) describes them. */
#include "config.h"

#include <string.h>

#include <openparport/sim_1284.h>

#include "back_end.h"
#include "lists.h"
#include "parts.h"

/* Each in the order of the enum or of the bits it stands for. */
static const char *const probes[] = { "full", "gentle", NULL };
static const char *const on_deaths[] = { "idle", "keep", NULL };
static const char *const chips[] = { "spp", "ps2", "epp", "ecp", "ecp-epp", NULL };
static const char *const epp_versions[] = { "1.9", "1.7", NULL };
static const char *const timeout_clears[] = { "write-1", "write-0", "read", "read-twice", NULL };
static const char *const bit0s[] = { "usual", "low", "high", "clearable", NULL };
static const char *const pwords[] = { "1", "2", "4", "reserved", NULL };
static const char *const ack_orders[] = { "in-busy", "after-busy", "while-busy", NULL };
static const char *const modes[] = {
	"nibble", "byte", "ecp", "ecp_rle", "bounded_ecp", "epp", NULL
};
static const char *const peripherals[] = { "none",  "printer",      "checkit",   "norton",
					   "covox", "sound_source", "recorder",  "wiggler",
					   "dlc5",  "avr",          "spi_flash", NULL };

static const char *const daisy_ids[OPP_HOST_DAISY_MOST] = {
	"MFG:OpenParport;MDL:Simulated device 0;CLS:PRINTER;",
	"MFG:OpenParport;MDL:Simulated device 1;CLS:PRINTER;",
	"MFG:OpenParport;MDL:Simulated device 2;CLS:PRINTER;",
	"MFG:OpenParport;MDL:Simulated device 3;CLS:PRINTER;",
};

#define AT(field) offsetof(struct opp_host_config, field)

#define WORD(name, area, field, words)                                                             \
	{                                                                                          \
		name, OPP_VALUE_WORD, OPP_AREA_##area, AT(field), words, 0, 0, NULL, NULL          \
	}
#define NUMBER(name, area, field, least, most)                                                     \
	{                                                                                          \
		name, OPP_VALUE_NUMBER, OPP_AREA_##area, AT(field), NULL, least, most, NULL, NULL  \
	}
#define BYTE(name, area, field, most)                                                              \
	{                                                                                          \
		name, OPP_VALUE_BYTE, OPP_AREA_##area, AT(field), NULL, 0, most, NULL, NULL        \
	}
#define YES_NO(name, area, field)                                                                  \
	{                                                                                          \
		name, OPP_VALUE_YES_NO, OPP_AREA_##area, AT(field), NULL, 0, 0, NULL, NULL         \
	}
#define PATH(name, field)                                                                          \
	{                                                                                          \
		name, OPP_VALUE_PATH, OPP_AREA_PERIPHERAL, AT(field), NULL, 0, 0, NULL,            \
			"a file's path or none"                                                    \
	}
#define TEXT(name, area, field, good, expected)                                                    \
	{                                                                                          \
		name, OPP_VALUE_TEXT, OPP_AREA_##area, AT(field), NULL, 0, 0, good, expected       \
	}
#define ID(name, field) TEXT(name, PERIPHERAL, field, NULL, "a device id or none")

const struct opp_key opp_keys[] = {
	TEXT("back_end", START, back_end, opp_back_end_good,
	     "sim, ppdev:/dev/parport0, io:0x378, or io:ADDRESS+ECPADDRESS or pci:0000:03:00.0 of "
	     "this machine"),
	WORD("probe", START, probe, probes),
	YES_NO("force", START, force),

	WORD("chip", CHIP, chip.chip, chips),
	WORD("peripheral", PERIPHERAL, peripheral, peripherals),
	WORD("on_death", PORT, on_death, on_deaths),

	PATH("output", output),
	NUMBER("characters_per_second", PERIPHERAL, printer.characters_per_second, 0, 10000000),
	NUMBER("buffer_bytes", PERIPHERAL, printer.buffer_bytes, 0, 16 << 20),
	NUMBER("busy_every_bytes", PERIPHERAL, printer.busy_every_bytes, 0, 1000000000),
	NUMBER("busy_extra_us", PERIPHERAL, printer.busy_extra_us, 0, 60000000),
	NUMBER("ack_ns", PERIPHERAL, printer.ack_ns, 500, 10000),
	WORD("ack_order", PERIPHERAL, printer.ack_order, ack_orders),
	YES_NO("paper_out", FAULT, paper_out),
	YES_NO("off_line", FAULT, off_line),
	YES_NO("error", FAULT, error),
	YES_NO("powered_off", FAULT, powered_off),
	YES_NO("gone", FAULT, gone),

	{ "modes", OPP_VALUE_SET, OPP_AREA_PERIPHERAL, AT(modes), modes, 0, 0, NULL, NULL },
	ID("id", id),
	PATH("input", input),
	NUMBER("response_us", PERIPHERAL, response_us, 0, UINT16_MAX),
	YES_NO("strict", PERIPHERAL, strict),
	TEXT("rude", MISDEEDS, rude, opp_misdeeds_good,
	     "none, or EVENT:WHAT with WHAT one of never, late:US, wrong:LEVELS, glitch:US:LINES, "
	     "vanish or die"),

	NUMBER("daisy", PERIPHERAL, daisy, 0, OPP_HOST_DAISY_MOST),
	ID("daisy0_id", daisy_id[0]),
	ID("daisy1_id", daisy_id[1]),
	ID("daisy2_id", daisy_id[2]),
	ID("daisy3_id", daisy_id[3]),

	PATH("wav", wav),
	NUMBER("samples_per_second", PERIPHERAL, samples_per_second, 1000, 192000),
	TEXT("taps", PERIPHERAL, taps, opp_taps_good,
	     "up to 32 chips, each BITS:IDCODE or BITS:IDCODE:INSTRUCTION with 2 to 32 bits"),
	WORD("avr_part", PERIPHERAL, avr_part, opp_avr_part_names),
	WORD("flash_part", PERIPHERAL, flash_part, opp_flash_part_names),
	PATH("flash", flash),
	PATH("eeprom", eeprom),

	WORD("epp", CHIP, chip.epp_version, epp_versions),
	BYTE("fifo_words", CHIP, chip.fifo_words, OPP_SIM_FIFO_MOST_WORDS),
	BYTE("fifo_threshold_words", CHIP, chip.fifo_threshold, OPP_SIM_FIFO_MOST_WORDS),
	WORD("pword_bytes", CHIP, chip.pword, pwords),
	WORD("timeout_clear", CHIP, chip.timeout_clear, timeout_clears),
	WORD("bit0", CHIP, chip.bit0, bit0s),
	YES_NO("timeout_blocks", CHIP, chip.timeout_blocks),
	YES_NO("epp_in_ps2_modes", CHIP, chip.epp_in_ps2_modes),
	YES_NO("full_counts_transmitter", CHIP, chip.full_counts_transmitter),
	YES_NO("fifo_never_fills", CHIP, chip.fifo_never_fills),
	BYTE("config_b", CHIP, chip.config_b, UINT8_MAX),
	YES_NO("after_reset", CHIP, chip.after_reset),
	BYTE("control_high_bits", CHIP, chip.control_high_bits, UINT8_MAX),
	BYTE("status_low_bits", CHIP, chip.status_low_bits, UINT8_MAX),
	YES_NO("control_unreadable", CHIP, chip.control_unreadable),
	YES_NO("extended_is_control", CHIP, chip.extended_is_control),
	YES_NO("data_overpowered", CHIP, chip.data_overpowered),
};

const uint32_t opp_key_count = sizeof(opp_keys) / sizeof(opp_keys[0]);

_Static_assert(sizeof(enum opp_on_death) == sizeof(uint32_t) &&
		       sizeof(enum opp_sim_ack_order) == sizeof(uint32_t),
	       "a word's place is stored as 32 bits");

void opp_host_config_defaults(struct opp_host_config *config, uint32_t number)
{
	uint32_t i;

	*config = (struct opp_host_config){
		.number = number,
		.back_end = strdup("sim"),
		.probe = OPP_PROBE_GENTLE,
		.daisy_devices = OPP_USUAL_DEVICES,
		.chip = { .chip = OPP_SIM_PS2 },
		.peripheral = OPP_HOST_PRINTER,
		.on_death = OPP_ON_DEATH_IDLE,
		.printer = { .ack_ns = 500 },
		.id = strdup("MFG:OpenParport;MDL:Simulated printer;CMD:ASCII;CLS:PRINTER;"
			     "DES:OpenParport simulated printer;"),
		.response_us = 2,
		.samples_per_second = 8000,
		.taps = strdup("4:0x4f1f0f0f"),
	};
	for (i = 0; i < OPP_HOST_DAISY_MOST; i++)
		config->daisy_id[i] = strdup(daisy_ids[i]);
}
