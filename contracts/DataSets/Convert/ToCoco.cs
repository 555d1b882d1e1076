using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes COCO's form: an image a frame, an annotation an object and frame. Where videos have several frames, video_id, frame_id and
/// track_id say what belongs together; tools that do not know them pass over them.
/// </summary>
internal static class ToCoco
{
    public static DecodeError? Write(Conversion work)
    {
        var set = work.Set;
        var single = set.Videos.All(video => video.Frames == 1);
        var firstImage = new long[set.Videos.Length];
        work.Tally.Lose(FormHolds.Lost(SetPart.UnannotatedFrames), work.Unannotated);
        return JsonOutput.Write(
            work.Path,
            json =>
            {
                Images(json, set, single, firstImage);
                JsonOutput.Categories(json, set);
                if (!set.IsAnnotated)
                {
                    return null;
                }

                json.WriteStartArray("annotations");
                var id = 0L;
                var error = JsonOutput.Error(
                    set.Tracks(
                        track =>
                        {
                            work.Tally.Instances++;
                            foreach (var frame in track.Told)
                            {
                                id = Annotation(json, work, track, frame, firstImage[track.Video] + frame, single, id);
                            }

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

    private static void Images(Utf8JsonWriter json, DataSet set, bool single, long[] firstImage)
    {
        if (!single)
        {
            json.WriteStartArray("videos");
            foreach (var video in set.Videos)
            {
                json.WriteStartObject();
                json.WriteNumber("id", video.Id);
                json.WriteString("name", video.Name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("images");
        for (var (v, next) = (0, 1L); v < set.Videos.Length; v++)
        {
            var video = set.Videos[v];
            firstImage[v] = single ? video.Id : next;
            for (var frame = 0; frame < video.Frames; frame++, next++)
            {
                json.WriteStartObject();
                json.WriteNumber("id", firstImage[v] + frame);
                json.WriteString("file_name", JsonOutput.FileOf(video, frame));
                json.WriteNumber("width", video.Size.Width);
                json.WriteNumber("height", video.Size.Height);
                if (!single)
                {
                    json.WriteNumber("video_id", video.Id);
                    json.WriteNumber("frame_id", frame);
                }
                else if (video.Of is { } of)
                {
                    json.WriteNumber("video_id", of.Video);
                    json.WriteNumber("frame_id", of.Frame);
                }

                json.WriteEndObject();
                JsonOutput.Drain(json);
            }
        }

        json.WriteEndArray();
    }

    private static long Annotation(Utf8JsonWriter json, Conversion work, TrackView track, int frame, long image, bool single, long last)
    {
        if (track.Seen(frame) is not { } box)
        {
            work.Tally.Lose("masks without a pixel", track.MaskAt(frame) is null ? 0 : 1);
            return last;
        }

        var (id, mask) = (single ? track.Id : last + 1, work.MaskOf(track, frame));
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", image);
        json.WriteNumber("category_id", work.Set.Categories[track.Category].Id);
        if (!single || track.Track is not null)
        {
            json.WriteNumber("track_id", track.Track ?? track.Id);
        }

        json.WriteNumber("iscrowd", track.IsCrowd ? 1 : 0);
        json.WriteNumber("area", track.AreaAt(frame) ?? track.AreaOf(frame)!.Value);
        json.WritePropertyName("bbox");
        JsonOutput.Box(json, box);
        if (mask is not null)
        {
            work.Tally.Masks++;
            json.WritePropertyName("segmentation");
            JsonOutput.Mask(json, track, mask);
        }

        json.WriteEndObject();
        work.Tally.Boxes++;
        JsonOutput.Drain(json);
        return id;
    }
}
