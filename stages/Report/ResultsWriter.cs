using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Report;

/// <summary>
/// Every frame's detections as they come, in COCO's results format, and beside them the index of frames that says which frame an image_id
/// is. Memory does not grow with the stream. Files appear under their names when the writer is finished; until then they have another.
/// </summary>
/// <remarks>
/// results.json: [{image_id, category_id, bbox: [x, y, width, height], score, segmentation: {size: [height, width], counts}}], pixels of
/// the original frame, compressed RLE; without segmentation where the detector gives no mask. images.json: {images: [{id, clip, frame,
/// height, width}], categories: [{id, name}]}. An image_id is the frame's place among all frames of all clips of the catalogue, from 1, as
/// a conversion of the data set numbers its images; of a clip that the catalogue does not know, its number in the stream.
/// </remarks>
internal sealed class ResultsWriter : IDisposable
{
    public const string ResultsName = "results.json";
    public const string ImagesName = "images.json";
    private const int FlushAtBytes = 1 << 16;

    private readonly string _folder;
    private readonly Catalogue _catalogue;
    private readonly Dictionary<string, long> _firstImages;
    private readonly Utf8JsonWriter _results;
    private readonly Utf8JsonWriter _images;
    private readonly FileStream[] _streams;

    private ResultsWriter(string folder, Catalogue catalogue, FileStream results, FileStream images)
    {
        (_folder, _catalogue, _streams) = (folder, catalogue, [results, images]);
        _firstImages = ImageNumbers.FirstOf(catalogue.Clips);
        (_results, _images) = (new Utf8JsonWriter(results), new Utf8JsonWriter(images));
        _results.WriteStartArray();
        _images.WriteStartObject();
        _images.WriteStartArray("images");
    }

    public static Result<ResultsWriter, ReportError> Open(string folder, Catalogue catalogue) =>
        Files.Try(
            Path.Combine(folder, ResultsName),
            () =>
            {
                Directory.CreateDirectory(folder);
                WholeFile.Sweep(folder);
                var results = Begin(folder, ResultsName);
                return new ResultsWriter(folder, catalogue, results, Begin(folder, ImagesName));
            }
        );

    /// <summary>A file under a name of its own until it is whole.</summary>
    private static FileStream Begin(string folder, string name) =>
        new(WholeFile.Free(Path.Combine(folder, name)), FileMode.CreateNew, FileAccess.Write, FileShare.Delete);

    public Result<Unit, ReportError> Add(Detections found) =>
        Files.Try(
            Path.Combine(_folder, ResultsName),
            () =>
            {
                WriteImage(found.Key, found.OriginalSize);
                foreach (var item in found.Items)
                {
                    WriteResult(found.Key, item);
                }

                foreach (var writer in new[] { _results, _images }.Where(writer => writer.BytesPending > FlushAtBytes))
                {
                    writer.Flush();
                }

                return default(Unit);
            }
        );

    private long NumberOf(FrameKey key) => _firstImages.TryGetValue(key.Clip, out var first) ? first + key.Frame : key.Sequence;

    private void WriteImage(FrameKey key, Size2 size)
    {
        _images.WriteStartObject();
        _images.WriteNumber("id", NumberOf(key));
        _images.WriteString("clip", key.Clip);
        _images.WriteNumber("frame", key.Frame);
        _images.WriteNumber("height", size.Height);
        _images.WriteNumber("width", size.Width);
        _images.WriteEndObject();
    }

    private void WriteResult(FrameKey key, Detection item)
    {
        _results.WriteStartObject();
        _results.WriteNumber("image_id", NumberOf(key));
        _results.WriteNumber("category_id", _catalogue.Categories[item.Class].Id);
        _results.WriteStartArray("bbox");
        foreach (var number in new[] { item.Box.X1, item.Box.Y1, item.Box.Width, item.Box.Height })
        {
            _results.WriteNumberValue(number);
        }

        _results.WriteEndArray();
        _results.WriteNumber("score", item.Score);
        if (item.Mask is { } mask)
        {
            WriteMask(mask);
        }

        _results.WriteEndObject();
    }

    private void WriteMask(Rle mask)
    {
        _results.WriteStartObject("segmentation");
        _results.WriteStartArray("size");
        _results.WriteNumberValue(mask.Size.Height);
        _results.WriteNumberValue(mask.Size.Width);
        _results.WriteEndArray();
        _results.WriteString("counts", Rles.ToText(mask));
        _results.WriteEndObject();
    }

    /// <summary>Completes both files and gives them their names.</summary>
    /// <returns>The name of the results, relative to the folder.</returns>
    public Result<string, ReportError> Finish() =>
        Files.Try(
            Path.Combine(_folder, ResultsName),
            () =>
            {
                _results.WriteEndArray();
                _images.WriteEndArray();
                WriteCategories();
                _images.WriteEndObject();
                Dispose();
                foreach (var (stream, name) in _streams.Zip([ResultsName, ImagesName]).Reverse())
                {
                    WholeFile.Rename(stream.Name, Path.Combine(_folder, name), lasting: false);
                }

                return ResultsName;
            }
        );

    private void WriteCategories()
    {
        _images.WriteStartArray("categories");
        foreach (var category in _catalogue.Categories)
        {
            _images.WriteStartObject();
            _images.WriteNumber("id", category.Id);
            _images.WriteString("name", category.Name);
            _images.WriteEndObject();
        }

        _images.WriteEndArray();
    }

    public void Dispose()
    {
        _results.Dispose();
        _images.Dispose();
        foreach (var stream in _streams)
        {
            stream.Dispose();
        }
    }
}

/// <summary>One id for a frame everywhere.</summary>
public static class ImageNumbers
{
    /// <summary>Of the first frame of each clip: frames are numbered through all clips, from 1.</summary>
    public static Dictionary<string, long> FirstOf(IEnumerable<ClipInfo> clips)
    {
        var (first, next) = (new Dictionary<string, long>(StringComparer.Ordinal), 1L);
        foreach (var clip in clips)
        {
            first.Add(clip.Name, next);
            next += clip.Frames;
        }

        return first;
    }
}
