using Motion.Contracts;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

/// <summary>Weights to write and ways to compare what is read.</summary>
internal static class WeightsSamples
{
    public static readonly ScalarType[] Types =
    [
        ScalarType.Float64,
        ScalarType.Float32,
        ScalarType.Float16,
        ScalarType.BFloat16,
        ScalarType.Int64,
        ScalarType.Int32,
        ScalarType.Int16,
        ScalarType.Int8,
        ScalarType.Byte,
        ScalarType.Bool,
    ];

    /// <summary>Buffers of files and archives, whatever is read.</summary>
    private const long BufferBytes = 400_000;

    /// <summary>A mark of a pickle is one byte and makes a list of some fifty.</summary>
    private const long MostFactor = 100;

    private static readonly string[] Names = ["conv.weight", "bn.running_mean", "名前", "a \"quoted\" \\ name", "", "<&>", "Z", "a"];

    /// <summary>Up to eight tensors of any types and shapes (0-d, empty, odd), strided ones among them.</summary>
    public static Weights Make(int seed)
    {
        var draws = new Seed((ulong)seed).Draws();
        return Weights.Of(
            draws
                .Permutation(Names.Length)
                .Take(draws.Next(Names.Length + 1))
                .Select(index => Names[index])
                .Select(name =>
                {
                    var shape = Enumerable.Range(0, draws.Next(5)).Select(_ => (long)draws.Next(5)).ToArray();
                    var tensor = empty(shape, dtype: Types[draws.Next(Types.Length)]);
                    foreach (ref var one in tensor.bytes)
                    {
                        one = tensor.dtype == ScalarType.Bool ? (byte)draws.Next(2) : (byte)draws.NextUInt64();
                    }

                    if (draws.Next(2) == 0 || shape.Length < 2)
                    {
                        return KeyValuePair.Create(name, tensor);
                    }

                    using (tensor)
                    {
                        return KeyValuePair.Create(name, tensor.transpose(0, shape.Length - 1));
                    }
                })
        );
    }

    public static string Describe(Weights weights) =>
        string.Join('\n', weights.All.Select(pair => $"{pair.Key}: {SampleMessages.Describe(pair.Value)}"));

    /// <summary>
    /// Writes changed bytes to a file, reads it, and fails unless the answer is a value or an error that names the file: no exception, no
    /// tensor left behind, no memory beyond a few times the file's.
    /// </summary>
    public static bool IsRead<T>(string path, byte[] bytes, Func<string, Result<T, WeightsError>> read)
        where T : IDisposable
    {
        File.WriteAllBytes(path, bytes);
        var isRead = false;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Leaks.Check(() =>
            isRead = read(path)
                .Match(
                    value =>
                    {
                        value.Dispose();
                        return true;
                    },
                    error =>
                    {
                        Assert.StartsWith(path, error.Describe(), StringComparison.Ordinal);
                        return false;
                    }
                )
        );
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, BufferBytes + (MostFactor * bytes.Length));
        return isRead;
    }
}
