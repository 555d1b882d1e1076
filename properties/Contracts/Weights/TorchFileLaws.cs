using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static Motion.Properties.Contracts.PickleBuilder;

namespace Motion.Properties.Contracts;

/// <summary>What a file can do to deceive its reader, and what the reader answers.</summary>
public sealed class TorchFileLaws : IDisposable
{
    private static readonly byte[] Four =
    [
        .. BitConverter.GetBytes(1f),
        .. BitConverter.GetBytes(2f),
        .. BitConverter.GetBytes(3f),
        .. BitConverter.GetBytes(4f),
    ];

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("posix", "system", "posix.system")]
    [InlineData("builtins", "eval", "builtins.eval")]
    [InlineData("numpy.core.multiarray", "fromstring", "numpy.core.multiarray.fromstring")]
    [InlineData("torch", "load", "torch.load")]
    [InlineData("models.raft", "RAFT", "models.raft.RAFT")]
    public void Read_AGlobalThatIsNotKnown_IsRefusedByName(string module, string name, string expected)
    {
        var refused = Assert.IsType<WeightsError.Refused>(
            Refusal(Zip(Pickle(Global(module, name), Mark, Text("true"), TupleEnd, PickleBuilder.Reduce)))
        );
        Assert.Equal(expected, refused.Global);
        Assert.Contains(expected, refused.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TheSameThroughTheStack_IsRefusedByName() =>
        Assert.Equal("os.system", Assert.IsType<WeightsError.Refused>(Refusal(Zip(Pickle(Text("os"), Text("system"), "\u0093")))).Global);

    /// <summary>
    /// What stands beside the tensors of a checkpoint: objects of classes and results of functions, none of which is made.
    /// </summary>
    private static readonly string[] Beside =
    [
        "cargparse\nNamespace\n)\u0081}(X\u0002\0\0\0lrG\u003f\u0050\0\0\0\0\0\0ub", // NEWOBJ, BUILD
        "cmmengine.logging.history_buffer\nHistoryBuffer\n)\u0081}X\u0001\0\0\0acnumpy\nfloat64\nsb",
        "cposix\nsystem\n(X\u0004\0\0\0truetR", // a call that nothing makes
        "cpathlib\nPosixPath\n(X\u0001\0\0\0atR",
        "ccollections\ndeque\n)R(K\u0001K\u0002e", // APPENDS to an object
        "comegaconf\nDictConfig\n)RX\u0001\0\0\0kK\u0001s", // SETITEM of an object
        "cmy.module\nClass\n)}\u0092", // NEWOBJ_EX
        "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\nX\u0002\0\0\0f8\u0089\u0088\u0087R(K\u0003X\u0001\0\0\0<NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tbC\u0008\0\0\0\0\0\0\0\0tR",
        "ctorch\ncomplex64\n",
        "N",
        "K\u0007",
    ];

    [Fact, Law]
    public void Read_TensorsBesideAnythingInAnyOrder_AreRead() =>
        Laws.Hold(
            from inside in Gen.ArrayOf(Gen.Elements(Beside))
            from outside in Gen.ArrayOf(Gen.Elements(Beside))
            from place in Gen.Choose(0, 20)
            from holder in Gen.Elements("state_dict", "model", "ema", "my_own_name")
            select (Inside: inside.Take(6).ToArray(), Outside: outside.Take(6).ToArray(), place, holder),
            drawn =>
            {
                var state = Entries("x", drawn.Inside).Append(("w", Tensor(Storage("0", 4), 0, Sizes(4), Sizes(1))));
                var entries = Entries("y", drawn.Outside).ToList();
                entries.Insert(Math.Min(drawn.place, entries.Count), (drawn.holder, Dict([.. state])));
                entries.Add(
                    (
                        "optimizer",
                        Dict(
                            ("state", Tensor(Storage("0", 4), 0, Sizes(2), Sizes(1))),
                            ("other", Tensor(Storage("0", 4), 0, Sizes(2), Sizes(1)))
                        )
                    )
                );
                File.WriteAllBytes(_path, Zip(Pickle(Dict([.. entries])), ("data/0", Four)));
                using var file = WeightFiles.Open(_path).OrThrow();
                return file.Weights.All.Select(pair => pair.Key).SequenceEqual(["w"])
                    && entries.Where(entry => entry.Item1 != drawn.holder).All(entry => file.Beside.Contains(entry.Item1));
            }
        );

    private static IEnumerable<(string, string)> Entries(string name, string[] values) =>
        values.Select((value, index) => ($"{name}{index}", value));

    [Fact]
    public void Read_ADictionaryThatIsNamedAgainAndAgain_IsLookedAtOnce()
    {
        var level = "}q\u0001";
        for (var depth = 0; depth < 6; depth++)
        {
            level +=
                $"}}({string.Concat(Enumerable.Range(0, 200).Select(i => $"{Text($"k{i}")}h{(char)(depth + 1)}"))}uq{(char)(depth + 2)}";
        }

        Assert.IsType<WeightsError.NoWeights>(Refusal(Zip(Pickle(level))));
    }

    [Theory]
    [InlineData("collections", "OrderedDict", "(K\u0001tR")]
    [InlineData("torch._utils", "_rebuild_tensor_v2", ")R")]
    [InlineData("builtins", "set", "(K\u0001tR")]
    [InlineData("torch", "FloatStorage", ")R")]
    [InlineData("builtins", "float", ")R")]
    public void Read_AKnownNameCalledInAnotherWay_IsRefused(string module, string name, string call) =>
        Assert.NotNull(Refusal(Zip(Pickle(Global(module, name), call))));

    [Theory]
    [InlineData(0, new long[] { 4 }, new long[] { 1 }, true)]
    [InlineData(1, new long[] { 3 }, new long[] { 1 }, true)]
    [InlineData(3, new long[] { 1, 1 }, new long[] { 9, 9 }, true)]
    [InlineData(0, new long[] { 2, 2 }, new long[] { 1, 2 }, true)]
    [InlineData(0, new long[] { 1 << 9, 1 << 9 }, new long[] { 0, 0 }, true)]
    [InlineData(0, new long[] { 1 << 30, 1 << 30 }, new long[] { 0, 0 }, false)]
    [InlineData(0, new long[] { 0, 5 }, new long[] { 5, 1 }, true)]
    [InlineData(9, new long[] { 0 }, new long[] { 1 }, true)]
    [InlineData(0, new long[] { }, new long[] { }, true)]
    [InlineData(0, new long[] { 5 }, new long[] { 1 }, false)]
    [InlineData(1, new long[] { 4 }, new long[] { 1 }, false)]
    [InlineData(4, new long[] { }, new long[] { }, false)]
    [InlineData(0, new long[] { 2, 2 }, new long[] { 3, 1 }, false)]
    [InlineData(0, new long[] { 2 }, new long[] { long.MaxValue }, false)]
    [InlineData(long.MaxValue, new long[] { 2 }, new long[] { long.MaxValue }, false)]
    [InlineData(-1, new long[] { 2 }, new long[] { 1 }, false)]
    [InlineData(0, new long[] { -1 }, new long[] { 1 }, false)]
    [InlineData(3, new long[] { 2 }, new long[] { -1 }, false)]
    [InlineData(0, new long[] { 2 }, new long[] { 1, 1 }, false)]
    [InlineData(0, new long[] { 1L << 40, 1L << 40 }, new long[] { 0, 0 }, false)]
    [InlineData(0, new long[] { 0, 1L << 40, 1L << 40 }, new long[] { 0, 0, 0 }, false)]
    public void Read_ATensorOfAStorageOfFour_IsReadOnlyInsideIt(long offset, long[] size, long[] stride, bool isRead)
    {
        var pickle = Pickle(Dict(("w", Tensor(Storage("0", 4), offset, Sizes(size), Sizes(stride)))));
        Assert.Equal(isRead, WeightsSamples.IsRead(_path, Zip(pickle, ("data/0", Four)), TorchFile.ReadWeights));
    }

    [Theory]
    [InlineData(4, 16, true)]
    [InlineData(3, 16, false)]
    [InlineData(5, 16, false)]
    [InlineData(4, 15, false)]
    [InlineData(4, 0, false)]
    [InlineData(1L << 60, 16, false)]
    [InlineData(long.MaxValue, 16, false)]
    public void Read_AStorageThatDeclaresAnotherLength_IsRefused(long declared, int bytes, bool isRead)
    {
        var pickle = Pickle(Dict(("w", Tensor(Storage("0", declared), 0, Sizes(2), Sizes(1)))));
        Assert.Equal(isRead, WeightsSamples.IsRead(_path, Zip(pickle, ("data/0", Four[..bytes])), TorchFile.ReadWeights));
    }

    [Fact]
    public void Read_ManyStoragesThatTogetherExceedTheFile_AreRefused()
    {
        var items = Enumerable.Range(0, 50).Select(i => ($"w{i}", Tensor(Storage($"{i}", 2000), 0, Sizes(1), Sizes(1)))).ToArray();
        Assert.Contains(
            "larger than what is left",
            Refusal(Zip(Pickle(Dict(items)), ("data/0", new byte[8000])))!.Describe(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(0, "DoubleStorage", 2)]
    [InlineData(1, "FloatStorage", 2)]
    public void Read_OneStorageOfTwoTypesOrLengths_IsRefused(int seed, string type, long count) =>
        Assert.NotNull(
            Refusal(
                Zip(
                    Pickle(
                        Dict(
                            ($"w{seed}", Tensor(Storage("0", 4), 0, Sizes(2), Sizes(1))),
                            ("v", Tensor(Storage("0", count, type), 0, Sizes(2), Sizes(1)))
                        )
                    ),
                    ("data/0", Four)
                )
            )
        );

    [Fact]
    public void Read_AStorageThatIsNotThere_IsNamed() =>
        Assert.Contains(
            "storage 7",
            Refusal(Zip(Pickle(Dict(("w", Tensor(Storage("7", 4), 0, Sizes(4), Sizes(1))))), ("data/0", Four)))!.Describe(),
            StringComparison.Ordinal
        );

    [Fact]
    public void Read_BoolsOtherThanZeroAndOne_AreRefused() =>
        Assert.NotNull(
            Refusal(Zip(Pickle(Dict(("w", Tensor(Storage("0", 4, "BoolStorage"), 0, Sizes(4), Sizes(1))))), ("data/0", [0, 1, 2, 0])))
        );

    [Theory]
    [InlineData("")] // takes from an empty stack
    [InlineData("t")] // no mark
    [InlineData("h\u0005")] // never remembered
    [InlineData("]K\u0001s")] // an item into a list
    [InlineData("}K\u0001a")] // an element into a dictionary
    [InlineData("}(K\u0001u")] // a key without a value
    [InlineData("]}b")] // attributes of a list
    [InlineData("(iposix\nsystem\n")] // INST
    [InlineData("I1\n")] // protocol 0
    [InlineData("\u0082\u0001")] // EXT1
    [InlineData("X\u00ff\u00ff\u00ff\u00ffa")] // a text of 4 GiB
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fa")] // a text of 2^63 bytes
    [InlineData("\u008b\u00ff\u00ff\u00ff\u00ffa")] // an integer of -1 bytes
    [InlineData("U\u0001\u00ff")] // no UTF-8
    [InlineData("\u0080\u0063N")] // protocol 99
    [InlineData("K\u0001Q")] // a storage named by a number
    [InlineData("K\u0001K\u0001R")] // calls a number
    public void Read_APickleThatIsNone_IsCorrupt(string body) => Assert.IsType<WeightsError.Corrupt>(Refusal(Zip(Pickle(body))));

    [Fact]
    public void Read_NestingThatDoublesForever_CostsWhatTheFileCosts()
    {
        var levels = string.Concat(Enumerable.Range(0, 200).Select(i => $"(h{(char)i}h{(char)i}tq{(char)(i + 1)}"));
        Assert.True(WeightsSamples.IsRead(_path, Zip(Pickle("K\u0001q\0", levels)), TorchFile.Read));
    }

    [Fact]
    public void Read_AMillionMarksOrAListInItself_IsNoDeeperThanAnyFile()
    {
        Assert.True(WeightsSamples.IsRead(_path, Zip(Pickle("]q\0h\0a")), TorchFile.Read));
        Assert.IsType<WeightsError.NoWeights>(Refusal(Zip(Pickle("}q\0(X\u0005\0\0\0modelh\0u"))));
        Assert.True(WeightsSamples.IsRead(_path, Zip(Pickle(new string('(', 100_000), "N")), TorchFile.Read));
        Assert.True(WeightsSamples.IsRead(_path, Zip(Pickle(new string(']', 100_000), new string('a', 99_999))), TorchFile.Read));
    }

    [Fact]
    public void Read_AZipThatIsNotOfTorchSave_IsRefused()
    {
        var pickle = Pickle(Dict(("w", Tensor(Storage("0", 4), 0, Sizes(4), Sizes(1)))));
        Assert.True(WeightsSamples.IsRead(_path, Zip(pickle, ("data/0", Four), ("byteorder", "little"u8.ToArray())), TorchFile.Read));
        Assert.False(WeightsSamples.IsRead(_path, Zip(pickle, ("data/0", Four), ("byteorder", "big"u8.ToArray())), TorchFile.Read));
        Assert.False(WeightsSamples.IsRead(_path, Zip(pickle, ("data/0", Four), ("data/0", Four)), TorchFile.Read));
        Assert.False(WeightsSamples.IsRead(_path, Zip(pickle, ("data/0", Four), ("more/data.pkl", pickle)), TorchFile.Read));
        Assert.False(
            WeightsSamples.IsRead(_path, RawZip(CompressionLevel.Optimal, [("a/data.pkl", pickle), ("a/data/0", Four)]), TorchFile.Read)
        );
        Assert.False(WeightsSamples.IsRead(_path, RawZip(CompressionLevel.NoCompression, [("word/document.xml", Four)]), TorchFile.Read));
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model")]
    [InlineData("model_state_dict")]
    public void ReadWeights_AStateDictInsideACheckpoint_IsFound(string holder)
    {
        var tensor = Tensor(Storage("0", 4), 0, Sizes(4), Sizes(1));
        File.WriteAllBytes(
            _path,
            Zip(Pickle(Dict(("epoch", Int(3)), (holder, Dict(("module.a", tensor), ("b", tensor))))), ("data/0", Four))
        );
        Leaks.Check(() =>
        {
            using var weights = TorchFile.ReadWeights(_path).OrThrow();
            Assert.Equal(["b", "module.a"], weights.All.Select(pair => pair.Key)); // module. stays where not every name has it
            Assert.Equal(new[] { 1f, 2f, 3f, 4f }, weights["b"].Elements<float>());
        });
    }

    [Fact]
    public void ReadWeights_ANameThatIsThereTwice_IsTheLaterAsInPython()
    {
        var (early, late) = (Tensor(Storage("0", 4), 0, Sizes(1), Sizes(1)), Tensor(Storage("0", 4), 2, Sizes(1), Sizes(1)));
        File.WriteAllBytes(_path, Zip(Pickle(Dict(("w", early), ("w", late))), ("data/0", Four)));
        using var weights = TorchFile.ReadWeights(_path).OrThrow();
        Assert.Equal(new[] { 3f }, Assert.Single(weights.All).Value.Elements<float>());
    }

    [Fact]
    public void ReadWeights_ACheckpointWithATensorBesideItsModel_IsTheModel()
    {
        var tensor = Tensor(Storage("0", 4), 0, Sizes(4), Sizes(1));
        File.WriteAllBytes(_path, Zip(Pickle(Dict(("best", tensor), ("model", Dict(("w", tensor))))), ("data/0", Four)));
        using var file = WeightFiles.Open(_path).OrThrow();
        Assert.Equal("w", Assert.Single(file.Weights.All).Key);
        Assert.Equal("best", Assert.Single(file.Beside));
    }

    [Fact]
    public void Read_AListMadeADictionaryAgainAndAgain_IsRefused()
    {
        var list = $"{EmptyList}({string.Concat(Enumerable.Repeat("K\u0001K\u0001\u0086", 4000))}e";
        var again = string.Concat(Enumerable.Repeat("h\u0001h\u0002R0", 4000));
        Assert.NotNull(
            Refusal(
                Zip(
                    Pickle(
                        $"{Global("collections", "Counter")}q\u0001{EmptyDict}({string.Concat(Enumerable.Repeat("K\u0001K\u0001", 4000))}u\u0085q\u0002",
                        again,
                        EmptyDict
                    )
                )
            )
        );
        Assert.NotNull(Refusal(Zip(Pickle($"{Global("collections", "OrderedDict")}q\u0001{list}\u0085q\u0002", again, EmptyDict))));
    }

    [Fact]
    public void ReadWeights_NoTensorsOrSomethingBesideThem_SaysWhatElseIsThere()
    {
        var tensor = Tensor(Storage("0", 4), 0, Sizes(4), Sizes(1));
        Assert.Contains(
            "epoch",
            Assert.IsType<WeightsError.NoWeights>(Refusal(Zip(Pickle(Dict(("epoch", Int(3))))))).Describe(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "List",
            Assert.IsType<WeightsError.NoWeights>(Refusal(Zip(Pickle(EmptyList)))).Describe(),
            StringComparison.Ordinal
        );
        File.WriteAllBytes(_path, Zip(Pickle(Dict(("w", tensor), ("iteration", Int(3)))), ("data/0", Four)));
        using var mixed = WeightFiles.Open(_path).OrThrow();
        Assert.Equal(("w", "iteration"), (mixed.Weights.All.Single().Key, mixed.Beside.Single()));
    }

    [Theory]
    [InlineData("state_dict.pth")]
    [InlineData("state_dict_legacy.pth")]
    [InlineData("dtypes.pth")]
    [InlineData("dtypes_legacy.pth")]
    [InlineData("checkpoint.pth")]
    [InlineData("checkpoint_legacy.pth")]
    public void Read_EveryTruncation_IsAnError(string name)
    {
        var bytes = File.ReadAllBytes(GoldenFiles.PathOf("Pth", name));
        for (var length = 0; length < bytes.Length; length += 1 + (length / 40))
        {
            Assert.False(WeightsSamples.IsRead(_path, bytes[..length], TorchFile.Read), $"{length} of {bytes.Length} bytes were read");
        }
    }

    [Fact]
    public void Read_AStreamWithSomethingAfterIt_IsAnError() =>
        Assert.Contains(
            "1 bytes follow",
            Refusal([.. File.ReadAllBytes(GoldenFiles.PathOf("Pth", "state_dict_legacy.pth")), 0])!.Describe(),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("state_dict.pth", true)]
    [InlineData("dtypes.pth", true)]
    [InlineData("state_dict_newlayout.pth", true)]
    [InlineData("containers_protocol4.pth", true)]
    [InlineData("state_dict_legacy.pth", false)]
    [InlineData("dtypes_legacy.pth", false)]
    public void Read_AnyChange_IsRefusedOrReadAndAZipNeverReadsDifferently(string name, bool hasChecksums)
    {
        var bytes = File.ReadAllBytes(GoldenFiles.PathOf("Pth", name));
        var original = Describe(bytes);
        var draws = new Seed(19).Derive(name).Draws();
        var (read, refused) = (0, 0);
        for (var round = 0; round < 250; round++)
        {
            var changed = bytes.ToArray();
            for (var change = draws.Next(3); change >= 0; change--)
            {
                changed[draws.Next(bytes.Length)] = draws.Next(2) == 0 ? (byte)draws.NextUInt64() : (byte)(draws.Next(2) * 255);
            }

            if (!WeightsSamples.IsRead(_path, changed, TorchFile.ReadWeights))
            {
                refused++;
                continue;
            }

            read++;
            if (hasChecksums)
            {
                Assert.Equal(original, Describe(changed));
            }
        }

        Assert.True(read > 5 && refused > 5, $"{read} read, {refused} refused: the changes are not a mixture");
    }

    private string Describe(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        using var weights = TorchFile.ReadWeights(_path).OrThrow();
        return WeightsSamples.Describe(weights);
    }

    /// <summary>The error that reading these bytes as weights gives; null if they are read.</summary>
    private WeightsError? Refusal(byte[] bytes)
    {
        WeightsSamples.IsRead(_path, bytes, TorchFile.ReadWeights);
        return TorchFile
            .ReadWeights(_path)
            .Match<WeightsError?>(
                weights =>
                {
                    weights.Dispose();
                    return null;
                },
                error => error
            );
    }
}
