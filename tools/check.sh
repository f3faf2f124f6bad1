#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: tools/check.sh BUILD_DIR TEST...
#
# Runs test programs and scripts one after the other and judges each by its TAP,
# its plan, its exit status and, in a sanitizer build (SAN), by the reports of
# all its processes. Tests find in their environment
#	XSKSPEC   path of the program under test
#	SCRATCH   an empty folder of their own
# What a test printed stays in BUILD_DIR/check/NAME.{tap,err}.
set -euo pipefail

deadline_s=600
build_dir=$(realpath "$1")
shift
out_dir=$build_dir/check
export XSKSPEC=$build_dir/xskspec

total_passed=0 total_failed=0 total_skipped=0

# A sanitizer's report goes to a file: then it is found even when a child wrote
# it whose exit status nobody looks at. Thread sanitizer cannot place its shadow
# memory where the kernel randomizes addresses by 32 bits, as newer ones do.
prepare_sanitizer() {
	runner=()
	[[ ${SAN:-} ]] || return 0
	export ASAN_OPTIONS="detect_leaks=1:log_path='$out_dir/report'"
	export UBSAN_OPTIONS="print_stacktrace=1:log_path='$out_dir/report'"
	export TSAN_OPTIONS="log_path='$out_dir/report'"
	if [[ $SAN == *thread* ]]; then
		runner=(setarch "$(uname -m)" -R)
	fi
}

# Tests may call make themselves: what this make was told is not for them.
forget_make() {
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES O SAN V DEVELOPER FUZZ_SECONDS
}

show_details() {
	local name=$1
	sed -n '/^not ok/,/^ok/{/^ok/!s/^/    /p}' "$out_dir/$name.tap"
	tail -n 40 "$out_dir/$name.err" | sed 's/^/    | /'
	find "$out_dir" -name 'report.*' -exec sed 's/^/    | /' {} +
}

# What is wrong with a test besides its failed points, or nothing.
complaint_about() {
	local status=$1 failed=$2 complaint=$3
	if ((status == 124)); then
		complaint="not finished after $deadline_s s"
	elif ((status > 128 && status <= 192)); then
		complaint="killed by SIG$(kill -l "$status")"
	elif ((status != 0 && failed == 0)); then
		complaint="exit status $status${complaint:+, $complaint}"
	fi
	if compgen -G "$out_dir/report.*" >/dev/null; then
		complaint="sanitizer report${complaint:+, $complaint}"
	fi
	echo "$complaint"
}

run_test() {
	local file=$1 name status=0 start_ms took_ms passed failed skipped complaint word=ok
	name=$(basename "$file" .sh)
	export SCRATCH=$out_dir/$name.scratch
	mkdir "$SCRATCH"
	start_ms=$(date +%s%3N)
	# The shell's own word about a crash goes to /dev/null, ours follows.
	{
		timeout -k 10 "$deadline_s" "${runner[@]}" "$(realpath "$file")" \
			>"$out_dir/$name.tap" 2>"$out_dir/$name.err" </dev/null || status=$?
	} 2>/dev/null
	took_ms=$(($(date +%s%3N) - start_ms))
	rm -rf "$SCRATCH"

	read -r passed failed skipped complaint < <(awk -f tools/tap.awk "$out_dir/$name.tap")
	complaint=$(complaint_about "$status" "$failed" "$complaint")
	[[ $complaint ]] && failed=$((failed + 1))
	((failed)) && word='not ok'

	printf '%-7s %-24s %5d passed, %d failed, %d skipped  %d.%03d s%s\n' "$word" "$name" \
		"$passed" "$failed" "$skipped" $((took_ms / 1000)) $((took_ms % 1000)) \
		"${complaint:+  # $complaint}"
	((failed)) && show_details "$name"
	rm -f "$out_dir"/report.*
	total_passed=$((total_passed + passed))
	total_failed=$((total_failed + failed))
	total_skipped=$((total_skipped + skipped))
}

rm -rf "$out_dir"
mkdir -p "$out_dir"
prepare_sanitizer
forget_make
for file in "$@"; do
	run_test "$file"
done
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
((total_failed == 0 && total_passed > 0))
