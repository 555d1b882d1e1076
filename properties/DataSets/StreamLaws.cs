using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Files larger than what is held of them.</summary>
public sealed class StreamLaws
{
    private const int BytesAnAnnotation = 100; // its id in a hash set that doubles; its JSON is 10 kB

    [Fact, Law]
    public void Parts_OfAnyDocument_AreItsMembersAndElements() =>
        Laws.Hold(
            (
                from name in Gen.Elements("videos", "annotations", "a\"b", "", "ü")
                from values in Value.ListOf()
                from isArray in Gen.Elements(true, false)
                select (name, values, isArray)
            ).ListOf(),
            members =>
            {
                using var folder = new TemporaryFolder();
                var document = new JsonObject();
                foreach (var (name, values, isArray) in members)
                {
                    document[name] = isArray
                        ? new JsonArray([.. values.Select(value => JsonNode.Parse(value))])
                        : JsonNode.Parse(values.Count == 0 || values[0][0] == '[' ? "null" : values[0]);
                }

                var path = folder.Write("a.json", document.ToJsonString(new() { WriteIndented = members.Count % 2 == 0 }));
                var parts = new List<(string, long, string?)>();
                var arrays = JsonElements
                    .ForEach(
                        path,
                        part =>
                        {
                            parts.Add((part.Member, part.Index, JsonNode.Parse(Encoding.UTF8.GetString(part.Bytes))?.ToJsonString()));
                            return null;
                        },
                        problem => problem.Error
                    )
                    .OrThrow();
                return parts.SequenceEqual(
                        document.SelectMany(member =>
                            member.Value is JsonArray array
                                ? array.Select((item, i) => (member.Key, (long)i, item?.ToJsonString()))
                                : [(member.Key, -1L, member.Value?.ToJsonString())]
                        )
                    ) && arrays.SetEquals(document.Where(member => member.Value is JsonArray).Select(member => member.Key));
            }
        );

    [Fact]
    public void Elements_LargerThanTheWindow_AndTextsOnItsBorders_AreRead()
    {
        using var folder = new TemporaryFolder();
        foreach (
            var length in (int[])
                [
                    1,
                    (1 << 18) - 30,
                    (1 << 18) - 20,
                    (1 << 18) - 17,
                    (1 << 18) - 16,
                    (1 << 18) - 15,
                    (1 << 18) - 14,
                    (1 << 18) - 13,
                    1 << 19,
                    1 << 20,
                ]
        )
        {
            var text = new string('x', length) + "\\\"]}" + new string('\\', 6) + "ü";
            var path = folder.Write("a.json", $$"""{"a": ["{{text}}", 12, {"b": "{{text}}"}]}""");
            var lengths = new List<int>();
            JsonElements
                .ForEach(
                    path,
                    part =>
                    {
                        lengths.Add(part.Bytes.Length);
                        return null;
                    },
                    problem => problem.Error
                )
                .OrThrow();
            var bytes = Encoding.UTF8.GetByteCount(text) + 2;
            Assert.Equal([bytes, 2, bytes + 7], lengths);
        }
    }

    [Fact]
    public void Memory_OfInspection_DoesNotGrowWithAnnotations()
    {
        using var folder = new TemporaryFolder();
        var mask = $$"""{"size": [500, 1000], "counts": [{{string.Join(',', Enumerable.Repeat("100,150,250", 1000))}}]}""";
        string File(int annotations) =>
            folder.Write(
                $"{annotations}.json",
                $$"""
                {"videos": [{"id": 1, "height": 500, "width": 1000, "file_names": ["a/0.png"]}], "categories": [{"id": 1, "name": "dog"}],
                 "annotations": [{{string.Join(
                    ",\n",
                    Enumerable.Range(1, annotations).Select(id =>
                        $$"""{"id": {{id}}, "video_id": 1, "category_id": 1, "bboxes": [[1.5,2.25,3.125,4]], "areas": [150000], "segmentations": [{{mask}}]}"""
                    )
                )}}]}
                """
            );
        var (few, many) = (File(100), File(1100));
        Assert.Equal(1100, DataInspect.Run(many, new DataPlace()).OrThrow().Instances); // and what is made once is made
        Assert.InRange(Allocated(many) - Allocated(few), long.MinValue, 1000 * BytesAnAnnotation);
        Assert.True(new FileInfo(many).Length - new FileInfo(few).Length > 8_000_000);

        static long Allocated(string path)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(DataInspect.Run(path, new DataPlace()).OrThrow().Problems.IsEmpty);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static Gen<string> Value { get; } =
        Gen.Elements(
            "1",
            "-2.5e3",
            "true",
            "null",
            "\"\"",
            "\"a\\\\\"",
            "\"\\\"]},{\"",
            "\"ü€\\u00fc\"",
            "{}",
            "[]",
            "[[1,2],{\"a\":[]}]",
            "{\"a\":{\"b\":[1,\"]\"]},\"c\":\"}\"}"
        );
}
