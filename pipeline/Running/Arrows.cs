using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

/// <summary>What joins and parts arrows between stages.</summary>
internal static class Arrows
{
    /// <summary>Gives each message to every reader; all but the first get a share of its tensors' storage. Completes all outputs.</summary>
    public static async Task FanOut(ChannelReader<Message> input, IReadOnlyList<ChannelWriter<Message>> outputs, CancellationToken cancel)
    {
        Exception? failure = null;
        try
        {
            await foreach (var message in input.ReadAllAsync(cancel))
            {
                var shares = outputs.Skip(1).Select(_ => message.Share()).ToList();
                await outputs[0].WriteAsync(message, cancel);
                for (var i = 0; i < shares.Count; i++) await outputs[i + 1].WriteAsync(shares[i], cancel);
            }
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            foreach (var output in outputs) output.TryComplete(failure);
        }
    }

    /// <summary>
    /// Two streams of equal length as one, first and second in turn; where either is a fault, neither. Stages answer one for one, so equal
    /// places belong together.
    /// </summary>
    public static async Task Zip(ChannelReader<Message> first, ChannelReader<Message> second, ChannelWriter<Message> output, CancellationToken cancel)
    {
        await foreach (var a in first.ReadAllAsync(cancel))
        {
            var b = await second.ReadAsync(cancel);
            if (a is Fault || b is Fault)
            {
                a.Dispose();
                b.Dispose();
                continue;
            }

            await output.WriteAsync(a, cancel);
            await output.WriteAsync(b, cancel);
        }
    }
}
