import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/json';

/** A part of a text. */
export type Place = { readonly from: number; readonly to: number };

const values = new Set(['Number', 'String', 'Array', 'Object', 'True', 'False', 'Null']);

/** Returns where the value stands in a text of JSON that the steps of a JSON Pointer name, or as much of the way as the text has. */
export function locate(text: string, steps: readonly string[]): Place {
  let node = childrenOf(parser.parse(text).topNode).find(({ name }) => values.has(name));
  const whole = { from: 0, to: text.length };
  if (node === undefined) return whole;
  for (const step of steps) {
    const next: SyntaxNode | undefined = node.name === 'Object' ? property(node, step, text) : elementsOf(node)[Number(step)];
    if (next === undefined) break;
    node = next;
  }
  return { from: node.from, to: node.to };
}

/** Returns the steps of a JSON Pointer in a URI fragment: `#/input/0/1`. https://www.rfc-editor.org/rfc/rfc6901 */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

function elementsOf(node: SyntaxNode): SyntaxNode[] {
  return childrenOf(node).filter(({ name }) => values.has(name));
}

function property(node: SyntaxNode, name: string, text: string): SyntaxNode | undefined {
  const found = childrenOf(node).find((child) => {
    const key = child.getChild('PropertyName');
    return key !== null && text.slice(key.from + 1, key.to - 1) === name;
  });
  return found === undefined ? undefined : elementsOf(found)[0];
}
