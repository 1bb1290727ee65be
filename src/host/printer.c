/* SPDX-License-Identifier: MIT */
/*
 *	compatibility mode ---- print ----.
 *	ECP and EPP, data ---- forward ---+--> output
 *	nibble, byte, ECP, EPP data <--------- input, from its start to its end
 *
 * The device asks for its next byte ahead, also when EPP is what comes: cycles
 * read the input on their own account. An EPP address is kept and can be read
 * back. A channel of ECP is heard and means nothing.
 */
#include "printer.h"

#include <stdlib.h>

#include "error.h"
#include "lists.h"

#define INPUT_MOST (16u << 20)

/* ---- what it is given and asked for --------------------------------------------------- */

static bool print(void *context, uint8_t byte)
{
	struct opp_printer *printer = context;

	return !printer->output || opp_output_put(printer->output, byte);
}

/* EPP knows no way to make the host wait for long, ECP does: see opp_printer_settle. */
static void forward(void *context, enum opp_1284_kind kind, uint8_t channel, uint8_t byte)
{
	struct opp_printer *printer = context;
	const bool data = kind == OPP_1284_ECP_DATA || kind == OPP_1284_EPP_DATA;

	(void)channel;
	if (kind == OPP_1284_EPP_ADDRESS)
		printer->address = byte;
	else if (data && printer->output && !opp_output_add(printer->output, byte))
		printer->crowded = true;
}

static bool take_input(const struct opp_memory *input, uint32_t *at, uint8_t *byte)
{
	if (!input || *at == input->count)
		return false;
	*byte = input->bytes[(*at)++];
	return true;
}

static bool reverse(void *context, struct opp_1284_item *next)
{
	struct opp_printer *printer = context;

	next->command = false;
	return take_input(printer->input, &printer->input_at, &next->byte);
}

static uint8_t epp_read(void *context, bool address)
{
	struct opp_printer *printer = context;
	uint8_t byte = 0xff;

	if (address)
		return printer->address;
	(void)take_input(printer->input, &printer->epp_at, &byte);
	return byte;
}

/* ---- its life -------------------------------------------------------------------------- */

static uint32_t conditions_of(const struct opp_host_config *config)
{
	return (config->paper_out ? OPP_CENTRONICS_PAPER_OUT : 0) |
	       (config->off_line ? OPP_CENTRONICS_OFF_LINE : 0) |
	       (config->error ? OPP_CENTRONICS_ERROR : 0) |
	       (config->powered_off ? OPP_CENTRONICS_POWERED_OFF : 0);
}

uint32_t opp_printer_modes(const struct opp_host_config *config)
{
	static const uint32_t of_ids[][2] = {
		{ OPP_1284_NIBBLE, OPP_1284_ID_NIBBLE },
		{ OPP_1284_BYTE, OPP_1284_ID_BYTE },
		{ OPP_1284_ECP, OPP_1284_ID_ECP },
		{ OPP_1284_ECP_RLE, OPP_1284_ID_ECP_RLE },
	};
	uint32_t modes = config->modes;
	size_t i;

	for (i = 0; i < sizeof(of_ids) / sizeof(of_ids[0]); i++)
		modes |= config->modes & of_ids[i][0] ? of_ids[i][1] : 0;
	return modes;
}

static void set_conditions(struct opp_printer *printer, uint32_t conditions)
{
	if (printer->speaks)
		opp_1284_set_conditions(&printer->device, conditions);
	else
		opp_centronics_set_conditions(&printer->plain, conditions);
}

static void init_models(struct opp_printer *printer, const struct opp_host_config *config)
{
	struct opp_1284_options options = {
		.modes = opp_printer_modes(config),
		.printer = config->printer,
		.device_id = config->id,
		.strict = config->strict,
		.context = printer,
		.forward = forward,
		.reverse = reverse,
		.epp_read = epp_read,
	};

	options.printer.buffer = printer->buffer;
	options.printer.context = printer;
	options.printer.print = print;
	printer->speaks = config->modes != 0;
	opp_centronics_init(&printer->plain, &options.printer);
	opp_1284_init(&printer->device, &options);
	opp_1284_set_response_us(&printer->device, OPP_1284_EVERY_EVENT,
				 (uint16_t)config->response_us);
	opp_printer_set_faults(printer, config);
	opp_printer_set_misdeeds(printer, config);
}

enum opp_status opp_printer_init(struct opp_printer *printer, const struct opp_host_config *config,
				 struct opp_output *output, struct opp_error *error)
{
	const uint32_t buffer_bytes = config->printer.buffer_bytes;
	enum opp_status status = OPP_SUCCESS;

	*printer = (struct opp_printer){ .output = output };
	if (buffer_bytes) {
		printer->buffer = malloc(buffer_bytes);
		if (!printer->buffer)
			return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES,
					     "no memory for a printer buffer of %u bytes",
					     buffer_bytes);
	}
	if (config->input)
		status =
			opp_memory_load(&printer->input, "input", config->input, INPUT_MOST, error);
	if (status == OPP_SUCCESS)
		init_models(printer, config);
	return status;
}

void opp_printer_release(struct opp_printer *printer)
{
	free(printer->buffer);
	opp_memory_close(printer->input);
}

struct opp_sim_peripheral *opp_printer_plug(struct opp_printer *printer)
{
	return printer->speaks ? &printer->device.peripheral : &printer->plain.peripheral;
}

/* ---- faults ----------------------------------------------------------------------------- */

void opp_printer_set_faults(struct opp_printer *printer, const struct opp_host_config *config)
{
	printer->conditions = conditions_of(config);
	set_conditions(printer, printer->conditions);
}

void opp_printer_set_misdeeds(struct opp_printer *printer, const struct opp_host_config *config)
{
	struct opp_misdeeds rude = { .count = 0 };
	uint32_t i;

	opp_1284_behave(&printer->device);
	if (config->rude)
		(void)opp_misdeeds_parse(config->rude, &rude);
	for (i = 0; i < rude.count; i++)
		(void)opp_1284_be_rude(&printer->device, &rude.misdeed[i]);
}

void opp_printer_resume(struct opp_printer *printer)
{
	opp_centronics_resume(printer->speaks ? &printer->device.printer : &printer->plain);
}

void opp_printer_heed(struct opp_printer *printer, bool jammed)
{
	set_conditions(printer, printer->conditions | (jammed ? OPP_CENTRONICS_ERROR : 0));
	opp_printer_resume(printer);
	printer->crowded = false;
	opp_printer_settle(printer);
}

void opp_printer_settle(struct opp_printer *printer)
{
	if (printer->full == printer->crowded)
		return;
	printer->full = printer->crowded;
	opp_1284_set_full(&printer->device, printer->full);
}

void opp_printer_forget_faults(struct opp_printer *printer)
{
	if (!(printer->conditions & OPP_CENTRONICS_POWERED_OFF))
		set_conditions(printer, 0);
}
