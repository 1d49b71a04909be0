# Goal: where few files can be open at once, on the server or here, fewer are;
# a file that is refused for its own sake is still named.
. tests/scenario/lib.sh
many_files 300

# the server has few handles, and says so
few=$tmp/server/few
printf '#!/bin/sh\nulimit -n 20\nexec %s\n' "$SFTP_SERVER" >"$few"
chmod 755 "$few"
subsystem=$few
start_sshd
trust
published
same_tree "$site" "$htdocs"
stop_sshd

# it does not say so
many=$SFTP_SERVER
SFTP_SERVER=$few
rm -rf "$htdocs/.sandferry" "$htdocs"/*
new_machine
start_proxy
rules 'strip limits@openssh.com'
published
same_tree "$site" "$htdocs"
stop_sshd

# it has handles enough, but does not want one file
for page in "$site"/0/*; do
	printf 'more\n' >>"$page"
done
sum=$(sha256sum "$site/0/page 50.html" | cut -c 1-16)
SFTP_SERVER=$many
start_proxy
rules 'strip limits@openssh.com' "status OPEN:$sum * 4 No"
publish
expect_exit 30
expect_text '0/page 50.html'
[ "$(grep -c "OPEN .*$sum" "$tmp/requests")" -eq 2 ] ||
    fail 'it was not tried alone, or too often'
stop_sshd

# we have few descriptors: the scan and the connection need some 24 together
subsystem=$SFTP_SERVER
start_sshd
rm -rf "$htdocs/.sandferry" "$htdocs"/*
new_machine
ulimit -n 32
published
same_tree "$site" "$htdocs"
