import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closes, headerOf, isRefusal, readAnswer } from './answer.ts';

const answerOf = (lines: string[], body = '') => Buffer.from([...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'));
const problem = JSON.stringify({ code: 'OVERLOADED' });
const overloaded = ['HTTP/1.1 503 Service Unavailable', 'Content-Type: application/problem+json; charset=utf-8', 'Retry-After: 2'];

test('an answer is read when its last byte is there, and not before', () => {
  const bytes = answerOf(['HTTP/1.1 200 OK', 'Content-Type: text/plain'], 'a body');
  for (let length = 0; length < bytes.length; length++) assert.equal(readAnswer(bytes.subarray(0, length)), undefined);
  const answer = readAnswer(bytes);
  assert.equal(answer?.status, 200);
  assert.equal(answer?.body.toString(), 'a body');
  assert.equal(answer?.size, bytes.length);
});

test('of two answers in a row the first is read, and an interim answer has no body', () => {
  const bytes = Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), answerOf(['HTTP/1.1 200 OK'], '{}')]);
  const interim = readAnswer(bytes);
  assert.deepEqual([interim?.status, interim?.size], [100, 25]);
  assert.equal(readAnswer(bytes.subarray(25))?.body.toString(), '{}');
});

test('an answer that does not say its length is one that nothing can follow', () => {
  assert.equal(readAnswer(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n'))?.framed, false);
});

test('headers are found whatever their case, and not inside of others', () => {
  const head = 'HTTP/1.1 200 OK\r\nX-Connection: close\r\nCONNECTION:keep-alive';
  assert.equal(headerOf(head, 'connection'), 'keep-alive');
  assert.equal(closes(head), false);
  assert.equal(headerOf(head, 'retry-after'), undefined);
});

test('a refusal is a 503 problem OVERLOADED that says in whole seconds, at least one, when to come back', () => {
  const refuses = (lines: string[], body: string) => {
    const answer = readAnswer(answerOf(lines, body));
    assert.ok(answer);
    return isRefusal(answer);
  };
  assert.equal(refuses(overloaded, problem), true);
  for (const wait of ['0', '0.5', '-1', 'soon', 'Mon, 23 Nov 2026 20:00:00 GMT'])
    assert.equal(refuses([...overloaded.slice(0, 2), `Retry-After: ${wait}`], problem), false, wait);
  assert.equal(refuses(overloaded.slice(0, 2), problem), false);
  assert.equal(refuses(overloaded, '{"code":"WORKER_LOST"}'), false);
  assert.equal(refuses(overloaded, 'no JSON'), false);
  assert.equal(refuses(overloaded.toSpliced(1, 1), problem), false);
  assert.equal(refuses(overloaded.toSpliced(0, 1, 'HTTP/1.1 500 Internal Server Error'), problem), false);
});
