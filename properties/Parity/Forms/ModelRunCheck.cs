using System.Globalization;
using System.Text.RegularExpressions;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>SGD on one batch: losses at every forward pass, parameters after the last step.</summary>
internal static partial class ModelRunCheck
{
    private const int DefaultForwards = 3;

    // The random network is chaotic: what one rounding moves grows from step to step.
    private static readonly Tolerance[] Losses =
    [
        ModelTrainCheck.Loss,
        new("after a step", Absolute: 1e-6, OfEach: 1e-3),
        new("after two steps", Absolute: 1e-6, OfEach: 1e-2),
    ];

    // A parameter moves by the rate times a gradient: what gradients differ by reaches it so much less.
    private static Tolerance Parameters(double rate) => new("after two steps", OfLargest: 0.1 * rate);

    private static Tolerance ParameterNorms(double rate) => new("after two steps", Absolute: 1e-6, OfEach: 0.01 * rate);

    public static void Run(Checks checks, StoredTensors? stored, StoredNode? facts, ModelInput input)
    {
        var runs = (stored?.Names ?? [])
            .Select(name => name[..name.IndexOf('/', StringComparison.Ordinal)])
            .Concat(facts?.Members.Select(member => member.Name) ?? [])
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        foreach (var run in runs)
            checks.Part(run, () => RunOne(checks, stored, facts?.Find(run), run, input));
    }

    private static void RunOne(Checks checks, StoredTensors? stored, StoredNode? facts, string run, ModelInput input)
    {
        var name = RunName().Match(run);
        double Setting(string fact, string part) =>
            facts?.Find(fact)?.Number()
            ?? (
                name.Success
                    ? double.Parse(name.Groups[part].Value, CultureInfo.InvariantCulture)
                    : throw new LackingException($"{run} names no learning rate and iteration (lr0.001_iter0), and no facts tell them")
            );
        var (rate, iteration) = (Setting("lr", "rate"), (int)Setting("iter_buffer_before_first_forward", "iteration"));
        var settings = ModelTraining.Settings(rate);
        var training = new ModelTraining(settings, input);
        var state = ModelTraining.Start(settings, checks.Bench.Boxinst, iteration);
        var losses = new List<Gradient>();
        try
        {
            var forwards = facts?.Find("losses_at_forward_1_2_3")?.Items.Count ?? DefaultForwards;
            for (var forward = 0; forward < forwards; forward++)
            {
                var pass = training.Predict(state);
                losses.Add(ModelTraining.Loss(pass.Prediction));
                pass.Prediction.Dispose();
                if (forward < forwards - 1)
                    state = training.Learn(state, pass, losses[forward]);
                else
                    pass.Graph.Dispose();
            }

            if (facts is not null)
                CheckLosses(checks, facts, losses);
            CheckParameters(checks, stored, facts, (run, rate), state);
            if (facts?.Find("param_groups") is { } groups)
                OptimiserGroups.Check(checks, groups, settings);
        }
        finally
        {
            state.Dispose();
            losses.ForEach(gradient => gradient.Dispose());
        }
    }

    private static void CheckLosses(Checks checks, StoredNode facts, List<Gradient> losses)
    {
        foreach (var (_, stored) in facts.Members.Where(member => member.Name.StartsWith("losses_at_forward", StringComparison.Ordinal)))
        {
            foreach (var (step, k) in stored.Items.Select((step, k) => (step, k)))
            {
                var group = checks.Group($"{stored.Path}/{k}", stored.File);
                ModelTrainCheck.Terms(group, step, losses[k], Losses[Math.Min(k, Losses.Length - 1)]);
                group.Done();
            }
        }
    }

    private static void CheckParameters(
        Checks checks,
        StoredTensors? stored,
        StoredNode? facts,
        (string Name, double Rate) of,
        TrainState state
    )
    {
        var (run, rate) = of;
        foreach (
            var entry in (stored?.Names ?? [])
                .Where(name => name.StartsWith($"{run}/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        )
        {
            if (state.Weights.Find(entry[(run.Length + 1)..]) is { } values)
                stored!.Compare(entry, values, Parameters(rate));
        }

        if (facts?.Find("param_l2_norm_after_2_steps") is not { } norms)
            return;
        var group = checks.Group($"{run}: parameter norms", norms.File);
        foreach (var (name, value) in norms.Members)
            group.Number(
                name,
                state.Weights.Find(name)?.to(ScalarType.Float64).norm().item<double>() ?? double.NaN,
                value,
                ParameterNorms(rate)
            );
        group.Done();
    }

    [GeneratedRegex("^lr(?<rate>[0-9.e+-]+)_iter(?<iteration>[0-9]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex RunName();
}

/// <summary>Which parameters decay, and at which rate they learn.</summary>
internal static class OptimiserGroups
{
    public static void Check(Checks checks, StoredNode groups, TrainerSettings settings)
    {
        var options = settings.Options.Optimiser;
        var ours = new[] { (Role.Weight, options.WeightDecay), (Role.Norm, 0.0) }
            .Select(role =>
                (
                    Decay: role.Item2,
                    Names: settings
                        .Trained.Where(entry => entry.Role == role.Item1)
                        .Select(entry => entry.Name)
                        .ToHashSet(StringComparer.Ordinal)
                )
            )
            .ToArray();
        var group = checks.Group(groups.Path.Length == 0 ? "param_groups" : groups.Path, groups.File);
        group.Number("groups", ours.Length, groups.Items.Count, Tolerance.Exact);
        foreach (var (stored, actual) in groups.Items.OrderByDescending(item => item["weight_decay"].Number()).Zip(ours))
        {
            group.Number($"{stored.Path}/lr", options.LearningRate, stored["lr"], Tolerance.Exact);
            group.Number($"{stored.Path}/weight_decay", actual.Decay, stored["weight_decay"], Tolerance.Exact);
            group.Number($"{stored.Path}/momentum", options.Momentum, stored["momentum"], Tolerance.Exact);
            if (stored.Find("nesterov") is { } nesterov)
                group.Same($"{stored.Path}/nesterov", actual: false, nesterov.Flag());
            if (stored.Find("dampening") is { } dampening)
                group.Number($"{stored.Path}/dampening", 0, dampening, Tolerance.Exact);
            if (stored.Find("num_params") is { } count)
                group.Number($"{stored.Path}/num_params", actual.Names.Count, count, Tolerance.Exact);
            foreach (var name in stored.Find("params")?.Items ?? [])
                group.Same($"{name.Path}: {name.Text()}", actual.Names.Remove(name.Text()), expected: true);
            if (stored.Has("params"))
                group.Same($"{stored.Path}: not listed", string.Join(", ", actual.Names.Take(3)), "");
        }

        group.Done();
    }
}
