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
/// <param name="flows">Folder of CLIP/NAME.flo; null for none.</param>
internal sealed class PictureReader(
    ImmutableArray<ClipFolder> clips, ImmutableArray<Size2> sizes, Func<FrameAt, Result<Annotation?, DecodeError>> truth, string? flows)
    : IFrameReader
{
    public ValueTask<Result<Picture, ReadFailure>> Picture(FrameAt at, CancellationToken cancel)
    {
        var path = clips[at.Clip].Pictures[at.Frame];
        return new(Decode.Picture.Read(path)
            .Bind(picture => picture.Size == sizes[at.Clip]
                ? Result.Ok<Picture, DecodeError>(picture)
                : WrongSize(path, picture.Size, sizes[at.Clip]))
            .MapError(error => new ReadFailure(error)));
    }

    public Result<Annotation?, DecodeError> Truth(FrameAt at) => truth(at);

    public Result<Tensor?, DecodeError> Flow(FrameAt at) =>
        FlowFiles.Read(flows, clips[at.Clip].Name, Path.GetFileNameWithoutExtension(clips[at.Clip].Pictures[at.Frame]), sizes[at.Clip]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static DecodeError.Corrupt WrongSize(string path, Size2 size, Size2 expected) =>
        new(path, $"the picture is {size}, its clip {expected}", "All frames of a clip must have one size: resize it, or make it a clip of its own.");
}

/// <summary>Known motion on disk: FOLDER/CLIP/NAME.flo.</summary>
internal static class FlowFiles
{
    /// <summary>Motion of a frame, float32 [2, H, W]; null where no folder was given or it has no such file (a last frame).</summary>
    public static Result<Tensor?, DecodeError> Read(string? folder, string clip, string name, Size2 size)
    {
        if (folder is null || Path.Combine(folder, clip, name + ".flo") is var path && !File.Exists(path))
        {
            return Result.Ok<Tensor?, DecodeError>(null);
        }

        return FloTensors.Read(path).Match<Result<Tensor?, DecodeError>>(
            flow =>
            {
                var found = new Size2((int)flow.shape[1], (int)flow.shape[2]);
                if (found == size)
                {
                    return flow;
                }

                flow.Dispose();
                return new DecodeError.Corrupt(
                    path, $"the flow is {found}, its frame {size}", "Flow files are read at the size of the original frames.");
            },
            error => new DecodeError.Corrupt(path, error.Describe(), "Replace the file."));
    }
}
