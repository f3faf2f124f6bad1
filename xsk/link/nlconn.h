/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_NLCONN_H
#define XSK_LINK_NLCONN_H

struct errmsg;
struct nl_msg;
struct nl_sock;

/*
 * A netlink socket of the namespace in which it was opened. libnl folds the
 * kernel's errors into a dozen codes of its own and drops the text that comes
 * with them; this keeps both.
 */
struct nlconn {
	struct nl_sock *sk;
	int err;       /* errno of the last request that the kernel refused; 0: none */
	char why[120]; /* the kernel's own words for it (extended ack), "" if it had none */
};

int nlconn_open(struct nlconn *nl, struct errmsg *e); /* NETLINK_ROUTE */
int nlconn_open_generic(struct nlconn *nl, struct errmsg *e);
int nlconn_open_diag(struct nlconn *nl, struct errmsg *e); /* NETLINK_SOCK_DIAG */

/* Accepts a zeroed struct and leaves one. */
void nlconn_close(struct nlconn *nl);

/* Before a request: forgets the last refusal. */
void nlconn_begin(struct nlconn *nl);

/*
 * One question with its answers, of which take() gets each (it returns NL_OK). The caller keeps
 * msg. A negative errno if the kernel refuses; nl->why has its own words then.
 */
int nlconn_ask(struct nlconn *nl, struct nl_msg *msg, int (*take)(struct nl_msg *msg, void *arg),
	       void *arg);

/* One order, which the kernel acknowledges or refuses: a negative errno, and nl->why. */
int nlconn_tell(struct nlconn *nl, struct nl_msg *msg);

/* The positive errno behind a libnl function's negative result. */
int nlconn_errno(const struct nlconn *nl, int nlerr);

/* Adds the kernel's own words to a sentence, where there are any. */
void nlconn_hint(const struct nlconn *nl, struct errmsg *e);

#endif
