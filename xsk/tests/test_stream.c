// SPDX-License-Identifier: GPL-2.0-only
/* The generators: what packet i looks like on the wire. */
#include "plan/stream.h"

#include <arpa/inet.h>

#include "plan/header.h"
#include "tests/planned.h"

static uint8_t frame[STREAM_MAX_LEN], other[STREAM_MAX_LEN];

/* Plans one test that sends one stream with this body; the stream of its first case. */
static const struct stream *stream_of(struct planned *p, const char *body)
{
	char text[1024];

	snprintf(text, sizeof(text), "test t { link { mtu 9000 }\n stream s { %s }\n send s }",
		 body);
	planned_init(p, text, &caps_assumed);
	CHECK_STR("", planned_diag(p));
	return p->plan.n_cases ? &p->plan.cases[0].flows[0].stream : NULL;
}

static void test_defaults(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p, "");

	CHECK_EQ(2048, s->n_pkts);
	CHECK_EQ(64, stream_len(s, 0));
	CHECK_EQ(14, s->hdr_len);
	stream_write(s, 5, frame, 64);
	CHECK(!memcmp(frame + 12, "\x88\xb5", 2));
	/* Word 0 is the number as it is, little endian. */
	CHECK(!memcmp(frame + 14, "\x05\0\0\0", 4));
	planned_release(&p);
}

/* Every byte of the payload depends on number and place: no two packets share a word at any offset. */
static void test_sequence_differs(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p, "len 200");

	stream_write(s, 7, frame, 200);
	for (uint64_t i = 0; i < 300; i++) {
		stream_write(s, i, other, 200);
		for (uint32_t w = 0; w < 46 && i != 7; w++)
			CHECK(memcmp(frame + 14 + 4 * w, other + 14 + 4 * w, 4),
			      "packet %d word %u", (int)i, w);
	}
	planned_release(&p);
}

static void test_any_length(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p, "len 9000");

	/* The vector loop and the tail must agree whatever the length. */
	stream_write(s, 3, frame, 9000);
	for (uint32_t len = 14; len < 700; len++) {
		memset(other, 0xee, len + 8);
		stream_write(s, 3, other, len);
		CHECK(!memcmp(frame, other, len), "len %u", len);
		CHECK(other[len] == 0xee, "len %u writes behind its end", len);
	}
	planned_release(&p);
}

static void check_seq(const char *body, uint64_t i, uint64_t expect)
{
	struct planned p;
	const struct stream *s = stream_of(&p, body);
	uint64_t seq = 0;

	stream_write(s, i, frame, 64);
	CHECK(stream_read_seq(s, frame, 64, &seq));
	CHECK_EQ(expect, seq);
	frame[20] ^= 0x40; /* one damaged word does not change the vote */
	CHECK(stream_read_seq(s, frame, 64, &seq));
	CHECK_EQ(expect, seq);
	memset(frame + 14, 0, 50);
	CHECK(!stream_read_seq(s, frame, 64, &seq));
	planned_release(&p);
}

static void test_read_seq(void)
{
	check_seq("", 9, 9);
	check_seq("packets 100000", 99999, 99999);
	check_seq("seq 2 * i + 1", 9, 19);
	check_seq("seq 4294967290 + i", 9, 4294967299);
	check_seq("seq 1 << 40", 0, 1ull << 40);
}

static uint16_t sum_of(const uint8_t *p, uint32_t len, uint64_t sum)
{
	return csum_fold(csum_add(sum, p, len));
}

/* A checksum is right when the sum over everything, itself included, folds to 0. */
static void check_udp4(const struct stream *s, uint64_t i)
{
	uint32_t len = stream_len(s, i), be[2];

	stream_write(s, i, frame, len);
	be[0] = htonl(len - 34);
	be[1] = htonl(17);
	CHECK_EQ(0, sum_of(frame + 14, 20, 0));
	CHECK_EQ(len - 14, frame[16] << 8 | frame[17]);
	CHECK_EQ(len - 34, frame[38] << 8 | frame[39]);
	CHECK_EQ(0, sum_of(frame + 34, len - 34, csum_add(csum_add(0, be, 8), frame + 26, 8)));
}

static void test_ipv4_udp(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p,
					   "len 60 + i; headers eth, ipv4(src 192.0.2.1 + i % 4), "
					   "udp(sport 9 + i, dport i % 2 ? 53 : 80)");

	for (uint64_t i = 0; i < 300; i++)
		check_udp4(s, i);
	stream_write(s, 3, frame, 100);
	CHECK(!memcmp(frame + 12, "\x08\0", 2));
	CHECK(!memcmp(frame + 26, "\xc0\0\2\4", 4));
	CHECK(!memcmp(frame + 34, "\0\x0c\0\x35", 4));
	planned_release(&p);
}

static void check_over_ip6(const char *header, uint8_t proto, uint32_t csum_hdr_len)
{
	struct planned p;
	char body[128];
	const struct stream *s;
	uint32_t be[2] = { htonl(100 - 54), htonl(proto) };

	snprintf(body, sizeof(body), "len 100; headers eth, ipv6, %s", header);
	s = stream_of(&p, body);
	CHECK_EQ(54 + csum_hdr_len, s->hdr_len);
	stream_write(s, 1, frame, 100);
	CHECK_EQ(proto, frame[20]);
	CHECK_EQ(100 - 54, frame[18] << 8 | frame[19]);
	CHECK_EQ(0, sum_of(frame + 54, 100 - 54, csum_add(csum_add(0, be, 8), frame + 22, 32)));
	planned_release(&p);
}

static void test_ipv6(void)
{
	check_over_ip6("udp", 17, 8);
	check_over_ip6("tcp", 6, 20);
	check_over_ip6("icmp", 58, 8);
}

static void test_ipv4_icmp(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p, "len 98; headers eth, ipv4, icmp(seq i)");

	stream_write(s, 2, frame, 98);
	CHECK_EQ(1, frame[23]);
	CHECK_EQ(8, frame[34]);
	CHECK_EQ(0, sum_of(frame + 34, 98 - 34, 0));
	planned_release(&p);
}

static void test_vlan(void)
{
	struct planned p;
	const struct stream *s =
		stream_of(&p, "len 100; headers eth, vlan(id 5, prio 3), vlan(id i), ipv4");

	stream_write(s, 7, frame, 100);
	CHECK(!memcmp(frame + 12, "\x81\0\x60\5\x81\0\0\7\x08\0\x45", 11));
	planned_release(&p);
	s = stream_of(&p, "len 100; headers eth, vlan(id 9)");
	stream_write(s, 0, frame, 100);
	CHECK(!memcmp(frame + 12, "\x81\0\0\x09\x88\xb5", 6));
	planned_release(&p);
}

static void test_author_overrides(void)
{
	struct planned p;
	const struct stream *s =
		stream_of(&p, "len 100; headers eth(src 02:00:00:00:00:01, type 0x1234), "
			      "ipv4(proto 99), udp(csum 0)");

	stream_write(s, 0, frame, 100);
	CHECK(!memcmp(frame + 6, "\2\0\0\0\0\1\x12\x34", 8));
	CHECK_EQ(99, frame[23]);
	CHECK(!memcmp(frame + 40, "\0\0", 2));
	planned_release(&p);
}

static void test_lengths(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p, "len sweep(60..62)");

	CHECK_EQ(60, stream_len(s, 0));
	CHECK_EQ(62, stream_len(s, 2));
	CHECK_EQ(60, stream_len(s, 3));
	planned_release(&p);
	s = stream_of(&p, "len random(64..1518)");
	for (uint64_t i = 0; i < 2000; i++)
		CHECK(stream_len(s, i) >= 64 && stream_len(s, i) <= 1518);
	CHECK_EQ(stream_len(s, 1000), stream_len(s, 1000));
	planned_release(&p);
}

static void test_payloads(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p, "len 30; payload text \"abc\"");

	stream_write(s, 0, frame, 30);
	CHECK(!memcmp(frame + 14, "abcabcabcabcabca", 16));
	planned_release(&p);
	s = stream_of(&p, "len 30; payload zero");
	stream_write(s, 0, frame, 30);
	CHECK(!memcmp(frame + 14, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16));
	planned_release(&p);
	s = stream_of(&p, "len 30; payload random");
	stream_write(s, 0, frame, 30);
	stream_write(s, 1, other, 30);
	CHECK(memcmp(frame + 14, other + 14, 16));
	planned_release(&p);
}

static void test_fragments(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p, "len 9000");
	const uint64_t bases[3] = { 40960, 0, 8192 };
	struct desc d[3];

	CHECK_EQ(3, stream_n_descs(s, 0));
	stream_descs(s, 0, bases, d);
	CHECK_EQ(40960, d[0].addr);
	CHECK_EQ(4096, d[0].len);
	CHECK_EQ(DESC_CONTD, d[1].options);
	CHECK_EQ(8192, d[2].addr);
	CHECK_EQ(9000 - 8192, d[2].len);
	CHECK_EQ(0, d[2].options);
	planned_release(&p);
}

static void test_owns(void)
{
	struct planned p;
	const struct stream *s = stream_of(&p, "");

	stream_write(s, 0, frame, 64);
	for (int byte = 0; byte < 64; byte++) {
		frame[byte] ^= 0xff; /* damage in a single place does not make it a stranger */
		CHECK(stream_owns(s, frame, 64), "byte %d", byte);
		frame[byte] ^= 0xff;
	}
	memset(frame, 0x33, 14);
	CHECK(!stream_owns(s, frame, 64));
	CHECK(!stream_owns(s, frame, 13));
	planned_release(&p);
}

int main(void)
{
	RUN(test_defaults);
	RUN(test_sequence_differs);
	RUN(test_any_length);
	RUN(test_read_seq);
	RUN(test_ipv4_udp);
	RUN(test_ipv6);
	RUN(test_ipv4_icmp);
	RUN(test_vlan);
	RUN(test_author_overrides);
	RUN(test_lengths);
	RUN(test_payloads);
	RUN(test_fragments);
	RUN(test_owns);
	return test_end();
}
