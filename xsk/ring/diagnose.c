// SPDX-License-Identifier: GPL-2.0-only
#include "ring/diagnose.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "base/strbuf.h"
#include "link/dev.h"
#include "link/link.h"
#include "link/owner.h"
#include "ring/sock.h"

/* ---- bind(): EINVAL, in the order of the checks of xsk_bind() in net/xdp/xsk.c ---- */

static const struct {
	uint16_t bit;
	const char *name;
	const char *since;
} flag_names[] = {
	{ XDP_SHARED_UMEM, "XDP_SHARED_UMEM", "4.18" },
	{ XDP_COPY, "XDP_COPY", "4.18" },
	{ XDP_ZEROCOPY, "XDP_ZEROCOPY", "4.18" },
	{ XDP_USE_NEED_WAKEUP, "XDP_USE_NEED_WAKEUP", "5.4" },
	{ XDP_USE_SG, "XDP_USE_SG", "6.6" },
};
#define N_FLAG_NAMES (sizeof(flag_names) / sizeof(flag_names[0]))

void diagnose_format_flags(uint16_t flags, char *out, size_t size)
{
	uint16_t rest = flags;
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < N_FLAG_NAMES && len < size; i++) {
		if (!(flags & flag_names[i].bit))
			continue;
		rest &= (uint16_t)~flag_names[i].bit;
		len += (size_t)snprintf(out + len, size - len, "%s%s", len ? "|" : "",
					flag_names[i].name);
	}
	if ((rest || !len) && len < size)
		snprintf(out + len, size - len, "%s%#x", len ? "|" : "", rest);
}

/*
 * Unknown flags are refused before anything else is looked at, and a device that is not there
 * next: a socket of nobody, bound to no device, tells one from the other.
 */
static bool is_flag_known(uint16_t flag)
{
	struct sockaddr_xdp addr = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = flag,
		.sxdp_ifindex = 0x7fffffff,
	};
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	bool is_known;

	if (fd < 0)
		return true;
	is_known = !bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || errno != EINVAL;
	close(fd);
	return is_known;
}

static bool add_unknown_flag(uint16_t flags, struct strbuf *out)
{
	for (uint16_t bit = 1; bit; bit = (uint16_t)(bit << 1)) {
		const char *name = NULL, *since = NULL;

		if (!(flags & bit) || is_flag_known(bit))
			continue;
		for (size_t i = 0; i < N_FLAG_NAMES; i++)
			if (flag_names[i].bit == bit) {
				name = flag_names[i].name;
				since = flag_names[i].since;
			}
		if (name)
			strbuf_add(out, "this kernel does not know %s, Linux %s does", name, since);
		else
			strbuf_add(out, "this kernel does not know the flag %#x ('bind_flags')",
				   bit);
		return true;
	}
	return false;
}

static bool add_shared(const struct bind_refusal *r, struct strbuf *out)
{
	const uint16_t modes = XDP_COPY | XDP_ZEROCOPY | XDP_USE_NEED_WAKEUP | XDP_USE_SG;
	const struct port_plan *port = r->sock->port->plan;

	if (r->addr->sxdp_flags & modes)
		strbuf_add(
			out,
			"XDP_SHARED_UMEM excludes flags of the mode: the socket has those of the "
			"one it shares the UMEM with (without 'bind_flags')");
	else if (r->sock->plan->has_own_rings && !r->brings_port)
		strbuf_add(out,
			   "it brings a fill and a completion ring of its own, but queue %u of "
			   "this UMEM has them already: a queue has one pair (without "
			   "'own_rings')",
			   r->addr->sxdp_queue_id);
	else if (r->brings_port && !(port->fill_ring && port->completion_ring))
		strbuf_add(out,
			   "the first socket of a UMEM on a queue needs a fill and a completion "
			   "ring ('socket { fill_ring N; completion_ring N }')");
	else
		return false;
	return true;
}

static bool add_rings(const struct bind_refusal *r, struct strbuf *out)
{
	const struct socket_plan *plan = r->sock->plan;
	const struct port_plan *port = r->sock->port->plan;

	if (!r->sock->rx_map && !r->sock->tx_map)
		strbuf_add(out,
			   "the socket has neither an Rx nor a Tx ring ('socket { rx_ring N }' or "
			   "'socket { tx_ring N }')");
	else if (r->addr->sxdp_flags & XDP_SHARED_UMEM)
		return add_shared(r, out);
	else if (!port->fill_ring || !port->completion_ring)
		strbuf_add(out,
			   "the UMEM has no %s ring: it needs both, whatever the socket does "
			   "('socket { %s_ring N }')",
			   port->fill_ring ? "completion" : "fill",
			   port->fill_ring ? "completion" : "fill");
	else if (r->addr->sxdp_flags & XDP_COPY && r->addr->sxdp_flags & XDP_ZEROCOPY)
		strbuf_add(out, "XDP_COPY and XDP_ZEROCOPY exclude each other (%s)",
			   plan->bind_flags ? "'bind_flags'" : "a bug");
	else
		return false;
	return true;
}

static bool add_queue(const struct bind_refusal *r, const struct dev_info *dev, struct strbuf *out)
{
	uint32_t queue = r->addr->sxdp_queue_id;

	if (queue < dev_rx_queues(dev) || queue < dev_tx_queues(dev))
		return false;
	strbuf_add(out, "queue %u does not exist: '%s' has %u rx and %u tx queue%s in use", queue,
		   dev->name, dev_rx_queues(dev), dev_tx_queues(dev),
		   dev_tx_queues(dev) == 1 ? "" : "s");
	if (dev->has_channels)
		strbuf_add(out, ", of at most %u",
			   dev->max_channels.combined + dev->max_channels.rx);
	strbuf_add(out, " ('link { queues %u }')", queue + 1);
	return true;
}

/* Kernels of 2026 ask that zero-copy frames hold a whole packet: xp_assign_dev() in net/xdp/xsk_buff_pool.c. */
static bool add_mtu(const struct bind_refusal *r, const struct dev_info *dev, struct strbuf *out)
{
	const struct umem_plan *umem = r->sock->port->umem->plan;
	uint32_t segs =
		dev->has_zc_max_segs && r->addr->sxdp_flags & XDP_USE_SG ? dev->zc_max_segs : 1;
	uint64_t room = umem->frame_size > 256 + umem->headroom ?
				umem->frame_size - 256 - umem->headroom :
				0;

	if (!(r->addr->sxdp_flags & XDP_ZEROCOPY) || dev->mtu + 14ull <= room * segs)
		return false;
	strbuf_add(out,
		   "MTU %u does not fit %u frame%s with %" PRIu64
		   " usable bytes: lower it ('link { mtu "
		   "N }'), or take larger frames ('umem { frame_size N }')",
		   dev->mtu, segs, segs == 1 ? "" : "s", room);
	return true;
}

static void add_einval(const struct bind_refusal *r, const struct dev_info *dev, struct strbuf *out)
{
	if (add_unknown_flag(r->addr->sxdp_flags, out) || add_rings(r, out) ||
	    add_queue(r, dev, out) || add_mtu(r, dev, out))
		return;
	dev_format_driver(dev, out);
	strbuf_add(out, ", MTU %u, %u rx and %u tx queues: none of the causes that are known here",
		   dev->mtu, dev_rx_queues(dev), dev_tx_queues(dev));
}

/* ---- bind(): the other ones ---- */

static void add_ebusy(const struct bind_refusal *r, struct strbuf *out)
{
	uint32_t queue = r->addr->sxdp_queue_id;
	struct owner owner = owner_of_queue(r->end->ifindex, queue);
	char who[64];

	if (!owner.is_known) {
		strbuf_add(out,
			   "no socket is on queue %u of '%s' any more, but after %" PRIu64
			   " ms the kernel "
			   "has not yet released it: teardown hangs, or a memory provider is on "
			   "the queue",
			   queue, r->end->ifname, r->waited_ns / 1000000);
		return;
	}
	owner_format(&owner, who, sizeof(who));
	if (owner.pid == getpid())
		strbuf_add(out,
			   "another socket of this case is on queue %u of '%s': a queue has one "
			   "UMEM ('socket { share_umem }' or 'link { queues N }')",
			   queue, r->end->ifname);
	else
		strbuf_add(out,
			   "%s has a socket%s on queue %u of '%s': end it, or take another queue "
			   "('socket { queue N }')",
			   who, owner.is_mapped ? ", kept by its mapped rings," : "", queue,
			   r->end->ifname);
}

static void add_eopnotsupp(const struct bind_refusal *r, const struct dev_info *dev,
			   struct strbuf *out)
{
	bool has_zerocopy = !dev->has_xdp_features || dev->xdp_features & DEV_XDP_XSK_ZEROCOPY;

	dev_format_driver(dev, out);
	if (!(r->addr->sxdp_flags & XDP_ZEROCOPY))
		return;
	if (!has_zerocopy)
		strbuf_add(out, ", no xsk-zerocopy: copy only ('mode drv' or 'mode skb')");
	else if (r->addr->sxdp_flags & XDP_USE_SG && dev->has_zc_max_segs && dev->zc_max_segs == 1)
		strbuf_add(
			out,
			", zero-copy of 1 segment: no multi-buffer ('socket { multi_buffer off }')");
	else
		strbuf_add(out, ", but it refuses zero-copy on queue %u", r->addr->sxdp_queue_id);
}

/* flat: a line or two for each errno */
static void add_bind_cause(const struct bind_refusal *r, struct strbuf *out)
{
	struct dev_info dev;

	if (dev_read_index(r->end->ifindex, &dev, NULL)) {
		strbuf_add(out, "the device '%s' is gone: somebody removed it", r->end->ifname);
		return;
	}
	switch (r->err) {
	case EINVAL:
		add_einval(r, &dev, out);
		break;
	case EBUSY:
		add_ebusy(r, out);
		break;
	case EOPNOTSUPP:
		add_eopnotsupp(r, &dev, out);
		break;
	case EBADF:
		strbuf_add(out,
			   "the socket that it shares the UMEM with is not bound itself: bind that "
			   "one first (without 'unbound')");
		break;
	case ENETDOWN:
		strbuf_add(out, "'%s' is down: set it up", dev.name);
		break;
	case EPERM:
		strbuf_add(out, "CAP_NET_RAW is missing: run as root");
		break;
	default:
		dev_format_driver(&dev, out);
		break;
	}
}

void diagnose_bind(const struct bind_refusal *r, struct errmsg *e)
{
	struct strbuf text = { 0 };

	add_bind_cause(r, &text);
	errmsg_hint(e, "%s", strbuf_text(&text));
	strbuf_release(&text);
}

/* ---- rings ---- */

void diagnose_ring(uint32_t n, int err, struct errmsg *e)
{
	uint32_t below = 1;

	if (err == ENOMEM)
		errmsg_hint(e, "there is no memory for so large a ring");
	if (err != EINVAL)
		return;
	while (below <= n / 2)
		below *= 2;
	if (n & (n - 1))
		errmsg_hint(e, "the size of a ring is a power of two: %u or %u", below, 2 * below);
	else
		errmsg_hint(e, "the size of a ring is from 1 to what the kernel can allocate");
}

/* ---- send ---- */

static void add_enxio(const struct sock *sock, struct strbuf *out)
{
	if (sock->plan->is_unbound)
		strbuf_add(out, "the socket is bound to no queue (without 'unbound')");
	else
		strbuf_add(
			out,
			"the kernel has unbound the socket: its device was removed meanwhile, or "
			"moved to another namespace");
}

/* flat: a line or two for each errno of xsk_sendmsg() in net/xdp/xsk.c */
static void add_send_cause(const struct sock *sock, const struct dev_info *dev, int err,
			   struct strbuf *out)
{
	switch (err) {
	case ENXIO:
		add_enxio(sock, out);
		break;
	case ENETDOWN:
		strbuf_add(out,
			   dev->is_up ? "'%s' was down, it is up again by now" :
					"'%s' is down: set it up (without 'link { down END }')",
			   dev->name);
		break;
	case ENOBUFS:
		strbuf_add(out, "the socket has no Tx ring ('socket { tx_ring N }')");
		break;
	case EOPNOTSUPP:
		strbuf_add(out,
			   sock->plan->is_blocking ?
				   "AF_XDP sends without waiting only: MSG_DONTWAIT is missing "
				   "(without 'blocking')" :
				   "driver %s does not send from AF_XDP sockets",
			   dev->driver);
		break;
	case EINVAL:
		strbuf_add(
			out,
			sock->port->umem->plan->tx_metadata ?
				"the Tx metadata of a descriptor has a flag that this kernel does "
				"not know, or asks for a checksum beyond the end of the packet" :
				"a descriptor asks for what its UMEM does not have: Tx metadata "
				"(XDP_TX_METADATA) that the UMEM was not registered with");
		break;
	case EMSGSIZE:
		strbuf_add(out, "a packet is larger than the MTU of %u allows ('link { mtu N }')",
			   dev->mtu);
		break;
	default:
		dev_format_driver(dev, out);
		break;
	}
}

void diagnose_send(const struct sock *sock, const struct link_end *end, int err, struct errmsg *e)
{
	struct strbuf text = { 0 };
	struct dev_info dev;

	if (dev_read_index(end->ifindex, &dev, NULL))
		strbuf_add(&text, "the device '%s' is gone: somebody removed it", end->ifname);
	else
		add_send_cause(sock, &dev, err, &text);
	errmsg_hint(e, "%s", strbuf_text(&text));
	strbuf_release(&text);
}
