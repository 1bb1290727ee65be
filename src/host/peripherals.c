/* SPDX-License-Identifier: MIT */
/*
 *	chip --- adapter 0 --- adapter 1 ... --- the peripheral
 *	             '- device     '- device
 */
#include "peripherals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "error.h"
#include "parts.h"

/* More than the host can change lines between two looks of ours, see opp_peripherals_settle. */
#define RECORDED 4096

#define PAGE_US   700
#define SECTOR_US 45000
#define BLOCK_US  150000
#define CHIP_US   10000000

/* ---- files -------------------------------------------------------------------------- */

static bool same(const char *path, const char *other)
{
	return path && other && strcmp(path, other) == 0;
}

static enum opp_status open_output(struct opp_peripherals *set,
				   const struct opp_host_config *config,
				   const struct opp_peripherals *before,
				   void (*changed)(void *context), void *context,
				   struct opp_error *error)
{
	enum opp_status status = OPP_SUCCESS;

	if (before && before->output && same(opp_output_path(before->output), config->output))
		set->output = before->output;
	else if (config->output)
		status = opp_output_open(&set->output, "output", config->output, false, changed,
					 context, error);
	if (status != OPP_SUCCESS)
		return status;
	if (before && before->sound && same(opp_sound_path(before->sound), config->wav))
		set->sound = before->sound;
	else if (config->wav)
		status = opp_sound_open(&set->sound, config->wav, config->samples_per_second,
					changed, context, error);
	return status;
}

/* What is in @before already is not read again: the file is older. */
static enum opp_status open_memory(struct opp_memory **memory, const char *key, const char *path,
				   uint32_t count, struct opp_memory *before,
				   struct opp_error *error)
{
	if (before && before->count == count &&
	    (same(before->path, path) || before->path == path)) {
		*memory = before;
		return OPP_SUCCESS;
	}
	return opp_memory_open(memory, key, path, count, error);
}

static enum opp_status open_memories(struct opp_peripherals *set,
				     const struct opp_host_config *config,
				     const struct opp_peripherals *before, struct opp_error *error)
{
	struct opp_memory *flash = before ? before->flash : NULL;
	struct opp_memory *eeprom = before ? before->eeprom : NULL;
	const struct opp_avr_part *part = &opp_avr_parts[config->avr_part];
	enum opp_status status;

	if (config->peripheral == OPP_HOST_SPI_FLASH)
		return open_memory(&set->flash, "flash", config->flash,
				   opp_flash_parts[config->flash_part].bytes, flash, error);
	if (config->peripheral != OPP_HOST_AVR)
		return OPP_SUCCESS;
	status = open_memory(&set->flash, "flash", config->flash, part->flash_bytes, flash, error);
	if (status == OPP_SUCCESS)
		status = open_memory(&set->eeprom, "eeprom", config->eeprom, part->eeprom_bytes,
				     eeprom, error);
	return status;
}

/* ---- what is plugged in ---------------------------------------------------------------- */

static struct opp_sim_peripheral *build_avr(struct opp_peripherals *set,
					    const struct opp_avr_part *part)
{
	struct opp_avr_options options = {
		.flash = set->flash->bytes,
		.flash_bytes = part->flash_bytes,
		.page = part->page_bytes ? set->avr_page : NULL,
		.page_bytes = part->page_bytes,
		.eeprom = set->eeprom->bytes,
		.eeprom_bytes = part->eeprom_bytes,
		.write_us = part->write_us,
		.erase_us = part->erase_us,
		.without_poll = part->without_poll,
	};

	memcpy(options.signature, part->signature, sizeof(options.signature));
	return opp_avr_init(&set->avr, &options) ? &set->avr.peripheral : NULL;
}

static struct opp_sim_peripheral *build_flash(struct opp_peripherals *set,
					      const struct opp_flash_part *part)
{
	struct opp_spi_flash_options options = {
		.content = set->flash->bytes,
		.bytes = part->bytes,
		.page_us = PAGE_US,
		.sector_us = SECTOR_US,
		.block_us = BLOCK_US,
		.chip_us = CHIP_US,
	};

	memcpy(options.id, part->id, sizeof(options.id));
	return opp_spi_flash_init(&set->spi_flash, &options) ? &set->spi_flash.peripheral : NULL;
}

static struct opp_sim_peripheral *build_jtag(struct opp_peripherals *set, enum opp_jtag_cable cable,
					     const char *taps)
{
	if (!taps || !opp_taps_parse(taps, &set->taps) ||
	    !opp_jtag_init(&set->jtag, cable, set->taps.tap, set->taps.count))
		return NULL;
	return &set->jtag.peripheral;
}

static struct opp_sim_peripheral *build_loopback(struct opp_peripherals *set,
						 enum opp_loopback_wiring wiring)
{
	opp_loopback_init(&set->loopback, wiring);
	return &set->loopback.peripheral;
}

static struct opp_sim_peripheral *build_recorder(struct opp_peripherals *set)
{
	if (!opp_recorder_init(&set->recorder, set->recorded, RECORDED))
		return NULL;
	return &set->recorder.peripheral;
}

static struct opp_sim_peripheral *build_end(struct opp_peripherals *set,
					    const struct opp_host_config *config)
{
	const struct opp_dac_output heard = { .context = set->sound, .sample = opp_sound_sample };

	switch (config->peripheral) {
	case OPP_HOST_NO_PERIPHERAL: break;
	case OPP_HOST_PRINTER: return opp_printer_plug(&set->printer);
	case OPP_HOST_CHECKIT: return build_loopback(set, OPP_LOOPBACK_CHECKIT);
	case OPP_HOST_NORTON: return build_loopback(set, OPP_LOOPBACK_NORTON);
	case OPP_HOST_COVOX:
		return opp_covox_init(&set->covox, &heard) ? &set->covox.peripheral : NULL;
	case OPP_HOST_SOUND_SOURCE:
		return opp_sound_source_init(&set->sound_source, &heard)
			       ? &set->sound_source.peripheral
			       : NULL;
	case OPP_HOST_RECORDER: return build_recorder(set);
	case OPP_HOST_WIGGLER: return build_jtag(set, OPP_JTAG_WIGGLER, config->taps);
	case OPP_HOST_DLC5: return build_jtag(set, OPP_JTAG_DLC5, config->taps);
	case OPP_HOST_AVR: return build_avr(set, &opp_avr_parts[config->avr_part]);
	case OPP_HOST_SPI_FLASH: return build_flash(set, &opp_flash_parts[config->flash_part]);
	}
	return NULL;
}

static struct opp_sim_peripheral *build_adapter(struct opp_peripherals *set, uint32_t place,
						const struct opp_host_config *config,
						struct opp_sim_peripheral *behind)
{
	struct opp_daisy *adapter = &set->adapter[place];
	const struct opp_1284_options options = {
		.modes = opp_printer_modes(config),
		.device_id = config->daisy_id[place],
	};

	opp_1284_init(&set->adapted[place], &options);
	opp_daisy_init(adapter);
	opp_daisy_plug_1284(adapter, &set->adapted[place]);
	if (behind)
		opp_sim_plug(&adapter->through, behind);
	return &adapter->peripheral;
}

static enum opp_status build(struct opp_peripherals *set, const struct opp_host_config *config,
			     struct opp_error *error)
{
	uint32_t adapter;

	set->plug = build_end(set, config);
	if (!set->plug && config->peripheral != OPP_HOST_NO_PERIPHERAL)
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "its settings do not make a peripheral");
	for (adapter = config->daisy; adapter > 0; adapter--)
		set->plug = build_adapter(set, adapter - 1, config, set->plug);
	return OPP_SUCCESS;
}

/* ---- its life ---------------------------------------------------------------------------- */

static enum opp_status make_parts(struct opp_peripherals *set, const struct opp_host_config *config,
				  struct opp_error *error)
{
	set->has_printer = config->peripheral == OPP_HOST_PRINTER;
	if (set->has_printer)
		return opp_printer_init(&set->printer, config, set->output, error);
	if (config->peripheral != OPP_HOST_RECORDER)
		return OPP_SUCCESS;
	set->recorded = calloc(RECORDED, sizeof(*set->recorded));
	if (set->recorded)
		return OPP_SUCCESS;
	return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a recorder");
}

static enum opp_status make_all(struct opp_peripherals *set, const struct opp_peripherals *before,
				void (*changed)(void *context), void *context,
				struct opp_error *error)
{
	enum opp_status status = open_output(set, &set->config, before, changed, context, error);

	if (status == OPP_SUCCESS)
		status = open_memories(set, &set->config, before, error);
	if (status == OPP_SUCCESS)
		status = make_parts(set, &set->config, error);
	if (status == OPP_SUCCESS)
		status = build(set, &set->config, error);
	return status;
}

enum opp_status opp_peripherals_new(struct opp_peripherals **set,
				    const struct opp_host_config *config,
				    const struct opp_peripherals *before,
				    void (*changed)(void *context), void *context,
				    struct opp_error *error)
{
	struct opp_peripherals *made = calloc(1, sizeof(*made));
	enum opp_status status;

	if (!made || opp_host_config_copy(&made->config, config) != OPP_SUCCESS) {
		free(made);
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES,
				     "no memory for a peripheral");
	}
	status = make_all(made, before, changed, context, error);
	if (status == OPP_SUCCESS)
		*set = made;
	else
		opp_peripherals_free(made, before);
	return status;
}

void opp_peripherals_free(struct opp_peripherals *set, const struct opp_peripherals *other)
{
	if (!other || set->output != other->output)
		opp_output_close(set->output);
	if (!other || set->sound != other->sound)
		opp_sound_close(set->sound);
	if (!other || set->flash != other->flash)
		opp_memory_close(set->flash);
	if (!other || set->eeprom != other->eeprom)
		opp_memory_close(set->eeprom);
	opp_printer_release(&set->printer);
	opp_host_config_release(&set->config);
	free(set->recorded);
	free(set);
}

/* ---- the recorder's log -------------------------------------------------------------------- */

static void log_change(struct opp_output *output, const struct opp_recorder_entry *entry)
{
	char line[64];
	const int length = snprintf(line, sizeof(line), "%llu %02x %x\n",
				    (unsigned long long)entry->at_ns, entry->data, entry->control);
	int i;

	for (i = 0; i < length; i++)
		(void)opp_output_add(output, (uint8_t)line[i]);
}

void opp_peripherals_settle(struct opp_peripherals *set)
{
	struct opp_recorder_entry entry;

	if (set->has_printer)
		opp_printer_settle(&set->printer);
	while (set->recorded && opp_recorder_take(&set->recorder, &entry)) {
		if (set->output)
			log_change(set->output, &entry);
	}
}
