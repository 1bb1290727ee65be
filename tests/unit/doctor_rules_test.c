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
	static const char *const its[] = { "io:0xd010", "io:0xd010+0xd018", "io:53264+none", "" };

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
	static const char *const others[] = { "sim", "io:0xd018", "io:0x378+0xd010" };

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
	};

	return cmocka_run_group_tests_name("doctor_rules", tests, NULL, NULL);
}
