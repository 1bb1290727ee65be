/* SPDX-License-Identifier: MIT */
/*
 * parportctl print: a file as it is, to a device that is ours for as long.
 *
 * A write ends after a while whether all of it has gone or not, and says how much has, and
 * what the printer complains about; then it goes on with the rest. So the count of bytes
 * that reached the printer is exact whatever ends the job.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <io.h>
#include <stdio.h>
#include <string.h>

#include "winctl.h"

#define WRITE_BYTES 4096
#define LOOK_MS     2000u  /* of a write, at most */
#define PATIENCE_MS 60000u /* a printer that takes nothing is waited for so long */

struct job {
	struct win_device device;
	HANDLE input;
	const char *name; /* of the input */
	bool terminal;    /* somebody looks on */
	uint64_t total;   /* bytes; 0: unknown */
	uint64_t sent;
	DWORD moved_at;            /* when a byte went last: GetTickCount, which wraps */
	enum opp_status complaint; /* said last */
	enum opp_status status;    /* why the printer takes no more */
	DWORD read_error;
};

/* ---- telling ----------------------------------------------------------------------- */

static void clear_progress(const struct job *job)
{
	if (job->terminal)
		fprintf(stderr, "\r%*s\r", 60, "");
}

static void show_progress(const struct job *job)
{
	if (!job->terminal)
		return;
	clear_progress(job);
	fprintf(stderr, "%s: %" PRIu64, job->device.name.text, job->sent);
	if (job->total)
		fprintf(stderr, " of %" PRIu64, job->total);
	fputs(" bytes", stderr);
}

/* Why nothing moves is said once; it ends with the next byte. */
static void tell_why_it_stands(struct job *job, enum opp_status status)
{
	clear_progress(job);
	if (status != job->complaint)
		win_say("%s: %s: %s, then the job goes on by itself", job->device.name.text,
			opp_status_text(status), win_remedy(status));
	job->complaint = status;
}

/* ---- bytes ---------------------------------------------------------------------------- */

static bool may_pass(enum opp_status status)
{
	switch (status) {
	case OPP_SUCCESS:
	case OPP_TIMEOUT:
	case OPP_DEVICE_BUSY:
	case OPP_DEVICE_NOT_CONNECTED:
	case OPP_DEVICE_POWERED_OFF:
	case OPP_DEVICE_PAPER_EMPTY:
	case OPP_DEVICE_OFF_LINE: return true;
	default: return false;
	}
}

/* False: the printer takes no more, see job->status. */
static bool send_bytes(struct job *job, const char *bytes, uint32_t count)
{
	while (count) {
		uint32_t moved;
		const enum opp_status status = win_write(&job->device, bytes, count, &moved);

		bytes += moved;
		count -= moved;
		job->sent += moved;
		if (moved) {
			job->moved_at = GetTickCount();
			job->complaint = OPP_SUCCESS;
			show_progress(job);
		} else if (may_pass(status)) {
			tell_why_it_stands(job, status == OPP_SUCCESS ? OPP_TIMEOUT : status);
		}
		/* Some drivers end a write that moved nothing well. */
		job->status = status == OPP_SUCCESS && !moved ? OPP_TIMEOUT : status;
		if (!may_pass(status) || GetTickCount() - job->moved_at >= PATIENCE_MS)
			return false;
	}
	return true;
}

static void send_file(struct job *job)
{
	static char buffer[WRITE_BYTES];
	DWORD count;

	job->moved_at = GetTickCount();
	for (;;) {
		if (!ReadFile(job->input, buffer, sizeof(buffer), &count, NULL)) {
			job->read_error = GetLastError();
			/* The end of a pipe is an error. */
			if (job->read_error == ERROR_BROKEN_PIPE)
				job->read_error = ERROR_SUCCESS;
			return;
		}
		if (count == 0)
			return;
		job->moved_at = GetTickCount();
		if (!send_bytes(job, buffer, count))
			return;
		job->status = OPP_SUCCESS;
	}
}

/* ---- the job ------------------------------------------------------------------------------ */

static int open_input(struct job *job, const wchar_t *name)
{
	LARGE_INTEGER size;

	if (wcscmp(name, L"-") == 0)
		job->input = GetStdHandle(STD_INPUT_HANDLE);
	else
		job->input = CreateFileW(name, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
					 0, NULL);
	if (job->input == INVALID_HANDLE_VALUE || !job->input)
		return win_fail(OPP_INVALID_PARAMETER,
				"cannot read %s (error %lu): name a file that is there, - for "
				"standard input; nothing was printed",
				job->name, GetLastError());
	if (GetFileType(job->input) == FILE_TYPE_DISK && GetFileSizeEx(job->input, &size))
		job->total = (uint64_t)size.QuadPart;
	return 0;
}

/* Where the driver knows no time-outs a write ends when it ends. */
static void limit_writes(struct job *job)
{
	struct SERIAL_TIMEOUTS timeouts;
	uint32_t moved;

	if (win_ask(&job->device, IOCTL_SERIAL_GET_TIMEOUTS, &timeouts, sizeof(timeouts)) !=
	    OPP_SUCCESS)
		return;
	timeouts.WriteTotalTimeoutMultiplier = 0;
	timeouts.WriteTotalTimeoutConstant = LOOK_MS;
	(void)win_control(&job->device, IOCTL_SERIAL_SET_TIMEOUTS, &timeouts, sizeof(timeouts),
			  NULL, 0, &moved);
}

static int conclude(struct job *job)
{
	const char *device = job->device.name.text;
	char of_total[WIN_TEXT_BYTES] = "";

	if (job->total)
		snprintf(of_total, sizeof(of_total), " of %" PRIu64, job->total);
	if (job->terminal)
		fputc('\n', stderr);
	if (job->read_error)
		return win_fail(OPP_INVALID_PARAMETER,
				"cannot read on in %s (error %lu); %" PRIu64 "%s bytes reached %s",
				job->name, job->read_error, job->sent, of_total, device);
	if (job->status == OPP_CANCELLED)
		return win_fail(job->status,
				"%s: stopped by Ctrl-C; %" PRIu64 "%s bytes reached the printer",
				device, job->sent, of_total);
	if (job->status == OPP_SUCCESS)
		return 0;
	return win_fail(job->status,
			"%s: %s; %" PRIu64 "%s bytes reached the printer: %s, then print again",
			device, opp_status_text(job->status), job->sent, of_total,
			win_remedy(job->status));
}

int win_print(const struct win_words *words)
{
	struct job job = {
		.name = words->text[1],
		.terminal = _isatty(_fileno(stderr)) != 0,
	};
	int code = open_input(&job, words->wide[1]);

	if (!code)
		code = win_open_named(&job.device, words->text[0]);
	if (code)
		return code;
	win_heed_ctrl_c();
	limit_writes(&job);
	send_file(&job);
	win_close(&job.device);
	return conclude(&job);
}
