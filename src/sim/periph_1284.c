/* SPDX-License-Identifier: MIT */
/*
 * The IEEE 1284 device: what turns its tables of states into levels on lines.
 *
 *	the host changes lines --> a row of the state --> the answer, event by event
 *
 * All changes of one write are there before a row is looked for; nInit comes
 * first, then nSelectIn, nStrobe, nAutoFd. While an answer is under way the
 * device does not look at nStrobe and nAutoFd but where a table says so: what
 * counts is how they stand when the answer is complete. So most rows ask for
 * levels, and a host that does not wait for an answer loses at most its own.
 *
 * The printer is plugged into a connector inside the device. In compatibility
 * mode it has the lines; event 1, which deselects it, is the last it sees of
 * another mode. It goes on printing what it has.
 */
#include "periph_1284.h"

#define US             UINT64_C(1000)
#define PATIENCE_NS    (1000000u * US)
#define LEAST_PULSE_NS 500u
#define EV_PULSE_ENDS  19u
#define EV_LATCHES     45u /* the host takes what the data lines show then */
#define DEFAULT_US     2u
#define READY          (OPP_LINE_NACK | OPP_LINE_SELECT | OPP_LINE_NFAULT)

static struct opp_1284 *device_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_1284 *)peripheral;
}

static bool is_compat(const struct opp_1284 *device)
{
	return device->state == OPP_1284_COMPAT || device->state == OPP_1284_DESELECTED;
}

static bool is_in_epp(const struct opp_1284 *device)
{
	return device->state == OPP_1284_EPP_IDLE || device->state == OPP_1284_EPP_CYCLE;
}

/* ---- what it drives ---------------------------------------------------------------- */

uint8_t opp_1284_compat_lines(const struct opp_1284 *device)
{
	return device->options.no_printer ? READY : device->inside.peripheral_status;
}

bool opp_1284_is_busy(const struct opp_1284 *device)
{
	return device->full || (opp_1284_compat_lines(device) & OPP_LINE_BUSY);
}

static void drive(struct opp_1284 *device)
{
	const uint32_t own = is_compat(device) ? opp_1284_compat_lines(device) : device->lines;
	const uint32_t said =
		(own & ~(uint32_t)device->wrong_mask) | (device->wrong_levels & device->wrong_mask);
	const uint8_t levels = (uint8_t)((said ^ device->glitch_mask) & OPP_STATUS_LINES);

	if (levels != device->peripheral.connector->peripheral_status)
		opp_sim_drive_status(device->peripheral.connector, levels);
}

void opp_1284_drive_data(struct opp_1284 *device, uint8_t levels)
{
	device->driven = levels;
	opp_sim_drive_data(device->peripheral.connector, levels);
}

void opp_1284_release_data(struct opp_1284 *device)
{
	opp_1284_drive_data(device, 0xff);
}

void opp_1284_pulse(struct opp_1284 *device, uint8_t mask, uint64_t ns)
{
	device->glitch_mask = mask;
	opp_sim_set_alarm(device->peripheral.connector->sim, &device->glitch, now_ns(device) + ns);
}

static void show_inside(struct opp_1284 *device)
{
	const struct opp_wires *wires = &device->peripheral.connector->wires;

	if (is_compat(device))
		opp_sim_show(&device->inside, wires->data, wires->control);
}

/* The printer has missed a while: a strobe that is low by now is none of its own. */
static void show_inside_again(struct opp_1284 *device)
{
	const struct opp_wires *wires = &device->peripheral.connector->wires;

	opp_sim_show(&device->inside, wires->data, wires->control | OPP_LINE_NSELECTIN);
	show_inside(device);
}

/* ---- out of a mode ------------------------------------------------------------------ */

/* Its own answers take the time they take, but one that never comes is no reason to stay. */
static void be_patient(struct opp_1284 *device)
{
	const enum opp_1284_patience patience = opp_1284_states[device->state].patience;
	const bool limited =
		patience == ONE_SECOND || (patience == IF_STRICT && device->options.strict);
	const bool answers = device->answer && device->answer_at_ns != OPP_SIM_NEVER;

	opp_sim_set_alarm(device->peripheral.connector->sim, &device->patience,
			  limited && !answers ? now_ns(device) + PATIENCE_NS : OPP_SIM_NEVER);
}

void opp_1284_drop_to_compat(struct opp_1284 *device)
{
	device->answer = NULL;
	device->state = is_high(device, OPP_LINE_NSELECTIN) ? OPP_1284_DESELECTED : OPP_1284_COMPAT;
	device->event_1_until_ns = 0;
	opp_1284_release_data(device);
	show_inside_again(device);
	be_patient(device);
}

void opp_1284_go(struct opp_1284 *device, uint8_t lines)
{
	device->answer = NULL;
	device->state = OPP_1284_GONE;
	device->lines = lines;
	device->wrong_mask = 0;
	device->glitch_mask = 0;
	opp_1284_release_data(device);
	be_patient(device);
}

/* ---- answers ------------------------------------------------------------------------ */

static void await_step(struct opp_1284 *device, uint64_t more_ns)
{
	const uint8_t event = device->answer->event;
	const uint64_t rude_ns = opp_1284_rude_delay_ns(device, event);
	uint64_t ns = device->response_us[event] * US;

	if (event == EV_PULSE_ENDS && ns < LEAST_PULSE_NS)
		ns = LEAST_PULSE_NS;
	device->answer_at_ns = rude_ns == OPP_SIM_NEVER || more_ns == OPP_SIM_NEVER
				       ? OPP_SIM_NEVER
				       : now_ns(device) + ns + rude_ns + more_ns;
}

static void do_step(struct opp_1284 *device)
{
	const struct opp_1284_step *step = device->answer;

	opp_1284_do_rudely(device, step->event);
	if (!device->answer)
		return;
	set_lines(device, step->mask, step->levels);
	device->answer = step[1].event == NO_STEP ? NULL : step + 1;
	if (step->perform)
		step->perform(device);
	if (device->answer)
		await_step(device, step->event == EV_LATCHES ? LEAST_PULSE_NS : 0);
	be_patient(device);
}

/* ---- rows ----------------------------------------------------------------------------- */

static const struct opp_1284_row *row_for(const struct opp_1284 *device, enum opp_1284_cause cause,
					  bool early_only)
{
	const struct opp_1284_row *row = opp_1284_states[device->state].rows;

	for (; row->cause != NO_CAUSE; row++)
		if (row->cause == cause && (row->early || !early_only) &&
		    (!row->when || row->when(device)))
			return row;
	return NULL;
}

static void take(struct opp_1284 *device, const struct opp_1284_row *row)
{
	const enum opp_1284_state before = device->state;

	opp_1284_do_rudely(device, row->event);
	if (device->state != before)
		return;
	if (row->next != before) {
		device->answer = NULL;
		device->state = row->next;
	}
	if (row->act)
		row->act(device);
	if (row->answer) {
		device->answer = row->answer;
		await_step(device, opp_1284_rude_delay_ns(device, row->event));
	}
	be_patient(device);
}

static void take_unlisted(struct opp_1284 *device, enum opp_1284_cause cause)
{
	if (!opp_1284_states[device->state].handshakes)
		return;
	if (cause == I_FALLS && is_high(device, OPP_LINE_NSELECTIN))
		report(device, OPP_SIM_INIT_IN_HANDSHAKE);
	if (cause == I_FALLS || cause == X_FALLS)
		opp_1284_drop_to_compat(device);
}

static bool take_edge(struct opp_1284 *device, uint32_t control_line, enum opp_1284_cause falls)
{
	const bool high = is_high(device, control_line);
	const enum opp_1284_cause cause = high ? falls + 1 : falls;
	const bool patient = control_line & (OPP_LINE_NSTROBE | OPP_LINE_NAUTOFD);
	const bool early_only = patient && device->answer;
	const struct opp_1284_row *row;

	if (high == !!(device->seen & control_line))
		return false;
	row = row_for(device, cause, early_only);
	if (!row && early_only)
		return false;
	device->seen ^= (uint8_t)control_line;
	if (row)
		take(device, row);
	else
		take_unlisted(device, cause);
	return true;
}

static bool take_any_edge(struct opp_1284 *device)
{
	if (device->seen == device->peripheral.connector->wires.control)
		return false;
	return take_edge(device, OPP_LINE_NINIT, I_FALLS) ||
	       take_edge(device, OPP_LINE_NSELECTIN, X_FALLS) ||
	       take_edge(device, OPP_LINE_NSTROBE, S_FALLS) ||
	       take_edge(device, OPP_LINE_NAUTOFD, A_FALLS);
}

static bool take_row(struct opp_1284 *device)
{
	const struct opp_1284_row *row;

	if (take_any_edge(device))
		return true;
	if (device->answer)
		return false;
	row = row_for(device, LEVEL, false);
	if (row)
		take(device, row);
	return row;
}

/* Ends every call that can change the device. */
static void settle(struct opp_1284 *device)
{
	bool moved = true;

	while (moved) {
		opp_1284_fetch(device);
		moved = device->answer && device->answer_at_ns <= now_ns(device);
		if (moved)
			do_step(device);
		else
			moved = take_row(device);
	}
	drive(device);
	opp_sim_set_alarm(device->peripheral.connector->sim, &device->clock,
			  device->answer ? device->answer_at_ns : OPP_SIM_NEVER);
}

/* ---- alarms --------------------------------------------------------------------------- */

static void clock_rings(struct opp_sim_alarm *alarm)
{
	settle((struct opp_1284 *)((char *)alarm - offsetof(struct opp_1284, clock)));
}

static void glitch_ends(struct opp_sim_alarm *alarm)
{
	struct opp_1284 *device =
		(struct opp_1284 *)((char *)alarm - offsetof(struct opp_1284, glitch));

	device->glitch_mask = 0;
	drive(device);
}

static void patience_ends(struct opp_sim_alarm *alarm)
{
	struct opp_1284 *device =
		(struct opp_1284 *)((char *)alarm - offsetof(struct opp_1284, patience));

	if (!device->answer)
		report(device, OPP_SIM_SLOW_HOST);
	opp_1284_drop_to_compat(device);
	settle(device);
}

/* ---- what the connectors call ----------------------------------------------------------- */

static void restart(struct opp_1284 *device)
{
	device->seen = device->peripheral.connector->wires.control;
	device->wrong_mask = 0;
	device->glitch_mask = 0;
	opp_1284_drop_to_compat(device);
	if (device->printer.conditions & OPP_CENTRONICS_POWERED_OFF)
		opp_1284_go(device, 0);
	settle(device);
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	struct opp_1284 *device = device_of(peripheral);
	const struct opp_wires *wires = &peripheral->connector->wires;

	opp_sim_show(&device->inside, wires->data, wires->control);
	opp_sim_power(&device->inside, peripheral->connector->sim);
	restart(device);
}

static void detached(struct opp_sim_peripheral *peripheral)
{
	struct opp_1284 *device = device_of(peripheral);
	struct opp_sim *sim = peripheral->connector->sim;

	opp_sim_power(&device->inside, NULL);
	opp_sim_set_alarm(sim, &device->clock, OPP_SIM_NEVER);
	opp_sim_set_alarm(sim, &device->patience, OPP_SIM_NEVER);
	opp_sim_set_alarm(sim, &device->glitch, OPP_SIM_NEVER);
	device->answer = NULL;
	device->state = OPP_1284_COMPAT;
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct opp_1284 *device = device_of(peripheral);
	const bool negotiating = device->state == OPP_1284_N_2 || device->state == OPP_1284_N_3;

	if (device->state == OPP_1284_GONE)
		return;
	if (negotiating && peripheral->connector->wires.data != before->data)
		report(device, OPP_SIM_REQUEST_CHANGED);
	show_inside(device);
	if (peripheral->connector->wires.control != before->control)
		settle(device);
}

static void printer_drives(struct opp_sim_connector *inside)
{
	struct opp_1284 *device =
		(struct opp_1284 *)((char *)inside - offsetof(struct opp_1284, inside));

	inside->wires.status = inside->peripheral_status;
	if (device->peripheral.connector && is_compat(device))
		drive(device);
}

static const struct opp_sim_peripheral_ops device_ops = {
	.attached = attached,
	.detached = detached,
	.wires_changed = wires_changed,
};

/* ---- the owner's calls -------------------------------------------------------------------- */

/* The host does not wait for these: they show something before the event it waits for. */
static bool is_waited_for(uint32_t event)
{
	switch (event) {
	case 5:
	case 8:
	case 13:
	case 15:
	case 23:
	case 26:
	case 41:
	case 42:
	case 48:
	case 54: return false;
	default: return true;
	}
}

void opp_1284_set_response_us(struct opp_1284 *device, uint8_t event, uint16_t us)
{
	if (event < OPP_1284_EVENTS)
		device->response_us[event] = us;
	for (uint32_t i = 0; event == OPP_1284_EVERY_EVENT && i < OPP_1284_EVENTS; i++)
		if (is_waited_for(i))
			device->response_us[i] = us;
}

void opp_1284_init(struct opp_1284 *device, const struct opp_1284_options *options)
{
	*device = (struct opp_1284){
		.peripheral = { .ops = &device_ops },
		.options = *options,
		.inside = { .driven = printer_drives },
		.id_bytes = opp_1284_id_bytes(options),
		.driven = 0xff,
		.clock = { .ring = clock_rings },
		.patience = { .ring = patience_ends },
		.glitch = { .ring = glitch_ends },
	};
	opp_centronics_init(&device->printer, &options->printer);
	if (!options->no_printer)
		opp_sim_plug(&device->inside, &device->printer.peripheral);
	opp_1284_set_response_us(device, OPP_1284_EVERY_EVENT, DEFAULT_US);
}

void opp_1284_data_arrives(struct opp_1284 *device)
{
	if (device->peripheral.connector)
		settle(device);
}

void opp_1284_set_full(struct opp_1284 *device, bool full)
{
	device->full = full;
	if (device->peripheral.connector)
		settle(device);
}

void opp_1284_interrupt(struct opp_1284 *device)
{
	if (!is_in_epp(device))
		return;
	opp_1284_pulse(device, OPP_LINE_NACK, US);
	drive(device);
}

void opp_1284_choose_epp(struct opp_1284 *device, bool chosen)
{
	const bool ends = device->epp_chosen && !chosen && is_in_epp(device);

	device->epp_chosen = chosen;
	if (ends)
		opp_1284_drop_to_compat(device);
	if (device->peripheral.connector)
		settle(device);
}

void opp_1284_set_conditions(struct opp_1284 *device, uint32_t conditions)
{
	const uint32_t changed = conditions ^ device->printer.conditions;

	opp_centronics_set_conditions(&device->printer, conditions);
	if (device->peripheral.connector && (changed & OPP_CENTRONICS_POWERED_OFF))
		restart(device);
}

void opp_1284_behave(struct opp_1284 *device)
{
	device->rude_count = 0;
	device->wrong_mask = 0;
	if (!device->peripheral.connector)
		return;
	if (device->state == OPP_1284_GONE)
		restart(device);
	else
		drive(device);
}
