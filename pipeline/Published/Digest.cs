using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Motion.Pipeline.Published;

/// <summary>The sums that publishers give.</summary>
internal enum DigestKind
{
    Sha256,
    Sha512,

    /// <summary>Git's name of a file's content: SHA-1 of "blob", its length and its bytes.</summary>
    GitBlob,
}

/// <summary>The sum that a file must have, in lower-case hexadecimal digits.</summary>
internal sealed record Digest(DigestKind Kind, string Value)
{
    public string Show() =>
        $"{Kind switch
    {
        DigestKind.Sha256 => "SHA-256",
        DigestKind.Sha512 => "SHA-512",
        DigestKind.GitBlob => "git blob",
        _ => throw new UnreachableException(),
    }} {Value}";

    /// <summary>The sum of a file's bytes.</summary>
    public static Digest Of(string path, DigestKind kind)
    {
        using var file = Motion.Contracts.InputFile.Open(path, bufferSize: 1 << 16);
        using var hash = IncrementalHash.CreateHash(
            kind switch
            {
                DigestKind.Sha256 => HashAlgorithmName.SHA256,
                DigestKind.Sha512 => HashAlgorithmName.SHA512,
                DigestKind.GitBlob => HashAlgorithmName.SHA1,
                _ => throw new UnreachableException(),
            }
        );
        if (kind == DigestKind.GitBlob)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Length}\0")));
        }

        var buffer = new byte[1 << 16];
        for (var count = file.Read(buffer); count > 0; count = file.Read(buffer))
        {
            hash.AppendData(buffer.AsSpan(0, count));
        }

        return new(kind, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
