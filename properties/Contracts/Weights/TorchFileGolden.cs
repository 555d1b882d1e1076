using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using System.Text.Json;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

/// <summary>Files that PyTorch wrote, against the content that it says they have (properties/Golden/Pth).</summary>
public sealed class TorchFileGolden
{
    [Theory]
    [InlineData("state_dict.pth", "state_dict.json")]
    [InlineData("state_dict_legacy.pth", "state_dict.json")]
    [InlineData("state_dict_newlayout.pth", "state_dict.json")]
    [InlineData("dtypes.pth", "dtypes.json")]
    [InlineData("dtypes_legacy.pth", "dtypes.json")]
    [InlineData("checkpoint.pth", "checkpoint.json")]
    [InlineData("checkpoint_legacy.pth", "checkpoint.json")]
    public void Read_AFileOfPyTorch_IsItsContent(string file, string content) =>
        Leaks.Check(() =>
        {
            var json = GoldenFiles.Json("Pth", content);
            using var document = TorchFile.Read(GoldenFiles.PathOf("Pth", file)).OrThrow();
            AssertSame(json.GetProperty("content"), document.Root, file);
        });

    [Theory]
    [InlineData("state_dict.pth", 17, "conv.weight", "conv.weight")]
    [InlineData("state_dict_legacy.pth", 17, "conv.weight", "conv.weight")]
    [InlineData("checkpoint.pth", 4, "transposed", "transposed")]
    [InlineData("dtypes.pth", 11, "param", "f64")]
    public void ReadWeights_AFileOfPyTorch_IsItsStateDictWithoutModule(string file, int count, string first, string second) =>
        Leaks.Check(() =>
        {
            using var weights = WeightFiles.Read(GoldenFiles.PathOf("Pth", file)).OrThrow();
            Assert.Equal(count, weights.Count);
            Assert.True(weights.Has(first) && weights.Has(second));
        });

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Read_EveryBinaryProtocol_GivesTheSameContainers(int protocol) =>
        Leaks.Check(() =>
        {
            using var document = TorchFile.Read(GoldenFiles.PathOf("Pth", $"containers_protocol{protocol}.pth")).OrThrow();
            Assert.Equal(
                "{state_dict: {w: [1,2,3,4,5,6] of [2,3], w_t: [1,4,2,5,3,6] of [3,2], b: [-0.5] of []}, counter: {3: 2}, default: {k: [1]}, set: <7>, frozen: <8>, "
                    + "bytes: 00FF, size: (4, 5), device: cuda:1, long text: 300, "
                    + "ints: [0, 255, 256, 65535, 65536, -1, 2147483648, -2147483649, 9223372036854775808, 1180591620717411303424, -1180591620717411303424], "
                    + "twice: [[1, 2], [1, 2]], floats: [0.1, Infinity, -0], none: None, tuples: [(), (1), (1, 2), (1, 2, 3), (1, 2, 3, 4)], "
                    + $"type: {(protocol == 2 ? "__builtin__" : "builtins")}.float}}",
                Text(document.Root)
            );
            var twice = ((TorchObject.List)((TorchObject.Dictionary)document.Root).Find("twice")!).Items;
            Assert.Same(twice[0], twice[1]);
        });

    private static string Text(TorchObject value) =>
        value switch
        {
            TorchObject.Dictionary(var items) => $"{{{string.Join(", ", items.Select(item => $"{Text(item.Key)}: {Text(item.Value)}"))}}}",
            TorchObject.List(var items) => $"[{string.Join(", ", items.Select(Text))}]",
            TorchObject.Tuple(var items) => $"({string.Join(", ", items.Select(Text))})",
            TorchObject.Set(var items) => $"<{string.Join(", ", items.Select(Text))}>",
            TorchObject.Array(var tensor) => $"[{string.Join(',', tensor.Elements<float>())}] of [{string.Join(',', tensor.shape)}]",
            TorchObject.Text(var text) => text.Length > 100 ? $"{text.Length}" : text,
            TorchObject.Bytes(var bytes) => Convert.ToHexString(bytes.Span),
            TorchObject.Integer(var number) => number.ToString(CultureInfo.InvariantCulture),
            TorchObject.Number(var number) => number.ToString(CultureInfo.InvariantCulture),
            TorchObject.Name(var name) => name,
            TorchObject.None => "None",
            _ => throw new InvalidOperationException($"{value}"),
        };

    [Fact]
    public void ReadWeights_TensorsThatSharedMemory_StillDo() =>
        Leaks.Check(() =>
        {
            using var weights = WeightFiles.Read(GoldenFiles.PathOf("Pth", "state_dict.pth")).OrThrow();
            Assert.Equal(4, weights["shared_b"].storage_offset());
            using var before = weights["shared_a"].clone();
            weights["shared_b"].PlusInPlace(1);
            using var changed = weights["shared_a"].ne(before);
            using var rows = changed.any(1);
            Assert.Equal(new[] { false, true }, rows.Elements<bool>()); // shared_a is elements 0 to 8 of the storage, shared_b 4 to 12
        });

    [Fact]
    public void Write_WeightsOfPyTorch_AsSafetensors_KeepsEveryBit() =>
        Leaks.Check(() =>
        {
            var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
            try
            {
                using var weights = WeightFiles.Read(GoldenFiles.PathOf("Pth", "dtypes.pth")).OrThrow();
                Safetensors.Write(path, weights).OrThrow();
                using var read = WeightFiles.Read(path).OrThrow();
                Assert.Equal(WeightsSamples.Describe(weights), WeightsSamples.Describe(read));
            }
            finally
            {
                File.Delete(path);
            }
        });

    private static void AssertSame(JsonElement expected, TorchObject found, string where)
    {
        var (kind, value) = (expected.EnumerateObject().Single().Name, expected.EnumerateObject().Single().Value);
        switch (kind, found)
        {
            case ("dict", TorchObject.Dictionary(var items)):
                Assert.Equal(value.GetArrayLength(), items.Count);
                foreach (var (pair, item) in value.EnumerateArray().Zip(items))
                {
                    AssertSame(pair[0], item.Key, where);
                    AssertSame(pair[1], item.Value, $"{where}, {pair[0]}");
                }

                break;
            case ("list", TorchObject.List(var items)):
                AssertAll(value, items, where);
                break;
            case ("tuple", TorchObject.Tuple(var items)):
                AssertAll(value, items, where);
                break;
            case ("tensor", TorchObject.Array(var tensor)):
                AssertSame(value, tensor, where);
                break;
            case ("value", TorchObject.None):
                Assert.Equal(JsonValueKind.Null, value.ValueKind);
                break;
            case ("value", TorchObject.Boolean(var flag)):
                Assert.Equal(value.GetBoolean(), flag);
                break;
            case ("value", TorchObject.Integer(var number)):
                Assert.Equal(BigInteger.Parse(value.GetRawText(), CultureInfo.InvariantCulture), number);
                break;
            case ("value", TorchObject.Number(var number)):
                Assert.Equal(value.GetDouble(), number);
                break;
            case ("value", TorchObject.Text(var text)):
                Assert.Equal(value.GetString(), text);
                break;
            default:
                Assert.Fail($"{where}: {kind} was read as {found}");
                break;
        }
    }

    private static void AssertAll(JsonElement expected, IReadOnlyList<TorchObject> found, string where)
    {
        Assert.Equal(expected.GetArrayLength(), found.Count);
        foreach (var (one, item) in expected.EnumerateArray().Zip(found))
        {
            AssertSame(one, item, where);
        }
    }

    private static void AssertSame(JsonElement expected, Tensor found, string where)
    {
        static long[] Longs(JsonElement numbers) => [.. numbers.EnumerateArray().Select(n => n.GetInt64())];

        Assert.Equal(
            expected.GetProperty("dtype").GetString(),
            found.dtype == ScalarType.Byte ? "uint8" : found.dtype.ToString().ToLowerInvariant()
        );
        Assert.Equal(Longs(expected.GetProperty("shape")), found.shape);
        if (found.numel() > 0)
        {
            Assert.Equal(Longs(expected.GetProperty("stride")), found.stride());
            Assert.Equal(expected.GetProperty("storage_offset").GetInt64(), found.storage_offset());
        }

        using var whole = found.contiguous();
        var crc = Crc32.HashToUInt32(whole.bytes).ToString("x8", CultureInfo.InvariantCulture);
        Assert.True(expected.GetProperty("contiguous_bytes_crc32").GetString() == crc, $"{where}: the bytes differ");
    }
}
