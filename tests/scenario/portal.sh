# portal.sh: a desktop without a screen, and two applications of it in Flatpak's
# manner.  POSIX sh; sourced behind lib.sh.
#
# The parts are the real ones: a session bus, gnome-keyring (unlocked), the
# document portal (FUSE), the desktop portal, and one bubblewrap per run of an
# application, with a filtering bus proxy in front of it.  What makes Flatpak of
# it is the file /.flatpak-info, by which the portals know who is asking.
# They see the scenario's home folder and a runtime folder of its own.  Where
# there is a screen (screen.sh) there is a file chooser too, and an application
# gets to the screen and to assistive technology as Flatpak lets it.
# shellcheck shell=sh
. tests/scenario/bus.sh

libexec=/usr/libexec
documents=/run/user/$(id -u)/doc # within an application
export XDG_CURRENT_DESKTOP=GNOME GIO_USE_VFS=local
unset DISPLAY WAYLAND_DISPLAY XDG_DATA_DIRS XDG_CONFIG_DIRS

for python in python3 /usr/bin/python3 ''; do
	[ -z "$python" ] || ! "$python" -c 'import dbus' 2>/dev/null || break
done

judge_parts() {
	for part in bwrap gnome-keyring-daemon xdg-dbus-proxy; do
		command -v $part >/dev/null || skip "no $part"
	done
	for part in xdg-document-portal xdg-desktop-portal \
	    xdg-permission-store ${DISPLAY:+xdg-desktop-portal-gtk}; do
		[ -x $libexec/$part ] || skip "no $part"
	done
	[ -n "$python" ] || skip 'no D-Bus for python3'
	[ -x "$BIN/sandferry-keyring" ] || skip 'no sandferry-keyring'
	bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev true \
	    2>"$tmp/err" || skip "no user namespaces: $(tail -n 1 "$tmp/err")"
}

start_desktop() {
	judge_parts
	start_bus
	start_keyring
	serve org.freedesktop.impl.portal.PermissionStore \
	    $libexec/xdg-permission-store || fail "$why"
	mounted="$runtime/doc $mounted"
	serve org.freedesktop.portal.Documents $libexec/xdg-document-portal &&
	    wait_for test -d "$runtime/doc/by-app" || skip "no FUSE: $why"
	[ -z "${DISPLAY:-}" ] || serve org.freedesktop.impl.portal.desktop.gtk \
	    $libexec/xdg-desktop-portal-gtk || fail "$why"
	serve org.freedesktop.portal.Desktop $libexec/xdg-desktop-portal ||
	    fail "$why"
	portal_pid=${started%% *}
}

stop_portal() {
	kill "$portal_pid"
	wait "$portal_pid" 2>/dev/null
	started=$(echo " $started" | sed "s/ $portal_pid / /")
}

# share APP PATH: what a file chooser does when its user chooses PATH for APP;
# prints where APP sees it.
share() {
	"$python" - "$documents" "$@" <<-'END'
	import dbus, os, sys

	root, app, path = sys.argv[1:]
	portal = dbus.Interface(dbus.SessionBus().get_object(
	    'org.freedesktop.portal.Documents',
	    '/org/freedesktop/portal/documents'),
	    'org.freedesktop.portal.Documents')
	REUSE, DIRECTORY = 1, 8
	flags = REUSE | (DIRECTORY if os.path.isdir(path) else 0)
	fd = os.open(path, os.O_PATH)
	ids, _ = portal.AddFull([dbus.types.UnixFd(fd)], dbus.UInt32(flags),
	    app, ['read'])
	print(root, ids[0], os.path.basename(path), sep='/')
	END
}

# make_app APP: its folder, and its way to the session bus, which lets it talk to
# portals only.  The filter runs in a sandbox of its name, too: to the portals,
# it is the filter that asks.
make_app() {
	own=$HOME/.var/app/$1
	[ ! -d "$own" ] || return 0
	mkdir -p "$own/config" "$own/data" "$own/cache" "$own/.local/state" \
	    "$runtime/doc/by-app/$1"
	{
		printf '[Application]\nname=%s\n\n' "$1"
		printf '[Instance]\ninstance-id=1\n\n'
		printf '[Context]\nshared=network;\n'
	} >"$tmp/$1.info"
	app=$1
	set -- "$DBUS_SESSION_BUS_ADDRESS" "$runtime/$app" --filter \
	    --call='org.freedesktop.portal.*=*' \
	    --broadcast='org.freedesktop.portal.*=@/org/freedesktop/portal/*'
	[ -z "${DISPLAY:-}" ] || set -- "$@" "$(a11y_address)" \
	    "$runtime/$app.a11y" --filter --sloppy-names $(a11y_calls)
	in_background "$app" sh -c "$sandbox" "$tmp/$app.info" \
	    --bind "$runtime" "$runtime" xdg-dbus-proxy "$@"
	set -- "$app"
	wait_for test -S "$runtime/$1" ||
	    fail "no bus for $1: $(tail -n 1 "$tmp/$1.log")"
}

a11y_address() {
	dbus-send --session --print-reply=literal --dest=org.a11y.Bus \
	    /org/a11y/bus org.a11y.Bus.GetAddress | sed 's/^ *//'
}

# What Flatpak's run lets through to that bus.
a11y_calls() {
	root=/org/a11y/atspi/accessible/root
	keys=/org/a11y/atspi/registry/deviceeventcontroller
	for call in Socket.Embed@$root Socket.Unembed@$root \
	    Registry.GetRegisteredEvents@/org/a11y/atspi/registry \
	    DeviceEventController.GetKeystrokeListeners@$keys \
	    DeviceEventController.GetDeviceEventListeners@$keys \
	    DeviceEventController.NotifyListenersSync@$keys \
	    DeviceEventController.NotifyListenersAsync@$keys; do
		echo "--call=org.a11y.atspi.Registry=org.a11y.atspi.$call"
	done
}

# Started as sh -c, info file first: a sandbox with the system's programs and
# no file of the user's.  Where / is bound instead, and for writing, bubblewrap
# would leave a /.flatpak-info on the system itself.
# shellcheck disable=SC2016
sandbox='exec 9<"$0"
for dir in /bin /sbin /lib /lib32 /lib64; do
	if [ -L $dir ]; then
		set -- --symlink "$(readlink $dir)" $dir "$@"
	elif [ -d $dir ]; then
		set -- --ro-bind $dir $dir "$@"
	fi
done
exec bwrap --unshare-all --share-net --die-with-parent --new-session \
    --ro-bind-data 9 /.flatpak-info --ro-bind /usr /usr --ro-bind /etc /etc \
    --proc /proc --dev /dev --tmpfs /tmp --chdir / "$@"'

# in_app APP COMMAND...: run it as this application.
in_app() {
	make_app "$1"
	own=$HOME/.var/app/$1
	app=$1
	shift
	if [ -n "${DISPLAY:-}" ]; then
		screen=/tmp/.X11-unix/X${DISPLAY#:}
		set -- --ro-bind "$screen" "$screen" \
		    --bind "$runtime/$app.a11y" /run/flatpak/at-spi-bus \
		    --setenv AT_SPI_BUS_ADDRESS \
		    unix:path=/run/flatpak/at-spi-bus "$@"
	fi
	sh -c "$sandbox" "$tmp/$app.info" \
	    --ro-bind "${FERRY%/*}" /app/bin --bind "$own" "$own" \
	    --bind "$runtime/doc/by-app/$app" "$documents" \
	    --bind "$runtime/$app" /run/flatpak/bus \
	    --setenv PATH /app/bin:/usr/bin \
	    --setenv XDG_CONFIG_HOME "$own/config" \
	    --setenv XDG_DATA_HOME "$own/data" \
	    --setenv XDG_CACHE_HOME "$own/cache" \
	    --setenv XDG_STATE_HOME "$own/.local/state" \
	    --setenv XDG_RUNTIME_DIR "${documents%/doc}" \
	    --setenv DBUS_SESSION_BUS_ADDRESS unix:path=/run/flatpak/bus "$@"
}
