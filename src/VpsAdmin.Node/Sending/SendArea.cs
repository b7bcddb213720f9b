namespace VpsAdmin.Node.Sending;

/// <summary>Where a pool keeps what its node has to know of transfers to it: <c>&lt;pool&gt;/vpsadmin/receive</c>.</summary>
internal static class SendArea
{
    public const string Name = "receive";
}
