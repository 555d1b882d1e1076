using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>The lists of a file, as they are read.</summary>
internal sealed class Lists(string path, bool ofVideos, SetReading reading)
{
    private readonly string _list = ofVideos ? "videos" : "images";
    private readonly List<SetVideo> _videos = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<long> _categoryIds = [];
    private readonly Dictionary<string, string> _imageOfTrack = new(StringComparer.Ordinal);
    private readonly TextIds _inVideo = new(first: 1L << 40);
    private readonly Dictionary<long, Federated> _saidByVideos = []; // of images: by ids of their videos
    private bool _isFollowed; // some object has annotations of two images

    /// <summary>Categories whose name another one has too.</summary>
    public List<SetCategory> Twins { get; } = [];

    public TextIds VideoTexts { get; } = new();

    public TextIds CategoryTexts { get; } = new();

    public List<string> Notes { get; } = [];

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
        return lacking.Length == 0
            ? default(Unit)
            : new DecodeError.BadAnnotation(
                path,
                "$",
                $"the {(lacking.Length == 1 ? "list" : "lists")} {string.Join(", ", lacking)} {(lacking.Length == 1 ? "is" : "are")} missing",
                lacking is ["annotations"]
                    ? "There is nothing to compare with: test sets are published without annotations."
                    : $"Annotations of {_list} have {_list}, categories and annotations; this may be a file of {(ofVideos ? "images" : "videos")}, or no set."
            );
    }

    private DecodeError NoList =>
        new DecodeError.BadAnnotation(
            path,
            "$",
            "annotations are one JSON object with images or videos, annotations and categories; this file is a list",
            "A list is how results are written, and motion evaluate compares it with a set: are the two files swapped?"
        );

    public DecodeError? Take(JsonPart part)
    {
        return part.Member.Length == 0 ? NoList
            : part.Member == "annotations" && part.Index >= 0 ? Followed(part) // gone through later, when videos and categories are known
            : Checked(part, part.Member, part.Index);
    }

    /// <summary>Notes whether an object is followed from one image to another.</summary>
    private DecodeError? Followed(JsonPart part)
    {
        if (
            !ofVideos
            && reading.Use is SetUse.Frames
            && !_isFollowed
            && Track(part.Bytes) is { } track
            && JsonReading.Find(part.Bytes, "image_id"u8, out var json)
            && json.Id(out var image, out var text) is null
        )
        {
            _isFollowed = _imageOfTrack.TryGetValue(track, out var first)
                ? first != (text ?? $"{image}")
                : !_imageOfTrack.TryAdd(track, text ?? $"{image}");
        }

        return null;
    }

    private static string? Track(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf("\"track_id\""u8) >= 0
        && (
            JsonReading.Find(bytes, "track_id"u8, out var json)
            || (
                JsonReading.Find(bytes, "attributes"u8, out var within)
                && within.IsObject
                && JsonReading.Find(bytes[within.Start..], "track_id"u8, out json)
            )
        )
        && json.Id(out var track, out var text) is null
            ? text ?? $"{track}"
            : null;

    private DecodeError? Checked(JsonPart part, string member, long index)
    {
        var problem = JsonReading.Read(
            path,
            part,
            isResult: false,
            (ref json) =>
                member == _list && index >= 0 ? Video(ref json, index)
                : member == "videos" && index >= 0 && reading.Use is not SetUse.Frames && json.IsObject && !reading.AsPycocotools
                    ? VideoOfImages(ref json)
                : member == "categories" && index >= 0 ? Category(ref json, index)
                : Other(ref json, member, index)
        );
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
        SettleTexts();
        FollowObjects();
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
            return
            [
                .. _videos.Select(video =>
                    video.Says is null && video.InVideo is { } of && _saidByVideos.TryGetValue(of, out var said)
                        ? video with
                        {
                            Says = said,
                        }
                        : video
                ),
            ];
        }

        var names = ofVideos
            ? ClipNames.Distinct(_videos.Select(video => Path.GetDirectoryName(video.Files[0])))
                ?? ClipNames.Distinct(_videos.Select(video => Path.GetFileName(Path.GetDirectoryName(video.Files[0]))))
            : ClipNames.Distinct(_videos.Select(video => Path.GetFileNameWithoutExtension(video.Files[0])));
        return [.. _videos.Select((video, i) => video with { Name = names?[i] ?? $"{(ofVideos ? "video" : "image")}-{video.Id}" })];
    }

    /// <summary>
    /// Images of which nothing is said but that the same objects are in several of them: those of one folder and size are the frames of a
    /// video, in the order in which people count. So are images of which the video is said, but not which frame.
    /// </summary>
    private void FollowObjects()
    {
        var said = _videos.All(video => video.InVideo is not null);
        if (
            ofVideos
            || reading.Use is not SetUse.Frames
            || _videos.All(video => video.Of is not null)
            || !(said || (_isFollowed && _videos.All(video => video.InVideo is null)))
        )
        {
            return;
        }

        var groups = _videos
            .Index()
            .GroupBy(pair => said ? $"{pair.Item.InVideo}" : Path.GetDirectoryName(pair.Item.Files[0]) ?? "", StringComparer.Ordinal)
            .ToArray();
        if (!said && groups.Any(group => group.Select(pair => pair.Item.Size).Distinct().Skip(1).Any()))
        {
            return;
        }

        foreach (var (number, group) in groups.OrderBy(group => group.Key, CountingOrder.Names).Index())
        {
            foreach (var (frame, (i, video)) in group.OrderBy(pair => pair.Item.Files[0], CountingOrder.Files).Index())
            {
                _videos[i] = video with { Of = (video.InVideo ?? number + 1, frame) };
            }
        }

        Notes.Add(
            said
                ? "which frame an image is, is not said of all: the images of each video are in the order of their names"
                : "objects are followed from image to image (track_id): the images of each folder are the frames of a video, in the order of their names"
        );
        Implied = !said;
    }

    /// <summary>Whether the images are frames of videos by their tracks alone.</summary>
    public bool Implied { get; private set; }

    /// <summary>Gives the ids that are texts their numbers for good.</summary>
    private void SettleTexts()
    {
        if (!VideoTexts.IsEmpty)
        {
            Notes.Add($"ids of {_list} that are texts (or whole numbers beyond 64 bits) are numbered in the order in which they sort");
            var settled = VideoTexts.Settle(_videos.Select(video => video.Id));
            VideoOf.Clear();
            for (var i = 0; i < _videos.Count; i++)
            {
                _videos[i] = _videos[i] with { Id = settled.GetValueOrDefault(_videos[i].Id, _videos[i].Id) };
                VideoOf.Add(_videos[i].Id, i);
            }
        }

        if (!CategoryTexts.IsEmpty)
        {
            Notes.Add("ids of categories that are texts (or whole numbers beyond 64 bits) are numbered in the order in which they sort");
            var settled = CategoryTexts.Settle(Categories.Select(category => category.Id));
            for (var i = 0; i < Categories.Count; i++)
            {
                Categories[i] = Categories[i] with { Id = settled.GetValueOrDefault(Categories[i].Id, Categories[i].Id) };
            }
        }
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
            return new Flaw(
                DataFault.WrongType,
                "",
                $"expected one array of this name{(member == "annotations" ? ", or null" : "")}",
                "Correct it."
            );
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

        var (id, name, above, frequency) = ((long?)null, (string?)null, (string?)null, (string?)null);
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
                case "frequency" when json.Json.TokenType == JsonTokenType.String:
                    frequency = json.Json.GetString();
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
            name =
                name is null ? $"category {own}"
                : _names.Contains(name) ? $"{name} ({own})"
                : name;
        }

        if (id is null || name is null)
        {
            return Flaw.Missing(id is null ? "id" : "name");
        }

        if (!_categoryIds.Add(id.Value))
        {
            return Twice("category id", CategoryTexts.Show(id.Value)).Within(".id");
        }

        Categories.Add(new SetCategory(id.Value, name, above, position) { Frequency = frequency });
        if (!_names.Add(name))
        {
            Twins.Add(Categories[^1]);
        }

        return null;
    }

    /// <summary>Of TAO: what a video says of categories holds for its images.</summary>
    private Flaw? VideoOfImages(ref JsonReading json)
    {
        var (id, negative, open) = ((long?)null, (ImmutableArray<long>?)null, (ImmutableArray<long>?)null);
        Flaw? flaw = null;
        while (flaw is null && json.NextName())
        {
            var member = json.Json.GetString();
            json.Json.Read();
            switch (member)
            {
                case "id":
                    (flaw, id) = (_inVideo.Take(ref json, out var own)?.Within(".id"), own);
                    break;
                case Negative:
                    (flaw, negative) = (Ids(ref json, out var none)?.Within("." + Negative), none);
                    break;
                case NotExhaustive:
                    (flaw, open) = (Ids(ref json, out var some)?.Within("." + NotExhaustive), some);
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
        if (id is { } video && (negative is not null || open is not null))
        {
            _saidByVideos[video] = new Federated(negative ?? [], open ?? []);
        }

        return null;
    }

    private const string Negative = "neg_category_ids";
    private const string NotExhaustive = "not_exhaustive_category_ids";

    /// <summary>A list of ids of categories.</summary>
    private static Flaw? Ids(ref JsonReading json, out ImmutableArray<long> ids)
    {
        ids = [];
        if (!json.IsArray)
        {
            return json.Expected("an array of ids of categories");
        }

        var all = ImmutableArray.CreateBuilder<long>();
        for (var i = 0; json.NextElement(); i++)
        {
            if (json.Whole(out var id) is { } flaw)
            {
                return flaw.Within($"[{i}]");
            }

            all.Add(id);
        }

        ids = all.ToImmutable();
        return null;
    }

    private Flaw? Id(ref JsonReading json, out long id)
    {
        if (reading.AsPycocotools || !json.TryWhole(out _))
        {
            return CategoryTexts.Take(ref json, out id);
        }

        var flaw = json.Count(0, int.MaxValue, out var small);
        id = small;
        return flaw;
    }

    public static Flaw Twice(string what, object value) =>
        new(DataFault.DuplicateId, "", $"the {what} {value} occurs twice", "Give each one of its own.");

    private Flaw? Video(ref JsonReading json, long position)
    {
        if (!json.IsObject)
        {
            return json.Expected("an object");
        }

        var (id, height, width, length, files) = ((long?)null, (int?)null, (int?)null, (int?)null, (ImmutableArray<string>?)null);
        var (negative, open) = ((ImmutableArray<long>?)null, (ImmutableArray<long>?)null);
        var (video, frame, listed) = ((long?)null, (int?)null, 0); // of an image that is a frame of a video; names of a video
        Flaw? flaw = null;
        while (flaw is null && json.NextName())
        {
            var member = json.Json.GetString();
            json.Json.Read();
            switch (member)
            {
                case "id":
                    (flaw, id) = (VideoTexts.Take(ref json, out var number)?.Within(".id"), number);
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
                case Negative or NotExhaustive when reading is { Use: not SetUse.Frames, AsPycocotools: true }:
                    negative = []; // which it does not look at; that it is there is said
                    json.Json.Skip();
                    break;
                case Negative when reading.Use is not SetUse.Frames && !json.IsNull:
                    (flaw, negative) = (Ids(ref json, out var none)?.Within("." + Negative), none);
                    break;
                case NotExhaustive when reading.Use is not SetUse.Frames && !json.IsNull:
                    (flaw, open) = (Ids(ref json, out var some)?.Within("." + NotExhaustive), some);
                    break;
                case "video_id" when !ofVideos && !json.IsNull:
                    (flaw, video) = (_inVideo.Take(ref json, out var of)?.Within(".video_id"), of);
                    break;
                case "frame_id" or "frame_index" when !ofVideos && !json.IsNull:
                    (flaw, frame) = (json.Count(0, int.MaxValue, out var order)?.Within(".frame_id"), order);
                    break;
                case "file_name" when !ofVideos && (!reading.AsPycocotools || reading.Use is SetUse.Frames):
                    (flaw, files) = (FileName(ref json, out var name)?.Within(".file_name"), reading.Use is SetUse.Frames ? [name] : []);
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
        flaw =
            id is null ? Flaw.Missing("id")
            : files is null && reading.Use is SetUse.Frames ? Flaw.Missing(ofVideos ? "file_names" : "file_name")
            : needsSize && (height is null || width is null) ? Flaw.Missing(height is null ? "height" : "width")
            : VideoOf.ContainsKey(id.Value) ? Twice($"{(ofVideos ? "video" : "image")} id", VideoTexts.Show(id.Value)).Within(".id")
            : null;
        if (flaw is null && ofVideos && files is not null && (!reading.AsPycocotools || reading.Use is SetUse.Frames))
        {
            flaw =
                listed == 0 ? new Flaw(DataFault.EmptyVideo, "", "the video has no frames: file_names is empty", "Leave the video out.")
                : length is { } stated && stated != listed
                    ? new Flaw(DataFault.WrongLength, ".length", $"length says {stated} frames, file_names lists {listed}", "Correct one.")
                : null;
        }

        var size = new Size2(height ?? 0, width ?? 0);
        flaw ??= FrameSize.Problem(size);
        if (flaw is null)
        {
            VideoOf.Add(id!.Value, _videos.Count);
            _videos.Add(
                new SetVideo(
                    id.Value,
                    "",
                    files ?? [],
                    ofVideos
                        ? files is null
                            ? length ?? 0
                            : listed
                        : 1,
                    size
                )
                {
                    Position = position,
                    Of = video is { } known && frame is { } at ? (known, at) : null,
                    InVideo = video,
                    Says = negative is null && open is null ? null : new Federated(negative ?? [], open ?? []),
                }
            );
        }

        return flaw;
    }

    private Flaw? Side(ref JsonReading json, out int side) => json.Count(reading.AsPycocotools ? 0 : 1, FrameSize.MostSide, out side);

    /// <summary>The name of a picture: backslashes, which tools on Windows write, lead into folders like slashes.</summary>
    private Flaw? FileName(ref JsonReading json, out string name)
    {
        var flaw = json.Text(out var written);
        name = written.Replace('\\', '/');
        return flaw ?? Astray(name);
    }

    private Flaw? Astray(string name) =>
        PictureNames.Problem(name, reading.PicturesAnywhere) is { } problem
            ? new Flaw(
                DataFault.BadFileName,
                "",
                $"\"{(name.Length > 100 ? name[..100] + "..." : name)}\" {problem}",
                reading.PicturesAnywhere ? "Correct it." : PictureNames.Remedy
            )
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

            if (FileName(ref json, out var name) is { } flaw)
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
