// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "plan/planner.h"

/*
 * Reasons to skip, each a capability that is not there: of this kernel or of
 * this version of xskspec. A statement whose machinery is missing must never
 * look as if it had been tested.
 */

static bool expects(const struct test *t, enum expect_kind kind)
{
	for (size_t k = 0; k < t->n_expects; k++)
		if (t->expects[k].kind == kind)
			return true;
	return false;
}

static bool has_receive(const struct step *steps, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (steps[k].kind == STEP_RECEIVE || has_receive(steps[k].steps, steps[k].n_steps))
			return true;
	return false;
}

/* Whoever expects EOPNOTSUPP wants to see that it is not there. */
static bool expects_rx_vlan(const struct test *t)
{
	for (size_t k = 0; k < t->n_expects; k++)
		if (t->expects[k].kind == EXPECT_RX_META && t->expects[k].rx_meta == RX_META_VLAN &&
		    t->expects[k].err != EOPNOTSUPP)
			return true;
	return false;
}

static bool has_pcap(const struct test *t)
{
	for (size_t k = 0; k < t->n_streams; k++)
		if (t->streams[k].pcap_path)
			return true;
	return false;
}

static bool has_program(const struct test *t, enum program_id id)
{
	for (size_t k = 0; k < t->n_programs; k++)
		if (t->programs[k].id == id)
			return true;
	return false;
}

static bool has_setting(const struct test *t, enum setting_id id)
{
	for (size_t k = 0; k < t->n_settings; k++)
		if (t->settings[k].kw->setting == (int)id)
			return true;
	return false;
}

/* Before, what is set by SO_TXTIME has no type, and NONE with a time is refused. */
static bool has_edt_clock(const struct test *t)
{
	const struct tc_stmt *tc = find_setter(t);
	bool is_set_tstamp = tc && tc->setter == EDT_SET_TSTAMP;

	for (size_t k = 0; k < t->n_streams; k++)
		if (t->streams[k].edt &&
		    (t->streams[k].edt_type == EDT_TAI || t->streams[k].edt_by == EDT_BY_TXTIME ||
		     (t->streams[k].edt_type == EDT_UNSPEC && is_set_tstamp)))
			return true;
	return false;
}

static bool has_launch_time(const struct test *t)
{
	for (size_t k = 0; k < t->n_streams; k++)
		if (t->streams[k].edt && t->streams[k].edt_by == EDT_BY_LAUNCH_TIME)
			return true;
	return false;
}

static bool has_tx_metadata(const struct test *t)
{
	for (size_t k = 0; k < t->n_streams; k++)
		if (t->streams[k].set[SET_STREAM_CSUM_OFFLOAD] ||
		    t->streams[k].set[SET_STREAM_TX_TIMESTAMP])
			return true;
	return has_launch_time(t);
}

/* Faults that this version can inject. */
static bool can_do(enum action_kind kind)
{
	return kind == ACTION_LINK_DOWN || kind == ACTION_LINK_UP || kind == ACTION_WAIT ||
	       kind == ACTION_DETACH || kind == ACTION_ATTACH;
}

/* What the language can say and this version cannot do. */
static const char *missing_here(struct planner *pl)
{
	const struct test *t = pl->test;

	if (expects(t, EXPECT_INVALIDATED))
		return "needs a watch over UMEMs (invalidated), which this version of xskspec does not "
		       "have";
	for (size_t k = 0; k < t->n_ats; k++)
		for (size_t a = 0; a < t->ats[k].n_actions; a++)
			if (!can_do(t->ats[k].actions[a].kind))
				return "needs faults of frames and sockets (discard, unmap, close, reopen), "
				       "which this version of xskspec cannot inject";
	if (has_pcap(t))
		return "needs captures as streams (from pcap), which this version of xskspec cannot read";
	if (expects(t, EXPECT_ANY_ORDER))
		return "needs packets in any order (any_order), which this version of xskspec cannot "
		       "judge";
	if (has_receive(t->steps, t->n_steps))
		return "needs a sender from outside (receive), which this version of xskspec cannot judge";
	return NULL;
}

const char *plan_skip_reason(struct planner *pl)
{
	const struct test *t = pl->test;
	const char *reason = missing_here(pl);

	if (reason)
		return reason;
	if (pl->c->mode == MODE_ZC && !(pl->c->expect_error && pl->test->is_link_veth))
		return "needs zero-copy, which veth does not have";
	if (has_program(t, PROGRAM_RX_METADATA) && pl->c->mode == MODE_SKB)
		return "needs a program that is bound to its device, which generic XDP does not take";
	if (has_program(t, PROGRAM_RX_METADATA) && !pl->caps->has_rx_metadata)
		return "needs programs that are bound to a device (BPF_F_XDP_DEV_BOUND_ONLY), which this "
		       "kernel or its driver does not have";
	if (!pl->caps->has_rx_vlan && expects_rx_vlan(t))
		return "needs VLAN tags of received packets (bpf_xdp_metadata_rx_vlan_tag()), which this "
		       "kernel or its driver does not have";
	if (planner_has_setting(pl, SET_LINK_NIC_RING, END_A, -1))
		return "needs a NIC whose rings can be set (ethtool -G): veth has none";
	if (pl->c->wakeup == WAKEUP_BUSY_POLL && !pl->caps->has_busy_poll)
		return "needs busy polling (SO_PREFER_BUSY_POLL), which this kernel does not have";
	if (!pl->caps->has_tx_budget && has_setting(t, SET_SOCKET_TX_BUDGET))
		return "needs XDP_MAX_TX_SKB_BUDGET, which this kernel does not have";
	if (!pl->caps->has_tx_metadata && has_tx_metadata(t))
		return "needs Tx metadata (XDP_UMEM_TX_METADATA_LEN), which this kernel does not have";
	if (!pl->caps->has_launch_time && has_launch_time(t))
		return "needs a launch time in Tx metadata (XDP_TXMD_FLAGS_LAUNCH_TIME), which this "
		       "kernel does not have";
	if (!pl->caps->has_edt_clocks && has_edt_clock(t))
		return "needs clocks as types of delivery times (CLOCK_TAI, CLOCK_REALTIME), which this "
		       "kernel does not have";
	for (size_t k = 0; k < t->n_qdiscs; k++)
		if (!pl->caps->has_qdisc[t->qdiscs[k].kind])
			return arena_printf(&pl->plan->arena,
					    "needs the qdisc %s, which this kernel does not have",
					    qdisc_names[t->qdiscs[k].kind]);
	if (!pl->caps->has_sw_csum && has_setting(t, SET_UMEM_SW_CSUM))
		return "needs XDP_UMEM_TX_SW_CSUM, which this kernel does not have";
	if (!pl->caps->has_hugepages && (planner_setting(pl, SET_UMEM_HUGEPAGES, END_A, -1, NULL) ||
					 planner_setting(pl, SET_UMEM_HUGEPAGES, END_B, -1, NULL)))
		return "needs hugepages, which this machine does not have";
	return NULL;
}
