// SPDX-License-Identifier: GPL-2.0-only
#include "link/sabotage.h"

#include <bpf/libbpf.h>
#include <errno.h>

#include "base/errmsg.h"
#include "bpf/sabotage.h"
#include "bpf/sabotage.skel.h"
#include "link/heard.h"
#include "plan/header.h"

_Static_assert(SABOTAGE_MAX_LEN == PLAN_MAX_HELD, "the plan refuses longer ones");

static const uint32_t kinds[N_SABOTAGES] = {
	[SABOTAGE_DROP] = SABOTEUR_DROP,	   [SABOTAGE_FLIP] = SABOTEUR_FLIP,
	[SABOTAGE_TRUNCATE] = SABOTEUR_RESIZE,	   [SABOTAGE_EXTEND] = SABOTEUR_RESIZE,
	[SABOTAGE_RENUMBER] = SABOTEUR_RENUMBER,   [SABOTAGE_DELAY] = SABOTEUR_DELAY,
	[SABOTAGE_DUPLICATE] = SABOTEUR_DUPLICATE, [SABOTAGE_CSUM] = SABOTEUR_FLIP,
	[SABOTAGE_EDT_SHIFT] = SABOTEUR_EDT_SHIFT, [SABOTAGE_EDT_CLEAR] = SABOTEUR_EDT_CLEAR,
	[SABOTAGE_EDT_PACE] = SABOTEUR_EDT_PACE,
};

/* The byte of the frame that holds the low half of the checksum. */
static uint64_t csum_byte(const struct stream *s)
{
	uint16_t start, offset;

	return header_csum_place(s, &start, &offset) ? (uint64_t)start + offset + 1 : 0;
}

void sabotage_configure(struct sabotage_config *config, const struct link *link,
			const struct case_plan *c, const struct sabotage_plan *plan)
{
	const struct flow_plan *f = &c->flows[plan->flow];

	*config = (struct sabotage_config){
		.kind = kinds[plan->kind],
		.flow = f->id,
		.first = (uint32_t)plan->packet,
		.n = 1,
		.arg = (uint64_t)plan->arg,
		.mask = 1u << plan->bit,
		.out = (uint32_t)link_port(link, 1, LINK_EGRESS)->ifindex,
	};
	if (plan->kind == SABOTAGE_DROP)
		config->n = (uint32_t)plan->arg;
	if (plan->kind == SABOTAGE_EDT_PACE)
		config->n = UINT32_MAX;
	if (plan->kind == SABOTAGE_TRUNCATE)
		config->arg = 0 - (uint64_t)plan->arg;
	if (plan->kind == SABOTAGE_CSUM)
		config->arg = csum_byte(&f->stream);
}

int sabotage_open(struct sabotage *s, const struct link *link, const struct case_plan *c,
		  struct errmsg *e)
{
	struct heard heard;
	int err;

	*s = (struct sabotage){ 0 };
	heard_begin(&heard);
	s->skel = sabotage_bpf__open_and_load();
	err = s->skel ? 0 : errmsg_set(e, errno, "sabotage: load the program");
	heard_end(&heard, err ? e : NULL);
	if (err)
		return err;
	s->config = &s->skel->bss->config;
	s->n_done = &s->skel->bss->n_done;
	for (size_t k = 0; k < c->n_flows; k++) {
		const struct flow_plan *f = &c->flows[k];

		if (f->from_end == END_A)
			s->skel->bss->flows[f->id] =
				(struct edt_flow){ .n_seqs = UINT32_MAX,
						   .hdr_len = f->stream.hdr_len };
	}
	sabotage_configure(s->config, link, c, &c->sabotage);
	s->guest = (struct edt_guest){ .at = { .node = 1 },
				       .order = EDT_SABOTAGE,
				       .prog_fd = bpf_program__fd(s->skel->progs.sabotage),
				       .name = "sabotage" };
	return 0;
}

void sabotage_close(struct sabotage *s)
{
	if (s->skel)
		sabotage_bpf__destroy(s->skel);
	*s = (struct sabotage){ 0 };
}
