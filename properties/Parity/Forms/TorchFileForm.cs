using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using System.Text.Json;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>Files of torch.save against the content that a JSON says they have.</summary>
internal static class TorchFileForm
{
    private const string Module = "module.";

    public static ParityForm Form { get; } =
        new(
            "torch-file",
            "files of torch.save, value by value, tensor by tensor",
            folder =>
                from json in folder.Jsons
                where json.Has("content")
                let files = FilesOf(folder, json)
                select new ParityCase(json.Stem, [json, .. files], checks => Check(checks, checks.Open(json), files))
        );

    /// <summary>Those it names, and those that begin with its own name.</summary>
    private static ImmutableArray<OracleFile> FilesOf(OracleFolder folder, OracleFile.Json json)
    {
        var named =
            json.Has("files") && json.Root.GetProperty("files").ValueKind == JsonValueKind.Array
                ? json
                    .Root.GetProperty("files")
                    .EnumerateArray()
                    .Where(item => item.ValueKind == JsonValueKind.String)
                    .Select(item => item.GetString()!)
                    .ToHashSet(StringComparer.Ordinal)
                : [];
        var others = folder
            .Jsons.Where(other =>
                other.Has("content") && other.Stem.Length > json.Stem.Length && other.Stem.StartsWith(json.Stem, StringComparison.Ordinal)
            )
            .ToList();
        return
        [
            .. folder
                .Files.OfType<OracleFile.Other>()
                .Where(file =>
                    named.Contains(file.Name)
                    || (
                        Path.GetExtension(file.Name) is ".pth" or ".pt"
                        && (file.Stem == json.Stem || file.Stem.StartsWith($"{json.Stem}_", StringComparison.Ordinal))
                        && !others.Any(other => file.Stem.StartsWith(other.Stem, StringComparison.Ordinal))
                    )
                ),
        ];
    }

    private static void Check(Checks checks, StoredNode stored, ImmutableArray<OracleFile> files)
    {
        foreach (var name in stored.Find("files")?.Items.Select(item => item.Text()) ?? [])
        {
            if (!files.Any(file => file.Name == name))
                checks.Fail(name, name, $"{stored.File} speaks of it, and it is not there");
        }

        if (files.IsEmpty)
            throw new LackingException($"no file of torch.save beside {stored.File}");
        foreach (var file in files)
        {
            checks.Part(
                file.Name,
                () =>
                {
                    using var document = TorchFile
                        .Read(file.Path)
                        .Match(read => read, error => throw new LackingException($"{file.Name}: {error.Problem}"));
                    var (values, tensors) = (
                        checks.Group($"{file.Name}: values", file.Name),
                        checks.Group($"{file.Name}: tensors", file.Name)
                    );
                    new Comparison(values, tensors).Compare(stored["content"], document.Root, "");
                    values.Done();
                    tensors.Done();
                    CheckWeights(checks, stored["content"], file);
                    checks.Cover(file.Name, "");
                }
            );
        }

        stored.Find("note")?.Aside();
    }

    /// <summary>The reader of weights finds the state dict in it, and takes "module." off.</summary>
    private static void CheckWeights(Checks checks, StoredNode content, OracleFile file)
    {
        var names = StateDict(content).Select(pair => pair.Name).ToList();
        var bare =
            names.Count > 0 && names.TrueForAll(name => name.StartsWith(Module, StringComparison.Ordinal))
                ? names.ConvertAll(name => name[Module.Length..])
                : names;
        using var weights = WeightFiles
            .Read(file.Path)
            .Match(read => read, error => throw new LackingException($"{file.Name}: {error.Problem}"));
        checks.Claim(
            $"{file.Name}: state dict",
            file.Name,
            weights.All.Select(pair => pair.Key).SequenceEqual(bare.Order(StringComparer.Ordinal), StringComparer.Ordinal),
            $"read {weights.Count} tensors, stored {bare.Count}, or of other names"
        );
    }

    private static IEnumerable<(string Name, StoredNode Value)> StateDict(StoredNode content)
    {
        var items = content["dict"]
            .Items.Select(pair =>
                (Name: pair.Items[0].Find("value")?.Kind == JsonValueKind.String ? pair.Items[0]["value"].Text() : "", Value: pair.Items[1])
            )
            .ToList();
        var held = items.Find(item => item.Name == "state_dict");
        return held.Value is { } inner && inner.Has("dict") ? StateDict(inner) : items.Where(item => item.Value.Has("tensor"));
    }

    private sealed class Comparison(NumberGroup values, NumberGroup tensors)
    {
        public void Compare(StoredNode expected, TorchObject found, string where)
        {
            switch (found)
            {
                case TorchObject.Dictionary(var items) when expected.Find("dict") is { } dict:
                    values.Number($"{where}: entries", items.Count, dict.Items.Count, Tolerance.Exact);
                    foreach (var (pair, item) in dict.Items.Zip(items))
                    {
                        Compare(pair.Items[0], item.Key, $"{where}, a key");
                        Compare(pair.Items[1], item.Value, $"{where}/{(item.Key is TorchObject.Text(var text) ? text : item.Key)}");
                    }

                    break;
                case TorchObject.List(var items) when expected.Find("list") is { } list:
                    All(list, items, where);
                    break;
                case TorchObject.Tuple(var items) when expected.Find("tuple") is { } tuple:
                    All(tuple, items, where);
                    break;
                case TorchObject.Array(var tensor) when expected.Find("tensor") is { } stored:
                    Tensor(stored, tensor, where);
                    break;
                default:
                    values.Same(where, Text(found), expected.Find("value") is { } value ? Text(value) : "another kind of value");
                    break;
            }
        }

        private void All(StoredNode expected, IReadOnlyList<TorchObject> found, string where)
        {
            values.Number($"{where}: items", found.Count, expected.Items.Count, Tolerance.Exact);
            foreach (var (one, item) in expected.Items.Zip(found))
                Compare(one, item, where);
        }

        private static string Text(TorchObject found) =>
            found switch
            {
                TorchObject.None => "null",
                TorchObject.Boolean(var flag) => flag ? "true" : "false",
                TorchObject.Integer(var number) => number.ToString(CultureInfo.InvariantCulture),
                TorchObject.Number(var number) => number.ToString("R", CultureInfo.InvariantCulture),
                TorchObject.Text(var text) => $"\"{text}\"",
                _ => found.GetType().Name,
            };

        private static string Text(StoredNode stored)
        {
            var raw = stored.Raw();
            return stored.Kind switch
            {
                JsonValueKind.String => $"\"{stored.Text()}\"",
                JsonValueKind.Number
                    when BigInteger.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) =>
                    whole.ToString(CultureInfo.InvariantCulture),
                JsonValueKind.Number => stored.Number().ToString("R", CultureInfo.InvariantCulture),
                _ => raw,
            };
        }

        private void Tensor(StoredNode expected, Tensor found, string where)
        {
            static string Joined(IEnumerable<long> numbers) => string.Join(",", numbers);
            static string Stored(StoredNode list) =>
                string.Join(",", list.Numbers().Select(number => ((long)number).ToString(CultureInfo.InvariantCulture)));
            using var scope = NewDisposeScope();
            tensors.Same(
                $"{where}: type",
                found.dtype == ScalarType.Byte ? "uint8" : found.dtype.ToString().ToLowerInvariant(),
                expected["dtype"].Text()
            );
            tensors.Same($"{where}: shape", Joined(found.shape), Stored(expected["shape"]));
            var (strides, offset, elements) = (
                Stored(expected["stride"]),
                expected["storage_offset"].Number(),
                expected["storage_numel"].Number()
            );
            if (found.numel() > 0)
            {
                tensors.Same($"{where}: strides", Joined(found.stride()), strides);
                tensors.Number($"{where}: offset", found.storage_offset(), offset, Tolerance.Exact);
                var last = found.storage_offset() + found.shape.Zip(found.stride(), (side, stride) => (side - 1) * stride).Sum();
                tensors.Same($"{where}: lies in its storage", last < elements, expected: true);
            }

            tensors.Same(
                $"{where}: CRC-32",
                found.Read(Crc32.HashToUInt32).ToString("x8", CultureInfo.InvariantCulture),
                expected["contiguous_bytes_crc32"].Text()
            );
            Numbers(expected, found, where);
        }

        private void Numbers(StoredNode expected, Tensor found, string where)
        {
            var numbers = StoredTensors.Doubles(found);
            if (expected.Find("float32_bits_hex") is { } bits)
            {
                foreach (var (bit, i) in bits.Items.Select((bit, i) => (bit, i)))
                    tensors.Same(
                        $"{where}[{i}]",
                        BitConverter.SingleToUInt32Bits((float)numbers[i]).ToString("x8", CultureInfo.InvariantCulture),
                        bit.Text()
                    );
            }

            if (expected.Find("values") is not { } list || list.IsNull())
                return;
            IReadOnlyList<StoredNode> flat = list.Kind == JsonValueKind.Array ? list.Items : [list];
            tensors.Number($"{where}: elements", numbers.Length, flat.Count, Tolerance.Exact);
            foreach (var (value, i) in flat.Take(numbers.Length).Select((value, i) => (value, i)))
            {
                tensors.Number(
                    $"{where}[{i}]",
                    numbers[i],
                    value.Kind is JsonValueKind.True or JsonValueKind.False
                        ? value.Flag()
                            ? 1
                            : 0
                        : value.Number(),
                    Tolerance.Exact
                );
            }
        }
    }
}
