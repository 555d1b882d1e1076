namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of pseudorandom numbers of one device.</summary>
    public class Generator : IDisposable
    {
        private nint handle;

        /// <param name="seed">Where the sequence starts.</param>
        /// <param name="device">The device whose tensors it fills; CPU if not given.</param>
        public Generator(ulong seed = 0, Device? device = null)
            : this(Native.Check(Native.mt_generator((device ?? CPU).Packed, 1, seed)), device ?? CPU) { }

        private Generator(nint handle, Device device)
        {
            this.handle = handle;
            this.device = device;
        }

        ~Generator() => Dispose(false);

        /// <summary>The CPU's generator of the whole process.</summary>
        public static Generator Default => new(Native.Check(Native.mt_generator(CPU.Packed, 0, 0)), CPU);

        public Device device { get; }

        public nint Handle => handle;

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.mt_generator_seed(handle, seed));
            return this;
        }

        public long initial_seed() => Native.mt_generator_initial_seed(handle);

        /// <summary>The state, a uint8 tensor.</summary>
        public Tensor get_state() => new(Native.Check(Native.mt_generator_state(handle)));

        public void set_state(Tensor value)
        {
            using var held = value.Held();
            Native.Check(Native.mt_generator_set_state(handle, held.Handle));
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing) => Native.mt_generator_release(Interlocked.Exchange(ref handle, 0));
    }

    /// <summary>Seeds the generators of every device.</summary>
    /// <returns>The CPU's generator.</returns>
    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.mt_manual_seed(seed));
        return Generator.Default;
    }

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }
}
