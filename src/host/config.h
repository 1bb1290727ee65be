/* SPDX-License-Identifier: MIT */
/* The keys of a port as a table, for those who set, show, copy and free what they mean. */
#ifndef OPP_CONFIG_H
#define OPP_CONFIG_H

#include "host_port.h"

enum opp_value_kind {
	OPP_VALUE_WORD,   /* one of words[], kept as its place there in 32 bits */
	OPP_VALUE_SET,    /* some of words[], kept as bits, or "none" */
	OPP_VALUE_NUMBER, /* least .. most, in 32 bits */
	OPP_VALUE_BYTE,   /* the same in 8 bits */
	OPP_VALUE_YES_NO,
	OPP_VALUE_PATH, /* a copy, or "none": NULL */
	OPP_VALUE_TEXT, /* the same of a text that good() likes */
};

/* What must be made anew when a key changes. */
enum opp_area {
	OPP_AREA_START, /* the port: it cannot change while it runs */
	OPP_AREA_PORT,  /* nothing */
	OPP_AREA_CHIP,
	OPP_AREA_PERIPHERAL, /* and all that hangs on it */
	OPP_AREA_FAULT,      /* nothing: it is told */
	OPP_AREA_MISDEEDS,   /* the same */
};

struct opp_key {
	const char *name;
	enum opp_value_kind kind;
	enum opp_area area;
	size_t offset;            /* in struct opp_host_config */
	const char *const *words; /* NULL-terminated */
	uint32_t least, most;
	bool (*good)(const char *text); /* of a TEXT; NULL: any is */
	const char *expected;           /* when it is not */
};

extern const struct opp_key opp_keys[];
extern const uint32_t opp_key_count;

/* The key of that name, or NULL. */
const struct opp_key *opp_key_find(const char *name);

/* What @config says of @key, as opp_host_config_set takes it. Returns as snprintf. */
int opp_config_text(const struct opp_host_config *config, const struct opp_key *key, char *text,
		    size_t bytes);

#endif
