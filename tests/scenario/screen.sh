# screen.sh: a screen that nobody sees, and an application on it that is used by
# what it tells assistive technology.  POSIX sh; sourced behind lib.sh.
# shellcheck shell=sh
. tests/scenario/bus.sh

gi_python=
for python in python3 /usr/bin/python3; do
	! "$python" -c "import gi
gi.require_version('Atspi', '2.0')" 2>/dev/null || gi_python=$python
done

start_screen() {
	for part in Xvfb xdotool; do
		command -v $part >/dev/null || skip "no $part"
	done
	[ -x /usr/libexec/at-spi-bus-launcher ] || skip 'no at-spi2-core'
	[ -n "$gi_python" ] || skip 'no Atspi for python3'
	start_bus
	export GDK_BACKEND=x11 GSK_RENDERER=cairo GSETTINGS_BACKEND=memory \
	    GTK_A11Y=atspi GIO_USE_VFS=local LC_ALL=C.UTF-8 \
	    GTK_IM_MODULE=gtk-im-context-simple
	unset WAYLAND_DISPLAY GTK_THEME AT_SPI_BUS_ADDRESS
	Xvfb -displayfd 1 -screen 0 "${1:-860x600}x24" -nolisten tcp \
	    >"$tmp/display" 2>"$tmp/xvfb.log" &
	started="$started $!"
	wait_for test -s "$tmp/display" ||
	    skip "no screen: $(tail -n 1 "$tmp/xvfb.log")"
	DISPLAY=:$(cat "$tmp/display")
	export DISPLAY
	serve org.a11y.Bus /usr/libexec/at-spi-bus-launcher \
	    --launch-immediately || fail "$why"
}

# use <<END: do what the lines say, as click.py describes them.
use() {
	"$gi_python" -W ignore tests/scenario/click.py >"$tmp/used" 2>&1 || {
		cp "$tmp/used" "$tmp/out"
		fail "the window: $(tail -n 40 "$tmp/used")"
	}
}
