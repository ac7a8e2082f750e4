import { parentPort, workerData } from 'node:worker_threads';
import { RequestError } from '../../../src/errors/request-error.ts';
import { parseJson } from '../../../src/formats/json/parse-json.ts';
import { parseRequest } from '../../../src/schema/parse-request.ts';

/** Says which texts of a list were read, up to the first for which there is no room. */
const read: string[] = [];
for (const body of workerData as SharedArrayBuffer[]) {
  read.push(outcomeOf(Buffer.from(body)));
  if (read.at(-1) === 'BODY_TOO_COMPLEX') break;
}
parentPort?.postMessage(read);

function outcomeOf(bytes: Buffer): string {
  try {
    parseRequest(parseJson(bytes, 2 ** 27, { bareNumbers: true }));
    return 'read';
  } catch (error) {
    if (error instanceof RequestError) return error.code;
    throw error;
  }
}
