// SPDX-License-Identifier: GPL-2.0-only
#include "lang/spec.h"

/* The name tables of spec.h: one for each enum, in its order. */

const char end_names[N_ENDS + 1] = "ab";

const char *const mode_names[N_MODES] = { "skb", "drv", "zc" };

const char *const wakeup_names[N_WAKEUPS] = { "softirq", "busy_poll" };

const char *const header_names[N_HEADERS] = { "eth", "vlan", "ipv4", "ipv6", "udp", "tcp", "icmp" };

const char *const payload_names[4] = { "sequence", "zero", "random", "(bytes)" };

const char *const edt_type_names[N_EDT_TYPES] = { "mono", "unspec", "none", "tai", "unread" };

const char *const edt_by_names[N_EDT_BYS] = { "tc", "txtime", "launch_time" };

const char *const edt_setter_names[N_EDT_SETTERS] = {
	[EDT_SET_NONE] = "(none)",
	[EDT_SET_DELIVERY_TIME] = "set_delivery_time",
	[EDT_SET_TSTAMP] = "set_tstamp",
	[EDT_SET_DIRECT] = "write_tstamp",
	[EDT_SET_BLIND] = "write_tstamp_blind",
};

const char *const qdisc_names[N_QDISC_KINDS] = { "fq", "etf", "pfifo" };

const char *const sender_names[N_SENDERS] = { "xdp", "packet", "udp", "tcp" };

const char *const cmp_names[N_CMP_OPS] = { "==", "!=", "<", "<=", ">", ">=" };

const char *const failing_step_names[N_FAILING_STEPS] = { "umem", "bind", "attach", "send",
							  "option" };

const char *const rx_meta_names[N_RX_META_FIELDS] = { "rx_timestamp", "rx_hash", "rx_vlan" };

const char *const counter_names[N_COUNTERS] = {
	[COUNTER_RX_DROPPED] = "rx_dropped",
	[COUNTER_RX_INVALID_DESCS] = "rx_invalid_descs",
	[COUNTER_TX_INVALID_DESCS] = "tx_invalid_descs",
	[COUNTER_RX_RING_FULL] = "rx_ring_full",
	[COUNTER_RX_FILL_RING_EMPTY_DESCS] = "rx_fill_ring_empty_descs",
	[COUNTER_TX_RING_EMPTY_DESCS] = "tx_ring_empty_descs",
};

const struct field_info field_infos[N_FIELDS] = {
	[FIELD_ETH_SRC] = { "src", HDR_ETH, FIELD_MAC, 48, "source address" },
	[FIELD_ETH_DST] = { "dst", HDR_ETH, FIELD_MAC, 48, "destination address" },
	[FIELD_ETH_TYPE] = { "type", HDR_ETH, FIELD_NUMBER, 16, "EtherType" },
	[FIELD_VLAN_ID] = { "id", HDR_VLAN, FIELD_NUMBER, 12, "VLAN" },
	[FIELD_VLAN_PRIO] = { "prio", HDR_VLAN, FIELD_NUMBER, 3, "priority" },
	[FIELD_VLAN_DEI] = { "dei", HDR_VLAN, FIELD_NUMBER, 1, "drop eligible" },
	[FIELD_VLAN_TPID] = { "tpid", HDR_VLAN, FIELD_NUMBER, 16, "EtherType of the tag" },
	[FIELD_IPV4_SRC] = { "src", HDR_IPV4, FIELD_IP4, 32, "source address" },
	[FIELD_IPV4_DST] = { "dst", HDR_IPV4, FIELD_IP4, 32, "destination address" },
	[FIELD_IPV4_TTL] = { "ttl", HDR_IPV4, FIELD_NUMBER, 8, "time to live" },
	[FIELD_IPV4_TOS] = { "tos", HDR_IPV4, FIELD_NUMBER, 8, "DSCP and ECN" },
	[FIELD_IPV4_ID] = { "id", HDR_IPV4, FIELD_NUMBER, 16, "identification" },
	[FIELD_IPV4_DF] = { "df", HDR_IPV4, FIELD_NUMBER, 1, "don't fragment" },
	[FIELD_IPV4_PROTO] = { "proto", HDR_IPV4, FIELD_NUMBER, 8, "protocol" },
	[FIELD_IPV6_SRC] = { "src", HDR_IPV6, FIELD_IP6, 128, "source address" },
	[FIELD_IPV6_DST] = { "dst", HDR_IPV6, FIELD_IP6, 128, "destination address" },
	[FIELD_IPV6_HLIM] = { "hlim", HDR_IPV6, FIELD_NUMBER, 8, "hop limit" },
	[FIELD_IPV6_TCLASS] = { "tclass", HDR_IPV6, FIELD_NUMBER, 8, "traffic class" },
	[FIELD_IPV6_FLOW] = { "flow", HDR_IPV6, FIELD_NUMBER, 20, "flow label" },
	[FIELD_IPV6_NEXT] = { "next", HDR_IPV6, FIELD_NUMBER, 8, "next header" },
	[FIELD_UDP_SPORT] = { "sport", HDR_UDP, FIELD_NUMBER, 16, "source port" },
	[FIELD_UDP_DPORT] = { "dport", HDR_UDP, FIELD_NUMBER, 16, "destination port" },
	[FIELD_UDP_CSUM] = { "csum", HDR_UDP, FIELD_NUMBER, 16, "checksum, right or not" },
	[FIELD_TCP_SPORT] = { "sport", HDR_TCP, FIELD_NUMBER, 16, "source port" },
	[FIELD_TCP_DPORT] = { "dport", HDR_TCP, FIELD_NUMBER, 16, "destination port" },
	[FIELD_TCP_SEQ] = { "seq", HDR_TCP, FIELD_NUMBER, 32, "sequence number" },
	[FIELD_TCP_ACK] = { "ack", HDR_TCP, FIELD_NUMBER, 32, "acknowledgement number" },
	[FIELD_TCP_FLAGS] = { "flags", HDR_TCP, FIELD_NUMBER, 8,
			      "CWR ECE URG ACK PSH RST SYN FIN" },
	[FIELD_TCP_WINDOW] = { "window", HDR_TCP, FIELD_NUMBER, 16, "window" },
	[FIELD_ICMP_TYPE] = { "type", HDR_ICMP, FIELD_NUMBER, 8, "type" },
	[FIELD_ICMP_CODE] = { "code", HDR_ICMP, FIELD_NUMBER, 8, "code" },
	[FIELD_ICMP_ID] = { "id", HDR_ICMP, FIELD_NUMBER, 16, "identifier" },
	[FIELD_ICMP_SEQ] = { "seq", HDR_ICMP, FIELD_NUMBER, 16, "sequence number" },
};

const struct program_info program_infos[N_PROGRAMS] = {
	[PROGRAM_REDIRECT] = { "redirect", NULL, 0, 0,
			       "to the socket of the queue: the default of an end that receives" },
	[PROGRAM_NONE] = { "none", NULL, 0, 0, "no program: frames go up the stack" },
	[PROGRAM_PASS] = { "pass", NULL, 0, 0, "a program that passes all frames up the stack" },
	[PROGRAM_DROP_EVERY] = { "drop_every", "N", 1, UINT32_MAX,
				 "drops packets N-1, 2N-1, ... and redirects the others" },
	[PROGRAM_STEER_MAC] = { "steer_mac", NULL, 0, 0,
				"to the socket whose number is the last byte of the destination MAC" },
	[PROGRAM_ADJUST_TAIL] = { "adjust_tail", "N", -65535, 65535,
				  "bpf_xdp_adjust_tail(N), then redirect" },
	[PROGRAM_SINGLE_BUFFER] = { "single_buffer", NULL, 0, 0,
				    "redirect without xdp.frags: takes no packet of several buffers" },
	[PROGRAM_METADATA] = { "metadata", NULL, 0, 0,
			       "a packet counter in front of the packet (data_meta), then redirect" },
	[PROGRAM_RX_METADATA] = { "rx_metadata", NULL, 0, 0,
				  "what the driver says of the packet (timestamp, hash, VLAN tag) in front of "
				  "it, then redirect; native mode" },
	[PROGRAM_FILE] = { "file", NULL, 0, 0, "a program of your own" },
};
