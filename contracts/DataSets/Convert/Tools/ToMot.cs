using System.Globalization;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes SEQUENCE/gt/gt.txt and seqinfo.ini. Where all classes are MOTChallenge's, as it publishes them (pixels from 1); others are lines
/// of labels.txt, as CVAT and Datumaro have it (pixels from 0).
/// </summary>
internal static class ToMot
{
    public static DecodeError? Write(Conversion work)
    {
        var own = work.Set.Categories.All(category => MotText.Names.Contains(category.Name));
        string[] names = [.. own ? MotText.Names : work.Set.Categories.Select(category => category.Name)];
        var files = own ? new[] { "gt/gt.txt", "seqinfo.ini" } : ["gt/gt.txt", $"gt/{MotText.Labels}", "seqinfo.ini"];
        work.Tally.Lose(
            "folders in the names of clips",
            work.Set.Videos.Count(video => video.Name.Contains('/', StringComparison.Ordinal))
        );
        return FolderOutput.Write(
            work,
            work.Set.Videos.SelectMany(video =>
                files.Select(file => new PlacedFile($"{FolderOf(video)}/{file}", $"video {video.Name} (id {video.Id})"))
            ),
            folder =>
                ToolBoxes.Each(
                    work,
                    clip =>
                    {
                        var at = Path.Combine(folder, FolderOf(clip.Of));
                        return Lines(Path.Combine(at, "gt", "gt.txt"), Rows(work, clip, names, first: own ? 1 : 0))
                            ?? Lines(Path.Combine(at, "seqinfo.ini"), Info(clip.Of))
                            ?? (own ? null : Lines(Path.Combine(at, "gt", MotText.Labels), names));
                    }
                )
        );
    }

    private static string FolderOf(SetVideo video) => video.Name.Replace('/', '_');

    private static IEnumerable<string> Rows(Conversion work, ClipBoxes clip, string[] names, int first)
    {
        var fit = clip.Tracks.All(track => track.Number >= 1);
        work.Tally.Lose("ids of objects below 1 (the objects of their clip are numbered)", fit ? 0 : clip.Tracks.Count);
        var numbers = clip
            .Tracks.Select((track, i) => (track, Number: fit ? track.Number : i + 1))
            .ToDictionary(pair => pair.track, pair => pair.Number);
        foreach (var frame in clip.ByFrame().OrderBy(frame => frame.Key))
        {
            foreach (var (track, c) in frame.OrderBy(pair => numbers[pair.Track]))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{frame.Key + 1},{numbers[track]},{c.X1 + first},{c.Y1 + first},{c.X2 - c.X1},{c.Y2 - c.Y1},{(track.IsCrowd ? 0 : 1)},{Array.IndexOf(names, track.Name) + 1},1"
                );
            }
        }
    }

    private static IEnumerable<string> Info(SetVideo of) =>
        [
            "[Sequence]",
            $"name={FolderOf(of)}",
            "imDir=img1",
            string.Create(CultureInfo.InvariantCulture, $"seqLength={of.Frames}"),
            string.Create(CultureInfo.InvariantCulture, $"imWidth={of.Size.Width}"),
            string.Create(CultureInfo.InvariantCulture, $"imHeight={of.Size.Height}"),
            $"imExt={(of.Files.IsEmpty ? ".jpg" : Path.GetExtension(of.Files[0]))}",
        ];

    /// <summary>Writes a text of lines.</summary>
    public static DecodeError? Lines(string path, IEnumerable<string> lines) =>
        WholeOutput.Write(
            path,
            stream =>
            {
                using var text = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
                foreach (var line in lines)
                {
                    text.WriteLine(line);
                }

                return null;
            }
        );
}
