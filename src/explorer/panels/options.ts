import { element, fill } from '../dom/element.ts';
import { labelledLine } from '../dom/line.ts';
import type { Info } from '../service/answers.ts';
import type { Finding } from '../state/findings.ts';
import { type Option, options } from '../state/options.ts';
import type { State } from '../state/state.ts';
import type { PageContext } from './view.ts';

type Row = {
  readonly option: Option;
  readonly dom: HTMLElement;
  readonly show: (text: string, info: Info | undefined) => void;
  readonly said: HTMLElement;
};

/** Returns the options of a request, of which only those are shown that its kind knows. */
export function createOptions(context: PageContext) {
  const rows = options.map((option) => rowOf(option, context));
  return {
    dom: element(
      'div',
      { class: 'options' },
      rows.map(({ dom }) => dom),
    ),
    show(state: State) {
      const info = context.info();
      const kind = state.options.input_kind || 'logits';
      for (const { option, dom, show } of rows) {
        const isShown = (option.appliesTo?.(kind) ?? true) && (info === undefined || (option.isKnown?.(info) ?? true));
        // what is set stays in sight, even where it means nothing: the service says so
        dom.hidden = !isShown && (state.options[option.name] ?? '') === '';
        show(state.options[option.name] ?? '', info);
      }
    },
    showFindings(findings: readonly Finding[]) {
      for (const { option, said } of rows) {
        const own = findings.filter(
          ({ field, severity }) => field === option.name && (option.name !== 'reduction' || severity === 'error'),
        );
        fill(
          said,
          own.map(({ severity, code, words }) => element('p', { class: `note ${severity}`, 'data-code': code }, words)),
        );
      }
    },
  };
}

function rowOf(option: Option, { store }: PageContext): Row {
  const said = element('div', { class: 'said' });
  const set = (text: string) => {
    const { [option.name]: _, ...others } = store.state().options;
    store.change({ options: text === '' ? others : { ...others, [option.name]: text } });
  };
  const control = option.several ? checks(option, set) : option.choices ? select(option, set) : field(option, set);
  return { option, dom: element('div', { class: 'option', 'data-option': option.name }, control.dom, said), show: control.show, said };
}

type Control = Pick<Row, 'dom' | 'show'>;

function field({ name, label, hint, fallback = '' }: Option, set: (text: string) => void): Control {
  const input = element('input', {
    type: 'text',
    placeholder: fallback,
    id: `option-${name}`,
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-describedby': `option-${name}-hint`,
    oninput: () => set(input.value),
  });
  return {
    dom: labelledLine(`option-${name}`, label, hint, input),
    show(text) {
      if (input.value !== text) input.value = text;
    },
  };
}

function select({ name, label, hint, fallback, choices }: Option, set: (text: string) => void): Control {
  const list = element('select', { id: `option-${name}`, 'aria-describedby': `option-${name}-hint`, onchange: () => set(list.value) });
  return {
    dom: labelledLine(`option-${name}`, label, hint, list),
    show(text, info) {
      const names = info === undefined ? [] : (choices?.(info) ?? []);
      const known = text === '' || names.includes(text) ? names : [...names, text];
      if (!offers([...list.options], ['', ...known]))
        fill(
          list,
          element('option', { value: '' }, fallback === undefined ? '–' : `(${fallback})`),
          known.map((one) => element('option', { value: one }, one)),
        );
      list.value = text;
    },
  };
}

/** Whether what can be chosen are these values, in this order. */
function offers(choices: readonly { readonly value: string }[], values: readonly string[]): boolean {
  return choices.length === values.length && choices.every(({ value }, place) => value === values[place]);
}

function checks({ name, label, hint, choices }: Option, set: (text: string) => void): Control {
  const list = element('div', { class: 'checks' });
  const boxes = () => [...list.querySelectorAll('input')];
  return {
    dom: element('fieldset', {}, element('legend', {}, label, ' ', element('span', { class: 'hint' }, hint)), list),
    show(text, info) {
      const chosen = text === '' ? [] : text.split(',');
      const names = info === undefined ? [] : (choices?.(info) ?? []);
      const all = [...names, ...chosen.filter((one) => !names.includes(one))];
      if (!offers(boxes(), all)) {
        const change = () =>
          set(
            boxes()
              .filter(({ checked }) => checked)
              .map(({ value }) => value)
              .join(','),
          );
        fill(
          list,
          all.map((one) => element('label', {}, element('input', { type: 'checkbox', value: one, name, onchange: change }), ` ${one}`)),
        );
      }
      for (const box of boxes()) box.checked = chosen.includes(box.value);
    },
  };
}
