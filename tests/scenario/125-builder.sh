# Goal: an application with a window that embeds the library is used as a person
# uses it: a first publish with a server that is not known, a page edited and
# published again, that taken back, and a large file cancelled on its way.
. tests/scenario/lib.sh
. tests/scenario/screen.sh
BUILDER=${BUILDER:-$BIN/examples/builder}
[ -x "$BUILDER" ] || skip "no $BUILDER: make examples"
SHOTS=${SHOTS:-}

# shot NAME: where somebody wants to look at it
shot() {
	[ -z "$SHOTS" ] || echo "shot $SHOTS/$1.png"
}

small_site
start_proxy
start_screen
"$BUILDER" --site "$site" --url "$url" --key "$key" --storage "$tmp/own" \
    --worker "$BIN/sandferry-worker" >"$tmp/builder.log" 2>&1 &
builder=$!
started="$started $builder"

# ---- The first publish ------------------------------------------------------

use <<END
wait css/site.css
$(shot pages)
click Publish
wait Is this your server?
wait $(fingerprint "$host_key")
type SHA256:somethingelse
wait This is another one
$(shot other-key)
key ctrl+a
type $(fingerprint "$host_key")
wait This is the same one.
$(shot host-key)
click Trust This Server
wait 6 changes to publish
wait deep/er/page.html
$(shot plan)
END
[ ! -e "$htdocs/index.html" ] || fail 'a look has published'
use <<END
key ctrl+Return
wait Published
$(shot published)
END
same_tree "$site" "$htdocs"

# ---- A page is edited, and that taken back ----------------------------------

cp -r "$htdocs" "$tmp/first"
use <<END
click Pages
focused Page
key ctrl+Home
type <p>From the editor
click Publish
wait 1 change to publish
$(shot changed)
key ctrl+Return
wait Published
END
expect_match 'From the editor' "$htdocs/about.html"
same_tree "$site" "$htdocs"
use <<END
click Undo…
wait Take back 1 change?
$(shot back)
click Take Back
wait Taken back
END
same_tree "$tmp/first" "$htdocs"

# ---- Cancelled --------------------------------------------------------------

big_file "$site/large.bin" 20000
rules 'silent WRITE:stage 40'
use <<END
click Look Again
wait 2 changes to publish
click Publish
wait Sending: large.bin
wait of 20.5 MB
$(shot progress)
click Cancel
wait Cancelled
$(shot cancelled)
click Close
END
wait "$builder" || fail 'it did not end well'
started=$(echo "$started " | sed "s/ $builder / /")
same_tree "$tmp/first" "$htdocs"
expect_no_match 'CRITICAL|WARNING' "$tmp/builder.log"

# ---- What is kept, is in the application's own folder ------------------------

[ -s "$tmp/own/known_hosts" ] && [ -d "$tmp/own/state" ] ||
    fail "only this is kept: $(ls -A "$tmp/own")"
find "$HOME" -name '*sandferry*' >"$tmp/all"
[ ! -s "$tmp/all" ] || fail "elsewhere: $(head -n 3 "$tmp/all")"
