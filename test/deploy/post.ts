const key = process.env.API_KEY;
const headers = { 'Content-Type': 'application/json', ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }) };

/** What becomes of a request, with the key in API_KEY where there is one: the status of its answer, read whole, or why there was none. */
export async function post(url: string, body: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    const reply = await fetch(url, { method: 'POST', headers, body });
    await reply.arrayBuffer();
    return String(reply.status);
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message: string } };
    return cause?.code ?? cause?.message ?? String(error);
  }
}
