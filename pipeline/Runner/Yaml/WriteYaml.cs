using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Motion.Contracts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Motion.Runner.Yaml;

/// <summary>Settings record -> yaml, every key written out; reading it back gives the same record.</summary>
internal static class WriteYaml
{
    private static readonly Place Nowhere = new("", 0, 0);

    /// <summary>The record as a map, keys in the record's order.</summary>
    public static Node.Map Map(object record) =>
        new(
            Nowhere,
            [.. Shape.Of(record.GetType()).Keys.Select(key => new Node.Entry(Key(key.Name), Value(key.Property.GetValue(record))))]
        );

    public static Node.Scalar Key(string name) => new(Nowhere, name);

    public static Node.Map Of(params (string Key, Node Value)[] entries) =>
        new(Nowhere, [.. entries.Select(entry => new Node.Entry(Key(entry.Key), entry.Value))]);

    public static Node Value(object? value) =>
        value switch
        {
            null => new Node.Scalar(Nowhere, "null"),
            string text => new Node.Scalar(Nowhere, text, NeedsQuotes(text)),
            _ when Scalars.Write(value) is { } text => new Node.Scalar(Nowhere, text),
            _ when Shape.ElementOf(value.GetType()) is not null => new Node.List(Nowhere, [.. Items(value).Select(Value)]),
            _ when Shape.IsMap(value.GetType(), out _) => new Node.Map(
                Nowhere,
                [.. Items(value).Select(pair => new Node.Entry(new(Nowhere, (string)Get(pair!, "Key")!), Value(Get(pair!, "Value"))))]
            ),
            _ => Map(value),
        };

    /// <summary>Yaml text: maps as blocks, lists and maps without maps inside on one line.</summary>
    public static string Text(Node node)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(
            text,
            new EmitterSettings(bestIndent: 2, bestWidth: 10_000, isCanonical: false, maxSimpleKeyLength: 1024)
        );
        emitter.Emit(new YamlDotNet.Core.Events.StreamStart());
        emitter.Emit(new DocumentStart(null, [], isImplicit: true));
        Emit(node, emitter);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Node node, Emitter emitter)
    {
        switch (node)
        {
            case Node.Scalar scalar:
                var style = scalar.Quoted ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain;
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, scalar.Text, style, !scalar.Quoted, scalar.Quoted));
                break;
            case Node.List list:
                emitter.Emit(
                    new SequenceStart(
                        AnchorName.Empty,
                        TagName.Empty,
                        true,
                        list.Items.All(IsFlat) ? SequenceStyle.Flow : SequenceStyle.Block
                    )
                );
                foreach (var item in list.Items)
                    Emit(item, emitter);
                emitter.Emit(new SequenceEnd());
                break;
            case Node.Map map:
                emitter.Emit(
                    new MappingStart(AnchorName.Empty, TagName.Empty, true, map.Entries.IsEmpty ? MappingStyle.Flow : MappingStyle.Block)
                );
                foreach (var entry in map.Entries)
                {
                    Emit(entry.Key, emitter);
                    Emit(entry.Value, emitter);
                }

                emitter.Emit(new MappingEnd());
                break;
        }
    }

    private static bool IsFlat(Node node) => node is Node.Scalar || (node is Node.List list && list.Items.All(item => item is Node.Scalar));

    private static IEnumerable<object?> Items(object value) =>
        value.GetType() is { IsGenericType: true } type
        && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
        && (bool)Get(value, "IsDefault")!
            ? []
            : ((IEnumerable)value).Cast<object?>();

    private static object? Get(object value, string property) =>
        value.GetType().GetProperty(property, BindingFlags.Public | BindingFlags.Instance)!.GetValue(value);

    /// <summary>Text that a reader would take for something else, or that yaml's plain style cannot hold.</summary>
    private static bool NeedsQuotes(string text) =>
        new Node.Scalar(Nowhere, text).IsNull
        || text != text.Trim()
        || text.Contains(": ", StringComparison.Ordinal)
        || text.Contains(" #", StringComparison.Ordinal)
        || text.EndsWith(':')
        || text.Any(char.IsControl)
        || "-?:,[]{}#&*!|>'\"%@`".Contains(text[0], StringComparison.Ordinal)
        || text.AsSpan().ContainsAny("[]{},");
}
