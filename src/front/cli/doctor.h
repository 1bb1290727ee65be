/* SPDX-License-Identifier: MIT */
/*
 * parport doctor: what this machine has of parallel ports, and what is wrong with it.
 *
 *	doctor_tree.c   facts: reads /proc, /sys, /dev and systemd's files, and nothing else
 *	doctor_user.c   facts: who asks, and what he may use
 *	doctor_service.c  facts: what parportd serves
 *	doctor_probe.c  facts: what a port and its devices say, with consent
 *	doctor_rules.c  findings: what follows from the facts; for the service and for who asks:
 *	doctor_service_rules.c doctor_user_rules.c
 *	doctor.c        the verb: asks, prints
 *	doctor_json.c   prints for programs
 *
 * Facts come from a tree that lies below a root, so that another machine's can be looked at,
 * and a test's. Such a tree may be made to harm who looks at it: links do not lead out of it,
 * nothing but regular files is read, and texts are cut to their room, unprintable bytes as "?".
 */
#ifndef OPENPARPORT_CLI_DOCTOR_H
#define OPENPARPORT_CLI_DOCTOR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pci_card.h"

#define DOCTOR_MOST   32 /* of each kind; of more it is said that there are */
#define DOCTOR_WORD   48
#define DOCTOR_NAME   (DOCTOR_WORD + 12) /* of a back end */
#define DOCTOR_TEXT   320
#define DOCTOR_GROUPS 256

#define DOCTOR_PLACES 5 /* of a device: 0 .. 3 in a daisy chain, 4 at its end */
#define DOCTOR_END    (DOCTOR_PLACES - 1)

/* What was found out by asking a port. */
struct doctor_found {
	char said[DOCTOR_TEXT]; /* "ecp chip", or why it could not be asked; "": it was not */
	uint32_t capabilities;  /* OPP_HW_CAN_*, as proven; 0: it was not asked */
	char ids[DOCTOR_PLACES][DOCTOR_TEXT]; /* "MFG:Acme;MDL:Zip;"; "": nobody said one */
};

/* A port that the kernel's parport has. */
struct doctor_port {
	char name[DOCTOR_WORD]; /* "parport0" */
	uint32_t base, ecp_base;
	int irq;                   /* -1: none */
	char modes[DOCTOR_WORD];   /* "PCSPP,TRISTATE" */
	char active[DOCTOR_WORD];  /* driver that has claimed it now; "": none */
	char device[DOCTOR_WORD];  /* what answered the kernel's probing; "": nothing */
	uint32_t users;            /* drivers and programs that are on it, claimed or not */
	struct doctor_found found; /* its ids are those of the kernel's probing before ours */
};

/* A port on the board, or on a card. */
struct doctor_card {
	char where[DOCTOR_WORD]; /* "00:04" of pnp; "0000:05:00.0" of pci, "/1": its second port */
	bool is_pci;
	struct opp_pci_ids ids;  /* pci */
	bool by_serial;          /* pci: see struct opp_pci_model */
	bool enabled;            /* answers at its addresses */
	uint32_t base, ecp_base; /* 0: unknown, none */
	char driver[DOCTOR_WORD];
	struct doctor_found found;
};

struct doctor_node {
	char path[DOCTOR_WORD]; /* "/dev/parport0" */
	bool is_usb;            /* a printer behind USB */
	mode_t mode;
	uid_t user;
	gid_t group;
	bool may_use; /* by the caller, read and write */
};

struct doctor_served {
	char name[DOCTOR_WORD];     /* "lpt1" */
	char back_end[DOCTOR_WORD]; /* "sim", "io:0x378", "pci:0000:05:00.0"; "": not told */
	char chip[DOCTOR_WORD];
	char holder[DOCTOR_TEXT]; /* "cat (pid 12)"; "": nobody */
	char devices[DOCTOR_TEXT];
	mode_t mode; /* of its file */
	gid_t group;
	bool may_use;
	bool is_gone; /* its hardware, or never there */
	struct doctor_found found;
};

enum doctor_service {
	DOCTOR_NO_SERVICE,     /* nothing is mounted there */
	DOCTOR_DEAD_SERVICE,   /* a mount whose service has gone */
	DOCTOR_SILENT_SERVICE, /* one that does not answer */
	DOCTOR_CLOSED_SERVICE, /* the caller may not go there */
	DOCTOR_SERVICE,
};

/* parportd.service of systemd. */
enum doctor_unit {
	DOCTOR_NO_UNIT,
	DOCTOR_UNIT, /* installed, not started with the machine */
	DOCTOR_UNIT_ENABLED,
};

/* Whoever ran the command, and not the root that sudo made of him. */
struct doctor_caller {
	char name[DOCTOR_WORD];
	bool by_sudo;
	uid_t user;  /* by sudo */
	gid_t group; /* by sudo */
	gid_t groups[DOCTOR_GROUPS];
	int group_count;
	bool in_lp;
	bool has_registers; /* has the right to port instructions, as root has */
};

struct doctor_facts {
	struct doctor_port ports[DOCTOR_MOST];
	struct doctor_card cards[DOCTOR_MOST];
	struct doctor_node nodes[DOCTOR_MOST];
	struct doctor_served *served; /* as many as there are; free() */
	size_t port_count, card_count, node_count, served_count;
	bool has_more;                          /* than DOCTOR_MOST of a kind */
	bool is_elsewhere;                      /* another machine, whose users are not known */
	bool has_lp, has_ppdev, has_parport_pc; /* modules, loaded or built in */
	bool locked_down;
	bool has_group; /* lp */
	gid_t lp_group;
	bool has_fuse, has_fuse_file; /* in the kernel; /dev/fuse */
	enum doctor_unit unit;
	struct doctor_caller caller;
	enum doctor_service service;
	char mount[PATH_MAX];
};

struct doctor_finding {
	const char *id; /* for programs: "no-ppdev" */
	bool problem;   /* else worth knowing */
	char text[DOCTOR_TEXT];
	char fix[DOCTOR_TEXT]; /* commands, or "" */
};

struct doctor_findings {
	size_t count;
	struct doctor_finding *finding; /* free() */
	bool no_memory;                 /* for another one */
};

/* Every text from outside goes this way into a fact: printable, and cut to @bytes. */
void doctor_set_text(char *to, size_t bytes, const char *from);

/* All of it but what the service says, from below @root. Returns: false, errno: nothing is read. */
bool doctor_read_tree(struct doctor_facts *facts, const char *root);

void doctor_know_caller(struct doctor_facts *facts);

/* Has he @rights of access(2) to @path below @folder, or with AT_EMPTY_PATH to @folder itself? */
bool doctor_may(const struct doctor_caller *caller, int rights, int folder, const char *path,
		int flags);

/* What the service says, and with @probe its ports that are free. Returns 0, or an exit code. */
int doctor_ask_service(struct doctor_facts *facts, bool probe);

/*
 * doctor_probe - asks the chip of @name, as opp_open takes it, and who is connected. For
 * that lines move, those of data, too. A port that somebody has is left to him.
 */
void doctor_probe(const char *name, struct doctor_found *found);

/* Those of the kernel and of cards that nobody uses. */
void doctor_probe_idle(struct doctor_facts *facts);

/*
 * Does a port of the service use these registers? One that cannot be asked might, as far as
 * anybody knows.
 */
bool doctor_is_served(const struct doctor_facts *facts, const struct doctor_card *card);

/* What parport.conf calls it: "pci:0000:05:00.0", "io:0x378+0x778"; "": it cannot be used so. */
void doctor_back_end(const struct doctor_card *card, char text[DOCTOR_NAME]);

/* Nobody uses the chip, so that asking it disturbs nobody. */
bool doctor_is_idle(const struct doctor_facts *facts, const struct doctor_card *card);
/* The same of a port that the kernel drives; it would be asked by way of the kernel. */
bool doctor_is_port_idle(const struct doctor_facts *facts, const struct doctor_port *port);

/* What parport.conf calls a port that the kernel drives: "ppdev:/dev/parport0". */
void doctor_port_back_end(const struct doctor_port *port, char text[DOCTOR_NAME]);

void doctor_find(const struct doctor_facts *facts, struct doctor_findings *findings);

/* The parts of it that are about the service, and about what the caller may use. */
void doctor_find_service(const struct doctor_facts *facts, struct doctor_findings *findings);
void doctor_find_user(const struct doctor_facts *facts, struct doctor_findings *findings);

void doctor_add(struct doctor_findings *findings, const char *id, bool problem, const char *fix,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/* ---- for programs ---------------------------------------------------------------------- */

void doctor_print_json(const struct doctor_facts *facts, const struct doctor_findings *findings);

#endif
