/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_KEYWORD_H
#define XSK_LANG_KEYWORD_H

#include <stddef.h>
#include <stdint.h>

#include "lang/expr.h"

struct strbuf;

/* Where a keyword may stand. */
enum scope {
	SCOPE_FILE,
	SCOPE_TEST,
	SCOPE_LINK,
	SCOPE_UMEM,
	SCOPE_SOCKET,
	SCOPE_STREAM,
	SCOPE_HEADER, /* the headers themselves; their fields have a table of their own */
	SCOPE_ACTION, /* inside at packet N { } */
	SCOPE_DESCRIPTORS,
	SCOPE_PACKET, /* packet { } of descriptors */
	SCOPE_PARALLEL,
	SCOPE_REPEAT,
	SCOPE_EXPECT, /* what may follow the word expect */
	N_SCOPES,
};

const char *scope_name(enum scope scope);

/*
 * The settings: keywords that carry one value, the same way everywhere. The
 * table in keyword.c has a row for each with type, unit, range, default and
 * help; it drives parsing, messages, planning and specs/README.md.
 * Order matters only within a scope (it is the order of the reference).
 */
enum setting_id {
	/* link { } */
	SET_LINK_MTU,	    /* bytes, 68..65535, default 1500 */
	SET_LINK_QUEUES,    /* 1..64, default: as many as the sockets need */
	SET_LINK_RX_QUEUES, /* 1..64, default: as many as there are tx queues */
	SET_LINK_HOPS,	    /* 1..8 links in a row, default 1 */
	SET_LINK_NIC_RING,  /* descriptors of the NIC's own rx and tx ring, default: as they are */
	SET_LINK_RX_TIMESTAMPS, /* bool: the kernel notes when it received each packet */
	/* umem { } */
	SET_UMEM_FRAME_SIZE, /* chunk, bytes, 64..2 MiB, default 4096 */
	SET_UMEM_FRAMES,     /* frames in all, default: what fill and completion ring can hold */
	SET_UMEM_HEADROOM,   /* bytes, default 0 */
	SET_UMEM_UNALIGNED,  /* bool */
	SET_UMEM_HUGEPAGES,  /* bool */
	SET_UMEM_SW_CSUM,    /* bool: XDP_UMEM_TX_SW_CSUM */
	SET_UMEM_BOTH_ENDS,  /* bool: one UMEM for the sockets of both ends */
	SET_UMEM_RESERVE,    /* bool, default on: reserve the hugepages first */
	SET_UMEM_SIZE,	     /* bytes that are registered, default: all frames */
	SET_UMEM_MEMLOCK,    /* bytes, default: as the process has it */
	/* socket { } */
	SET_SOCKET_COUNT,	    /* 1..64 sockets, default 1 */
	SET_SOCKET_SHARE_UMEM,	    /* bool: one UMEM for all sockets of the end */
	SET_SOCKET_QUEUE,	    /* default: socket number modulo queues */
	SET_SOCKET_RX_RING,	    /* descriptors, power of two, default 2048 */
	SET_SOCKET_TX_RING,	    /* likewise */
	SET_SOCKET_FILL_RING,	    /* likewise */
	SET_SOCKET_COMPLETION_RING, /* likewise */
	SET_SOCKET_HOLD_RX,	    /* bool: the receiver never releases Rx descriptors */
	SET_SOCKET_HOLD_FILL,	    /* bool: nothing is ever put on the fill ring */
	SET_SOCKET_HOLD_COMPLETION, /* bool: the completion ring is never read */
	SET_SOCKET_NEED_WAKEUP,	    /* bool, default on: bind with XDP_USE_NEED_WAKEUP */
	SET_SOCKET_MULTI_BUFFER, /* bool, default: on if a packet needs more than one descriptor */
	SET_SOCKET_POLL,	 /* bool: wait and kick with poll() only */
	SET_SOCKET_BATCH,	 /* descriptors a submission, 1..65536, default 64 */
	SET_SOCKET_SPLIT,	 /* bool: a submission may end in the middle of a packet */
	SET_SOCKET_TX_BUDGET,	 /* XDP_MAX_TX_SKB_BUDGET, default: the kernel's own */
	SET_SOCKET_BUSY_BUDGET,	 /* SO_BUSY_POLL_BUDGET, 1..65535, default 64 */
	SET_SOCKET_BIND_FLAGS,	 /* more bits of sxdp_flags, 16 bits */
	SET_SOCKET_OWN_RINGS, /* bool: fill and completion ring of its own, also where it shares */
	SET_SOCKET_UNBOUND,   /* bool: never bound */
	SET_SOCKET_BLOCKING,  /* bool: sendto() without MSG_DONTWAIT */
	/* stream { } and descriptors: settings that are read for each packet */
	SET_STREAM_PACKETS,	 /* 1..2^48, default 2048; may not read i */
	SET_STREAM_LEN,		 /* bytes without FCS, default 64 */
	SET_STREAM_SEQ,		 /* sequence number of packet i, default i */
	SET_STREAM_OFFSET,	 /* bytes from the start of the frame, default 0 */
	SET_STREAM_FRAGMENT,	 /* bytes of a descriptor, default: a frame */
	SET_STREAM_WINDOW,	 /* packets under way, default: what the receiver's rings hold */
	SET_STREAM_TX_TIMESTAMP, /* bool: each packet asks for the time at which it was sent */
	SET_STREAM_CSUM_OFFLOAD, /* bool: the transport checksum is left to the Tx metadata */
	SET_STREAM_EDT_PATTERN,	 /* bool: the program computes the edt by itself */
	SET_STREAM_PACE,	 /* packets per second, default: as fast as it goes */
	/* test { } */
	SET_TEST_DEADLINE, /* time for the whole case, default 60s */
	N_SETTINGS,
};

enum value_kind {
	VALUE_EXPR, /* an expression of dimension dim */
	VALUE_FLAG, /* a bool; the keyword alone means on */
};

struct keyword {
	const char *name;
	enum scope scope;
	int setting; /* enum setting_id, or -1: a statement with a syntax of its own */
	enum value_kind kind;
	enum dim dim;
	int64_t min, max; /* both inclusive; the plan checks what is not constant */
	int64_t dflt;
	bool has_own_default; /* help says what it is; dflt only stands in for it */
	bool is_pow2;
	bool is_per_packet; /* may read i */
	bool is_once;	    /* at most once in its block */
	/* What makes sense only in a test that expects an error: */
	bool is_loose;	    /* there, 0 and numbers that are no power of two are allowed too */
	bool is_mistake;    /* only there it may be said at all */
	const char *syntax; /* statements: what follows the keyword, for the reference */
	const char *help;   /* one line */
};

/* The row of a setting; never NULL. */
const struct keyword *keyword_of_setting(enum setting_id id);

/* The row of a word in a scope, or NULL; word is len bytes. */
const struct keyword *keyword_find(enum scope scope, const char *word, size_t len);

/* All words of a scope, for "did you mean": returns their number; list has room for 64. */
size_t keyword_words(enum scope scope, const char **list);

#define MAX_KEYWORDS 192

/* All rows: returns their number, at most MAX_KEYWORDS. */
size_t keyword_list(const struct keyword **list);

/* The keyword tables as Markdown: the generated part of specs/README.md. */
void keyword_reference(struct strbuf *out);

#endif
