#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel that warns while a case runs. Its log is everybody's: a warning written there would fail
# what others on this machine run just now. So /dev/kmsg is a pipe here, in a mount namespace of the
# test's own. With XSKSPEC_KMSG=real it is the machine's: for guests (tools/vm/run).
set -uo pipefail

if ((EUID != 0)) || [[ ! -r /dev/kmsg ]]; then
	echo '1..0 # SKIP needs root, and /dev/kmsg'
	exit
fi
if [[ ${XSKSPEC_KMSG:-} != real && ${1:-} != inside ]]; then
	mkfifo "$SCRATCH/kmsg"
	# shellcheck disable=SC2016 # for the inner shell
	exec unshare -m bash -c 'mount --bind "$SCRATCH/kmsg" /dev/kmsg && exec "$0" inside' "$(realpath "$0")"
fi

# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/tap.bash"

number=0
# The real one adds the numbers itself, and takes no more than the message. It ends with the
# test's own: 9 is open as long, or the reader of the pipe would find its end.
exec 9<>/dev/kmsg
say() {
	local line
	for line in "$@"; do
		if [[ ${XSKSPEC_KMSG:-} == real ]]; then
			echo "<4>$line" >&9
		else
			printf '4,%d,%d,-;%s\n' $((++number)) "$number" "$line" >&9
		fi
	done
}

slow=$(spec slow <<<'test t { wakeup softirq; axis k 1, 2; send stream { packets 100 * k; pace 250pps } }')
splat=("WARNING: CPU: 0 PID: 1 at test" "CPU: 0 PID: 1 Comm: test" "RAX: 0" "Call Trace:" " caller+0x1/0x2"
	"---[ end trace 0 ]---" "harmless")

# run_with EXPECTED-STATUS OPTION... -- LINE...: the lines are said when the first case is under way
run_with() {
	local expect=$1 status=0 options=() pid
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	"$XSKSPEC" run "${options[@]}" "$slow" >"$SCRATCH/out" 2>&1 </dev/null 9<&- &
	pid=$!
	until [[ $(pgrep -P "$pid") ]]; do sleep 0.01; done
	sleep 0.1
	say "$@"
	wait "$pid" || status=$?
	cat "$SCRATCH/out"
	echo "expect status $expect, actual $status"
	((status == expect))
}

one_fails() {
	# Of a pipe it would be read.
	[[ ${XSKSPEC_KMSG:-} != real ]] || say "BUG: of an earlier time"
	run_with 1 -- "${splat[@]}" || return 1
	grep -q '^not ok 1 .*k=1\]$' "$SCRATCH/out" && grep -q '^ok 4 .*k=2\]$' "$SCRATCH/out" &&
		(($(grep -c '^not ok' "$SCRATCH/out") == 1)) &&
		grep -q '^# .*slow.spec:1:6: kernel log: WARNING: CPU: 0 PID: 1 at test$' "$SCRATCH/out" &&
		grep -q '^#   kernel log:  caller+0x1/0x2$' "$SCRATCH/out" &&
		! grep -qE 'earlier|RAX|harmless|end trace' "$SCRATCH/out"
}
point 'a warning fails the case that runs' one_fails

both_fail() {
	run_with 1 -j 2 -- "${splat[@]}" || return 1
	(($(grep -c '^not ok' "$SCRATCH/out") == 2)) &&
		(($(grep -c 'at test (1 other case ran at that time)$' "$SCRATCH/out") == 2)) &&
		grep -q '^#   kernel log:   fam/t.* ran at that time too$' "$SCRATCH/out"
}
point 'with -j all that ran are named' both_fail
point 'other lines do no harm' run_with 0 -j 2 -- 'a0: link becomes ready' 'harmless'

late() {
	run_with 1 -- 'unregister_netdevice: waiting for a0 to become free. Usage count = 2' &&
		! grep -q '^not ok' "$SCRATCH/out" &&
		grep -q '^# kernel log, of no case that runs: unregister_netdevice: waiting' "$SCRATCH/out"
}
point 'a leak of earlier fails the run' late
point 'one of before it does not' run_with 0 -- \
	'page_pool_release_retry() stalled pool shutdown: id 7, 1 inflight 60 sec'

many() {
	local lines=() n
	for n in {1..400}; do
		lines+=("WARNING: $n $(head -c 300 /dev/zero | tr '\0' x)")
	done
	run_with 1 -- "${lines[@]}" && (($(grep -c '^#   kernel log: ' "$SCRATCH/out") < 40))
}
point 'many of them' many

if [[ ${XSKSPEC_KMSG:-} != real ]]; then
	unwatched() {
		exec 9<&-
		umount /dev/kmsg
		mknod "$SCRATCH/none" c 60 0 # of no driver
		# shellcheck disable=SC2016 # for the inner shell
		unshare -m sh -c 'mount --bind "$SCRATCH/none" /dev/kmsg && exec "$@"' sh "$XSKSPEC" run --case k=1 "$slow" \
			>"$SCRATCH/out" 2>&1 9<&- || return 1
		cat "$SCRATCH/out"
		(($(grep -c '^# kernel log: not watched: ' "$SCRATCH/out") == 1))
	}
	point 'a log that cannot be read is said' unwatched
fi
finish
