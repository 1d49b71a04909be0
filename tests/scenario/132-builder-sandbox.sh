# Goal: within Flatpak's walls, an application that embeds the library gets the
# site and the key by the portal's file chooser, and nothing else of the user's;
# with what was chosen it edits a page and publishes.
# Long: a desktop is started, and an application in a sandbox.
. tests/scenario/lib.sh
. tests/scenario/portal.sh
. tests/scenario/screen.sh
[ -x "$BIN/examples/builder" ] || skip 'no builder: make examples'
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer opens files of its own' ;;
esac
app=org.example.Builder
own=$HOME/.var/app/$app
# where a chooser says that a document is: the same place within and without
documents=$runtime/doc

# The home folder of somebody who has more than this site.
site=$HOME/Sites/mine
key=$HOME/Keys/for-the-web
mkdir -p "$site" "${key%/*}" "$HOME/.ssh" "$HOME/Letters"
echo canary >"$HOME/.ssh/id_ed25519"
echo canary >"$HOME/Letters/to-her"
make_key "$key" ed25519 '' 'open sesame'
small_site
start_sshd
start_screen 1280x960
start_desktop

# $inside: the root of what the builder sees.
inside=
find_inside() {
	for exe in /proc/[0-9]*/exe; do
		[ "$(readlink "$exe" 2>/dev/null)" != \
		    /app/bin/examples/builder ] ||
		    ! tr '\0' '\n' <"${exe%exe}environ" |
		    grep -Fqx "XDG_DATA_HOME=$own/data" ||
		    inside=${exe%exe}root
	done
	[ -n "$inside" ]
}

# choose BUTTON WINDOW PATH: by the desktop's file chooser, and not by ours.
choose() {
	cat <<-END
	click $1
	wait $2
	key alt+Home
	wait Letters
	key ctrl+l
	type $3
	click Choose
	gone $2
	wait ${3##*/}
	END
}

unlock() {
	cat <<-END
	wait The passphrase of for-the-web
	type open sesame
	key Return
	END
}

in_background builder in_app $app /app/bin/examples/builder \
    --worker /app/bin/sandferry-worker
builder=${started%% *}
wait_for find_inside || fail "no builder: $(cat "$tmp/builder.log")"
use <<END
$(choose Folder 'The folder of your site' "$site")
$(choose 'Private key' 'Your private key' "$key")
key alt+a
type $url
click Done
focused Page
key ctrl+Home
type <p>From the sandbox
click Publish
wait Is this your server?
click Trust This Server
$(unlock)
wait 6 changes to publish
key ctrl+Return
$(unlock)
wait Published
END
same_tree "$site" "$htdocs"
expect_match 'From the sandbox' "$site/about.html"

# Of all that the user has it sees what was chosen, and its own folder.
ls -A "$inside$HOME" "$inside$HOME/.var/app" "$inside$documents"/*/ \
    >"$tmp/seen"
printf '%s\n' "$inside$HOME:" .var '' "$inside$HOME/.var/app:" $app '' \
    >"$tmp/expected"
head -n 6 "$tmp/seen" | cmp -s - "$tmp/expected" ||
    fail "it sees $(head -n 6 "$tmp/seen")"
[ "$(ls "$inside$documents" | wc -l)" -eq 2 ] &&
    [ "$(tail -n +7 "$tmp/seen" | grep -v ':$' | sort | tr -s '\n' ' ')" = \
    ' for-the-web mine ' ] || fail "it sees $(tail -n +7 "$tmp/seen")"
for path in .ssh Letters Keys Sites; do
	[ ! -e "$inside$HOME/$path" ] || fail "it sees ~/$path"
done
[ -s "$own/data/sandferry-builder/known_hosts" ] || fail 'nothing is kept'
! grep -rq "$HOME/Keys\\|canary" "$own" || fail 'it knows more than it should'
echo 'click Close' | use
wait "$builder" || fail 'it did not end well'
started=$(echo " $started " | sed "s/ $builder / /")
expect_no_match 'CRITICAL|WARNING' "$tmp/builder.log"
