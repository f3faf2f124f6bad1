/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_PROBE_H
#define XSK_LINK_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/errmsg.h"
#include "base/fact.h"
#include "link/rights.h"
#include "plan/caps.h"

/*
 * Finds out by trying, on a private veth pair in namespaces of its own, how
 * this kernel behaves. Runs in a child process, so that the caller's
 * namespaces stay as they are. Returns 0, or a negative errno with a sentence
 * that names what is missing: rights, AF_XDP in the kernel, veth.
 */
int probe_caps(struct caps *caps, struct errmsg *e);

/* Which kernel, and since when: what was found holds for nothing else. */
struct probe_kernel {
	char release[65], version[65], machine[65], boot_id[40];
	uint32_t n_cpus; /* online */
};
void probe_read_kernel(struct probe_kernel *kernel);

/* What can be told without rights and without a link. */
struct probe_system {
	bool has_af_xdp;
	bool has_btf;
	bool has_sock_diag;
	bool has_dummy_ops, has_tcp_ops; /* struct_ops */
	char userfaultfd[256];		 /* features, else the errno */
	uint64_t hugepage_bytes, hugepages_free;
};

/* What is not in struct caps because no expectation depends on it; tried on the private veth. */
struct probe_veth {
	uint32_t headroom_2048, headroom_4096; /* largest */
	uint32_t tx_budget_min, tx_budget_max; /* that XDP_MAX_TX_SKB_BUDGET takes; 0: none */
	uint32_t tx_ring;		       /* with a Tx ring of so many descriptors */
	bool binds_small_chunks;
	char bind_zerocopy[24], bind_no_queue[24]; /* what bind() says */
	bool has_netem, has_clsact;
};

struct probe_report {
	struct probe_kernel kernel;
	struct rights rights;
	struct probe_system system;
	struct caps caps; /* this one and the next are valid if !err */
	struct probe_veth veth;
	int err;
	struct errmsg why; /* the sentence about err */
};
extern const struct fact probe_kernel_facts[], probe_system_facts[], probe_veth_facts[];

/* All of it. Always fills in what it can. */
void probe_all(struct probe_report *report);

/* A network device, read only, flat for showing it. What driver or kernel do not tell is 0 or "". */
struct probe_nic {
	char name[16], driver[32], bus[32], state[24];
	uint32_t mtu;
	uint32_t rx_queues, tx_queues, max_queues;
	uint32_t rx_ring, max_rx_ring, tx_ring, max_tx_ring;
	char xdp_features[160], xsk_features[96], rx_metadata[64], programs[64];
	uint32_t zc_max_segs;
};
extern const struct fact probe_nic_facts[];

/* -ENODEV with a sentence where there is no such device. */
int probe_read_nic(const char *ifname, struct probe_nic *nic, struct errmsg *e);

#endif
