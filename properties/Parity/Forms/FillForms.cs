using System.Globalization;
using System.IO.Hashing;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Forward;
using Motion.Kernels;
using Motion.Parity.Fills;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The weights that all other references were made with: hash tests and whole manifests.</summary>
internal static class FillForms
{
    /// <summary>A sum of up to some million numbers in double.</summary>
    private static readonly Tolerance Sum = new("sum in double", Absolute: 1e-9, OfEach: 1e-12);

    public static ParityForm HashTests { get; } =
        new(
            "fill-hash",
            "hash and uniform numbers of names",
            folder =>
                from file in folder.Jsons
                where
                    file.Root.ValueKind == JsonValueKind.Array
                    && file.Root.GetArrayLength() > 0
                    && file.Root.EnumerateArray()
                        .All(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("fnv1a32", out _))
                select new ParityCase(
                    file.Stem,
                    [file],
                    checks =>
                    {
                        var hashes = checks.Group("hashes and uniform numbers", file.Name);
                        foreach (var item in checks.Open(file).Items)
                            CheckHash(hashes, item);
                        hashes.Done();
                    }
                )
        );

    public static ParityForm Manifest { get; } =
        new("weights-manifest", "every tensor of a filled state dict: names, shapes, sums, checksums", RecogniseManifest);

    private static void CheckHash(NumberGroup group, StoredNode item)
    {
        var name = item["name"].Text();
        var hash = NameHashFill.Hash(name);
        if (item["fnv1a32"].Kind == JsonValueKind.String)
            group.Same($"{name}, hash", $"0x{hash:x8}", item["fnv1a32"].Text());
        else
            group.Number($"{name}, hash", hash, item["fnv1a32"], Tolerance.Exact);
        if (item.Find("fnv1a32_hex") is { } hex)
            group.Same($"{name}, hash", hash.ToString("x8", CultureInfo.InvariantCulture), hex.Text());
        foreach (var list in new[] { "u", "u_first4" }.Select(item.Find).OfType<StoredNode>())
        {
            foreach (var (u, i) in list.Items.Select((u, i) => (u, i)))
                group.Number($"{name}, u[{i}]", NameHashFill.Uniform(hash, (ulong)i), u, Tolerance.Exact);
        }

        foreach (var (k, i) in (item.Find("k")?.Items ?? []).Select((k, i) => (k, i)))
            group.Number($"{name}, k[{i}]", NameHashFill.Uniform(hash, (ulong)i) * (1 << 23), k, Tolerance.Exact);
        const string at = "u_at_";
        if (!item.Has("u_first4"))
            return;
        foreach (var (member, u) in item.Members.Where(member => member.Name.StartsWith(at, StringComparison.Ordinal)))
        {
            group.Number(
                $"{name}, {member}",
                NameHashFill.Uniform(hash, ulong.Parse(member[at.Length..], CultureInfo.InvariantCulture)),
                u,
                Tolerance.Exact
            );
        }
    }

    private static IEnumerable<ParityCase> RecogniseManifest(OracleFolder folder)
    {
        foreach (
            var file in folder.Jsons.Where(file => file.Has("entries") && file.Root.GetProperty("entries").ValueKind == JsonValueKind.Array)
        )
        {
            if (file.Has("named_parameters"))
                yield return new(file.Stem, [file], checks => CheckGma(checks, checks.Open(file)));
            else if (file.Has("num_elements"))
                yield return new(file.Stem, [file], checks => CheckBoxinst(checks, checks.Open(file)));
        }
    }

    private static void CheckGma(Checks checks, StoredNode stored)
    {
        var (names, numbers) = (
            checks.Group("names, shapes, types", stored.File),
            checks.Group("sums, first values, checksums", stored.File)
        );
        var shapes = Spec.Shapes(Gma.Network.Entries);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in stored["entries"].Items)
        {
            using var scope = NewDisposeScope();
            var name = entry["name"].Text();
            long[] shape = [.. entry["shape"].Items.Select(side => (long)side.Count())];
            if (Gma.Network.Canonical(name) is { } canonical)
            {
                found.Add(canonical);
                names.Same(
                    name,
                    shapes.TryGetValue(canonical, out var ours) ? $"[{string.Join(", ", ours)}]" : "no such entry",
                    $"[{string.Join(", ", shape)}]"
                );
            }

            var hashed = GmaFill.Hashed(name);
            if (entry.Find("alias_of") is { } alias)
                names.Same($"{name}, alias", hashed, alias.Text());
            var rule = GmaFill.Rule(hashed, shape);
            names.Same($"{name}, filled", rule is not null, entry["filled"].Flag());
            var values = rule is { } value ? NameHashFill.Fill(hashed, shape, value) : Constructed(name, shape);
            names.Same($"{name}, type", rule is null ? "I64" : "F32", entry["dtype"].Text());
            CheckValues(numbers, name, values, entry, "first4");
            if (!entry["first4_hex"].IsNull())
            {
                foreach (var (bits, i) in entry["first4_hex"].Items.Select((bits, i) => (bits, i)))
                {
                    numbers.Same(
                        $"{name}[{i}], bits",
                        BitConverter.SingleToUInt32Bits(values.flatten()[i].item<float>()).ToString("x8", CultureInfo.InvariantCulture),
                        bits.Text()
                    );
                }
            }

            numbers.Same(
                $"{name}, CRC-32",
                values.Read(Crc32.HashToUInt32).ToString("x8", CultureInfo.InvariantCulture),
                entry["crc32"].Text()
            );
        }

        foreach (var missing in shapes.Keys.Except(found, StringComparer.Ordinal))
            names.Same(missing, "an entry", "none");
        CheckParameters(names, stored, shapes);
        names.Done();
        numbers.Done();
    }

    /// <summary>Trainable names: those of the network, and the two embeddings that it does not use.</summary>
    private static void CheckParameters(NumberGroup names, StoredNode stored, IReadOnlyDictionary<string, long[]> shapes)
    {
        var trained = Gma.Network.Entries.Where(entry => entry.IsTrained).Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        var elements = 0L;
        var listed = stored["named_parameters"].Items.Select(item => item.Text()).ToList();
        var sizes = stored["entries"]
            .Items.ToDictionary(
                entry => entry["name"].Text(),
                entry => entry["shape"].Numbers().Aggregate(1.0, (product, side) => product * side),
                StringComparer.Ordinal
            );
        foreach (var name in listed)
        {
            elements += (long)sizes.GetValueOrDefault(name);
            if (Gma.Network.Canonical(name) is { } canonical)
                names.Same($"{name}, trainable", trained.Remove(canonical), expected: true);
        }

        foreach (var missing in trained)
            names.Same(missing, "trainable", "not listed");
        if (stored.Find("n_parameter_elements") is { } count)
            names.Number("trainable elements", elements, count, Tolerance.Exact);
    }

    /// <summary>What the published constructors put where nothing is filled: counters of 0, and distances j - i + 159.</summary>
    private static Tensor Constructed(string name, long[] shape) =>
        name.EndsWith("rel_ind", StringComparison.Ordinal)
            ? Held.Range(shape[1], ScalarType.Int64).view(1, -1).sub(Held.Range(shape[0], ScalarType.Int64).view(-1, 1)).Plus(shape[0] - 1)
            : zeros(shape, ScalarType.Int64);

    private static void CheckValues(NumberGroup numbers, string name, Tensor values, StoredNode entry, string first)
    {
        var wide = values.flatten().to_type(ScalarType.Float64);
        numbers.Number($"{name}, sum", wide.sum().item<double>(), entry["sum"], Sum);
        numbers.Number($"{name}, abs_sum", wide.abs().sum().item<double>(), entry["abs_sum"], Sum);
        foreach (var (element, i) in entry[first].Items.Select((element, i) => (element, i)))
            numbers.Number($"{name}[{i}]", wide[i].item<double>(), element, Tolerance.Exact);
    }

    private static void CheckBoxinst(Checks checks, StoredNode stored)
    {
        var (names, numbers, hashes) = (
            checks.Group("names, shapes, types, kinds", stored.File),
            checks.Group("sums, first values, checksums", stored.File),
            checks.Group("hashes and uniform numbers", stored.File)
        );
        foreach (var test in stored.Find("hash_tests")?.Items ?? [])
            CheckHash(hashes, test);
        var entries = Segmenter.Entries(BoxinstFill.Options, BoxinstFill.Classes).ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        var trained = Segmenter.Trained(BoxinstFill.Options, entries.Values).Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        var listed = stored["entries"].Items;
        foreach (var item in listed)
        {
            var name = item["name"].Text();
            if (!entries.Remove(name, out var entry))
            {
                names.Same(name, "no such entry", "one");
                continue;
            }

            using var scope = NewDisposeScope();
            var values = checks.Bench.Boxinst[name];
            names.Same($"{name}, shape", string.Join(", ", entry.Shape), string.Join(", ", item["shape"].Numbers()));
            names.Same($"{name}, type", values.dtype.ToString().ToLowerInvariant(), item["dtype"].Text());
            names.Same($"{name}, kind", Kind(entry, trained), item["kind"].Text());
            if (item.Find("fnv1a32") is { } hash)
                names.Same($"{name}, hash", $"0x{NameHashFill.Hash(name):x8}", hash.Text());
            CheckValues(numbers, name, values, item, "first");
            if (item.Find("last") is { } last)
                numbers.Number(
                    $"{name}, last",
                    values.flatten()[values.numel() - 1].to_type(ScalarType.Float64).item<double>(),
                    last,
                    Tolerance.Exact
                );
            numbers.Same($"{name}, CRC-32", $"0x{values.Read(Crc32.HashToUInt32):x8}", item["crc32_of_le_bytes"].Text());
        }

        foreach (var missing in entries.Keys)
            names.Same(missing, "an entry", "none");
        names.Number("entries", listed.Count, stored["num_entries"], Tolerance.Exact);
        names.Number("elements", checks.Bench.Boxinst.All.Sum(pair => pair.Value.numel()), stored["num_elements"], Tolerance.Exact);
        stored.Find("model")?.Aside();
        names.Done();
        numbers.Done();
        hashes.Done();
    }

    private static string Kind(Entry entry, HashSet<string> trained) =>
        trained.Contains(entry.Name) ? "trainable"
        : entry.IsTrained ? "frozen_parameter"
        : "buffer";
}
