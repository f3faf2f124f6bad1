// SPDX-License-Identifier: GPL-2.0-only
#include "lang/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"

static const char *const diag_names[] = {
#define X(id, name) name,
	DIAG_LIST(X)
#undef X
};

const char *diag_name(enum diag_id id)
{
	return diag_names[id];
}

static char *arena_vprintf(struct arena *a, const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = arena_alloc(a, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

/* A file of junk makes a mistake per line: from here on they are only counted. */
static struct diag *count_more(struct diags *ds, struct srcpos pos)
{
	struct diag *last;

	if (ds->n == DIAGS_MAX) {
		last = ARENA_PUSH(&ds->arena, ds->v, ds->n);
		last->id = DIAG_TOO_MANY;
		last->pos = pos;
		last->text = ds->more_text;
	}
	ds->n_more++;
	snprintf(ds->more_text, sizeof(ds->more_text), "%zu more mistakes from here on",
		 ds->n_more);
	return &ds->v[DIAGS_MAX];
}

struct diag *diag_add(struct diags *ds, enum diag_id id, struct srcpos pos, const char *fmt, ...)
{
	struct diag *d;
	va_list args;

	if (ds->n >= DIAGS_MAX)
		return count_more(ds, pos);
	d = ARENA_PUSH(&ds->arena, ds->v, ds->n);
	d->id = id;
	d->pos = pos;
	va_start(args, fmt);
	d->text = arena_vprintf(&ds->arena, fmt, args);
	va_end(args);
	return d;
}

void diag_hint(struct diags *ds, struct diag *d, const char *fmt, ...)
{
	va_list args;

	if (d == &ds->v[DIAGS_MAX])
		return;
	va_start(args, fmt);
	d->hint = arena_vprintf(&ds->arena, fmt, args);
	va_end(args);
}

void diags_release(struct diags *ds)
{
	arena_release(&ds->arena);
	*ds = (struct diags){};
}

static bool is_before(const struct diag *a, const struct diag *b)
{
	return a->pos.line != b->pos.line ? a->pos.line < b->pos.line : a->pos.col < b->pos.col;
}

void diags_sort(struct diags *ds)
{
	size_t n = ds->n < DIAGS_MAX ? ds->n : DIAGS_MAX; /* the count of the rest stays last */

	for (size_t i = 1; i < n; i++) {
		struct diag d = ds->v[i];
		size_t k = i;

		for (; k && is_before(&d, &ds->v[k - 1]); k--)
			ds->v[k] = ds->v[k - 1];
		ds->v[k] = d;
	}
}

/* The part of a source line that is shown. */
struct excerpt {
	const char *text;
	size_t len;
	size_t caret; /* offset in text */
	bool is_cut_left, is_cut_right;
};

#define EXCERPT_LEN 100
#define EXCERPT_BEFORE 60 /* of which before the caret, where the line is cut */

static struct excerpt find_excerpt(const struct source *src, struct srcpos pos)
{
	const char *line = src->text, *end = src->text + src->len, *next;
	struct excerpt x = { .caret = pos.col - 1 };

	for (uint32_t n = 1; n < pos.line && line < end; n++) {
		next = memchr(line, '\n', end - line);
		line = next ? next + 1 : end;
	}
	next = line < end ? memchr(line, '\n', end - line) : NULL;
	x.text = line;
	x.len = (next ? next : end) - line;
	if (x.len && line[x.len - 1] == '\r')
		x.len--;
	if (x.caret > x.len)
		x.caret = x.len;
	if (x.len <= EXCERPT_LEN)
		return x;
	if (x.caret > EXCERPT_BEFORE) {
		size_t cut = x.caret - EXCERPT_BEFORE;

		x.text += cut;
		x.len -= cut;
		x.caret -= cut;
		x.is_cut_left = true;
	}
	x.is_cut_right = x.len > EXCERPT_LEN;
	x.len = x.is_cut_right ? EXCERPT_LEN : x.len;
	return x;
}

/* A tab takes one column: the caret has to be under the byte that it means. */
static void show_byte(struct strbuf *out, unsigned char c)
{
	if (c == '\t')
		strbuf_add(out, " ");
	else if (c < ' ' || c > '~')
		strbuf_add(out, "\\x%02x", c);
	else
		strbuf_add_mem(out, &c, 1);
}

static void fill(struct strbuf *out, char c, size_t n)
{
	while (n--)
		strbuf_add_mem(out, &c, 1);
}

static void show_excerpt(struct strbuf *out, const struct excerpt *x, struct srcpos pos)
{
	size_t line_start, caret = 0, caret_end = 0;

	strbuf_add(out, " %5u | ", pos.line);
	line_start = out->len;
	if (x->is_cut_left)
		strbuf_add(out, "...");
	for (size_t i = 0; i <= x->len; i++) {
		if (i == x->caret)
			caret = out->len - line_start;
		if (i >= x->caret && i - x->caret <= pos.len)
			caret_end = out->len - line_start;
		if (i < x->len)
			show_byte(out, x->text[i]);
	}
	strbuf_add(out, "%s\n       | ", x->is_cut_right ? "..." : "");
	fill(out, ' ', caret);
	strbuf_add(out, "^");
	fill(out, '~', caret_end > caret + 1 ? caret_end - caret - 1 : 0);
	strbuf_add(out, "\n");
}

void diag_format(const struct diag *d, const struct source *src, struct strbuf *out)
{
	struct excerpt x;

	if (!d->pos.line) {
		strbuf_add(out, "%s: error[%s]: %s\n", src->path, diag_name(d->id), d->text);
	} else {
		strbuf_add(out, "%s:%u:%u: error[%s]: %s\n", src->path, d->pos.line, d->pos.col,
			   diag_name(d->id), d->text);
		x = find_excerpt(src, d->pos);
		show_excerpt(out, &x, d->pos);
	}
	if (d->hint)
		strbuf_add(out, "       = %s\n", d->hint);
}

/* Longer words are no typing mistakes. */
#define NEAREST_MAX 40

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

static unsigned int is_other(char a, char b)
{
	bool is_letter = (a | 0x20) >= 'a' && (a | 0x20) <= 'z';

	return a != b && !(is_letter && (a ^ b) == 0x20);
}

/* Insertions, deletions, replacements and swaps of neighbours that make b of a. */
static unsigned int edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int rows[3][NEAREST_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t k = 0; k <= b_len; k++)
		last[k] = k;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned int *free_row = before;

		row[0] = i;
		for (size_t k = 1; k <= b_len; k++) {
			row[k] = min3(last[k] + 1, row[k - 1] + 1,
				      last[k - 1] + is_other(a[i - 1], b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				row[k] = min3(row[k], row[k], before[k - 2] + 1);
		}
		before = last;
		last = row;
		row = free_row;
	}
	return last[b_len];
}

const char *diag_nearest(const char *word, size_t len, const char *const *list, size_t n)
{
	unsigned int best_distance = len <= 2 ? 2 : len / 3 + 2; /* the first that is too far */
	const char *best = NULL;

	if (!len || len > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t other_len = strlen(list[i]);
		unsigned int distance;

		if (other_len > NEAREST_MAX)
			continue;
		distance = edit_distance(word, len, list[i], other_len);
		if (distance < best_distance) {
			best_distance = distance;
			best = list[i];
		}
	}
	return best;
}
