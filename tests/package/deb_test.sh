#!/bin/sh
# Makes the Debian package of BUILD in WORK and looks at what is in it; installs nothing. Exits 77 where it cannot.
#
#   tests/package/deb_test.sh BUILD WORK
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
rm -rf "$2" && mkdir -p "$2"
work=$(cd "$2" && pwd)

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

has dpkg-deb && has dpkg-shlibdeps || skip "dpkg-shlibdeps is missing (package dpkg-dev)"
[ -e "$build/manual/initsweep.1.gz" ] || skip "this build has no manual, see INITSWEEP_MANUAL in src/package"

cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log"; fail "cpack failed"; }
set -- "$work"/initsweep_*_"$(dpkg --print-architecture)".deb
[ $# -eq 1 ] && [ -e "$1" ] || fail "expected one package, named as Debian does it: $*"
package=$1
root=$work/root
dpkg-deb -x "$package" "$root"

# 1. What it depends on: what the program is linked to, and nothing that only a compiler needs.
names_of() { dpkg-deb -f "$package" "$1" | sed 's/([^)]*)//g; s/[,|]/ /g'; }
only_for_compilers() { for name in "$@"; do case $name in *-dev | g++* | gcc | gcc-[0-9]* | cmake) echo "$name" ;; esac done; }
[ "$(only_for_compilers libtbb12 libtbb-dev libgcc-s1)" = libtbb-dev ] || fail "the check for compilers' packages finds none"
depends=$(names_of Depends)
for library in libc6 libstdc++6 libtbb libyaml-cpp libspdlog libcurl libssl zlib1g; do
  case " $depends" in *" $library"*) ;; *) fail "Depends lacks $library: $depends" ;; esac
done
# shellcheck disable=SC2086
found=$(only_for_compilers $depends $(names_of Recommends) $(names_of Suggests))
[ -z "$found" ] || fail "the package wants what only a compiler needs: $found"
[ "$(dpkg-deb -f "$package" Section)" = science ] || fail "the section is not science"

# 2. What is in it.
(cd "$root" && find . -type f ! -name '*.yaml' | LC_ALL=C sort) >"$work/files"
cat >"$work/files.expected" <<'END'
./usr/bin/initsweep
./usr/share/bash-completion/completions/initsweep
./usr/share/doc/initsweep/README.md
./usr/share/doc/initsweep/copyright
./usr/share/fish/vendor_completions.d/initsweep.fish
./usr/share/man/man1/initsweep.1.gz
./usr/share/zsh/vendor-completions/_initsweep
END
diff "$work/files.expected" "$work/files" || fail "the package holds other files than expected (<)"
(cd "$here/../../experiments" && find . -name '*.yaml' | LC_ALL=C sort) >"$work/experiments.expected"
(cd "$root/usr/share/initsweep/experiments" && find . -type f | LC_ALL=C sort) >"$work/experiments"
diff "$work/experiments.expected" "$work/experiments" || fail "the package holds other experiments than the sources (<)"
foreign=$(dpkg-deb -c "$package" | grep -Ev '^(-rw-r--r--|[d-]rwxr-xr-x) root/root ' || true)
[ -z "$foreign" ] || fail "owner or mode is unusual: $foreign"
dpkg-deb -e "$package" "$work/control"
(cd "$root" && md5sum --quiet -c "$work/control/md5sums")
# What strip leaves has no table of symbols.
if has readelf && readelf -SW "$root/usr/bin/initsweep" | grep -q ' \.symtab '; then fail "the program is not stripped"; fi

# 3. The program as installed: completions are its own, experiments are those beside it.
cd "$work"
initsweep=$root/usr/bin/initsweep
"$initsweep" completion bash | cmp - "$root/usr/share/bash-completion/completions/initsweep"
"$initsweep" completion zsh | cmp - "$root/usr/share/zsh/vendor-completions/_initsweep"
"$initsweep" completion fish | cmp - "$root/usr/share/fish/vendor_completions.d/initsweep.fish"
gzip -dc "$root/usr/share/man/man1/initsweep.1.gz" >initsweep.1
"$initsweep" --man | cmp - initsweep.1
"$initsweep" list experiments --format csv >listed
listed=$(grep -c "^$root/usr/share/initsweep/experiments/" listed || true)
[ "$listed" -eq "$(wc -l <experiments)" ] || fail "the installed program lists $listed experiments of $(wc -l <experiments)"

# 4. What those say who check such things for a living, where they are.
if has groff; then
  warnings=$(groff -man -ww -z initsweep.1 2>&1)
  [ -z "$warnings" ] || fail "groff warns of the manual: $warnings"
fi
if has mandoc; then mandoc -Tlint -Werror initsweep.1 >mandoc.log || { cat mandoc.log; fail "mandoc finds errors in the manual"; }; fi
# Nobody's address is the maintainer's until somebody publishes a package, and what changed stands in the history of the
# sources.
accepted='^E: initsweep: (bogus-mail-host|no-changelog) '
if has lintian; then
  lintian "$package" >lintian.log 2>/dev/null || true
  grep -E '^[EW]: ' lintian.log | grep -Ev "$accepted" >lintian.found || true
  [ ! -s lintian.found ] || { cat lintian.found; fail "lintian finds what is not accepted"; }
fi
echo "$(basename "$package"): as it should be"
