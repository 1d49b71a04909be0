#!/bin/sh
# get-libssh2.sh DIR [auto|system]: decide which libssh2 the worker links.
#
# The system's, when it is 1.11.1 or newer.  Else the 1.11.1 of Debian trixie,
# built from its source package as a private static library below DIR.  apt
# checks every byte against Debian's archive keys, in a tree of its own: neither
# root nor a change to the machine's sources is needed.  The upstream tarball is
# pinned here as well; the Debian revision floats, for it carries the security
# fixes.  One patch of ours makes it faster; a revision that it does not fit is
# used as it is.  If none of that can be had, the system's older one has to do.
#
# Leaves in DIR: cflags, libs (what to compile and link with), version, and for
# the private one include/, lib/libssh2.a and COPYING.
set -eu

dir=$1
mode=${2:-auto}
wanted=1.11.1
suite=trixie
tarball=libssh2_$wanted.orig.tar.gz
sha256=d9ec76cbe34db98eec3539fe2c899d26b0c837cb3eb466a56b0f109cabf658f7
fast=$PWD/remote/libssh2-whole-packet.patch
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() {
	printf 'libssh2: %s\n' "$*" >&2
}

# settle CFLAGS LIBS VERSION: write down the decision, libs last: it is what
# make waits for.
settle() {
	printf '%s\n' "$1" >"$dir/cflags"
	printf '%s\n' "$3" >"$dir/version"
	printf '%s\n' "$2" >"$dir/libs"
}

use_system() {
	settle "$(pkg-config --cflags libssh2)" "$(pkg-config --libs libssh2)" \
	    "$(pkg-config --modversion libssh2) (system)"
	pkg-config --atleast-version=$wanted libssh2 ||
	    say "warning: $(cat "$dir/version") cannot log in with an RSA key" \
		"to OpenSSH 8.8 or newer, nor talk to a server that has only an" \
		"RSA host key; Ed25519 and ECDSA work"
}

# mirror PATTERN DEFAULT: where this machine gets its own suites from.
mirror() {
	apt-get update --print-uris 2>/dev/null |
	    sed -n "s|^'\(.*\)/dists/.*/InRelease'.*|\1|p" |
	    grep -- "$1" | head -n 1 | grep . || printf '%s\n' "$2"
}

# Everything of the private apt tree lies below the current folder.
write_apt_conf() {
	mkdir -p lists/partial cache/archives/partial
	main=$(mirror '/debian/*$' http://deb.debian.org/debian)
	security=$(mirror '/debian-security/*$' \
	    http://deb.debian.org/debian-security)
	cat >sources.list <<-EOF
	deb-src [signed-by=$keyring] $main $suite main
	deb-src [signed-by=$keyring] $security $suite-security main
	EOF
	cat >apt.conf <<-EOF
	Dir::Etc::SourceList "$PWD/sources.list";
	Dir::Etc::SourceParts "/dev/null";
	Dir::State::Lists "$PWD/lists";
	Dir::State::status "/dev/null";
	Dir::Cache "$PWD/cache";
	APT::Sandbox::User "";
	Acquire::Retries "3";
	Acquire::http::Timeout "20";
	Acquire::https::Timeout "20";
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	EOF
}

fetch() {
	command -v apt-get && command -v dpkg-source && test -r "$keyring" ||
	    return 1
	write_apt_conf
	apt-get -q -c apt.conf update || return 1
	apt-get -q -c apt.conf source --download-only libssh2 || return 1
	test -f "$tarball"
}

# The .dsc is signed by its maintainer, whose key is not on the machine; apt has
# checked its hash against the signed index already, hence --no-check.
build() {
	echo "$sha256  $tarball" | sha256sum -c --quiet
	dpkg-source --no-check -x libssh2_*.dsc src
	cd src/src
	if (cd .. && patch -p1 -F0 --dry-run <"$fast"); then
		(cd .. && patch -p1 -F0 <"$fast")
		: >../patched
	fi
	names=$(sed -n '/^CSOURCES/,/^HHEADERS/s/^ *\([^ ]*\)\.c.*/\1/p
	    /^HHEADERS/q' Makefile.inc)
	printf '%s\n' $names | xargs -P "$(nproc)" -I @ ${CC:-cc} -O2 -g -w \
	    -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
	    -ffile-prefix-map="$PWD=libssh2" \
	    -I../include -DLIBSSH2_OPENSSL -DLIBSSH2_HAVE_ZLIB \
	    -DHAVE_UNISTD_H -DHAVE_INTTYPES_H -DHAVE_SYS_SELECT_H \
	    -DHAVE_SYS_UIO_H -DHAVE_SYS_SOCKET_H -DHAVE_SYS_IOCTL_H \
	    -DHAVE_SYS_TIME_H -DHAVE_SYS_UN_H -DHAVE_GETTIMEOFDAY \
	    -DHAVE_STRTOLL -DHAVE_SNPRINTF -DHAVE_POLL -DHAVE_SELECT \
	    -DHAVE_O_NONBLOCK -DHAVE_EXPLICIT_BZERO -c @.c
	ar rcs libssh2.a $(printf '%s.o ' $names)
	# Is it all there?
	${CC:-cc} -shared -o whole.so -Wl,-z,defs -Wl,--whole-archive libssh2.a \
	    -Wl,--no-whole-archive -lcrypto -lz
}

install_private() {
	revision=$(sed -n 's/^Version: //p' "$work"/libssh2_*.dsc)
	mkdir -p "$dir/include" "$dir/lib"
	cp "$work"/src/include/*.h "$dir/include/"
	cp "$work/src/src/libssh2.a" "$dir/lib/"
	cp "$work/src/COPYING" "$dir/"
	patched=
	if [ -e "$work/src/patched" ]; then
		patched=' -DLIBSSH2_WHOLE_PACKET'
	else
		say "warning: $fast does not fit $revision; sending is slower"
	fi
	settle "-isystem $dir/include$patched" "$dir/lib/libssh2.a \
$(pkg-config --libs libcrypto zlib)" "$revision (private, from Debian $suite)"
}

mkdir -p "$dir"
rm -rf "$dir/libs" "$dir/cflags" "$dir/lib" "$dir/include" "$dir/COPYING"

if [ "$mode" = system ] || pkg-config --atleast-version=$wanted libssh2; then
	use_system
	exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP INT TERM

say "building $wanted from Debian $suite's source package"
if (cd "$work" && fetch) >"$dir/log" 2>&1; then
	# Not "build || ...": that would switch set -e off inside build.
	set +e
	(set -e; cd "$work"; build) >>"$dir/log" 2>&1
	status=$?
	set -e
	if [ $status -ne 0 ]; then
		say "the build failed:"
		tail -n 3 "$dir/log" >&2
		exit 1
	fi
	install_private
	say "$(cat "$dir/version")"
elif pkg-config --exists libssh2; then
	say "$wanted could not be fetched (see $dir/log; 'make libssh2' tries" \
	    "again); using the system's"
	use_system
else
	say "$wanted could not be fetched (see $dir/log), and this machine has" \
	    "no other; 'make deps' installs it"
	exit 1
fi
