/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XSK_LINK_FEATURE_H
#define XSK_LINK_FEATURE_H

#include <stdint.h>

#include "link/link.h"

struct errmsg;
struct nlconn;

#define FEATURES_MAX_BLOCKS 8 /* of 32 bits */

/* Some of the things that a device may do for the stack ('ethtool -k'), by the kernel's own names. */
struct features {
	const char *title;	  /* in sentences about them */
	const char *const *names; /* the last is NULL */
	uint32_t n_known;	  /* features that the kernel has; 0: not asked yet */
	uint32_t bits[FEATURES_MAX_BLOCKS];
};

/*
 * From now on the device does none of them, as far as they can be switched off. title and names
 * are the caller's; where the names are among the kernel's features is asked for once, all devices
 * have the same. nl is of the device's namespace.
 */
int features_off(struct features *f, const struct nlconn *nl, const struct link_end *dev,
		 struct errmsg *e);

#endif
