import { byId } from '../dom/element.ts';

/** Puts a text on the clipboard and says so. */
export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(said);
  } catch {
    say('The browser does not let this page write to the clipboard');
  }
}

/** Says what has happened, also to those who hear the page. */
export function say(words: string): void {
  byId('said').textContent = words;
}
