#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Set-up, build, lint and the runners, each in a small tree of its own below
# SCRATCH that has the real Makefile and tools and next to no sources.
set -euo pipefail

source "$(dirname "$0")/tap.bash"

root=$PWD
tree="$SCRATCH/a tree"

# Runs a command in the tree; $status, $out and $err are what came of it.
try() {
	status=0
	(cd "$tree" && "$@") >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null || status=$?
	out=$(<"$SCRATCH/out") err=$(<"$SCRATCH/err")
}

# What a point can be about: the last try. A failed point shows all of it.
outcome() { printf 'status %s\n%s\n%s\n' "$status" "$out" "$err"; }
has_status() { outcome; [[ $status == "$1" ]]; }
is_silent() { outcome; [[ $status == 0 && ! $out$err ]]; }
says() { outcome; [[ $out$err == *"$1"* ]]; }
says_not() { outcome; [[ $out$err != *"$1"* ]]; }
fails_with() { outcome; [[ $status != 0 && $out$err == *"$1"* ]]; }
ends_with() { outcome; [[ "$status ${out##*$'\n'}" == "$1" ]]; }
has_words() { outcome; [[ "${out//$'\n'/ }" == "$1" ]]; }
is_file() { outcome; [[ -f $1 ]]; }
is_absent() { outcome; [[ ! -e $1 ]]; }

# A program that says its arguments stands in for the real one.
make_tree() {
	rm -rf "$tree"
	mkdir -p "$tree"/{bpf,specs/{basic,own/src},xsk/{lang,plan,link,ring,run,out,tests}}
	cp -r "$root"/{Makefile,tools,run_tests.sh,.ci,.clang-format,.shellcheckrc} "$tree"
	echo '# Tree' >"$tree/README.md"
	cp -r "$root/xsk/base" "$tree/xsk"
	echo '.TH XSKSPEC 1' >"$tree/xsk/xskspec.1"
	echo 'test t { }' >"$tree/specs/basic/t.spec"
	printf '%s\n' '// SPDX-License-Identifier: GPL-2.0-only' 'int n;' >"$tree/specs/own/src/u.bpf.c"
	cat >"$tree/xsk/main.c" <<-'END'
		// SPDX-License-Identifier: GPL-2.0-only
		int main(int argc, char **argv)
		{
			for (int i = 1; i < argc; i++)
				puts(argv[i]);
			return argc == 1 ? 0 : 4;
		}
	END
}

# A folder with links to the tools that set-up itself needs, and to those named.
tools_only() {
	local tool
	rm -rf "${SCRATCH:?}/bin"
	mkdir "$SCRATCH/bin"
	for tool in bash awk readlink pkg-config "$@"; do
		ln -s "$(command -v "$tool")" "$SCRATCH/bin"
	done
}

test_setup() {
	local as_nobody
	tools_only apt-get gcc make clang llvm-strip bpftool setpriv
	try tools/setup.sh --check build
	point 'set-up says nothing when all is there' is_silent
	try env PATH="$SCRATCH/bin" bash tools/setup.sh --check build lint
	point 'set-up fails when a tool is missing' has_status 1
	point 'set-up names the tool and its package' says 'missing: clang-format (package clang-format)'
	point 'set-up says how to install it' says 'as root: apt-get -y install'
	point 'set-up does not name what is there' says_not 'clang ('
	try env PATH="$SCRATCH/bin" PKG_CONFIG_LIBDIR=/nonexistent bash tools/setup.sh --check build
	point 'set-up names the package of a library' says 'missing: libxdp (package libxdp-dev)'
	as_nobody=()
	if ((EUID == 0)); then
		# The tree may be where nobody else can look: that one right is kept.
		as_nobody=(setpriv --reuid=65534 --inh-caps=+dac_read_search --ambient-caps=+dac_read_search)
	fi
	try env PATH="$SCRATCH/bin" "${as_nobody[@]}" bash tools/setup.sh lint
	point 'set-up without root installs nothing and says so' fails_with 'not root, nothing was installed'
}

test_build() {
	make_tree
	try make O=../other
	point 'make O=DIR builds there' is_file "$SCRATCH/other/xskspec"
	point 'make O=DIR builds the programs of specifications there' \
		is_file "$SCRATCH/other/programs/u.bpf.o"
	point 'make O=DIR builds nowhere else' is_absent "$tree/build"
	try make
	try make
	point 'a second make does nothing' is_silent
	try make V=1 CFLAGS=-O0
	point 'other flags make objects again, V=1 shows how' says ' -O0 '
	try make install DESTDIR="$SCRATCH/dest dir" PREFIX=/usr
	point 'make install brings the program' is_file "$SCRATCH/dest dir/usr/bin/xskspec"
	point 'make install brings the man page' is_file "$SCRATCH/dest dir/usr/share/man/man1/xskspec.1"
	point 'make install brings the specs' is_file "$SCRATCH/dest dir/usr/share/xskspec/specs/basic/t.spec"
	point 'make install brings their programs' is_file "$SCRATCH/dest dir/usr/share/xskspec/specs/own/u.bpf.o"
	echo 'void f(char *s); void f(char *s) { strcpy(s, ""); }' >"$tree/xsk/base/bad.c"
	try make
	point 'a call to strcpy does not compile' fails_with 'poisoned "strcpy"'
	try make clean
	point 'make clean leaves nothing' is_absent "$tree/build"
}

test_run_tests() {
	make_tree
	try ./run_tests.sh --help
	point 'run_tests.sh --help explains itself' says 'Usage: run_tests.sh'
	point 'run_tests.sh --help builds nothing' is_absent "$tree/build"
	try ./run_tests.sh
	point 'run_tests.sh runs specs/ with -j 2' has_words 'run -j 2 specs'
	point 'run_tests.sh has the exit status of xskspec' has_status 4
	try ./run_tests.sh --mode drv --out xsk
	point 'the value of --out is no spec' has_words 'run -j 2 --mode drv --out xsk specs'
	try ./run_tests.sh -j 1 specs/basic/t.spec
	point 'a spec that is named is the only one' has_words 'run -j 2 -j 1 specs/basic/t.spec'
	try bash -c 'cd specs && ../run_tests.sh'
	point 'run_tests.sh works from another folder' ends_with '4 .'
	echo 'int main(' >"$tree/xsk/main.c"
	try ./run_tests.sh
	point 'a build that fails has exit status 3' has_status 3
}

# A command in the tree with a source more, which is standard input.
plant() {
	cat >"$tree/xsk/base/planted.c"
	try make
	try "$@"
}

test_lint() {
	make_tree
	try make
	try tools/layers.sh build
	point 'layers: nothing to say about base' is_silent
	try tools/lint.sh build shellcheck file_size function_size license leftovers
	point 'lint: nothing to say' has_status 0
	plant tools/layers.sh build <<-'END'
		int planted(void);
		int planted(void) { return puts("x"); }
	END
	point 'layers: an impure call' fails_with 'xsk/base/planted.c:2: layers: base is pure and may not use puts'
	plant tools/layers.sh build <<-'END'
		int planted(void);
		int planted(void) { static int n; return ++n; }
	END
	point 'layers: a variable' fails_with 'may not have the variable n'
	plant tools/layers.sh build <<<'#include "plan/plan.h"'
	point 'layers: an include against the arrow' \
		fails_with 'xsk/base/planted.c:1: layers: xsk/base may not include plan/plan.h'
	plant tools/lint.sh build function_size < <(echo 'int f(void)'; echo '{'; seq 61; echo '}')
	point 'lint: a long function' fails_with 'xsk/base/planted.c:2: function-size: 61 lines'
	plant tools/lint.sh build function_size < <(echo '/* flat: a table */'; echo '{'; seq 61; echo '}')
	point 'lint: a long function that is flat' has_status 0
	plant tools/lint.sh build file_size < <(seq 601)
	point 'lint: a long file' fails_with 'xsk/base/planted.c:601: file-size'
	plant tools/lint.sh build format <<<'int   x;'
	point 'lint: a format of its own' fails_with 'xsk/base/planted.c:1'
	plant tools/lint.sh build leftovers <<<'/* T''ODO */'
	point 'lint: something left to do' fails_with 'xsk/base/planted.c:1: leftovers'
	plant tools/lint.sh build license <<<''
	point 'lint: no licence' fails_with 'xsk/base/planted.c:1: license'
}

test_docs() {
	make_tree
	printf '#!/bin/sh\necho "%s"\n' '| packets | 2048 |' >"$tree/xskspec"
	chmod +x "$tree/xskspec"
	printf '%s\n' 'Before' '<!-- begin of what make docs writes -->' '<!-- end of what make docs writes -->' \
		'After' >"$tree/specs/README.md"
	try tools/docs.sh --check ./xskspec
	point 'docs: a reference that is out of date' fails_with 'is out of date'
	try tools/docs.sh ./xskspec
	point 'docs: is written between its markers' grep -qx '| packets | 2048 |' "$tree/specs/README.md"
	try tools/docs.sh --check ./xskspec
	point 'docs: and is then up to date' is_silent
}

# A test program of one line of shell for the runner of make check.
check() {
	printf '#!/bin/sh\n%s\n' "$1" >"$tree/test_x.sh"
	chmod +x "$tree/test_x.sh"
	try tools/check.sh build ./test_x.sh
}

test_check() {
	make_tree
	mkdir -p "$tree/build"
	check 'echo ok 1; echo "ok 2 # SKIP no"; echo 1..2'
	point 'check: points are counted' ends_with '0 1 passed, 0 failed, 1 skipped'
	check 'echo not ok 1; echo 1..1'
	point 'check: a failed point' ends_with '1 0 passed, 1 failed, 0 skipped'
	check 'echo ok 1; echo 1..1; exit 3'
	point 'check: an exit status' fails_with 'exit status 3'
	check 'echo ok 1'
	point 'check: no plan' fails_with 'prints 0 plans'
	check 'echo 1..2; echo ok 1'
	point 'check: a point too few' fails_with 'plans 2 points, has 1'
	# shellcheck disable=SC2016 # the test program's process
	check 'echo ok 1; echo 1..1; kill -SEGV $$'
	point 'check: a crash' fails_with 'killed by SIGSEGV'
	check 'echo 1..0 "# SKIP nothing here"'
	point 'check: a run of nothing is no success' ends_with '1 0 passed, 0 failed, 1 skipped'
}

# Up to where a guest would be made: that takes packages from the network.
test_vm() {
	local cache=$SCRATCH/cache
	make_tree
	mkdir -p "$cache"/{tools,kernel-6.12/lib/modules/6.12.1}
	tools_only dirname realpath mktemp rm mkdir flock
	printf '#!/bin/sh\necho x86_64\n' >"$SCRATCH/bin/uname"
	chmod +x "$SCRATCH/bin/uname"
	vm() {
		try env PATH="$SCRATCH/bin" XSKSPEC_VM_CACHE="$cache" bash tools/vm/run "$@"
	}
	try tools/vm/run --help
	point 'vm: --help explains itself' says 'Usage: tools/vm/run'
	point 'vm: --help ends where the comment does' says_not 'set -euo'
	vm --kernel six -- true
	point 'vm: a kernel that is none' ends_with '2 '
	point 'vm: and says what it is not' says 'not a series such as 6.12'
	vm --timeout
	point 'vm: an option without its value' fails_with '--timeout needs a value'
	vm --fast true
	point 'vm: an option that is not known' fails_with 'unknown option --fast'
	vm --kernel 6.1 true
	point 'vm: no apt to fetch a kernel with' fails_with 'needs apt-get and dpkg-deb'
	point 'vm: what goes wrong before the command has an exit status of its own' ends_with '125 '
}

# A mistake of a child whose exit status its parent ignores.
test_sanitizer() {
	make_tree
	cat >"$tree/xsk/tests/test_child.c" <<-'END'
		#include <sys/wait.h>
		#include <unistd.h>
		char *volatile text;
		int main(void)
		{
			text = malloc(10);
			if (!fork()) {
				text[10] = 'x';
				return 0;
			}
			wait(NULL);
			free(text);
			puts("ok 1\n1..1");
			return 0;
		}
	END
	try make check
	point 'a write behind a buffer goes unseen without sanitizer' has_status 0
	try make check SAN=address,undefined
	point 'a report of a child fails its test' fails_with 'sanitizer report'
	point 'sanitizer builds have a folder of their own' is_file "$tree/build/san-address-undefined/xskspec"
}

if [[ $XSKSPEC == */san-* ]]; then
	echo '1..0 # SKIP the tools are the same for every build'
	exit
fi
make_tree
test_setup
test_build
test_run_tests
test_lint
test_docs
test_check
test_vm
test_sanitizer
finish
