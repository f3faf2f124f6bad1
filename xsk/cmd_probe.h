/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_CMD_PROBE_H
#define XSK_CMD_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "link/probe.h"

/*
 * The answers of 'xskspec probe' as a JSON object: one member a group of facts, one of the group
 * for each fact. It carries a hash over its own content, which tells an edited file from one that
 * was written by the command; it is no signature.
 */

/* A newline at the end; for free(). */
char *probe_to_json(const struct probe_report *report, const struct probe_nic *nics, size_t n_nics);

/*
 * What a run or a plan needs, from the text of such a file. Refused, with a sentence that begins with
 * path and names the place or the field: what is no JSON, a field that is missing, unknown or of
 * another type, an edited file, one whose behaviours could not be found out; with must_be_fresh also
 * what was found on another kernel or before the last boot.
 */
int probe_from_json(const char *path, const char *text, size_t len, bool must_be_fresh,
		    struct caps *caps, struct errmsg *e);

#endif
