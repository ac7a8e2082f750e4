import { element, fill } from '../dom/element.ts';
import { fileEndings } from '../files/open-file.ts';
import { grouped } from '../pictures/numbers.ts';
import { chosenPart } from '../results/body.ts';
import type { Finding } from '../state/findings.ts';
import type { Attached, SideName, State, Store } from '../state/state.ts';
import { createEditor } from './editor.ts';
import { showIn } from './show-findings.ts';

/** The place of one tensor of the request: its editor, or the file that it comes from, and what is said of it. */
export type OperandEditor = {
  readonly dom: HTMLElement;
  readonly show: (state: State) => void;
  readonly showFindings: (findings: readonly Finding[], firstLine: number) => void;
};

type Words = { readonly label: string; readonly meaning: string; readonly onFiles: (files: readonly File[]) => void };

/** Returns the place of a tensor. Files are dropped on it or chosen. */
export function createOperand(name: SideName | 'weights', store: Store, { label, meaning, onFiles }: Words): OperandEditor {
  const editor = createEditor(`${label}: JSON, or rows of numbers`, (text) =>
    store.change({ texts: { ...store.state().texts, [name]: text } }),
  );
  const place = element('div', { class: 'card' });
  let card: Card | undefined;
  const said = element('ul', { class: 'said' });
  const chooser = element('input', {
    type: 'file',
    accept: fileEndings.join(','),
    multiple: name !== 'weights',
    'aria-label': `Open a file as ${label}`,
    onchange: () => {
      onFiles([...(chooser.files ?? [])]);
      chooser.value = '';
    },
  });
  const dom = element(
    'div',
    { class: `operand ${name}` },
    element(
      'div',
      { class: 'bar' },
      element('h3', {}, element('code', {}, label), ` ${meaning}`),
      element('label', { class: 'file' }, chooser, element('span', {}, 'Open a file')),
    ),
    editor.dom,
    place,
    said,
  );
  dropFiles(dom, onFiles);
  return {
    dom,
    show(state) {
      const attached = name === 'weights' ? undefined : state.attached[name];
      editor.dom.hidden = attached !== undefined;
      place.hidden = attached === undefined;
      editor.setText(state.texts[name]);
      if (name === 'weights' || attached === undefined) {
        card = undefined;
        return;
      }
      if (card?.tensors !== attached.tensors) {
        card = cardOf(name, store, attached);
        fill(place, card.parts);
      }
      card.show(attached);
    },
    showFindings(findings, firstLine) {
      fill(said, showIn(editor, findings, firstLine));
    },
  };
}

/** What stands in the place of an editor while a file does. Its elements stay as long as the file does, and the focus stays on them. */
type Card = { readonly tensors: Attached['tensors']; readonly parts: HTMLElement[]; readonly show: (attached: Attached) => void };

/** A tensor of a file: which one, which part, and how to be rid of it. */
function cardOf(name: SideName, store: Store, { file, tensors }: Attached): Card {
  const change = (part: Partial<Attached>) => {
    const { attached } = store.state();
    const own = attached[name];
    if (own !== undefined) store.change({ attached: { ...attached, [name]: { ...own, ...part } } });
  };
  const select = element(
    'select',
    { onchange: () => change({ chosen: select.value, slice: '' }) },
    [...tensors].map(([tensor, { dtype, shape }]) => element('option', { value: tensor }, `${tensor}: ${dtype} (${shape.join(', ')})`)),
  );
  const cut = element('input', {
    type: 'text',
    placeholder: ':',
    spellcheck: 'false',
    onchange: () => change({ slice: cut.value }),
  });
  const remove = () => {
    const { [name]: _, ...attachedOthers } = store.state().attached;
    store.change({ attached: attachedOthers });
  };
  const size = element('span');
  return {
    tensors,
    parts: [
      element('p', {}, element('strong', {}, file), ', sent as bytes: ', size),
      element('label', {}, 'tensor ', select),
      element('label', {}, 'slice ', cut, element('span', { class: 'hint' }, ' as in NumPy: 0, :100')),
      element('button', { type: 'button', onclick: remove }, 'Remove the file'),
    ],
    show(attached) {
      select.value = attached.chosen;
      if (cut.value !== attached.slice) cut.value = attached.slice;
      size.textContent = sizeInWords(attached);
    },
  };
}

function sizeInWords(attached: Attached): string {
  try {
    const { shape, bytes } = chosenPart(attached);
    return `(${shape.join(', ')}), ${grouped(shape.reduce((product, length) => product * length, 1))} numbers, ${grouped(Math.ceil(bytes.byteLength / 1024))} KiB`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function dropFiles(target: HTMLElement, onFiles: (files: readonly File[]) => void): void {
  const over = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault();
    target.classList.toggle('over', isOver);
  };
  target.addEventListener('dragover', over(true), { capture: true });
  target.addEventListener('dragleave', over(false), { capture: true });
  target.addEventListener(
    'drop',
    (event) => {
      over(false)(event);
      // CodeMirror would put the file's text at the pointer
      if (event.dataTransfer !== null && event.dataTransfer.files.length > 0) {
        event.stopPropagation();
        onFiles([...event.dataTransfer.files]);
      }
    },
    { capture: true },
  );
}
