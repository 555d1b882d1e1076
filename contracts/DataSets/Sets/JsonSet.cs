using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Opens YouTube-VIS and COCO files. The lists of videos (images) and categories are read first and held; annotations, wherever they
/// stand in the file, are gone through one at a time.
/// </summary>
internal static class JsonSet
{
    /// <summary>Reads the lists of a file.</summary>
    /// <param name="file">The JSON.</param>
    /// <param name="format">YouTube-VIS or COCO.</param>
    /// <param name="reading">How.</param>
    public static Result<DataSet, DecodeError> Open(JsonFile file, DataFormat format, SetReading reading)
    {
        var lists = new Lists(file.Name, format == DataFormat.YoutubeVis, reading);
        return from arrays in JsonElements.ForEach(file, lists.Take, reading.Tolerate, reading.Progress)
               from _ in lists.Needed(arrays)
               select Of(file, format, lists, arrays.Contains("annotations"), reading);
    }

    private static DataSet Of(JsonFile file, DataFormat format, Lists lists, bool isAnnotated, SetReading reading)
    {
        var categories = lists.Categories.OrderBy(category => category.Id).ToImmutableArray();
        var rules = new TrackRules(
            file, format == DataFormat.YoutubeVis, reading, lists.Named(), lists.VideoOf, lists.LeftOut,
            categories.Select((category, i) => (category.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i));
        return new DataSet(file.Name, format, categories, [.. rules.Videos], isAnnotated, null)
        {
            Tracks = (use, tolerate, progress) => Tracks(rules, use, tolerate, progress),
            ByVideo = (use, tolerate, progress) => ByVideo(rules, use, tolerate, progress),
            Extras = [.. lists.Extras],
            Rules = rules,
        };
    }

    private static Result<Unit, DecodeError> Tracks(TrackRules rules, UseTrack use, Tolerate tolerate, Progress? progress)
    {
        var (reader, view, shares) = (new TrackReader(rules), new TrackView(), new SharesOfFrame.Watch(rules.File.Name));
        return JsonElements.ForEach(
            rules.File,
            part => part is not { Member: "annotations", Index: >= 0 } ? null
                : reader.Read(part, view) is { } problem ? tolerate(problem)
                : Watched(view),
            _ => null, // parts that are no UTF-8, and a broken end, were told of when the lists were read
            progress).Bind(_ => shares.Problem is { } problem ? problem : Result.Ok<Unit, DecodeError>(default));

        DecodeError? Watched(TrackView track)
        {
            if (!rules.Reading.AsPycocotools)
            {
                shares.Add(track);
            }

            return use(track);
        }
    }

    private static Result<Unit, DecodeError> ByVideo(TrackRules rules, UseVideo use, Tolerate tolerate, Progress? progress)
    {
        var places = rules.Videos.Select(_ => new List<(long Index, long Offset, int Length)>()).ToArray();
        return from _ in Tracks(rules, Note, tolerate, progress)
               from done in EachVideo(rules, places, use)
               select done;

        DecodeError? Note(TrackView track)
        {
            places[track.Video].Add((track.Index, track.Offset, track.JsonLength));
            return null;
        }
    }

    private static Result<Unit, DecodeError> EachVideo(TrackRules rules, List<(long Index, long Offset, int Length)>[] places, UseVideo use)
    {
        try
        {
            using var file = InputFile.OpenHandle(rules.File.Path);
            var reader = new TrackReader(rules);
            for (var video = 0; video < places.Length; video++)
            {
                var tracks = new List<TrackView>();
                foreach (var (index, offset, length) in places[video])
                {
                    var bytes = new byte[length];
                    var view = new TrackView();
                    if (RandomAccess.Read(file, bytes, offset) != length || reader.Read(new JsonPart("annotations", index, bytes, offset), view) is not null)
                    {
                        return new DecodeError.Corrupt(rules.File.Name, "the file changed while it was read", "Read it again once nothing writes to it.");
                    }

                    tracks.Add(view);
                }

                if (use(video, tracks) is { } error)
                {
                    return error;
                }
            }

            return default(Unit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(rules.File.Name, e);
        }
    }

    /// <summary>The lists of a file, as they are read.</summary>
    private sealed class Lists(string path, bool ofVideos, SetReading reading)
    {
        private readonly string _list = ofVideos ? "videos" : "images";
        private readonly List<SetVideo> _videos = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private readonly HashSet<long> _categoryIds = [];

        public List<SetCategory> Categories { get; } = [];

        public Dictionary<long, int> VideoOf { get; } = [];

        public HashSet<long> LeftOut { get; } = [];

        public SortedSet<string> Extras { get; } = new(StringComparer.Ordinal);

        /// <summary>Whether the lists that make a set are there; of a comparison, its annotations too.</summary>
        public Result<Unit, DecodeError> Needed(IReadOnlySet<string> arrays)
        {
            if (arrays.Contains(""))
            {
                return NoList;
            }

            string[] needed = reading.Use is SetUse.Frames ? [_list, "categories"] : [_list, "categories", "annotations"];
            var lacking = needed.Where(name => !arrays.Contains(name)).ToArray();
            return lacking.Length == 0 ? default(Unit) : new DecodeError.BadAnnotation(
                path, "$", $"the {(lacking.Length == 1 ? "list" : "lists")} {string.Join(", ", lacking)} {(lacking.Length == 1 ? "is" : "are")} missing",
                lacking is ["annotations"] ? "There is nothing to compare with: test sets are published without annotations."
                : $"Annotations of {_list} have {_list}, categories and annotations; this may be a file of {(ofVideos ? "images" : "videos")}, or no set.");
        }

        private DecodeError NoList => new DecodeError.BadAnnotation(
            path, "$", "annotations are one JSON object with images or videos, annotations and categories; this file is a list",
            "A list is how results are written, and motion evaluate compares it with a set: are the two files swapped?");

        public DecodeError? Take(JsonPart part)
        {
            return part.Member.Length == 0 ? NoList
                : part.Member == "annotations" && part.Index >= 0 ? null // gone through later, when videos and categories are known
                : Checked(part, part.Member, part.Index);
        }

        private DecodeError? Checked(JsonPart part, string member, long index)
        {
            var problem = JsonReading.Read(path, part, isResult: false, (ref json) =>
                member == _list && index >= 0 ? Video(ref json, index)
                : member == "categories" && index >= 0 ? Category(ref json, index)
                : Other(ref json, member, index));
            if (problem is not null && member == _list && JsonReading.MemberOf(part.Bytes, "id"u8) is { } known && !VideoOf.ContainsKey(known))
            {
                LeftOut.Add(known);
            }

            return problem is null ? null : reading.Tolerate(problem);
        }

        /// <summary>
        /// The videos under the names that choose them: a clip is named by the folder of its frames (an image by its file without ending);
        /// where the files do not tell two apart, or lead out of the folder of pictures, by the last folder alone, or by its id.
        /// </summary>
        /// <remarks>Images that are frames of videos are put in the order of their videos and frames.</remarks>
        public ImmutableArray<SetVideo> Named()
        {
            if (_videos.Count > 0 && _videos.All(video => video.Of is not null))
            {
                _videos.Sort((a, b) => (a.Of, a.Position).CompareTo((b.Of, b.Position)));
                VideoOf.Clear();
                foreach (var (i, video) in _videos.Index())
                {
                    VideoOf.Add(video.Id, i);
                }
            }

            if (reading.Use is not SetUse.Frames)
            {
                return [.. _videos];
            }

            var names = ofVideos
                ? ClipNames.Distinct(_videos.Select(video => Path.GetDirectoryName(video.Files[0]))) ?? ClipNames.Distinct(_videos.Select(video => Path.GetFileName(Path.GetDirectoryName(video.Files[0]))))
                : ClipNames.Distinct(_videos.Select(video => Path.GetFileNameWithoutExtension(video.Files[0])));
            return [.. _videos.Select((video, i) => video with { Name = names?[i] ?? $"{(ofVideos ? "video" : "image")}-{video.Id}" })];
        }

        /// <summary>What is neither list is only checked to be JSON.</summary>
        private Flaw? Other(ref JsonReading json, string member, long index)
        {
            if (member != _list && member is not ("categories" or "annotations" or "videos"))
            {
                Extras.Add(member);
            }

            if (index < 0 && (member == _list || member is "categories" or "annotations") && !json.IsNull)
            {
                return new Flaw(DataFault.WrongType, "", $"expected one array of this name{(member == "annotations" ? ", or null" : "")}", "Correct it.");
            }

            json.Json.Skip();
            json.Json.Read();
            return null;
        }

        private Flaw? Category(ref JsonReading json, long position)
        {
            if (!json.IsObject)
            {
                return json.Expected("an object");
            }

            var (id, name, above) = ((long?)null, (string?)null, (string?)null);
            Flaw? flaw = null;
            while (flaw is null && json.NextName())
            {
                var member = json.Json.GetString();
                json.Json.Read();
                switch (member)
                {
                    case "id":
                        (flaw, id) = (Id(ref json, out var number)?.Within(".id"), number);
                        break;
                    case "name" when !reading.AsPycocotools || json.Json.TokenType == JsonTokenType.String:
                        (flaw, name) = (json.Text(out var text)?.Within(".name"), text);
                        break;
                    case "supercategory" when json.Json.TokenType == JsonTokenType.String:
                        above = json.Json.GetString();
                        break;
                    default:
                        json.Json.Skip();
                        break;
                }
            }

            if (flaw is not null)
            {
                return flaw;
            }

            json.Json.Read();
            if (reading.AsPycocotools && id is { } own)
            {
                name = name is null ? $"category {own}" : _names.Contains(name) ? $"{name} ({own})" : name;
            }

            if (id is null || name is null)
            {
                return Flaw.Missing(id is null ? "id" : "name");
            }

            if (_categoryIds.Contains(id.Value) || _names.Contains(name))
            {
                return _categoryIds.Contains(id.Value) ? Twice("category id", id.Value).Within(".id") : Twice("category", name).Within(".name");
            }

            _categoryIds.Add(id.Value);
            _names.Add(name);
            Categories.Add(new SetCategory(id.Value, name, above, position));
            return null;
        }

        private Flaw? Id(ref JsonReading json, out long id)
        {
            if (reading.AsPycocotools)
            {
                return json.Whole(out id);
            }

            var flaw = json.Count(0, int.MaxValue, out var small);
            id = small;
            return flaw;
        }

        private static Flaw Twice(string what, object value) => new(
            DataFault.DuplicateId, "", $"the {what} {value} occurs twice", "Give each one of its own.");

        private Flaw? Video(ref JsonReading json, long position)
        {
            if (!json.IsObject)
            {
                return json.Expected("an object");
            }

            var (id, height, width, length, files) = ((long?)null, (int?)null, (int?)null, (int?)null, (ImmutableArray<string>?)null);
            var (video, frame, listed) = ((long?)null, (int?)null, 0); // of an image that is a frame of a video; names of a video
            Flaw? flaw = null;
            while (flaw is null && json.NextName())
            {
                var member = json.Json.GetString();
                json.Json.Read();
                switch (member)
                {
                    case "id":
                        (flaw, id) = (json.Whole(out var number)?.Within(".id"), number);
                        break;
                    case "height" when !reading.AsPycocotools || !json.IsNull:
                        (flaw, height) = (Side(ref json, out var h)?.Within(".height"), h);
                        break;
                    case "width" when !reading.AsPycocotools || !json.IsNull:
                        (flaw, width) = (Side(ref json, out var w)?.Within(".width"), w);
                        break;
                    case "length" when ofVideos && !json.IsNull && !reading.AsPycocotools:
                        (flaw, length) = (json.Count(0, int.MaxValue, out var frames)?.Within(".length"), frames);
                        break;
                    case "file_names" when ofVideos:
                        (flaw, files) = (Files(ref json, out listed, out var names)?.Within(".file_names"), names);
                        break;
                    case "video_id" when !ofVideos && !json.IsNull:
                        (flaw, video) = (json.Whole(out var of)?.Within(".video_id"), of);
                        break;
                    case "frame_id" when !ofVideos && !json.IsNull:
                        (flaw, frame) = (json.Count(0, int.MaxValue, out var order)?.Within(".frame_id"), order);
                        break;
                    case "file_name" when !ofVideos && (!reading.AsPycocotools || reading.Use is SetUse.Frames):
                        (flaw, files) = ((json.Text(out var name) ?? Astray(name))?.Within(".file_name"), reading.Use is SetUse.Frames ? [name] : []);
                        break;
                    default:
                        Extras.Add($"{member} of {_list}");
                        json.Json.Skip();
                        break;
                }
            }

            if (flaw is not null)
            {
                return flaw;
            }

            json.Json.Read();
            var needsSize = !reading.AsPycocotools || reading.Use is SetUse.Frames || height is null != width is null;
            flaw = id is null ? Flaw.Missing("id")
                : files is null && reading.Use is SetUse.Frames ? Flaw.Missing(ofVideos ? "file_names" : "file_name")
                : needsSize && (height is null || width is null) ? Flaw.Missing(height is null ? "height" : "width")
                : VideoOf.ContainsKey(id.Value) ? Twice($"{(ofVideos ? "video" : "image")} id", id.Value).Within(".id")
                : null;
            if (flaw is null && ofVideos && files is not null && (!reading.AsPycocotools || reading.Use is SetUse.Frames))
            {
                flaw = listed == 0 ? new Flaw(DataFault.EmptyVideo, "", "the video has no frames: file_names is empty", "Leave the video out.")
                    : length is { } stated && stated != listed ? new Flaw(
                        DataFault.WrongLength, ".length", $"length says {stated} frames, file_names lists {listed}", "Correct one.")
                    : null;
            }

            var size = new Size2(height ?? 0, width ?? 0);
            flaw ??= FrameSize.Problem(size);
            if (flaw is null)
            {
                VideoOf.Add(id!.Value, _videos.Count);
                _videos.Add(new SetVideo(id.Value, "", files ?? [], ofVideos ? files is null ? length ?? 0 : listed : 1, size)
                {
                    Position = position,
                    Of = video is { } known && frame is { } at ? (known, at) : null,
                });
            }

            return flaw;
        }

        private Flaw? Side(ref JsonReading json, out int side) => json.Count(reading.AsPycocotools ? 0 : 1, FrameSize.MostSide, out side);

        private Flaw? Astray(string name) => PictureNames.Problem(name, reading.PicturesAnywhere) is { } problem
            ? new Flaw(DataFault.BadFileName, "", $"\"{(name.Length > 100 ? name[..100] + "..." : name)}\" {problem}", reading.PicturesAnywhere ? "Correct it." : PictureNames.Remedy)
            : null;

        /// <summary>Names are held only where pictures are wanted.</summary>
        private Flaw? Files(ref JsonReading json, out int count, out ImmutableArray<string> names)
        {
            (count, names) = (0, []);
            if (!json.IsArray)
            {
                return json.Expected("an array");
            }

            var files = ImmutableArray.CreateBuilder<string>();
            for (; json.NextElement(); count++)
            {
                if (reading is { AsPycocotools: true, Use: not SetUse.Frames })
                {
                    json.Json.Skip();
                    continue;
                }

                if ((json.Text(out var name) ?? Astray(name)) is { } flaw)
                {
                    return flaw.Within($"[{count}]");
                }

                if (reading.Use is SetUse.Frames)
                {
                    files.Add(name);
                }
            }

            names = files.ToImmutable();
            return null;
        }
    }
}
