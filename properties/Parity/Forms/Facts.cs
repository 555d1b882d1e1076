using System.Text.Json;
using Motion.Contracts;

namespace Motion.Parity.Forms;

/// <summary>The numbers that a JSON states about a tensor file: under the file's own name, or the last words of it.</summary>
internal static class Facts
{
    /// <summary>
    /// The JSON and the member that speak of a file: all words of the member's name are in the file's, in order, and the last is the last:
    /// "targets_a" for unit_targets_a, "mask_head_b" for unit_mask_head_169_b. Null where there is none.
    /// </summary>
    public static (OracleFile.Json File, string Member)? About(OracleFolder folder, OracleFile.Tensors file) =>
        (
            from json in folder.Jsons
            where json.Root.ValueKind == JsonValueKind.Object
            from member in json.Root.EnumerateObject()
            where member.Value.ValueKind == JsonValueKind.Object && Speaks(member.Name.Split('_'), file.Stem.Split('_'))
            orderby member.Name.Length descending
            select ((OracleFile.Json, string)?)(json, member.Name)
        ).FirstOrDefault();

    private static bool Speaks(string[] member, string[] stem)
    {
        var at = 0;
        foreach (var word in stem)
            at += at < member.Length && member[at] == word ? 1 : 0;
        return at == member.Length && member[^1] == stem[^1];
    }

    /// <summary>The case of one tensor file and what is stated about it.</summary>
    public static ParityCase Case(OracleFolder folder, OracleFile.Tensors file, Action<Checks, StoredTensors, StoredNode?> check)
    {
        var about = About(folder, file);
        return new(
            file.Stem,
            about is { } found ? [file, found.File] : [file],
            checks =>
            {
                using var stored = checks.Open(file);
                check(checks, stored, about is { } facts ? checks.Open(facts.File)[facts.Member] : null);
            }
        );
    }

    /// <summary>Compares a list of whole numbers.</summary>
    public static void List(NumberGroup group, StoredNode? stored, IReadOnlyList<double> actual)
    {
        if (stored is null)
            return;
        group.Number($"{stored.Path}, length", actual.Count, stored.Items.Count, Tolerance.Exact);
        foreach (var (item, number) in stored.Items.Zip(actual))
            group.Number(item.Path, number, item, Tolerance.Exact);
    }

    public static long[] Longs(Motion.Contracts.Size2 size) => [size.Height, size.Width];

    public static int[] Ints(TorchSharp.torch.Tensor values) => [.. StoredTensors.Doubles(values).Select(value => (int)value)];
}
