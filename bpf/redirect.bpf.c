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
#include "redirect.h"
#include "sabotage.h"

const volatile struct redirect_config config;

__u64 n_sabotage;

/* Is it the packet that something is to be done to? Without a saboteur there is nothing left of it. */
static __always_inline bool is_victim(struct xdp_md *ctx, __u32 saboteur)
{
	return config.saboteur == saboteur && is_ours(ctx) &&
	       __sync_fetch_and_add(&n_sabotage, 1) == config.at;
}

SEC("xdp.frags")
int redirect(struct xdp_md *ctx)
{
	if (is_victim(ctx, SABOTEUR_STEER))
		return count(ctx, bpf_redirect_map(&xsks_by_number, config.value, XDP_DROP));
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
	__u32 n = config.arg;

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
	if (is_victim(ctx, SABOTEUR_STEER))
		return count(ctx, bpf_redirect_map(&xsks_by_number, config.value, XDP_DROP));
	return count(ctx, bpf_redirect_map(&xsks_by_number, eth->h_dest[ETH_ALEN - 1], XDP_PASS));
}

SEC("xdp.frags")
int adjust_tail(struct xdp_md *ctx)
{
	long err = bpf_xdp_adjust_tail(ctx, config.arg);
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
	meta = grow_meta(ctx, sizeof(*meta));
	if (!meta)
		return count(ctx, XDP_DROP);
	*meta = is_victim(ctx, SABOTEUR_META) ? ~i : i;
	return to_queue(ctx);
}

char _license[] SEC("license") = "GPL";
