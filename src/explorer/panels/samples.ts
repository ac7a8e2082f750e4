import { byId, element, fill } from '../dom/element.ts';
import { inShort } from '../pictures/numbers.ts';
import { type Bin, drawChance, drawSamples } from '../pictures/samples.ts';
import type { Seen } from '../results/seen.ts';
import { fromJson } from '../tensors/tensor.ts';
import { createFigure } from './figure.ts';
import type { PageContext, Panel } from './view.ts';

/** Returns the panel that shows both histograms of samples, and what chance alone makes of their divergence. */
export function createSamples({ store }: PageContext): Panel {
  const [histograms, chance] = [createFigure('samples'), createFigure('chance', 560)];
  const words = element('p');
  const key = element(
    'p',
    { class: 'legend' },
    element('span', { class: 'entry' }, element('span', { class: 'swatch target' }), 'P, from target'),
    element('span', { class: 'entry' }, element('span', { class: 'swatch input' }), 'Q, from input'),
  );
  fill(byId('samples-body'), key, histograms.dom, element('h3', {}, 'Is it more than chance?'), words, chance.dom);
  let seen: Seen | undefined;
  const draw = () => {
    const bins = seen && binsOf(seen, store.state().distribution);
    byId('samples').hidden = bins === undefined && seen?.answer.sampling === undefined;
    histograms.dom.hidden = bins === undefined;
    key.hidden = bins === undefined;
    if (bins !== undefined)
      histograms.show(
        (width) => drawSamples(bins, width),
        'The outer bins are open: they hold what lies beyond their edges too.',
        () => bins.map(({ name, p, q }) => `${name}\t${p}\t${q}`).join('\n'),
      );
    if (seen !== undefined) drawNoise(seen, store.state().distribution);
  };
  const drawNoise = ({ answer: { sampling }, perDistribution, noun }: Seen, distribution: number) => {
    const at = (value: unknown) => (value === undefined ? Number.NaN : fromJson(value).data[distribution]);
    const [expected, bound, p] = [at(sampling?.expected_by_chance), at(sampling?.chance_bound), at(sampling?.p_value)];
    const value = perDistribution.data[distribution];
    chance.dom.hidden = !Number.isFinite(expected) || !Number.isFinite(bound);
    if (sampling === undefined) return fill(words);
    const verdict = Number.isFinite(bound)
      ? value > bound
        ? `${noun} is more than chance makes of it in 95 of 100 cases. `
        : `Chance alone makes as much of ${noun} often enough. `
      : '';
    fill(words, `${verdict}${at(sampling.input_size)} and ${at(sampling.target_size)} observations; p-value of the G-test ${inShort(p)}.`);
    if (!chance.dom.hidden)
      chance.show(
        (width) => drawChance({ value, expected, bound }, width),
        'Grey: what both sides would show in 95 of 100 cases if they came from one distribution; dashed: on average.',
        () => `value\t${value}\nexpected_by_chance\t${expected}\nchance_bound\t${bound}`,
      );
  };
  store.subscribe((state, before) => {
    if (state.distribution !== before.distribution) draw();
  });
  return {
    show(answered) {
      seen = answered;
      draw();
    },
  };
}

/** Returns the bins of one distribution; open ends stand a bin's width beyond the last edge. */
function binsOf({ answer: { bins } }: Seen, distribution: number): Bin[] | undefined {
  if (bins === undefined) return undefined;
  const edges = bins.edges?.map(Number);
  const count = bins.categories?.length ?? (edges?.length ?? 1) - 1;
  const shares = (['target', 'input'] as const).map((side) => {
    const counts = fromJson(bins.counts[side]).data.subarray(distribution * count, (distribution + 1) * count);
    const sum = counts.reduce((total, one) => total + one, 0);
    return counts.map((one) => one / sum);
  });
  const finite = edges?.filter(Number.isFinite) ?? [];
  const width = finite.length > 1 ? finite[1] - finite[0] : 1;
  const edge = (place: number) => {
    const value = edges?.[place] ?? Number.NaN;
    if (Number.isFinite(value) || edges === undefined) return value;
    return value < 0 ? finite[0] - width : (finite.at(-1) ?? 0) + width;
  };
  return Array.from({ length: count }, (_, place) => ({
    name: bins.categories?.[place] ?? `${edges?.[place]} – ${edges?.[place + 1]}`,
    from: edge(place),
    to: edge(place + 1),
    p: shares[0][place],
    q: shares[1][place],
  }));
}
