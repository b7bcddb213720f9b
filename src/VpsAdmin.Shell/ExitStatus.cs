using System.Collections;
using System.Management.Automation;

namespace VpsAdmin.Shell;

/// <summary>The exit status of a run that an error ended. The module's errors bring their own; any other counts 1.</summary>
internal static class ExitStatus
{
    /// <summary>Where the module puts it (en-US/about_VpsAdmin_Backup.help.txt); a script of pwsh finds it there too.</summary>
    private const string Key = "VpsAdmin.ExitCode";

    private const int Other = 1, Configuration = 15;

    /// <param name="error">An error record or exception, perhaps wrapped by the engine; null: nothing is known of it.</param>
    public static int Of(object? error)
    {
        var exception = error switch
        {
            PSObject wrapped => wrapped.BaseObject is ErrorRecord record ? record.Exception : wrapped.BaseObject as Exception,
            ErrorRecord record => record.Exception,
            _ => error as Exception,
        };
        for (; exception is not null; exception = (exception as RuntimeException)?.ErrorRecord.Exception is { } inner && inner != exception ? inner : exception.InnerException)
        {
            if (exception.Data[Key] is int code and > 0 and < 256)
                return code;
            // The engine's own error, before the module's command is asked: a wrong parameter all the same.
            if (exception is ParameterBindingException { CommandInvocation.MyCommand.ModuleName: "VpsAdmin" })
                return Configuration;
        }
        return Other;
    }

    /// <param name="errors">The engine's <c>$Error</c>, newest first.</param>
    public static int OfNewest(object? errors) => Of((errors as ArrayList)?.Cast<object>().FirstOrDefault());
}
