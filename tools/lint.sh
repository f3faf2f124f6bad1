#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: tools/lint.sh BUILD_DIR [RULE...]	(make lint: all rules)
#
# Checks what the house rules ask of the sources and a machine can see. Each
# complaint names file, line and rule; all rules run, then the exit status tells.
set -uo pipefail

build_dir=$1
shift
all_rules=(format shellcheck layers file_size function_size license leftovers commands docs)
(($#)) || set -- "${all_rules[@]}"
max_file_lines=600
max_function_lines=60
failed_rules=()

c_files() {
	find xsk bpf -name '*.[ch]' | sort
}

shell_files() {
	find tools xsk/tests .ci run_tests.sh -type f -exec grep -lE '^#!.*sh$|^# shellcheck shell=' {} + | sort
}

all_files() {
	find Makefile README.md run_tests.sh .ci bpf specs tools xsk -type f | sort
}

# For lists that must be empty: prints them and says whether they were.
nothing() {
	! grep .
}

lint_format() {
	c_files | xargs clang-format --dry-run -Werror
}

lint_shellcheck() {
	shell_files | xargs shellcheck --format=gcc
}

lint_layers() {
	tools/layers.sh "$build_dir"
}

lint_file_size() {
	c_files | xargs wc -l | awk -v max="$max_file_lines" '
		$2 != "total" && $1 > max { print $2 ":" $1 ": file-size: above " max " lines" }' | nothing
}

# A function starts with a brace of its own in column 0. One that is a flat
# switch or table says so in a comment "flat: ..." in it or right above.
lint_function_size() {
	c_files | xargs awk -v max="$max_function_lines" '
		FNR == 1 { start = is_flat = 0 }
		/^}/ && !start { is_flat = 0 }
		/\/\* flat: / { is_flat = 1 }
		/^{/ { start = FNR }
		/^}/ && start {
			if (FNR - start - 1 > max && !is_flat)
				print FILENAME ":" start ": function-size: " FNR - start - 1 " lines, at most " max
			start = is_flat = 0
		}' | nothing
}

lint_license() {
	all_files | grep -E '\.([ch]|sh|bash|awk)$|Makefile$' | while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' ||
			echo "$file:1: license: no SPDX line"
	done | nothing
}

# Written so that this line is not found itself.
lint_leftovers() {
	{ all_files | xargs grep -nwE 'T[O]DO|F[I]XME' || true; } |
		sed -E 's/^([^:]*:[^:]*):/\1: leftovers:/' | nothing
}

# The program is asked what it knows, so that nothing can be forgotten.
commands() {
	"$build_dir/xskspec" help | sed -nE 's/^  xskspec ([a-z]+) .*/\1/p'
}

options() {
	"$build_dir/xskspec" "$1" --help | sed -nE 's/^ {2}.{4}(--[a-z-]+).*/\1/p'
}

lint_commands() {
	local readme man command option
	readme=$(<README.md) man=$(sed 's/\\-/-/g' xsk/xskspec.1)
	if [[ ! $(commands) ]]; then
		echo "$build_dir/xskspec: commands: help lists none"
		return 1
	fi
	for command in $(commands); do
		for option in $(options "$command"); do
			grep -qwe "$option" <<<"$man" ||
				echo "xsk/xskspec.1:1: commands: option $option of '$command' is not mentioned"
		done
		grep -qwe "$command" <<<"$man" || echo "xsk/xskspec.1:1: commands: '$command' is not mentioned"
		grep -qwe "xskspec $command" <<<"$readme" || echo "README.md:1: commands: '$command' is not mentioned"
	done | nothing
}

lint_docs() {
	tools/docs.sh --check "$build_dir/xskspec"
}

for rule in "$@"; do
	if ! "lint_$rule" >&2; then
		failed_rules+=("$rule")
	fi
done
if ((${#failed_rules[@]})); then
	echo "lint: failed: ${failed_rules[*]}" >&2
	exit 1
fi
echo 'lint: ok'
