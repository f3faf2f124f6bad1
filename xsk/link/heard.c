// SPDX-License-Identifier: GPL-2.0-only
#include "link/heard.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errmsg.h"

/* libbpf has one print function for the whole process, and no argument for it. */
static _Thread_local struct heard *listener;

static int hear(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char *text;
	int len;

	if (level != LIBBPF_WARN || !listener)
		return 0;
	len = vasprintf(&text, fmt, args); /* the verifier's log comes in one print */
	if (len < 0)
		return 0;
	strbuf_add_mem(&listener->words, text, (size_t)len);
	free(text);
	return 0;
}

/*
 * The verifier's last line before its statistics says why, the last one of the source in front of
 * it says where ("; source", NULL if the program has no BTF); NULL if it was not asked.
 */
static const char *find_verdict(const char *text, const char **source)
{
	static const char begin[] = "-- BEGIN PROG LOAD LOG --\n";
	const char *line = strstr(text, begin), *verdict = NULL;

	if (!line)
		return NULL;
	for (line += strlen(begin); *line; line += strcspn(line, "\n") + 1) {
		if (!strncmp(line, "processed ", 10) || !strncmp(line, "-- END", 6))
			break;
		if (!strncmp(line, "; ", 2))
			*source = line + 2;
		verdict = line;
		if (!strchr(line, '\n'))
			break;
	}
	return verdict;
}

/* Without a verdict of the verifier, libbpf's first line is the cause and the rest follows from it. */
static void hint_cause(struct errmsg *e, const char *text)
{
	const char *source = NULL, *cause = find_verdict(text, &source);
	int len;

	if (!cause)
		cause = strncmp(text, "libbpf: ", 8) ? text : text + 8;
	len = (int)strcspn(cause, "\n");
	if (len && source)
		errmsg_hint(e, "%.*s, at '%.*s'", len, cause, (int)strcspn(source, "\n"), source);
	else if (len)
		errmsg_hint(e, "%.*s", len, cause);
}

void heard_begin(struct heard *h)
{
	*h = (struct heard){ 0 };
	libbpf_set_print(hear);
	listener = h;
}

void heard_end(struct heard *h, struct errmsg *e)
{
	listener = NULL;
	if (e)
		hint_cause(e, strbuf_text(&h->words));
	strbuf_release(&h->words);
}
