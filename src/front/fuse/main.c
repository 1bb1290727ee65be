/* SPDX-License-Identifier: MIT */
/* parportd's options, and going to the background once the files are there. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "keeper.h"
#include "say.h"
#include "service.h"

struct options {
	char *config;
	char *mount;
	const char *devices;
	const char *user;
	bool by_root;
	bool foreground;
	bool check_config;
};

#define KEY_CHECK_CONFIG 0x100
#define KEY_CUSE         0x101
#define KEY_USER         0x102

static const struct argp_option option_table[] = {
	{ "config", 'c', "FILE", 0, "read FILE instead of " OPP_CONFIG_FILE, 0 },
	{ "mount", 'm', "DIR", 0, "serve the files in DIR, whatever the configuration says", 0 },
	{ "cuse", KEY_CUSE, "DIR", OPTION_ARG_OPTIONAL,
	  "make device nodes in DIR as well; without DIR in /dev", 0 },
	{ "user", KEY_USER, "USER", 0, "started as root, become USER and keep no right of root's",
	  0 },
	{ "foreground", 'f', NULL, 0, "stay in the foreground", 0 },
	{ "check-config", KEY_CHECK_CONFIG, NULL, 0, "only read the configuration", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'c': options->config = argument; return 0;
	case 'm':
		if (!argument[0])
			argp_error(state, "--mount: expected a directory");
		options->mount = argument;
		return 0;
	case KEY_CUSE: options->devices = argument ? argument : "/dev"; return 0;
	case KEY_USER: options->user = argument; return 0;
	case 'f': options->foreground = true; return 0;
	case KEY_CHECK_CONFIG: options->check_config = true; return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

const char *argp_program_version = "parportd " OPP_VERSION;

static int run(struct opp_config *config, const struct opp_service_hooks *hooks)
{
	/* Writes then fail with EPIPE and EFBIG, which is told. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (opp_keeper_is_needed(config))
		return opp_keeper_run(config, hooks, opp_service_run);
	return opp_service_run(config, hooks, OPP_NO_KEEPER);
}

/* ---- the configuration ------------------------------------------------------------------ */

/*
 * Of an option: makes it one that is found from anywhere, for in the background the working
 * directory changes. NULL stays NULL; else the caller frees it.
 */
static bool make_absolute(char **path)
{
	char *directory = get_current_dir_name();
	const char *given = *path;
	int length = 0;

	*path = NULL;
	if (given && given[0] == '/')
		length = asprintf(path, "%s", given);
	else if (given)
		length = directory ? asprintf(path, "%s/%s", directory, given) : -1;
	if (length < 0)
		fprintf(stderr, "parportd: %s: %s\n", given, strerror(errno));
	free(directory);
	return length >= 0;
}

static bool override_mount(struct opp_config *config, const char *mount)
{
	char *copy = strdup(mount);

	if (!copy) {
		opp_say(OPP_SAID_REFUSED, NULL, "no memory");
		return false;
	}
	free(config->mount);
	config->mount = copy;
	return true;
}

static bool override_devices(struct opp_config *config, const char *devices)
{
	const char *wrong = opp_config_set_devices(config, devices);

	if (wrong)
		opp_say(OPP_SAID_REFUSED, NULL, "--cuse: %s", wrong);
	return !wrong;
}

static bool become(struct opp_config *config, const char *user)
{
	const char *wrong = opp_config_set_run_as(config, user);

	if (wrong)
		opp_say(OPP_SAID_REFUSED, NULL, "--user %s: %s", user, wrong);
	return !wrong;
}

/* At the start, and again for each reload. */
static bool load_config(struct opp_config *config, const struct options *options)
{
	return opp_config_load(config, options->config, options->by_root) &&
	       (!options->mount || override_mount(config, options->mount)) &&
	       (!options->devices || override_devices(config, options->devices)) &&
	       (!options->user || become(config, options->user));
}

struct context {
	const struct options *options;
	int pipe_end;
};

static bool load(void *context, struct opp_config *config)
{
	const struct context *main = context;

	return load_config(config, main->options);
}

/* ---- background --------------------------------------------------------------------- */

static void detach(void *context)
{
	const int null = open("/dev/null", O_RDWR);

	(void)context;
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
}

static void tell_parent(void *context)
{
	const struct context *main = context;

	/* A parent that is gone needs no answer. */
	(void)!write(main->pipe_end, "", 1);
}

/* Waits until the child serves, or says with its exit code why not. */
static int wait_for_child(pid_t child, int pipe_end)
{
	int status;
	char byte;

	if (read(pipe_end, &byte, 1) == 1)
		return EXIT_SUCCESS;
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		return WEXITSTATUS(status);
	return EXIT_FAILURE;
}

static int run_in_background(struct opp_config *config, const struct options *options)
{
	int ends[2];
	struct context context = { .options = options };
	const struct opp_service_hooks hooks = {
		.load = load,
		.detach = detach,
		.ready = tell_parent,
		.context = &context,
	};
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		fprintf(stderr, "parportd: cannot go to the background: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	if (child > 0) {
		close(ends[1]);
		return wait_for_child(child, ends[0]);
	}
	close(ends[0]);
	context.pipe_end = ends[1];
	setsid();
	if (chdir("/") < 0)
		return EXIT_FAILURE;
	return run(config, &hooks);
}

static int run_in_foreground(struct opp_config *config, const struct options *options)
{
	const struct opp_service_hooks hooks = {
		.load = load,
		.context = &(struct context){ .options = options },
	};

	return run(config, &hooks);
}

/* ---- main --------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.doc = "Share parallel ports between programs: files parport<m> for users of "
		       "Linux's ppdev, lpt<m+1> for printing.\vSee parportd(8), parport.conf(5).",
	};
	struct options options = { .by_root = geteuid() == 0 };
	struct opp_config config;
	int result = EXIT_FAILURE;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!make_absolute(&options.config) || !make_absolute(&options.mount))
		return EXIT_FAILURE;
	if (load_config(&config, &options)) {
		if (options.check_config)
			result = EXIT_SUCCESS;
		else if (options.foreground)
			result = run_in_foreground(&config, &options);
		else
			result = run_in_background(&config, &options);
	}
	opp_config_release(&config);
	free(options.config);
	free(options.mount);
	return result;
}
