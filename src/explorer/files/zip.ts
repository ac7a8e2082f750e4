/** Returns the files of a ZIP archive by their names. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export async function unzip(bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOfDirectory(view);
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error('its directory is damaged');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const header = view.getUint32(at + 42, true);
    const begin = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    const data = bytes.slice(begin, begin + view.getUint32(at + 20, true));
    files.set(name, await content(data, view.getUint16(at + 10, true), name));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

/** The end of the directory stands before a comment of up to 64 KiB. */
function endOfDirectory(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  throw new Error('it is no ZIP archive');
}

async function content(data: Uint8Array<ArrayBuffer>, method: number, name: string): Promise<Uint8Array> {
  if (method === 0) return data;
  if (method !== 8) throw new Error(`${name} is compressed in a way that this page does not read`);
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
