// SPDX-License-Identifier: GPL-2.0-only
#include "link/prog_diagnose.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>

#include "base/errmsg.h"
#include "base/strbuf.h"
#include "link/dev.h"
#include "link/link.h"
#include "link/nlconn.h"
#include "link/owner.h"

/* ---- the kernel's own words ---- */

static int put_xdp(struct nl_msg *msg, int fd, uint32_t flags, int expected_fd)
{
	struct nlattr *nest = nla_nest_start(msg, IFLA_XDP);

	if (!nest || nla_put_u32(msg, IFLA_XDP_FD, (uint32_t)fd) ||
	    nla_put_u32(msg, IFLA_XDP_FLAGS, flags) ||
	    (flags & XDP_FLAGS_REPLACE &&
	     nla_put_u32(msg, IFLA_XDP_EXPECTED_FD, (uint32_t)expected_fd)))
		return -ENOMEM;
	return nla_nest_end(msg, nest);
}

static int set_xdp(struct nlconn *nl, int ifindex, int fd, uint32_t flags, int expected_fd)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_SETLINK, 0);
	int err = -ENOMEM;

	if (msg && !nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) &&
	    !put_xdp(msg, fd, flags, expected_fd))
		err = nlconn_tell(nl, msg);
	nlmsg_free(msg);
	return err;
}

/*
 * The same attempt through rtnetlink, whose refusal has words. It never replaces a program
 * that is there (UPDATE_IF_NOEXIST), and should it succeed, since what was in the way is gone
 * meanwhile, it is undone at once: it was too late to be the case's.
 */
static void ask_words(const struct prog_refusal *r, struct nlconn *nl)
{
	uint32_t mode = r->mode == MODE_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	int ifindex = r->end->ifindex;

	if (nlconn_open(nl, NULL))
		return;
	if (!set_xdp(nl, ifindex, r->prog_fd, mode | XDP_FLAGS_UPDATE_IF_NOEXIST, -1))
		set_xdp(nl, ifindex, -1, mode | XDP_FLAGS_REPLACE, r->prog_fd);
}

/* ---- causes: those of dev_xdp_attach() in net/core/dev.c and veth_xdp_set() ---- */

/* "native program 12 is attached, by process 345 (name)" */
static bool add_program(const struct dev_info *dev, enum dev_xdp at, struct strbuf *out)
{
	struct owner owner = owner_of_program(dev->prog_ids[at]);
	char who[64];

	if (!dev->prog_ids[at])
		return false;
	owner_format(&owner, who, sizeof(who));
	strbuf_add(out, "program %u is attached to '%s' in %s mode, kept by %s", dev->prog_ids[at],
		   dev->name, dev_xdp_names[at], who);
	return true;
}

static void add_other_program(const struct prog_refusal *r, const struct dev_info *dev,
			      struct strbuf *out)
{
	enum dev_xdp mine = r->mode == MODE_SKB ? DEV_XDP_SKB : DEV_XDP_DRV;

	if (r->err == EBUSY) {
		if (add_program(dev, mine, out))
			strbuf_add(out, ": end it first");
	} else if (add_program(dev, mine == DEV_XDP_SKB ? DEV_XDP_DRV : DEV_XDP_SKB, out)) {
		strbuf_add(out,
			   ", and native and generic XDP exclude each other: end it, or run "
			   "in that mode ('mode %s')",
			   mine == DEV_XDP_SKB ? "drv" : "skb");
	}
}

static void add_queues(const struct dev_info *dev, const struct dev_info *peer, struct strbuf *out)
{
	if (peer->name[0])
		strbuf_add(out,
			   "'%s' has %u rx queues and its peer '%s' %u tx queues: native XDP needs "
			   "one for each ('link { rx_queues %u }')",
			   dev->name, dev_rx_queues(dev), peer->name, dev_tx_queues(peer),
			   dev_tx_queues(peer));
	else
		strbuf_add(out, "driver %s has no queues left for it: '%s' has %u rx and %u tx",
			   dev->driver, dev->name, dev_rx_queues(dev), dev_tx_queues(dev));
}

static void add_mtu(const struct prog_refusal *r, const struct dev_info *dev,
		    const struct dev_info *peer, struct strbuf *out)
{
	strbuf_add(out, "'%s' has MTU %u", dev->name, dev->mtu);
	if (peer->name[0])
		strbuf_add(out, ", its peer '%s' %u", peer->name, peer->mtu);
	strbuf_add(out, ": too large for native XDP%s: lower it ('link { mtu N }')",
		   r->buffers != PROG_MULTI_BUFFER ? " in single buffers" : "");
	if (r->buffers == PROG_SINGLE_BUFFER)
		strbuf_add(out, " or take a program for fragments ('program redirect')");
	if (r->buffers == PROG_OWN_SINGLE_BUFFER)
		strbuf_add(out, " or compile the program for fragments (SEC(\"xdp.frags\"))");
}

static void add_cause(const struct prog_refusal *r, const struct dev_info *dev, struct strbuf *out)
{
	struct dev_info peer = { 0 };

	dev_read_peer(dev, &peer);
	switch (r->err) {
	case EBUSY:
	case EEXIST:
		add_other_program(r, dev, out);
		break;
	case EOPNOTSUPP:
		dev_format_driver(dev, out);
		strbuf_add(out, ", no native XDP: use generic ('mode skb')");
		break;
	case ENOSPC:
		add_queues(dev, &peer, out);
		break;
	case ERANGE:
		add_mtu(r, dev, &peer, out);
		break;
	case EPERM:
		strbuf_add(out, "CAP_NET_ADMIN or CAP_BPF is missing: run as root");
		break;
	default:
		dev_format_driver(dev, out);
		strbuf_add(out, ", MTU %u, %u rx and %u tx queues", dev->mtu, dev_rx_queues(dev),
			   dev_tx_queues(dev));
		break;
	}
}

void prog_diagnose(const struct prog_refusal *r, struct errmsg *e)
{
	struct strbuf text = { 0 };
	struct nlconn nl = { 0 };
	struct dev_info dev;

	if (dev_read_index(r->end->ifindex, &dev, NULL)) {
		errmsg_hint(e, "the device '%s' is gone: somebody removed it", r->end->ifname);
		return;
	}
	ask_words(r, &nl);
	add_cause(r, &dev, &text);
	if (nl.why[0])
		strbuf_add(&text, "%skernel: \"%s\"", text.len ? "; " : "", nl.why);
	if (text.len)
		errmsg_hint(e, "%s", strbuf_text(&text));
	nlconn_close(&nl);
	strbuf_release(&text);
}
