// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why the kernel dropped packets: counts the reasons of tracepoint skb:kfree_skb by
 * network namespace, so that cases side by side do not see each other's. Runs for
 * dropped packets only, never for delivered ones.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "shared.h"

/* What is read of the kernel's own types; offsets come from its BTF at load time. */
struct net {
	__u64 net_cookie; /* never used again, unlike the number of the inode */
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} __attribute__((preserve_access_index)) possible_net_t;

struct net_device {
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

struct sk_buff {
	struct net_device *dev;
} __attribute__((preserve_access_index));

/* The oldest go first: namespaces come and go while a run lasts. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct drop_key);
	__type(value, __u64);
} drops SEC(".maps");

SEC("tp_btf/kfree_skb")
int BPF_PROG(on_drop, struct sk_buff *skb, void *location, __u32 reason)
{
	struct net_device *dev = skb->dev;
	struct drop_key key = { .reason = reason };
	__u64 one = 1, *n;

	(void)location;
	if (!dev)
		return 0;
	key.netns = dev->nd_net.net->net_cookie;
	n = bpf_map_lookup_elem(&drops, &key);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&drops, &key, &one, BPF_ANY);
	return 0;
}

char _license[] SEC("license") = "GPL";
