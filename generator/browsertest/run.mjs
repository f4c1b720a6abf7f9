// All tests of the browser and of Node, upon one build of the program and of the sites: node generator/browsertest/run.mjs
// A file alone builds what it needs itself: node --test generator/browsertest/reader.test.mjs

import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generate, program, ROOT, SOURCES } from './site.mjs';

const dir = await mkdtemp(join(tmpdir(), 'gongzhi-browsertest-'));
try {
  process.env.GONGZHI_PROGRAM = await program();
  for (const [name, { dir: source }] of Object.entries(SOURCES)) await generate(source, join(dir, name));
  process.env.GONGZHI_SITES = dir;
  const files = (await readdir(join(ROOT, 'generator'), { recursive: true })).filter((f) => f.endsWith('.test.mjs')).sort();
  const tests = spawn(process.execPath, ['--test', '--test-concurrency=2', ...process.argv.slice(2), ...files.map((f) => join('generator', f))], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = await new Promise((resolve, reject) => tests.on('error', reject).on('exit', (code) => resolve(code ?? 1)));
} finally {
  await rm(dir, { recursive: true, force: true });
}
