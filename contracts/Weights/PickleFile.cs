namespace Motion.Contracts;

/// <summary>
/// Plain pickles of numpy arrays, as detectron2's model zoo publishes them: {"model": {...}, "__author__": ...} or a flat dictionary of
/// Caffe2's names. The opcodes are interpreted and nothing is executed.
/// </summary>
public static class PickleFile
{
    /// <summary>The arrays of a file; latin1 for Python 2's strings.</summary>
    internal static Result<WeightsFile, WeightsError> Open(string path) =>
        Read(path)
            .Bind(document =>
            {
                using (document)
                {
                    return StateDicts.In(document.Root, path, document.Format);
                }
            });

    /// <summary>Everything in a file; the document owns its tensors.</summary>
    public static Result<TorchDocument, WeightsError> Read(string path) =>
        WeightFiles.Guard(
            path,
            file =>
            {
                using var storages = new TorchStorages(file.Length);
                var root = PickleMachine.Read(new PickleInput(file, latin1: true), new TorchWorld(storages));
                return storages.ByKey.Count > 0
                        ? throw new InvalidDataException("the pickle keeps its tensors outside itself, as only torch.save does")
                    : file.Position != file.Length
                        ? throw new InvalidDataException($"{file.Length - file.Position} bytes follow the pickle")
                    : Result.Ok<TorchDocument, WeightsError>(storages.Complete(root, WeightsFormat.Pickle));
            }
        );

    /// <summary>Whether a file begins as a binary pickle of protocol 2 or later.</summary>
    internal static bool Begins(ReadOnlySpan<byte> start) => start is [0x80, >= 2 and <= 5, ..];
}
