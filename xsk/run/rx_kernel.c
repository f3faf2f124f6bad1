// SPDX-License-Identifier: GPL-2.0-only
#include "run/rx_kernel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "run/ksock.h"

#define POLL_MS 1
#define BUF_SIZE (256u << 10)

/* ---- the socket ---- */

static int open_socket(struct rx_kernel *w, struct errmsg *e)
{
	const struct flow_plan *f = w->run->plan;
	struct ksock_name name;
	int err = link_enter(&w->base.traffic->world->link, w->base.end, e);

	if (err)
		return err;
	w->listen_fd = ksock_open(f, e);
	if (w->listen_fd < 0)
		return w->listen_fd;
	ksock_name_of(&f->stream, true, &name);
	/* Handed on to the connection that is accepted. */
	err = KSOCK_SET(w->listen_fd, SOL_SOCKET, SO_RCVBUFFORCE, KSOCK_BUFFER, e);
	if (!err)
		err = ksock_bind(w->listen_fd, &name, e);
	if (!err && listen(w->listen_fd, 1))
		err = errmsg_set(e, errno, "run: tcp socket: listen at %s", name.text);
	return err;
}

/* ---- what came ---- */

static void start_packet(struct rx_kernel *w)
{
	const struct stream *s = &w->run->plan->stream;

	if (w->pkt == s->n_pkts)
		return;
	w->len = stream_len(s, w->pkt);
	if (w->len > STREAM_MAX_LEN)
		w->len = STREAM_MAX_LEN;
	w->at = w->len < s->hdr_len ? w->len : s->hdr_len;
	stream_write(s, w->pkt, w->expect, w->len);
	memcpy(w->actual, w->expect, w->at);
}

/* The first pairs of packets that differ are kept whole. */
static void keep_frames(const struct rx_kernel *w, struct verdict *v)
{
	struct verdicts *vs = w->base.verdicts;
	struct verdict_frame *frame = &vs->frames[vs->n_frames];

	if (!v || vs->n_frames == VERDICT_FRAMES)
		return;
	v->frame = (int)vs->n_frames++;
	frame->expect_len = frame->actual_len = w->len;
	memcpy(frame->expect, w->expect, w->len);
	memcpy(frame->actual, w->actual, w->len);
}

static struct verdict accusation(const struct rx_kernel *w, enum verdict_kind kind)
{
	return (struct verdict){ .kind = kind,
				 .end = w->base.end,
				 .socket = (int)w->run->plan->to_socket,
				 .flow = w->run->index,
				 .pos = w->run->plan->pos,
				 .pkt = w->pkt };
}

static void compare_packet(struct rx_kernel *w)
{
	struct verdict v = accusation(w, VERDICT_PAYLOAD);

	w->result.n_pkts++;
	if (!memcmp(w->expect, w->actual, w->len))
		return;
	while (w->expect[v.byte] == w->actual[v.byte])
		v.byte++;
	v.expect = w->expect[v.byte];
	v.actual = w->actual[v.byte];
	v.frag_byte = v.byte;
	v.n_frags = 1;
	keep_frames(w, verdict_add(w->base.verdicts, &v));
}

/* Bytes of the connection, wherever one packet ends and the next begins. */
static void take(struct rx_kernel *w, const uint8_t *bytes, size_t n)
{
	uint64_t n_pkts = w->run->plan->stream.n_pkts;

	while (w->pkt < n_pkts && (n || w->at == w->len)) {
		uint32_t part = w->len - w->at;

		if (part > n)
			part = (uint32_t)n;
		memcpy(w->actual + w->at, bytes, part);
		bytes += part;
		n -= part;
		w->at += part;
		if (w->at < w->len)
			break;
		compare_packet(w);
		w->pkt++;
		start_packet(w);
	}
	atomic_store_explicit(&w->run->progress, w->pkt, memory_order_release);
}

/* ---- waiting for it ---- */

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, POLL_MS) > 0;
}

/* True if there was one: only the first counts, whoever else may come. */
static bool accept_one(struct rx_kernel *w)
{
	if (!is_readable(w->listen_fd))
		return false;
	w->fd = accept4(w->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	return w->fd >= 0;
}

static bool receive(struct rx_kernel *w)
{
	ssize_t n;

	if (w->fd < 0)
		return accept_one(w);
	n = recv(w->fd, w->buf, BUF_SIZE, MSG_DONTWAIT);
	if (n > 0) {
		take(w, w->buf, (size_t)n);
		return true;
	}
	if (n < 0 && errno == EAGAIN)
		return is_readable(w->fd);
	w->err = n ? errno : EPIPE; /* nobody shuts it down before all is read */
	return false;
}

static bool is_finished(const struct rx_kernel *w)
{
	return w->err || w->pkt == w->run->plan->stream.n_pkts;
}

/* A sender that has come to its end has seen its last byte acknowledged: nothing is under way. */
static bool goes_on(struct rx_kernel *w)
{
	bool is_sent = atomic_load_explicit(&w->run->is_sent, memory_order_acquire);

	if (receive(w))
		return worker_busy(&w->base);
	return worker_idle(&w->base, is_sent ? TRAFFIC_LATE_NS + w->base.traffic->c->edt.wait_ns :
					       UINT64_MAX);
}

static void accuse_missing(struct rx_kernel *w)
{
	uint64_t n_pkts = w->run->plan->stream.n_pkts;
	struct verdict v = accusation(w, VERDICT_MISSING);

	if (w->pkt == n_pkts)
		return;
	v.last = n_pkts - 1;
	v.expect = v.actual = (int64_t)(n_pkts - w->pkt);
	if (w->err)
		snprintf(v.text, sizeof(v.text), ": the connection ended with %s",
			 errno_name(w->err));
	verdict_add(w->base.verdicts, &v);
}

int rx_kernel_init(struct rx_kernel *w, struct traffic *t, uint32_t flow, struct errmsg *e)
{
	const struct flow_plan *f = t->flows[flow].plan;

	*w = (struct rx_kernel){
		.base = { .traffic = t, .end = f->to_end },
		.run = &t->flows[flow],
		.listen_fd = -1,
		.fd = -1,
	};
	w->base.n_much = 1;
	w->base.verdicts = mem_zalloc(sizeof(*w->base.verdicts));
	w->expect = mem_zalloc(STREAM_MAX_LEN);
	w->actual = mem_zalloc(STREAM_MAX_LEN);
	w->buf = mem_zalloc(BUF_SIZE);
	return open_socket(w, e);
}

void rx_kernel_release(struct rx_kernel *w)
{
	if (w->buf && w->fd >= 0)
		close(w->fd);
	if (w->buf && w->listen_fd >= 0)
		close(w->listen_fd);
	free(w->expect);
	free(w->actual);
	free(w->buf);
	free(w->base.verdicts);
	*w = (struct rx_kernel){ 0 };
}

void *rx_kernel_run(void *worker)
{
	struct rx_kernel *w = worker;

	ksock_stay(w->base.traffic->cpu);
	start_packet(w);
	while (!is_finished(w) && goes_on(w))
		;
	w->result.n_due = w->pkt;
	accuse_missing(w);
	return NULL;
}
