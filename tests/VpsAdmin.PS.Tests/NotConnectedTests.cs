using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests;

public sealed class NotConnectedTests
{
    [Theory]
    [InlineData("Get-Vps")]
    [InlineData("New-Vps web1")]
    [InlineData("Get-VpsDataset")]
    [InlineData("New-VpsDataset www -Parent 1")]
    [InlineData("Get-VpsSnapshot")]
    [InlineData("New-VpsSnapshot 1")]
    [InlineData("Remove-VpsSnapshot 1")]
    [InlineData("Restore-VpsSnapshot 1")]
    [InlineData("Get-VpsTransactionChain")]
    [InlineData("Wait-VpsTransactionChain 1")]
    [InlineData("Move-Vps 1, 2 3")]
    [InlineData("Save-VpsSnapshot 1")]
    [InlineData("Save-VpsSnapshot")]
    [InlineData("Get-VpsSnapshotDownload")]
    [InlineData("New-VpsSnapshotDownload 1")]
    [InlineData("Remove-VpsSnapshotDownload 1")]
    [InlineData("Send-VpsSnapshot 1 -OutFile stream")]
    [InlineData("Backup-VpsDataset tank/backup -Dataset 1")]
    [InlineData("Backup-Vps tank/backup -Vps 1")]
    [InlineData("Get-VpsAdminResource")]
    [InlineData("Invoke-VpsAdminAction dataset index")]
    [InlineData("Connect-VpsAdmin")]
    public void Without_a_connection_a_command_ends_and_names_the_way_to_get_one(string command)
    {
        using var session = new EngineSession();
        var error = session.Terminating(command);
        Assert.Equal("NotConnected", error.Id());
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Contains("Connect-VpsAdmin", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_nothing_to_disconnect_or_to_stop()
    {
        using var session = new EngineSession();
        Assert.Equal("NotConnected", session.Run("Disconnect-VpsAdmin").ErrorId);
        Assert.Equal("ServerNotOurs", session.Run("Stop-VpsAdminServer").ErrorId);
    }
}
