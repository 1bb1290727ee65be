/* SPDX-License-Identifier: MIT */
/* What follows from the facts: one function a rule; see doctor.h. */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEGACY_LAST 0x3ffu

static void add(struct doctor_findings *findings, const char *id, bool problem, const char *fix,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

static void add(struct doctor_findings *findings, const char *id, bool problem, const char *fix,
		const char *format, ...)
{
	struct doctor_finding *finding;
	va_list arguments;

	if (findings->count == DOCTOR_FINDINGS)
		return;
	finding = &findings->finding[findings->count++];
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

bool doctor_is_served(const struct doctor_facts *facts, const struct doctor_card *card)
{
	if (facts->service == DOCTOR_SILENT_SERVICE || facts->service == DOCTOR_CLOSED_SERVICE)
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

static void nothing_there(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->port_count || facts->card_count)
		return;
	add(findings, "no-port", false, "",
	    "this machine shows no parallel port: on boards it can be switched off in the firmware's "
	    "setup; an ISA card is found by nobody but whoever tries its address. A simulated port "
	    "needs none");
}

/* Source: PCICARDS. */
static const char *driver_of(const struct doctor_card *card)
{
	return card->by_serial ? "parport_serial" : "parport_pc";
}

static void how_to_use(const struct doctor_card *card, char fix[DOCTOR_TEXT])
{
	char back_end[DOCTOR_NAME];

	doctor_back_end(card, back_end);
	(void)snprintf(fix, DOCTOR_TEXT, "modprobe %s", driver_of(card));
	if (back_end[0])
		append(fix, "; or in parport.conf: back_end = \"%s\"", back_end);
	else
		append(fix, "; parport doctor");
}

static void without_driver(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	char fix[DOCTOR_TEXT];

	for (size_t i = 0; i < facts->card_count; i++) {
		const struct doctor_card *card = &facts->cards[i];

		if (!card->enabled || card->driver[0] || kernel_has(facts, card->base) ||
		    doctor_is_served(facts, card))
			continue;
		how_to_use(card, fix);
		if (card->is_pci)
			add(findings, "card-without-driver", true, fix,
			    "the card %s (%04x:%04x) has no driver, so there is no file for its port",
			    card->where, card->ids.vendor, card->ids.device);
		else
			add(findings, "board-without-driver", true, fix,
			    "the port on the board (pnp %s) has no driver, so there is no file for it",
			    card->where);
	}
}

/* The kernel's driver does it by itself. */
static void how_to_enable(const struct doctor_card *card, char fix[DOCTOR_TEXT])
{
	char back_end[DOCTOR_NAME];

	doctor_back_end(card, back_end);
	append(fix, "modprobe %s", driver_of(card));
	if (back_end[0])
		append(fix,
		       "; or echo 1 >/sys/bus/pci/devices/%.*s/enable, and in parport.conf: "
		       "back_end = \"%s\"",
		       (int)strcspn(card->where, "/"), card->where, back_end);
}

static void switched_off(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->card_count; i++) {
		const struct doctor_card *card = &facts->cards[i];
		char fix[DOCTOR_TEXT] = "";

		if (card->enabled || card->driver[0])
			continue;
		if (card->is_pci)
			how_to_enable(card, fix);
		add(findings, "switched-off", true, fix, "%s does not answer at its addresses: %s",
		    card->where,
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
		add(findings, "unusual-address", false, "",
		    "%s is at 0x%x (%u): programs that use registers and expect 0x378 must be told, "
		    "or run with 'parport run'",
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
		add(findings, "interrupt-hazard", false, fix,
		    "%s uses interrupt %d: with one, Linux 6.1 was seen to hang when a program that "
		    "waits in PPCLAIM gets the port of another",
		    port->name, port->irq);
	}
}

/* ---- who may use it ----------------------------------------------------------------------------- */

static bool has_file(const struct doctor_facts *facts, const struct doctor_port *port)
{
	for (size_t i = 0; i < facts->node_count; i++) {
		const char *path = facts->nodes[i].path;

		if (strncmp(path, "/dev/", 5) == 0 && strcmp(path + 5, port->name) == 0)
			return true;
	}
	return false;
}

static void no_files(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		const struct doctor_port *port = &facts->ports[i];

		if (has_file(facts, port))
			continue;
		if (facts->has_ppdev)
			add(findings, "no-file", true, "",
			    "there is no /dev/%s although the module ppdev, which makes it, is "
			    "loaded: a container must be given the file",
			    port->name);
		else
			add(findings, "no-ppdev", true,
			    "modprobe ppdev; echo ppdev >/etc/modules-load.d/ppdev.conf",
			    "there is no /dev/%s: the module ppdev, which makes it, is not loaded",
			    port->name);
	}
}

static void lp_in_the_way(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->port_count && facts->has_lp)
		add(findings, "lp-loaded", false,
		    "rmmod lp; echo blacklist lp >/etc/modprobe.d/no-lp.conf",
		    "the printer driver lp is on %s, too: who prints by /dev/lp0 (CUPS does) needs "
		    "it; without a printer remove it, for programs that want the port for themselves "
		    "(pyparallel, LinuxCNC: PPEXCL) fail with \"cannot grant exclusive access\"",
		    facts->ports[0].name);
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
		add(findings, "in-use", false, fix,
		    "%s is claimed by %s now: another program waits in PPCLAIM, and with Linux' own "
		    "ppdev it stops everybody's calls meanwhile",
		    port->name, port->active);
	}
}

static void refuses_user(const struct doctor_facts *facts, const struct doctor_node *node,
			 struct doctor_findings *findings)
{
	const bool to_group =
		facts->has_group && node->group == facts->lp_group && (node->mode & 060) == 060;
	char fix[DOCTOR_TEXT];

	if (to_group && facts->in_group) {
		(void)snprintf(fix, sizeof(fix), "getfacl %s", node->path);
		add(findings, "refused", true, fix,
		    "%s may not use %s although group lp may: an access list or a container refuses",
		    facts->user, node->path);
		return;
	}
	if (to_group) {
		(void)snprintf(
			fix, sizeof(fix),
			"sudo usermod -aG lp %s, then log out and in again; no program needs "
			"to run as root",
			facts->user);
		add(findings, "not-in-group", true, fix,
		    "%s may not use %s: only members of group lp may", facts->user, node->path);
		return;
	}
	(void)snprintf(fix, sizeof(fix),
		       "sudo chgrp lp %s; sudo chmod 660 %s; look for the udev rule "
		       "that made it so",
		       node->path, node->path);
	add(findings, "wrong-owner", true, fix,
	    "%s may not use %s: it is not of group lp with mode 0660, but of group %u with mode %04o",
	    facts->user, node->path, (unsigned int)node->group, (unsigned int)node->mode);
}

static void permissions(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; !facts->is_elsewhere && i < facts->node_count; i++) {
		if (!facts->nodes[i].is_usb && !facts->nodes[i].may_use)
			refuses_user(facts, &facts->nodes[i], findings);
	}
}

static void usb(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; i < facts->node_count; i++) {
		if (!facts->nodes[i].is_usb)
			continue;
		add(findings, "usb-printer", false, "",
		    "%s is a printer behind USB, not a port: it takes print jobs, and has no lines, "
		    "registers or ppdev calls (PPCLAIM, PPEXCL: ENOTTY)",
		    facts->nodes[i].path);
	}
}

static void registers(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->locked_down)
		add(findings, "locked-down", false, "",
		    "this kernel is locked down (Secure Boot): nobody gets port instructions, so use "
		    "the kernel's driver and not io:0x378");
}

/* ---- our service ------------------------------------------------------------------------------------ */

static void service(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	char fix[DOCTOR_TEXT];

	if (facts->service == DOCTOR_NO_SERVICE)
		add(findings, "no-service", false, "systemctl start parportd",
		    "parportd serves nothing at %s: without it programs share a port only as Linux "
		    "lets them",
		    facts->mount);
	if (facts->service == DOCTOR_SILENT_SERVICE)
		add(findings, "service-hangs", true, "systemctl restart parportd",
		    "the parportd that serves %s does not answer: it is stopped, or stuck",
		    facts->mount);
	if (facts->service == DOCTOR_CLOSED_SERVICE) {
		(void)snprintf(fix, sizeof(fix), "namei -l %.*s", DOCTOR_TEXT - 60, facts->mount);
		add(findings, "service-closed", true, fix,
		    "%s may not look into %s: a folder on the way, or another user's own mount, "
		    "does not let him",
		    facts->user, facts->mount);
	}
	if (facts->service != DOCTOR_DEAD_SERVICE)
		return;
	(void)snprintf(fix, sizeof(fix), "fusermount3 -u %.*s; systemctl restart parportd",
		       DOCTOR_TEXT - 60, facts->mount);
	add(findings, "dead-service", true, fix,
	    "the parportd that served %s has ended and left its mount behind: programs get ENOTCONN",
	    facts->mount);
}

static void service_permissions(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	char fix[DOCTOR_TEXT];

	for (size_t i = 0; i < facts->served_count; i++) {
		if (facts->served[i].may_use)
			continue;
		(void)snprintf(fix, sizeof(fix),
			       "sudo usermod -aG lp %s, then log out and in again", facts->user);
		add(findings, "not-allowed-by-service", true, fix,
		    "%s may not use %s of parportd: user, group and mode of parport.conf say who may",
		    facts->user, facts->served[i].name);
	}
}

static void more(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->has_more)
		add(findings, "more", false, "",
		    "there are more ports, cards or files than the first %d, and nothing is said "
		    "about the others",
		    DOCTOR_MOST);
}

void doctor_find(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	static void (*const rules[])(const struct doctor_facts *, struct doctor_findings *) = {
		nothing_there,       without_driver,
		switched_off,        unusual_address,
		interrupts,          no_files,
		lp_in_the_way,       in_use,
		permissions,         usb,
		registers,           service,
		service_permissions, more,
	};

	findings->count = 0;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](facts, findings);
}
