using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using static TorchSharp.torch;

namespace Motion.Decode.Synthetic;

/// <summary>
/// Clips drawn from a seed: several objects of several classes (the shape is the class), some of them camouflaged, before a moving
/// camera. Exact masks and boxes of the visible parts, and exact flow of every frame, the last one included.
/// </summary>
internal static class SyntheticSource
{
    public static Result<FrameSource, DecodeError> Open(DecodeOptions options, Seed seed) =>
        Check(options.Synthetic) is { } error
            ? error
            : Select(options)
                .Map(chosen => Source(options, chosen, seed.Derive("synthetic").Derive(options.Split ?? Word(options.Family))));

    private static FrameSource Source(DecodeOptions options, ImmutableArray<int> chosen, Seed seed)
    {
        var synthetic = options.Synthetic;
        var classing = Classing.Choose(options.Naming with { Categories = [] }, synthetic.Shapes.Select(shape => Word(shape)));
        var size = new Size2(synthetic.Height, synthetic.Width);
        var catalogue = new Catalogue(
            classing.Categories,
            [.. chosen.Select(clip => new ClipInfo(Name(options, clip), synthetic.Frames, size))]
        );
        var classes = synthetic.Shapes.Select(shape => classing.ClassOf(Word(shape))).ToImmutableArray();
        return new FrameSource(catalogue, _ => new Reader(clip => Scene.Make(synthetic, seed.Derive(chosen[clip])), classes));
    }

    private static string Name(DecodeOptions options, int clip) => $"{options.Split ?? Word(options.Family)}-{clip:D4}";

    private static Result<ImmutableArray<int>, DecodeError> Select(DecodeOptions options)
    {
        var all = Enumerable.Range(0, options.Synthetic.Clips).ToImmutableArray();
        return ClipChoice
            .Select(options.Clipping, [.. all.Select(clip => Name(options, clip))], "the synthetic source")
            .Map(names => names.Select(i => all[i]).ToImmutableArray());
    }

    private static DecodeError.BadSetting? Check(SyntheticOptions o)
    {
        (bool Holds, string Setting, string Rule)[] rules =
        [
            (o.Clips >= 1, "clips", $"must be at least 1; got {o.Clips}"),
            (o.Frames >= 1, "frames", $"must be at least 1; got {o.Frames}"),
            (
                Math.Min(o.Height, o.Width) >= 16 && Math.Max(o.Height, o.Width) <= 4096,
                "height, width",
                $"must be within 16..4096 pixels; got {o.Height}x{o.Width}"
            ),
            (
                0 <= o.ObjectsMin && o.ObjectsMin <= o.ObjectsMax && o.ObjectsMax <= 50,
                "objectsMin, objectsMax",
                $"must be in order and within 0..50; got {o.ObjectsMin}, {o.ObjectsMax}"
            ),
            (
                0 < o.SizeMin && o.SizeMin <= o.SizeMax && o.SizeMax <= 1,
                "sizeMin, sizeMax",
                $"must be in order and within 0..1 of the frame's shortest side; got {o.SizeMin}, {o.SizeMax}"
            ),
            (o.Camouflaged is >= 0 and <= 1, "camouflaged", $"must be a share, 0..1; got {o.Camouflaged}"),
            (
                0 <= o.SpeedMin && o.SpeedMin <= o.SpeedMax && o.SpeedMax <= 100,
                "speedMin, speedMax",
                $"must be in order and within 0..100 pixels a frame; got {o.SpeedMin}, {o.SpeedMax}"
            ),
            (o.CameraSpeed is >= 0 and <= 100, "cameraSpeed", $"must be within 0..100 pixels a frame; got {o.CameraSpeed}"),
            (o.Rotation is >= 0 and <= 90, "rotation", $"must be within 0..90 degrees a frame; got {o.Rotation}"),
            (!o.Textures.IsDefaultOrEmpty, "textures", "must name at least one kind"),
            (
                !o.Shapes.IsDefaultOrEmpty && o.Shapes.Distinct().Count() == o.Shapes.Length,
                "shapes",
                "must name at least one shape, and each once"
            ),
        ];
        return rules
            .Where(rule => !rule.Holds)
            .Select(rule => new DecodeError.BadSetting($"synthetic.{rule.Setting}", rule.Rule, "Correct it."))
            .FirstOrDefault();
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>Renders on demand; remembers the last frames, and the scenes of the clips used last.</summary>
    private sealed class Reader(Func<int, Scene> scenes, ImmutableArray<int?> classes) : IFrameReader
    {
        private const int MostScenes = 128; // some 100 kB each
        private const int MostRenderings = 3;
        private readonly Dictionary<int, Scene> _scenes = [];
        private readonly Queue<(FrameAt At, Rendering Rendering)> _renderings = [];

        public ValueTask<Result<Picture, ReadFailure>> Picture(FrameAt at, CancellationToken cancel) => new(Render(at).Picture);

        public Result<Annotation?, DecodeError> Truth(FrameAt at)
        {
            var (scene, rendering) = (SceneOf(at.Clip), Render(at));
            return new Annotation([
                .. LabelMap
                    .Objects(rendering.Owners, scene.Size)
                    .Select(o => (scene.Actors[o.Value - 1], o))
                    .Where(pair => classes[pair.Item1.Class] is not null)
                    .Select(pair => new Instance(pair.Item1.Id, classes[pair.Item1.Class]!.Value, pair.o.Box, pair.o.Mask)),
            ]);
        }

        public Result<Tensor?, DecodeError> Flow(FrameAt at)
        {
            var (height, width) = (SceneOf(at.Clip).Size.Height, SceneOf(at.Clip).Size.Width);
            return tensor(Render(at).Flow, [2, height, width], dtype: float32);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private Scene SceneOf(int clip)
        {
            if (!_scenes.TryGetValue(clip, out var scene))
            {
                if (_scenes.Count == MostScenes)
                {
                    _scenes.Clear();
                }

                _scenes.Add(clip, scene = scenes(clip));
            }

            return scene;
        }

        private Rendering Render(FrameAt at)
        {
            if (_renderings.FirstOrDefault(kept => kept.At == at && kept.Rendering is not null).Rendering is { } known)
            {
                return known;
            }

            var rendering = Renderer.Draw(SceneOf(at.Clip), at.Frame);
            _renderings.Enqueue((at, rendering));
            if (_renderings.Count > MostRenderings)
            {
                _renderings.Dequeue();
            }

            return rendering;
        }
    }
}
