/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_BASE_POISON_H
#define XSK_BASE_POISON_H

/*
 * Included before every source (Makefile, -include): calls that cannot know
 * the size of what they write, or cannot tell an error from a value, do not
 * compile. The headers that declare them come first, poison is for ever.
 * Instead: snprintf, memcpy, struct strbuf, strtol and its like.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strncpy stpcpy strcat strncat strtok
#pragma GCC poison sprintf vsprintf gets
#pragma GCC poison atoi atol atoll atof
#pragma GCC poison rand srand tmpnam mktemp

#endif
