#!/usr/bin/env bash
# TorchSharp 0.107.0 (libtorch-cpu-linux-x64 2.10.0): torch.div(a, b, RoundingMode.floor), as torch.divide, ignores the mode and gives the true
# quotient; the instance method a.div(b, RoundingMode.floor) rounds. Code ported from PyTorch that maps pixels to cells of a grid gets halves.
# Seen: "7 / 2, floor: torch.div 3.5, a.div 3".
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

var (a, b) = (full([1], 7f), full([1], 2f));
var module = div(a, b, RoundingMode.floor).item<float>();
var instance = a.div(b, RoundingMode.floor).item<float>();
Console.WriteLine($"7 / 2, floor: torch.div {module}, a.div {instance}");
return module == 3.5f && instance == 3f ? 0 : 1;
X
dotnet build -c Release -nologo -v q -o out >build.log 2>&1 || { tail -n 5 build.log >&2; exit 2; }
dotnet out/finding.dll
