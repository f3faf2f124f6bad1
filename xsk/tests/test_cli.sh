#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The program from outside: exit statuses, what bad input says, what needs no rights. $XSKSPEC is
# the program, $SCRATCH an empty folder.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/tap.bash"

# gives STATUS TEXT ARGUMENT...: xskspec ends with the status and says the text (a grep -E pattern)
gives() {
	local status=$1 text=$2 actual=0
	shift 2
	"$XSKSPEC" "$@" >"$SCRATCH/out" 2>&1 </dev/null || actual=$?
	cat "$SCRATCH/out"
	echo "expect status $status and '$text', actual status $actual"
	((actual == status)) && grep -qE -- "$text" "$SCRATCH/out"
}

good=$(spec good <<<'test good { send stream { packets 10 } }')
point 'help' gives 0 'xskspec run' help
point 'no command' gives 2 'xskspec run'
point 'unknown command' gives 2 "did you mean 'run'" rnu
point 'unknown option' gives 2 '--help' run --nonsense "$good"
point 'bad number' gives 2 'whole number' run -j 0 "$good"
point 'unknown mode' gives 2 'skb, drv or zc' run --mode fast "$good"
point 'no argument' gives 2 'usage' check
point 'help of a command' gives 0 '--seed' run --help
point 'keywords' gives 0 'frame_size' help keywords

point 'check' gives 0 '1 file, 1 test, 4 cases: no mistakes' check "$good"
point 'list' gives 0 '^fam/good\[mode=drv,wakeup=busy_poll\]$' list "$good"
point 'explain' gives 0 'packet 0: len 64, seq 0, due' explain "$good"
point 'explain a case' gives 0 '^fam/good\[mode=drv,wakeup=softirq\]$' \
	explain --case mode=drv,wakeup=softirq "$good"
point 'unknown case' gives 2 'there is no such case' explain --case mode=none "$good"
zc=$(spec zc <<<'test zc { mode zc; send stream { } }')
point 'a skip has its reason' gives 0 'SKIP needs zero-copy' list "$zc"

# What explain says of delivery times, without what it says of UMEMs and sockets.
edt=$(spec edt <<'END'
test times {
	mode drv; wakeup softirq
	link { hops 3; rx_timestamps }
	tc fwd.egress set_tstamp
	stream s { packets 3; headers eth, ipv4; edt now + 1ms + i * 20us; edt_before now + 5ms }
	stream u { packets 1; headers eth, ipv4; edt 9us type tai by txtime; sender packet }
	stream n { packets 1 }
	send s
	send u
	send n
	expect edt of s at fwd.ingress == none
	expect edt of s at fwd2.egress == set + 5ns, type mono
	expect edt of u at a.egress unseen
	expect edt of s at fwd2.ingress == before
	expect edt at b.ingress == received, type unread
	expect edt of s at b.ingress == set + 7ns - i * 1us
	expect edt gap of s at fwd2.egress p99.9 <= 20us
}
test written {
	mode drv; wakeup softirq
	link { hops 2; qdisc fwd.egress fq }
	tc b.ingress set_tstamp
	stream s { packets 1; headers eth, ipv4; edt 0ns }
	stream u { packets 1; headers eth, ipv4; edt now by txtime; sender packet }
	send s
	send u
	expect edt error EINVAL
	expect arrival - set p99 <= 1ms
}
END
)
explains_edt() {
	diff - <("$XSKSPEC" explain "$edt" | sed '/^    \(umem\|socket\) /d; /^  link /d') <<'END'
fam/times[mode=drv,wakeup=softirq]
  3 links in a row, programs forward at the nodes between
  end a: program none
  end b: program redirect
  send s: a[0] to b[0], 3 packets, headers 34 bytes, payload sequence
    delivery times are set at fwd.egress by set_tstamp, type mono; before that now + 5000000 ns, type mono
    packet 0: len 64, seq 0, edt now + 1000000 ns, due
    packet 1: len 64, seq 1, edt now + 1020000 ns, due
    packet 2: len 64, seq 2, edt now + 1040000 ns, due
    due at b[0]: 3 of 3 packets
  send u: a[0] to b[0], 1 packets, headers 34 bytes, payload sequence
    sent by a packet socket of the kernel
    delivery times are set by the sender (txtime), type tai
    packet 0: len 64, seq 0, edt 9000 ns, due
    due at b[0]: 1 of 1 packets
  send n: a[0] to b[0], 1 packets, headers 14 bytes, payload sequence
    packet 0: len 64, seq 0, due
    due at b[0]: 1 of 1 packets
  expect edt of s at fwd.ingress == none
  expect edt of s at fwd2.egress == as set +5 ns, type mono
  expect edt of u at a.egress not a packet
  expect edt of s at fwd2.ingress == as before
  expect edt at b.ingress the time of receiving it, type unread
  expect edt of s at b.ingress == as set +7 ns for packet 0
  expect edt gap of s at fwd2.egress p99.9 <= 20000 ns
  nothing on the link enforces delivery times
  expect every other counter of struct xdp_statistics to be 0
fam/written[mode=drv,wakeup=softirq]
  2 links in a row, programs forward at the nodes between
  end a: program none
  end b: program redirect
  send s: a[0] to b[0], 1 packets, headers 34 bytes, payload sequence
    delivery times are set at b.ingress by set_tstamp, type mono
    packet 0: len 64, seq 0, edt 0 ns, due
    due at b[0]: 1 of 1 packets
  send u: a[0] to b[0], 1 packets, headers 34 bytes, payload sequence
    sent by a packet socket of the kernel
    delivery times are set by the sender (txtime), type mono
    packet 0: len 64, seq 0, edt now + 0 ns, due
    due at b[0]: 1 of 1 packets
  qdisc fq at fwd.egress
  expect arrival - set at b.ingress p99 <= 1000000 ns
  expect every edt to be refused: EINVAL
  expect every other counter of struct xdp_statistics to be 0
END
}
point 'explain of delivery times' explains_edt
explains_default_edt() {
	local def
	def=$(spec def <<<'test def { link { hops 2 }; send stream { packets 1; headers eth, ipv4; edt now } }')
	gives 0 '^  expect edt of stream at b.ingress == as set, type mono$' explain "$def"
}
point 'explain of an edt that nothing is said of' explains_default_edt

point 'no such file' gives 2 'cannot read' check "$SCRATCH/none.spec"
mkdir -p "$SCRATCH/empty"
point 'folder without specs' gives 2 'no specification' check "$SCRATCH/empty"
empty=$(spec empty </dev/null)
point 'empty file' gives 2 'error\[no-test\]' check "$empty"
junk=$(spec junk < <(head -c 100000 "$XSKSPEC"))
point 'binary junk' gives 2 'error\[binary\]' check "$junk"
point 'a device' gives 2 'no regular file' check /dev/zero
mkfifo "$SCRATCH/pipe.spec"
pipe_is_refused() {
	local status=0
	timeout 10 "$XSKSPEC" check "$SCRATCH/pipe.spec" 2>"$SCRATCH/out" || status=$?
	cat "$SCRATCH/out"
	((status == 2)) && grep -q 'no regular file' "$SCRATCH/out"
}
point 'a pipe without a writer' pipe_is_refused
point 'a file of /proc that cannot be read' gives 2 'cannot read' check /proc/self/mem
point 'a file of /proc is read to its end' gives 2 'error\[syntax\]|error\[unknown-word\]' \
	check /proc/self/status

point 'a file named twice' gives 2 "^xskspec: '.*/fam/../fam/good.spec' is named twice$" \
	check "$good" "$SCRATCH/fam/../fam/good.spec"
mkdir -p "$SCRATCH/all/sub"
cp "$good" "$SCRATCH/all/sub"
point 'a folder named twice' gives 2 "^xskspec: '.*/all/sub' is named twice$" \
	list "$SCRATCH/all" "$SCRATCH/all/sub"
again=$(spec again < <(printf 'test other { send stream { } }\n\ntest good { send stream { } }\n'))
point 'a test of one name in two files' gives 2 'again.spec:3:6: error\[duplicate\]' list "$good" "$again"
point 'the first of two tests is named' gives 2 'the first one is in .*/good.spec, line 1$' \
	list "$good" "$again"
mkdir -p "$SCRATCH/fam2"
cp "$good" "$SCRATCH/fam2"
point 'a test of one name in two folders' gives 0 '2 files, 2 tests' check "$good" "$SCRATCH/fam2"
line=$(spec line < <(head -c 10000000 /dev/zero | tr '\0' x))
point 'a line of 10 MB' gives 2 'error\[' check "$line"
deep=$(spec deep < <(echo 'test t {'; head -c 10000000 /dev/zero | tr '\0' '('))
point '10 MB of open parentheses' gives 2 'error\[' check "$deep"
rm -f "$line" "$deep"
ten=$(spec ten <<'END'
test t {
	mode fast
	link { mtu 10 }
	umem { frame_size 3us }
	socket { rx_ring 1000 }
	stream s { packets 0; len j }
	send q
	expect b.rx_lost == 0
	axis k 1, 2
	colour red
}
END
)
point 'all mistakes at once' gives 2 ': 10 mistakes|^xskspec: 1[0-9] mistakes' check "$ten"
point 'a diagnostic underlines its place' gives 2 '^ +\| +\^~' check "$ten"
many=$(spec many <<<'test t { send stream { packets 1 << 40 } }')
point 'more packets than the deadline allows' gives 2 'error\[deadline\]' check "$many"
twice=$(spec twice <<<'test t { send stream { }; expect a.tx_invalid_descs == 3 }')
point 'a contradiction with the model' gives 2 'error\[contradiction\]' check "$twice"

# ---- objects ----
own=$(spec own <<<'test own { mode drv; wakeup softirq; program b file "own.o" section "xdp.frag"; send stream { packets 4 } }')
point 'an object that is not built yet' gives 0 "own.spec:1: 'own.o' is not there: not looked at" check "$own"
point 'its paths are explained' gives 0 'program file own.o, xdp.frag, .*fam/own.o, or /x/own.o' explain --objects /x "$own"
mkdir -p "$SCRATCH/objects" && cp "$(dirname "$XSKSPEC")/programs/port_filter.bpf.o" "$SCRATCH/objects/own.o"
point 'an object that does not fit' gives 2 'own.spec:1:[0-9]+: error\[object\]: .*did you mean .xdp.frags' \
	check --objects "$SCRATCH/objects" "$own"
own=$(spec own <<<'test own { mode drv; wakeup softirq; program b file "own.o"; stream s { packets 4 }; send s }')
point 'an object in a folder that is named' gives 0 'no mistakes' check --objects "$SCRATCH/objects" "$own"
if ((EUID == 0)); then
	point 'how to repeat it with its objects' gives 1 '^# repeat: .* --objects .*objects' \
		run --objects "$SCRATCH/objects" "$own"
fi
echo 'no object' >"$SCRATCH/fam/own.o"
point 'what lies beside the specification comes first' gives 2 'own.o.: read: ENOEXEC .this is no ELF' \
	check --objects "$SCRATCH/objects" "$own"

# The table of the README, the files, and the tests in them.
parity_is_whole() {
	local root table
	root=$(dirname "$0")/../..
	table=$(sed -n '/^## Parity/,/^## [^P]/s/^| \([A-Z0-9_]*\) |.*/\1/p' "$root/README.md" | tr '[:upper:]' '[:lower:]' | sort)
	diff <(echo "$table") <(cd "$root/specs/parity" && printf '%s\n' *.spec | sed 's/\.spec$//' | sort) &&
		diff <(echo "$table") <("$XSKSPEC" list "$root/specs/parity" | sed -n 's,^parity/\([a-z0-9_]*\)\[.*,\1,p' | sort -u) &&
		(($(wc -l <<<"$table") == 36))
}
point 'every case of the kernel tool has its specification' parity_is_whole

# ---- fuzz ----

point 'fuzz with an argument' gives 2 'usage' fuzz seed
point 'fuzz in a mode that it does not know' gives 2 'fuzz knows skb and drv' fuzz --mode zc
point 'fuzz with a seed that is no number' gives 2 'whole number' fuzz --seed x
if ((EUID == 0)); then
	point 'fuzz a little' gives 0 'seed 3: 0 differences' fuzz --seed 3 --descs 500 --mode drv
	is_interrupted() {
		local pid status=0
		"$XSKSPEC" fuzz --seed 3 --descs 1000000000 >"$SCRATCH/fuzz" 2>&1 &
		pid=$!
		until grep -qs '^# xskspec fuzz' "$SCRATCH/fuzz"; do sleep 0.05; done
		kill -TERM "$pid"
		wait "$pid" || status=$?
		cat "$SCRATCH/fuzz"
		((status == 128 + 15)) && grep -q 'seed 3: 0 differences, interrupted' "$SCRATCH/fuzz"
	}
	point 'fuzz ends when it is interrupted' is_interrupted
fi

# ---- probe ----

point 'probe of an interface that is not there' gives 2 "device 'none0': look it up: ENODEV" probe --nic none0
point 'probe with an argument' gives 2 'usage' probe eth0
probe=$SCRATCH/probe.json edited=$SCRATCH/edited.json

# The probe's file after a sed script is refused with the text.
refuses_edited() {
	sed "$1" "$probe" >"$edited"
	! cmp -s "$probe" "$edited" && gives 2 "$2" check --probe "$edited" "$good"
}
refuses_truncated() {
	local size n
	size=$(stat -c %s "$probe")
	# The last byte is a newline that nobody misses.
	for ((n = size - 2; n >= 0; n -= 131)); do
		head -c "$n" "$probe" >"$edited"
		gives 2 'edited.json:[0-9]+:[0-9]+: no answers of .*: unexpected end of data' \
			check --probe "$edited" "$good" || return
	done
}
probe_tells() {
	gives 0 "$1" probe --nic lo
}
writes_probe() {
	"$XSKSPEC" probe --nic lo --json >"$probe"
}
reads_alien() {
	cat >"$edited"
	gives 2 "edited.json:$1" check --probe "$edited" "$good"
}
# Nothing in this plan depends on what machines differ in.
follows_probe() {
	diff <("$XSKSPEC" list "$good") <("$XSKSPEC" list --probe "$probe" "$good")
}
# In another boot, or on another kernel, as far as the program can see.
in_another_boot() {
	echo 01234567-89ab-cdef-0123-456789abcdef >"$SCRATCH/boot_id"
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'mount --bind "$1" /proc/sys/kernel/random/boot_id && shift && exec "$@"' \
		sh "$SCRATCH/boot_id" "$XSKSPEC" "$@" >"$SCRATCH/out" 2>&1
}
is_stale() {
	local text=$1 status=0
	shift
	"$@" || status=$?
	cat "$SCRATCH/out"
	((status == 2)) && grep -qE "$text" "$SCRATCH/out"
}
on_another_kernel() {
	setarch "$(uname -m)" --uname-2.6 "$XSKSPEC" "$@" >"$SCRATCH/out" 2>&1
}

if ((EUID == 0)); then
	point 'probe' probe_tells '^  max_frags  *[0-9]+  *most descriptors of one packet'
	point 'probe of an interface' probe_tells '^interface lo$'
	point 'probe as JSON' writes_probe
	point 'a plan by a probe' follows_probe
	point 'check by a probe' gives 0 'no mistakes' check --probe "$probe" "$good"
	point 'explain by a probe' gives 0 'packet 0' explain --probe "$probe" "$good"
	point 'run by a probe' gives 0 '^# 4 passed' run --probe "$probe" "$good"
	point 'run by a probe of another boot' is_stale \
		'^xskspec: .*probe.json: stale: made on .* in boot .*, this is boot 01234567-' \
		in_another_boot run --probe "$probe" "$good"
	point 'list by a probe of another boot' in_another_boot list --probe "$probe" "$good"
	point 'run by a probe of another kernel' is_stale \
		"^xskspec: .*probe.json: stale: made on $(uname -r) .*, this is 2.6" \
		on_another_kernel run --probe "$probe" "$good"
	point 'an edited probe' refuses_edited 's/"max_frags": *[0-9]*/"max_frags": 3/' \
		'edited.json: edited: '
	point 'an edited probe is refused by run' gives 2 'edited.json: edited: ' run --probe "$edited" "$good"
	point 'a probe without a field' refuses_edited '/"max_frags"/d' \
		"field 'behaviours.max_frags' is missing"
	point 'a probe with one more' refuses_edited 's/"max_frags"/"min_frags": 1, &/' \
		"field 'behaviours.min_frags' is unknown"
	point 'a number that is none' refuses_edited 's/"tx_budget": *[0-9]*/"tx_budget": "x"/' \
		"field 'behaviours.tx_budget' is no whole number"
	point 'a number that is too large' refuses_edited 's/"tx_budget": *[0-9]*/"tx_budget": 4294967296/' \
		"field 'behaviours.tx_budget' is out of range"
	point 'a word for true' refuses_edited 's/"has_sw_csum": *[a-z]*/"has_sw_csum": 1/' \
		"field 'behaviours.has_sw_csum' is neither true nor false"
	point 'another version' refuses_edited 's/"xskspec_probe": *1/"xskspec_probe": 9/' \
		"field 'xskspec_probe' is that of another version"
	point 'a truncated probe' refuses_truncated
else
	skip 'probe: needs root'
fi
point 'JSON of somebody else' reads_alien " field 'xskspec_probe' is missing" <<<'{"a": 1}'
point 'JSON that is no object' reads_alien '1:1: .*no object' <<<'[1]'
point 'two objects' reads_alien '1:[0-9]+: ' <<<'{} {}'
point 'no JSON' reads_alien '1:[0-9]+: no answers of' <"$good"
point 'binary junk as a probe' reads_alien '[0-9]+:[0-9]+: ' < <(head -c 10000 "$XSKSPEC")
point 'no probe' gives 2 "cannot read '.*none.json'" list --probe "$SCRATCH/none.json" "$good"

# What a full disk or a reader that went away looks like.
to_full() {
	local status=0
	"$XSKSPEC" help >/dev/full || status=$?
	((status == 3))
}
point 'stdout that cannot be written' to_full

if ((EUID == 0)); then
	# The right to look into folders of root's is left: that is where the tree may be.
	nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups '--bounding-set=-all,+dac_read_search'
		'--inh-caps=-all,+dac_read_search' --ambient-caps=+dac_read_search)
	as_user() {
		local status=0
		"${nobody[@]}" "$XSKSPEC" run "$good" >"$SCRATCH/out" || status=$?
		cat "$SCRATCH/out"
		((status == 3)) && grep -q '^Bail out! .*CAP_NET_ADMIN' "$SCRATCH/out"
	}
	point 'run without rights' as_user
	check_as_user() {
		"${nobody[@]}" "$XSKSPEC" check "$good"
	}
	point 'check without rights' check_as_user
	probe_as_user() {
		local status=0
		"${nobody[@]}" "$XSKSPEC" probe >"$SCRATCH/out" 2>&1 || status=$?
		cat "$SCRATCH/out"
		((status == 3)) && grep -q '^  missing .*CAP_NET_ADMIN' "$SCRATCH/out" &&
			grep -q '^  btf ' "$SCRATCH/out" && ! grep -q '^behaviours$' "$SCRATCH/out"
	}
	point 'probe without rights' probe_as_user
	"${nobody[@]}" "$XSKSPEC" probe --json >"$probe" 2>/dev/null
	point 'a probe without behaviours' gives 2 'holds no behaviours: .*missing rights' \
		list --probe "$probe" "$good"
else
	skip 'run without rights: this is what all of it runs with'
fi

finish
