using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Class index of an object of a clip, by its number; null for one that is left out.</summary>
internal delegate Result<int?, DecodeError> ClassOfObject(string clip, int number);

/// <summary>
/// Annotation pictures of DAVIS and YouTube-VOS: a palette or grey PNG for a frame, whose values are object numbers (0 background). Boxes
/// are the tight boxes of the masks. 255 is object 1 in a grey picture that has no other value (DAVIS 2016), and elsewhere a region without
/// annotation (DAVIS 2017). Numbers of 16 bits are those of MOTS (<see cref="MotsNumbers"/>). A frame without an annotation picture has no
/// annotation.
/// </summary>
internal static class MaskTruth
{
    private const int Void = 255;

    public static Result<TruthTable, DecodeError> Open(
        string root,
        ClassChoice classes,
        ImmutableArray<ClipFolder> clips,
        ImmutableArray<ClipInfo> infos
    ) =>
        from objects in ObjectNames.Read(Path.Combine(root, ObjectNames.FileName), classes.Classes == ClassNaming.Ytvis)
        from rule in Rule(root, classes, objects, clips)
        select new TruthTable(rule.Categories, at => Read(clips[at.Clip], at.Frame, infos[at.Clip].Size, rule.ClassOf));

    private static Result<(ImmutableArray<Category> Categories, ClassOfObject ClassOf), DecodeError> Rule(
        string root,
        ClassChoice classes,
        ObjectNames? objects,
        ImmutableArray<ClipFolder> clips
    )
    {
        if (
            objects is null
            && classes.Classes == ClassNaming.FromFile
            && MotsNumbers.Are(clips.Select(clip => clip.Masks).OfType<string>())
        )
        {
            var mots = Classing.Choose(classes, MotsNumbers.Classes);
            return (mots.Categories, (clip, number) => ClassOfMots(root, clip, number, mots));
        }

        if (classes.Classes == ClassNaming.Agnostic || (objects is null && classes.Classes == ClassNaming.FromFile))
        {
            return (Classing.Agnostic.Categories, (_, _) => 0);
        }

        if (objects is null)
        {
            return new DecodeError.BadSetting(
                "classes",
                $"ytvis needs to know what each object is, and {root} has no objects.json",
                "Add it (docs/data.md), or use classes: agnostic."
            );
        }

        var classing = Classing.Choose(classes, objects.Of(clips.Select(clip => clip.Name)));
        return (classing.Categories, (clip, number) => objects.ClassOf(clip, number, classing));
    }

    private static Result<int?, DecodeError> ClassOfMots(string root, string clip, int number, Classing classing) =>
        MotsNumbers.ClassOf(number) is >= 1 and var own
        && own <= MotsNumbers.Classes.Length
        && classing.ClassOf(MotsNumbers.Classes[own - 1]) is { } index
            ? Result.Ok<int?, DecodeError>(index)
            : new DecodeError.BadAnnotation(
                root,
                $"clip {clip}",
                $"the masks have an object {number}, and of MOTS' classes only {string.Join(", ", MotsNumbers.Classes.Select((name, i) => $"{i + 1} ({name})"))} have a name",
                "Say what the objects are in objects.json (docs/data.md), or use classes: agnostic."
            );

    private static Result<Annotation?, DecodeError> Read(ClipFolder clip, int frame, Size2 size, ClassOfObject classOf)
    {
        var path = clip.Masks is null ? null : Path.Combine(clip.Masks, Path.GetFileNameWithoutExtension(clip.Pictures[frame]) + ".png");
        return path is null || !File.Exists(path)
            ? Result.Ok<Annotation?, DecodeError>(null)
            : from labels in Labels(path, size)
            from found in Objects(labels, path, size)
            from instances in found.Select(o => classOf(clip.Name, o.Value).Map(index => Instance(o, index))).Sequence()
            select (Annotation?)new Annotation([.. instances.OfType<Instance>()]);
    }

    private static Instance? Instance(LabelMap.Labelled o, int? index) =>
        index is null ? null : new Instance(o.Value, index.Value, o.Box, o.Mask);

    private static Result<PngImage, DecodeError> Labels(string path, Size2 size) =>
        PictureFiles
            .Labels(path)
            .Map(AsGrey)
            .Map(InBytes)
            .Bind(png =>
                png switch
                {
                    { Kind: PngKind.Rgb } => new DecodeError.Corrupt(
                        path,
                        "an annotation must be a palette or grey PNG whose values are object numbers; this one has colours",
                        "Convert it to a palette picture."
                    ),
                    { Depth: 16 } when png.Kind != PngKind.Grey || !MotsNumbers.Holds(png.Deep) => new DecodeError.Corrupt(
                        path,
                        $"an annotation's object numbers are at most {Void}; this one, of 16 bits, has {png.Deep.Max()}",
                        "Number its objects from 1 and convert it to a palette picture."
                    ),
                    _ when png.Size != size => new DecodeError.Corrupt(
                        path,
                        $"the annotation is {png.Size}, its picture {size}",
                        "Make both one size (masks by nearest neighbour)."
                    ),
                    _ => Result.Ok<PngImage, DecodeError>(png),
                }
            );

    /// <summary>A picture of colours that are all greys: some masks of DAVIS 2016 were saved so.</summary>
    private static PngImage AsGrey(PngImage png)
    {
        if (png.Kind != PngKind.Rgb || png.Depth == 16)
        {
            return png;
        }

        var grey = new byte[png.Samples.Length / 3];
        for (var i = 0; i < grey.Length; i++)
        {
            grey[i] = png.Samples[3 * i];
            if (png.Samples[(3 * i) + 1] != grey[i] || png.Samples[(3 * i) + 2] != grey[i])
            {
                return png;
            }
        }

        return png with
        {
            Kind = PngKind.Grey,
            Samples = grey,
        };
    }

    /// <summary>A 16-bit grey picture whose numbers fit into a byte is one of 8 bits.</summary>
    private static PngImage InBytes(PngImage png) =>
        png is { Depth: 16, Kind: PngKind.Grey } && png.Deep.Max() <= Void
            ? png with
            {
                Depth = 8,
                Samples = [.. png.Deep.Select(value => (byte)value)],
                Deep = [],
            }
            : png;

    private static Result<IEnumerable<LabelMap.Labelled>, DecodeError> Objects(PngImage labels, string path, Size2 size)
    {
        if (labels.Depth == 16)
        {
            return MotsNumbers
                .Objects(labels.Deep, size)
                .Map(mots => mots.AsEnumerable())
                .MapError(problem => (DecodeError)new DecodeError.Corrupt(path, problem, "Leave the frame out."));
        }

        var found = LabelMap.Objects(labels.Samples, size);
        IEnumerable<LabelMap.Labelled> objects =
            labels.Kind == PngKind.Grey && found is [{ Value: Void }] ? [found[0] with { Value = 1 }] : found.Where(o => o.Value != Void);
        return Result.Ok<IEnumerable<LabelMap.Labelled>, DecodeError>(objects);
    }
}
