/* SPDX-License-Identifier: MIT */
/*
 * The cases of the contract through parport.sys, and those that only a kernel can show.
 */
#include <stdlib.h>

#include "cases.h"
#include "rig.h"

#define MOST_CASES 512

static const struct case_table *const port_tables[] = {
	&open_cases,         &allocate_cases,      &queue_cases,       &cancel_cases,
	&callback_cases,     &select_cases,        &chain_cases,       &chip_mode_cases,
	&info_cases,         &interrupt_cases,     &deferred_cases,    &removal_cases,
	&power_cases,        &input_cases,         &device_open_cases, &device_lock_cases,
	&device_mode_cases,  &device_io_cases,     &device_id_cases,   &device_row_cases,
	&device_power_cases, &device_status_cases, &bus_cases,         &identity_cases,
	&life_cases,         &object_cases,        &system_cases,
};

/*
 * They ask a place that never had a device, for which there is no object, or send majors that
 * a kernel keeps for itself. object_cases.c has their like.
 */
static const char *const not_here[] = {
	"C-113 open as a directory: NOT_A_DIRECTORY",
	"C-114 open with no hardware: INVALID_DEVICE_REQUEST",
	"C-115 open after surprise removal, after removal",
	"C-182 codes of ports, other majors: refused by a device",
};

static struct nt_case all[MOST_CASES];
static unsigned count;

static bool is_here(const char *name)
{
	for (size_t i = 0; i < RTL_NUMBER_OF(not_here); i++) {
		if (strcmp(name, not_here[i]) == 0)
			return false;
	}
	return true;
}

static void add_table(const struct case_table *table, void (*run)(void *contract_case))
{
	static struct contract_case copies[MOST_CASES];

	for (size_t i = 0; i < table->count; i++) {
		if (!is_here(table->cases[i].name))
			continue;
		MUST(count < MOST_CASES);
		copies[count] = table->cases[i];
		all[count] = (struct nt_case){ copies[count].name, run, &copies[count], NULL };
		count++;
	}
}

int main(int argc, char **argv)
{
	for (size_t t = 0; t < RTL_NUMBER_OF(port_tables); t++)
		add_table(port_tables[t], rig_run_case);
	add_table(&start_cases, rig_run_bare_case);
	for (unsigned i = 0; i < injection_case_count; i++)
		all[count++] = injection_cases[i];
	for (unsigned i = 0; i < misuse_case_count; i++)
		all[count++] = misuse_cases[i];
	return run_cases(all, count, argc > 1 ? argv[1] : NULL, 0) ? EXIT_FAILURE : EXIT_SUCCESS;
}
