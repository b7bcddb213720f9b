using VpsAdmin.PS.Tests.EndToEnd;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>Where worlds are made.</summary>
/// <param name="Node">Filesystem of the server's own node.</param>
/// <param name="Tank">Filesystem below which each world has its "tank" and its "backup".</param>
internal sealed record ExampleGround(LabServer Server, string Node, string Tank);
