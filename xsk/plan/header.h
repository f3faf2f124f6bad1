/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_PLAN_HEADER_H
#define XSK_PLAN_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/stream.h"

/* Bytes of a header on the wire. */
extern const uint8_t header_sizes[N_HEADERS];

/* Default addresses: documentation prefixes (RFC 5737, RFC 3849). */
#define HEADER_IPV4_SRC 0xc0000201u /* 192.0.2.1 */
#define HEADER_IPV4_DST 0xc0000202u /* 192.0.2.2 */

/* Ethertype of frames without a network header: IEEE 802 local experimental 1. */
#define HEADER_ETHERTYPE 0x88b5

/*
 * Lays the headers of the stream's spec out in s->hdr with every constant
 * field in place, and lists in s->layers and s->patches what is left to do
 * for each packet. Returns NULL or a sentence about what is too large.
 */
const char *header_layout(struct stream *s, const uint8_t src_mac[6], const uint8_t dst_mac[6]);

/* Fills length and checksum fields of a frame of len bytes whose payload is in place. */
void header_finish(const struct stream *s, uint8_t *frame, uint32_t len);

/*
 * Where the checksum of the innermost UDP or TCP header begins and, from there, where it is
 * kept: what XDP_TXMD_FLAGS_CHECKSUM asks for. False if there is none to compute.
 */
bool header_csum_place(const struct stream *s, uint16_t *start, uint16_t *offset);

/* Writes the low bits of value, most significant bit first, at bit_offset of a frame. */
void header_put_bits(uint8_t *frame, uint32_t bit_offset, uint32_t bits, uint64_t value);

/* Internet checksum (RFC 1071), unfolded: sum over len bytes on top of sum. */
uint64_t csum_add(uint64_t sum, const void *mem, size_t len);
/* Folds to 16 bits, complements; as it is to be stored in network order. */
uint16_t csum_fold(uint64_t sum);

#endif
