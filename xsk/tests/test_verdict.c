// SPDX-License-Identifier: GPL-2.0-only
/* The judge of received packets: each kind of damage has to get its own name, packet and byte. */
#include "run/verdict_rx.h"

#include "base/strbuf.h"
#include "tests/planned.h"

static uint8_t frame[STREAM_MAX_LEN];

/* One planned case and the judge of its first flow. */
struct bench {
	struct planned p;
	struct judge j;
};

static void bench_init(struct bench *b, const char *text)
{
	const uint32_t flow = 0;

	planned_init(&b->p, text, &caps_assumed);
	CHECK_STR("", planned_diag(&b->p));
	judge_init(&b->j, &b->p.plan.cases[0], &flow, 1);
}

static void bench_release(struct bench *b)
{
	judge_release(&b->j);
	planned_release(&b->p);
}

static const struct stream *stream_of(const struct bench *b)
{
	return &b->j.flows[0].plan->stream;
}

/* Hands packet i to the judge with one byte changed (-1: none), in fragments of frag bytes. */
static void deliver_odd(struct bench *b, uint64_t i, int byte, uint32_t frag)
{
	uint32_t len = stream_len(stream_of(b), i), n = 0;
	struct iovec iov[64];

	stream_write(stream_of(b), i, frame, len);
	if (byte >= 0)
		frame[byte] ^= 0x10;
	for (uint32_t at = 0; at < len; at += frag)
		iov[n++] = (struct iovec){ frame + at, len - at < frag ? len - at : frag };
	judge_packet(&b->j, iov, n);
}

static void deliver(struct bench *b, uint64_t i)
{
	deliver_odd(b, i, -1, STREAM_MAX_LEN);
}

static const struct verdict *only_verdict(const struct bench *b)
{
	static const struct verdict none = { .kind = N_VERDICTS };

	CHECK_EQ(1, b->j.verdicts->n);
	return b->j.verdicts->n == 1 ? &b->j.verdicts->v[0] : &none;
}

static void test_offset(void)
{
	const struct verdict *v;
	struct bench b;

	bench_init(&b, "test t { send stream { packets 3 } }");
	b.j.due_offset = b.j.offset = 256;
	deliver(&b, 0);
	b.j.offset = 258;
	deliver(&b, 1);
	b.j.offset = 256;
	deliver(&b, 2);
	v = only_verdict(&b);
	CHECK_STR("rx-offset", verdict_names[v->kind]);
	CHECK_EQ(1, v->pkt);
	CHECK_EQ(256, v->expect);
	CHECK_EQ(258, v->actual);
	bench_release(&b);
}

/* One wrong number is one verdict: what follows counts on from it. */
static void test_metadata(void)
{
	static const uint32_t metas[] = { 0, 1, 7, 8, 9 };
	const struct verdict *v;
	struct bench b;

	bench_init(&b, "test t { program b metadata\n send stream { packets 5 } }");
	b.j.has_meta = true;
	for (uint32_t i = 0; i < 5; i++) {
		b.j.meta = metas[i];
		deliver(&b, i);
	}
	v = only_verdict(&b);
	CHECK_STR("metadata", verdict_names[v->kind]);
	CHECK_EQ(2, v->pkt);
	CHECK_EQ(2, v->expect);
	CHECK_EQ(7, v->actual);
	CHECK_EQ(10, b.j.due_meta);
	bench_release(&b);
}

static void test_unless_refused(void)
{
	struct bench b;

	bench_init(&b,
		   "test t { program b adjust_tail 4\n stream s { packets 3; len 64 }\n send s\n"
		   "expect len == sent + 4 unless refused }");
	deliver(&b, 0); /* as sent */
	CHECK_EQ(1, b.j.flows[0].n_unchanged);
	stream_write(stream_of(&b), 1, frame, 64);
	memset(frame + 64, 0, 4);
	judge_packet(&b.j, &(struct iovec){ frame, 68 }, 1);
	CHECK_EQ(1, b.j.flows[0].n_unchanged);
	CHECK_EQ(0, b.j.verdicts->n);
	deliver_odd(&b, 2, 40, STREAM_MAX_LEN); /* neither */
	CHECK_EQ(1, b.j.verdicts->n);
	bench_release(&b);
}

/* What the sender leaves to its kernel is due complete where that completes it, else as it was left. */
static void test_csum_offload(void)
{
	static const char spec[] = "test t { %s stream s { packets 1; len 90; csum_offload\n"
				   "headers eth, ipv4, udp }\n send s }";
	char text[200];
	struct bench b;

	for (int is_completed = 0; is_completed < 2; is_completed++) {
		struct stream full;

		snprintf(text, sizeof(text), spec, is_completed ? "umem a { sw_csum }\n" : "");
		bench_init(&b, text);
		full = *stream_of(&b);
		full.leaves_csum = false;
		if (is_completed) {
			stream_write(&full, 0, frame, 90);
			judge_packet(&b.j, &(struct iovec){ frame, 90 }, 1);
		} else {
			deliver(&b, 0);
		}
		CHECK_EQ(0, b.j.verdicts->n);
		bench_release(&b);
		bench_init(&b, text);
		stream_write(is_completed ? stream_of(&b) : &full, 0, frame, 90);
		judge_packet(&b.j, &(struct iovec){ frame, 90 }, 1);
		CHECK_STR("header", verdict_names[only_verdict(&b)->kind]);
		CHECK_EQ(40, only_verdict(&b)->byte);
		bench_release(&b);
	}
}

static void test_all_well(void)
{
	struct bench b;

	bench_init(&b, "test t { send stream { packets 5 } }");
	for (uint64_t i = 0; i < 5; i++) {
		CHECK(!judge_is_done(&b.j));
		deliver(&b, i);
	}
	CHECK(judge_is_done(&b.j));
	judge_finish(&b.j);
	CHECK_EQ(0, b.j.verdicts->n);
	CHECK_EQ(5, b.j.n_pkts);
	bench_release(&b);
}

/* No byte of any packet may change without being found, and named. */
static void test_every_byte(void)
{
	for (int byte = 0; byte < 100; byte++) {
		const struct verdict *v;
		struct bench b;

		bench_init(&b,
			   "test t { send stream { packets 3; len 100; headers eth, ipv4, udp } }");
		deliver(&b, 0);
		deliver_odd(&b, 1, byte, STREAM_MAX_LEN);
		deliver(&b, 2);
		judge_finish(&b.j);
		v = only_verdict(&b);
		CHECK_EQ(byte < 42 ? VERDICT_HEADER : VERDICT_PAYLOAD, v->kind);
		CHECK_EQ(1, v->pkt);
		CHECK_EQ(byte, v->byte);
		CHECK_EQ(v->expect ^ 0x10, v->actual);
		CHECK_EQ(0, v->frame);
		bench_release(&b);
	}
}

static void test_fragment(void)
{
	const struct verdict *v;
	struct strbuf sb = {};
	struct bench b;

	bench_init(&b, "test t { link { mtu 9000 }\n send stream { packets 1; len 9000 } }");
	deliver_odd(&b, 0, 3846, 3840);
	v = only_verdict(&b);
	CHECK_EQ(3846, v->byte);
	CHECK_EQ(1, v->frag);
	CHECK_EQ(6, v->frag_byte);
	verdict_format(v, &b.p.plan.cases[0], &sb);
	CHECK_STR("packet 0: payload differs at byte 3846 (fragment 2, byte 6)", strbuf_text(&sb));
	strbuf_release(&sb);
	bench_release(&b);
}

static void test_missing(void)
{
	const struct verdict *v;
	struct bench b;

	bench_init(&b, "test t { send stream { packets 10 } }");
	deliver(&b, 0);
	deliver(&b, 4);
	for (uint64_t i = 5; i < 10; i++)
		deliver(&b, i);
	judge_finish(&b.j);
	v = only_verdict(&b);
	CHECK_EQ(VERDICT_MISSING, v->kind);
	CHECK_EQ(1, v->pkt);
	CHECK_EQ(3, v->last);
	CHECK_EQ(3, v->expect);
	bench_release(&b);
}

/* More gaps than are kept apart: the number of missing packets is right all the same. */
static void test_many_gaps(void)
{
	const struct verdict *v;
	struct bench b;

	bench_init(&b, "test t { send stream { packets 1000 } }");
	for (uint64_t i = 0; i < 1000; i += 2)
		deliver(&b, i);
	judge_finish(&b.j);
	v = only_verdict(&b);
	CHECK_EQ(VERDICT_MISSING, v->kind);
	CHECK_EQ(1, v->pkt);
	CHECK_EQ(500, v->actual);
	bench_release(&b);
}

/* Two flows with the same addresses: what is in a packet tells whose it is. */
static void test_alike_flows(void)
{
	const uint32_t flows[] = { 0, 1 };
	struct planned p;
	struct judge j;

	planned_init(
		&p,
		"test t { stream s { packets 3; headers eth(src 02:00:00:00:00:01), ipv4, udp(dport 1) }\n"
		"stream u { packets 3; headers eth(src 02:00:00:00:00:01), ipv4, udp(dport 2) }\n"
		"parallel { send s\n send u } }",
		&caps_assumed);
	judge_init(&j, &p.plan.cases[0], flows, 2);
	for (uint64_t k = 0; k < 6; k++) {
		struct iovec iov = { frame, 64 };

		stream_write(&j.flows[k % 2].plan->stream, k / 2, frame, 64);
		CHECK(judge_packet(&j, &iov, 1) == &j.flows[k % 2]);
	}
	CHECK(judge_is_done(&j));
	CHECK_EQ(0, j.verdicts->n);
	judge_release(&j);
	planned_release(&p);
}

static void test_missing_at_end(void)
{
	const struct verdict *v;
	struct bench b;

	bench_init(&b, "test t { send stream { packets 10 } }");
	deliver(&b, 0);
	judge_finish(&b.j);
	v = only_verdict(&b);
	CHECK_EQ(VERDICT_MISSING, v->kind);
	CHECK_EQ(1, v->pkt);
	CHECK_EQ(9, v->last);
	bench_release(&b);
}

static void test_swapped(void)
{
	const uint64_t order[] = { 0, 2, 1, 3 };
	const struct verdict *v;
	struct bench b;

	bench_init(&b, "test t { send stream { packets 4 } }");
	for (int k = 0; k < 4; k++)
		deliver(&b, order[k]);
	judge_finish(&b.j);
	v = only_verdict(&b);
	CHECK_EQ(VERDICT_ORDER, v->kind);
	CHECK_EQ(1, v->pkt);
	bench_release(&b);
}

static void check_again(uint64_t again)
{
	const struct verdict *v;
	struct bench b;

	bench_init(&b, "test t { send stream { packets 4 } }");
	for (uint64_t i = 0; i < 4; i++) {
		deliver(&b, i);
		if (i == again)
			deliver(&b, i);
	}
	judge_finish(&b.j);
	v = only_verdict(&b);
	CHECK_EQ(VERDICT_DUPLICATE, v->kind);
	CHECK_EQ(again, v->pkt);
	bench_release(&b);
}

static void test_duplicate(void)
{
	check_again(0);
	check_again(2);
	check_again(3); /* after the last one that was due */
}

static void test_not_due(void)
{
	const struct verdict *v;
	struct bench b;

	bench_init(
		&b,
		"test t { stream s { packets 6 }\n send s\n expect deliver s where i % 2 == 0 }");
	deliver(&b, 0);
	deliver(&b, 1);
	deliver(&b, 2);
	deliver(&b, 4);
	judge_finish(&b.j);
	v = only_verdict(&b);
	CHECK_EQ(VERDICT_NOT_DUE, v->kind);
	CHECK_EQ(1, v->pkt);
	bench_release(&b);
}

static void test_invalid_is_not_due(void)
{
	struct bench b;

	bench_init(&b, "test t { stream s { packets 4; len i % 2 ? 9001 : 64 }\n send s\n"
		       "expect a.tx_invalid_descs == 2 }");
	deliver(&b, 0);
	deliver(&b, 2);
	CHECK(judge_is_done(&b.j));
	judge_finish(&b.j);
	CHECK_EQ(0, b.j.verdicts->n);
	bench_release(&b);
}

static void test_length(void)
{
	const struct verdict *v;
	struct iovec iov = { frame, 60 };
	struct bench b;

	bench_init(&b, "test t { send stream { packets 2 } }");
	stream_write(stream_of(&b), 0, frame, 64);
	judge_packet(&b.j, &iov, 1);
	deliver(&b, 1);
	judge_finish(&b.j);
	v = only_verdict(&b);
	CHECK_EQ(VERDICT_LEN, v->kind);
	CHECK_EQ(0, v->pkt);
	CHECK_EQ(64, v->expect);
	CHECK_EQ(60, v->actual);
	bench_release(&b);
}

static void test_changed_length_that_is_due(void)
{
	struct iovec iov = { frame, 60 };
	struct bench b;

	bench_init(&b, "test t { send stream { packets 1 }\n expect len == sent - 4 }");
	stream_write(stream_of(&b), 0, frame, 64);
	judge_packet(&b.j, &iov, 1);
	judge_finish(&b.j);
	CHECK_EQ(0, b.j.verdicts->n);
	bench_release(&b);
}

static void test_stranger(void)
{
	struct iovec iov = { frame, 90 };
	struct bench b;

	bench_init(&b, "test t { send stream { packets 1 } }");
	memset(frame, 0x33, 90);
	CHECK(!judge_packet(&b.j, &iov, 1));
	deliver(&b, 0);
	judge_finish(&b.j);
	CHECK_EQ(0, b.j.verdicts->n);
	CHECK_EQ(1, b.j.n_strangers);
	CHECK_EQ(90, b.j.stranger_len);
	CHECK_EQ(0x33, b.j.stranger[0]);
	bench_release(&b);
}

/* The first two keep their packets; all the others are counted under them. */
static void test_many(void)
{
	const struct verdict *v;
	struct bench b;

	bench_init(&b, "test t { send stream { packets 100 } }");
	for (uint64_t i = 0; i < 100; i++)
		deliver_odd(&b, i, i % 3 ? -1 : 30, STREAM_MAX_LEN);
	judge_finish(&b.j);
	v = only_verdict(&b);
	CHECK_EQ(0, v->pkt);
	CHECK_EQ(33, v->n_more);
	CHECK_EQ(3, v->more[0]);
	CHECK_EQ(24, v->more[7]);
	bench_release(&b);
}

static void test_counters(void)
{
	uint64_t counters[N_COUNTERS] = { [COUNTER_RX_DROPPED] = 3 };
	struct verdicts *vs = calloc(1, sizeof(*vs));
	struct strbuf sb = {};
	struct bench b;

	bench_init(&b, "test t { send stream { packets 1 }\n expect b.rx_ring_full >= 1 }");
	CHECK(!verdict_counters_settled(&b.p.plan.cases[0], END_B, -1, counters));
	verdict_counters(vs, &b.p.plan.cases[0], END_B, -1, counters);
	CHECK_EQ(2, vs->n);
	verdict_format(&vs->v[0], &b.p.plan.cases[0], &sb);
	CHECK_STR("b.rx_ring_full: expect >= 1, actual 0", strbuf_text(&sb));
	CHECK_EQ(2, vs->v[0].pos.line);
	CHECK_EQ(COUNTER_RX_DROPPED, vs->v[1].counter);
	counters[COUNTER_RX_DROPPED] = 0;
	counters[COUNTER_RX_RING_FULL] = 9;
	CHECK(verdict_counters_settled(&b.p.plan.cases[0], END_B, -1, counters));
	strbuf_release(&sb);
	free(vs);
	bench_release(&b);
}

int main(void)
{
	RUN(test_all_well);
	RUN(test_every_byte);
	RUN(test_fragment);
	RUN(test_missing);
	RUN(test_many_gaps);
	RUN(test_alike_flows);
	RUN(test_missing_at_end);
	RUN(test_swapped);
	RUN(test_duplicate);
	RUN(test_not_due);
	RUN(test_invalid_is_not_due);
	RUN(test_length);
	RUN(test_changed_length_that_is_due);
	RUN(test_stranger);
	RUN(test_many);
	RUN(test_counters);
	RUN(test_offset);
	RUN(test_metadata);
	RUN(test_unless_refused);
	RUN(test_csum_offload);
	return test_end();
}
