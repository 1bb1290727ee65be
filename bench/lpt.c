/* SPDX-License-Identifier: MIT */
/*
 * What printing costs. argv[1] is an lpt file of a service whose printer takes all at
 * once, argv[2] a plain passthrough file by libfuse (fuse_file.c):
 *
 *	lpt_write_vs_fuse_file	the same blocks written to both
 *	lpt_write_vs_chip	and to the same simulated chip and printer in this process
 *	thousand_jobs_vs_one	PAGES processes that print a page each, against one that
 *				prints PAGES pages
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openparport/ieee1284.h>
#include <openparport/sim_centronics.h>

#include "backend_sim.h"
#include "measure.h"

#define BLOCK_BYTES 16384u
#define BLOCKS      4u
#define PAGES       1000u
#define PAGE_BYTES  4096u
#define JOB_ROUNDS  5u
#define BUDGET_NS   50000u

static uint8_t block[BLOCK_BYTES];

/* ---- blocks -------------------------------------------------------------------------- */

struct stream {
	int lpt;
	int plain;
	struct opp_hw *hw;
};

static void write_all(int file, const uint8_t *bytes, size_t count)
{
	while (count) {
		const ssize_t wrote = write(file, bytes, count);

		if (wrote <= 0)
			give_up("a write");
		bytes += wrote;
		count -= (size_t)wrote;
	}
}

static uint64_t write_blocks(int file)
{
	const uint64_t start_ns = now_ns();
	uint32_t i;

	for (i = 0; i < BLOCKS; i++)
		write_all(file, block, BLOCK_BYTES);
	return now_ns() - start_ns;
}

static uint64_t write_to_lpt(void *context)
{
	const struct stream *stream = context;

	return write_blocks(stream->lpt);
}

static uint64_t write_to_plain_file(void *context)
{
	const struct stream *stream = context;

	return write_blocks(stream->plain);
}

/* ---- the same in this process ----------------------------------------------------------- */

static struct opp_hw *plug_in(void)
{
	static const struct opp_env env = { .broken = broken };
	static struct opp_sim sim;
	static struct opp_centronics printer;
	static struct opp_backend_sim backend;
	const struct opp_sim_options chip = { .chip = OPP_SIM_PS2 };
	const struct opp_centronics_options options = { .ack_ns = 500 };

	opp_sim_init(&sim, &chip);
	opp_centronics_init(&printer, &options);
	opp_sim_attach(&sim, &printer.peripheral);
	if (opp_backend_sim_open(&backend, &sim, &env, clock_ns, NULL) != OPP_SUCCESS)
		abort();
	return &backend.chip.hw;
}

static void drive_block(struct opp_hw *hw)
{
	struct opp_protocol protocol;
	struct opp_transfer transfer;

	opp_protocol_init(&protocol, 0);
	opp_write_begin(&transfer, &protocol,
			&(struct opp_write){ .bytes = block,
					     .length = BLOCK_BYTES,
					     .inactivity_us = UINT64_MAX,
					     .fault_us = UINT64_MAX });
	while (opp_transfer_step(&transfer, hw, now_ns() / 1000, BUDGET_NS) != OPP_STEP_DONE)
		;
	if (transfer.moved != BLOCK_BYTES)
		abort();
}

static uint64_t drive_chip(void *context)
{
	const struct stream *stream = context;
	const uint64_t start_ns = now_ns();
	uint32_t i;

	for (i = 0; i < BLOCKS; i++)
		drive_block(stream->hw);
	return now_ns() - start_ns;
}

/* ---- jobs --------------------------------------------------------------------------------- */

static int open_file(const char *path)
{
	const int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0)
		give_up(path);
	return file;
}

static void print_pages(const char *lpt, uint32_t pages)
{
	const int file = open_file(lpt);

	while (pages--)
		write_all(file, block, PAGE_BYTES);
	if (close(file) != 0)
		give_up("closing a job");
}

static double one_job(const char *lpt)
{
	const uint64_t start_ns = now_ns();

	print_pages(lpt, PAGES);
	return (double)(now_ns() - start_ns);
}

/* Waits with the others until nobody has the other end of the pipe open any more. */
static _Noreturn void be_a_job(const char *lpt, const int *gate)
{
	char nothing;

	close(gate[1]);
	if (read(gate[0], &nothing, 1) != 0)
		give_up("the start of a job");
	print_pages(lpt, 1);
	_exit(0);
}

static void start_jobs(const char *lpt, const int *gate)
{
	for (uint32_t i = 0; i < PAGES; i++) {
		const pid_t child = fork();

		if (child < 0)
			give_up("a process for a job");
		if (child == 0)
			be_a_job(lpt, gate);
	}
}

static void end_jobs(void)
{
	for (uint32_t i = 0; i < PAGES; i++) {
		int status;

		if (wait(&status) < 0 || status != 0)
			give_up("a job");
	}
}

/* From the moment in which all of them run: making processes is not what is measured. */
static double many_jobs(const char *lpt)
{
	uint64_t start_ns;
	int gate[2];

	if (pipe(gate) != 0)
		give_up("a pipe");
	start_jobs(lpt, gate);
	start_ns = now_ns();
	close(gate[1]);
	end_jobs();
	close(gate[0]);
	return (double)(now_ns() - start_ns);
}

static double jobs_ratio(const char *lpt)
{
	double ratios[JOB_ROUNDS];

	for (uint32_t i = 0; i < JOB_ROUNDS; i++) {
		const double many_ns = many_jobs(lpt);

		ratios[i] = many_ns / one_job(lpt);
	}
	return median(ratios, JOB_ROUNDS);
}

int main(int argc, char **argv)
{
	struct stream stream = { .hw = plug_in() };

	if (argc != 3)
		give_up("usage: lpt LPT PLAIN");
	stream.lpt = open_file(argv[1]);
	stream.plain = open_file(argv[2]);
	report("lpt_write_vs_fuse_file", median_ratio(write_to_lpt, write_to_plain_file, &stream));
	report("lpt_write_vs_chip", median_ratio(write_to_lpt, drive_chip, &stream));
	close(stream.lpt);
	report("thousand_jobs_vs_one", jobs_ratio(argv[1]));
	return 0;
}
