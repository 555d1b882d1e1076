using System.Collections.Immutable;
using System.Text.Json;

namespace Motion.Contracts;

/// <summary>The forms in which weights are read.</summary>
public enum WeightsFormat
{
    Safetensors,

    /// <summary>torch.save since PyTorch 1.6.</summary>
    TorchZip,

    /// <summary>torch.save before that.</summary>
    TorchStream,

    /// <summary>A plain pickle of numpy arrays, as detectron2's model zoo has them.</summary>
    Pickle,

    /// <summary>A layers model of TensorFlow.js: model.json and its shards, or the package of them.</summary>
    TensorFlow,
}

/// <summary>A file of weights, with what else it says.</summary>
/// <param name="Beside">Names of what the file holds beside the weights: an optimizer's state, an iteration.</param>
/// <param name="Metadata">Free texts; safetensors have them.</param>
/// <param name="HadModule">Every name began with <c>module.</c>, which was taken off.</param>
/// <param name="HadWrapper">Names had a wrapper's in them (<c>_orig_mod.</c>), which was taken off.</param>
public sealed record WeightsFile(
    WeightsFormat Format,
    Weights Weights,
    ImmutableArray<string> Beside,
    ImmutableSortedDictionary<string, string> Metadata,
    bool HadModule,
    bool HadWrapper
) : IDisposable
{
    public void Dispose() => Weights.Dispose();
}

/// <summary>Weights from a file of any format that is read here, told apart by content, not by name.</summary>
public static class WeightFiles
{
    private const int StartBytes = 16;

    /// <summary>
    /// The weights of a file in any of the forms of <see cref="WeightsFormat"/>; tensors on the CPU. <c>module.</c> before every name is
    /// taken off.
    /// </summary>
    public static Result<Weights, WeightsError> Read(string path) => Open(path).Map(file => file.Weights);

    /// <summary>The same with what else the file says.</summary>
    public static Result<WeightsFile, WeightsError> Open(string path) =>
        Start(path)
            .Bind(start =>
                Safetensors.Begins(start) ? Safetensors.Open(path)
                : TorchFile.Begins(start) ? TorchFile.Open(path)
                : PickleFile.Begins(start) ? PickleFile.Open(path)
                : TfjsLayers.Begins(start)
                    ? TfjsLayers
                        .Read(path)
                        .Map(weights => Plain(WeightsFormat.TensorFlow, weights, ImmutableSortedDictionary<string, string>.Empty))
                : new WeightsError.UnknownFormat(path, Described(start))
            );

    /// <summary>A file that holds nothing but weights and texts.</summary>
    internal static WeightsFile Plain(WeightsFormat format, Weights weights, ImmutableSortedDictionary<string, string> metadata)
    {
        var (bare, hadModule, hadWrapper) = WeightNames.Unwrapped(weights);
        return new WeightsFile(format, bare, [], metadata, hadModule, hadWrapper);
    }

    private static Result<byte[], WeightsError> Start(string path) =>
        Guard(
            path,
            file =>
            {
                var start = new byte[StartBytes];
                return Result.Ok<byte[], WeightsError>(start[..file.ReadAtLeast(start, StartBytes, throwOnEndOfStream: false)]);
            }
        );

    private static string Described(ReadOnlySpan<byte> start) =>
        start.IsEmpty ? "nothing: it is empty"
        : start.StartsWith("version https:"u8) ? "the text of a git LFS pointer: the file itself was not fetched"
        : start.StartsWith("<!"u8) || start.StartsWith("<html"u8) ? "a web page: what was fetched is not the file"
        : $"the bytes {Convert.ToHexStringLower(start)}";

    /// <summary>Opens a file for reading and turns what can be wrong with it into an error.</summary>
    internal static Result<T, WeightsError> Guard<T>(string path, Func<FileStream, Result<T, WeightsError>> read)
    {
        if (Directory.Exists(path))
        {
            return new WeightsError.CannotRead(path, "it is a folder");
        }

        try
        {
            InputFile.Check(path);
            using var file = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                bufferSize: 1 << 16,
                FileOptions.SequentialScan
            );
            return read(file);
        }
        catch (EndOfStreamException)
        {
            return new WeightsError.Corrupt(path, "the file ends too early");
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or OverflowException)
        {
            return new WeightsError.Corrupt(path, e.Message.TrimEnd('.'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new WeightsError.CannotRead(path, e.Message.TrimEnd('.'));
        }
    }
}
