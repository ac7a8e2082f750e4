import { byId, element, fill } from '../dom/element.ts';
import type { Place } from '../pictures/geometry.ts';
import { drawGrid, type Grid } from '../pictures/grid.ts';
import { counted, indexInWords, inShort } from '../pictures/numbers.ts';
import type { Seen } from '../results/seen.ts';
import { isWeighted } from '../state/request.ts';
import type { State } from '../state/state.ts';
import { layoutOf } from '../tensors/layout.ts';
import { indexOf, positionOf, sizeOf, type Tensor } from '../tensors/tensor.ts';
import { stepsOf } from '../text/locate.ts';
import { copyText } from './copy.ts';
import { equationList, tensorNotes } from './equation-list.ts';
import { valuesAsText } from './equations.ts';
import { createFigure } from './figure.ts';
import { termTable, termText } from './term-table.ts';
import type { PageContext, Panel } from './view.ts';

/** Returns the panel that shows what each reduction divides by: the terms as a grid, and the equations beside it. */
export function createDivisors({ store, info }: PageContext): Panel {
  const figure = createFigure('terms', 900);
  const equations = element('div', { class: 'reductions' });
  const table = element('div', { class: 'numbers' });
  const notes = element('div');
  const readout = element('output', { class: 'readout', for: 'terms' });
  let grid: Grid | undefined;
  let seen: Seen | undefined;
  let place: Place = { row: 0, column: 0 };
  const look = (name: string | undefined) => grid?.showUnits(name ?? store.state().shown);
  const read = (at: Place) => {
    if (grid === undefined || seen === undefined) return;
    place = at;
    grid.showPlace(at);
    readout.textContent = inWords(at, grid, seen);
    store.change({ distribution: grid.layout.distributionAt(at.row, at.column) });
  };
  const [surface, caption] = ['.drawing', 'figcaption'].map((part) => figure.dom.querySelector(part) as HTMLElement);
  makeExplorable(surface, { grid: () => grid, place: () => place, read });
  fill(
    byId('divisors-body'),
    element('div', { class: 'side-by-side' }, element('div', { class: 'grid-side' }, figure.dom, readout, notes), equations),
    table,
  );
  store.subscribe((state, before) => {
    if (state.distribution !== before.distribution) grid?.showDistribution(state.distribution);
    if (state.shown !== before.shown) {
      look(undefined);
      for (const button of equations.querySelectorAll('button'))
        button.setAttribute('aria-pressed', String(button.dataset.reduction === state.shown));
    }
  });
  const showGrid = (answered: Seen & { readonly terms: Tensor }) => {
    const marked = markedPositions(answered);
    const draw = (width: number) => {
      grid = drawGrid(answered, width, marked);
      grid.showUnits(store.state().shown);
      grid.showDistribution(Math.min(store.state().distribution, answered.answer.distributions - 1));
      // the words depend on the width too, and on a hidden page there is none yet
      fill(caption, grid.caption, legend());
      return grid.svg;
    };
    figure.show(draw, '', () => termText(answered));
    const ringed = `Ringed: ${counted(marked.length, 'element')} that a warning names.`;
    readout.textContent = marked.length === 0 ? 'Point at a cell, or use the arrow keys.' : ringed;
  };
  const showEquations = (answered: Seen, state: State) => {
    const { terms, answer } = answered;
    const shape = terms?.shape ?? (answer.shape.length === 0 ? [1] : answer.shape);
    const copy = () => copyText(valuesAsText(answered), 'Values copied');
    fill(
      equations,
      equationList(answered, layoutOf(shape, answer.dim), {
        isWeighted: isWeighted(state),
        shown: store.state().shown,
        info: info(),
        onShow: (name) => store.change({ shown: name }),
        onLook: look,
      }),
      element('button', { type: 'button', class: 'copy', onclick: copy }, 'Copy values'),
    );
  };
  return {
    show(answered, state) {
      // what follows later is about the same terms
      const isDrawn = seen?.perDistribution === answered.perDistribution;
      seen = answered;
      if (isDrawn) return;
      const { terms } = answered;
      grid = undefined;
      figure.dom.hidden = terms === undefined;
      if (terms === undefined) readout.textContent = 'These divergences are no sums of terms: there is one number for each distribution.';
      else showGrid({ ...answered, terms });
      showEquations(answered, state);
      fill(notes, tensorNotes(answered));
      fill(table, termTable(answered));
    },
  };
}

/** Lets the pointer and the arrow keys walk over the cells. */
function makeExplorable(
  surface: HTMLElement,
  { grid, place, read }: { readonly grid: () => Grid | undefined; readonly place: () => Place; readonly read: (at: Place) => void },
): void {
  surface.id = 'terms';
  surface.tabIndex = 0;
  surface.setAttribute('role', 'group');
  surface.setAttribute('aria-label', 'Terms. The arrow keys go from cell to cell, and choose the distribution that is shown below.');
  const point = (event: PointerEvent) => {
    const at = grid()?.placeOf(event);
    if (at !== undefined) read(at);
  };
  surface.addEventListener('pointermove', point);
  // a finger touches without a move
  surface.addEventListener('pointerdown', point);
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  surface.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    const layout = grid()?.layout;
    if (step === undefined || layout === undefined) return;
    event.preventDefault();
    const { row, column } = place();
    const within = (value: number, end: number) => Math.min(end - 1, Math.max(0, value));
    read({ row: within(row + step[0], layout.rows), column: within(column + step[1], layout.columns) });
  });
}

/** What stands at a place: its index, the name of its outcome, P, Q and the term. */
function inWords({ row, column }: Place, { layout }: Grid, { terms, sides, answer, outcomes }: Seen): string {
  if (terms === undefined) return '';
  const position = layout.positionAt(row, column);
  const distribution = layout.distributionAt(row, column);
  const outcome = outcomes?.[distribution]?.[position % (answer.shape.at(-1) ?? 1)];
  return [
    `Element ${indexInWords(indexOf(position, terms.shape))}${outcome === undefined ? '' : ` (${outcome ?? 'the rest'})`}`,
    `distribution ${distribution + 1}`,
    ...(sides === undefined ? [] : [`P = ${inShort(sides.p[position])}`, `Q = ${inShort(sides.q[position])}`]),
    `term ${inShort(terms.data[position])}`,
  ].join(' · ');
}

/** Returns the positions of the elements that warnings name by their indices, and those that they point at. */
function markedPositions({ answer, terms }: Seen): number[] {
  const shape = terms?.shape ?? [];
  const positions = answer.warnings
    .filter(({ code }) => code !== 'NEGATIVE_TERMS')
    .flatMap(({ details, pointer }) => {
      const pointed = /^#\/(input|target)\//.test(pointer) ? [stepsOf(pointer).slice(1).map(Number)] : [];
      return [...(details.indices ?? []), ...pointed].filter(
        (index) => index.length === shape.length && index.every((step, axis) => step < shape[axis]),
      );
    });
  return [...new Set(positions.map((index) => positionOf(index, shape)))].filter((position) => position < sizeOf(shape));
}

function legend(): HTMLElement {
  return element(
    'span',
    { class: 'legend' },
    element('span', { class: 'entry' }, element('span', { class: 'swatch target' }), 'above 0: P, from target, is the larger'),
    element('span', { class: 'entry' }, element('span', { class: 'swatch input' }), 'below 0: Q, from input, is the larger'),
  );
}
