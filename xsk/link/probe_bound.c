// SPDX-License-Identifier: GPL-2.0-only
/* Can a program be bound to a device, to ask its driver for metadata of received packets? */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "link/dev.h"
#include "link/dev_netdev.h"
#include "link/probe_lab.h"
#include "link/prog.h"

/* The youngest of the three kfuncs, of Linux 6.8; the others came with bound programs. */
static bool knows_vlan_tag(int ifindex)
{
	struct dev_info dev = { .ifindex = ifindex };

	dev_netdev_read(&dev);
	return dev.has_rx_metadata && dev.rx_metadata_features & DEV_RX_METADATA_VLAN_TAG;
}

int probe_rx_metadata(struct probe_lab *lab, struct caps *caps, struct errmsg *e)
{
	static const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	DECLARE_LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_XDP_DEV_BOUND_ONLY,
			    .prog_ifindex = (__u32)lab->link.ends[END_B].ifindex);
	int err = link_enter(&lab->link, END_B, e), fd;

	if (err)
		return err;
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "probe_bound", "GPL", pass,
			   sizeof(pass) / sizeof(pass[0]), &opts);
	/* Without its own BTF a kernel has no kfuncs, and libbpf cannot load what calls them. */
	caps->has_rx_metadata = fd >= 0 && !access("/sys/kernel/btf/vmlinux", R_OK);
	caps->has_rx_vlan = caps->has_rx_metadata && knows_vlan_tag(lab->link.ends[END_B].ifindex);
	if (fd >= 0)
		close(fd);
	return 0;
}
