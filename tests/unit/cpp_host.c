/* SPDX-License-Identifier: MIT */
#include "cpp_host.h"

#define STROBE 0x01u
#define MOST   4u

bool cpp_begin(struct bench *bench)
{
	static const uint8_t bytes[] = { 0xaa, 0x55, 0x00, 0xff };

	for (uint32_t i = 0; i < sizeof(bytes); i++)
		bench_out(bench, DATA, bytes[i]);
	if ((bench_in(bench, STATUS) & CPP_TESTED) != 0xb8)
		return false;
	bench_out(bench, DATA, 0x87);
	if ((bench_in(bench, STATUS) & CPP_TESTED) != 0x18)
		return false;
	bench_out(bench, DATA, 0x78);
	return true;
}

uint8_t cpp_command(struct bench *bench, uint8_t byte)
{
	const uint8_t control = opp_sim_read(&bench->sim, CONTROL) & 0x0f;
	uint8_t status;

	bench_out(bench, DATA, byte);
	bench_out(bench, CONTROL, control | STROBE);
	status = bench_in(bench, STATUS);
	bench_out(bench, CONTROL, control);
	return status;
}

void cpp_end(struct bench *bench)
{
	bench_out(bench, DATA, 0xff);
}

bool cpp(struct bench *bench, uint8_t byte)
{
	uint8_t status = CPP_NFAULT;

	if (cpp_begin(bench)) {
		status = cpp_command(bench, byte);
		status |= bench_in(bench, STATUS);
	}
	cpp_end(bench);
	return !(status & CPP_NFAULT);
}

uint32_t cpp_enumerate(struct bench *bench)
{
	uint32_t found = 0;
	uint8_t status;

	if (cpp_begin(bench)) {
		do {
			status = bench_in(bench, STATUS);
			if ((status & (CPP_PRESENT | CPP_NFAULT)) != CPP_PRESENT)
				break;
			cpp_command(bench, (uint8_t)found);
			found++;
		} while (status & CPP_MORE && found < MOST);
	}
	cpp_end(bench);
	return found;
}
