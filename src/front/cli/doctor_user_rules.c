/* SPDX-License-Identifier: MIT */
/* What follows from the facts for who asks; see doctor.h. */
#include <stdio.h>

#include "doctor.h"

/* For members of lp to read and write. */
static bool is_for_lp(const struct doctor_facts *facts, gid_t group, mode_t mode)
{
	return facts->has_group && group == facts->lp_group && (mode & 060) == 060;
}

static void how_to_join(const struct doctor_facts *facts, char fix[DOCTOR_TEXT])
{
	(void)snprintf(fix, DOCTOR_TEXT,
		       "sudo usermod -aG lp %s, then log out and in again; no program needs to run "
		       "as root",
		       facts->caller.name);
}

static void refuses_user(const struct doctor_facts *facts, const struct doctor_node *node,
			 struct doctor_findings *findings)
{
	const bool to_group = is_for_lp(facts, node->group, node->mode);
	char fix[DOCTOR_TEXT];

	if (to_group && facts->caller.in_lp) {
		(void)snprintf(fix, sizeof(fix), "getfacl %s", node->path);
		doctor_add(
			findings, "refused", true, fix,
			"%s may not use %s although group lp may: an access list or a container refuses",
			facts->caller.name, node->path);
		return;
	}
	if (to_group) {
		how_to_join(facts, fix);
		doctor_add(findings, "not-in-group", true, fix,
			   "%s may not use %s: only members of group lp may", facts->caller.name,
			   node->path);
		return;
	}
	(void)snprintf(fix, sizeof(fix),
		       "sudo chgrp lp %s; sudo chmod 660 %s; look for the udev rule "
		       "that made it so",
		       node->path, node->path);
	doctor_add(
		findings, "wrong-owner", true, fix,
		"%s may not use %s: it is not of group lp with mode 0660, but of group %u with mode %04o",
		facts->caller.name, node->path, (unsigned int)node->group,
		(unsigned int)node->mode);
}

static void permissions(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	for (size_t i = 0; !facts->is_elsewhere && i < facts->node_count; i++) {
		if (!facts->nodes[i].is_usb && !facts->nodes[i].may_use)
			refuses_user(facts, &facts->nodes[i], findings);
	}
}

static void service_permissions(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	char fix[DOCTOR_TEXT];

	for (size_t i = 0; i < facts->served_count; i++) {
		const struct doctor_served *served = &facts->served[i];

		if (served->may_use)
			continue;
		if (is_for_lp(facts, served->group, served->mode))
			how_to_join(facts, fix);
		else
			(void)snprintf(fix, sizeof(fix),
				       "in parport.conf: group = \"lp\" and mode = \"0660\", then "
				       "systemctl reload parportd");
		doctor_add(findings, "not-allowed-by-service", true, fix,
			   "%s may not use %s of parportd: it is of group %u with mode %04o, as "
			   "parport.conf says",
			   facts->caller.name, served->name, (unsigned int)served->group,
			   (unsigned int)served->mode);
	}
}

void doctor_find_user(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	permissions(facts, findings);
	service_permissions(facts, findings);
}
