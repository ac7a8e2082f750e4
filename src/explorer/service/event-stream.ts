/** An event that a server sent. */
type ServerEvent = { readonly id: string; readonly name: string; readonly data: string };

/** Takes the text of an event stream as it comes, and returns the events that it completes. */
type EventReader = {
  readonly take: (text: string) => ServerEvent[];
  /** How long to wait before a stream that ended is asked for again, in ms. */
  readonly retryMs: () => number;
};

/**
 * Reads server-sent events. EventSource does so too, but sends no header for a key.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventReader(): EventReader {
  let rest = '';
  let id = '';
  let name = '';
  let data: string[] = [];
  let retryMs = 2_000;
  function line(text: string): ServerEvent[] {
    if (text === '') {
      const event = { id, name: name === '' ? 'message' : name, data: data.join('\n') };
      const isEvent = data.length > 0;
      name = '';
      data = [];
      return isEvent ? [event] : [];
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(text) ?? [];
    if (field === 'id') id = value;
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
    if (field === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
    return [];
  }
  return {
    take(text) {
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      return lines.flatMap(line);
    },
    retryMs: () => retryMs,
  };
}
