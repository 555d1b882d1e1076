#!/usr/bin/env bash
# TorchSharp 0.107.0 (libtorch-cpu-linux-x64 2.10.0): torch.cat of a list of one tensor returns another object over the same numbers, where PyTorch
# returns a copy. Whoever writes into the result writes into the part: a batch that happens to hold one frame is changed with it.
# Seen: "cat([part]) is another object; after joined.fill_(7) part[0] is 7".
# Way round: clone where there is one part.
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

var part = zeros(3);
var joined = cat([part], 0);
joined.fill_(7);
var seen = part[0].item<float>();
Console.WriteLine($"cat([part]) is {(ReferenceEquals(part, joined) ? "the same object" : "another object")}; after joined.fill_(7) part[0] is {seen}");
return seen == 7 ? 0 : 1;
X
dotnet build -c Release -nologo -v q -o out >build.log 2>&1 || { tail -n 5 build.log >&2; exit 2; }
dotnet out/finding.dll
