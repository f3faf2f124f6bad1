#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs that must not pass, on the real kernel: each has to fail with the right words and status,
# and to leave nothing behind. $XSKSPEC is the program, $SCRATCH an empty folder.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/tap.bash"

# fails STATUS TEXT SPEC-TEXT: both modes
fails() {
	local status=$1 text=$2 file actual=0
	file=$(spec t <<<"$3")
	"$XSKSPEC" run "$file" >"$SCRATCH/out" 2>&1 </dev/null || actual=$?
	cat "$SCRATCH/out"
	echo "expect status $status and '$text' for every case, actual status $actual"
	((actual == status)) || return 1
	(($(grep -cE '^not ok' "$SCRATCH/out") == $(grep -cE -- "$text" "$SCRATCH/out")))  &&
		grep -qE '^not ok' "$SCRATCH/out" && grep -qE '^# repeat: xskspec run ' "$SCRATCH/out"
}

# What a run could leave on the machine.
traces() {
	ip -o link | cut -d: -f2
	ip netns list 2>/dev/null
	ls /sys/fs/bpf 2>/dev/null
	cat /proc/sys/vm/nr_hugepages /proc/sys/vm/nr_overcommit_hugepages
	pgrep -fx "$XSKSPEC run .*$SCRATCH.*" || true
}

# soon COMMAND...: the kernel and the keeper of hugepages need a moment; 5 s are ample
soon() {
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

is_clean() {
	[[ $(traces) == "$traces_before" ]]
}

if ((EUID != 0)); then
	skip 'needs root'
	finish
fi

traces_before=$(traces)

point 'packets that are dropped are missing' fails 1 'packets? 1 is missing' \
	'test t { wakeup softirq; program b drop_every 2; send stream { packets 16 } }'
point 'packets that are not due' fails 1 'packet 1 came, but is not to be delivered' \
	'test t { wakeup softirq; stream s { packets 16 }; send s; expect deliver s where i % 2 == 0 }'
point 'a shorter packet' fails 1 'packet 0: length differs: expect 64 bytes, actual 60' \
	'test t { wakeup softirq; program b adjust_tail -4; send stream { packets 16 } }'
point 'a longer packet' fails 1 'packet 0: length differs: expect 100 bytes, actual 104' \
	'test t { wakeup softirq; program b adjust_tail 4; send stream { packets 16; len 100 } }'
point 'no packet at all' fails 1 'no packet came: expect 16' \
	'test t { wakeup softirq; program b drop_every 1; send stream { packets 16 } }'
point 'a counter that does not move' fails 1 'b.rx_dropped: expect == 5, actual 0' \
	'test t { wakeup softirq; send stream { packets 16 }; expect b.rx_dropped == 5 }'
point 'a counter that moves unexpectedly' fails 1 'b.rx_ring_full: expect == 0, actual 64' \
	'test t { wakeup softirq; socket b { rx_ring 64; hold_rx }; stream s { packets 128 }; send s
	  expect deliver s where i < 64 }'
point 'a kick that moves the consumer by something else' fails 1 'a\[0\].tx_per_kick: expect == 7, actual' \
	'test t { wakeup softirq; socket a { batch 256 }; send stream { packets 512 }; expect a.tx_per_kick == 7 }'
point 'no kick that could tell' fails 1 'a\[0\].tx_per_kick: no kick found more than its budget' \
	'test t { wakeup softirq; socket a { batch 4 }; send stream { packets 16 }; expect a.tx_per_kick == 4 }'
point 'poll() that finds something' fails 1 'b\[0\].pollin: expect timeout, actual events 0x1' \
	'test t { wakeup softirq; socket b { rx_ring 64; hold_rx }; stream s { packets 64 }; send s
	  expect b.pollin timeout }'
point 'poll() that could send' fails 1 'a\[0\].pollout: expect timeout, actual events 0x4' \
	'test t { wakeup softirq; send stream { packets 16 }; expect a.pollout timeout }'
point 'a change that the kernel refuses' fails 1 'the kernel refused [0-9]+ of its changes \(EINVAL\)' \
	'test t { wakeup softirq; program b adjust_tail 4; stream s { packets 64; len 128 }; send s
	  expect len == sent + 4 }'
point 'changes that are all refused' fails 1 'not a single packet was changed' \
	'test t { wakeup softirq; program b adjust_tail 3000; stream s { packets 64; len 64 }; send s
	  expect len == sent + 3000 unless refused }'
point 'evidence: rings and devices' fails 1 'b\[0\] on queue 0: rx ring 64 of 64, fill ring' \
	'test t { wakeup softirq; socket b { rx_ring 64; hold_rx }; stream s { packets 128 }; send s }'
point 'evidence: frames by queue' fails 1 'b queue 1: 16 frames, 16 of them ours: redirected 16' \
	'test t { wakeup softirq; socket { count 2 }; stream s { packets 16 }
	  send s from a[1] to b[1]; expect b.rx_dropped == 1 }'
point 'evidence: why the kernel dropped' fails 1 'b: dropped by the kernel: 16 UNHANDLED_PROTO' \
	'test t { wakeup softirq; program b none; stream s { packets 16 }; send s; expect b.rx_dropped == 1 }'
point 'an error that does not happen' fails 1 'expect error bind EBUSY, actual none' \
	'test t { wakeup softirq; send stream { packets 1 }; expect error bind EBUSY }'
point 'another error than expected' fails 1 'expect error bind EBUSY, actual .*EOPNOTSUPP' \
	'test t { link veth; mode zc; wakeup softirq; expect error bind EBUSY }'
point 'a deadline' fails 1 'deadline of 50 ms passed' \
	'test t { wakeup softirq; deadline 50ms; send stream { packets 100; pace 100pps } }'
point 'a deadline between two rounds' fails 1 'deadline of 150 ms passed' \
	'test t { wakeup softirq; deadline 150ms; repeat 100000 { send stream { packets 1 } } }'
point 'a sender that gives up' fails 1 'packets 190000..199999 were never put on the Tx ring' \
	'test t { wakeup softirq; socket { multi_buffer on }
	  stream s { packets 200000; len i < 190000 ? 64 : 10000000 }
	  send s; expect deliver s where i < 190000; expect a.tx_invalid_descs >= 0 }'
point 'counters of the other socket' fails 1 'b\[1\].rx_ring_full: expect == 0, actual 64' \
	'test t { wakeup softirq; socket { count 2 }; socket b { rx_ring 64; hold_rx }
	  stream s { packets 128 }; send s; send s from a[1] to b[1]
	  expect deliver s where i < 64; expect b[0].rx_ring_full == 64 }'
point 'a UMEM larger than memory' fails 3 'ERROR umem: .*ENOMEM' \
	'test t { wakeup softirq; umem { frames 1 << 32 }; send stream { packets 1 } }'
point 'nothing is left of all that' soon is_clean

long=$(spec long <<<'test t { deadline 60s; umem { hugepages }; send stream { packets 1000000; pace 1kpps } }')

# started: the first case is sending
started() {
	pgrep -P "$run_pid" >/dev/null && sleep 0.3
}

start_long() {
	"$XSKSPEC" run -j 2 "$long" >"$SCRATCH/long.tap" 2>&1 </dev/null &
	run_pid=$!
	soon started
}

interrupted() {
	local status=0
	start_long || return 1
	kill -TERM "$run_pid"
	wait "$run_pid" || status=$?
	cat "$SCRATCH/long.tap"
	((status == 143)) && grep -q '^Bail out! interrupted by SIGTERM' "$SCRATCH/long.tap"
}

killed() {
	start_long || return 1
	kill -KILL "$run_pid"
	wait "$run_pid"
	soon is_clean || { traces; return 1; }
}

# The process of one case dies: that case is a bug of ours, the run goes on. By the
# signal of a failed assertion: sanitizers have reports of their own about others.
crashed() {
	local status=0 case_pid
	start_long || return 1
	for case_pid in $(pgrep -P "$run_pid"); do
		kill -ABRT "$case_pid"
	done
	sleep 0.5
	kill -TERM "$run_pid"
	wait "$run_pid" || status=$?
	cat "$SCRATCH/long.tap"
	grep -q '^not ok 1 .*# BUG .*SIGABRT' "$SCRATCH/long.tap"
}

# before_the_first COMMAND...: SIGTERM while the run still finds out what this kernel does, or parses
before_the_first() {
	local delay status has_begun=''
	for delay in 0.002 0.005 0.01 0.02 0.03 0.05 0.07 0.1; do
		status=0
		timeout --foreground "$delay" "$XSKSPEC" run "$long" >"$SCRATCH/long.tap" 2>&1 </dev/null || status=$?
		echo "after $delay s: $status"
		cat "$SCRATCH/long.tap"
		# Before its first instruction, which sanitizers put off, nothing can be said.
		[[ -s $SCRATCH/long.tap || $has_begun ]] || continue
		has_begun=1
		(($(grep -c '^TAP version 13' "$SCRATCH/long.tap") == 1)) &&
			grep -q '^Bail out! interrupted by SIGTERM' "$SCRATCH/long.tap" || return 1
	done
	[[ $has_begun ]]
}
point 'SIGTERM at the very beginning' before_the_first
point 'nothing is left of the beginning' soon is_clean

# A run that was started to outlive its terminal does.
nohup_is_kept() {
	local status=0 file
	file=$(spec hup <<<'test t { mode drv; wakeup softirq; send stream { packets 100; pace 100pps } }')
	(
		trap '' HUP
		exec "$XSKSPEC" run "$file"
	) >"$SCRATCH/long.tap" 2>&1 </dev/null &
	run_pid=$!
	soon started
	kill -HUP "$run_pid"
	kill -HUP "$(pgrep -P "$run_pid")"
	wait "$run_pid" || status=$?
	cat "$SCRATCH/long.tap"
	((status == 0)) && grep -q '^ok 1' "$SCRATCH/long.tap"
}
point 'SIGHUP that nohup ignores' nohup_is_kept

point 'SIGTERM in the middle' interrupted
point 'nothing is left of it' soon is_clean
point 'kill -9 in the middle leaves nothing' killed
point 'a case that crashes' crashed
point 'nothing is left in the end' soon is_clean

point_in_order() {
	local file
	file=$(spec order <<<'test t { axis k 4000, 1, 2, 3; send stream { packets k } }')
	"$XSKSPEC" run -j 4 "$file" >"$SCRATCH/out" || return 1
	cat "$SCRATCH/out"
	[[ $(sed -n 's/^ok \([0-9]*\) .*/\1/p' "$SCRATCH/out" | tr '\n' ' ') == "$(seq -s ' ' 16) " ]]
}
point 'points come in the order of the plan' point_in_order

one_case() {
	"$XSKSPEC" run --case 'mode=drv,wakeup=softirq,k=2' "$SCRATCH/fam/order.spec" >"$SCRATCH/out" || return 1
	cat "$SCRATCH/out"
	grep -qx '1..1' "$SCRATCH/out" && grep -qx 'ok 1 fam/t\[mode=drv,wakeup=softirq,k=2\]' "$SCRATCH/out"
}
point 'one case by its axes' one_case

all_skipped() {
	local status=0
	"$XSKSPEC" run "$(spec skip <<<'test t { mode zc; send stream { } }')" || status=$?
	((status == 4))
}
point 'everything skipped' all_skipped

finish
