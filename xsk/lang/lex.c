// SPDX-License-Identifier: GPL-2.0-only
#include "lang/lex.h"

#include <string.h>

static const char *const kind_names[N_TOKENS] = {
	[TOK_EOF] = "the end of the file",
	[TOK_END] = "the end of the statement",
	[TOK_WORD] = "a word",
	[TOK_NUMBER] = "a number",
	[TOK_STRING] = "a string",
	[TOK_ADDRESS] = "an address",
	[TOK_LBRACE] = "'{'",
	[TOK_RBRACE] = "'}'",
	[TOK_LPAREN] = "'('",
	[TOK_RPAREN] = "')'",
	[TOK_LBRACKET] = "'['",
	[TOK_RBRACKET] = "']'",
	[TOK_COMMA] = "','",
	[TOK_DOT] = "'.'",
	[TOK_DOTDOT] = "'..'",
	[TOK_QUESTION] = "'?'",
	[TOK_COLON] = "':'",
	[TOK_ASSIGN] = "'='",
	[TOK_NOT] = "'!'",
	[TOK_TILDE] = "'~'",
	[TOK_STAR] = "'*'",
	[TOK_SLASH] = "'/'",
	[TOK_PERCENT] = "'%'",
	[TOK_PLUS] = "'+'",
	[TOK_MINUS] = "'-'",
	[TOK_SHL] = "'<<'",
	[TOK_SHR] = "'>>'",
	[TOK_LT] = "'<'",
	[TOK_LE] = "'<='",
	[TOK_GT] = "'>'",
	[TOK_GE] = "'>='",
	[TOK_EQ] = "'=='",
	[TOK_NE] = "'!='",
	[TOK_AND] = "'&'",
	[TOK_XOR] = "'^'",
	[TOK_OR] = "'|'",
	[TOK_ANDAND] = "'&&'",
	[TOK_OROR] = "'||'",
};

const char *token_kind_name(enum token_kind kind)
{
	return kind_names[kind];
}

void lex_init(struct lexer *lx, const struct source *src, struct diags *ds)
{
	*lx = (struct lexer){ .src = src, .ds = ds, .line = 1, .is_line_start = true };
	if (src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3))
		lx->at = 3; /* the byte order mark that some editors leave */
}

static bool is_text(unsigned char c)
{
	return (c >= ' ' && c != 0x7f) || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

int lex_find_binary(const struct source *src, struct srcpos *pos)
{
	size_t line_start = 0;

	*pos = (struct srcpos){ .line = 1, .len = 1 };
	for (size_t i = 0; i < src->len; i++) {
		if (!is_text(src->text[i])) {
			pos->col = i - line_start + 1;
			return (unsigned char)src->text[i];
		}
		if (src->text[i] == '\n') {
			pos->line++;
			line_start = i + 1;
		}
	}
	return -1;
}

static struct srcpos pos_here(const struct lexer *lx, size_t len)
{
	return (struct srcpos){
		.line = lx->line,
		.col = lx->at - lx->line_start + 1,
		.len = len,
	};
}

/* After a comma or an operator the statement goes on in the next line. */
static bool is_continued(const struct lexer *lx)
{
	if (lx->parens)
		return true;
	return lx->last >= TOK_COMMA && lx->last != TOK_DOT && lx->last != TOK_ASSIGN;
}

static void skip_newline(struct lexer *lx)
{
	lx->at++;
	lx->line++;
	lx->line_start = lx->at;
	lx->is_line_start = true;
}

static void skip_blanks(struct lexer *lx)
{
	for (;; lx->at++) {
		int c = lex_peek(lx, 0);

		while (c == '\n' && is_continued(lx)) {
			skip_newline(lx);
			c = lex_peek(lx, 0);
		}
		if (c == '#') {
			const char *from = lx->src->text + lx->at;
			const char *end = memchr(from, '\n', lx->src->len - lx->at);

			lx->at = end ? (size_t)(end - lx->src->text) - 1 : lx->src->len - 1;
		} else if (c != ' ' && c != '\t' && c != '\r' && c != '\f') {
			return;
		}
	}
}

/* Length of the escape at text, 0 if it is none. */
static size_t escape_len(const char *text, size_t len)
{
	if (len < 2)
		return 0;
	if (text[1] == 'x')
		return len >= 4 && hex_digit(text[2]) >= 0 && hex_digit(text[3]) >= 0 ? 4 : 0;
	return text[1] && strchr("\\\"nrt0", text[1]) ? 2 : 0;
}

static void lex_escape(struct lexer *lx, struct token *tok)
{
	size_t len = escape_len(lx->src->text + lx->at, lx->src->len - lx->at);

	if (len) {
		lx->at += len;
		return;
	}
	tok->is_bad = true;
	diag_hint(lx->ds, diag_add(lx->ds, DIAG_BAD_STRING, pos_here(lx, 2), "this is no escape"),
		  "known are \\\\ \\\" \\n \\r \\t \\0 and \\xHH");
	lx->at++;
}

static void lex_string(struct lexer *lx, struct token *tok)
{
	size_t start = lx->at++;
	int c;

	for (c = lex_peek(lx, 0); c != '"' && c != '\n' && c >= 0; c = lex_peek(lx, 0)) {
		if (c == '\\')
			lex_escape(lx, tok);
		else
			lx->at++;
	}
	tok->kind = TOK_STRING;
	tok->text = lx->src->text + start + 1;
	tok->len = lx->at - start - 1;
	lx->at += c == '"';
	tok->pos.len = lx->at - start;
	if (c == '"')
		return;
	tok->is_bad = true;
	diag_add(lx->ds, DIAG_BAD_STRING, tok->pos, "the string does not end before the line does");
}

size_t lex_unescape(const struct token *tok, char *out)
{
	static const char escapes[] = "nrt0", meanings[] = "\n\r\t";
	size_t n = 0;

	for (const char *s = tok->text, *end = s + tok->len; s < end;) {
		const char *known;

		if (*s != '\\') {
			out[n++] = *s++;
		} else if (s[1] == 'x') {
			out[n++] = (char)(hex_digit(s[2]) << 4 | hex_digit(s[3]));
			s += 4;
		} else {
			known = strchr(escapes, s[1]);
			out[n++] = known ? meanings[known - escapes] : s[1];
			s += 2;
		}
	}
	return n;
}

static void lex_word(struct lexer *lx, struct token *tok)
{
	tok->kind = TOK_WORD;
	while (is_word_char(lex_peek(lx, 0)))
		lx->at++;
}

struct op_text {
	char text[3];
	uint8_t kind;
};

/* The longer ones first: the first that fits is taken. */
static const struct op_text operators[] = {
	{ "..", TOK_DOTDOT }, { "<<", TOK_SHL },     { ">>", TOK_SHR },	    { "<=", TOK_LE },
	{ ">=", TOK_GE },     { "==", TOK_EQ },	     { "!=", TOK_NE },	    { "&&", TOK_ANDAND },
	{ "||", TOK_OROR },   { "{", TOK_LBRACE },   { "}", TOK_RBRACE },   { "(", TOK_LPAREN },
	{ ")", TOK_RPAREN },  { "[", TOK_LBRACKET }, { "]", TOK_RBRACKET }, { ",", TOK_COMMA },
	{ ".", TOK_DOT },     { "?", TOK_QUESTION }, { ":", TOK_COLON },    { "=", TOK_ASSIGN },
	{ "!", TOK_NOT },     { "~", TOK_TILDE },    { "*", TOK_STAR },	    { "/", TOK_SLASH },
	{ "%", TOK_PERCENT }, { "+", TOK_PLUS },     { "-", TOK_MINUS },    { "<", TOK_LT },
	{ ">", TOK_GT },      { "&", TOK_AND },	     { "^", TOK_XOR },	    { "|", TOK_OR },
	{ ";", TOK_END },
};

static const struct op_text *find_operator(const struct lexer *lx)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		const char *text = operators[i].text;

		if (lex_peek(lx, 0) == text[0] && (!text[1] || lex_peek(lx, 1) == text[1]))
			return &operators[i];
	}
	return NULL;
}

static void count_parens(struct lexer *lx, enum token_kind kind)
{
	if (kind == TOK_LPAREN)
		lx->parens++;
	else if (kind == TOK_RPAREN && lx->parens)
		lx->parens--;
	else if (kind == TOK_LBRACE || kind == TOK_RBRACE)
		lx->parens = 0; /* a ')' is missing: do not swallow the rest of the file */
}

/* Bytes that start no token are reported once a run, and then passed over. */
static void skip_bad_chars(struct lexer *lx)
{
	unsigned char first = lex_peek(lx, 0);
	struct srcpos pos = pos_here(lx, 0);
	int c;

	do {
		lx->at++;
		pos.len++;
		c = lex_peek(lx, 0);
	} while (c > ' ' && c != '"' && c != '#' && !is_word_char(c) && !find_operator(lx));
	if (first < 0x7f)
		diag_add(lx->ds, DIAG_BAD_CHAR, pos, "no statement can contain '%c'", first);
	else
		diag_add(lx->ds, DIAG_BAD_CHAR, pos,
			 "no statement can contain the byte 0x%02x (strings and comments can)",
			 first);
}

/* Everything but blanks; false if it was nothing to be returned. */
static bool lex_token(struct lexer *lx, struct token *tok)
{
	int c = lex_peek(lx, 0);
	const struct op_text *op;

	if (c < 0) {
		tok->kind = TOK_EOF;
	} else if (c == '\n') {
		tok->kind = TOK_END;
		lx->at++;
	} else if (c == '"') {
		lex_string(lx, tok);
	} else if (is_digit(c)) {
		lex_number(lx, tok);
	} else if (is_word_char(c)) {
		lex_word(lx, tok);
	} else if ((op = find_operator(lx))) {
		tok->kind = op->kind;
		lx->at += strlen(op->text);
		count_parens(lx, tok->kind);
	} else {
		skip_bad_chars(lx);
		return false;
	}
	return true;
}

/* Blanks, then the place where a token begins. */
static void begin_token(struct lexer *lx, struct token *tok)
{
	skip_blanks(lx);
	*tok = (struct token){
		.pos = pos_here(lx, 1),
		.text = lx->src->text + lx->at,
		.starts_line = lx->is_line_start,
	};
}

static void finish_token(struct lexer *lx, struct token *tok)
{
	size_t len = lx->src->text + lx->at - tok->text;

	if (tok->kind != TOK_STRING) {
		tok->len = len;
		tok->pos.len = len;
	}
	lx->last = tok->kind;
	lx->is_line_start = false;
	if (tok->kind == TOK_EOF) {
		tok->pos.len = 1;
	} else if (tok->kind == TOK_END && tok->text[0] == '\n') {
		lx->at--;
		skip_newline(lx);
	}
}

void lex_next(struct lexer *lx, struct token *tok)
{
	do {
		begin_token(lx, tok);
	} while (!lex_token(lx, tok));
	finish_token(lx, tok);
}

static bool is_address_char(int c)
{
	return is_word_char(c) || c == ':' || c == '.';
}

void lex_address(struct lexer *lx, struct token *tok)
{
	begin_token(lx, tok);
	if (!is_address_char(lex_peek(lx, 0))) {
		lex_next(lx, tok);
		return;
	}
	tok->kind = TOK_ADDRESS;
	while (is_address_char(lex_peek(lx, 0)))
		lx->at++;
	finish_token(lx, tok);
}
