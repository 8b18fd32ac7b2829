#!/bin/sh
# Installs the Debian package of BUILD on a Debian with nothing but its base, in a folder below WORK, and uses it there:
# what the package needs and does not ask for is missing on such a machine. Takes minutes and the network; exits 77
# where it is not asked for or cannot.
#
#   INITSWEEP_LONG=1 tests/package/chroot_test.sh BUILD WORK
set -eu

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "$*" >&2; exit 1; }
step() { echo "== $* ($(($(date +%s) - started)) s)"; }
started=$(date +%s)

[ -n "${INITSWEEP_LONG:-}" ] || skip "takes minutes: set INITSWEEP_LONG=1"
[ "$(id -u)" -eq 0 ] || skip "only root can change the root folder"
for program in debootstrap dpkg-shlibdeps apt-get unshare; do
  command -v "$program" >/dev/null 2>&1 || skip "$program is missing"
done
unshare --mount true 2>/dev/null || skip "this machine lets nobody mount anything"
build=$(cd "$1" && pwd)
[ -e "$build/manual/initsweep.1.gz" ] || skip "this build has no manual, see INITSWEEP_MANUAL in src/package"
rm -rf --one-file-system "$2" && mkdir -p "$2"
work=$(cd "$2" && pwd)
root=$work/root

# The release that this machine runs, from where its own apt has it.
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  sed -n "s/^$release main //p" | head -n 1)
[ -n "$mirror" ] || skip "apt has no lists of $release main: run apt-get update"

step "the package"
cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log"; fail "cpack failed"; }
package=$(echo "$work"/initsweep_*.deb)

step "a machine with $release and nothing else"
proxy=''
eval "$(apt-config shell proxy Acquire::http::Proxy)"
[ -z "$proxy" ] || export http_proxy="$proxy" https_proxy="$proxy"
trap 'rm -rf --one-file-system "$root"' EXIT
debootstrap --variant=minbase "$release" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 ||
  { tail -n 20 "$work/debootstrap.log"; fail "debootstrap failed"; }
# How this machine's apt gets there, it will.
apt-config dump | grep -iE '^Acquire::(https?::|Check-Valid-Until|Check-Date|Retries)' >"$root/etc/apt/apt.conf.d/90host" || true
for file in /etc/apt/auth.conf /etc/apt/auth.conf.d /etc/hosts /etc/resolv.conf; do
  [ ! -e "$file" ] || cp -aL "$file" "$root$(dirname "$file")/"
done
cp "$package" "$root/initsweep.deb"

step "installing, then using it"
cat >"$root/use" <<'END'
set -eux
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root CI=1
apt() { apt-get -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root "$@" >/dev/null; }
apt update
apt install /initsweep.deb
for compiler in g++ c++ gcc cc clang++ cmake; do
  if command -v "$compiler"; then echo "a compiler is there"; exit 1; fi
done
mkdir /home/someone && cd /home/someone

initsweep --version
initsweep list initializers --format csv | grep '^he_normal,'
[ "$(initsweep list experiments --format csv | grep -c '^/usr/share/initsweep/experiments/')" -gt 20 ]
[ -s /usr/share/man/man1/initsweep.1.gz ]
bash -ec '. /usr/share/bash-completion/completions/initsweep; complete -p initsweep'

# Without data it says what to do; with the package that it names, it does the rest.
initsweep data path fashion_mnist 2>&1 && exit 1
apt install dataset-fashion-mnist
initsweep data verify fashion_mnist
initsweep plan /usr/share/initsweep/experiments/tour.yaml --set dataset=fashion_mnist
cat >sweep.yaml <<'SWEEP'
version: 1
name: installed
settings: {dataset: fashion_mnist, depth: 2, width: 50, epochs: 1, train_samples: 5000, learning_rate: 0.1}
grid:
  initializer: [he_normal, zeros]
seeds: 2
expect:
  - claim: nets that start with zeros learn next to nothing
    metric: test_accuracy
    higher: {initializer: he_normal}
    than: {initializer: zeros}
    by: 0.2
    over: every_seed
SWEEP
initsweep run sweep.yaml
for file in jobs epochs layers cells checks trace; do [ "$(wc -l <results/installed/$file.csv)" -gt 1 ]; done
initsweep status results/installed
initsweep show results/installed
initsweep check results/installed
initsweep report results/installed
[ -s results/installed/report.html ]

apt purge initsweep
for left in bin/initsweep share/initsweep share/doc/initsweep; do [ ! -e "/usr/$left" ]; done
END
# Mounted where nobody else sees it, gone with the last process.
unshare --mount --pid --fork --kill-child sh -ec \
  'mount -t proc proc "$1/proc"; exec chroot "$1" sh /use' sh "$root" ||
  fail "on a machine with $release and nothing else, a command above failed"
step "done"
