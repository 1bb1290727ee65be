/* SPDX-License-Identifier: MIT */
/* Batches and pulses on a port inside this process. */
#include "handle_cases.h"

int main(void)
{
	struct handle_names names = { "sim:name=batches,chip=ps2", "sim:name=batches" };

	return run_batch_cases("batches in this process", &names);
}
