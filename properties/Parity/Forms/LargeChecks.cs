using System.IO.Hashing;
using System.Text;
using Motion.DataSets;
using Motion.Parity.Fills;

namespace Motion.Parity.Forms;

/// <summary>The generated case against its totals and its first image.</summary>
internal static class LargeChecks
{
    public static void Totals(Checks checks, StoredNode stored, LargeParameters parameters)
    {
        var totals = new Sums();
        foreach (var image in LargeCase.Images(parameters))
            totals.Add(image);
        var (check, group) = (stored["check"], checks.Group("generator", stored.File));
        group.Number("gts", totals.Truths, check["gts"], Tolerance.Exact);
        group.Number("crowd", totals.Crowds, check["crowd"], Tolerance.Exact);
        group.Number("gtArea", totals.TruthArea, check["gtArea"], Tolerance.Exact);
        group.Number("dtArea", totals.FoundArea, check["dtArea"], Tolerance.Exact);
        group.Number("scoreSum", totals.Score, check["scoreSum"], Tolerance.Exact);
        group.Number("detections", totals.Found, check["detections"], Tolerance.Exact);
        group.Same("gtStringsCrc32", totals.TruthText, check["gtStringsCrc32"].Text());
        group.Same("dtStringsCrc32", totals.FoundText, check["dtStringsCrc32"].Text());
        var first = LargeCase.Image(parameters, 0);
        Items(group, stored["first"]["gts"], first.Truths, "gts");
        Items(group, stored["first"]["dts"], first.Found, "dts");
        group.Done();
    }

    private static void Items(NumberGroup group, StoredNode stored, IReadOnlyList<LargeItem> items, string what)
    {
        foreach (var (entry, item) in stored.Items.Zip(items))
        {
            group.Number($"{what} category_id", item.Class + 1, entry["category_id"], Tolerance.Exact);
            foreach (
                var (a, b) in new double[] { item.Shape.Cx, item.Shape.Cy, item.Shape.Rx, item.Shape.Ry }.Zip(entry["shape"].Numbers())
            )
                group.Number($"{what} shape", a, b, Tolerance.Exact);
            foreach (var (a, b) in new[] { item.Box.X, item.Box.Y, item.Box.Width, item.Box.Height }.Zip(entry["bbox"].Numbers()))
                group.Number($"{what} bbox", a, b, Tolerance.Exact);
            group.Number($"{what} area", item.Area, entry["area"], Tolerance.Exact);
            group.Same($"{what} counts", Rles.ToText(item.Mask), entry["counts"].Text());
            if (entry.Find("iscrowd") is { } crowd)
                group.Number($"{what} iscrowd", item.IsCrowd ? 1 : 0, crowd, Tolerance.Exact);
            if (entry.Find("score") is { } score)
                group.Number($"{what} score", item.Score / 1024.0, score, Tolerance.Exact);
        }
    }

    private sealed class Sums
    {
        private readonly Crc32 _truths = new();
        private readonly Crc32 _found = new();

        public long Truths { get; private set; }

        public long Crowds { get; private set; }

        public long TruthArea { get; private set; }

        public long Found { get; private set; }

        public long FoundArea { get; private set; }

        public long Score { get; private set; }

        public string TruthText => _truths.GetCurrentHashAsUInt32().ToString("x8");

        public string FoundText => _found.GetCurrentHashAsUInt32().ToString("x8");

        public void Add(LargeImage image)
        {
            foreach (var item in image.Truths)
            {
                (Truths, Crowds, TruthArea) = (Truths + 1, Crowds + (item.IsCrowd ? 1 : 0), TruthArea + item.Area);
                _truths.Append(Encoding.ASCII.GetBytes(Rles.ToText(item.Mask) + "\n"));
            }

            foreach (var item in image.Found)
            {
                (Found, FoundArea, Score) = (Found + 1, FoundArea + item.Area, Score + item.Score);
                _found.Append(Encoding.ASCII.GetBytes(Rles.ToText(item.Mask) + "\n"));
            }
        }
    }
}
