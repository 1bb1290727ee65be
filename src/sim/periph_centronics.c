/* SPDX-License-Identifier: MIT */
/*
 * A printer with a Centronics interface and nothing else.
 *
 *	           nStrobe low          nStrobe high          stored
 *	IDLE ----------------> TAKING -----------> WORKING ----------> ACK
 *	 ^ ^                                        ^ ^                |  |
 *	 | '----------------------------------------|-'--- nAck high --'  | in mid-pulse
 *	 |                 nAck high                |                     v
 *	 '------------------------------------------|---------------- ACK_READY
 *	                                            '- a byte came in the pulse
 *
 *	any: nInit low for 500 ns --> RESET --> nInit high --> IDLE
 *	any: power off --> DEAD --> power on --> IDLE
 *
 * Busy is high in every state but IDLE and ACK_READY, and whenever something is
 * wrong (paper, error, off-line): those lines change together with it, as
 * careful printers do. What is wrong stops the paper, not the acknowledge
 * pulse that is under way. Negotiation is ignored: without nSelectIn low a
 * strobe means nothing here.
 *
 * Source: IEEE1284 3.1, 3.2, 8.1, 8.2.
 */
#include <stddef.h>

#include <openparport/sim_centronics.h>

#include "ring.h"

/* What a printer needs at least; hosts owe more. */
#define SETUP_NS       500u
#define HOLD_NS        450u
#define STROBE_NS      500u
#define STROBE_MOST_NS 500000u
#define INIT_NS        500u

#define ACK_LEAST_NS 500u
#define ACK_MOST_NS  10000u

/* Between the end of the strobe and the acknowledge of a byte that needs no work. */
#define WORK_NS 100u

/*
 * A host looks at Busy a few accesses before it strobes. A byte so shortly
 * after a fault came up is its good right, and the latch is still empty.
 */
#define IN_FLIGHT_NS 10000u

static struct opp_centronics *printer_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_centronics *)peripheral;
}

static struct opp_centronics *printer_of_alarm(struct opp_sim_alarm *alarm)
{
	return (struct opp_centronics *)((char *)alarm - offsetof(struct opp_centronics, alarm));
}

static uint64_t now_ns(const struct opp_centronics *printer)
{
	return printer->peripheral.connector->sim->now_ns;
}

static void report(const struct opp_centronics *printer, enum opp_sim_host_error error)
{
	opp_sim_report(printer->peripheral.connector->sim, error);
}

static bool line(const struct opp_centronics *printer, uint32_t control_line)
{
	return printer->peripheral.connector->wires.control & control_line;
}

/* ---- what it shows --------------------------------------------------------------- */

/* Busy and nAck, if nothing is wrong. */
static const uint8_t handshake_lines[] = {
	[OPP_CENTRONICS_IDLE] = OPP_LINE_NACK,
	[OPP_CENTRONICS_TAKING] = OPP_LINE_NACK | OPP_LINE_BUSY,
	[OPP_CENTRONICS_WORKING] = OPP_LINE_NACK | OPP_LINE_BUSY,
	[OPP_CENTRONICS_ACK] = OPP_LINE_BUSY,
	[OPP_CENTRONICS_ACK_READY] = 0,
	[OPP_CENTRONICS_RESET] = OPP_LINE_NACK | OPP_LINE_BUSY,
	[OPP_CENTRONICS_DEAD] = 0,
};

static uint8_t status_lines(const struct opp_centronics *printer)
{
	const uint32_t wrong = printer->conditions;
	uint32_t lines = handshake_lines[printer->state] | OPP_LINE_SELECT | OPP_LINE_NFAULT;

	if (printer->taken_in_ack || !line(printer, OPP_LINE_NINIT))
		lines |= OPP_LINE_BUSY;
	if (!wrong)
		return (uint8_t)lines;
	if (wrong & OPP_CENTRONICS_POWERED_OFF)
		return 0;
	lines = (lines | OPP_LINE_BUSY) & ~OPP_LINE_NFAULT;
	if (wrong & OPP_CENTRONICS_PAPER_OUT)
		lines |= OPP_LINE_PERROR;
	if (wrong & OPP_CENTRONICS_OFF_LINE)
		lines &= ~OPP_LINE_SELECT;
	return (uint8_t)lines;
}

static uint64_t earlier_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Ends every call that can change the printer. */
static void show(struct opp_centronics *printer)
{
	struct opp_sim_connector *connector = printer->peripheral.connector;
	const uint64_t step_or_print = earlier_of(printer->step_at_ns, printer->print_at_ns);

	opp_sim_drive_status(connector, status_lines(printer));
	opp_sim_set_alarm(connector->sim, &printer->alarm,
			  earlier_of(step_or_print, printer->reset_at_ns));
}

/* ---- paper ----------------------------------------------------------------------- */

static bool print(struct opp_centronics *printer, uint8_t byte)
{
	if (printer->options.print && !printer->options.print(printer->options.context, byte))
		return false;
	printer->printed++;
	return true;
}

static void print_from_buffer(struct opp_centronics *printer)
{
	if (!print(printer, printer->options.buffer[printer->head])) {
		printer->print_at_ns = OPP_SIM_NEVER;
		return;
	}
	printer->fill--;
	printer->head = sim_ring_slot(printer->head, 1, printer->options.buffer_bytes);
	printer->print_at_ns =
		printer->fill ? printer->print_at_ns + printer->char_ns : OPP_SIM_NEVER;
}

static bool buffers(const struct opp_centronics *printer)
{
	return printer->char_ns && printer->options.buffer_bytes;
}

/* Returns false when the byte stays where it is, until resume(). */
static bool store(struct opp_centronics *printer)
{
	const struct opp_centronics_options *options = &printer->options;
	const uint32_t tail = sim_ring_slot(printer->head, printer->fill, options->buffer_bytes);

	if (!buffers(printer))
		return print(printer, printer->latch);
	options->buffer[tail] = printer->latch;
	if (!printer->fill++)
		printer->print_at_ns = now_ns(printer) + printer->char_ns;
	return true;
}

/* ---- the handshake --------------------------------------------------------------- */

static void enter(struct opp_centronics *printer, enum opp_centronics_state state, uint64_t for_ns)
{
	printer->state = state;
	printer->step_at_ns = for_ns == OPP_SIM_NEVER ? OPP_SIM_NEVER : now_ns(printer) + for_ns;
}

static uint64_t work_ns(const struct opp_centronics *printer)
{
	return WORK_NS + (buffers(printer) ? 0 : printer->char_ns);
}

static void start_work(struct opp_centronics *printer)
{
	uint64_t extra_ns = 0;

	if (printer->options.busy_every_bytes && --printer->until_extra == 0) {
		printer->until_extra = printer->options.busy_every_bytes;
		extra_ns = printer->options.busy_extra_us * UINT64_C(1000);
	}
	enter(printer, OPP_CENTRONICS_WORKING,
	      printer->conditions ? OPP_SIM_NEVER : work_ns(printer) + extra_ns);
}

static void acknowledge(struct opp_centronics *printer)
{
	const uint32_t ack_ns = printer->options.ack_ns;

	switch (printer->options.ack_order) {
	case OPP_SIM_ACK_IN_BUSY: enter(printer, OPP_CENTRONICS_ACK, ack_ns); break;
	case OPP_SIM_ACK_AFTER_BUSY: enter(printer, OPP_CENTRONICS_ACK_READY, ack_ns); break;
	case OPP_SIM_ACK_WHILE_BUSY: enter(printer, OPP_CENTRONICS_ACK, ack_ns / 2); break;
	}
}

static void end_work(struct opp_centronics *printer)
{
	if (buffers(printer) && printer->fill == printer->options.buffer_bytes) {
		printer->step_at_ns = printer->print_at_ns;
		return;
	}
	if (!store(printer)) {
		printer->step_at_ns = OPP_SIM_NEVER;
		return;
	}
	if (!printer->ack_dropped) {
		acknowledge(printer);
		return;
	}
	printer->ack_dropped = false;
	enter(printer, OPP_CENTRONICS_IDLE, OPP_SIM_NEVER);
}

/* The pulse is over; a byte that was latched in it comes next. */
static void leave_ack(struct opp_centronics *printer)
{
	enter(printer, OPP_CENTRONICS_IDLE, OPP_SIM_NEVER);
	if (!printer->taken_in_ack)
		return;
	printer->taken_in_ack = false;
	if (printer->strobe_taken)
		printer->state = OPP_CENTRONICS_TAKING;
	else
		start_work(printer);
}

static void end_ack(struct opp_centronics *printer)
{
	if (printer->state == OPP_CENTRONICS_ACK &&
	    printer->options.ack_order == OPP_SIM_ACK_WHILE_BUSY)
		enter(printer, OPP_CENTRONICS_ACK_READY,
		      printer->options.ack_ns - printer->options.ack_ns / 2);
	else
		leave_ack(printer);
}

static void step(struct opp_centronics *printer)
{
	if (printer->state == OPP_CENTRONICS_WORKING)
		end_work(printer);
	else
		end_ack(printer);
}

static bool takes_strobe(const struct opp_centronics *printer)
{
	if (printer->conditions && now_ns(printer) - printer->stopped_at_ns > IN_FLIGHT_NS)
		return false;
	return printer->state == OPP_CENTRONICS_IDLE ||
	       (printer->state == OPP_CENTRONICS_ACK_READY && !printer->taken_in_ack);
}

static void strobe_fell(struct opp_centronics *printer)
{
	if (printer->state == OPP_CENTRONICS_RESET || printer->state == OPP_CENTRONICS_DEAD)
		return;
	if (!takes_strobe(printer)) {
		report(printer, OPP_SIM_STROBE_WHILE_BUSY);
		return;
	}
	if (now_ns(printer) < printer->setup_until_ns)
		report(printer, OPP_SIM_SHORT_SETUP);
	printer->latch = printer->peripheral.connector->wires.data;
	printer->strobe_taken = true;
	printer->strobe_fell_ns = now_ns(printer);
	if (printer->state == OPP_CENTRONICS_ACK_READY)
		printer->taken_in_ack = true;
	else
		enter(printer, OPP_CENTRONICS_TAKING, OPP_SIM_NEVER);
}

static void strobe_rose(struct opp_centronics *printer)
{
	const uint64_t low_ns = now_ns(printer) - printer->strobe_fell_ns;

	if (!printer->strobe_taken)
		return;
	printer->strobe_taken = false;
	if (low_ns < STROBE_NS)
		report(printer, OPP_SIM_SHORT_STROBE);
	if (low_ns > STROBE_MOST_NS)
		report(printer, OPP_SIM_LONG_STROBE);
	printer->hold_until_ns = now_ns(printer) + HOLD_NS;
	if (printer->state == OPP_CENTRONICS_TAKING)
		start_work(printer);
}

static void data_changed(struct opp_centronics *printer)
{
	if (printer->strobe_taken)
		report(printer, OPP_SIM_DATA_CHANGED_IN_STROBE);
	if (now_ns(printer) < printer->hold_until_ns)
		report(printer, OPP_SIM_SHORT_HOLD);
	printer->setup_until_ns = now_ns(printer) + SETUP_NS;
}

/* ---- reset, power, faults -------------------------------------------------------- */

static void forget(struct opp_centronics *printer, enum opp_centronics_state state)
{
	printer->state = state;
	printer->step_at_ns = OPP_SIM_NEVER;
	printer->print_at_ns = OPP_SIM_NEVER;
	printer->reset_at_ns = OPP_SIM_NEVER;
	printer->fill = 0;
	printer->strobe_taken = false;
	printer->taken_in_ack = false;
	printer->ack_dropped = false;
	printer->until_extra = printer->options.busy_every_bytes;
}

static void init_fell(struct opp_centronics *printer)
{
	if (printer->state != OPP_CENTRONICS_DEAD)
		printer->reset_at_ns = now_ns(printer) + INIT_NS;
}

static void init_rose(struct opp_centronics *printer)
{
	if (printer->reset_at_ns != OPP_SIM_NEVER)
		report(printer, OPP_SIM_SHORT_INIT);
	printer->reset_at_ns = OPP_SIM_NEVER;
	if (printer->state == OPP_CENTRONICS_RESET)
		printer->state = OPP_CENTRONICS_IDLE;
}

/* A fault, or print(), froze the paper and the byte at work; what stands still starts over. */
static void resume(struct opp_centronics *printer)
{
	if (printer->fill)
		printer->print_at_ns = now_ns(printer) + printer->char_ns;
	if (printer->state == OPP_CENTRONICS_WORKING && printer->step_at_ns == OPP_SIM_NEVER)
		enter(printer, OPP_CENTRONICS_WORKING, work_ns(printer));
}

static void freeze(struct opp_centronics *printer)
{
	printer->stopped_at_ns = now_ns(printer);
	printer->print_at_ns = OPP_SIM_NEVER;
	if (printer->state == OPP_CENTRONICS_WORKING)
		printer->step_at_ns = OPP_SIM_NEVER;
}

void opp_centronics_set_conditions(struct opp_centronics *printer, uint32_t conditions)
{
	const uint32_t before = printer->conditions;

	printer->conditions = conditions;
	if (conditions & OPP_CENTRONICS_POWERED_OFF)
		forget(printer, OPP_CENTRONICS_DEAD);
	else if (printer->state == OPP_CENTRONICS_DEAD)
		printer->state = OPP_CENTRONICS_IDLE;
	if (!printer->peripheral.connector)
		return;
	if (conditions && !before)
		freeze(printer);
	if (!conditions && before)
		resume(printer);
	show(printer);
}

void opp_centronics_resume(struct opp_centronics *printer)
{
	if (printer->conditions || !printer->peripheral.connector)
		return;
	resume(printer);
	show(printer);
}

void opp_centronics_drop_ack(struct opp_centronics *printer)
{
	if (!printer->peripheral.connector)
		return;
	if (printer->state == OPP_CENTRONICS_ACK || printer->state == OPP_CENTRONICS_ACK_READY)
		leave_ack(printer);
	printer->ack_dropped = printer->state == OPP_CENTRONICS_WORKING;
	show(printer);
}

/* ---- what the chip calls --------------------------------------------------------- */

/* The cable was out for a while: a pulse under way is over, a latched byte is kept. */
static void attached(struct opp_sim_peripheral *peripheral)
{
	struct opp_centronics *printer = printer_of(peripheral);
	const bool latched = printer->state == OPP_CENTRONICS_TAKING ||
			     printer->state == OPP_CENTRONICS_WORKING || printer->taken_in_ack;

	printer->strobe_taken = false;
	printer->taken_in_ack = false;
	printer->reset_at_ns = OPP_SIM_NEVER;
	if (printer->state != OPP_CENTRONICS_DEAD)
		enter(printer, latched ? OPP_CENTRONICS_WORKING : OPP_CENTRONICS_IDLE,
		      OPP_SIM_NEVER);
	if (!line(printer, OPP_LINE_NINIT))
		init_fell(printer);
	if (printer->conditions)
		freeze(printer);
	else
		resume(printer);
	show(printer);
}

static void detached(struct opp_sim_peripheral *peripheral)
{
	opp_sim_set_alarm(peripheral->connector->sim, &printer_of(peripheral)->alarm,
			  OPP_SIM_NEVER);
}

/* In the order of IEEE1284 8.2, looking at the levels after the change. */
static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct opp_centronics *printer = printer_of(peripheral);
	const struct opp_wires *wires = &peripheral->connector->wires;
	const uint32_t changed = wires->control ^ before->control;

	if (wires->data != before->data)
		data_changed(printer);
	if (!changed)
		return;
	if (changed & OPP_LINE_NINIT) {
		if (line(printer, OPP_LINE_NINIT))
			init_rose(printer);
		else
			init_fell(printer);
	}
	if (changed & OPP_LINE_NSTROBE) {
		if (line(printer, OPP_LINE_NSTROBE))
			strobe_rose(printer);
		else if (!line(printer, OPP_LINE_NSELECTIN))
			strobe_fell(printer);
	}
	show(printer);
}

static void ring(struct opp_sim_alarm *alarm)
{
	struct opp_centronics *printer = printer_of_alarm(alarm);
	const uint64_t now = now_ns(printer);

	if (now >= printer->reset_at_ns)
		forget(printer, OPP_CENTRONICS_RESET);
	if (now >= printer->print_at_ns)
		print_from_buffer(printer);
	if (now >= printer->step_at_ns)
		step(printer);
	show(printer);
}

static const struct opp_sim_peripheral_ops centronics_ops = {
	.attached = attached,
	.detached = detached,
	.wires_changed = wires_changed,
};

void opp_centronics_init(struct opp_centronics *printer,
			 const struct opp_centronics_options *options)
{
	*printer = (struct opp_centronics){
		.peripheral = { .ops = &centronics_ops },
		.options = *options,
		.alarm = { .ring = ring },
	};
	if (printer->options.ack_ns < ACK_LEAST_NS)
		printer->options.ack_ns = ACK_LEAST_NS;
	if (printer->options.ack_ns > ACK_MOST_NS)
		printer->options.ack_ns = ACK_MOST_NS;
	if (!printer->options.buffer)
		printer->options.buffer_bytes = 0;
	if (options->characters_per_second)
		printer->char_ns = 1000000000u / options->characters_per_second;
	forget(printer, OPP_CENTRONICS_IDLE);
}
