// SPDX-License-Identifier: GPL-2.0-only
#include "plan/caps.h"

#include "plan/desc.h"

const struct caps caps_assumed = {
	.completes_invalid = true,
	.completes_refused = true,
	.has_multi_buffer = true,
	.has_hugepages = true,
	.shifts_skb_queue = true,
	.has_busy_poll = true,
	.has_tx_budget = true,
	.has_tx_metadata = true,
	.has_rx_metadata = true,
	.has_rx_vlan = true,
	.has_sw_csum = true,
	.has_launch_time = true,
	.has_edt_clocks = true,
	.has_qdisc = { [QDISC_FQ] = true, [QDISC_ETF] = true, [QDISC_PFIFO] = true },
	.max_frags = 18,	 /* CONFIG_MAX_SKB_FRAGS 17 + 1 */
	.rx_overhead = 256,	 /* XDP_PACKET_HEADROOM */
	.headroom_reserve = 704, /* that, skb_shared_info and the shortest frame */
	.tx_budget = 32,	 /* TX_BATCH_SIZE in net/xdp/xsk.c */
};

#define CAP(member, kind, name, meaning) FACT(struct caps, member, kind, name, meaning)

const struct fact caps_facts[] = {
	{ CAP(completes_invalid, FACT_BOOL, "completes_invalid",
	      "addresses of invalid Tx descriptors show up on the completion ring"),
	  .phrase = "invalid descriptors complete",
	  .phrase_no = "invalid descriptors do not complete" },
	{ CAP(completes_refused, FACT_BOOL, "completes_refused",
	      "and so do those of descriptors that a send refuses, each time"),
	  .phrase = "refused ones, too" },
	{ CAP(headroom_reserve, FACT_U32, "headroom_reserve",
	      "bytes of a chunk of 4096 that the largest headroom leaves"),
	  .phrase = "headroom up to %llu of 4096", .from = 4096 },
	{ CAP(rx_overhead, FACT_U32, "rx_overhead",
	      "bytes of a chunk before a received packet, headroom not counted"),
	  .phrase = "packets at %llu" },
	{ CAP(has_multi_buffer, FACT_BOOL, "has_multi_buffer",
	      "XDP_USE_SG binds: packets of several descriptors"),
	  .phrase_no = "no multi-buffer" },
	{ CAP(max_frags, FACT_U32, "max_frags", "most descriptors of one packet in copy mode"),
	  .phrase = "fragments up to %llu" },
	{ CAP(grows_frags[MODE_SKB], FACT_BOOL, "grows_frags_skb",
	      "bpf_xdp_adjust_tail() grows packets above a page, generic XDP on veth"),
	  .phrase = "grows fragments in skb mode" },
	{ CAP(grows_frags[MODE_DRV], FACT_BOOL, "grows_frags_drv",
	      "the same with native XDP on veth"),
	  .phrase = "grows fragments in drv mode" },
	{ CAP(tx_budget, FACT_U32, "tx_budget",
	      "most packets that one kick sends in copy mode, if not set"),
	  .phrase = "%llu packets a kick" },
	{ CAP(has_tx_budget, FACT_BOOL, "has_tx_budget", "XDP_MAX_TX_SKB_BUDGET sets it"),
	  .phrase_no = "Tx budget fixed" },
	{ CAP(shifts_skb_queue, FACT_BOOL, "shifts_skb_queue",
	      "veth, generic XDP: sent on queue q > 0, received on queue q - 1"),
	  .phrase = "generic XDP shifts queues" },
	{ CAP(has_tx_metadata, FACT_BOOL, "has_tx_metadata",
	      "a UMEM with room for Tx metadata registers"),
	  .phrase_no = "no Tx metadata" },
	{ CAP(has_sw_csum, FACT_BOOL, "has_sw_csum",
	      "and with XDP_UMEM_TX_SW_CSUM: checksums in software") },
	{ CAP(has_launch_time, FACT_BOOL, "has_launch_time",
	      "and a descriptor that asks for a launch time is sent, in copy mode") },
	{ CAP(has_rx_metadata, FACT_BOOL, "has_rx_metadata",
	      "a program can be bound to a device, to ask its driver for Rx metadata"),
	  .phrase_no = "no Rx metadata" },
	{ CAP(has_rx_vlan, FACT_BOOL, "has_rx_vlan", "and for the VLAN tag") },
	{ CAP(has_busy_poll, FACT_BOOL, "has_busy_poll", "SO_PREFER_BUSY_POLL can be set"),
	  .phrase_no = "no busy poll" },
	{ CAP(has_edt_clocks, FACT_BOOL, "has_edt_clocks",
	      "types of delivery times are clocks, CLOCK_TAI among them"),
	  .phrase_no = "delivery times by CLOCK_MONOTONIC only" },
	{ CAP(has_qdisc[QDISC_FQ], FACT_BOOL, "qdisc_fq",
	      "waits until the time in skb->tstamp, by CLOCK_MONOTONIC") },
	{ CAP(has_qdisc[QDISC_ETF], FACT_BOOL, "qdisc_etf",
	      "the same by CLOCK_TAI, and drops what is late") },
	{ CAP(has_qdisc[QDISC_PFIFO], FACT_BOOL, "qdisc_pfifo", "waits for no time") },
	{ CAP(has_hugepages, FACT_BOOL, "has_hugepages",
	      "hugepages exist and their limit can be raised for a run"),
	  .phrase_no = "no hugepages" },
	{},
};

uint32_t caps_desc_options(const struct caps *caps)
{
	return (caps->has_multi_buffer ? DESC_CONTD : 0) |
	       (caps->has_tx_metadata ? DESC_TX_METADATA : 0);
}

uint64_t caps_metadata_flags(const struct caps *caps)
{
	return METADATA_TIMESTAMP | METADATA_CHECKSUM |
	       (caps->has_launch_time ? METADATA_LAUNCH_TIME : 0);
}

void caps_format(const struct caps *caps, struct strbuf *out)
{
	fact_summary(caps_facts, caps, out);
}
