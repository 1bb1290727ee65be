/* SPDX-License-Identifier: MIT */
/*
 * A simulated port, looked at by our own detection and, built anew, by Linux's:
 *
 *	linux_bench [--timed-out] KEY=VALUE ...		keys as in parport.conf(5)
 *
 * prints what each has found, a "side: what = value" a line, what the chip model
 * complained of meanwhile, and what Linux says in its log. With --timed-out both
 * find a port whose last user tried EPP in vain, and left it so.
 */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/parport.h>

#include "backend_sim.h"
#include "host_port.h"
#include "peripherals.h"

#define ECR_OFFSET (BENCH_ECP_BASE - BENCH_BASE + 2)

static struct opp_host_config config;
static struct opp_sim sim;
static struct opp_backend_sim backend;
static bool leave_timed_out;
static bool ours_looks;
static unsigned long interrupts;
static uint32_t complaints; /* bits of enum opp_sim_host_error */

static void fail(const char *what)
{
	fprintf(stderr, "linux_bench: %s\n", what);
	exit(2);
}

/* ---- what Linux is given --------------------------------------------------------------- */

/* Nobody but the port answers. */
static bool offset_of(unsigned long address, uint32_t *offset)
{
	*offset = (uint32_t)(address - BENCH_BASE);
	opp_sim_advance_to(&sim, sim.now_ns + OPP_BACKEND_SIM_ACCESS_NS);
	return address >= BENCH_BASE && address <= BENCH_BASE + ECR_OFFSET;
}

uint8_t bench_in(unsigned long address)
{
	uint32_t offset;

	return offset_of(address, &offset) ? opp_sim_read(&sim, offset) : 0xff;
}

void bench_out(uint8_t value, unsigned long address)
{
	uint32_t offset;

	if (offset_of(address, &offset))
		opp_sim_write(&sim, offset, value);
}

uint64_t bench_now_us(void)
{
	return sim.now_ns / 1000;
}

void bench_wait_us(uint64_t us)
{
	opp_sim_advance_to(&sim, sim.now_ns + 1000 * us);
}

unsigned long bench_interrupts(void)
{
	return interrupts;
}

void bench_say(const char *format, ...)
{
	static bool in_line;
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("%s%s", in_line ? "" : "log: ", text);
	in_line = !strchr(text, '\n');
}

/* ---- the port --------------------------------------------------------------------------- */

static void on_interrupt(void *context)
{
	(void)context;
	interrupts++;
	if (ours_looks)
		opp_backend_sim_interrupt(&backend);
}

static void on_host_error(void *context, enum opp_sim_host_error error, uint64_t now_ns)
{
	(void)context;
	(void)now_ns;
	complaints |= UINT32_C(1) << error;
}

static void configure(char **settings)
{
	opp_host_config_defaults(&config, 0);
	leave_timed_out = *settings && strcmp(*settings, "--timed-out") == 0;
	settings += leave_timed_out;
	for (; *settings; settings++) {
		char *value = strchr(*settings, '=');

		if (!value)
			fail("usage: linux_bench [--timed-out] KEY=VALUE ...");
		*value = '\0';
		if (opp_host_config_set(&config, *settings, value + 1, NULL) != OPP_SUCCESS)
			fail("a setting is wrong");
	}
	config.chip.base = BENCH_BASE;
	config.chip.interrupt = on_interrupt;
	config.chip.host_error = on_host_error;
}

/* EPP mode, lines idle for it, and a cycle that nobody answers. */
static void time_out(void)
{
	opp_sim_write(&sim, ECR_OFFSET, 0x94);
	opp_sim_write(&sim, OPP_SIM_CONTROL, 0x04);
	opp_sim_write(&sim, OPP_SIM_EPP_DATA, 0);
}

static void build(struct opp_peripherals *peripherals)
{
	if (sim.connector.peripheral)
		opp_sim_detach(&sim);
	complaints = 0;
	opp_sim_init(&sim, &config.chip);
	if (peripherals->plug)
		opp_sim_attach(&sim, peripherals->plug);
	if (leave_timed_out)
		time_out();
}

/* ---- what is told ------------------------------------------------------------------------ */

static void tell_modes(uint32_t modes)
{
	static const struct {
		uint32_t mode;
		const char *name;
	} names[] = {
		{ PARPORT_MODE_PCSPP, "PCSPP" },   { PARPORT_MODE_TRISTATE, "TRISTATE" },
		{ PARPORT_MODE_COMPAT, "COMPAT" }, { PARPORT_MODE_EPP, "EPP" },
		{ PARPORT_MODE_ECP, "ECP" },       { PARPORT_MODE_DMA, "DMA" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (modes & names[i].mode)
			printf(" %s", names[i].name);
	printf("\n");
}

static void tell(const char *side, const struct bench_facts *facts)
{
	printf("%s: modes =", side);
	tell_modes(facts->modes);
	printf("%s: ecr = %d\n", side, facts->ecr);
	printf("%s: irq = %d\n", side, facts->irq);
	printf("%s: dma = %d\n", side, facts->dma);
	printf("%s: fifo_words = %d\n", side, facts->fifo_words);
	printf("%s: write_threshold = %d\n", side, facts->write_threshold);
	printf("%s: read_threshold = %d\n", side, facts->read_threshold);
	printf("%s: word_bytes = %d\n", side, facts->word_bytes);
}

static void tell_complaints(const char *side)
{
	for (int error = 0; error < OPP_SIM_HOST_ERRORS; error++)
		if (complaints >> error & 1)
			printf("%s: complaint %d = %s\n", side, error,
			       opp_sim_host_error_text(error));
}

/* ---- both -------------------------------------------------------------------------------- */

static void busy_wait_ns(void *context, uint32_t ns)
{
	(void)context;
	opp_sim_advance_to(&sim, sim.now_ns + ns);
}

static void broken(void *context, const char *what)
{
	(void)context;
	fail(what);
}

static bool our_probe(struct bench_facts *facts)
{
	static const struct opp_env env = { .busy_wait_ns = busy_wait_ns, .broken = broken };
	const struct opp_chip_facts *found = &backend.chip.facts;
	uint32_t can;

	if (opp_backend_sim_open(&backend, &sim, &env, NULL, NULL) != OPP_SUCCESS)
		return false;
	can = backend.chip.hw.capabilities;
	*facts = (struct bench_facts){
		.modes = PARPORT_MODE_PCSPP |
			 (can & OPP_HW_CAN_REVERSE ? PARPORT_MODE_TRISTATE : 0) |
			 (can & OPP_HW_CAN_EPP ? PARPORT_MODE_EPP : 0) |
			 (can & OPP_HW_CAN_FIFO ? PARPORT_MODE_ECP | PARPORT_MODE_COMPAT : 0),
		.ecr = found->ecr,
		.irq = found->irq              ? found->irq
		       : found->interrupt_seen ? BENCH_IRQ
					       : 0,
		.dma = found->dma,
		.fifo_words = found->fifo.depth_words,
	};
	if (facts->fifo_words) {
		facts->write_threshold = found->fifo.write_threshold_words;
		facts->read_threshold = found->fifo.read_threshold_words;
		facts->word_bytes = found->fifo.word_bytes;
	}
	return true;
}

static void look(const char *side, bool (*probe)(struct bench_facts *facts))
{
	struct bench_facts facts;

	if (probe(&facts))
		tell(side, &facts);
	tell_complaints(side);
}

int main(int argc, char **argv)
{
	struct opp_peripherals *peripherals;

	(void)argc;
	configure(argv + 1);
	if (opp_peripherals_new(&peripherals, &config, NULL, NULL, NULL, NULL) != OPP_SUCCESS)
		fail("no such peripheral");
	build(peripherals);
	ours_looks = true;
	look("ours", our_probe);
	ours_looks = false;
	build(peripherals);
	look("linux", linux_probe);
	opp_sim_detach(&sim);
	opp_peripherals_free(peripherals, NULL);
	opp_host_config_release(&config);
	return 0;
}
