/* SPDX-License-Identifier: MIT */
/* Filling a struct opp_error. */
#ifndef OPP_HOST_ERROR_H
#define OPP_HOST_ERROR_H

#include <openparport/hosted/openparport.h>

/* Fills @error, which may be NULL. Returns @status. */
enum opp_status opp_error_set(struct opp_error *error, enum opp_status status, const char *format,
			      ...) __attribute__((format(printf, 3, 4)));

#endif
