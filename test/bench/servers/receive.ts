import { eachChunk, serve } from './collect.ts';

// the least that any service does with a body: it takes it in
serve(async (request) => {
  let bytes = 0;
  await eachChunk(request, ({ length }) => {
    bytes += length;
  });
  return JSON.stringify({ bytes });
});
