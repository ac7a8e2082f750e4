import { parsed, serve } from './collect.ts';

// the least that a service does which also answers with a tensor by JSON.stringify
serve(async (request) => JSON.stringify((await parsed(request)).input));
