/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_BASE_ERRMSG_H
#define XSK_BASE_ERRMSG_H

/*
 * Bad news of the second kind (an error: the environment refused something).
 * A function that can fail returns 0 or a negative errno and, as its last
 * parameter, takes the caller's struct errmsg, into which the lowest level
 * that knows the names writes one complete sentence:
 *
 *	module: object 'name': attempt with values: ENAME (cause)
 */
struct errmsg {
	char text[480];
};

/*
 * Writes the sentence "<fmt...>: <name of errno>" and returns -err (err > 0),
 * so that callers can say: return errmsg_set(e, errno, "veth '%s': ...", ...).
 * With err == 0 no name is appended and -EINVAL is returned. Safe with e == NULL.
 */
int errmsg_set(struct errmsg *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Appends " (<fmt...>)": the cause or the remedy, where more is known. */
void errmsg_hint(struct errmsg *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "EINVAL" for 22 or -22; "errno 4242" where libc has no name (static storage per thread). */
const char *errno_name(int err);

/* 22 for "EINVAL"; 0 for a name that is no errno. */
int errno_by_name(const char *name, int len);

#endif
