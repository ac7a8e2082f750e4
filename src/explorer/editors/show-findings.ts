import { element } from '../dom/element.ts';
import type { Finding } from '../state/findings.ts';
import type { Editor } from './editor.ts';
import { marksOf, placesIn } from './marks.ts';

/** Marks findings in the text of an editor, and returns the items of a list that says them, each with a way to its element. */
export function showIn(editor: Editor, findings: readonly Finding[], firstLine: number): HTMLElement[] {
  const text = editor.text();
  editor.setMarks(marksOf(findings, text, firstLine));
  const placeOf = placesIn(text);
  return findings.map(({ severity, code, words, ways }) =>
    element(
      'li',
      { class: `note ${severity}`, 'data-code': code },
      words.replace(/^line \d+, column \d+: /, ''),
      ways[0].length > 0 &&
        element('button', { type: 'button', class: 'copy', onclick: () => editor.goTo(placeOf(ways[0])) }, `Go to ${ways[0].join(', ')}`),
    ),
  );
}
