/* SPDX-License-Identifier: MIT */
/* Rules of parport doctor that rest on what the service serves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doctor.h"

static struct doctor_facts facts;
static struct doctor_served only; /* port that is served */
static struct doctor_findings findings;

static void find(void)
{
	free(findings.finding);
	findings = (struct doctor_findings){ 0 };
	doctor_find(&facts, &findings);
	assert_false(findings.no_memory);
}

static const struct doctor_finding none = { .id = "" };

static const struct doctor_finding *found(const char *id)
{
	for (size_t i = 0; i < findings.count; i++) {
		if (strcmp(findings.finding[i].id, id) == 0)
			return &findings.finding[i];
	}
	return &none;
}

/* A machine with a card at 0xd010 that no driver has, and a port of the service. */
static void machine(const char *back_end)
{
	struct doctor_card *card = &facts.cards[0];

	memset(&facts, 0, sizeof(facts));
	only = (struct doctor_served){ .name = "lpt1", .may_use = true };
	facts.caller.has_registers = true;
	facts.card_count = 1;
	card->is_pci = true;
	(void)snprintf(card->where, sizeof(card->where), "0000:05:00.0");
	card->enabled = true;
	card->base = 0xd010;
	card->ecp_base = 0xd018;
	facts.service = DOCTOR_SERVICE;
	facts.served = &only;
	facts.served_count = 1;
	(void)snprintf(only.back_end, sizeof(only.back_end), "%s", back_end);
	find();
}

static void served_is_driven(void **state)
{
	static const char *const its[] = { "io:0xd010", "io:0xd010+0xd018", "io:53264+none",
					   "pci:0000:05:00.0", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(its) / sizeof(its[0]); i++) {
		machine(its[i]);
		assert_int_equal(findings.count, 0);
		assert_false(doctor_is_idle(&facts, &facts.cards[0]));
	}
}

static void silent_might_serve(void **state)
{
	static const enum doctor_service services[] = { DOCTOR_SILENT_SERVICE,
							DOCTOR_CLOSED_SERVICE };

	(void)state;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		machine("sim");
		facts.served_count = 0;
		facts.service = services[i];
		assert_false(doctor_is_idle(&facts, &facts.cards[0]));
	}
}

static void others_do_not_matter(void **state)
{
	static const char *const others[] = { "sim", "io:0xd018", "io:0x378+0xd010",
					      "pci:0000:05:00.0/1", "pci:0000:05:00.1" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		machine(others[i]);
		assert_int_equal(findings.count, 1);
		assert_string_equal(findings.finding[0].id, "card-without-driver");
		assert_true(doctor_is_idle(&facts, &facts.cards[0]));
	}
}

static void loaded_driver_does_not_help(void **state)
{
	static const char use[] = "in parport.conf: back_end = \"pci:0000:05:00.0\", then "
				  "systemctl restart parportd";
	char fix[DOCTOR_TEXT];

	(void)state;
	machine("sim");
	(void)snprintf(fix, sizeof(fix), "modprobe parport_pc; or %s", use);
	assert_string_equal(found("card-without-driver")->fix, fix);
	facts.has_parport_pc = true;
	find();
	assert_string_equal(found("card-without-driver")->fix, use);
	facts.cards[0].enabled = false;
	find();
	(void)snprintf(fix, sizeof(fix), "echo 1 >/sys/bus/pci/devices/0000:05:00.0/enable, and %s",
		       use);
	assert_string_equal(found("switched-off")->fix, fix);
	facts.cards[0].by_serial = true;
	find();
	assert_ptr_equal(strstr(found("switched-off")->fix, "modprobe parport_serial; or echo"),
			 found("switched-off")->fix);
}

static void driven_is_not_idle(void **state)
{
	struct doctor_card *card = &facts.cards[0];

	(void)state;
	machine("sim");
	(void)snprintf(card->driver, sizeof(card->driver), "parport_pc");
	assert_false(doctor_is_idle(&facts, card));
	card->driver[0] = '\0';
	card->enabled = false;
	assert_false(doctor_is_idle(&facts, card));
	card->enabled = true;
	facts.port_count = 1;
	facts.ports[0].base = card->base;
	assert_false(doctor_is_idle(&facts, card));
	card->base = 0;
	assert_false(doctor_is_idle(&facts, card));
}

/* A file of @mode and @group, which the caller, of group lp or not, may not use. */
static const struct doctor_finding *refused_file(mode_t mode, gid_t group, bool in_group)
{
	struct doctor_node *node = &facts.nodes[0];

	memset(&facts, 0, sizeof(facts));
	facts.service = DOCTOR_SERVICE;
	facts.has_group = true;
	facts.lp_group = 7;
	facts.caller.in_lp = in_group;
	(void)snprintf(facts.caller.name, sizeof(facts.caller.name), "ann");
	facts.node_count = 1;
	(void)snprintf(node->path, sizeof(node->path), "/dev/parport0");
	node->mode = mode;
	node->group = group;
	find();
	assert_int_equal(findings.count, 2);
	assert_string_equal(findings.finding[0].id, "no-port");
	assert_true(findings.finding[1].problem);
	return &findings.finding[1];
}

static void who_may(void **state)
{
	const struct doctor_finding *told = refused_file(0660, 7, false);

	(void)state;
	assert_string_equal(told->id, "not-in-group");
	assert_string_equal(told->fix, "sudo usermod -aG lp ann, then log out and in again; no "
				       "program needs to run as root");
	for (int i = 0; i < 2; i++) {
		told = i ? refused_file(0600, 7, true) : refused_file(0660, 0, true);
		assert_string_equal(told->id, "wrong-owner");
		assert_string_equal(told->fix,
				    "sudo chgrp lp /dev/parport0; sudo chmod 660 /dev/parport0; "
				    "look for the udev rule that made it so");
	}
	told = refused_file(0660, 7, true);
	assert_string_equal(told->id, "refused");
	assert_string_equal(told->fix, "getfacl /dev/parport0");
}

static void who_may_use_the_service(void **state)
{
	(void)state;
	machine("sim");
	facts.has_group = true;
	facts.lp_group = only.group = 7;
	only.mode = 0660;
	only.may_use = false;
	(void)snprintf(facts.caller.name, sizeof(facts.caller.name), "ann");
	find();
	assert_string_equal(found("not-allowed-by-service")->fix,
			    "sudo usermod -aG lp ann, then log out and in again; no program needs "
			    "to run as root");
	for (int i = 0; i < 2; i++) {
		only.mode = i ? 0660 : 0600;
		only.group = i ? 8 : 7;
		find();
		assert_string_equal(found("not-allowed-by-service")->fix,
				    "in parport.conf: group = \"lp\" and mode = \"0660\", then "
				    "systemctl reload parportd");
	}
}

static void port_that_is_gone(void **state)
{
	static const struct {
		const char *back_end;
		const char *fix;
	} gone[] = {
		{ "sim", "parport sim set lpt1 gone=no" },
		{ "pci:0000:05:00.0", "journalctl -u parportd -n 20" },
		{ "ppdev:/dev/parport0",
		  "modprobe -a parport_pc ppdev; journalctl -u parportd -n 20" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		machine(gone[i].back_end);
		assert_ptr_equal(found("port-gone"), &none);
		only.is_gone = true;
		find();
		assert_true(found("port-gone")->problem);
		assert_string_equal(found("port-gone")->fix, gone[i].fix);
	}
}

static void every_finding_has_room(void **state)
{
	(void)state;
	(void)refused_file(0600, 0, false);
	facts.node_count = facts.port_count = facts.card_count = DOCTOR_MOST;
	facts.has_more = true;
	for (size_t i = 0; i < DOCTOR_MOST; i++) {
		facts.nodes[i] = facts.nodes[0];
		facts.ports[i] = (struct doctor_port){ .base = 0xd000, .active = "lp" };
	}
	find();
	/* A port without a file, with an interrupt, an address and a holder; cards; files. */
	assert_int_equal(findings.count, DOCTOR_MOST * (4 + 1 + 1) + 1);
	assert_string_equal(findings.finding[findings.count - 1].id, "more");
}

/* The machine of above, its card a port of the kernel's at 0x378. */
static void kernel_port(const char *back_end)
{
	struct doctor_port *port = &facts.ports[0];

	machine("sim");
	facts.card_count = 0;
	facts.port_count = facts.node_count = 1;
	port->base = 0x378;
	port->irq = -1;
	(void)snprintf(port->name, sizeof(port->name), "parport0");
	(void)snprintf(facts.nodes[0].path, sizeof(facts.nodes[0].path), "/dev/parport0");
	facts.nodes[0].may_use = true;
	(void)snprintf(only.back_end, sizeof(only.back_end), "%s", back_end);
	find();
}

static void two_drivers(void **state)
{
	(void)state;
	kernel_port("io:0x378+none");
	assert_true(found("driven-twice")->problem);
	assert_string_equal(found("driven-twice")->fix,
			    "in parport.conf: back_end = \"ppdev:/dev/parport0\"");
	kernel_port("io:0x278");
	assert_ptr_equal(found("driven-twice"), &none);
	kernel_port("ppdev:/dev/parport0");
	assert_ptr_equal(found("driven-twice"), &none);
	machine("pci:0000:05:00.0");
	assert_ptr_equal(found("driven-twice"), &none);
	facts.port_count = 1;
	facts.ports[0] = (struct doctor_port){ .name = "parport1", .base = 0xd010, .irq = -1 };
	find();
	assert_string_equal(found("driven-twice")->fix,
			    "in parport.conf: back_end = \"ppdev:/dev/parport1\"");
}

static void kernel_port_is_asked(void **state)
{
	(void)state;
	kernel_port("sim");
	assert_true(doctor_is_port_idle(&facts, &facts.ports[0]));
	kernel_port("ppdev:/dev/parport1");
	assert_true(doctor_is_port_idle(&facts, &facts.ports[0]));
	kernel_port("ppdev:/dev/parport0");
	assert_false(doctor_is_port_idle(&facts, &facts.ports[0]));
	kernel_port("");
	assert_false(doctor_is_port_idle(&facts, &facts.ports[0]));
	kernel_port("sim");
	facts.service = DOCTOR_SILENT_SERVICE;
	assert_false(doctor_is_port_idle(&facts, &facts.ports[0]));
	kernel_port("sim");
	facts.node_count = 0;
	assert_false(doctor_is_port_idle(&facts, &facts.ports[0]));
	kernel_port("sim");
	(void)snprintf(facts.ports[0].active, sizeof(facts.ports[0].active), "lp");
	assert_false(doctor_is_port_idle(&facts, &facts.ports[0]));
}

static void registers_of_idle(void **state)
{
	(void)state;
	machine("sim");
	facts.caller.has_registers = false;
	find();
	assert_string_equal(found("registers-need-root")->id, "registers-need-root");
	facts.is_elsewhere = true;
	find();
	assert_ptr_equal(found("registers-need-root"), &none);
	machine("io:0xd010");
	facts.caller.has_registers = false;
	find();
	assert_ptr_equal(found("registers-need-root"), &none);
}

static void nobody_there(void **state)
{
	struct doctor_found *asked = &facts.cards[0].found;

	(void)state;
	machine("sim");
	assert_ptr_equal(found("nobody-answers"), &none);
	asked->capabilities = 1;
	find();
	assert_non_null(strstr(found("nobody-answers")->text, "0000:05:00.0"));
	(void)snprintf(asked->ids[0], sizeof(asked->ids[0]), "MFG:Acme;");
	find();
	assert_ptr_equal(found("nobody-answers"), &none);
}

static void service_that_should_run(void **state)
{
	static const struct {
		enum doctor_unit unit;
		const char *id;
		const char *fix;
	} units[] = {
		{ DOCTOR_NO_UNIT, "no-service", "parportd" },
		{ DOCTOR_UNIT, "no-service", "systemctl start parportd" },
		{ DOCTOR_UNIT_ENABLED, "service-ended",
		  "systemctl restart parportd; journalctl -u parportd -n 20" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		machine("sim");
		facts.service = DOCTOR_NO_SERVICE;
		facts.unit = units[i].unit;
		find();
		assert_string_equal(found(units[i].id)->fix, units[i].fix);
		assert_int_equal(found(units[i].id)->problem, units[i].unit == DOCTOR_UNIT_ENABLED);
		assert_string_equal(found("no-fuse")->id, "no-fuse");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "a card that the service serves is driven, and not probed", served_is_driven,
		  NULL, NULL, NULL },
		{ "a service that cannot be asked might serve every card", silent_might_serve, NULL,
		  NULL, NULL },
		{ "what is served elsewhere leaves a card without driver, and idle",
		  others_do_not_matter, NULL, NULL, NULL },
		{ "a driver that is loaded, and has left a card alone, is not advised",
		  loaded_driver_does_not_help, NULL, NULL, NULL },
		{ "what the kernel drives, is switched off or has no address is not probed",
		  driven_is_not_idle, NULL, NULL, NULL },
		{ "who may not use a file is told the command, or who else refuses", who_may, NULL,
		  NULL, NULL },
		{ "who may not use a port of the service is told what of it refuses him",
		  who_may_use_the_service, NULL, NULL, NULL },
		{ "a port of the service whose hardware is not there is a problem",
		  port_that_is_gone, NULL, NULL, NULL },
		{ "a port that the kernel and the service both drive is a problem", two_drivers,
		  NULL, NULL, NULL },
		{ "a port of the kernel is asked that has a file, and that nobody has or serves",
		  kernel_port_is_asked, NULL, NULL, NULL },
		{ "who may not use registers is told so where nothing else has the card",
		  registers_of_idle, NULL, NULL, NULL },
		{ "a chip that was asked, and on which nobody says who he is", nobody_there, NULL,
		  NULL, NULL },
		{ "a service that starts with the machine and is not there has ended",
		  service_that_should_run, NULL, NULL, NULL },
		{ "no finding is lost, and of what is not looked at it is said",
		  every_finding_has_room, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("doctor_rules", tests, NULL, NULL);
}
