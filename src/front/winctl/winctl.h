/* SPDX-License-Identifier: MIT */
/*
 * parportctl.exe: what its verbs share.
 *
 *	main.c		the table of verbs, their options
 *	list.c status.c	what ports there are, who holds them
 *	id.c modes.c reset.c print.c	verbs that ask a device
 *	facts.c		what is known of a port, collected
 *	find.c		which ports and devices there are, and how to reach them
 *	device.c	an open device: requests, and their end
 *	text.c		messages, names, durations
 *	json.c		--json
 *
 * It asks the driver by the documented requests and by IOCTL_OPENPARPORT_QUERY_STATUS, so
 * it works with another driver, too, and then knows less. Requests are made with the
 * system's own calls rather than their Win32 wrappers: those put several statuses into one
 * error number.
 */
#ifndef OPENPARPORT_WINCTL_H
#define OPENPARPORT_WINCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <windows.h>

#include <openparport/codes.h>
#include <openparport/names.h>
#include <openparport/status.h>
#include <openparport/words.h>

#define WIN_TEXT_BYTES 160

/* What stands behind the verb: options taken out. Texts in the console's code page. */
struct win_words {
	bool json;
	bool raw;
	int count;
	char **text;
	wchar_t **wide; /* the same words */
};

/* A verb. Returns the exit code. */
typedef int (*win_verb_fn)(const struct win_words *words);

int win_list(const struct win_words *words);
int win_status(const struct win_words *words);
int win_id(const struct win_words *words);
int win_negotiate(const struct win_words *words);
int win_modes(const struct win_words *words);
int win_reset(const struct win_words *words);
int win_print(const struct win_words *words);

/* ---- text.c ------------------------------------------------------------------- */

/* Names the verb in every later message. */
void win_set_verb(const char *verb);

/* A line on stderr, "parportctl VERB: ...". */
void win_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same about a failure. Returns the exit code of @status. */
int win_fail(enum opp_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What somebody is to do about @status, "load paper". */
const char *win_remedy(enum opp_status status);

/* "0.5 s", "75 s", "4 min", "3 h"; returns @text. */
const char *win_duration_text(uint64_t us, char text[WIN_TEXT_BYTES]);
/* "print.exe (pid 1234)"; returns @text. */
const char *win_process_text(uint32_t process, char text[WIN_TEXT_BYTES]);
/* Its program's file name; "" when it has ended. */
void win_program_of(uint32_t process, char name[WIN_TEXT_BYTES]);

/* A port, or a device on it. */
struct win_name {
	uint32_t port;             /* n of "LPTn", 1 .. 255 */
	uint32_t place;            /* as in OPENPARPORT_STATUS.Devices */
	char text[OPP_NAME_BYTES]; /* "LPT1.4" */
};

void win_name_make(struct win_name *name, uint32_t port, uint32_t place);
/* Of any case, a ':' behind it or not. False: it is no such name. */
bool win_name_parse(struct win_name *name, const char *text);

/* ---- find.c ---------------------------------------------------------------------- */

#define WIN_PATH_CHARS 512

/* Names of devices that there are, in order. */
struct win_found {
	uint32_t count;
	struct win_name names[OPP_PORT_NAME_MOST * OPENPARPORT_DEVICES];
};

/* Says what went wrong. Returns 0, or an exit code. */
int win_find(struct win_found *found);

enum win_way {
	WIN_WAY_INTERFACE, /* which nobody redirects */
	WIN_WAY_LINK,
	WIN_WAY_SPOOLER, /* the link leads to the print spooler, and there is no interface */
	WIN_WAY_ELSEWHERE,
	WIN_WAY_NONE,
};

/*
 * win_find_way - how @name is reached.
 * @path: for NtOpenFile; of ELSEWHERE what the link leads to.
 */
enum win_way win_find_way(const struct win_name *name, wchar_t path[WIN_PATH_CHARS]);

/* ---- device.c ----------------------------------------------------------------------- */

struct win_device {
	struct win_name name;
	HANDLE handle;
	HANDLE ended; /* event: a request has */
	NTSTATUS nt;  /* how the last one did */
};

/* Ctrl-C ends the request that waits (CANCELLED), and all later ones. */
void win_heed_ctrl_c(void);

/*
 * win_open - opens it for itself alone, and says nothing. NO_SUCH_DEVICE also: there is no
 *	way to it.
 * win_open_named - the same by a name that somebody typed; says what went wrong. Returns
 *	0, or an exit code.
 */
enum opp_status win_open(struct win_device *device, const struct win_name *name);
int win_open_named(struct win_device *device, const char *text);

/* Say why it cannot be opened, and what to do; that @text is no name. Return the exit code. */
int win_fail_open(const struct win_name *name, enum opp_status status, NTSTATUS nt);
int win_fail_name(const char *text);
void win_close(struct win_device *device);

/*
 * Requests: wait for their end. @moved: bytes of the answer, or that were written; exact
 * whatever the status.
 */
enum opp_status win_control(struct win_device *device, uint32_t code, const void *input,
			    uint32_t input_bytes, void *output, uint32_t output_bytes,
			    uint32_t *moved);
enum opp_status win_write(struct win_device *device, const void *bytes, uint32_t count,
			  uint32_t *moved);

/* An answer of exactly these bytes; another length: UNSUCCESSFUL. */
enum opp_status win_ask(struct win_device *device, uint32_t code, void *answer, uint32_t bytes);

/* Says that @what failed, why, and what to do. Returns the exit code of @status. */
int win_fail_request(const struct win_device *device, enum opp_status status, const char *what);

/* The whole id with its NUL. @id: OPP_DEVICE_ID_MOST bytes. */
enum opp_status win_ask_id(struct win_device *device, uint32_t code, char *id, uint32_t *bytes);

/* ---- facts.c ------------------------------------------------------------------------- */

/* What one port is doing, by the first of its devices that could be opened. */
struct win_facts {
	uint32_t port;          /* n of "LPTn" */
	enum opp_status opened; /* SUCCESS: one could be */
	NTSTATUS nt;            /* else why the raw one could not */
	bool is_ours;           /* its driver answers with a status */
	bool is_free;           /* of another driver's */
	struct OPENPARPORT_STATUS status;
};

void win_facts_collect(struct win_facts *facts, uint32_t port);

/* "free"; "held by LPT1.4, print.exe (pid 1234), for 3.0 s"; returns @text. */
const char *win_state_text(const struct win_facts *facts, char text[WIN_TEXT_BYTES]);
/* "byte epp ecp"; returns @text. */
const char *win_capabilities_text(const struct win_facts *facts, char text[WIN_TEXT_BYTES]);

/* Says who has @name open, if another device of its port knows. Returns the exit code. */
int win_fail_denied(const struct win_name *name);

/* The members of an object of --json about the port. */
void win_facts_json(const struct win_facts *facts);

/* ---- json.c ---------------------------------------------------------------------------- */

/* Written to stdout as it comes. @key: NULL inside an array. */
void win_json_open(const char *key, char bracket);
void win_json_close(char bracket);
void win_json_text(const char *key, const char *value); /* NULL: null */
void win_json_number(const char *key, uint64_t value);
void win_json_bool(const char *key, bool value);
void win_json_null(const char *key);

#endif
