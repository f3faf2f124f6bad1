// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the probe attaches: small packets go to the sockets, with large ones it
 * tries what it is told to and drops them. Results are read through the
 * mapped globals.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "shared.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, PROBE_MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

__u64 n_large; /* that were seen */
__u64 n_grown; /* of them, by PROBE_GROWTH bytes at their end */

SEC("xdp.frags")
int probe(struct xdp_md *ctx)
{
	if (bpf_xdp_get_buff_len(ctx) < PROBE_LARGE)
		return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_DROP);
	if (!bpf_xdp_adjust_tail(ctx, PROBE_GROWTH))
		__sync_fetch_and_add(&n_grown, 1);
	__sync_fetch_and_add(&n_large, 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
