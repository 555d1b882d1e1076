using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Pipeline.Cli;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Motion.Properties.Verify;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>All forms that are written, from one into another: what both hold comes over, and nothing else is told.</summary>
public sealed class FormLaws
{
    private const int Cases = 60; // each writes and reads several sets

    [Fact, Law]
    public void AnyForm_ThroughAnyOther_KeepsWhatBothHold() =>
        Laws.Hold(
            from set in MadeSets.Disjoint
            from other in MadeSets.Any
            from first in Gen.Elements(FormHolds.Targets.ToArray())
            from second in Gen.Elements(FormHolds.Targets.Where(form => form != DataFormat.Davis || first.Holds(SetPart.Masks)).ToArray())
            select (made: first == DataFormat.Davis || second == DataFormat.Davis ? set : other, first, second),
            drawn =>
            {
                using var folder = new TemporaryFolder();
                drawn.made.WritePictures(folder, "JPEGImages");
                var start = drawn.made.Write(folder, "instances.json");
                var there = Convert(start, folder[NameOf("x", drawn.first)], drawn.first, new DataPlace());
                var back = Convert(there, folder[NameOf("y", drawn.second)], drawn.second, Place(folder, drawn.first));
                bool Held(SetPart part) => drawn.first.Holds(part) && drawn.second.Holds(part);
                return Text(SetText.Open(back, Place(folder, drawn.second)), Held) == Text(SetText.Open(start), Held);
            },
            Cases
        );

    [Fact, Law]
    public void FramesWithoutObject_AndThoseNotAnnotated_AreToldAsTheFormHoldsThem() =>
        Laws.Hold(
            from made in MadeSets.Any
            from form in Gen.Elements(FormHolds.Targets.Where(form => !form.Holds(SetPart.Masks)).ToArray())
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select (made, form, seed),
            drawn =>
            {
                using var folder = new TemporaryFolder();
                drawn.made.WritePictures(folder, "JPEGImages");
                var draws = new Seed((ulong)drawn.seed).Draws();
                var start = folder.Write(
                    "a.json",
                    $$"""{"frames": [{{string.Join(", ", drawn.made.Videos.SelectMany((video, v) => Enumerable.Range(0, video.Frames)
                .Select(t => draws.Next(3) switch { 0 => null, 1 => $$"""{"clip": "v{{v}}", "frame": {{t}}, "boxes": []}""", _ => $$"""{"clip": "v{{v}}", "frame": {{t}}, "boxes": [{"id": 5, "class": "dog", "box": [0, 0, 2, 3]}]}""" }))
                .OfType<string>())}}]}"""
                );
                var source = SetText.Open(start, Place(folder, DataFormat.BoxesJson));
                var back = SetText.Open(
                    Convert(start, folder[NameOf("x", drawn.form)], drawn.form, Place(folder, DataFormat.BoxesJson)),
                    Place(folder, drawn.form)
                );
                var seen = new HashSet<(int, int)>();
                _ = source
                    .Tracks(
                        track =>
                        {
                            seen.UnionWith(track.Told.ToArray().Select(t => (track.Video, t)));
                            return null;
                        },
                        problem => problem.Error,
                        null
                    )
                    .OrThrow();
                return source
                    .Videos.Index()
                    .All(video =>
                        Enumerable
                            .Range(0, video.Item.Frames)
                            .All(t =>
                                back.AnnotatedFrames!(video.Index).Contains(t)
                                == (
                                    seen.Contains((video.Index, t))
                                    || (
                                        source.AnnotatedFrames!(video.Index).Contains(t)
                                            ? drawn.form.Holds(SetPart.EmptyFrames)
                                            : !drawn.form.Holds(SetPart.UnannotatedFrames) && SpeaksOf(drawn.form, source, video.Index)
                                    )
                                )
                            )
                    );
            },
            Cases
        );

    /// <summary>YOLO tells of a clip where it has a text in it.</summary>
    private static bool SpeaksOf(DataFormat form, DataSet source, int video) =>
        form != DataFormat.Yolo || source.AnnotatedFrames!(video).Count > 0;

    [Fact, Law]
    public void WhatAConversionLoses_IsWhatTheTargetDoesNotHold() =>
        Laws.Hold(
            from made in MadeSets.Any
            from form in Gen.Elements(FormHolds.Targets.Where(form => form != DataFormat.Davis).ToArray())
            select (made, form),
            drawn =>
            {
                using var folder = new TemporaryFolder();
                var lost = DataConvert
                    .Run(
                        drawn.made.Write(folder, "a.json"),
                        new DataPlace(),
                        folder[NameOf("x", drawn.form)],
                        new ConvertOptions(drawn.form)
                    )
                    .OrThrow()
                    .Lost;
                long Lost(SetPart part) => lost.FirstOrDefault(loss => loss.What == FormHolds.Lost(part))?.Count ?? 0;
                var tracks = drawn.made.Videos.SelectMany(video => video.Tracks).ToArray();
                var unused = drawn.made.Categories.Length - tracks.Select(track => track.Category).Distinct().Count();
                return Lost(SetPart.Masks)
                        == (drawn.form.Holds(SetPart.Masks) ? 0 : tracks.Sum(track => track.Sights.Count(sight => sight is not null)))
                    && Lost(SetPart.Crowds) == (drawn.form.Holds(SetPart.Crowds) ? 0 : tracks.Count(track => track.IsCrowd))
                    && Lost(SetPart.UnusedClasses) == (drawn.form.Holds(SetPart.UnusedClasses) ? 0 : unused)
                    && Lost(SetPart.Tracks)
                        == (
                            drawn.form.Holds(SetPart.Tracks) ? 0 : tracks.Count(track => track.Sights.Count(sight => sight is not null) > 1)
                        );
            },
            Cases
        );

    [SourceFact]
    public void Page_ShowsWhatEachFormHolds()
    {
        var page = File.ReadAllText(Path.Combine(SourceFactAttribute.Root!, "docs", "data.md"));
        foreach (var form in FormHolds.Targets)
        {
            var row =
                $"| `{DataWork.Name(form)}` | {string.Join(" | ", Enum.GetValues<SetPart>().Select(part => form.Holds(part) ? "yes" : "no"))} |";
            Assert.Contains(row, page, StringComparison.Ordinal);
        }
    }

    private static string NameOf(string stem, DataFormat form) =>
        stem
        + form switch
        {
            DataFormat.YoutubeVis or DataFormat.Coco or DataFormat.BoxesJson => ".json",
            DataFormat.BoxesCsv or DataFormat.Via => ".csv",
            _ => "",
        };

    private static DataPlace Place(TemporaryFolder folder, DataFormat form) =>
        form.IsOfBoxes() ? new DataPlace(Source: folder["JPEGImages"]) : new DataPlace(form == DataFormat.Davis ? form : null);

    private static string Convert(string from, string to, DataFormat form, DataPlace place)
    {
        DataConvert
            .Run(from, place, to, new ConvertOptions(form, Pictures: form == DataFormat.Davis ? PicturesAs.Link : PicturesAs.None))
            .OrThrow();
        return to;
    }

    /// <summary>
    /// What a set says of the parts that are held: a line an object, or, where objects are not followed, a line a box. Pictures
    /// that are by themselves are named by their files.
    /// </summary>
    private static string Text(DataSet opened, Func<SetPart, bool> held)
    {
        var set = Clips.Of(opened);
        var lines = held(SetPart.UnusedClasses)
            ? [string.Join(',', set.Categories.Select(category => category.Name).Order(StringComparer.Ordinal))]
            : new List<string>();
        _ = set.ByVideo(
                (v, tracks) =>
                {
                    var video = set.Videos[v];
                    lines.Add($"{(set.Frames == set.Videos.Length ? "" : video.Name)} {video.Frames} {(held(SetPart.Ids) ? video.Id : 0)}");
                    lines.AddRange(
                        tracks
                            .SelectMany(track =>
                            {
                                var sights = Enumerable
                                    .Range(0, track.Frames)
                                    .Where(t => track.Seen(t) is not null)
                                    .Select(t =>
                                        $"{t}:{track.Seen(t)}{(held(SetPart.Areas) ? track.AreaAt(t) : "")}{(held(SetPart.Masks) && track.Rle(t) is { } mask ? Rles.ToText(mask) : "")}"
                                    );
                                var what =
                                    $"{set.Categories[track.Category].Name}{(held(SetPart.Crowds) && track.IsCrowd ? " crowd" : "")} ";
                                return held(SetPart.Tracks) ? [what + string.Join(' ', sights)] : sights.Select(sight => what + sight);
                            })
                            .Order(StringComparer.Ordinal)
                    );
                    return null;
                },
                problem => problem.Error,
                null
            )
            .OrThrow();
        return string.Join('\n', lines);
    }
}
