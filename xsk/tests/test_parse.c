// SPDX-License-Identifier: GPL-2.0-only
/* What the parser makes of the specs in good/: all examples of the language, and more. */
#include <errno.h>

#include "lang/spec.h"
#include "tests/parsed.h"
#include "tests/test.h"

static const char *dir;

/* The first test of good/NAME.spec; its file has to be without a mistake. */
static const struct test *parse_good(struct parsed *p, const char *name)
{
	static const struct test none;
	char path[300];
	size_t len;

	snprintf(path, sizeof(path), "%s/good/%s.spec", dir, name);
	*p = (struct parsed){ .text = test_read_file(path, &len) };
	CHECK(p->text, "%s cannot be read", path);
	parse_text(p, path, p->text, len);
	for (size_t i = 0; i < p->ds.n; i++)
		CHECK(!p->ds.n, "%s:%u:%u: %s", path, p->ds.v[i].pos.line, p->ds.v[i].pos.col,
		      p->ds.v[i].text);
	return p->spec.n_tests ? &p->spec.tests[0] : &none;
}

/* Value of an expression for packet i, everything else 0. */
static int64_t value(const struct expr *e, uint64_t i)
{
	static const struct env env;
	enum expr_fault fault = EXPR_OK;
	int64_t v = e ? expr_eval(e, &env, i, &fault) : -4242;

	return fault ? -4343 : v;
}

static int64_t setting_value(const struct setting *s, enum setting_id id)
{
	CHECK_EQ(id, s->kw->setting);
	return value(s->value, 0);
}

static void test_send_receive(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "send_receive");

	CHECK_EQ(1, p.spec.n_tests);
	CHECK_STR("good", p.spec.family);
	CHECK_STR("send_receive", t->name);
	CHECK_STR(NULL, t->about);
	CHECK_EQ(0, t->modes);
	CHECK_EQ(0, t->wakeups);
	CHECK_EQ(1, t->n_streams);
	CHECK_STR("stream", t->streams[0].name);
	CHECK_EQ(4096, value(t->streams[0].set[SET_STREAM_PACKETS], 0));
	CHECK(!t->streams[0].set[SET_STREAM_LEN]);
	CHECK_EQ(1, t->n_steps);
	CHECK_EQ(STEP_SEND, t->steps[0].kind);
	CHECK_EQ(0, t->steps[0].stream);
	CHECK_EQ(END_A, t->steps[0].from.end);
	CHECK_EQ(END_B, t->steps[0].to.end);
	CHECK_EQ(0, t->steps[0].to.socket);
	parsed_release(&p);
}

static void test_tx_invalid(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "tx_invalid");
	const struct expr *len = t->streams[0].set[SET_STREAM_LEN];

	CHECK(t->about && strstr(t->about, "oversized"));
	CHECK_STR("half_bad", t->streams[0].name);
	CHECK_EQ(64, value(len, 0));
	CHECK_EQ(9001, value(len, 1));
	CHECK(expr_reads(len, VAR_I));
	CHECK_EQ(1, t->n_expects);
	CHECK_EQ(EXPECT_COUNTER, t->expects[0].kind);
	CHECK_EQ(END_A, t->expects[0].end);
	CHECK_EQ(-1, t->expects[0].socket);
	CHECK_EQ(COUNTER_TX_INVALID_DESCS, t->expects[0].counter);
	CHECK_EQ(CMP_EQ, t->expects[0].op);
	CHECK_EQ(2048, value(t->expects[0].value, 0));
	CHECK_EQ(10, t->expects[0].pos.line);
	CHECK_EQ(2, t->expects[0].pos.col);
	parsed_release(&p);
}

static void check_mark(const struct packet_spec *packet, enum invalid_mark mark, size_t n_descs)
{
	CHECK(packet->mark == mark && packet->n_descs == n_descs, "line %u", packet->pos.line);
	CHECK(!packet->mark_cond == (mark == MARK_NONE || mark == MARK_INVALID), "line %u",
	      packet->pos.line);
}

static void test_descriptors(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "invalid_descriptors");
	struct env env = {
		.v = { [VAR_FRAME_SIZE] = 1, [VAR_AXIS0] = 2048, [VAR_UMEM_SIZE] = 65536 }
	};
	const struct stream_spec *s = &t->streams[0];

	CHECK_EQ(2, t->n_axes);
	CHECK_STR("frame_size", t->axes[0].name);
	CHECK_EQ(2, t->axes[0].n_values);
	CHECK_EQ(4096, value(t->axes[0].values[1], 0));
	CHECK_STR("4096", t->axes[0].labels[1]);
	CHECK_STR("off", t->axes[1].labels[0]);
	CHECK_EQ(DIM_BOOL, t->axes[1].dim);
	CHECK(t->axes[0].is_used && t->axes[1].is_used);

	CHECK_EQ(2, t->n_settings);
	CHECK_EQ(SET_UMEM_FRAME_SIZE, t->settings[0].kw->setting);
	CHECK(expr_reads(t->settings[0].value, VAR_AXIS0));
	CHECK(!expr_reads(t->settings[0].value, VAR_FRAME_SIZE), "the axis shadows the variable");
	CHECK(expr_reads(t->settings[1].value, VAR_AXIS0 + 1));
	CHECK_EQ(END_MASK_BOTH, t->settings[0].end_mask);

	CHECK(s->is_descriptors && s->n_packets == 10);
	check_mark(&s->packets[0], MARK_NONE, 1);
	check_mark(&s->packets[1], MARK_INVALID, 1);
	CHECK_EQ(-2, value(s->packets[1].descs[0].addr, 0));
	CHECK_EQ(9001, value(s->packets[2].descs[0].len, 0));
	CHECK_EQ(65536 - 64 - 4096, expr_eval(s->packets[3].descs[0].addr, &env, 0, NULL));
	check_mark(&s->packets[6], MARK_INVALID_UNLESS, 1);
	check_mark(&s->packets[7], MARK_INVALID_IF, 1);
	CHECK_EQ(1, expr_eval(s->packets[7].mark_cond, &env, 0, NULL));
	check_mark(&s->packets[8], MARK_INVALID, 2);
	CHECK(!s->packets[8].descs[0].addr && !s->packets[8].descs[0].options);
	CHECK_EQ(3072, value(s->packets[8].descs[0].len, 0));
	CHECK_EQ(0, value(s->packets[8].descs[1].len, 0));
	parsed_release(&p);
}

static void test_drop_half(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "drop_half");

	CHECK_EQ(1, t->n_programs);
	CHECK_EQ(END_B, t->programs[0].end);
	CHECK_EQ(PROGRAM_DROP_EVERY, t->programs[0].id);
	CHECK_EQ(2, value(t->programs[0].arg, 0));
	CHECK_EQ(EXPECT_DELIVER, t->expects[0].kind);
	CHECK_EQ(0, t->expects[0].stream);
	CHECK_EQ(1, value(t->expects[0].value, 4));
	CHECK_EQ(0, value(t->expects[0].value, 5));
	parsed_release(&p);
}

static void test_shared_umem(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "shared_umem");
	const struct step *parallel = &t->steps[0];

	CHECK_EQ(2, setting_value(&t->settings[0], SET_SOCKET_COUNT));
	CHECK_EQ(1, setting_value(&t->settings[1], SET_SOCKET_SHARE_UMEM));
	CHECK_EQ(PROGRAM_STEER_MAC, t->programs[0].id);
	CHECK(!t->programs[0].arg);
	CHECK_EQ(9, value(t->streams[1].set[SET_STREAM_SEQ], 4));
	CHECK_EQ(1, t->n_steps);
	CHECK_EQ(STEP_PARALLEL, parallel->kind);
	CHECK_EQ(2, parallel->n_steps);
	CHECK_EQ(1, parallel->steps[1].stream);
	CHECK_EQ(1, parallel->steps[1].from.socket);
	CHECK_EQ(1, parallel->steps[1].to.socket);
	CHECK_EQ(END_B, parallel->steps[1].to.end);
	parsed_release(&p);
}

static void test_small_ones(void)
{
	struct env env = { .v = { [VAR_SENT] = 128 } };
	const struct test *t;
	struct parsed p;

	t = parse_good(&p, "jumbo");
	CHECK_EQ(9000, setting_value(&t->settings[0], SET_LINK_MTU));
	parsed_release(&p);

	t = parse_good(&p, "adjust_tail_shrink");
	CHECK_EQ(-4, value(t->programs[0].arg, 0));
	CHECK_EQ(EXPECT_LEN, t->expects[0].kind);
	CHECK_EQ(124, expr_eval(t->expects[0].value, &env, 0, NULL));
	parsed_release(&p);

	t = parse_good(&p, "teardown");
	CHECK_EQ(STEP_REPEAT, t->steps[0].kind);
	CHECK_EQ(10, value(t->steps[0].count, 0));
	CHECK_EQ(1, t->steps[0].n_steps);
	CHECK_EQ(STEP_SEND, t->steps[0].steps[0].kind);
	parsed_release(&p);

	t = parse_good(&p, "bidirectional");
	CHECK_EQ(2, t->n_steps);
	CHECK_EQ(END_B, t->steps[1].from.end);
	CHECK_EQ(END_A, t->steps[1].to.end);
	CHECK_EQ(t->steps[0].stream, t->steps[1].stream);
	parsed_release(&p);

	t = parse_good(&p, "rx_ring_full");
	CHECK_EQ(1024, setting_value(&t->settings[0], SET_SOCKET_RX_RING));
	CHECK_EQ(1, setting_value(&t->settings[1], SET_SOCKET_HOLD_RX));
	CHECK_EQ(END_MASK_B, t->settings[1].end_mask);
	CHECK_EQ(COUNTER_RX_RING_FULL, t->expects[1].counter);
	parsed_release(&p);

	t = parse_good(&p, "zerocopy_on_veth");
	CHECK_EQ(1 << MODE_ZC, t->modes);
	CHECK(t->is_link_veth && !t->n_steps);
	CHECK_EQ(EXPECT_ERROR, t->expects[0].kind);
	CHECK_EQ(FAIL_BIND, t->expects[0].failing_step);
	CHECK_EQ(EOPNOTSUPP, t->expects[0].err);
	parsed_release(&p);
}

static void check_edt_expects(const struct test *t)
{
	const struct expect_stmt *e = t->expects;

	CHECK_EQ(10, t->n_expects);
	CHECK_EQ(EDT_SEEN_RECEIVED, e[0].edt_seen);
	CHECK(!e[0].is_of_stream && e[1].is_of_stream);
	CHECK(expr_reads(e[1].value, VAR_BEFORE));
	CHECK_STR("u", t->streams[e[2].stream].name);
	CHECK_EQ(EDT_SEEN_NONE, e[2].edt_seen);
	CHECK_EQ(CMP_NE, e[2].op);
	CHECK_EQ(EDT_UNSPEC, e[2].edt_type);
	CHECK_EQ(EDT_SEEN_ANY, e[3].edt_seen);
	CHECK_EQ(EDT_TAI, e[3].edt_type);
	CHECK_EQ(EDT_SEEN_TIME, e[4].edt_seen);
	CHECK_EQ(EDT_UNREAD, e[4].edt_type);
	CHECK_EQ(256 + 9, e[5].edt_type);
	CHECK_EQ(EDT_SEEN_NOTHING, e[6].edt_seen);
	CHECK_STR("a.egress", e[6].site);
	CHECK_EQ(EXPECT_EDT_GAP, e[7].kind);
	CHECK_EQ(0, e[7].percentile);
	CHECK_EQ(999, e[8].percentile);
	CHECK_EQ(EXPECT_ARRIVAL, e[9].kind);
}

static void test_all_of_edt(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "edt");
	struct env env = { .v[VAR_NOW] = 5000000000 };

	CHECK_EQ(EDT_SET_TSTAMP, t->tcs[0].setter);
	CHECK_STR("fwd2.egress", t->tcs[0].site);
	CHECK_EQ(QDISC_ETF, t->qdiscs[0].kind);
	CHECK_EQ(EDT_TAI, t->streams[0].edt_type);
	CHECK_EQ(5001990000, expr_eval(t->streams[0].edt, &env, 10, NULL));
	CHECK_EQ(5001000000, expr_eval(t->streams[0].edt_before, &env, 10, NULL));
	CHECK_EQ(EDT_BY_TXTIME, t->streams[1].edt_by);
	CHECK_EQ(SENDER_UDP, t->streams[1].sender);
	CHECK_EQ(EDT_BY_LAUNCH_TIME, t->streams[2].edt_by);
	CHECK_EQ(SENDER_TCP, t->streams[3].sender);
	check_edt_expects(t);
	parsed_release(&p);
}

static void test_edt(void)
{
	struct env env = { .v = { [VAR_NOW] = 5000000000 } };
	const struct test *t;
	struct parsed p;

	t = parse_good(&p, "edt_kept_across_redirect");
	CHECK(t->is_link_veth);
	CHECK_EQ(2, setting_value(&t->settings[0], SET_LINK_HOPS));
	CHECK_EQ(3, t->streams[0].n_headers);
	CHECK_EQ(5001060000, expr_eval(t->streams[0].edt, &env, 3, NULL));
	CHECK_EQ(EDT_MONO, t->streams[0].edt_type);
	CHECK_EQ(EXPECT_EDT, t->expects[1].kind);
	CHECK_STR("b.ingress", t->expects[1].site);
	CHECK(expr_reads(t->expects[1].value, VAR_SET));
	CHECK_EQ(EDT_MONO, t->expects[1].edt_type);
	parsed_release(&p);

	t = parse_good(&p, "edt_refused");
	CHECK_EQ(0, value(t->streams[0].edt, 0));
	CHECK_EQ(EXPECT_EDT_ERROR, t->expects[0].kind);
	CHECK_EQ(EINVAL, t->expects[0].err);
	CHECK(!t->expects[1].value && t->expects[1].op == CMP_EQ);
	CHECK_EQ(-1, t->expects[1].edt_type);
	parsed_release(&p);

	t = parse_good(&p, "edt_enforced");
	CHECK_EQ(1, t->n_qdiscs);
	CHECK_STR("fwd.egress", t->qdiscs[0].site);
	CHECK_EQ(QDISC_FQ, t->qdiscs[0].kind);
	CHECK_EQ(EXPECT_ARRIVAL, t->expects[0].kind);
	CHECK(!t->expects[0].is_difference && !t->expects[0].percentile);
	CHECK_EQ(CMP_GE, t->expects[0].op);
	CHECK(t->expects[1].is_difference);
	CHECK_EQ(990, t->expects[1].percentile);
	CHECK_EQ(500000, value(t->expects[1].value, 0));
	parsed_release(&p);
}

static void test_faults(void)
{
	const struct test *t;
	struct parsed p;

	t = parse_good(&p, "umem_discarded");
	CHECK_EQ(1, t->n_ats);
	CHECK_EQ(1000, value(t->ats[0].packet, 0));
	CHECK_EQ(END_B, t->ats[0].end);
	CHECK_EQ(ACTION_DISCARD, t->ats[0].actions[0].kind);
	CHECK_EQ(END_B, t->ats[0].actions[0].end);
	CHECK_EQ(16, value(t->ats[0].actions[0].lo, 0));
	CHECK_EQ(31, value(t->ats[0].actions[0].hi, 0));
	CHECK_EQ(EXPECT_INVALIDATED, t->expects[0].kind);
	CHECK_EQ(END_B, t->expects[0].end);
	CHECK_EQ(31, value(t->expects[0].hi, 0));
	parsed_release(&p);

	t = parse_good(&p, "link_flap");
	CHECK_EQ(200000, value(t->streams[0].set[SET_STREAM_PACE], 0));
	CHECK_EQ(-1, t->ats[0].end);
	CHECK_EQ(3, t->ats[0].n_actions);
	CHECK_EQ(ACTION_LINK_DOWN, t->ats[0].actions[0].kind);
	CHECK_EQ(ACTION_WAIT, t->ats[0].actions[1].kind);
	CHECK_EQ(50000000, value(t->ats[0].actions[1].lo, 0));
	CHECK_EQ(ACTION_LINK_UP, t->ats[0].actions[2].kind);
	CHECK_EQ(END_B, t->ats[0].actions[2].end);
	CHECK_EQ(EXPECT_LOST, t->expects[0].kind);
	CHECK_EQ(CMP_LT, t->expects[0].op);
	CHECK_EQ(2000, value(t->expects[0].value, 0));
	CHECK_EQ(DIM_PERCENT, t->expects[0].value->dim);
	CHECK_EQ(EXPECT_LOSS_CONTIGUOUS, t->expects[1].kind);
	parsed_release(&p);
}

static void test_outside(void)
{
	const struct test *t;
	struct parsed p;

	t = parse_good(&p, "replay");
	CHECK_STR("captures/dns.pcap", t->streams[0].pcap_path);
	CHECK_STR("udp port 53", t->streams[0].pcap_filter);
	CHECK_EQ(4, t->streams[0].pcap_pos.line);
	parsed_release(&p);

	t = parse_good(&p, "from_outside");
	CHECK_EQ(STEP_RECEIVE, t->steps[0].kind);
	CHECK_EQ(END_B, t->steps[0].to.end);
	CHECK_EQ(END_A, t->steps[0].from.end);
	CHECK_EQ(FIELD_IPV4_SRC, t->streams[0].headers[1].fields[0].id);
	CHECK_EQ(0xc0000201, value(t->streams[0].headers[1].fields[0].value, 0));
	CHECK_EQ(12, value(t->streams[0].headers[2].fields[0].value, 7));
	CHECK_EQ(EXPECT_ANY_ORDER, t->expects[0].kind);
	parsed_release(&p);

	t = parse_good(&p, "my_filter");
	CHECK_EQ(PROGRAM_FILE, t->programs[0].id);
	CHECK_STR("build/my_filter.o", t->programs[0].file);
	CHECK_STR("xdp.frags", t->programs[0].section);
	CHECK_STR("xsks_map", t->programs[0].map);
	parsed_release(&p);
}

static void test_mistakes(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "mistakes");

	CHECK_EQ(END_MASK_BOTH, t->down_mask);
	CHECK_EQ(2, t->n_occupies);
	CHECK_EQ(END_A, t->occupies[0].end);
	CHECK_EQ(1, value(t->occupies[0].queue, 0));
	CHECK(t->occupies[1].is_program && t->occupies[1].mode == MODE_DRV, "of b");
	CHECK_EQ(FAIL_OPTION, t->expects[0].failing_step);
	CHECK_EQ(PROGRAM_SINGLE_BUFFER, t->programs[0].id);
	parsed_release(&p);
}

/* The settings that good/NAME.spec says, in bits. */
static uint64_t settings_said(const char *name)
{
	struct parsed p;
	uint64_t said = 0;

	parse_good(&p, name);
	for (size_t k = 0; k < p.spec.n_tests; k++) {
		const struct test *t = &p.spec.tests[k];

		for (size_t i = 0; i < t->n_settings; i++)
			said |= 1ull << t->settings[i].kw->setting;
		for (int id = 0; id < N_SETTINGS; id++)
			for (size_t i = 0; i < t->n_streams; i++)
				said |= (uint64_t)(t->streams[i].set[id] != NULL) << id;
	}
	parsed_release(&p);
	return said;
}

static void test_settings(void)
{
	uint64_t said = settings_said("settings") | settings_said("measures") |
			settings_said("mistakes") | settings_said("edt");
	struct parsed p;
	const struct test *t = parse_good(&p, "settings");

	CHECK_EQ(1 << MODE_SKB | 1 << MODE_DRV, t->modes);
	CHECK_EQ(1 << WAKEUP_SOFTIRQ, t->wakeups);
	CHECK_STR("2*1024", t->axes[0].labels[1]);
	for (int id = 0; id < N_SETTINGS; id++)
		CHECK(keyword_of_setting(id)->is_mistake || said >> id & 1, "%s",
		      keyword_of_setting(id)->name);
	CHECK_EQ(10000000000, setting_value(&t->settings[0], SET_TEST_DEADLINE));
	CHECK_EQ(2048, setting_value(&t->settings[1], SET_LINK_MTU));
	CHECK_EQ(END_MASK_B, t->settings[9].end_mask);
	CHECK_EQ(-1, t->settings[9].socket);
	CHECK_EQ(END_MASK_A, t->settings[10].end_mask);
	CHECK_EQ(0, t->settings[10].socket);
	CHECK_EQ(2, t->n_programs);
	CHECK_EQ(END_B, t->programs[1].end);
	CHECK_EQ(1, t->expects[0].socket);
	CHECK_EQ(COUNTER_RX_DROPPED, t->expects[0].counter);
	parsed_release(&p);
}

static const struct field *field_of(const struct stream_spec *s, enum field_id id)
{
	static const struct field none;

	for (size_t h = 0; h < s->n_headers; h++) {
		for (size_t f = 0; f < s->headers[h].n_fields; f++) {
			if (s->headers[h].fields[f].id == id)
				return &s->headers[h].fields[f];
		}
	}
	return &none;
}

static void test_headers(void)
{
	static const uint8_t ip6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct parsed p;
	const struct test *t = parse_good(&p, "headers");
	const struct stream_spec *s = t->streams;

	CHECK_EQ(4, s[0].n_headers);
	CHECK_EQ(HDR_VLAN, s[0].headers[1].kind);
	CHECK(!memcmp(field_of(s, FIELD_ETH_SRC)->addr, "\x02\0\0\0\0\x0a", 6));
	CHECK_EQ(5, value(field_of(s, FIELD_VLAN_ID)->value, 0));
	CHECK_EQ(0xc0000203, value(field_of(s, FIELD_IPV4_SRC)->value, 6));
	CHECK_EQ(53, value(field_of(s, FIELD_UDP_DPORT)->value, 0));
	CHECK_EQ(PAYLOAD_BYTES, s[0].payload);
	CHECK_EQ(6, s[0].n_bytes);
	CHECK(!memcmp(s[0].bytes, "abc\0\"\n", 6));
	CHECK(!memcmp(field_of(s + 1, FIELD_IPV6_SRC)->addr, ip6, 16));
	CHECK_EQ(18, value(field_of(s + 1, FIELD_TCP_FLAGS)->value, 0));
	CHECK_EQ(4, s[1].n_bytes);
	CHECK(!memcmp(s[1].bytes, "\xde\xad\xbe\xef", 4));
	CHECK_EQ(PAYLOAD_RANDOM, s[2].payload);
	CHECK_EQ(PAYLOAD_ZERO, s[3].payload);
	CHECK_EQ(PAYLOAD_SEQUENCE, s[4].payload);
	CHECK_EQ(0, s[3].n_headers);
	parsed_release(&p);
}

static void test_steps(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "steps");
	const struct step *repeat = &t->steps[2];

	CHECK_EQ(4, p.spec.n_tests);
	CHECK_EQ(3, t->n_steps);
	CHECK_EQ(END_B, t->steps[0].from.end);
	CHECK_EQ(END_A, t->steps[0].to.end);
	CHECK_EQ(END_B, t->steps[1].from.end);
	CHECK_EQ(1, t->steps[1].to.socket);
	CHECK_EQ(STEP_REPEAT, repeat->kind);
	CHECK_EQ(2, repeat->n_steps);
	CHECK_EQ(STEP_PARALLEL, repeat->steps[0].kind);
	CHECK_EQ(2, repeat->steps[0].n_steps);
	CHECK_EQ(1, repeat->steps[0].steps[1].stream);
	CHECK_EQ(END_B, repeat->steps[0].steps[1].from.end);
	CHECK_EQ(STEP_SEND, repeat->steps[1].kind);
	CHECK_EQ(2, t->streams[2].n_packets);
	CHECK_EQ(4, value(t->streams[2].packets[1].descs[0].options, 0));
	CHECK_EQ(MARK_INVALID, t->streams[2].packets[1].mark);
	CHECK_STR("later", t->streams[0].name);
	CHECK_EQ(512, value(t->streams[0].set[SET_STREAM_PACKETS], 0));
	CHECK_EQ(END_A, t->ats[0].actions[0].end);
	CHECK_EQ(END_B, t->ats[0].actions[1].end);
	CHECK_EQ(ACTION_ATTACH, t->ats[0].actions[3].kind);
	CHECK_EQ(END_B, t->ats[0].actions[3].end);
	CHECK_EQ(ACTION_REOPEN, t->ats[0].actions[5].kind);
	CHECK_EQ(END_B, t->ats[0].actions[5].end);
	CHECK_EQ(ACTION_LINK_UP, t->ats[0].actions[6].kind);

	t = &p.spec.tests[1];
	CHECK_EQ(END_A, t->steps[0].to.end);
	CHECK_EQ(END_B, t->steps[1].to.end);
	CHECK_EQ(DIM_NONE, t->expects[0].value->dim);

	t = &p.spec.tests[3];
	CHECK_EQ(256 + 7, t->streams[0].edt_type);
	CHECK_STR("fwd2.ingress", t->expects[0].site);
	CHECK_EQ(EDT_UNSPEC, t->expects[0].edt_type);
	CHECK_EQ(999, t->expects[1].percentile);
	CHECK_EQ(500, t->expects[2].percentile);
	CHECK_STR("x.o", t->programs[1].file);
	CHECK_STR(NULL, t->programs[1].map);
	parsed_release(&p);
}

static void test_layout(void)
{
	struct parsed p;
	const struct test *t = parse_good(&p, "layout");

	CHECK_EQ(3, p.spec.n_tests);
	CHECK_EQ(130, value(t->streams[0].set[SET_STREAM_LEN], 0));
	CHECK_EQ(3, t->streams[0].n_headers);
	CHECK_EQ(1 << MODE_SKB, p.spec.tests[1].modes);
	CHECK_EQ(64, value(p.spec.tests[1].streams[0].set[SET_STREAM_LEN], 1));
	CHECK_EQ(END_B, p.spec.tests[2].steps[1].from.end);
	parsed_release(&p);
}

int main(int argc, char **argv)
{
	const char *env = getenv("XSK_TESTS_DIR");

	dir = argc > 1 ? argv[1] : env ? env : "xsk/tests";
	RUN(test_send_receive);
	RUN(test_tx_invalid);
	RUN(test_descriptors);
	RUN(test_drop_half);
	RUN(test_shared_umem);
	RUN(test_small_ones);
	RUN(test_edt);
	RUN(test_all_of_edt);
	RUN(test_faults);
	RUN(test_outside);
	RUN(test_mistakes);
	RUN(test_settings);
	RUN(test_headers);
	RUN(test_steps);
	RUN(test_layout);
	return test_end();
}
