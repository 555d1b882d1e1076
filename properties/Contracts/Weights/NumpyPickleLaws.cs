using System.Text;
using System.Text.Json;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static Motion.Properties.Contracts.PickleBuilder;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

/// <summary>Pickles of numpy arrays, as model zoos have them.</summary>
public sealed class NumpyPickleLaws : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("arrays_protocol2.pkl")]
    [InlineData("arrays_protocol3.pkl")]
    [InlineData("arrays_protocol4.pkl")]
    [InlineData("arrays_protocol5.pkl")]
    [InlineData("arrays_numpy2.pkl")]
    public void Read_AModelOfNumpyArrays_IsItsArrays(string name) =>
        Leaks.Check(() =>
        {
            var json = GoldenFiles.Json("Pth", "arrays.json");
            using var file = WeightFiles.Open(GoldenFiles.PathOf("Pth", name)).OrThrow();
            Assert.Equal(WeightsFormat.Pickle, file.Format);
            Assert.Equal("__author__, matching_heuristics, score, epoch", string.Join(", ", file.Beside));
            Assert.Equal(
                json.EnumerateObject().Select(entry => entry.Name).Order(StringComparer.Ordinal),
                file.Weights.All.Select(pair => pair.Key)
            );
            foreach (var entry in json.EnumerateObject())
            {
                var tensor = file.Weights[entry.Name];
                Assert.Equal(entry.Value.GetProperty("dtype").GetString(), TensorBytes.NameOf(tensor.dtype));
                Assert.Equal(entry.Value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64()), tensor.shape);
                Assert.Equal(entry.Value.GetProperty("crc32").GetString(), $"{TensorBytes.Checksum(tensor):x8}");
            }
        });

    [Fact]
    public void Read_NumbersOfNumpyBesideArrays_AreNumbers()
    {
        using var document = PickleFile.Read(GoldenFiles.PathOf("Pth", "arrays_protocol4.pkl")).OrThrow();
        var root = Assert.IsType<TorchObject.Dictionary>(document.Root);
        Assert.Equal(new TorchObject.Number(0.25), root.Find("score"));
        Assert.Equal(new TorchObject.Integer(7), root.Find("epoch"));
    }

    [Fact]
    public void Read_Python2sByteStrings_AreALetterAByte()
    {
        // bytes beyond ASCII, no UTF-8
        var memory = Encoding.Latin1.GetString([.. BitConverter.GetBytes(-1.5f), .. BitConverter.GetBytes(float.NaN)]);
        File.WriteAllBytes(_path, Pickle(Dict2(("res_conv1_bn_s", Array2("f4", "<", memory, 2)), ("weight_order", EmptyList))));
        using var weights = WeightFiles.Read(_path).OrThrow();
        Assert.Equal(new[] { -1.5f, float.NaN }, Assert.Single(weights.All).Value.Elements<float>());
    }

    [Theory]
    [InlineData("f4", "<", 8, 2, true)]
    [InlineData("f4", ">", 8, 2, true)]
    [InlineData("f4", "|", 8, 2, true)]
    [InlineData("f4", "<", 8, 3, false)] // a shape beyond the memory
    [InlineData("f4", "<", 9, 2, false)]
    [InlineData("f4", "!", 8, 2, false)] // no byte order
    [InlineData("O8", "|", 8, 1, false)] // objects
    [InlineData("c8", "<", 8, 1, false)] // complex numbers
    [InlineData("u4", "<", 8, 2, false)] // torch 1 has no unsigned integers
    [InlineData("V8", "|", 8, 1, false)] // structures
    public void Read_AnArray_IsReadOnlyWhereItsMemoryIsThat(string type, string order, int bytes, long length, bool isRead)
    {
        var file = Pickle(Dict2(("w", Array2(type, order, new string('\u0001', bytes), length))));
        Assert.Equal(isRead, WeightsSamples.IsRead(_path, file, WeightFiles.Read));
    }

    [Theory]
    [InlineData("numpy", "load")]
    [InlineData("numpy.core.multiarray", "fromfile")]
    [InlineData("numpy.testing._private.utils", "runstring")]
    [InlineData("os", "system")]
    [InlineData("builtins", "exec")]
    public void Read_AGlobalThatIsNotKnown_IsRefusedByName(string module, string name)
    {
        File.WriteAllBytes(_path, Pickle(Global(module, name), Mark, Text2("true"), TupleEnd, PickleBuilder.Reduce));
        var error = Assert.IsType<Result<Weights, WeightsError>.Error>(WeightFiles.Read(_path)).Reason;
        Assert.Equal($"{module}.{name}", Assert.IsType<WeightsError.Refused>(error).Global);
    }

    [Theory]
    [InlineData("cnumpy\ndtype\n)R")] // no type
    [InlineData("cnumpy\nndarray\n)R")] // made directly
    [InlineData("cnumpy.core.multiarray\n_reconstruct\n)R")]
    [InlineData("}U\u0001wcnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\u0085U\u0001b\u0087Rs")] // never filled
    [InlineData("cnumpy\ndtype\nU\u0002f4\u0085R)b")] // described by nothing
    public void Read_AnArrayInAnotherWay_IsRefused(string body) =>
        Assert.False(WeightsSamples.IsRead(_path, Pickle(body), WeightFiles.Read));

    [Fact]
    public void Read_TheSameMemoryInManyArrays_IsNoMoreThanTheFile()
    {
        var memory = new string('\u0001', 4000);
        var again = $"{Reconstruct}(K\u0001{Mark}{Int(1000)}{TupleEnd}h\u0001\u0089h\u0002tb"; // 2: the memory, 1: its type
        var file = Pickle(
            $"{TypeOf("f4", "<")}q\u0001{Text2(memory)}q\u0002{Dict2([.. Enumerable.Range(0, 200).Select(i => ($"w{i}", again))])}"
        );
        Assert.False(WeightsSamples.IsRead(_path, file, WeightFiles.Read));
    }

    [Fact]
    public void Read_ATextThatIsEncodedAgainAndAgain_IsRefused()
    {
        var encode = "h\u0001h\u0002h\u0003\u0086R0";
        var file = Pickle(
            $"{Global("_codecs", "encode")}q\u0001{Text(new string('a', 10_000))}q\u0002{Text("latin1")}q\u0003",
            string.Concat(Enumerable.Repeat(encode, 5000)),
            "}"
        );
        Assert.False(WeightsSamples.IsRead(_path, file, WeightFiles.Read));
    }

    [Fact]
    public void Read_APickleWithTensorsOutside_OrMoreAfterIt_IsRefused()
    {
        Assert.False(WeightsSamples.IsRead(_path, Pickle(Dict(("w", Tensor(Storage("0", 4), 0, Sizes(4), Sizes(1))))), WeightFiles.Read));
        Assert.False(
            WeightsSamples.IsRead(_path, [.. File.ReadAllBytes(GoldenFiles.PathOf("Pth", "arrays_protocol2.pkl")), 0], WeightFiles.Read)
        );
    }

    [Fact]
    public void Read_EveryTruncation_IsAnError()
    {
        var bytes = File.ReadAllBytes(GoldenFiles.PathOf("Pth", "arrays_protocol2.pkl"));
        for (var length = 0; length < bytes.Length; length += 1 + (length / 30))
        {
            Assert.False(WeightsSamples.IsRead(_path, bytes[..length], WeightFiles.Read), $"{length} of {bytes.Length} bytes were read");
        }
    }

    private static string Reconstruct =>
        $"{Global("numpy.core.multiarray", "_reconstruct")}{Global("numpy", "ndarray")}K\0\u0085U\u0001b\u0087R";

    /// <summary>A byte string of Python 2.</summary>
    private static string Text2(string text) => $"T{Encoding.Latin1.GetString(BitConverter.GetBytes(text.Length))}{text}";

    private static string TypeOf(string type, string order) =>
        $"{Global("numpy", "dtype")}{Text2(type)}K\0K\u0001\u0087R(K\u0003{Text2(order)}NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tb";

    private static string Array2(string type, string order, string memory, long length) =>
        $"{Reconstruct}(K\u0001{Mark}{Int(length)}{TupleEnd}{TypeOf(type, order)}\u0089{Text2(memory)}tb";

    private static string Dict2(params (string Key, string Value)[] items) =>
        $"{EmptyDict}{Mark}{string.Concat(items.Select(item => Text2(item.Key) + item.Value))}{SetItems}";
}
