using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Motion.Contracts;
using Motion.Parity;
using Motion.Pipeline.Published;
using Motion.Properties.Generators;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Certificate;

/// <summary>A folder of reference numbers, put together from golden files, to be changed as a test likes.</summary>
internal sealed class ParityFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Copies of golden files, AREA/NAME.</summary>
    public static ParityFolder Of(params ReadOnlySpan<string> files)
    {
        var folder = new ParityFolder();
        foreach (var file in files)
        {
            var parts = file.Split('/');
            File.Copy(GoldenFiles.PathOf(parts[0], parts[1]), folder.PathOf(parts[1]));
        }

        return folder;
    }

    public string Root => _folder.Path;

    public string PathOf(string name) => Path.Combine(Root, name);

    public ParityOutcome Check() => Check(Root);

    public static ParityOutcome Check(string root)
    {
        ImmutableArray<OracleFolder> folders = [.. OracleFolder.Read(root)];
        return Run(RunParity.Plan(folders, only: null));
    }

    public static ParityOutcome Run(ParityPlan plan) =>
        RunParity.Run(plan, new(WeightStore.Fetched("resnet50"), "motion weights fetch resnet50"), _ => { }, CancellationToken.None);

    /// <summary>Rewrites a safetensors file with one tensor replaced by what a function makes of it.</summary>
    public void Change(string file, string name, Func<Tensor, Tensor> change)
    {
        using var scope = NewDisposeScope();
        var metadata = Safetensors.ReadMetadata(PathOf(file)).OrThrow();
        using var weights = Safetensors.Read(PathOf(file)).OrThrow();
        var tensors = weights.All.Select(pair => pair.Key == name ? KeyValuePair.Create(name, change(pair.Value)) : pair).ToList();
        Safetensors.Write(PathOf(file), tensors, metadata).OrThrow();
    }

    /// <summary>Rewrites a JSON file with one number replaced.</summary>
    public void Change(string file, int place, Func<double, double> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(PathOf(file)))!;
        var number = Numbers(root)[place];
        number.ReplaceWith(change(number.GetValue<double>()));
        File.WriteAllText(PathOf(file), root.ToJsonString());
    }

    public int NumbersIn(string file) => Numbers(JsonNode.Parse(File.ReadAllText(PathOf(file)))!).Count;

    public void Dispose() => _folder.Dispose();

    private static List<JsonValue> Numbers(JsonNode? node) =>
        node switch
        {
            JsonObject members => [.. members.SelectMany(member => Numbers(member.Value))],
            JsonArray items => [.. items.SelectMany(Numbers)],
            JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => [value],
            _ => [],
        };
}
