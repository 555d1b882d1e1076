using Motion.Contracts;
using Motion.DataSets;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Between flows as tensors, float32 [2, H, W] in pixels, and files.</summary>
public static class FloTensors
{
    /// <summary>Reads a flow of any form that is read here.</summary>
    public static Result<Tensor, FloError> Read(string path) => FlowForms.Read(path).Map(ToTensor);

    /// <summary>The flow of a file; components beyond 1e9 mean unknown.</summary>
    public static Tensor ToTensor(FloFile file)
    {
        using var scope = NewDisposeScope();
        // [2, H, W]
        return tensor(file.Pairs).view(file.Size.Height, file.Size.Width, 2).permute(2, 0, 1).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>A flow as a file holds it.</summary>
    public static FloFile ToFile(Tensor flow)
    {
        using var scope = NewDisposeScope();
        // [H, W, 2]
        return new FloFile(new Size2((int)flow.shape[1], (int)flow.shape[2]), flow.detach().cpu().permute(1, 2, 0).Elements<float>());
    }
}
