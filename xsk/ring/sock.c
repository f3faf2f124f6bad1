// SPDX-License-Identifier: GPL-2.0-only
#include "ring/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/link.h"
#include "link/owner.h"
#include "ring/diagnose.h"
#include "ring/memlock.h"

/* On a loaded machine the release of the socket before can take long: it waits for RCU. */
#define BIND_DEADLINE_NS 10000000000ull
#define BUSY_POLL_US 20

/* How a sentence about a socket begins; takes a struct sock and a struct link_end. */
#define SOCK_FMT "sock: '%s' queue %u: "
#define SOCK_ARGS(sock, end) (end)->ifname, (sock)->plan->queue

/* ---- UMEM ---- */

static int say_umem_refused(const struct sock *sock, const struct link_end *end, int err,
			    struct errmsg *e)
{
	const struct umem_plan *plan = sock->port->umem->plan;

	errmsg_set(e, err,
		   SOCK_FMT "register a UMEM of %" PRIu64 " bytes, chunks of %u, headroom %u%s",
		   SOCK_ARGS(sock, end), plan->size, plan->frame_size, plan->headroom,
		   plan->is_unaligned ? ", unaligned" : "");
	diagnose_umem(sock->port->umem, err, e);
	return -err;
}

static int register_umem(const struct sock *sock, const struct link_end *end, struct errmsg *e)
{
	const struct umem *umem = sock->port->umem;
	const struct umem_plan *plan = umem->plan;
	struct sock_umem_reg reg = {
		.addr = (uintptr_t)umem->mem,
		.len = plan->size,
		.chunk_size = plan->frame_size,
		.headroom = plan->headroom,
		.flags = (plan->is_unaligned ? XDP_UMEM_UNALIGNED_CHUNK_FLAG : 0) |
			 (plan->has_sw_csum ? XDP_UMEM_TX_SW_CSUM : 0) |
			 (plan->tx_metadata ? XDP_UMEM_TX_METADATA_LEN : 0),
		.tx_metadata_len = plan->tx_metadata,
	};
	struct memlock memlock = { 0 };
	int err = 0;

	if (plan->has_memlock)
		err = memlock_lower(&memlock, plan->memlock, e);
	if (!err && setsockopt(sock->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)))
		err = say_umem_refused(sock, end, errno, e);
	memlock_restore(&memlock);
	return err;
}

/* ---- rings ---- */

struct ring_kind {
	const char *name;
	int option;
	uint64_t pgoff;
	size_t entry_size;
};
static const struct ring_kind rx_kind = { "rx", XDP_RX_RING, XDP_PGOFF_RX_RING,
					  sizeof(struct xdp_desc) };
static const struct ring_kind tx_kind = { "tx", XDP_TX_RING, XDP_PGOFF_TX_RING,
					  sizeof(struct xdp_desc) };
static const struct ring_kind fill_kind = { "fill", XDP_UMEM_FILL_RING, XDP_UMEM_PGOFF_FILL_RING,
					    sizeof(uint64_t) };
static const struct ring_kind completion_kind = { "completion", XDP_UMEM_COMPLETION_RING,
						  XDP_UMEM_PGOFF_COMPLETION_RING,
						  sizeof(uint64_t) };

/* Asks for a ring of n entries; what is mapped and how large that is, is the caller's to keep. */
static int make_ring(const struct sock *sock, const struct link_end *end,
		     const struct ring_kind *kind, uint32_t n, struct errmsg *e)
{
	int err;

	if (!setsockopt(sock->fd, SOL_XDP, kind->option, &n, sizeof(n)))
		return 0;
	err = errmsg_set(e, errno, SOCK_FMT "make a %s ring of %u", SOCK_ARGS(sock, end),
			 kind->name, n);
	diagnose_ring(n, -err, e);
	return err;
}

static int map_ring(const struct sock *sock, const struct link_end *end,
		    const struct ring_kind *kind, const struct xdp_ring_offset *off, uint32_t n,
		    void **map, size_t *map_size, struct errmsg *e)
{
	size_t size = off->desc + n * kind->entry_size;
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, sock->fd,
			 (off_t)kind->pgoff);

	if (mem == MAP_FAILED)
		return errmsg_set(e, errno, SOCK_FMT "map the %s ring", SOCK_ARGS(sock, end),
				  kind->name);
	*map = mem;
	*map_size = size;
	return 0;
}

/* The cached counters as libxdp's accessors expect them: cached_cons of a producer is ahead by size. */
static void init_prod(struct xsk_ring_prod *ring, void *map, const struct xdp_ring_offset *off,
		      uint32_t n)
{
	uint8_t *base = map;

	*ring = (struct xsk_ring_prod){
		.mask = n - 1,
		.size = n,
		.producer = (void *)(base + off->producer),
		.consumer = (void *)(base + off->consumer),
		.flags = (void *)(base + off->flags),
		.ring = base + off->desc,
	};
	ring->cached_prod = *ring->producer;
	ring->cached_cons = *ring->consumer + n;
}

static void init_cons(struct xsk_ring_cons *ring, void *map, const struct xdp_ring_offset *off,
		      uint32_t n)
{
	uint8_t *base = map;

	*ring = (struct xsk_ring_cons){
		.mask = n - 1,
		.size = n,
		.producer = (void *)(base + off->producer),
		.consumer = (void *)(base + off->consumer),
		.flags = (void *)(base + off->flags),
		.ring = base + off->desc,
	};
	ring->cached_prod = *ring->producer;
	ring->cached_cons = *ring->consumer;
}

static int setup_rx(struct sock *sock, const struct link_end *end,
		    const struct xdp_mmap_offsets *off, struct errmsg *e)
{
	uint32_t n = sock->plan->rx_ring;
	int err;

	if (!n)
		return 0;
	err = make_ring(sock, end, &rx_kind, n, e);

	if (!err)
		err = map_ring(sock, end, &rx_kind, &off->rx, n, &sock->rx_map, &sock->rx_map_size,
			       e);
	if (!err)
		init_cons(&sock->rx, sock->rx_map, &off->rx, n);
	return err;
}

static int setup_tx(struct sock *sock, const struct link_end *end,
		    const struct xdp_mmap_offsets *off, struct errmsg *e)
{
	uint32_t n = sock->plan->tx_ring;
	int err;

	if (!n)
		return 0;
	err = make_ring(sock, end, &tx_kind, n, e);

	if (!err)
		err = map_ring(sock, end, &tx_kind, &off->tx, n, &sock->tx_map, &sock->tx_map_size,
			       e);
	if (!err)
		init_prod(&sock->tx, sock->tx_map, &off->tx, n);
	return err;
}

static int setup_fill(struct sock *sock, const struct link_end *end,
		      const struct xdp_mmap_offsets *off, struct errmsg *e)
{
	struct port *port = sock->port;
	uint32_t n = port->plan->fill_ring;
	int err;

	if (!n)
		return 0;
	err = make_ring(sock, end, &fill_kind, n, e);
	if (!err)
		err = map_ring(sock, end, &fill_kind, &off->fr, n, &port->fill_map,
			       &port->fill_map_size, e);
	if (!err)
		init_prod(&port->fill, port->fill_map, &off->fr, n);
	return err;
}

static int setup_completion(struct sock *sock, const struct link_end *end,
			    const struct xdp_mmap_offsets *off, struct errmsg *e)
{
	struct port *port = sock->port;
	uint32_t n = port->plan->completion_ring;
	int err;

	if (!n)
		return 0;
	err = make_ring(sock, end, &completion_kind, n, e);
	if (!err)
		err = map_ring(sock, end, &completion_kind, &off->cr, n, &port->completion_map,
			       &port->completion_map_size, e);
	if (!err)
		init_cons(&port->completion, port->completion_map, &off->cr, n);
	return err;
}

/* Rings that the port has already: nobody maps these, they are there to be refused. */
static int make_own_rings(const struct sock *sock, const struct link_end *end, struct errmsg *e)
{
	int err = make_ring(sock, end, &fill_kind, sock->port->plan->fill_ring, e);

	return err ? err :
		     make_ring(sock, end, &completion_kind, sock->port->plan->completion_ring, e);
}

static int setup_rings(struct sock *sock, const struct link_end *end, bool brings_port,
		       struct errmsg *e)
{
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);
	int err = 0;

	if (getsockopt(sock->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len))
		return errmsg_set(e, errno, SOCK_FMT "ask for the rings' layout",
				  SOCK_ARGS(sock, end));
	if (len != sizeof(off))
		return errmsg_set(e, EOPNOTSUPP, SOCK_FMT "rings without flags (before Linux 5.4)",
				  SOCK_ARGS(sock, end));
	if (brings_port) {
		err = setup_fill(sock, end, &off, e);
		if (!err)
			err = setup_completion(sock, end, &off, e);
	} else if (sock->plan->has_own_rings) {
		err = make_own_rings(sock, end, e);
	}
	if (!err && sock->plan->does_rx)
		err = setup_rx(sock, end, &off, e);
	if (!err && sock->plan->does_tx)
		err = setup_tx(sock, end, &off, e);
	return err;
}

/* ---- bind ---- */

/*
 * A socket that shares a UMEM inherits the mode: naming one as well is EINVAL.
 * The descriptor says with whom it shares: a socket of its own queue if that
 * has rings already, else any socket of the UMEM (xsk_bind() in net/xdp/xsk.c).
 */
static struct sockaddr_xdp bind_address(const struct sock *sock, const struct link_end *end,
					enum mode mode, bool brings_port)
{
	const struct socket_plan *plan = sock->plan;
	struct sockaddr_xdp addr = {
		.sxdp_family = AF_XDP,
		.sxdp_ifindex = (uint32_t)end->ifindex,
		.sxdp_queue_id = plan->queue,
	};

	if (sock->port->umem->fd >= 0) {
		addr.sxdp_flags = (uint16_t)(XDP_SHARED_UMEM | plan->bind_flags);
		addr.sxdp_shared_umem_fd =
			(uint32_t)(brings_port ? sock->port->umem->fd : sock->port->fd);
		return addr;
	}
	addr.sxdp_flags = mode == MODE_ZC ? XDP_ZEROCOPY : XDP_COPY;
	if (plan->has_need_wakeup)
		addr.sxdp_flags |= XDP_USE_NEED_WAKEUP;
	if (plan->has_multi_buffer)
		addr.sxdp_flags |= XDP_USE_SG;
	addr.sxdp_flags |= (uint16_t)plan->bind_flags;
	return addr;
}

static int say_bind_failed(const struct bind_refusal *r, struct errmsg *e)
{
	char flags[96];

	diagnose_format_flags(r->addr->sxdp_flags, flags, sizeof(flags));
	errmsg_set(e, r->err, SOCK_FMT "bind with %s", SOCK_ARGS(r->sock, r->end), flags);
	diagnose_bind(r, e);
	return -r->err;
}

/*
 * close() returns before the queue is free again: the pool is taken off it by
 * a work item (xp_release_deferred() in net/xdp/xsk_buff_pool.c). By then no
 * process has the socket any more: one that a process has will not go away by
 * waiting. The look through all processes costs milliseconds, and most
 * teardowns are over sooner: so not at once, and then ever more rarely.
 */
#define FIRST_LOOK_NS 20000000ull

static bool is_taken(const struct link_end *end, uint32_t queue)
{
	struct owner owner = owner_of_queue(end->ifindex, queue);

	return owner.is_known && owner.pid;
}

static int bind_queue(struct sock *sock, const struct link_end *end, enum mode mode,
		      bool brings_port, struct errmsg *e)
{
	struct sockaddr_xdp addr = bind_address(sock, end, mode, brings_port);
	struct bind_refusal r = { sock, end, &addr, brings_port, 0, 0 };
	uint64_t start_ns = clock_ns(), look_ns = FIRST_LOOK_NS;

	while (bind(sock->fd, (struct sockaddr *)&addr, sizeof(addr))) {
		r.err = errno;
		r.waited_ns = clock_ns() - start_ns;
		if (r.err != EBUSY || r.waited_ns > BIND_DEADLINE_NS ||
		    (r.waited_ns > look_ns && is_taken(end, sock->plan->queue)))
			return say_bind_failed(&r, e);
		while (look_ns < r.waited_ns)
			look_ns *= 2;
		sock->bind_retries++;
		poll(NULL, 0, 1);
	}
	sock->bind_wait_ns = sock->bind_retries ? clock_ns() - start_ns : 0;
	return 0;
}

/* ---- options ---- */

static int set_busy_poll(const struct sock *sock, const struct link_end *end, struct errmsg *e)
{
	const struct {
		const char *name;
		int option, value;
	} options[] = {
		{ "SO_PREFER_BUSY_POLL", SO_PREFER_BUSY_POLL, 1 },
		{ "SO_BUSY_POLL", SO_BUSY_POLL, BUSY_POLL_US },
		{ "SO_BUSY_POLL_BUDGET", SO_BUSY_POLL_BUDGET, (int)sock->plan->busy_budget },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (setsockopt(sock->fd, SOL_SOCKET, options[i].option, &options[i].value,
			       sizeof(options[i].value)))
			return errmsg_set(e, errno, SOCK_FMT "set %s to %d", SOCK_ARGS(sock, end),
					  options[i].name, options[i].value);
	return 0;
}

static int set_tx_budget(const struct sock *sock, const struct link_end *end, struct errmsg *e)
{
	uint32_t budget = sock->plan->tx_budget;
	int err;

	if (!setsockopt(sock->fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &budget, sizeof(budget)))
		return 0;
	err = errmsg_set(e, errno, SOCK_FMT "set XDP_MAX_TX_SKB_BUDGET to %u", SOCK_ARGS(sock, end),
			 budget);
	/* xsk_setsockopt() in net/xdp/xsk.c */
	if (err == -EACCES)
		errmsg_hint(e, "the budget is 32 at least and the size of the Tx ring (%u) at most",
			    sock->plan->does_tx ? sock->plan->tx_ring : 0);
	return err;
}

static int read_options(struct sock *sock, const struct link_end *end, struct errmsg *e)
{
	struct xdp_options options;
	socklen_t len = sizeof(options);

	if (getsockopt(sock->fd, SOL_XDP, XDP_OPTIONS, &options, &len))
		return errmsg_set(e, errno, SOCK_FMT "read XDP_OPTIONS", SOCK_ARGS(sock, end));
	sock->options = options.flags;
	sock->is_zerocopy = options.flags & XDP_OPTIONS_ZEROCOPY;
	return 0;
}

/* ---- the whole ---- */

static int open_socket(struct sock *sock, const struct link_end *end, struct errmsg *e)
{
	int err;

	sock->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (sock->fd >= 0)
		return 0;
	err = errmsg_set(e, errno, SOCK_FMT "open", SOCK_ARGS(sock, end));
	if (err == -EAFNOSUPPORT)
		errmsg_hint(e, "this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)");
	if (err == -EPERM)
		errmsg_hint(e, "CAP_NET_RAW is missing");
	return err;
}

/* The port and the UMEM now belong to a socket; the port's descriptor outlives the caller's. */
static int adopt_port(struct sock *sock, bool registers, struct errmsg *e)
{
	struct port *port = sock->port;
	int fd = fcntl(sock->fd, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return errmsg_set(e, errno, "sock: duplicate the descriptor");
	port->fd = fd;
	if (registers)
		port->umem->fd = fd;
	return 0;
}

static int set_up(struct sock *sock, const struct link_end *end, enum mode mode, enum wakeup wakeup,
		  enum sock_step *step, struct errmsg *e)
{
	bool brings_port = sock->port->fd <= 0;
	bool registers = sock->port->umem->fd < 0;
	int err = 0;

	*step = SOCK_STEP_UMEM;
	if (registers)
		err = register_umem(sock, end, e);
	if (err)
		return err;
	*step = SOCK_STEP_RINGS;
	err = setup_rings(sock, end, brings_port, e);
	if (err)
		goto out_port;
	*step = SOCK_STEP_BIND;
	if (!sock->plan->is_unbound)
		err = bind_queue(sock, end, mode, brings_port, e);
	if (err)
		goto out_port;
	*step = SOCK_STEP_OPTIONS;
	sock->is_busy_poll = wakeup == WAKEUP_BUSY_POLL;
	if (sock->is_busy_poll)
		err = set_busy_poll(sock, end, e);
	if (!err && sock->plan->has_tx_budget && sock->plan->does_tx)
		err = set_tx_budget(sock, end, e);
	if (!err)
		err = read_options(sock, end, e);
	if (!err && brings_port)
		err = adopt_port(sock, registers, e);
out_port:
	if (err && brings_port)
		port_release(sock->port);
	return err;
}

int sock_create(struct sock *sock, const struct socket_plan *plan, struct port *port,
		const struct link_end *end, enum mode mode, enum wakeup wakeup,
		enum sock_step *step, struct errmsg *e)
{
	int err;

	*sock = (struct sock){ .plan = plan, .port = port };
	*step = SOCK_STEP_SOCKET;
	err = open_socket(sock, end, e);
	if (err) {
		*sock = (struct sock){ 0 };
		return err;
	}
	err = set_up(sock, end, mode, wakeup, step, e);
	if (err)
		sock_destroy(sock);
	return err;
}

void sock_destroy(struct sock *sock)
{
	if (sock->rx_map)
		munmap(sock->rx_map, sock->rx_map_size);
	if (sock->tx_map)
		munmap(sock->tx_map, sock->tx_map_size);
	if (sock->plan)
		close(sock->fd);
	*sock = (struct sock){ 0 };
}

void port_release(struct port *port)
{
	if (port->fill_map)
		munmap(port->fill_map, port->fill_map_size);
	if (port->completion_map)
		munmap(port->completion_map, port->completion_map_size);
	if (port->fd > 0) {
		if (port->umem->fd == port->fd)
			port->umem->fd = -1;
		close(port->fd);
	}
	*port = (struct port){ .plan = port->plan, .umem = port->umem };
}

/* ---- while it runs ---- */

int sock_read_counters(const struct sock *sock, uint64_t counters[N_COUNTERS], struct errmsg *e)
{
	/* Kernels before 5.9 fill in the first three only. */
	struct xdp_statistics stats = { 0 };
	socklen_t len = sizeof(stats);

	_Static_assert(sizeof(stats) == N_COUNTERS * sizeof(counters[0]), "enum counter");
	if (getsockopt(sock->fd, SOL_XDP, XDP_STATISTICS, &stats, &len))
		return errmsg_set(e, errno, "sock: queue %u: read XDP_STATISTICS",
				  sock->plan->queue);
	memcpy(counters, &stats, sizeof(stats));
	return 0;
}

static int kick_poll(const struct sock *sock, short events)
{
	struct pollfd p = { .fd = sock->fd, .events = events };

	return poll(&p, 1, 0) < 0 ? -errno : 0;
}

int sock_kick_tx(const struct sock *sock)
{
	if (sock->plan->is_poll)
		return kick_poll(sock, POLLOUT);
	if (sendto(sock->fd, NULL, 0, sock->plan->is_blocking ? 0 : MSG_DONTWAIT, NULL, 0) < 0)
		return -errno;
	return 0;
}

int sock_kick_rx(const struct sock *sock)
{
	if (!sock->is_busy_poll && !xsk_ring_prod__needs_wakeup(&sock->port->fill))
		return 0;
	if (sock->plan->is_poll)
		return kick_poll(sock, POLLIN);
	return recvfrom(sock->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL) < 0 ? -errno : 0;
}
