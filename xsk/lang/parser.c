// SPDX-License-Identifier: GPL-2.0-only
#include "lang/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_SOCKETS 64
#define MAX_NAME 64 /* names become part of ids and of file names */

static void note_prev(struct parser *p)
{
	p->prev = p->tok.pos;
	p->prev_end = p->lex.src->text + p->lex.at;
	p->prev_kind = p->tok.kind;
}

struct srcpos parser_advance(struct parser *p)
{
	note_prev(p);
	lex_next(&p->lex, &p->tok);
	return p->prev;
}

void parser_advance_to_address(struct parser *p)
{
	note_prev(p);
	lex_address(&p->lex, &p->tok);
}

bool parser_is_at(const struct parser *p, enum token_kind kind)
{
	return !p->is_lost && p->tok.kind == kind;
}

static bool is_word(const struct token *tok, const char *word)
{
	return tok->kind == TOK_WORD && strlen(word) == tok->len &&
	       !memcmp(word, tok->text, tok->len);
}

bool parser_is_at_word(const struct parser *p, const char *word)
{
	return !p->is_lost && is_word(&p->tok, word);
}

bool parser_is_at_end(const struct parser *p)
{
	return p->tok.kind == TOK_END || p->tok.kind == TOK_EOF || p->tok.kind == TOK_RBRACE;
}

bool parser_is_at_next_statement(const struct parser *p)
{
	return p->tok.kind == TOK_WORD && p->tok.starts_line && !p->lex.parens &&
	       p->prev_kind >= TOK_COMMA && keyword_find(p->scope, p->tok.text, p->tok.len);
}

bool parser_take(struct parser *p, enum token_kind kind)
{
	if (!parser_is_at(p, kind))
		return false;
	parser_advance(p);
	return true;
}

bool parser_take_word(struct parser *p, const char *word)
{
	if (!parser_is_at_word(p, word))
		return false;
	parser_advance(p);
	return true;
}

void parser_expected(struct parser *p, const char *what)
{
	const struct token *tok = &p->tok;
	struct diag *d;

	if (p->is_lost)
		return;
	p->is_lost = true;
	if (tok->is_bad)
		return; /* the lexer has said it already */
	if (parser_is_at_next_statement(p)) {
		diag_add(p->ds, DIAG_SYNTAX, p->prev, "expected %s after %s", what,
			 token_kind_name(p->prev_kind));
		return;
	}
	if (tok->kind == TOK_EOF || tok->kind == TOK_END || tok->kind == TOK_STRING) {
		diag_add(p->ds, DIAG_SYNTAX, tok->pos, "expected %s before %s", what,
			 token_kind_name(tok->kind));
		return;
	}
	d = diag_add(p->ds, DIAG_SYNTAX, tok->pos, "expected %s before '%.*s'", what,
		     lex_shown(tok->len), tok->text);
	if (tok->kind == TOK_ASSIGN)
		diag_hint(p->ds, d, "did you mean '=='?");
}

bool parser_need(struct parser *p, enum token_kind kind)
{
	if (!parser_take(p, kind))
		parser_expected(p, token_kind_name(kind));
	return !p->is_lost;
}

bool parser_need_word(struct parser *p, const char *word)
{
	char what[32];

	if (!parser_take_word(p, word)) {
		snprintf(what, sizeof(what), "'%s'", word);
		parser_expected(p, what);
	}
	return !p->is_lost;
}

void parser_suggest(struct parser *p, struct diag *d, const struct token *tok,
		    const char *const *list, size_t n)
{
	const char *near = diag_nearest(tok->text, tok->len, list, n);

	if (near)
		diag_hint(p->ds, d, "did you mean '%s'?", near);
}

static void unknown_word(struct parser *p, const char *what, const char *const *list, size_t n)
{
	parser_suggest(p,
		       diag_add(p->ds, DIAG_UNKNOWN_WORD, p->tok.pos, "'%.*s' is not %s",
				lex_shown(p->tok.len), p->tok.text, what),
		       &p->tok, list, n);
}

int parser_choice(struct parser *p, const char *const *list, size_t n, const char *what)
{
	const char *words[64];
	size_t n_words = 0;

	if (!parser_is_at(p, TOK_WORD)) {
		parser_expected(p, what);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i] && is_word(&p->tok, list[i])) {
			parser_advance(p);
			return (int)i;
		}
		if (list[i])
			words[n_words++] = list[i];
	}
	if (parser_is_at_next_statement(p)) {
		parser_expected(p, what);
		return -1;
	}
	unknown_word(p, what, words, n_words);
	parser_advance(p);
	return -1;
}

const char *parser_name(struct parser *p, const char *what, struct srcpos *pos)
{
	const char *name;

	if (!parser_is_at(p, TOK_WORD)) {
		parser_expected(p, what);
		return NULL;
	}
	if (p->tok.len > MAX_NAME)
		diag_add(p->ds, DIAG_TOO_MANY, p->tok.pos, "a name has no more than %d characters",
			 MAX_NAME);
	name = arena_strndup(p->arena, p->tok.text, p->tok.len < MAX_NAME ? p->tok.len : MAX_NAME);
	*pos = parser_advance(p);
	return name;
}

const uint8_t *parser_bytes(struct parser *p, const char *what, size_t *n)
{
	char quoted[64], *bytes;

	if (!parser_is_at(p, TOK_STRING)) {
		snprintf(quoted, sizeof(quoted), "%s in quotes", what);
		parser_expected(p, quoted);
		return NULL;
	}
	if (p->tok.is_bad) {
		parser_advance(p);
		return NULL;
	}
	bytes = arena_alloc(p->arena, p->tok.len + 1);
	*n = lex_unescape(&p->tok, bytes);
	parser_advance(p);
	return (uint8_t *)bytes;
}

const char *parser_text(struct parser *p, const char *what)
{
	struct srcpos pos = p->tok.pos;
	const uint8_t *text;
	size_t n;

	text = parser_bytes(p, what, &n);
	if (!text)
		return NULL;
	if (!n || memchr(text, '\0', n)) {
		diag_add(p->ds, DIAG_BAD_STRING, pos,
			 n ? "%s cannot hold a NUL byte" : "%s cannot be empty", what);
		return NULL;
	}
	return (const char *)text;
}

bool parser_is_at_end_word(const struct parser *p)
{
	return parser_is_at_word(p, "a") || parser_is_at_word(p, "b");
}

static bool socket_number(struct parser *p, int *socket)
{
	if (!parser_is_at(p, TOK_NUMBER)) {
		parser_expected(p, "the number of a socket");
		return false;
	}
	if (!p->tok.is_bad && (p->tok.dim != DIM_NONE || p->tok.value >= MAX_SOCKETS))
		diag_add(p->ds, DIAG_RANGE, p->tok.pos, "sockets are numbered from 0 to %d",
			 MAX_SOCKETS - 1);
	else
		*socket = (int)p->tok.value;
	parser_advance(p);
	return parser_need(p, TOK_RBRACKET);
}

bool parser_end(struct parser *p, enum end *end, int *socket)
{
	if (!parser_is_at_end_word(p)) {
		parser_expected(p, "an end, a or b,");
		return false;
	}
	*end = p->tok.text[0] == 'b' ? END_B : END_A;
	parser_advance(p);
	if (!socket)
		return true;
	*socket = -1;
	return !parser_take(p, TOK_LBRACKET) || socket_number(p, socket);
}

void parser_duplicate(struct parser *p, struct srcpos pos, struct srcpos first, const char *fmt,
		      ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	diag_hint(p->ds, diag_add(p->ds, DIAG_DUPLICATE, pos, "%s", text),
		  "the first one is in line %u, column %u", first.line, first.col);
}

struct srcpos parser_span(const struct parser *p, struct srcpos from)
{
	/* Over more than one line only the first token is underlined. */
	if (from.line == p->prev.line && p->prev.col >= from.col)
		from.len = p->prev.col + p->prev.len - from.col;
	return from;
}

size_t parser_n_diags(const struct parser *p)
{
	return p->ds->n + p->ds->n_more;
}

static size_t token_offset(const struct parser *p)
{
	return p->tok.text - p->lex.src->text;
}

/*
 * What is passed over may hold the only mention of a stream or an axis; one
 * mistake must not make a second one of it.
 */
static void note_mention(struct parser *p)
{
	struct test *t = p->test;

	for (size_t i = 0; t && p->tok.kind == TOK_WORD && i < t->n_streams; i++)
		t->streams[i].is_used |= is_word(&p->tok, t->streams[i].name);
	for (size_t i = 0; t && p->tok.kind == TOK_WORD && i < t->n_axes; i++)
		t->axes[i].is_used |= is_word(&p->tok, t->axes[i].name);
}

/* Goes to the end of the statement, over blocks; what is in there was not understood. */
static void skip_statement(struct parser *p)
{
	size_t depth = 0;

	while (p->tok.kind != TOK_EOF && (depth || !parser_is_at_end(p))) {
		if (p->tok.kind == TOK_LBRACE)
			depth++;
		else if (p->tok.kind == TOK_RBRACE)
			depth--;
		note_mention(p);
		parser_advance(p);
	}
}

/* Goes on behind a statement that began at offset start and has a mistake. */
static void recover(struct parser *p, size_t start)
{
	struct diags unheard = {};

	p->is_lost = false;
	p->has_skipped = true;
	p->lex.parens = 0;
	/* A statement that goes on in the next line only because something is missing here. */
	if (p->tok.starts_line && token_offset(p) != start)
		return;
	p->lex.ds = &unheard;
	skip_statement(p);
	p->lex.ds = p->ds;
	diags_release(&unheard);
}

static void check_once(struct parser *p, const struct keyword *kw)
{
	const struct keyword *all;
	struct srcpos *first;

	keyword_list(&all);
	first = &p->said[kw - all];
	if (first->line)
		parser_duplicate(p, p->tok.pos, *first, "'%s' was said already", kw->name);
	else
		*first = p->tok.pos;
}

static void parse_statement(struct parser *p, enum scope scope)
{
	const char *words[64];
	const struct keyword *kw;
	char what[64];

	snprintf(what, sizeof(what), "a statement of %s", scope_name(scope));
	if (!parser_is_at(p, TOK_WORD)) {
		parser_expected(p, what);
		return;
	}
	kw = keyword_find(scope, p->tok.text, p->tok.len);
	if (kw && kw->is_once)
		check_once(p, kw);
	if (!kw) {
		unknown_word(p, what, words, keyword_words(scope, words));
		p->is_lost = true;
	} else if (kw->setting >= 0) {
		parse_setting(p, kw);
	} else {
		statement_parser(scope, kw->name)(p);
	}
}

/* A statement with all that belongs to it, its mistakes included. */
static void parse_whole_statement(struct parser *p, enum scope scope)
{
	size_t start = token_offset(p), n = parser_n_diags(p);

	parse_statement(p, scope);
	if (p->is_unwinding || (!p->is_lost && parser_is_at_end(p)))
		return;
	if (parser_n_diags(p) == n)
		parser_expected(p, "the end of the statement");
	recover(p, start);
}

static bool is_at_next_test(const struct parser *p)
{
	return p->tok.starts_line && is_word(&p->tok, "test");
}

/* All blocks end here: one '}' too few is one mistake. */
static void unwind(struct parser *p, const char *before, struct srcpos open)
{
	diag_hint(p->ds, diag_add(p->ds, DIAG_SYNTAX, p->tok.pos, "expected '}' before %s", before),
		  "to close the block that was opened in line %u, column %u", open.line, open.col);
	p->is_unwinding = true;
	p->has_skipped = true;
}

/* After a mistake in front of a block: goes to its '{', so that the block's own mistakes are said. */
static bool resume_at_block(struct parser *p)
{
	struct diags unheard = {};

	p->lex.parens = 0;
	p->lex.ds = &unheard;
	while (!parser_is_at_end(p) && p->tok.kind != TOK_LBRACE && !p->tok.starts_line) {
		note_mention(p);
		parser_advance(p);
	}
	while (p->tok.kind == TOK_END && p->tok.text[0] == '\n')
		parser_advance(p);
	p->lex.ds = p->ds;
	diags_release(&unheard);
	if (p->tok.kind != TOK_LBRACE)
		return false;
	p->is_lost = false;
	p->has_skipped = true;
	return true;
}

/* The '{', wherever a mistake before it has left the parser. */
static bool open_block(struct parser *p, struct srcpos *open)
{
	if (p->is_lost && !resume_at_block(p))
		return false;
	while (parser_take(p, TOK_END))
		; /* the brace may stand in a line of its own */
	*open = p->tok.pos;
	if (parser_need(p, TOK_LBRACE))
		return true;
	/* What stands here belongs into the block: it is no statement to go on with. */
	if (!parser_is_at_end(p) && !is_at_next_test(p))
		parser_advance(p);
	return false;
}

bool parser_block(struct parser *p, enum scope scope)
{
	enum scope outer_scope = p->scope;
	bool was_lost = p->is_lost;
	struct srcpos said[MAX_KEYWORDS] = {}, *outer = p->said, open;
	size_t n = parser_n_diags(p);

	if (!open_block(p, &open))
		return false;
	p->said = said;
	p->scope = scope;
	while (!p->is_unwinding && !parser_take(p, TOK_RBRACE)) {
		if (p->tok.kind == TOK_EOF)
			unwind(p, "the end of the file", open);
		else if (is_at_next_test(p))
			unwind(p, "the next test", open);
		else if (!parser_take(p, TOK_END))
			parse_whole_statement(p, scope);
	}
	p->said = outer;
	p->scope = outer_scope;
	return !was_lost && parser_n_diags(p) == n;
}

/* Outside of tests there is nothing to go on with but the next test. */
static void skip_to_test(struct parser *p)
{
	struct diags unheard = {};

	p->is_lost = false;
	p->lex.ds = &unheard;
	while (p->tok.kind != TOK_EOF && !is_at_next_test(p))
		parser_advance(p);
	p->lex.ds = p->ds;
	diags_release(&unheard);
}

void parser_file(struct parser *p)
{
	lex_next(&p->lex, &p->tok);
	while (p->tok.kind != TOK_EOF) {
		p->is_unwinding = false;
		if (parser_take(p, TOK_END))
			continue;
		if (p->tok.kind == TOK_RBRACE) {
			diag_add(p->ds, DIAG_SYNTAX, p->tok.pos, "this '}' closes nothing");
			p->is_lost = true;
		} else {
			parse_statement(p, SCOPE_FILE);
		}
		if (!p->is_unwinding && !parser_is_at_end(p))
			parser_expected(p, "the end of the line");
		if (p->is_lost)
			skip_to_test(p);
	}
}
