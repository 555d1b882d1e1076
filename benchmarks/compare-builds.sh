#!/usr/bin/env bash
# Two builds of this project side by side, in turn, on one thread: CPU seconds and peak memory of whole processes, medians and ratios new / old.
#   benchmarks/compare-builds.sh OLD NEW DATA [RUNS] [WORKLOAD...]
# OLD and NEW are source trees whose ./motion works, DATA is a folder in DAVIS's layout that has the clip dog, RUNS is 5 where not given.
# Workloads: default (pipeline.yaml), clip (200 iterations on dog, its flow included), raft (RAFT-small on 24 frames), step (a training step at
# full width: ResNet-50 from res3 on, 256 channels, 4 tower convolutions, shortest side 360; the difference of 6 and 2 steps, divided by 4).
# Wants GNU time (Debian: time), the ImageNet ResNet-50 (./motion setup fetches it) and, in RAFT_SMALL, the file of RAFT-small's weights.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,8s/^# //p' "$0"; exit 2; }
old=$(realpath "$1") new=$(realpath "$2") data=$(realpath "$3")
runs=${4:-5}
workloads=("${@:5}")
[ "${#workloads[@]}" -gt 0 ] || workloads=(default clip raft step)
[ -x /usr/bin/time ] || { echo "compare-builds.sh: GNU time is missing (Debian: time)" >&2; exit 2; }

: "${RAFT_SMALL:?names the file of RAFT-small weights}"
flow=(stages.flow.weights="$(realpath "$RAFT_SMALL")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ffmpeg -v error -y -framerate 10 -i "$(find "$data/JPEGImages" -type d -name dog | head -n 1)/%05d.jpg" -frames:v 24 -c:v libx264 -crf 10 "$work/dog.mp4"

full=(stages.forward.backbone.freeze=res2 stages.forward.pyramid.channels=256 stages.forward.head.towerConvs=4 stages.forward.mask.branchConvs=4
    stages.forward.mask.branchChannels=128 'stages.forward.view.shortestSides=[360]' stages.decode.test=null)

# once BUILD WORKLOAD: "CPU-seconds MiB" of one run.
once() {
    local build=$1 workload=$2 folder
    folder=$(mktemp -d -p "$work")
    case "$workload" in
        default) set -- pipeline.yaml --set run.threads=1 ;;
        clip) set -- pipelines/clip.yaml --data "$data" --clip dog --set run.threads=1 train.iterations=200 "${flow[@]}" stages.forward.backbone.weights=resnet50 ;;
        raft) set -- pipelines/flow.yaml --source "$work/dog.mp4" --set run.threads=1 "${flow[@]}" ;;
        step*) set -- pipelines/clip.yaml --data "$data" --clip dog --set run.threads=1 train.iterations="${workload#step}" stages.flow.network=zero stages.flow.weights=null stages.forward.backbone.weights=resnet50 "${full[@]}" ;;
    esac
    local yaml=$build/$1
    shift
    (cd "$folder" && /usr/bin/time -f '%U %S %M' -o usage "$build/motion" run "$yaml" --plain "$@" >log 2>&1) || { tail -n 5 "$folder/log" >&2; exit 1; }
    awk '{ printf "%.2f %.0f\n", $1 + $2, $3 / 1024 }' "$folder/usage"
    rm -rf "$folder"
}

measure() {
    if [ "$2" = step ]; then
        local few many
        few=$(once "$1" step2)
        many=$(once "$1" step6)
        echo "$few $many" | awk '{ printf "%.2f %.0f\n", ($3 - $1) / 4, $4 }'
    else once "$1" "$2"; fi
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

printf '%-10s %10s %10s %7s %10s %10s %7s\n' '' 'old, CPU s' 'new, CPU s' ratio 'old, MiB' 'new, MiB' ratio
for workload in "${workloads[@]}"; do
    for ((run = 0; run < runs; run++)); do
        measure "$old" "$workload" >>"$work/old.$workload"
        measure "$new" "$workload" >>"$work/new.$workload"
    done
    a=$(cut -d' ' -f1 "$work/old.$workload" | median) b=$(cut -d' ' -f1 "$work/new.$workload" | median)
    c=$(cut -d' ' -f2 "$work/old.$workload" | median) d=$(cut -d' ' -f2 "$work/new.$workload" | median)
    awk -v w="$workload" -v a="$a" -v b="$b" -v c="$c" -v d="$d" 'BEGIN { printf "%-10s %10.2f %10.2f %7.2f %10.0f %10.0f %7.2f\n", w, a, b, b / a, c, d, d / c }'
done
