using System.Net;
using System.Security;

namespace VpsAdmin.PS.Arguments;

internal static class Secret
{
    /// <summary>For handing to the protocol at once; never kept.</summary>
    public static string Reveal(SecureString secret) => new NetworkCredential("", secret).Password;
}
