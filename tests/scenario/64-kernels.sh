# Goal: on a kernel that lacks a layer of the wall, the run goes on as --confine
# says, and what is missing is said, once.
. tests/scenario/lib.sh
[ -x "$PEERS/without" ] || skip 'no without: make peers'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer goes without a wall' ;;
esac
"$PEERS/without" seccomp true || skip 'no filters of system calls here'
small_site
start_sshd
trust

# on LACKING OPTION...: publish on such a kernel
on() {
	lacking=$1
	shift
	cat >"$tmp/on" <<-END
	#!/bin/sh
	exec '$PEERS/without' $lacking '$whole' "\$@"
	END
	chmod 755 "$tmp/on"
	FERRY=$tmp/on
	publish "$@"
	FERRY=$whole
}
whole=$FERRY

# says ID N: so many warnings have this id
says() {
	[ "$(grep '"type":"warning"' "$tmp/out" | grep -c "\"id\":\"$1\"")" \
	    -eq "$2" ] || fail "not $2 warnings $1"
}

receipt() {
	grep -E "\"type\":\"wall\".*$1" "$tmp/out" >/dev/null ||
	    fail "the receipt does not say $1: $(grep '"wall"' "$tmp/out")"
}

publish --confine=require
grep -q '"worker":{[^}]*"landlock":0' "$tmp/out" && skip 'no Landlock here'
expect_exit 0
expect_no_match '"type":"warning"'
receipt '"confine":"require","self":\{"privileges":true,"limits":true,"landlock":[1-9]'
receipt '"endpoints":\[\{"address":"127.0.0.1","port":'"$port"',"connected":true\}\]'
expect_no_match 'looked_up'

on landlock
expect_exit 0
says wall_landlock 1
receipt '"self":\{[^}]*"landlock":0,"seccomp":true\},"worker":\{[^}]*"landlock":0,"seccomp":true'
# who wants to hear nothing hears this
quietly() {
	FERRY=$tmp/on
	ferry publish --source "$site" --url "$url" --key "$key" -q "$@"
	FERRY=$whole
	expect_exit 0
}
quietly
expect_text 'warning: sandferry runs without Landlock'
quietly --confine=off
[ ! -s "$tmp/all" ] || fail 'that was asked for'
on landlock --confine=require
expect_exit 60
expect_outcome wall_landlock
expect_words
on landlock --confine=off
expect_exit 0
says wall_landlock 0
says wall_off 1

on seccomp
expect_exit 60
expect_outcome wall_seccomp
expect_words
on seccomp --confine=off
expect_exit 0
receipt '"confine":"off","worker":\{[^}]*"landlock":0,"seccomp":false'
says wall_off 1
expect_no_match '"self":'

# older versions of Landlock are used as far as they go
for version in 1 3 5; do
	on landlock=$version
	expect_exit 0
	expect_no_match '"type":"warning"'
	receipt "\"self\":\\{[^}]*\"landlock\":$version,.*\"worker\":\\{[^}]*\"landlock\":$version,"
done

# for people
"$PEERS/without" landlock "$whole" plan --source "$site" --url "$url" \
    --key "$key" --fallback-known-hosts none --no-input >"$tmp/out" \
    2>"$tmp/err"
[ "$(grep -c 'runs without Landlock' "$tmp/err")" -eq 1 ] ||
    fail 'it is not said once'

# in a namespace of its user's, where that is allowed
if unshare -r true 2>/dev/null; then
	cat >"$tmp/on" <<-END
	#!/bin/sh
	exec unshare -r -- '$whole' "\$@"
	END
	FERRY=$tmp/on
	publish --confine=require
	FERRY=$whole
	expect_exit 0
fi

ferry plan --confine=maybe --source "$site" --url "$url"
expect_exit 2
expect_text 'Say auto, require or off.'
