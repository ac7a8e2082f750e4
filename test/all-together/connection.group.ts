import { testsOf } from './tests-of.ts';

await testsOf('http/connection');
