namespace TorchSharp;

/// <summary>Switches the recording of gradients on this thread until it is disposed of.</summary>
internal sealed class AutoGradMode : IDisposable
{
    private readonly int before = Native.mt_grad_enabled();

    public AutoGradMode(bool enabled) => Native.mt_set_grad_enabled(enabled ? 1 : 0);

    public void Dispose() => Native.mt_set_grad_enabled(before);
}

/// <summary>libtorch's inference mode on this thread until it is disposed of; nested ones close innermost first.</summary>
internal sealed class InferenceMode(bool mode) : IDisposable
{
    private nint guard = Native.mt_enter_inference(mode ? 1 : 0);

    public void Dispose() => Native.mt_leave_inference(Interlocked.Exchange(ref guard, 0));
}

public static partial class torch
{
    public static IDisposable no_grad() => new AutoGradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new AutoGradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new AutoGradMode(mode);

    public static bool is_grad_enabled() => Native.mt_grad_enabled() != 0;

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => Native.mt_inference_enabled() != 0;

    public static unsafe partial class autograd
    {
        /// <summary>The gradients of outputs with respect to inputs, not accumulated into <c>grad</c>.</summary>
        /// <param name="outputs">The tensors differentiated.</param>
        /// <param name="inputs">The tensors differentiated by.</param>
        /// <param name="grad_outputs">d loss / d output for each output; not given stands for one, and then outputs are scalars.</param>
        /// <param name="retain_graph">Keep the graph for another pass.</param>
        /// <param name="create_graph">Make the gradients differentiable themselves.</param>
        /// <param name="allow_unused">An input that no output depends on is no error; its gradient is then an invalid tensor.</param>
        public static IList<Tensor> grad(
            IList<Tensor> outputs,
            IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null,
            bool retain_graph = false,
            bool create_graph = false,
            bool allow_unused = false)
        {
            using var o = new HeldTensors(outputs);
            using var i = new HeldTensors(inputs);
            using var g = new HeldTensors(grad_outputs ?? [], outputs.Count);
            var results = new nint[inputs.Count];
            fixed (nint* po = o.Handles, pi = i.Handles, pg = g.Handles, pr = results)
            {
                Native.Check(Native.mt_autograd_grad(
                    po, pg, outputs.Count, pi, inputs.Count, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, pr));
            }
            return Array.ConvertAll(results, r => new Tensor(r));
        }

        /// <summary>Accumulates gradients into the leaves' <c>grad</c>.</summary>
        /// <param name="tensors">The tensors differentiated.</param>
        /// <param name="grad_tensors">d loss / d tensor for each; not given stands for one, and then the tensors are scalars.</param>
        /// <param name="retain_graph">Keep the graph for another pass; as create_graph says if not given.</param>
        /// <param name="create_graph">Make the gradients differentiable themselves.</param>
        /// <param name="inputs">Accumulate into these leaves only; all if not given.</param>
        public static void backward(
            IList<Tensor> tensors,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            using var t = new HeldTensors(tensors);
            using var g = new HeldTensors(grad_tensors ?? [], tensors.Count);
            using var i = new HeldTensors(inputs ?? []);
            fixed (nint* pt = t.Handles, pg = g.Handles, pi = i.Handles)
            {
                Native.Check(Native.mt_backward(
                    pt, pg, tensors.Count, retain_graph is { } r ? (r ? 1 : 0) : -1, create_graph ? 1 : 0, pi, i.Handles.Length));
            }
        }

        public static void backward(
            Tensor tensor,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) => backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);
    }
}

/// <summary>Tensors held for the length of a native call that is no operator.</summary>
internal sealed class HeldTensors : IDisposable
{
    private readonly IList<torch.Tensor> tensors;
    private int held;

    /// <param name="tensors">Null entries stand for undefined tensors.</param>
    /// <param name="length">How many handles the call wants; missing ones are undefined.</param>
    public HeldTensors(IList<torch.Tensor> tensors, int? length = null)
    {
        this.tensors = tensors;
        Handles = new nint[length ?? tensors.Count];
        if (tensors.Count > Handles.Length)
            throw new ArgumentException($"{tensors.Count} gradients were given for {Handles.Length} tensors.", nameof(tensors));
        try
        {
            for (; held < tensors.Count; held++)
                Handles[held] = tensors[held]?.Hold() ?? 0;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public nint[] Handles { get; }

    public void Dispose()
    {
        for (; held > 0; held--)
            tensors[held - 1]?.LetGo();
    }
}
