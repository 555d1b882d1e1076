using System.Text;
using Motion.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Motion.Pipeline.Show;

/// <summary>
/// What stands between this program and the terminal: everything that is written, plain or as tables and live views, goes through
/// <see cref="Legible"/>, whoever wrote it and whatever name or text of a file is in it. Only the live views' own movements pass.
/// </summary>
internal static class Terminal
{
    /// <summary>Takes over standard output and standard error of the process; first of all things.</summary>
    public static void Guard()
    {
        var output = new Forgiving(Console.Out);
        Console.SetOut(new LegibleWriter(output));
        Console.SetError(new LegibleWriter(new Forgiving(Console.Error)));
        AnsiConsole.Console = Over(output, Console.IsOutputRedirected);
    }

    /// <summary>A console for views on standard error.</summary>
    public static IAnsiConsole Error() => Over(RawError(), Console.IsErrorRedirected);

    /// <summary>Writes over the line that stands on standard error.</summary>
    public static void Overwrite(string line) => RawError().Write($"\r{Legible.Line(line)}");

    /// <summary>A console over a writer, its texts made legible.</summary>
    internal static IAnsiConsole Over(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new Output(writer, !isRedirected),
                Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
                ColorSystem = isRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            }
        );
        console.Pipeline.Attach(new Hook());
        return console;
    }

    private static Forgiving RawError() =>
        new(new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false), 1 << 8, leaveOpen: true) { AutoFlush = true });

    private sealed class Output(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _inner = new(writer);

        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => _inner.Width;

        public int Height => _inner.Height;

        public void SetEncoding(Encoding encoding) => _inner.SetEncoding(encoding);
    }

    private sealed class Hook : IRenderHook
    {
        public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
            renderables.Select(part => new LegiblePart(part));
    }

    private sealed class LegiblePart(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            inner
                .Render(options, maxWidth)
                .Select(segment =>
                    segment.IsControlCode || segment.IsLineBreak || Legible.Lines(segment.Text) is var text && text == segment.Text
                        ? segment
                        : new Segment(text, segment.Style)
                );
    }
}

/// <summary>A writer that makes legible what it is given.</summary>
internal sealed class LegibleWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => inner.Write(Legible.Lines(value.ToString()));

    public override void Write(char[] buffer, int index, int count) => inner.Write(Legible.Lines(new string(buffer, index, count)));

    public override void Write(ReadOnlySpan<char> buffer) => inner.Write(Legible.Lines(new string(buffer)));

    public override void Write(string? value) => inner.Write(value is null ? null : Legible.Lines(value));

    public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : Legible.Lines(value));

    public override void WriteLine() => inner.WriteLine();

    public override void Flush() => inner.Flush();
}
