/* SPDX-License-Identifier: MIT */
/*
 * The event loop: libevent, and a list of posts behind an eventfd.
 *
 * A post from the loop's own thread costs no system call: whoever serves an
 * event drains the list before going back to sleep.
 */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

uint64_t opp_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void wake_up(evutil_socket_t fd, short what, void *context)
{
	struct opp_loop *loop = context;
	uint64_t count;

	(void)what;
	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	while (opp_loop_drain(loop))
		;
}

bool opp_loop_init(struct opp_loop *loop)
{
	STAILQ_INIT(&loop->posts);
	atomic_init(&loop->posted, false);
	pthread_mutex_init(&loop->lock, NULL);
	loop->thread = pthread_self();
	loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	loop->base = event_base_new();
	if (loop->wake_fd < 0 || !loop->base)
		return false;
	loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, wake_up, loop);
	return loop->wake && event_add(loop->wake, NULL) == 0;
}

void opp_loop_release(struct opp_loop *loop)
{
	if (loop->wake)
		event_free(loop->wake);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	pthread_mutex_destroy(&loop->lock);
}

void opp_loop_run(struct opp_loop *loop)
{
	event_base_dispatch(loop->base);
}

void opp_loop_stop(struct opp_loop *loop)
{
	event_base_loopbreak(loop->base);
}

void opp_post(struct opp_loop *loop, struct opp_post *post)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&loop->lock);
	STAILQ_INSERT_TAIL(&loop->posts, post, link);
	pthread_mutex_unlock(&loop->lock);
	if (atomic_exchange(&loop->posted, true) || pthread_equal(pthread_self(), loop->thread))
		return;
	while (write(loop->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

bool opp_loop_drain(struct opp_loop *loop)
{
	struct opp_post_list posts = STAILQ_HEAD_INITIALIZER(posts);
	struct opp_post *post;

	if (!atomic_load(&loop->posted))
		return false;
	atomic_store(&loop->posted, false);
	pthread_mutex_lock(&loop->lock);
	STAILQ_CONCAT(&posts, &loop->posts);
	pthread_mutex_unlock(&loop->lock);
	while ((post = STAILQ_FIRST(&posts))) {
		STAILQ_REMOVE_HEAD(&posts, link);
		post->run(post);
	}
	return true;
}

bool opp_loop_await(struct opp_loop *loop, bool (*enough)(const void *context), const void *context,
		    uint64_t us)
{
	const uint64_t until_us = opp_now_us() + us;
	struct pollfd wake = { .fd = loop->wake_fd, .events = POLLIN };
	uint64_t now_us;

	while (opp_loop_drain(loop))
		;
	while (!enough(context)) {
		now_us = opp_now_us();
		if (now_us >= until_us)
			return false;
		if (poll(&wake, 1, (int)((until_us - now_us + 999) / 1000)) > 0)
			wake_up(loop->wake_fd, EV_READ, loop);
	}
	return true;
}
