/**
 * Moon and sun after Jean Meeus, *Astronomical Algorithms*, 2nd edition: chapter 49 (new moons, within seconds) and
 * chapter 25 (the sun's apparent longitude, within 0.01°). Times are Julian days; UT is what clocks show, TT what
 * the theory counts in.
 */

const RADIANS = Math.PI / 180;
const sinDegrees = (degrees: number): number => Math.sin(degrees * RADIANS);

/** Amplitude in days; how many times the anomalies of sun (m) and moon (n), the argument of latitude (f); power of E. */
type MoonTerm = readonly [days: number, m: number, n: number, f: number, e: 0 | 1 | 2];

const NEW_MOON_TERMS: readonly MoonTerm[] = [
  [-0.4072, 0, 1, 0, 0],
  [0.17241, 1, 0, 0, 1],
  [0.01608, 0, 2, 0, 0],
  [0.01039, 0, 0, 2, 0],
  [0.00739, -1, 1, 0, 1],
  [-0.00514, 1, 1, 0, 1],
  [0.00208, 2, 0, 0, 2],
  [-0.00111, 0, 1, -2, 0],
  [-0.00057, 0, 1, 2, 0],
  [0.00056, 1, 2, 0, 1],
  [-0.00042, 0, 3, 0, 0],
  [0.00042, 1, 0, 2, 1],
  [0.00038, 1, 0, -2, 1],
  [-0.00024, -1, 2, 0, 1],
  [-0.00007, 2, 1, 0, 0],
  [0.00004, 0, 2, -2, 0],
  [0.00004, 3, 0, 0, 0],
  [0.00003, 1, 1, -2, 0],
  [0.00003, 0, 2, 2, 0],
  [-0.00003, 1, 1, 2, 0],
  [0.00003, -1, 1, 2, 0],
  [-0.00002, -1, 1, -2, 0],
  [-0.00002, 1, 3, 0, 0],
  [0.00002, 0, 4, 0, 0],
];

/** Amplitude in days; degrees at k = 0; degrees per lunation. */
const PLANET_TERMS: readonly (readonly [days: number, at0: number, perMonth: number])[] = [
  [0.000325, 299.77, 0.107408],
  [0.000165, 251.88, 0.016321],
  [0.000164, 251.83, 26.651886],
  [0.000126, 349.42, 36.412478],
  [0.00011, 84.66, 18.206239],
  [0.000062, 141.74, 53.303771],
  [0.00006, 207.14, 2.453732],
  [0.000056, 154.84, 7.30686],
  [0.000047, 34.52, 27.261239],
  [0.000042, 207.19, 0.121824],
  [0.00004, 291.34, 1.844379],
  [0.000037, 161.72, 24.198154],
  [0.000035, 239.56, 25.513099],
  [0.000023, 331.55, 3.592518],
];

/** Mean length of a lunation in days. */
export const LUNATION_DAYS = 29.530588861;
/** Julian day of the mean new moon k = 0, in January 2000. */
export const FIRST_NEW_MOON = 2_451_550.09766;

/** Julian day (UT) of the k-th new moon after January 2000. */
export function newMoonAt(k: number): number {
  const t = k / 1236.85;
  const e = 1 - 0.002516 * t - 0.0000074 * t ** 2;
  const sun = 2.5534 + 29.1053567 * k - 0.0000014 * t ** 2 - 0.00000011 * t ** 3;
  const moon = 201.5643 + 385.81693528 * k + 0.0107582 * t ** 2 + 0.00001238 * t ** 3 - 0.000000058 * t ** 4;
  const node = 124.7746 - 1.56375588 * k + 0.0020672 * t ** 2 + 0.00000215 * t ** 3;
  const latitude =
    160.7108 + 390.67050284 * k - 0.0016118 * t ** 2 - 0.00000227 * t ** 3 + 0.000000011 * t ** 4;

  let days = FIRST_NEW_MOON + LUNATION_DAYS * k;
  days += 0.00015437 * t ** 2 - 0.00000015 * t ** 3 + 0.00000000073 * t ** 4;
  for (const [amplitude, m, n, f, power] of NEW_MOON_TERMS) {
    days += amplitude * e ** power * sinDegrees(m * sun + n * moon + f * latitude);
  }
  days -= 0.00017 * sinDegrees(node);
  for (const [index, [amplitude, at0, perMonth]] of PLANET_TERMS.entries()) {
    const slowing = index === 0 ? -0.009173 * t ** 2 : 0;
    days += amplitude * sinDegrees(at0 + perMonth * k + slowing);
  }
  return days - earthLagDays(days);
}

/** The sun's apparent longitude in degrees, 0 to 360, at a Julian day (UT). */
export function sunLongitude(julianDay: number): number {
  const t = (julianDay + earthLagDays(julianDay) - 2_451_545) / 36_525;
  const mean = 280.46646 + 36_000.76983 * t + 0.0003032 * t ** 2;
  const anomaly = 357.52911 + 35_999.05029 * t - 0.0001537 * t ** 2;
  const centre =
    (1.914602 - 0.004817 * t - 0.000014 * t ** 2) * sinDegrees(anomaly) +
    (0.019993 - 0.000101 * t) * sinDegrees(2 * anomaly) +
    0.000289 * sinDegrees(3 * anomaly);
  const apparent = mean + centre - 0.00569 - 0.00478 * sinDegrees(125.04 - 1_934.136 * t);
  return ((apparent % 360) + 360) % 360;
}

/**
 * TT minus UT in days. Polynomials of Espenak and Meeus (NASA, *Five Millennium Canon*) for 1961 to 2150; outside,
 * their long-term parabola. A minute of error matters only for a new moon within that minute of midnight.
 */
function earthLagDays(julianDay: number): number {
  const year = 2000 + (julianDay - 2_451_544.5) / 365.2425;
  return earthLagSec(year) / 86_400;
}

function earthLagSec(year: number): number {
  if (year >= 1961 && year < 1986) {
    const t = year - 1975;
    return 45.45 + 1.067 * t - t ** 2 / 260 - t ** 3 / 718;
  }
  if (year >= 1986 && year < 2005) {
    const t = year - 2000;
    return (
      63.86 +
      0.3345 * t -
      0.060374 * t ** 2 +
      0.0017275 * t ** 3 +
      0.000651814 * t ** 4 +
      0.00002373599 * t ** 5
    );
  }
  if (year >= 2005 && year < 2050) {
    const t = year - 2000;
    return 62.92 + 0.32217 * t + 0.005589 * t ** 2;
  }
  const longTerm = -20 + 32 * ((year - 1820) / 100) ** 2;
  return year >= 2050 && year < 2150 ? longTerm - 0.5628 * (2150 - year) : longTerm;
}
