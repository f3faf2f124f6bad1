/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_FLOW_H
#define BPF_FLOW_H

/* What programs along a link know packets by: flow (source address) and sequence number. */

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "shared.h"

struct edt_flow flows[EDT_MAX_FLOWS];

/* As plan_mac() in xsk/plan/plan.h makes them: from a or b, whoever of them. */
static __always_inline bool is_ours(const struct ethhdr *eth)
{
	const unsigned char *mac = eth->h_source;

	return mac[0] == 0x02 && mac[1] == 'x' && mac[2] == 's' && mac[3] == 'k' &&
	       (mac[4] == 0x0a || mac[4] == 0x0b);
}

static __always_inline struct edt_flow *find_flow(const struct __sk_buff *skb)
{
	const struct ethhdr *eth = (void *)(long)skb->data;
	struct edt_flow *flow;

	if ((void *)(eth + 1) > (void *)(long)skb->data_end || !is_ours(eth))
		return NULL;
	flow = &flows[eth->h_source[ETH_ALEN - 1]];
	return flow->n_seqs ? flow : NULL;
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LE32_TO_CPU(word) __builtin_bswap32(word)
#else
#define LE32_TO_CPU(word) (word)
#endif

/* A VLAN tag is in the packet as sent, but since it was received beside the packet. */
static __always_inline bool read_seq(struct __sk_buff *skb, const struct edt_flow *flow, __u32 *seq)
{
	__u32 offset = flow->hdr_len - (skb->vlan_present ? 4 : 0);
	__u32 word;

	if (bpf_skb_load_bytes(skb, offset, &word, sizeof(word)))
		return false;
	*seq = LE32_TO_CPU(word);
	return *seq < flow->n_seqs;
}

#endif
