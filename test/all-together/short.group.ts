import { testsOf } from './tests-of.ts';

await testsOf('{bench,schema,tensor}');
