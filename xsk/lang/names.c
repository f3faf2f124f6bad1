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
	[PROGRAM_FILE] = { "file", NULL, 0, 0,
			   "`file \"NAME\" [section \"NAME\"] [map \"NAME\"]`: a program of your own, and the "
			   "XSKMAP that sockets are entered into" },
};

const char *const verdict_names[N_VERDICTS] = {
	[VERDICT_MISSING] = "missing",
	[VERDICT_ORDER] = "order",
	[VERDICT_DUPLICATE] = "duplicate",
	[VERDICT_NOT_DUE] = "not-due",
	[VERDICT_LEN] = "len",
	[VERDICT_HEADER] = "header",
	[VERDICT_PAYLOAD] = "payload",
	[VERDICT_COUNTER] = "counter",
	[VERDICT_COMPLETION] = "completion",
	[VERDICT_COMPLETION_ALIEN] = "completion-alien",
	[VERDICT_RX_OFFSET] = "rx-offset",
	[VERDICT_METADATA] = "metadata",
	[VERDICT_TX_STAMP] = "tx-timestamp",
	[VERDICT_TX_STAMPS] = "tx-timestamps",
	[VERDICT_RX_META] = "rx-metadata",
	[VERDICT_EDT] = "edt",
	[VERDICT_EDT_SEEN] = "edt-seen",
	[VERDICT_EDT_ERROR] = "edt-error",
	[VERDICT_ARRIVAL] = "arrival",
	[VERDICT_EDT_FIGURE] = "edt-figure",
	[VERDICT_TX_PER_KICK] = "tx-per-kick",
	[VERDICT_NO_FULL_KICK] = "no-full-kick",
	[VERDICT_POLL] = "poll",
	[VERDICT_RX_ALIEN] = "rx-alien",
	[VERDICT_FRAMES_LOST] = "frames-lost",
	[VERDICT_DEADLINE] = "deadline",
	[VERDICT_NOTHING] = "nothing",
	[VERDICT_UNSENT] = "unsent",
	[VERDICT_REFUSED] = "refused",
	[VERDICT_STACK] = "stack",
	[VERDICT_LOST] = "lost",
	[VERDICT_SCATTERED] = "scattered",
	[VERDICT_RECOVERY] = "recovery",
	[VERDICT_KERNEL_LOG] = "kernel-log",
	[VERDICT_NO_ERROR] = "no-error",
	[VERDICT_NOT_CAUGHT] = "not-caught",
	[VERDICT_OTHER_ERROR] = "other-error",
};

#define WHOLE_PACKETS (1 << 22)
const struct sabotage_info sabotage_infos[N_SABOTAGES] = {
	[SABOTAGE_DROP] = { "drop", SABOTEUR_TC, "packets", DIM_NONE, 1, WHOLE_PACKETS, 1,
			    "packets that vanish (1)" },
	[SABOTAGE_FLIP] = { "flip", SABOTEUR_TC, "byte", DIM_NONE, 0, 65535, 0,
			    "bit (0) of a byte of the frame: flip 60 bit 3" },
	[SABOTAGE_TRUNCATE] = { "truncate", SABOTEUR_TC, "bytes", DIM_BYTES, 1, 65535, 0,
				"bytes that are cut off at its end" },
	[SABOTAGE_EXTEND] = { "extend", SABOTEUR_TC, "bytes", DIM_BYTES, 1, 65535, 0,
			      "bytes that are added there" },
	[SABOTAGE_RENUMBER] = { "renumber", SABOTEUR_TC, "number", DIM_NONE, 0, UINT32_MAX, 0,
				"its sequence number becomes this one" },
	[SABOTAGE_DELAY] = { "delay", SABOTEUR_TC, "packets", DIM_NONE, 1, 1 << 16, 1,
			     "it comes after so many that were sent later (1: two swap)" },
	[SABOTAGE_DUPLICATE] = { "duplicate", SABOTEUR_TC, NULL, DIM_NONE, 0, 0, 0,
				 "it comes twice" },
	[SABOTAGE_CSUM] = { "csum", SABOTEUR_TC, NULL, DIM_NONE, 0, 0, 0,
			    "a bit of its UDP or TCP checksum" },
	[SABOTAGE_EDT_SHIFT] = { "edt_shift", SABOTEUR_TC, "time", DIM_TIME, 1, INT64_MAX, 0,
				 "its delivery time is so much later" },
	[SABOTAGE_EDT_CLEAR] = { "edt_clear", SABOTEUR_TC, NULL, DIM_NONE, 0, 0, 0,
				 "the clock of its delivery time is lost" },
	[SABOTAGE_EDT_PACE] = { "edt_pace", SABOTEUR_TC, "time", DIM_TIME, 1, INT64_MAX, 0,
				"from it on each packet has so much more to the one before" },
	[SABOTAGE_STEER] = { "steer", SABOTEUR_XDP, "socket", DIM_NONE, 0, 63, 0,
			     "it goes to this socket" },
	[SABOTAGE_META] = { "meta", SABOTEUR_XDP, NULL, DIM_NONE, 0, 0, 0,
			    "its number in data_meta is another" },
	[SABOTAGE_COMPLETE_TWICE] = { "complete_twice", SABOTEUR_RING, NULL, DIM_NONE, 0, 0, 0,
				      "its address comes back twice" },
	[SABOTAGE_COMPLETE_LOST] = { "complete_lost", SABOTEUR_RING, NULL, DIM_NONE, 0, 0, 0,
				     "its address does not come back" },
	[SABOTAGE_COMPLETE_STRANGER] = { "complete_stranger", SABOTEUR_RING, NULL, DIM_NONE, 0, 0,
					 0, "an address that was never sent comes back for it" },
	[SABOTAGE_RX_LEN] = { "rx_len", SABOTEUR_RING, "bytes", DIM_BYTES, 1, 65535, 0,
			      "the Rx ring says that it is so much shorter" },
};
