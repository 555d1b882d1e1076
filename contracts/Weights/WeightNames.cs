using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Whether weights are those of a network.</summary>
public static class WeightNames
{
    private const string Module = "module.";
    private const int MostNesting = 16;

    /// <summary>Copies of a network that follow the one which is trained.</summary>
    private static readonly string[] Followers =
    [
        "encoder_k",
        "momentum_encoder",
        "ema",
        "ema_model",
        "model_ema",
        "teacher",
        "target",
        "target_encoder",
    ];

    /// <summary>Names of nothing but a wrapper (torch.compile's, FSDP's), which stand anywhere in a name.</summary>
    private static readonly string[] Wrappers = ["_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."];

    /// <summary>
    /// The names without those of wrappers: <c>_orig_mod.</c> and its like anywhere, and the <c>module.</c> that DataParallel puts before
    /// all of them; where only some begin so, or two would become one, as they are.
    /// </summary>
    internal static (Weights Weights, bool HadModule, bool HadWrapper) Unwrapped(Weights weights)
    {
        var names = weights.All.Select(pair => pair.Key).ToList();
        var plain = names.Select(WithoutWrappers).ToList();
        var hadModule = false;
        while (plain.Count > 0 && plain.All(name => name.StartsWith(Module, StringComparison.Ordinal)))
        {
            (plain, hadModule) = (plain.ConvertAll(name => name[Module.Length..]), true);
        }

        return plain.SequenceEqual(names) || plain.Distinct(StringComparer.Ordinal).Count() < plain.Count
            ? (weights, false, false)
            : (
                Weights.Of(plain.Zip(weights.All, (name, pair) => KeyValuePair.Create(name, pair.Value)).ToList()),
                hadModule,
                names.Exists(name => WithoutWrappers(name) != name)
            );
    }

    /// <summary>
    /// What stands before a network's names in a file, in whatever nesting (<c>model.</c>, <c>backbone.body.</c>, <c>encoder_q.</c>): of
    /// all beginnings that end in a point, the one behind which most of the network's names are; of equal ones the shortest, and none that
    /// is said to follow another (a momentum encoder).
    /// </summary>
    /// <param name="names">Of the file.</param>
    /// <param name="canonical">The network's name for one of a file; null where there is none.</param>
    /// <param name="expected">The network's names.</param>
    public static string Prefix(IEnumerable<string> names, Func<string, string?> canonical, IReadOnlySet<string> expected)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(canonical);
        ArgumentNullException.ThrowIfNull(expected);
        var found = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal) { [""] = [] };
        foreach (var name in names)
        {
            var at = 0;
            for (var depth = 0; depth <= MostNesting && at >= 0; depth++)
            {
                if (canonical(name[at..]) is { } known && expected.Contains(known))
                {
                    (found.TryGetValue(name[..at], out var set) ? set : found[name[..at]] = new(StringComparer.Ordinal)).Add(known);
                }

                at = name.IndexOf('.', at) is >= 0 and var dot ? dot + 1 : -1;
            }
        }

        return found
            .OrderByDescending(pair => pair.Value.Count)
            .ThenBy(pair => pair.Key.Split('.').Any(Followers.Contains) ? 1 : 0)
            .ThenBy(pair => pair.Key.Length)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .First()
            .Key;
    }

    /// <summary>What stands behind a prefix, without it; all, where it is empty. Consumes the weights.</summary>
    public static Weights Under(Weights weights, string prefix)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length == 0)
        {
            return weights;
        }

        var kept = new List<KeyValuePair<string, Tensor>>();
        foreach (var (name, tensor) in weights.All)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                kept.Add(KeyValuePair.Create(name[prefix.Length..], tensor));
            }
            else
            {
                tensor.Dispose();
            }
        }

        return Weights.Of(kept);
    }

    private static string WithoutWrappers(string name) =>
        Wrappers.Aggregate(
            name,
            (text, wrapper) =>
            {
                for (var at = 0; (at = text.IndexOf(wrapper, at, StringComparison.Ordinal)) >= 0; )
                {
                    if (at == 0 || text[at - 1] == '.')
                        text = text.Remove(at, wrapper.Length);
                    else
                        at += wrapper.Length;
                }

                return text;
            }
        );

    /// <summary>
    /// The weights, if they have exactly the expected names and shapes; else everything that differs, in ordinal order, and the weights
    /// stay the caller's.
    /// </summary>
    public static Result<Weights, WeightsError> Check(Weights weights, IReadOnlyDictionary<string, long[]> expected)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(expected);
        var found = weights.All.ToDictionary(pair => pair.Key, pair => pair.Value.shape);
        ImmutableArray<string> lacking = [.. expected.Keys.Where(name => !found.ContainsKey(name)).Order(StringComparer.Ordinal)];
        ImmutableArray<string> exceeding = [.. found.Keys.Where(name => !expected.ContainsKey(name)).Order(StringComparer.Ordinal)];
        ImmutableArray<WrongShape> shapes =
        [
            .. from pair in expected
            where found.TryGetValue(pair.Key, out var shape) && !shape.AsSpan().SequenceEqual(pair.Value)
            orderby pair.Key
            select new WrongShape(pair.Key, [.. pair.Value], [.. found[pair.Key]]),
        ];
        return lacking.IsEmpty && exceeding.IsEmpty && shapes.IsEmpty ? weights : new WeightsError.WrongNames(lacking, exceeding, shapes);
    }

    /// <summary>
    /// The weights, if all are floating-point but those that count, which are whole; else the first that is not, and the weights stay the
    /// caller's.
    /// </summary>
    /// <param name="counts">Which names are of whole numbers.</param>
    public static Result<Weights, WeightsError> CheckTypes(Weights weights, Func<string, bool> counts)
    {
        foreach (var (name, tensor) in weights.All)
        {
            var isFloating = tensor.dtype is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;
            if (isFloating == counts(name) || tensor.dtype == ScalarType.Bool)
            {
                return new WeightsError.WrongType(
                    name,
                    TensorData.NameOf(tensor.dtype),
                    counts(name) ? "whole numbers" : "floating-point numbers"
                );
            }
        }

        return weights;
    }
}
