using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>
/// What is written above the settings in their source, from the file of comments that the compiler leaves beside an assembly.
/// </summary>
internal static partial class Comments
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> Files = [];

    /// <summary>The comment of a setting in one line; null where there is none, or no such file.</summary>
    public static string? Of(Shape.Key key)
    {
        var record = key.Property.DeclaringType!;
        var members = Files.GetOrAdd(record.Assembly, Read);
        var name = record.FullName!.Replace('+', '.');
        var own = members.GetValueOrDefault($"P:{name}.{key.Property.Name}")?.Element("summary");
        var parameter = key.Parameter is null
            ? null
            : (members.GetValueOrDefault($"T:{name}")?.Elements("param") ?? []).FirstOrDefault(each =>
                each.Attribute("name")?.Value == key.Parameter.Name
            );
        return Text(own) ?? Text(parameter);
    }

    private static IReadOnlyDictionary<string, XElement> Read(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        return File.Exists(file)
            ? XDocument.Load(file).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal)
            : new Dictionary<string, XElement>();
    }

    private static string? Text(XElement? element) =>
        element is null
        || string.Concat(element.DescendantNodes().Select(Words)) is not { } text
        || Blanks().Replace(text, " ").Trim() is not { Length: > 0 } line
            ? null
            : line;

    /// <summary>References by their last name, as yaml spells it where it is a setting.</summary>
    private static string Words(XNode node) =>
        node switch
        {
            XText text => text.Value,
            XElement { IsEmpty: true } named
                when (named.Attribute("cref") ?? named.Attribute("name") ?? named.Attribute("langword"))?.Value is { } target =>
                Shape.Camel(target.Split('.', ':')[^1]),
            _ => "",
        };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
