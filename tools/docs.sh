#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: tools/docs.sh [--check] XSKSPEC	(make docs, make lint)
#
# Writes the keyword reference between its markers in specs/README.md as the
# program's own table gives it; with --check it only says whether it differs.
set -euo pipefail

readme=specs/README.md
begin='<!-- begin of what make docs writes -->'
end='<!-- end of what make docs writes -->'

die() {
	echo "$readme:1: docs: $*" >&2
	exit 1
}

# The file with everything between the markers replaced by standard input.
with_reference() {
	awk -v begin="$begin" -v end="$end" '
		$0 == end { is_inside = 0 }
		!is_inside { print }
		$0 == begin {
			is_inside = 1
			while ((getline line < "/dev/stdin") > 0)
				print line
		}' "$readme"
}

is_check=
if [[ $1 == --check ]]; then
	is_check=yes
	shift
fi
for marker in "$begin" "$end"; do
	grep -qxF -- "$marker" "$readme" || die "has no line '$marker'"
done

reference=$("$1" help keywords)
[[ $reference ]] || die "'$1 help keywords' printed nothing"
updated=$(with_reference <<<"$reference")
if [[ ! $is_check ]]; then
	echo "$updated" >"$readme"
elif ! diff -u "$readme" - <<<"$updated" >&2; then
	die "is out of date: make docs"
fi
