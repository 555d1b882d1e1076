namespace Motion.Evaluate;

/// <summary>
/// Means to the last bit as numpy takes them of a contiguous array, and so as pycocotools and lvis do: buffers of 8192 one after the other,
/// each in pairs of halves down to blocks of 128, and those in eight running sums. Within a buffer the error grows with the logarithm of
/// the length (Higham, 1993).
/// </summary>
internal static class PairwiseMean
{
    private const int Buffer = 8192; // numpy.getbufsize()
    private const int Block = 128;
    private const int Lanes = 8;

    /// <summary>Mean of the values; -1 of none, as pycocotools says it.</summary>
    public static double Of(ReadOnlySpan<double> values) => values.IsEmpty ? -1 : SumOfBuffers(values) / values.Length;

    private static double SumOfBuffers(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        for (; values.Length > Buffer; values = values[Buffer..])
            sum += Sum(values[..Buffer]);
        return sum + Sum(values);
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        if (values.Length > Block)
        {
            var half = values.Length / 2;
            half -= half % Lanes;
            return Sum(values[..half]) + Sum(values[half..]);
        }

        if (values.Length < Lanes)
            return InOrder(0, values);
        Span<double> sums = stackalloc double[Lanes];
        values[..Lanes].CopyTo(sums);
        var at = Lanes;
        for (; at + Lanes <= values.Length; at += Lanes)
        {
            for (var lane = 0; lane < Lanes; lane++)
                sums[lane] += values[at + lane];
        }

        return InOrder(sums[0] + sums[1] + (sums[2] + sums[3]) + (sums[4] + sums[5] + (sums[6] + sums[7])), values[at..]);
    }

    private static double InOrder(double sum, ReadOnlySpan<double> values)
    {
        foreach (var value in values)
            sum += value;
        return sum;
    }
}
