// SPDX-License-Identifier: GPL-2.0-only
#include "plan/stream.h"

#include <endian.h>
#include <string.h>

#include "base/hash.h"
#include "plan/header.h"

/*
 * The sequence payload. Word w (32 bits, little endian) of a packet with the
 * sequence number s is
 *
 *	low(s) + w * (SEQUENCE_STEP + 2 * high(s))
 *
 * so that every word carries both number and index: word 0 is the number as
 * it is, and a word that was moved, swapped, or left over from an earlier
 * packet fits nowhere. The step stays odd whatever the upper half is.
 */
#define SEQUENCE_STEP 0x9e3779b1u

typedef uint32_t words8 __attribute__((vector_size(32)));

static uint32_t sequence_step(uint64_t seq)
{
	return SEQUENCE_STEP + 2 * (uint32_t)(seq >> 32);
}

static void write_sequence(uint8_t *p, uint32_t len, uint64_t seq)
{
	uint32_t step = sequence_step(seq), word = (uint32_t)seq, le;
	words8 v, v_step;

	if (BYTE_ORDER == LITTLE_ENDIAN && len >= sizeof(v)) {
		for (int k = 0; k < 8; k++)
			v[k] = word + (uint32_t)k * step;
		v_step = (words8){} + 8 * step;
		for (; len >= sizeof(v); len -= sizeof(v), p += sizeof(v), v += v_step)
			memcpy(p, &v, sizeof(v));
		word = v[0];
	}
	for (; len >= 4; len -= 4, p += 4, word += step) {
		le = htole32(word);
		memcpy(p, &le, 4);
	}
	le = htole32(word);
	memcpy(p, &le, len);
}

static void write_random(uint8_t *p, uint32_t len, uint64_t seed, uint64_t seq)
{
	uint64_t key = hash64(seed, seq), word;
	uint64_t w = 0;

	for (; len >= 8; len -= 8, p += 8) {
		word = htole64(hash64(key, w++));
		memcpy(p, &word, 8);
	}
	word = htole64(hash64(key, w));
	memcpy(p, &word, len);
}

static void write_bytes(const struct stream *s, uint8_t *p, uint32_t len)
{
	while (len) {
		uint32_t n = len < s->n_bytes ? len : s->n_bytes;

		memcpy(p, s->bytes, n);
		p += n;
		len -= n;
	}
}

static void write_payload(const struct stream *s, uint64_t i, uint8_t *p, uint32_t len)
{
	switch (s->payload) {
	case PAYLOAD_SEQUENCE:
		write_sequence(p, len, stream_seq(s, i));
		break;
	case PAYLOAD_RANDOM:
		write_random(p, len, s->seed, stream_seq(s, i));
		break;
	case PAYLOAD_BYTES:
		write_bytes(s, p, len);
		break;
	case PAYLOAD_ZERO:
		memset(p, 0, len);
		break;
	}
}

const char *stream_init(struct stream *s, const struct stream_spec *spec, const struct env *env,
			const uint8_t src_mac[6], const uint8_t dst_mac[6])
{
	const struct expr *packets = spec->set[SET_STREAM_PACKETS];

	*s = (struct stream){
		.spec = spec,
		.env = env,
		.len = spec->set[SET_STREAM_LEN],
		.seq = spec->set[SET_STREAM_SEQ],
		.offset = spec->set[SET_STREAM_OFFSET],
		.payload = spec->payload,
		.bytes = spec->bytes,
		.n_bytes = (uint32_t)spec->n_bytes,
		.seed = env->seed,
	};
	s->n_pkts = packets ? (uint64_t)expr_eval(packets, env, 0, NULL) : STREAM_DEFAULT_PKTS;
	if (spec->is_descriptors)
		s->n_pkts = spec->n_packets;
	else if (!s->len)
		s->fixed_len = STREAM_DEFAULT_LEN;
	else if (!expr_reads(s->len, VAR_I))
		s->fixed_len = (uint32_t)expr_eval(s->len, env, 0, NULL);
	return header_layout(s, src_mac, dst_mac);
}

static const struct packet_spec *verbatim(const struct stream *s, uint64_t i)
{
	return s->spec->is_descriptors ? &s->spec->packets[i] : NULL;
}

static uint32_t clamp_len(int64_t len)
{
	return len < 0 ? 0 : len > UINT32_MAX ? UINT32_MAX : (uint32_t)len;
}

uint32_t stream_len(const struct stream *s, uint64_t i)
{
	const struct packet_spec *p = verbatim(s, i);
	int64_t len = 0;

	if (s->fixed_len)
		return s->fixed_len;
	if (!p)
		return s->len ? clamp_len(expr_eval(s->len, s->env, i, NULL)) : STREAM_DEFAULT_LEN;
	for (size_t k = 0; k < p->n_descs; k++)
		len += clamp_len(expr_eval(p->descs[k].len, s->env, i, NULL));
	return clamp_len(len);
}

uint64_t stream_seq(const struct stream *s, uint64_t i)
{
	return s->seq ? (uint64_t)expr_eval(s->seq, s->env, i, NULL) : i;
}

void stream_write(const struct stream *s, uint64_t i, void *frame, uint32_t len)
{
	uint8_t *p = frame;

	if (len < s->hdr_len) {
		memcpy(p, s->hdr, len);
		return;
	}
	memcpy(p, s->hdr, s->hdr_len);
	for (uint32_t k = 0; k < s->n_patches; k++) {
		const struct stream_patch *patch = &s->patches[k];
		int64_t value = expr_eval(patch->value, s->env, i, NULL);

		header_put_bits(p, patch->bit_offset, patch->bits, (uint64_t)value);
	}
	write_payload(s, i, p + s->hdr_len, len - s->hdr_len);
	if (s->has_sums)
		header_finish(s, p, len);
}

static uint32_t word_at(const uint8_t *p, uint32_t w)
{
	uint32_t word;

	memcpy(&word, p + 4 * w, 4);
	return le32toh(word);
}

/* The distance from word to word (odd) on which two neighbours agree: it tells the upper half. */
static bool find_step(const uint8_t *p, uint32_t n_words, uint32_t *step)
{
	for (uint32_t w = 0; w + 2 < n_words; w++) {
		*step = word_at(p, w + 1) - word_at(p, w);
		if (*step & 1 && word_at(p, w + 2) - word_at(p, w + 1) == *step)
			return true;
	}
	return false;
}

/* Majority vote (Boyer and Moore) over what each word says the number's lower half is. */
static bool vote(const uint8_t *p, uint32_t n_words, uint32_t step, uint32_t *low)
{
	uint32_t candidate = 0, lead = 0, n_votes = 0, word;

	for (uint32_t w = 0; w < n_words; w++) {
		word = word_at(p, w) - w * step;
		if (!lead)
			candidate = word;
		lead += word == candidate ? 1 : -1u;
	}
	for (uint32_t w = 0; w < n_words; w++)
		n_votes += word_at(p, w) - w * step == candidate;
	*low = candidate;
	return n_votes >= 2 && 2 * n_votes > n_words;
}

bool stream_read_seq(const struct stream *s, const void *frame, uint32_t len, uint64_t *seq)
{
	const uint8_t *p = (const uint8_t *)frame + s->hdr_len;
	uint32_t n_words, low, step;

	if (s->payload != PAYLOAD_SEQUENCE || len < s->hdr_len + 8)
		return false;
	n_words = (len - s->hdr_len) / 4;
	if (vote(p, n_words, SEQUENCE_STEP, &low)) {
		*seq = low;
		return true;
	}
	if (!find_step(p, n_words, &step) || !vote(p, n_words, step, &low))
		return false;
	*seq = (uint64_t)((step - SEQUENCE_STEP) / 2) << 32 | low;
	return true;
}

bool stream_owns(const struct stream *s, const void *frame, uint32_t len)
{
	const uint8_t *p = frame;
	int n_alike;

	if (len < header_sizes[HDR_ETH])
		return false;
	/* Two of three, so that a single damaged field does not make it a stranger. */
	n_alike = !memcmp(p, s->hdr, 6) + !memcmp(p + 6, s->hdr + 6, 6) +
		  !memcmp(p + 12, s->hdr + 12, 2);
	return n_alike >= 2;
}

uint32_t stream_n_descs(const struct stream *s, uint64_t i)
{
	const struct packet_spec *p = verbatim(s, i);
	uint32_t len;

	if (p)
		return (uint32_t)p->n_descs;
	if (!s->frag_size)
		return 1;
	len = stream_len(s, i);
	return len ? (len - 1) / s->frag_size + 1 : 1;
}

static int64_t value_of(const struct stream *s, uint64_t i, const struct expr *e)
{
	return e ? expr_eval(e, s->env, i, NULL) : 0;
}

bool stream_metadata(const struct stream *s, uint64_t i, struct desc_metadata *metadata)
{
	const struct packet_spec *p = verbatim(s, i);
	const struct desc_spec *d = p ? &p->descs[0] : NULL;

	if (!d || (!d->metadata && !(value_of(s, i, d->options) & DESC_TX_METADATA)))
		return false;
	*metadata = (struct desc_metadata){
		.flags = (uint64_t)value_of(s, i, d->metadata),
		.csum_start = (uint16_t)value_of(s, i, d->csum_start),
		.csum_offset = (uint16_t)value_of(s, i, d->csum_offset),
	};
	return true;
}

static void verbatim_descs(const struct stream *s, uint64_t i, const uint64_t *bases,
			   struct desc *descs)
{
	const struct packet_spec *p = verbatim(s, i);

	for (size_t k = 0; k < p->n_descs; k++) {
		const struct desc_spec *d = &p->descs[k];

		descs[k].addr = d->addr ? (uint64_t)expr_eval(d->addr, s->env, i, NULL) : bases[k];
		descs[k].len = clamp_len(expr_eval(d->len, s->env, i, NULL));
		descs[k].options = (uint32_t)value_of(s, i, d->options);
		if (d->metadata)
			descs[k].options |= DESC_TX_METADATA;
		if (k + 1 < p->n_descs)
			descs[k].options |= DESC_CONTD;
	}
}

void stream_descs(const struct stream *s, uint64_t i, const uint64_t *bases, struct desc *descs)
{
	uint64_t offset = s->offset ? (uint64_t)expr_eval(s->offset, s->env, i, NULL) : 0;
	uint32_t left, n;

	if (verbatim(s, i)) {
		verbatim_descs(s, i, bases, descs);
		return;
	}
	left = stream_len(s, i);
	n = stream_n_descs(s, i);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t len = k + 1 < n ? s->frag_size : left;

		descs[k].addr = bases[k] + s->tx_metadata + offset;
		descs[k].len = len;
		descs[k].options = k + 1 < n ? DESC_CONTD : 0;
		/* Only the first descriptor of a packet speaks of it (xsk_build_skb). */
		if ((s->leaves_csum || s->wants_timestamp || s->wants_launch_time) && !k)
			descs[k].options |= DESC_TX_METADATA;
		left -= len;
	}
}
