/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_DEV_H
#define XSK_LINK_DEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errmsg;
struct strbuf;

/*
 * What a network device says about itself: rtnetlink, ethtool and the generic
 * netlink family "netdev". Read only. What kernel or driver cannot tell is
 * absent (has_... is false, 0 or ""), which is no error.
 */

struct dev_channels {
	uint32_t rx, tx, combined, other;
};

struct dev_rings {
	uint32_t rx, tx; /* descriptors */
};

/* Where an XDP program can be attached. */
enum dev_xdp { DEV_XDP_DRV, DEV_XDP_SKB, DEV_XDP_HW, N_DEV_XDP };
extern const char *const dev_xdp_names[N_DEV_XDP]; /* native, generic, offloaded */

struct dev_info {
	int ifindex;
	char name[16];
	char driver[32]; /* ETHTOOL_GDRVINFO, else the kind that rtnetlink knows ("veth") */
	char bus[32];	 /* "0000:00:04.0" */
	uint32_t mtu;
	unsigned int flags; /* IFF_... */
	bool is_up;	    /* IFF_UP */
	bool has_carrier;
	int peer_ifindex; /* the other half of a pair, 0: has none */
	int peer_nsid; /* the namespace that it is in, as this one numbers others; -1: the same */
	uint32_t n_rx_queues, n_tx_queues; /* allocated; those in use: dev_rx_queues() */
	bool has_channels;
	struct dev_channels channels, max_channels;
	bool has_rings;
	struct dev_rings rings, max_rings;
	bool has_xdp_features; /* Linux 6.3; the other three came later */
	uint64_t xdp_features; /* DEV_XDP_... */
	bool has_zc_max_segs;
	uint32_t zc_max_segs; /* fragments of a packet in zero-copy mode; 1: no multi-buffer */
	bool has_rx_metadata;
	uint64_t rx_metadata_features;
	bool has_xsk_features;
	uint64_t xsk_features;
	uint32_t prog_ids[N_DEV_XDP]; /* 0: no program */
};

/* NETDEV_XDP_ACT_... of include/uapi/linux/netdev.h, which Debian 12 does not have. */
#define DEV_XDP_BASIC (1u << 0)
#define DEV_XDP_REDIRECT (1u << 1)
#define DEV_XDP_NDO_XMIT (1u << 2)
#define DEV_XDP_XSK_ZEROCOPY (1u << 3)
#define DEV_XDP_HW_OFFLOAD (1u << 4)
#define DEV_XDP_RX_SG (1u << 5)
#define DEV_XDP_NDO_XMIT_SG (1u << 6)

/* NETDEV_XDP_RX_METADATA_VLAN_TAG */
#define DEV_RX_METADATA_VLAN_TAG (1u << 2)

/* Names of the bits of the three feature sets, by bit. */
#define N_DEV_XDP_FEATURES 7
#define N_DEV_RX_METADATA_FEATURES 3
#define N_DEV_XSK_FEATURES 3
extern const char *const dev_xdp_feature_names[N_DEV_XDP_FEATURES];
extern const char *const dev_rx_metadata_feature_names[N_DEV_RX_METADATA_FEATURES];
extern const char *const dev_xsk_feature_names[N_DEV_XSK_FEATURES];

/* "basic redirect rx-sg"; "none" for 0; a bit without a name as "bit7". */
void dev_format_features(uint64_t bits, const char *const *names, size_t n_names, char *out,
			 size_t size);

/* Adds "driver veth: xdp features basic redirect", as far as the device tells. */
void dev_format_driver(const struct dev_info *dev, struct strbuf *out);

/*
 * In the network namespace that the calling thread is in. -ENODEV with a sentence where there is
 * no such device.
 */
int dev_read(const char *ifname, struct dev_info *info, struct errmsg *e);
int dev_read_index(int ifindex, struct dev_info *info, struct errmsg *e);

/*
 * The other half of a veth, wherever it is: what rtnetlink knows. Needs CAP_NET_ADMIN in its
 * namespace. -ENODEV where there is none.
 */
int dev_read_peer(const struct dev_info *info, struct dev_info *peer);

/* Queues in use: of the channels, else those that are allocated. A socket binds to one below the larger. */
uint32_t dev_rx_queues(const struct dev_info *info);
uint32_t dev_tx_queues(const struct dev_info *info);

#endif
