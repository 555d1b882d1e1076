using Motion.Contracts;
using Motion.Forward;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Settings;

/// <summary>
/// Writes into the yaml what a pretrained ResNet expects (layout, channels, pixelMean, pixelStd) where its file says another thing than the
/// defaults and the user has said nothing: torchvision's networks see other pictures than Caffe's, and have their strides elsewhere. So the
/// run's own yaml shows it, and a replay does the same.
/// </summary>
internal static class FormOfBackbone
{
    private static readonly string[] Keys = ["layout", "channels", "pixelMean", "pixelStd"];

    /// <param name="document">The whole yaml, its weights chosen already.</param>
    public static Node.Map In(Node.Map document) =>
        document.Find("stages") is Node.Map stages
        && stages.Find(ForwardKind.Kind.Name) is Node.Map forward
        && forward.Find("backbone") is Node.Map backbone
        && backbone.Find("weights") is Node.Scalar { Text: var path }
        && File.Exists(path)
        && backbone.Find("network") is null or Node.Scalar { Text: not "small" }
        && Keys.All(key => backbone.Find(key) is null)
        && FormOf(path) is { Layout: ResnetLayout.Torchvision } form
            ? document.With(
                document.KeyOf("stages")!,
                stages.With(stages.KeyOf(ForwardKind.Kind.Name)!, forward.With(forward.KeyOf("backbone")!, With(backbone, form)))
            )
            : document;

    /// <summary>Null also where the file cannot be read: the stage says why.</summary>
    private static BackboneForm? FormOf(string path) =>
        WeightFiles
            .Read(path)
            .Match(
                weights =>
                {
                    using (weights)
                        return BackboneForm.Of(weights);
                },
                _ => null
            );

    private static Node.Map With(Node.Map backbone, BackboneForm form)
    {
        var place = backbone.Place;
        return backbone
            .With(Key("layout"), Text(Shape.Camel(form.Layout.ToString())))
            .With(Key("channels"), Text(Shape.Camel(form.Channels.ToString())))
            .With(Key("pixelMean"), Numbers(form.PixelMean))
            .With(Key("pixelStd"), Numbers(form.PixelStd));

        Node.Scalar Key(string name) => new(place, name);

        Node.Scalar Text(string text) => new(place, text);

        Node.List Numbers(IEnumerable<double> numbers) => new(place, [.. numbers.Select(number => Text($"{number}"))]);
    }
}
