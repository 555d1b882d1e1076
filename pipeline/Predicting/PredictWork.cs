using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Motion.Contracts;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Flow;
using Motion.Forward;
using Motion.Pipeline.Labelling;
using Motion.Runner.Folders;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using static TorchSharp.torch;

namespace Motion.Pipeline.Predicting;

/// <summary>Frames through flow and detector, one after the other, into the spool.</summary>
internal static class PredictWork
{
    /// <summary>What decides a spool: of another model, or other videos, is another spool.</summary>
    public static string NameOf(PipelineSettings settings, string weights, GivenVideos footage)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var stages = settings.Stages.Select(stage => ResolvedYaml.HashOf(stage, settings));
        hash.AppendData(Encoding.UTF8.GetBytes($"{string.Join('|', stages)}|{string.Join('|', footage.Clips)}"));
        using var file = File.OpenRead(weights);
        hash.AppendData(SHA256.HashData(file));
        return $"detections-{Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}.jsonl";
    }

    /// <param name="settings">Of the model, reading the footage.</param>
    /// <param name="folder">Of the run that it would be; nothing is written there.</param>
    /// <param name="catalogue">The model's classes, and the clips.</param>
    /// <param name="weights">The model's.</param>
    /// <param name="spool">Where detections go, and are gone on from.</param>
    /// <param name="links">How many of a frame are kept.</param>
    /// <param name="reached">Told of frames done and of all.</param>
    /// <param name="warn">Told what stops nothing.</param>
    /// <param name="stop">Stops after the frame at hand.</param>
    public static async Task<Result<Unit, StartError>> Run(
        PipelineSettings settings,
        RunFolder folder,
        Catalogue catalogue,
        string weights,
        string spool,
        LinkOptions links,
        Action<long, long> reached,
        Action<string> warn,
        CancellationToken stop
    )
    {
        var context = new RunContext(settings, Phase.Test, folder, catalogue, StreamStart.Fresh with { Checkpoint = weights })
        {
            Warn = warn,
        };
        var (decode, flow, forward) = (settings.Find(DecodeKind.Kind)!, settings.Find(FlowKind.Kind)!, settings.Find(ForwardKind.Kind)!);
        var opened =
            from stage in DecodeKind
                .Open(decode.Of<DecodeOptions>(Phase.Test), context.Of(decode))
                .MapError(error => new StartError(decode.Name, error.Describe()))
            from estimate in FlowKind
                .Estimator(flow.Of<FlowOptions>(Phase.Test), context.Of(flow) with { Extras = null })
                .MapError(error => new StartError(flow.Name, error.Describe()))
            from detect in ForwardKind
                .Detector(forward.Of<ForwardOptions>(Phase.Test), context.Of(forward))
                .MapError(error => new StartError(forward.Name, error.Describe()))
            select (stage, estimate, detect);
        if (opened is not Result<(DecodeStage Stage, EstimateFlow Estimate, Detect Detect), StartError>.Ok(var parts))
            return opened.Map(_ => default(Unit));
        var (done, all) = (Spool.Mend(spool), catalogue.Clips.Sum(clip => (long)clip.Frames));
        using var file = new FileStream(spool, FileMode.Append, FileAccess.Write, FileShare.Read);
        await foreach (var item in parts.Stage.Frames(done, stop))
        {
            set_num_threads(settings.Run.Threads); // of this thread, which another may have been before an await
            using (no_grad())
            {
                switch (item)
                {
                    case Result<FramePair, DecodeError>.Error(var missing):
                        warn(missing.Describe());
                        Spool.Append(file, done, null, missing.Describe());
                        break;
                    case Result<FramePair, DecodeError>.Ok(var pair):
                        if (See(pair, parts.Estimate, parts.Detect, links) is not Result<LinkFrame, StartError>.Ok(var seen))
                            return new StartError(forward.Name, $"{pair.Key} cannot be used.");
                        Spool.Append(file, done, seen with { Key = seen.Key with { Sequence = done } }, null);
                        break;
                }
            }

            file.Flush();
            reached(++done, all);
            stop.ThrowIfCancellationRequested();
        }

        return default(Unit);
    }

    private static Result<LinkFrame, StartError> See(FramePair pair, EstimateFlow estimate, Detect detect, LinkOptions links) =>
        from frame in estimate(pair).MapError(error => new StartError(FlowKind.Kind.Name, error.Describe()))
        let planes = FlowPlanes.Of(frame.Flow, frame.OriginalSize)
        from found in detect(frame).MapError(error => new StartError(ForwardKind.Kind.Name, error.Describe()))
        select Linking.See(found, planes, links);
}
