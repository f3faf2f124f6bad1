// SPDX-License-Identifier: GPL-2.0-only
#include "run/tx_kernel.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "run/ksock.h"

#define POLL_MS 1

/* No more than what the queue between two devices of a hop holds (net.core.netdev_max_backlog). */
#define TCP_WINDOW_PKTS 256

/* A delivery time for the kernel, as a message of its own beside a packet. */
union control {
	struct cmsghdr hdr;
	uint8_t bytes[CMSG_SPACE(sizeof(uint64_t))];
};

/* Packets that one system call sends. */
struct tx_kernel_batch {
	uint32_t size;
	uint32_t first, n; /* those that are written and not sent yet */
	uint32_t room;	   /* bytes of each packet */
	uint8_t *frames;
	struct mmsghdr *msgs;
	struct iovec *iovs;
	union control *controls;
	struct ksock_name to;
};

static bool is_tcp(const struct tx_kernel *w)
{
	return w->run->plan->sender == SENDER_TCP;
}

static bool has_txtime(const struct tx_kernel *w)
{
	const struct stream_spec *spec = w->run->plan->stream.spec;

	return spec->edt && spec->edt_by == EDT_BY_TXTIME;
}

/* ---- the socket ---- */

static int ask_txtime(struct tx_kernel *w, struct errmsg *e)
{
	const struct stream_spec *spec = w->run->plan->stream.spec;
	struct sock_txtime txtime = { .clockid = wish_clock(spec) };

	if (setsockopt(w->fd, SOL_SOCKET, SO_TXTIME, &txtime, sizeof(txtime)))
		return errmsg_set(e, errno, "run: %s socket: set SO_TXTIME with the clock of %s",
				  sender_names[w->run->plan->sender],
				  edt_type_names[spec->edt_type]);
	return 0;
}

static int bind_to_device(const struct tx_kernel *w, struct errmsg *e)
{
	const struct link_end *dev = &w->base.traffic->world->link.ends[w->base.end];
	/* Without a protocol it receives nothing. */
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = dev->ifindex };

	if (bind(w->fd, (struct sockaddr *)&to, sizeof(to)))
		return errmsg_set(e, errno, "run: packet socket: bind to '%s'", dev->ifname);
	return 0;
}

static uint32_t payload_len(const struct stream *s, uint64_t i)
{
	uint32_t len = stream_len(s, i);

	return len > s->hdr_len ? len - s->hdr_len : 0;
}

/*
 * At the end it is reset: what waited in TIME_WAIT would keep the next round from its port. What
 * rate a congestion control finds is not the question: reno leaves it to SO_MAX_PACING_RATE.
 */
static int prepare_tcp(const struct tx_kernel *w, struct errmsg *e)
{
	const struct flow_plan *f = w->run->plan;
	uint64_t rate = f->pace_pps * payload_len(&f->stream, 0);
	struct linger linger = { .l_onoff = 1 };
	int err = KSOCK_SET(w->fd, IPPROTO_TCP, TCP_NODELAY, 1, e);

	if (!err && setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		err = errmsg_set(e, errno, "run: tcp socket: set SO_LINGER 0");
	if (!err && setsockopt(w->fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4))
		err = errmsg_set(e, errno, "run: tcp socket: set TCP_CONGESTION reno");
	if (!err && rate && setsockopt(w->fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)))
		err = errmsg_set(e, errno, "run: tcp socket: set SO_MAX_PACING_RATE %llu",
				 (unsigned long long)rate);
	return err;
}

static int prepare_ip(struct tx_kernel *w, struct errmsg *e)
{
	const struct stream *s = &w->run->plan->stream;
	struct ksock_name from;
	int err = ksock_take_header(w->fd, s, e);

	ksock_name_of(s, false, &from);
	if (!err && is_tcp(w))
		err = prepare_tcp(w, e);
	return err ? err : ksock_bind(w->fd, &from, e);
}

static int open_socket(struct tx_kernel *w, struct errmsg *e)
{
	const struct flow_plan *f = w->run->plan;
	int err = link_enter(&w->base.traffic->world->link, w->base.end, e);

	if (err)
		return err;
	w->fd = ksock_open(f, e);
	if (w->fd < 0)
		return w->fd;
	err = KSOCK_SET(w->fd, SOL_SOCKET, SO_SNDBUFFORCE, KSOCK_BUFFER, e);
	if (!err)
		err = f->sender == SENDER_PACKET ? bind_to_device(w, e) : prepare_ip(w, e);
	if (!err && has_txtime(w))
		err = ask_txtime(w, e);
	return err;
}

/* ---- what is sent ---- */

static void init_control(struct tx_kernel_batch *b, uint32_t k)
{
	b->controls[k].hdr = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(uint64_t)),
					       .cmsg_level = SOL_SOCKET,
					       .cmsg_type = SCM_TXTIME };
	b->msgs[k].msg_hdr.msg_control = &b->controls[k];
	b->msgs[k].msg_hdr.msg_controllen = sizeof(b->controls[k]);
}

static void init_batch(struct tx_kernel *w)
{
	const struct flow_plan *f = w->run->plan;
	struct tx_kernel_batch *b = mem_zalloc(sizeof(*b));

	w->batch = b;
	b->size = w->base.traffic->c->ends[f->from_end].sockets[f->from_socket].batch;
	b->room = f->stream.fixed_len ? f->stream.fixed_len : STREAM_MAX_LEN;
	b->frames = mem_zalloc((size_t)b->size * b->room);
	b->msgs = mem_zalloc(b->size * sizeof(*b->msgs));
	b->iovs = mem_zalloc(b->size * sizeof(*b->iovs));
	b->controls = mem_zalloc(b->size * sizeof(*b->controls));
	if (f->sender != SENDER_PACKET)
		ksock_name_of(&f->stream, true, &b->to);
	for (uint32_t k = 0; k < b->size; k++) {
		b->msgs[k].msg_hdr.msg_iov = &b->iovs[k];
		b->msgs[k].msg_hdr.msg_iovlen = 1;
		if (f->sender == SENDER_UDP) {
			b->msgs[k].msg_hdr.msg_name = &b->to.sa;
			b->msgs[k].msg_hdr.msg_namelen = b->to.len;
		}
		if (has_txtime(w))
			init_control(b, k);
	}
}

/* Packet i at place k of the batch. */
static void write_packet(struct tx_kernel *w, uint32_t k, uint64_t i)
{
	const struct flow_plan *f = w->run->plan;
	struct tx_kernel_batch *b = w->batch;
	uint8_t *frame = b->frames + (size_t)k * b->room;
	uint32_t skip = f->sender == SENDER_PACKET ? 0 : f->stream.hdr_len;
	uint32_t len = stream_len(&f->stream, i);
	uint64_t time;

	if (len > b->room)
		len = b->room;
	stream_write(&f->stream, i, frame, len);
	b->iovs[k] = (struct iovec){ frame + skip, len > skip ? len - skip : 0 };
	if (!w->wish.time)
		return;
	time = wish_make(&w->wish, i);
	if (has_txtime(w))
		memcpy(CMSG_DATA(&b->controls[k].hdr), &time, sizeof(time));
}

/* The pace of TCP is the kernel's. */
static uint64_t send_limit(const struct tx_kernel *w)
{
	uint64_t pace = is_tcp(w) ? 0 : w->run->plan->pace_pps, progress;
	uint64_t limit = flow_run_limit(w->run, pace, w->start_ns);

	if (!is_tcp(w))
		return limit;
	progress = atomic_load_explicit(&w->run->progress, memory_order_acquire);
	return limit - progress > TCP_WINDOW_PKTS ? progress + TCP_WINDOW_PKTS : limit;
}

static void write_batch(struct tx_kernel *w)
{
	uint64_t limit = send_limit(w);
	struct tx_kernel_batch *b = w->batch;

	b->first = 0;
	b->n = 0;
	while (b->n < b->size && w->next + b->n < limit) {
		write_packet(w, b->n, w->next + b->n);
		b->n++;
	}
}

/* ---- sending it ---- */

static void fail(struct tx_kernel *w, int err, const char *attempt)
{
	const struct flow_plan *f = w->run->plan;
	const char *to = w->batch->to.text;

	w->send_err = err;
	errmsg_set(&w->send_e, err, "run: %s socket of '%s': %s%s%s", sender_names[f->sender],
		   w->base.traffic->world->link.ends[w->base.end].ifname, attempt,
		   *to ? " to " : "", to);
}

/* Room will come; any other refusal is for good. */
static void refused(struct tx_kernel *w, int err)
{
	struct pollfd p = { .fd = w->fd, .events = POLLOUT };

	if (err != EAGAIN && err != ENOBUFS) {
		fail(w, err, "send");
		return;
	}
	w->result.n_busy++;
	poll(&p, 1, POLL_MS);
}

/* Of a packet only a part may have been taken where memory is short: its rest is next. */
static void keep_rest(struct tx_kernel_batch *b, uint32_t k)
{
	struct iovec *iov = &b->iovs[k];
	uint32_t len = b->msgs[k].msg_len;

	iov->iov_base = (uint8_t *)iov->iov_base + len;
	iov->iov_len -= len;
}

/*
 * With MSG_EOR the bytes of two packets are never in one sk_buff of a TCP socket, neither on
 * their way nor when they are sent again.
 */
static bool send_batch(struct tx_kernel *w)
{
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (is_tcp(w) ? MSG_EOR : 0);
	struct tx_kernel_batch *b = w->batch;
	int n = sendmmsg(w->fd, b->msgs + b->first, b->n, flags);
	uint32_t n_sent;

	w->result.n_kicks++;
	if (n < 0) {
		refused(w, errno);
		return false;
	}
	n_sent = (uint32_t)n;
	if (n_sent &&
	    b->msgs[b->first + n_sent - 1].msg_len < b->iovs[b->first + n_sent - 1].iov_len)
		keep_rest(b, b->first + --n_sent);
	b->first += n_sent;
	b->n -= n_sent;
	w->next += n_sent;
	w->base.n_moved += n_sent;
	return n > 0;
}

/* Looks at what is still queued: true if it is not as much as before. */
static bool look_at_queue(struct tx_kernel *w)
{
	int before = w->n_queued;

	if (ioctl(w->fd, SIOCOUTQ, &w->n_queued))
		w->n_queued = 0;
	return w->n_queued != before;
}

static bool is_all_taken(const struct tx_kernel *w)
{
	return w->next == w->run->plan->stream.n_pkts;
}

static bool turn(struct tx_kernel *w)
{
	if (is_all_taken(w))
		return look_at_queue(w);
	if (!w->batch->n)
		write_batch(w);
	return w->batch->n && send_batch(w);
}

static bool is_finished(const struct tx_kernel *w)
{
	return w->send_err || (is_all_taken(w) && !w->n_queued);
}

/* ---- one after the other ---- */

static uint64_t patience_ns(const struct tx_kernel *w)
{
	return TRAFFIC_PATIENCE_NS + w->base.traffic->c->edt.wait_ns;
}

/* Once it can be written to, it is connected or never will be. */
static int connect_result(const struct tx_kernel *w)
{
	struct pollfd p = { .fd = w->fd, .events = POLLOUT };
	int err = 0;
	socklen_t len = sizeof(err);

	if (poll(&p, 1, POLL_MS) <= 0)
		return EINPROGRESS;
	getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

static void await_connection(struct tx_kernel *w)
{
	const struct ksock_name *to = &w->batch->to;
	int err = connect(w->fd, &to->sa, to->len) ? errno : 0;

	while (err == EINPROGRESS && worker_idle(&w->base, patience_ns(w)))
		err = connect_result(w);
	if (err)
		fail(w, err == EINPROGRESS ? ETIMEDOUT : err, "connect");
}

int tx_kernel_init(struct tx_kernel *w, struct traffic *t, uint32_t flow, struct errmsg *e)
{
	const struct flow_plan *f = t->flows[flow].plan;

	*w = (struct tx_kernel){ .base = { .traffic = t, .end = f->from_end }, .fd = -1 };
	w->base.n_much = 1;
	w->base.verdicts = mem_zalloc(sizeof(*w->base.verdicts));
	w->run = &t->flows[flow];
	init_batch(w);
	return open_socket(w, e);
}

void tx_kernel_release(struct tx_kernel *w)
{
	if (w->batch) {
		free(w->batch->frames);
		free(w->batch->msgs);
		free(w->batch->iovs);
		free(w->batch->controls);
		if (w->fd >= 0)
			close(w->fd);
	}
	free(w->batch);
	free(w->base.verdicts);
	*w = (struct tx_kernel){ 0 };
}

void *tx_kernel_run(void *worker)
{
	struct tx_kernel *w = worker;

	if (is_tcp(w)) {
		ksock_stay(w->base.traffic->cpu);
		await_connection(w);
	}
	wish_begin(&w->wish, w->base.traffic->world, w->run->index);
	w->start_ns = clock_ns();
	w->n_queued = 1; /* until it has been looked at */
	while (!is_finished(w))
		if (turn(w) ? !worker_busy(&w->base) : !worker_idle(&w->base, patience_ns(w)))
			break;
	w->result.ns = (int64_t)(clock_ns() - w->start_ns);
	w->result.n_pkts = w->next;
	if (!w->send_err)
		flow_run_accuse_unsent(w->run, w->next, w->base.verdicts);
	atomic_store_explicit(&w->run->is_sent, true, memory_order_release);
	return NULL;
}
