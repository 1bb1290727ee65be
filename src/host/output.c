/* SPDX-License-Identifier: MIT */
/*
 * A file that what a simulated peripheral makes goes to; it may be slow, full, or
 * a FIFO whose reader is late or gone.
 *
 *	printer --put--> one half | the other half --write(2)--> file
 *	others  --add--> ^        '-- they change places when that is empty
 *	            '-> more
 *
 * Only the writer thread touches the file, and it holds no lock while it does:
 * nobody else ever waits for a disk. A byte that was put is kept until it is
 * written; who wants to put more than there is room for must wait. Who cannot
 * wait adds: what does not fit in the half is kept in memory that grows. A reader who
 * is slow is waited for; any other failure is told once, shown by
 * opp_output_fails(), and tried again until it is over.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "process.h"

#define HALF_BYTES 32768u

/* Bytes gather for so long, or until there are many: a write for each one would slow the port. */
#define GATHER_NS  UINT64_C(1000000)
#define MANY_BYTES (HALF_BYTES / 4)

/* A FIFO is looked at so often while its reader is late, a file that failed so often. */
#define LATE_NS   UINT64_C(10000000)
#define FAILED_NS UINT64_C(200000000)

/* So long a closing output waits for a late reader, and then for the writer to say that it ended. */
#define CLOSING_NS UINT64_C(2000000000)
#define ENDING_NS  UINT64_C(500000000)

struct opp_output {
	/* constant after open */
	int file;
	char *path;
	void (*changed)(void *context);
	void *context;
	pthread_t writer;

	pthread_mutex_t lock;   /* guards from here to the end */
	pthread_cond_t stirred; /* bytes came, it closes, changed() returned, the writer ended */
	uint8_t half[2][HALF_BYTES];
	unsigned int filling; /* which half is filled; the writer reads the other one */
	size_t filled;        /* bytes in it */
	size_t unwritten;     /* the last bytes of the other half; changed by the writer only */
	uint8_t *more;        /* what comes after the half, which is full, from more_at on */
	size_t more_at, more_end, more_room;
	size_t lost; /* bytes for which there was no memory */
	uint8_t head[OPP_OUTPUT_HEAD_MOST];
	size_t head_bytes;
	int fault;    /* errno of a write that failed and did not succeed since */
	bool refused; /* a byte, since the halves changed places */
	bool telling; /* changed() runs */
	bool closing;
	bool ended;          /* the writer touches this no more, unless it was abandoned: */
	bool abandoned;      /* then it frees this */
	uint64_t give_up_ns; /* when closing */
};

static void release(struct opp_output *output)
{
	if (output->file >= 0)
		close(output->file);
	pthread_cond_destroy(&output->stirred);
	pthread_mutex_destroy(&output->lock);
	free(output->more);
	free(output->path);
	free(output);
}

/* Returns false when @until_ns has come. */
static bool sleep_locked(struct opp_output *output, uint64_t until_ns)
{
	const struct timespec until = opp_host_timespec(until_ns);

	return pthread_cond_clockwait(&output->stirred, &output->lock, CLOCK_MONOTONIC, &until) !=
	       ETIMEDOUT;
}

/* ---- the writer --------------------------------------------------------------------- */

static void tell_locked(struct opp_output *output)
{
	if (output->closing)
		return;
	output->telling = true;
	pthread_mutex_unlock(&output->lock);
	output->changed(output->context);
	pthread_mutex_lock(&output->lock);
	output->telling = false;
	pthread_cond_broadcast(&output->stirred);
}

static void note_fault_locked(struct opp_output *output, int fault)
{
	const bool news = !fault != !output->fault;

	output->fault = fault;
	if (!news)
		return;
	pthread_mutex_unlock(&output->lock);
	(void)fprintf(stderr, "openparport: %s: %s\n", output->path,
		      fault ? strerror(fault) : "can be written again");
	pthread_mutex_lock(&output->lock);
	tell_locked(output);
}

/* After a write that failed. Returns false when no other shall be tried. */
static bool rest_locked(struct opp_output *output, int error)
{
	const bool late = error == EAGAIN || error == EINTR;
	const uint64_t now_ns = opp_host_now_ns();

	if (!late)
		note_fault_locked(output, error);
	if (output->closing && (!late || now_ns >= output->give_up_ns))
		return false;
	(void)sleep_locked(output, now_ns + (late ? LATE_NS : FAILED_NS));
	return true;
}

/* Returns false when there is no use in going on. */
static bool write_half_locked(struct opp_output *output)
{
	const uint8_t *end = output->half[output->filling ^ 1] + output->unwritten;

	while (output->unwritten) {
		const size_t count = output->unwritten;
		ssize_t wrote;
		int error;

		pthread_mutex_unlock(&output->lock);
		wrote = write(output->file, end - count, count);
		error = wrote < 0 ? errno : EAGAIN;
		pthread_mutex_lock(&output->lock);
		if (wrote > 0) {
			output->unwritten -= (size_t)wrote;
			note_fault_locked(output, 0);
		} else if (!rest_locked(output, error)) {
			return false;
		}
	}
	return true;
}

static void wait_for_bytes_locked(struct opp_output *output)
{
	uint64_t until_ns;

	while (!output->filled && !output->closing)
		pthread_cond_wait(&output->stirred, &output->lock);
	until_ns = opp_host_now_ns() + GATHER_NS;
	while (output->filled < MANY_BYTES && !output->closing && sleep_locked(output, until_ns))
		;
}

/* As much as fits of what came after the last half goes into the next one. */
static void move_more_locked(struct opp_output *output)
{
	const size_t count = output->more_end - output->more_at;

	output->filled = count < HALF_BYTES ? count : HALF_BYTES;
	if (!output->filled)
		return;
	memcpy(output->half[output->filling], output->more + output->more_at, output->filled);
	output->more_at += output->filled;
	if (output->more_at < output->more_end)
		return;
	free(output->more);
	output->more = NULL;
	output->more_at = output->more_end = output->more_room = 0;
}

/* Returns false when there are no bytes and will be none. */
static bool change_places_locked(struct opp_output *output)
{
	wait_for_bytes_locked(output);
	if (!output->filled)
		return false;
	output->filling ^= 1;
	output->unwritten = output->filled;
	output->filled = 0;
	move_more_locked(output);
	if (output->refused) {
		output->refused = false;
		tell_locked(output);
	}
	return true;
}

/* A FIFO, which has no beginning, goes without. */
static void write_head_locked(struct opp_output *output)
{
	if (output->head_bytes && pwrite(output->file, output->head, output->head_bytes, 0) < 0 &&
	    errno != ESPIPE)
		(void)fprintf(stderr, "openparport: %s: %s\n", output->path, strerror(errno));
}

static void *write_out(void *context)
{
	struct opp_output *output = context;
	sigset_t signals;
	bool abandoned;

	/* Above all a FIFO without a reader must not end the program. */
	sigfillset(&signals);
	pthread_sigmask(SIG_SETMASK, &signals, NULL);
	pthread_mutex_lock(&output->lock);
	while (change_places_locked(output) && write_half_locked(output))
		;
	write_head_locked(output);
	output->ended = true;
	pthread_cond_broadcast(&output->stirred);
	abandoned = output->abandoned;
	pthread_mutex_unlock(&output->lock);
	if (abandoned)
		release(output);
	return NULL;
}

/* ---- its life ------------------------------------------------------------------------- */

static enum opp_status start(struct opp_output *output, const char *key, const char *path,
			     bool afresh, struct opp_error *error)
{
	const int how = afresh ? O_TRUNC : O_APPEND;
	int failed;

	output->path = strdup(path);
	if (!output->path)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a path");
	/* A FIFO without a reader is a mistake to report, not to wait for. */
	output->file =
		open(path, O_WRONLY | O_CREAT | how | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
	if (output->file < 0)
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "%s = \"%s\": cannot be opened for writing: %s", key, path,
				     strerror(errno));
	failed = pthread_create(&output->writer, NULL, write_out, output);
	if (failed)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES,
				     "%s = \"%s\": no thread for it: %s", key, path,
				     strerror(failed));
	return OPP_SUCCESS;
}

enum opp_status opp_output_open(struct opp_output **output, const char *key, const char *path,
				bool afresh, void (*changed)(void *context), void *context,
				struct opp_error *error)
{
	struct opp_output *opened = calloc(1, sizeof(*opened));
	enum opp_status status;

	if (!opened)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for an output");
	opened->file = -1;
	opened->changed = changed;
	opened->context = context;
	pthread_mutex_init(&opened->lock, NULL);
	pthread_cond_init(&opened->stirred, NULL);
	status = start(opened, key, path, afresh, error);
	if (status == OPP_SUCCESS)
		*output = opened;
	else
		release(opened);
	return status;
}

/* The writer sets its last bytes down, or frees the output itself whenever its write returns. */
static void end_writer_locked(struct opp_output *output)
{
	output->closing = true;
	output->give_up_ns = opp_host_now_ns() + CLOSING_NS;
	pthread_cond_broadcast(&output->stirred);
	while (output->telling)
		pthread_cond_wait(&output->stirred, &output->lock);
	while (!output->ended && sleep_locked(output, output->give_up_ns + ENDING_NS))
		;
	output->abandoned = !output->ended;
}

void opp_output_close(struct opp_output *output)
{
	pthread_t writer;
	bool abandoned;
	size_t lost;

	if (!output)
		return;
	pthread_mutex_lock(&output->lock);
	end_writer_locked(output);
	writer = output->writer;
	abandoned = output->abandoned;
	lost = output->filled + output->unwritten + output->more_end - output->more_at +
	       output->lost;
	if (lost)
		(void)fprintf(stderr, "openparport: %s: %zu printed bytes were not written\n",
			      output->path, lost);
	pthread_mutex_unlock(&output->lock);
	if (abandoned) {
		pthread_detach(writer);
		return;
	}
	pthread_join(writer, NULL);
	release(output);
}

const char *opp_output_path(const struct opp_output *output)
{
	return output->path;
}

/* ---- for the peripheral ----------------------------------------------------------------- */

/* Returns false when there is no room. */
static bool put_locked(struct opp_output *output, uint8_t byte)
{
	const bool room = output->filled < HALF_BYTES;

	if (room)
		output->half[output->filling][output->filled++] = byte;
	else
		output->refused = true;
	if (!output->unwritten && (output->filled == 1 || output->filled == MANY_BYTES))
		pthread_cond_signal(&output->stirred);
	return room;
}

bool opp_output_put(struct opp_output *output, uint8_t byte)
{
	bool room;

	pthread_mutex_lock(&output->lock);
	room = put_locked(output, byte);
	pthread_mutex_unlock(&output->lock);
	return room;
}

static void keep_locked(struct opp_output *output, uint8_t byte)
{
	const size_t room = output->more_room ? 2 * output->more_room : HALF_BYTES;
	uint8_t *more = output->more;

	if (output->more_end == output->more_room) {
		more = realloc(output->more, room);
		if (!more) {
			output->lost++;
			return;
		}
		output->more = more;
		output->more_room = room;
	}
	more[output->more_end++] = byte;
}

bool opp_output_add(struct opp_output *output, uint8_t byte)
{
	bool room;

	pthread_mutex_lock(&output->lock);
	room = put_locked(output, byte);
	if (!room)
		keep_locked(output, byte);
	pthread_mutex_unlock(&output->lock);
	return room;
}

void opp_output_set_head(struct opp_output *output, const uint8_t *head, size_t bytes)
{
	pthread_mutex_lock(&output->lock);
	memcpy(output->head, head, bytes);
	output->head_bytes = bytes;
	pthread_mutex_unlock(&output->lock);
}

bool opp_output_idle(struct opp_output *output)
{
	bool idle;

	pthread_mutex_lock(&output->lock);
	idle = !output->filled && !output->unwritten;
	pthread_mutex_unlock(&output->lock);
	return idle;
}

bool opp_output_fails(struct opp_output *output)
{
	bool fails;

	pthread_mutex_lock(&output->lock);
	fails = output->fault != 0;
	pthread_mutex_unlock(&output->lock);
	return fails;
}
