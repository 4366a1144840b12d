#!/bin/sh
# Makes `go build`, `go test` and gopls work for every program of this user that uses
# github.com/sugarme/gotch v0.9.1, with the system's libtorch or with one of your own.
#
#   sh setup.sh             install what is missing, lay the header, write the cgo flags with `go env -w`
#   sh setup.sh --check     change nothing; say what is missing and exit 1 if anything is
#   sh setup.sh --env       the same as no argument, but print the flags in place of `go env -w`:
#                           eval "$(sh setup.sh --env)"
#   sh setup.sh --undo      remove the flags and the header, bring back the flags of before
#
# LIBTORCH=/opt/libtorch   use an unpacked official libtorch 2.1; remembered until LIBTORCH= (empty) is given
# XDG_DATA_HOME            where lethe-libtorch/ is laid, ~/.local/share by default
#
# Nothing to do: nothing printed. Everything that is said goes to stderr, the flags of --env to stdout.
set -eu

say() { printf 'lethe setup: %s\n' "$*" >&2; }
die() {
	say "error: $*"
	exit 1
}

mode=${1:-}
case $mode in
'' | --check | --env | --undo) ;;
-h | --help)
	sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
	exit 0
	;;
*) die "unknown argument $mode: give --check, --env, --undo or nothing" ;;
esac
[ $# -le 1 ] || die "one argument at most"
[ "$(uname -s)" = Linux ] || die "only Linux is supported, this is $(uname -s)"
[ -n "${XDG_DATA_HOME:-${HOME:-}}" ] || die "neither HOME nor XDG_DATA_HOME is set, so there is no place for the header"
command -v go >/dev/null || die "go is not on the PATH: install Go 1.26 or later (https://go.dev/dl)"

here=$(cd "$(dirname "$0")" && pwd)
header=$here/gotch_compat.h
base=${XDG_DATA_HOME:-$HOME/.local/share}/lethe-libtorch
earlier=$base/earlier.env # the lines of go's env file that were overwritten
choice=$base/libtorch     # the LIBTORCH that was last given
goenv=$(go env GOENV)

# What is missing; --check says it and goes on, the other modes do the work.
missing=0
lacks() {
	say "missing: $*"
	missing=1
}

# ---- go's env file ----------------------------------------------------------------------------

# stored NAME: the value in go's env file, empty when there is none. `go env NAME` would also
# show defaults and exported variables.
stored() { [ ! -f "$goenv" ] || sed -n "s/^$1=//p" "$goenv"; }

# write ARG...: go env -w ARG..., or -u, without its word on exported variables: ours comes last.
write() { env -u CGO_CXXFLAGS -u CGO_LDFLAGS go env "$@"; }

ours() { case $1 in *"$base/"*) true ;; *) false ;; esac }

# quote WORD: as one word of a cgo flag list, which Go splits at blanks outside quotes.
quote() {
	case $1 in
	*[[:space:]]*) printf "'%s'" "$1" ;;
	*) printf %s "$1" ;;
	esac
}

undo() {
	for name in CGO_CXXFLAGS CGO_LDFLAGS; do
		now=$(stored $name)
		[ -n "$now" ] || continue
		if ! ours "$now"; then
			[ ! -d "$base" ] || say "$name was changed after the setup and stays: $now"
			continue
		fi
		before=
		[ ! -f "$earlier" ] || before=$(sed -n "s/^$name=//p" "$earlier")
		if [ -n "$before" ]; then
			write -w "$name=$before"
			say "$name is again: $before"
		else
			write -u $name
		fi
	done
	[ -d "$base" ] || return 0
	rm -rf "$base"
	say "undone: flags and $base removed; Debian packages stay (apt-get remove libtorch-dev libopenblas0-pthread libturbojpeg0)"
}

if [ "$mode" = --undo ]; then
	undo
	exit 0
fi

# ---- which libtorch ---------------------------------------------------------------------------

if [ -z "${LIBTORCH+set}" ] && [ -f "$choice" ]; then
	LIBTORCH=$(cat "$choice")
fi
libtorch=${LIBTORCH:-}
include=/usr/include
if [ -n "$libtorch" ]; then
	hint="unpack an official libtorch 2.1 there, or use the system's with LIBTORCH= sh $0"
	libtorch=$(cd "$libtorch" 2>/dev/null && pwd) || die "LIBTORCH=$LIBTORCH is not a folder: $hint"
	include=$libtorch/include
	[ -f "$libtorch/lib/libtorch.so" ] || die "LIBTORCH=$libtorch has no lib/libtorch.so: $hint"
	[ -f "$include/torch/csrc/api/include/torch/version.h" ] ||
		die "LIBTORCH=$libtorch has no include/torch/csrc/api/include/torch/version.h: $hint"
fi
version_h=$include/torch/csrc/api/include/torch/version.h
case $base$libtorch in
*\'* | *\"*) die "cgo flags cannot carry the quotation mark in $base${libtorch:+ or $libtorch}: set XDG_DATA_HOME${libtorch:+ or LIBTORCH} to another path" ;;
/*) ;;
*) die "XDG_DATA_HOME=${XDG_DATA_HOME:-} is not an absolute path" ;;
esac

# ---- packages ---------------------------------------------------------------------------------

# apt_get ARG...: apt-get as root, without a question, waiting for a lock that another apt-get holds.
apt_get() {
	set -- env DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
		apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif sudo -n true 2>/dev/null; then
		sudo -n "$@"
	else
		sudo "$@" # asks for the password on the terminal
	fi
}

# need PACKAGE...: installs those of them that are absent.
need() {
	absent=
	for p; do
		dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || absent="$absent $p"
	done
	[ -n "$absent" ] || return 0
	if [ "$mode" = --check ]; then
		lacks "packages$absent"
		return 0
	fi
	by_hand="run as root: apt-get install --no-install-recommends$absent"
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || die "packages are missing, this is not root and there is no sudo; $by_hand"
		sudo -n true 2>/dev/null || [ -t 0 ] || die "packages are missing and sudo wants a password, but there is no terminal; $by_hand"
	fi
	say "installing$absent and what they need (apt-get; about a minute)"
	log=$(mktemp)
	if ! apt_get update >"$log" 2>&1; then
		say "warning: apt-get update failed, trying with the package lists there are: $(grep '^[EW]:' "$log" | head -n 1)"
	fi
	# shellcheck disable=SC2086 # a list of package names
	if ! apt_get install -y --no-install-recommends $absent >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		die "apt-get could not install$absent: see the lines above; $by_hand"
	fi
	rm -f "$log"
}

# libtorch-dev alone brings the reference BLAS, 18 times slower in a matrix product than OpenBLAS.
# An official libtorch has MKL inside. libturbojpeg0 decodes JPEG files to the same pixels as Pillow;
# without it Go's own decoder does, so with an own libtorch it is not asked for.
if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
	if [ -n "$libtorch" ]; then
		command -v g++ >/dev/null || need g++
	else
		need g++ libtorch-dev libopenblas0-pthread libturbojpeg0
	fi
elif [ -z "$libtorch" ]; then
	die "this is no Debian: install g++ with your package manager, unpack libtorch 2.1 (cpu, C++11 ABI) from https://pytorch.org, then LIBTORCH=/path/to/libtorch sh $0"
elif ! command -v g++ >/dev/null; then
	die "g++ is not on the PATH and this is no Debian: install g++ with your package manager"
fi
if [ "$missing" = 1 ]; then
	exit 1
fi
[ -f "$version_h" ] || die "$version_h is absent although libtorch-dev is installed: apt-get install --reinstall libtorch-dev"
torch=$(sed -n 's/^#define TORCH_VERSION_M[A-Z]* //p' "$version_h" | paste -sd.)
case $torch in
0.* | 1.? | 1.1[0-2]) die "libtorch $torch is too old, 1.13 is the oldest: unpack libtorch 2.1 (cpu, C++11 ABI) from https://pytorch.org, then LIBTORCH=/path/to/libtorch sh $0" ;;
esac

# ---- header and stubs -------------------------------------------------------------------------

# The folder is named after the header and libtorch's version: Go's build cache looks at the
# flags, not at the files behind them, so what changes there must change the flags.
id=$(cat "$header" "$version_h" | sha256sum | cut -c1-12)
dir=$base/$id

# gotch's own flags link all of CUDA. For each library that is absent an empty archive (the
# signature of ar, nothing more) satisfies the linker and adds nothing.
cuda="cuda cudart cublas cudnn caffe2_nvrtc nvrtc-builtins nvrtc nvToolsExt c10_cuda torch_cuda"

# The libraries to be seen in the usual places: when this list changes, the linker is asked anew.
seen() {
	for l in $cuda; do
		for d in ${libtorch:+"$libtorch/lib"} /usr/local/cuda/lib64 /usr/local/lib /usr/lib /usr/lib64 /usr/lib/*-linux-gnu; do
			[ ! -e "$d/lib$l.so" ] || printf '%s\n' "$d/lib$l.so"
		done
	done
}

laid() {
	cmp -s "$header" "$dir/gotch_compat.h" && [ -f "$dir/seen" ] && [ "$(cat "$dir/seen")" = "$(seen)" ]
}

lay() {
	new=$base/.new.$$
	trap 'rm -rf "$new"' EXIT
	trap 'exit 130' HUP INT TERM
	mkdir -p "$new" 2>/dev/null || die "cannot write to $base: set XDG_DATA_HOME to a folder you own"
	cp "$header" "$new/gotch_compat.h"
	seen >"$new/seen"
	echo 'int main() {}' >"$new/probe.cc"
	for l in $cuda; do
		g++ "$new/probe.cc" -o "$new/probe" ${libtorch:+-L"$libtorch/lib"} -L/usr/local/cuda/lib64 "-l$l" 2>/dev/null ||
			printf '!<arch>\n' >"$new/lib$l.a"
	done
	rm -f "$new/probe.cc" "$new/probe"
	rm -rf "$dir"
	mv -T "$new" "$dir" 2>/dev/null || laid || die "cannot lay the header in $dir"
}

if ! laid; then
	if [ "$mode" = --check ]; then
		lacks "the compatibility header and stubs in $dir"
	else
		lay
	fi
fi

# ---- flags ------------------------------------------------------------------------------------

# -gtoggle takes gotch's -g back: half the compile time, and 5 MB of objects in place of 40.
cxx="-O2 -g -gtoggle -include $(quote "$dir/gotch_compat.h")"
ld="-O2 -g $(quote "-L$dir")"
if [ -n "$libtorch" ]; then
	cxx="$cxx $(quote "-I$include") $(quote "-I$include/torch/csrc/api/include")"
	ld="$ld $(quote "-L$libtorch/lib") $(quote "-Wl,-rpath,$libtorch/lib")"
	nm -DC "$libtorch/lib/libc10.so" | grep -q '__cxx11::basic_string' || cxx="$cxx -D_GLIBCXX_USE_CXX11_ABI=0"
else
	cxx="$cxx -I$include/torch/csrc/api/include"
fi

if [ "$mode" = --env ]; then
	shell_quote() { printf %s "$1" | sed "s/'/'\\\\''/g; s/^/'/; s/\$/'/"; }
	printf 'export CGO_CXXFLAGS=%s\nexport CGO_LDFLAGS=%s\n' "$(shell_quote "$cxx")" "$(shell_quote "$ld")"
	exit 0
fi

# remember NAME: keep a value that is not ours for --undo.
remember() {
	before=$(stored "$1")
	if [ -z "$before" ] || ours "$before"; then
		return 0
	fi
	{
		[ ! -f "$earlier" ] || sed "/^$1=/d" "$earlier"
		printf '%s=%s\n' "$1" "$before"
	} >"$earlier.new"
	mv "$earlier.new" "$earlier"
	say "$1 in $goenv was: $before (kept for --undo)"
}

if [ "$(stored CGO_CXXFLAGS)" != "$cxx" ] || [ "$(stored CGO_LDFLAGS)" != "$ld" ]; then
	if [ "$mode" = --check ]; then
		lacks "CGO_CXXFLAGS and CGO_LDFLAGS in go's env file (GOENV=$goenv)"
	else
		case $goenv in '' | off) die "go has no env file to keep the flags in (GOENV=$goenv): use eval \"\$(sh $0 --env)\" in its place" ;; esac
		remember CGO_CXXFLAGS
		remember CGO_LDFLAGS
		write -w "CGO_CXXFLAGS=$cxx" "CGO_LDFLAGS=$ld"
		say "ready: libtorch $torch${libtorch:+ in $libtorch}, flags in $goenv; the next build compiles gotch once (about two minutes)"
	fi
fi
if [ "$mode" = '' ] && [ "$(cat "$choice" 2>/dev/null)" != "$libtorch" ]; then
	if [ -n "$libtorch" ]; then
		printf '%s\n' "$libtorch" >"$choice"
	else
		rm -f "$choice"
	fi
fi

# ---- what would beat the flags ----------------------------------------------------------------

for name in CGO_CXXFLAGS CGO_LDFLAGS; do
	eval "exported=\${$name-} wanted=\$cxx"
	[ $name = CGO_CXXFLAGS ] || wanted=$ld
	[ -z "$exported" ] || [ "$exported" = "$wanted" ] ||
		say "warning: the shell exports $name, which beats go's env file: unset $name, or eval \"\$(sh $0 --env)\""
done
[ "$(go env CGO_ENABLED)" = 1 ] || say "warning: cgo is switched off (CGO_ENABLED=0): unset CGO_ENABLED; go env -u CGO_ENABLED"
exit $missing
