// SPDX-License-Identifier: GPL-2.0-only
/*
 * What objects can hold: several programs and maps, data of every kind, subprograms that are
 * functions of their own, tail calls, maps that want a name in the file system, and what libxdp
 * adds to say how a program is to be run. Only packets of some flows go to sockets.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

int forward(struct xdp_md *ctx);

struct {
	__uint(priority, 10);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(dispatch);

/* Two for sockets: the specification says which. max_entries is left to whoever loads it. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} spare_sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} by_flow SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} steps SEC(".maps") = {
	.values = { [1] = (void *)&forward },
};

const volatile __u32 every = 2; /* .rodata */
__u32 next_step = 1;		/* .data */
__u64 n_seen;			/* .bss */

/* A subprogram that the verifier looks at by itself. */
__noinline int flow_of(struct xdp_md *ctx)
{
	const struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return -1;
	return eth->h_source[ETH_ALEN - 1];
}

static __noinline void count(__u32 flow)
{
	__u64 *n = bpf_map_lookup_elem(&by_flow, &flow);

	if (n)
		(*n)++;
}

SEC("xdp")
int dispatch(struct xdp_md *ctx)
{
	int flow = flow_of(ctx);

	if (flow < 0)
		return XDP_PASS;
	count(flow);
	__sync_fetch_and_add(&n_seen, 1);
	if (every && flow % every)
		bpf_tail_call(ctx, &steps, next_step);
	return XDP_DROP;
}

SEC("xdp")
int forward(struct xdp_md *ctx)
{
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_DROP);
}

SEC("xdp.frags")
int not_meant(struct xdp_md *ctx)
{
	return bpf_redirect_map(&spare_sockets, 0, XDP_DROP);
}

SEC("tc")
int neither(struct __sk_buff *skb)
{
	return skb->mark;
}

char _license[] SEC("license") = "Dual BSD/GPL";
