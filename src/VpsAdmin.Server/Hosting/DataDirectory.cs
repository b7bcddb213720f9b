namespace VpsAdmin.Server.Hosting;

/// <summary>The folder with all that the server keeps, used by one server at a time.</summary>
public sealed class DataDirectory : IDisposable
{
    public const string DatabaseName = "vpsadmin.db";
    public const string ServerUrlName = "server.url";

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }
    public string Database => System.IO.Path.Combine(Path, DatabaseName);
    public string AdminPassword => System.IO.Path.Combine(Path, "admin-password");

    /// <summary>Folder with what tokens and forms are protected with.</summary>
    public string Keys => System.IO.Path.Combine(Path, "keys");

    /// <summary>Id of the node in the server, as of its last start: what the database tells of nodes does not say which of them it is.</summary>
    public string NodeId => NodeIdOf(Path);

    /// <summary>Address of the running server; there only while it runs.</summary>
    public string ServerUrl => System.IO.Path.Combine(Path, ServerUrlName);

    /// <summary>Process id of the server whose address <see cref="ServerUrl"/> is; written before it.</summary>
    public string ServerProcessId => System.IO.Path.Combine(Path, "server.pid");

    /// <exception cref="SetupException">The folder cannot be used, or another server uses it.</exception>
    public static DataDirectory Open(string path)
    {
        try
        {
            path = System.IO.Path.GetFullPath(path);
            Directory.CreateDirectory(path, OwnerOnlyFile.Mode | UnixFileMode.UserExecute);
            return new DataDirectory(path, Lock(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SetupException($"--data: '{path}' cannot be used: {e.Message}", e);
        }
    }

    internal static string NodeIdOf(string path) => System.IO.Path.Combine(path, "node.id");

    private static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, "server.lock");
        try
        {
            return new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnlyFile.Mode,
            });
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new SetupException($"--data: another server is running on '{path}'.", e);
        }
    }

    public void Dispose() => _lock.Dispose();
}
