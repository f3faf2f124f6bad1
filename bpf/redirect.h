/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_REDIRECT_H
#define BPF_REDIRECT_H

/* What all programs that hand packets to sockets have: their maps, and how they count. */

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "shared.h"

/* By rx queue: the name and key that the field's tools expect. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, REDIRECT_MAX_KEYS);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, REDIRECT_MAX_KEYS);
	__type(key, __u32);
	__type(value, __u32);
} xsks_by_number SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, REDIRECT_MAX_QUEUES);
	__type(key, __u32);
	__type(value, struct redirect_stats);
} stats SEC(".maps");

/* Packets so far: one count for all CPUs, so never per CPU. */
__u64 n_counted;

/* An address of the harness (plan_mac() in xsk/plan/plan.h)? */
static __always_inline bool is_our_mac(const unsigned char *mac)
{
	return mac[0] == 0x02 && mac[1] == 'x' && mac[2] == 's' && mac[3] == 'k';
}

/* Did a stream send it? What the devices send of their own accord comes from number 0, to groups. */
static __always_inline bool is_ours(struct xdp_md *ctx)
{
	const struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return false;
	return is_our_mac(eth->h_dest) || (is_our_mac(eth->h_source) && eth->h_source[5]);
}

static __always_inline struct redirect_stats *stats_of(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index % REDIRECT_MAX_QUEUES;

	return bpf_map_lookup_elem(&stats, &key);
}

static __always_inline int count(struct xdp_md *ctx, int action)
{
	struct redirect_stats *s = stats_of(ctx);

	if (!s)
		return action;
	s->n_seen++;
	s->n_ours += is_ours(ctx);
	if (action == XDP_REDIRECT)
		s->n_redirected++;
	else if (action == XDP_PASS)
		s->n_passed++;
	else
		s->n_dropped++;
	return action;
}

static __always_inline int to_queue(struct xdp_md *ctx)
{
	return count(ctx, bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS));
}

/* Room of size bytes in front of the packet; NULL: there is none. */
static __always_inline void *grow_meta(struct xdp_md *ctx, __u32 size)
{
	void *meta;

	if (bpf_xdp_adjust_meta(ctx, -(int)size))
		return NULL;
	meta = (void *)(long)ctx->data_meta;
	return meta + size > (void *)(long)ctx->data ? NULL : meta;
}

#endif
