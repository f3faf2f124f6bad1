# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For test scripts to source: TAP points and specifications. $SCRATCH is an empty folder.

tap_n=0
tap_is_failed=0
echo 'TAP version 13'

# point NAME COMMAND...: one test point, passed if the command is true; what it prints is shown if not
point() {
	local name=$1
	shift
	tap_n=$((tap_n + 1))
	if "$@" >"$SCRATCH/log" 2>&1; then
		echo "ok $tap_n - $name"
	else
		echo "not ok $tap_n - $name"
		sed 's/^/# /' "$SCRATCH/log" | cut -c1-300
		tap_is_failed=1
	fi
}

skip() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - all # SKIP $1"
}

# Prints the plan and ends the script.
finish() {
	echo "1..$tap_n"
	exit "$tap_is_failed"
}

# spec NAME <TEXT: writes fam/NAME.spec and prints its path
spec() {
	mkdir -p "$SCRATCH/fam"
	cat >"$SCRATCH/fam/$1.spec"
	echo "$SCRATCH/fam/$1.spec"
}
