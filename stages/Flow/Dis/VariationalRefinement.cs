using System.Runtime.Intrinsics;

namespace Motion.Flow;

/// <summary>Flow of one scale made to fit both pictures and to be smooth.</summary>
/// <remarks>
/// Kroeger et al., section 2.3, Eq. (5) to (7), after Brox et al. (ECCV 2004): the energy is the integral of sigma Psi(E_I) + gamma
/// Psi(E_G) + alpha Psi(E_S) with Psi(a²) = sqrt(a² + epsilon²), E_I and E_G normalised by the squared derivatives. Its Euler-Lagrange
/// equations are linearised once about the flow that comes, their weights are computed anew in each of the fixed-point iterations, and the
/// linear system is relaxed red-black.
/// </remarks>
internal static class VariationalRefinement
{
    /// <summary>Weight of smoothness.</summary>
    private const float Alpha = 20;

    /// <summary>Weight of the brightness constancy (delta of the presets, sigma of Eq. 5).</summary>
    private const float Delta = 5;

    /// <summary>Weight of the constancy of derivatives.</summary>
    private const float Gamma = 10;

    /// <summary>Psi(a²) = sqrt(a² + epsilon²).</summary>
    private const float EpsilonSquared = 0.001f * 0.001f;

    /// <summary>Below this, derivatives are noise: added to the normalisers.</summary>
    private const float ZetaSquared = 0.1f * 0.1f;

    /// <summary>Of the over-relaxation: what 1.6 leaves after five sweeps, 1.8 does not.</summary>
    private const float Omega = 1.8f;

    /// <summary>Sweeps over both colours in a fixed-point iteration.</summary>
    private const int Sweeps = 5;

    /// <summary>Refines the flow in place.</summary>
    /// <param name="first">[0, 255]; its border is the edge repeated.</param>
    /// <param name="second">Of the same size.</param>
    /// <param name="u">To the right, pixels.</param>
    /// <param name="v">Downwards.</param>
    /// <param name="iterations">Fixed-point iterations; 0 leaves the flow as it is.</param>
    /// <param name="threads">1 or more; changes no bit.</param>
    public static void Run(Plane first, Plane second, Plane u, Plane v, int iterations, int threads)
    {
        if (iterations == 0)
            return;
        var size = first.Size;
        var (mean, change) = Pictures(first, second, u, v, threads);
        var (ix, iy) = Derivatives.Of(mean, threads);
        var (ixx, ixy) = Derivatives.Of(ix, threads);
        var (_, iyy) = Derivatives.Of(iy, threads);
        var (ixz, iyz) = Derivatives.Of(change, threads);
        var picture = new Linearised(ix, iy, change, ixx, ixy, iyy, ixz, iyz, Copy(u), Copy(v));
        var system = new LinearSystem(new(size), new(size), new(size), new(size), new(size), new(size), new(size));
        for (var i = 0; i < iterations; i++)
        {
            var smooth = system.A11; // until the system is made
            Bands.Over(size.Height, size.Width, threads, (from, to) => Smoothness(u, v, smooth, from, to));
            Bands.Over(size.Height, size.Width, threads, (from, to) => Diffusivities(smooth, system, from, to));
            Bands.Over(size.Height, size.Width, threads, (from, to) => Equations(picture, u, v, system, from, to));
            for (var half = 0; half < 2 * Sweeps; half++)
            {
                var colour = half % 2;
                Bands.Over(size.Height, size.Width, threads, (from, to) => Relax(system, u, v, colour, from, to));
            }

            u.Extend();
            v.Extend();
        }
    }

    private sealed record Linearised(Plane X, Plane Y, Plane Z, Plane XX, Plane XY, Plane YY, Plane XZ, Plane YZ, Plane U, Plane V);

    private sealed record LinearSystem(Plane A11, Plane A12, Plane A22, Plane B1, Plane B2, Plane Right, Plane Below);

    private static Plane Copy(Plane plane)
    {
        var copy = new Plane(plane.Size);
        for (var y = 0; y < plane.Height; y++)
            plane.Row(y).CopyTo(copy.Row(y));
        return copy;
    }

    /// <summary>The mean of the first picture and the second brought back by the flow, and their difference.</summary>
    private static (Plane Mean, Plane Change) Pictures(Plane first, Plane second, Plane u, Plane v, int threads)
    {
        var (mean, change) = (new Plane(first.Size), new Plane(first.Size));
        Bands.Over(
            first.Height,
            first.Width,
            threads,
            (from, to) =>
            {
                for (var y = from; y < to; y++)
                {
                    var i0 = first.Pixels(y);
                    var rowU = u.Pixels(y);
                    var rowV = v.Pixels(y);
                    var m = mean.Pixels(y);
                    var z = change.Pixels(y);
                    for (var x = 0; x < i0.Length; x++)
                    {
                        var i1 = second.Sample(x + rowU[x], y + rowV[x]);
                        m[x] = 0.5f * (i0[x] + i1);
                        z[x] = i1 - i0[x];
                    }
                }
            }
        );
        mean.Extend();
        change.Extend();
        return (mean, change);
    }

    /// <summary>alpha / 2 Psi'(|grad u|² + |grad v|²) at each pixel, of the flow as it is.</summary>
    private static void Smoothness(Plane u, Plane v, Plane weights, int from, int to)
    {
        for (var y = from; y < to; y++)
        {
            var rowU = u.Row(y);
            var aboveU = u.Row(y - 1);
            var belowU = u.Row(y + 1);
            var rowV = v.Row(y);
            var aboveV = v.Row(y - 1);
            var belowV = v.Row(y + 1);
            var row = weights.Row(y);
            for (var x = 0; x < u.Width; x += Plane.Lanes)
            {
                var (ux, uy) = (Plane.At(rowU, x + 1) - Plane.At(rowU, x - 1), Plane.At(belowU, x) - Plane.At(aboveU, x));
                var (vx, vy) = (Plane.At(rowV, x + 1) - Plane.At(rowV, x - 1), Plane.At(belowV, x) - Plane.At(aboveV, x));
                var squared = ((ux * ux) + (uy * uy) + (vx * vx) + (vy * vy)) * 0.25f;
                Plane.Put(Vector256.Create(Alpha / 2) / Vector256.Sqrt(squared + Vector256.Create(EpsilonSquared)), row, x);
            }
        }
    }

    /// <summary>
    /// The diffusivity between a pixel and the next to the right, and the next below: the mean of both; zero across the picture's edge.
    /// </summary>
    private static void Diffusivities(Plane weights, LinearSystem system, int from, int to)
    {
        for (var y = from; y < to; y++)
        {
            var row = weights.Row(y);
            var below = weights.Row(y + 1);
            var right = system.Right.Row(y);
            var down = system.Below.Row(y);
            for (var x = 0; x < weights.Width; x += Plane.Lanes)
            {
                Plane.Put((Plane.At(row, x) + Plane.At(row, x + 1)) * 0.5f, right, x);
                if (y < weights.Height - 1)
                    Plane.Put((Plane.At(row, x) + Plane.At(below, x)) * 0.5f, down, x);
            }

            right[(Plane.Border + weights.Width - 1)..].Clear();
        }
    }

    /// <summary>A (u, v) = b of each pixel, of the data alone; then with smoothness the inverse of the diagonal, times omega.</summary>
    private static void Equations(Linearised picture, Plane u, Plane v, LinearSystem system, int from, int to)
    {
        var (epsilon, zeta) = (Vector256.Create(EpsilonSquared), Vector256.Create(ZetaSquared));
        for (var y = from; y < to; y++)
        {
            var ix = picture.X.Row(y);
            var iy = picture.Y.Row(y);
            var iz = picture.Z.Row(y);
            var rowU = u.Row(y);
            var rowV = v.Row(y);
            var ixx = picture.XX.Row(y);
            var ixy = picture.XY.Row(y);
            var iyy = picture.YY.Row(y);
            var ixz = picture.XZ.Row(y);
            var iyz = picture.YZ.Row(y);
            var startU = picture.U.Row(y);
            var startV = picture.V.Row(y);
            var a11 = system.A11.Row(y);
            var a12 = system.A12.Row(y);
            var a22 = system.A22.Row(y);
            var b1 = system.B1.Row(y);
            var b2 = system.B2.Row(y);
            var right = system.Right.Row(y);
            var above = system.Below.Row(y - 1);
            var below = system.Below.Row(y);
            for (var x = 0; x < u.Width; x += Plane.Lanes)
            {
                var (u0, v0) = (Plane.At(startU, x), Plane.At(startV, x));
                var (du, dv) = (Plane.At(rowU, x) - u0, Plane.At(rowV, x) - v0);
                var (gx, gy, gz) = (Plane.At(ix, x), Plane.At(iy, x), Plane.At(iz, x));
                var n = Vector256<float>.One / ((gx * gx) + (gy * gy) + zeta);
                var e = gz + (gx * du) + (gy * dv);
                var w = Vector256.Create(Delta / 2) * n / Vector256.Sqrt((e * e * n) + epsilon);
                var (m11, m12, m22) = ((w * gx * gx) + zeta, w * gx * gy, (w * gy * gy) + zeta);
                var (r1, r2) = (w * gx * gz, w * gy * gz);

                var (gxx, gxy, gyy, gxz, gyz) = (Plane.At(ixx, x), Plane.At(ixy, x), Plane.At(iyy, x), Plane.At(ixz, x), Plane.At(iyz, x));
                var nx = Vector256<float>.One / ((gxx * gxx) + (gxy * gxy) + zeta);
                var ny = Vector256<float>.One / ((gxy * gxy) + (gyy * gyy) + zeta);
                var (ex, ey) = (gxz + (gxx * du) + (gxy * dv), gyz + (gxy * du) + (gyy * dv));
                w = Vector256.Create(Gamma / 2) / Vector256.Sqrt((ex * ex * nx) + (ey * ey * ny) + epsilon);
                (nx, ny) = (w * nx, w * ny);
                m11 += (nx * gxx * gxx) + (ny * gxy * gxy);
                m12 += (nx * gxx * gxy) + (ny * gxy * gyy);
                m22 += (nx * gxy * gxy) + (ny * gyy * gyy);
                r1 += (nx * gxx * gxz) + (ny * gxy * gyz);
                r2 += (nx * gxy * gxz) + (ny * gyy * gyz);

                var smooth = Plane.At(right, x) + Plane.At(right, x - 1) + Plane.At(above, x) + Plane.At(below, x);
                Plane.Put((m11 * u0) + (m12 * v0) - r1, b1, x);
                Plane.Put((m12 * u0) + (m22 * v0) - r2, b2, x);
                Plane.Put(m12, a12, x);
                Plane.Put(Vector256.Create(Omega) / (m11 + smooth), a11, x);
                Plane.Put(Vector256.Create(Omega) / (m22 + smooth), a22, x);
            }
        }
    }

    /// <summary>
    /// Every second pixel moves towards what its equation and its four neighbours say, and beyond (successive over-relaxation).
    /// </summary>
    private static void Relax(LinearSystem system, Plane u, Plane v, int colour, int from, int to)
    {
        for (var y = from; y < to; y++)
        {
            var moves = Vector256.Create(0, -1, 0, -1, 0, -1, 0, -1).AsSingle();
            if ((y + colour) % 2 == 0)
                moves = ~moves;
            var rowU = u.Row(y);
            var aboveU = u.Row(y - 1);
            var belowU = u.Row(y + 1);
            var rowV = v.Row(y);
            var aboveV = v.Row(y - 1);
            var belowV = v.Row(y + 1);
            var a11 = system.A11.Row(y);
            var a12 = system.A12.Row(y);
            var a22 = system.A22.Row(y);
            var b1 = system.B1.Row(y);
            var b2 = system.B2.Row(y);
            var right = system.Right.Row(y);
            var above = system.Below.Row(y - 1);
            var below = system.Below.Row(y);
            for (var x = 0; x < u.Width; x += Plane.Lanes)
            {
                var (toRight, toLeft, upwards, downwards) = (
                    Plane.At(right, x),
                    Plane.At(right, x - 1),
                    Plane.At(above, x),
                    Plane.At(below, x)
                );
                var (pu, pv, cross) = (Plane.At(rowU, x), Plane.At(rowV, x), Plane.At(a12, x));
                var sumU =
                    (toRight * Plane.At(rowU, x + 1))
                    + (toLeft * Plane.At(rowU, x - 1))
                    + (upwards * Plane.At(aboveU, x))
                    + (downwards * Plane.At(belowU, x));
                var sumV =
                    (toRight * Plane.At(rowV, x + 1))
                    + (toLeft * Plane.At(rowV, x - 1))
                    + (upwards * Plane.At(aboveV, x))
                    + (downwards * Plane.At(belowV, x));
                var nu = pu + (Plane.At(a11, x) * (Plane.At(b1, x) - (cross * pv) + sumU)) - (pu * Omega);
                nu = Vector256.ConditionalSelect(moves, nu, pu);
                var nv = pv + (Plane.At(a22, x) * (Plane.At(b2, x) - (cross * nu) + sumV)) - (pv * Omega);
                Plane.Put(nu, rowU, x);
                Plane.Put(Vector256.ConditionalSelect(moves, nv, pv), rowV, x);
            }
        }
    }
}
