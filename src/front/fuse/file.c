/* SPDX-License-Identifier: MIT */
/* What all open files have in common: their client, who waits in poll(), their end. */
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "control.h"
#include "who.h"

void opp_file_name_client(struct opp_file *file, fuse_req_t request)
{
	pid_t thread = fuse_req_ctx(request)->pid;
	char name[OPP_IOC_NAME_BYTES] = "";
	pid_t pid;

	/* Asking /proc costs more than the rest of a claim; a thread is asked for once. */
	if (thread == file->asked_thread)
		return;
	file->asked_thread = thread;
	pid = opp_who_ask(thread, name, sizeof(name));
	opp_host_name_client(file->port->host, &file->client, pid, name);
}

void opp_file_ask_right(struct opp_file *file, fuse_req_t request)
{
	file->client.sees_registers = request && opp_who_has_rawio(fuse_req_ctx(request)->pid);
}

void opp_file_describe(const struct opp_file *file, uint64_t since_us, struct opp_ioc_who *who)
{
	who->pid = file->client.pid;
	who->kind = file->client.kind;
	who->age_us = opp_now_us() - since_us;
	who->client = file->client.number;
	memcpy(who->name, file->client.name, sizeof(who->name));
}

bool opp_file_kicked(const struct opp_file *file)
{
	/* Only the loop kicks, and this is the loop: no lock needed. */
	return file->put_out || file->client.engine.kicked;
}

void opp_file_poll_changed(struct opp_file *file)
{
	if (!file->poll)
		return;
	fuse_lowlevel_notify_poll(file->poll);
	fuse_pollhandle_destroy(file->poll);
	file->poll = NULL;
}

static void free_file(struct opp_post *post)
{
	struct opp_file *file = OPP_NODE(post, struct opp_file, gone);

	opp_submissions_free(file);
	free(file);
}

static void on_gone(struct opp_host_client *client)
{
	struct opp_file *file = OPP_NODE(client, struct opp_file, client);

	opp_post(&file->service->loop, &file->gone);
}

/* Returns true when its client left without giving the port back. */
static bool take_out(struct opp_file *file)
{
	bool left_silently;

	opp_control_give_up(file, ENODEV);
	left_silently = file->ops->release(file);
	if (file->poll)
		fuse_pollhandle_destroy(file->poll);
	file->poll = NULL;
	TAILQ_REMOVE(&file->service->files, file, link);
	return left_silently;
}

void opp_file_close(struct opp_file *file)
{
	bool left_silently = take_out(file);

	file->gone.run = free_file;
	if (!file->port || file->orphan)
		opp_post(&file->service->loop, &file->gone);
	else
		opp_host_close(file->port->host, &file->client, left_silently, on_gone);
}

void opp_file_discard(struct opp_file *file)
{
	take_out(file);
	opp_submissions_free(file);
	free(file);
}
