import { parentPort } from 'node:worker_threads';
import { loadKernel } from '../../../src/kernels/divergence-kernel.ts';
import { computeBlocks, type SharedBlocks } from '../../../src/kernels/shared-blocks.ts';

const kernel = loadKernel();
if (kernel === undefined) throw new Error('this platform has no relaxed SIMD');

// takes blocks of whatever another thread asks help for
parentPort?.on('message', (blocks: SharedBlocks) => computeBlocks(kernel, blocks));
