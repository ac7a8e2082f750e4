import { byId, element, fill } from '../dom/element.ts';
import { createOperand, type OperandEditor } from '../editors/operand.ts';
import type { Finding } from '../state/findings.ts';
import { firstLines } from '../state/request.ts';
import type { SideName, State } from '../state/state.ts';
import { takeFiles } from '../state/take-files.ts';
import { say } from './copy.ts';
import { createOptions } from './options.ts';
import type { PageContext } from './view.ts';

type RequestPanel = {
  readonly show: (state: State) => void;
  readonly showFindings: (findings: readonly Finding[], state: State) => void;
};

const names = ['input', 'target', 'weights'] as const;

const meanings: Readonly<Record<(typeof names)[number], string>> = {
  input: '· Q, the model',
  target: '· P, the data',
  weights: '· one for each distribution; 0 is not read',
};

/** Returns the panel with everything that a request holds: its tensors and its options. */
export function createRequest(context: PageContext): RequestPanel {
  const { store } = context;
  const take = (side: SideName | 'weights') => async (files: readonly File[]) => {
    try {
      store.change(await takeFiles(files, side, store.state()));
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  const editors = Object.fromEntries(
    names.map((name) => [name, createOperand(name, store, { label: name, meaning: meanings[name], onFiles: take(name) })]),
  ) as Record<(typeof names)[number], OperandEditor>;
  const weights = element('details', { class: 'weights' }, element('summary', {}, 'Weights'), editors.weights.dom);
  const options = createOptions(context);
  fill(byId('request-body'), editors.input.dom, editors.target.dom, weights, options.dom);
  return {
    show(state) {
      for (const name of names) editors[name].show(state);
      if (state.texts.weights.trim() !== '') weights.open = true;
      options.show(state);
    },
    showFindings(findings, state) {
      const lines = firstLines(state);
      for (const name of names) {
        const own = findings.filter(({ field }) => field === name);
        editors[name].showFindings(own, lines.find((one) => one.name === name)?.line ?? 0);
        if (name === 'weights' && own.length > 0) weights.open = true;
      }
      options.showFindings(findings);
    },
  };
}
