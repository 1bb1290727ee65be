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
static struct doctor_findings findings;

/* A machine with a card at 0xd010 that no driver has, and a port of the service. */
static void machine(const char *back_end)
{
	struct doctor_card *card = &facts.cards[0];
	struct doctor_served *served = &facts.served[0];

	memset(&facts, 0, sizeof(facts));
	facts.card_count = 1;
	card->is_pci = true;
	(void)snprintf(card->where, sizeof(card->where), "0000:05:00.0");
	card->enabled = true;
	card->base = 0xd010;
	card->ecp_base = 0xd018;
	facts.service = DOCTOR_SERVICE;
	facts.served_count = 1;
	served->may_use = true;
	(void)snprintf(served->back_end, sizeof(served->back_end), "%s", back_end);
	doctor_find(&facts, &findings);
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
	facts.in_group = in_group;
	(void)snprintf(facts.user, sizeof(facts.user), "ann");
	facts.node_count = 1;
	(void)snprintf(node->path, sizeof(node->path), "/dev/parport0");
	node->mode = mode;
	node->group = group;
	doctor_find(&facts, &findings);
	assert_int_equal(findings.count, 2);
	assert_string_equal(findings.finding[0].id, "no-port");
	assert_true(findings.finding[1].problem);
	return &findings.finding[1];
}

static void who_may(void **state)
{
	const struct doctor_finding *found = refused_file(0660, 7, false);

	(void)state;
	assert_string_equal(found->id, "not-in-group");
	assert_string_equal(found->fix, "sudo usermod -aG lp ann, then log out and in again; no "
					"program needs to run as root");
	for (int i = 0; i < 2; i++) {
		found = i ? refused_file(0600, 7, true) : refused_file(0660, 0, true);
		assert_string_equal(found->id, "wrong-owner");
		assert_string_equal(found->fix,
				    "sudo chgrp lp /dev/parport0; sudo chmod 660 /dev/parport0; "
				    "look for the udev rule that made it so");
	}
	found = refused_file(0660, 7, true);
	assert_string_equal(found->id, "refused");
	assert_string_equal(found->fix, "getfacl /dev/parport0");
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
	doctor_find(&facts, &findings);
	/* A port without a file, with an interrupt, an address and a holder; cards; files. */
	assert_int_equal(findings.count, DOCTOR_MOST * (4 + 1 + 1) + 1);
	assert_string_equal(findings.finding[findings.count - 1].id, "more");
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
		{ "what the kernel drives, is switched off or has no address is not probed",
		  driven_is_not_idle, NULL, NULL, NULL },
		{ "who may not use a file is told the command, or who else refuses", who_may, NULL,
		  NULL, NULL },
		{ "no finding is lost, and of what is not looked at it is said",
		  every_finding_has_room, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("doctor_rules", tests, NULL, NULL);
}
