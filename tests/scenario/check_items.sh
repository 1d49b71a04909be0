# check_items.sh: what `check` says of each thing; sourced after lib.sh.
#
#   items FOLDER PORT HOW [OPTION...]   check, run by `ferry` or `send`; it may
#       leave nothing in FOLDER; what it said is in $tmp/said, a line per item,
#       without what differs from run to run
#   expect_said LINE...                 these, whatever else was said
#   expect_rest FROM STATE WORDS        so it is of all from this item on
# shellcheck shell=sh
items() {
	place=$1 its_port=$2 how=$3
	shift 3
	names=$(find "$place" | sort)
	$how check --url "$url" --source "$site" "$@"
	[ "$names" = "$(find "$place" | sort)" ] || fail 'something stays there'
	[ ! -s "$tmp/err" ] || fail 'something was said twice'
	sed -n "s,$tmp,TMP,g
		s,:$its_port,:PORT,g
		s,port $its_port,PORT,g
		s/SHA256:[^ :,]*/SHA256:.../g
		s/until 20[0-9-]*:/until DAY:/
		s/^  \(ok\|warn\|FAIL\|skip\)  */\1 /p" "$tmp/out" |
	    tr -s ' ' >"$tmp/said"
}

expect_said() {
	for line; do
		grep -Fxq -- "$line" "$tmp/said" || {
			cat "$tmp/said"
			fail "nothing says: $line"
		}
	done
}

expect_rest() {
	! sed -n "/^[a-zA-Z]* $1 /,\$p" "$tmp/said" | grep -v "^$2 .* $3\$" ||
	    fail "not all from $1 on is $2 $3"
	grep -q "^$2 $1" "$tmp/said" || fail "no $1"
}
