/* SPDX-License-Identifier: MIT */
#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "link_dev.h"
#include "privileges.h"
#include "say.h"
#include "service.h"

#define ENDED_BY_SIGNAL 128

struct order {
	uint32_t what; /* enum opp_keeper_what */
	uint32_t number;
};

struct keeper {
	const struct opp_config *config;
	const struct opp_service_hooks *hooks;
	pid_t service;
	int socket;
	int signals;
	char *mount; /* the directory without links, as it was then; NULL: it was never mounted */
	bool mounted, made;
	struct opp_links links;
};

bool opp_keeper_is_needed(const struct opp_config *config)
{
	return config->run_as || config->link_dev;
}

/* ---- the service's end ----------------------------------------------------------------- */

void opp_keeper_tell(int keeper, enum opp_keeper_what what, uint32_t number)
{
	const struct order order = { .what = what, .number = number };

	/* A keeper that is gone is heard of by opp_keeper_hear(). */
	if (keeper != OPP_NO_KEEPER)
		(void)!send(keeper, &order, sizeof(order), MSG_NOSIGNAL);
}

int opp_keeper_hear(int keeper)
{
	uint8_t number;
	const ssize_t count = recv(keeper, &number, sizeof(number), MSG_DONTWAIT);

	if (count == sizeof(number))
		return number;
	return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* ---- the keeper's ------------------------------------------------------------------------ */

/* Said once, by a service that serves nobody yet and is still root: later it is not believed. */
static void heed_mount(struct keeper *keeper, bool made)
{
	unsigned left;

	if (keeper->mount)
		return;
	keeper->mount = realpath(keeper->config->mount, NULL);
	keeper->mounted = keeper->mount;
	keeper->made = made;
	if (!keeper->config->link_dev)
		return;
	left = opp_links_take_over(&keeper->links);
	if (left)
		opp_say(OPP_SAID_LINK, NULL,
			"took over %u links in /dev that a killed service has left", left);
}

static void unmount(struct keeper *keeper, bool already)
{
	if (!keeper->mounted)
		return;
	keeper->mounted = false;
	/* EINVAL: unmounted from outside, while the service died. */
	if (!already && umount2(keeper->mount, MNT_DETACH | UMOUNT_NOFOLLOW) != 0 &&
	    errno != EINVAL)
		opp_say(OPP_SAID_REFUSED, NULL, "%s: cannot unmount it: %s; unmount it by hand",
			keeper->mount, strerror(errno));
	if (keeper->made)
		rmdir(keeper->mount);
}

static void carry_out(struct keeper *keeper, const struct order *order)
{
	switch ((enum opp_keeper_what)order->what) {
	case OPP_KEEPER_READY: opp_service_started(keeper->hooks); break;
	case OPP_KEEPER_MOUNTED: heed_mount(keeper, order->number == 1); break;
	case OPP_KEEPER_UNMOUNT: unmount(keeper, order->number == 1); break;
	case OPP_KEEPER_LINK: opp_links_make(&keeper->links, order->number); break;
	case OPP_KEEPER_UNLINK: opp_links_remove(&keeper->links, order->number); break;
	}
}

/* False: the service is gone, or speaks another language. */
static bool hear_order(struct keeper *keeper)
{
	struct order order;
	const ssize_t count = recv(keeper->socket, &order, sizeof(order), 0);

	if (count < 0 && errno == EINTR)
		return true;
	if (count != sizeof(order))
		return false;
	carry_out(keeper, &order);
	return true;
}

static void pass_signal_on(const struct keeper *keeper)
{
	struct signalfd_siginfo about;
	uint8_t number;

	if (read(keeper->signals, &about, sizeof(about)) != sizeof(about))
		return;
	number = (uint8_t)about.ssi_signo;
	/* A service that has not read so many yet hears nothing new from another one. */
	(void)!send(keeper->socket, &number, sizeof(number), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int end_of(pid_t service)
{
	int status;

	while (waitpid(service, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILURE;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	opp_say(OPP_SAID_REFUSED, NULL, "the service was ended by signal %d; its files are gone",
		WTERMSIG(status));
	return ENDED_BY_SIGNAL + WTERMSIG(status);
}

static int keep(struct keeper *keeper)
{
	struct pollfd ends[] = {
		{ .fd = keeper->socket, .events = POLLIN },
		{ .fd = keeper->signals, .events = POLLIN },
	};
	int status;

	/* Without these limits it would do the same, only less safely. */
	opp_privileges_of_keeper();
	opp_links_init(&keeper->links, keeper->config->mount);
	for (bool there = true; there;) {
		if (poll(ends, 2, -1) < 0)
			continue;
		if (ends[1].revents)
			pass_signal_on(keeper);
		if (ends[0].revents)
			there = hear_order(keeper);
	}
	close(keeper->socket);
	status = end_of(keeper->service);
	unmount(keeper, false);
	free(keeper->mount);
	opp_links_remove_all(&keeper->links);
	return status;
}

int opp_keeper_run(struct opp_config *config, const struct opp_service_hooks *hooks,
		   int (*serve)(struct opp_config *config, const struct opp_service_hooks *hooks,
				int keeper))
{
	struct keeper keeper = { .config = config, .hooks = hooks };
	sigset_t signals, before;
	int ends[2];

	if (geteuid() != 0) {
		opp_say(OPP_SAID_REFUSED, NULL, "%s: start it as root, or without",
			config->run_as ? "--user: only root can become another user"
				       : "link_dev: only root makes links in /dev");
		return EXIT_FAILURE;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ||
	    sigprocmask(SIG_BLOCK, &signals, &before) < 0 ||
	    (keeper.signals = signalfd(-1, &signals, SFD_CLOEXEC)) < 0 ||
	    (keeper.service = fork()) < 0) {
		opp_say(OPP_SAID_REFUSED, NULL, "cannot start: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	if (keeper.service > 0) {
		close(ends[1]);
		keeper.socket = ends[0];
		return keep(&keeper);
	}
	close(ends[0]);
	close(keeper.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return opp_privileges_confine() ? serve(config, hooks, ends[1]) : EXIT_FAILURE;
}
