/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_EDT_H
#define BPF_EDT_H

#include <linux/types.h>

/*
 * Delivery times under the names and by the rules with which they were published in March 2022:
 * bpf_skb_set_delivery_time() and __sk_buff->delivery_time_type. Linux 5.18 has them as helper
 * bpf_skb_set_tstamp() and field tstamp_type with one number less: NONE and UNSPEC are
 * both 0 there, told apart by the time itself, which is 0 for NONE. Since 6.10 its numbers are
 * clocks, and 0, REALTIME, may have a time.
 */
enum {
	BPF_SKB_DELIVERY_TIME_NONE,   /* no time */
	BPF_SKB_DELIVERY_TIME_UNSPEC, /* a time of a clock that nobody noted */
	BPF_SKB_DELIVERY_TIME_MONO,   /* of CLOCK_MONOTONIC */
	BPF_SKB_DELIVERY_TIME_TAI,    /* of CLOCK_TAI: not published then, Linux 6.10 */
	N_BPF_SKB_DELIVERY_TIMES
};

/* Numbers of the kernel's own (include/uapi/linux/bpf.h). */
enum { EDT_CLOCK_REALTIME, EDT_CLOCK_MONOTONIC, EDT_CLOCK_TAI };

/* __sk_buff->delivery_time_type, from the two fields that there are. */
static inline __u32 edt_delivery_time_type(__u64 tstamp, __u32 tstamp_type)
{
	switch (tstamp_type) {
	case EDT_CLOCK_REALTIME:
		return tstamp ? BPF_SKB_DELIVERY_TIME_UNSPEC : BPF_SKB_DELIVERY_TIME_NONE;
	case EDT_CLOCK_MONOTONIC:
		return BPF_SKB_DELIVERY_TIME_MONO;
	case EDT_CLOCK_TAI:
		return BPF_SKB_DELIVERY_TIME_TAI;
	default:
		return N_BPF_SKB_DELIVERY_TIMES;
	}
}

#ifdef __bpf__
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define EDT_HTONS(x) (x)
#else
#define EDT_HTONS(x) __builtin_bswap16(x)
#endif

static __always_inline _Bool edt_is_ip(const struct __sk_buff *skb)
{
	return skb->protocol == EDT_HTONS(ETH_P_IP) || skb->protocol == EDT_HTONS(ETH_P_IPV6);
}

/*
 * Sets time and type of a packet; 0, or what is wrong with it, which leaves both as they are:
 *
 *	EOPNOTSUPP  the packet is neither IPv4 nor IPv6 (only their stack clears times again)
 *	EINVAL      MONO or TAI without a time, NONE with one
 *	EOPNOTSUPP  a type that cannot be set: UNSPEC, or one that there is not
 *
 * What the kernel can refuse, it does. NONE with a time is refused here, since for the kernel from
 * 6.10 on it is REALTIME, and types without a number in the kernel are.
 */
static __always_inline long bpf_skb_set_delivery_time(struct __sk_buff *skb, __u64 time, __u32 type)
{
	switch (type) {
	case BPF_SKB_DELIVERY_TIME_MONO:
		return bpf_skb_set_tstamp(skb, time, EDT_CLOCK_MONOTONIC);
	case BPF_SKB_DELIVERY_TIME_TAI:
		return bpf_skb_set_tstamp(skb, time, EDT_CLOCK_TAI);
	case BPF_SKB_DELIVERY_TIME_NONE:
		if (time && edt_is_ip(skb))
			return -EINVAL;
		return bpf_skb_set_tstamp(skb, 0, EDT_CLOCK_REALTIME);
	default:
		return -EOPNOTSUPP;
	}
}
#endif

#endif
