// Damaged indexes, as the Go reader answers them (damaged_test.go): the browser's program gives the same answers, or one of the two says that the
// index is damaged and the other is right. GONGZHI_RUNS says how many, GONGZHI_SEED which ("" draws them).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = new URL('./', import.meta.url).pathname; // an address of the site begins there
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

test('of a damaged index both readers say the same, or that it is damaged', async (t) => {
  const out = mkdtempSync(path.join(tmpdir(), 'gongzhi-damaged-'));
  t.after(() => rmSync(out, { recursive: true, force: true }));
  const file = path.join(out, 'cases.json');
  const said = execFileSync('go', ['test', '-vet=off', './generator/search', '-count=1', '-v', '-run', 'TestDamagedIndexes', '-args', '-damaged', file], { cwd: root, encoding: 'utf8', env: { GONGZHI_RUNS: '12', GONGZHI_SEED: '5', ...process.env } });
  t.diagnostic(said.match(/GONGZHI_SEED=\d+/)[0]);
  const { queries, whole, cases } = JSON.parse(readFileSync(file));
  const right = cases[0].verdicts, wrong = [];
  let files;
  globalThis.fetch = async (url) => {
    const text = files[path.basename(url.pathname)];
    return text == null ? new Response('', { status: 404 }) : new Response(Buffer.from(text, 'base64'));
  };
  for (const [n, { what, files: changed, verdicts }] of cases.entries()) {
    files = { ...whole, ...changed };
    const { search, SearchError } = await import(`./search.js?case=${n}`); // a reader that has read nothing yet
    for (const [i, query] of queries.entries()) {
      let mine;
      try {
        const { total, hits } = await search(query, { passages: false });
        mine = { damaged: false, total, urls: hits.map((hit) => decodeURI(hit.url).replace(decodeURI(here), '/')) };
      } catch (error) {
        if (!(error instanceof SearchError)) wrong.push(`${what}: ${query}: ${error.stack}`);
        mine = { damaged: true, total: 0, urls: [] };
      }
      const same = (a, b) => JSON.stringify([a.total, a.urls]) === JSON.stringify([b.total, b.urls]);
      const other = verdicts[i];
      if (mine.damaged && other.damaged) continue;
      const fine = mine.damaged ? same(other, right[i]) : other.damaged ? same(mine, right[i]) : same(mine, other);
      if (!fine) wrong.push(`${what}: ${query}: ${JSON.stringify(mine)}, in Go ${JSON.stringify(other)}, whole ${JSON.stringify(right[i])}`);
    }
  }
  assert.deepEqual(wrong, []);
});
