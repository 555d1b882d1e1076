#!/usr/bin/env bash
# motion evaluate beside pycocotools on files as large as COCO val2017 (5,000 images, 36,781 objects, 80 classes, 200,000 detections; made up):
# CPU seconds and peak memory of whole processes on one thread, reading included, in turn, medians; and wall seconds of ours on all cores.
#   benchmarks/compare-evaluate.sh [RUNS]
# Wants a Python with pycocotools (PYTHON), and GNU time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
runs=${1:-3}
python=${PYTHON:-/usr/bin/python3}
"$python" -c "import pycocotools" 2>/dev/null || { echo "compare-evaluate.sh: $python has no pycocotools" >&2; exit 1; }
[ -x /usr/bin/time ] || { echo "compare-evaluate.sh: GNU time is missing (Debian: time)" >&2; exit 2; }
"$here/../motion" --help >/dev/null
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" "$here/evaluate_peer.py" make "$scratch"
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
timed() { # NAME COMMAND...
    local name=$1
    shift
    /usr/bin/time -f '%U %S %M %e' -o "$scratch/usage" "$@" >"$scratch/said"
    awk '{ print $1 + $2 }' "$scratch/usage" >>"$scratch/$name.cpu"
    awk '{ print $3 / 1024 }' "$scratch/usage" >>"$scratch/$name.memory"
    awk '{ print $4 }' "$scratch/usage" >>"$scratch/$name.wall"
}
printf '%-6s %10s %10s %7s %10s %10s %7s %16s\n' '' 'ours, s' 'theirs, s' ratio 'ours, MiB' 'theirs' ratio 'ours, all cores'
for type in bbox segm; do
    for ((run = 0; run < runs; run++)); do
        timed "$type.ours" "$here/../motion" evaluate --gt "$scratch/gt.json" --dt "$scratch/dt-$type.json" --type "$type" --threads 1
        timed "$type.many" "$here/../motion" evaluate --gt "$scratch/gt.json" --dt "$scratch/dt-$type.json" --type "$type"
        timed "$type.theirs" "$python" "$here/evaluate_peer.py" run "$scratch" "$type"
    done
    awk -v n="$type" -v a="$(median <"$scratch/$type.ours.cpu")" -v b="$(median <"$scratch/$type.theirs.cpu")" -v c="$(median <"$scratch/$type.ours.memory")" \
        -v d="$(median <"$scratch/$type.theirs.memory")" -v w="$(median <"$scratch/$type.many.wall")" \
        'BEGIN { printf "%-6s %10.2f %10.2f %7.1f %10.0f %10.0f %7.2f %14.2f s\n", n, a, b, b / a, c, d, c / d, w }'
done
