/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_LEX_H
#define XSK_LANG_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/diag.h"
#include "lang/expr.h"
#include "lang/source.h"

/*
 * Text to tokens, one at a time and in linear time, so that a line of ten
 * megabytes needs no memory. The parser looks at one token only, which is why
 * it can say beforehand that an address comes next (lex_address).
 */
enum token_kind {
	TOK_EOF,
	TOK_END, /* of a statement: newline or ; */
	TOK_WORD,
	TOK_NUMBER,
	TOK_STRING,
	TOK_ADDRESS, /* MAC or IPv6, only where asked for */
	TOK_LBRACE,
	TOK_RBRACE,
	TOK_LPAREN,
	TOK_RPAREN,
	TOK_LBRACKET,
	TOK_RBRACKET,
	TOK_COMMA,
	TOK_DOT,
	TOK_DOTDOT,
	TOK_QUESTION,
	TOK_COLON,
	TOK_ASSIGN, /* no statement has it; known for the sake of "did you mean '=='" */
	TOK_NOT,
	TOK_TILDE,
	TOK_STAR,
	TOK_SLASH,
	TOK_PERCENT,
	TOK_PLUS,
	TOK_MINUS,
	TOK_SHL,
	TOK_SHR,
	TOK_LT,
	TOK_LE,
	TOK_GT,
	TOK_GE,
	TOK_EQ,
	TOK_NE,
	TOK_AND,
	TOK_XOR,
	TOK_OR,
	TOK_ANDAND,
	TOK_OROR,
	N_TOKENS,
};

struct token {
	enum token_kind kind;
	struct srcpos pos;
	const char *text; /* in the source; of a string: without the quotes, not unescaped */
	size_t len;
	int64_t value; /* TOK_NUMBER: in the base unit of dim */
	enum dim dim;
	bool starts_line;
	bool is_bad; /* a diagnostic says why; value and text mean nothing */
};

struct lexer {
	const struct source *src;
	struct diags *ds;
	size_t at;	   /* offset of the next byte */
	size_t line_start; /* offset of the line that it lies in */
	uint32_t line;
	uint32_t parens; /* open ones: a newline inside ends no statement */
	enum token_kind last;
	bool is_line_start;
};

void lex_init(struct lexer *lx, const struct source *src, struct diags *ds);
void lex_next(struct lexer *lx, struct token *tok);

/* Like lex_next(), but takes anything that looks like one as a TOK_ADDRESS. */
void lex_address(struct lexer *lx, struct token *tok);

/* The first byte that no text has, and its place; -1: there is none. */
int lex_find_binary(const struct source *src, struct srcpos *pos);

/* The bytes that a string means; out has room for tok->len. Returns their number. */
size_t lex_unescape(const struct token *tok, char *out);

/* Reads the number at lx->at, with its unit; the rest of lex.c calls it. */
void lex_number(struct lexer *lx, struct token *tok);

/* Writes value with the largest unit of dim that leaves a whole number: 1536KiB, 20us. */
void unit_format(int64_t value, enum dim dim, char *out, size_t size);

/* "'{'", "the end of the line", ...: what a message calls a token of this kind. */
const char *token_kind_name(enum token_kind kind);

static inline bool is_word_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Value of a hexadecimal digit, -1 if it is none. */
static inline int hex_digit(int c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte n places ahead, -1 at the end of the text. */
static inline int lex_peek(const struct lexer *lx, size_t n)
{
	return lx->src->len - lx->at > n ? (unsigned char)lx->src->text[lx->at + n] : -1;
}

/* Precision for "%.*s" of a word that may be megabytes long. */
static inline int lex_shown(size_t len)
{
	return len < 40 ? (int)len : 40;
}

#endif
