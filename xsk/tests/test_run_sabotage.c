// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bit of a packet is flipped on its way, by thousands of draws and at every byte of small packets:
 * each time it has to be found, at that packet and that byte. Needs root.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/probe.h"
#include "run/traffic.h"
#include "run/world.h"
#include "tests/planned.h"
#include "tests/test.h"

#define N_PKTS 24
#define N_DRAWS 400
#define DEADLINE_NS 10000000000ull

static struct caps caps;
static const struct traffic_options opts = { .scrutiny = SCRUTINY_EVERY_BYTE };

struct rig {
	const char *stream;
	struct planned planned;
	struct case_plan *c;
	struct world world;
	struct case_result *result;
	struct errmsg e;
};

static bool rig_open(struct rig *rig, enum mode mode, const char *stream)
{
	static const struct prog *const loaded[N_ENDS];
	char text[500];
	int err;

	*rig = (struct rig){ .stream = stream, .result = calloc(1, sizeof(*rig->result)) };
	snprintf(
		text, sizeof(text),
		"test t { mode %s; wakeup softirq\nlink { hops 2%s }\nstream s { packets %d; %s }\n"
		"sabotage flip 20 at packet 0\nsend s\nexpect verdict header }",
		mode_names[mode], strstr(stream, "9000") ? "; mtu 9000" : "", N_PKTS, stream);
	planned_init(&rig->planned, text, &caps);
	CHECK(!rig->planned.diags.n, "%s: %s", text, planned_diag(&rig->planned));
	if (rig->planned.diags.n)
		return false;
	rig->c = rig->planned.plan.cases;
	err = world_create(&rig->world, rig->c, loaded, &rig->e);
	if (!err)
		err = world_open(&rig->world, &rig->e);
	CHECK(!err, "%s", rig->e.text);
	return !err;
}

static void rig_close(struct rig *rig)
{
	world_destroy(&rig->world);
	planned_release(&rig->planned);
	free(rig->result);
}

static void carry(struct rig *rig)
{
	const struct phase *phase = &rig->c->groups[0].phases[0];
	struct case_result *r = rig->result;

	r->verdicts.n = r->verdicts.n_frames = r->verdicts.n_lost = 0;
	r->rx = (struct rx_result){};
	CHECK(!traffic_run(&rig->world, phase, clock_ns() + DEADLINE_NS, &opts, r, &rig->e), "%s",
	      rig->e.text);
}

/* The only verdict is about that packet and that byte. */
static bool is_found(const struct rig *rig, uint64_t pkt, uint32_t byte)
{
	const struct verdicts *vs = &rig->result->verdicts;
	const struct verdict *v = vs->v;
	uint32_t hdr_len = rig->c->flows[0].stream.hdr_len;

	/* With another address it may be nobody's: then it is missing, and a stranger there. */
	if (byte < 12 && vs->n == 1 && v->kind == VERDICT_MISSING)
		return v->pkt == pkt && v->actual == 1 && rig->result->rx.n_strangers == 1;
	return vs->n == 1 && v->pkt == pkt && v->byte == byte && !v->n_more &&
	       v->kind == (byte < hdr_len ? VERDICT_HEADER : VERDICT_PAYLOAD);
}

static void try_flip(struct rig *rig, uint64_t pkt, uint32_t byte, uint32_t bit)
{
	struct sabotage_plan plan = rig->c->sabotage;
	uint64_t n_done = *rig->world.sabotage.n_done;
	const struct verdicts *vs = &rig->result->verdicts;

	plan.packet = pkt;
	plan.arg = byte;
	plan.bit = bit;
	sabotage_configure(rig->world.sabotage.config, &rig->world.link, rig->c, &plan);
	carry(rig);
	CHECK_EQ(n_done + 1, *rig->world.sabotage.n_done);
	CHECK(is_found(rig, pkt, byte),
	      "%s: packet %llu byte %u bit %u: %u verdicts, the first %s packet %llu byte %u",
	      rig->stream, (unsigned long long)pkt, byte, bit, vs->n,
	      vs->n ? verdict_names[vs->v[0].kind] : "(none)", (unsigned long long)vs->v[0].pkt,
	      vs->v[0].byte);
}

/* As xorshift does; the same draws each time. */
static uint32_t draw(uint64_t *state, uint32_t n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state % n);
}

/* A tag is beside the packet when the saboteur sees it. */
static bool is_in_tag(const struct rig *rig, uint32_t byte)
{
	return strstr(rig->stream, "vlan") && byte >= 12 && byte < 16;
}

static void draw_flips(struct rig *rig, uint64_t *state)
{
	for (int n = 0; n < N_DRAWS && !test_state.is_failed; n++) {
		uint64_t pkt = draw(state, N_PKTS);
		uint32_t byte = draw(state, stream_len(&rig->c->flows[0].stream, pkt));

		if (!is_in_tag(rig, byte))
			try_flip(rig, pkt, byte, draw(state, 8));
	}
}

static void test_random_bytes(void)
{
	static const char *const streams[] = {
		"len random(64..1514); headers eth, ipv4, udp",
		"len random(80..1514); headers eth, ipv6, tcp",
		"len random(72..1518); headers eth, vlan(id 5), ipv4, udp",
		/* Its port is how rig_open() knows that it takes a larger MTU. */
		"len random(60..9000); headers eth, ipv4, udp(dport 9000)",
	};
	uint64_t state = 0x9e3779b97f4a7c15;

	for (enum mode mode = MODE_SKB; mode <= MODE_DRV; mode++)
		for (size_t k = 0; k < 4; k++) {
			struct rig rig;

			if (rig_open(&rig, mode, streams[k]))
				draw_flips(&rig, &state);
			rig_close(&rig);
		}
}

static void test_every_byte(void)
{
	static const char *const streams[] = { "len 60", "len 66; headers eth, ipv4, udp" };

	for (enum mode mode = MODE_SKB; mode <= MODE_DRV; mode++)
		for (size_t k = 0; k < 2; k++) {
			struct rig rig;

			if (rig_open(&rig, mode, streams[k]))
				for (uint32_t byte = 0; byte < (k ? 66 : 60); byte++)
					try_flip(&rig, byte % N_PKTS, byte, byte % 8);
			rig_close(&rig);
		}
}

/* And without a saboteur nothing is found. */
static void test_nothing(void)
{
	struct rig rig;

	if (rig_open(&rig, MODE_DRV, "len 100; headers eth, ipv4, udp")) {
		rig.world.sabotage.config->n = 0;
		for (int n = 0; n < 20; n++) {
			carry(&rig);
			CHECK_EQ(0, rig.result->verdicts.n);
			CHECK_EQ(N_PKTS, rig.result->rx.n_pkts);
		}
	}
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
	RUN(test_nothing);
	RUN(test_every_byte);
	RUN(test_random_bytes);
	return test_end();
}
