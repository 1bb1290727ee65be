/* SPDX-License-Identifier: MIT */
#include "submit.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "ppdev.h"

void opp_submissions_init(struct opp_submissions *submissions)
{
	TAILQ_INIT(&submissions->under_way);
	TAILQ_INIT(&submissions->completed);
}

void opp_submissions_free(struct opp_file *file)
{
	struct opp_submission *submission = TAILQ_FIRST(&file->submissions.completed);
	struct opp_submission *next;

	for (; submission; submission = next) {
		next = TAILQ_NEXT(submission, link);
		free(submission);
	}
}

/* One of those under way that waits and has not given up; @tag: which one, or NULL. */
static struct opp_call *find_waiting(struct opp_file *file, const uint64_t *tag)
{
	struct opp_submission *submission;

	TAILQ_FOREACH(submission, &file->submissions.under_way, link)
		if (submission->call && !submission->call->error &&
		    (!tag || submission->tag == *tag))
			return submission->call;
	return NULL;
}

void opp_submissions_cancel(struct opp_file *file)
{
	struct opp_call *call;

	while ((call = find_waiting(file, NULL)))
		opp_call_give_up(call, ECANCELED);
}

short opp_submission_events(const struct opp_file *file)
{
	return TAILQ_EMPTY(&file->submissions.completed) ? 0 : POLLPRI;
}

void opp_submission_end(struct opp_submission *submission, int error, const void *out, size_t bytes)
{
	struct opp_submissions *submissions = &submission->file->submissions;

	submission->error = error;
	submission->bytes = bytes;
	if (bytes)
		memcpy(submission->out, out, bytes);
	TAILQ_REMOVE(&submissions->under_way, submission, link);
	TAILQ_INSERT_TAIL(&submissions->completed, submission, link);
	opp_file_poll_changed(submission->file);
}

/* ---- the ioctls ---------------------------------------------------------------------- */

static void submit(struct opp_ppdev *ppdev, fuse_req_t request, const void *in)
{
	struct opp_submissions *submissions = &ppdev->file.submissions;
	const uint8_t *bytes = (const uint8_t *)in + offsetof(struct opp_ioc_submit, bytes);
	struct opp_submission *submission;
	struct opp_ioc_submit head;
	size_t size;

	memcpy(&head, in, offsetof(struct opp_ioc_submit, bytes));
	size = _IOC_SIZE(head.code);
	if (size > sizeof(head.bytes)) {
		fuse_reply_err(request, EINVAL);
		return;
	}
	submission = submissions->count < OPP_IOC_SUBMITTED_MOST
			     ? calloc(1, sizeof(*submission) + size)
			     : NULL;
	if (!submission) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	submission->file = &ppdev->file;
	submission->tag = head.tag;
	submissions->count++;
	TAILQ_INSERT_TAIL(&submissions->under_way, submission, link);
	/* Later it is too late to find out whose thread it was. */
	opp_file_name_client(&ppdev->file, request);
	fuse_reply_ioctl(request, 0, NULL, 0);
	opp_ppdev_ask(ppdev, (struct opp_asker){ .submission = submission },
		      &(struct opp_ioctl){
			      .code = head.code,
			      .in = bytes,
			      .in_bytes = head.code & IOC_IN ? size : 0,
		      });
}

void opp_submission_reap(struct opp_file *file, fuse_req_t request, int none)
{
	struct opp_submissions *submissions = &file->submissions;
	struct opp_submission *first = TAILQ_FIRST(&submissions->completed);
	static struct opp_ioc_reaped answer;

	if (!first) {
		fuse_reply_err(request, none);
		return;
	}
	memset(&answer, 0, sizeof(answer));
	answer.tag = first->tag;
	answer.error = (uint32_t)first->error;
	answer.count = (uint32_t)first->bytes;
	memcpy(answer.bytes, first->out, first->bytes);
	TAILQ_REMOVE(&submissions->completed, first, link);
	submissions->count--;
	free(first);
	fuse_reply_ioctl(request, 0, &answer, sizeof(answer));
}

static void cancel(struct opp_ppdev *ppdev, fuse_req_t request, const void *in)
{
	struct opp_call *call;
	uint64_t tag;

	memcpy(&tag, in, sizeof(tag));
	call = find_waiting(&ppdev->file, &tag);
	if (!call) {
		fuse_reply_err(request, ENODATA);
		return;
	}
	opp_call_give_up(call, ECANCELED);
	fuse_reply_ioctl(request, 0, NULL, 0);
}

bool opp_submit_ioctl(struct opp_ppdev *ppdev, fuse_req_t request, const struct opp_ioctl *ioctl)
{
	switch (ioctl->code) {
	case OPP_IOC_SUBMIT: submit(ppdev, request, ioctl->in); break;
	case OPP_IOC_REAP: opp_submission_reap(&ppdev->file, request, EAGAIN); break;
	case OPP_IOC_CANCEL_ONE: cancel(ppdev, request, ioctl->in); break;
	default: return false;
	}
	return true;
}
