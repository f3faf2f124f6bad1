// SPDX-License-Identifier: GPL-2.0-only
/* An array of 16 GiB: one entry has a page, and there are four million. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct page {
	char bytes[4096];
};

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 22);
	__type(key, __u32);
	__type(value, struct page);
} pages SEC(".maps");

SEC("xdp.frags")
int huge(struct xdp_md *ctx)
{
	__u32 key = 0;

	if (!bpf_map_lookup_elem(&pages, &key))
		return XDP_DROP;
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "GPL";
