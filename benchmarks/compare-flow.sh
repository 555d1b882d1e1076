#!/usr/bin/env bash
# RAFT-small and GMA beside their authors' code: CPU seconds a pair of 440x1024, 12 iterations, one thread, in turn, medians; peak memory.
#   benchmarks/compare-flow.sh RAFT-FOLDER GMA-FOLDER [RUNS]     clones of github.com/princeton-vl/RAFT and github.com/zacjiang/GMA
# Wants Debian's python3-torch, and einops for GMA (pip, or a clone in PYTHONPATH).
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0"; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
raft=$(realpath "$1") gma=$(realpath "$2")
runs=${3:-3}
python=${PYTHON:-/usr/bin/python3}
"$python" -c "import torch, einops" 2>/dev/null || { echo "compare-flow.sh: $python lacks torch or einops" >&2; exit 1; }

export OMP_NUM_THREADS=1
dotnet build "$here" -c Release -v q -nologo >/dev/null
program=$(ls "$here"/bin/Release/*/Motion.Benchmarks.dll)
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '%-12s %10s %10s %7s %10s %10s %7s %8s %8s\n' '' 'ours, s' 'theirs, s' ratio 'ours, MiB' 'theirs' ratio GFLOP 'peak/s'
for network in raft-small gma; do
    folder=$raft
    [ "$network" = raft-small ] || folder=$gma
    for ((run = 0; run < runs; run++)); do
        dotnet "$program" flow "$network" 440 1024 3 >>"$scratch/$network.ours"
        "$python" -W ignore "$here/flow_peer.py" "$network" "$folder" 440 1024 3 >>"$scratch/$network.theirs"
    done
    a=$(cut -f1 "$scratch/$network.ours" | median) b=$(cut -f1 "$scratch/$network.theirs" | median)
    c=$(cut -f2 "$scratch/$network.ours" | median) d=$(cut -f2 "$scratch/$network.theirs" | median)
    awk -v n="$network" -v a="$a" -v b="$b" -v c="$c" -v d="$d" -v w="$(cut -f3 "$scratch/$network.ours" | median)" -v p="$(cut -f4 "$scratch/$network.ours" | median)" \
        'BEGIN { printf "%-12s %10.2f %10.2f %7.2f %10.0f %10.0f %7.2f %8.0f %8.0f\n", n, a, b, a / b, c, d, c / d, w, p }'
done
