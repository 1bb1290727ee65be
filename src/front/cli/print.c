/* SPDX-License-Identifier: MIT */
/*
 * parport print: files, one after the other, as one job.
 *
 * A job is one open lpt file: other jobs wait until it is closed. Bytes are
 * written as they are; write() counts those the printer took, also when it
 * comes back short. A second thread says what happens meanwhile: progress, if
 * a person looks on, and what the printer complains about.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "served.h"

#define DEFAULT_PORT "lpt1"
/*
 * Others get their turn on the port between two writes, and progress its news. In
 * another mode than compatibility a write negotiates, and the printer is faster.
 */
#define WRITE_BYTES    1024
#define MODE_BYTES     4096
#define LOOK_PERIOD_MS 500
#define EXIT_SIGNAL    128

struct request {
	const char *port;
	const char *mode; /* NULL: the fastest */
	char **files;     /* inside argv */
	size_t count;
};

struct job {
	struct cli_port port;
	struct cli_name name;
	int fd;                   /* the lpt file */
	bool may_ask;             /* for a mode: the printer says who it is */
	const char *_Atomic mode; /* in which it is written */
	size_t most;              /* bytes of a write */
	int *inputs;
	size_t count;
	uint64_t total; /* bytes; 0: unknown */
	_Atomic uint64_t sent;
	enum opp_status status; /* why the printer takes no more */
	const char *unreadable; /* the file that ended the job */
	int read_error;         /* its errno */
	/* the ticker's */
	bool terminal; /* somebody looks on */
	uint64_t began_us;
	uint64_t seen; /* sent, a period ago */
	struct cli_line line;
	enum opp_status complaint; /* said last */
};

static volatile sig_atomic_t stopped_by;

static void stop(int number)
{
	stopped_by = number;
}

/* ---- what to print ------------------------------------------------------------ */

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 'p': request->port = argument; return 0;
	case CLI_KEY_MODE: request->mode = argument; return 0;
	case ARGP_KEY_ARGS:
		request->files = state->argv + state->next;
		request->count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name the files to print, - for standard input");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void parse_arguments(struct request *request, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "port", 'p', "PORT", 0, "Print to PORT instead of " DEFAULT_PORT, 0 },
		{ "mode", CLI_KEY_MODE, "MODE", 0,
		  "compat, ecp, ecp-rle or epp; else the fastest that the printer accepts", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "FILE...",
		.doc = "Print the files as one job; - is standard input.",
	};

	argp_parse(&argp, argc, argv, 0, NULL, request);
}

static int open_input(struct job *job, const char *name, bool *size_known)
{
	bool standard = strcmp(name, "-") == 0;
	int fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			  : open(name, O_RDONLY | O_CLOEXEC);
	struct stat about;

	if (fd < 0)
		return cli_fail(OPP_INVALID_PARAMETER, "cannot read %s: %s; nothing was printed",
				name, strerror(errno));
	job->inputs[job->count++] = fd;
	if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode))
		return cli_fail(OPP_INVALID_PARAMETER,
				"%s is a directory: name files; nothing was printed", name);
	if (S_ISREG(about.st_mode))
		job->total += (uint64_t)about.st_size;
	else
		*size_known = false;
	return 0;
}

/* All of them before the first byte: a mistyped name costs no paper. */
static int open_inputs(struct job *job, const struct request *request)
{
	bool size_known = true;

	job->inputs = calloc(request->count, sizeof(*job->inputs));
	if (!job->inputs)
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "out of memory");
	for (size_t i = 0; i < request->count; i++) {
		int code = open_input(job, request->files[i], &size_known);

		if (code)
			return code;
	}
	if (!size_known)
		job->total = 0;
	return 0;
}

/* ---- telling ------------------------------------------------------------------- */

static const char *remedy(enum opp_status status)
{
	switch (status) {
	case OPP_DEVICE_PAPER_EMPTY: return "load paper";
	case OPP_DEVICE_OFF_LINE: return "switch the printer on-line";
	case OPP_DEVICE_POWERED_OFF: return "switch the printer on";
	case OPP_DEVICE_NOT_CONNECTED: return "plug the printer in";
	case OPP_DEVICE_REMOVED:
	case OPP_DELETE_PENDING: return "see 'parport doctor'";
	default: return "look at the printer";
	}
}

/* While a device of a chain is not selected, the lines are another one's. */
static enum opp_status complaint_of(struct job *job)
{
	struct cli_port *port = &job->port;

	if (job->name.place != OPP_IOC_END_OF_CHAIN ||
	    opp_get_pins(port->handle, &port->pins) != OPP_SUCCESS)
		return OPP_SUCCESS;
	return opp_line_fault(port->pins.status);
}

static void clear_progress(const struct job *job)
{
	if (job->terminal)
		fputs("\r\033[K", stderr);
}

static void show_progress(const struct job *job, uint64_t sent)
{
	const uint64_t ms = (cli_now_us() - job->began_us) / 1000;

	clear_progress(job);
	fprintf(stderr, "%s: %" PRIu64, job->port.device, sent);
	if (job->total)
		fprintf(stderr, " of %" PRIu64, job->total);
	fprintf(stderr, " bytes, %" PRIu64 " bytes/s, %s mode", ms ? sent * 1000 / ms : 0,
		job->mode);
}

/* Why no byte moved for a whole period is said once; it ends with the next byte. */
static void tell_why_it_stands(struct job *job)
{
	enum opp_status complaint = complaint_of(job);

	clear_progress(job);
	if (complaint == OPP_SUCCESS)
		cli_line_tell(&job->line);
	else if (complaint != job->complaint)
		cli_say("%s: %s: %s, then the job goes on by itself", job->port.device,
			opp_status_text(complaint), remedy(complaint));
	job->complaint = complaint;
}

static void tell(void *context)
{
	struct job *job = context;
	uint64_t sent = atomic_load(&job->sent);

	if (sent == job->seen)
		tell_why_it_stands(job);
	else
		job->complaint = OPP_SUCCESS;
	job->seen = sent;
	if (job->terminal)
		show_progress(job, sent);
}

/* ---- printing -------------------------------------------------------------------- */

/* The service knows more than an error number, and a partial count has none at all. */
static enum opp_status why_it_ended(const struct job *job, int error)
{
	uint32_t status;

	if (error == ENODEV || ioctl(job->fd, OPP_IOC_LAST_WRITE, &status) < 0)
		return OPP_DEVICE_REMOVED;
	if (error && status == OPP_SUCCESS)
		return OPP_UNSUCCESSFUL;
	return (enum opp_status)status;
}

/* Takes the port for as long as it lasts. */
static enum opp_status agree_on(const struct job *job, const struct cli_mode *mode)
{
	struct opp_ioc_wire wire = { .request = mode->request };

	if (ioctl(job->fd, OPP_IOC_NEGOTIATE, &wire) < 0)
		return errno == EINTR ? OPP_CANCELLED : OPP_DEVICE_REMOVED;
	return (enum opp_status)wire.status;
}

static void set_mode(struct job *job, const struct cli_mode *mode)
{
	job->mode = mode->name;
	job->most = mode->mode == OPP_MODE_COMPAT ? WRITE_BYTES : MODE_BYTES;
}

static int force_mode(struct job *job, const char *name)
{
	const struct cli_mode *mode = cli_find_mode(name, CLI_MODES_FORWARD);
	enum opp_status status = OPP_SUCCESS;

	if (!mode)
		return opp_status_exit_code(OPP_INVALID_PARAMETER);
	if (mode->mode != OPP_MODE_COMPAT)
		status = agree_on(job, mode);
	if (status == OPP_SUCCESS) {
		set_mode(job, mode);
		return 0;
	}
	cli_say("%s: no %s mode: %s; nothing was printed", job->port.device, name,
		cli_wire_text(status));
	return cli_wire_exit_code(status);
}

/* Who does not say who he is knows no IEEE 1284, and asking him would take its time. */
static bool is_worth_asking(const struct job *job)
{
	char path[2 * PATH_MAX];

	if (job->name.is_device)
		return true;
	snprintf(path, sizeof(path), "%s/%s.4", job->port.folder, job->port.device);
	return access(path, F_OK) == 0;
}

static void choose_fastest(struct job *job)
{
	static const char *const fastest_first[] = { "ecp", "epp" };
	size_t i = 0;

	while (i < 2 && !stopped_by &&
	       agree_on(job, cli_find_mode(fastest_first[i], CLI_MODES_FORWARD)) != OPP_SUCCESS)
		i++;
	set_mode(job, cli_find_mode(i < 2 ? fastest_first[i] : "compat", CLI_MODES_FORWARD));
}

static int open_job(struct job *job)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", job->port.folder, job->port.device);
	job->fd = open(path, O_WRONLY | O_CLOEXEC);
	if (job->fd < 0)
		return cli_fail(errno == EACCES ? OPP_ACCESS_DENIED : OPP_NO_SUCH_DEVICE,
				"cannot print to %s: %s", path, strerror(errno));
	job->may_ask = is_worth_asking(job);
	set_mode(job, cli_find_mode("compat", CLI_MODES_FORWARD));
	return 0;
}

/* Returns 0, or an exit code: nothing is printed. */
static int agree(struct job *job, const char *mode)
{
	if (mode)
		return force_mode(job, mode);
	if (job->may_ask)
		choose_fastest(job);
	return 0;
}

/* False: the job is over, by a signal or with job->status. */
static bool send_bytes(struct job *job, const char *bytes, size_t count)
{
	while (!stopped_by) {
		ssize_t sent = write(job->fd, bytes, count);
		int error = sent < 0 ? errno : 0;

		if (sent > 0) {
			bytes += sent;
			count -= (size_t)sent;
			atomic_fetch_add(&job->sent, (uint64_t)sent);
		}
		if (count == 0)
			return true;
		if (error != EINTR)
			job->status = why_it_ended(job, error);
		/* A signal that is not meant to stop us cuts a write short, too. */
		if (job->status != OPP_SUCCESS && job->status != OPP_CANCELLED)
			return false;
		job->status = OPP_SUCCESS;
	}
	return false;
}

static bool send_file(struct job *job, int input, const char *name)
{
	char buffer[MODE_BYTES];

	while (!stopped_by) {
		ssize_t count = read(input, buffer, job->most);

		if (count == 0)
			return true;
		if (count > 0 && !send_bytes(job, buffer, (size_t)count))
			return false;
		if (count < 0 && errno != EINTR) {
			job->read_error = errno;
			job->unreadable = name;
			return false;
		}
	}
	return false;
}

static int conclude(struct job *job)
{
	uint64_t sent = atomic_load(&job->sent);
	char of_total[CLI_TEXT_BYTES] = "";

	if (job->total)
		snprintf(of_total, sizeof(of_total), " of %" PRIu64, job->total);
	if (job->terminal) {
		show_progress(job, sent);
		fputc('\n', stderr);
	}
	if (stopped_by) {
		cli_say("%s: stopped by a signal; %" PRIu64 "%s bytes reached the printer",
			job->port.device, sent, of_total);
		return EXIT_SIGNAL + stopped_by;
	}
	if (job->unreadable)
		return cli_fail(OPP_INVALID_PARAMETER,
				"cannot read on in %s: %s; %" PRIu64 "%s bytes reached the printer",
				job->unreadable, strerror(job->read_error), sent, of_total);
	if (job->status == OPP_SUCCESS)
		return 0;
	return cli_fail(job->status,
			"%s: %s; %" PRIu64 "%s bytes reached the printer: %s, then print again",
			job->port.device, opp_status_text(job->status), sent, of_total,
			remedy(job->status));
}

static int send_job(struct job *job, const struct request *request)
{
	struct cli_ticker ticker;
	size_t i = 0;
	int code;

	job->began_us = cli_now_us();
	if (!cli_ticker_start(&ticker, LOOK_PERIOD_MS, tell, job))
		return cli_fail(OPP_INSUFFICIENT_RESOURCES, "cannot start a thread");
	code = agree(job, request->mode);
	while (!code && i < job->count && send_file(job, job->inputs[i], request->files[i]))
		i++;
	cli_ticker_stop(&ticker);
	return code ? code : conclude(job);
}

/* A write that blocks is interrupted, so that the count of bytes is known and told. */
static void catch_signals(const sigset_t *signals)
{
	for (int number = 1; number < NSIG; number++) {
		struct sigaction action;

		if (sigismember(signals, number) != 1)
			continue;
		sigaction(number, NULL, &action);
		if (action.sa_handler == SIG_IGN)
			continue;
		action = (struct sigaction){ .sa_handler = stop };
		sigaction(number, &action, NULL);
	}
	pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

static int print_on_port(struct job *job, const struct request *request, const sigset_t *signals)
{
	int code = open_job(job);

	if (code)
		return code;
	catch_signals(signals);
	code = send_job(job, request);
	close(job->fd);
	return code;
}

static int open_port(struct job *job, const char *name)
{
	const int code = cli_must_be_served(name);

	if (code)
		return code;
	cli_name_parse(&job->name, name);
	return cli_name_open(&job->port, &job->name);
}

int cli_print(int argc, char **argv)
{
	struct request request = { .port = DEFAULT_PORT };
	struct job job = {
		.terminal = isatty(STDERR_FILENO),
		.seen = UINT64_MAX,
		.line = { .port = &job.port, .of_jobs = true },
	};
	sigset_t signals;
	int code;

	parse_arguments(&request, argc, argv);
	cli_stop_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	code = open_inputs(&job, &request);
	if (code == 0)
		code = open_port(&job, request.port);
	if (code == 0) {
		code = print_on_port(&job, &request, &signals);
		cli_port_close(&job.port);
	}
	for (size_t i = 0; i < job.count; i++)
		close(job.inputs[i]);
	free(job.inputs);
	return code;
}
