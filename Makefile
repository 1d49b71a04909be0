# sandferry: one Makefile, no configure.  `make help` lists the targets.
#
# Objects and products lie in out/$(BUILD)/, so that the builds do not disturb
# each other; the libssh2 of the worker in out/libssh2/ serves them all.

VERSION    := $(shell sed -n 's/^.define FERRY_VERSION "\(.*\)"/\1/p' \
	include/sandferry.h)

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/libexec
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
DATADIR    ?= $(PREFIX)/share/sandferry
DOCDIR     ?= $(PREFIX)/share/doc/sandferry
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
FISHDIR    ?= $(PREFIX)/share/fish/vendor_completions.d
UNITDIR    ?= $(PREFIX)/lib/systemd
DESTDIR    ?=

# release asan tsan cover fuzz lint; four goals bring their own.  What is checked
# is lint: the release with -Werror.
BUILD      := $(firstword $(patsubst check,lint,$(filter fuzz cover lint \
	check,$(MAKECMDGOALS))) release)
OUT        ?= out
O          := $(OUT)/$(BUILD)
LIBSSH2    ?= auto
ssh2       := $(OUT)/libssh2$(if $(filter system,$(LIBSSH2)),-system)

ifeq ($(origin CC),default)
CC         := $(if $(filter fuzz,$(BUILD)),clang,cc)
endif
PKG_CONFIG ?= pkg-config
OBJCOPY    ?= objcopy
INSTALL    ?= install

# ---- What is made of what ---------------------------------------------------

worker_only := $(wildcard remote/worker.c remote/worker_login.c \
	remote/worker_ftp.c remote/worker_http.c remote/worker_hub.c \
	remote/worker_mail.c \
	remote/worker_folder.c remote/http.c remote/ssh*.c remote/sftp*.c \
	remote/ftp*.c remote/listing.c remote/folder*.c)
hub_src     := $(filter-out $(worker_only),$(wildcard base/*.c \
	known_hosts/*.c auth/*.c confine/*.c remote/*.c publish/*.c))
worker_src  := $(worker_only) \
	$(filter-out base/ini.c base/child.c base/thread.c,$(wildcard base/*.c)) \
	$(wildcard confine/chan.c confine/role.c confine/landlock.c \
	confine/seccomp.c confine/wall.c remote/worker_msg*.c)
worker_main := cmd/worker_main.c
cli_src     := $(filter-out $(worker_main),$(wildcard cmd/*.c))
keyring_src := $(wildcard keyring/*.c)
builder_src := $(wildcard examples/builder/*.c)
unit_src    := $(wildcard tests/unit/test_*.c)
wire_src    := tests/unit/wire.c
helper_src  := $(filter-out $(unit_src) $(wire_src),$(wildcard tests/unit/*.c))
peer_src    := $(wildcard tests/peers/*.c tests/sweep/*.c)
fuzz_src    := $(wildcard tests/fuzz/fuzz_*.c)
replay_src  := tests/fuzz/replay.c
wall_src    := $(wildcard tests/walls/*.c)
fault_src   := tests/faults/alloc.c

hub_obj     := $(hub_src:%.c=$O/%.o)
worker_obj  := $(worker_src:%.c=$O/%.o)
cli_obj     := $(cli_src:%.c=$O/%.o)
helper_obj  := $(helper_src:%.c=$O/%.o)
keyring_obj := $(patsubst %.c,$O/%.o,auth/keyring_msg.c \
	$(addprefix base/,buf.c fs.c path.c secret.c))
objects     := $(sort $(hub_obj) $(worker_obj) $(cli_obj) $(helper_obj) \
	$(patsubst %.c,$O/%.o,$(worker_main) $(unit_src) $(peer_src) \
	$(wire_src) $(fuzz_src) $(replay_src) $(wall_src) $(fault_src)))

units       := $(unit_src:%.c=$O/%)
peers       := $(peer_src:%.c=$O/%)
fuzzers     := $(fuzz_src:%.c=$O/%)
walls       := $O/tests/walls/worker_attack $O/tests/walls/targets
replays     := $(fuzz_src:tests/fuzz/fuzz_%.c=$O/tests/fuzz/replay_%)

programs    := $O/sandferry $O/sandferry-worker
libraries   := $O/libsandferry.a $O/libsandferry.so.0 $O/sandferry.pc

# What the worker answers in place of a library, so that it needs fewer rights.
interposed  := EVP_DigestUpdate deflate connect poll send recv __lsan_default_suppressions \
	__lsan_default_options

# ---- Packages ---------------------------------------------------------------

ftp         := $(wildcard remote/ftp*.c)
brotli       = $(call once,brotli,$(PKG_CONFIG) --exists libbrotlienc && \
	echo libbrotlienc)
hub_pkgs     = libcrypto inih libutf8proc zlib $(brotli)
worker_pkgs := libcrypto zlib $(if $(ftp),libcurl libssl)
command_pkgs := jansson
keyring_pkgs := libsecret-1 gio-unix-2.0 libutf8proc

deps_build  := gcc libc6-dev binutils pkg-config|pkgconf libssl-dev \
	libinih-dev libutf8proc-dev zlib1g-dev libjansson-dev libssh2-1-dev \
	dpkg-dev \
	debian-archive-keyring $(if $(ftp),libcurl4-openssl-dev)
deps_optional := libsecret-1-dev libbrotli-dev
deps_examples := libgtk-4-dev adwaita-icon-theme librsvg2-common xvfb xdotool \
	at-spi2-core gir1.2-atspi-2.0 python3-gi fonts-dejavu-core
deps_demo   := openssh-server openssh-sftp-server openssh-client
deps_check  := $(deps_demo) dropbear-bin libcmocka-dev libseccomp-dev \
	valgrind strace mandoc clang libclang-rt-dev|libclang-rt-14-dev \
	clang-format cppcheck git g++ python3 python3-hypothesis python3-fastjsonschema brotli jq locales \
	$(deps_optional) $(deps_examples) gnome-keyring dbus libsecret-tools bubblewrap systemd \
	xdg-desktop-portal xdg-desktop-portal-gtk xdg-dbus-proxy fuse3 \
	python3-dbus btrfs-progs \
	abigail-tools zsh fish tmux dash lftp rclone rsync git-ftp sitecopy

# Asked once, and not before a recipe wants it: `make demo` installs first.
once         = $(eval $1 := $(shell $2))$($1)
hub_cflags   = $(call once,hub_cflags,$(PKG_CONFIG) --cflags $(hub_pkgs))
hub_libs     = $(call once,hub_libs,$(PKG_CONFIG) --libs $(hub_pkgs))
command_cflags = $(call once,command_cflags,$(PKG_CONFIG) --cflags \
	$(command_pkgs))
command_libs = $(call once,command_libs,$(PKG_CONFIG) --libs $(command_pkgs))
ssh2_cflags  = $(call once,ssh2_cflags,cat $(ssh2)/cflags)
worker_libs  = $(call once,worker_libs,cat $(ssh2)/libs; \
	$(PKG_CONFIG) --libs $(worker_pkgs))
cmocka_libs  = $(call once,cmocka_libs,$(PKG_CONFIG) --libs cmocka)

# ---- Flags ------------------------------------------------------------------

CFLAGS      ?= -O2 -g

fortify      = $(call once,fortify,for n in 3 2; do \
	$(CC) -O2 -D_FORTIFY_SOURCE=$$n -Werror -include features.h -E \
	-x c /dev/null >/dev/null 2>&1 && echo -U_FORTIFY_SOURCE \
	-D_FORTIFY_SOURCE=$$n && break; done)
sanitize    := -fno-omit-frame-pointer -fno-sanitize-recover=all

# A package builder has a level of its own, and no optimisation means none.
no_fortify   = $(filter -O0,$(CFLAGS))$(findstring \
	_FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS))
flags_release = $(CFLAGS) $(if $(no_fortify),,$(fortify))
flags_lint  = $(flags_release)
flags_asan  = -O0 -g1 $(sanitize) -fsanitize=address,undefined
flags_tsan  = -O1 -g $(sanitize) -fsanitize=thread
flags_fuzz  = -O1 -g $(sanitize) -fsanitize=fuzzer-no-link,address,undefined
flags_cover = -O0 -g --coverage
ifndef flags_$(BUILD)
$(error BUILD=$(BUILD): there are only release asan tsan cover fuzz lint)
endif

warnings    := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla
defines      = -D_GNU_SOURCE -Iinclude -I. $(if $(brotli),-DFERRY_BROTLI) \
	-DFERRY_WORKER_PATH='"$(LIBEXECDIR)/sandferry/sandferry-worker"'
compile      = $(CC) -std=c11 $(warnings) \
	$(if $(WERROR)$(filter lint asan,$(BUILD)),-Werror) $(defines) $(hub_cflags) \
	-fPIC -fvisibility=hidden -fstack-protector-strong -pthread \
	$(flags_$(BUILD)) $(CPPFLAGS)
link         = $(CC) $(flags_$(BUILD)) -pthread -Wl,-z,relro,-z,now \
	-Wl,-z,noexecstack -Wl,--as-needed $(LDFLAGS)

define newline


endef

# $(call run,WORD,FILE)COMMAND: the command itself with V=1, else two words.
run          = $(if $(V),,@printf '  %-6s %s\n' '$1' '$2';)

# ---- Products ---------------------------------------------------------------

.PHONY: all examples install uninstall dist demo check lint tsan fuzz bench cover help deps \
	deps-demo deps-check libssh2 clean units peers fuzzers replays walls \
	walls-matrix wall-tests ftp-soak sweep packages-check \
	fallible faults endurance properties FORCE
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory

all: $(programs) $(libraries) $O/sandferry-keyring ## build the program, its worker and the library

# A file that changes when the flags do, so that everything is built anew.
$O/flags: FORCE
	@$(shell mkdir -p $(@D))$(file >$@.new,$(compile)$(newline)$(link) \
	$(LIBSSH2))cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(objects): $O/%.o: %.c $O/flags
	@mkdir -p $(@D)
	$(call run,CC,$<)$(compile) $(extra) -MMD -MP -c -o $@ $<

$(patsubst %.c,$O/%.o,$(worker_only) $(worker_main) $(unit_src) \
	$(wire_src) $(fuzz_src)): $(ssh2)/libs
$(patsubst %.c,$O/%.o,$(worker_only) $(worker_main) $(unit_src) \
	$(wire_src) $(fuzz_src)): extra = $(ssh2_cflags)
$(patsubst %.c,$O/%.o,$(fuzz_src)): extra += -Wno-missing-prototypes
$O/cmd/plan_file.o $O/cmd/import.o $O/cmd/ui_json.o: extra = $(command_cflags)

ifneq ($(filter deps deps-demo deps-check demo,$(MAKECMDGOALS)),)
$O/flags $(ssh2)/libs: | $(filter deps%,$(MAKECMDGOALS)) \
	$(if $(filter demo,$(MAKECMDGOALS)),deps-demo)
endif

# The library is one object whose hidden names are local to it: a program that
# links it statically sees ferry_* and nothing else.
$O/libsandferry.a: $(hub_obj)
	$(call run,AR,$@)rm -f $@ && $(LD) -r -o $O/libsandferry.o $^ && \
	$(OBJCOPY) --localize-hidden $O/libsandferry.o && \
	$(AR) rcs $@ $O/libsandferry.o

$O/libsandferry.so.0: $(hub_obj)
	@echo 'SANDFERRY_0 { global: ferry_*; local: *; };' >$O/exports.map
	$(call run,LD,$@)$(link) -shared -Wl,-soname,$(@F) -Wl,-z,defs \
	-Wl,--version-script,$O/exports.map -o $@ $^ $(hub_libs)
	@ln -sf $(@F) $O/libsandferry.so

$O/sandferry: $(cli_obj) $O/libsandferry.a
	$(call run,LD,$@)$(link) -pie -o $@ $^ $(hub_libs) $(command_libs)

$O/sandferry-worker: $O/$(worker_main:.c=.o) $(worker_obj) $(ssh2)/libs
	$(call run,LD,$@)$(link) -pie -Wl,--exclude-libs,libssh2.a \
	$(interposed:%=-Wl,--export-dynamic-symbol,%) \
	-o $@ $(filter %.o,$^) $(worker_libs)

# Optional: where libsecret is not there, neither is this program.  GLib's own
# headers are not held to our warnings.
$O/sandferry-keyring: $(keyring_src) $(wildcard keyring/*.h) $(keyring_obj)
	@$(PKG_CONFIG) --exists $(keyring_pkgs) || { \
	echo '  SKIP   $@: no libsecret-1'; exit 0; }; \
	$(if $(V),set -x,printf '  %-6s %s\n' LD '$@'); \
	$(compile) -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed \
	$$($(PKG_CONFIG) --cflags $(keyring_pkgs) | sed 's/-I/-isystem /g') \
	$(LDFLAGS) -pie -o $@ $(keyring_src) $(keyring_obj) \
	$$($(PKG_CONFIG) --libs $(keyring_pkgs))

# Its own .pc forgets libm, which has to come behind it.
static_brotli = $(call once,static_brotli,$(PKG_CONFIG) --static --libs \
	$(brotli))

define pc
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)

Name: sandferry
Description: carry a web site out of a sandbox to its server
Version: $(VERSION)
Requires.private: $(strip $(filter-out $(brotli),$(hub_pkgs)))
Libs: -L$${libdir} -lsandferry
Libs.private: -pthread$(if $(brotli), $(strip $(static_brotli)) -lm)
Cflags: -I$${includedir}
endef

# Each time: `make install' may be told of other folders than `make' was.
$O/sandferry.pc: $O/flags FORCE
	@$(file >$@.new,$(pc))cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(ssh2)/libs: remote/get-libssh2.sh remote/libssh2-whole-packet.patch
	@CC='$(CC)' sh $< $(ssh2) $(LIBSSH2)

libssh2: ## decide anew which libssh2 the worker links (LIBSSH2=auto|system)
	@CC='$(CC)' sh remote/get-libssh2.sh $(ssh2) $(LIBSSH2)

# As an application is built, but for where the library lies.
examples: $O/examples/minimal $O/examples/builder ## build what examples/ shows

$O/examples/minimal: examples/minimal.c include/sandferry.h $O/libsandferry.a
	@mkdir -p $(@D)
	$(call run,LD,$@)$(CC) -D_GNU_SOURCE -Iinclude $(warnings) \
	$(flags_$(BUILD)) -o $@ $< $O/libsandferry.a -pthread $(hub_libs)

# Optional, like the keyring's: where GTK is not there, neither is this.
$O/examples/builder: $(builder_src) $(wildcard examples/builder/*.h) \
	include/sandferry.h $O/libsandferry.a
	@mkdir -p $(@D)
	@$(PKG_CONFIG) --exists gtk4 || { \
	echo '  SKIP   $@: no gtk4'; exit 0; }; \
	$(if $(V),set -x,printf '  %-6s %s\n' LD '$@'); \
	$(CC) -std=c11 $(warnings) \
	$(if $(WERROR)$(filter lint asan,$(BUILD)),-Werror) -D_GNU_SOURCE -Iinclude \
	$$($(PKG_CONFIG) --cflags gtk4 | sed 's/-I/-isystem /g') \
	$(flags_$(BUILD)) $(CPPFLAGS) $(LDFLAGS) -o $@ $(builder_src) \
	$O/libsandferry.a -pthread $(hub_libs) \
	$$($(PKG_CONFIG) --libs gtk4)

# ---- Tests ------------------------------------------------------------------

# The parts as archives, hidden names and all, of which a test takes what it
# needs.  The libraries stand before the worker: what it answers in their place
# is for the worker only.
$O/helpers.a: $(helper_obj)
$O/command.a: $(filter-out $O/cmd/main.o,$(cli_obj))
$O/hub.a: $(hub_obj)
$O/worker.a: $(worker_obj)

parts       := $O/helpers.a $O/command.a $O/hub.a $O/worker.a
$(parts): Makefile # for an object that is no part any more
	$(call run,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

link_parts   = $(filter %.o,$^) $(filter-out $O/worker.a,$(parts)) \
	$(hub_libs) $(command_libs) -lc $O/worker.a $O/hub.a $(worker_libs)

units: $(units)
$(units) $(peers): %: %.o $(parts) $(ssh2)/libs
	$(call run,LD,$@)$(link) -o $@ $(link_parts) $(cmocka_libs) $(more_libs)

# These have another libssh2 and transport than all others.
$O/tests/unit/test_sftp $O/tests/fuzz/fuzz_sftp $O/tests/fuzz/replay_sftp: \
	$(wire_src:%.c=$O/%.o)

$O/tests/unit/test_worker: | $O/sandferry-worker
$O/tests/unit/test_seccomp: more_libs = -lseccomp

peers: $(peers)

# The shipped worker, and in front of what marks its stages an attacker.
wrapped     := wall_build seccomp_announce ssh_new ssh_proof ssh_login_key \
	sftp_new sftp_step ftp_new ftp_login ftp_work hash_update SSL_connect \
	worker_take_socket worker_ftp_ready folder_new folder_step http_new http_get \
	worker_dial worker_turn

$O/tests/walls/worker_attack: $(patsubst %.c,$O/%.o,$(filter-out \
	%/targets.c,$(wall_src))) $O/$(worker_main:.c=.o) $(worker_obj) \
	$(ssh2)/libs
	$(call run,LD,$@)$(link) -pie -Wl,--exclude-libs,libssh2.a \
	$(interposed:%=-Wl,--export-dynamic-symbol,%) $(wrapped:%=-Wl,--wrap=%) \
	-o $@ $(filter %.o,$^) $(worker_libs)

$O/tests/walls/targets: $O/tests/walls/targets.o
	$(call run,LD,$@)$(link) -o $@ $^

wall-tests: $(walls)

walls: all peers $(walls) ## a worker that was taken over: every attack is refused
	@sh tests/walls/run

walls-matrix: all $(walls) ## which layer of the wall stops which attack
	@WALL_ROLES='sftp ftp http folder' sh tests/walls/run matrix

ftp-soak: all ## 4,800 uploads to three FTP servers, with TLS 1.2 and TLS 1.3
	@sh tests/tools/ftp-soak

# The shipped programs, save that one of their requests for memory fails.
fallible    := malloc calloc realloc strdup strndup asprintf __asprintf_chk \
	fopen fdopen fdopendir realpath pthread_create getaddrinfo \
	EVP_MD_CTX_new EVP_CIPHER_CTX_new EVP_PKEY_new BN_new

$O/tests/faults/sandferry: $(cli_obj) $(hub_obj) $O/tests/faults/alloc.o
	$(call run,LD,$@)$(link) -pie $(fallible:%=-Wl,--wrap=%) -o $@ $^ \
	$(hub_libs) $(command_libs)

$O/tests/faults/sandferry-worker: $O/$(worker_main:.c=.o) $(worker_obj) \
	$O/tests/faults/alloc.o $(ssh2)/libs
	$(call run,LD,$@)$(link) -pie -Wl,--exclude-libs,libssh2.a \
	$(interposed:%=-Wl,--export-dynamic-symbol,%) \
	$(fallible:%=-Wl,--wrap=%) -o $@ $(filter %.o,$^) $(worker_libs)

fallible: $O/tests/faults/sandferry $O/tests/faults/sandferry-worker

faults: all peers ## no memory, failing calls, visitors, two publishers, torn files
	@$(MAKE) BUILD=asan fallible
	@sh tests/faults/run

sweep: all peers ## kill an update at every point: all is whole, the next run ends it
	@sh tests/sweep/run

properties: all ## a thousand histories of a site, other ones each time
	@PROPERTY_EXAMPLES=$${PROPERTY_EXAMPLES:-1000} \
	sh tests/scenario/130-properties.sh

endurance: all ## 32,771 files, 8 GiB in one, 2,000 nights: nothing grows
	@sh tests/endurance/run

replays: $(replays)
$(replays): $O/tests/fuzz/replay_%: $O/tests/fuzz/fuzz_%.o \
	$O/tests/fuzz/replay.o $(parts) $(ssh2)/libs
	$(call run,LD,$@)$(link) -o $@ $(link_parts)

fuzzers: $(fuzzers)
$(fuzzers): %: %.o $(parts) $(ssh2)/libs
	$(call run,LD,$@)$(link) -fsanitize=fuzzer -o $@ $(link_parts)

export OUT BUILD MAKE

check: deps-check ## lint, unit tests, corpora and scenarios; N passed, N failed
	+@sh tests/run

lint: ## format, layers, exports, warnings, manual pages
	+@sh tests/run lint

demo: deps-demo all ## publish a sample site to a throwaway server, with proof
	@sh tests/demo/demo.sh

# It installs in chroots only; out/chroot and out/packages stay.
packages-check: ## build and use the Debian packages in a bare system, as root
	@sh tests/tools/deps debootstrap
	@bash tests/packages/run

tsan: all ## the library's threads under ThreadSanitizer: no report
	@$(MAKE) BUILD=tsan all peers $(addprefix $(OUT)/tsan/tests/unit/test_,\
	job scan_ahead event_copy key_elsewhere)
	@sh tests/tools/tsan

fuzz: $(fuzzers) ## run every fuzz target for FUZZ_SECONDS=60
	@sh tests/tools/fuzz $^

bench: all ## paired runs against rsync, sftp, scp, lftp, rclone
	@sh tests/bench/run

cover: all units peers ## lines that unit tests and scenarios reach, per file
	+@sh tests/tools/cover $(units)

# ---- The rest ---------------------------------------------------------------

deps: ## install what the build needs, by Debian package name
	@sh tests/tools/deps $(patsubst %,'%',$(deps_build) $(deps_optional))

deps-demo: ## the same and what the demonstration needs
	@sh tests/tools/deps $(patsubst %,'%',$(deps_build) $(deps_demo))

deps-check: ## the same and what the tests need
	@sh tests/tools/deps $(patsubst %,'%',$(deps_build) $(deps_check))
	$(if $(ftp),@OUT='$(OUT)' sh tests/tools/ftp-servers)
	@OUT='$(OUT)' sh tests/tools/web-server
	@OUT='$(OUT)' sh tests/tools/case-blind

manuals     := $(wildcard man/*.[1-8])
schemas      := $(wildcard share/*.schema.json)
services     := $(wildcard share/systemd/*/*)
to           = $(INSTALL) -d '$(DESTDIR)$1' && $(INSTALL) -m $2 $3 '$(DESTDIR)$1'

install: all ## PREFIX=/usr/local DESTDIR= BINDIR LIBDIR LIBEXECDIR MANDIR DATADIR UNITDIR
	$(call to,$(BINDIR),755,$O/sandferry)
	$(call to,$(LIBEXECDIR)/sandferry,755,$O/sandferry-worker \
	$$(ls $O/sandferry-keyring 2>/dev/null))
	$(call to,$(LIBDIR),644,$O/libsandferry.a $O/libsandferry.so.0)
	ln -sf libsandferry.so.0 '$(DESTDIR)$(LIBDIR)/libsandferry.so'
	$(call to,$(LIBDIR)/pkgconfig,644,$O/sandferry.pc)
	$(call to,$(INCLUDEDIR),644,include/sandferry.h)
	$(call to,$(DATADIR),644,$(schemas))
	$(foreach s,bash zsh fish,$O/sandferry completion $s \
	>$O/completion.$s && ):
	$(INSTALL) -D -m 644 $O/completion.bash '$(DESTDIR)$(BASHDIR)/sandferry'
	$(INSTALL) -D -m 644 $O/completion.zsh '$(DESTDIR)$(ZSHDIR)/_sandferry'
	$(INSTALL) -D -m 644 $O/completion.fish \
	'$(DESTDIR)$(FISHDIR)/sandferry.fish'
	$(foreach m,$(manuals),$(call to,$(MANDIR)/man$(subst \
	.,,$(suffix $m)),644,$m) && ):
	$(foreach s,$(services),mkdir -p $O/$(dir $s) && \
	sed 's,@BINDIR@,$(BINDIR),' $s >$O/$s && $(call \
	to,$(UNITDIR)/$(notdir $(patsubst %/,%,$(dir $s))),644,$O/$s) && ):
	test ! -f $(ssh2)/COPYING || $(INSTALL) -D -m 644 $(ssh2)/COPYING \
	'$(DESTDIR)$(DOCDIR)/COPYING.libssh2'

uninstall: ## remove what install put there
	rm -f '$(DESTDIR)$(BINDIR)/sandferry' \
	'$(DESTDIR)$(LIBEXECDIR)/sandferry/sandferry-worker' \
	'$(DESTDIR)$(LIBEXECDIR)/sandferry/sandferry-keyring' \
	'$(DESTDIR)$(LIBDIR)'/libsandferry.a \
	'$(DESTDIR)$(LIBDIR)'/libsandferry.so '$(DESTDIR)$(LIBDIR)'/libsandferry.so.0 \
	'$(DESTDIR)$(LIBDIR)/pkgconfig/sandferry.pc' \
	'$(DESTDIR)$(INCLUDEDIR)/sandferry.h' \
	$(schemas:share/%='$(DESTDIR)$(DATADIR)/%') \
	'$(DESTDIR)$(BASHDIR)/sandferry' '$(DESTDIR)$(ZSHDIR)/_sandferry' \
	'$(DESTDIR)$(FISHDIR)/sandferry.fish' \
	'$(DESTDIR)$(DOCDIR)/COPYING.libssh2' \
	$(services:share/systemd/%='$(DESTDIR)$(UNITDIR)/%') \
	$(foreach m,$(notdir $(manuals)),'$(DESTDIR)$(MANDIR)/man$(subst \
	.,,$(suffix $m))/$m')
	-rmdir '$(DESTDIR)$(LIBEXECDIR)/sandferry' '$(DESTDIR)$(DATADIR)' \
	'$(DESTDIR)$(DOCDIR)' \
	2>/dev/null

dist: ## a source archive of the last commit, the same bytes each time
	@mkdir -p $(OUT)
	$(call run,TAR,$(OUT)/sandferry-$(VERSION).tar.gz)sh tests/tools/dist \
	$(OUT)/sandferry-$(VERSION).tar.gz sandferry-$(VERSION)

clean: ## remove all that was built, save for libssh2
	rm -rf $(addprefix $(OUT)/,release asan tsan cover fuzz lint) \
	$(OUT)/sandferry-*.tar.gz

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | \
	expand -t 16
	@echo 'BUILD=release|asan|tsan|cover|fuzz  OUT=out  V=1  WERROR=1' \
	'CC CFLAGS LDFLAGS'

-include $(objects:.o=.d)
