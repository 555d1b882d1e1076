using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Pipeline.Show;
using Motion.Runner.Text;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Cli;

/// <summary>What the data commands share: names of formats, JSON, progress that gives way to Ctrl-C.</summary>
internal static class DataWork
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    public static JsonSerializerOptions Json { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
            WriteIndented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };

    public static string Name(DataFormat format) => Shape.Kebab(format.ToString());

    public static DataFormat? Format(string? name) =>
        Enum.GetValues<DataFormat>().Cast<DataFormat?>().FirstOrDefault(format => Name(format!.Value) == name);

    /// <summary>Names of formats as a sentence lists them.</summary>
    public static string Listed(IReadOnlyList<DataFormat> formats) =>
        $"{string.Join(", ", formats.SkipLast(1).Select(Name))} or {Name(formats[^1])}";

    public static Option<string?> AcceptOnly(this Option<string?> option, IReadOnlyList<DataFormat> formats)
    {
        option.AcceptOnlyFromAmong([.. formats.Select(Name)]);
        return option;
    }

    /// <summary>
    /// Does a piece of work; on a terminal shows how far it is and how long it will take, once it takes more than two seconds.
    /// </summary>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public static T Run<T>(string what, Func<DataSets.Progress, T> work, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        if (Console.IsErrorRedirected)
        {
            return work((_, _) => stop.Token.ThrowIfCancellationRequested());
        }

        var (clock, begun, shown) = (TimeProvider.System, TimeProvider.System.GetTimestamp(), TimeSpan.Zero);
        var answer = work(
            (done, total) =>
            {
                stop.Token.ThrowIfCancellationRequested();
                var passed = clock.GetElapsedTime(begun);
                if (passed < Quiet || passed - shown < TimeSpan.FromMilliseconds(200) || total <= 0)
                {
                    return;
                }

                shown = passed;
                Terminal.Overwrite(
                    $"{what} {(double)done / total:0 %}, {(total > 1_000_000 ? $"{done / 1e6 / passed.TotalSeconds:0} MB/s" : $"{done / passed.TotalSeconds:0}/s")}, {Words.Duration(passed.TotalSeconds)} so far   "
                );
            }
        );
        if (shown > TimeSpan.Zero)
        {
            Terminal.Overwrite(new string(' ', 70));
            Terminal.Overwrite("");
        }

        return answer;
    }
}
