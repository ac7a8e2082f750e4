import type { ParametricComparison } from '../closed-forms/closed-forms.ts';
import { hasTerms } from '../closed-forms/closed-forms.ts';
import { parametricKind } from '../closed-forms/parametric-kinds.ts';
import type { Side } from '../closed-forms/side.ts';
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

function constructed({ kind, axes }: ParametricComparison, { name, parameters }: Side): string {
  const { torch } = parametricKind(kind);
  if (parameters.log_variance !== undefined) return `${torch}(${name}["loc"], (${name}["log_variance"] / 2).exp())`;
  const moved = kind === 'dirichlet' && axes.shape.length > 0;
  return moved ? `${torch}(${name}["concentration"].movedim(${axes.dims.join(', ')}, -1))` : `${torch}(**${name})`;
}
