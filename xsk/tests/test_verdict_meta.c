// SPDX-License-Identifier: GPL-2.0-only
/* What a driver says of packets, judged. */
#include <errno.h>
#include <string.h>

#include "run/verdict_meta.h"
#include "tests/planned.h"

/* A packet of the first flow with this metadata: the phrase about it, "" if all is well. */
struct meta_bench {
	struct planned p;
	struct judge j;
};

static void open_text(struct meta_bench *b, const char *text, uint32_t flow)
{
	planned_init(&b->p, text, &caps_assumed);
	CHECK_STR("", planned_diag(&b->p));
	judge_init(&b->j, &b->p.plan.cases[0], &flow, 1);
}

static void open_bench(struct meta_bench *b, const char *headers, const char *expect)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "test t { mode drv\n program b rx_metadata\n stream s { headers %s }\n send s\n"
		 "expect b.%s }",
		 headers, expect);
	open_text(b, text, 0);
}

static const char *judge_meta(struct meta_bench *b, struct rx_meta meta)
{
	static struct verdict v;

	b->j.rx_meta = meta;
	return verdict_rx_meta(&b->j, &b->j.flows[0], b->p.plan.cases[0].measures[0], &v) ? v.text :
											    "";
}

static void close_bench(struct meta_bench *b)
{
	judge_release(&b->j);
	planned_release(&b->p);
}

static void test_hash(void)
{
	struct meta_bench b;

	open_bench(&b, "eth, ipv4, udp", "rx_hash valid");
	CHECK_STR("expect a hash, actual 0", judge_meta(&b, (struct rx_meta){ .hash = 0 }));
	CHECK_STR("", judge_meta(&b, (struct rx_meta){ .hash = 7 }));
	CHECK_STR("", judge_meta(&b, (struct rx_meta){ .hash = 7 }));
	CHECK_STR("expect 0x7, as of the packets before, actual 0x8",
		  judge_meta(&b, (struct rx_meta){ .hash = 8 }));
	CHECK_STR("expect valid, actual EOPNOTSUPP",
		  judge_meta(&b, (struct rx_meta){ .hash = 7, .hash_err = -EOPNOTSUPP }));
	close_bench(&b);
	open_bench(&b, "eth, ipv4, udp(sport i)", "rx_hash valid");
	CHECK_STR("", judge_meta(&b, (struct rx_meta){ .hash = 7 }));
	CHECK_STR("", judge_meta(&b, (struct rx_meta){ .hash = 8 }));
	close_bench(&b);
}

static void test_timestamp(void)
{
	struct meta_bench b;

	open_bench(&b, "eth", "rx_timestamp valid");
	CHECK_STR("expect a time, actual 0", judge_meta(&b, (struct rx_meta){ .timestamp = 0 }));
	CHECK_STR("", judge_meta(&b, (struct rx_meta){ .timestamp = 20 }));
	CHECK_STR("", judge_meta(&b, (struct rx_meta){ .timestamp = 20 }));
	CHECK_STR("expect 20 ns or later, actual 19",
		  judge_meta(&b, (struct rx_meta){ .timestamp = 19 }));
	close_bench(&b);
	open_bench(&b, "eth", "rx_timestamp any");
	CHECK_STR("", judge_meta(&b, (struct rx_meta){ .timestamp = 0 }));
	CHECK_STR("expect any, actual ENODATA",
		  judge_meta(&b, (struct rx_meta){ .timestamp_err = -ENODATA }));
	close_bench(&b);
}

static void test_vlan(void)
{
	struct rx_meta tagged = { .vlan_tci = 0x6005 };
	struct meta_bench b;

	memcpy(&tagged.vlan_proto, "\x81\x00", 2);
	open_bench(&b, "eth, vlan(id 5, prio 3), ipv4, udp", "rx_vlan valid");
	CHECK_STR("", judge_meta(&b, tagged));
	tagged.vlan_tci = 0x6006;
	CHECK_STR("expect TPID 0x8100 TCI 0x6005, actual 0x8100 and 0x6006",
		  judge_meta(&b, tagged));
	close_bench(&b);
	open_bench(&b, "eth", "rx_vlan ENODATA");
	CHECK_STR("", judge_meta(&b, (struct rx_meta){ .vlan_err = -ENODATA }));
	CHECK_STR("expect ENODATA, actual no error", judge_meta(&b, tagged));
	close_bench(&b);
}

/* The tag of each packet is its own. */
static void test_vlan_of_each_packet(void)
{
	struct rx_meta tagged = { .vlan_tci = 0x0203 };
	struct meta_bench b;

	memcpy(&tagged.vlan_proto, "\x88\xa8", 2);
	open_bench(&b, "eth, vlan(id 512 + i, tpid 0x88a8), vlan(id i), ipv4, udp(dport i)",
		   "rx_vlan valid");
	b.j.pkt = 3;
	CHECK_STR("", judge_meta(&b, tagged));
	b.j.pkt = 4;
	CHECK_STR("expect TPID 0x88a8 TCI 0x204, actual 0x88a8 and 0x203", judge_meta(&b, tagged));
	close_bench(&b);
}

/* What is said of one socket is said of no other. */
static void test_of_one_socket(void)
{
	static const char text[] =
		"test t { mode drv\n program b rx_metadata\n socket { count 2 }\n stream s { }\n"
		"send s from a[0] to b[0]\n send s from a[1] to b[1]\n expect b[1].rx_hash valid }";
	static const char *const expect[] = { "", "expect valid, actual EOPNOTSUPP" };

	for (uint32_t flow = 0; flow < 2; flow++) {
		struct meta_bench b;

		open_text(&b, text, flow);
		CHECK_STR(expect[flow],
			  judge_meta(&b, (struct rx_meta){ .hash_err = -EOPNOTSUPP }));
		close_bench(&b);
	}
}

/* One verdict for each field, with the packet that it is about. */
static void test_judged(void)
{
	struct meta_bench b;
	uint8_t frame[64];

	open_bench(&b, "eth", "rx_timestamp valid");
	b.j.has_meta = true;
	for (uint32_t i = 0; i < 3; i++) {
		b.j.meta = i;
		b.j.rx_meta = (struct rx_meta){ .timestamp = i == 1 ? 0 : 100 + i };
		stream_write(&b.j.flows[0].plan->stream, i, frame, sizeof(frame));
		judge_packet(&b.j, &(struct iovec){ frame, sizeof(frame) }, 1);
	}
	CHECK_EQ(1, b.j.verdicts->n);
	CHECK_STR("rx-metadata", verdict_names[b.j.verdicts->v[0].kind]);
	CHECK_EQ(1, b.j.verdicts->v[0].pkt);
	CHECK_EQ(RX_META_TIMESTAMP, b.j.verdicts->v[0].counter);
	CHECK_EQ(5, b.j.verdicts->v[0].pos.line); /* of the expect, not of the send */
	close_bench(&b);
}

int main(void)
{
	RUN(test_hash);
	RUN(test_timestamp);
	RUN(test_vlan);
	RUN(test_vlan_of_each_packet);
	RUN(test_of_one_socket);
	RUN(test_judged);
	return test_end();
}
