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

/* N of drop_every and adjust_tail. */
const volatile __s32 program_arg;

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
	meta = grow_meta(ctx, sizeof(*meta));
	if (!meta)
		return count(ctx, XDP_DROP);
	*meta = i;
	return to_queue(ctx);
}

char _license[] SEC("license") = "GPL";
