#!/usr/bin/env bash
# TorchSharp 0.107.0 (libtorch-cpu-linux-x64 2.10.0): x.sum(0) with the literal 0 is not the sum over dimension 0. The literal converts to the
# enum ScalarType, whose zero is Byte, and that overload is taken: everything is summed, modulo 256. A variable of value 0 gives the sum over dimension 0.
# Seen: "x is ones of [3, 100]; x.sum(0): Byte [] = 44; x.sum(dim: 0): Float32 [100]".
# Way round: x.sum(dim: 0) or x.sum(0L).
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

var x = full([3, 100], 1f);
var literal = x.sum(0);
var named = x.sum(dim: 0);
Console.WriteLine($"x is ones of [3, 100]; x.sum(0): {literal.dtype} [{string.Join(", ", literal.shape)}] = {literal.item<byte>()}; x.sum(dim: 0): {named.dtype} [{string.Join(", ", named.shape)}]");
return literal.dtype == ScalarType.Byte && literal.shape.Length == 0 && literal.item<byte>() == 300 % 256 && named.shape is [100] ? 0 : 1;
X
dotnet build -c Release -nologo -v q -o out >build.log 2>&1 || { tail -n 5 build.log >&2; exit 2; }
dotnet out/finding.dll
