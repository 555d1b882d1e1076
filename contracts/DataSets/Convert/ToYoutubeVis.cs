using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Writes the 2019 form: videos, categories, tracks with an entry a frame.</summary>
internal static class ToYoutubeVis
{
    public static DecodeError? Write(Conversion work)
    {
        work.Tally.Lose(FormHolds.Lost(SetPart.UnannotatedFrames), work.Unannotated);
        return JsonOutput.Write(
            work.Path,
            json =>
            {
                Videos(json, work.Set);
                JsonOutput.Categories(json, work.Set);
                if (!work.Set.IsAnnotated)
                {
                    return null;
                }

                json.WriteStartArray("annotations");
                var error = JsonOutput.Error(
                    work.Set.Tracks(
                        track =>
                        {
                            Track(json, work, track);
                            JsonOutput.Drain(json);
                            return null;
                        },
                        work.Tolerate,
                        work.Progress
                    )
                );
                json.WriteEndArray();
                return error;
            }
        );
    }

    private static void Videos(Utf8JsonWriter json, DataSet set)
    {
        json.WriteStartArray("videos");
        foreach (var video in set.Videos)
        {
            json.WriteStartObject();
            json.WriteNumber("id", video.Id);
            json.WriteNumber("width", video.Size.Width);
            json.WriteNumber("height", video.Size.Height);
            json.WriteNumber("length", video.Frames);
            json.WriteStartArray("file_names");
            for (var frame = 0; frame < video.Frames; frame++)
            {
                json.WriteStringValue(JsonOutput.FileOf(video, frame));
            }

            json.WriteEndArray();
            json.WriteEndObject();
            JsonOutput.Drain(json);
        }

        json.WriteEndArray();
    }

    private static void Track(Utf8JsonWriter json, Conversion work, TrackView track)
    {
        var (set, video) = (work.Set, work.Set.Videos[track.Video]);
        var withMasks = track.Masks.Count > 0 && !work.Options.BoxesOnly;
        json.WriteStartObject();
        json.WriteNumber("id", track.Id);
        json.WriteNumber("video_id", video.Id);
        json.WriteNumber("category_id", set.Categories[track.Category].Id);
        json.WriteNumber("iscrowd", track.IsCrowd ? 1 : 0);
        json.WriteNumber("width", video.Size.Width);
        json.WriteNumber("height", video.Size.Height);
        json.WriteNumber("length", 1); // as published: it is not the number of frames
        if (track.Boxes.Count > 0 || !withMasks)
        {
            json.WriteStartArray("bboxes");
            for (var frame = 0; frame < video.Frames; frame++)
            {
                var box = track.Boxes.Count > 0 ? track.BoxAt(frame) : track.Seen(frame);
                work.Tally.Boxes += box is null ? 0 : 1;
                JsonOutput.Box(json, box);
            }

            json.WriteEndArray();
        }

        if (track.Areas.Count > 0)
        {
            json.WriteStartArray("areas");
            for (var frame = 0; frame < video.Frames; frame++)
            {
                if (track.AreaAt(frame) is { } area)
                {
                    json.WriteNumberValue(area);
                }
                else
                {
                    json.WriteNullValue();
                }
            }

            json.WriteEndArray();
        }

        Masks(json, work, track, video, withMasks);
        json.WriteEndObject();
        work.Tally.Instances++;
    }

    private static void Masks(Utf8JsonWriter json, Conversion work, TrackView track, SetVideo video, bool withMasks)
    {
        if (!withMasks)
        {
            work.Tally.Lose(FormHolds.Lost(SetPart.Masks), track.Masks.Frames.Length);
            return;
        }

        json.WriteStartArray("segmentations");
        for (var frame = 0; frame < video.Frames; frame++)
        {
            work.Tally.Masks += track.MaskAt(frame) is null ? 0 : 1;
            JsonOutput.Mask(json, track, track.MaskAt(frame));
        }

        json.WriteEndArray();
    }
}
