using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Web.Calls;

namespace VpsAdmin.Server.Web;

/// <summary>A page or a part of one, made of what the API tells the person who is signed in.</summary>
public abstract class WebPart : ComponentBase
{
    [Inject]
    internal ApiCalls Api { get; set; } = null!;

    [Inject]
    internal TimeProvider Clock { get; set; } = null!;

    protected DateTimeOffset Now => Clock.GetUtcNow();

    protected bool IsAdmin => Api.Caller.IsAdmin;

    /// <summary>Components are made once before what they wait for has come, and once behind; these only when they have what they are made of.</summary>
    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        await LoadAsync();
        await base.SetParametersAsync(ParameterView.Empty);
    }

    /// <summary>Gets what the part is made of.</summary>
    protected virtual Task LoadAsync() => Task.CompletedTask;

    internal static JsonObject Input(params (string Name, JsonNode? Value)[] values) => new(values.Where(static v => v.Value is not null).Select(static v => KeyValuePair.Create(v.Name, v.Value)));
}

/// <summary>A page with forms.</summary>
public abstract class WebPage : WebPart
{
    [CascadingParameter]
    public HttpContext Http { get; set; } = null!;

    [Inject]
    internal NavigationManager Navigation { get; set; } = null!;

    /// <summary>Why what a form asked for was not done; null: nothing was asked for.</summary>
    protected ActionRefusedException? Problem { get; private set; }

    /// <summary>What was filled in; empty text is nothing.</summary>
    protected string? Field(string name) => Http.Request.HasFormContentType && Http.Request.Form[name].ToString() is { Length: > 0 } text ? text : null;

    /// <summary>Whether a box is ticked.</summary>
    protected bool Ticked(string name) => Field(name) is not null;

    internal static string FieldId(string parameter) => "field-" + parameter;

    internal static string ProblemId(string parameter) => "problem-" + parameter;

    /// <summary>Ties a field to what is wrong with it.</summary>
    /// <param name="hint">Id of an element that says what the field is for.</param>
    protected Dictionary<string, object> Tied(string parameter, string? hint = null)
    {
        var attributes = new Dictionary<string, object> { ["id"] = FieldId(parameter) };
        var isWrong = Problem?.Errors.ContainsKey(parameter) is true;
        if (isWrong)
            attributes["aria-invalid"] = "true";
        if (string.Join(' ', new[] { isWrong ? ProblemId(parameter) : null, hint }.OfType<string>()) is { Length: > 0 } describing)
            attributes["aria-describedby"] = describing;
        return attributes;
    }

    /// <summary>What a form asks for, then the page that shows what became of it; what is refused is told on this one.</summary>
    /// <param name="act">Gives back where to go on; null: stays.</param>
    protected async Task DoAsync(Func<Task<string?>> act)
    {
        string? next;
        try
        {
            next = await act();
        }
        catch (ActionRefusedException refusal) when (refusal.HttpStatus is not StatusCodes.Status404NotFound)
        {
            Problem = refusal;
            Http.Response.StatusCode = WebErrors.StatusOf(refusal);
            return;
        }
        if (next is not null)
            Navigation.NavigateTo(next);
    }
}
