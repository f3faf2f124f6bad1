#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: run_tests.sh [OPTION...] [SPEC|DIR...]
#
# Sets up, builds and runs specifications: all of specs/ unless some are named.
# Options are those of "xskspec run", which starts with -j 2 here. TAP goes to
# standard output, everything else to standard error. The exit status is
# xskspec's: 0 passed, 1 failed, 2 usage or spec errors, 3 environment, 4 skipped.

set -euo pipefail

root=$(dirname "$(realpath "$0")")

usage() {
	sed -n '/^# Usage/,/^$/s/^# \{0,1\}//p' "$root/run_tests.sh"
}

names_specs() {
	local argument previous=
	for argument in "$@"; do
		if [[ $argument == *.spec || (-d $argument && $previous != --out) ]]; then
			return 0
		fi
		previous=$argument
	done
	return 1
}

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
	usage
	exit 0
fi
names_specs "$@" || set -- "$@" "$(realpath --relative-to=. "$root/specs")"

# No set-up or no build is the environment's fault.
{ "$root/tools/setup.sh" build && make -C "$root" --no-print-directory all; } >&2 || exit 3

echo "# Linux $(uname -r) $(uname -m), $(nproc) CPUs: xskspec run -j 2 $*" >&2
exec "$root/build/xskspec" run -j 2 "$@"
