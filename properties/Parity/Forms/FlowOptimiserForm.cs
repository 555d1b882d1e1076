using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Kernels;
using Motion.Parity.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>A trace of flow training's optimiser: clipping, AdamW, one-cycle schedule.</summary>
internal static class FlowOptimiserForm
{
    private static readonly Tolerance Rate = new("formula in double", OfEach: 1e-12);

    private static readonly Tolerance Norm = new("norm in float32", OfEach: 5e-7);

    /// <summary>A few float32 roundings a step, of numbers of order one.</summary>
    private static readonly Tolerance Values = new("a few float32 roundings", Absolute: 1e-7, OfEach: 1e-6);

    public static ParityForm Form { get; } =
        new(
            "flow-optimiser",
            "gradient clipping, AdamW and the one-cycle schedule, step by step",
            folder =>
                from file in folder.Jsons
                where file.Has("betas", "clip", "lr_used", "schedule_total_steps")
                let trace = folder.Find($"{file.Stem}.safetensors") as OracleFile.Tensors
                select new ParityCase(file.Stem, trace is null ? [file] : [file, trace], checks => Check(checks, checks.Open(file), trace))
        );

    private static void Check(Checks checks, StoredNode stored, OracleFile.Tensors? trace)
    {
        checks.Part("the schedule", () => CheckSchedule(checks, stored));
        if (trace is null)
            throw new LackingException($"{stored.File} needs {Path.ChangeExtension(stored.File, ".safetensors")} beside it");
        using var tensors = checks.Open(trace);
        var names = tensors
            .Names.Where(name => name.EndsWith('0') && tensors.Has($"g{name}"))
            .Select(name => name[..^1])
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (names.Length == 0)
            throw new LackingException($"{trace.Name} holds no parameter with a gradient (p0 and gp0)");
        var options = new AdamWOptions(
            stored["weight_decay"].Number(),
            stored["eps"].Number(),
            stored["betas"].Items[0].Number(),
            stored["betas"].Items[1].Number(),
            stored["clip"].Number()
        );
        var schedule = new OneCycle(stored["lr"].Number(), stored["schedule_total_steps"].Count(), stored["pct_start"].Number());
        var parameters = names.ToDictionary(name => name, name => tensors[$"{name}0"], StringComparer.Ordinal);
        var moments = names.ToDictionary(name => name, name => AdamWMoments.Zero(parameters[name]), StringComparer.Ordinal);
        var norms = checks.Group("norm before clipping", stored.File);
        for (var step = 0; step < stored["steps"].Count(); step++)
        {
            var gradients = names.ToDictionary(name => name, name => tensors[$"g{name}{step}"], StringComparer.Ordinal);
            var norm = AdamW.Norm(gradients.Values);
            norms.Number($"step {step}", norm, stored["grad_norm_before_clip"].Items[step], Norm);
            var factor = AdamW.ClipFactor(norm, options.ClipNorm);
            foreach (var name in names)
            {
                (parameters[name], moments[name]) = AdamW.Step(
                    parameters[name],
                    gradients[name].Times(factor),
                    moments[name],
                    schedule.Rate(step),
                    step + 1,
                    options
                );
                tensors.Compare($"{name}{step + 1}", parameters[name], Values);
            }
        }

        norms.Done();
    }

    private static void CheckSchedule(Checks checks, StoredNode stored)
    {
        var used = checks.Group("rates used", stored.File);
        var schedule = new OneCycle(stored["lr"].Number(), stored["schedule_total_steps"].Count(), stored["pct_start"].Number());
        foreach (var (rate, step) in stored["lr_used"].Items.Select((rate, step) => (rate, step)))
            used.Number($"step {step}", schedule.Rate(step), rate, Rate);
        used.Done();
        if (stored.Find("schedule_long") is not { } published)
            return;
        var whole = new OneCycle(published["max_lr"].Number(), published["total_steps"].Count(), published["pct_start"].Number());
        var group = checks.Group("rates of a whole training", stored.File);
        foreach (var (step, rate) in published["lr_at_step"].Members)
            group.Number($"step {step}", whole.Rate(int.Parse(step, CultureInfo.InvariantCulture)), rate, Rate);
        group.Done();
    }
}
