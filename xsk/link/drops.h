/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_DROPS_H
#define XSK_LINK_DROPS_H

struct strbuf;

/*
 * Why the kernel drops packets, counted from drops_open() on for all namespaces by a
 * program on tracepoint skb:kfree_skb (its reasons came with Linux 5.17). It is there for
 * explanations: where kernel or rights do not offer it, there are none, and all else works.
 */
struct drops {
	struct drops_bpf *skel; /* NULL: not to be had */
	int link_fd;
};

void drops_open(struct drops *drops);

/* Accepts a zeroed struct and leaves one. */
void drops_close(struct drops *drops);

/*
 * Adds "3 PKT_TOO_BIG, 1 NOT_SPECIFIED" for the namespace that the calling thread is in, most first;
 * nothing if nothing was dropped there. Callable in a child of the process that opened it.
 */
void drops_format(const struct drops *drops, struct strbuf *out);

#endif
