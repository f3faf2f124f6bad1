// SPDX-License-Identifier: GPL-2.0-only
#include "base/fact.h"

#include <string.h>

#include "base/strbuf.h"

uint64_t fact_number(const struct fact *f, const void *of)
{
	const char *at = (const char *)of + f->offset;
	uint32_t u32;
	uint64_t u64;
	bool is_true;

	switch (f->kind) {
	case FACT_BOOL:
		memcpy(&is_true, at, sizeof(is_true));
		return is_true;
	case FACT_U32:
		memcpy(&u32, at, sizeof(u32));
		return u32;
	case FACT_U64:
		memcpy(&u64, at, sizeof(u64));
		return u64;
	case FACT_TEXT:
		break;
	}
	return 0;
}

void fact_set_number(const struct fact *f, void *of, uint64_t value)
{
	char *at = (char *)of + f->offset;
	uint32_t u32 = (uint32_t)value;
	bool is_true = value;

	if (f->kind == FACT_BOOL)
		memcpy(at, &is_true, sizeof(is_true));
	else if (f->kind == FACT_U32)
		memcpy(at, &u32, sizeof(u32));
	else if (f->kind == FACT_U64)
		memcpy(at, &value, sizeof(value));
}

const char *fact_text(const struct fact *f, const void *of)
{
	return f->kind == FACT_TEXT ? (const char *)of + f->offset : "";
}

void fact_format(const struct fact *f, const void *of, struct strbuf *out)
{
	uint64_t value = fact_number(f, of);
	const char *text = fact_text(f, of);

	if (f->kind == FACT_TEXT)
		strbuf_add(out, "%s", *text ? text : "-");
	else if (f->kind == FACT_BOOL)
		strbuf_add(out, "%s", value ? "yes" : "no");
	else if (!value && f->is_zero_unknown)
		strbuf_add(out, "-");
	else
		strbuf_add(out, "%llu", (unsigned long long)value);
}

/* The phrases are constants of tables: what they take is checked by the tests that print them. */
void fact_summary(const struct fact *facts, const void *of, struct strbuf *out)
{
	const char *comma = "";

	for (const struct fact *f = facts; f->name; f++) {
		uint64_t value = fact_number(f, of);
		const char *phrase = f->kind == FACT_BOOL && !value ? f->phrase_no : f->phrase;

		if (!phrase)
			continue;
		strbuf_add(out, "%s", comma);
		strbuf_add(out, phrase, (unsigned long long)(f->from ? f->from - value : value));
		comma = ", ";
	}
}
