using System.Security.Cryptography;
using System.Text.Json;
using Motion.Contracts;
using Motion.Decode;
using Motion.Properties.Generators;

namespace Motion.Properties.Decode;

/// <summary>Golden pictures (properties/Golden/Pictures/README.md).</summary>
internal static class PictureGolden
{
    public static string Path(string name) => GoldenFiles.PathOf("Pictures", name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));

    /// <summary>Names and digests of one group.</summary>
    public static List<(string Name, string Digest)> Digests(string group) =>
        [
            .. GoldenFiles
                .Json("Pictures", "digests.json")
                .GetProperty(group)
                .EnumerateObject()
                .Select(member => (member.Name, member.Value.GetString()!)),
        ];

    /// <summary>SHA-256 of the pixels, R G B interleaved, row-major.</summary>
    public static string DigestOf(Motion.Decode.Picture picture)
    {
        var area = (int)picture.Size.Area;
        var rgb = new byte[3 * area];
        for (var i = 0; i < rgb.Length; i++)
        {
            rgb[i] = picture.Planes[(i % 3 * area) + (i / 3)];
        }

        return Convert.ToHexStringLower(SHA256.HashData(rgb));
    }
}
