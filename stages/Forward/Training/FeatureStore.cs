using System.Buffers.Binary;
using System.IO.Hashing;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>What of a view never changes while the backbone is frozen, at the view's own padded size.</summary>
/// <param name="Features">float16 of the image and, where the flow is used, of the flow picture: [1 or 2, C, h, w].</param>
/// <param name="Colour">uint8 [1, 3, H/4, W/4].</param>
/// <param name="Flow">float32 [1, 3, H/4, W/4].</param>
internal sealed record ViewFeatures(BackboneFeatures Features, Tensor Colour, Tensor Flow)
{
    public IReadOnlyList<Tensor> All => [Features.Res3, Features.Res4, Features.Res5, Colour, Flow];
}

/// <summary>
/// A memo of <see cref="ViewFeatures"/>: first in memory, then in a folder, else computed again. Entries are found by the content of frame,
/// view and weights, so that remembering can change nothing but the time it takes. Entries need no disposal.
/// </summary>
/// <param name="options">Where, and how much.</param>
/// <param name="warn">Told of an entry that is damaged, and computed again.</param>
internal sealed class FeatureStore(FeatureOptions options, Action<string>? warn = null)
{
    private const int HashBytes = 16;
    private const int OldHashBytes = 8; // entries of an earlier version are computed again in silence
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, NativeBytes> _memory = [];
    private long _bytes;

    /// <summary>The remembered bytes of a view; a file of another length than expected is none.</summary>
    public NativeBytes? Find(UInt128 key, int length)
    {
        lock (_gate)
        {
            if (_memory.TryGetValue(key, out var known))
            {
                return known;
            }
        }

        var stored = options.Folder is null ? null : ReadFile(key, length);
        if (stored is not null)
        {
            Remember(key, stored);
        }

        return stored;
    }

    public void Keep(UInt128 key, NativeBytes entry)
    {
        Remember(key, entry);
        if (options.Folder is not null)
        {
            WriteFile(key, entry);
        }
    }

    // What comes first stays: an order that evicts would forget every view just before it comes round again.
    private void Remember(UInt128 key, NativeBytes entry)
    {
        lock (_gate)
        {
            if (_bytes + entry.Length <= options.MemoryMegabytes * (1L << 20) && _memory.TryAdd(key, entry))
            {
                _bytes += entry.Length;
            }
        }
    }

    private string FileOf(UInt128 key) => Path.Combine(options.Folder!, $"{key:x32}.features");

    // A file is the entry followed by the hash of its name and itself; one that is cut, damaged or renamed counts as absent.
    private NativeBytes? ReadFile(UInt128 key, int length)
    {
        var path = FileOf(key);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            using var file = File.OpenRead(path);
            if (file.Length == length + HashBytes)
            {
                var entry = new NativeBytes(length);
                if (entry.Use(bytes => IsWhole(key, file, bytes)))
                {
                    return entry;
                }
            }

            if (file.Length != length + OldHashBytes)
            {
                warn?.Invoke($"{path} is damaged: those features are computed again");
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsWhole(UInt128 key, FileStream file, Span<byte> entry)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        file.ReadExactly(entry);
        file.ReadExactly(hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash) == Hash(key, entry);
    }

    // A folder that cannot be written (full, read-only) costs time later, not the training.
    private void WriteFile(UInt128 key, NativeBytes entry)
    {
        try
        {
            WholeFile.Write(
                FileOf(key),
                file =>
                    _ = entry.Use(bytes =>
                    {
                        Span<byte> hash = stackalloc byte[HashBytes];
                        BinaryPrimitives.WriteUInt128LittleEndian(hash, Hash(key, bytes));
                        file.Write(bytes);
                        file.Write(hash);
                        return bytes.Length;
                    }),
                lasting: false
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    private static UInt128 Hash(UInt128 key, ReadOnlySpan<byte> entry)
    {
        var hash = new XxHash128();
        Span<byte> name = stackalloc byte[HashBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(name, key);
        hash.Append(name);
        hash.Append(entry);
        return hash.GetCurrentHashAsUInt128();
    }
}

/// <summary>Keys and bytes of <see cref="FeatureStore"/>'s entries.</summary>
internal static class ViewFeatureBytes
{
    /// <summary>
    /// Hash of everything that decides a view's features: the frame's content, the view, the settings, the backbone's numbers.
    /// </summary>
    public static UInt128 Key(FlowFrame frame, View view, ulong stamp)
    {
        var hash = new XxHash128();
        Append(hash, frame.Image);
        Append(hash, frame.Flow);
        Span<byte> numbers = stackalloc byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(numbers, stamp);
        int[] sizes =
        [
            view.Size.Height,
            view.Size.Width,
            view.Flip ? 1 : 0,
            (int)frame.Image.shape[1],
            (int)frame.Image.shape[2],
            frame.OriginalSize.Height,
            frame.OriginalSize.Width,
        ];
        for (var index = 0; index < sizes.Length; index++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(numbers[(8 + (4 * index))..], sizes[index]);
        }

        hash.Append(numbers);
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>Hash of the settings and weights that features depend on.</summary>
    public static ulong Stamp(ForwardOptions options, Weights weights)
    {
        var hash = new XxHash3();
        var backbone = options.Backbone;
        var settings =
            $"{backbone.Network} {backbone.Layout} {backbone.Channels} {string.Join(' ', backbone.PixelMean)} / "
            + $"{string.Join(' ', backbone.PixelStd)} {options.FlowPicture} {options.UsesFlow}";
        hash.Append(System.Text.Encoding.UTF8.GetBytes(settings));
        foreach (var (name, tensor) in weights.At(Backbones.Scope).All)
        {
            hash.Append(System.Text.Encoding.UTF8.GetBytes(name));
            Append(hash, tensor);
        }

        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Bytes of an entry of a view.</summary>
    public static int Length(ForwardOptions options, View view) =>
        checked(
            (int)Parts(options, view).Sum(part => part.Shape.Aggregate(1L, (product, side) => product * side) * part.Type.ElementSize())
        );

    /// <summary>All parts one after the other, row-major, little-endian.</summary>
    public static NativeBytes Write(ViewFeatures features)
    {
        var entry = new NativeBytes(checked((int)features.All.Sum(part => part.numel() * part.dtype.ElementSize())));
        _ = entry.Use(bytes =>
        {
            var at = 0;
            foreach (var part in features.All)
            {
                using var here = part.cpu();
                using var local = here.contiguous();
                local.bytes.CopyTo(bytes[at..]);
                at += local.bytes.Length;
            }

            return at;
        });
        return entry;
    }

    /// <summary>What was written; tensors of the caller's dispose scope, on the CPU.</summary>
    public static ViewFeatures Read(ForwardOptions options, View view, NativeBytes entry) =>
        entry.Use(all =>
        {
            var rest = all;
            var parts = new List<Tensor>();
            foreach (var (shape, type) in Parts(options, view))
            {
                var values = empty(shape, type);
                var bytes = (int)(values.numel() * type.ElementSize());
                rest[..bytes].CopyTo(values.bytes);
                rest = rest[bytes..];
                parts.Add(values);
            }

            return new ViewFeatures(new(parts[0], parts[1], parts[2]), parts[3], parts[4]);
        });

    private static (long[] Shape, ScalarType Type)[] Parts(ForwardOptions options, View view)
    {
        var (height, width) = (view.Padded.Height, view.Padded.Width);
        var channels = Backbones.Channels(options.Backbone);
        var streams = options.UsesFlow ? 2 : 1;
        return
        [
            ([streams, channels[0], height / 8, width / 8], ScalarType.Float16),
            ([streams, channels[1], height / 16, width / 16], ScalarType.Float16),
            ([streams, channels[2], height / 32, width / 32], ScalarType.Float16),
            ([1, 3, height / 4, width / 4], ScalarType.Byte),
            ([1, 3, height / 4, width / 4], ScalarType.Float32),
        ];
    }

    private static void Append(NonCryptographicHashAlgorithm hash, Tensor tensor) =>
        tensor.Read(bytes =>
        {
            hash.Append(bytes);
            return bytes.Length;
        });
}
