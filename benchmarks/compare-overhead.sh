#!/usr/bin/env bash
# Side by side on one libtorch: microseconds a call from C# and from Python, and the ratio of the two.
# Wants Debian's python3-torch, which runs on the libtorch that Debian's libtorch-dev belongs to.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-/usr/bin/python3}
"$python" -c "import torch" 2>/dev/null || { echo "compare-overhead.sh: $python has no torch: install python3-torch, or name another in PYTHON." >&2; exit 1; }

export OMP_NUM_THREADS=1
dotnet build "$here" -c Release -v q -nologo >/dev/null
program=$(ls "$here"/bin/Release/*/Motion.Benchmarks.dll)
paste <(dotnet "$program" --overhead) <("$python" "$here/call_overhead.py") |
    awk -F'\t' 'BEGIN { printf "%-20s %8s %8s %8s\n", "microseconds a call", "C#", "Python", "ratio" }
                { printf "%-20s %8.3f %8.3f %8.2f\n", $1, $2, $4, $2 / $4 }'
