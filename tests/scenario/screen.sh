# screen.sh: a screen that nobody sees, and an application on it that is used by
# what it tells assistive technology.  POSIX sh; sourced behind lib.sh.
# shellcheck shell=sh

gi_python=
for python in python3 /usr/bin/python3; do
	! "$python" -c "import gi
gi.require_version('Atspi', '2.0')" 2>/dev/null || gi_python=$python
done

start_screen() {
	for part in Xvfb xdotool dbus-daemon; do
		command -v $part >/dev/null || skip "no $part"
	done
	[ -x /usr/libexec/at-spi-bus-launcher ] || skip 'no at-spi2-core'
	[ -n "$gi_python" ] || skip 'no Atspi for python3'
	mkdir -m 700 "$tmp/runtime"
	export XDG_RUNTIME_DIR="$tmp/runtime" GDK_BACKEND=x11 \
	    GSK_RENDERER=cairo GSETTINGS_BACKEND=memory GTK_A11Y=atspi \
	    GIO_USE_VFS=local LC_ALL=C.UTF-8 GTK_IM_MODULE=gtk-im-context-simple \
	    DBUS_SESSION_BUS_ADDRESS="unix:path=$tmp/runtime/bus"
	unset WAYLAND_DISPLAY GTK_THEME AT_SPI_BUS_ADDRESS
	Xvfb -displayfd 1 -screen 0 "${1:-860x600}x24" -nolisten tcp \
	    >"$tmp/display" 2>"$tmp/xvfb.log" &
	started="$started $!"
	wait_for test -s "$tmp/display" ||
	    skip "no screen: $(tail -n 1 "$tmp/xvfb.log")"
	DISPLAY=:$(cat "$tmp/display")
	export DISPLAY
	# Nothing is started on demand, so that nothing is left behind.
	cat >"$tmp/screen-bus.conf" <<-END
	<busconfig>
	  <type>session</type>
	  <listen>$DBUS_SESSION_BUS_ADDRESS</listen>
	  <policy context="default">
	    <allow send_destination="*" eavesdrop="true"/>
	    <allow eavesdrop="true"/>
	    <allow own="*"/>
	  </policy>
	</busconfig>
	END
	dbus-daemon --config-file="$tmp/screen-bus.conf" --nofork \
	    >"$tmp/bus.log" 2>&1 &
	started="$! $started"
	wait_for test -S "$tmp/runtime/bus" || fail 'no session bus'
	/usr/libexec/at-spi-bus-launcher --launch-immediately \
	    >"$tmp/a11y.log" 2>&1 &
	started="$! $started"
	wait_for a11y_is_there || fail "no a11y bus: $(cat "$tmp/a11y.log")"
}

a11y_is_there() {
	dbus-send --session --print-reply --dest=org.freedesktop.DBus \
	    / org.freedesktop.DBus.NameHasOwner string:org.a11y.Bus 2>&1 |
	    grep -q 'boolean true'
}

# use <<END: do what the lines say, as click.py describes them.
use() {
	"$gi_python" -W ignore tests/scenario/click.py >"$tmp/used" 2>&1 || {
		cp "$tmp/used" "$tmp/out"
		fail "the window: $(tail -n 40 "$tmp/used")"
	}
}
