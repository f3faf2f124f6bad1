// SPDX-License-Identifier: GPL-2.0-only
/* A filter as a product might have it: of UDP over IPv4 only one port comes through. */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

const volatile __u16 allowed_port = 53;

static __always_inline bool is_allowed(const struct ethhdr *eth, const void *end)
{
	const struct iphdr *ip = (const void *)(eth + 1);
	const struct udphdr *udp = (const void *)(ip + 1);

	if ((const void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return false;
	return ip->ihl == 5 && ip->protocol == IPPROTO_UDP && udp->dest == bpf_htons(allowed_port);
}

SEC("xdp.frags")
int port_filter(struct xdp_md *ctx)
{
	if (!is_allowed((void *)(long)ctx->data, (void *)(long)ctx->data_end))
		return XDP_DROP;
	return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "GPL";
