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
    private const int MostSide = 1 << 15;

    /// <summary>Reads the lists of a file.</summary>
    /// <param name="path">The JSON.</param>
    /// <param name="format">YouTube-VIS or COCO.</param>
    /// <param name="clipBoxes">Whether boxes may reach over the border of their frame.</param>
    /// <param name="tolerate">What to do about a mistake.</param>
    /// <param name="progress">Told now and then.</param>
    /// <param name="anywhere">Whether names of pictures may lead out of the folder of pictures.</param>
    public static Result<DataSet, DecodeError> Open(
        string path, DataFormat format, bool clipBoxes, Tolerate tolerate, Progress? progress = null, bool anywhere = false)
    {
        var lists = new Lists(path, format == DataFormat.YoutubeVis, anywhere, tolerate);
        return from arrays in JsonElements.ForEach(path, lists.Take, tolerate, progress)
               from _ in lists.Needed(arrays)
               select Of(path, format, lists, arrays.Contains("annotations"), clipBoxes);
    }

    private static DataSet Of(string path, DataFormat format, Lists lists, bool isAnnotated, bool clipBoxes)
    {
        var categories = lists.Categories.OrderBy(category => category.Id).ToImmutableArray();
        var rules = new TrackRules(
            path, format == DataFormat.YoutubeVis, lists.Named(), lists.VideoOf, lists.LeftOut,
            categories.Select((category, i) => (category.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i), clipBoxes);
        return new DataSet(path, format, categories, [.. rules.Videos], isAnnotated, null)
        {
            Tracks = (use, tolerate, progress) => Tracks(rules, use, tolerate, progress),
            ByVideo = (use, tolerate, progress) => ByVideo(rules, use, tolerate, progress),
            Extras = [.. lists.Extras],
        };
    }

    private static Result<Unit, DecodeError> Tracks(TrackRules rules, UseTrack use, Tolerate tolerate, Progress? progress)
    {
        var (reader, view, shares) = (new TrackReader(rules), new TrackView(), new SharesOfFrame.Watch(rules.File));
        return JsonElements.ForEach(
            rules.File,
            part => part is not { Member: "annotations", Index: >= 0 } ? null
                : reader.Read(part, view) is { } problem ? tolerate(problem)
                : Watched(view),
            _ => null, // parts that are no UTF-8, and a broken end, were told of when the lists were read
            progress).Bind(_ => shares.Problem is { } problem ? problem : Result.Ok<Unit, DecodeError>(default));

        DecodeError? Watched(TrackView track)
        {
            shares.Add(track);
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
            using var file = InputFile.OpenHandle(rules.File);
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
                        return new DecodeError.Corrupt(rules.File, "the file changed while it was read", "Read it again once nothing writes to it.");
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
            return JsonFiles.Unreadable(rules.File, e);
        }
    }

    /// <summary>The lists of a file, as they are read.</summary>
    private sealed class Lists(string path, bool ofVideos, bool anywhere, Tolerate tolerate)
    {
        private readonly string _list = ofVideos ? "videos" : "images";
        private readonly List<SetVideo> _videos = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private readonly HashSet<long> _categoryIds = [];

        public List<SetCategory> Categories { get; } = [];

        public Dictionary<long, int> VideoOf { get; } = [];

        public HashSet<long> LeftOut { get; } = [];

        public SortedSet<string> Extras { get; } = new(StringComparer.Ordinal);

        public Result<Unit, DecodeError> Needed(IReadOnlySet<string> arrays) => arrays.Contains(_list) && arrays.Contains("categories")
            ? default(Unit)
            : new DecodeError.BadAnnotation(
                path, "$", $"the arrays {_list} and categories must be there", arrays.Contains("") ? "This is a list of results; a file of annotations is an object." : $"This is no {(ofVideos ? "YouTube-VIS" : "COCO")} file of annotations.");

        public DecodeError? Take(JsonPart part)
        {
            if (part.Member == "annotations" && part.Index >= 0)
            {
                return null; // gone through later, when videos and categories are known
            }

            try
            {
                var flaw = part.Member == _list && part.Index >= 0 ? Video(part.Bytes, part.Index)
                    : part.Member == "categories" && part.Index >= 0 ? Category(part.Bytes, part.Index)
                    : Other(part);
                if (flaw is not { } mistake)
                {
                    return null;
                }

                var id = TrackReader.IdOf(part.Bytes);
                if (id is { } known && part.Member == _list && !VideoOf.ContainsKey(known))
                {
                    LeftOut.Add(known);
                }

                return tolerate(mistake.At(path, JsonElements.Place(part.Member, part.Index), id));
            }
            catch (JsonException e)
            {
                return tolerate(JsonElements.NotJson(path, part.Offset, JsonElements.Place(part.Member, part.Index), e));
            }
            catch (InvalidOperationException e) when (JsonFiles.IsBadText(e))
            {
                return tolerate(new DataProblem(DataFault.NotUtf8, new DecodeError.BadAnnotation(
                    path, JsonElements.Place(part.Member, part.Index), "a text in it is not Unicode", "Save the file as UTF-8, or export it again.")));
            }
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

            var names = ofVideos
                ? ClipNames.Distinct(_videos.Select(video => Path.GetDirectoryName(video.Files[0]))) ?? ClipNames.Distinct(_videos.Select(video => Path.GetFileName(Path.GetDirectoryName(video.Files[0]))))
                : ClipNames.Distinct(_videos.Select(video => Path.GetFileNameWithoutExtension(video.Files[0])));
            return [.. _videos.Select((video, i) => video with { Name = names?[i] ?? $"{(ofVideos ? "video" : "image")}-{video.Id}" })];
        }

        /// <summary>What is neither list is only checked to be JSON.</summary>
        private Flaw? Other(JsonPart part)
        {
            if (part.Member != _list && part.Member is not ("categories" or "annotations" or "videos"))
            {
                Extras.Add(part.Member);
            }

            var json = new Utf8JsonReader(part.Bytes);
            while (json.Read())
            {
                if (part.Index < 0 && (part.Member == _list || part.Member is "categories") && json.TokenType != JsonTokenType.Null)
                {
                    return new Flaw(DataFault.WrongType, "", "expected one array of this name", "Correct it.");
                }

                if (part is { Member: "annotations", Index: < 0 } && json.TokenType != JsonTokenType.Null)
                {
                    return new Flaw(DataFault.WrongType, "", "expected an array of this name, or null", "Correct it.");
                }
            }

            return null;
        }

        private Flaw? Category(ReadOnlySpan<byte> bytes, long position)
        {
            var json = new JsonReading(bytes);
            json.Json.Read();
            if (!json.IsObject)
            {
                return json.Expected("an object");
            }

            var (id, name, above) = ((int?)null, (string?)null, (string?)null);
            Flaw? flaw = null;
            while (flaw is null && json.NextName())
            {
                var member = json.Json.GetString();
                json.Json.Read();
                switch (member)
                {
                    case "id":
                        (flaw, id) = (json.Count(0, int.MaxValue, out var number)?.Within(".id"), number);
                        break;
                    case "name":
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

            json.Json.Read();
            flaw ??= id is null ? Missing("id") : name is null ? Missing("name") : null;
            flaw ??= _categoryIds.Contains(id!.Value) ? Twice("category id", id.Value) : null;
            flaw ??= _names.Contains(name!) ? Twice("category", name!) : null;
            if (flaw is null)
            {
                _categoryIds.Add(id!.Value);
                _names.Add(name!);
                Categories.Add(new SetCategory(id.Value, name!, above, position));
            }

            return flaw;
        }

        private static Flaw Missing(string member) => new(DataFault.MissingMember, "", $"the member \"{member}\" is missing", "Add it.");

        private static Flaw Twice(string what, object value) => new(
            DataFault.DuplicateId, "", $"the {what} {value} occurs twice", "Give each one of its own.");

        private Flaw? Video(ReadOnlySpan<byte> bytes, long position)
        {
            var json = new JsonReading(bytes);
            json.Json.Read();
            if (!json.IsObject)
            {
                return json.Expected("an object");
            }

            var (id, height, width, length, files) = ((long?)null, 0, 0, (int?)null, (ImmutableArray<string>?)null);
            var (video, frame) = ((long?)null, (int?)null); // of an image that is a frame of a video
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
                    case "height":
                        flaw = json.Count(1, MostSide, out height)?.Within(".height");
                        break;
                    case "width":
                        flaw = json.Count(1, MostSide, out width)?.Within(".width");
                        break;
                    case "length" when ofVideos && !json.IsNull:
                        (flaw, length) = (json.Count(0, int.MaxValue, out var frames)?.Within(".length"), frames);
                        break;
                    case "file_names" when ofVideos:
                        (flaw, files) = (Files(ref json, out var names)?.Within(".file_names"), names);
                        break;
                    case "video_id" when !ofVideos && !json.IsNull:
                        (flaw, video) = (json.Whole(out var of)?.Within(".video_id"), of);
                        break;
                    case "frame_id" when !ofVideos && !json.IsNull:
                        (flaw, frame) = (json.Count(0, int.MaxValue, out var order)?.Within(".frame_id"), order);
                        break;
                    case "file_name" when !ofVideos:
                        (flaw, files) = ((json.Text(out var name) ?? Astray(name))?.Within(".file_name"), [name]);
                        break;
                    default:
                        Extras.Add($"{member} of {_list}");
                        json.Json.Skip();
                        break;
                }
            }

            json.Json.Read();
            flaw ??= id is null ? Missing("id") : files is null ? Missing(ofVideos ? "file_names" : "file_name") : null;
            flaw ??= height == 0 ? Missing("height") : width == 0 ? Missing("width") : null;
            flaw ??= files!.Value.IsEmpty ? new Flaw(DataFault.EmptyVideo, "", "the video has no frames: file_names is empty", "Leave the video out.") : null;
            flaw ??= length is { } stated && stated != files!.Value.Length ? new Flaw(
                DataFault.WrongLength, ".length", $"length says {stated} frames, file_names lists {files.Value.Length}", "Correct one.") : null;
            flaw ??= VideoOf.ContainsKey(id!.Value) ? Twice(ofVideos ? "video id" : "image id", id.Value) : null;
            if (flaw is null)
            {
                VideoOf.Add(id!.Value, _videos.Count);
                _videos.Add(new SetVideo(id.Value, "", files!.Value, files.Value.Length, new Size2(height, width))
                {
                    Position = position,
                    Of = video is { } known && frame is { } at ? (known, at) : null,
                });
            }

            return flaw;
        }

        private Flaw? Astray(string name) => PictureNames.Problem(name, anywhere) is { } problem
            ? new Flaw(DataFault.BadFileName, "", $"\"{(name.Length > 100 ? name[..100] + "..." : name)}\" {problem}", anywhere ? "Correct it." : PictureNames.Remedy)
            : null;

        private Flaw? Files(ref JsonReading json, out ImmutableArray<string> names)
        {
            names = [];
            if (!json.IsArray)
            {
                return json.Expected("an array");
            }

            var files = ImmutableArray.CreateBuilder<string>();
            while (json.NextElement())
            {
                if ((json.Text(out var name) ?? Astray(name)) is { } flaw)
                {
                    return flaw.Within($"[{files.Count}]");
                }

                files.Add(name);
            }

            names = files.ToImmutable();
            return null;
        }
    }
}
