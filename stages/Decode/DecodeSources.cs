using System.Collections.Immutable;
using System.Diagnostics;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode.Synthetic;

namespace Motion.Decode;

/// <summary>Opens sources: the door of the decode stage, and the only place where input enters a run.</summary>
public static class DecodeSources
{
    internal static readonly TimeSpan UsualSilence = TimeSpan.FromMinutes(1);

    /// <summary>Checks the settings, reads what the source says of itself (not its pictures), and returns its frames.</summary>
    /// <param name="options">What to read; relative paths are relative to the process's folder.</param>
    /// <param name="seed">Decides the order of <c>order: shuffled</c> and the synthetic clips, nothing else.</param>
    /// <param name="warn">Told of kept frames that are damaged, and decoded again.</param>
    /// <param name="silence">How long a program that decodes videos may answer nothing before it is ended; a minute where not
    /// given.</param>
    /// <returns>The catalogue and the frames; each enumeration of the frames is independent and gives the same items.</returns>
    public static Result<DecodeStage, DecodeError> Open(
        DecodeOptions options,
        Seed seed,
        Action<string>? warn = null,
        TimeSpan? silence = null
    ) =>
        from _ in Check(options)
        from chosen in Split(options)
        from source in OpenSource(chosen, seed, silence ?? UsualSilence)
        from full in NotEmpty(source)
        select new DecodeStage(full.Catalogue, FrameStream.Of(full, chosen, seed, warn)) { Notes = full.Notes };

    /// <summary>What there is to know of a video file, or of each of a folder, without its pictures.</summary>
    public static Result<ImmutableArray<ClipInfo>, DecodeError> ProbeVideos(string path) =>
        from files in VideoNames.Find(path)
        from videos in files.Select(file => VideoProbe.Open(file, UsualSilence)).Sequence()
        select videos.Select(video => video.Info).ToImmutableArray();

    /// <summary>The settings with <c>clips</c> being those that the split lists, where it lists clips.</summary>
    private static Result<DecodeOptions, DecodeError> Split(DecodeOptions options) =>
        options switch
        {
            { Source: SourceKind.Synthetic } => options,
            { Source: SourceKind.Video, Split: { } split } when !SplitChoice.IsList(split) => new DecodeError.BadSetting(
                "split",
                $"videos have no splits by name; got {split}",
                "Give a file that lists clips, one a line (split: val.txt)."
            ),
            _ => SplitChoice
                .Apply(options.Clipping, options.Source is SourceKind.Frames ? options.Path : null)
                .Map(choice => options with { Clips = choice.Clips }),
        };

    private static Result<FrameSource, DecodeError> OpenSource(DecodeOptions options, Seed seed, TimeSpan silence) =>
        options.Source switch
        {
            SourceKind.Synthetic => SyntheticSource.Open(options, seed),
            SourceKind.Frames => FramesSource.Open(options),
            SourceKind.YoutubeVis => SetSource.Open(options, DataFormat.YoutubeVis),
            SourceKind.Coco => SetSource.Open(options, DataFormat.Coco),
            SourceKind.Video => VideoSource.Open(options, silence),
            _ => throw new UnreachableException(),
        };

    private static Result<FrameSource, DecodeError> NotEmpty(FrameSource source) =>
        source.Catalogue.Clips.IsEmpty
            ? new DecodeError.BadSetting("path", "the source has no clip", "Check the path and the setting clips.")
            : source;

    /// <summary>What no range can say of the settings.</summary>
    internal static IEnumerable<OptionProblem> Problems(DecodeOptions o)
    {
        (bool Holds, string Setting, string Rule)[] rules =
        [
            (o.Source == SourceKind.Synthetic || !string.IsNullOrEmpty(o.Path), "path", "this source needs the path of its files"),
            (
                o.Source != SourceKind.Synthetic || o.Classes is not (ClassNaming.Ytvis or ClassNaming.Ytvis2021),
                "classes",
                "synthetic shapes are none of YouTube-VIS's categories"
            ),
            (
                o.Source != SourceKind.Synthetic || o.Split is null or "train" or "test",
                "split",
                $"synthetic clips have train and test; got {o.Split}"
            ),
            (
                o.Source is SourceKind.Video or SourceKind.Frames || (o.Keys == 1 && !o.Between),
                "keys, between",
                "are for the sources video and frames"
            ),
            (o.Split is null || o.Split.Length > 0, "split", "must be a name, a file that lists clips, or absent"),
            (o.Longest is null || o.Longest >= (o.Shortest ?? 0), "longest", $"must be at least shortest, or absent; got {o.Longest}"),
            (!o.Clips.IsDefault, "clips", "must be a list of names"),
            (
                !o.Categories.IsDefault && o.Categories.Distinct(StringComparer.Ordinal).Count() == o.Categories.Length,
                "categories",
                "must be a list of names, each once"
            ),
        ];
        return rules
            .Where(rule => !rule.Holds)
            .Select(rule => new OptionProblem(rule.Setting, rule.Rule, "Correct the settings of decode."));
    }

    /// <summary>What is known of the frames of every clip, without their pictures: by clip in the catalogue's order, by frame.</summary>
    /// <param name="options">As for <see cref="Open"/>.</param>
    public static async Task<
        Result<(Catalogue Catalogue, ImmutableArray<ImmutableSortedDictionary<int, Annotation>> Annotated), DecodeError>
    > Annotations(DecodeOptions options)
    {
        var opened =
            from _ in Check(options)
            from chosen in Split(options)
            from source in OpenSource(chosen, new Seed(0), UsualSilence)
            from full in NotEmpty(source)
            select full;
        if (opened is not Result<FrameSource, DecodeError>.Ok(var frames))
        {
            return opened.Map(_ => default((Catalogue, ImmutableArray<ImmutableSortedDictionary<int, Annotation>>)));
        }

        await using var reader = frames.Read(new ReadPlan([], Shuffled: false, clip => frames.Catalogue.Clips[clip].Size, _ => { }));
        var clips = new List<ImmutableSortedDictionary<int, Annotation>>();
        foreach (var (index, clip) in frames.Catalogue.Clips.Index())
        {
            var known = ImmutableSortedDictionary.CreateBuilder<int, Annotation>();
            for (var frame = 0; frame < clip.Frames; frame++)
            {
                switch (reader.Truth(new FrameAt(index, frame)))
                {
                    case Result<Annotation?, DecodeError>.Error(var reason):
                        return reason;
                    case Result<Annotation?, DecodeError>.Ok({ } annotation):
                        known.Add(frame, annotation);
                        break;
                }
            }

            clips.Add(known.ToImmutable());
        }

        return (frames.Catalogue, [.. clips]);
    }

    private static Result<Unit, DecodeError> Check(DecodeOptions options) =>
        OptionRules.Broken(options).Concat(Problems(options).Select(problem => (Setting: problem.Key, problem.Problem))).FirstOrDefault()
            is { Setting: not null } broken
            ? new DecodeError.BadSetting(broken.Setting, broken.Problem, "Correct the settings of decode.")
            : default(Unit);
}
