namespace VpsAdmin.NodeHost.Tests;

/// <summary>One cluster for all tests of moves, one after the other.</summary>
[CollectionDefinition(nameof(MoveCluster))]
public sealed class MoveClusterCollection : ICollectionFixture<MoveCluster>;
