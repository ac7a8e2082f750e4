import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type EditorState, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, drawSelection, EditorView, keymap, lineNumbers, WidgetType } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { element } from '../dom/element.ts';

/** Something that is said of a part of the text. */
export type Mark = { readonly from: number; readonly to: number; readonly severity: 'error' | 'warning' | 'info'; readonly words: string };

export type Editor = {
  readonly dom: HTMLElement;
  readonly text: () => string;
  /** Takes a text that does not come from the visitor. */
  readonly setText: (text: string) => void;
  readonly setMarks: (marks: readonly Mark[]) => void;
  /** Puts the cursor at a part of the text. */
  readonly goTo: (place: { readonly from: number; readonly to: number }) => void;
};

class Remark extends WidgetType {
  readonly mark: Mark;
  constructor(mark: Mark) {
    super();
    this.mark = mark;
  }
  override eq(other: Remark): boolean {
    return other.mark.words === this.mark.words && other.mark.severity === this.mark.severity;
  }
  override toDOM(): HTMLElement {
    // the list below the editor says the same to those who hear the page
    return element('span', { class: `remark ${this.mark.severity}`, 'aria-hidden': 'true' }, this.mark.words);
  }
}

const marksChanged = StateEffect.define<readonly Mark[]>();

const decorations = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    const changed = transaction.effects.find((effect) => effect.is(marksChanged));
    return changed === undefined ? set.map(transaction.changes) : decorated(changed.value, transaction.state);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function decorated(marks: readonly Mark[], { doc }: EditorState): DecorationSet {
  const parts = marks.flatMap((mark) => {
    const [from, to] = [Math.min(mark.from, doc.length), Math.min(mark.to, doc.length)];
    const line = doc.lineAt(from);
    const remark = { from: line.to, to: line.to, decoration: Decoration.widget({ widget: new Remark(mark), side: 1 }) };
    // a mark over several lines would hide the text: its first line stands for it
    const end = Math.min(to, line.to);
    return from === end ? [remark] : [{ from, to: end, decoration: Decoration.mark({ class: `marked ${mark.severity}` }) }, remark];
  });
  const builder = new RangeSetBuilder<Decoration>();
  const sorted = parts.toSorted((a, b) => a.from - b.from || a.decoration.startSide - b.decoration.startSide);
  for (const { from, to, decoration } of sorted) builder.add(from, to, decoration);
  return builder.finish();
}

const theme = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--surface)', fontSize: '13px', maxHeight: 'var(--editor-height, 15rem)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace', lineHeight: '1.5', overflow: 'auto' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--faint)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'var(--selection) !important' },
  '.marked': { textDecoration: 'underline wavy 1px', textUnderlineOffset: '3px' },
  '.marked.error': { textDecorationColor: 'var(--error)', backgroundColor: 'var(--error-ground)' },
  '.marked.warning': { textDecorationColor: 'var(--warning)', backgroundColor: 'var(--warning-ground)' },
  '.marked.info': { textDecorationColor: 'var(--faint)' },
  '.remark': { marginLeft: '1.5em', fontFamily: 'system-ui, sans-serif', fontSize: '12px', padding: '0 .4em', borderRadius: '3px' },
  '.remark.error': { color: 'var(--error)', backgroundColor: 'var(--error-ground)' },
  '.remark.warning': { color: 'var(--warning)', backgroundColor: 'var(--warning-ground)' },
  '.remark.info': { color: 'var(--faint)' },
});

const highlighting = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--string)' },
  { tag: tags.bracket, color: 'var(--faint)' },
]);

// where text is typed over several lines, Chromium keeps their style in an attribute, which the policy of the page refuses with an error
const typingOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data } = event;
    if (inputType !== 'insertText' || data === null || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(data), { scrollIntoView: true, userEvent: 'input.type' });
    return true;
  },
});

/**
 * Returns an editor for JSON or rows of numbers. It stands in a shadow root, where CodeMirror needs no style element. Long lines are
 * wrapped on demand: rows of numbers stay in their columns.
 */
export function createEditor(label: string, onChange: (text: string) => void, wraps = false): Editor {
  const dom = element('div', { class: 'editor' });
  const root = dom.attachShadow({ mode: 'open' });
  let isOurs = false;
  const view = new EditorView({
    root,
    extensions: [
      lineNumbers(),
      history(),
      drawSelection(),
      keymap.of([...defaultKeymap, ...historyKeymap]),
      json(),
      syntaxHighlighting(highlighting),
      decorations,
      typingOver,
      theme,
      wraps ? EditorView.lineWrapping : [],
      EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0', autocapitalize: 'off' }),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (docChanged && !isOurs) onChange(state.doc.toString());
      }),
    ],
  });
  root.append(view.dom);
  return {
    dom,
    text: () => view.state.doc.toString(),
    setText(text) {
      if (text === view.state.doc.toString()) return;
      isOurs = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } });
      isOurs = false;
    },
    setMarks: (marks) => view.dispatch({ effects: marksChanged.of(marks) }),
    goTo({ from, to }) {
      const end = Math.min(to, view.state.doc.length);
      view.dispatch({ selection: { anchor: Math.min(from, end), head: end }, scrollIntoView: true });
      view.focus();
    },
  };
}
