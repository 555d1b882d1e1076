using Motion.Contracts;
using Motion.Kernels;

namespace Motion.Flow;

/// <summary>The layers that flow networks consist of, by name, as the published code starts them.</summary>
public static class FlowSpec
{
    /// <summary>A convolution as PyTorch starts it: weight and bias uniform within 1/sqrt(fan in).</summary>
    public static IEnumerable<Entry> Conv(string name, int input, int output, int height, int width, bool bias = true) =>
        Conv(name, input, output, new Size2(height, width), PyTorch(input, height, width), bias);

    /// <summary>A convolution as the encoders start theirs: weight normal with variance 2 / fan out, bias as PyTorch's.</summary>
    public static IEnumerable<Entry> EncoderConv(string name, int input, int output, int kernel) =>
        Conv(name, input, output, new Size2(kernel, kernel), Initial.Msra((long)output * kernel * kernel), bias: true);

    /// <summary>A batch norm that counts no batches: weight 1, bias 0, statistics of a standard normal.</summary>
    public static IEnumerable<Entry> BatchNorm(string name, int channels) =>
        Spec.Scope(name, Spec.BatchNorm(channels).Where(entry => entry.Role is not Role.Counter));

    private static IEnumerable<Entry> Conv(string name, int input, int output, Size2 kernel, Initial weight, bool bias) =>
        Spec.Scope(name, Spec.Convolution(output, input, kernel, weight, bias ? PyTorch(input, kernel.Height, kernel.Width) : null));

    private static Initial.Uniform PyTorch(int input, int height, int width) => new(1 / Math.Sqrt((double)input * height * width));
}
