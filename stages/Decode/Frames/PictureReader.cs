using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Decode;

/// <summary>Reads clips whose frames are picture files.</summary>
/// <param name="clips">In the catalogue's order.</param>
/// <param name="sizes">Size that every picture of a clip must have.</param>
/// <param name="truth">What is known of a frame.</param>
/// <param name="flows">Folder of CLIP/NAME.flo and the like; null for none.</param>
internal sealed class PictureReader(
    ImmutableArray<ClipFolder> clips,
    ImmutableArray<Size2> sizes,
    Func<FrameAt, Result<Annotation?, DecodeError>> truth,
    string? flows
) : IFrameReader
{
    public ValueTask<Result<Picture, ReadFailure>> Picture(FrameAt at, CancellationToken cancel)
    {
        var path = clips[at.Clip].Pictures[at.Frame];
        return new(
            Decode
                .Picture.Read(path)
                .Bind(picture =>
                    picture.Size == sizes[at.Clip]
                        ? Result.Ok<Picture, DecodeError>(picture)
                        : WrongSize(path, picture.Size, sizes[at.Clip])
                )
                .MapError(error => new ReadFailure(error))
        );
    }

    public Result<Annotation?, DecodeError> Truth(FrameAt at) => truth(at);

    public Result<Tensor?, DecodeError> Flow(FrameAt at) =>
        FlowFiles.Read(
            flows,
            clips[at.Clip].Name,
            Path.GetFileNameWithoutExtension(clips[at.Clip].Pictures[at.Frame]),
            sizes[at.Clip],
            at.Frame == clips[at.Clip].Pictures.Length - 1
        );

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static DecodeError.Corrupt WrongSize(string path, Size2 size, Size2 expected) =>
        new(
            path,
            $"the picture is {size}, its clip {expected}",
            "All frames of a clip must have one size: resize it, or make it a clip of its own."
        );
}

/// <summary>Known motion on disk: FOLDER/CLIP/NAME.flo, or another of <see cref="FlowForms"/>.</summary>
internal static class FlowFiles
{
    private const int MostShown = 3;

    /// <summary>
    /// Motion of a frame, float32 [2, H, W]; null where no folder was given. The last frame of a clip needs no file, since motion is to the
    /// next: where it has none, its motion is unknown everywhere.
    /// </summary>
    public static Result<Tensor?, DecodeError> Read(string? folder, string clip, string name, Size2 size, bool isLast)
    {
        if (folder is null)
        {
            return Result.Ok<Tensor?, DecodeError>(null);
        }

        var place = Path.Combine(folder, clip);
        if (FlowForms.Find(place, name) is not { } path)
        {
            return isLast && Directory.Exists(place)
                ? full([2, size.Height, size.Width], Held.Of(FlowField.Unknown), float32)
                : Missing(place, name);
        }

        return FloTensors
            .Read(path)
            .Match<Result<Tensor?, DecodeError>>(
                flow =>
                {
                    var found = new Size2((int)flow.shape[1], (int)flow.shape[2]);
                    if (found == size)
                    {
                        return flow;
                    }

                    flow.Dispose();
                    return new DecodeError.Corrupt(
                        path,
                        $"the flow is {found}, its frame {size}",
                        "Flow files are read at the size of the original frames."
                    );
                },
                error => new DecodeError.Corrupt(path, error.Describe(), "Replace the file.")
            );
    }

    private static DecodeError.Corrupt Missing(string place, string name)
    {
        var there = Directory.Exists(place)
            ? Directory.EnumerateFiles(place).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList()
            : null;
        return new(
            Path.Combine(place, name + FlowForms.Endings[0]),
            $"this file of flow is missing, and so are {string.Join(", ", FlowForms.Endings.Skip(1).Select(ending => name + ending))}; "
                + (
                    there is null ? "there is no such folder"
                    : there.Count == 0 ? "the folder is empty"
                    : $"the folder has {string.Join(", ", there.Take(MostShown))}{(there.Count > MostShown ? $" and {there.Count - MostShown} more" : "")}"
                ),
            "Each frame but the last of its clip needs one, named like the frame: FLOWS/CLIP/FRAME.flo (.png, .pfm)."
        );
    }
}
