// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as the file of a probe: refused with a sentence about it, or caps that can be shown. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/errmsg.h"
#include "base/strbuf.h"
#include "cmd_probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(const char *text, size_t len, bool must_be_fresh)
{
	struct strbuf shown = {};
	struct errmsg e = { "" };
	struct caps caps = {};

	if (!probe_from_json("fuzz.json", text, len, must_be_fresh, &caps, &e))
		caps_format(&caps, &shown);
	else if (strncmp(e.text, "fuzz.json:", 10))
		abort();
	strbuf_release(&shown);
}

/* What is written is read, as often as one likes. */
static void round_trip(void)
{
	struct probe_report report = { 0 };
	char *text = probe_to_json(&report, NULL, 0);
	struct caps caps = {};
	struct errmsg e;

	if (probe_from_json("fuzz.json", text, strlen(text), false, &caps, &e) ||
	    memcmp(&caps, &report.caps, sizeof(caps)))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_tried;
	char *text = malloc(size + 1);

	if (!is_tried)
		round_trip();
	is_tried = true;
	memcpy(text, data, size);
	text[size] = '\0'; /* as cmd_read_file() does */
	read_as(text, size, false);
	read_as(text, size, true);
	free(text);
	return 0;
}
