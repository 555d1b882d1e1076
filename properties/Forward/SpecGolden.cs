using Motion.Forward;
using Motion.Kernels;
using Xunit;

namespace Motion.Properties.Forward;

/// <summary>Names, shapes and what is trained, against the authors' state dict and solver.</summary>
public sealed class SpecGolden
{
    [Fact]
    public void Entries_OfThePublishedModel_AreTheAuthorsStateDict()
    {
        var expected = Golden("state_dict")
            .EnumerateObject()
            .Select(entry => $"{entry.Name} [{string.Join(", ", entry.Value.GetProperty("shape").EnumerateArray())}]");
        var actual = Segmenter.Entries(Oracle.Options, Oracle.Classes).Select(entry => $"{entry.Name} [{string.Join(", ", entry.Shape)}]");
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Trained_OfThePublishedModel_AreTheAuthorsParameters()
    {
        var expected = Golden("state_dict")
            .EnumerateObject()
            .Where(entry => entry.Value.GetProperty("kind").GetString() == "trainable")
            .Select(entry => entry.Name);
        var actual = Segmenter.Trained(Oracle.Options, Segmenter.Entries(Oracle.Options, Oracle.Classes));
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.Equal(96, actual.Count(entry => entry.Role == Role.Weight));
        Assert.Equal(30, actual.Count(entry => entry.Role == Role.Norm));
    }

    [Fact]
    public void LearningRate_OverThePublishedSchedule_IsTheAuthors()
    {
        foreach (var rate in Golden("solver").GetProperty("lr_used_at_iteration").EnumerateObject())
        {
            var (actual, expected) = (Schedule.LearningRate(new OptimiserOptions(), int.Parse(rate.Name)), rate.Value.GetDouble());
            Assert.True(Math.Abs(actual - expected) <= 1e-15, $"iteration {rate.Name}: {actual:R}, expected {expected:R}");
        }
    }

    private static System.Text.Json.JsonElement Golden(string name) => Generators.GoldenFiles.Json("Forward", $"{name}.json");
}
