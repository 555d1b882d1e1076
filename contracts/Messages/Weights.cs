using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// A model's numbers: an immutable map from state-dict name to tensor, seen from a scope. <c>weights.At("backbone")["conv1.weight"]</c>.
/// </summary>
/// <remarks>The map owns its tensors; disposing it (any scope of it) frees them. A scope is a view and costs nothing.</remarks>
public sealed class Weights : IDisposable
{
    private readonly ImmutableSortedDictionary<string, Tensor> _all;
    private readonly string _prefix;

    private Weights(ImmutableSortedDictionary<string, Tensor> all, string prefix) => (_all, _prefix) = (all, prefix);

    // An immutable map keeps its old value where the new one "equals" it; tensors compare by their numbers.
    private static IEqualityComparer<Tensor> ByReference => ReferenceEqualityComparer.Instance;

    public static Weights Empty { get; } = new(ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal, ByReference), "");

    /// <summary>Takes ownership of the tensors.</summary>
    public static Weights Of(IEnumerable<KeyValuePair<string, Tensor>> tensors) => new(Empty._all.AddRange(tensors), "");

    /// <summary>The same map seen from a deeper scope: <c>At("a").At("b")["c"]</c> is <c>["a.b.c"]</c>.</summary>
    public Weights At(string scope) => new(_all, _prefix + scope + ".");

    /// <exception cref="KeyNotFoundException">No such name; loading has checked names, so this is a bug.</exception>
    public Tensor this[string name] =>
        _all.TryGetValue(_prefix + name, out var tensor) ? tensor : throw new KeyNotFoundException($"no weight is named {_prefix + name}");

    public Tensor? Find(string name) => _all.GetValueOrDefault(_prefix + name);

    public bool Has(string name) => _all.ContainsKey(_prefix + name);

    /// <summary>Full names and tensors under this scope, in ordinal order of names.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> All =>
        _prefix.Length == 0 ? _all : _all.Where(pair => pair.Key.StartsWith(_prefix, StringComparison.Ordinal));

    public int Count => _prefix.Length == 0 ? _all.Count : All.Count();

    /// <summary>
    /// The map with some entries replaced or added (full names). The receiver of the new map owns all; the replaced tensors are the
    /// caller's to free.
    /// </summary>
    public Weights With(IEnumerable<KeyValuePair<string, Tensor>> entries) => new(_all.SetItems(entries), "");

    public void Dispose()
    {
        foreach (var (_, tensor) in _all)
        {
            tensor.Dispose();
        }
    }
}
