// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams that kernel sockets send over two hops: they arrive as the generator has them, and
 * what checkpoints see of their delivery times on the way. Needs root.
 */
#include "link/rx_stamps.h"
#include "tests/senders.h"

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

static int type_of(const struct setup *s)
{
	if (s->type == EDT_UNSPEC)
		return EDT_CLOCK_REALTIME;
	return s->type == EDT_TAI ? EDT_CLOCK_TAI : EDT_CLOCK_MONOTONIC;
}

/* The time of receiving a packet, by its clock. */
static bool is_received_then(const struct rig *rig, const struct edt_record *r)
{
	return r->tstamp_type == EDT_CLOCK_REALTIME && r->tstamp >= rig->start_ns[EDT_UNSPEC] &&
	       r->tstamp <= rig->end_ns[EDT_UNSPEC];
}

/* Anybody on this machine may have asked for times of receiving. */
static bool is_none(const struct rig *rig, int site, const struct edt_record *r)
{
	bool is_ingress = site == FWD_INGRESS || site == B_INGRESS;

	return (!r->tstamp && r->tstamp_type == EDT_CLOCK_REALTIME) ||
	       (is_ingress && is_received_then(rig, r));
}

static bool is_as_set(const struct rig *rig, int site, uint32_t i)
{
	uint64_t first = (uint64_t)rig->world.starts[0] + AHEAD_NS;
	const struct edt_record *r = &rig->world.edt.records[site][i];

	if (!has_time(rig->setup, site))
		return is_none(rig, site, r);
	return r->tstamp == first + i * STEP_NS && r->tstamp_type == type_of(rig->setup);
}

static void check_site(const struct rig *rig, int site)
{
	const struct edt_record *records = rig->world.edt.records[site];
	uint64_t now_ns = (uint64_t)rig->world.starts[0];
	const struct setup *s = rig->setup;

	for (uint32_t i = 0; i < N_PKTS && !test_state.is_failed; i++)
		CHECK(is_as_set(rig, site, i), "%s %s, %s: packet %u at %s: time %llu, type %u",
		      sender_names[s->sender], s->has_txtime ? edt_type_names[s->type] : "no time",
		      s->stream, i, site_names[site], (unsigned long long)records[i].tstamp,
		      records[i].tstamp_type);
	CHECK(!s->has_txtime ||
		      (now_ns >= rig->start_ns[s->type] && now_ns <= rig->end_ns[s->type]),
	      "%s: 'now' is the start by the clock of the type", edt_type_names[s->type]);
}

/* Neither device has sent a frame that is not the stream's. */
static void check_silence(const struct rig *rig)
{
	struct edt_counts counts;
	struct errmsg e = { "" };
	uint64_t n;

	edt_count(&rig->world.edt, &counts);
	CHECK_EQ(0, counts.n_strangers);
	CHECK_EQ(0, counts.n_beyond);
	CHECK(!link_rx_packets(&rig->world.link, END_A, &n, &e), "%s", e.text);
	CHECK_EQ(0, n);
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

		CHECK(a->tstamp >= rig->start_ns[EDT_MONO] && a->tstamp <= a->now_ns,
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
			/* Sent is what has arrived. */
			CHECK(rig.result->tx.ns >= (N_PKTS - N_UNPACED - 1) * GAP_NS, "%lld ns",
			      (long long)rig.result->tx.ns);
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

/* ---- times of receiving ---- */

/* Written on each packet that comes into a namespace, gone where it is sent on. */
static void check_received(const struct rig *rig)
{
	struct edt_record *const *records = rig->world.edt.records;

	for (uint32_t i = 0; i < N_PKTS && !test_state.is_failed; i++) {
		CHECK(!records[A_EGRESS][i].tstamp, "packet %u: a.egress", i);
		CHECK(is_received_then(rig, &records[FWD_INGRESS][i]), "packet %u: fwd.ingress", i);
		CHECK(!records[FWD_EGRESS][i].tstamp, "packet %u: fwd.egress", i);
		CHECK(is_received_then(rig, &records[B_INGRESS][i]), "packet %u: b.ingress", i);
		CHECK(records[B_INGRESS][i].tstamp >= records[FWD_INGRESS][i].tstamp,
		      "packet %u: b.ingress before fwd.ingress", i);
	}
}

/* A delivery time stays in its place. */
static const struct setup stamped[] = {
	{ SENDER_UDP, UDP4, false, EDT_UNSPEC, MODE_SKB },
	{ SENDER_PACKET, UDP6, false, EDT_UNSPEC, MODE_DRV },
	{ SENDER_UDP, UDP6, true, EDT_MONO, MODE_SKB },
	{ SENDER_UDP, UDP4, true, EDT_TAI, MODE_SKB },
};

static void test_rx_stamps(void)
{
	for (size_t k = 0; k < sizeof(stamped) / sizeof(stamped[0]); k++) {
		struct rx_stamps stamps = {};
		struct rig rig;

		if (rig_open(&rig, &stamped[k])) {
			CHECK(!rx_stamps_on(&stamps, &rig.world.link, &rig.e), "%s", rig.e.text);
			if (!rig_carry(&rig))
				return;
			check_whole(&rig);
			if (!stamped[k].has_txtime)
				check_received(&rig);
			for (int site = 0; site < N_SITES && stamped[k].has_txtime; site++)
				check_site(&rig, site);
			rx_stamps_off(&stamps);
			CHECK_EQ(0, stamps.fd);
		}
		rig_close(&rig);
	}
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
	RUN(test_rx_stamps);
	return test_end();
}
