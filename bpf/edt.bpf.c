// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery times on the way from a to b: one program sets them, others write down what packets
 * have where they come by. The same few programs are attached all along a link; the index of
 * the device, which no two of a link share, tells them where they are.
 *
 * Packets are known by flow (last byte of the source address) and sequence number (first
 * word behind the headers), and what belongs to one is at one place of arrays that user space
 * has mapped: nobody makes a system call for a packet.
 *
 * Whether a program mentions __sk_buff->tstamp_type at all decides what the kernel does with
 * its reads and writes of tstamp (prog->tstamp_type_access in net/core/filter.c). Hence the
 * programs 'blind', which must not, and nothing that they share with the others may.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "edt.h"
#include "flow.h"
#include "shared.h"

const volatile struct edt_config config;

struct edt_counts counts[EDT_MAX_PORTS];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* places */
	__type(key, __u32);
	__type(value, __u64);
} wishes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* places */
	__type(key, __u32);
	__type(value, struct edt_result);
} results SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* places, for each site */
	__type(key, __u32);
	__type(value, struct edt_record);
} records SEC(".maps");

/* ---- where a program is, and who comes by ---- */

/* Below EDT_MAX_PORTS for every device of a link. */
static __always_inline __u32 port_of(const struct __sk_buff *skb)
{
	__u32 port = skb->ifindex - EDT_FIRST_IFINDEX;

	barrier_var(port); /* what is compared is what indexes, or the verifier cannot follow */
	return port;
}

/* The flow of a packet that has a place, and its sequence number; NULL, and it is counted. */
static __always_inline struct edt_flow *find(struct __sk_buff *skb, __u32 *seq)
{
	struct edt_flow *flow = find_flow(skb);
	__u32 port = port_of(skb);

	if (flow && read_seq(skb, flow, seq))
		return flow;
	if (port >= EDT_MAX_PORTS)
		return NULL;
	if (flow)
		__sync_fetch_and_add(&counts[port].n_beyond, 1);
	else
		__sync_fetch_and_add(&counts[port].n_strangers, 1);
	return NULL;
}

/* ---- on to the next device ---- */

/*
 * A packet leaves on the queue that it came on. veth hands an sk_buff over with the queue that it was
 * sent on in queue_mapping, where the stack looks for one that it was received on, plus 1
 * (skb_get_rx_queue()): with that 1 added it finds the right one.
 */
static __always_inline void keep_queue(struct __sk_buff *skb)
{
	__u32 port = port_of(skb);

	if (config.queue_bias && !(config.kept_mask >> port & 1))
		skb->queue_mapping = skb->queue_mapping + config.queue_bias;
}

static __always_inline int forward(struct __sk_buff *skb)
{
	__u32 port;

	keep_queue(skb);
	port = port_of(skb);
	if (port >= EDT_MAX_PORTS || !config.out_of[port])
		return TC_ACT_OK;
	return bpf_redirect(config.out_of[port], 0);
}

SEC("tc")
int edt_forward(struct __sk_buff *skb)
{
	return forward(skb);
}

/* Where a bridge forwards. */
SEC("tc")
int edt_pass(struct __sk_buff *skb)
{
	keep_queue(skb);
	return TC_ACT_OK;
}

/* In front of programs that may leave the packet to the stack, and nothing to those behind. */
SEC("tc")
int edt_keep(struct __sk_buff *skb)
{
	skb->queue_mapping = skb->queue_mapping + config.queue_bias;
	return TC_ACT_UNSPEC;
}

/* ---- setting ---- */

static __always_inline __u64 wish_of(const struct edt_flow *flow, __u32 seq)
{
	__u32 place = flow->base + seq;
	__u64 *wish;

	if (flow->has_pattern)
		return flow->start_ns + seq * flow->step_ns;
	wish = bpf_map_lookup_elem(&wishes, &place);
	return wish ? *wish : 0;
}

static __always_inline void note(const struct edt_flow *flow, __u32 seq, long err)
{
	__u32 place = flow->base + seq;
	struct edt_result *result = bpf_map_lookup_elem(&results, &place);

	if (!result)
		return;
	result->err = (__s32)err;
	result->n++;
}

/* The flow of a packet that a time is wished for. */
static __always_inline struct edt_flow *find_wish(struct __sk_buff *skb, __u32 *seq)
{
	struct edt_flow *flow = find(skb, seq);

	if (!flow || !flow->has_wish)
		return NULL;
	if (flow->preset_ns)
		bpf_skb_set_delivery_time(skb, flow->preset_ns, BPF_SKB_DELIVERY_TIME_MONO);
	return flow;
}

/* By the program's own way; it has read the type. */
static __always_inline void set(struct __sk_buff *skb)
{
	__u32 type = skb->tstamp_type, seq;
	struct edt_flow *flow = find_wish(skb, &seq);
	long err = 0;

	barrier_var(type); /* reading it is what counts */
	if (!flow)
		return;
	if (config.way == EDT_WAY_DIRECT)
		skb->tstamp = wish_of(flow, seq);
	else if (config.way == EDT_WAY_TSTAMP)
		err = bpf_skb_set_tstamp(skb, wish_of(flow, seq), flow->type);
	else
		err = bpf_skb_set_delivery_time(skb, wish_of(flow, seq), flow->type);
	note(flow, seq, err);
}

static __always_inline void set_blind(struct __sk_buff *skb)
{
	struct edt_flow *flow;
	__u32 seq;

	flow = find_wish(skb, &seq);
	if (!flow)
		return;
	skb->tstamp = wish_of(flow, seq);
	note(flow, seq, 0);
}

SEC("tc")
int edt_set(struct __sk_buff *skb)
{
	set(skb);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int edt_set_blind(struct __sk_buff *skb)
{
	set_blind(skb);
	return TC_ACT_UNSPEC;
}

/* ---- looking ---- */

static __always_inline void look(struct __sk_buff *skb, int hook, __u64 tstamp, __u8 type)
{
	__u32 port = port_of(skb), seq, place;
	struct edt_record *record;
	struct edt_flow *flow;

	if (port >= EDT_MAX_PORTS || config.site_of[port][hook] < 0)
		return;
	flow = find(skb, &seq);
	if (!flow)
		return;
	place = config.site_of[port][hook] * config.n_places + flow->base + seq;
	record = bpf_map_lookup_elem(&records, &place);
	if (!record)
		return;
	record->now_ns = bpf_ktime_get_ns();
	record->tstamp = tstamp;
	record->tstamp_type = type;
	record->n++;
}

/* All of them leave the packet to whatever comes next: edt_set, edt_forward, or the way it went. */
SEC("tc")
int edt_check_ingress(struct __sk_buff *skb)
{
	look(skb, EDT_INGRESS, skb->tstamp, skb->tstamp_type);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int edt_check_egress(struct __sk_buff *skb)
{
	look(skb, EDT_EGRESS, skb->tstamp, skb->tstamp_type);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int edt_check_ingress_blind(struct __sk_buff *skb)
{
	look(skb, EDT_INGRESS_BLIND, skb->tstamp, EDT_TYPE_UNREAD);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int edt_check_egress_blind(struct __sk_buff *skb)
{
	look(skb, EDT_EGRESS_BLIND, skb->tstamp, EDT_TYPE_UNREAD);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
