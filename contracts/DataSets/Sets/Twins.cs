using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Categories of one name. Some tools write a parent of the same name that nobody uses; where one alone is used, it is the one that is
/// meant. Where several are, or where it cannot be told, the name is a mistake.
/// </summary>
internal static class Twins
{
    public static Result<Unit, DecodeError> Settle(Lists lists, JsonFile file, SetReading reading)
    {
        if (lists.Twins.Count == 0)
        {
            return default(Unit);
        }

        return Used(lists, file)
            .Bind(used =>
            {
                foreach (var name in lists.Twins.Select(twin => twin.Name).Distinct(StringComparer.Ordinal).ToArray())
                {
                    var all = lists.Categories.Where(category => category.Name == name).ToArray();
                    var meant = all.Where(category => used.Contains(category.Id)).ToArray();
                    var kept = meant.Length > 0 ? meant : all.Where(category => category.Above is not (null or "" or "none")).ToArray(); // of none, the one that is no parent
                    if (kept.Length != 1)
                    {
                        foreach (var twin in all.Skip(1))
                        {
                            var problem = Lists
                                .Twice("category", name)
                                .Within(".name")
                                .At(file.Name, JsonElements.Place("categories", twin.Position), $"id {lists.CategoryTexts.Show(twin.Id)}");
                            if (reading.Tolerate(problem) is { } error)
                            {
                                return error;
                            }

                            lists.Categories.Remove(twin);
                        }

                        continue;
                    }

                    lists.Categories.RemoveAll(category => category.Name == name && category != kept[0]);
                    lists.Notes.Add(
                        $"the category {name} is listed {all.Length} times, and annotations use {(meant.Length == 1 ? "one" : "none")} of them: the id {lists.CategoryTexts.Show(kept[0].Id)} is kept"
                    );
                }

                return Result.Ok<Unit, DecodeError>(default);
            });
    }

    /// <summary>The categories that annotations name.</summary>
    private static Result<HashSet<long>, DecodeError> Used(Lists lists, JsonFile file)
    {
        var used = new HashSet<long>();
        return JsonElements
            .ForEach(
                file,
                part =>
                {
                    if (
                        part is { Member: "annotations", Index: >= 0 }
                        && JsonReading.Find(part.Bytes, "category_id"u8, out var json)
                        && lists.CategoryTexts.Find(ref json, out var id, out _) is null
                    )
                    {
                        used.Add(id);
                    }

                    return null;
                },
                _ => null
            )
            .Map(_ => used);
    }
}
