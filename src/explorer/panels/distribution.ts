import { byId, element, fill } from '../dom/element.ts';
import { indexInWords, inShort } from '../pictures/numbers.ts';
import { captionOfOutcomes, drawOutcomes } from '../pictures/outcomes.ts';
import { type OutcomeRow, outcomesOf } from '../results/one-distribution.ts';
import type { Seen } from '../results/seen.ts';
import type { State } from '../state/state.ts';
import { indexOf } from '../tensors/tensor.ts';
import { createFigure } from './figure.ts';
import type { PageContext, Panel } from './view.ts';

/** Returns the panel that shows P and Q of one distribution, outcome by outcome. */
export function createDistribution({ store, info }: PageContext): Panel {
  const figure = createFigure('distribution');
  const heading = element('p', { class: 'which' });
  const message = element('p', { class: 'aside' });
  const step = (by: number) => () => store.change({ distribution: store.state().distribution + by });
  const [previous, next] = [
    element('button', { type: 'button', onclick: step(-1) }, '← Previous'),
    element('button', { type: 'button', onclick: step(1) }, 'Next →'),
  ];
  const check = (name: 'sorted' | 'logarithmic', label: string) => {
    const box = element('input', { type: 'checkbox', onchange: () => store.change({ [name]: box.checked }) });
    return { box, name, dom: element('label', {}, box, ` ${label}`) };
  };
  const checks = [check('sorted', 'largest terms first'), check('logarithmic', 'log scale')];
  fill(
    byId('distribution-body'),
    element('div', { class: 'bar' }, heading, previous, next, ...checks.map(({ dom }) => dom)),
    message,
    figure.dom,
  );
  let seen: Seen | undefined;
  /** The request that was answered: the visitor may have changed it since. */
  let asked: State | undefined;
  let loading = new AbortController();
  let shown: readonly OutcomeRow[] = [];

  const draw = ({ sorted, logarithmic }: State) => {
    figure.show(
      (width) => drawOutcomes(shown, { sorted, logarithmic, width }),
      captionOfOutcomes(shown),
      () => ['outcome\tP\tQ\tterm', ...shown.map(({ name, p, q, term }) => `${name}\t${p}\t${q}\t${term}`)].join('\n'),
    );
  };
  const load = async () => {
    const known = info();
    if (seen === undefined || known === undefined || asked === undefined) return;
    const { answer, perDistribution } = seen;
    const view = store.state();
    const distribution = Math.max(0, Math.min(answer.distributions - 1, view.distribution));
    if (distribution !== view.distribution) return store.change({ distribution });
    previous.disabled = distribution === 0;
    next.disabled = distribution === answer.distributions - 1;
    for (const { box, name } of checks) box.checked = view[name];
    const index = perDistribution.shape.length === 0 ? '' : ` ${indexInWords(indexOf(distribution, perDistribution.shape))}`;
    fill(
      heading,
      `Distribution${index}, ${distribution + 1} of ${answer.distributions}: `,
      element('strong', {}, inShort(perDistribution.data[distribution])),
    );
    loading.abort();
    loading = new AbortController();
    const { signal } = loading;
    const rows = await outcomesOf(distribution, seen, asked, { info: known, signal }).catch((error: unknown) =>
      signal.aborted ? undefined : String(error instanceof Error ? error.message : error),
    );
    if (rows === undefined || signal.aborted) return;
    figure.dom.hidden = typeof rows === 'string';
    message.hidden = typeof rows !== 'string';
    if (typeof rows === 'string') return fill(message, rows);
    shown = rows;
    draw(store.state());
  };
  store.subscribe((state, before) => {
    if (state.distribution !== before.distribution) load();
    else if (state.sorted !== before.sorted || state.logarithmic !== before.logarithmic) draw(state);
  });
  return {
    show(answered, state) {
      // what follows later is about the same divergences, and may have the derivation
      const isSame = seen?.perDistribution === answered.perDistribution && seen?.explanation === answered.explanation;
      seen = answered;
      asked = state;
      if (!isSame) load();
    },
  };
}
