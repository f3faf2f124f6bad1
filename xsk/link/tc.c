// SPDX-License-Identifier: GPL-2.0-only
#include "link/tc.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "link/heard.h"

/* enum bpf_attach_type of include/uapi/linux/bpf.h, which Debian 12 does not have. */
#define ATTACH_TCX_INGRESS 46
#define ATTACH_TCX_EGRESS 47

const char *const tc_way_names[N_TC_WAYS] = { "unknown", "clsact", "tcx" };

static const char *direction_name(enum link_direction direction)
{
	return direction == LINK_INGRESS ? "ingress" : "egress";
}

static int attach_tcx(struct tc *tc, const struct link_end *dev, enum link_direction direction,
		      int prog_fd)
{
	int type = direction == LINK_INGRESS ? ATTACH_TCX_INGRESS : ATTACH_TCX_EGRESS;
	int fd = bpf_link_create(prog_fd, dev->ifindex, (enum bpf_attach_type)type, NULL);

	if (fd < 0)
		return fd;
	assert(tc->n_fds < TC_MAX_LINKS);
	tc->fds[tc->n_fds++] = fd;
	return 0;
}

/* Of a device whose hooks an earlier struct tc has used, nothing is kept: it is the link's own. */
static int make_hooks(struct tc *tc, const struct link_end *dev)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hooks, .ifindex = dev->ifindex,
			    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	uint32_t bit = 1u << (dev->ifindex - LINK_FIRST_IFINDEX);
	int err;

	if (tc->hooked & bit)
		return 0;
	err = bpf_tc_hook_create(&hooks);
	if (err == -EEXIST) {
		err = bpf_tc_hook_destroy(&hooks);
		if (!err)
			err = bpf_tc_hook_create(&hooks);
	}
	if (!err)
		tc->hooked |= bit;
	return err;
}

static int attach_clsact(struct tc *tc, const struct link_end *dev, enum link_direction direction,
			 unsigned int order, int prog_fd)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = dev->ifindex,
			    .attach_point = direction == LINK_INGRESS ? BPF_TC_INGRESS :
									BPF_TC_EGRESS);
	/* The kernel's own choice would put each in front of those before it (tcf_auto_prio()). */
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = order + 1,
			    .prog_fd = prog_fd);
	int err = make_hooks(tc, dev);

	return err ? err : bpf_tc_attach(&hook, &opts);
}

/* A kernel without CONFIG_NET_SCH_INGRESS or CONFIG_NET_CLS_BPF: it does not know their names. */
static bool is_unknown(int err)
{
	return err == -ENOENT || err == -EOPNOTSUPP;
}

static int attach(struct tc *tc, const struct link_end *dev, enum link_direction direction,
		  unsigned int order, int prog_fd)
{
	bool is_first = tc->way == TC_WAY_UNKNOWN;
	int err;

	if (is_first)
		tc->way = TC_WAY_CLSACT;
	if (tc->way == TC_WAY_CLSACT) {
		err = attach_clsact(tc, dev, direction, order, prog_fd);
		if (!is_unknown(err) || !is_first)
			return err;
		tc->way = TC_WAY_TCX;
	}
	return attach_tcx(tc, dev, direction, prog_fd);
}

int tc_attach(struct tc *tc, const struct link_end *dev, enum link_direction direction,
	      unsigned int order, int prog_fd, const char *name, struct errmsg *e)
{
	struct heard heard;
	int err;

	heard_begin(&heard);
	err = attach(tc, dev, direction, order, prog_fd);
	if (err)
		errmsg_set(e, -err, "tc: '%s': attach to %s of '%s' by %s", name,
			   direction_name(direction), dev->ifname, tc_way_names[tc->way]);
	heard_end(&heard, err ? e : NULL);
	return err;
}

void tc_detach(struct tc *tc)
{
	for (size_t k = 0; k < tc->n_fds; k++)
		close(tc->fds[k]);
	*tc = (struct tc){ 0 };
}
