/* SPDX-License-Identifier: MIT */
/* Modes on a port inside this process. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "handle_cases.h"

static char input[] = "/tmp/openparport-input-XXXXXX";

static int write_input(void)
{
	FILE *file = fdopen(mkstemp(input), "w");
	size_t i;

	if (!file)
		return -1;
	for (i = 0; i < MODE_INPUT_BYTES; i++)
		(void)fputc(mode_input(i), file);
	return fclose(file);
}

int main(void)
{
	char name[256];
	struct handle_names names = { name, "sim:name=modes" };
	int failed;

	if (write_input() != 0)
		return 1;
	(void)snprintf(name, sizeof(name),
		       "sim:name=modes,chip=ecp,modes=nibble byte ecp,daisy=2,"
		       "daisy1_id=MFG:Second;MDL:Device;,input=%s",
		       input);
	failed = run_mode_cases("modes in this process", &names);
	(void)unlink(input);
	return failed;
}
