// SPDX-License-Identifier: GPL-2.0-only
#include "plan/header.h"

#include <arpa/inet.h>
#include <string.h>

const uint8_t header_sizes[N_HEADERS] = {
	[HDR_ETH] = 14, [HDR_VLAN] = 4, [HDR_IPV4] = 20, [HDR_IPV6] = 40,
	[HDR_UDP] = 8,	[HDR_TCP] = 20, [HDR_ICMP] = 8,
};

/* Where each field sits in its header, in bits; its width is in field_infos. */
static const uint16_t field_bit_offsets[N_FIELDS] = {
	[FIELD_ETH_DST] = 0,	  [FIELD_ETH_SRC] = 48,	   [FIELD_ETH_TYPE] = 96,
	[FIELD_VLAN_PRIO] = 0,	  [FIELD_VLAN_DEI] = 3,	   [FIELD_VLAN_ID] = 4,
	[FIELD_IPV4_TOS] = 8,	  [FIELD_IPV4_ID] = 32,	   [FIELD_IPV4_DF] = 49,
	[FIELD_IPV4_TTL] = 64,	  [FIELD_IPV4_PROTO] = 72, [FIELD_IPV4_SRC] = 96,
	[FIELD_IPV4_DST] = 128,	  [FIELD_IPV6_TCLASS] = 4, [FIELD_IPV6_FLOW] = 12,
	[FIELD_IPV6_NEXT] = 48,	  [FIELD_IPV6_HLIM] = 56,  [FIELD_IPV6_SRC] = 64,
	[FIELD_IPV6_DST] = 192,	  [FIELD_UDP_SPORT] = 0,   [FIELD_UDP_DPORT] = 16,
	[FIELD_UDP_CSUM] = 48,	  [FIELD_TCP_SPORT] = 0,   [FIELD_TCP_DPORT] = 16,
	[FIELD_TCP_SEQ] = 32,	  [FIELD_TCP_ACK] = 64,	   [FIELD_TCP_FLAGS] = 104,
	[FIELD_TCP_WINDOW] = 112, [FIELD_ICMP_TYPE] = 0,   [FIELD_ICMP_CODE] = 8,
	[FIELD_ICMP_ID] = 32,	  [FIELD_ICMP_SEQ] = 48,
};

enum {
	IPV4_LEN = 2,
	IPV4_PROTO = 9,
	IPV4_CSUM = 10,
	IPV4_SRC = 12,
	IPV6_LEN = 4,
	IPV6_SRC = 8,
	UDP_LEN = 4,
	UDP_CSUM = 6,
	TCP_CSUM = 16,
	ICMP_CSUM = 2,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ICMPV6 = 58,
	PROTO_EXPERIMENT = 253, /* RFC 3692 */
};

uint64_t csum_add(uint64_t sum, const void *mem, size_t len)
{
	const uint8_t *p = mem;
	uint32_t word;

	for (; len >= 4; len -= 4, p += 4) {
		memcpy(&word, p, 4);
		sum += word;
	}
	if (len) {
		word = 0;
		memcpy(&word, p, len);
		sum += word;
	}
	return sum;
}

uint16_t csum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void header_put_bits(uint8_t *frame, uint32_t bit_offset, uint32_t bits, uint64_t value)
{
	/* From the last bit backwards, at most a byte a turn. */
	while (bits) {
		uint32_t end = bit_offset + bits;
		uint32_t in_byte = end % 8 ? end % 8 : 8;
		uint32_t n = bits < in_byte ? bits : in_byte;
		uint32_t shift = 8 - in_byte;
		uint8_t mask = (uint8_t)(((1u << n) - 1) << shift);
		uint8_t *byte = &frame[(end - 1) / 8];

		*byte = (uint8_t)((*byte & ~mask) | ((value << shift) & mask));
		value >>= n;
		bits -= n;
	}
}

static void put16(uint8_t *at, uint32_t value)
{
	uint16_t be = htons((uint16_t)value);

	memcpy(at, &be, 2);
}

/* The ethertype by which the layer before a header announces it; 0: it is no network header. */
static uint16_t ethertype_of(enum header_kind kind)
{
	switch (kind) {
	case HDR_VLAN:
		return 0x8100;
	case HDR_IPV4:
		return 0x0800;
	case HDR_IPV6:
		return 0x86dd;
	default:
		return 0;
	}
}

static uint8_t protocol_of(enum header_kind kind, bool is_ipv6)
{
	switch (kind) {
	case HDR_UDP:
		return PROTO_UDP;
	case HDR_TCP:
		return PROTO_TCP;
	case HDR_ICMP:
		return is_ipv6 ? PROTO_ICMPV6 : PROTO_ICMP;
	default:
		return PROTO_EXPERIMENT;
	}
}

static void ipv4_defaults(uint8_t *p)
{
	p[0] = 0x45;
	header_put_bits(p, 49, 1, 1); /* DF: nobody may fragment what is verified whole */
	p[8] = 64;
	header_put_bits(p, 96, 32, HEADER_IPV4_SRC);
	header_put_bits(p, 128, 32, HEADER_IPV4_DST);
}

static void ipv6_defaults(uint8_t *p)
{
	static const uint8_t prefix[4] = { 0x20, 0x01, 0x0d, 0xb8 };

	p[0] = 0x60;
	p[7] = 64;
	memcpy(p + 8, prefix, 4);
	p[23] = 1;
	memcpy(p + 24, prefix, 4);
	p[39] = 2;
}

/* Constant defaults of a header, before the author's fields. is_ipv6: of the layer below. */
static void layer_defaults(uint8_t *p, enum header_kind kind, bool is_ipv6)
{
	switch (kind) {
	case HDR_IPV4:
		ipv4_defaults(p);
		break;
	case HDR_IPV6:
		ipv6_defaults(p);
		break;
	case HDR_UDP:
	case HDR_TCP:
		put16(p, 9); /* discard (RFC 863), both ports */
		put16(p + 2, 9);
		if (kind == HDR_TCP) {
			p[12] = 5 << 4;
			p[13] = 0x10; /* ACK */
			put16(p + 14, 65535);
		}
		break;
	case HDR_ICMP:
		p[0] = is_ipv6 ? 128 : 8; /* echo request */
		break;
	default:
		break;
	}
}

/* Tells the layer before it what comes next. */
static void announce(struct stream *s, enum header_kind next)
{
	const struct stream_layer *l;
	uint8_t *p;

	if (!s->n_layers)
		return;
	l = &s->layers[s->n_layers - 1];
	p = s->hdr + l->offset;
	if (l->kind == HDR_ETH || l->kind == HDR_VLAN)
		put16(p + header_sizes[l->kind] - 2, ethertype_of(next));
	else if (l->kind == HDR_IPV4)
		p[IPV4_PROTO] = protocol_of(next, false);
	else if (l->kind == HDR_IPV6)
		p[6] = protocol_of(next, true);
}

static bool is_over_ipv6(const struct stream *s)
{
	return s->n_layers && s->layers[s->n_layers - 1].kind == HDR_IPV6;
}

static const char *layer_push(struct stream *s, enum header_kind kind)
{
	struct stream_layer *l;

	if (s->n_layers == STREAM_MAX_LAYERS || s->hdr_len + header_sizes[kind] > STREAM_MAX_HDR)
		return "too many headers";
	announce(s, kind);
	layer_defaults(s->hdr + s->hdr_len, kind, is_over_ipv6(s));
	l = &s->layers[s->n_layers++];
	l->kind = kind;
	l->offset = (uint16_t)s->hdr_len;
	s->hdr_len += header_sizes[kind];
	if (kind != HDR_ETH && kind != HDR_VLAN)
		s->has_sums = true;
	return NULL;
}

static const char *field_apply(struct stream *s, struct stream_layer *l, const struct field *f)
{
	const struct field_info *info = &field_infos[f->id];
	uint32_t bit = l->offset * 8u + field_bit_offsets[f->id];
	struct stream_patch *patch;

	if (info->kind == FIELD_MAC || info->kind == FIELD_IP6) {
		memcpy(s->hdr + bit / 8, f->addr, info->kind == FIELD_MAC ? 6 : 16);
		return NULL;
	}
	if (f->id == FIELD_VLAN_TPID) /* sits where the layer before keeps its type */
		bit = l->offset * 8u - 16;
	if (f->id == FIELD_UDP_CSUM)
		l->keeps_csum = true;
	if (!expr_reads(f->value, VAR_I)) {
		int64_t value = expr_eval(f->value, s->env, 0, NULL);

		header_put_bits(s->hdr, bit, info->kind == FIELD_IP4 ? 32 : info->bits, value);
		return NULL;
	}
	if (s->n_patches == STREAM_MAX_PATCHES)
		return "too many header fields that depend on the packet";
	patch = &s->patches[s->n_patches++];
	patch->bit_offset = (uint16_t)bit;
	patch->bits = info->kind == FIELD_IP4 ? 32 : info->bits;
	patch->value = f->value;
	return NULL;
}

const char *header_layout(struct stream *s, const uint8_t src_mac[6], const uint8_t dst_mac[6])
{
	static const struct header eth = { .kind = HDR_ETH };
	const struct header *headers = s->spec->headers ? s->spec->headers : &eth;
	size_t n = s->spec->headers ? s->spec->n_headers : 1;
	const char *fault = NULL;

	memcpy(s->hdr, dst_mac, 6);
	memcpy(s->hdr + 6, src_mac, 6);
	put16(s->hdr + 12, HEADER_ETHERTYPE);
	for (size_t h = 0; h < n && !fault; h++)
		fault = layer_push(s, headers[h].kind);
	if (fault)
		return fault;
	if (n > 1 && s->layers[n - 1].kind < HDR_IPV4) /* a vlan tag without a network header */
		put16(s->hdr + s->hdr_len - 2, HEADER_ETHERTYPE);
	else if (n > 1)
		announce(s, N_HEADERS);
	/* The author's fields last: they override what the layers say of each other. */
	for (size_t h = 0; h < n; h++)
		for (size_t k = 0; k < headers[h].n_fields && !fault; k++)
			fault = field_apply(s, &s->layers[h], &headers[h].fields[k]);
	return fault;
}

/* Sum over the pseudo header of the IP layer below (RFC 768, RFC 8200). */
static uint64_t pseudo_sum(const uint8_t *frame, const struct stream_layer *ip, uint8_t proto,
			   uint32_t len)
{
	const uint8_t *p = frame + ip->offset;
	uint32_t be[2] = { htonl(len), htonl(proto) };
	uint64_t sum = csum_add(0, be, sizeof(be));

	if (ip->kind == HDR_IPV6)
		return csum_add(sum, p + IPV6_SRC, 32);
	return csum_add(sum, p + IPV4_SRC, 8);
}

static const uint8_t csum_offsets[N_HEADERS] = {
	[HDR_UDP] = UDP_CSUM, [HDR_TCP] = TCP_CSUM, [HDR_ICMP] = ICMP_CSUM
};

bool header_csum_place(const struct stream *s, uint16_t *start, uint16_t *offset)
{
	const struct stream_layer *l = &s->layers[s->n_layers - 1];

	if ((l->kind != HDR_UDP && l->kind != HDR_TCP) || l->keeps_csum)
		return false;
	*start = l->offset;
	*offset = csum_offsets[l->kind];
	return true;
}

/* What a sender leaves in the field for the driver to complete: not inverted (CHECKSUM_PARTIAL). */
static void put_partial(uint8_t *at, uint64_t pseudo)
{
	uint16_t csum = (uint16_t)~csum_fold(pseudo);

	memcpy(at, &csum, 2);
}

static void transport_finish(const struct stream *s, uint32_t n, uint8_t *frame, uint32_t len)
{
	const struct stream_layer *l = &s->layers[n], *ip = n ? &s->layers[n - 1] : NULL;
	bool is_over_ip = ip && (ip->kind == HDR_IPV4 || ip->kind == HDR_IPV6);
	uint8_t *p = frame + l->offset, *at = p + csum_offsets[l->kind];
	uint64_t sum = 0;
	uint16_t csum;

	len -= l->offset;
	if (l->kind == HDR_UDP)
		put16(p + UDP_LEN, len);
	if (l->keeps_csum)
		return;
	if (is_over_ip && (l->kind != HDR_ICMP || ip->kind == HDR_IPV6))
		sum = pseudo_sum(frame, ip, protocol_of(l->kind, ip->kind == HDR_IPV6), len);
	if (s->leaves_csum && n + 1 == s->n_layers && l->kind != HDR_ICMP) {
		put_partial(at, sum);
		return;
	}
	memset(at, 0, 2);
	csum = csum_fold(csum_add(sum, p, len));
	if (!csum && l->kind == HDR_UDP)
		csum = 0xffff; /* 0 would mean: no checksum (RFC 768) */
	memcpy(at, &csum, 2);
}

void header_finish(const struct stream *s, uint8_t *frame, uint32_t len)
{
	for (uint32_t n = 0; n < s->n_layers; n++) {
		const struct stream_layer *l = &s->layers[n];
		uint8_t *p = frame + l->offset;
		uint16_t csum;

		switch (l->kind) {
		case HDR_IPV4:
			put16(p + IPV4_LEN, len - l->offset);
			memset(p + IPV4_CSUM, 0, 2);
			csum = csum_fold(csum_add(0, p, 20));
			memcpy(p + IPV4_CSUM, &csum, 2);
			break;
		case HDR_IPV6:
			put16(p + IPV6_LEN, len - l->offset - header_sizes[HDR_IPV6]);
			break;
		case HDR_UDP:
		case HDR_TCP:
		case HDR_ICMP:
			transport_finish(s, n, frame, len);
			break;
		default:
			break;
		}
	}
}
