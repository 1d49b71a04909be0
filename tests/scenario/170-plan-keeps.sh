# Goal: who only looks leaves on this machine nothing but caches of the source:
# what a later run knows of the server, and decides by it, is as it was.
. tests/scenario/lib.sh
small_site
start_sshd
trust
state=$HOME/.local/state/sandferry
side=$htdocs/.sandferry

# all but the caches, and what log shows
remembered() {
	find "$state" -type f ! -path '*/source-*' ! -path '*/runs/*' \
	    -exec sha256sum {} + | sort
}

# only_looks VERB [OPTION...]
only_looks() {
	before=$(remembered)
	ferry "$@" --url "$url" --key "$key"
	[ "$(remembered)" = "$before" ] || fail "$1 changed what is remembered"
}

dry_runs() {
	only_looks plan --source "$site"
	only_looks publish --dry-run --source "$site"
	only_looks adopt --dry-run --source "$site"
	only_looks undo --dry-run
}

published
echo more >>"$site/index.html"
dry_runs

# the server has gone on
mine=$HOME
cp -r "$HOME" "$tmp/elsewhere"
HOME=$tmp/elsewhere
published
HOME=$mine
dry_runs
ferry plan --source "$site" --url "$url" --key "$key" --exit-code
expect_exit 0

# all is gone there: perhaps its disk is not mounted; and it comes back, but for
# the ledger
mv "$side" "$tmp/side"
dry_runs
for verb in status verify check; do
	only_looks "$verb"
done
mv "$tmp/side" "$side"
rm "$side/ledger"
publish
expect_exit 32
expect_outcome ledger_lost

# it is gone for good: a publish makes it anew, another time if it is cut off
rm -rf "$htdocs"
mkdir "$htdocs"
published
same_tree "$site" "$htdocs"
