namespace VpsAdmin.Faults.Tests;

/// <summary>Tests that measure the whole process run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
