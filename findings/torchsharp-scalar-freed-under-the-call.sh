#!/usr/bin/env bash
# TorchSharp 0.107.0 (libtorch-cpu-linux-x64 2.10.0): the number in x.pow(2.5) is an object whose finalizer frees it, and the call keeps no
# reference to it, only its address. A collection on another thread frees it while libtorch is still inside the call.
# Seen: "the number of a running pow: collected, call still running". Here libtorch has long read it; where it has not, the result is of
# whatever lies there, or "Expected false to be true" is thrown (once in some thousand test cases on a busy machine).
# Way round: keep a reference of one's own to every Scalar beyond the call, also to the 1 of x.add(y): x.add(y, one) with a static one.
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
    <TieredCompilation>false</TieredCompilation>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="TorchSharp" Version="0.107.0" />
    <PackageReference Include="libtorch-cpu-linux-x64" Version="2.10.0" />
  </ItemGroup>
</Project>
X
cat >Program.cs <<'X'
using TorchSharp;
using static TorchSharp.torch;

set_num_threads(1);
using var x = rand(40_000_000);
WeakReference? number = null;
var done = false;
var call = new Thread(() => { Pow(x, seen => number = seen).Dispose(); Volatile.Write(ref done, true); });
call.Start();
while (Volatile.Read(ref number) is null) Thread.Yield();
Thread.Sleep(50); // the call is inside libtorch now, and takes about a second there
GC.Collect();
GC.WaitForPendingFinalizers();
var isCollected = !number!.IsAlive;
var isRunning = !Volatile.Read(ref done);
call.Join();
Console.WriteLine($"the number of a running pow: {(isCollected ? "collected" : "held")}, call {(isRunning ? "still running" : "over")}");
return isCollected && isRunning ? 0 : 1;

static Tensor Pow(Tensor x, Action<WeakReference> tell)
{
    Scalar exponent = 2.5;
    tell(new WeakReference(exponent));
    return x.pow(exponent);
}
X
dotnet build -c Release -nologo -v q -o out >build.log 2>&1 || { tail -n 5 build.log >&2; exit 2; }
dotnet out/finding.dll
