// SPDX-License-Identifier: GPL-2.0-only
#include "lang/lex.h"

#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	enum dim dim;
	int64_t scale;
};

static const struct unit units[] = {
	{ "", DIM_NONE, 1 },
	{ "B", DIM_BYTES, 1 },
	{ "KiB", DIM_BYTES, 1 << 10 },
	{ "MiB", DIM_BYTES, 1 << 20 },
	{ "GiB", DIM_BYTES, 1 << 30 },
	{ "kB", DIM_BYTES, 1000 },
	{ "MB", DIM_BYTES, 1000000 },
	{ "GB", DIM_BYTES, 1000000000 },
	{ "ns", DIM_TIME, 1 },
	{ "us", DIM_TIME, 1000 },
	{ "ms", DIM_TIME, 1000000 },
	{ "s", DIM_TIME, 1000000000 },
	{ "min", DIM_TIME, 60000000000 },
	{ "pps", DIM_RATE, 1 },
	{ "kpps", DIM_RATE, 1000 },
	{ "Mpps", DIM_RATE, 1000000 },
	{ "%", DIM_PERCENT, 100 },
};
#define N_UNITS (sizeof(units) / sizeof(units[0]))

/* Digits after the point; so many that 10^8 of the largest unit fits 64 bits. */
#define MAX_FRACTION_SCALE 100000000

struct fraction {
	int64_t digits;
	int64_t scale; /* 10^n for n digits */
	bool is_too_fine;
};

static void bad_number(struct lexer *lx, struct token *tok, enum diag_id id, const char *why)
{
	tok->is_bad = true;
	tok->pos.len = lx->src->text + lx->at - tok->text;
	diag_add(lx->ds, id, tok->pos, "'%.*s' %s", lex_shown(tok->pos.len), tok->text, why);
}

/* False where the value does not fit. */
static bool take_digits(struct lexer *lx, int base, int64_t *value)
{
	bool fits = true;
	int digit;

	*value = 0;
	while ((digit = hex_digit(lex_peek(lx, 0))) >= 0 && digit < base) {
		fits &= !__builtin_mul_overflow(*value, base, value) &&
			!__builtin_add_overflow(*value, digit, value);
		lx->at++;
	}
	return fits;
}

static struct fraction take_fraction(struct lexer *lx)
{
	struct fraction f = { .scale = 1 };

	for (; is_digit(lex_peek(lx, 0)); lx->at++) {
		int digit = lex_peek(lx, 0) - '0';

		if (f.scale < MAX_FRACTION_SCALE) {
			f.digits = f.digits * 10 + digit;
			f.scale *= 10;
		} else if (digit) {
			f.is_too_fine = true;
		}
	}
	return f;
}

/* '.' and a digit: not the '..' of a range. */
static bool is_at_point(const struct lexer *lx)
{
	return lex_peek(lx, 0) == '.' && is_digit(lex_peek(lx, 1));
}

/* '10%2' and '10%n' are divisions, '10%' and '10% + 1' carry a unit. */
static bool is_at_percent(const struct lexer *lx)
{
	int next = lex_peek(lx, 1);

	return lex_peek(lx, 0) == '%' && !is_word_char(next) && next != '(';
}

static const struct unit *find_unit(const char *name, size_t len)
{
	for (size_t i = 0; i < N_UNITS; i++) {
		if (strlen(units[i].name) == len && !memcmp(units[i].name, name, len))
			return &units[i];
	}
	return NULL;
}

static const struct unit *take_unit(struct lexer *lx, struct token *tok)
{
	const char *name = lx->src->text + lx->at, *names[N_UNITS], *near;
	const struct unit *unit;
	struct diag *d;
	size_t len = 0;

	while (is_word_char(lex_peek(lx, len)))
		len++;
	if (!len)
		len = is_at_percent(lx);
	lx->at += len;
	unit = find_unit(name, len);
	if (unit)
		return unit;
	tok->is_bad = true;
	tok->pos.len = lx->src->text + lx->at - tok->text;
	d = diag_add(lx->ds, DIAG_UNIT, tok->pos, "there is no unit '%.*s'", lex_shown(len), name);
	for (size_t i = 0; i < N_UNITS; i++)
		names[i] = units[i].name;
	near = diag_nearest(name, len, names + 1, N_UNITS - 1);
	if (near)
		diag_hint(lx->ds, d, "did you mean '%s'?", near);
	return NULL;
}

/* The rest of 192.0.2.1, whose first number is known. */
static void take_ip4(struct lexer *lx, struct token *tok, int64_t first)
{
	bool is_ip4 = first <= 255;
	int64_t part;
	int n = 1;

	for (tok->value = first; is_at_point(lx); n++) {
		lx->at++;
		is_ip4 &= take_digits(lx, 10, &part) && part <= 255 && n < 4;
		tok->value = is_ip4 ? tok->value << 8 | part : 0;
	}
	if (!is_ip4 || n != 4 || is_word_char(lex_peek(lx, 0))) {
		while (is_word_char(lex_peek(lx, 0)))
			lx->at++;
		bad_number(lx, tok, DIAG_BAD_NUMBER, "is no IPv4 address");
	}
}

static void scale_number(struct lexer *lx, struct token *tok, const struct unit *unit,
			 const struct fraction *f)
{
	int64_t part = f->digits * unit->scale;

	tok->dim = unit->dim;
	if (f->is_too_fine || part % f->scale) {
		bad_number(lx, tok, DIAG_BAD_NUMBER,
			   unit->scale == 1 ? "is no whole number" :
					      "is no whole number of the smallest unit");
		return;
	}
	if (__builtin_mul_overflow(tok->value, unit->scale, &tok->value) ||
	    __builtin_add_overflow(tok->value, part / f->scale, &tok->value))
		bad_number(lx, tok, DIAG_OVERFLOW, "does not fit 64 bits");
}

/* At a point: one of them makes a fraction, more an address. */
static bool is_at_second_point(const struct lexer *lx)
{
	size_t n = 1;

	while (is_digit(lex_peek(lx, n)))
		n++;
	return lex_peek(lx, n) == '.' && is_digit(lex_peek(lx, n + 1));
}

void lex_number(struct lexer *lx, struct token *tok)
{
	bool is_hex = lex_peek(lx, 0) == '0' && lex_peek(lx, 1) == 'x';
	struct fraction f = { .scale = 1 };
	const struct unit *unit;
	bool fits;

	tok->kind = TOK_NUMBER;
	lx->at += is_hex ? 2 : 0;
	if (is_hex && hex_digit(lex_peek(lx, 0)) < 0) {
		bad_number(lx, tok, DIAG_BAD_NUMBER, "has no digits");
		return;
	}
	fits = take_digits(lx, is_hex ? 16 : 10, &tok->value);
	if (!is_hex && is_at_point(lx)) {
		if (is_at_second_point(lx)) {
			take_ip4(lx, tok, fits ? tok->value : INT64_MAX);
			return;
		}
		lx->at++;
		f = take_fraction(lx);
	}
	unit = take_unit(lx, tok);
	if (!unit)
		return;
	if (fits)
		scale_number(lx, tok, unit, &f);
	else
		bad_number(lx, tok, DIAG_OVERFLOW, "does not fit 64 bits");
}

void unit_format(int64_t value, enum dim dim, char *out, size_t size)
{
	const struct unit *best = NULL;

	if (dim == DIM_PERCENT && value % 100) {
		snprintf(out, size, "%.2f%%", (double)value / 100);
		return;
	}
	for (size_t i = 0; i < N_UNITS; i++) {
		const struct unit *unit = &units[i];

		if (unit->dim == dim && (!best || (value && !(value % unit->scale))))
			best = !best || unit->scale > best->scale ? unit : best;
	}
	snprintf(out, size, "%lld%s", (long long)(best ? value / best->scale : value),
		 best ? best->name : "");
}
