// SPDX-License-Identifier: GPL-2.0-only
#include "link/spares.h"

static int make(struct spares *s)
{
	static const struct end_plan redirect = { .program = PROGRAM_REDIRECT };
	static const struct link_plan pair = { .mtu = 1500, .n_queues = 1 };
	struct link *link = &s->link[s->n / 2];
	enum end end = s->n % 2 ? END_B : END_A;
	int err = end == END_A ? link_create(link, &pair, NULL) : 0;

	if (!err)
		err = link_enter(link, end, NULL);
	if (!err)
		err = prog_attach(&s->v[s->n].prog, &link->ends[end], &redirect, MODE_SKB, NULL);
	link_leave(link);
	return err;
}

const struct prog *spares_take(struct spares *s, const void *user)
{
	struct spare *spare = NULL;

	for (size_t k = 0; k < s->n && !spare; k++)
		if (!s->v[k].user)
			spare = &s->v[k];
	if (!spare && s->n < s->n_at_most) {
		if (make(s))
			s->n_at_most = s->n; /* it would fail again */
		else
			spare = &s->v[s->n++];
	}
	if (!spare)
		return NULL;
	spare->user = user;
	return &spare->prog;
}

void spares_give_back(struct spares *s, const void *user)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->v[k].user == user)
			s->v[k].user = NULL;
}

void spares_release(struct spares *s)
{
	for (size_t k = 0; k < SPARES_MAX; k++)
		prog_detach(&s->v[k].prog);
	for (size_t k = 0; k < SPARES_MAX / 2; k++)
		link_destroy(&s->link[k]);
	*s = (struct spares){ 0 };
}
