/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_PLAN_H
#define XSK_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "lang/spec.h"
#include "plan/caps.h"
#include "plan/desc.h"
#include "plan/edt.h"
#include "plan/object.h"
#include "plan/stream.h"

/*
 * What will be done, for each case: everything that a specification leaves
 * open is decided here, from its axes, its defaults and what the kernel was
 * found to do. Pure, and read-only from then on: the runner, the Tx and Rx
 * threads and the report all read the same case.
 */

#define PLAN_MAX_HOPS 8

/* A queueing discipline at the root of the device by which packets from a to b leave a node. */
struct qdisc_plan {
	uint32_t node; /* 0 is a, n_hops is b */
	enum qdisc_kind kind;
	struct srcpos pos;
};

/* What sockets of the kernel's own protocols need at both ends: addresses, and who has them. */
struct stack_plan {
	int family;		  /* AF_INET, AF_INET6; 0: there are no such sockets */
	uint8_t addr[N_ENDS][16]; /* in network order, of IPv4 the first 4 bytes */
	uint8_t mac[N_ENDS]; /* last byte of the hardware address: the flow that the end sends */
};

struct link_plan {
	uint32_t mtu;	      /* bytes, without the Ethernet header */
	uint32_t n_queues;    /* rx and tx queues of both devices */
	uint32_t n_rx_queues; /* fewer rx than tx queues; 0: as many */
	uint32_t nic_ring;    /* descriptors of a NIC's own rings, 0: as they are */
	uint8_t down_mask;    /* bit per end: its device is set down before anything is sent */
	uint32_t n_hops;      /* veth pairs in a row, up to PLAN_MAX_HOPS; 0: one */
	/*
	 * An end is behind one more pair, and a bridge: tc sees its packets before XDP does. Also what
	 * generic XDP needs where packets come over hops (link/link.h).
	 */
	bool has_inner[N_ENDS];
	/*
	 * Bit per node between a and b that has a bridge: what programs leave to its stack (TC_ACT_OK) is
	 * forwarded there.
	 */
	uint32_t hub_mask;
	struct qdisc_plan *qdiscs;
	size_t n_qdiscs;
	struct stack_plan stack;
	bool has_rx_stamps; /* the kernel notes the time of receiving each packet */
};

struct umem_plan {
	uint32_t frame_size; /* bytes of a chunk */
	uint64_t n_frames;
	uint64_t size; /* bytes: n_frames * frame_size */
	uint32_t headroom;
	bool is_unaligned;
	bool has_hugepages;
	bool is_of_a;	      /* end b: the memory is that of end a's UMEM, not its own */
	bool has_sw_csum;     /* XDP_UMEM_TX_SW_CSUM */
	uint32_t tx_metadata; /* bytes in front of each packet that is sent, 0: none */
	bool is_unreserved;   /* hugepages as the machine has them, none reserved for the case */
	bool has_memlock;     /* registers with RLIMIT_MEMLOCK memlock and without CAP_IPC_LOCK */
	uint64_t memlock;     /* bytes */
	struct srcpos pos;
};

struct socket_plan {
	uint32_t queue;
	uint32_t umem;		   /* index into end_plan.umems */
	uint32_t port;		   /* index into end_plan.ports */
	uint32_t rx_ring, tx_ring; /* descriptors; 0: not made */
	uint32_t batch;
	uint32_t busy_budget;
	bool does_tx, does_rx; /* which rings it gets; at least one of them */
	bool has_need_wakeup;
	bool has_multi_buffer;
	bool is_poll;
	bool is_split;	    /* a submission may end in the middle of a packet */
	bool has_tx_budget; /* sets XDP_MAX_TX_SKB_BUDGET; tx_budget is the kernel's own else */
	uint32_t tx_budget;
	/* Mistakes that applications make, for 'expect error'. */
	uint32_t bind_flags; /* more bits of sxdp_flags */
	bool has_own_rings;  /* a fill and a completion ring of its own, also on a shared port */
	bool is_unbound;
	bool is_blocking; /* sends without MSG_DONTWAIT */
	struct srcpos pos;
};

/* A fill ring and a completion ring: one for each (UMEM, queue) of an end. */
struct port_plan {
	uint32_t umem;
	uint32_t queue;
	uint32_t fill_ring, completion_ring; /* descriptors; 0: not made */
	uint64_t rx_frame0, n_rx_frames; /* the frames of the UMEM that the fill ring starts with */
	uint64_t tx_frame0, n_tx_frames; /* those that its senders take, in slots */
	uint32_t slot_frames; /* consecutive frames that make a slot: 1 unless packets straddle */
	uint32_t max_out;     /* descriptors that its senders may have with the kernel at a time */
	bool holds_rx, holds_fill, holds_completion;
};

/* Bytes of a packet that a saboteur can keep for later. */
#define PLAN_MAX_HELD 2048

/* Damage on purpose. */
struct sabotage_plan {
	const struct sabotage_stmt *stmt; /* NULL: none */
	enum sabotage_kind kind;
	uint32_t flow;	 /* index into flows; of XDP and rings: not asked */
	uint64_t packet; /* its index; of XDP and rings: of all that come by */
	int64_t arg;
	uint32_t bit;
};

struct end_plan {
	enum program_id program;
	int64_t program_arg;
	const struct program_stmt *program_stmt; /* NULL: the default */
	const struct sabotage_plan *sabotage;	 /* by the program; NULL: none */
	struct object_plan object;		 /* PROGRAM_FILE */
	struct umem_plan *umems;
	size_t n_umems;
	struct port_plan *ports;
	size_t n_ports;
	struct socket_plan *sockets;
	size_t n_sockets;
};

/* One stream on its way from one socket to another. */
struct flow_plan {
	uint32_t id; /* from 1, unique in the case: last byte of the source MAC */
	struct stream stream;
	enum sender sender;
	struct env *env; /* what the stream's expressions read: the geometry is the sender's */
	enum end from_end, to_end;
	uint32_t from_socket, to_socket;
	const struct expr *deliver; /* NULL: every valid packet is due */
	const struct expr *rx_len;  /* NULL: as sent; may read VAR_SENT */
	bool may_lose;	 /* what is missing is counted, and judged by what is expected of loss */
	bool may_refuse; /* packets may also come as sent: the program counts them */
	bool is_csum_completed;	  /* the sender's kernel completes what its stream leaves_csum */
	bool has_receiver;	  /* else frames go up the stack: only completions count */
	bool is_verbatim;	  /* a descriptor list: addresses as written */
	struct desc_rules rules;  /* of the sending socket and its UMEM */
	bool is_all_valid;	  /* by the model, every single packet: nobody needs to ask again */
	uint64_t n_invalid_descs; /* by the model, each time it is sent */
	uint64_t n_valid_pkts;	  /* likewise; of those that the model looked at */
	bool is_whole;		  /* the model looked at every packet */
	uint32_t window_pkts;	  /* most packets between sender and receiver; 0: no limit */
	uint32_t descs_per_pkt;	  /* most descriptors that a packet of it needs */
	uint64_t pace_pps;	  /* 0: none */
	struct srcpos pos;	  /* of the send */
};

/* Flows that run at the same time. */
struct phase {
	uint32_t *flows; /* indices into case_plan.flows */
	size_t n_flows;
};

/* Phases one after the other on the same sockets; sockets are made again each round. */
struct round_plan {
	uint64_t n_rounds;
	struct phase *phases;
	size_t n_phases;
};

/* Bytes of struct xsk_tx_metadata with what Linux 6.14 added (include/uapi/linux/if_xdp.h). */
#define PLAN_TX_METADATA 24
/* What another process has before the case makes anything of its own. */
struct occupy_plan {
	enum end end;
	bool is_program; /* attached in mode; else a socket on queue */
	enum mode mode;
	uint32_t queue;
	struct srcpos pos;
};

/* What a counter of struct xdp_statistics has to be at the end of the case. */
struct counter_plan {
	enum end end;
	int socket; /* -1: sum over the end and over all rounds */
	enum counter counter;
	enum cmp_op op;
	int64_t value;
	struct srcpos pos; /* of the expect; line 0: the default */
};

struct case_plan {
	const struct spec *spec;
	const struct test *test;
	const char *id;	  /* family/subject[axes] */
	const char *axes; /* mode=skb,wakeup=softirq,... */
	const char *skip; /* NULL: runs; else the reason */
	enum mode mode;
	enum wakeup wakeup;
	struct env env; /* axis values, seed; geometry of the first UMEM of end a */
	uint64_t deadline_ns;
	struct link_plan link;
	struct end_plan ends[N_ENDS];
	struct flow_plan *flows;
	size_t n_flows;
	struct round_plan *groups; /* one after the other */
	size_t n_groups;
	struct counter_plan *counters;
	size_t n_counters;
	struct occupy_plan *occupies;
	size_t n_occupies;
	const struct expect_stmt *expect_error; /* NULL: none */
	const struct expect_stmt **measures; /* kinds EXPECT_TX_PER_KICK and EXPECT_POLL_TIMEOUT */
	size_t n_measures;
	const struct expect_stmt **losses; /* EXPECT_LOST, EXPECT_LOSS_CONTIGUOUS, EXPECT_RECOVERY */
	size_t n_losses;
	struct sabotage_plan sabotage;
	const struct expect_stmt **verdicts; /* the case has to get these, and no other */
	size_t n_verdicts;
	struct edt_plan edt;
	struct caps caps;
};

struct plan {
	struct arena arena;
	struct case_plan *cases;
	size_t n_cases;
};

struct plan_options {
	uint64_t seed;
	uint32_t modes; /* bit per enum mode: only these; 0: as the specs say */
	/* Where objects are that do not lie beside their spec, one after the other; NULL: none */
	const char *objects[PLAN_OBJECT_FOLDERS];
};

/*
 * Adds the cases of one spec, in the order of its tests and axes. What the
 * spec's values turn out to contradict goes into ds, each sentence once even
 * when it holds for many cases. The spec must have parsed without diagnostics.
 */
void plan_spec(struct plan *plan, const struct spec *spec, const struct caps *caps,
	       const struct plan_options *opts, struct diags *ds);
void plan_release(struct plan *plan);

/*
 * The hardware address number n of an end: 02:78:73:6b:<0a|0b>:n. As a destination n is a
 * socket, and devices carry that of socket 0; as a source n is a flow, from 1, so that what
 * the devices send of their own accord is nobody's.
 */
void plan_mac(enum end end, unsigned int n, uint8_t mac[6]);

/* Is something damaged on purpose, by whom? */
static inline bool is_sabotaged_by(const struct case_plan *c, enum saboteur who)
{
	return c->sabotage.stmt && sabotage_infos[c->sabotage.kind].who == who;
}

/* How often a flow (index into c->flows) is sent. */
uint64_t plan_rounds_of(const struct case_plan *c, size_t flow);

/* Does actual stand in the relation op to value? */
bool cmp_holds(int64_t actual, enum cmp_op op, int64_t value);

#endif
