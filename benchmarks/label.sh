#!/bin/sh
# How good the masks of `motion label` are from the boxes of every 5th frame: each clip of a folder in DAVIS's layout by itself, its masks against all true ones.
#   benchmarks/label.sh FOLDER OUT [options of motion label]
# A clip that was measured is not measured again, so that a run that was stopped goes on. One row a clip, and all masks together, at the end.
set -u
[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
data=$1 out=$2
shift 2
here=$(dirname "$0")/..
for clip in "$data"/JPEGImages/*/; do
    clip=$(basename "$clip")
    [ -f "$out/$clip/measured.csv" ] || "$here/motion" label --source "$data" --clip "$clip" --keys 5 --truth "$data" --out "$out/$clip" --threads 1 "$@" || exit
done
awk -F, '
    FNR > 1 { n[$1]++; iou[$1] += $6; filled[$1] += $7; all++; sum += $6; sumFilled += $7 }
    END {
        for (clip in n) printf "%-20s %5d masks  mean IoU %.3f  filled boxes %.3f\n", clip, n[clip], iou[clip] / n[clip], filled[clip] / n[clip] | "sort"
        close("sort")
        printf "%-20s %5d masks  mean IoU %.3f  filled boxes %.3f\n", "all", all, sum / all, sumFilled / all
    }' "$out"/*/measured.csv
