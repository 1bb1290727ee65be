/* SPDX-License-Identifier: MIT */
/*
 * setresuid() of the C library is of the whole process, and takes the capabilities of every
 * thread but the one that asked to keep some. The other calls are of a single thread: so
 * opp_privileges_confine() comes before there are others, which inherit.
 */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cap-ng.h>

#include "config.h"
#include "say.h"

#define GROUPS_MOST 64

static bool say(const char *what)
{
	opp_say(OPP_SAID_REFUSED, NULL, "cannot give up rights: %s: %s", what, strerror(errno));
	return false;
}

bool opp_privileges_confine(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return say("no_new_privs");
	capng_get_caps_process();
	/* Without CAP_SETPCAP the bounding set is somebody else's, who has seen to it. */
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return true;
	capng_clear(CAPNG_SELECT_BOUNDS);
	return capng_apply(CAPNG_SELECT_BOUNDS) == 0 || say("the bounding set");
}

/* The user's groups, and that of the ports, which may be another one. */
static bool set_groups(const struct opp_config *config)
{
	gid_t groups[GROUPS_MOST + 1];
	int count = GROUPS_MOST;

	if (getgrouplist(config->run_as, config->run_gid, groups, &count) < 0)
		count = GROUPS_MOST;
	groups[count++] = config->group;
	return setgroups((size_t)count, groups) == 0 || say("setgroups");
}

bool opp_privileges_lower(const struct opp_config *config)
{
	if (!set_groups(config))
		return false;
	if (setegid(config->run_gid) != 0 || seteuid(config->run_uid) != 0)
		return say(config->run_as);
	return true;
}

bool opp_privileges_raise(void)
{
	return (seteuid(0) == 0 && setegid(0) == 0) || say("root again");
}

static void tell(const struct opp_config *config)
{
	char *kept = capng_print_caps_text(CAPNG_PRINT_BUFFER, CAPNG_PERMITTED);

	opp_say(OPP_SAID_RIGHTS, NULL,
		"runs as user %s from now on; capabilities kept: %s, all others are given up",
		config->run_as, kept ? kept : "unknown");
	free(kept);
}

bool opp_privileges_drop(const struct opp_config *config, bool rawio)
{
	if (!set_groups(config))
		return false;
	capng_clear(CAPNG_SELECT_CAPS);
	if (rawio && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SYS_RAWIO) != 0)
		return say("CAP_SYS_RAWIO");
	if (capng_change_id((int)config->run_uid, (int)config->run_gid, CAPNG_NO_FLAG) != 0)
		return say(config->run_as);
	tell(config);
	return true;
}

bool opp_privileges_of_keeper(void)
{
	if (!opp_privileges_confine())
		return false;
	capng_clear(CAPNG_SELECT_CAPS);
	(void)capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SYS_ADMIN);
	return capng_apply(CAPNG_SELECT_CAPS) == 0 || say("capabilities");
}
