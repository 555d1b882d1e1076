using System.Buffers.Text;
using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What a made-up set is like.</summary>
/// <param name="Videos">Number of videos.</param>
/// <param name="Frames">Frames of all of them together.</param>
/// <param name="Classes">Categories; up to 40 have the names of YouTube-VIS 2019.</param>
/// <param name="Height">Of the frames, pixels.</param>
/// <param name="Width">Of the frames, pixels.</param>
/// <param name="Polygons">Outlines in place of run lengths.</param>
/// <param name="Seed">Decides everything.</param>
/// <param name="Force">Overwrites what is there.</param>
public sealed record MakeUpOptions(
    int Videos = 2238,
    int Frames = 61845,
    int Classes = 40,
    int Height = 720,
    int Width = 1280,
    bool Polygons = false,
    ulong Seed = 1,
    bool Force = false
);

/// <summary>
/// Writes a YouTube-VIS file of any size without pictures, to try tools and to measure them: blobs with ragged borders that drift
/// through their video, one to four of them, in some frames not seen.
/// </summary>
public static class MakeUp
{
    private const double SameClass = 0.8; // of a further object: that of the first
    private const double SmallObjects = 0.2;
    private static readonly double[] ObjectShares = [0.62, 0.83, 0.94]; // at most 1, 2, 3 objects; the rest has 4

    public static Result<Unit, DecodeError> Write(string path, MakeUpOptions options, Progress? progress = null)
    {
        if (options.Videos < 1 || options.Frames < options.Videos || options.Classes < 1 || Math.Min(options.Height, options.Width) < 16)
        {
            return new DecodeError.BadSetting(
                "make-up",
                "there must be a video, a frame a video, a class, and frames of 16 pixels or more",
                "Correct the numbers."
            );
        }

        return from _ in WholeOutput.Free([path], options.Force, [])
            from done in WholeOutput.Write(
                path,
                stream =>
                {
                    new Author(stream, options, progress).Write();
                    return null;
                }
            )
                is { } error
                ? error
                : Result.Ok<Unit, DecodeError>(default)
            select done;
    }

    /// <summary>Frames of the videos: near the mean, which they make up exactly.</summary>
    internal static ImmutableArray<int> Lengths(MakeUpOptions options)
    {
        var draws = new Seed(options.Seed).Derive("lengths").Draws();
        var weights = Enumerable.Range(0, options.Videos).Select(_ => 0.4 + draws.NextDouble()).ToArray();
        var (total, spare) = (weights.Sum(), options.Frames - options.Videos);
        var lengths = weights.Select(weight => 1 + (int)(weight / total * spare)).ToArray();
        for (var (i, missing) = (0, options.Frames - lengths.Sum()); missing > 0; i++, missing--)
        {
            lengths[i % lengths.Length]++;
        }

        return [.. lengths];
    }

    private sealed class Author(Stream stream, MakeUpOptions options, Progress? progress)
    {
        private readonly ImmutableArray<int> _lengths = Lengths(options);
        private byte[] _line = new byte[1 << 16];
        private int _at;

        public void Write()
        {
            Text("{\"info\":{\"description\":\"made up\"},\"licenses\":[],\"categories\":[");
            for (var c = 0; c < options.Classes; c++)
            {
                Text($"{(c == 0 ? "" : ",")}{{\"supercategory\":\"object\",\"id\":{c + 1},\"name\":\"{NameOf(c)}\"}}");
            }

            Text("],\n\"videos\":[");
            for (var v = 0; v < _lengths.Length; v++)
            {
                Text(
                    $"{(v == 0 ? "" : ",\n")}{{\"id\":{v + 1},\"width\":{options.Width},\"height\":{options.Height},\"length\":{_lengths[v]},\"file_names\":["
                );
                for (var t = 0; t < _lengths[v]; t++)
                {
                    Text($"{(t == 0 ? "" : ",")}\"{v + 1:x10}/{5 * t:D5}.jpg\"");
                }

                Text("]}");
            }

            Text("],\n\"annotations\":[");
            for (var (v, id) = (0, 1); v < _lengths.Length; v++)
            {
                var draws = new Seed(options.Seed).Derive("video").Derive(v).Draws();
                var share = draws.NextDouble();
                for (var o = 0; o <= ObjectShares.Count(most => share >= most); o++)
                {
                    Track(id++, v, o, draws);
                }

                progress?.Invoke(v + 1, _lengths.Length);
            }

            Text("]}\n");
            Flush();
        }

        private static string NameOf(int index) =>
            index < Classing.YoutubeVis.Categories.Length ? Classing.YoutubeVis.Categories[index].Name : $"class_{index + 1}";

        private void Track(int id, int video, int order, Draws draws)
        {
            var category = order == 0 || draws.NextDouble() < SameClass ? video % options.Classes : draws.Next(options.Classes);
            var scale = draws.NextDouble() is var size && size < SmallObjects ? 0.02 + (0.4 * size) : draws.NextDouble(0.25, 0.7);
            var blobs = Enumerable
                .Range(0, _lengths[video])
                .Select(t => draws.NextDouble() < 0.05 ? null : Blob.Of(options, scale, draws, t))
                .ToArray();
            Text(
                $"{(id == 1 ? "" : ",\n")}{{\"id\":{id},\"video_id\":{video + 1},\"category_id\":{category + 1},\"iscrowd\":0,\"width\":{options.Width},\"height\":{options.Height},\"length\":1,\"bboxes\":["
            );
            List(blobs, blob => Text($"[{blob.Left}.0,{blob.Top}.0,{blob.Columns}.0,{blob.Bottom - blob.Top}.0]"));
            Text("],\"areas\":[");
            List(blobs, blob => Number(blob.Area));
            Text("],\"segmentations\":[");
            List(
                blobs,
                blob =>
                {
                    if (options.Polygons)
                    {
                        Outline(blob);
                    }
                    else
                    {
                        Runs(blob);
                    }
                }
            );
            Text("]}");
        }

        private void List(Blob?[] blobs, Action<Blob> write)
        {
            for (var t = 0; t < blobs.Length; t++)
            {
                Text(t == 0 ? "" : ",");
                if (blobs[t] is { } blob)
                {
                    write(blob);
                }
                else
                {
                    Text("null");
                }
            }
        }

        private void Runs(Blob blob)
        {
            Text("{\"counts\":[");
            var end = 0;
            for (var x = 0; x < blob.Columns; x++)
            {
                var column = (blob.Left + x) * options.Height;
                Number(column + blob.Tops[x] - end);
                Text(",");
                Number(blob.Bottoms[x] - blob.Tops[x]);
                Text(",");
                end = column + blob.Bottoms[x];
            }

            Number((options.Width * options.Height) - end);
            Text($"],\"size\":[{options.Height},{options.Width}]}}");
        }

        private void Outline(Blob blob)
        {
            Text("[[");
            for (var x = 0; x < blob.Columns; x++)
            {
                Text($"{(x == 0 ? "" : ",")}{blob.Left + x}.5,{blob.Tops[x]}.0");
            }

            for (var x = blob.Columns - 1; x >= 0; x--)
            {
                Text($",{blob.Left + x}.5,{blob.Bottoms[x]}.0");
            }

            Text("]]");
        }

        private void Number(long value)
        {
            Reserve(24);
            Utf8Formatter.TryFormat(value, _line.AsSpan(_at), out var written);
            _at += written;
        }

        private void Text(string text)
        {
            Reserve(3 * text.Length);
            _at += System.Text.Encoding.UTF8.GetBytes(text, _line.AsSpan(_at));
        }

        private void Reserve(int bytes)
        {
            if (_at + bytes > _line.Length)
            {
                Flush();
                _line = bytes > _line.Length ? new byte[2 * bytes] : _line;
            }
        }

        private void Flush()
        {
            stream.Write(_line, 0, _at);
            _at = 0;
        }
    }

    /// <summary>A mask of one run a column: never of two touching columns without a gap between their runs.</summary>
    private sealed record Blob(int Left, int Top, int Bottom, int[] Tops, int[] Bottoms)
    {
        public int Columns => Tops.Length;

        public long Area => Tops.Zip(Bottoms, (top, bottom) => (long)bottom - top).Sum();

        public static Blob Of(MakeUpOptions options, double scale, Draws draws, int frame)
        {
            var columns = Math.Max(4, (int)(options.Width * scale * draws.NextDouble(0.9, 1)));
            var left = (int)((options.Width - columns) * (0.5 + (0.5 * Math.Sin((0.07 * frame) + draws.NextDouble(0, 0.2)))));
            var (middle, half) = (options.Height * draws.NextDouble(0.42, 0.58), options.Height * scale * draws.NextDouble(0.4, 0.6));
            var (tops, bottoms) = (new int[columns], new int[columns]);
            for (var x = 0; x < columns; x++)
            {
                var round = Math.Sqrt(1 - Math.Pow((2.0 * (x + 0.5) / columns) - 1, 2));
                var extent = Math.Max(1, (half * round) + draws.NextDouble(-3, 3));
                tops[x] = Math.Clamp((int)(middle - extent), 1, options.Height - 3);
                bottoms[x] = Math.Clamp((int)(middle + extent), tops[x] + 1, options.Height - 1);
            }

            return new Blob(left, tops.Min(), bottoms.Max(), tops, bottoms);
        }
    }
}
