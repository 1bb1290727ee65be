/* SPDX-License-Identifier: MIT */
/*
 * The command parport: what its verbs share.
 *
 *	main.c		the table of verbs
 *	facts.c		verbs that print facts: list, status, info, pins
 *	alloc.c lock.c print.c kick.c	verbs that do something
 *	command.c	a command that runs while alloc or lock holds what it needs
 *	monitor.c	what happens, as it happens
 *	doctor*.c	what the machine has, and what is wrong
 *	run.c names.c	a program that insists on names of ports
 *	trap*.c tracer.c instruction.c	and one that uses port instructions
 *	served.c	verbs on the wire of a served port: modes, ids, transfer
 *	devices.c	which devices a port has, and who they are
 *	port.c		the ports of the mount, opened with errors for people
 *	line.c		who is in the way
 *	table.c		columns
 *	text.c		durations and names
 *	ticker.c	something to say while a call blocks; the time
 */
#ifndef OPENPARPORT_CLI_H
#define OPENPARPORT_CLI_H

#include <argp.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openparport/hosted/openparport.h>

/* A verb: argv[0] is "parport VERB". Returns the exit code. */
typedef int (*cli_verb_fn)(int argc, char **argv);

int cli_list(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_info(int argc, char **argv);
int cli_pins(int argc, char **argv);
int cli_alloc(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_lock(int argc, char **argv);
int cli_print(int argc, char **argv);
int cli_kick(int argc, char **argv);
int cli_negotiate(int argc, char **argv);
int cli_probe(int argc, char **argv);
int cli_id(int argc, char **argv);
int cli_chain(int argc, char **argv);
int cli_caps(int argc, char **argv);
int cli_reset(int argc, char **argv);
int cli_monitor(int argc, char **argv);
int cli_read(int argc, char **argv);
int cli_write(int argc, char **argv);
int cli_sim(int argc, char **argv);

/* ---- errors ---------------------------------------------------------------- */

/* Names the verb in every later message. */
void cli_set_verb(const char *verb);

/* A line on stderr, "parport VERB: ...". */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same about a failure. Returns the exit code of @status. */
int cli_fail(enum opp_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- ports ------------------------------------------------------------------- */

struct cli_port {
	struct opp_handle *handle;
	struct opp_ioc_info info;
	char device[OPP_IOC_NAME_BYTES]; /* "lpt1" */
	char folder[PATH_MAX];           /* its file's; "": the port is inside this process */
	/* what a verb has asked for */
	struct opp_ioc_status status;
	struct opp_ioc_pins pins;
};

/* The directory where parportd shows its ports. */
const char *cli_mount(void);

/*
 * cli_port_open - open @name and learn its number and device name.
 * Says what went wrong. Returns 0, or an exit code.
 */
int cli_port_open(struct cli_port *port, const char *name);
void cli_port_close(struct cli_port *port);

/*
 * A name of a port or of a device on it: "lpt1.0", or the path of such a file or of a
 * link in by-id.
 */
struct cli_name {
	char port[PATH_MAX]; /* as cli_port_open takes it */
	uint8_t place;       /* 0 .. 3 in the daisy chain; OPP_IOC_END_OF_CHAIN */
	bool is_device;      /* lpt1.4, not lpt1 */
};

/* A port that is there as long as the command: "sim:...", "io:...", "pci:..." or "ppdev:...". */
bool cli_is_local(const char *name);
/* For verbs that want a port of the service. Returns 0, or says so and returns an exit code. */
int cli_must_be_served(const char *name);

void cli_name_parse(struct cli_name *parsed, const char *name);

/* cli_port_open of its port; port->device is then the device's name. */
int cli_name_open(struct cli_port *port, const struct cli_name *name);

/* The device itself, as opp_open_device; says what went wrong. Returns 0, or an exit code. */
int cli_device_open(struct cli_port *device, const char *name);

#define CLI_DEVICES_MOST 5

struct cli_device {
	char name[OPP_IOC_NAME_BYTES]; /* "lpt1.0" */
	char link[NAME_MAX + 1];       /* "MANUFACTURER_MODEL", its name in by-id; "": none */
};

/* Those of a port that cli_port_open has opened, in the order of their places. Returns how many. */
size_t cli_devices_of(const struct cli_port *port, struct cli_device devices[CLI_DEVICES_MOST]);

/*
 * cli_ports_of_mount - "parport0", "parport1", ... in the order of their numbers.
 * Says what went wrong. Returns 0, or an exit code; @names goes to cli_names_free.
 */
int cli_ports_of_mount(char ***names, size_t *count);
void cli_names_free(char **names, size_t count);

/* Asks for port->status. Its program names are printable ASCII: the service sees to that. */
enum opp_status cli_ask_status(struct cli_port *port);

/* ---- text --------------------------------------------------------------------- */

#define CLI_TEXT_BYTES 96

/* "500ms", "2 s", "1m" or "0" as microseconds. What is none of these ends the command. */
uint64_t cli_duration_of(struct argp_state *state, const char *text);
/* "0.5 s", "75 s", "4 min", "3 h"; returns @text. */
const char *cli_duration_text(uint64_t us, char text[CLI_TEXT_BYTES]);
/* Prints " compatibility reverse" of OPP_HW_CAN_*, and ends the line. */
void cli_print_capabilities(uint32_t can);
/* "negotiation", ...: what a transfer was doing, of enum opp_phase. */
const char *cli_phase_text(uint8_t phase);
/* "cat (pid 1234)"; returns @text. */
const char *cli_who_text(const struct opp_ioc_who *who, char text[CLI_TEXT_BYTES]);

/*
 * Whether another program of the system has the port, which is told of as the holder only
 * while somebody waits; by port->info and port->status.
 */
bool cli_is_elsewhere(const struct cli_port *port);

/* Who keeps us from the port: its holder, or that program. */
const char *cli_keeper_text(const struct cli_port *port, char text[CLI_TEXT_BYTES]);

/* ---- standing in line ------------------------------------------------------------ */

/* What was said last, so that only news is said. Zeroed, then the first two set. */
struct cli_line {
	struct cli_port *port;
	bool of_jobs;    /* we print: the job that is printed comes before us, too */
	uint64_t client; /* whom it was about */
	uint32_t before;
};

/* A tick of a struct cli_line: who is in the way and how many come before us. */
void cli_line_tell(void *line);

/* ---- while a call blocks ------------------------------------------------------- */

/* Calls tick(context) in a thread of its own: at once, then every period, until stopped. */
struct cli_ticker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping; /* lock */
	unsigned int period_ms;
	void (*tick)(void *context);
	void *context;
};

bool cli_ticker_start(struct cli_ticker *ticker, unsigned int period_ms,
		      void (*tick)(void *context), void *context);
/* Returns when no tick runs any more. */
void cli_ticker_stop(struct cli_ticker *ticker);

/* Of a clock that is never set. */
uint64_t cli_now_us(void);

/* The signals that ask the command to end: HUP, INT, QUIT, TERM. */
void cli_stop_signals(sigset_t *set);

#endif
