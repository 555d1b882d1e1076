namespace Motion.DataSets;

/// <summary>
/// Ids of the videos, images or categories of a file that are texts, or whole numbers beyond 64 bits: each gets a number of its own, in the
/// order in which the texts sort (by which equal scores are told apart), beyond the ids that are numbers. A text that is a whole number, as
/// 12 in quotes, is that number.
/// </summary>
/// <param name="first">The first number for the time being.</param>
internal sealed class TextIds(long first = long.MinValue + 1)
{
    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private Dictionary<long, string> _texts = [];

    public bool IsEmpty => _numbers.Count == 0;

    /// <summary>Reads an id of a list; a text gets a number for the time being.</summary>
    public Flaw? Take(ref JsonReading json, out long id)
    {
        if (json.Id(out id, out var text) is { } flaw)
        {
            return flaw;
        }

        id = text is null ? id : Take(text);
        return null;
    }

    /// <summary>The number for the time being of a text.</summary>
    public long Take(string text)
    {
        if (!_numbers.TryGetValue(text, out var id))
        {
            id = first + _numbers.Count;
            _numbers.Add(text, id);
            _texts.Add(id, text);
        }

        return id;
    }

    /// <summary>The number for good of each number for the time being.</summary>
    /// <param name="others">The ids that are numbers.</param>
    public Dictionary<long, long> Settle(IEnumerable<long> others)
    {
        var next = Math.Max(0, others.DefaultIfEmpty(0).Max());
        var settled = new Dictionary<long, long>();
        foreach (var text in _numbers.Keys.Order(StringComparer.Ordinal).ToArray())
        {
            settled.Add(_numbers[text], ++next);
            _numbers[text] = next;
        }

        _texts = _numbers.ToDictionary(pair => pair.Value, pair => pair.Key);
        return settled;
    }

    /// <summary>Reads a reference to an id; a text that the list has not is <see cref="long.MinValue"/>, which no id is.</summary>
    public Flaw? Find(ref JsonReading json, out long id, out string? text) =>
        json.Id(out id, out text) is { } flaw ? flaw : Found(text, ref id);

    /// <summary>Whether a number stands for a text.</summary>
    public bool IsText(long id) => _texts.ContainsKey(id);

    /// <summary>An id as its file writes it.</summary>
    public string Show(long id) =>
        _texts.TryGetValue(id, out var text) ? text : id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private Flaw? Found(string? text, ref long id)
    {
        id = text is null ? id : _numbers.GetValueOrDefault(text, long.MinValue);
        return null;
    }
}
