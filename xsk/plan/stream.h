/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_STREAM_H
#define XSK_PLAN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/spec.h"
#include "plan/desc.h"

/*
 * A stream is a generator: packet i of it, its length, its descriptors and each
 * of its bytes are computed from i alone, so that a billion packets cost no
 * more memory than one and both ends agree without talking to each other.
 */

#define STREAM_MAX_HDR 256 /* bytes of all headers together */
#define STREAM_MAX_LAYERS 8
#define STREAM_MAX_PATCHES 16 /* header fields that depend on the packet */
#define STREAM_MAX_DESCS 64   /* descriptors of one packet that the harness can send */
#define STREAM_DEFAULT_PKTS 2048
#define STREAM_DEFAULT_LEN 64
#define STREAM_MAX_LEN 73728 /* bytes: 18 fragments of 4 KiB */

/* A header field that has to be computed for each packet. */
struct stream_patch {
	uint16_t bit_offset; /* from the start of the frame */
	uint8_t bits;
	const struct expr *value;
};

/* A header in its place; its length and checksum fields follow from the packet. */
struct stream_layer {
	enum header_kind kind;
	uint16_t offset; /* bytes from the start of the frame */
	bool keeps_csum; /* the author gave the checksum */
};

struct stream {
	const struct stream_spec *spec;
	const struct env *env;
	uint64_t n_pkts;
	const struct expr *len, *seq, *offset; /* NULL: the default */
	uint32_t fixed_len;		       /* bytes, when len reads no packet index; else 0 */
	uint8_t hdr[STREAM_MAX_HDR];	       /* constant fields filled in */
	uint32_t hdr_len;
	struct stream_layer layers[STREAM_MAX_LAYERS];
	uint32_t n_layers;
	bool has_sums; /* some layer has a length or a checksum to fill in */
	struct stream_patch patches[STREAM_MAX_PATCHES];
	uint32_t n_patches;
	enum payload_kind payload;
	const uint8_t *bytes;
	uint32_t n_bytes;
	uint64_t seed;
	uint32_t frag_size; /* generated packets take ceil(len / frag_size) descriptors; 0: one */
	uint32_t tx_metadata; /* bytes that generated packets leave free in front of each descriptor */
	bool wants_timestamp;	/* asks in its Tx metadata when it was sent */
	bool wants_launch_time; /* asks there to be sent at its delivery time */
	bool leaves_csum; /* UDP and TCP checksums hold the sum over the pseudo header only, as for
			   * CHECKSUM_PARTIAL: somebody else completes them */
};

/*
 * Prepares the generator of a stream; the Ethernet addresses are its defaults.
 * spec and env stay the caller's. Returns NULL, or a sentence (static) about
 * what is too large: headers, fields that depend on the packet.
 */
const char *stream_init(struct stream *s, const struct stream_spec *spec, const struct env *env,
			const uint8_t src_mac[6], const uint8_t dst_mac[6]);

/* Length of packet i in bytes, as sent (for verbatim packets: the sum of its descriptors). */
uint32_t stream_len(const struct stream *s, uint64_t i);

/* Sequence number that packet i carries. */
uint64_t stream_seq(const struct stream *s, uint64_t i);

/*
 * Writes packet i, len bytes, into frame: headers with lengths and checksums
 * right, then the payload. A len shorter than the headers cuts them off.
 */
void stream_write(const struct stream *s, uint64_t i, void *frame, uint32_t len);

/*
 * The sequence number that a received frame carries, by majority of its
 * payload words: what a damaged, late or repeated packet once was. False where
 * the stream has no sequence payload or no two words agree.
 */
bool stream_read_seq(const struct stream *s, const void *frame, uint32_t len, uint64_t *seq);

/*
 * How much a frame looks like one of this stream (ethernet addresses, type):
 * true for ours, even when damaged; false for a stranger.
 */
bool stream_owns(const struct stream *s, const void *frame, uint32_t len);

/* Number of descriptors of packet i. */
uint32_t stream_n_descs(const struct stream *s, uint64_t i);

/*
 * The Tx metadata that a packet which was written down asks for: false if it has none. Its first
 * descriptor has DESC_TX_METADATA.
 */
bool stream_metadata(const struct stream *s, uint64_t i, struct desc_metadata *metadata);

/*
 * The descriptors of packet i: descs and bases have room for stream_n_descs().
 * bases[k] is the start of the frame that fragment k is put into, as far as
 * the stream needs one: verbatim descriptors that name an address ignore it.
 * XDP_PKT_CONTD is set on all but the last.
 */
void stream_descs(const struct stream *s, uint64_t i, const uint64_t *bases, struct desc *descs);

#endif
