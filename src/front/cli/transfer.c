/* SPDX-License-Identifier: MIT */
/*
 * parport read and write: bytes from and to a peripheral, in a mode of choice.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/parport.h>
#include <linux/ppdev.h>

#include "served.h"

#define BYTES 1024

/* Between two looks whether the peripheral has something to say. */
#define LOOK_NS 5000000

static int change_mode(struct cli_served *served, const struct cli_wish *wish,
		       const struct cli_mode *mode)
{
	struct opp_ioc_wire wire = { .request = mode->request };
	int stored = mode->request | IEEE1284_ADDR;
	char what[CLI_TEXT_BYTES];
	enum opp_status status = OPP_SUCCESS;

	snprintf(what, sizeof(what), "no %s mode", mode->name);
	if (mode->mode != OPP_MODE_COMPAT)
		status = cli_wire(served, OPP_IOC_NEGOTIATE, &wire);
	if (status != OPP_SUCCESS)
		return cli_wire_fail(status, &wire.fault, what, served);
	if (wish->address && ioctl(served->fd, PPSETMODE, &stored) < 0)
		return cli_fail(OPP_DEVICE_REMOVED, "%s: %s", served->port.device, strerror(errno));
	return 0;
}

/* NULL with @code set: not one of them. */
static const struct cli_mode *choose_mode(const struct cli_wish *wish, enum cli_modes which,
					  int *code)
{
	const struct cli_mode *mode = wish->mode ? cli_find_mode(wish->mode, which)
						 : cli_find_mode("compat", CLI_MODES_FORWARD);

	*code = 0;
	if (!mode)
		*code = opp_status_exit_code(OPP_INVALID_PARAMETER);
	else if (wish->address && mode->mode != OPP_MODE_EPP && mode->mode != OPP_MODE_ECP)
		*code = cli_fail(OPP_INVALID_PARAMETER, "addresses are of ECP and EPP: say --mode");
	return *code ? NULL : mode;
}

/* What the service noted about the wire says more than @status. */
static int fail(struct cli_served *served, enum opp_status status, const char *what)
{
	const struct opp_ioc_fault *fault = &served->port.status.fault;

	if (cli_ask_status(&served->port) != OPP_SUCCESS)
		return cli_fail(OPP_DEVICE_REMOVED, "the service went away");
	if (fault->status != OPP_SUCCESS)
		status = (enum opp_status)fault->status;
	return cli_wire_fail(status, fault, what, served);
}

/* ---- read --------------------------------------------------------------------------- */

static int read_failed(struct cli_served *served, int error)
{
	if (error == EIO)
		return fail(served, OPP_DEVICE_PROTOCOL_ERROR, "cannot read");
	return cli_fail(OPP_DEVICE_REMOVED, "%s: %s", served->port.device, strerror(error));
}

/* Until there are enough, or none has come for a while. */
static int read_all(struct cli_served *served, const struct cli_wish *wish)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };
	uint64_t moved_us = cli_now_us(), left = wish->most;
	char bytes[BYTES];

	while (left && cli_now_us() - moved_us < wish->wait_us) {
		ssize_t count = read(served->fd, bytes, left < BYTES ? left : BYTES);

		if (count > 0) {
			fwrite(bytes, 1, (size_t)count, stdout);
			left -= (uint64_t)count;
			moved_us = cli_now_us();
		} else if (count < 0 && errno != EAGAIN && errno != EINTR) {
			return read_failed(served, errno);
		} else {
			nanosleep(&look, NULL);
		}
	}
	return 0;
}

int cli_read(int argc, char **argv)
{
	static const struct argp_option options[] = {
		CLI_OPTION_TIMEOUT,
		{ "mode", CLI_KEY_MODE, "MODE", 0,
		  "nibble, byte, ecp, ecp-rle or epp; else byte or nibble, as they agree", 0 },
		{ "address", CLI_KEY_ADDRESS, NULL, 0, "EPP: address cycles", 0 },
		{ "count", CLI_KEY_COUNT, "N", 0, "Read N bytes at most", 0 },
		{ "wait", CLI_KEY_WAIT, "T", 0, "Until nothing has come for T (default 1s)", 0 },
		{ 0 },
	};
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "PORT",
		.doc = "Read from the peripheral to standard output.",
	};
	const struct cli_mode *mode;
	struct cli_served served;
	struct cli_wish wish;
	int code;

	cli_wish_parse(&wish, &verb, argc, argv);
	mode = choose_mode(&wish, CLI_MODES_NEGOTIATED, &code);
	if (mode && mode->mode == OPP_MODE_EPP && wish.most == UINT64_MAX)
		code = cli_fail(OPP_INVALID_PARAMETER,
				"in EPP a peripheral never says that it has no more: say --count");
	if (!code)
		code = cli_served_hold(&served, &wish, O_RDWR | O_NONBLOCK);
	if (code)
		return code;
	code = change_mode(&served, &wish, mode);
	if (!code)
		code = read_all(&served, &wish);
	cli_served_close(&served);
	return code;
}

/* ---- write -------------------------------------------------------------------------- */

static int write_failed(struct cli_served *served, uint64_t sent)
{
	char what[CLI_TEXT_BYTES];
	uint32_t status = OPP_DEVICE_REMOVED;

	snprintf(what, sizeof(what), "%" PRIu64 " bytes went out", sent);
	if (ioctl(served->fd, OPP_IOC_LAST_WRITE, &status) < 0)
		return cli_fail(OPP_DEVICE_REMOVED, "the service went away");
	return fail(served, status == OPP_SUCCESS ? OPP_UNSUCCESSFUL : (enum opp_status)status,
		    what);
}

/* Returns the bytes that went out: all of them, or it has failed. */
static size_t write_bytes(struct cli_served *served, const char *bytes, size_t count)
{
	size_t sent = 0;

	while (sent < count) {
		ssize_t more = write(served->fd, bytes + sent, count - sent);

		if (more <= 0)
			break;
		sent += (size_t)more;
	}
	return sent;
}

static int write_file(struct cli_served *served, int input, const char *name, uint64_t *sent)
{
	char bytes[BYTES];
	ssize_t count;

	while ((count = read(input, bytes, sizeof(bytes))) > 0) {
		size_t out = write_bytes(served, bytes, (size_t)count);

		*sent += out;
		if (out < (size_t)count)
			return write_failed(served, *sent);
	}
	if (count < 0)
		return cli_fail(OPP_INVALID_PARAMETER, "cannot read %s: %s", name, strerror(errno));
	return 0;
}

static int write_all(struct cli_served *served, const struct cli_wish *wish)
{
	uint64_t sent = 0;
	int code = 0;

	if (wish->count == 0)
		return write_file(served, STDIN_FILENO, "standard input", &sent);
	for (size_t i = 0; i < wish->count && !code; i++) {
		int input = open(wish->words[i], O_RDONLY | O_CLOEXEC);

		if (input < 0)
			return cli_fail(OPP_INVALID_PARAMETER, "cannot read %s: %s", wish->words[i],
					strerror(errno));
		code = write_file(served, input, wish->words[i], &sent);
		close(input);
	}
	return code;
}

int cli_write(int argc, char **argv)
{
	static const struct argp_option options[] = {
		CLI_OPTION_TIMEOUT,
		{ "mode", CLI_KEY_MODE, "MODE", 0, "compat (the default), ecp, ecp-rle or epp", 0 },
		{ "address", CLI_KEY_ADDRESS, NULL, 0,
		  "ECP: channel addresses; EPP: address cycles", 0 },
		{ 0 },
	};
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "PORT [FILE...]",
		.doc = "Write files, or standard input, to the peripheral. Nobody else has the port "
		       "meanwhile; to print, there is parport print.",
		.most = SIZE_MAX,
	};
	const struct cli_mode *mode;
	struct cli_served served;
	struct cli_wish wish;
	int code;

	cli_wish_parse(&wish, &verb, argc, argv);
	mode = choose_mode(&wish, CLI_MODES_FORWARD, &code);
	if (mode)
		code = cli_served_hold(&served, &wish, O_RDWR);
	if (code)
		return code;
	code = change_mode(&served, &wish, mode);
	if (!code)
		code = write_all(&served, &wish);
	cli_served_close(&served);
	return code;
}
