using BenchmarkDotNet.Running;
using Motion.Benchmarks;

if (args is ["--overhead"])
    CallOverhead.Print(Console.Out);
else if (args is ["--evaluate", var what and ("boxes" or "masks" or "stage"), var threads])
    EvaluateLarge.Print(Console.Out, what, int.Parse(threads));
else if (args is ["evaluate-large", .. var folder])
    LargeFiles.Print(Console.Out, folder is [var path] ? path : null);
else if (args is ["dis", var pairs])
    DisPairs.Print(Console.Out, pairs);
else
    BenchmarkSwitcher.FromAssembly(typeof(CallOverhead).Assembly).Run(args);
