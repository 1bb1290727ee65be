/* SPDX-License-Identifier: MIT */
/*
 * parport: the command. Finds the verb and leaves the rest to it.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct {
	const char *name;
	cli_verb_fn run;
	const char *summary;
} verbs[] = {
	{ "list", cli_list, "the ports there are, and the devices on them" },
	{ "status", cli_status, "who holds a port, who waits for it, how it was used" },
	{ "info", cli_info, "what a port is: chip, peripheral, capabilities" },
	{ "alloc", cli_alloc, "run a command while holding a port" },
	{ "lock", cli_lock, "run a command while a device has its port locked" },
	{ "doctor", cli_doctor, "what this machine has of ports, and what is wrong" },
	{ "run", cli_run, "run a program that insists on /dev/parport0 or /dev/lp0" },
	{ "print", cli_print, "print files as one job" },
	{ "pins", cli_pins, "the level of every line of the connector" },
	{ "negotiate", cli_negotiate, "ask the peripheral for a mode" },
	{ "probe", cli_probe, "what the chip is and which modes the peripheral accepts" },
	{ "caps", cli_caps, "which modes of the peripheral can be used, the fastest ones first" },
	{ "id", cli_id, "the IEEE 1284 device id" },
	{ "chain", cli_chain, "the devices of a daisy chain" },
	{ "read", cli_read, "read bytes from the peripheral" },
	{ "write", cli_write, "write bytes to the peripheral" },
	{ "reset", cli_reset, "reset the peripheral by its nInit line" },
	{ "monitor", cli_monitor, "what happens to ports and devices, as it happens" },
	{ "sim", cli_sim, "see and change what is simulated: peripherals, chips, faults" },
	{ "kick", cli_kick, "put out a program that holds a port and does not let go" },
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *stream)
{
	fputs("Usage: parport VERB [OPTION...] [ARGUMENT...]\n"
	      "Share a parallel port: see it, hold it, print to it.\n\n",
	      stream);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(stream, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
	fputs("\nparport VERB --help says more of a verb, parport --version which one this is.\n"
	      "The whole story: man parport\n",
	      stream);
}

static int unknown_verb(const char *name)
{
	char known[256] = "";

	for (size_t i = 0; i < VERB_COUNT; i++) {
		size_t used = strlen(known);

		snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", verbs[i].name);
	}
	return cli_fail(OPP_INVALID_PARAMETER, "unknown verb '%s': use one of %s", name, known);
}

static int run_verb(size_t index, int argc, char **argv)
{
	char name[32];
	int code;

	snprintf(name, sizeof(name), "parport %s", verbs[index].name);
	argv[0] = name;
	cli_set_verb(verbs[index].name);
	code = verbs[index].run(argc, argv);
	if ((fflush(stdout) != 0 || ferror(stdout)) && code == 0)
		return cli_fail(OPP_UNSUCCESSFUL, "cannot write to standard output: %s",
				strerror(errno));
	return code;
}

int main(int argc, char **argv)
{
	argp_program_version = "parport (OpenParport) " OPP_VERSION;
	argp_err_exit_status = opp_status_exit_code(OPP_INVALID_PARAMETER);
	if (argc < 2) {
		print_help(stderr);
		return argp_err_exit_status;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts(argp_program_version);
		return 0;
	}
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return run_verb(i, argc - 1, argv + 1);
	return unknown_verb(argv[1]);
}
