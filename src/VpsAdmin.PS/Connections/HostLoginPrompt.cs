using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Connections;

/// <summary>Answers a login's further steps: with the one-time code that the user gave, else by asking at the host.</summary>
internal sealed class HostLoginPrompt(PipelineMessages messages, string? totpCode) : ILoginPrompt
{
    private string? _totpCode = totpCode;

    public async Task<IReadOnlyDictionary<string, string>?> AnswerAsync(LoginStep step, CancellationToken cancel)
    {
        // Good for one answer: after a wrong one, a person may know better.
        if (step is { Name: "totp", Inputs: [var input] } && Interlocked.Exchange(ref _totpCode, null) is { } code)
            return new Dictionary<string, string> { [input.Name] = code };
        if (step.Failure is { } failure)
            messages.Warning($"The server did not accept the answer: {failure}");
        return await messages.AskAsync(cmdlet => Ask(cmdlet.Host.UI, step), cancel).ConfigureAwait(false);
    }

    /// <returns>Null where nobody can be asked, or nobody answers.</returns>
    private static Dictionary<string, string>? Ask(PSHostUserInterface? host, LoginStep step)
    {
        try
        {
            var answers = host?.Prompt(
                "Login", $"The server asks for another login step, '{step.Name}'.", new Collection<FieldDescription>([.. step.Inputs.Select(Field)]));
            return answers is { Count: > 0 } ? answers.ToDictionary(a => a.Key, a => Text(a.Value)) : null;
        }
        catch (Exception e) when (e is HostException or InvalidOperationException or NotImplementedException or NotSupportedException or IOException)
        {
            // What hosts throw in jobs, with -NonInteractive, and at the end of their input.
            return null;
        }
    }

    private static FieldDescription Field(LoginInput input)
    {
        var field = new FieldDescription(input.Name) { Label = input.Label ?? input.Name, HelpMessage = input.Description ?? "", IsMandatory = input.IsRequired };
        field.SetParameterType(input.IsSecret ? typeof(SecureString) : typeof(string));
        return field;
    }

    private static string Text(PSObject? answer) => answer?.BaseObject switch
    {
        SecureString secret => Secret.Reveal(secret),
        var value => value?.ToString()?.Trim() ?? "",
    };
}
