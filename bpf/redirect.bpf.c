// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs between the wire and the sockets of one end. Each does one job,
 * only the one that a case asks for is loaded.
 *
 * A packet that no socket takes is passed up the stack, not dropped: a stranger
 * on the link then shows up in n_passed instead of vanishing.
 *
 * All are loaded as multi-buffer aware ("xdp.frags"): veth and most drivers
 * refuse a native program that is not when the MTU is above one page.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "shared.h"

/* N of drop_every and adjust_tail. */
const volatile __s32 program_arg;

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

/* Packets of drop_every and metadata: one count for all CPUs, so never per CPU. */
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

SEC("xdp.frags")
int redirect(struct xdp_md *ctx)
{
	return to_queue(ctx);
}

/* Without BPF_F_XDP_HAS_FRAGS: natively only up to an MTU that fits one buffer. */
SEC("xdp")
int single_buffer(struct xdp_md *ctx)
{
	return to_queue(ctx);
}

SEC("xdp.frags")
int pass(struct xdp_md *ctx)
{
	return count(ctx, XDP_PASS);
}

SEC("xdp.frags")
int drop_every(struct xdp_md *ctx)
{
	__u64 i = __sync_fetch_and_add(&n_counted, 1);
	__u32 n = program_arg;

	if (i % n == n - 1)
		return count(ctx, XDP_DROP);
	return to_queue(ctx);
}

SEC("xdp.frags")
int steer_mac(struct xdp_md *ctx)
{
	const struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return count(ctx, XDP_PASS);
	return count(ctx, bpf_redirect_map(&xsks_by_number, eth->h_dest[ETH_ALEN - 1], XDP_PASS));
}

SEC("xdp.frags")
int adjust_tail(struct xdp_md *ctx)
{
	long err = bpf_xdp_adjust_tail(ctx, program_arg);
	struct redirect_stats *s = stats_of(ctx);

	if (err && s) {
		s->n_refused++;
		s->err = err;
	}
	return to_queue(ctx);
}

SEC("xdp.frags")
int metadata(struct xdp_md *ctx)
{
	__u32 *meta, i;

	if (!is_ours(ctx))
		return count(ctx, XDP_PASS);
	i = __sync_fetch_and_add(&n_counted, 1);
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return count(ctx, XDP_DROP);
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return count(ctx, XDP_DROP);
	*meta = i;
	return to_queue(ctx);
}

char _license[] SEC("license") = "GPL";
