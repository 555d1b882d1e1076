namespace TorchSharp;

public static unsafe partial class torch
{
    public sealed partial class Tensor
    {
        public bool requires_grad
        {
            get
            {
                using var held = Held();
                return Native.mt_requires_grad(held.Handle) != 0;
            }
            set
            {
                using var held = Held();
                Native.Check(Native.mt_set_requires_grad(held.Handle, value ? 1 : 0));
            }
        }

        public bool is_leaf
        {
            get
            {
                using var held = Held();
                return Native.mt_is_leaf(held.Handle) != 0;
            }
        }

        /// <summary>The gradient accumulated by <c>backward</c>; null before. Each read is a reference of its own.</summary>
        public Tensor? grad
        {
            get
            {
                using var held = Held();
                var found = Native.mt_grad(held.Handle);
                return found == 0 ? null : new Tensor(found);
            }
            set
            {
                using var held = Held();
                if (value is null)
                {
                    Native.Check(Native.mt_set_grad(held.Handle, 0));
                    return;
                }
                using var gradient = value.Held();
                Native.Check(Native.mt_set_grad(held.Handle, gradient.Handle));
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            using var held = Held();
            Native.Check(Native.mt_retain_grad(held.Handle));
        }

        public void backward() => autograd.backward([this]);

        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
