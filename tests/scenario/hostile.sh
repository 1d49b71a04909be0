# hostile.sh: what the scenarios with a tampering server share; sourced.
#
# Each line on stdin is a case: the exit statuses that are right, then a rule of
# sftp_proxy.  A page is changed, one removed, one added in a folder of its own;
# the run with the rule ends with one of these statuses, a line that says why
# and one that says what to do; no file that visitors see is torn; and the next
# run with an honest server brings everything into order.
# shellcheck shell=sh
. tests/scenario/lib.sh

# Nobody makes us allocate what he likes.
case $FERRY in
*/asan/* | */tsan/*) ;;
*) memory=300000 ;;
esac
number=0

change_site() {
	number=$((number + 1))
	rm -rf "$site"/new*
	printf '<h1>Version %s</h1>\n' $number >"$site/index.html"
	big_file "$site/picture.bin" 300 $number
	mkdir "$site/new$number"
	printf '<h1>New</h1>\n' >"$site/new$number/page.html"
}

# patience CODES RULE: for how long the server may say nothing; long where the
# run is not to end so, for who is only slow is not silent.
patience() {
	case $1,$2 in
	*21*,silent*) echo 1 ;;
	*21*) echo 5 ;;
	*) echo 30 ;;
	esac
}

run_cases() {
	while read -r codes rule; do
		case $codes in
		'' | '#'*) continue ;;
		esac
		change_site
		rm -rf "$tmp/old"
		cp -a "$htdocs" "$tmp/old"
		rules "$rule"
		publish --stall-timeout "$(patience "$codes" "$rule")"
		what="$rule: exit $rc, $(summary text)"
		[ -z "${VERBOSE:-}" ] || printf '%s\n' "$what"
		case ",$codes," in
		*",$rc,"*) ;;
		*) fail "$what" ;;
		esac
		[ $rc -eq 0 ] || expect_words
		expect_whole "$tmp/old"
		# cut off before it could sign its lock: that one is waited for
		find "$htdocs/.sandferry" -name lock -empty \
		    -exec touch -d '1 minute ago' {} +
		rules
		publish
		[ $rc -eq 0 ] || fail "$what; then exit $rc, $(summary text)"
		same_tree "$site" "$htdocs"
	done
}

small_site
start_proxy
trust
published
