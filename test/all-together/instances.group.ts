import { testsOf } from './tests-of.ts';

await testsOf('jobs/two-instances.test.ts');
