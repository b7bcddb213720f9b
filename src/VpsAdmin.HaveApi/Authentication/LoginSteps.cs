using System.Net;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>Goes through the steps that a server puts between the credentials and the token (spec/haveapi 7, multi-step).</summary>
internal sealed class LoginSteps(ILoginSession session, TokenOffer offer, ILoginPrompt? prompt)
{
    /// <summary>Wrong answers to one step; servers count as well and lock accounts.</summary>
    private const int MostAttempts = 3;

    /// <summary>A server that goes on asking is not followed for ever.</summary>
    private const int MostSteps = 8;

    /// <summary>The input that carries the interim token; never asked for.</summary>
    private const string Interim = "token";

    /// <param name="reply">The reply to the request for a token.</param>
    public async Task<IssuedToken> CompleteAsync(JsonObject reply, CancellationToken cancel)
    {
        for (var steps = 0; ; steps++)
        {
            var reader = new ObjectReader("token", reply);
            // Protocol 1.x has no steps and does not say so.
            if (reader.OptionalBoolean("complete") ?? true)
                return new IssuedToken(TokenValue(reply), reader.OptionalTime("valid_to"));
            if (steps == MostSteps)
                throw new ProtocolException($"The server asks for more than {MostSteps} login steps.");
            reply = await AnswerAsync(reader.Name("next_action", 100), TokenValue(reply), cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for the values of inputs beyond <paramref name="known"/>.</summary>
    /// <exception cref="LoginStepRequiredException">No answer, or not to everything that is required.</exception>
    public async Task<IReadOnlyDictionary<string, string>> AskAsync(
        string step, ActionDescription action, IReadOnlyCollection<string> known, int attempt, string? failure, CancellationToken cancel)
    {
        var inputs = Inputs(action, known);
        if (inputs.Count == 0)
            return new Dictionary<string, string>();
        var answer = prompt is null
            ? null
            : await prompt.AnswerAsync(new LoginStep(step, inputs, attempt, failure), cancel).ConfigureAwait(false);
        return answer is not null && inputs.All(input => !input.IsRequired || answer.ContainsKey(input.Name))
            ? answer
            : throw new LoginStepRequiredException(step, [.. inputs.Select(input => input.Name)]);
    }

    private async Task<JsonObject> AnswerAsync(string step, string interim, CancellationToken cancel)
    {
        if (!offer.Actions.TryGetValue(step, out var action))
            throw new LoginStepRequiredException(step, []);
        string? failure = null;
        for (var attempt = 1; ; attempt++)
        {
            var input = new JsonObject { [Interim] = interim };
            foreach (var (name, value) in await AskAsync(step, action, [Interim], attempt, failure, cancel).ConfigureAwait(false))
                input[name] = value;
            try
            {
                return (await session.CallAsync(action, input, authenticated: false, cancel).ConfigureAwait(false)).Object;
            }
            catch (ActionFailedException e) when (attempt < MostAttempts && IsWrongAnswer(e))
            {
                // The interim token stays usable.
                failure = e.ServerMessage ?? "It was not accepted.";
            }
        }
    }

    private static bool IsWrongAnswer(ActionFailedException e) =>
        e.HttpStatus is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;

    private static IReadOnlyList<LoginInput> Inputs(ActionDescription action, IReadOnlyCollection<string> known) =>
        [.. (action.Input?.Parameters ?? new Dictionary<string, ParameterDescription>()).Where(p => !known.Contains(p.Key)).Select(p => Input(p.Key, p.Value))];

    private static LoginInput Input(string name, ParameterDescription parameter) => new(
        name,
        Text(parameter.Label),
        Text(parameter.Description),
        parameter.Protected == true || name.Contains("password", StringComparison.OrdinalIgnoreCase),
        parameter.Required == true || parameter.Validators?.ContainsKey("present") == true);

    private static string? Text(string? text) => text is null ? null : ServerText.Printable(text, 200);

    /// <summary>Checked without <see cref="ObjectReader"/>, whose messages show the value.</summary>
    private static string TokenValue(JsonObject reply) =>
        reply["token"] is JsonValue value && value.TryGetValue(out string? token) && TokenAuthentication.CanBeSent(token)
            ? token
            : throw new ProtocolException("The server sent a token that cannot be sent back in a header.");
}
