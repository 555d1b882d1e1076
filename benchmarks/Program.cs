using BenchmarkDotNet.Running;
using Motion.Benchmarks;

if (args is ["--overhead"])
    CallOverhead.Print(Console.Out);
else
    BenchmarkSwitcher.FromAssembly(typeof(CallOverhead).Assembly).Run(args);
