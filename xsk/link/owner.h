/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_OWNER_H
#define XSK_LINK_OWNER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Who holds what a case was refused: the AF_XDP socket on a queue, an XDP
 * program. Evidence for a sentence, so that nothing here can fail: what cannot
 * be found out is unknown.
 */
struct owner {
	bool is_known; /* there is one */
	int pid;       /* 0: no process that /proc shows has it open */
	char comm[16];
	uint32_t inode;	   /* of a socket */
	uint32_t n_others; /* further sockets on the same queue: they share its UMEM */
	bool is_mapped;	   /* a mapping of its rings keeps the socket, not a descriptor */
};

/*
 * The socket that is bound to (ifindex, queue): NETLINK_SOCK_DIAG knows those of
 * the network namespace that the calling thread is in, and no other can be bound to a
 * device of it. One that is being torn down is not known any more, although it may still hold the
 * queue.
 */
struct owner owner_of_queue(int ifindex, uint32_t queue);

/* The process that keeps the BPF program: through a bpf_link, or by itself. */
struct owner owner_of_program(uint32_t prog_id);

/* "process 123 (name)", "this process", "a process that /proc does not show". */
void owner_format(const struct owner *o, char *out, unsigned int size);

#endif
