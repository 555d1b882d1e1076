using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Pipeline.Cli;
using Motion.Pipeline.Show;
using Motion.Properties.Generators;
using Motion.Report.Page;
using Motion.Runner.Folders;
using Motion.Runner.Stations;
using Motion.Runner.Yaml;
using Spectre.Console;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>No text of a file speaks to the terminal, on whatever way it gets there.</summary>
public sealed class TerminalLaws : MotionProgram
{
    private const string Hostile = "\u001b[2Ja\rb\nmotion: done\u0007\u009b31m\u202eexe\u2066\u0000\u007f<b>\"&";
    private static readonly FsCheck.Gen<int> Seeds = Gen.Choose(0, int.MaxValue - 1);
    private static readonly string Letters =
        "ab\u001b[]0;\a\b\t\r\n\u0000\u007f\u0085\u009b\u200e\u202e\u2028\u2066\ud800\udc00é漢😀 <>&\"'";

    private static string Text(Draws draws) =>
        string.Concat(Enumerable.Range(0, draws.Next(30)).Select(_ => Letters[draws.Next(Letters.Length)]));

    /// <summary>Letters that a terminal acts upon, or that hide what stands beside them.</summary>
    private static bool IsTame(string text, bool lines) =>
        text.EnumerateRunes()
            .All(rune =>
                rune.Value is '\n' or '\t'
                    ? lines
                    : !Rune.IsControl(rune)
                        && rune.Value is not (0x061C or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E) or (>= 0x2066 and <= 0x2069))
            );

    [Fact, Law]
    public void Legible_OfAnyText_IsTame_OfTheSameLength_AndLeavesTameTextAlone() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var text = Text(new Seed((ulong)seed).Draws());
                var (line, lines) = (Legible.Line(text), Legible.Lines(text));
                return IsTame(line, lines: false)
                    && IsTame(lines, lines: true)
                    && line.Length == text.Length
                    && lines.Count(letter => letter == '\n') == text.Count(letter => letter == '\n')
                    && Legible.Line(line) == line
                    && Legible.Lines(lines) == lines;
            },
            1000
        );

    [Fact, Law]
    public void Writer_OfAnyPieces_WritesTameText() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var draws = new Seed((ulong)seed).Draws();
                using var under = new StringWriter();
                using var writer = new LegibleWriter(under);
                for (var i = 0; i < 6; i++)
                {
                    var text = Text(draws);
                    switch (draws.Next(5))
                    {
                        case 0:
                            writer.Write(text);
                            break;
                        case 1:
                            writer.WriteLine(text);
                            break;
                        case 2:
                            writer.Write(text.ToCharArray());
                            break;
                        case 3:
                            writer.Write(text.AsSpan());
                            break;
                        default:
                            writer.WriteLine("{0}: {1}", text, i);
                            break;
                    }
                }

                return IsTame(under.ToString(), lines: true);
            }
        );

    [Fact, Law]
    public void Console_OfAnyTablesAndLines_WritesTameText() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var draws = new Seed((ulong)seed).Draws();
                using var under = new StringWriter();
                var console = Terminal.Over(under, isRedirected: true);
                var table = new Table().Title(Text(draws).EscapeMarkup());
                table.AddColumns(Text(draws).EscapeMarkup(), "b");
                table.AddRow(Text(draws).EscapeMarkup(), Text(draws).EscapeMarkup());
                console.Write(table);
                console.WriteLine(Text(draws));
                console.Write(new Text(Text(draws)));
                return IsTame(under.ToString(), lines: true);
            }
        );

    [Fact]
    public void EveryError_OfAnyText_IsOneTameLine()
    {
        var errors = new[] { typeof(DecodeError), typeof(WeightsError), typeof(Motion.DataSets.Flo), typeof(Complain), typeof(ReportError) }
            .Select(type => type.Assembly)
            .Distinct()
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type =>
                typeof(IStageError).IsAssignableFrom(type)
                && !type.IsAbstract
                && type.Name is not ("ClaimError" or "StartError" or "ConfigErrors")
            )
            .ToList(); // of sentences that others made
        Assert.True(errors.Count > 30, $"{errors.Count}");
        Assert.All(
            errors,
            type =>
            {
                var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
                    .OrderByDescending(each => each.GetParameters().Length)
                    .First();
                var error = (IStageError)
                    constructor.Invoke([.. constructor.GetParameters().Select(parameter => Some(parameter.ParameterType))]);
                Assert.True(IsTame(error.Describe(), lines: false), $"{type}: {error.Describe()}");
            }
        );
    }

    private static object? Some(Type type)
    {
        if (type == typeof(string))
            return Hostile;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            var element = type.GetGenericArguments()[0];
            var one = Array.CreateInstance(element, 1);
            one.SetValue(Some(element), 0);
            return typeof(ImmutableArray)
                .GetMethods()
                .First(method => method.Name == "Create" && method.GetParameters() is [{ ParameterType.IsArray: true }])
                .MakeGenericMethod(element)
                .Invoke(null, [one]);
        }

        if (type.IsValueType)
        {
            return type.GetConstructors().FirstOrDefault() is { } made
                ? made.Invoke([.. made.GetParameters().Select(parameter => Some(parameter.ParameterType))])
                : RuntimeHelpers.GetUninitializedObject(type);
        }

        return type.GetConstructors() is [var only, ..]
            ? only.Invoke([.. only.GetParameters().Select(parameter => Some(parameter.ParameterType))])
            : null;
    }

    [Fact, Law]
    public void Pages_OfAnyText_AreTameAndHoldNoTagOfIt() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var text = Text(new Seed((ulong)seed).Draws());
                var page = PlainPage.Of(text, text, [text], PlainPage.Text(text));
                return IsTame(page, lines: true)
                    && page.Count(letter => letter == '<') == PlainPage.Of("", "", [""], "").Count(letter => letter == '<');
            }
        );

    [Fact]
    public async Task Commands_OverHostileNames_PrintTameText()
    {
        var name = System.Text.Json.JsonSerializer.Serialize(Hostile);
        File.WriteAllText(
            Path.Combine(Here, "set.json"),
            $$"""
            {"videos": [{"id": 1, "height": 8, "width": 8, "file_names": [{{System.Text.Json.JsonSerializer.Serialize(
                $"{Hostile.Replace("\0", "", StringComparison.Ordinal)}/0.png"
            )}}]}],
             "categories": [{"id": 1, "name": {{name}}}], {{name}}: 1,
             "annotations": [{"id": 1, "video_id": 1, "category_id": 1, "bboxes": [[1,1,4,4]]}, {"id": {{name}}, "video_id": 1, "category_id": 1}]}
            """
        );
        foreach (
            var command in new string[][]
            {
                ["data", "inspect", "set.json"],
                ["data", "inspect", "set.json", "--json"],
                ["data", "convert", "set.json", "out.csv", "--to", "boxes-csv", "--lenient"],
                ["data", "convert", "set.json", "davis", "--to", "davis", "--lenient"],
                ["data", "split", "set.json", "--out", "split", "--lenient"],
                ["data", "inspect", Hostile.Replace("\0", "", StringComparison.Ordinal)],
            }
        )
        {
            var (_, said, error) = await Motion(command);
            Assert.True(IsTame(said, lines: true), said);
            Assert.True(IsTame(error, lines: true), error);
            Assert.DoesNotContain("\nmotion: done", $"\n{said}\n{error}", StringComparison.Ordinal);
        }
    }
}
