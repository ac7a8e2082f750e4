import { float64s } from '../../memory/small-arrays.ts';
import { dirichletGap } from './dirichlet-gap.ts';
import { columnOf, type Joint, parameterOf, valueAt } from './side.ts';

/** Of the concentrations along `dim`. */
export const dirichlet: Joint = (p, q, { axes: { distributionOffsets, outcomeOffsets }, check }) => {
  const [ofP, ofQ] = [p, q].map((side) => columnOf(parameterOf(side, 'concentration')));
  const a = float64s(outcomeOffsets.length);
  const b = float64s(outcomeOffsets.length);
  return (d) => {
    check();
    for (let k = 0; k < outcomeOffsets.length; k++) {
      a[k] = valueAt(ofP, distributionOffsets[d] + outcomeOffsets[k]);
      b[k] = valueAt(ofQ, distributionOffsets[d] + outcomeOffsets[k]);
    }
    return dirichletGap(a, b);
  };
};
