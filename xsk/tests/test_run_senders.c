// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams that kernel sockets send over two hops: they arrive as the generator has them, and
 * what checkpoints see of their delivery times on the way. Needs root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "base/mem.h"
#include "link/edt.h"
#include "link/probe.h"
#include "run/result.h"
#include "run/rx_kernel.h"
#include "run/traffic.h"
#include "run/tx_kernel.h"
#include "run/world.h"
#include "tests/planned.h"

#define FLOW 1u
#define N_PKTS 300u
#define DEADLINE_NS 20000000000ull
#define STEP_NS 7
#define AHEAD_NS 3000000

enum { A_EGRESS, FWD_INGRESS, FWD_EGRESS, B_INGRESS, N_SITES };
static const struct edt_site sites[N_SITES] = {
	[A_EGRESS] = { .node = 0, .is_egress = true },
	[FWD_INGRESS] = { .node = 1 },
	[FWD_EGRESS] = { .node = 1, .is_egress = true },
	[B_INGRESS] = { .node = 2 },
};
static const char *const site_names[N_SITES] = {
	[A_EGRESS] = "a.egress",
	[FWD_INGRESS] = "fwd.ingress",
	[FWD_EGRESS] = "fwd.egress",
	[B_INGRESS] = "b.ingress",
};

static const struct traffic_options opts = { .scrutiny = SCRUTINY_EVERY_BYTE };
static struct caps caps;

/* now + AHEAD_NS + i * STEP_NS */
static const struct expr_ins wish_code[] = {
	{ EXPR_VAR, VAR_NOW },	 { EXPR_CONST, AHEAD_NS }, { EXPR_ADD, 0 }, { EXPR_VAR, VAR_I },
	{ EXPR_CONST, STEP_NS }, { EXPR_MUL, 0 },	   { EXPR_ADD, 0 },
};
static const struct expr wish = { .code = wish_code,
				  .n_code = sizeof(wish_code) / sizeof(wish_code[0]),
				  .var_mask = 1u << VAR_NOW | 1u << VAR_I,
				  .dim = DIM_TIME };

struct setup {
	enum sender sender;
	const char *stream; /* what is said of it */
	bool has_txtime;
	enum edt_type type;
	enum mode mode;
};

struct rig {
	const struct setup *setup;
	char text[1024];
	struct planned planned;
	struct case_plan *c;
	struct stream_spec spec; /* as planned, with a sender */
	struct world world;
	struct case_result *result;
	uint64_t start_ns, end_ns; /* of the traffic, by the clock of the wishes */
	struct errmsg e;
};

static struct case_plan *find_case(const struct plan *plan, enum mode mode)
{
	for (size_t k = 0; k < plan->n_cases; k++)
		if (plan->cases[k].mode == mode && plan->cases[k].wakeup == WAKEUP_SOFTIRQ)
			return &plan->cases[k];
	return NULL;
}

static uint64_t clock_of(enum edt_type type)
{
	struct timespec ts;

	clock_gettime(type == EDT_MONO ? CLOCK_MONOTONIC :
		      type == EDT_TAI  ? CLOCK_TAI :
					 CLOCK_REALTIME,
		      &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

/* The addresses of a stream's IP header, to those who send and receive it. */
static void take_addresses(struct stack_plan *stack, const struct stream *s)
{
	if (s->n_layers < 2)
		return;
	stack->family = s->layers[1].kind == HDR_IPV4 ? AF_INET : AF_INET6;
	for (enum end end = 0; end < N_ENDS; end++)
		if (stack->family == AF_INET)
			memcpy(stack->addr[end], s->hdr + 14 + 12 + 4 * end, 4);
		else
			memcpy(stack->addr[end], s->hdr + 14 + 8 + 16 * end, 16);
	stack->mac[END_A] = FLOW;
}

static bool rig_plan(struct rig *rig, const struct setup *s)
{
	struct flow_plan *f;

	*rig = (struct rig){ .setup = s };
	snprintf(rig->text, sizeof(rig->text),
		 "test t {\nlink { hops 2 }\n%s\nstream s { packets %u; %s }\nsend s\n}\n",
		 s->sender == SENDER_TCP ? "program b none" : "", N_PKTS, s->stream);
	planned_init(&rig->planned, rig->text, &caps);
	CHECK_STR("", planned_diag(&rig->planned));
	rig->c = find_case(&rig->planned.plan, s->mode);
	if (!rig->c)
		return false;
	f = &rig->c->flows[0];
	rig->spec = *f->stream.spec;
	rig->spec.sender = f->sender = s->sender;
	rig->spec.edt = s->has_txtime ? &wish : NULL;
	rig->spec.edt_by = EDT_BY_TXTIME;
	rig->spec.edt_type = s->type;
	f->stream.spec = &rig->spec;
	rig->c->link.has_inner[END_B] = true;
	take_addresses(&rig->c->link.stack, &f->stream);
	return true;
}

static int make_world(struct rig *rig)
{
	const struct edt_flow_plan flow = { .id = FLOW,
					    .n_seqs = N_PKTS,
					    .hdr_len = rig->c->flows[0].stream.hdr_len };
	const struct edt_plan plan = { .n_places = N_PKTS,
				       .shifts_queue = caps.shifts_skb_queue,
				       .sites = sites,
				       .n_sites = N_SITES,
				       .flows = &flow,
				       .n_flows = 1 };
	struct world *w = &rig->world;
	int err = link_create(&w->link, &rig->c->link, &rig->e);

	w->c = rig->c;
	w->starts = mem_zalloc((rig->c->n_flows + 1) * sizeof(*w->starts));
	if (!err)
		err = edt_open(&w->edt, &w->link, &plan, &rig->e);
	if (!err)
		err = link_enter(&w->link, END_B, &rig->e);
	if (!err)
		err = prog_attach(&w->progs[END_B], &w->link.ends[END_B], &rig->c->ends[END_B],
				  rig->c->mode, &rig->e);
	return err ? err : world_open(w, &rig->e);
}

static bool rig_open(struct rig *rig, const struct setup *s)
{
	int err = rig_plan(rig, s) ? make_world(rig) : -1;

	rig->result = calloc(1, sizeof(*rig->result));
	CHECK(!err && rig->result, "%s", rig->e.text);
	return !err && rig->result;
}

static bool rig_carry(struct rig *rig)
{
	const struct phase *phase = &rig->c->groups[0].phases[0];
	int err;

	memset(rig->result, 0, sizeof(*rig->result));
	rig->start_ns = clock_of(rig->setup->type);
	err = traffic_run(&rig->world, phase, clock_ns() + DEADLINE_NS, &opts, rig->result,
			  &rig->e);
	rig->end_ns = clock_of(rig->setup->type);
	CHECK(!err, "%s", rig->e.text);
	return !err;
}

static void rig_close(struct rig *rig)
{
	world_destroy(&rig->world);
	free(rig->result);
	planned_release(&rig->planned);
}

/* ---- as if AF_XDP had sent them ---- */

static void check_whole(const struct rig *rig)
{
	const struct case_result *r = rig->result;
	const char *name = rig->setup->stream;

	CHECK(!r->send_err, "%s: %s", name, r->send_e.text);
	CHECK(!r->verdicts.n, "%s: %s of packet %llu, byte %u", name,
	      verdict_names[r->verdicts.v[0].kind], (unsigned long long)r->verdicts.v[0].pkt,
	      r->verdicts.v[0].byte);
	CHECK_EQ(N_PKTS, r->tx.n_pkts);
	CHECK_EQ(N_PKTS, r->rx.n_pkts);
	for (int site = 0; site < N_SITES; site++)
		for (uint32_t i = 0; i < N_PKTS && !test_state.is_failed; i++)
			CHECK(rig->world.edt.records[site][i].n == 1,
			      "%s: packet %u comes by %s %u times", name, i, site_names[site],
			      rig->world.edt.records[site][i].n);
}

/* ---- times that sockets say ---- */

#define FRAMES "len 200"
#define UDP4 "len 200; headers eth, ipv4, udp"
#define UDP6 "len 200; headers eth, ipv6, udp"
#define TCP4 "headers eth, ipv4, tcp"
#define TCP6 "headers eth, ipv6, tcp"

static const struct setup timed[] = {
	{ SENDER_PACKET, FRAMES, false, EDT_MONO, MODE_SKB },
	{ SENDER_PACKET, FRAMES, true, EDT_MONO, MODE_DRV },
	{ SENDER_PACKET, UDP4, true, EDT_MONO, MODE_SKB },
	{ SENDER_PACKET, UDP4, true, EDT_TAI, MODE_SKB },
	{ SENDER_PACKET, UDP4, true, EDT_UNSPEC, MODE_SKB },
	{ SENDER_PACKET, UDP6, true, EDT_MONO, MODE_SKB },
	{ SENDER_PACKET, UDP6, true, EDT_TAI, MODE_SKB },
	{ SENDER_PACKET, UDP6, true, EDT_UNSPEC, MODE_DRV },
	{ SENDER_UDP, UDP4, false, EDT_MONO, MODE_SKB },
	{ SENDER_UDP, UDP4, true, EDT_MONO, MODE_SKB },
	{ SENDER_UDP, UDP4, true, EDT_TAI, MODE_SKB },
	{ SENDER_UDP, UDP4, true, EDT_UNSPEC, MODE_SKB },
	{ SENDER_UDP, UDP6, true, EDT_MONO, MODE_SKB },
	{ SENDER_UDP, UDP6, true, EDT_TAI, MODE_SKB },
	{ SENDER_UDP, UDP6, true, EDT_UNSPEC, MODE_DRV },
	/* Every field that a socket lets one choose. */
	{ SENDER_UDP,
	  "len random(46..1514); headers eth, ipv4(src 198.51.100.7, dst 10.1.2.3, ttl 7, tos 0xb9), "
	  "udp(sport 4242, dport 65535)",
	  true, EDT_MONO, MODE_DRV },
	{ SENDER_UDP,
	  "len random(66..1514); headers eth, ipv6(src fd00::7, dst 2001:db8:1::9, hlim 1, tclass "
	  "0xb9), udp(sport 1, dport 53)",
	  true, EDT_TAI, MODE_SKB },
};

/* Of a real time nothing is left behind the first crossing; other clocks go all the way. */
static bool has_time(const struct setup *s, int site)
{
	return s->has_txtime && (s->type != EDT_UNSPEC || site == A_EGRESS);
}

static int type_at(const struct setup *s, int site)
{
	if (!has_time(s, site) || s->type == EDT_UNSPEC)
		return EDT_CLOCK_REALTIME;
	return s->type == EDT_TAI ? EDT_CLOCK_TAI : EDT_CLOCK_MONOTONIC;
}

static void check_site(const struct rig *rig, int site)
{
	const struct edt_record *records = rig->world.edt.records[site];
	uint64_t now_ns = rig->world.edt.records[A_EGRESS][0].tstamp - AHEAD_NS;
	const struct setup *s = rig->setup;

	for (uint32_t i = 0; i < N_PKTS && !test_state.is_failed; i++) {
		uint64_t expect = has_time(s, site) ? now_ns + AHEAD_NS + i * STEP_NS : 0;

		CHECK(records[i].tstamp == expect && records[i].tstamp_type == type_at(s, site),
		      "%s %s, %s: packet %u at %s: time %llu, type %u", sender_names[s->sender],
		      s->has_txtime ? edt_type_names[s->type] : "no time", s->stream, i,
		      site_names[site], (unsigned long long)records[i].tstamp,
		      records[i].tstamp_type);
	}
	CHECK(!s->has_txtime || (now_ns >= rig->start_ns && now_ns <= rig->end_ns),
	      "%s: 'now' is the start by the clock of the type", edt_type_names[s->type]);
}

/* Neither device has sent a frame that is not the stream's. */
static void check_silence(const struct rig *rig)
{
	struct edt_counts counts;

	edt_count(&rig->world.edt, &counts);
	CHECK_EQ(0, counts.n_strangers);
	CHECK_EQ(0, counts.n_beyond);
}

static void test_txtime(void)
{
	for (size_t k = 0; k < sizeof(timed) / sizeof(timed[0]); k++) {
		struct rig rig;

		if (rig_open(&rig, &timed[k]) && rig_carry(&rig)) {
			check_whole(&rig);
			check_silence(&rig);
			for (int site = 0; site < N_SITES; site++)
				check_site(&rig, site);
		}
		rig_close(&rig);
	}
}

/* ---- pace ---- */

/* Of 300 packets 3000 each second: 299 gaps of 1/3 ms. */
static void test_pace(void)
{
	static const struct setup s = { SENDER_UDP, "pace 3000pps; " UDP4, false, EDT_MONO,
					MODE_SKB };
	struct rig rig;

	if (rig_open(&rig, &s) && rig_carry(&rig)) {
		check_whole(&rig);
		CHECK(rig.result->tx.ns >= 99000000, "%lld ns", (long long)rig.result->tx.ns);
	}
	rig_close(&rig);
}

/* TCP sends its first segments without one (tcp_update_skb_after_send()). */
#define N_UNPACED 10
#define GAP_NS 1000000

static const struct setup paced[] = {
	{ SENDER_TCP, "pace 1000pps; len 1200; " TCP4, false, EDT_MONO, MODE_SKB },
	{ SENDER_TCP, "pace 1000pps; len 1514; " TCP6, false, EDT_MONO, MODE_DRV },
	{ SENDER_TCP, "pace 1000pps; len 60; " TCP4, false, EDT_MONO, MODE_SKB },
};

/* At once or paced: every segment has a time of CLOCK_MONOTONIC, the same all the way. */
static void check_tcp_times(const struct rig *rig)
{
	struct edt_record *const *records = rig->world.edt.records;

	for (uint32_t i = 0; i < N_PKTS && !test_state.is_failed; i++) {
		const struct edt_record *a = &records[A_EGRESS][i];

		CHECK(a->tstamp >= rig->start_ns && a->tstamp <= a->now_ns,
		      "packet %u: not in the future, %lld ns", i,
		      (long long)(a->tstamp - a->now_ns));
		CHECK(!i || a->tstamp >= a[-1].tstamp, "packet %u before the one before", i);
		for (int site = 0; site < N_SITES; site++)
			CHECK(records[site][i].tstamp == a->tstamp &&
				      records[site][i].tstamp_type == EDT_CLOCK_MONOTONIC,
			      "packet %u at %s", i, site_names[site]);
	}
}

/* One that was late lets the next one come earlier, by half a gap at most. */
static void check_gaps(const struct rig *rig)
{
	const struct edt_record *a = rig->world.edt.records[A_EGRESS];

	for (uint32_t i = N_UNPACED; i < N_PKTS && !test_state.is_failed; i++)
		CHECK(a[i].tstamp - a[i - 1].tstamp >= GAP_NS / 2, "packet %u: %lld ns", i,
		      (long long)(a[i].tstamp - a[i - 1].tstamp));
	CHECK(a[N_PKTS - 1].tstamp - a[N_UNPACED - 1].tstamp >=
		      (N_PKTS - N_UNPACED - 1) * (uint64_t)GAP_NS,
	      "%lld ns in all", (long long)(a[N_PKTS - 1].tstamp - a[N_UNPACED - 1].tstamp));
}

static void test_tcp_pace(void)
{
	for (size_t k = 0; k < sizeof(paced) / sizeof(paced[0]); k++) {
		struct rig rig;

		if (rig_open(&rig, &paced[k]) && rig_carry(&rig)) {
			check_whole(&rig);
			check_tcp_times(&rig);
			check_gaps(&rig);
		}
		rig_close(&rig);
	}
}

/* As fast as it goes, packets of any length, and again on the same link: nothing is left over. */
static const struct setup fast[] = {
	{ SENDER_TCP, "len random(58..1514); " TCP4, false, EDT_MONO, MODE_DRV },
	{ SENDER_TCP, "len random(78..1514); " TCP6, false, EDT_MONO, MODE_SKB },
};

static void test_tcp_rounds(void)
{
	for (size_t k = 0; k < sizeof(fast) / sizeof(fast[0]); k++) {
		struct rig rig;

		if (!rig_open(&rig, &fast[k]))
			return;
		for (int round = 0; round < 5 && rig_carry(&rig); round++) {
			check_whole(&rig);
			check_tcp_times(&rig);
			edt_clear(&rig.world.edt);
		}
		rig_close(&rig);
	}
}

/* ---- what goes wrong ---- */

static const struct setup plain_tcp = { SENDER_TCP, "len 154; " TCP4, false, EDT_MONO, MODE_SKB };
static const struct setup plain_udp = { SENDER_UDP, UDP4, false, EDT_MONO, MODE_SKB };

/* One flow, without the crew that usually runs it. */
static struct traffic alone(struct rig *rig, struct flow_run *run)
{
	*run = (struct flow_run){ .plan = &rig->c->flows[0] };
	return (struct traffic){ .c = rig->c,
				 .world = &rig->world,
				 .flows = run,
				 .n_flows = 1,
				 .deadline_at_ns = clock_ns() + DEADLINE_NS,
				 .opts = &opts };
}

static void test_refused(void)
{
	struct tx_kernel w = {};
	struct flow_run run;
	struct traffic t;
	struct rig rig;

	if (!rig_open(&rig, &plain_tcp))
		return;
	t = alone(&rig, &run);
	CHECK(!tx_kernel_init(&w, &t, 0, &rig.e), "%s", rig.e.text);
	tx_kernel_run(&w);
	CHECK_EQ(ECONNREFUSED, w.send_err);
	CHECK_STR("run: tcp socket of 'a0': connect to 192.0.2.2:9: ECONNREFUSED", w.send_e.text);
	CHECK(run.is_sent, "nobody waits for it");
	tx_kernel_release(&w);
	rig_close(&rig);
}

/* A receiver that stands still is waited for, but not for ever. */
static void test_unsent(void)
{
	struct tx_kernel w = {};
	struct flow_run run;
	struct traffic t;
	struct rig rig;

	if (!rig_open(&rig, &plain_udp))
		return;
	rig.c->flows[0].window_pkts = 10;
	t = alone(&rig, &run);
	CHECK(!tx_kernel_init(&w, &t, 0, &rig.e), "%s", rig.e.text);
	tx_kernel_run(&w);
	CHECK_EQ(1, w.base.verdicts->n);
	CHECK_EQ(VERDICT_UNSENT, w.base.verdicts->v[0].kind);
	CHECK_EQ(10, w.base.verdicts->v[0].pkt);
	CHECK_EQ(N_PKTS - 1, w.base.verdicts->v[0].last);
	CHECK_EQ(10, w.result.n_pkts);
	tx_kernel_release(&w);
	rig_close(&rig);
}

static void test_bind_refused(void)
{
	struct tx_kernel first = {}, second = {};
	struct flow_run run;
	struct traffic t;
	struct rig rig;

	if (!rig_open(&rig, &plain_udp))
		return;
	t = alone(&rig, &run);
	CHECK(!tx_kernel_init(&first, &t, 0, &rig.e), "%s", rig.e.text);
	CHECK(!tx_kernel_init(&second, &t, 0, &rig.e), "the same twice: %s", rig.e.text);
	tx_kernel_release(&second);
	rig.c->flows[0].stream.hdr[14 + 12] = 8; /* of nobody here */
	CHECK_EQ(-EADDRNOTAVAIL, tx_kernel_init(&second, &t, 0, &rig.e));
	CHECK_STR("run: kernel socket: bind to 8.0.2.1:9: EADDRNOTAVAIL", rig.e.text);
	tx_kernel_release(&second);
	tx_kernel_release(&first);
	rig_close(&rig);
}

#define WRONG_PKT 3
#define WRONG_BYTE 100
#define N_WHOLE 5

/* From a: N_WHOLE packets and a half, of which one is wrong; then the connection ends. */
static void send_damaged(struct rig *rig)
{
	const struct stream *s = &rig->c->flows[0].stream;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd;

	CHECK(!link_enter(&rig->world.link, END_A, &rig->e), "%s", rig->e.text);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	to.sin_addr.s_addr = htonl(0xc0000202);
	CHECK(!connect(fd, (struct sockaddr *)&to, sizeof(to)), "connect: %s", errno_name(errno));
	for (uint32_t i = 0; i <= N_WHOLE; i++) {
		size_t len = i < N_WHOLE ? 100 : 50;
		uint8_t frame[154];

		stream_write(s, i, frame, sizeof(frame));
		frame[WRONG_BYTE] ^= i == WRONG_PKT;
		CHECK_EQ(len, send(fd, frame + s->hdr_len, len, 0));
	}
	close(fd);
}

static void test_damaged(void)
{
	struct rx_kernel w = {};
	const struct verdict *v;
	struct flow_run run;
	struct traffic t;
	struct rig rig;

	if (!rig_open(&rig, &plain_tcp))
		return;
	t = alone(&rig, &run);
	CHECK(!rx_kernel_init(&w, &t, 0, &rig.e), "%s", rig.e.text);
	send_damaged(&rig);
	rx_kernel_run(&w);
	v = w.base.verdicts->v;
	CHECK_EQ(2, w.base.verdicts->n);
	CHECK_EQ(VERDICT_PAYLOAD, v[0].kind);
	CHECK_EQ(WRONG_PKT, v[0].pkt);
	CHECK_EQ(WRONG_BYTE, v[0].byte);
	CHECK_EQ(1, v[0].expect ^ v[0].actual);
	CHECK_EQ(0, v[0].frame);
	CHECK_EQ(VERDICT_MISSING, v[1].kind);
	CHECK_EQ(N_WHOLE, v[1].pkt);
	CHECK_EQ(N_PKTS - 1, v[1].last);
	CHECK_STR(": the connection ended with EPIPE", v[1].text);
	rx_kernel_release(&w);
	rig_close(&rig);
}

static void test_caps(void)
{
	struct errmsg e = { "" };

	CHECK(!probe_caps(&caps, &e), "%s", e.text);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_caps);
	RUN(test_txtime);
	RUN(test_pace);
	RUN(test_tcp_pace);
	RUN(test_tcp_rounds);
	RUN(test_refused);
	RUN(test_unsent);
	RUN(test_bind_refused);
	RUN(test_damaged);
	return test_end();
}
