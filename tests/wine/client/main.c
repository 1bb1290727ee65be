/* SPDX-License-Identifier: MIT */
/*
 * testclient.sys: every table of cases, each on a port of its own, printed as TAP.
 */
#include <string.h>

#include "rig.h"

const WCHAR *const client_results = L"\\??\\C:\\openparport\\contract.tap";

static struct rig rigs[2];
static void *way_out[5]; /* of a case that fails */
static uint32_t printed;

static const struct case_table *const tables[] = {
	&open_cases,         &allocate_cases,      &queue_cases,       &cancel_cases,
	&callback_cases,     &select_cases,        &chain_cases,       &chip_mode_cases,
	&info_cases,         &interrupt_cases,     &deferred_cases,    &removal_cases,
	&input_cases,        &power_cases,         &device_open_cases, &device_lock_cases,
	&device_mode_cases,  &device_io_cases,     &device_id_cases,   &device_row_cases,
	&device_power_cases, &device_status_cases, &start_cases,       &layout_cases,
	&object_cases,       &pnp_cases,           &race_cases,
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

/*
 * The first five ask a place that has no device, for which there is no object, or send majors
 * that a kernel keeps for itself: object_cases.c has their like. The others ask for an
 * id that was taken back, but what Plug and Play was told stays; or a removed port for its
 * devices, which no kernel does.
 */
static const char *const not_here[] = {
	"C-007 an end-of-chain device is one that answered with an id",
	"C-113 open as a directory: NOT_A_DIRECTORY",
	"C-114 open with no hardware: INVALID_DEVICE_REQUEST",
	"C-115 open after surprise removal, after removal",
	"C-182 codes of ports, other majors: refused by a device",
	"an id is that of who was there at the last look",
	"INIT_1284_3_BUS leaves no id of who stood there before",
	"QUERY_DEVICE_ID changes nothing in the list of devices",
	"a look at a removed port ends, too",
};

#define NOT_HERE (sizeof(not_here) / sizeof(not_here[0]))

_Noreturn void case_failed(const char *file, int line, const char *what, long long got,
			   long long wanted)
{
	report_print("# %s:%d: %s: got %I64d (0x%I64x), wanted %I64d (0x%I64x)\n", file, line, what,
		     got, got, wanted, wanted);
	__builtin_longjmp(way_out, 1);
}

static void run_on_ports(const struct contract_case *contract_case)
{
	rig_begin(&rigs[0], contract_case->needs);
	if (contract_case->needs & NEEDS_SECOND_PORT) {
		rig_begin(&rigs[1], contract_case->needs);
		rigs[0].second = &rigs[1];
	}
	contract_case->run(&rigs[0]);
	rig_end(&rigs[0]);
	if (rigs[0].second)
		rig_end(&rigs[1]);
}

static bool passes(const struct contract_case *contract_case)
{
	if (__builtin_setjmp(way_out))
		return false;
	run_on_ports(contract_case);
	return true;
}

/* Whatever a failed case has left goes, if it can. */
static void clear_up(void)
{
	for (int i = 0; i < 2; i++) {
		if (__builtin_setjmp(way_out))
			continue;
		rig_drop(&rigs[i]);
	}
}

static bool is_here(const char *name)
{
	for (size_t i = 0; i < NOT_HERE; i++) {
		if (strcmp(name, not_here[i]) == 0)
			return false;
	}
	return true;
}

static void run_case(const struct contract_case *contract_case)
{
	bool passed;

	report_print("# %s\n", contract_case->name);
	passed = passes(contract_case);
	report_print("%s %u - %s\n", passed ? "ok" : "not ok", ++printed, contract_case->name);
	if (!passed)
		clear_up();
}

static void run_all(void)
{
	for (size_t t = 0; t < TABLES; t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			if (is_here(tables[t]->cases[i].name))
				run_case(&tables[t]->cases[i]);
		}
	}
	report_print("1..%u\n", printed);
}

void client_run(void)
{
	if (kernel_bus())
		run_all();
	else
		report_print("Bail out! there is no bus\n");
	if (bus)
		report_print(serve_programs() ? "# programs are served\n"
					      : "Bail out! no port for programs\n");
}
