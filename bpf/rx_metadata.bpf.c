// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver knows of a received packet besides its bytes, through the kfuncs of
 * include/net/xdp.h. In a file of its own: with kfuncs in it libbpf reads all of the kernel's BTF,
 * which costs tens of milliseconds. Has to be bound to its device when it is loaded.
 */
#include <linux/errno.h>

#include "redirect.h"

/* Its values are the kernel's; only the name counts for the match with its BTF. */
enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym __weak;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash,
				    enum xdp_rss_hash_type *rss_type) __ksym __weak;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *vlan_proto,
					__u16 *vlan_tci) __ksym __weak;

static __always_inline void ask_driver(struct xdp_md *ctx, struct rx_meta *m)
{
	enum xdp_rss_hash_type type = XDP_RSS_TYPE_NONE;

	m->timestamp_err = m->hash_err = m->vlan_err = -EOPNOTSUPP;
	if (bpf_xdp_metadata_rx_timestamp)
		m->timestamp_err = bpf_xdp_metadata_rx_timestamp(ctx, &m->timestamp);
	if (bpf_xdp_metadata_rx_hash)
		m->hash_err = bpf_xdp_metadata_rx_hash(ctx, &m->hash, &type);
	if (bpf_xdp_metadata_rx_vlan_tag)
		m->vlan_err = bpf_xdp_metadata_rx_vlan_tag(ctx, &m->vlan_proto, &m->vlan_tci);
	m->hash_type = type;
}

SEC("xdp.frags")
int rx_metadata(struct xdp_md *ctx)
{
	struct rx_meta m = {}, *meta;

	if (!is_ours(ctx))
		return count(ctx, XDP_PASS);
	ask_driver(ctx, &m);
	m.count = __sync_fetch_and_add(&n_counted, 1);
	meta = grow_meta(ctx, sizeof(m));
	if (!meta)
		return count(ctx, XDP_DROP);
	__builtin_memcpy(meta, &m, sizeof(m));
	return to_queue(ctx);
}

char _license[] SEC("license") = "GPL";
