/* SPDX-License-Identifier: MIT */
/*
 * parport doctor: what this machine has of parallel ports, and what is wrong with it.
 *
 *	doctor_tree.c   facts: reads /proc, /sys and /dev, and nothing else
 *	doctor_service.c  facts: what parportd serves
 *	doctor_rules.c  findings: what follows from the facts
 *	doctor.c        the verb: asks, prints
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

#define DOCTOR_MOST     32 /* of each kind; of more it is said that there are */
#define DOCTOR_WORD     48
#define DOCTOR_NAME     (DOCTOR_WORD + 4) /* of a back end */
#define DOCTOR_TEXT     320
#define DOCTOR_FINDINGS (8 * DOCTOR_MOST) /* more than the rules can have */

/* A port that the kernel's parport has. */
struct doctor_port {
	char name[DOCTOR_WORD]; /* "parport0" */
	uint32_t base, ecp_base;
	int irq;                  /* -1: none */
	char modes[DOCTOR_WORD];  /* "PCSPP,TRISTATE" */
	char active[DOCTOR_WORD]; /* driver that has claimed it now; "": none */
	char device[DOCTOR_WORD]; /* what answered the kernel's probing; "": nothing */
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
	char said[DOCTOR_TEXT]; /* the chip, when it was asked; "" */
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
	bool may_use;
};

enum doctor_service {
	DOCTOR_NO_SERVICE,     /* nothing is mounted there */
	DOCTOR_DEAD_SERVICE,   /* a mount whose service has gone */
	DOCTOR_SILENT_SERVICE, /* one that does not answer */
	DOCTOR_CLOSED_SERVICE, /* the caller may not go there */
	DOCTOR_SERVICE,
};

struct doctor_facts {
	struct doctor_port ports[DOCTOR_MOST];
	struct doctor_card cards[DOCTOR_MOST];
	struct doctor_node nodes[DOCTOR_MOST];
	struct doctor_served served[DOCTOR_MOST];
	size_t port_count, card_count, node_count, served_count;
	bool has_more;                          /* than DOCTOR_MOST of a kind */
	bool is_elsewhere;                      /* another machine, whose users are not known */
	bool has_lp, has_ppdev, has_parport_pc; /* modules, loaded or built in */
	bool locked_down;
	bool has_group; /* lp */
	gid_t lp_group;
	bool in_group; /* the caller */
	char user[DOCTOR_WORD];
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
	struct doctor_finding finding[DOCTOR_FINDINGS];
};

/* All of it but what the service says, from below @root. Returns: false, errno: nothing is read. */
bool doctor_read_tree(struct doctor_facts *facts, const char *root);

/* What the service at facts->mount says. Returns 0, or an exit code. */
int doctor_ask_service(struct doctor_facts *facts);

/*
 * Does a port of the service use these registers? One that cannot be asked might, as far as
 * anybody knows.
 */
bool doctor_is_served(const struct doctor_facts *facts, const struct doctor_card *card);

/* What parport.conf calls it: "pci:0000:05:00.0", "io:0x378+0x778"; "": it cannot be used so. */
void doctor_back_end(const struct doctor_card *card, char text[DOCTOR_NAME]);

/* Nobody uses the chip, so that asking it disturbs nobody. */
bool doctor_is_idle(const struct doctor_facts *facts, const struct doctor_card *card);

void doctor_find(const struct doctor_facts *facts, struct doctor_findings *findings);

#endif
