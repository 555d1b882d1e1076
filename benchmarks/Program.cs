using BenchmarkDotNet.Running;
using Motion.Benchmarks;
using Motion.Contracts;

if (args is ["--overhead"])
    CallOverhead.Print(Console.Out);
else if (args is ["--evaluate", var what and ("boxes" or "masks" or "stage"), var threads])
    EvaluateLarge.Print(Console.Out, what, int.Parse(threads));
else if (args is ["evaluate-large", .. var folder])
    LargeFiles.Print(Console.Out, folder is [var path] ? path : null);
else if (args is ["dis", var pairs])
    DisPairs.Print(Console.Out, pairs);
else if (args is ["flow", var network, var height, var width, var count])
    FlowPairs.Print(Console.Out, network, new Size2(int.Parse(height), int.Parse(width)), int.Parse(count));
else
    BenchmarkSwitcher.FromAssembly(typeof(CallOverhead).Assembly).Run(args);
