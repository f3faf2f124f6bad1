#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All specifications under a sanitizer: the threads of Tx and Rx, above all. In
# other builds run_tests.sh runs them.
set -euo pipefail

if [[ $XSKSPEC != */san-* ]]; then
	echo '1..0 # SKIP only in sanitizer builds, else run_tests.sh'
	exit
fi
exec "$XSKSPEC" run -j 2 specs
