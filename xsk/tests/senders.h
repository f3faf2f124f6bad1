/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_TESTS_SENDERS_H
#define XSK_TESTS_SENDERS_H

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/edt.h"
#include "link/probe.h"
#include "run/result.h"
#include "run/traffic.h"
#include "run/world.h"
#include "tests/planned.h"

/* A stream that a kernel socket sends from a to b over two hops, with checkpoints all the way. */

#define FLOW 1u
#define N_PKTS 300u
#define DEADLINE_NS 20000000000ull
#define STEP_NS 7
#define AHEAD_NS 1000000000 /* more than a test takes: no time of receiving is like it */

enum { A_EGRESS, FWD_INGRESS, FWD_EGRESS, B_INGRESS, N_SITES };
static const struct edt_site sites[N_SITES] = {
	[A_EGRESS] = { .node = 0, .is_egress = true },
	[FWD_INGRESS] = { .node = 1 },
	[FWD_EGRESS] = { .node = 1, .is_egress = true },
	[B_INGRESS] = { .node = 2 },
};
__attribute__((unused)) static const char *const site_names[N_SITES] = {
	[A_EGRESS] = "a.egress",
	[FWD_INGRESS] = "fwd.ingress",
	[FWD_EGRESS] = "fwd.egress",
	[B_INGRESS] = "b.ingress",
};

static const struct traffic_options opts = { .scrutiny = SCRUTINY_EVERY_BYTE };
static struct caps caps;

#define FRAMES "len 200"
#define UDP4 "len 200; headers eth, ipv4, udp"
#define UDP6 "len 200; headers eth, ipv6, udp"
#define TCP4 "headers eth, ipv4, tcp"
#define TCP6 "headers eth, ipv6, tcp"

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
	struct world world;
	struct case_result *result;
	/* Of the traffic, by each clock that may have been asked. */
	uint64_t start_ns[N_EDT_TYPES], end_ns[N_EDT_TYPES];
	struct errmsg e;
};

static struct case_plan *find_case(const struct plan *plan, enum mode mode)
{
	for (size_t k = 0; k < plan->n_cases; k++)
		if (plan->cases[k].mode == mode && plan->cases[k].wakeup == WAKEUP_SOFTIRQ)
			return &plan->cases[k];
	return NULL;
}

/* By the clock of each type of times. */
static void read_clocks(uint64_t ns[N_EDT_TYPES])
{
	static const clockid_t clocks[N_EDT_TYPES] = {
		[EDT_MONO] = CLOCK_MONOTONIC, [EDT_TAI] = CLOCK_TAI
	};

	for (int type = 0; type < N_EDT_TYPES; type++) {
		struct timespec ts;

		clock_gettime(clocks[type], &ts);
		ns[type] = (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
	}
}

static void write_text(struct rig *rig, const struct setup *s)
{
	char edt[80] = "";

	if (s->has_txtime)
		snprintf(edt, sizeof(edt), "edt now + %dns + i * %dns type %s by txtime; ",
			 AHEAD_NS, STEP_NS, edt_type_names[s->type]);
	snprintf(rig->text, sizeof(rig->text),
		 "test t {\n"
		 "link veth { hops 2 }\n"
		 "stream s { packets %u; sender %s; %s%s }\n"
		 "send s\n"
		 "%s%s\n"
		 "}\n",
		 N_PKTS, sender_names[s->sender], edt, s->stream,
		 s->has_txtime ? "expect edt at a.egress == set, type " :
				 "expect edt at b.ingress type ",
		 edt_type_names[s->has_txtime ? s->type : EDT_UNREAD]);
}

/* With checkpoints everywhere, whatever the test expects. */
static bool rig_plan(struct rig *rig, const struct setup *s)
{
	*rig = (struct rig){ .setup = s };
	write_text(rig, s);
	planned_init(&rig->planned, rig->text, &caps);
	CHECK(!rig->planned.diags.n, "%s: %s", rig->text, planned_diag(&rig->planned));
	rig->c = find_case(&rig->planned.plan, s->mode);
	if (!rig->c)
		return false;
	CHECK(!rig->c->skip, "%s", rig->c->skip);
	rig->c->link.has_inner[END_B] = true;
	rig->c->edt.sites = sites;
	rig->c->edt.n_sites = N_SITES;
	rig->c->edt.n_places = N_PKTS;
	return true;
}

static int make_world(struct rig *rig)
{
	static const struct prog *const loaded[N_ENDS];
	int err = world_create(&rig->world, rig->c, loaded, &rig->e);

	return err ? err : world_open(&rig->world, &rig->e);
}

__attribute__((unused)) static bool rig_open(struct rig *rig, const struct setup *s)
{
	int err = rig_plan(rig, s) ? make_world(rig) : -1;

	rig->result = calloc(1, sizeof(*rig->result));
	CHECK(!err && rig->result, "%s", rig->e.text);
	return !err && rig->result;
}

__attribute__((unused)) static bool rig_carry(struct rig *rig)
{
	const struct phase *phase = &rig->c->groups[0].phases[0];
	int err;

	memset(rig->result, 0, sizeof(*rig->result));
	read_clocks(rig->start_ns);
	err = traffic_run(&rig->world, phase, clock_ns() + DEADLINE_NS, &opts, rig->result,
			  &rig->e);
	read_clocks(rig->end_ns);
	CHECK(!err, "%s", rig->e.text);
	return !err;
}

__attribute__((unused)) static void rig_close(struct rig *rig)
{
	world_destroy(&rig->world);
	free(rig->result);
	planned_release(&rig->planned);
}

__attribute__((unused)) static void test_caps(void)
{
	struct errmsg e = { "" };

	CHECK(!probe_caps(&caps, &e), "%s", e.text);
}

#endif
