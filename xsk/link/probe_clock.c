// SPDX-License-Identifier: GPL-2.0-only
/* Whether types of delivery times are clocks, by a program that is run on a packet of its own. */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <unistd.h>

#include "bpf/edt.h"
#include "link/probe_lab.h"

/* return bpf_skb_set_tstamp(skb, 1, EDT_CLOCK_TAI) */
static const struct bpf_insn set_tai[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 1 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = EDT_CLOCK_TAI },
	{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_set_tstamp },
	{ .code = BPF_JMP | BPF_EXIT },
};

void probe_clocks(struct caps *caps)
{
	/* IPv4: the helper looks no further. */
	uint8_t frame[64] = { [12] = ETH_P_IP >> 8, [13] = ETH_P_IP & 0xff };
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame,
			    .data_size_in = sizeof(frame));
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "probe_clocks", "GPL", set_tai,
			       sizeof(set_tai) / sizeof(set_tai[0]), NULL);

	caps->has_edt_clocks = fd >= 0 && !bpf_prog_test_run_opts(fd, &run) && !run.retval;
	if (fd >= 0)
		close(fd);
}
