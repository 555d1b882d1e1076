using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Tensors made of nothing, of numbers and of .NET memory; and back.</summary>
public class Factories
{
    [Fact]
    public void Constants_OfAnyShape_AreFilled()
    {
        using var scope = NewDisposeScope();
        Expect.Equal(zeros(2, 2), [2, 2], [0, 0, 0, 0]);
        Expect.Equal(zeros([2, 1], int64), [2, 1], [0, 0]);
        Expect.Equal(zeros(1, 2, 1), [1, 2, 1], [0, 0]);
        Expect.Equal(zeros(1, 2, 1, 1), [1, 2, 1, 1], [0, 0]);
        Expect.Equal(ones(3), [3], [1, 1, 1]);
        Expect.Equal(ones(1, 2, 1), [1, 2, 1], [1, 1]);
        Expect.Equal(full(2, 1, 7.5), [2, 1], [7.5, 7.5]);
        Expect.Equal(full([], 3, int32), [], [3]);
        Expect.Equal(eye(2), [2, 2], [1, 0, 0, 1]);
        Expect.Equal(eye(1, 3), [1, 3], [1, 0, 0]);
        Assert.Equal([3, 0], empty([3, 0]).shape);
        Assert.Equal(ScalarType.Float32, empty(1).dtype);
        var x = zeros(2, 1, float64);
        Expect.Equal(x.ones_like(), [2, 1], [1, 1]);
        Expect.Equal(ones_like(x).zeros_like(), [2, 1], [0, 0]);
        Expect.Equal(zeros_like(x), [2, 1], [0, 0]);
        Expect.Equal(full_like(x, 4), [2, 1], [4, 4]);
        Assert.Equal(ScalarType.Int8, empty_like(x, int8).dtype);
        Assert.Equal(ScalarType.Float64, x.new_zeros([1]).dtype);
        Expect.Equal(x.new_full([1], 2), [2]);
        Expect.Equal(x.new_ones(1), [1]);
        Assert.Equal([4], x.new_empty([4]).shape);
        Assert.True(ones(1, requires_grad: true).requires_grad);
    }

    [Fact]
    public void Ranges_CountAsTheirBoundsSay()
    {
        using var scope = NewDisposeScope();
        Expect.Equal(arange(3), [0, 1, 2]);
        Expect.Equal(arange(1, 4), [1, 2, 3]);
        Expect.Equal(arange(0, 1, 0.25), [0, 0.25, 0.5, 0.75]);
        Expect.Equal(arange(3, 0, -1), [3, 2, 1]);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, arange(0, 1, 0.5).dtype);
        Assert.Equal(ScalarType.Float64, arange(3, float64).dtype);
        Expect.Equal(linspace(0, 1, 5, float64), [0, 0.25, 0.5, 0.75, 1]);
    }

    [Fact]
    public void Tensor_OfEveryElementType_HoldsItsNumbersAndReadsThemBack()
    {
        using var scope = NewDisposeScope();
        Round<byte>(tensor(new byte[] { 1, 255 }), [1, 255], ScalarType.Byte);
        Round<sbyte>(tensor(new sbyte[] { -1, 127 }), [-1, 127], ScalarType.Int8);
        Round<short>(tensor(new short[] { -1, 300 }), [-1, 300], ScalarType.Int16);
        Round<int>(tensor(new[] { -1, 70000 }), [-1, 70000], ScalarType.Int32);
        Round<long>(tensor(new[] { -1L, 1L << 40 }), [-1, 1L << 40], ScalarType.Int64);
        Round<Half>(tensor(new[] { (Half)0.5, (Half)(-2) }), [(Half)0.5, (Half)(-2)], ScalarType.Float16);
        Round<float>(tensor(new[] { 0.1f, -2f }), [0.1f, -2f], ScalarType.Float32);
        Round<double>(tensor(new[] { 0.1, -2 }), [0.1, -2], ScalarType.Float64);
        Round<bool>(tensor(new[] { true, false }), [true, false], ScalarType.Bool);

        static void Round<T>(Tensor t, T[] values, ScalarType type)
            where T : unmanaged
        {
            Assert.Equal(type, t.dtype);
            Assert.Equal(values, t.data<T>().ToArray());
            Assert.Equal(values[1], t[1].item<T>());
            Assert.Equal(System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray(), t.bytes.ToArray());
            Assert.Equal(System.Runtime.CompilerServices.Unsafe.SizeOf<T>(), t.ElementSize);
        }
    }

    [Fact]
    public void Tensor_OfArraysListsAndMemory_HasTheirShape()
    {
        using var scope = NewDisposeScope();
        Expect.Equal(tensor(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }), [3, 2], [1, 2, 3, 4, 5, 6]);
        Expect.Equal(tensor(new long[,,] { { { 1, 2 } } }), [1, 1, 2], [1, 2]);
        Expect.Equal(tensor(new int[,,,] { { { { 1 }, { 2 } } } }), [1, 1, 2, 1], [1, 2]);
        Expect.Equal(tensor([1f, 2f, 3f, 4f], [2, 2]), [2, 2], [1, 2, 3, 4]);
        Expect.Equal(tensor(new List<double> { 1, 2 }), [2], [1, 2]);
        Expect.Equal(tensor(new Memory<float>([1, 2, 3]), [3]), [3], [1, 2, 3]);
        Expect.Equal(tensor(new List<long> { 1, 2 }, 2, 1), [2, 1], [1, 2]);
        Expect.Equal(tensor(new List<int> { 1, 2 }, 1, 2, 1), [1, 2, 1], [1, 2]);
        Expect.Equal(tensor(5), [], [5]);
        Assert.Equal(ScalarType.Int64, tensor(5, int64).dtype);
        Assert.Equal(ScalarType.Float64, tensor([1f], float64).dtype);
        Assert.Throws<ArgumentException>(() => tensor([1f, 2f], [3]));
        Expect.Equal(new[] { 1f, 2 }.ToTensor([2, 1]), [2, 1], [1, 2]);
        Expect.Equal(3.5.ToTensor(), [], [3.5]);
        Tensor converted = new[] { 1f, 2f };
        Expect.Equal(converted, [2], [1, 2]);
    }

    [Fact]
    public void FromArray_SharesTheMemory_UntilTheLastUserIsGone()
    {
        using var scope = NewDisposeScope();
        float[,] array = { { 1, 2 }, { 3, 4 } };
        var shared = from_array(array);
        array[1, 0] = 9;
        Expect.Equal(shared, [2, 2], [1, 2, 9, 4]);
        var view = shared[1];
        shared.Dispose();
        GC.Collect();
        view.mul_(2);
        Assert.Equal(18, array[1, 0]);
        Assert.Equal(ScalarType.Float64, from_array(array, float64).dtype);
        int[] row = [1, 2, 3, 4];
        var part = frombuffer(row, int32, count: 2, offset: 1);
        part.fill_(7);
        Assert.Equal([1, 7, 7, 4], row);
        Assert.Throws<ArgumentException>(() => frombuffer(row, int32, offset: 4));
        Assert.Throws<IndexOutOfRangeException>(() => frombuffer(row, int32, count: 5));
    }

    [Fact]
    public void FromArray_OnceDisposed_LetsTheArrayGo()
    {
        var array = Shared();
        for (var k = 0; k < 10 && array.IsAlive; k++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(array.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Shared()
        {
            var numbers = new float[100];
            using var tensor = from_array(numbers);
            tensor.fill_(1);
            return new WeakReference(numbers);
        }
    }

    [Fact]
    public void EmptyTensors_ReadAsNothing()
    {
        using var scope = NewDisposeScope();
        var x = zeros([0, 3]);
        Assert.Empty(x.data<float>().ToArray());
        Assert.Equal(0, x.bytes.Length);
        Assert.Equal([0, 3], tensor(Array.Empty<float>(), [0, 3]).shape);
        Assert.Equal(0, x.sum().item<float>());
        Assert.Empty(zeros([2, 0]).unbind(1));
    }

    [Fact]
    public void Conversions_BetweenTypes_RoundAsCSharpCasts()
    {
        using var scope = NewDisposeScope();
        var x = tensor([-1.7f, 0f, 2.5f]);
        Expect.Equal(x.@int(), [-1, 0, 2]);
        Expect.Equal(x.@long(), [-1, 0, 2]);
        Expect.Equal(x.@short(), [-1, 0, 2]);
        Expect.Equal(x.@char(), [-1, 0, 2]);
        Expect.Equal(x.relu().@byte(), [0, 0, 2]);
        Expect.Equal(x.@bool(), [1, 0, 1]);
        Expect.Equal(x.half(), [(double)(Half)(-1.7f), 0, 2.5]);
        Expect.Equal(x.bfloat16(), [-1.703125, 0, 2.5]);
        Assert.Equal(ScalarType.Float64, x.@double().@float().@double().dtype);
        Assert.Equal(ScalarType.Int64, x.type_as(tensor(1L)).dtype);
        Assert.Equal(ScalarType.Int64, x.to(tensor(1L)).dtype);
        Assert.Equal(ScalarType.Float16, x.to(float16, CPU).dtype);
        Assert.Equal(DeviceType.META, x.to(META).device_type);
        Assert.False(ReferenceEquals(x.to(float32), x));
    }

    [Fact]
    public void Item_OfOneElement_IsTheNumber()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2.5f, tensor(2.5f).item<float>());
        Assert.Equal(2.5f, tensor(2.5).ToSingle());
        Assert.Equal(2, tensor(2.5).ToInt64());
        Assert.Equal(2, tensor(2.5).ToInt32());
        Assert.Equal(7.0, tensor(7L).ToDouble());
        Assert.True(tensor(true).ToBoolean());
        Assert.Equal(3, (int)tensor(3.9f));
        Assert.Equal(3.5, (double)tensor(3.5f));
        Assert.Equal((byte)3, tensor(3L).ToByte());
        Assert.Throws<ArgumentException>(() => tensor(1f).item<double>());
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => ones(2).ToSingle());
    }

    [Fact]
    public void Accessor_OfAView_WalksItsStrides()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).reshape(2, 3).t();                                   // [3, 2]
        var data = x.data<long>();
        Assert.Equal(6, data.Count);
        Assert.Equal([0, 3, 1, 4, 2, 5], data.ToArray());
        Assert.Equal([0, 3, 1, 4, 2, 5], data);
        Assert.Equal(4, data[1, 1]);
        Assert.Equal(4, data[3]);
        Span<long> few = stackalloc long[3];
        data.CopyTo(few, 1, 2);
        Assert.Equal([0, 1, 4], few.ToArray());
        data[2, 0] = 20;
        data.CopyFrom([7, 8], tensorIndex: 1);
        Expect.Equal(x, [0, 7, 8, 4, 20, 5]);
        Assert.Throws<IndexOutOfRangeException>(() => data[3, 0]);
        Assert.Throws<IndexOutOfRangeException>(() => data[6]);
        Assert.Throws<NotImplementedException>(() => x.bytes.Length);
        x.contiguous().bytes.Clear();
        Assert.Equal(5, x[2, 1].ToInt64());
    }

    [Fact]
    public void Copies_ShareNothing_AliasesEverything()
    {
        using var scope = NewDisposeScope();
        Tensor x = ones(2), copy = x.clone(), alias = x.alias(), detached = x.detach();
        x.mul_(3);
        Expect.Equal(copy, [1, 1]);
        Expect.Equal(alias, [3, 3]);
        Expect.Equal(detached, [3, 3]);
        Expect.Equal(zeros(2, float64).copy_(x), [3, 3]);
        Expect.Equal(zeros(1).set_(x), [3, 3]);
        x.Dispose();
        Expect.Equal(alias, [3, 3]);
        Assert.True(x.IsInvalid);
        Assert.Equal("[2], type = Float32, device = cpu", alias.ToString());
    }

    [Fact]
    public void Facts_AboutATensor_AreTold()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 3, int16);
        Assert.Equal((2L, 2L, 6L, 6L, 2L), (x.ndim, x.dim(), x.numel(), x.NumberOfElements, x.element_size()));
        Assert.Equal((3L, 2L), (x.size(-1), x.size(0)));
        Assert.Equal((3L, 1L), (x.stride(0), x.stride(-1)));
        Assert.True(x.is_integral() && !x.is_floating_point() && !x.is_complex() && x.is_cpu() && !x.is_cuda && !x.is_sparse);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.size(2));
        Assert.Equal("cpu", x.device.ToString());
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal((DeviceType.CUDA, 1), (new Device("CUDA", 1).type, new Device(1).index));
        Assert.Throws<ArgumentException>(() => new Device("tpu"));
    }

    [Fact]
    public void Seeds_MakeRandomTensorsRepeat()
    {
        using var scope = NewDisposeScope();
        using var first = new Generator(7);
        using var second = new Generator(7);
        Assert.True(rand(100, generator: first).Equals(rand(100, generator: second)));
        Assert.True(randn(3, 4, generator: first).Equals(randn(3, 4, generator: second)));
        Assert.True(randint(5, 9, 50, generator: first).Equals(randint(5, 9, 50, generator: second)));
        Assert.True(randperm(20, generator: first).Equals(randperm(20, generator: second)));
        var state = first.get_state();
        var x = first.manual_seed(3).initial_seed() == 3 ? rand(5, generator: first) : null;
        Assert.True(x!.Equals(rand(5, generator: new Generator(3))));
        second.set_state(state);
        first.set_state(state);
        Assert.True(zeros(9).normal_(1, 2, first).Equals(zeros(9).normal_(1, 2, second)));
        Assert.True(zeros(9).uniform_(1, 2, first).Equals(zeros(9).uniform_(1, 2, second)));
        Assert.True(full([9], 0.5).bernoulli(first).Equals(full([9], 0.5).bernoulli(second)));
        Assert.True(ones(9).multinomial(3, false, first).Equals(ones(9).multinomial(3, false, second)));
    }

    [Fact]
    public void RandomTensors_StayInTheirRanges()
    {
        using var scope = NewDisposeScope();
        using var seed = new Generator(11);
        var uniform = rand([1000], generator: seed);
        Assert.True((uniform >= 0).all().ToBoolean() && (uniform < 1).all().ToBoolean());
        Assert.InRange(uniform.mean().ToDouble(), 0.45, 0.55);
        Assert.InRange(randn([1000], generator: seed).std().ToDouble(), 0.9, 1.1);
        Expect.Equal(randint(3, 5, (20, 10), generator: seed).unique().output, [3, 4]);
        Expect.Equal(randperm(5, generator: seed).sort().Values, [0, 1, 2, 3, 4]);
        Assert.Equal([2, 3, 1], randint(5, new Size([2, 3, 1]), generator: seed).shape);
        Assert.Equal([2, 3], rand_like(zeros(2, 3)).shape);
        Assert.Equal(ScalarType.Float64, randn_like(zeros(2, 3), float64).dtype);
    }
}
