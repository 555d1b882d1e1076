#!/usr/bin/env bash
# TorchSharp 0.107.0 (libtorch-cpu-linux-x64 2.10.0): x.baddbmm(a, b) is PyTorch's input + batch1 batch2 with input = x, batch1 = a, batch2 = b;
# here the receiver and the first argument change places: the answer is a + x b. Where all three are square nothing is said.
# Seen: "x + a b = 7, a + x b = 5; x.baddbmm(a, b) = 5, a.baddbmm(b, x) = 7" for x = 1, a = 2, b = 3.
# Way round: a.baddbmm(b, x) gives x + a b, or a.bmm(b).add(x).
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

var (x, a, b) = (full([1, 1, 1], 1f), full([1, 1, 1], 2f), full([1, 1, 1], 3f));
var answer = x.baddbmm(a, b).item<float>();
var other = a.baddbmm(b, x).item<float>();
Console.WriteLine($"x + a b = 7, a + x b = 5; x.baddbmm(a, b) = {answer}, a.baddbmm(b, x) = {other}");
return answer == 7 ? 1 : 0;
X
dotnet build -c Release -nologo -v q -o out >build.log 2>&1 || { tail -n 5 build.log >&2; exit 2; }
dotnet out/finding.dll
