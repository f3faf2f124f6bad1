// SPDX-License-Identifier: GPL-2.0-only
/* Nothing for sockets to be entered into. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int drop(struct xdp_md *ctx)
{
	return ctx->rx_queue_index ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
