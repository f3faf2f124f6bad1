// SPDX-License-Identifier: GPL-2.0-only
#include "link/probe_lab.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "base/errmsg.h"
#include "bpf/probe.skel.h"
#include "bpf/shared.h"

_Static_assert(PROBE_STATIONS <= PROBE_MAX_QUEUES, "every queue has its key");

/* ---- sockets ---- */

void probe_station_plan(struct probe_station *s, uint32_t queue, uint32_t frame_size)
{
	*s = (struct probe_station){
		.umem_plan = { .frame_size = frame_size,
			       .n_frames = PROBE_FRAMES,
			       .size = PROBE_FRAMES * frame_size },
		.port_plan = { .queue = queue,
			       .fill_ring = PROBE_RING,
			       .completion_ring = PROBE_RING },
		.sock_plan = { .queue = queue,
			       .rx_ring = PROBE_RING,
			       .tx_ring = PROBE_RING,
			       .does_tx = true,
			       .does_rx = true },
		.port = { .plan = &s->port_plan, .umem = &s->umem },
	};
}

int probe_station_open(struct probe_station *s, const struct probe_lab *lab, enum end end,
		       enum mode mode, enum sock_step *step, struct errmsg *e)
{
	int err = link_enter(&lab->link, end, e);

	*step = SOCK_STEP_SOCKET;
	if (!err)
		err = umem_create(&s->umem, &s->umem_plan, e);
	if (!err)
		err = sock_create(&s->sock, &s->sock_plan, &s->port, &lab->link.ends[end], mode,
				  WAKEUP_SOFTIRQ, step, e);
	if (err)
		umem_destroy(&s->umem);
	return err;
}

static int open_station(struct probe_lab *lab, enum end end, uint32_t queue, bool has_multi_buffer,
			enum sock_step *step, struct errmsg *e)
{
	struct probe_station *s = &lab->stations[end][queue];

	probe_station_plan(s, queue, PROBE_FRAME_SIZE);
	s->sock_plan.has_multi_buffer = has_multi_buffer;
	return probe_station_open(s, lab, end, MODE_SKB, step, e);
}

/* Kernels before 6.6 do not know XDP_USE_SG and say so with EINVAL. */
static int open_first(struct probe_lab *lab, struct errmsg *e)
{
	enum sock_step step;
	int err = open_station(lab, END_A, PROBE_SG_QUEUE, true, &step, e);

	lab->has_multi_buffer = !err;
	if (err == -EINVAL && step == SOCK_STEP_BIND)
		err = open_station(lab, END_A, PROBE_SG_QUEUE, false, &step, e);
	return err;
}

static int open_stations(struct probe_lab *lab, struct errmsg *e)
{
	enum sock_step step;
	int err = open_first(lab, e);

	if (!err)
		err = open_station(lab, END_A, PROBE_PLAIN_QUEUE, false, &step, e);
	if (!err)
		err = open_station(lab, END_B, PROBE_SG_QUEUE, lab->has_multi_buffer, &step, e);
	if (!err)
		err = open_station(lab, END_B, PROBE_PLAIN_QUEUE, false, &step, e);
	return err;
}

/* ---- the program ---- */

/* The child that probes says what went wrong in its own words. */
static int hush(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

static int load(struct probe_lab *lab, struct errmsg *e)
{
	libbpf_set_print(hush);
	lab->skel = probe_bpf__open_and_load();
	if (!lab->skel)
		return errmsg_set(e, errno, "probe: load the program that redirects");
	for (uint32_t queue = 0; queue < PROBE_STATIONS; queue++) {
		int fd = lab->stations[END_B][queue].sock.fd;
		int err = bpf_map_update_elem(bpf_map__fd(lab->skel->maps.sockets), &queue, &fd, 0);

		if (err)
			return errmsg_set(e, -err, "probe: enter the socket of queue %u", queue);
	}
	return 0;
}

int probe_attach(const struct probe_lab *lab, enum end end, enum mode mode, struct errmsg *e)
{
	DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts,
			    .flags = mode == MODE_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
	const struct link_end *le = &lab->link.ends[end];
	int fd, err = link_enter(&lab->link, end, e);

	if (err)
		return err;
	fd = bpf_link_create(bpf_program__fd(lab->skel->progs.probe), le->ifindex, BPF_XDP, &opts);
	if (fd < 0)
		return errmsg_set(e, -fd, "probe: '%s': attach XDP in mode %s", le->ifname,
				  mode_names[mode]);
	return 0;
}

/* ---- all of it ---- */

int probe_lab_open(struct probe_lab *lab, struct errmsg *e)
{
	static const struct link_plan plan = { .mtu = PROBE_MTU, .n_queues = PROBE_FREE_QUEUE + 1 };
	int err;

	memset(lab, 0, sizeof(*lab));
	err = link_create(&lab->link, &plan, e);
	if (!err)
		err = open_stations(lab, e);
	if (!err)
		err = load(lab, e);
	if (!err)
		err = probe_attach(lab, END_B, MODE_SKB, e);
	return err;
}
