// SPDX-License-Identifier: GPL-2.0-only
/* Says that its license is another one, and calls a helper for GPL programs only. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

SEC("xdp.frags")
int talk(struct xdp_md *ctx)
{
	bpf_printk("queue %d", ctx->rx_queue_index);
	return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Proprietary";
