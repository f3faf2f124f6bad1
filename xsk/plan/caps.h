/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_CAPS_H
#define XSK_PLAN_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fact.h"
#include "lang/spec.h"

/* What the machine offers and how its kernel behaves; found by link/probe. */
struct caps {
	bool completes_invalid; /* invalid Tx descriptors show up on the completion ring */
	/*
	 * A send that is refused (EINVAL, for the metadata of a descriptor) leaves that in the Tx ring,
	 * and shows its address on the completion ring, each time.
	 */
	bool completes_refused;
	bool has_multi_buffer; /* XDP_USE_SG binds */
	bool has_hugepages;    /* hugepages can be had */
	/*
	 * veth with generic XDP: what is sent on Tx queue q > 0 arrives on Rx queue q - 1. The
	 * sk_buff keeps its queue_mapping, and skb_get_rx_queue() takes 1 off it.
	 */
	bool shifts_skb_queue;
	bool has_busy_poll;   /* SO_PREFER_BUSY_POLL can be set */
	bool has_tx_budget;   /* XDP_MAX_TX_SKB_BUDGET can be set */
	bool has_tx_metadata; /* a UMEM with tx_metadata_len registers */
	bool has_rx_metadata; /* a program can be bound to a device, to ask its driver */
	bool has_rx_vlan;     /* and that can tell the VLAN tag */
	bool has_sw_csum;     /* and with XDP_UMEM_TX_SW_CSUM */
	bool has_launch_time; /* copy mode takes XDP_TXMD_FLAGS_LAUNCH_TIME */
	bool has_qdisc[N_QDISC_KINDS];
	bool has_edt_clocks; /* types of delivery times are clocks, TAI among them: Linux 6.10 */
	/* veth: bpf_xdp_adjust_tail() grows packets of several fragments, for skb and drv */
	bool grows_frags[N_MODES];
	uint32_t max_frags;   /* descriptors of one packet in copy mode */
	uint32_t rx_overhead; /* bytes of a chunk before a received packet, headroom not counted */
	uint32_t headroom_reserve; /* bytes of a chunk that the largest headroom leaves */
	uint32_t tx_budget;	   /* most packets that one kick sends in copy mode, if not set */
};

/* Caps for a look without privileges: everything is there, mainline behaviour. */
extern const struct caps caps_assumed;

/* One row for each of them; of struct caps. */
extern const struct fact caps_facts[];

/* Bits of struct xdp_desc.options that the kernel knows, whatever sockets and UMEMs ask for. */
uint32_t caps_desc_options(const struct caps *caps);

/* The same of the flags of Tx metadata. */
uint64_t caps_metadata_flags(const struct caps *caps);

/* All in one line, as a case's diagnostics show them: "invalid descriptors complete, ...". */
void caps_format(const struct caps *caps, struct strbuf *out);

#endif
