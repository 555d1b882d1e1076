using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Motion.Studio;

/// <summary>
/// Who may speak to the studio: the browser of whoever has its address, and no page of another site in that browser. Asked before anything
/// else of every request.
/// </summary>
/// <remarks>
/// The server listens on the loopback device alone. A name that leads there (DNS rebinding) is refused by the Host that the browser sends;
/// another origin by Origin and Sec-Fetch-Site; whoever has neither token nor cookie by their lack. The token stands in the address once
/// and becomes a cookie that no script reads and no other site makes the browser send.
/// </remarks>
internal sealed class Guard(string token, int port)
{
    private readonly string _session = NewSecret();

    private string CookieName => $"motion-studio-{port}";

    public static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    public async Task Invoke(HttpContext context, RequestDelegate next)
    {
        Harden(context.Response.Headers);
        if (Refusal(context) is { } refusal)
        {
            await Refuse(context, refusal);
        }
        else if (context.Request.Path == "/" && context.Request.Query.TryGetValue("token", out var shown))
        {
            if (!Same(shown.ToString(), token))
            {
                await Refuse(
                    context,
                    new StudioRefusal(403, "This address has another studio's token. Open the address that motion studio printed last.")
                );
                return;
            }

            context.Response.Cookies.Append(
                CookieName,
                _session,
                new CookieOptions
                {
                    HttpOnly = true,
                    SameSite = SameSiteMode.Strict,
                    Path = "/",
                    IsEssential = true,
                }
            );
            context.Response.Redirect("/");
        }
        else if (context.Request.Cookies[CookieName] is not { } cookie || !Same(cookie, _session))
        {
            await Refuse(context, new StudioRefusal(403, "Open the whole address that motion studio printed, with its token."));
        }
        else
        {
            await next(context);
        }
    }

    private StudioRefusal? Refusal(HttpContext context)
    {
        var (request, hosts) = (context.Request, new[] { $"127.0.0.1:{port}", $"localhost:{port}" });
        if (context.Connection.RemoteIpAddress is not { } from || !IPAddress.IsLoopback(from))
        {
            return new StudioRefusal(403, "The studio speaks to this machine only.");
        }

        if (request.Headers.Host.Count != 1 || !hosts.Contains(request.Headers.Host.ToString(), StringComparer.Ordinal))
        {
            return new StudioRefusal(421, $"The studio is reached as {hosts[0]} only.");
        }

        var own = "http://" + request.Headers.Host;
        if (request.Headers.Origin.Count > 0 && request.Headers.Origin.ToString() != own)
        {
            return new StudioRefusal(403, "Another site asked for this.");
        }

        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site.ToString() is not ("same-origin" or "none"))
        {
            return new StudioRefusal(403, "Another site asked for this.");
        }

        return !HttpMethods.IsGet(request.Method) && request.Headers.Origin.Count == 0
            ? new StudioRefusal(403, "What changes something must come from the studio's own page.")
            : null;
    }

    private static void Harden(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    private static bool Same(string a, string b) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));

    private static async Task Refuse(HttpContext context, StudioRefusal refusal)
    {
        context.Response.StatusCode = refusal.Status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(refusal.Text);
    }
}
