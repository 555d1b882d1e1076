#!/usr/bin/env bash
# Disturbs tiny runs at random: kills and stops the runner, a stage's process or ffmpeg, while a run starts, trains, tests or ends.
#   properties/kills.sh [N] [SEED]      N disturbed runs (300), drawn from SEED (1)
# Each disturbed run must end within its time, in the bytes of an undisturbed one or in a sentence; resumed, it must end in those bytes;
# and nothing may be left: no process, no half-written file, no socket folder. Prints a table; exits 1 if a run fails that.
set -uo pipefail
set -m # background jobs get their own group, and do not ignore Ctrl-C
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
count=${1:-300}
RANDOM=${2:-1}
most=${KILLS_SECONDS:-90} # seconds that a disturbed run may take
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tmp"
export TMPDIR="$work/tmp" OMP_NUM_THREADS=1 MOTION_OFFLINE=1
cd "$work" || exit 2

cat >tiny.yaml <<'YAML'
run: {name: tiny, seed: 3, silence: 5}
stages:
  decode: {source: synthetic, synthetic: {clips: 2, frames: 3, height: 32, width: 48, objectsMax: 2}}
  flow: {network: zero}
  forward:
    backbone: {network: small, smallChannels: [8, 8, 8, 8], freeze: none}
    pyramid: {channels: 16}
    head: {towerConvs: 1, boxBias: 1}
    mask: {branchConvs: 1, branchChannels: 8, channels: 8}
    view: {shortestSides: [32], testShortestSide: 32}
    optimiser: {warmup: 5}
  loss: {}
  evaluate: {}
  report: {}
train: {iterations: 40, batch: 2, checkpointEvery: 10}
YAML
own='stages.decode.process=own stages.flow.process=own stages.forward.process=own stages.loss.process=own stages.evaluate.process=own stages.report.process=own'
declare -A settings=([runner]='' [own]="$own") # of one data set all kinds end in the same bytes
kinds=(runner some some some own)
if command -v ffmpeg >/dev/null; then
    ffmpeg -v error -nostdin -f lavfi -i testsrc=size=96x64:rate=10:duration=6 -c:v ffv1 -pix_fmt bgr0 clip.mkv
    { echo frame,id,class,x1,y1,x2,y2; for f in $(seq 0 59); do echo "$f,1,thing,$((f % 20 + 8)),10,$((f % 20 + 40)),50"; done; } >clip.csv
    settings[video]="stages.decode.source=video stages.decode.path=clip.mkv stages.decode.boxes=clip.csv"
    settings[videoown]="${settings[video]} $own"
    kinds+=(video videosome videosome)
fi

# Two stages in processes of their own, and where it is their turn all.
some() {
    local which
    read -ra which < <(tr ' ' '\n' <<<"$own" | shuf -n 2 --random-source=<(yes "$RANDOM") | paste -sd' ')
    echo "${which[*]}"
}

motion() { "$root/motion" "$@"; }

# Arguments of a run of a kind under a name.
run_of() { printf '%s\n' run tiny.yaml --plain --name "$2"; [ -z "${settings[$1]}" ] || printf '%s\n' --set ${settings[$1]}; }

start() { mapfile -t arguments < <(run_of "$1" "$2"); "$root/motion" "${arguments[@]}" >"$2.out" 2>"$2.err" & runner=$!; }

result() { (cd "runs/$1" 2>/dev/null && sha256sum checkpoints/iteration-000040.safetensors metrics.json report/results.json 2>/dev/null) | sha256sum; }

# What this machine runs of ours: whatever has the work folder in its command line or is below the runner.
ours() { pgrep -f "$work" | while read -r id; do [ "$id" = $$ ] || [ "$id" = "$BASHPID" ] || echo "$id"; done; }

below() { local id; for id in $(pgrep -P "$1"); do echo "$id"; below "$id"; done; }

# Sends a signal to a process of ours: a number may meanwhile be somebody else's.
send() { ! grep -qa "$work" "/proc/$2/environ" 2>/dev/null || kill "-$1" "$2" 2>/dev/null; }

# A process of the run to disturb: the runner itself where there is none of that kind (yet).
victim() {
    local id
    case "$2" in
        stage) id=$(below "$1" | while read -r each; do grep -qaz '^stage$' "/proc/$each/cmdline" 2>/dev/null && echo "$each"; done | shuf -n 1 --random-source=<(yes "$RANDOM")) ;;
        ffmpeg) id=$(below "$1" | while read -r each; do grep -qa '^ffmpeg' "/proc/$each/comm" 2>/dev/null && echo "$each"; done | head -n 1) ;;
        *) id='' ;;
    esac
    echo "${id:-$1}"
}

# Waits for a job, at most so many seconds; sets code, or "hang".
await() {
    local until=$((SECONDS + $2))
    while kill -0 "$1" 2>/dev/null && [ "$SECONDS" -le "$until" ]; do sleep 0.05; done
    if kill -0 "$1" 2>/dev/null; then code=hang; send KILL "$1"; else wait "$1" 2>/dev/null; code=$?; fi
}

motion --help >/dev/null # builds
mkdir built && cp -r "$root/.build/cli" built/ && export MOTION_BUILT="$work/built" # so that the tree may change meanwhile
declare -A whole took
for kind in "${!settings[@]}"; do
    before=$(date +%s%N)
    start "$kind" "whole-$kind"; await "$runner" 600
    [ "$code" = 0 ] || { cat "whole-$kind.err" >&2; exit 2; }
    whole[$kind]=$(result "whole-$kind")
    took[$kind]=$((($(date +%s%N) - before) / 1000000))
done

[ "${whole[runner]}" = "${whole[own]}" ] || { echo "kills.sh: where the stages run changes the bytes" >&2; exit 1; }

signals=(KILL TERM INT HUP STOP KILL)
targets=(runner runner stage stage ffmpeg)
declare -A seen
bad=0
complain() { bad=$((bad + 1)); echo "run $n ($kind, $signal to $target after $delay ms): $*" >&2; tail -n 5 "$name.err" >&2; }

for n in $(seq "$count"); do
    kind=${kinds[RANDOM % ${#kinds[@]}]}
    case "$kind" in some) settings[some]=$(some) whole[some]=${whole[own]} took[some]=${took[runner]} ;; videosome) settings[videosome]="${settings[video]} $(some)" whole[videosome]=${whole[video]} took[videosome]=${took[video]} ;; esac
    signal=${signals[RANDOM % ${#signals[@]}]}
    target=${targets[RANDOM % ${#targets[@]}]}
    delay=$(((RANDOM * 32768 + RANDOM) % (took[$kind] + 200)))
    name="run$n"
    start "$kind" "$name"
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    id=$(victim "$runner" "$target")
    send "$signal" "$id"
    if [ "$id" = "$runner" ]; then
        target=runner
        [ "$signal" != STOP ] || { sleep 6; send CONT "$id"; } # longer than the silence: nobody may be taken for dead
        [ $((RANDOM % 4)) -ne 0 ] || { sleep 0.2; send "$signal" "$id"; [ "$signal" != STOP ] || send CONT "$id"; } # and once more
    fi
    await "$runner" "$most"
    how=$code
    if [ "$code" = 0 ]; then
        [ "$(result "$name")" = "${whole[$kind]}" ] || complain "ended in other bytes"
        how=equal
    elif [ "$code" = hang ]; then complain "did not end within $most s"
    elif [ "$code" -ne 137 ] && ! grep -q '^motion: ' "$name.err" && [ -d "runs/$name" ]; then complain "ended ($code) without a sentence"; fi
    ! grep -qE '^   at |Unhandled|Segmentation|core dumped' "$name.err" || complain "ended in a trace"
    for _ in $(seq 60); do [ -n "$(ours)" ] || break; sleep 0.1; done
    [ -z "$(ours)" ] || { complain "left processes: $(ours | tr '\n' ' ')"; for id in $(ours); do send KILL "$id"; done; }
    if [ "$code" != 0 ]; then
        if [ -e "runs/$name/run.yaml" ]; then "$root/motion" run "runs/$name/run.yaml" --resume --plain >"$name.out" 2>"$name.err" & runner=$!
        else start "$kind" "$name"; fi
        await "$runner" 600
        [ "$code" = 0 ] && [ "$(result "$name")" = "${whole[$kind]}" ] || complain "resumed, it ended ($code) in other bytes"
        how="$how, then equal"
    fi
    left=$(find runs tmp \( -name '*.tmp' -o -name '*.part' -o -name 'motion-run-*' \) 2>/dev/null)
    [ -z "$left" ] || { complain "left: $left"; find tmp -mindepth 1 -delete; }
    seen["$signal to $target: $how"]=$((${seen["$signal to $target: $how"]:-0} + 1))
    rm -rf "runs/$name" "$name.out" "$name.err"
done

echo '| disturbance: end | runs |'
echo '|---|---|'
for what in "${!seen[@]}"; do echo "| $what | ${seen[$what]} |"; done | sort
echo "$count runs disturbed, $bad complaints"
exit $((bad > 0))
