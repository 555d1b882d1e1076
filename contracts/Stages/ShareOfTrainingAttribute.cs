namespace Motion.Contracts;

/// <summary>
/// A number of iterations that yaml may give as a share of the whole training: <c>75%</c>. Elsewhere a text that ends in % is a text.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ShareOfTrainingAttribute : Attribute;
