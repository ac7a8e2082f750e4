import type { Axes } from '../../tensor/axes.ts';
import type { ParametricComparison } from '../closed-forms/closed-forms.ts';
import { hasTerms } from '../closed-forms/closed-forms.ts';
import { parametricKind } from '../closed-forms/parametric-kinds.ts';
import type { Parameter, Side } from '../closed-forms/side.ts';
import type { Base } from '../log-base.ts';
import type { Totals } from '../reductions.ts';
import type { Convention } from './convention.ts';

/** What one would type with torch.distributions, where `input` and `target` are dicts of float64 tensors, and what it answers. */
export function torchDistribution(comparison: ParametricComparison, shape: readonly number[], base: Base, hand: Totals): Convention {
  const { axes, sides, kind } = comparison;
  const isPerElement = hasTerms(kind);
  const unit = base === 'e' ? '' : ` / math.log(${base})`;
  return {
    library: 'PyTorch',
    expression: `kl_divergence(${constructed(comparison, sides.target)}, ${constructed(comparison, sides.input)})${unit}`,
    value: isPerElement ? { shape, data: hand.terms } : { shape: axes.shape, data: hand.perDistribution },
    note: `${isPerElement ? 'element by element' : 'per distribution'}; by the formula as it stands, which loses its digits where both sides are nearly equal`,
  };
}

/** Torch takes the outcomes of a Dirichlet along the last axis, and a vector where ours may be one number. */
function constructed({ kind, axes }: ParametricComparison, { name, parameters }: Side): string {
  const { torch } = parametricKind(kind);
  const typed = (parameter: string) => `${name}["${parameter}"]`;
  const { loc, concentration, log_variance: logVariance, ...others } = parameters;
  const size = axes.outcomeOffsets.length;
  if (logVariance !== undefined) return `${torch}(${typed('loc')}, (${typed('log_variance')} / 2).exp())`;
  if (kind === 'multivariate_normal' && loc !== undefined && isNumber(loc)) {
    const [matrix] = Object.keys(others);
    return `${torch}(${typed('loc')}.expand(${size}), ${matrix}=${typed(matrix)})`;
  }
  if (kind !== 'dirichlet' || concentration === undefined) return `${torch}(**${name})`;
  return `${torch}(${typed('concentration')}${isNumber(concentration) ? `.expand(${size})` : toLastAxis(axes)})`;
}

function isNumber({ data, isShared }: Parameter): boolean {
  return isShared && data.length === 1;
}

/** What makes one axis, the last, of those that distributions lie along. */
function toLastAxis({ dims, shape }: Axes): string {
  const moved = dims[0] === shape.length ? '' : `.movedim(${inTorch(dims)}, ${inTorch(dims.map((_, axis) => axis - dims.length))})`;
  return dims.length === 1 ? moved : `${moved}.flatten(${-dims.length})`;
}

function inTorch(axes: readonly number[]): string {
  return axes.length === 1 ? String(axes[0]) : `(${axes.join(', ')})`;
}
