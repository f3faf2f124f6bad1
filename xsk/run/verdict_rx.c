// SPDX-License-Identifier: GPL-2.0-only
#include "run/verdict_rx.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/verdict_meta.h"

/* How far from the expected packet a number is looked for when it follows an expression. */
#define SEEK_PKTS 4096

bool flow_is_valid(const struct flow_plan *f, uint64_t i)
{
	const struct desc_rules *rules = &f->rules;
	uint32_t n = stream_n_descs(&f->stream, i);
	uint64_t bases[STREAM_MAX_DESCS] = {};
	struct desc descs[STREAM_MAX_DESCS];

	if (f->is_all_valid)
		return true;
	if (n > STREAM_MAX_DESCS)
		return false;
	stream_descs(&f->stream, i, bases, descs);
	return packet_check(rules, descs, n, NULL) == DESC_VALID;
}

bool flow_is_due(const struct flow_plan *f, uint64_t i)
{
	if (f->deliver && !expr_eval(f->deliver, f->env, i, NULL))
		return false;
	return flow_is_valid(f, i);
}

static void skip_to_due(struct judge_flow *f)
{
	if (f->plan->is_all_valid && !f->plan->deliver)
		return;
	while (f->next < f->plan->stream.n_pkts && !flow_is_due(f->plan, f->next))
		f->next++;
}

void judge_init(struct judge *j, const struct case_plan *c, const uint32_t *flows, uint32_t n_flows)
{
	*j = (struct judge){ .c = c, .n_flows = n_flows, .due_offset = UINT32_MAX };
	j->scratch = mem_realloc(NULL, 2 * STREAM_MAX_LEN);
	j->flows = mem_realloc(NULL, n_flows * sizeof(*j->flows));
	j->verdicts = mem_realloc(NULL, sizeof(*j->verdicts));
	j->verdicts->n = j->verdicts->n_lost = j->verdicts->n_frames = 0;
	for (uint32_t k = 0; k < n_flows; k++) {
		struct judge_flow *f = &j->flows[k];

		*f = (struct judge_flow){ .plan = &c->flows[flows[k]], .index = flows[k] };
		f->env = *f->plan->env;
		f->due = f->plan->stream;
		f->due.leaves_csum &= !f->plan->is_csum_completed;
		skip_to_due(f);
	}
}

void judge_release(struct judge *j)
{
	free(j->scratch);
	free(j->flows);
	free(j->verdicts);
	*j = (struct judge){};
}

/* Writes packet i as it should arrive to the scratch frame; returns its length. */
static uint32_t expect_frame(struct judge *j, struct judge_flow *f, uint64_t i)
{
	uint32_t sent = stream_len(&f->plan->stream, i), len = sent;
	int64_t value;

	if (sent > STREAM_MAX_LEN)
		sent = STREAM_MAX_LEN;
	stream_write(&f->due, i, j->scratch, sent);
	if (!f->plan->rx_len)
		return sent;
	f->env.v[VAR_SENT] = sent;
	value = expr_eval(f->plan->rx_len, &f->env, i, NULL);
	len = value < 0 ? 0 : value > STREAM_MAX_LEN ? STREAM_MAX_LEN : (uint32_t)value;
	/* A tail that XDP grew is zeroed by the kernel (bpf_xdp_adjust_tail). */
	if (len > sent)
		memset(j->scratch + sent, 0, len - sent);
	return len;
}

static uint32_t frags_len(const struct iovec *frags, uint32_t n)
{
	uint32_t len = 0;

	for (uint32_t k = 0; k < n; k++)
		len += (uint32_t)frags[k].iov_len;
	return len;
}

static bool is_equal(const uint8_t *expect, uint32_t len, const struct iovec *frags, uint32_t n)
{
	if (frags_len(frags, n) != len)
		return false;
	for (uint32_t k = 0; k < n; k++) {
		if (memcmp(expect, frags[k].iov_base, frags[k].iov_len))
			return false;
		expect += frags[k].iov_len;
	}
	return true;
}

static void advance(struct judge_flow *f)
{
	f->n_seen++;
	f->next++;
	skip_to_due(f);
}

/* Copies a packet out of its fragments; returns how much of it there was room for. */
static uint32_t gather(uint8_t *to, const struct iovec *frags, uint32_t n)
{
	uint32_t len = 0;

	for (uint32_t k = 0; k < n; k++) {
		uint32_t room = STREAM_MAX_LEN - len;
		uint32_t part = frags[k].iov_len < room ? (uint32_t)frags[k].iov_len : room;

		memcpy(to + len, frags[k].iov_base, part);
		len += part;
	}
	return len;
}

/* A verdict about a packet of the flow, by its send unless v says where else; the first of its kind
 * keeps both frames whole. */
static void accuse(struct judge *j, struct judge_flow *f, struct verdict *v, const uint8_t *expect,
		   uint32_t expect_len, const uint8_t *actual, uint32_t actual_len)
{
	struct verdicts *vs = j->verdicts;
	struct verdict *mine;

	v->flow = f->index;
	v->end = f->plan->to_end;
	v->socket = (int)f->plan->to_socket;
	if (!v->pos.line)
		v->pos = f->plan->pos;
	mine = verdict_add(vs, v);
	if (!mine || !actual || vs->n_frames == VERDICT_FRAMES)
		return;
	mine->frame = (int)vs->n_frames;
	vs->frames[vs->n_frames].expect_len = expect_len;
	vs->frames[vs->n_frames].actual_len = actual_len;
	memcpy(vs->frames[vs->n_frames].expect, expect, expect_len);
	memcpy(vs->frames[vs->n_frames++].actual, actual, actual_len);
}

/* Where the two differ first: the byte, and the fragment that it came in. */
static void locate(struct verdict *v, const struct stream *s, const uint8_t *expect,
		   const uint8_t *actual, uint32_t len, const struct iovec *frags, uint32_t n)
{
	while (v->byte < len && expect[v->byte] == actual[v->byte])
		v->byte++;
	v->kind = v->byte < s->hdr_len ? VERDICT_HEADER : VERDICT_PAYLOAD;
	v->expect = expect[v->byte];
	v->actual = actual[v->byte];
	v->n_frags = n;
	v->frag_byte = v->byte;
	while (v->frag + 1 < n && v->frag_byte >= frags[v->frag].iov_len)
		v->frag_byte -= (uint32_t)frags[v->frag++].iov_len;
}

/* Packet i came, but not as it was sent. */
static void judge_damage(struct judge *j, struct judge_flow *f, uint64_t i, const uint8_t *actual,
			 uint32_t actual_len, const struct iovec *frags, uint32_t n)
{
	struct verdict v = { .pkt = i };
	uint32_t len = expect_frame(j, f, i);

	if (len != actual_len) {
		v.kind = VERDICT_LEN;
		v.expect = len;
		v.actual = actual_len;
	} else {
		locate(&v, &f->plan->stream, j->scratch, actual, len, frags, n);
	}
	accuse(j, f, &v, j->scratch, len, actual, actual_len);
}

/* The packet that carries this number: at or behind the next one, else before it. */
static bool index_of_seq(const struct judge_flow *f, uint64_t seq, uint64_t *i)
{
	const struct stream *s = &f->plan->stream;

	if (!s->seq) {
		*i = seq;
		return seq < s->n_pkts;
	}
	for (uint64_t d = 0; d < SEEK_PKTS; d++) {
		*i = f->next + d;
		if (*i < s->n_pkts && stream_seq(s, *i) == seq)
			return true;
		*i = f->next - d;
		if (d <= f->next && *i < s->n_pkts && stream_seq(s, *i) == seq)
			return true;
	}
	return false;
}

/* Takes packet i out of the gap that it lies in; false if it lies in none. */
static bool gap_take(struct judge_flow *f, uint64_t i)
{
	for (uint32_t k = 0; k < f->n_gaps; k++) {
		struct gap *g = &f->gaps[k];

		if (i < g->first || i >= g->end)
			continue;
		if (i > g->first && i + 1 < g->end && f->n_gaps < JUDGE_MAX_GAPS)
			f->gaps[f->n_gaps++] = (struct gap){ i + 1, g->end };
		if (i == g->first)
			g->first++;
		else
			g->end = i;
		return true;
	}
	return false;
}

static void gap_push(struct judge_flow *f, uint64_t first, uint64_t end)
{
	/* With every slot taken the last gap stands for all that follows. */
	if (f->n_gaps == JUDGE_MAX_GAPS)
		f->gaps[JUDGE_MAX_GAPS - 1].end = end;
	else
		f->gaps[f->n_gaps++] = (struct gap){ first, end };
}

/* Packet i is not the next one: what does that say about order? */
static void judge_place(struct judge *j, struct judge_flow *f, uint64_t i)
{
	struct verdict v = { .pkt = i, .expect = (int64_t)f->next };

	if (!flow_is_due(f->plan, i)) {
		v.kind = VERDICT_NOT_DUE;
	} else if (i > f->next) {
		gap_push(f, f->next, i);
		f->next = i;
		advance(f);
		return;
	} else if (gap_take(f, i)) {
		v.kind = VERDICT_ORDER;
		f->n_seen++;
	} else {
		v.kind = VERDICT_DUPLICATE;
	}
	accuse(j, f, &v, NULL, 0, NULL, 0);
}

/* The way for everything that is not simply the next packet. */
static void judge_odd(struct judge *j, struct judge_flow *f, const struct iovec *frags, uint32_t n)
{
	uint8_t *actual = j->scratch + STREAM_MAX_LEN;
	uint32_t len = gather(actual, frags, n);
	uint64_t seq, i = f->next;
	bool is_known = stream_read_seq(&f->plan->stream, actual, len, &seq) &&
			index_of_seq(f, seq, &i);

	if (!is_known)
		i = f->next;
	j->pkt = i;
	if (i >= f->plan->stream.n_pkts) { /* one too many, and it does not say which */
		struct verdict v = { .kind = VERDICT_DUPLICATE, .pkt = i, .expect = (int64_t)i };

		accuse(j, f, &v, actual, len, actual, len);
		return;
	}
	if (!is_equal(j->scratch, expect_frame(j, f, i), frags, n))
		judge_damage(j, f, i, actual, len, frags, n);
	if (i == f->next)
		advance(f);
	else
		judge_place(j, f, i);
}

static void note_stranger(struct judge *j, const struct iovec *frags)
{
	if (!j->n_strangers++) {
		j->stranger_len = (uint32_t)frags[0].iov_len;
		memcpy(j->stranger, frags[0].iov_base,
		       frags[0].iov_len < sizeof(j->stranger) ? frags[0].iov_len :
								sizeof(j->stranger));
	}
}

static struct judge_flow *owner_of(struct judge *j, const struct iovec *frags)
{
	struct judge_flow *owner = NULL;

	for (uint32_t k = 0; k < j->n_flows; k++) {
		const struct stream *s = &j->flows[k].plan->stream;

		if (!stream_owns(s, frags[0].iov_base, (uint32_t)frags[0].iov_len))
			continue;
		/* The source address tells flows apart; any claim will do where it is damaged. */
		if (!memcmp((uint8_t *)frags[0].iov_base + 6, s->hdr + 6, 6))
			return &j->flows[k];
		owner = &j->flows[k];
	}
	return owner;
}

/* expect_frame() was called, so that the scratch frame begins with the packet as it was sent. */
static bool is_unchanged(struct judge *j, struct judge_flow *f, const struct iovec *frags,
			 uint32_t n)
{
	uint32_t sent = stream_len(&f->plan->stream, f->next);

	if (!f->plan->may_refuse || !is_equal(j->scratch, sent, frags, n))
		return false;
	f->n_unchanged++;
	return true;
}

/* Is it the packet that is due next, as far as the judge looks? */
static bool is_next(struct judge *j, struct judge_flow *f, const struct iovec *frags, uint32_t n)
{
	const struct stream *s = &f->plan->stream;

	switch (j->scrutiny) {
	case SCRUTINY_ONE_BYTE:
		if (*(const uint8_t *)frags[0].iov_base != s->hdr[0])
			return false;
		/* fall through */
	case SCRUTINY_LENGTH:
		return frags_len(frags, n) == stream_len(s, f->next);
	default:
		return is_equal(j->scratch, expect_frame(j, f, f->next), frags, n) ||
		       is_unchanged(j, f, frags, n);
	}
}

static bool take_next(struct judge *j, struct judge_flow *f, const struct iovec *frags, uint32_t n)
{
	if (f->next >= f->plan->stream.n_pkts || !is_next(j, f, frags, n))
		return false;
	j->n_pkts++;
	j->pkt = f->next;
	advance(f);
	return true;
}

/* Where the packet came to lie, and what the program put in front of it. */
static void judge_around(struct judge *j, struct judge_flow *f)
{
	struct verdict v = { .pkt = j->pkt };

	if (j->due_offset != UINT32_MAX && j->offset != j->due_offset) {
		v.kind = VERDICT_RX_OFFSET;
		v.expect = j->due_offset;
		v.actual = j->offset;
		accuse(j, f, &v, NULL, 0, NULL, 0);
	}
	if (!j->has_meta)
		return;
	/* After one that was wrong, the next may go by it, or by what it should have been. */
	if (j->meta != j->due_meta && j->meta != j->other_meta) {
		v.kind = VERDICT_METADATA;
		v.expect = j->due_meta;
		v.actual = j->meta;
		accuse(j, f, &v, NULL, 0, NULL, 0);
	}
	j->other_meta = (j->meta == j->other_meta ? j->other_meta : j->due_meta) + 1;
	j->due_meta = j->meta + 1;
	for (size_t k = 0; k < j->c->n_measures; k++) {
		const struct expect_stmt *e = j->c->measures[k];

		if (e->kind == EXPECT_RX_META && verdict_rx_meta(j, f, e, &v))
			accuse(j, f, &v, NULL, 0, NULL, 0);
	}
}

static struct judge_flow *find_owner(struct judge *j, const struct iovec *frags, uint32_t n)
{
	struct judge_flow *owner = j->n_flows == 1 ? &j->flows[0] : owner_of(j, frags);

	if (owner && take_next(j, owner, frags, n))
		return owner;
	/* Flows can have the same addresses: the whole packet tells whose it is. */
	for (uint32_t k = 0; k < j->n_flows && j->n_flows > 1; k++)
		if (&j->flows[k] != owner && take_next(j, &j->flows[k], frags, n))
			return &j->flows[k];
	owner = owner_of(j, frags);
	if (!owner) {
		note_stranger(j, frags);
		return NULL;
	}
	j->n_pkts++;
	judge_odd(j, owner, frags, n);
	return owner;
}

struct judge_flow *judge_packet(struct judge *j, const struct iovec *frags, uint32_t n)
{
	struct judge_flow *owner = find_owner(j, frags, n);

	if (owner)
		judge_around(j, owner);
	return owner;
}

static uint64_t count_due(const struct judge_flow *f, uint64_t first, uint64_t end)
{
	uint64_t n = 0;

	if (f->plan->is_all_valid && !f->plan->deliver)
		return end - first;
	for (uint64_t i = first; i < end; i++)
		n += flow_is_due(f->plan, i);
	return n;
}

static void accuse_gap(struct judge *j, struct judge_flow *f, uint64_t first, uint64_t end,
		       uint64_t n_missing)
{
	struct verdict v = { .kind = VERDICT_MISSING, .pkt = first, .last = end - 1 };

	v.actual = (int64_t)n_missing;

	v.expect = (int64_t)count_due(f, first, end);
	if (v.expect)
		accuse(j, f, &v, NULL, 0, NULL, 0);
}

void judge_finish(struct judge *j)
{
	for (uint32_t k = 0; k < j->n_flows; k++) {
		struct judge_flow *f = &j->flows[k];
		uint64_t n_pkts = f->plan->stream.n_pkts, n_missing = 0;

		if (f->next < n_pkts)
			gap_push(f, f->next, n_pkts);
		f->next = n_pkts;
		if (f->n_gaps)
			n_missing = count_due(f, 0, n_pkts) - f->n_seen;
		f->n_lost = n_missing;
		for (uint32_t g = 0; g < f->n_gaps; g++) {
			if (f->gaps[g].first >= f->gaps[g].end)
				continue;
			f->n_lost_places++;
			if (!f->plan->may_lose)
				accuse_gap(j, f, f->gaps[g].first, f->gaps[g].end, n_missing);
		}
	}
}

bool judge_is_done(const struct judge *j)
{
	for (uint32_t k = 0; k < j->n_flows; k++)
		if (j->flows[k].next < j->flows[k].plan->stream.n_pkts)
			return false;
	return true;
}
