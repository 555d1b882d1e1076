using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Pipeline.Figures;

/// <summary>A frame by its place in the test stream.</summary>
internal readonly record struct ChosenFrame(string Clip, long Position);

/// <summary>Which frames are drawn: a few of every clip, evenly over it.</summary>
internal static class ChooseFrames
{
    /// <param name="clips">In the order of the stream.</param>
    /// <param name="every">Each clip lists its frames 0, every, 2 every, ...</param>
    /// <param name="listed">Frames of the stream in all; what is behind is not drawn.</param>
    /// <param name="only">Clips to draw; empty for all.</param>
    /// <param name="perClip">Frames of each; a clip with fewer gives all.</param>
    public static ImmutableArray<ChosenFrame> Of(
        ImmutableArray<ClipInfo> clips,
        int every,
        long listed,
        ImmutableArray<string> only,
        int perClip
    )
    {
        var chosen = ImmutableArray.CreateBuilder<ChosenFrame>();
        var first = 0L;
        foreach (var clip in clips)
        {
            var frames = ((clip.Frames - 1) / every) + 1;
            if (only.IsEmpty || only.Contains(clip.Name))
            {
                var count = Math.Min(perClip, frames);
                for (var n = 0; n < count; n++)
                {
                    var at = first + ((((2L * n) + 1) * frames) / (2L * count)); // middles of equal parts
                    if (at < listed)
                        chosen.Add(new(clip.Name, at));
                }
            }

            first += frames;
        }

        return chosen.ToImmutable();
    }
}
