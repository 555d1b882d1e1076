using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity;

/// <summary>Where a check leaves what it found, and what it has looked at.</summary>
/// <param name="folder">The folder of the case.</param>
/// <param name="name">The case.</param>
/// <param name="bench">What cases share.</param>
internal sealed class Checks(OracleFolder folder, string name, Workbench bench)
{
    private readonly List<Finding> _findings = [];
    private readonly HashSet<(string File, string Key)> _covered = [];
    private readonly List<string> _asides = [];
    private readonly List<string> _remarks = [];

    public OracleFolder Folder => folder;

    public Workbench Bench => bench;

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Texts and numbers that state how the references were made; there is nothing to recompute.</summary>
    public IReadOnlyList<string> Asides => _asides;

    /// <summary>What somebody could do to have more checked.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    public void Remark(string text) => _remarks.Add(text);

    public bool Covers(string file, string key) => _covered.Contains((file, key));

    public void Cover(string file, string key) => _covered.Add((file, key));

    public void Aside(string file, string key)
    {
        Cover(file, key);
        _asides.Add($"{file}: {key}");
    }

    public void Add(string quantity, string file, Difference difference, Tolerance tolerance, string? note = null) =>
        _findings.Add(new(name, quantity, file, difference, tolerance, difference.Passes, note));

    public void Fail(string quantity, string file, string note) =>
        _findings.Add(new(name, quantity, file, null, null, Passes: false, note));

    /// <summary>A claim that holds or not.</summary>
    public void Claim(string quantity, string file, bool holds, string? note = null) =>
        _findings.Add(
            new(
                name,
                quantity,
                file,
                new(holds ? 0 : 1, holds ? 0 : 1, holds ? 0 : double.PositiveInfinity, 0, 1),
                Tolerance.Exact,
                holds,
                holds ? null : note
            )
        );

    /// <summary>Stored tensors of files of this case.</summary>
    public StoredTensors Open(params IEnumerable<OracleFile.Tensors> files) => new(this, [.. files]);

    public StoredNode Open(OracleFile.Json file) => new(this, file.Name, "", file.Root);

    /// <summary>One part of a check; what goes wrong in it is told and does not stop the others.</summary>
    public void Part(string what, Action check)
    {
        try
        {
            using var scope = NewDisposeScope();
            check();
        }
        catch (LackingException e)
        {
            Fail(what, "", $"cannot be checked: {e.Message}");
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            Fail(what, "", $"cannot be recomputed from what is stored: {e.Message.Split('\n')[0]}");
        }
    }

    /// <summary>Many numbers under one quantity.</summary>
    public NumberGroup Group(string quantity, string file) => new(this, quantity, file);
}

/// <summary>Numbers that are compared one by one and told as one quantity.</summary>
internal sealed class NumberGroup(Checks checks, string quantity, string file)
{
    private readonly List<string> _problems = [];
    private Difference _sum = new(0, 0, 0, 0, 0);
    private Tolerance? _tolerance;
    private string? _worst;
    private double _largest;

    /// <summary>A distance that should be nothing, of something as large as the scale.</summary>
    public void Distance(string what, double distance, double scale, Tolerance tolerance)
    {
        Number(what, distance, 0, tolerance);
        _largest = Math.Max(_largest, scale);
    }

    public void Number(string what, double actual, double expected, Tolerance tolerance)
    {
        _largest = Math.Max(_largest, double.IsFinite(expected) ? Math.Abs(expected) : 0);
        var each = Difference.Between([actual], [expected], tolerance);
        if (each.Share >= _sum.Share)
        {
            (_worst, _tolerance) = (what, tolerance);
        }

        _sum = new(Larger(_sum.Absolute, each.Absolute), 0, Math.Max(_sum.Share, each.Share), 0, _sum.Elements + 1);
        if (!each.Passes)
        {
            _problems.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {actual:R}, stored {expected:R}"));
        }
    }

    public void Number(string what, double actual, StoredNode expected, Tolerance tolerance) =>
        Number(what, actual, expected.Number(), tolerance);

    public void Same(string what, string actual, string expected)
    {
        _sum = _sum with { Elements = _sum.Elements + 1, Share = actual == expected ? _sum.Share : double.PositiveInfinity };
        _tolerance ??= Tolerance.Exact;
        if (actual != expected)
        {
            (_sum, _tolerance) = (_sum with { Absolute = double.PositiveInfinity }, Tolerance.Exact);
            _problems.Add($"{what}: {actual}, stored {expected}");
        }
    }

    public void Same(string what, bool actual, bool expected) => Same(what, actual ? "true" : "false", expected ? "true" : "false");

    /// <summary>Reports the group; nothing where it is empty.</summary>
    public void Done()
    {
        if (_sum.Elements == 0)
            return;
        var note =
            _problems.Count > 0 ? string.Join("; ", _problems.Take(3)) + (_problems.Count > 3 ? $"; and {_problems.Count - 3} more" : "")
            : _sum.Elements > 1 ? $"{_sum.Elements} numbers{(_sum.Share > 0 ? $", nearest to its bound: {_worst}" : "")}"
            : null;
        var sum = _sum with { Relative = _sum.Absolute == 0 ? 0 : _sum.Absolute / _largest };
        checks.Add(quantity, file, sum, _tolerance ?? Tolerance.Exact, note);
    }

    private static double Larger(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Max(a, b);
}

/// <summary>The stored tensors of a case, whichever of its files they lie in.</summary>
internal sealed class StoredTensors : IDisposable
{
    private readonly Checks _checks;
    private readonly Dictionary<string, (string File, Tensor Tensor)> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly string _files;

    public StoredTensors(Checks checks, ImmutableArray<OracleFile.Tensors> files)
    {
        (_checks, _files) = (checks, string.Join(", ", files.Select(file => file.Name)));
        foreach (var file in files)
        {
            foreach (
                var (name, tensor) in References
                    .Tensors(file.Path)
                    .Match(read => read, error => throw new LackingException($"{file.Name}: {error.Problem}"))
                    .All
            )
            {
                if (!_tensors.TryAdd(name, (file.Name, tensor)))
                {
                    checks.Fail(name, file.Name, $"is stored twice: in {_tensors[name].File} too");
                    tensor.Dispose();
                }
            }

            foreach (var (key, value) in file.Metadata)
                _metadata[key] = value;
        }
    }

    public IReadOnlyCollection<string> Names => _tensors.Keys;

    public bool Has(string name) => _tensors.ContainsKey(name);

    public string? Metadata(string key) => _metadata.GetValueOrDefault(key);

    /// <summary>A stored tensor that others are computed from; the case owns it.</summary>
    public Tensor this[string name]
    {
        get
        {
            var (file, tensor) = _tensors.TryGetValue(name, out var found)
                ? found
                : throw new LackingException($"{_files} holds no {name}");
            _checks.Cover(file, name);
            return tensor;
        }
    }

    public string FileOf(string name) => _tensors.TryGetValue(name, out var found) ? found.File : _files;

    /// <summary>Compares a stored tensor, where there is one, with a recomputed one; reads nothing into a missing one.</summary>
    public void Compare(string name, Tensor actual, Tolerance tolerance, string? note = null)
    {
        if (!_tensors.TryGetValue(name, out var stored))
            return;
        _checks.Cover(stored.File, name);
        using var scope = NewDisposeScope();
        var (a, b) = (Thinned(name, actual.detach()), stored.Tensor);
        if (!a.shape.SequenceEqual(b.shape))
        {
            _checks.Fail(
                name,
                stored.File,
                $"the stored shape is [{string.Join(", ", b.shape)}], the recomputed one [{string.Join(", ", a.shape)}]"
            );
            return;
        }

        var (recomputed, reference) = (Doubles(a), Doubles(b));
        var difference = Difference.Between(recomputed, reference, tolerance);
        var where = difference.Passes
            ? note
            : string.Create(
                CultureInfo.InvariantCulture,
                $"at {Place(difference.Worst, b.shape)}: {recomputed[difference.Worst]:R}, stored {reference[difference.Worst]:R}"
            );
        _checks.Add(name, stored.File, difference, tolerance, where);
    }

    public static double[] Doubles(Tensor tensor)
    {
        using var wide = tensor.detach().cpu().to(ScalarType.Float64).contiguous();
        return wide.Elements<double>();
    }

    public void Dispose()
    {
        foreach (var (_, tensor) in _tensors.Values)
            tensor.Dispose();
    }

    /// <summary>
    /// The elements of a result that the reference keeps: every n-th along each side, where its metadata say so (steps.NAME).
    /// </summary>
    private Tensor Thinned(string name, Tensor full)
    {
        if (!_metadata.TryGetValue($"steps.{name}", out var steps))
            return full;
        var sides = steps.Split(',').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        for (var dim = 0; dim < sides.Length; dim++)
        {
            full = full.index_select(dim, arange(Held.Of(0), Held.Of(full.shape[dim]), Held.Of(sides[dim]), ScalarType.Int64));
        }

        return full;
    }

    private static string Place(long index, long[] shape)
    {
        var place = new long[shape.Length];
        for (var dim = shape.Length - 1; dim >= 0; dim--)
            (index, place[dim]) = Math.DivRem(index, shape[dim]);
        return $"[{string.Join(", ", place)}]";
    }
}

/// <summary>A place in a stored JSON; what is read counts as covered.</summary>
internal sealed class StoredNode(Checks checks, string file, string path, JsonElement element)
{
    public string File => file;

    public string Path => path;

    public JsonValueKind Kind => element.ValueKind;

    public bool Has(string name) => Kind == JsonValueKind.Object && element.TryGetProperty(name, out _);

    public StoredNode this[string name] =>
        Find(name) ?? throw new LackingException($"{file}{(path.Length == 0 ? "" : $", {path}")} has no {name}");

    public StoredNode? Find(string name) =>
        Kind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? new(checks, file, Deeper(name), value) : null;

    public IEnumerable<(string Name, StoredNode Value)> Members =>
        Kind == JsonValueKind.Object
            ? element.EnumerateObject().Select(member => (member.Name, new StoredNode(checks, file, Deeper(member.Name), member.Value)))
            : throw new LackingException($"{file}, {path} is no object");

    public IReadOnlyList<StoredNode> Items =>
        Kind == JsonValueKind.Array
            ?
            [
                .. element
                    .EnumerateArray()
                    .Select((item, i) => new StoredNode(checks, file, Deeper(i.ToString(CultureInfo.InvariantCulture)), item)),
            ]
            : throw new LackingException($"{file}, {path} is no list");

    public double Number()
    {
        checks.Cover(file, path);
        return Kind == JsonValueKind.Number ? element.GetDouble() : throw new LackingException($"{file}, {path} is no number");
    }

    public int Count()
    {
        var number = Number();
        return number is >= 0 and <= int.MaxValue && number == Math.Floor(number)
            ? (int)number
            : throw new LackingException($"{file}, {path} is no count");
    }

    public string Text()
    {
        checks.Cover(file, path);
        return Kind == JsonValueKind.String ? element.GetString()! : throw new LackingException($"{file}, {path} is no text");
    }

    public bool Flag()
    {
        checks.Cover(file, path);
        return Kind is JsonValueKind.True or JsonValueKind.False
            ? element.GetBoolean()
            : throw new LackingException($"{file}, {path} is neither true nor false");
    }

    public double[] Numbers() => [.. Items.Select(item => item.Number())];

    /// <summary>Covered, for it is null.</summary>
    public bool IsNull()
    {
        if (Kind != JsonValueKind.Null)
            return false;
        checks.Cover(file, path);
        return true;
    }

    /// <summary>The JSON as it stands.</summary>
    public string Raw()
    {
        Covered();
        return element.GetRawText();
    }

    /// <summary>Compares one number and reports it.</summary>
    public void Compare(double actual, Tolerance tolerance, string? quantity = null, string? note = null)
    {
        var expected = Number();
        var difference = Difference.Between([actual], [expected], tolerance);
        var text = difference.Passes ? note : string.Create(CultureInfo.InvariantCulture, $"{actual:R}, stored {expected:R}");
        checks.Add(quantity ?? path, file, difference, tolerance, text);
    }

    /// <summary>Says how the references were made, or speaks of what is not in the folder: there is nothing to recompute.</summary>
    public void Aside()
    {
        Covered();
        checks.Aside(file, path);
    }

    private void Covered()
    {
        foreach (var leaf in JsonLeaves.Of(element, path))
            checks.Cover(file, leaf);
    }

    private string Deeper(string name) => path.Length == 0 ? name : $"{path}/{name}";
}

/// <summary>The numbers and texts of a JSON by their paths.</summary>
internal static class JsonLeaves
{
    public static IEnumerable<string> Of(JsonElement element, string path) =>
        element.ValueKind switch
        {
            JsonValueKind.Object when element.EnumerateObject().Any() => element
                .EnumerateObject()
                .SelectMany(member => Of(member.Value, path.Length == 0 ? member.Name : $"{path}/{member.Name}")),
            JsonValueKind.Array when element.GetArrayLength() > 0 => element
                .EnumerateArray()
                .SelectMany(
                    (item, i) =>
                        Of(
                            item,
                            path.Length == 0
                                ? i.ToString(CultureInfo.InvariantCulture)
                                : $"{path}/{i.ToString(CultureInfo.InvariantCulture)}"
                        )
                ),
            JsonValueKind.Object or JsonValueKind.Array => [],
            _ => [path],
        };
}
