// SPDX-License-Identifier: GPL-2.0-only
#include "link/probe.h"

#define KERNEL(member, kind, name, meaning)                                                        \
	{                                                                                          \
		FACT(struct probe_kernel, member, kind, name, meaning)                             \
	}
#define SYSTEM(member, kind, name, meaning)                                                        \
	{                                                                                          \
		FACT(struct probe_system, member, kind, name, meaning)                             \
	}
#define VETH(member, kind, name, meaning)                                                          \
	{                                                                                          \
		FACT(struct probe_veth, member, kind, name, meaning)                               \
	}
#define NIC(member, kind, name, meaning)                                                           \
	{                                                                                          \
		FACT(struct probe_nic, member, kind, name, meaning), .is_zero_unknown = true       \
	}

const struct fact probe_kernel_facts[] = {
	KERNEL(release, FACT_TEXT, "release", "shown, never compared with a number"),
	KERNEL(version, FACT_TEXT, "version", "which build of it"),
	KERNEL(machine, FACT_TEXT, "machine", "its architecture"),
	KERNEL(boot_id, FACT_TEXT, "boot_id", "this boot: what follows was found on it"),
	KERNEL(n_cpus, FACT_U32, "cpus", "online"),
	{},
};

const struct fact probe_system_facts[] = {
	SYSTEM(has_af_xdp, FACT_BOOL, "af_xdp", "the kernel has XDP sockets (CONFIG_XDP_SOCKETS)"),
	SYSTEM(has_btf, FACT_BOOL, "btf",
	       "the kernel describes its types (/sys/kernel/btf/vmlinux)"),
	SYSTEM(has_sock_diag, FACT_BOOL, "sock_diag",
	       "lists XDP sockets of others (CONFIG_XDP_SOCKETS_DIAG)"),
	SYSTEM(has_tcp_ops, FACT_BOOL, "tcp_congestion_ops",
	       "struct_ops: a congestion control can be a BPF program"),
	SYSTEM(has_dummy_ops, FACT_BOOL, "bpf_dummy_ops", "struct_ops: the kernel's own test type"),
	SYSTEM(userfaultfd, FACT_TEXT, "userfaultfd", "features a UMEM watch can use, or why none"),
	SYSTEM(hugepage_bytes, FACT_U64, "hugepage_bytes", "size of a hugepage, 0: none"),
	SYSTEM(hugepages_free, FACT_U64, "hugepages_free",
	       "in the pool now, without raising its limit"),
	{},
};

const struct fact probe_veth_facts[] = {
	VETH(headroom_2048, FACT_U32, "headroom_2048", "largest headroom of a chunk of 2048 bytes"),
	VETH(headroom_4096, FACT_U32, "headroom_4096", "largest headroom of a chunk of 4096 bytes"),
	VETH(tx_budget_min, FACT_U32, "tx_budget_min", "least that XDP_MAX_TX_SKB_BUDGET takes"),
	VETH(tx_budget_max, FACT_U32, "tx_budget_max", "most that it takes"),
	VETH(tx_ring, FACT_U32, "tx_budget_ring", "with a Tx ring of so many descriptors"),
	VETH(binds_small_chunks, FACT_BOOL, "bind_small_chunks",
	     "copy mode binds whatever the MTU: chunks of 2048 at MTU 9000"),
	VETH(bind_zerocopy, FACT_TEXT, "bind_zerocopy", "what bind says to zero-copy on veth"),
	VETH(bind_no_queue, FACT_TEXT, "bind_no_queue",
	     "what bind says to a queue that is not there"),
	VETH(has_netem, FACT_BOOL, "qdisc_netem", "delays, loses and reorders on purpose"),
	VETH(has_clsact, FACT_BOOL, "qdisc_clsact", "tc programs at ingress and egress"),
	{},
};

const struct fact probe_nic_facts[] = {
	NIC(name, FACT_TEXT, "name", "as given"),
	NIC(driver, FACT_TEXT, "driver", "who decides about all below"),
	NIC(bus, FACT_TEXT, "bus", "where the device is"),
	NIC(state, FACT_TEXT, "state", "administrative state and carrier"),
	NIC(mtu, FACT_U32, "mtu", "bytes, without the Ethernet header"),
	NIC(rx_queues, FACT_U32, "rx_queues", "in use: a socket binds to one below"),
	NIC(tx_queues, FACT_U32, "tx_queues", "in use"),
	NIC(max_queues, FACT_U32, "max_queues", "that channels could be set to"),
	NIC(rx_ring, FACT_U32, "rx_ring", "descriptors of an Rx queue"),
	NIC(max_rx_ring, FACT_U32, "max_rx_ring", "that it could be set to"),
	NIC(tx_ring, FACT_U32, "tx_ring", "descriptors of a Tx queue"),
	NIC(max_tx_ring, FACT_U32, "max_tx_ring", "that it could be set to"),
	NIC(xdp_features, FACT_TEXT, "xdp_features", "of the driver (netlink family netdev)"),
	NIC(zc_max_segs, FACT_U32, "zc_max_segs", "most fragments of a packet in zero-copy mode"),
	NIC(xsk_features, FACT_TEXT, "xsk_features", "Tx metadata that the driver acts on"),
	NIC(rx_metadata, FACT_TEXT, "rx_metadata", "hints that a program can ask the driver for"),
	NIC(programs, FACT_TEXT, "programs", "XDP programs attached now, by id"),
	{},
};
