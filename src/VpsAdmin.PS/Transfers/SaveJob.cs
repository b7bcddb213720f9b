using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Transfers;

/// <param name="Name">For people.</param>
/// <param name="Target">What an error is about: the id or object that was given.</param>
internal sealed record SaveJob(ExportRequest Request, string Name, object Target, SaveDestination Destination);
