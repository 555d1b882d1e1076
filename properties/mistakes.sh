#!/usr/bin/env bash
# Seeds the mistakes of properties/Mistakes/mistakes.txt one by one in a copy of this tree and tells which laws catch each; where none
# does, which tests with the authors' numbers.
#   properties/mistakes.sh              all of them (some 10 seconds each on a free core)
#   properties/mistakes.sh GIoU Lab     those whose first line contains a word
# Prints a table in markdown; exits 1 if a mistake goes unnoticed.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
scratch="$root/.build/mistakes"
tests="$scratch/properties/bin/Debug/net10.0"
quick=(-v quiet -nologo -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false)
export LANG=C.UTF-8

copy_tree() {
    mkdir -p "$scratch"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done) |
        tar -C "$root" --null -T - -cf - | tar -C "$scratch" -xmf - # as of now: what an earlier mistake left compiled is older
}

# Laws that speak of the folder a mistake is in, as motion verify takes them; and the tests with the authors' numbers.
laws_of() {
    case "$1" in
        stages/Loss/*) echo 'Loss.' ;;
        stages/Kernels/*) echo 'Kernels. Loss.' ;;
        stages/Flow/Dis/*) echo 'DisLaws' ;;
        stages/Forward/Training/Checkpoints.cs|stages/Forward/Training/FeatureStore.cs) ;; # of files: the tests alone
        contracts/DataSets/*) echo 'HarmLaws CostLaws Decode. DataSets.' ;;
        contracts/*) echo 'OutputLaws HarmLaws CostLaws TerminalLaws Contracts.' ;;
        stages/Decode/*) echo 'CostLaws Decode.' ;;
        stages/Evaluate/*) echo 'Evaluate.' ;;
        stages/Report/*) echo 'Report. TerminalLaws' ;;
        pipeline/Studio/*) echo 'Studio.' ;;
        pipeline/*) echo 'YamlLaws TerminalLaws' ;;
        stages/Forward/*) echo 'FusionLaws NetworkLaws DynamicHeadLaws SelectionLaws ViewLaws FcosTargetsLaws DetectionKernelsLaws' ;;
        *) echo '.' ;;
    esac
}

tests_of() {
    case "$1" in
        stages/Loss/*) echo 'FullyQualifiedName~Properties.Loss' ;;
        stages/Flow/Dis/*) echo 'FullyQualifiedName~DisLaws' ;;
        stages/Kernels/*) echo 'FullyQualifiedName~Properties.Kernels|FullyQualifiedName~Properties.Loss' ;;
        stages/Forward/Training/Checkpoints.cs|stages/Forward/Training/FeatureStore.cs) echo 'FullyQualifiedName~DamageLaws' ;;
        contracts/DataSets/*) echo 'FullyQualifiedName~Properties.DataSets|FullyQualifiedName~Properties.Decode' ;;
        contracts/*) echo 'FullyQualifiedName~DamageLaws|FullyQualifiedName~HarmLaws|FullyQualifiedName~CostLaws|FullyQualifiedName~TerminalLaws|FullyQualifiedName~Properties.Contracts' ;;
        stages/Decode/Video/Footage.cs) echo 'FullyQualifiedName~Properties.Studio' ;;
        stages/Decode/*) echo 'FullyQualifiedName~Properties.Decode' ;;
        stages/Evaluate/*) echo 'FullyQualifiedName~Properties.Evaluate' ;;
        stages/Report/*) echo 'FullyQualifiedName~Properties.Report|FullyQualifiedName~TerminalLaws' ;;
        pipeline/Runner/Settings/*Graph.cs|pipeline/Runner/Running/TestPhase.cs) echo 'FullyQualifiedName~GraphTests|FullyQualifiedName~ConfigurationTests|FullyQualifiedName~ReadingAidsTests' ;;
        pipeline/Studio/*) echo 'FullyQualifiedName~Properties.Studio' ;;
        pipeline/*) echo 'FullyQualifiedName~Properties.Pipeline' ;;
        stages/Forward/*) echo 'FullyQualifiedName~Properties.Forward' ;;
        *) echo 'FullyQualifiedName~Properties' ;;
    esac
}

# Names of the laws that are broken; where all hold, of the tests that fail.
noticed() {
    local status=0
    # shellcheck disable=SC2046
    [ -z "$(laws_of "$1")" ] || dotnet "$tests/Motion.Properties.dll" $(laws_of "$1") --runs 100 >"$scratch/verify.log" 2>&1 || status=$?
    [ "$status" -le 1 ] || { tail -n 20 "$scratch/verify.log" >&2; exit 2; }
    if [ "$status" -eq 1 ]; then
        sed -nE 's/^[A-Za-z0-9]+\.[A-Za-z0-9]+\.([A-Za-z0-9_]+).* does not hold .*/\1/p' "$scratch/verify.log"
        return
    fi
    (cd "$scratch" && dotnet test "$tests/Motion.Properties.dll" --filter "$(tests_of "$1")" --nologo 2>&1 || true) >"$scratch/test.log"
    grep -qE '(Passed|Failed)! ' "$scratch/test.log" || { tail -n 20 "$scratch/test.log" >&2; exit 2; }
    sed -nE 's/^ +Failed Motion\.Properties\.([A-Za-z0-9_.]+).*/\1/p' "$scratch/test.log" | sed -E 's/.*\.//' | awk '!seen[$0]++'
}

seed() {
    local what=$1 file=$2 old=$3 new=$4 project name text names count
    case "$file" in
        stages/*) project=$(echo "$file" | cut -d/ -f1-2); name=$(basename "$project") ;;
        contracts/DataSets/*|contracts/Weights/*) project=$(echo "$file" | cut -d/ -f1-2); name=$(basename "$project") ;;
        contracts/*) project=contracts name=Contracts ;;
        pipeline/Runner/*) project=pipeline/Runner name=Runner ;;
        pipeline/Studio/*) project=pipeline/Studio name=Studio ;;
        pipeline/*) project=pipeline name=Pipeline ;;
        *) echo "$file is in no project that is seeded" >&2; exit 2 ;;
    esac
    text=$(cat "$scratch/$file"; printf x)
    printf '%s' "${text%x}" >"$scratch/kept"
    [[ $text == *"$old"* ]] || { echo "$file holds no: $old" >&2; exit 2; }
    text=${text%x}
    printf '%s' "${text/"$old"/"$new"}" >"$scratch/$file"
    if ! (cd "$scratch" && dotnet build "$project/$name.csproj" --no-restore -p:BuildProjectReferences=false "${quick[@]}") >"$scratch/build.log"; then
        cp "$scratch/kept" "$scratch/$file"
        grep error "$scratch/build.log" | sort -u | head -n 3 >&2
        exit 2
    fi
    cp --remove-destination "$scratch/$project/bin/Debug/net10.0/Motion.$name.dll" "$tests/" # builds link their files
    cp "$scratch/kept" "$scratch/$file"
    names=$(noticed "$file")
    cp --remove-destination "$scratch/pristine/Motion.$name.dll" "$tests/"
    count=$(printf '%s' "$names" | grep -c . || true)
    [ "$count" -gt 0 ] || unnoticed=$((unnoticed + 1))
    printf '| %s | `%s` | %s |\n' "$what" "${file#stages/}" "$([ "$count" -eq 0 ] && echo '**nothing**' || printf '%s' "$names" | head -n 3 | sed 's/.*/`&`/' | paste -sd, | sed 's/,/, /g')$([ "$count" -le 3 ] || echo " and $((count - 3)) more")"
}

copy_tree
(cd "$scratch" && dotnet build properties/Properties.csproj "${quick[@]}") >"$scratch/build.log" || { grep error "$scratch/build.log" | sort -u | head >&2; exit 2; }
mkdir -p "$scratch/pristine"
cp "$tests"/Motion.*.dll "$scratch/pristine/"

unnoticed=0
echo '| mistake | in stages/ | caught by |'
echo '|---|---|---|'
lines=()
while IFS= read -r line || [ -n "$line" ]; do
    case "$line" in
        '#'*) continue ;;
        '') lines=() ;;
        *) lines+=("$line") ;;
    esac
    [ "${#lines[@]}" -eq 4 ] || continue
    wanted=$([ $# -eq 0 ] && echo yes || true)
    for word in "$@"; do case "${lines[0]}" in *"$word"*) wanted=yes ;; esac; done
    [ -z "$wanted" ] || seed "${lines[0]}" "${lines[1]}" "${lines[2]#- }" "${lines[3]#+ }" </dev/null
done <"$root/properties/Mistakes/mistakes.txt"
exit $((unnoticed > 0))
