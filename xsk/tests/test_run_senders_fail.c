// SPDX-License-Identifier: GPL-2.0-only
/* Streams of kernel sockets that are refused, stand still, or come out wrong. Needs root. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "run/rx_kernel.h"
#include "run/tx_kernel.h"
#include "tests/senders.h"

static const struct setup plain_tcp = { SENDER_TCP, "len 154; " TCP4, false, EDT_MONO, MODE_SKB };
static const struct setup plain_udp = { SENDER_UDP, UDP4, false, EDT_MONO, MODE_SKB };

/* One flow, without the crew that usually runs it. */
static struct traffic alone(struct rig *rig, struct flow_run *run)
{
	*run = (struct flow_run){ .plan = &rig->c->flows[0] };
	return (struct traffic){ .c = rig->c,
				 .world = &rig->world,
				 .flows = run,
				 .n_flows = 1,
				 .deadline_at_ns = clock_ns() + DEADLINE_NS,
				 .opts = &opts };
}

static void test_refused(void)
{
	struct tx_kernel w = {};
	struct flow_run run;
	struct traffic t;
	struct rig rig;

	if (!rig_open(&rig, &plain_tcp))
		return;
	t = alone(&rig, &run);
	CHECK(!tx_kernel_init(&w, &t, 0, &rig.e), "%s", rig.e.text);
	tx_kernel_run(&w);
	CHECK_EQ(ECONNREFUSED, w.send_err);
	CHECK_STR("run: tcp socket of 'a0': connect to 192.0.2.2:9: ECONNREFUSED", w.send_e.text);
	CHECK(run.is_sent, "nobody waits for it");
	tx_kernel_release(&w);
	rig_close(&rig);
}

/* A receiver that stands still is waited for, but not for ever. */
static void test_unsent(void)
{
	struct tx_kernel w = {};
	struct flow_run run;
	struct traffic t;
	struct rig rig;

	if (!rig_open(&rig, &plain_udp))
		return;
	rig.c->flows[0].window_pkts = 10;
	t = alone(&rig, &run);
	CHECK(!tx_kernel_init(&w, &t, 0, &rig.e), "%s", rig.e.text);
	tx_kernel_run(&w);
	CHECK_EQ(1, w.base.verdicts->n);
	CHECK_EQ(VERDICT_UNSENT, w.base.verdicts->v[0].kind);
	CHECK_EQ(10, w.base.verdicts->v[0].pkt);
	CHECK_EQ(N_PKTS - 1, w.base.verdicts->v[0].last);
	CHECK_EQ(10, w.result.n_pkts);
	tx_kernel_release(&w);
	rig_close(&rig);
}

static void test_bind_refused(void)
{
	struct tx_kernel first = {}, second = {};
	struct flow_run run;
	struct traffic t;
	struct rig rig;

	if (!rig_open(&rig, &plain_udp))
		return;
	t = alone(&rig, &run);
	CHECK(!tx_kernel_init(&first, &t, 0, &rig.e), "%s", rig.e.text);
	CHECK(!tx_kernel_init(&second, &t, 0, &rig.e), "the same twice: %s", rig.e.text);
	tx_kernel_release(&second);
	rig.c->flows[0].stream.hdr[14 + 12] = 8; /* of nobody here */
	CHECK_EQ(-EADDRNOTAVAIL, tx_kernel_init(&second, &t, 0, &rig.e));
	CHECK_STR("run: kernel socket: bind to 8.0.2.1:9: EADDRNOTAVAIL", rig.e.text);
	tx_kernel_release(&second);
	tx_kernel_release(&first);
	rig_close(&rig);
}

#define WRONG_PKT 3
#define WRONG_BYTE 100
#define N_WHOLE 5

/* From a: N_WHOLE packets and a half, of which one is wrong; then the connection ends. */
static void send_damaged(struct rig *rig)
{
	const struct stream *s = &rig->c->flows[0].stream;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd;

	CHECK(!link_enter(&rig->world.link, END_A, &rig->e), "%s", rig->e.text);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	to.sin_addr.s_addr = htonl(0xc0000202);
	CHECK(!connect(fd, (struct sockaddr *)&to, sizeof(to)), "connect: %s", errno_name(errno));
	for (uint32_t i = 0; i <= N_WHOLE; i++) {
		size_t len = i < N_WHOLE ? 100 : 50;
		uint8_t frame[154];

		stream_write(s, i, frame, sizeof(frame));
		frame[WRONG_BYTE] ^= i == WRONG_PKT;
		CHECK_EQ(len, send(fd, frame + s->hdr_len, len, 0));
	}
	close(fd);
}

static void test_damaged(void)
{
	struct rx_kernel w = {};
	const struct verdict *v;
	struct flow_run run;
	struct traffic t;
	struct rig rig;

	if (!rig_open(&rig, &plain_tcp))
		return;
	t = alone(&rig, &run);
	CHECK(!rx_kernel_init(&w, &t, 0, &rig.e), "%s", rig.e.text);
	send_damaged(&rig);
	rx_kernel_run(&w);
	v = w.base.verdicts->v;
	CHECK_EQ(2, w.base.verdicts->n);
	CHECK_EQ(VERDICT_PAYLOAD, v[0].kind);
	CHECK_EQ(WRONG_PKT, v[0].pkt);
	CHECK_EQ(WRONG_BYTE, v[0].byte);
	CHECK_EQ(1, v[0].expect ^ v[0].actual);
	CHECK_EQ(0, v[0].frame);
	CHECK_EQ(VERDICT_MISSING, v[1].kind);
	CHECK_EQ(N_WHOLE, v[1].pkt);
	CHECK_EQ(N_PKTS - 1, v[1].last);
	CHECK_STR(": the connection ended with EPIPE", v[1].text);
	rx_kernel_release(&w);
	rig_close(&rig);
}

int main(void)
{
	if (test_skips_without_root())
		return test_end();
	RUN(test_caps);
	RUN(test_refused);
	RUN(test_unsent);
	RUN(test_bind_refused);
	RUN(test_damaged);
	return test_end();
}
