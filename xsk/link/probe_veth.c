// SPDX-License-Identifier: GPL-2.0-only
/* What 'xskspec probe' shows and no expectation depends on. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/errmsg.h"
#include "link/probe.h"
#include "link/probe_lab.h"

/* ---- the bounds of the Tx budget ---- */

static bool takes_budget(const struct probe_station *s, uint32_t budget)
{
	return !setsockopt(s->sock.fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &budget, sizeof(budget));
}

/* Between one that is taken and one that is not, on either side. */
static uint32_t search_bound(const struct probe_station *s, uint32_t taken, uint32_t refused)
{
	while (taken + 1 < refused || refused + 1 < taken) {
		uint32_t n = taken + refused;

		n /= 2;
		if (takes_budget(s, n))
			taken = n;
		else
			refused = n;
	}
	return taken;
}

static void try_tx_budget(const struct probe_lab *lab, uint32_t default_budget,
			  struct probe_veth *veth)
{
	const struct probe_station *tx = &lab->stations[END_A][PROBE_PLAIN_QUEUE];

	veth->tx_ring = PROBE_RING;
	if (!takes_budget(tx, default_budget))
		return;
	veth->tx_budget_min = search_bound(tx, default_budget, 0);
	veth->tx_budget_max = search_bound(tx, default_budget, 64 * PROBE_RING);
}

/* ---- bind ---- */

static void try_bind(struct probe_lab *lab, size_t spare, uint32_t queue, enum mode mode,
		     char answer[24])
{
	struct probe_station *s = &lab->spares[spare];
	enum sock_step step;
	int err;

	probe_station_plan(s, queue, 2048);
	err = probe_station_open(s, lab, END_B, mode, &step, NULL);
	snprintf(answer, 24, "%s", err ? errno_name(err) : "binds");
}

static void try_binds(struct probe_lab *lab, struct probe_veth *veth)
{
	char answer[24];

	try_bind(lab, 0, PROBE_FREE_QUEUE + 1, MODE_SKB, veth->bind_no_queue);
	try_bind(lab, 1, PROBE_FREE_QUEUE, MODE_ZC, veth->bind_zerocopy);
	try_bind(lab, 2, PROBE_FREE_QUEUE, MODE_SKB, answer);
	veth->binds_small_chunks = answer[0] == 'b';
}

/* ---- all of it ---- */

int probe_try_veth(struct probe_lab *lab, const struct caps *caps, struct probe_veth *veth,
		   struct errmsg *e)
{
	int err;

	*veth = (struct probe_veth){ 0 };
	err = probe_headroom(2048, &veth->headroom_2048, e);
	if (!err)
		err = probe_headroom(4096, &veth->headroom_4096, e);
	if (err)
		return err;
	try_tx_budget(lab, caps->tx_budget, veth);
	try_binds(lab, veth);
	return probe_other_qdiscs(lab, veth, e);
}
