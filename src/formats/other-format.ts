/** Formats whose first bytes tell them, and how a client sends what it has. */
const formats: readonly { readonly is: (bytes: Uint8Array) => boolean; readonly advice: string }[] = [
  { is: starts(0x1f, 0x8b), advice: 'The body is compressed with gzip: send Content-Encoding: gzip' },
  { is: starts(0x28, 0xb5, 0x2f, 0xfd), advice: 'The body is compressed with zstd: send Content-Encoding: zstd' },
  {
    is: starts(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59),
    advice: 'The body is a .npy file: send array.tolist() as JSON, or both arrays as safetensors',
  },
  {
    is: starts(0x50, 0x4b, 0x03, 0x04),
    advice: 'The body is a zip archive, as .npz and PyTorch files are: send the tensors as safetensors',
  },
  // before pickles: a header of 128 bytes has their first byte
  { is: isSafetensors, advice: 'The body is in the safetensors format, whose Content-Type is application/vnd.safetensors' },
  { is: starts(0x80), advice: 'The body starts like a Python pickle: send the tensors as JSON or safetensors' },
  { is: starts(0xff, 0xfe), advice: 'The body starts with the byte order mark of UTF-16: send UTF-8' },
  { is: starts(0xfe, 0xff), advice: 'The body starts with the byte order mark of UTF-16: send UTF-8' },
];

/** `. ` and what to do about a body that is in another format than its Content-Type says; empty where its first bytes tell nothing. */
export function otherFormatHint(bytes: Uint8Array): string {
  const found = formats.find(({ is }) => is(bytes));
  return found === undefined ? '' : `. ${found.advice}`;
}

function starts(...first: readonly number[]): (bytes: Uint8Array) => boolean {
  return (bytes) => first.every((byte, position) => bytes[position] === byte);
}

/** Eight bytes with a plausible length, then the header, which is a JSON object. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0 && bytes[8] === 0x7b;
}
