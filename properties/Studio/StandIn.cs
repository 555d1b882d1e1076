using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Pipeline.Taking;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Motion.Studio;

namespace Motion.Properties.Studio;

/// <summary>
/// A labelling for tests of the page alone: an ellipse in each box, by lines between the annotated frames, in the files of motion label.
/// </summary>
internal static class StandIn
{
    public static StudioTools Tools(StartLabel? label = null) =>
        new(
            label ?? Label(steps: 4, pause: 1),
            [.. TakeForm.All.Select(form => (form.Name, form.Words))],
            async (masks, sources, form, folder, progress, cancel) =>
                (
                    await TakeAway.Write(
                        masks,
                        sources,
                        [TakeForm.Of(form)!],
                        folder,
                        new OverlayOptions(Threads: 1),
                        (_, done, of) => progress(done, of),
                        cancel
                    )
                ).Map(taken => (taken[0].Path, taken[0].Lost))
        );

    /// <param name="steps">Of its progress.</param>
    /// <param name="pause">Milliseconds a step.</param>
    public static StartLabel Label(int steps, int pause) =>
        plan =>
        {
            var stop = new CancellationTokenSource();
            return new LabelJob(
                Task.Run(async () =>
                {
                    try
                    {
                        for (var step = 0; step < steps; step++)
                        {
                            WholeFile.Write(
                                Path.Combine(plan.Out, "progress.json"),
                                $$"""{"doing": "training", "done": {{step}}, "of": {{steps}}, "secondsLeft": {{(steps - step) * pause / 1000.0}}, "message": "loss {{10 - step}}"}"""
                            );
                            await Task.Delay(pause, stop.Token);
                        }

                        WholeFile.Write(Path.Combine(plan.Out, Masks.FileName), Made(plan).ToJsonString());
                        Directory.CreateDirectory(Path.Combine(plan.Out, "model"));
                        return new LabelEnd(0, "");
                    }
                    catch (OperationCanceledException)
                    {
                        return new LabelEnd(130, "stopped.");
                    }
                }),
                stop.Cancel
            );
        };

    private static JsonObject Made(LabelPlan plan)
    {
        var file = BoxFile.Read(plan.Boxes).OrThrow();
        var classes = BoxFile.Names(file);
        var (videos, annotations) = (new JsonArray(), new JsonArray());
        foreach (var (v, source) in plan.Sources.Index())
        {
            var info = Footage.Find(source).OrThrow()[0].Info().OrThrow();
            videos.Add(
                new JsonObject
                {
                    ["id"] = v + 1,
                    ["width"] = info.Size.Width,
                    ["height"] = info.Size.Height,
                    ["length"] = info.Frames,
                    ["file_names"] = new JsonArray([
                        .. Enumerable
                            .Range(0, info.Frames)
                            .Select(t => JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"{info.Name}/{t:D5}.jpg"))),
                    ]),
                }
            );
            foreach (var track in file.Boxes.Where(box => box.Clip == info.Name).GroupBy(box => box.Id))
            {
                var annotated = file.Frames.Where(frame => frame.Clip == info.Name).Select(frame => frame.Frame).Order().ToArray();
                var known = track.ToDictionary(box => box.Frame, box => box.Box);
                var boxes = Enumerable.Range(0, info.Frames).Select(t => Joined(known, annotated, t)).ToArray();
                annotations.Add(
                    new JsonObject
                    {
                        ["id"] = annotations.Count + 1,
                        ["track_id"] = track.Key,
                        ["video_id"] = v + 1,
                        ["category_id"] = classes.IndexOf(track.First().Class) + 1,
                        ["iscrowd"] = 0,
                        ["bboxes"] = Each(boxes, box => new JsonArray(box.X1, box.Y1, box.Width, box.Height)),
                        ["segmentations"] = Each(
                            boxes,
                            box =>
                                Ellipse(box, info.Size) is var mask
                                    ? new JsonObject
                                    {
                                        ["size"] = new JsonArray(info.Size.Height, info.Size.Width),
                                        ["counts"] = Rles.ToText(mask),
                                    }
                                    : null
                        ),
                        ["qualities"] = new JsonArray([
                            .. boxes.Select(
                                (box, t) =>
                                    box is null ? null : JsonValue.Create(Math.Round(0.3 + (0.65 * Math.Abs(Math.Cos(t * 0.21))), 4))
                            ),
                        ]),
                        ["given"] = new JsonArray([
                            .. boxes.Select((box, t) => box is null ? null : JsonValue.Create(known.ContainsKey(t))),
                        ]),
                    }
                );
            }
        }

        return new JsonObject
        {
            ["videos"] = videos,
            ["categories"] = new JsonArray([.. classes.Select((name, c) => new JsonObject { ["id"] = c + 1, ["name"] = name })]),
            ["annotations"] = annotations,
        };
    }

    /// <summary>The box on the line between the annotated frames next to it, where it stands in both.</summary>
    public static Box? Joined(IReadOnlyDictionary<int, Box> known, int[] annotated, int frame)
    {
        if (known.TryGetValue(frame, out var here))
        {
            return here;
        }

        var (from, to) = (annotated.LastOrDefault(at => at <= frame, -1), annotated.FirstOrDefault(at => at > frame, -1));
        if (!known.TryGetValue(from, out var a) || !known.TryGetValue(to, out var b) || from == frame)
        {
            return null;
        }

        float At(float start, float end) => start + ((end - start) * (frame - from) / (to - from));
        return new Box(At(a.X1, b.X1), At(a.Y1, b.Y1), At(a.X2, b.X2), At(a.Y2, b.Y2));
    }

    private static JsonArray Each(Box?[] boxes, Func<Box, JsonNode?> of) =>
        new([.. boxes.Select(box => box is { } some ? of(some) : null)]);

    private static Rle Ellipse(Box box, Size2 size)
    {
        var pixels = new byte[size.Area];
        for (var y = 0; y < size.Height; y++)
        {
            for (var x = 0; x < size.Width; x++)
            {
                var (dx, dy) = (
                    (x + 0.5 - ((box.X1 + box.X2) / 2)) / (box.Width / 2),
                    (y + 0.5 - ((box.Y1 + box.Y2) / 2)) / (box.Height / 2)
                );
                pixels[(y * size.Width) + x] = (dx * dx) + (dy * dy) <= 1 ? (byte)1 : (byte)0;
            }
        }

        return Rles.Encode(pixels, size);
    }
}

/// <summary>
/// A clip of our own making: two discs that cross a striped ground, as an mp4 with frames between others and uneven times.
/// </summary>
internal static class MadeClip
{
    public static string Write(TemporaryFolder folder, string name, Size2 size, int frames, bool sound = false)
    {
        for (var t = 0; t < frames; t++)
        {
            folder.Write(
                string.Create(CultureInfo.InvariantCulture, $"made-{name}/{t}.png"),
                PngWriter.Encode(Planes(size, t, frames), size).OrThrow()
            );
        }

        var path = folder[name + ".mp4"];
        Videos.Run([
            "-framerate",
            "10",
            "-i",
            folder[$"made-{name}/%d.png"],
            .. sound ? new[] { "-f", "lavfi", "-i", "sine=frequency=330:duration=1", "-c:a", "aac" } : [],
            "-vf",
            "setpts='PTS+if(gte(N,7),0.037/TB,0)'",
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            "1/1000",
            "-c:v",
            "libx264",
            "-threads",
            "1",
            "-bf",
            "2",
            "-g",
            "12",
            "-pix_fmt",
            "yuv420p",
            path,
        ]);
        return path;
    }

    /// <summary>Middle and radius of a disc.</summary>
    public static (double X, double Y, double Radius) Disc(Size2 size, int which, int t, int frames)
    {
        var way = t / (double)Math.Max(1, frames - 1);
        return which == 0
            ? (size.Width * (0.22 + (0.5 * way)), size.Height * (0.42 + (0.12 * Math.Sin(6 * way))), size.Height * 0.2)
            : (size.Width * (0.8 - (0.35 * way)), size.Height * 0.68, size.Height * 0.14);
    }

    private static byte[] Planes(Size2 size, int t, int frames)
    {
        var planes = new byte[3 * size.Area];
        for (var y = 0; y < size.Height; y++)
        {
            for (var x = 0; x < size.Width; x++)
            {
                var ground = 60 + (int)(50 * y / (double)size.Height) + ((((x + (2 * y)) / 14) + (y / 22)) % 2 * 16);
                (int R, int G, int B) colour = (ground - 15, ground, ground + 12);
                for (var which = 0; which < 2; which++)
                {
                    var (cx, cy, radius) = Disc(size, which, t, frames);
                    var (dx, dy) = (x - cx, y - cy);
                    if ((dx * dx) + (dy * dy) < radius * radius)
                    {
                        var light =
                            1
                            - (
                                0.5
                                * Math.Sqrt(((dx + (radius / 3)) * (dx + (radius / 3))) + ((dy + (radius / 3)) * (dy + (radius / 3))))
                                / radius
                            );
                        colour =
                            which == 0
                                ? ((int)(235 * light), (int)(120 * light), (int)(70 * light))
                                : ((int)(90 * light), (int)(170 * light), (int)(235 * light));
                    }
                }

                var at = (y * size.Width) + x;
                (planes[at], planes[size.Area + at], planes[(2 * size.Area) + at]) = (
                    (byte)Math.Clamp(colour.R, 0, 255),
                    (byte)Math.Clamp(colour.G, 0, 255),
                    (byte)Math.Clamp(colour.B, 0, 255)
                );
            }
        }

        return planes;
    }
}
