// SPDX-License-Identifier: GPL-2.0-only
#include "run/tx_stamps.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

/* ktime_get_tai_fast_ns() may be a little off while the timekeeper is updated. */
#define SLACK_NS 100000

uint64_t tx_stamps_clock_ns(void)
{
	return clock_ns_of(CLOCK_TAI);
}

/* Without XDP_TXMD_FLAGS_LAUNCH_TIME nobody else reads that field. */
void tx_stamps_ask(struct tx_stamps *ts, struct sock_tx_metadata *metadata)
{
	metadata->request.launch_time = ts->now_ns;
	ts->n_due++;
}

bool tx_stamps_is_wrong(struct tx_stamps *ts, struct sock_tx_metadata *metadata, struct verdict *v)
{
	uint64_t since = metadata->request.launch_time, stamp = metadata->completion.tx_timestamp;

	if (!(metadata->flags & XDP_TXMD_FLAGS_TIMESTAMP))
		return false;
	metadata->flags = 0; /* so that nobody takes it for that of a later packet */
	ts->n_judged++;
	if (stamp + SLACK_NS >= since && stamp <= ts->now_ns + SLACK_NS)
		return false;
	v->kind = VERDICT_TX_STAMP;
	snprintf(v->text, sizeof(v->text),
		 "expect %" PRIu64 "..%" PRIu64 " ns (CLOCK_TAI), actual %" PRIu64, since,
		 ts->now_ns, stamp);
	return true;
}
