// SPDX-License-Identifier: GPL-2.0-only
/* Programs for tc. What they return is the point of some: TC_ACT_OK, or TC_ACT_UNSPEC. */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define PRIORITY 42
#define TIME_NS 1234567

/* Packets that a stream of xskspec has sent; the devices send some of their own accord. */
static __always_inline bool is_ours(const struct __sk_buff *skb)
{
	const struct ethhdr *eth = (void *)(long)skb->data;

	if ((void *)(eth + 1) > (void *)(long)skb->data_end)
		return false;
	return eth->h_source[1] == 'x' && eth->h_source[2] == 's' && eth->h_source[3] == 'k' &&
	       eth->h_source[4] == 0x0a && eth->h_source[5];
}

__u64 n_seen;

SEC("tc/third")
int drop_third(struct __sk_buff *skb)
{
	if (!is_ours(skb))
		return TC_ACT_OK;
	return __sync_fetch_and_add(&n_seen, 1) % 3 == 2 ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc/ok")
int leave(struct __sk_buff *skb)
{
	skb->priority = PRIORITY;
	return TC_ACT_OK;
}

SEC("tc/unspec")
int hand_on(struct __sk_buff *skb)
{
	skb->priority = PRIORITY;
	return TC_ACT_UNSPEC;
}

/* Only what one of the two above has seen. */
SEC("classifier")
int need_priority(struct __sk_buff *skb)
{
	return !is_ours(skb) || skb->priority == PRIORITY ? TC_ACT_OK : TC_ACT_SHOT;
}

SEC("tc/drop")
int drop(struct __sk_buff *skb)
{
	return is_ours(skb) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc/time")
int set_time(struct __sk_buff *skb)
{
	bpf_skb_set_tstamp(skb, TIME_NS, BPF_SKB_TSTAMP_DELIVERY_MONO);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
