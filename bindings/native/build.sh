#!/usr/bin/env bash
# Builds libmotion_aten.so beside this script, in .build/, from aten.cpp and the libtorch that LIBTORCH names (a folder with
# include/ and lib/, such as .../site-packages/torch), or else Debian's libtorch-dev. Does nothing when neither changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out="$here/.build"
library="$out/libmotion_aten.so"
mkdir -p "$out"

missing() {
    echo "bindings/native/build.sh: $1 is missing: install the Debian package $2${3:+, or $3}." >&2
    exit 1
}

compiler=${CXX:-g++}
command -v "$compiler" >/dev/null || missing "the C++ compiler $compiler" g++ "name another in CXX"

libtorch=${LIBTORCH:-}
if [ -n "$libtorch" ]; then
    [ -d "$libtorch/include/ATen" ] || missing "$libtorch/include/ATen" libtorch-dev "set LIBTORCH to a folder with include/ and lib/"
    include=("-isystem" "$libtorch/include" "-isystem" "$libtorch/include/torch/csrc/api/include")
    lib="$libtorch/lib"
else
    [ -d /usr/include/ATen ] || missing /usr/include/ATen libtorch-dev "set LIBTORCH to a folder with include/ and lib/"
    include=("-isystem" "/usr/include/torch/csrc/api/include")
    lib=
    for found in /usr/lib/*/libtorch_cpu.so /usr/lib/libtorch_cpu.so; do
        [ -e "$found" ] && lib=$(dirname "$found") && break
    done
    [ -n "$lib" ] || missing libtorch_cpu.so libtorch-dev "set LIBTORCH to a folder with include/ and lib/"
fi
version_header="${libtorch:-/usr}/include/torch/csrc/api/include/torch/version.h"
[ -e "$version_header" ] || missing "$version_header" libtorch-dev

# libtorch is written in C++17; its newest headers move on to C++20.
include_root="${libtorch:-/usr}/include"
number() { cat "$version_header" "$include_root/torch/headeronly/version.h" 2>/dev/null | sed -n "s/^#define TORCH_VERSION_$1 *\([0-9]*\).*/\1/p" | head -n 1; }
standard=c++17
[ "$(number MAJOR)" -gt 2 ] || { [ "$(number MAJOR)" -eq 2 ] && [ "$(number MINOR)" -ge 9 ]; } && standard=c++20

flags=("-std=$standard" -O2 -fPIC -shared -fvisibility=hidden -Wall -Wno-unknown-pragmas)
links=("-L$lib" "-Wl,-rpath,$lib" "-Wl,--no-as-needed" -lc10 -ltorch_cpu)
if [ -e "$lib/libtorch_cuda.so" ]; then
    links+=(-ltorch_cuda -lc10_cuda)
    for cuda in "${CUDA_HOME:-/usr/local/cuda}/include" "$libtorch"/../nvidia/cuda_runtime/include "$libtorch"/../nvidia/cu*/include; do
        if [ -e "$cuda/cuda_runtime_api.h" ]; then
            include+=("-isystem" "$cuda")
            flags+=(-DMOTION_CUDA_HEADERS)
            break
        fi
    done
fi
# The wheels of PyTorch 2.5 and before use the old ABI of std::string: no symbol of theirs names the new one.
if [ -n "$libtorch" ] && command -v nm >/dev/null && [ "$(nm -D "$lib/libc10.so" | grep -c '__cxx11' || true)" = 0 ]; then
    flags+=(-D_GLIBCXX_USE_CXX11_ABI=0)
fi

exec 9>"$out/lock"
flock 9
key=$( { sha256sum <"$here/aten.cpp"; sha256sum <"$version_header"; echo "$compiler" "${flags[@]}" "${include[@]}" "${links[@]}"; } | sha256sum)
[ -e "$library" ] && [ "$(cat "$out/key" 2>/dev/null)" = "$key" ] && exit 0

part="$out/part.$$.so"
trap 'rm -f "$part"' EXIT
"$compiler" "${flags[@]}" "${include[@]}" "$here/aten.cpp" -o "$part" "${links[@]}"
mv -f "$part" "$library"
echo "$key" >"$out/key"
