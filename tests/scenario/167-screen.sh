# Goal: the screen is left clean, whatever happens: no rest of the status line
# behind a resized window, wide and combining characters, Ctrl-Z or Ctrl-C at
# any phase; a shell that gets the terminal back can see what is typed.
. tests/scenario/lib.sh
. tests/scenario/terminal.sh
small_site
start_proxy
trust
make_key "$tmp/locked" ed25519 '' word
cat "$tmp/locked.pub" >>"$tmp/server/authorized_keys"

# The server waits within a request until it is let go.
cat >"$tmp/hold" <<END
touch '$tmp/held'
until [ -e '$tmp/free' ]; do sleep 0.02; done
END
hold() {
	rm -f "$tmp/held" "$tmp/free"
	rules "run $1 sh $tmp/hold"
}
held() {
	wait_for test -e "$tmp/held" || fail "nobody asks for $1"
}
let_go() {
	: >"$tmp/free"
}

# Short names for what is typed: go KEY.
cat >"$tmp/go" <<END
#!/bin/sh
exec sandferry publish --source '$site' --url '$url' --key "$tmp/\$1" \
    --fallback-known-hosts none
END
cat >"$tmp/looks" <<END
#!/bin/sh
stty -a </dev/tty | grep -q ' echo ' && echo visible || echo HIDDEN
END
chmod 755 "$tmp/go" "$tmp/looks"
open_terminal 40 24

# ---- Names of any width, a window of any size -------------------------------

mkdir "$site/日本語の長い名前" "$site/👩‍👩‍👧‍👦"
for name in 日本語の長い名前/写真アルバムと説明のとても長い名前 \
    "👩‍👩‍👧‍👦/🏳️‍🌈 👩‍💻👨‍🚀👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦" \
    "$(printf 'cafe\314\201-re\314\201sume\314\201-e\314\201e\314\201 x x')" \
    'مرحبا بالعالم שלום עולם مرحبا'; do
	seed=$((${seed:-1} + 1))
	big_file "$site/$name.bin" 700 $seed
done
hold 'WRITE:stage 6'
type_line 'go key'
held WRITE
shows '^Sending'
screen
[ "$(on_terminal capture-pane -p | grep -c .)" -eq 2 ] ||
    fail 'the status line has wrapped'fail 'more than one status line'
resize 20 24
let_go
shows '^[$]$'
printf '%s\n' '$ go key' Published >"$tmp/wanted"
head -n 2 "$tmp/screen" | cmp -s "$tmp/wanted" - || {
	cp "$tmp/screen" "$tmp/out"
	fail 'a narrower window has a rest of the status line'
}
same_tree "$site" "$htdocs"

resize 300 24

# ---- Ctrl-Z, and Ctrl-C in each phase ----------------------------------------

hold 'WRITE:stage 1'
big_file "$site/picture.bin" 300 $((seed += 1))
type_line 'clear; go key'
held WRITE
shows '^Sending'
press C-z
shows Stopped
type_line fg
let_go
shows TIME
expect_screen <<'END'
[1] + Stopped                    go key
$ fg
go key
Published URL  1 sent (9 already there), 0 removed, SIZE, TIME
$
END

# interrupt WHEN <<END: the screen shows this in the end.
interrupt() {
	big_file "$site/picture.bin" 300 $((seed += 1))
	hold "$1"
	type_line 'clear; go key; echo rc=$?'
	held "$1"
	press C-c
	shows stopping
	let_go
	expect_screen
}
for when in 'INIT 1' 'OPEN:ledger 1' 'WRITE:stage 1'; do
	interrupt "$when" <<-'END'
		stopping; run again to resume
		rc=130
		$
	END
done
# what is done by then needs no other run
for when in 'posix-rename 1' 'REMOVE 1'; do
	interrupt "$when" <<-'END'
		stopping; run again to resume
		Published URL  1 sent (9 already there), 0 removed, SIZE, TIME
		rc=0
		$
	END
done
# the second time, at once
hold 'WRITE:stage 1'
big_file "$site/picture.bin" 300 $((seed += 1))
type_line 'clear; go key'
held WRITE
press C-c
shows stopping
press C-c
shows '^[$]$'
let_go
expect_screen <<'END'
stopping; run again to resume
^C
$
END

# ---- Questions --------------------------------------------------------------

asks='Passphrase of TMP/locked:'
type_line 'clear; go locked'
shows "^$asks"
press C-z
shows Stopped
type_line 'looks; fg'
shows '^go locked'
press C-c
shows stopping
type_line looks
expect_screen <<END
$asks [1] + Stopped                    go locked
$ looks; fg
visible
go locked
$asks
stopping; run again to resume
$ looks
visible
$
END
# what is killed while it is stopped does not stop once more
type_line 'clear; go locked'
shows "^$asks"
press C-z
shows Stopped
type_line 'kill %1; kill -CONT %1'
noticed() {
	press Enter
	shown 'Done[(]143[)]'
}
wait_for noticed || fail 'it lives on'

# ---- In the background ------------------------------------------------------

hold 'WRITE:stage 1'
type_line 'clear; go key &'
held WRITE
type_line 'echo typed'
shows '^typed'
let_go
shows TIME
screen
! grep -q Sending "$tmp/screen" || fail 'the status line is in the way'
