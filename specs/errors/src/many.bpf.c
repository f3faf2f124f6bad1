// SPDX-License-Identifier: GPL-2.0-only
/* Several of everything: what is meant has to be said. And a program for single buffers. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} one_socket SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("xdp")
int to_sockets(struct xdp_md *ctx)
{
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
}

SEC("xdp.frags")
int to_one(struct xdp_md *ctx)
{
	return bpf_redirect_map(&one_socket, ctx->rx_queue_index, XDP_PASS);
}

SEC("xdp.frags")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *n = bpf_map_lookup_elem(&counts, &key);

	if (n)
		(*n)++;
	return XDP_PASS;
}

SEC("tc")
int pass(struct __sk_buff *skb)
{
	return skb->mark ? 0 : -1;
}

char _license[] SEC("license") = "GPL";
