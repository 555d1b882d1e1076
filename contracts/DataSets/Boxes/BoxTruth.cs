using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Boxes from files of the user's, checked against the clips that they are about.</summary>
internal static class BoxTruth
{
    /// <summary>
    /// Reads the setting <c>boxes</c>: one file, or a folder with CLIP.csv or CLIP.json, or of one of the forms that are folders.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="classes">What the classes are.</param>
    /// <param name="clipBoxes">Whether boxes may reach over the border.</param>
    /// <param name="clips">The chosen clips, in the catalogue's order.</param>
    /// <param name="known">All clips of the source, with the sizes of the chosen ones: boxes of a clip that is not chosen are passed over,
    /// boxes of one that does not
    /// exist are an error.</param>
    public static Result<TruthTable, DecodeError> Read(
        string path,
        ClassChoice classes,
        bool clipBoxes,
        ImmutableArray<ClipInfo> clips,
        IReadOnlyList<SetVideo> known
    ) =>
        from read in Files(path, clips)
        from files in read.Select(file => Placing.On(file, known)).Sequence()
        from classing in Classes(classes, files)
        from table in Table(clipBoxes, clips, [.. known.Select(video => video.Name)], files, classing)
        select new TruthTable(classing.Categories, at => Result.Ok<Annotation?, DecodeError>(table.GetValueOrDefault(at)));

    /// <summary>Checks a file of boxes against the clips that it is about; clips of no size (0x0) bound nothing.</summary>
    public static Result<Unit, DecodeError> Check(BoxFile file, ImmutableArray<ClipInfo> clips, bool clipBoxes) =>
        from classing in Classes(ClassChoice.FromFile, [file])
        from table in Table(clipBoxes, clips, [.. clips.Select(clip => clip.Name)], [file], classing)
        select default(Unit);

    private static Result<IReadOnlyList<BoxFile>, DecodeError> Files(string path, ImmutableArray<ClipInfo> clips)
    {
        if (!Directory.Exists(path) || BoxFolders.FormOf(path) is DataFormat.Labelme or DataFormat.Mot or DataFormat.Yolo)
        {
            return BoxFile.Read(path).Map(file => (IReadOnlyList<BoxFile>)[file]);
        }

        var found = clips
            .SelectMany(clip =>
                new[] { ".csv", ".json", ".xml", ".txt" }.Select(ending => (clip.Name, File: Path.Combine(path, clip.Name + ending)))
            )
            .Where(pair => File.Exists(pair.File))
            .ToArray();
        return found.Length == 0
            ? new DecodeError.Missing(
                path,
                $"CLIP.csv or CLIP.json for any clip ({ClipChoice.Names([.. clips.Select(clip => clip.Name)])})"
            )
            : found.Select(pair => BoxFile.Read(pair.File).Map(file => BoxFile.OfClip(file, pair.Name))).Sequence();
    }

    private static Result<Classing, DecodeError> Classes(ClassChoice choice, IReadOnlyList<BoxFile> files)
    {
        var boxes = files.SelectMany(file => file.Boxes.Select(box => (file.Path, box))).ToArray();
        var stated = files.SelectMany(file => file.Categories).Distinct(StringComparer.Ordinal).ToArray();
        var occurring = boxes.Select(pair => pair.box.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var classing = Classing.Choose(choice, stated.Length > 0 ? stated : occurring);
        if (boxes.FirstOrDefault(pair => string.IsNullOrWhiteSpace(pair.box.Class)) is { box: { } nameless } where)
        {
            return new DecodeError.BadAnnotation(
                where.Path,
                nameless.Place,
                "the box has no class",
                "Give it one; with one kind of object, any word."
            );
        }

        return boxes.FirstOrDefault(pair => classing.ClassOf(pair.box.Class) is null) is { box: { } stray } at
            ? new DecodeError.BadAnnotation(
                at.Path,
                stray.Place,
                $"the class {stray.Class} is none of {classing.Names}",
                "Correct it, or the setting categories."
            )
            : classing;
    }

    private static Result<Dictionary<FrameAt, Annotation>, DecodeError> Table(
        bool clipBoxes,
        ImmutableArray<ClipInfo> clips,
        ImmutableArray<string> known,
        IReadOnlyList<BoxFile> files,
        Classing classing
    )
    {
        var byName = clips.Select((clip, i) => (clip.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        var table = new Dictionary<FrameAt, (List<Instance> Instances, HashSet<long> Ids)>();
        var all = known.ToHashSet(StringComparer.Ordinal);
        var classOfTrack = new Dictionary<(int Clip, long Id), (int Class, string Place)>();
        foreach (var file in files)
        {
            foreach (var frame in file.Frames)
            {
                switch (Locate(file.Path, frame.Clip, frame.Frame, frame.Place, byName, clips, known, all))
                {
                    case Result<FrameAt?, DecodeError>.Error(var reason):
                        return reason;
                    case Result<FrameAt?, DecodeError>.Ok({ } at):
                        if (!table.TryAdd(at, ([], [])))
                        {
                            return new DecodeError.BadAnnotation(
                                file.Path,
                                frame.Place,
                                $"frame {frame.Frame} is listed twice",
                                "List each frame once, with all of its boxes."
                            );
                        }

                        break;
                }
            }

            foreach (var box in file.Boxes)
            {
                if (
                    Locate(file.Path, box.Clip, box.Frame, box.Place, byName, clips, known, all)
                    is not Result<FrameAt?, DecodeError>.Ok
                    ({ } at)
                )
                {
                    continue; // the clip is not chosen
                }

                var index = classing.ClassOf(box.Class)!.Value;
                if (BoxRule.Problem(box.Box, clips[at.Clip].Size, clipBoxes) is { } problem)
                {
                    return new DecodeError.BadAnnotation(file.Path, box.Place, problem.Text, problem.Remedy);
                }

                if (!table[at].Ids.Add(box.Id))
                {
                    return new DecodeError.BadAnnotation(
                        file.Path,
                        box.Place,
                        $"frame {box.Frame} has two boxes with the id {box.Id}",
                        "Give each object an id of its own."
                    );
                }

                var track = (at.Clip, box.Id);
                if (!classOfTrack.TryAdd(track, (index, box.Place)) && classOfTrack[track] is var first && first.Class != index)
                {
                    return new DecodeError.BadAnnotation(
                        file.Path,
                        box.Place,
                        $"object {box.Id} is a {box.Class} here and a {classing.Categories[first.Class].Name} in {first.Place}",
                        "An object keeps its class: correct one, or give them two ids."
                    );
                }

                table[at].Instances.Add(new Instance(box.Id, index, box.Box.Clip(clips[at.Clip].Size), IsCrowd: box.IsCrowd));
            }

            if (SharesOfFrame.Problem(file) is { } shares)
            {
                return shares;
            }
        }

        return table.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.Instances.Count == 0 ? Annotation.Empty : new Annotation([.. pair.Value.Instances])
        );
    }

    /// <summary>The frame meant; null where its clip exists but is not chosen.</summary>
    private static Result<FrameAt?, DecodeError> Locate(
        string path,
        string? clip,
        int frame,
        string place,
        Dictionary<string, int> clips,
        ImmutableArray<ClipInfo> infos,
        ImmutableArray<string> known,
        HashSet<string> all
    )
    {
        if (clip is null && known.Length > 1)
        {
            return new DecodeError.BadAnnotation(
                path,
                place,
                $"which of the {known.Length} clips is meant is not said",
                "Add a clip (CSV: a column; JSON: a member), or use a file for each clip."
            );
        }

        var name = clip ?? known[0];
        if (!clips.TryGetValue(name, out var index))
        {
            return all.Contains(name)
                ? Result.Ok<FrameAt?, DecodeError>(null)
                : new DecodeError.BadAnnotation(path, place, $"there is no clip {name}", $"There are {ClipChoice.Names(known)}.");
        }

        return frame < infos[index].Frames
            ? Result.Ok<FrameAt?, DecodeError>(new FrameAt(index, frame))
            : new DecodeError.BadAnnotation(
                path,
                place,
                $"frame {frame} does not exist: clip {name} has {infos[index].Frames} frames",
                "Frames count from 0; check that the boxes belong to this clip."
            );
    }
}
