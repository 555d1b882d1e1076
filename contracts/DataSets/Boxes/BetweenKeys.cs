using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>An object in a frame.</summary>
/// <param name="Instance">It, with its box.</param>
/// <param name="Given">Whether somebody drew the box; otherwise it lies between two that were, or is held from the last.</param>
public sealed record KeyedBox(Instance Instance, bool Given);

/// <summary>
/// The boxes of the frames between those that are annotated, as annotation tools make them: the corners of an object go on straight lines
/// from one key frame to the next. Where an annotated frame between two key frames of an object lacks it, it is not there between them, and
/// is the same object when it is back. Behind its last key frame its box is held, as far as the longest way between two annotated frames
/// (to the end where one frame alone is annotated), and no further than to an annotated frame that lacks it.
/// </summary>
public static class BetweenKeys
{
    /// <param name="annotated">What is known, by frame.</param>
    /// <param name="frames">Of the clip.</param>
    /// <returns>For each frame its objects, ascending by id.</returns>
    public static ImmutableArray<ImmutableArray<KeyedBox>> Of(IReadOnlyDictionary<int, Annotation> annotated, int frames)
    {
        var keys = annotated.Keys.Order().ToArray();
        var boxes = new List<KeyedBox>?[frames];
        var hold = keys.Length < 2 ? frames : keys.Zip(keys.Skip(1), (a, b) => b - a).Max();
        for (var k = 0; k < keys.Length; k++)
        {
            var (from, to) = (keys[k], k + 1 < keys.Length ? keys[k + 1] : (int?)null);
            foreach (var here in annotated[from].Instances)
            {
                Put(from, here, given: true);
                if (here.IsCrowd)
                    continue;
                var there = to is { } next
                    ? annotated[next].Instances.FirstOrDefault(other => other.Id == here.Id && !other.IsCrowd)
                    : null;
                for (var frame = from + 1; there is not null && frame < to; frame++)
                    Put(
                        frame,
                        here with
                        {
                            Box = Line(here.Box, there.Box, (double)(frame - from) / (to.Value - from)),
                            Mask = null,
                            Area = null,
                        },
                        given: false
                    );
                for (var frame = from + 1; to is null && frame < frames && frame < from + hold; frame++)
                    Put(frame, here with { Mask = null, Area = null }, given: false);
            }
        }

        return [.. boxes.Select(frame => frame is null ? [] : frame.OrderBy(box => box.Instance.Id).ToImmutableArray())];

        void Put(int frame, Instance instance, bool given)
        {
            if (frame < frames)
                (boxes[frame] ??= []).Add(new(instance, given));
        }
    }

    private static Box Line(Box a, Box b, double way)
    {
        return new(At(a.X1, b.X1), At(a.Y1, b.Y1), At(a.X2, b.X2), At(a.Y2, b.Y2));

        float At(float from, float to) => (float)(from + (way * (to - from)));
    }
}

/// <summary>What is known of the frames of a source, thinned out or filled up.</summary>
internal static class KeyedTruth
{
    /// <param name="truth">What there is.</param>
    /// <param name="keys">The annotations of every n-th frame count.</param>
    /// <param name="between">Whether frames between them get boxes.</param>
    /// <param name="clips">The catalogue's.</param>
    public static TruthTable Of(TruthTable truth, int keys, bool between, ImmutableArray<ClipInfo> clips)
    {
        var thin =
            keys == 1 ? truth : truth with { Of = at => at.Frame % keys == 0 ? truth.Of(at) : Result.Ok<Annotation?, DecodeError>(null) };
        if (!between)
        {
            return thin;
        }

        var filled = clips
            .Select(
                (clip, index) =>
                    new Lazy<Result<ImmutableArray<ImmutableArray<KeyedBox>>, DecodeError>>(() => Filled(thin, index, clip.Frames))
            )
            .ToArray();
        return truth with
        {
            Of = at =>
                thin.Of(at) is Result<Annotation?, DecodeError>.Ok({ } given)
                    ? given
                    : filled[at.Clip]
                        .Value.Map(frames =>
                            frames[at.Frame] is { IsEmpty: false } boxes ? new Annotation([.. boxes.Select(box => box.Instance)]) : null
                        ),
        };
    }

    private static Result<ImmutableArray<ImmutableArray<KeyedBox>>, DecodeError> Filled(TruthTable truth, int clip, int frames) =>
        Enumerable
            .Range(0, frames)
            .Select(frame => truth.Of(new FrameAt(clip, frame)).Map(known => (Frame: frame, Known: known)))
            .Sequence()
            .Map(all =>
                BetweenKeys.Of(all.Where(each => each.Known is not null).ToDictionary(each => each.Frame, each => each.Known!), frames)
            );
}
