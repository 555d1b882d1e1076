using System.Globalization;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes YOLO's set: data.yaml with the classes, labels/NAME.txt for each annotated picture, and images/NAME where pictures are asked for.
/// </summary>
internal static class ToYolo
{
    private const string Names = "data.yaml";
    private const int Digits = 12; // of a share: a millionth of a pixel of the largest picture

    public static DecodeError? Write(Conversion work) =>
        FolderOutput.Write(
            work,
            work.Set.Videos.SelectMany(video =>
                    Enumerable
                        .Range(0, video.Frames)
                        .SelectMany(frame =>
                            new[] { TextOf(video, frame), Pictured(work, video) ? PictureOf(video, frame) : null }
                                .OfType<string>()
                                .Select(name => new PlacedFile(name, $"video {video.Name}, frame {frame} (id {video.Id})"))
                        )
                )
                .Prepend(new PlacedFile(Names, null)),
            folder =>
                ToMot.Lines(
                    Path.Combine(folder, Names),
                    [
                        "train: images",
                        "val: images",
                        work.Set.Categories.IsEmpty ? "names: {}" : "names:",
                        .. work.Set.Categories.Select(
                            (category, i) =>
                                string.Create(CultureInfo.InvariantCulture, $"  {i}: {JsonSerializer.Serialize(category.Name)}")
                        ),
                    ]
                ) ?? ToolBoxes.Each(work, clip => Clip(work, clip, folder))
        );

    private static DecodeError? Clip(Conversion work, ClipBoxes clip, string folder)
    {
        var (byFrame, annotated) = (clip.ByFrame(), clip.Annotated.ToHashSet());
        for (var frame = 0; frame < clip.Of.Frames; frame++)
        {
            var problem = annotated.Contains(frame)
                ? ToMot.Lines(
                    Path.Combine(folder, TextOf(clip.Of, frame)),
                    byFrame[frame].Select(box => Row(box.Track.Class, box.Corners, clip.Of.Size))
                )
                : null;
            problem ??= Pictured(work, clip.Of)
                ? FolderOutput.Picture(work, clip.Of, frame, Path.Combine(folder, PictureOf(clip.Of, frame)))
                : null;
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static bool Pictured(Conversion work, SetVideo video) => work.Options.Pictures != PicturesAs.None && !video.Files.IsEmpty;

    private static string TextOf(SetVideo video, int frame) => $"labels/{Path.ChangeExtension(JsonOutput.FileOf(video, frame), ".txt")}";

    private static string PictureOf(SetVideo video, int frame) => $"images/{JsonOutput.FileOf(video, frame)}";

    private static string Row(int category, StatedCorners c, Size2 size) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{category} {Share((c.X1 + c.X2) / 2, size.Width)} {Share((c.Y1 + c.Y2) / 2, size.Height)} {Share(c.X2 - c.X1, size.Width)} {Share(c.Y2 - c.Y1, size.Height)}"
        );

    private static string Share(decimal pixels, int of) =>
        decimal.Round(pixels / of, Digits).ToString("0.############", CultureInfo.InvariantCulture);
}
