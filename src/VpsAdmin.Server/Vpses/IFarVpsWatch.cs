using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Server.Vpses;

/// <summary>Looks at VPSes of nodes that are processes of their own.</summary>
public interface IFarVpsWatch : IVpsWatch;
