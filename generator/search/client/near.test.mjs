// What the browser's program answers, with files read from a folder instead of the network: node --test
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from '../../browsertest/site.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
let out, sample, search, asked;

before(async () => {
  out = mkdtempSync(path.join(tmpdir(), 'gongzhi-near-'));
  sample = await build('sample');
  execFileSync('go', ['test', '-vet=off', './generator/render', '-count=1', '-run', 'TestQuestions', '-questions', path.join(out, 'questions.json')], { cwd: root });
  asked = JSON.parse(readFileSync(path.join(out, 'questions.json')));
  globalThis.fetch = async url => new Response(readFileSync(fileURLToPath(url)));
  ({ search } = await import(path.join(sample.sites.sample.dir, 'search/search.js')));
});

after(async () => {
  rmSync(out, { recursive: true, force: true });
  await sample?.close();
});

test('what readers ask is answered by the first three pages, as the Go reader answers', async () => {
  assert.ok(asked.length >= 110);
  for (const { q, want, urls, instead, among, offers } of asked) {
    const r = await search(q, { passages: false }), got = [...r.best, ...r.hits, ...r.related ?? []].map(h => '/' + h.url.split('/sample/')[1]);
    for (const page of want) assert.ok(got.slice(0, 3).includes(page), `${q}: ${page} is not among ${got.slice(0, 3)}`);
    assert.deepEqual([got, r.instead, r.among, r.offers.map(o => o.query)], [urls, instead, among, offers], q);
  }
});

test('by date, newest first and oldest first', async () => {
  const urls = async sort => (await search('大会', { sort, limit: 500, passages: false })).hits;
  const newest = await urls('-date'), oldest = await urls('date'), year = h => /\d{4}/.exec(h.date)?.[0];
  assert.equal(newest.length, oldest.length);
  const dated = newest.filter(h => year(h) && h.type !== '人物').map(h => +year(h));
  assert.deepEqual(dated, dated.toSorted((a, b) => b - a));
  assert.deepEqual(oldest.map(h => h.url).sort(), newest.map(h => h.url).sort());
});
