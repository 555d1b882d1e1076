using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Published;
using Motion.Runner.Yaml;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Pipeline.Cli;

/// <summary>motion weights inspect.</summary>
internal static class InspectWeights
{
    private const int NamesShown = 6;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    /// <summary>One tensor of the file.</summary>
    private sealed record Row(string Name, string Type, long[] Shape, long Bytes, string Crc32, string? Into);

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Any file of weights that is read here." };
        var json = new Option<bool>("--json") { Description = "For machines." };
        var command = new Command(
            "inspect",
            "What is in a file of weights: names, shapes, types and checksums, which network it is and where a yaml takes it. Nothing in it is executed."
        )
        {
            file,
            json,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, bool json) =>
        WeightFiles
            .Open(path)
            .Match(
                file =>
                {
                    using (file)
                    {
                        Print(path, file, json);
                        return ExitCode.Done;
                    }
                },
                error => Complain.Now(error.Describe(), ExitCode.BadInput)
            );

    private static void Print(string path, WeightsFile file, bool json)
    {
        var known = Recognise.Of(file.Weights);
        Row[] rows = [.. file.Weights.All.Select(pair => Describe(pair.Key, pair.Value, known))];
        var (sha256, blob) = (Digest.Of(path, DigestKind.Sha256).Value, Digest.Of(path, DigestKind.GitBlob).Value);
        var elements = file.Weights.All.Sum(pair => pair.Value.numel());
        if (json)
        {
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        File = path,
                        Bytes = new FileInfo(path).Length,
                        Format = Word(file.Format),
                        Sha256 = sha256,
                        GitBlob = blob,
                        known.Kind,
                        known.Fits,
                        Settings = known.Settings.ToDictionary(),
                        known.Lacking,
                        known.Exceeding,
                        known.Prefix,
                        Parameters = elements,
                        file.HadModule,
                        file.HadWrapper,
                        file.Beside,
                        file.Metadata,
                        Tensors = rows,
                    },
                    Json
                )
            );
            return;
        }

        Console.WriteLine(
            $"{path}: {Word(file.Format)}, {Count(rows.Length)} tensors, {Count(elements)} numbers, {Count(new FileInfo(path).Length)} bytes"
        );
        Console.WriteLine($"is        {known.Kind}");
        foreach (var line in Use(known))
            Console.WriteLine(line);
        if (file.HadModule)
            Console.WriteLine("names     module. stood before all of them and was taken off");
        if (file.HadWrapper)
            Console.WriteLine("names     a wrapper's (_orig_mod., _fsdp_wrapped_module.) stood in them and was taken off");
        if (known.Prefix.Length > 0)
            Console.WriteLine($"names     {Shown(known.Prefix)} stands before the network's and is taken off");
        if (known.Into.Count > 0)
            Console.WriteLine($"loads     {Count(known.Into.Count)} of {Count(rows.Length)} tensors; what each becomes stands behind it");
        if (file.Beside.Length > 0)
            Console.WriteLine($"beside    {Some(file.Beside)}");
        foreach (var (key, value) in file.Metadata)
            Console.WriteLine($"says      {Shown(key)}: {Shown(value)}");
        Console.WriteLine($"sha256    {sha256}");
        Console.WriteLine($"git blob  {blob}");
        var width = Math.Min(80, rows.Select(row => row.Name.Length).DefaultIfEmpty(0).Max());
        Console.WriteLine();
        Console.WriteLine($"{"name".PadRight(width)}  {"type", -8}  {"bytes", 12}  crc-32    shape  becomes");
        foreach (var row in rows)
        {
            Console.WriteLine(
                $"{Shown(row.Name).PadRight(width)}  {row.Type, -8}  {Count(row.Bytes), 12}  {row.Crc32}  [{string.Join(", ", row.Shape)}]{(row.Into is { } into ? $"  {Shown(into)}" : "")}"
            );
        }
    }

    private static IEnumerable<string> Use(Recognised known)
    {
        var settings = string.Join(", ", known.Settings.Select(pair => $"{pair.Key}: {pair.Value}"));
        if (known.Fits is { } key)
            yield return $"fits      {key}{(settings.Length > 0 ? $" with {settings}" : "")}";
        if (known.Lacking.Length > 0)
            yield return $"lacks     {Count(known.Lacking.Length)}: {Some(known.Lacking)}";
        if (known.Exceeding.Length > 0)
            yield return $"too many  {Count(known.Exceeding.Length)}: {Some(known.Exceeding)}";
    }

    private static Row Describe(string name, Tensor tensor, Recognised known) =>
        new(
            name,
            TensorBytes.NameOf(tensor.dtype),
            tensor.shape,
            TensorBytes.Count(tensor),
            TensorBytes.Checksum(tensor).ToString("x8", CultureInfo.InvariantCulture),
            known.Into.GetValueOrDefault(name)
        );

    private static string Some(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(NamesShown).Select(Shown))
        + (names.Count > NamesShown ? $", and {names.Count - NamesShown} more" : "");

    /// <summary>A name on a terminal: no control characters, and not without end.</summary>
    private static string Shown(string text)
    {
        const int most = 200;
        return text.Length > most ? Legible.Line(text[..most]) + "..." : Legible.Line(text);
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Word(WeightsFormat format) =>
        format switch
        {
            WeightsFormat.Safetensors => "safetensors",
            WeightsFormat.TorchZip => "torch.save, a zip",
            WeightsFormat.TorchStream => "torch.save, the older stream",
            WeightsFormat.Pickle => "a pickle of numpy arrays",
            WeightsFormat.TensorFlow => "a TensorFlow.js model",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
