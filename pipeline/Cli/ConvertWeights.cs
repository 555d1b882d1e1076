using System.CommandLine;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Pipeline.Published;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Pipeline.Cli;

/// <summary>Names that a backbone can be given.</summary>
internal enum NamingScheme
{
    /// <summary>layer1.0.bn1.weight.</summary>
    Torchvision,

    /// <summary>res2.0.conv1.norm.weight.</summary>
    Detectron2,

    /// <summary>backbone.bottom_up.res2.0.conv1.norm.weight.</summary>
    AdelaiDet,
}

/// <summary>Types that floating-point tensors can be given.</summary>
internal enum NumberType
{
    Float32,
    Float16,
    BFloat16,
}

/// <summary>motion weights convert.</summary>
internal static class ConvertWeights
{
    private const string DetectorScope = "backbone.bottom_up.";

    /// <summary>What is to be made of a file.</summary>
    private sealed record Request(string From, string To, NamingScheme? Names, NumberType? Type, bool Overwrite);

    public static Command Create()
    {
        var from = new Argument<string>("IN")
        {
            Description = "Any file of weights that is read here, a run's checkpoint included (without its momentum).",
        };
        var to = new Argument<string>("OUT") { Description = "NAME.safetensors, or NAME.pth for torch.load." };
        var names = new Option<NamingScheme?>("--to")
        {
            Description =
                "Names for a backbone: torchvision, detectron2 or adelaidet. What else is in the file is left out. Without it names stay.",
        };
        var type = new Option<NumberType?>("--type")
        {
            Description = "float32, float16 or bfloat16 for all floating-point tensors. Without it each keeps its own.",
        };
        var force = new Option<bool>("--force") { Description = "Replace OUT if it is there." };
        var command = new Command(
            "convert",
            "Write a file of weights in another form: motion weights convert gma-sintel.pth gma.safetensors"
        )
        {
            from,
            to,
            names,
            type,
            force,
        };
        command.SetAction(parsed =>
            Run(
                new(
                    parsed.GetRequiredValue(from),
                    parsed.GetRequiredValue(to),
                    parsed.GetValue(names),
                    parsed.GetValue(type),
                    parsed.GetValue(force)
                )
            )
        );
        return command;
    }

    private static int Run(Request request)
    {
        var extension = Path.GetExtension(request.To);
        if (extension is not (".pth" or ".pt" or ".safetensors"))
        {
            return Complain.Now($"{request.To} tells no form: it must end in .safetensors or .pth.", ExitCode.BadUsage);
        }

        if (Outputs.Refusal([request.To], request.Overwrite, [request.From]) is { } problem)
        {
            return Complain.Now(problem, ExitCode.BadUsage);
        }

        return WeightFiles
            .Open(request.From)
            .Match(
                file =>
                    Joined(request.From, file)
                        .Bind(whole => Renamed(whole, request))
                        .Match(
                            weights => Write(weights, file, request),
                            reason => Complain.Now($"{request.From}: {reason}.", ExitCode.BadInput)
                        ),
                error => Complain.Now(error.Describe(), ExitCode.BadInput)
            );
    }

    /// <summary>A checkpoint may only name its backbone; what is written holds it.</summary>
    private static Result<Contracts.Weights, string> Joined(string path, WeightsFile file) =>
        FrozenBackbone
            .Join(path, file.Weights, file.Metadata, FrozenBackbone.OptionsOf(file))
            .MapError(error => error is ForwardError.BadWeights bad ? bad.Problem.TrimEnd('.') : error.Describe());

    /// <summary>Consumes the weights.</summary>
    private static Result<Contracts.Weights, string> Renamed(Contracts.Weights weights, Request request)
    {
        if (request.Names is not { } scheme)
            return WithoutMomentum(weights);
        return BackboneFiles
            .Canonical(weights)
            .Bind(backbone =>
            {
                if (backbone.Has("stem.conv1.weight"))
                {
                    return Contracts.Weights.Of(
                        backbone.All.Select(pair => KeyValuePair.Create(Name(scheme, pair.Key), pair.Value)).ToList()
                    );
                }

                backbone.Dispose();
                return Result.Error<Contracts.Weights, string>("there is no ResNet in it whose names could be changed; leave --to away");
            });
    }

    private static string Name(NamingScheme scheme, string name) =>
        scheme switch
        {
            NamingScheme.Torchvision => BackboneNames.Torchvision(name),
            NamingScheme.Detectron2 => name,
            NamingScheme.AdelaiDet => DetectorScope + name,
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static Result<Contracts.Weights, string> WithoutMomentum(Contracts.Weights weights)
    {
        var momentum = weights.All.Where(pair => pair.Key.StartsWith(ForwardWeights.MomentumPrefix, StringComparison.Ordinal)).ToList();
        if (momentum.Count == 0)
            return weights;
        momentum.ForEach(pair => pair.Value.Dispose());
        Console.Error.WriteLine($"motion: the momentum of the training ({momentum.Count} tensors) is left out");
        return Contracts.Weights.Of(
            weights.All.Where(pair => !pair.Key.StartsWith(ForwardWeights.MomentumPrefix, StringComparison.Ordinal)).ToList()
        );
    }

    private static int Write(Contracts.Weights weights, WeightsFile file, Request request)
    {
        using var owned = request.Type is { } type ? Cast(weights, type) : weights;
        var isTorch = Path.GetExtension(request.To) != ".safetensors";
        var texts = file.Metadata.Where(pair =>
            pair.Key is not ("format" or "iteration" or "seed") && !FrozenBackbone.Keys.Contains(pair.Key)
        );
        var written = isTorch ? TorchFile.Write(request.To, owned.All) : Safetensors.Write(request.To, owned, texts);
        return written.Match(
            _ =>
            {
                Console.WriteLine($"{request.To}: {owned.Count} tensors, {Recognise.Of(owned).Kind}");
                return ExitCode.Done;
            },
            error => Complain.Now(error.Describe(), ExitCode.BadInput)
        );
    }

    /// <summary>Floating-point tensors in another type; whole numbers stay. Consumes the weights.</summary>
    private static Contracts.Weights Cast(Contracts.Weights weights, NumberType type)
    {
        var target = type switch
        {
            NumberType.Float32 => ScalarType.Float32,
            NumberType.Float16 => ScalarType.Float16,
            NumberType.BFloat16 => ScalarType.BFloat16,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return Contracts.Weights.Of(
            weights
                .All.Select(pair =>
                {
                    if (!pair.Value.is_floating_point() || pair.Value.dtype == target)
                        return pair;
                    using var before = pair.Value;
                    return KeyValuePair.Create(pair.Key, before.to_type(target).DetachFromDisposeScope());
                })
                .ToList()
        );
    }
}
