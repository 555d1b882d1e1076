namespace Motion.Runner.Stations;

/// <summary>A stage that could not be made; carried out of the tasks that make it.</summary>
internal sealed class StartFailed(StartError error) : Exception(error.Describe())
{
    public StartError Error { get; } = error;
}
