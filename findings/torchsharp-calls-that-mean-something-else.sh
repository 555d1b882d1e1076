#!/usr/bin/env bash
# TorchSharp 0.107.0 (libtorch-cpu-linux-x64 2.10.0): four calls of code ported from PyTorch that compile, run and mean something else.
# - x.sum(0) with the literal 0: the literal converts to the enum ScalarType, whose zero is Byte, and that overload is taken; everything is summed,
#   modulo 256. x.sum(dim: 0) and x.sum(0L) are the sum over dimension 0.
# - x.baddbmm(a, b): receiver and first argument change places, a + x b in place of x + a b; silent where all are square. a.baddbmm(b, x) is x + a b.
# - torch.div(a, b, RoundingMode.floor), as torch.divide, forgets the mode; the instance's a.div(b, RoundingMode.floor) rounds.
# - torch.cat of one part is another object over the same numbers, no copy: a batch that happens to hold one frame is changed with it.
# Seen: "ones of [3, 100], x.sum(0): Byte [] = 44; x.sum(dim: 0): Float32 [100]", "x + a b = 7, a + x b = 5; x.baddbmm(a, b) = 5, a.baddbmm(b, x) = 7",
# "7 / 2, floor: torch.div 3.5, a.div 3", "zeros, joined.fill_(7): the part is 7".
# Wants: the .NET SDK, and a libstdc++ that has GLIBCXX_3.4.32 (LD_PRELOAD one where the system's is older).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="TorchSharp" Version="0.107.0" />
    <PackageReference Include="libtorch-cpu-linux-x64" Version="2.10.0" />
  </ItemGroup>
</Project>
X
cat >Program.cs <<'X'
using static TorchSharp.torch;

var ones = full([3, 100], 1f);
var (literal, named) = (ones.sum(0), ones.sum(dim: 0));
Console.WriteLine($"ones of [3, 100], x.sum(0): {literal.dtype} [{string.Join(", ", literal.shape)}] = {literal.item<byte>()}; x.sum(dim: 0): {named.dtype} [{string.Join(", ", named.shape)}]");

var (x, a, b) = (full([1, 1, 1], 1f), full([1, 1, 1], 2f), full([1, 1, 1], 3f));
var (product, turned) = (x.baddbmm(a, b).item<float>(), a.baddbmm(b, x).item<float>());
Console.WriteLine($"x + a b = 7, a + x b = 5; x.baddbmm(a, b) = {product}, a.baddbmm(b, x) = {turned}");

var (seven, two) = (full([1], 7f), full([1], 2f));
var (module, instance) = (div(seven, two, RoundingMode.floor).item<float>(), seven.div(two, RoundingMode.floor).item<float>());
Console.WriteLine($"7 / 2, floor: torch.div {module}, a.div {instance}");

var part = zeros(3);
cat([part], 0).fill_(7);
var filled = part[0].item<float>();
Console.WriteLine($"zeros, joined.fill_(7): the part is {filled}");

return literal.dtype == ScalarType.Byte && literal.item<byte>() == 44 && product == 5 && turned == 7 && module == 3.5f && instance == 3 && filled == 7 ? 0 : 1;
X
dotnet build -c Release -nologo -v q -o out >build.log 2>&1 || { tail -n 5 build.log >&2; exit 2; }
dotnet out/finding.dll
