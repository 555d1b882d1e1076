#!/usr/bin/env bash
# Dense inverse search beside OpenCV's: end-point errors in pixels and CPU milliseconds a pair, one thread, in turn, medians.
#   benchmarks/compare-dis.sh FOLDER [RUNS]     FOLDER has a folder a pair: frame1.png, frame2.png, flow.flo
# Wants Debian's python3-opencv.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:?"compare-dis.sh: name the folder of pairs"}
runs=${2:-5}
python=${PYTHON:-/usr/bin/python3}
"$python" -c "import cv2" 2>/dev/null || { echo "compare-dis.sh: $python has no cv2: install python3-opencv, or name another in PYTHON." >&2; exit 1; }

dotnet build "$here" -c Release -v q -nologo >/dev/null
program=$(ls "$here"/bin/Release/*/Motion.Benchmarks.dll)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for ((run = 0; run < runs; run++)); do
    dotnet "$program" dis "$folder" | sed 's/^/ours\t/' >>"$scratch/lines"
    "$python" "$here/dis_opencv.py" "$folder" | sed 's/^/opencv\t/' >>"$scratch/lines"
done
"$python" - "$scratch/lines" <<'PRINT'
import collections
import statistics
import sys

error, taken = {}, collections.defaultdict(list)
for line in open(sys.argv[1]):
    whose, pair, preset, pixels, milliseconds = line.split()
    error[whose, pair, preset] = float(pixels)
    taken[whose, pair, preset].append(float(milliseconds))
print("| pair, preset | EPE, ours | OpenCV | ms, ours | OpenCV | ratio |\n|---|---|---|---|---|---|")
for whose, pair, preset in [key for key in error if key[0] == "ours"]:
    a, b = (statistics.median(taken[who, pair, preset]) for who in ("ours", "opencv"))
    print(f"| {pair}, {preset} | {error['ours', pair, preset]:.3f} | {error['opencv', pair, preset]:.3f} | {a:.1f} | {b:.1f} | {a / b:.2f} |")
PRINT
