/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_TESTS_SEEN_H
#define XSK_TESTS_SEEN_H

#include "base/clock.h"
#include "bpf/edt.h"
#include "bpf/shared.h"

/*
 * What a checkpoint at ingress has noted, without a time of receiving: as soon as anybody on the
 * machine asks for those (SO_TIMESTAMPING), packets in every namespace have one. Tests of delivery
 * times stay away from the present of CLOCK_REALTIME.
 */
static inline struct edt_record seen_at_ingress(const struct edt_record *record)
{
	uint64_t now = clock_ns_of(CLOCK_REALTIME);
	struct edt_record r = *record;

	if ((r.tstamp_type == EDT_CLOCK_REALTIME || r.tstamp_type == EDT_TYPE_UNREAD) &&
	    r.tstamp <= now && r.tstamp + 60000000000ull > now)
		r.tstamp = 0;
	return r;
}

#endif
