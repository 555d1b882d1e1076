using System.Net.Sockets;
using System.Threading.Channels;
using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;

namespace Motion.Runner.Processes;

/// <summary>The stage's end of a connection: makes the stage from the run's folder, and serves it.</summary>
internal static class StageHost
{
    /// <summary>Serves until the runner ends the stream or goes away.</summary>
    /// <param name="plan">What to serve.</param>
    /// <param name="table">The stages there are.</param>
    /// <param name="cancel">Ends it at once.</param>
    /// <returns>Whether the stream was served to its end.</returns>
    public static async Task<bool> Serve(ChildPlan plan, StageTable table, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(plan.Socket), cancel);
        await using var link = new Link(socket, "the runner");
        var folder = new RunFolder(plan.Run);
        var made =
            from settings in Settings(folder, plan, table)
            from stage in Stage(settings, plan)
            from worker in Make(stage, settings, folder, plan)
            select (Worker: worker, Handshake: Handshakes.Of(stage, settings), stage.Placement.Buffer);
        switch (made)
        {
            case Result<(Worker Worker, Handshake Handshake, int Buffer), StartError>.Ok(var ready):
                if (!await link.Send(ready.Handshake, cancel) || !await Greeted(link, ready.Handshake, plan, cancel))
                    return false;
                return await Run(ready.Worker, link, ready.Buffer, cancel);
            case Result<(Worker Worker, Handshake Handshake, int Buffer), StartError>.Error(var error):
                await link.Send(new Fault(-1, plan.Stage, error.Text, IsBug: false), cancel);
                return false;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static Result<PipelineSettings, StartError> Settings(RunFolder folder, ChildPlan plan, StageTable table) =>
        ReadSettings.File(folder.Yaml, Overrides.None, table).MapError(errors => new StartError(plan.Stage, errors.Describe()));

    private static Result<StageSettings, StartError> Stage(PipelineSettings settings, ChildPlan plan) =>
        settings.Find(plan.Stage) is { } stage ? stage : new StartError(plan.Stage, $"{plan.Run} has no stage of that name");

    private static Result<Worker, StartError> Make(StageSettings stage, PipelineSettings settings, RunFolder folder, ChildPlan plan)
    {
        try
        {
            return MakeStage.Of(
                stage,
                new(settings, plan.Phase, folder, Facts.ReadCatalogue(folder.Catalogue(plan.Phase)), plan.Start)
                {
                    Warn = text => Console.Error.WriteLine($"{ChildProcess.Warning}{text}"),
                }
            );
        }
        catch (DamagedFile e)
        {
            return new StartError(plan.Stage, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new StartError(plan.Stage, e.ToString());
        }
    }

    private static async Task<bool> Greeted(Link link, Handshake mine, ChildPlan plan, CancellationToken cancel)
    {
        // A runner that has gone is noticed by its pipe and its number; one that is stopped may go on.
        switch (await link.Receive(cancel))
        {
            case Result<Message, WireError>.Ok(Handshake other) when Handshakes.Disagreement(mine, other) is { } problem:
                await link.Send(
                    new Fault(-1, plan.Stage, $"the runner and the process of {plan.Stage} do not fit: {problem}", IsBug: false),
                    cancel
                );
                return false;
            case Result<Message, WireError>.Ok(Handshake):
                return true;
            default:
                return false;
        }
    }

    private static async Task<bool> Run(Worker worker, Link link, int buffer, CancellationToken cancel)
    {
        var (input, output) = (Arrow.Of(buffer), Arrow.Of(buffer));
        var whole = false;
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Together.Run(
            gone.Token,
            [
                token => Receive(link, input.Writer, gone, token),
                async token =>
                {
                    await worker(input.Reader, output.Writer, token);
                    output.Writer.Complete();
                },
                async token => whole = await Send(link, output.Reader, gone, token),
            ]
        );
        return whole;
    }

    private static async Task Receive(Link link, ChannelWriter<Message> input, CancellationTokenSource gone, CancellationToken cancel)
    {
        while (await link.Receive(cancel) is Result<Message, WireError>.Ok(var message))
        {
            if (message is EndOfStream)
            {
                input.Complete();
                return;
            }

            await input.WriteAsync(message, cancel);
        }

        await gone.CancelAsync();
    }

    private static async Task<bool> Send(Link link, ChannelReader<Message> output, CancellationTokenSource gone, CancellationToken cancel)
    {
        var count = 0L;
        await foreach (var message in output.ReadAllAsync(cancel))
        {
            using var sent = message;
            if (!await link.Send(message, cancel))
            {
                await gone.CancelAsync();
                return false;
            }

            count++;
        }

        return await link.Send(new EndOfStream(count), cancel);
    }
}
