/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LANG_PARSER_H
#define XSK_LANG_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/lex.h"
#include "lang/spec.h"

/*
 * The machinery that the parse_*.c share. One token is looked at. Mistakes are
 * of two kinds: one that leaves the parser knowing where it is (a value out of
 * range, an unknown name) is said and parsing goes on; a syntax error loses
 * it (is_lost), all functions return, and the loop over the statements of the
 * innermost block goes on behind the statement.
 */
struct parser {
	struct lexer lex;
	struct token tok;     /* the next one */
	struct srcpos prev;   /* of the last one taken */
	const char *prev_end; /* behind it in the text */
	enum token_kind prev_kind;
	struct spec *spec;
	struct arena *arena; /* that of spec */
	struct diags *ds;

	struct test *test;	    /* in the making; the last one of spec->tests */
	struct stream_spec *stream; /* whose block is being read, else NULL */
	struct step **steps;	    /* the list to which a send belongs */
	size_t *n_steps;
	struct at_stmt *at;	    /* whose actions are being read */
	struct packet_spec *packet; /* whose descriptors are being read */
	uint8_t end_mask;	    /* target of the umem or socket block */
	int socket;

	enum scope scope;     /* of the innermost block */
	struct srcpos *said;  /* for each keyword: where its block says it first; line 0: not yet */
	struct srcpos zc_pos; /* of a 'mode zc' and nothing else in the test; line 0: none */
	struct srcpos fwd_pos; /* of the first mention of fwd in the test; line 0: none */
	struct srcpos filter_pos;
	uint32_t vars_read; /* fixed variables that the test has read by name */
	uint64_t n_randoms; /* random() of the test so far: no two are alike */
	bool is_lost;
	bool is_unwinding;	/* a '}' is missing: all blocks end here */
	bool is_error_expected; /* by an 'expect error' of the test, understood or not */
	bool has_skipped;	/* some statement of the test was not understood */
};

/* Every kind of statement has one of these; the token is its keyword. */
typedef void parse_fn(struct parser *p);

/* One for each scope, in parse.c: NULL for keywords that are settings. */
parse_fn *statement_parser(enum scope scope, const char *name);

/* Takes the token, whatever it is; returns its place. */
struct srcpos parser_advance(struct parser *p);
/* The same where an address comes next. */
void parser_advance_to_address(struct parser *p);

bool parser_is_at(const struct parser *p, enum token_kind kind);
bool parser_is_at_word(const struct parser *p, const char *word);
bool parser_is_at_end(const struct parser *p); /* of a statement */

/*
 * A statement's keyword in a line that only a comma or an operator at the end
 * of the line before makes part of this statement: that one is too many.
 */
bool parser_is_at_next_statement(const struct parser *p);

/* Take the token if it is this one. */
bool parser_take(struct parser *p, enum token_kind kind);
bool parser_take_word(struct parser *p, const char *word);

/* Take the token, which has to be this one; else a syntax error. */
bool parser_need(struct parser *p, enum token_kind kind);
bool parser_need_word(struct parser *p, const char *word);

/* Says that something else was expected at the token: what. The parser is lost then. */
void parser_expected(struct parser *p, const char *what);

/*
 * Takes a word that has to be one of a list of n; returns its index. Another
 * word is unknown (with a suggestion): it is taken too, and -1 returned. No
 * word at all is a syntax error and -1. NULL entries of the list are passed over.
 */
int parser_choice(struct parser *p, const char *const *list, size_t n, const char *what);

/* Takes a word of the author's own; NULL and a syntax error if there is none. */
const char *parser_name(struct parser *p, const char *what, struct srcpos *pos);

/* Takes a string; NULL and a diagnostic if there is none, it is empty or holds a NUL byte. */
const char *parser_text(struct parser *p, const char *what);
/* The same for bytes of any value. */
const uint8_t *parser_bytes(struct parser *p, const char *what, size_t *n);

/* Is the token the word a or b? */
bool parser_is_at_end_word(const struct parser *p);
/* Takes a, b, a[1], ...: *socket is -1 where none is given; socket NULL: must not be given. */
bool parser_end(struct parser *p, enum end *end, int *socket);

/* Adds a hint to d: the nearest word of the list, if there is one. */
void parser_suggest(struct parser *p, struct diag *d, const struct token *tok,
		    const char *const *list, size_t n);

/*
 * '{', statements of the scope, '}'; true if there was no mistake in them.
 * After a mistake in front of the '{' the parser is no longer lost inside.
 */
bool parser_block(struct parser *p, enum scope scope);
/* Statements up to the end of the file. */
void parser_file(struct parser *p);

/* Says that something was said twice. */
void parser_duplicate(struct parser *p, struct srcpos pos, struct srcpos first, const char *fmt,
		      ...) __attribute__((format(printf, 4, 5)));

/* Diagnostics so far, those beyond DIAGS_MAX included. */
size_t parser_n_diags(const struct parser *p);

/* From a place to the last token taken. */
struct srcpos parser_span(const struct parser *p, struct srcpos from);

/* parse_axis.c */
void parse_axis(struct parser *p);

/* parse_program.c */
void parse_program(struct parser *p);

/* parse_setting.c */
void parse_setting(struct parser *p, const struct keyword *kw);
void parse_link(struct parser *p);
void parse_umem(struct parser *p);
void parse_socket(struct parser *p);
void parse_qdisc(struct parser *p);
void parse_down(struct parser *p);
/* 'fwd.egress': NULL and a diagnostic if it is none */
const char *parse_site(struct parser *p);

/* parse_stream.c */
void parse_stream(struct parser *p);
void parse_descriptors(struct parser *p);
/* 'stream { ... }' or 'descriptors { ... }' in a send; returns its index */
size_t parse_inline_stream(struct parser *p);
/* Index of the stream that the token names; it may be declared further down. */
size_t parse_stream_name(struct parser *p);
void parse_payload(struct parser *p);
void parse_from(struct parser *p);
void parse_filter(struct parser *p);

/* parse_descriptor.c */
void parse_descriptor(struct parser *p);
void parse_packet(struct parser *p);
void parse_packet_descriptor(struct parser *p);

/* parse_header.c */
void parse_headers(struct parser *p);

/* parse_steps.c */
void parse_send(struct parser *p);
void parse_receive(struct parser *p);
void parse_parallel(struct parser *p);
void parse_repeat(struct parser *p);

/* parse_occupy.c */
void parse_occupy(struct parser *p);

/* parse_sabotage.c */
void parse_sabotage(struct parser *p);
void parse_verdict(struct parser *p, struct expect_stmt *e);

/* parse_edt.c */
void parse_edt(struct parser *p);
void parse_edt_before(struct parser *p);
void parse_sender(struct parser *p);
void parse_tc(struct parser *p);
void parse_edt_expect(struct parser *p, struct expect_stmt *e);
void parse_arrival(struct parser *p, struct expect_stmt *e);

/* parse_expect.c: == != < <= > >=; false after a diagnostic */
bool parse_cmp(struct parser *p, enum cmp_op *op);
/* EOPNOTSUPP, ...: its number, 0 after a diagnostic */
int parse_errno(struct parser *p);

/* parse_action.c */
void parse_at(struct parser *p);
void parse_action(struct parser *p);

/* parse_expect.c */
void parse_expect(struct parser *p);

/* check.c: what only a whole stream, test or file can tell */
void check_stream(struct parser *p, const struct stream_spec *s);
void check_test(struct parser *p);
/* check_edt.c: delivery times of a test */
void check_edt(struct parser *p);
/* The first expectation of a kind; the setting of the link or the whole test. NULL: there is none. */
const struct expect_stmt *find_expect(const struct test *t, enum expect_kind kind);
const struct setting *find_setting(const struct test *t, enum setting_id id);
void check_spec(struct parser *p);

#endif
