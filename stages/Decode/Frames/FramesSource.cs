using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>
/// Clips as folders of pictures: DAVIS's layout (JPEGImages/CLIP/NNNNN.jpg with Annotations/CLIP/NNNNN.png), or plain folders of
/// pictures; boxes from the masks or from a box file. Frames are the pictures of a folder in the order of their names.
/// </summary>
internal static class FramesSource
{
    public static Result<FrameSource, DecodeError> Open(DecodeOptions options) =>
        from all in ClipFolders.Find(options.Path!, options.Resolution)
        from chosen in ClipChoice.Select(options.Clipping, [.. all.Select(clip => clip.Name)], options.Path!)
        let clips = chosen.Select(i => all[i]).ToImmutableArray()
        from infos in clips.Select(ClipFolders.Info).Sequence()
        from truth in Truth(
            options,
            clips,
            [.. infos],
            [.. all.Select((clip, i) => new SetVideo(i + 1, clip.Name, clip.Pictures, clip.Pictures.Length, SizeOf(clip, infos)))]
        )
        let keyed = KeyedTruth.Of(truth, options.Keys, options.Between, [.. infos])
        select new FrameSource(
            new Catalogue(truth.Categories, [.. infos]),
            _ => new PictureReader(clips, [.. infos.Select(info => info.Size)], keyed.Of, options.Flows)
        );

    private static Size2 SizeOf(ClipFolder clip, IReadOnlyList<ClipInfo> infos) =>
        infos.FirstOrDefault(info => info.Name == clip.Name)?.Size ?? default;

    private static Result<TruthTable, DecodeError> Truth(
        DecodeOptions options,
        ImmutableArray<ClipFolder> clips,
        ImmutableArray<ClipInfo> infos,
        ImmutableArray<SetVideo> known
    ) =>
        options.Boxes is not null
            ? BoxTruth.Read(options.Boxes, options.Naming, options.ClipBoxes, infos, known)
            : MaskTruth.Open(options.Path!, options.Naming, clips, infos);
}
