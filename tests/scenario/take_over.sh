# take_over.sh: what other tools have uploaded becomes ours; sourced after
# lib.sh.  $live is where they put it; `ours VERB...' runs a verb of ours there.
# shellcheck shell=sh
missing=

# tool_site: a site with names that tools stumble over, and one left out.
tool_site() {
	small_site
	echo 'a b' >"$site/name with blank.txt"
	printf 'map\n' >"$site/css/site.css.map"
	find "$site" -exec touch -d '2 days ago' {} +
}

# may TOOL: is it here?  A new place for it.
may() {
	command -v "$1" >/dev/null || {
		missing="$missing $1"
		return 1
	}
	tool=$1
	find "$live" -mindepth 1 -delete
	new_machine
}

# theirs COMMAND...: their upload.
theirs() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	[ $rc -eq 0 ] || fail "$tool: exit $rc"
}

all_of_it() {
	(cd "$live" && find . -name .sandferry -prune -o \
	    -type f -printf '%p %i %s %m %T@\n' | LC_ALL=C sort)
}

# took_over: it is ours, and nothing was sent; what leaves the source leaves the
# server from now on, and a stranger never does.
took_over() {
	echo theirs >"$live/guestbook.txt"
	all_of_it >"$tmp/before"
	ours adopt
	expect_exit 0
	expect_count unchanged 7
	ours plan --exit-code
	expect_exit 0
	expect_count removed 0
	ours publish
	expect_exit 0
	expect_count sent 0
	all_of_it | diff "$tmp/before" - >"$tmp/diff" ||
	    fail "$tool: taking it over changed $(cat "$tmp/diff")"
	mv "$site/about.html" "$tmp/about.html"
	ours publish
	mv "$tmp/about.html" "$site/about.html"
	expect_exit 0
	expect_count removed 1
	[ -e "$live/guestbook.txt" ] || fail "$tool: a stranger has gone"
}

# Whoever has only some of the tools has tested only those.
all_were_there() {
	[ -z "$missing" ] || skip "no$missing"
}
