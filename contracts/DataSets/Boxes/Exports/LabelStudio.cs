using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Label Studio's exports of videos, JSON and JSON_MIN: regions of key frames from 1, in percent of the frame. Between two key frames
/// positions, sizes and angles lie on straight lines; a key frame that is not enabled is the last one where the object is there; the last,
/// where enabled, holds to the end. Boxes turn about their top left corners, in pixels.
/// </summary>
internal static class LabelStudio
{
    /// <summary>Whether a file begins as one of this form.</summary>
    public static bool Is(string path)
    {
        var (found, stop) = (false, new DecodeError.Missing(path, "nothing"));
        _ = JsonElements.ForEach(
            path,
            part =>
            {
                found = part.Member.Length == 0 && IsTask(part.Bytes);
                return stop;
            },
            problem => problem.Error
        );
        return found;
    }

    /// <summary>Whether a list in a JSON begins with a task of this kind.</summary>
    public static bool IsTask(ReadOnlySpan<byte> first) =>
        (JsonReading.Has(first, "annotations"u8) && JsonReading.Has(first, "data"u8)) || first.IndexOf("\"sequence\""u8) >= 0;

    public static Result<BoxFile, DecodeError> Read(JsonAt root) =>
        root.Items()
            .Bind(tasks =>
            {
                var rows = new BoxRows(root.File);
                var (id, frames, videos) = (0L, (int?)null, new List<string?>());
                foreach (var task in tasks)
                {
                    var video = Video(task);
                    videos.Add(video);
                    switch (Regions(task, rows))
                    {
                        case Result<IReadOnlyList<JsonAt>, DecodeError>.Error(var reason):
                            return reason;
                        case Result<IReadOnlyList<JsonAt>, DecodeError>.Ok(var regions):
                            foreach (var region in regions)
                            {
                                if (Region(region, tasks.Count > 1 ? ClipOf(video, videos.Count) : null, ++id, rows) is { } error)
                                {
                                    return error;
                                }

                                frames ??= region.Find("framesCount")?.Count(1).Match(count => (int?)count, _ => null);
                            }

                            break;
                    }
                }

                return Result.Ok<BoxFile, DecodeError>(
                    rows.File(DataFormat.LabelStudio, "Label Studio's export of a video") with
                    {
                        InPercent = true,
                        Video = videos is [var only] ? only : null,
                        FramesStated = frames,
                    }
                );
            });

    /// <summary>The clip of a task: its video's name without folders and ending.</summary>
    private static string ClipOf(string? video, int number) => video is null ? $"task-{number}" : Path.GetFileNameWithoutExtension(video);

    private static string? Video(JsonAt task)
    {
        var data = task.Find("data") ?? task;
        var named = data.Find("video")?.Text().Match(text => text, _ => null!);
        return named is null ? null : Path.GetFileName(named.Split('?')[0].Replace('\\', '/'));
    }

    /// <summary>Values of the regions of a task.</summary>
    private static Result<IReadOnlyList<JsonAt>, DecodeError> Regions(JsonAt task, BoxRows rows)
    {
        if (task.Find("annotations") is not { } at)
        {
            return task.Element.ValueKind != JsonValueKind.Object
                ? task.Expected("a task, an object")
                : Result.Ok<IReadOnlyList<JsonAt>, DecodeError>([
                    .. task
                        .Element.EnumerateObject()
                        .Where(member => member.Value.ValueKind == JsonValueKind.Array)
                        .SelectMany(member =>
                            member
                                .Value.EnumerateArray()
                                .Select((value, i) => new JsonAt(task.File, $"{task.Path}.{member.Name}[{i}]", value))
                        )
                        .Where(value => value.Find("sequence") is not null),
                ]);
        }

        return from all in at.Items()
            from one in Chosen(at, all)
            from results in one is { } annotation && annotation.Find("result") is { } list
                ? list.Items()
                : Result.Ok<IReadOnlyList<JsonAt>, DecodeError>([])
            select (IReadOnlyList<JsonAt>)Values(results, rows);
    }

    /// <summary>The annotation of a task that counts: the only one, or the one that is said to be the truth.</summary>
    private static Result<JsonAt?, DecodeError> Chosen(JsonAt at, IReadOnlyList<JsonAt> all)
    {
        bool Says(JsonAt one, string flag) => one.Find(flag)?.Flag().Match(value => value, _ => false) ?? false;
        var valid = all.Where(one => !Says(one, "was_cancelled")).ToArray();
        return valid.Length <= 1 ? (valid is [var only] ? only : (JsonAt?)null)
            : valid.Where(one => Says(one, "ground_truth")).ToArray() is [var truth] ? truth
            : at.Wrong(
                $"the task has {valid.Length} annotations, and which one counts is not said",
                "Mark one as ground truth, or export one annotator's."
            );
    }

    private static List<JsonAt> Values(IReadOnlyList<JsonAt> results, BoxRows rows)
    {
        var values = new List<JsonAt>();
        foreach (var result in results)
        {
            if (result.Find("value") is { } value && value.Find("sequence") is not null)
            {
                values.Add(value);
            }
            else
            {
                rows.PassOver("results without a sequence");
            }
        }

        return values;
    }

    private sealed record Key(int Frame, bool IsEnabled, TurnedBox Box, string Place);

    private static DecodeError? Region(JsonAt region, string? clip, long id, BoxRows rows)
    {
        var read =
            from items in region.Get("sequence").Bind(at => at.Items())
            from keys in items.Select(KeyOf).Sequence()
            from end in region.Find("framesCount") is { } at ? at.Count(0) : Result.Ok<int, DecodeError>(0)
            select (Keys: keys.OrderBy(key => key.Frame).ToArray(), End: end);
        return read.Match(
            sequence =>
                Frames(
                    sequence.Keys,
                    sequence.End,
                    (frame, box, place) => rows.Percent(clip, frame - 1, id, Label(region), box, place),
                    rows
                ),
            error => error
        );
    }

    private static string Label(JsonAt region) =>
        region.Find("labels") is { } at && at.Items() is Result<IReadOnlyList<JsonAt>, DecodeError>.Ok([var first, ..])
            ? first.Text().Match(text => text, _ => "")
            : "";

    private static Result<Key, DecodeError> KeyOf(JsonAt at) =>
        from frame in at.Get("frame").Bind(number => number.Count(1))
        from enabled in at.Find("enabled") is { } flag ? flag.Flag() : Result.Ok<bool, DecodeError>(true)
        from x in at.Get("x").Bind(number => number.Number())
        from y in at.Get("y").Bind(number => number.Number())
        from width in at.Get("width").Bind(number => number.Number())
        from height in at.Get("height").Bind(number => number.Number())
        from degrees in at.Find("rotation") is { } turn ? turn.Number() : Result.Ok<double, DecodeError>(0)
        select new Key(frame, enabled, new TurnedBox(x, y, width, height, degrees), at.Path);

    private static DecodeError? Frames(Key[] keys, int end, Func<int, TurnedBox, string, DecodeError?> use, BoxRows rows)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var key = keys[i];
            var next = i + 1 < keys.Length ? keys[i + 1] : null;
            if (next?.Frame == key.Frame)
            {
                return rows.Wrong(next.Place, $"the key frame {key.Frame} is listed twice");
            }

            var last =
                !key.IsEnabled ? key.Frame
                : next is null ? Math.Max(key.Frame, end)
                : next.Frame - 1;
            for (var frame = key.Frame; frame <= last; frame++)
            {
                var box = next is null ? key.Box : key.Box.Towards(next.Box, (double)(frame - key.Frame) / (next.Frame - key.Frame));
                if (use(frame, box, key.Place) is { } error)
                {
                    return error;
                }
            }
        }

        return null;
    }
}
