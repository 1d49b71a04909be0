# terminal.sh: a real terminal with somebody at it: a shell in tmux.  POSIX sh;
# sourced behind lib.sh.
# shellcheck shell=sh

# open_terminal COLUMNS ROWS: with an interactive shell in $tmp, which finds what
# lies there and the program by their names, and leaves the terminal's settings
# as others leave them.
open_terminal() {
	command -v tmux >/dev/null || skip 'no tmux'
	command -v dash >/dev/null || skip 'no dash'
	cat >"$tmp/profile" <<-END
		PS1='$ ' PATH=$tmp:$(dirname "$FERRY"):$PATH
		cd $tmp
	END
	on_terminal -f /dev/null new-session -d -x "$1" -y "$2" \
	    env -u TMUX TERM=tmux-256color HOME="$HOME" LC_ALL=C.UTF-8 \
	    ENV="$tmp/profile" dash -i -m ||
	    fail 'no terminal'
	started="$started $(on_terminal display-message -p '#{pid}')"
	shows '^[$]$'
}

on_terminal() {
	tmux -u -S "$tmp/tmux" "$@"
}

# Keys by tmux's names of them.
press() {
	on_terminal send-keys "$@"
}

type_line() {
	press -l "$1"
	press Enter
}

# resize COLUMNS ROWS: and whoever asks is told so.
resize() {
	on_terminal resize-window -x "$1" -y "$2"
	wait_for measures "$2 $1" || fail "the window is not $1 by $2"
}

measures() {
	[ "$(stty size <"$(on_terminal display-message -p '#{pane_tty}')")" = \
	    "$1" ]
}

# What is to be seen, and what scrolled away, in $tmp/screen: no empty rows at its end, rows that were
# wrapped are one line, our places and times have names.
screen() {
	on_terminal capture-pane -p -J -S - | sed -e 's/ *$//' -e "s|$url|URL|g" \
	    -e "s|$tmp|TMP|g" -e 's/[0-9.]* [kMG]*B, [0-9.]* s$/SIZE, TIME/' -e :a -e '/^\n*$/{$d;N;ba' -e '}' \
	    >"$tmp/screen"
}

# shows PATTERN: wait until a line of the screen says so.
shows() {
	wait_for shown "$1" || {
		cp "$tmp/screen" "$tmp/out"
		fail "the screen does not show: $1"
	}
}

shown() {
	screen
	grep -Eq -- "$1" "$tmp/screen"
}

# expect_screen <<END: exactly these lines, sooner or later.
expect_screen() {
	cat >"$tmp/wanted"
	wait_for is_screen || {
		diff "$tmp/wanted" "$tmp/screen" >"$tmp/out"
		fail 'the screen shows something else'
	}
}

is_screen() {
	screen
	cmp -s "$tmp/wanted" "$tmp/screen"
}
