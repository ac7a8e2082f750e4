import { byId, element, fill } from '../dom/element.ts';
import { drawHistogram } from '../pictures/histogram.ts';
import { indexInWords, inShort } from '../pictures/numbers.ts';
import { isWeighted } from '../state/request.ts';
import { positionOf, type Tensor } from '../tensors/tensor.ts';
import { createFigure } from './figure.ts';
import type { PageContext, Panel } from './view.ts';

/** Fewer divergences stand beside the grid, and a histogram of them says nothing. */
const fewest = 5;

/** Returns the panel that shows how the divergences of all distributions lie, and which are the largest. */
export function createAll({ store }: PageContext): Panel {
  const figure = createFigure('divergences', 560);
  const largest = element('ol', { class: 'largest' });
  const agreement = element('p', { class: 'aside' });
  fill(
    byId('all-body'),
    element(
      'div',
      { class: 'side-by-side' },
      element('div', {}, figure.dom, agreement),
      element('div', {}, element('h3', {}, 'The largest'), largest),
    ),
  );
  let shown: Tensor | undefined;
  return {
    show({ answer, perDistribution, noun }, state) {
      const { statistics } = answer;
      if (shown === perDistribution) return;
      shown = perDistribution;
      byId('all').hidden = statistics === undefined || answer.distributions < fewest;
      if (statistics === undefined || answer.distributions < fewest) return;
      const values = [...perDistribution.data].filter((value) => !Number.isNaN(value));
      const unread = perDistribution.data.length - values.length;
      const infinite = values.filter((value) => value === Number.POSITIVE_INFINITY).length;
      const missing = [
        unread > 0 ? `${unread} of weight 0 are not read` : '',
        infinite > 0 ? `${infinite} are infinite and not drawn` : '',
      ].filter((words) => words !== '');
      const numbers = () => ['index\tdivergence', ...Array.from(perDistribution.data, (value, place) => `${place}\t${value}`)].join('\n');
      figure.show(
        (width) => drawHistogram(values, statistics, noun, width),
        missing.length === 0 ? '' : `Of ${perDistribution.data.length}: ${missing.join(', ')}.`,
        numbers,
      );
      const { top_1_agreement: top } = statistics;
      const error = (value: unknown) => (value === null || value === undefined ? '' : ` ± ${inShort(Number(value))}`);
      fill(
        agreement,
        `${isWeighted(state) ? 'Weighted mean' : 'Mean'} ${inShort(Number(statistics.mean))}${error(statistics.standard_error)}.`,
        top !== undefined && ` Both sides have the same likeliest outcome in ${(100 * top.share).toFixed(1)} % of the distributions.`,
      );
      const show = (index: readonly number[]) => () => {
        store.change({ distribution: positionOf(index, perDistribution.shape) });
        byId('distribution').scrollIntoView({ block: 'start' });
        byId('distribution-heading').focus({ preventScroll: true });
      };
      fill(
        largest,
        statistics.largest.map(({ index, value }) =>
          element('li', {}, element('button', { type: 'button', onclick: show(index) }, indexInWords(index)), ` ${inShort(Number(value))}`),
        ),
      );
    },
  };
}
