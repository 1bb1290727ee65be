/* SPDX-License-Identifier: MIT */
/*
 * How far a pulse of 1 ms on D0 is from that, in microseconds: half of all pulses by
 * no more than the first figure, all but one in a hundred by no more than the second.
 *
 * Ours is opp_pulse() on a simulated port of this process. There its width is exact
 * by that port's own clock, so what is measured is the machine's: the monotonic clock
 * at the two writes that reach the registers. The other one is what programs do
 * without it: PPWDATA, nanosleep(), PPWDATA, on the file argv[1] of a service, whose
 * recorder writes down in the file argv[2] when D0 changed. Triggers are seldom: between
 * two pulses both sleep for a while.
 */
#include <fcntl.h>
#include <linux/ppdev.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <openparport/hosted/openparport.h>
#include <openparport/sim.h>

#include "measure.h"

#define PULSES     500u
#define WIDTH_NS   1000000u
#define PAUSE_NS   4000000u
#define LOG_WAIT_S 20

static double error_us(uint64_t up_ns, uint64_t down_ns)
{
	const double late_ns = (double)(down_ns - up_ns) - WIDTH_NS;

	return (late_ns < 0 ? -late_ns : late_ns) / 1000;
}

static void report_errors(double *errors, const char *half, const char *most)
{
	report(half, median(errors, PULSES));
	report(most, errors[PULSES * 99 / 100]);
}

static void sleep_ns(uint32_t ns)
{
	const struct timespec pause = { .tv_nsec = ns };

	(void)nanosleep(&pause, NULL);
}

/* ---- ours --------------------------------------------------------------------------------- */

static uint64_t written_ns[2]; /* the last two times that the data register was written */

void __real_opp_sim_write(struct opp_sim *sim, uint32_t offset, uint8_t value);
void __wrap_opp_sim_write(struct opp_sim *sim, uint32_t offset, uint8_t value);

void __wrap_opp_sim_write(struct opp_sim *sim, uint32_t offset, uint8_t value)
{
	if (offset == 0) {
		written_ns[0] = written_ns[1];
		written_ns[1] = now_ns();
	}
	__real_opp_sim_write(sim, offset, value);
}

static void make_ours(double *errors)
{
	struct opp_handle *port;
	uint32_t i;

	if (opp_open("sim:peripheral=none", &port, NULL) != OPP_SUCCESS ||
	    opp_allocate(port, 0) != OPP_SUCCESS)
		give_up("a simulated port");
	for (i = 0; i < PULSES; i++) {
		written_ns[0] = 0;
		if (opp_pulse(port, 1, 1, WIDTH_NS, NULL) != OPP_SUCCESS || !written_ns[0])
			give_up("a pulse");
		errors[i] = error_us(written_ns[0], written_ns[1]);
		sleep_ns(PAUSE_NS);
	}
	opp_close(port);
}

/* ---- a naive client's ---------------------------------------------------------------------- */

static void write_data(int port, unsigned char byte)
{
	if (ioctl(port, PPWDATA, &byte) != 0)
		give_up("PPWDATA");
}

static void make_naive(const char *path)
{
	const int port = open(path, O_RDWR);
	uint32_t i;

	if (port < 0 || ioctl(port, PPCLAIM) != 0)
		give_up(path);
	write_data(port, 0);
	for (i = 0; i < PULSES; i++) {
		write_data(port, 1);
		sleep_ns(WIDTH_NS);
		write_data(port, 0);
		sleep_ns(PAUSE_NS);
	}
	close(port);
}

/* A line a change: "TIME DATA CONTROL". Returns how many pulses there are so far. */
static uint32_t read_log(const char *path, double *errors)
{
	FILE *file = fopen(path, "r");
	unsigned long long at_ns, up_ns = 0;
	unsigned int data, control;
	uint32_t pulses = 0;

	if (!file)
		give_up(path);
	while (pulses < PULSES && fscanf(file, "%llu %x %x", &at_ns, &data, &control) == 3) {
		if (data & 1)
			up_ns = at_ns;
		else if (up_ns)
			errors[pulses++] = error_us(up_ns, at_ns);
		if (!(data & 1))
			up_ns = 0;
	}
	(void)fclose(file);
	return pulses;
}

/* The service writes the log when it has time to. */
static void wait_for_log(const char *path, double *errors)
{
	const uint64_t until_ns = now_ns() + LOG_WAIT_S * UINT64_C(1000000000);

	while (read_log(path, errors) < PULSES) {
		if (now_ns() > until_ns)
			give_up("the recorder has not seen all pulses");
		sleep_ns(PAUSE_NS);
	}
}

int main(int argc, char **argv)
{
	static double errors[PULSES];

	if (argc != 3)
		give_up("usage: pulse PORT LOG");
	make_ours(errors);
	report_errors(errors, "pulse_width_error_us", "pulse_width_error_99_us");
	make_naive(argv[1]);
	wait_for_log(argv[2], errors);
	report_errors(errors, "naive_pulse_width_error_us", "naive_pulse_width_error_99_us");
	return 0;
}
