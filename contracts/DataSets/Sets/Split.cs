using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>How to split.</summary>
/// <param name="Seed">Decides the draws.</param>
/// <param name="PerClass">Videos to draw a class.</param>
/// <param name="Reading">What that means for videos of several classes.</param>
/// <param name="Force">Overwrites what is there.</param>
public sealed record SplitOptions(ulong Seed = 1, int PerClass = 10, SplitReading Reading = SplitReading.Union, bool Force = false);

/// <summary>A class in the two halves.</summary>
public sealed record SplitClass(string Name, int TrainVideos, int ValVideos);

/// <summary>What a split came to.</summary>
/// <param name="TrainVideos">Videos (images) for training.</param>
/// <param name="TrainFrames">Their frames.</param>
/// <param name="ValVideos">Videos for validation.</param>
/// <param name="ValFrames">Their frames.</param>
/// <param name="Classes">In the order of their ids.</param>
/// <param name="Files">What was written.</param>
/// <param name="IsPublished">Whether the set has the published numbers of videos and frames.</param>
/// <param name="Problems">What was left out, by kind.</param>
public sealed record SplitReport(
    int TrainVideos,
    long TrainFrames,
    int ValVideos,
    long ValFrames,
    ImmutableArray<SplitClass> Classes,
    ImmutableArray<string> Files,
    bool IsPublished,
    ImmutableArray<FaultCount> Problems
)
{
    /// <summary>Classes that one of the halves lacks.</summary>
    public IEnumerable<SplitClass> Lacking =>
        Classes.Where(c => (c.TrainVideos == 0 || c.ValVideos == 0) && c.TrainVideos + c.ValVideos > 0);
}

/// <summary>
/// Writes train_train and train_val: a list of clips each, and of JSON sets the JSON of each, its elements copied byte by byte.
/// </summary>
public static class DataSplit
{
    /// <summary>YouTube-VIS 2019's train split, and what the paper made of it (section 3.1).</summary>
    public const int PublishedVideos = 2238;

    public const long PublishedFrames = 61845;

    public const int PublishedTrainVideos = 1847;

    public const long PublishedTrainFrames = 51049;

    public const int PublishedValVideos = 391;

    public const long PublishedValFrames = 10796;

    private const string Train = "train_train";
    private const string Val = "train_val";

    /// <summary>Splits a set.</summary>
    /// <param name="path">A JSON or a folder.</param>
    /// <param name="place">What is known of it.</param>
    /// <param name="folder">Where the halves are written.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told now and then.</param>
    public static Result<SplitReport, DecodeError> Run(
        string path,
        DataPlace place,
        string folder,
        SplitOptions options,
        Progress? progress = null
    )
    {
        var tally = new FaultTally(place.Policy);
        return from set in Recognise.Open(path, place, tally.Rule, progress)
            from files in Files(set, place, folder, options)
            from known in Classes(set, tally, progress)
            let halves = DrawSplit.Of(
                [.. set.Videos.Select(video => video.Id)],
                known.OfVideo,
                [.. set.Categories.Select(category => category.Name)],
                options.PerClass,
                options.Reading,
                new Seed(options.Seed)
            )
            from _ in Write(set, halves, known.OfTrack, files, place, progress)
            select Report(set, halves, known.OfVideo, files, tally);
    }

    private static Result<ImmutableArray<string>, DecodeError> Files(DataSet set, DataPlace place, string folder, SplitOptions options)
    {
        var endings = set.Format is DataFormat.YoutubeVis or DataFormat.Coco ? new[] { ".json", ".txt" } : [".txt"];
        var files = endings
            .SelectMany(ending => new[] { Path.Combine(folder, Train + ending), Path.Combine(folder, Val + ending) })
            .ToImmutableArray();
        return !set.IsAnnotated
            ? new DecodeError.BadAnnotation(
                set.Path,
                "$",
                "there are no annotations, so no class to draw videos of",
                "Split the annotated part (train)."
            )
            : WholeOutput.Free(files, options.Force, set.Inputs.Concat(place.Files)).Map(_ => files);
    }

    /// <summary>The classes of each video, and the video of each annotation (by its position in the file).</summary>
    private static Result<(List<SortedSet<int>> OfVideo, List<int> OfTrack), DecodeError> Classes(
        DataSet set,
        FaultTally tally,
        Progress? progress
    )
    {
        var ofVideo = set.Videos.Select(_ => new SortedSet<int>()).ToList();
        var ofTrack = new List<int>();
        return set.Tracks(
                track =>
                {
                    ofVideo[track.Video].Add(track.Category);
                    while (ofTrack.Count < track.Index)
                    {
                        ofTrack.Add(-1); // left out
                    }

                    ofTrack.Add(track.Video);
                    return null;
                },
                tally.Rule,
                progress
            )
            .Map(_ => (ofVideo, ofTrack));
    }

    private static Result<Unit, DecodeError> Write(
        DataSet set,
        Halves halves,
        List<int> ofTrack,
        ImmutableArray<string> files,
        DataPlace place,
        Progress? progress
    )
    {
        foreach (var (path, half) in new[] { (files[^2], halves.Train), (files[^1], halves.Val) })
        {
            if (
                WholeOutput.Write(
                    path,
                    stream =>
                    {
                        stream.Write(Encoding.UTF8.GetBytes(string.Concat(half.Select(video => set.Videos[video].Name + "\n"))));
                        return null;
                    }
                ) is
                { } error
            )
            {
                return error;
            }
        }

        return files.Length == 2 ? default(Unit)
            : Copy(set, halves, ofTrack, files, place, progress) is { } failed ? failed
            : default(Unit);
    }

    private static DecodeError? Copy(
        DataSet set,
        Halves halves,
        List<int> ofTrack,
        ImmutableArray<string> files,
        DataPlace place,
        Progress? progress
    ) =>
        WholeOutput.Write(
            files[0],
            train =>
                WholeOutput.Write(
                    files[1],
                    val =>
                    {
                        JsonCopy[] copies = [new(train), new(val)];
                        var halfOf = new int[set.Videos.Length];
                        foreach (var video in halves.Val)
                        {
                            halfOf[video] = 1;
                        }

                        var indexOf = set
                            .Videos.Select((video, i) => (video.Position, i))
                            .ToDictionary(pair => pair.Position, pair => pair.i);
                        var categories = set.Categories.Select(category => category.Position).ToHashSet();
                        var list = set.Format == DataFormat.YoutubeVis ? "videos" : "images";
                        var read = JsonElements.ForEach(
                            set.Path,
                            part =>
                            {
                                var video =
                                    part.Index < 0 ? -2
                                    : part.Member == list ? indexOf.GetValueOrDefault(part.Index, -1)
                                    : part.Member == "categories"
                                        ? categories.Contains(part.Index) ? -2
                                            : -1
                                    : part.Member == "annotations"
                                        ? part.Index < ofTrack.Count ? ofTrack[(int)part.Index]
                                            : -1
                                    : -2; // what both halves get
                                for (var half = 0; half < copies.Length; half++)
                                {
                                    if (video == -2 || (video >= 0 && halfOf[video] == half))
                                    {
                                        copies[half].Add(part);
                                    }
                                }

                                return null;
                            },
                            place.Policy is ReadingPolicy.Lenient ? _ => null : problem => problem.Error,
                            progress
                        );
                        return read.Match(
                            arrays =>
                            {
                                foreach (var copy in copies)
                                {
                                    copy.End(arrays);
                                }

                                return null;
                            },
                            error => (DecodeError?)error
                        );
                    }
                )
        );

    private static SplitReport Report(
        DataSet set,
        Halves halves,
        List<SortedSet<int>> classes,
        ImmutableArray<string> files,
        FaultTally tally
    )
    {
        long FramesOf(ImmutableArray<int> half) => half.Sum(video => (long)set.Videos[video].Frames);
        int Holding(ImmutableArray<int> half, int index) => half.Count(video => classes[video].Contains(index));
        return new SplitReport(
            halves.Train.Length,
            FramesOf(halves.Train),
            halves.Val.Length,
            FramesOf(halves.Val),
            [.. set.Categories.Select((category, i) => new SplitClass(category.Name, Holding(halves.Train, i), Holding(halves.Val, i)))],
            files,
            set.Videos.Length == PublishedVideos && set.Frames == PublishedFrames,
            tally.Counts
        );
    }
}

/// <summary>Writes some of the parts of a document as they are.</summary>
internal sealed class JsonCopy(Stream stream)
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private string? _open; // the array that elements are being added to

    public void Add(JsonPart part)
    {
        if (part.Index < 0 || _open != part.Member)
        {
            Begin(part.Member);
            if (part.Index >= 0)
            {
                stream.Write("["u8);
                _open = part.Member;
            }
        }
        else
        {
            stream.Write(",\n"u8);
        }

        stream.Write(part.Bytes);
    }

    /// <summary>Closes the document; arrays that got no element are there, empty.</summary>
    public void End(IEnumerable<string> arrays)
    {
        foreach (var name in arrays.Where(name => !_written.Contains(name)))
        {
            Begin(name);
            stream.Write("[]"u8);
        }

        Close();
        stream.Write(_written.Count == 0 ? "{}\n"u8 : "}\n"u8);
    }

    private void Begin(string member)
    {
        Close();
        stream.Write(_written.Count == 0 ? "{"u8 : ",\n"u8);
        _written.Add(member);
        stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(member)));
        stream.Write(":"u8);
    }

    private void Close()
    {
        if (_open is not null)
        {
            stream.Write("]"u8);
            _open = null;
        }
    }
}
