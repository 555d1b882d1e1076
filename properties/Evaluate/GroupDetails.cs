using System.Text.Json;
using Motion.Evaluate;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>One entry of an oracle's "details" against the matches of that image (or video) and category.</summary>
public static class GroupDetails
{
    public static void Match(
        JsonElement expected,
        GroupMatches actual,
        Func<int, long> foundId,
        Func<int, double> score,
        Func<int, long> truthId
    )
    {
        var rows = actual.Found.Length;
        Assert.Equal(Longs(expected.GetProperty("dtIds")), actual.Found.Select(foundId));
        Assert.Equal(Expected.Doubles(expected.GetProperty("dtScores")), actual.Found.Select(score));
        Assert.Equal(Longs(expected.GetProperty("gtIds")), actual.Truths.Select(truthId));
        Assert.Equal(Longs(expected.GetProperty("gtIgnore")), actual.TruthIgnored.Select(ignored => ignored ? 1L : 0));
        Assert.Equal(Flat(expected.GetProperty("dtMatches")), actual.Matches.Select(match => match < 0 ? 0.0 : truthId(match)));
        Assert.Equal(Flat(expected.GetProperty("dtIgnore")), actual.FoundIgnored.Select(ignored => ignored ? 1.0 : 0));
        Assert.Equal(Flat(expected.GetProperty("iou")), actual.Iou);
        Assert.Equal(rows * 10, actual.Matches.Length);
    }

    private static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt64())];

    private static double[] Flat(JsonElement rows) => [.. rows.EnumerateArray().SelectMany(Expected.Doubles)];
}
