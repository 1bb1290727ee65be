/* SPDX-License-Identifier: MIT */
/* What follows from the facts for the service; see doctor.h. */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

static void not_running(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->unit == DOCTOR_UNIT_ENABLED)
		doctor_add(findings, "service-ended", true,
			   "systemctl restart parportd; journalctl -u parportd -n 20",
			   "parportd is started with the machine, and yet serves nothing at %s",
			   facts->mount);
	else
		doctor_add(
			findings, "no-service", false,
			facts->unit ? "systemctl start parportd" : "parportd",
			"parportd serves nothing at %s: without it programs share a port only as "
			"Linux lets them",
			facts->mount);
}

static void not_enabled(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->unit == DOCTOR_UNIT)
		doctor_add(findings, "not-enabled", false, "systemctl enable --now parportd",
			   "parportd is installed, and not started with the machine");
}

/* Its files are those of a file system. */
static void no_fuse(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	if (facts->has_fuse_file ||
	    (facts->unit == DOCTOR_NO_UNIT && facts->service != DOCTOR_NO_SERVICE))
		return;
	if (facts->has_fuse)
		doctor_add(
			findings, "no-fuse-file", true, "",
			"there is no /dev/fuse although this kernel has the file system: parportd "
			"cannot show ports; a container must be given the file, and CAP_SYS_ADMIN");
	else
		doctor_add(findings, "no-fuse", true,
			   "modprobe fuse; echo fuse >/etc/modules-load.d/fuse.conf",
			   "this kernel has not loaded its file system fuse: parportd cannot show "
			   "ports");
}

static void service(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	char fix[DOCTOR_TEXT];

	if (facts->service == DOCTOR_NO_SERVICE)
		not_running(facts, findings);
	if (facts->service == DOCTOR_SILENT_SERVICE)
		doctor_add(findings, "service-hangs", true, "systemctl restart parportd",
			   "the parportd that serves %s does not answer: it is stopped, or stuck",
			   facts->mount);
	if (facts->service == DOCTOR_CLOSED_SERVICE) {
		(void)snprintf(fix, sizeof(fix), "namei -l %.*s", DOCTOR_TEXT - 60, facts->mount);
		doctor_add(
			findings, "service-closed", true, fix,
			"%s may not look into %s: a folder on the way, or another user's own mount, "
			"does not let him",
			facts->caller.name, facts->mount);
	}
	if (facts->service != DOCTOR_DEAD_SERVICE)
		return;
	(void)snprintf(fix, sizeof(fix), "fusermount3 -u %.*s; systemctl restart parportd",
		       DOCTOR_TEXT - 60, facts->mount);
	doctor_add(
		findings, "dead-service", true, fix,
		"the parportd that served %s has ended and left its mount behind: programs get ENOTCONN",
		facts->mount);
}

/* Why is in the journal: a port that cannot be opened is told there. */
static void gone(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	char fix[DOCTOR_TEXT];

	for (size_t i = 0; i < facts->served_count; i++) {
		const struct doctor_served *served = &facts->served[i];

		if (!served->is_gone)
			continue;
		if (strcmp(served->back_end, "sim") == 0)
			(void)snprintf(fix, sizeof(fix), "parport sim set %s gone=no",
				       served->name);
		else
			(void)snprintf(fix, sizeof(fix), "%sjournalctl -u parportd -n 20",
				       strncmp(served->back_end, "ppdev:", 6) == 0
					       ? "modprobe -a parport_pc ppdev; "
					       : "");
		doctor_add(findings, "port-gone", true, fix,
			   "parportd has %s (%s) in its configuration, and does not find it: "
			   "programs get ENODEV until it is there",
			   served->name, served->back_end);
	}
}

void doctor_find_service(const struct doctor_facts *facts, struct doctor_findings *findings)
{
	service(facts, findings);
	not_enabled(facts, findings);
	no_fuse(facts, findings);
	gone(facts, findings);
}
