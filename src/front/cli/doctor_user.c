/* SPDX-License-Identifier: MIT */
/* Who asks, and what he may use; see doctor.h. */
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "doctor.h"

/* A number that sudo left in the environment. */
static bool left_by_sudo(const char *name, unsigned int *number)
{
	const char *text = getenv(name);
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	*number = (unsigned int)strtoul(text, &end, 10);
	return *end == '\0';
}

static void know_groups(struct doctor_caller *caller, const struct passwd *user)
{
	caller->group_count = DOCTOR_GROUPS;
	if (!caller->by_sudo)
		caller->group_count = getgroups(DOCTOR_GROUPS, caller->groups);
	else if (!user || getgrouplist(user->pw_name, caller->group, caller->groups,
				       &caller->group_count) < 0)
		caller->group_count = 0;
}

static bool is_in(const struct doctor_caller *caller, gid_t group)
{
	for (int i = 0; i < caller->group_count; i++) {
		if (caller->groups[i] == group)
			return true;
	}
	return caller->group == group;
}

void doctor_know_caller(struct doctor_facts *facts)
{
	struct doctor_caller *caller = &facts->caller;
	const struct group *lp = getgrnam("lp");
	const struct passwd *user;

	caller->by_sudo = geteuid() == 0 && left_by_sudo("SUDO_UID", &caller->user) &&
			  left_by_sudo("SUDO_GID", &caller->group) && caller->user != 0;
	if (!caller->by_sudo) {
		caller->user = getuid();
		caller->group = getegid();
	}
	user = getpwuid(caller->user);
	doctor_set_text(caller->name, sizeof(caller->name), user ? user->pw_name : "you");
	know_groups(caller, user);
	caller->has_registers = caller->user == 0;
	facts->has_group = lp != NULL;
	if (!lp)
		return;
	facts->lp_group = lp->gr_gid;
	caller->in_lp = is_in(caller, lp->gr_gid);
}

/* The rights of root go with the user, and come back with him. */
static bool become(uid_t user, gid_t group, int group_count, const gid_t *groups)
{
	if (user == 0 && seteuid(0) != 0)
		return false;
	return setgroups((size_t)group_count, groups) == 0 && setegid(group) == 0 &&
	       (user == 0 || seteuid(user) == 0);
}

bool doctor_may(const struct doctor_caller *caller, int rights, int folder, const char *path,
		int flags)
{
	gid_t groups[DOCTOR_GROUPS];
	const gid_t group = getegid();
	int group_count;
	bool may;

	if (!caller->by_sudo)
		return faccessat(folder, path, rights, flags) == 0;
	group_count = getgroups(DOCTOR_GROUPS, groups);
	may = group_count >= 0 &&
	      become(caller->user, caller->group, caller->group_count, caller->groups) &&
	      faccessat(folder, path, rights, AT_EACCESS | flags) == 0;
	/* As nobody in particular nothing below could be read. */
	if (!become(0, group, group_count, groups))
		_exit(EXIT_FAILURE);
	return may;
}
