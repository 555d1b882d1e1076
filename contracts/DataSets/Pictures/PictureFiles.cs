using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Picture files, JPEG or PNG, told apart by their first bytes.</summary>
internal static class PictureFiles
{
    private const int HeaderBytes = 1 << 15;
    private static readonly string[] Endings = [".jpg", ".jpeg", ".png"];

    public static bool HasPictureName(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Height and width as seen, from the file's header alone: of a JPEG only the beginning is read where that holds the header.
    /// </summary>
    public static Result<Size2, DecodeError> Size(string path) =>
        Opened(
            path,
            () =>
            {
                using var file = InputFile.Open(path);
                var bytes = new byte[Math.Min(HeaderBytes, file.Length)];
                var start = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
                if (Png.IsPng(start))
                {
                    file.Position = 0;
                    return Png.SizeOf(file, path).MapError(Refuse);
                }

                return JpegHeader.SizeOf(start, path) is { IsOk: true } size ? size : JpegHeader.SizeOf(InputFile.ReadAllBytes(path), path);
            }
        );

    public static Result<PngImage, DecodeError> Labels(string path) => Bytes(path).Bind(bytes => Png.Read(bytes, path).MapError(Refuse));

    public static DecodeError Refuse(PngError error) => new DecodeError.Corrupt(error.Path, error.Problem, error.Remedy);

    public static Result<byte[], DecodeError> Bytes(string path) => Opened<byte[]>(path, () => InputFile.ReadAllBytes(path));

    private static Result<T, DecodeError> Opened<T>(string path, Func<Result<T, DecodeError>> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new DecodeError.Missing(path, "a picture");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DecodeError.Corrupt(path, e.Message.TrimEnd('.'), "Check the file and its permissions.");
        }
    }
}
