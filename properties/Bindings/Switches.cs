using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Marks tests that change the whole process; they run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessWide
{
    public const string Name = "process-wide switches";
}

/// <summary>Seeds, threads and flags of the process, each put back as it was found.</summary>
[Collection(ProcessWide.Name)]
public class Switches
{
    [Fact]
    public void ManualSeed_OfTheProcess_MakesTheDefaultGeneratorRepeat()
    {
        using var scope = NewDisposeScope();
        var before = random.get_rng_state();
        using (var seeded = manual_seed(42))
            Assert.Equal(42, seeded.initial_seed());
        var first = rand(10);
        random.manual_seed(42).Dispose();
        Assert.True(first.Equals(rand(10)));
        var state = random.get_rng_state();
        var second = randn(10);
        random.set_rng_state(state);
        Assert.True(second.Equals(randn(10)));
        random.set_rng_state(before);
    }

    [Fact]
    public void Threads_WhateverTheirNumber_ComputeTheSame()
    {
        using var scope = NewDisposeScope();
        var before = get_num_threads();
        Tensor x = Expect.Filled(ScalarType.Float32, 200, 300), y = Expect.Filled(ScalarType.Float32, 300, 150);
        try
        {
            set_num_threads(1);
            Assert.Equal(1, get_num_threads());
            var alone = x.matmul(y);
            set_num_threads(2);
            Assert.Equal(2, get_num_threads());
            Expect.Same(x.matmul(y), alone, Expect.Float32);
        }
        finally
        {
            set_num_threads(before);
        }
        Assert.True(get_num_interop_threads() >= 1);
        Assert.ThrowsAny<Exception>(() => set_num_threads(0));
    }

    [Fact]
    public void FlushingDenormals_MakesThemZero()
    {
        using var x = tensor(1e-40f);
        using (var kept = x * 0.5f)
            Assert.NotEqual(0, kept.item<float>());
        if (!set_flush_denormal(true))
            return;                                                            // this processor cannot
        try
        {
            using var flushed = x * 0.5f;
            Assert.Equal(0, flushed.item<float>());
        }
        finally
        {
            set_flush_denormal(false);
        }
    }

    [Fact]
    public void OneDnn_OnOrOff_ConvolvesAlike()
    {
        using var scope = NewDisposeScope();
        Tensor x = Expect.Filled(ScalarType.Float32, 1, 8, 12, 12), w = Expect.Filled(ScalarType.Float32, 8, 8, 3, 3);
        var before = backends.mkldnn.enabled;
        try
        {
            backends.mkldnn.enabled = true;
            var on = nn.functional.conv2d(x, w);
            backends.mkldnn.enabled = false;
            Assert.False(backends.mkldnn.enabled);
            Expect.Same(nn.functional.conv2d(x, w), on, Expect.Float32);
        }
        finally
        {
            backends.mkldnn.enabled = before;
        }
    }

    [Fact]
    public void DeterministicMode_IsOffUnlessAskedFor()
    {
        Assert.False(are_deterministic_algorithms_enabled());
        try
        {
            use_deterministic_algorithms();
            Assert.True(are_deterministic_algorithms_enabled());
            use_deterministic_algorithms(true, warn_only: true);
            Assert.True(are_deterministic_algorithms_enabled());
        }
        finally
        {
            use_deterministic_algorithms(false);
        }
    }

    [Fact]
    public void Tf32_IsASwitchOfItsOwn()
    {
        var (matmul, cudnn) = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
        try
        {
            backends.cuda.matmul.allow_tf32 = !matmul;
            Assert.Equal((!matmul, cudnn), (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32));
            backends.cudnn.allow_tf32 = !cudnn;
            Assert.Equal((!matmul, !cudnn), (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32));
        }
        finally
        {
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (matmul, cudnn);
        }
    }

    [Fact]
    public void CudaMemory_WithoutCuda_IsAnErrorAndNoZero()
    {
        if (cuda.is_available())
            Assert.True(cuda.max_memory_allocated() >= cuda.memory_allocated() && cuda.max_memory_reserved() >= cuda.memory_reserved());
        else
            Assert.ThrowsAny<Exception>(() => cuda.memory_allocated());
    }
}
