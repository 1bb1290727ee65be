/* SPDX-License-Identifier: MIT */
/* Reading what the kernel asks for, one request at a time. */
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include <event2/event.h>

#include "call.h"
#include "service.h"

bool opp_channel_serve_one(struct opp_channel *channel)
{
	int length = fuse_session_receive_buf(channel->session, &channel->buffer);

	if (length <= 0)
		return length == -EINTR || length == -EAGAIN;
	fuse_session_process_buf(channel->session, &channel->buffer);
	opp_calls_settle(channel->service);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct opp_channel *channel = context;

	(void)fd;
	(void)what;
	if (!opp_channel_serve_one(channel))
		opp_loop_stop(&channel->service->loop);
}

bool opp_channel_watch(struct opp_channel *channel)
{
	int fd = fuse_session_fd(channel->session);

	channel->readable = event_new(channel->service->loop.base, fd, EV_READ | EV_PERSIST,
				      on_readable, channel);
	return channel->readable && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0 &&
	       event_add(channel->readable, NULL) == 0;
}

void opp_channel_unwatch(struct opp_channel *channel)
{
	if (channel->readable)
		event_free(channel->readable);
	free(channel->buffer.mem);
}
