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
	bool is_mapped; /* a mapping of its rings keeps the socket, not a descriptor */
};

/*
 * The socket that is bound to (ifindex, queue), a device of the namespace that the calling thread
 * is in. sock_diag knows it where the kernel has it (CONFIG_XDP_SOCKETS_DIAG); else each
 * AF_XDP socket that /proc shows is asked in turn whether it would share that queue. One that is being
 * torn down is not known any more, although it may still hold the queue.
 */
struct owner owner_of_queue(int ifindex, uint32_t queue);

/* The process that keeps the BPF program: through a bpf_link, or by itself. */
struct owner owner_of_program(uint32_t prog_id);

/* "process 123 (name)", "this process", "a process that /proc does not show". */
void owner_format(const struct owner *o, char *out, unsigned int size);

/*
 * For the owner_*.c: asks about each descriptor of each process until one is it. path is
 * /proc/PID/fd/N, target what it is a link to ("socket:[INODE]"). Fills in o->pid and o->comm.
 */
void owner_find_descriptor(struct owner *o,
			   bool (*is_it)(void *arg, int pid, const char *path, const char *target),
			   void *arg);
/* The same for processes as a whole. */
void owner_find_process(struct owner *o, bool (*is_it)(void *arg, int pid), void *arg);

#endif
