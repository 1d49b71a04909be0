# bus.sh: a session bus of the scenario's own, and who serves on it.  POSIX sh;
# sourced behind lib.sh.
# shellcheck shell=sh

runtime=$tmp/runtime

# start_bus: once, whoever asks.  Nothing is started on demand, so that nothing
# is left behind.
start_bus() {
	[ ! -S "$runtime/bus" ] || return 0
	for part in dbus-daemon dbus-send; do
		command -v $part >/dev/null || skip "no $part"
	done
	mkdir -p -m 700 "$runtime"
	export XDG_RUNTIME_DIR="$runtime" \
	    DBUS_SESSION_BUS_ADDRESS="unix:path=$runtime/bus"
	cat >"$tmp/bus.conf" <<-END
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
	in_background bus dbus-daemon --config-file="$tmp/bus.conf" --nofork
	wait_for test -S "$runtime/bus" || fail 'no session bus'
}

# in_background LOG COMMAND...: until the end.
in_background() {
	log=$1
	shift
	"$@" >"$tmp/$log.log" 2>&1 &
	started="$! $started"
}

# bus_has NAME: somebody serves it.
bus_has() {
	dbus-send --session --print-reply --dest=org.freedesktop.DBus \
	    / org.freedesktop.DBus.NameHasOwner "string:$1" 2>&1 |
	    grep -q 'boolean true'
}

# serve NAME COMMAND...: it is asked for by this name.
serve() {
	name=$1
	shift
	in_background "$name" "$@"
	wait_for serves_or_died && bus_has "$name" && return
	why="no $name: $(tail -n 1 "$tmp/$name.log")"
	return 1
}

serves_or_died() {
	bus_has "$name" || ! kill -0 "${started%% *}" 2>/dev/null
}

# A keyring that is unlocked, as after a login.
start_keyring() {
	printf 'open sesame' >"$tmp/login-password"
	# shellcheck disable=SC2016
	serve org.freedesktop.secrets sh -c 'exec gnome-keyring-daemon \
	    --foreground --unlock --components=secrets <"$1"' \
	    sh "$tmp/login-password" && wait_for is_unlocked ||
	    fail "no keyring: ${why:-it stays locked}"
}

is_unlocked() {
	dbus-send --session --print-reply --dest=org.freedesktop.secrets \
	    /org/freedesktop/secrets/aliases/default \
	    org.freedesktop.DBus.Properties.Get \
	    string:org.freedesktop.Secret.Collection string:Locked 2>&1 |
	    grep -q 'boolean false'
}
