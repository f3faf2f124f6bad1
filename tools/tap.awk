# SPDX-License-Identifier: GPL-2.0-only
#
# Reads TAP and prints: passed failed skipped complaint. The complaint is empty
# unless the output itself is broken: no plan, another number of points than
# planned, a bail-out. A plan of nothing ("1..0 # SKIP why") is one skipped point.

/^ok( |$)/ { points++; if (tolower($0) ~ /# *skip/) skipped++; else passed++ }
/^not ok( |$)/ { points++; failed++ }
/^1\.\.[0-9]+/ { plans++; planned = substr($1, 4) + 0 }
/^Bail out!/ { complaint = $0 }

END {
	if (!complaint && plans != 1)
		complaint = "prints " plans + 0 " plans"
	if (!complaint && planned != points + 0)
		complaint = "plans " planned " points, has " points + 0
	if (!complaint && !planned)
		skipped = 1
	print passed + 0, failed + 0, skipped + 0, complaint
}
