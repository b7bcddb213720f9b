namespace VpsAdmin.Client.Connections;

/// <summary>The file of saved connections. Only its owner can read it; it is whole under its name or not there.</summary>
/// <param name="folder">Of this program alone; made when something is saved.</param>
public sealed class SavedConnectionStore(string folder, TimeProvider time)
{
    private const int MaxBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public string FilePath { get; } = Path.Combine(folder, "connections.json");

    /// <summary>
    /// In the folder of this user's settings: <c>XDG_CONFIG_HOME</c> or else <c>~/.config</c>, <c>Application Support</c> on macOS,
    /// <c>APPDATA</c> on Windows.
    /// </summary>
    public static SavedConnectionStore OfUser(TimeProvider time)
    {
        var xdg = OperatingSystem.IsWindows() ? null : Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        // The XDG specification: a relative path is invalid and ignored.
        var settings = Path.IsPathFullyQualified(xdg ?? "")
            ? xdg!
            : Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return new SavedConnectionStore(Path.Combine(settings, "vpsadmin"), time);
    }

    /// <returns>None when nothing was ever saved.</returns>
    /// <exception cref="SavedConnectionException"/>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public SavedConnections Read()
    {
        if (!Directory.Exists(folder))
            return SavedConnections.None;
        CheckFolder();
        try
        {
            using var file = new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (OwnerOnly.WhyNotFile(FilePath, file.SafeFileHandle) is { } reason)
                throw Unsafe(FilePath, reason);
            return Parse(file);
        }
        catch (FileNotFoundException)
        {
            // A link to nothing is found by its own name only.
            return new FileInfo(FilePath).LinkTarget is null ? SavedConnections.None : throw Unsafe(FilePath, "is a link");
        }
    }

    /// <summary>Changes what is saved. Processes that do so at one time take turns.</summary>
    /// <exception cref="SavedConnectionException"/>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public async Task<SavedConnections> UpdateAsync(Func<SavedConnections, SavedConnections> change, CancellationToken cancel)
    {
        MakeFolder();
        CheckFolder();
        using var turn = await TakeTurnAsync(cancel).ConfigureAwait(false);
        var before = Read();
        var after = change(before);
        if (after != before)
            Replace(SavedConnectionsFormat.Write(after));
        return after;
    }

    private SavedConnections Parse(FileStream file)
    {
        if (file.Length > MaxBytes)
            throw Damaged("It is too long.");
        var bytes = new byte[file.Length];
        try
        {
            file.ReadExactly(bytes);
            return SavedConnectionsFormat.Read(bytes);
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException)
        {
            throw Damaged(e.Message);
        }
    }

    private void Replace(byte[] content)
    {
        var fresh = FilePath + ".new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, Owned(FileMode.CreateNew, FileAccess.Write)))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, FilePath, overwrite: true);
    }

    /// <summary>The lock's own file stays: two processes that each make and remove it would not exclude each other.</summary>
    private async Task<FileStream> TakeTurnAsync(CancellationToken cancel)
    {
        var path = Path.Combine(folder, "connections.lock");
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, Owned(FileMode.OpenOrCreate, FileAccess.ReadWrite));
            }
            catch (IOException e) when (e.GetType() == typeof(IOException))
            {
                if (time.GetElapsedTime(started) > Patience)
                    throw new SavedConnectionException(SavedConnectionFailure.Busy, path, $"Another process has been changing the saved connections for {Patience.TotalSeconds:0} seconds.", e);
                await Task.Delay(Pause, time, cancel).ConfigureAwait(false);
            }
        }
    }

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly.FolderMode);
    }

    private void CheckFolder()
    {
        if (OwnerOnly.WhyNotFolder(folder) is { } reason)
            throw Unsafe(folder, reason);
    }

    private static FileStreamOptions Owned(FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly.FileMode;
        return options;
    }

    private static SavedConnectionException Unsafe(string path, string reason) =>
        new(SavedConnectionFailure.Unsafe, path, $"'{path}', which has access tokens, {reason}.");

    private SavedConnectionException Damaged(string reason) =>
        new(SavedConnectionFailure.Damaged, FilePath, $"The saved connections in '{FilePath}' cannot be read. {reason}");
}
