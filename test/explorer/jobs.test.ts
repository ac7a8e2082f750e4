import { after } from 'node:test';
import { closeShared } from './browser/explored.ts';
import { jobTests } from './browser/jobs.ts';

after(closeShared);

jobTests();
