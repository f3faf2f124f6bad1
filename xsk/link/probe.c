// SPDX-License-Identifier: GPL-2.0-only
#include "link/probe.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errmsg.h"
#include "link/link.h"
#include "link/prog.h"
#include "ring/hugepages.h"
#include "ring/sock.h"
#include "ring/umem.h"

#define PROBE_DEADLINE_MS 5000
#define TRAFFIC_DEADLINE_NS 1000000000ull

#define FRAME_SIZE 4096u
#define N_FRAMES 4u
#define RING 8u
#define BAD_ADDR (1ull << 40)

/* ---- one socket with what it needs ---- */

struct station {
	struct umem_plan umem_plan;
	struct port_plan port_plan;
	struct socket_plan sock_plan;
	struct umem umem;
	struct port port;
	struct sock sock;
};

static int open_station(struct station *s, const struct link *link, enum end end, uint32_t queue,
			bool has_multi_buffer, enum sock_step *step, struct errmsg *e)
{
	int err;

	*s = (struct station){
		.umem_plan = { .frame_size = FRAME_SIZE,
			       .n_frames = N_FRAMES,
			       .size = N_FRAMES * FRAME_SIZE },
		.port_plan = { .queue = queue, .fill_ring = RING, .completion_ring = RING },
		.sock_plan = { .queue = queue,
			       .rx_ring = RING,
			       .tx_ring = RING,
			       .does_tx = true,
			       .does_rx = true,
			       .has_multi_buffer = has_multi_buffer },
		.port = { .plan = &s->port_plan, .umem = &s->umem },
	};
	*step = SOCK_STEP_SOCKET;
	err = link_enter(link, end, e);
	if (!err)
		err = umem_create(&s->umem, &s->umem_plan, e);
	if (!err)
		err = sock_create(&s->sock, &s->sock_plan, &s->port, &link->ends[end], MODE_SKB,
				  WAKEUP_SOFTIRQ, step, e);
	if (err)
		umem_destroy(&s->umem);
	return err;
}

static void close_station(struct station *s)
{
	sock_destroy(&s->sock);
	port_release(&s->port);
	umem_destroy(&s->umem);
}

/* ---- multi-buffer ---- */

static int try_multi_buffer(struct caps *caps, const struct link *link, struct errmsg *e)
{
	struct station s;
	enum sock_step step;
	int err = open_station(&s, link, END_A, 0, true, &step, e);

	/* Kernels before 6.6 do not know the flag. */
	if (err == -EINVAL && step == SOCK_STEP_BIND)
		return 0;
	if (err)
		return err;
	caps->has_multi_buffer = true;
	close_station(&s);
	return 0;
}

/* net.core.max_skb_frags belongs to the first namespace: elsewhere it is not seen, nor changed. */
static uint32_t read_max_frags(void)
{
	FILE *f = fopen("/proc/sys/net/core/max_skb_frags", "re");
	uint32_t n = 17;

	if (f) {
		if (fscanf(f, "%u", &n) != 1)
			n = 17;
		fclose(f);
	}
	return n + 1;
}

/* ---- three descriptors on their way ---- */

/* From a's second queue to whichever of b's it may arrive on. */
#define TX_QUEUE 1u
#define N_RX 2u

struct trip {
	const struct link *link;
	struct station tx, rx[N_RX];
	struct prog prog;
};

static void write_frame(const struct link *link, uint8_t *frame)
{
	struct ethhdr eth = { .h_proto = htobe16(ETH_P_802_EX1) };

	memcpy(eth.h_dest, link->ends[END_B].mac, ETH_ALEN);
	memcpy(eth.h_source, link->ends[END_A].mac, ETH_ALEN);
	memcpy(frame, &eth, sizeof(eth));
}

/* A descriptor outside the UMEM between two good ones, in frames 0 and 1. */
static void submit(struct trip *trip)
{
	static const uint64_t addrs[3] = { 0, BAD_ADDR, FRAME_SIZE };
	struct station *tx = &trip->tx;
	uint32_t idx = 0;

	xsk_ring_prod__reserve(&tx->sock.tx, 3, &idx);
	for (uint32_t i = 0; i < 3; i++) {
		if (addrs[i] != BAD_ADDR)
			write_frame(trip->link, tx->umem.mem + addrs[i]);
		*xsk_ring_prod__tx_desc(&tx->sock.tx, idx + i) =
			(struct xdp_desc){ .addr = addrs[i], .len = ETH_ZLEN };
	}
	xsk_ring_prod__submit(&tx->sock.tx, 3);
}

static bool is_consumed(const struct xsk_ring_prod *ring)
{
	return __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE) == *ring->producer;
}

/*
 * Kicks until the good ones have completed. The kernel publishes the bad one, if
 * it does, while it takes the descriptor off the Tx ring: so before that time.
 */
static int watch_completions(struct caps *caps, struct trip *trip, struct errmsg *e)
{
	uint64_t deadline_ns = clock_ns() + TRAFFIC_DEADLINE_NS;
	struct station *tx = &trip->tx;
	uint32_t n_good = 0, idx;

	while (n_good < 2 || !is_consumed(&tx->sock.tx)) {
		if (clock_ns() > deadline_ns)
			return errmsg_set(e, ETIMEDOUT, "probe: '%s': %u of 2 packets completed",
					  trip->link->ends[END_A].ifname, n_good);
		sock_kick_tx(&tx->sock);
		while (xsk_ring_cons__peek(&tx->port.completion, 1, &idx)) {
			if (*xsk_ring_cons__comp_addr(&tx->port.completion, idx) == BAD_ADDR)
				caps->completes_invalid = true;
			else
				n_good++;
			xsk_ring_cons__release(&tx->port.completion, 1);
		}
	}
	return 0;
}

/* The frame on the fill ring starts at 0: where a packet lies in it is the overhead. */
static bool look_at(struct caps *caps, struct trip *trip, uint32_t queue)
{
	struct xsk_ring_cons *ring = &trip->rx[queue].sock.rx;
	uint32_t idx;

	if (!xsk_ring_cons__peek(ring, 1, &idx))
		return false;
	caps->rx_overhead = (uint32_t)xsk_ring_cons__rx_desc(ring, idx)->addr;
	caps->shifts_skb_queue = queue != TX_QUEUE;
	return true;
}

static void watch_arrival(struct caps *caps, struct trip *trip)
{
	uint64_t deadline_ns = clock_ns() + TRAFFIC_DEADLINE_NS;

	while (clock_ns() < deadline_ns)
		for (uint32_t queue = 0; queue < N_RX; queue++)
			if (look_at(caps, trip, queue))
				return;
}

static int open_receiver(struct trip *trip, uint32_t queue, struct errmsg *e)
{
	struct station *rx = &trip->rx[queue];
	enum sock_step step;
	uint32_t idx = 0;
	int err = open_station(rx, trip->link, END_B, queue, false, &step, e);

	if (!err)
		err = prog_add_socket(&trip->prog, queue, queue, rx->sock.fd, e);
	if (err)
		return err;
	xsk_ring_prod__reserve(&rx->port.fill, 1, &idx);
	*xsk_ring_prod__fill_addr(&rx->port.fill, idx) = 0;
	xsk_ring_prod__submit(&rx->port.fill, 1);
	return 0;
}

static int open_trip(struct trip *trip, struct errmsg *e)
{
	static const struct end_plan redirect = { .program = PROGRAM_REDIRECT };
	enum sock_step step;
	int err = open_station(&trip->tx, trip->link, END_A, TX_QUEUE, false, &step, e);

	if (!err)
		err = link_enter(trip->link, END_B, e);
	if (!err)
		err = prog_attach(&trip->prog, &trip->link->ends[END_B], &redirect, MODE_SKB, e);
	for (uint32_t queue = 0; queue < N_RX && !err; queue++)
		err = open_receiver(trip, queue, e);
	return err;
}

static int make_trip(struct caps *caps, const struct link *link, struct errmsg *e)
{
	struct trip trip = { .link = link };
	int err = open_trip(&trip, e);

	if (!err) {
		submit(&trip);
		err = watch_completions(caps, &trip, e);
	}
	if (!err)
		watch_arrival(caps, &trip);
	prog_detach(&trip.prog);
	for (uint32_t queue = 0; queue < N_RX; queue++)
		close_station(&trip.rx[queue]);
	close_station(&trip.tx);
	return err;
}

/* ---- in the child ---- */

static int check_af_xdp(struct errmsg *e)
{
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno == EAFNOSUPPORT)
		return errmsg_set(e, EAFNOSUPPORT,
				  "probe: this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)");
	return errmsg_set(e, errno, "probe: open an AF_XDP socket");
}

static int probe(struct caps *caps, struct errmsg *e)
{
	static const struct link_plan link_plan = { .mtu = 1500, .n_queues = 2 };
	struct link link;
	char missing[128];
	int err;

	*caps = (struct caps){
		.has_hugepages = hugepages_can_reserve(),
		.max_frags = read_max_frags(),
		.rx_overhead = XDP_PACKET_HEADROOM, /* should no packet arrive to measure it */
		.has_busy_poll = true,
		.headroom_reserve = 704,
		.tx_budget = 32,
	};
	link_missing_rights(missing, sizeof(missing));
	if (missing[0])
		return errmsg_set(e, EPERM, "probe: missing rights: %s", missing);
	err = check_af_xdp(e);
	if (!err)
		err = link_create(&link, &link_plan, e);
	if (err)
		return err;
	err = try_multi_buffer(caps, &link, e);
	if (!err)
		err = make_trip(caps, &link, e);
	link_destroy(&link);
	return err;
}

struct answer {
	struct caps caps;
	struct errmsg e;
	int err;
};

static void run_child(struct answer *answer, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent) /* else it died before prctl() */
		answer->err = probe(&answer->caps, &answer->e);
	_exit(0);
}

/* ---- in the caller ---- */

static int await_child(pid_t pid, struct errmsg *e)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int status, n = 0;

	if (p.fd >= 0)
		do
			n = poll(&p, 1, PROBE_DEADLINE_MS);
		while (n < 0 && errno == EINTR);
	if (n <= 0)
		kill(pid, SIGKILL);
	if (p.fd >= 0)
		close(p.fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n <= 0)
		return errmsg_set(e, ETIMEDOUT, "probe: no answer within %d ms", PROBE_DEADLINE_MS);
	if (!WIFEXITED(status))
		return errmsg_set(e, EIO, "probe: died of signal %d", WTERMSIG(status));
	return 0;
}

int probe_caps(struct caps *caps, struct errmsg *e)
{
	struct answer *answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t self = getpid(), pid;
	int err;

	if (answer == MAP_FAILED)
		return errmsg_set(e, errno, "probe: map a shared page");
	answer->err = -EIO;
	pid = fork();
	if (!pid)
		run_child(answer, self);
	err = pid < 0 ? errmsg_set(e, errno, "probe: fork") : await_child(pid, e);
	if (!err && answer->err) {
		err = answer->err;
		if (e)
			*e = answer->e;
	}
	if (!err)
		*caps = answer->caps;
	munmap(answer, sizeof(*answer));
	return err;
}
