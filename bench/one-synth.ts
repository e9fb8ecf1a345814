import { appOfAllStacks } from './all-stacks.ts';

// A program of its own: what it measures is the first synth of a process, before anything is compiled or in memory.
const [outdir = '', proof] = process.argv.slice(2);
console.error = () => {};
const app = appOfAllStacks(outdir, proof === 'skip' ? 'skip' : 'stop');
const start = performance.now();
app.synth();
console.log(performance.now() - start);
