# Goal: what is probably a mistake is refused before anything is written.
. tests/scenario/lib.sh
small_site
many_files 100
start_proxy
trust
published
before=$(fingerprint_of "$htdocs")
refused() {
	rules
	publish "$@"
	expect_words
	[ "$before" = "$(fingerprint_of "$htdocs")" ] || fail 'it wrote'
}
again() {
	rm -rf "$site"
	mv "$tmp/kept" "$site"
}
keep() {
	cp -a "$site" "$tmp/kept"
}

# most of the site gone
keep
rm -r "$site/0"
refused
expect_exit 40
expect_match 'removals?|removed?'
again
keep
rm "$site/0/page 1.html" "$site/0/page 2.html"
published
again
published
before=$(fingerprint_of "$htdocs")

# all of it, or the folder itself
keep
find "$site" -mindepth 1 -delete
refused
expect_exit 40 41
refused --yes
expect_exit 40 41
rmdir "$site"
refused
expect_exit 2 41
: >"$site"
refused
expect_exit 2 41
rm "$site"
again

# its entry page
keep
rm "$site/index.html"
publish
expect_exit 0 40
again
published
before=$(fingerprint_of "$htdocs")

# what cannot be published is named, and nothing else is
keep
mkfifo "$site/pipe"
refused
expect_exit 41
expect_text pipe
rm "$site/pipe"
ln -s /etc/passwd "$site/leak"
refused
expect_exit 41
expect_text leak
rm "$site/leak"
ln -s nowhere "$site/dangling"
refused
expect_exit 41
expect_text dangling
published --symlinks skip
rm "$site/dangling"
if [ "$(id -u)" -ne 0 ]; then
	printf 'x\n' >"$site/unreadable"
	chmod 0 "$site/unreadable"
	refused
	expect_exit 41
	rm -f "$site/unreadable"
fi
again

# secrets are left out, and said
mkdir "$site/.git"
printf 'x\n' >"$site/.git/config"
printf 'PASSWORD=x\n' >"$site/.env"
cp "$key" "$site/id_site"
cp "$key" "$site/harmless.txt"
published
expect_text .env
for name in .git .env id_site harmless.txt; do
	[ ! -e "$htdocs/$name" ] || fail "$name was published"
done
expect_match '"change":"skip"'
rm -r "$site/.git" "$site/.env" "$site/id_site" "$site/harmless.txt"

# a removal that is meant
rm -r "$site/0"
published --yes
same_tree "$site" "$htdocs"
