using System.Text.Json;

namespace Motion.Contracts;

/// <summary>Weights from a file of any format that is read here, told apart by content, not by name.</summary>
public static class WeightFiles
{
    private const int StartBytes = 16;

    /// <summary>safetensors, or the state dict that torch.save put into a zip or a stream of pickles; tensors on the CPU.</summary>
    public static Result<Weights, WeightsError> Read(string path) => Guard(path, file =>
    {
        var start = new byte[StartBytes];
        var found = start.AsSpan(0, file.ReadAtLeast(start, StartBytes, throwOnEndOfStream: false));
        return Safetensors.Begins(found) ? Safetensors.Read(path)
            : TorchFile.Begins(found) ? TorchFile.ReadWeights(path)
            : new WeightsError.UnknownFormat(path, found.IsEmpty ? "nothing: it is empty" : $"the bytes {Convert.ToHexStringLower(found)}");
    });

    /// <summary>Opens a file for reading and turns what can be wrong with it into an error.</summary>
    internal static Result<T, WeightsError> Guard<T>(string path, Func<FileStream, Result<T, WeightsError>> read)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
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
        catch (PickleRefusedException e)
        {
            return new WeightsError.Refused(path, e.Global);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new WeightsError.CannotRead(path, e.Message.TrimEnd('.'));
        }
    }
}
