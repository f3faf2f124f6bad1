// SPDX-License-Identifier: GPL-2.0-only
#include "lang/keyword.h"

#include <string.h>

#define SEC 1000000000ll
#define MIB (1ll << 20)

static const char *const scope_names[N_SCOPES] = {
	[SCOPE_FILE] = "a file",
	[SCOPE_TEST] = "a test",
	[SCOPE_LINK] = "link",
	[SCOPE_UMEM] = "umem",
	[SCOPE_SOCKET] = "socket",
	[SCOPE_STREAM] = "a stream",
	[SCOPE_HEADER] = "headers",
	[SCOPE_ACTION] = "at packet",
	[SCOPE_DESCRIPTORS] = "descriptors",
	[SCOPE_PACKET] = "packet",
	[SCOPE_PARALLEL] = "parallel",
	[SCOPE_REPEAT] = "repeat",
	[SCOPE_EXPECT] = "expect",
};

const char *scope_name(enum scope scope)
{
	return scope_names[scope];
}

#define STATEMENT .setting = -1
#define ONCE .is_once = true
#define FLAG .kind = VALUE_FLAG, .dim = DIM_BOOL, .max = 1
#define RING .min = 1, .max = 1 << 22, .dflt = 2048, .is_pow2 = true, .is_loose = true
#define MISTAKE .is_mistake = true

static const struct keyword keywords[] = {
	{ "test", SCOPE_FILE, STATEMENT, .syntax = "NAME { ... }",
	  .help = "one test; it runs once for each combination of its axes" },

	{ "about", SCOPE_TEST, STATEMENT, ONCE, .syntax = "\"TEXT\"", .help = "what it shows" },
	{ "mode", SCOPE_TEST, STATEMENT, ONCE, .syntax = "skb, drv, zc",
	  .help = "how XDP is attached and the sockets are bound; default: skb, drv" },
	{ "wakeup", SCOPE_TEST, STATEMENT, ONCE, .syntax = "softirq, busy_poll",
	  .help = "what drives the receiving queues; default: both" },
	{ "axis", SCOPE_TEST, STATEMENT, .syntax = "NAME VALUE, ...",
	  .help = "run the test with each value; expressions read it by its name" },
	{ "deadline", SCOPE_TEST, SET_TEST_DEADLINE, .dim = DIM_TIME, .min = SEC / 1000,
	  .max = 86400 * SEC, .dflt = 60 * SEC, .help = "time for the whole case" },
	{ "link", SCOPE_TEST, STATEMENT, .syntax = "[veth] [{ ... }]",
	  .help = "between the ends; veth: never a NIC" },
	{ "umem", SCOPE_TEST, STATEMENT, .syntax = "[END] { ... }",
	  .help = "memory of the sockets, of one end (a, b), of one socket (a[1]) or of all" },
	{ "socket", SCOPE_TEST, STATEMENT, .syntax = "[END] { ... }",
	  .help = "the sockets, of one end (a, b), one of them (a[1]) or all" },
	{ "program", SCOPE_TEST, STATEMENT, .syntax = "[END] NAME [N]",
	  .help = "XDP program of an end, see below; file \"NAME\": your own" },
	{ "stream", SCOPE_TEST, STATEMENT, .syntax = "NAME { ... }",
	  .help = "packets that are computed" },
	{ "descriptors", SCOPE_TEST, STATEMENT, .syntax = "NAME { ... }",
	  .help = "packets that are written down, one a line" },
	{ "send", SCOPE_TEST, STATEMENT, .syntax = "STREAM [from END] [to END]",
	  .help = "send it, receive it, verify it; also: send stream { ... }" },
	{ "receive", SCOPE_TEST, STATEMENT, .syntax = "STREAM [on END]",
	  .help = "verify what a sender from outside sends" },
	{ "parallel", SCOPE_TEST, STATEMENT, .syntax = "{ ... }",
	  .help = "sends at the same time" },
	{ "repeat", SCOPE_TEST, STATEMENT, .syntax = "N { ... }",
	  .help = "do it N times, each time with new sockets" },
	{ "at", SCOPE_TEST, STATEMENT, .syntax = "packet N [on END] { ... }",
	  .help = "what happens while traffic flows" },
	{ "occupy", SCOPE_TEST, STATEMENT, .syntax = "END queue N or program skb or drv",
	  .help = "another process holds the queue, or has a program attached, before the case starts" },
	{ "tc", SCOPE_TEST, STATEMENT,
	  .syntax = "SITE set_delivery_time, set_tstamp, write_tstamp, write_tstamp_blind or file",
	  .help = "which program sets the edt of packets, and where; default: fwd.ingress "
		  "set_delivery_time. set_delivery_time: bpf_skb_set_delivery_time(); set_tstamp: "
		  "bpf_skb_set_tstamp(); write_tstamp: __sk_buff->tstamp, of a program that has read "
		  "the type; write_tstamp_blind: of one that does not mention it. file \"NAME\" [section \"NAME\"]: a program of your own there, one or several" },
	{ "sabotage", SCOPE_TEST, STATEMENT, .syntax = "KIND [N] at packet N [of STREAM]",
	  .help = "damage that has to be found, see below; needs verdicts that are expected" },
	{ "expect", SCOPE_TEST, STATEMENT, .syntax = "...",
	  .help = "what differs from: all delivered, in order, unchanged, all counters 0" },

	{ "mtu", SCOPE_LINK, SET_LINK_MTU, .dim = DIM_BYTES, .min = 68, .max = 65535, .dflt = 1500,
	  .help = "without the Ethernet header" },
	{ "queues", SCOPE_LINK, SET_LINK_QUEUES, .min = 1, .max = 64, .dflt = 1,
	  .has_own_default = true,
	  .help = "rx and tx queues of both devices; default: as many as the sockets need" },
	{ "rx_queues", SCOPE_LINK, SET_LINK_RX_QUEUES, .min = 1, .max = 64, .dflt = 1,
	  .has_own_default = true, .help = "of both devices; default: as many as tx queues" },
	{ "down", SCOPE_LINK, STATEMENT, .syntax = "END",
	  .help = "the device is set down before anything is sent" },
	{ "hops", SCOPE_LINK, SET_LINK_HOPS, .min = 1, .max = 8, .dflt = 1,
	  .help = "links in a row; with 2 there is fwd between a and b" },
	{ "nic_ring", SCOPE_LINK, SET_LINK_NIC_RING, .min = 1, .max = 1 << 22,
	  .has_own_default = true,
	  .help = "descriptors of a NIC's own rx and tx ring (ethtool -G); default: as they are" },
	{ "rx_timestamps", SCOPE_LINK, SET_LINK_RX_TIMESTAMPS, FLAG,
	  .help = "the kernel notes the time at which it receives a packet, as for SO_TIMESTAMPING" },
	{ "qdisc", SCOPE_LINK, STATEMENT, .syntax = "SITE fq, etf or pfifo",
	  .help = "queueing discipline of the device by which packets leave, for example fwd.egress "
		  "fq. fq and etf keep a packet until its delivery time" },

	{ "frame_size", SCOPE_UMEM, SET_UMEM_FRAME_SIZE, .dim = DIM_BYTES, .min = 64,
	  .max = 2 * MIB, .dflt = 4096, .help = "of a chunk" },
	{ "frames", SCOPE_UMEM, SET_UMEM_FRAMES, .min = 1, .max = 1ll << 32, .dflt = 4096,
	  .has_own_default = true, .is_loose = true,
	  .help = "in all; default: what fill and completion ring can hold" },
	{ "headroom", SCOPE_UMEM, SET_UMEM_HEADROOM, .dim = DIM_BYTES, .max = 2 * MIB,
	  .help = "of each received packet, besides that of XDP" },
	{ "unaligned", SCOPE_UMEM, SET_UMEM_UNALIGNED, FLAG,
	  .help = "packets may cross the borders of chunks" },
	{ "hugepages", SCOPE_UMEM, SET_UMEM_HUGEPAGES, FLAG, .help = "memory from hugetlbfs" },
	{ "sw_csum", SCOPE_UMEM, SET_UMEM_SW_CSUM, FLAG,
	  .help = "checksums that are left to the driver are computed by the kernel" },
	{ "both_ends", SCOPE_UMEM, SET_UMEM_BOTH_ENDS, FLAG,
	  .help = "one UMEM for both ends: shared over two devices" },
	{ "reserve", SCOPE_UMEM, SET_UMEM_RESERVE, FLAG, .dflt = 1,
	  .help = "hugepages: raise the machine's limit while the case runs; off: as it is" },
	{ "size", SCOPE_UMEM, SET_UMEM_SIZE, MISTAKE, .dim = DIM_BYTES, .max = 1ll << 42,
	  .has_own_default = true, .help = "that is registered; default: that of all frames" },
	{ "memlock", SCOPE_UMEM, SET_UMEM_MEMLOCK, .dim = DIM_BYTES, .max = 1ll << 42,
	  .has_own_default = true,
	  .help = "register it with this RLIMIT_MEMLOCK and without CAP_IPC_LOCK; default: as they "
		  "are" },

	{ "count", SCOPE_SOCKET, SET_SOCKET_COUNT, .min = 1, .max = 64, .dflt = 1,
	  .help = "sockets of the end" },
	{ "share_umem", SCOPE_SOCKET, SET_SOCKET_SHARE_UMEM, FLAG,
	  .help = "one UMEM for all sockets of the end" },
	{ "queue", SCOPE_SOCKET, SET_SOCKET_QUEUE, .max = 63, .has_own_default = true,
	  .help = "that it is bound to; default: number of the socket modulo queues" },
	{ "rx_ring", SCOPE_SOCKET, SET_SOCKET_RX_RING, RING, .help = "descriptors" },
	{ "tx_ring", SCOPE_SOCKET, SET_SOCKET_TX_RING, RING, .help = "descriptors" },
	{ "fill_ring", SCOPE_SOCKET, SET_SOCKET_FILL_RING, RING, .help = "descriptors" },
	{ "completion_ring", SCOPE_SOCKET, SET_SOCKET_COMPLETION_RING, RING,
	  .help = "descriptors" },
	{ "hold_rx", SCOPE_SOCKET, SET_SOCKET_HOLD_RX, FLAG,
	  .help = "the receiver never releases Rx descriptors" },
	{ "hold_fill", SCOPE_SOCKET, SET_SOCKET_HOLD_FILL, FLAG,
	  .help = "nothing is ever put on the fill ring" },
	{ "hold_completion", SCOPE_SOCKET, SET_SOCKET_HOLD_COMPLETION, FLAG,
	  .help = "the completion ring is never read" },
	{ "need_wakeup", SCOPE_SOCKET, SET_SOCKET_NEED_WAKEUP, FLAG, .dflt = 1,
	  .help = "bind with XDP_USE_NEED_WAKEUP" },
	{ "multi_buffer", SCOPE_SOCKET, SET_SOCKET_MULTI_BUFFER, FLAG, .has_own_default = true,
	  .help = "bind with XDP_USE_SG; default: if a packet needs more than one descriptor" },
	{ "poll", SCOPE_SOCKET, SET_SOCKET_POLL, FLAG, .help = "wait and kick with poll() only" },
	{ "batch", SCOPE_SOCKET, SET_SOCKET_BATCH, .min = 1, .max = 65536, .dflt = 64,
	  .help = "descriptors of one submission" },
	{ "split", SCOPE_SOCKET, SET_SOCKET_SPLIT, FLAG,
	  .help = "a submission may end in the middle of a packet" },
	{ "tx_budget", SCOPE_SOCKET, SET_SOCKET_TX_BUDGET, .max = UINT32_MAX,
	  .has_own_default = true,
	  .help = "packets that one kick sends (XDP_MAX_TX_SKB_BUDGET); default: the kernel's own" },
	{ "busy_budget", SCOPE_SOCKET, SET_SOCKET_BUSY_BUDGET, .min = 1, .max = 65535, .dflt = 64,
	  .help = "SO_BUSY_POLL_BUDGET" },
	{ "bind_flags", SCOPE_SOCKET, SET_SOCKET_BIND_FLAGS, .max = 0xffff,
	  .help = "bits of sxdp_flags, besides those that mode and settings ask for" },
	{ "own_rings", SCOPE_SOCKET, SET_SOCKET_OWN_RINGS, FLAG, MISTAKE,
	  .help = "a fill and a completion ring of its own, also on a queue whose UMEM has them" },
	{ "unbound", SCOPE_SOCKET, SET_SOCKET_UNBOUND, FLAG, MISTAKE, .help = "never bound" },
	{ "blocking", SCOPE_SOCKET, SET_SOCKET_BLOCKING, FLAG, MISTAKE,
	  .help = "sendto() without MSG_DONTWAIT" },

	{ "packets", SCOPE_STREAM, SET_STREAM_PACKETS, ONCE, .min = 1, .max = 1ll << 48,
	  .dflt = 2048, .help = "how many" },
	{ "len", SCOPE_STREAM, SET_STREAM_LEN, ONCE, .dim = DIM_BYTES, .max = 18 * 4096, .dflt = 64,
	  .is_per_packet = true, .help = "without FCS" },
	{ "seq", SCOPE_STREAM, SET_STREAM_SEQ, ONCE, .max = INT64_MAX, .is_per_packet = true,
	  .has_own_default = true, .help = "sequence number that the packet carries; default: i" },
	{ "offset", SCOPE_STREAM, SET_STREAM_OFFSET, ONCE, .dim = DIM_BYTES, .max = 2 * MIB,
	  .is_per_packet = true, .help = "of the packet from the start of its frame" },
	{ "fragment", SCOPE_STREAM, SET_STREAM_FRAGMENT, ONCE, .dim = DIM_BYTES, .min = 1,
	  .max = 2 * MIB, .has_own_default = true,
	  .help = "bytes of a descriptor of a packet that takes several; default: a frame" },
	{ "window", SCOPE_STREAM, SET_STREAM_WINDOW, ONCE, .min = 1, .max = 1 << 22,
	  .has_own_default = true,
	  .help = "packets that may be under way; default: what the receiver's rings hold" },
	{ "tx_timestamp", SCOPE_STREAM, SET_STREAM_TX_TIMESTAMP, FLAG, ONCE,
	  .help = "each packet asks when it was sent (XDP_TXMD_FLAGS_TIMESTAMP); the answer is judged" },
	{ "csum_offload", SCOPE_STREAM, SET_STREAM_CSUM_OFFLOAD, FLAG, ONCE,
	  .help = "the UDP or TCP checksum is requested in the Tx metadata (XDP_TXMD_FLAGS_CHECKSUM)" },
	{ "pace", SCOPE_STREAM, SET_STREAM_PACE, ONCE, .dim = DIM_RATE, .min = 1, .max = 1000000000,
	  .has_own_default = true, .help = "default: as fast as it goes" },
	{ "payload", SCOPE_STREAM, STATEMENT, ONCE,
	  .syntax = "sequence, zero, random, text \"...\" or hex \"...\"",
	  .help = "sequence (the default): every 32-bit word has sequence number and index" },
	{ "headers", SCOPE_STREAM, STATEMENT, ONCE, .syntax = "eth, ipv4(FIELD VALUE, ...), ...",
	  .help = "outermost first, see below; default: eth" },
	{ "edt", SCOPE_STREAM, STATEMENT, ONCE,
	  .syntax = "TIME [type mono, tai, unspec, none or N] [by tc, txtime or launch_time]",
	  .help = "earliest departure time of each packet, for example now + i * 20us; by tc (the "
		  "default): a program sets it on the way, by txtime: a kernel socket does "
		  "(SO_TXTIME), by launch_time: it is in the Tx metadata. Times are of "
		  "CLOCK_MONOTONIC, with type tai of CLOCK_TAI, with type unspec by txtime of "
		  "CLOCK_REALTIME, and so is now" },
	{ "edt_before", SCOPE_STREAM, STATEMENT, ONCE, .syntax = "TIME",
	  .help = "time of type mono that packets are given first: the edt replaces or clears it, or "
		  "is refused" },
	{ "edt_pattern", SCOPE_STREAM, SET_STREAM_EDT_PATTERN, FLAG, ONCE,
	  .help = "the program computes the edt from start and step, instead of reading the wish of "
		  "each packet" },
	{ "sender", SCOPE_STREAM, STATEMENT, ONCE, .syntax = "xdp, packet, udp or tcp",
	  .help = "xdp (the default): AF_XDP; else a socket of the kernel. tcp: each packet is a "
		  "segment, received by a TCP socket; pace is its pacing rate" },
	{ "from", SCOPE_STREAM, STATEMENT, ONCE, .syntax = "pcap \"FILE\"",
	  .help = "replay a capture" },
	{ "filter", SCOPE_STREAM, STATEMENT, ONCE, .syntax = "\"EXPRESSION\"",
	  .help = "of the capture, as in tcpdump" },

	{ "addr", SCOPE_DESCRIPTORS, STATEMENT, .syntax = "ADDRESS, len LEN ... [invalid]",
	  .help = "one packet of one descriptor; len and options may come first" },
	{ "len", SCOPE_DESCRIPTORS, STATEMENT, .syntax = "LEN ... [invalid if CONDITION]",
	  .help = "the same; an address that is not said is picked" },
	{ "options", SCOPE_DESCRIPTORS, STATEMENT, .syntax = "BITS ... [invalid unless CONDITION]",
	  .help = "the same, with bits of its own in the descriptor" },
	{ "metadata", SCOPE_DESCRIPTORS, STATEMENT,
	  .syntax = "FLAGS, csum_start N, csum_offset N ...",
	  .help = "the same, with Tx metadata of these flags in front of it (and option 2); the UMEM "
		  "gets room for it" },
	{ "packet", SCOPE_DESCRIPTORS, STATEMENT, .syntax = "{ ... } [invalid ...]",
	  .help = "one packet of several descriptors, one a line" },
	{ "pace", SCOPE_DESCRIPTORS, SET_STREAM_PACE, ONCE, .dim = DIM_RATE, .min = 1,
	  .max = 1000000000, .has_own_default = true, .help = "as in a stream" },
	{ "payload", SCOPE_DESCRIPTORS, STATEMENT, ONCE, .syntax = "...",
	  .help = "as in a stream" },
	{ "headers", SCOPE_DESCRIPTORS, STATEMENT, ONCE, .syntax = "...",
	  .help = "as in a stream" },

	{ "addr", SCOPE_PACKET, STATEMENT, .syntax = "ADDRESS, ...", .help = "a descriptor" },
	{ "len", SCOPE_PACKET, STATEMENT, .syntax = "LEN, ...", .help = "a descriptor" },
	{ "options", SCOPE_PACKET, STATEMENT, .syntax = "BITS, ...", .help = "a descriptor" },
	{ "metadata", SCOPE_PACKET, STATEMENT, .syntax = "FLAGS, ...", .help = "a descriptor" },

	{ "send", SCOPE_PARALLEL, STATEMENT, .syntax = "...", .help = "as in a test" },
	{ "send", SCOPE_REPEAT, STATEMENT, .syntax = "...", .help = "as in a test" },
	{ "parallel", SCOPE_REPEAT, STATEMENT, .syntax = "{ ... }", .help = "as in a test" },

	{ "discard", SCOPE_ACTION, STATEMENT, .syntax = "[END] frames LO..HI",
	  .help = "madvise(MADV_DONTNEED) on frames of the UMEM" },
	{ "unmap", SCOPE_ACTION, STATEMENT, .syntax = "[END] frames LO..HI",
	  .help = "munmap() frames of the UMEM" },
	{ "link", SCOPE_ACTION, STATEMENT, .syntax = "[END] down or up", .help = "set the device" },
	{ "wait", SCOPE_ACTION, STATEMENT, .syntax = "TIME", .help = "before the next one" },
	{ "detach", SCOPE_ACTION, STATEMENT, .syntax = "[END]", .help = "the XDP program" },
	{ "attach", SCOPE_ACTION, STATEMENT, .syntax = "[END]",
	  .help = "the XDP program of the end, loaded anew, in place of one that is there" },
	{ "close", SCOPE_ACTION, STATEMENT, .syntax = "[END]", .help = "the sockets" },
	{ "reopen", SCOPE_ACTION, STATEMENT, .syntax = "[END]", .help = "the sockets" },

	{ "deliver", SCOPE_EXPECT, STATEMENT, .syntax = "STREAM where CONDITION",
	  .help = "these packets arrive, the others do not" },
	{ "len", SCOPE_EXPECT, STATEMENT, .syntax = "== LEN [unless refused]",
	  .help = "length on arrival; 'sent' is that of the packet as sent. unless refused: packets "
		  "whose change the kernel refused to the program come as sent, as many as it refused" },
	{ "error", SCOPE_EXPECT, STATEMENT, .syntax = "umem, bind, attach, option or send ERRNO",
	  .help = "this step fails with this error" },
	{ "edt", SCOPE_EXPECT, STATEMENT,
	  .syntax = "[of STREAM] at SITE [== TIME, none or received] [type TYPE]",
	  .help = "delivery time of every packet at a checkpoint: 'set' is what was asked for, "
		  "'before' its edt_before, none: it has none, received: the time of receiving it. "
		  "type unread: as a program sees it that does not ask for the type. at SITE unseen: "
		  "not a packet comes by" },
	{ "edt error", SCOPE_EXPECT, STATEMENT, .syntax = "ERRNO; edt of STREAM error ERRNO",
	  .help = "the kernel refuses to set every edt, or those of a stream, with this error" },
	{ "edt gap", SCOPE_EXPECT, STATEMENT, .syntax = "[of STREAM] at SITE [pN or mean] >= TIME",
	  .help = "time between the delivery times of packets in a row; p50: for half of them" },
	{ "arrival", SCOPE_EXPECT, STATEMENT, .syntax = "[- set] [pN or mean] >= TIME",
	  .help = "when packets arrive at b; p99: for 99% of them" },
	{ "lost", SCOPE_EXPECT, STATEMENT, .syntax = "< PERCENTAGE or NUMBER",
	  .help = "how many packets may be missing" },
	{ "recovery", SCOPE_EXPECT, STATEMENT, .syntax = "< TIME",
	  .help = "from the end of what happened (at packet N) to the next packet that arrives" },
	{ "any_loss_contiguous", SCOPE_EXPECT, STATEMENT, .syntax = "",
	  .help = "if packets are missing, they are neighbours" },
	{ "any_order", SCOPE_EXPECT, STATEMENT, .syntax = "", .help = "packets may be reordered" },
	{ "verdict", SCOPE_EXPECT, STATEMENT, .syntax = "VERDICT [packet N] [byte N] [count N]",
	  .help = "the case has to fail, in this way and no other, at N packets (1)" },
};

#define N_KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))
_Static_assert(N_KEYWORDS <= MAX_KEYWORDS, "MAX_KEYWORDS is too small");

const struct keyword *keyword_of_setting(enum setting_id id)
{
	const struct keyword *kw = keywords;

	while (kw->setting != (int)id)
		kw++;
	return kw;
}

const struct keyword *keyword_find(enum scope scope, const char *word, size_t len)
{
	for (size_t i = 0; i < N_KEYWORDS; i++) {
		const struct keyword *kw = &keywords[i];

		if (kw->scope == scope && strlen(kw->name) == len && !memcmp(kw->name, word, len))
			return kw;
	}
	return NULL;
}

size_t keyword_words(enum scope scope, const char **list)
{
	size_t n = 0;

	for (size_t i = 0; i < N_KEYWORDS; i++) {
		if (keywords[i].scope == scope)
			list[n++] = keywords[i].name;
	}
	return n;
}

size_t keyword_list(const struct keyword **list)
{
	*list = keywords;
	return N_KEYWORDS;
}
