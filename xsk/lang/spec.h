/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_SPEC_H
#define XSK_LANG_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "lang/diag.h"
#include "lang/expr.h"
#include "lang/keyword.h"
#include "lang/source.h"
#include "lang/verdict_kind.h"

/*
 * A specification as written: what the parser makes of the text. Nothing is
 * evaluated for a case here; that is the plan's work. Everything lives in the
 * arena of its struct spec. Texts are NUL-terminated.
 */

enum end { END_A, END_B, N_ENDS };
extern const char end_names[N_ENDS + 1]; /* a, b */
enum { END_MASK_A = 1, END_MASK_B = 2, END_MASK_BOTH = 3 };

/* The axes that every test has. */
enum mode { MODE_SKB, MODE_DRV, MODE_ZC, N_MODES };
enum wakeup { WAKEUP_SOFTIRQ, WAKEUP_BUSY_POLL, N_WAKEUPS };
extern const char *const mode_names[N_MODES];	  /* skb, drv, zc */
extern const char *const wakeup_names[N_WAKEUPS]; /* softirq, busy_poll */

/* One setting as it was said: 'umem b { headroom 128 }', 'socket a[1] { queue 1 }'. */
struct setting {
	const struct keyword *kw;
	const struct expr *value; /* never NULL: a flag alone is the constant 1 */
	struct srcpos pos;
	uint8_t end_mask; /* link and test settings: END_MASK_BOTH */
	int socket;	  /* a[1] is 1; -1: all sockets of the end */
};

/* 'axis NAME v1, v2, ...'. off and on are 0 and 1 (all values then DIM_BOOL). */
struct axis {
	const char *name;
	struct srcpos pos;
	const struct expr **values; /* over fixed variables and earlier axes */
	const char **labels;	    /* each as written ("2048", "4KiB", "on"): goes into the id */
	size_t n_values;
	enum dim dim;
	bool is_used; /* some expression or statement reads it */
};

/* Headers. Each field has a row in the table of names.c. */
enum header_kind { HDR_ETH, HDR_VLAN, HDR_IPV4, HDR_IPV6, HDR_UDP, HDR_TCP, HDR_ICMP, N_HEADERS };
/* clang-format off */
enum field_id {
	FIELD_ETH_SRC, FIELD_ETH_DST, FIELD_ETH_TYPE,
	FIELD_VLAN_ID, FIELD_VLAN_PRIO, FIELD_VLAN_DEI, FIELD_VLAN_TPID,
	FIELD_IPV4_SRC, FIELD_IPV4_DST, FIELD_IPV4_TTL, FIELD_IPV4_TOS, FIELD_IPV4_ID,
	FIELD_IPV4_DF, FIELD_IPV4_PROTO,
	FIELD_IPV6_SRC, FIELD_IPV6_DST, FIELD_IPV6_HLIM, FIELD_IPV6_TCLASS, FIELD_IPV6_FLOW,
	FIELD_IPV6_NEXT,
	FIELD_UDP_SPORT, FIELD_UDP_DPORT, FIELD_UDP_CSUM,
	FIELD_TCP_SPORT, FIELD_TCP_DPORT, FIELD_TCP_SEQ, FIELD_TCP_ACK, FIELD_TCP_FLAGS,
	FIELD_TCP_WINDOW,
	FIELD_ICMP_TYPE, FIELD_ICMP_CODE, FIELD_ICMP_ID, FIELD_ICMP_SEQ,
	N_FIELDS,
};
/* clang-format on */

enum field_kind {
	FIELD_NUMBER, /* expression, may read i */
	FIELD_MAC,    /* 02:00:00:00:00:01, literal */
	FIELD_IP4,    /* 192.0.2.1: a number in expressions, may read i (192.0.2.1 + i % 4) */
	FIELD_IP6,    /* 2001:db8::1, literal */
};

struct field_info {
	const char *name;
	enum header_kind header;
	enum field_kind kind;
	uint8_t bits; /* width of a number: its range is 0..2^bits - 1 */
	const char *help;
};
extern const struct field_info field_infos[N_FIELDS];
extern const char *const header_names[N_HEADERS];

struct field {
	enum field_id id;
	const struct expr *value; /* FIELD_NUMBER and FIELD_IP4 (host order) */
	uint8_t addr[16];	  /* FIELD_MAC: 6 bytes, FIELD_IP6: 16, as on the wire */
	struct srcpos pos;
};

struct header {
	enum header_kind kind;
	struct field *fields;
	size_t n_fields;
	struct srcpos pos;
};

enum payload_kind { PAYLOAD_SEQUENCE, PAYLOAD_ZERO, PAYLOAD_RANDOM, PAYLOAD_BYTES };
extern const char *const payload_names[4]; /* sequence, zero, random, (bytes) */

/* 'addr 0, len 64 invalid if frame_size == 2048', or 'packet { len 1; len 2 } invalid' */
struct desc_spec {
	const struct expr *addr;     /* NULL: an address that the harness picks */
	const struct expr *len;	     /* never NULL */
	const struct expr *options;  /* NULL: 0 (XDP_PKT_CONTD is added by the harness) */
	const struct expr *metadata; /* flags of the Tx metadata in front of it; NULL: none */
	const struct expr *csum_start, *csum_offset; /* what it says of the checksum; NULL: 0 */
	struct srcpos pos;
};
enum invalid_mark { MARK_NONE, MARK_INVALID, MARK_INVALID_IF, MARK_INVALID_UNLESS };
struct packet_spec {
	struct desc_spec *descs;
	size_t n_descs;
	enum invalid_mark mark;
	const struct expr *mark_cond;
	struct srcpos pos;
};

/* Types of delivery times; unread: seen by a program that does not ask for the type. */
enum edt_type { EDT_MONO, EDT_UNSPEC, EDT_NONE, EDT_TAI, EDT_UNREAD, N_EDT_TYPES };
extern const char *const edt_type_names[N_EDT_TYPES]; /* mono, unspec, none, tai, unread */

/* What tells the kernel the delivery time of a packet. */
enum edt_by {
	EDT_BY_TC,	    /* a program on the way ('tc SITE ...') */
	EDT_BY_TXTIME,	    /* the sender, a kernel socket: SO_TXTIME */
	EDT_BY_LAUNCH_TIME, /* the sender, in its Tx metadata: XDP_TXMD_FLAGS_LAUNCH_TIME */
	N_EDT_BYS
};
extern const char *const edt_by_names[N_EDT_BYS]; /* tc, txtime, launch_time */

/* Who sends a stream. */
enum sender {
	SENDER_XDP,    /* AF_XDP */
	SENDER_PACKET, /* AF_PACKET: frames as they are, past tc egress and qdisc of the device */
	SENDER_UDP,    /* a UDP socket: the kernel makes the headers */
	SENDER_TCP,    /* a TCP socket, to another one: each packet a segment */
	N_SENDERS
};
extern const char *const sender_names[N_SENDERS]; /* xdp, packet, udp, tcp */

/* 'stream NAME { ... }', 'send stream { ... }' or 'descriptors NAME { ... }' */
struct stream_spec {
	const char *name; /* "stream" for one without a name */
	struct srcpos pos;
	const struct expr *set[N_SETTINGS]; /* only SET_STREAM_*; NULL: the default */
	struct header *headers;		    /* none: eth */
	size_t n_headers;
	enum payload_kind payload;
	const uint8_t *bytes; /* PAYLOAD_BYTES: repeated to fill the packet */
	size_t n_bytes;
	const struct expr *edt;	       /* NULL: no wish */
	const struct expr *edt_before; /* set as MONO first; NULL: nothing is */
	int edt_type;		       /* enum edt_type; a number of the author's own as 256 + n */
	bool has_edt_type;	       /* it was said */
	enum edt_by edt_by;
	struct srcpos edt_pos;
	enum sender sender;
	struct srcpos sender_pos; /* line 0: not said */
	const char *pcap_path;	  /* NULL: generated */
	const char *pcap_filter;
	struct srcpos pcap_pos;
	bool is_descriptors;
	struct packet_spec *packets; /* is_descriptors only */
	size_t n_packets;
	bool is_used;
	bool is_declared; /* while parsing: false as long as only statements above name it */
};

/* Where a send starts or ends. */
struct endpoint {
	enum end end;
	int socket; /* from 0 */
	struct srcpos pos;
};

enum step_kind { STEP_SEND, STEP_RECEIVE, STEP_PARALLEL, STEP_REPEAT };
struct step {
	enum step_kind kind;
	struct srcpos pos;
	size_t stream; /* send, receive: index into test->streams */
	struct endpoint from, to;
	const struct expr *count; /* repeat */
	struct step *steps;	  /* parallel (sends only), repeat (sends and parallels) */
	size_t n_steps;
};

/* 'program b drop_every 2' */
enum program_id {
	PROGRAM_REDIRECT,      /* to the socket of the queue: the default of an end that receives */
	PROGRAM_NONE,	       /* no program: frames go up the stack */
	PROGRAM_PASS,	       /* XDP_PASS */
	PROGRAM_DROP_EVERY,    /* N: drops packets N-1, 2N-1, ..., redirects the others */
	PROGRAM_STEER_MAC,     /* last byte of the destination MAC is the number of the socket */
	PROGRAM_ADJUST_TAIL,   /* N: bpf_xdp_adjust_tail(N), then redirect */
	PROGRAM_SINGLE_BUFFER, /* as redirect, without xdp.frags */
	PROGRAM_METADATA,      /* a packet counter in data_meta, then redirect */
	PROGRAM_RX_METADATA,   /* what the driver knows of a packet, and a counter, in data_meta */
	PROGRAM_FILE,	       /* the user's own */
	N_PROGRAMS,
};
struct program_info {
	const char *name;
	const char *arg; /* name of its argument, NULL: has none */
	int64_t min, max;
	const char *help;
};
extern const struct program_info program_infos[N_PROGRAMS];

struct program_stmt {
	enum end end;
	enum program_id id;
	const struct expr *arg;		  /* NULL: none */
	const char *file, *section, *map; /* PROGRAM_FILE */
	struct srcpos pos;
};

/* The six counters of struct xdp_statistics, in its order. */
enum counter {
	COUNTER_RX_DROPPED,
	COUNTER_RX_INVALID_DESCS,
	COUNTER_TX_INVALID_DESCS,
	COUNTER_RX_RING_FULL,
	COUNTER_RX_FILL_RING_EMPTY_DESCS,
	COUNTER_TX_RING_EMPTY_DESCS,
	N_COUNTERS,
};
extern const char *const counter_names[N_COUNTERS];

enum cmp_op { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE, N_CMP_OPS };
extern const char *const cmp_names[N_CMP_OPS]; /* == != < <= > >= */

/* At which step an 'expect error' must happen. */
enum failing_step { FAIL_UMEM, FAIL_BIND, FAIL_ATTACH, FAIL_SEND, FAIL_OPTION, N_FAILING_STEPS };
extern const char *const failing_step_names[N_FAILING_STEPS]; /* umem, bind, ... */

/* What program rx_metadata asks the driver for. */
enum rx_meta_field { RX_META_TIMESTAMP, RX_META_HASH, RX_META_VLAN, N_RX_META_FIELDS };
extern const char *const rx_meta_names[N_RX_META_FIELDS]; /* rx_timestamp, rx_hash, rx_vlan */

enum expect_kind {
	EXPECT_COUNTER,	    /* a.tx_invalid_descs == 2048: end, socket, counter, op, value */
	EXPECT_DELIVER,	    /* deliver s where i % 2 == 0: stream, value (condition) */
	EXPECT_LEN,	    /* len == sent - 4: op, value */
	EXPECT_TX_PER_KICK, /* a.tx_per_kick == 32: end, socket, op, value */
	EXPECT_RX_META, /* b.rx_hash valid, b.rx_vlan EINVAL: end, rx_meta_field, err (0: valid) */
	EXPECT_POLL_TIMEOUT, /* b.pollin timeout: end, socket, is_pollout */
	EXPECT_ERROR,	     /* error bind EOPNOTSUPP: failing_step, err */
	EXPECT_EDT,	     /* edt at fwd.egress == set, type mono: site, edt_seen, edt_type */
	EXPECT_EDT_ERROR,    /* edt error EINVAL: err */
	EXPECT_EDT_GAP, /* edt gap at a.egress p50 >= 1ms: from packet to packet; site, percentile, op, value */
	EXPECT_ARRIVAL,	    /* arrival >= set; arrival - set p99 <= 500us: percentile, op, value */
	EXPECT_INVALIDATED, /* b.umem invalidated frames 16..31: end, lo, hi */
	EXPECT_LOST,	    /* lost < 20%: op, value (percent or packets) */
	EXPECT_LOSS_CONTIGUOUS, /* any_loss_contiguous */
	EXPECT_RECOVERY,	/* recovery < 100ms: op, value */
	EXPECT_ANY_ORDER,	/* any_order */
	EXPECT_VERDICT,		/* verdict missing packet 7 count 1: verdict, packet, byte, count */
	N_EXPECTS,
};

/* What is expected of the time at a checkpoint. */
enum edt_seen {
	EDT_SEEN_TIME,	   /* op, value */
	EDT_SEEN_NONE,	   /* == none: no delivery time; != none: one */
	EDT_SEEN_RECEIVED, /* == received: the time of receiving it, which is no delivery time */
	EDT_SEEN_ANY,	   /* only the type was said */
	EDT_SEEN_NOTHING,  /* unseen: not a packet comes by */
};

#define EXPECT_MEAN 1001 /* in the place of a percentile */

struct expect_stmt {
	enum expect_kind kind;
	struct srcpos pos;
	enum end end;
	int socket; /* -1: all of the end, summed */
	enum counter counter;
	enum cmp_op op;
	const struct expr *value;
	size_t stream;	   /* EXPECT_EDT..., EXPECT_ARRIVAL: only with is_of_stream */
	bool is_of_stream; /* edt of s at ...: not of every stream */
	enum failing_step failing_step;
	int err;	  /* positive errno */
	const char *site; /* "fwd.egress" */
	enum edt_seen edt_seen;
	int edt_type; /* enum edt_type, -1: not said */
	enum rx_meta_field rx_meta;
	bool is_any_value;   /* rx_...: said, whatever it is */
	bool may_refuse;     /* len ... unless refused */
	bool is_pollout;     /* a.pollout, else a.pollin */
	bool is_difference;  /* arrival - set */
	uint32_t percentile; /* in thousandths: p99.9 is 999; EXPECT_MEAN; 0: every packet */
	const struct expr *lo, *hi;
	enum verdict_kind verdict;
	const struct expr *packet, *byte, *count; /* NULL: whichever; count: 1 */
};

/* 'at packet 1000 on b { ... }' */
enum action_kind {
	ACTION_DISCARD,
	ACTION_UNMAP,
	ACTION_LINK_DOWN,
	ACTION_LINK_UP,
	ACTION_WAIT,
	ACTION_DETACH,
	ACTION_ATTACH,
	ACTION_CLOSE,
	ACTION_REOPEN,
	N_ACTIONS
};
struct action {
	enum action_kind kind;
	enum end end;
	const struct expr *lo, *hi; /* frames; wait: lo is the time */
	struct srcpos pos;
};
struct at_stmt {
	const struct expr *packet;
	int end; /* enum end, -1: not said */
	struct action *actions;
	size_t n_actions;
	struct srcpos pos;
};

/* 'qdisc fwd.egress fq' in link { } */
enum qdisc_kind { QDISC_FQ, QDISC_ETF, QDISC_PFIFO, N_QDISC_KINDS };
extern const char *const qdisc_names[N_QDISC_KINDS]; /* fq, etf, pfifo */
struct qdisc_stmt {
	const char *site;
	enum qdisc_kind kind;
	struct srcpos pos;
};

/* 'tc fwd.ingress set_tstamp': how delivery times are set, and where */
enum edt_setter {
	EDT_SET_NONE,	       /* nothing sets any */
	EDT_SET_DELIVERY_TIME, /* bpf_skb_set_delivery_time(): the published rules (bpf/edt.h) */
	EDT_SET_TSTAMP,	       /* bpf_skb_set_tstamp(): the kernel's own rules and numbers */
	EDT_SET_DIRECT,	       /* writes tstamp; it has read tstamp_type, which stays as it is */
	EDT_SET_BLIND, /* writes tstamp and never mentions tstamp_type: the kernel clears it */
	N_EDT_SETTERS
};
/* (none), set_delivery_time, set_tstamp, write_tstamp, write_tstamp_blind */
extern const char *const edt_setter_names[N_EDT_SETTERS];

/* The same, or 'tc fwd.ingress file "x.o" section "tc"': a program of the user's own */
struct tc_stmt {
	const char *site;
	enum edt_setter setter; /* EDT_SET_NONE: file */
	const char *file, *section;
	struct srcpos pos;
};
#define TC_MAX_FILES 16 /* of a test */

/* 'sabotage flip 60 at packet 7': damage on purpose, that has to be found */
enum sabotage_kind {
	/* by a tc program at fwd's ingress */
	SABOTAGE_DROP,
	SABOTAGE_FLIP,
	SABOTAGE_TRUNCATE,
	SABOTAGE_EXTEND,
	SABOTAGE_RENUMBER,
	SABOTAGE_DELAY,
	SABOTAGE_DUPLICATE,
	SABOTAGE_CSUM,
	SABOTAGE_EDT_SHIFT,
	SABOTAGE_EDT_CLEAR,
	SABOTAGE_EDT_PACE,
	/* by the XDP program at b */
	SABOTAGE_STEER,
	SABOTAGE_META,
	/* by whoever reads the rings, before they are audited */
	SABOTAGE_COMPLETE_TWICE,
	SABOTAGE_COMPLETE_LOST,
	SABOTAGE_COMPLETE_STRANGER,
	SABOTAGE_RX_LEN,
	N_SABOTAGES
};
enum saboteur { SABOTEUR_TC, SABOTEUR_XDP, SABOTEUR_RING };
struct sabotage_info {
	const char *name;
	enum saboteur who;
	const char *arg; /* name of its number, NULL: it has none */
	enum dim dim;
	int64_t min, max, dflt; /* dflt 0: has to be said */
	const char *help;
};
extern const struct sabotage_info sabotage_infos[N_SABOTAGES];
struct sabotage_stmt {
	enum sabotage_kind kind;
	const struct expr *arg;	   /* NULL: the default */
	const struct expr *bit;	   /* SABOTAGE_FLIP: of the byte; NULL: 0 */
	const struct expr *packet; /* index in its stream; of XDP and rings: of all that come by */
	bool is_of_stream;
	size_t stream;
	struct srcpos pos;
};

/* 'occupy b queue 0', 'occupy b program drv': before the case starts, by another process */
struct occupy_stmt {
	enum end end;
	bool is_program;
	const struct expr *queue; /* not of a program */
	enum mode mode;		  /* of a program */
	struct srcpos pos;
};

struct test {
	const char *name;
	const char *about; /* NULL: not said */
	struct srcpos pos;
	uint32_t modes;	  /* bit per enum mode; 0: skb and drv */
	uint32_t wakeups; /* bit per enum wakeup; 0: both */
	struct axis *axes;
	size_t n_axes;
	bool is_link_veth; /* 'link veth' was said: not over a NIC */
	struct setting *settings;
	size_t n_settings;
	struct qdisc_stmt *qdiscs;
	size_t n_qdiscs;
	struct tc_stmt *tcs;
	size_t n_tcs;
	uint8_t down_mask; /* link { down a }: END_MASK_... */
	struct occupy_stmt *occupies;
	size_t n_occupies;
	struct sabotage_stmt *sabotage; /* NULL: none */
	struct stream_spec *streams;
	size_t n_streams;
	struct program_stmt *programs;
	size_t n_programs;
	struct step *steps;
	size_t n_steps;
	struct expect_stmt *expects;
	size_t n_expects;
	struct at_stmt *ats;
	size_t n_ats;
};

/* The program that sets delivery times; NULL: none is said. */
const struct tc_stmt *find_setter(const struct test *t);

struct spec {
	struct arena arena;
	struct source source; /* caller keeps path and text alive as long as the spec */
	const char *family;   /* name of the folder that the file lies in */
	struct test *tests;
	size_t n_tests;
};

/*
 * Parses and checks a text. Whatever can be said without planning is said in
 * ds: syntax, names, units, ranges of constants, statements that exclude each
 * other. *spec is always left in a state that spec_release() accepts; it may
 * be planned only if no diagnostic was added. Pure: touches no file.
 */
void spec_parse(struct spec *spec, const struct source *src, const char *family, struct diags *ds);
void spec_release(struct spec *spec);

#endif
