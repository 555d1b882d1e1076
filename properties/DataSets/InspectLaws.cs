using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>What inspect counts.</summary>
public sealed class InspectLaws
{
    [Fact, Law]
    public void Counts_OfAnySet_AreTheNaiveOnes() =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                var set = DataInspect.Run(made.Write(folder, "a.json"), new DataPlace()).OrThrow();
                var tracks = made.Videos.SelectMany((video, v) => video.Tracks.Select(track => (v, track))).ToList();
                var sights = tracks
                    .SelectMany(pair =>
                        pair.track.Sights.Index()
                            .Where(sight => sight.Item is not null)
                            .Select(sight => (pair.v, pair.track, t: sight.Index, sight: sight.Item!))
                    )
                    .ToList();
                var seen = sights.Select(s => (s.v, s.t)).Distinct().Count();
                return set.Videos == made.Videos.Length
                    && set.Frames == made.Videos.Sum(video => video.Frames)
                    && set.Instances == tracks.Count
                    && set.Crowds == tracks.Count(pair => pair.track.IsCrowd)
                    && set.Boxes == sights.Count
                    && set.EmptyFrames == set.Frames - seen
                    && set.UnannotatedFrames == 0
                    && set.Problems.IsEmpty
                    && set.Masks.Sum(mask => mask.Count) == sights.Count
                    && set.Masks.Where(mask => mask.Form == MaskForm.Text).Sum(mask => mask.Count) == sights.Count(s => s.sight.AsText)
                    && set.Sizes
                        == new SizeCount(
                            sights.Count(s => Rles.Area(s.sight.Mask) < 1024),
                            sights.Count(s => Rles.Area(s.sight.Mask) is >= 1024 and < 9216),
                            sights.Count(s => Rles.Area(s.sight.Mask) >= 9216)
                        )
                    && set.Classes.Select((c, i) => (c.Name, c.Instances, c.Boxes, c.Videos))
                        .SequenceEqual(
                            made.Categories.Select(
                                (name, i) =>
                                    (
                                        name,
                                        (long)tracks.Count(pair => pair.track.Category == i),
                                        (long)sights.Count(s => s.track.Category == i),
                                        (long)tracks.Where(pair => pair.track.Category == i).Select(pair => pair.v).Distinct().Count()
                                    )
                            )
                        )
                    && set.FrameSizes.Sum(size => size.Videos) == made.Videos.Length;
            },
            60
        );

    [Fact]
    public void Forms_AreToldApart_AndCountedAlike()
    {
        using var folder = new TemporaryFolder();
        var size = new Size2(6, 8);
        foreach (var t in (int[])[0, 1])
        {
            folder.Write($"davis/JPEGImages/a/{t:D5}.png", Samples.PngOf(1, size));
        }

        folder.Write(
            "davis/Annotations/a/00000.png",
            Samples.Labels(
                size,
                (y, x) =>
                    (byte)(
                        x < 3 ? 1
                        : x == 6 ? 2
                        : 0
                    )
            )
        );
        var inventories = new[]
        {
            (DataFormat.YoutubeVis, "y.json"),
            (DataFormat.Coco, "c.json"),
            (DataFormat.BoxesCsv, "b.csv"),
            (DataFormat.BoxesJson, "b.json"),
        }
            .Select(form =>
            {
                DataConvert.Run(folder["davis"], new DataPlace(), folder[form.Item2], new ConvertOptions(form.Item1)).OrThrow();
                return DataInspect.Run(folder[form.Item2], new DataPlace()).OrThrow();
            })
            .Prepend(DataInspect.Run(folder["davis"], new DataPlace()).OrThrow())
            .ToList();
        Assert.Equal(
            [DataFormat.Davis, DataFormat.YoutubeVis, DataFormat.Coco, DataFormat.BoxesCsv, DataFormat.BoxesJson],
            inventories.Select(set => set.Format)
        );
        Assert.All(inventories, set => Assert.Equal(2, set.Boxes));
        Assert.Equal([1L, 0, 0, 0, 0], inventories.Select(set => set.UnannotatedFrames));
    }

    [Fact]
    public void Sizes_OnTheBounds_AreTheLarger()
    {
        using var folder = new TemporaryFolder();
        var boxes = string.Join(
            ',',
            new[] { 1023.9, 1024, 9215.9, 9216 }.Select(
                (area, i) => $$"""{"id": {{i + 1}}, "image_id": 1, "category_id": 1, "bbox": [0,0,9,9], "area": {{area}}}"""
            )
        );
        var path = folder.Write(
            "a.json",
            $$"""{"images": [{"id": 1, "height": 100, "width": 100, "file_name": "x.jpg"}], "categories": [{"id": 1, "name": "dog"}], "annotations": [{{boxes}}]}"""
        );
        Assert.Equal(new SizeCount(1, 2, 1), DataInspect.Run(path, new DataPlace()).OrThrow().Sizes);
    }

    [Fact]
    public void Pictures_ThatAreNotThereOrOfAnotherSize_AreListed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("JPEGImages/a/0.png", Samples.PngOf(1, new Size2(5, 8)));
        var path = folder.Write(
            "instances.json",
            """{"videos": [{"id": 4, "height": 6, "width": 8, "file_names": ["a/0.png", "a/1.png"]}], "categories": [], "annotations": []}"""
        );
        var problems = DataInspect.Run(path, new DataPlace()).OrThrow().Problems.ToDictionary(problem => problem.Kind);
        Assert.Contains("$.videos[0].file_names[1] (id 4)", problems[DataFault.MissingPicture].First[0], StringComparison.Ordinal);
        Assert.Contains("5x8", problems[DataFault.BadPicture].First[0], StringComparison.Ordinal);
    }

    [Fact]
    public void MadeUpSet_HoldsWhatWasAskedFor()
    {
        using var folder = new TemporaryFolder();
        foreach (var polygons in (bool[])[false, true])
        {
            var options = new MakeUpOptions(Videos: 12, Frames: 70, Classes: 5, Height: 40, Width: 64, Polygons: polygons);
            MakeUp.Write(folder[$"{polygons}.json"], options).OrThrow();
            var set = DataInspect.Run(folder[$"{polygons}.json"], new DataPlace()).OrThrow();
            Assert.Equal((12, 70, 5), (set.Videos, set.Frames, set.Classes.Length));
            Assert.Empty(set.Problems);
            Assert.All(set.Classes, c => Assert.True(c.Videos >= 2));
            Assert.Equal(polygons ? MaskForm.Polygons : MaskForm.Runs, Assert.Single(set.Masks).Form);
            Assert.Equal(set.Boxes, set.Masks[0].Count);
        }
    }
}
