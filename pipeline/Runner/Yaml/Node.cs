using System.Collections.Immutable;

namespace Motion.Runner.Yaml;

/// <summary>Where a value was written: line and column from 1; line 0 is the command line.</summary>
internal readonly record struct Place(string File, int Line, int Column)
{
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}

/// <summary>A yaml document with the place of everything in it.</summary>
internal abstract record Node(Place Place)
{
    /// <summary>Text, number, truth value or nothing; which, is for the reader of the value to say.</summary>
    public sealed record Scalar(Place Place, string Text, bool Quoted = false) : Node(Place)
    {
        public bool IsNull => !Quoted && Text is "" or "~" or "null";
    }

    public sealed record List(Place Place, ImmutableArray<Node> Items) : Node(Place);

    public sealed record Map(Place Place, ImmutableArray<Entry> Entries) : Node(Place)
    {
        public static Map Empty(Place place) => new(place, []);

        public Node? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Text == key)?.Value;

        public Scalar? KeyOf(string key) => Entries.FirstOrDefault(entry => entry.Key.Text == key)?.Key;

        public Map Without(params string[] keys) => this with { Entries = Entries.RemoveAll(entry => keys.Contains(entry.Key.Text)) };

        /// <summary>The map with one entry replaced or added.</summary>
        public Map With(Scalar key, Node value)
        {
            var index = Entries.FindIndex(entry => entry.Key.Text == key.Text);
            return this with { Entries = index < 0 ? Entries.Add(new(key, value)) : Entries.SetItem(index, new(key, value)) };
        }

        /// <summary>This map with the entries of another on top; maps within maps are laid over one another likewise.</summary>
        public Map Under(Map top)
        {
            var entries = Entries.ToBuilder();
            var places = Entries
                .Index()
                .DistinctBy(entry => entry.Item.Key.Text)
                .ToDictionary(entry => entry.Item.Key.Text, entry => entry.Index, StringComparer.Ordinal);
            foreach (var entry in top.Entries)
            {
                if (!places.TryGetValue(entry.Key.Text, out var at))
                {
                    places.Add(entry.Key.Text, entries.Count);
                    entries.Add(entry);
                }
                else
                {
                    entries[at] = new(
                        entry.Key,
                        entries[at].Value is Map below && entry.Value is Map above ? below.Under(above) : entry.Value
                    );
                }
            }

            return this with
            {
                Entries = entries.ToImmutable(),
            };
        }
    }

    internal sealed record Entry(Scalar Key, Node Value);

    /// <summary>A text of a file as a sentence can hold it.</summary>
    public static string Short(string text) => text.Length <= MostShown ? text : text[..MostShown] + "...";

    private const int MostShown = 100;

    /// <summary>What the node looks like to a reader of an error message.</summary>
    public string Show() =>
        this switch
        {
            Scalar { IsNull: true } => "nothing",
            Scalar(_, var text, _) => $"\"{Short(text)}\"",
            List(_, var items) => $"a list of {items.Length}",
            Map => "a map",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}

internal static class ImmutableArrays
{
    public static int FindIndex<T>(this ImmutableArray<T> items, Func<T, bool> holds)
    {
        for (var i = 0; i < items.Length; i++)
        {
            if (holds(items[i]))
                return i;
        }

        return -1;
    }
}
