/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_NETNS_H
#define XSK_LINK_NETNS_H

struct errmsg;

/*
 * Network namespaces of threads. A namespace has no name here: it lives as
 * long as a thread is in it or a file descriptor refers to it.
 */

/* File descriptor (close-on-exec) of the namespace that the calling thread is in. */
int netns_open(struct errmsg *e);

/* A new, silent one (no IPv6), which the calling thread is in afterwards. Returns its descriptor. */
int netns_create(struct errmsg *e);

/* Moves the calling thread. */
int netns_enter(int ns_fd, struct errmsg *e);

/* Writes value into a file of /proc/sys/net/. A kernel that has no such file has nothing to set. */
int netns_write(const char *path, const char *value, struct errmsg *e);

#endif
