// SPDX-License-Identifier: GPL-2.0-only
/*
 * Damage on purpose, at tc ingress of a node between the ends: one packet, or a few in a row, known by
 * flow and sequence number. What it does has to be found by whoever judges the packets.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "edt.h"
#include "flow.h"
#include "sabotage.h"
#include "shared.h"

struct sabotage_config config; /* may be changed between two packets */
__u64 n_done;

/* A packet that comes later than it should. */
static struct {
	__u32 len;
	__u32 wait; /* so many packets of its flow are to come first; 0: there is none */
	__u8 data[SABOTAGE_MAX_LEN];
} held;

/* A VLAN tag of the packet as sent is beside it. */
static __always_inline __u32 place_of(const struct __sk_buff *skb, __u32 byte)
{
	return byte - (skb->vlan_present && byte >= 16 ? 4 : 0);
}

static __always_inline void flip(struct __sk_buff *skb)
{
	__u32 at = place_of(skb, config.arg);
	__u8 byte;

	if (bpf_skb_load_bytes(skb, at, &byte, 1))
		return;
	byte ^= config.mask;
	if (!bpf_skb_store_bytes(skb, at, &byte, 1, 0))
		n_done++;
}

static __always_inline void resize(struct __sk_buff *skb, __s64 by)
{
	if (!bpf_skb_change_tail(skb, skb->len + by, 0))
		n_done++;
}

static __always_inline void renumber(struct __sk_buff *skb, const struct edt_flow *flow)
{
	__u32 seq = LE32_TO_CPU((__u32)config.arg);

	if (!bpf_skb_store_bytes(skb, place_of(skb, flow->hdr_len), &seq, sizeof(seq), 0))
		n_done++;
}

/* 1 to SABOTAGE_MAX_LEN, as the plan has made sure of, in a way that every verifier can follow. */
static __always_inline __u32 within(__u32 len)
{
	return ((len - 1) & (SABOTAGE_MAX_LEN - 1)) + 1;
}

static __always_inline int hold(struct __sk_buff *skb)
{
	__u32 len = within(skb->len);

	if (bpf_skb_load_bytes(skb, 0, held.data, len))
		return TC_ACT_UNSPEC;
	held.len = len;
	held.wait = config.arg;
	return TC_ACT_SHOT;
}

/* The packet that the held one was to wait for goes on as a copy, and becomes that one itself. */
static __always_inline void let_go(struct __sk_buff *skb)
{
	__u32 len = within(held.len);

	if (!held.wait || --held.wait)
		return;
	bpf_clone_redirect(skb, config.out, 0);
	if (!bpf_skb_change_tail(skb, len, 0) && !bpf_skb_store_bytes(skb, 0, held.data, len, 0))
		n_done++;
}

static __always_inline void duplicate(struct __sk_buff *skb)
{
	if (!bpf_clone_redirect(skb, config.out, 0))
		n_done++;
}

/* Times stay of the clock that they are of: the type was read. */
static __always_inline void shift(struct __sk_buff *skb, __u64 by)
{
	__u32 type = skb->tstamp_type;

	if (!type)
		return;
	skb->tstamp = skb->tstamp + by;
	n_done++;
}

static __always_inline void clear(struct __sk_buff *skb)
{
	if (skb->tstamp_type && !bpf_skb_set_tstamp(skb, skb->tstamp, EDT_CLOCK_REALTIME))
		n_done++;
}

static __always_inline int damage(struct __sk_buff *skb, const struct edt_flow *flow, __u32 nth)
{
	switch (config.kind) {
	case SABOTEUR_DROP:
		n_done++;
		return TC_ACT_SHOT;
	case SABOTEUR_FLIP:
		flip(skb);
		break;
	case SABOTEUR_RESIZE:
		resize(skb, (__s64)config.arg);
		break;
	case SABOTEUR_RENUMBER:
		renumber(skb, flow);
		break;
	case SABOTEUR_DELAY:
		return hold(skb);
	case SABOTEUR_DUPLICATE:
		duplicate(skb);
		break;
	case SABOTEUR_EDT_SHIFT:
		shift(skb, config.arg);
		break;
	case SABOTEUR_EDT_PACE:
		shift(skb, config.arg * (nth + 1));
		break;
	case SABOTEUR_EDT_CLEAR:
		clear(skb);
		break;
	}
	return TC_ACT_UNSPEC;
}

SEC("tc")
int sabotage(struct __sk_buff *skb)
{
	const struct edt_flow *flow = find_flow(skb);
	__u32 seq;

	if (!flow || flow != &flows[config.flow % EDT_MAX_FLOWS] || !read_seq(skb, flow, &seq))
		return TC_ACT_UNSPEC;
	let_go(skb);
	if (seq < config.first || seq - config.first >= config.n)
		return TC_ACT_UNSPEC;
	return damage(skb, flow, seq - config.first);
}

char _license[] SEC("license") = "GPL";
