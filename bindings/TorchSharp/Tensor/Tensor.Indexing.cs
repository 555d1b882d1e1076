using System.Runtime.CompilerServices;
using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Put([i1], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => At(i1, i2);
            set => Put([i1, i2], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => At(i1, i2, i3);
            set => Put([i1, i2, i3], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At(i1, i2, i3, i4);
            set => Put([i1, i2, i3, i4], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At(i1, i2, i3, i4, i5);
            set => Put([i1, i2, i3, i4, i5], value);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            using var view = View(indices);
            if (!view.Gathers)
                return view.Keep(this);
            using var gathers = new Gathers(view.Indices);
            return One(Aten.index_Tensor, view.Tensor, gathers.Wide);
        }

        public Tensor index(params Tensor[] indices)
        {
            using var gathers = new Gathers(indices);
            return One(Aten.index_Tensor, this, gathers.Wide);
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, accumulate: false);

        /// <param name="value">What to put there; broadcast.</param>
        /// <param name="indices">Where.</param>
        /// <param name="accumulate">Add, also where a place is named several times, instead of overwriting.</param>
        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate)
        {
            using var view = View(indices);
            if (view.Gathers)
            {
                using var there = value.to(dtype, device);
                view.Tensor.index_put_(there, view.Indices!, accumulate);
            }
            else if (accumulate)
            {
                view.Tensor.add_(value);
            }
            else
            {
                view.Tensor.copy_(value);
            }
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, accumulate: false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate)
        {
            using var gathers = new Gathers(indices);
            return Self(this, Aten.index_put_, this, gathers.Wide, value, accumulate);
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var view = View(indices);
            if (!view.Gathers)
            {
                view.Tensor.fill_(value);
                return this;
            }
            using var filled = full([], value, dtype, device);
            view.Tensor.index_put_(filled, view.Indices!, false);
            return this;
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices) =>
            index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));

        private Tensor At(params TensorIndex[] indices) => index(indices);

        private void Put(TensorIndex[] indices, Tensor value) => index_put_(value, indices);

        /// <summary>
        /// Applies what needs no gather (numbers, slices, new dimensions) as views and collects the index tensors by the dimension of
        /// that view they apply to: the reading order of Python's indexing.
        /// </summary>
        private IndexView View(TensorIndex[] indices)
        {
            var view = new IndexView(this);
            var named = indices.Sum(i => i.What switch
            {
                TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1L,
                TensorIndex.Kind.Tensor => i.Indices!.dtype is ScalarType.Bool or ScalarType.Byte ? i.Indices.ndim : 1L,
                _ => 0L,
            });
            if (named > ndim)
                throw new ArgumentException($"{named} indices for a tensor of {ndim} dimensions.", nameof(indices));
            long at = 0;
            foreach (var i in indices)
            {
                switch (i.What)
                {
                    case TensorIndex.Kind.Single:
                        view.Replace(view.Tensor.select(at, i.Start!.Value));
                        break;
                    case TensorIndex.Kind.Slice:
                        if (i.Start is not null || i.Stop is not null || i.Step is not null)
                            view.Replace(One(Aten.slice, view.Tensor, at, i.Start, i.Stop, i.Step ?? 1));
                        at++;
                        break;
                    case TensorIndex.Kind.None:
                        view.Replace(view.Tensor.unsqueeze(at));
                        at++;
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        at += ndim - named;
                        break;
                    case TensorIndex.Kind.Bool:
                        view.Replace(view.Tensor.unsqueeze(at));
                        view.Gather(at++, tensor(i.Start == 1).reshape(1), own: true);
                        break;
                    default:
                        view.Gather(at++, i.Indices!, own: false);
                        break;
                }
            }
            return view;
        }

        /// <summary>Index tensors as every libtorch takes them: int64, byte or bool.</summary>
        private sealed class Gathers : IDisposable
        {
            private readonly Tensor?[] given;

            public Gathers(Tensor?[] indices)
            {
                given = indices;
                Wide = Array.ConvertAll(indices, i => i is null || i.dtype is ScalarType.Int64 or ScalarType.Byte or ScalarType.Bool ? i : i.@long());
            }

            public Tensor?[] Wide { get; }

            public void Dispose()
            {
                for (var k = 0; k < given.Length; k++)
                {
                    if (!ReferenceEquals(given[k], Wide[k]))
                        Wide[k]?.Dispose();
                }
            }
        }

        /// <summary>A view of a tensor and the index tensors still to be applied to it.</summary>
        private sealed class IndexView(Tensor whole) : IDisposable
        {
            private readonly List<Tensor?> gathers = [];
            private readonly List<Tensor> owned = [];

            public Tensor Tensor { get; private set; } = whole;

            public bool Gathers => gathers.Count > 0;

            public Tensor?[] Indices => [.. gathers];

            public void Replace(Tensor next)
            {
                owned.Add(next);
                Tensor = next;
            }

            public void Gather(long dimension, Tensor indices, bool own)
            {
                while (gathers.Count < dimension)
                    gathers.Add(null);
                gathers.Add(indices);
                if (own)
                    owned.Add(indices);
            }

            /// <summary>The view itself as a result.</summary>
            public Tensor Keep(Tensor original)
            {
                if (ReferenceEquals(Tensor, original))
                    return original.alias();
                owned.Remove(Tensor);
                return Tensor;
            }

            public void Dispose()
            {
                foreach (var t in owned)
                    t.Dispose();
            }
        }
    }
}

internal static partial class Aten
{
    public static readonly Op index_Tensor = new("index", "Tensor");
    public static readonly Op index_put_ = new("index_put_");
    public static readonly Op slice = new("slice", "Tensor");
}
