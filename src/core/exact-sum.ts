/**
 * A sum without rounding: a fixed-point number with room for every product of three float64s, in limbs of 32 bits, each of which holds
 * carries of 2¹⁹ additions. Its value does not depend on the order of the summands, nor on how they were divided into sums that were added
 * later. Radford Neal, Fast exact summation using small and large superaccumulators, arXiv:1505.05571
 */
export class ExactSum {
  readonly #limbs = new Float64Array(limbCount);
  #additions = 0;
  /** How many summands were not finite. */
  #infinite = { up: 0, down: 0, none: 0 };

  add(value: number): void {
    if (Number.isFinite(value)) this.#addAt(value, 0);
    else this.#addInfinite(value);
  }

  /** Adds the exact product of some numbers, up to three. One of 0 makes it 0, whatever the others are. */
  addProduct(x: number, y: number, z = 1): void {
    if (x === 0 || y === 0 || z === 0) return;
    if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) {
      this.#addInfinite(x * y * z);
      return;
    }
    const [mx, my, mz] = [fractionOf(x), fractionOf(y), fractionOf(z)];
    const exponent = exponentOf(x) + exponentOf(y) + exponentOf(z);
    const product = mx * my;
    for (const part of [product, lostInProduct(mx, my, product)]) {
      if (part === 0) continue;
      const all = part * mz;
      this.#addAt(all, exponent);
      this.#addAt(lostInProduct(part, mz, all), exponent);
    }
  }

  /** Adds what another sum holds. */
  merge(other: ExactSum): void {
    other.#carry();
    for (let limb = 0; limb < limbCount; limb++) this.#limbs[limb] += other.#limbs[limb];
    for (const sign of ['up', 'down', 'none'] as const) this.#infinite[sign] += other.#infinite[sign];
    this.#countAddition();
  }

  /** The sum, rounded once to the nearest float64, of two equally near ones to the even. */
  value(): number {
    const { up, down, none } = this.#infinite;
    if (none > 0 || (up > 0 && down > 0)) return Number.NaN;
    if (up + down > 0) return up > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    const { digits, limb } = this.#held();
    return roundedFrom(digits, lowestBit + 32 * limb);
  }

  /** Whether every summand was finite. */
  isFinite(): boolean {
    const { up, down, none } = this.#infinite;
    return up + down + none === 0;
  }

  /** The finite summands in units of 2^`lowestBit`. */
  units(): bigint {
    const { digits, limb } = this.#held();
    return digits << BigInt(32 * limb);
  }

  /** What the limbs hold from the lowest on that is not 0. */
  #held(): { digits: bigint; limb: number } {
    this.#carry();
    const lowest = Math.max(0, this.#limbs.findIndex(Boolean));
    let digits = 0n;
    for (let limb = this.#limbs.findLastIndex(Boolean); limb >= lowest; limb--) digits = (digits << 32n) + BigInt(this.#limbs[limb]);
    return { digits, limb: lowest };
  }

  /** The sum as text, for `ExactSum.from`. */
  toJSON(): string {
    const { up, down, none } = this.#infinite;
    const { digits, limb } = this.#held();
    return [digits.toString(36), limb, up, down, none].join(' ');
  }

  static from(text: string): ExactSum {
    const [digits, limb, up, down, none] = text.split(' ');
    const sum = new ExactSum();
    const isNegative = digits.startsWith('-');
    let units = 0n;
    for (const digit of isNegative ? digits.slice(1) : digits) units = units * 36n + BigInt(Number.parseInt(digit, 36));
    for (let at = Number(limb); units !== 0n; at++, units >>= 32n) sum.#limbs[at] = Number(units & 0xffffffffn) * (isNegative ? -1 : 1);
    sum.#infinite = { up: Number(up), down: Number(down), none: Number(none) };
    return sum;
  }

  #addInfinite(value: number): void {
    if (Number.isNaN(value)) this.#infinite.none++;
    else if (value > 0) this.#infinite.up++;
    else this.#infinite.down++;
  }

  /** Adds value·2^exponent: the 53 bits of the value fall into three limbs. */
  #addAt(value: number, exponent: number): void {
    asNumber[0] = value;
    const lower = asBits[0];
    const biased = (asBits[1] >>> 20) & 0x7ff;
    const upper = (asBits[1] & 0xfffff) | (biased === 0 ? 0 : 0x100000);
    const bit = Math.max(biased, 1) - 1075 + exponent - lowestBit;
    const limb = bit >>> 5;
    const shift = bit & 31;
    const sign = value < 0 ? -1 : 1;
    // a shift by 32 would be one by 0
    const [lowerRest, upperRest] = shift === 0 ? [0, 0] : [lower >>> (32 - shift), upper >>> (32 - shift)];
    this.#limbs[limb] += sign * ((lower << shift) >>> 0);
    this.#limbs[limb + 1] += sign * (((upper << shift) >>> 0) + lowerRest);
    this.#limbs[limb + 2] += sign * upperRest;
    this.#countAddition();
  }

  #countAddition(): void {
    if (++this.#additions === additionsBetweenCarries) this.#carry();
  }

  /** Brings every limb but the last, which has the sign, to 0 to 2³² - 1. */
  #carry(): void {
    for (let limb = 0; limb < limbCount - 1; limb++) {
      const carried = Math.floor(this.#limbs[limb] / 2 ** 32);
      this.#limbs[limb] -= carried * 2 ** 32;
      this.#limbs[limb + 1] += carried;
    }
    this.#additions = 0;
  }
}

/** The unit of a sum: all bits of a product of three float64s lie above it. A multiple of 32. */
export const lowestBit = -3392;

const limbCount = (3136 - lowestBit) / 32;

const additionsBetweenCarries = 2 ** 19;

const asNumber = new Float64Array(1);
const asBits = new Uint32Array(asNumber.buffer);

/**
 * x without its exponent, as `exponentOf` tells it: from 1 to 2, and below 1 where |x| is below 2⁻¹⁰²². A multiple of 2⁻⁵² in any case, so
 * that products of three lose nothing at the lower end of float64.
 */
function fractionOf(value: number): number {
  return value / 2 ** Math.min(exponentOf(value), 1000) / 2 ** Math.max(0, exponentOf(value) - 1000);
}

function exponentOf(value: number): number {
  asNumber[0] = value;
  return Math.max((asBits[1] >>> 20) & 0x7ff, 1) - 1023;
}

/** What rounding takes from the product x·y, exactly. Dekker, with Veltkamp's splitting: doi:10.1007/BF01397083 */
export function lostInProduct(x: number, y: number, product: number): number {
  const upperX = upperHalf(x);
  const upperY = upperHalf(y);
  const [lowerX, lowerY] = [x - upperX, y - upperY];
  return lowerX * lowerY - (product - upperX * upperY - lowerX * upperY - upperX * lowerY);
}

/** The upper 26 bits of a number. */
function upperHalf(x: number): number {
  const shifted = x * 134217729;
  return shifted - (shifted - x);
}

/** units·2^exponent, rounded to the nearest float64, of two equally near ones to the even. */
export function roundedFrom(units: bigint, exponent: number): number {
  if (units < 0n) return -roundedFrom(-units, exponent);
  const length = units.toString(16).length * 4;
  let dropped = Math.max(0, length - 56, -1074 - exponent);
  // the length is one of whole digits of four bits
  while (units >> BigInt(dropped) >= 1n << 53n) dropped++;
  const cut = BigInt(dropped);
  const kept = units >> cut;
  const rest = units - (kept << cut);
  const half = dropped === 0 ? 0n : 1n << (cut - 1n);
  const isUp = dropped > 0 && (rest > half || (rest === half && (kept & 1n) === 1n));
  return scaled(Number(kept + (isUp ? 1n : 0n)), dropped + exponent);
}

function scaled(value: number, exponent: number): number {
  return exponent > 1000 ? value * 2 ** 1000 * 2 ** (exponent - 1000) : value * 2 ** exponent;
}
