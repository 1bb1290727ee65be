/* SPDX-License-Identifier: MIT */
/* What follows from the facts: one function a rule; see doctor.h. */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEGACY_LAST 0x3ffu

void doctor_add(struct doctor_findings *findings, const char *id, bool problem, const char *fix,
		const char *format, ...)
{
	struct doctor_finding *finding;
	va_list arguments;

	finding = reallocarray(findings->finding, findings->count + 1, sizeof(*finding));
	if (!finding) {
		findings->no_memory = true;
		return;
	}
	findings->finding = finding;
	finding += findings->count++;
	finding->id = id;
	finding->problem = problem;
	(void)snprintf(finding->fix, sizeof(finding->fix), "%s", fix);
	va_start(arguments, format);
	(void)vsnprintf(finding->text, sizeof(finding->text), format, arguments);
	va_end(arguments);
}

static void append(char fix[DOCTOR_TEXT], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void append(char fix[DOCTOR_TEXT], const char *format, ...)
{
	const size_t length = strlen(fix);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(fix + length, DOCTOR_TEXT - length, format, arguments);
	va_end(arguments);
}

/* ---- is there a port ------------------------------------------------------------------------ */

static bool kernel_has(const struct doctor_facts *facts, uint32_t base)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		if (base && facts->ports[i].base == base)
			return true;
	}
	return false;
}

void doctor_back_end(const struct doctor_card *card, char text[DOCTOR_NAME])
{
	const size_t good = strspn(card->where, "0123456789abcdef:./");

	text[0] = '\0';
	if (!card->base || (card->is_pci && card->where[good]))
		return;
	if (card->is_pci)
		(void)snprintf(text, DOCTOR_NAME, "pci:%s", card->where);
	else if (card->ecp_base)
		(void)snprintf(text, DOCTOR_NAME, "io:0x%x+0x%x", card->base, card->ecp_base);
	else
		(void)snprintf(text, DOCTOR_NAME, "io:0x%x+none", card->base);
}

static bool is_card(const char *back_end, const struct doctor_card *card)
{
	if (strncmp(back_end, "pci:", 4) == 0)
		return card->is_pci && strcmp(back_end + 4, card->where) == 0;
	return strncmp(back_end, "io:", 3) == 0 && strtoul(back_end + 3, NULL, 0) == card->base;
}

/* Of a service that does not tell. */
static bool might_serve_all(const struct doctor_facts *facts)
{
	return facts->service == DOCTOR_SILENT_SERVICE || facts->service == DOCTOR_CLOSED_SERVICE;
}

bool doctor_is_served(const struct doctor_facts *facts, const struct doctor_card *card)
{
	if (might_serve_all(facts))
		return true;
	for (size_t i = 0; i < facts->served_count; i++) {
		const char *back_end = facts->served[i].back_end;

		if (!back_end[0])
			return true;
		if (is_card(back_end, card))
			return true;
	}
	return false;
}

bool doctor_is_idle(const struct doctor_facts *facts, const struct doctor_card *card)
{
	return card->base && card->enabled && !card->driver[0] && !kernel_has(facts, card->base) &&
	       !doctor_is_served(facts, card);
}

void doctor_port_back_end(const struct doctor_port *port, char text[DOCTOR_NAME])
{
	(void)snprintf(text, DOCTOR_NAME, "ppdev:/dev/%s", port->name);
}

static bool has_file(const struct doctor_facts *facts, const struct doctor_port *port)
{
	for (size_t i = 0; i < facts->node_count; i++) {
		const char *path = facts->nodes[i].path;

		if (strncmp(path, "/dev/", 5) == 0 && strcmp(path + 5, port->name) == 0)
			return true;
	}
	return false;
}

bool doctor_is_port_idle(const struct doctor_facts *facts, const struct doctor_port *port)
{
	char name[DOCTOR_NAME];

	if (port->active[0] || !has_file(facts, port) || might_serve_all(facts))
		return false;
	doctor_port_back_end(port, name);
	for (size_t i = 0; i < facts->served_count; i++) {
		const char *back_end = facts->served[i].back_end;

		if (!back_end[0] || strcmp(back_end, name) == 0)
			return false;
	}
	return true;
}

static void nothing_there(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->port_count || facts->card_count)
		return;
	doctor_add(
		findings, "no-port", false, facts->has_parport_pc ? "" : "modprobe parport_pc",
		"this machine shows no parallel port: on boards it can be switched off in the firmware's "
		"setup; an ISA card is found by nobody but whoever tries its address, as its driver does "
		"when it is loaded. A simulated port needs none");
}

/* Source: PCICARDS. */
static const char *driver_of(const struct doctor_card *card)
{
	return card->by_serial ? "parport_serial" : "parport_pc";
}

/* Registers are opened as root, which the service is only when it starts. */
#define RESTART "systemctl restart parportd"

/* A parport_pc that is loaded and has left the card alone does not know it. */
static void how_to_use(const struct doctor_facts *facts, const struct doctor_card *card,
		       char fix[DOCTOR_TEXT])
{
	char back_end[DOCTOR_NAME];

	doctor_back_end(card, back_end);
	fix[0] = '\0';
	if (card->by_serial || !facts->has_parport_pc)
		append(fix, "modprobe %s%s", driver_of(card),
		       back_end[0] ? "; or " : "; parport doctor");
	/* The kernel's driver does it by itself. */
	if (back_end[0] && !card->enabled)
		append(fix, "echo 1 >/sys/bus/pci/devices/%.*s/enable, and ",
		       (int)strcspn(card->where, "/"), card->where);
	if (back_end[0])
		append(fix, "in parport.conf: back_end = \"%s\", then " RESTART, back_end);
}

static void without_driver(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	char fix[DOCTOR_TEXT];

	for (size_t i = 0; i < facts->card_count; i++) {
		const struct doctor_card *card = &facts->cards[i];

		if (!card->enabled || card->driver[0] || kernel_has(facts, card->base) ||
		    doctor_is_served(facts, card))
			continue;
		how_to_use(facts, card, fix);
		if (card->is_pci)
			doctor_add(
				findings, "card-without-driver", true, fix,
				"the card %s (%04x:%04x) has no driver, so there is no file for its port",
				card->where, card->ids.vendor, card->ids.device);
		else
			doctor_add(
				findings, "board-without-driver", true, fix,
				"the port on the board (pnp %s) has no driver, so there is no file for it",
				card->where);
	}
}

static void switched_off(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->card_count; i++) {
		const struct doctor_card *card = &facts->cards[i];
		char fix[DOCTOR_TEXT] = "";

		if (card->enabled || card->driver[0])
			continue;
		if (card->is_pci)
			how_to_use(facts, card, fix);
		doctor_add(findings, "switched-off", true, fix,
			   "%s does not answer at its addresses: %s", card->where,
			   card->is_pci ? "no driver has enabled it"
					: "it is disabled, in the firmware's setup for example");
	}
}

/* ---- where is it ----------------------------------------------------------------------------- */

static void unusual_address(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];

		if (port->base <= LEGACY_LAST)
			continue;
		doctor_add(
			findings, "unusual-address", false, "parport run --trap-io PROGRAM",
			"%s is at 0x%x (%u): programs that use registers and expect 0x378 must be told, "
			"or run where a port that parportd serves has that address",
			port->name, port->base, port->base);
	}
}

/*
 * A module that is told addresses looks for no others, so that ports on cards, which have
 * theirs from PCI, would be lost: with one of those there is no such command.
 */
static void without_interrupts(const struct doctor_facts *facts, char fix[DOCTOR_TEXT])
{
	for (size_t i = 0; i < facts->port_count; i++) {
		if (facts->ports[i].base > LEGACY_LAST)
			return;
	}
	append(fix, "rmmod %s%sparport_pc; modprobe parport_pc io=", facts->has_lp ? "lp " : "",
	       facts->has_ppdev ? "ppdev " : "");
	for (size_t i = 0; i < facts->port_count; i++)
		append(fix, "%s0x%x", i ? "," : "", facts->ports[i].base);
	for (size_t i = 0; i < facts->port_count; i++)
		append(fix, "%s", i ? ",none" : " irq=none");
	if (facts->has_ppdev)
		append(fix, "; modprobe ppdev");
	if (facts->has_lp)
		append(fix, "; modprobe lp");
}

static void interrupts(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];
		char fix[DOCTOR_TEXT] = "";

		if (port->irq < 0)
			continue;
		without_interrupts(facts, fix);
		doctor_add(
			findings, "interrupt-hazard", port->users > 1, fix,
			"%s uses interrupt %d, and has %u drivers and programs on it: with an "
			"interrupt, Linux 6.1 was seen to lock up when who waits for a port gets "
			"it from another, so parportd only takes it while none of them is there; "
			"irq=none mends that",
			port->name, port->irq, port->users);
	}
}

/* ---- what is connected ------------------------------------------------------------------------- */

static void nobody_answered(const char *where, const struct doctor_found *found,
			    struct doctor_findings *findings)
{
	for (size_t i = 0; i < DOCTOR_PLACES; i++) {
		if (found->ids[i][0])
			return;
	}
	if (found->capabilities)
		doctor_add(
			findings, "nobody-answers", false, "",
			"the chip of %s works, and nobody on it says who he is: what is older "
			"than IEEE 1284 cannot; else look at cable and power, and with a card at "
			"the ribbon cable to its connector",
			where);
}

static void silent_devices(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->port_count; i++)
		nobody_answered(facts->ports[i].name, &facts->ports[i].found, findings);
	for (size_t i = 0; i < facts->card_count; i++)
		nobody_answered(facts->cards[i].where, &facts->cards[i].found, findings);
	for (size_t i = 0; i < facts->served_count; i++)
		nobody_answered(facts->served[i].name, &facts->served[i].found, findings);
}

/* ---- who may use it ----------------------------------------------------------------------------- */

static void no_files(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];

		if (has_file(facts, port))
			continue;
		if (facts->has_ppdev)
			doctor_add(
				findings, "no-file", true, "",
				"there is no /dev/%s although the module ppdev, which makes it, is "
				"loaded: a container must be given the file",
				port->name);
		else
			doctor_add(
				findings, "no-ppdev", true,
				"modprobe ppdev; echo ppdev >/etc/modules-load.d/ppdev.conf",
				"there is no /dev/%s: the module ppdev, which makes it, is not loaded",
				port->name);
	}
}

static void lp_in_the_way(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->port_count && facts->has_lp)
		doctor_add(
			findings, "lp-loaded", false,
			"rmmod lp; echo blacklist lp >/etc/modprobe.d/no-lp.conf",
			"the printer driver lp is on %s, too: who prints by /dev/lp0 (CUPS does) needs "
			"it; without a printer remove it, for programs that want the port for themselves "
			"(pyparallel, LinuxCNC: PPEXCL) fail with \"cannot grant exclusive access\"",
			facts->ports[0].name);
}

static bool has_printer_file(const struct doctor_facts *facts)
{
	for (size_t i = 0; i < facts->node_count; i++) {
		if (!facts->nodes[i].is_usb && strncmp(facts->nodes[i].path, "/dev/lp", 7) == 0)
			return true;
	}
	return false;
}

static void claim_first(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->port_count && has_file(facts, &facts->ports[0]) && !facts->has_lp &&
	    !has_printer_file(facts))
		doctor_add(
			findings, "claim-first", false, "modprobe lp",
			"/dev/%s is for programs that claim it: 'echo >/dev/%s' fails with EINVAL; "
			"to print by a file there is /dev/lp0 of the module lp, and parportd's lpt1",
			facts->ports[0].name, facts->ports[0].name);
}

/* Of a port that is served by its registers; else 0. */
static uint32_t base_of(const struct doctor_facts *facts, const char *back_end)
{
	for (size_t i = 0; i < facts->card_count; i++) {
		if (is_card(back_end, &facts->cards[i]))
			return facts->cards[i].base;
	}
	return strncmp(back_end, "io:", 3) == 0 ? (uint32_t)strtoul(back_end + 3, NULL, 0) : 0;
}

/* A port of the kernel that the service drives by registers, as force = true allows. */
static void driven_twice(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->served_count; i++) {
		const uint32_t base = base_of(facts, facts->served[i].back_end);

		for (size_t k = 0; base && k < facts->port_count; k++) {
			char name[DOCTOR_NAME], fix[DOCTOR_TEXT];

			if (facts->ports[k].base != base)
				continue;
			doctor_port_back_end(&facts->ports[k], name);
			(void)snprintf(fix, sizeof(fix), "in parport.conf: back_end = \"%s\"",
				       name);
			doctor_add(findings, "driven-twice", true, fix,
				   "the kernel and parportd both drive 0x%x, as %s and %s: neither "
				   "knows of the other, and transfers collide",
				   base, facts->ports[k].name, facts->served[i].name);
		}
	}
}

static void in_use(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];
		char fix[DOCTOR_TEXT];

		if (!port->active[0])
			continue;
		if (strcmp(port->active, "lp") == 0)
			(void)snprintf(fix, sizeof(fix), "fuser -v /dev/lp*");
		else
			(void)snprintf(fix, sizeof(fix), "fuser -v /dev/%s", port->name);
		doctor_add(
			findings, "in-use", false, fix,
			"%s is claimed by %s now: another program waits in PPCLAIM, and with Linux' own "
			"ppdev it stops everybody's calls meanwhile; what it reads before is no answer",
			port->name, port->active);
	}
}

static void usb(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->node_count; i++) {
		if (!facts->nodes[i].is_usb)
			continue;
		doctor_add(
			findings, "usb-printer", false, "",
			"%s is a printer behind USB, not a port: it takes print jobs, and has no lines, "
			"registers or ppdev calls (PPCLAIM, PPEXCL: ENOTTY)",
			facts->nodes[i].path);
	}
}

static void registers(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->locked_down)
		doctor_add(
			findings, "locked-down", false, "",
			"this kernel is locked down (Secure Boot): nobody gets port instructions, "
			"so use the kernel's driver and not io:0x378");
	for (size_t i = 0; i < facts->card_count; i++) {
		const struct doctor_card *card = &facts->cards[i];

		if (facts->is_elsewhere || facts->caller.has_registers ||
		    !doctor_is_idle(facts, card))
			continue;
		doctor_add(
			findings, "registers-need-root", false, "parport run --trap-io PROGRAM",
			"%s may not use the registers of %s, which take root or CAP_SYS_RAWIO: "
			"with its driver, or parportd, group lp is enough, and programs with port "
			"instructions run below parport run",
			facts->caller.name, card->where);
		return;
	}
}

static void more(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->has_more)
		doctor_add(findings, "more", false, "",
			   "there are more ports, cards or files than the first %d, and nothing is "
			   "said about the others",
			   DOCTOR_MOST);
}

void doctor_find(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	static void (*const rules[])(const struct doctor_facts *, struct doctor_findings *) = {
		nothing_there, without_driver, switched_off,        unusual_address,
		interrupts,    no_files,       lp_in_the_way,       claim_first,
		driven_twice,  in_use,         doctor_find_user,    usb,
		registers,     silent_devices, doctor_find_service, more,
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](facts, findings);
}
