using System.Runtime.CompilerServices;
using Motion.Kernels;
using TorchSharp;

namespace Motion.Properties;

/// <summary>What every test may rely on, set before the first.</summary>
internal static class Machine
{
    /// <summary>
    /// One thread inside an operator, whatever the machine has and its environment says: sums are added up in one order. A libtorch that
    /// does not load is said in one sentence, in place of TorchSharp's own text in every test.
    /// </summary>
#pragma warning disable CA2255 // the test host has no other place before the first test
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare()
    {
        if (Libtorch.Check().Match<string?>(_ => null, error => error.Describe()) is { } problem)
        {
            Console.Error.WriteLine($"motion: {problem}");
            Environment.Exit(3);
        }

        torch.set_num_threads(1);
    }
}
