using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>Single operations of flow: convex upsampling, padding, the colour wheel.</summary>
internal static partial class FlowPartForms
{
    /// <summary>A softmax and a sum of nine, on flows of up to some hundred pixels.</summary>
    private static readonly Tolerance ConvexSum = new("sum of nine in float32", OfLargest: 2e-6);

    public static ParityForm Convex { get; } =
        new(
            "convex-upsampling",
            "flow from an eighth of the resolution by learned weights",
            folder =>
                from file in folder.Tensors
                where file.Has("flow", "mask", "flow_up")
                select new ParityCase(
                    file.Stem,
                    [file],
                    checks =>
                    {
                        using var stored = checks.Open(file);
                        stored.Compare("flow_up", Upsample.Convex(stored["flow"], stored["mask"]), ConvexSum);
                    }
                )
        );

    public static ParityForm Padding { get; } = new("padding", "amounts and pictures of both padding modes", RecognisePadding);

    public static ParityForm Wheel { get; } = new("colour-wheel", "flow pictures, to the byte", RecogniseWheel);

    private static IEnumerable<ParityCase> RecognisePadding(OracleFolder folder)
    {
        foreach (var file in folder.Jsons.Where(file => IsList(file.Root, "mode", "left", "right", "top", "bottom")))
        {
            yield return new(file.Stem, [file], checks => CheckAmounts(checks, checks.Open(file)));
        }

        foreach (var file in folder.Tensors.Where(file => file.Shapes.Keys.Any(name => PadInput().IsMatch(name))))
        {
            yield return new(
                $"{file.Stem} (pictures)",
                [file],
                checks =>
                {
                    using var stored = checks.Open(file);
                    CheckPadded(stored);
                }
            );
        }
    }

    private static bool IsList(JsonElement root, params string[] names) =>
        root.ValueKind == JsonValueKind.Array
        && root.GetArrayLength() > 0
        && root.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object && names.All(name => item.TryGetProperty(name, out _)));

    private static void CheckAmounts(Checks checks, StoredNode list)
    {
        var group = checks.Group("amounts", list.File);
        foreach (var item in list.Items)
        {
            var (size, mode) = (
                new Size2(item["h"].Count(), item["w"].Count()),
                Enum.Parse<FlowPadMode>(item["mode"].Text(), ignoreCase: true)
            );
            var pad = FlowPad.For(size, Encoder.Stride, 0, mode);
            foreach (var (name, amount) in new[] { ("left", pad.Left), ("right", pad.Right), ("top", pad.Top), ("bottom", pad.Bottom) })
            {
                group.Number($"{size}, {mode}, {name}", amount, item[name], Tolerance.Exact);
            }
        }

        group.Done();
    }

    private static void CheckPadded(StoredTensors stored)
    {
        foreach (
            var match in stored.Names.Order(StringComparer.Ordinal).Select(name => PadInput().Match(name)).Where(match => match.Success)
        )
        {
            var picture = stored[match.Value];
            var size = new Size2((int)picture.shape[^2], (int)picture.shape[^1]);
            foreach (var mode in Enum.GetValues<FlowPadMode>())
            {
                var name = $"{mode.ToString().ToLowerInvariant()}_{match.Groups["size"].Value}";
                stored.Compare(name, FlowPad.For(size, Encoder.Stride, 0, mode).Apply(picture), Tolerance.Exact);
            }
        }
    }

    private static IEnumerable<ParityCase> RecogniseWheel(OracleFolder folder)
    {
        foreach (
            var file in folder.Tensors.Where(file =>
                file.Shapes.Any(pair =>
                    pair.Key.StartsWith("flow_", StringComparison.Ordinal)
                    && pair.Value is [_, _, 2]
                    && file.Has($"rgb_{pair.Key["flow_".Length..]}")
                )
            )
        )
        {
            var notes = folder.Jsons.FirstOrDefault(json =>
                json.Root.ValueKind == JsonValueKind.Object
                && json.Root.EnumerateObject().Any()
                && json.Root.EnumerateObject()
                    .All(item =>
                        item.Value.ValueKind == JsonValueKind.Object && item.Value.TryGetProperty("pixels_differing_f32_vs_f64", out _)
                    )
            );
            yield return new(
                file.Stem,
                notes is null ? [file] : [file, notes],
                checks =>
                {
                    using var stored = checks.Open(file);
                    CheckWheel(stored);
                    if (notes is not null)
                        CheckNotes(checks, stored, checks.Open(notes));
                }
            );
        }
    }

    private static void CheckWheel(StoredTensors stored)
    {
        stored.Compare("colorwheel", FlowColour.Table(), Tolerance.Exact);
        foreach (
            var name in stored
                .Names.Where(name => name.StartsWith("flow_", StringComparison.Ordinal))
                .Select(name => name["flow_".Length..])
                .Order(StringComparer.Ordinal)
        )
        {
            var flow = stored[$"flow_{name}"].permute(2, 0, 1);
            stored.Compare($"rgb_{name}", Draw(flow), Tolerance.Exact);
            stored.Compare($"rgb_f64arith_{name}", Draw(flow.to_type(ScalarType.Float64)), Tolerance.Exact);
            stored.Compare($"bgr_{name}", Draw(flow).flip(2), Tolerance.Exact);
            foreach (
                var match in stored
                    .Names.Select(other => ClipName().Match(other))
                    .Where(match => match.Success && match.Groups["name"].Value == name)
            )
            {
                var clip = double.Parse(match.Groups["clip"].Value, CultureInfo.InvariantCulture);
                stored.Compare(match.Value, Draw(flow, new(Clip: clip)), Tolerance.Exact);
            }
        }
    }

    /// <summary>[2, H, W] to [H, W, 3].</summary>
    private static Tensor Draw(Tensor flow, FlowColourOptions? options = null) => FlowColour.Wheel(flow, options).permute(1, 2, 0);

    private static void CheckNotes(Checks checks, StoredTensors stored, StoredNode notes)
    {
        var group = checks.Group("float32 against float64 arithmetic", notes.File);
        foreach (var (name, note) in notes.Members)
        {
            if (!stored.Has($"flow_{name}"))
                continue;
            var flow = stored[$"flow_{name}"];
            var difference = Draw(flow.permute(2, 0, 1))
                .to_type(ScalarType.Int64)
                .sub(Draw(flow.permute(2, 0, 1).to_type(ScalarType.Float64)).to_type(ScalarType.Int64))
                .abs();
            group.Number(
                $"{name}, pixels",
                difference.amax([2]).gt(Held.Of(0)).sum().item<long>(),
                note["pixels_differing_f32_vs_f64"],
                Tolerance.Exact
            );
            group.Number($"{name}, levels", difference.max().item<long>(), note["max_level_diff"], Tolerance.Exact);
            group.Same($"{name}, shape", string.Join(",", flow.shape), string.Join(",", note["shape"].Numbers()));
            note.Find("dest")?.Aside();
        }

        group.Done();
    }

    [GeneratedRegex("^in_(?<size>[0-9]+x[0-9]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex PadInput();

    [GeneratedRegex("^rgb_clip(?<clip>[0-9]+([.][0-9]+)?)_(?<name>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ClipName();
}
