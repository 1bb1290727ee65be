/* SPDX-License-Identifier: MIT */
/* Batches and pulses on a port inside this process. */
#include "handle_cases.h"

int main(void)
{
	/* A printer that takes its time over each byte. */
	struct handle_names names = {
		"sim:name=batches,busy_every_bytes=1,busy_extra_us=3000",
		"sim:name=batches",
	};

	return run_batch_cases("batches in this process", &names);
}
