// The offline edition: opened from a folder it shows the same pages and gives the same answers, and asks nobody for anything.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, sep } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { browser as launch, firefox as launchFirefox, build, generate, SOURCES } from './site.mjs';

const seed = Number(process.env.GONGZHI_SEED) || Math.floor(Math.random() * 2 ** 31);
const KINDS = process.env.GONGZHI_RUNS ? Infinity : 10;
const QUERIES = Number(process.env.GONGZHI_RUNS) || 40;

let browser, built, dir;
const names = ['sample', 'full'];
const editions = {};

before(async () => {
  browser = await launch();
  built = await build(...names);
  dir = await mkdtemp(join(tmpdir(), '离线 版-'));
  for (const name of names) {
    editions[name] = join(dir, name);
    await generate(SOURCES[name].dir, editions[name], '--offline');
  }
});

after(async () => {
  await browser?.close();
  await built?.close();
  if (dir) await rm(dir, { recursive: true, force: true });
});

async function files(top) {
  const list = [];
  for (const e of await readdir(top, { recursive: true, withFileTypes: true })) if (e.isFile()) list.push(relative(top, join(e.parentPath, e.name)).split(sep).join('/'));
  return list;
}

async function size(top) {
  let n = 0;
  for (const f of await files(top)) n += (await stat(join(top, f))).size;
  return n;
}

/** A page from the folder, with everything that goes wrong in it. */
async function open(edition, path) {
  const page = await browser.newPage();
  page.wrong = [];
  page.on('console', m => { if (m.type() === 'error' || m.type() === 'warning') page.wrong.push(m.text()); });
  page.on('pageerror', e => page.wrong.push(String(e)));
  page.on('request', r => { if (!r.url().startsWith(pathToFileURL(edition).href)) page.wrong.push(`request of ${r.url()}`); });
  page.on('requestfailed', r => page.wrong.push(`failed: ${r.url()}`));
  await page.goto(pathToFileURL(join(edition, path)).href);
  return page;
}

for (const name of names) {
  test(`${name}: every link leads to a file of the folder`, async () => {
    const there = await files(editions[name]), known = new Set(there);
    let links = 0;
    for (const f of there.filter(f => f.endsWith('.html'))) {
      const html = await readFile(join(editions[name], f), 'utf8');
      for (const [, value] of html.matchAll(/ (?:href|src|action)="([^"]*)"/g)) {
        if (/^(?:[a-z]+:|#|$)/.test(value)) continue;
        const to = posix.join(dirname(f), decodeURIComponent(value.replace(/[?#].*$/s, '')));
        assert.ok(known.has(to), `${f}: ${value}`);
        links++;
      }
    }
    assert.ok(links > 300, `${links} links`);
  });

  test(`${name}: pages of every kind have no error and leave the folder for nothing`, async () => {
    const seen = new Set();
    for (const f of ['index.html', 'search/index.html', ...(await files(editions[name])).filter(f => f.endsWith('.html')).sort()]) {
      const kind = f.split('/')[0] + f.split('/').length;
      if (seen.has(kind) || seen.size >= KINDS) continue;
      seen.add(kind);
      const page = await open(editions[name], f);
      if ((await readFile(join(editions[name], f), 'utf8')).includes('http-equiv="refresh"')) await page.waitForURL(u => u.href !== pathToFileURL(join(editions[name], f)).href);
      await page.waitForLoadState();
      await page.waitForTimeout(f === 'index.html' ? 500 : 50);
      assert.deepEqual(page.wrong, [], f);
      assert.ok(await page.evaluate(() => document.styleSheets.length > 0 && getComputedStyle(document.body).margin === '0px'), `${f} has no style`);
      await page.close();
    }
  });
}

/** Queries of an edition, drawn from what its records say. */
async function queriesFor(name) {
  let state = seed;
  const random = n => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return Math.floor(state / 2 ** 32 * n); };
  const pages = (await files(editions[name])).filter(f => /^(people|reports|conferrals|events)\//.test(f));
  const queries = ['', '1950', 'laomo', '没有这样的话', '劳模 江西', '全国勞動模範'];
  while (queries.length < QUERIES) {
    const html = await readFile(join(editions[name], pages[random(pages.length)]), 'utf8');
    // What the record says itself: the words around it (the office's address, "searchable since") stand on every page and in no index.
    const body = html.match(/<div class="body">(.*?)<\/main>/s)?.[1] ?? '';
    const runs = [...body.matchAll(/<p>(.*?)<\/p>/gs)].map(m => m[1].replace(/<[^>]*>/g, '')).join('\n').match(/[\u4e00-\u9fff]{2,}/g);
    if (!runs) continue;
    const text = runs[random(runs.length)], n = 1 + random(Math.min(text.length, 6)), from = random(text.length - n + 1);
    queries.push(text.slice(from, from + n));
  }
  return queries;
}

/** What a page answers; it is run in the page. */
const ask = async ({ queries, base, offline }) => {
  const { search } = offline ? (await globalThis.gongzhiOffline.engine()).search() : await import(`${base}search/search.js`);
  const root = offline ? new URL('../', globalThis.gongzhiOffline.here).pathname : base;
  const answers = [];
  for (const q of queries) {
    const a = await search(q, { limit: 10, facets: true });
    const plain = hits => hits?.map(h => ({ ...h, url: decodeURIComponent(h.url.slice(root.length)).replace(/(^|\/)index\.html(?=$|#)/, '$1') }));
    answers.push({ q, ...a, hits: plain(a.hits), related: plain(a.related) });
  }
  return answers;
};

test('the same queries have the same answers', async (t) => {
  t.diagnostic(`seed ${seed}`);
  for (const name of names) {
    const site = built.sites[name];
    const online = await browser.newPage();
    await online.goto(await site.serve() + 'search/');
    const offline = await open(editions[name], 'search/index.html');
    const queries = await queriesFor(name);
    const base = SOURCES[name].base;
    const [want, got] = [await online.evaluate(ask, { queries, base }), await offline.evaluate(ask, { queries, base, offline: true })];
    assert.ok(want.filter(a => a.total > 0).length >= queries.length * 3 / 4, `of ${queries.length} queries only ${want.filter(a => a.total > 0).length} find something`);
    assert.ok(want.some(a => a.hits.some(h => h.excerpt.includes('<mark>'))));
    for (const [i, a] of want.entries()) assert.deepEqual(got[i], a, a.q);
    assert.deepEqual(offline.wrong, []);
    await online.close();
    await offline.close();
  }
});

// Firefox comes from the distribution and is driven as it is (WebDriver BiDi); it is asked for in make soak, by FIREFOX=1 or its path.
if (process.env.FIREFOX) {
  test('Firefox gives the same answers from the disk', async (t) => {
    t.diagnostic(`seed ${seed}`);
    const firefox = await launchFirefox();
    try {
      for (const name of names) {
        const queries = await queriesFor(name);
        const site = built.sites[name];
        const online = await browser.newPage();
        await online.goto(await site.serve() + 'search/');
        const offline = await firefox.newPage();
        const wrong = [];
        offline.on('console', m => { if (m.type() === 'error') wrong.push(m.text()); });
        offline.on('pageerror', e => wrong.push(String(e)));
        await offline.goto(pathToFileURL(join(editions[name], 'search/index.html')).href);
        const { base } = SOURCES[name];
        const [want, got] = [await online.evaluate(ask, { queries, base }), await offline.evaluate(ask, { queries, base, offline: true })];
        assert.equal(got.length, queries.length);
        for (const [i, a] of want.entries()) assert.deepEqual(got[i], a, a.q);
        assert.deepEqual(wrong, []);
        await online.close();
        await offline.close();
      }
    } finally {
      await firefox.close();
    }
  });
}

test('somebody searches from a page, opens a result, and sees the words', async () => {
  const page = await open(editions.sample, 'people/meng-tai/index.html');
  await page.locator('input[name=q]').first().fill('孟泰仓库');
  await page.locator('form[role=search] button').first().click();
  await page.waitForSelector('[data-s-page] a[href*="index.html"]');
  const hit = page.locator('[data-s-page] a[href*="people/meng-tai/index.html"]').first();
  await hit.click();
  await page.waitForURL(/people\/meng-tai\/index\.html\?s=/);
  await page.waitForSelector('mark.s-hit-mark');
  assert.deepEqual(page.wrong, []);
  await page.close();
});

test('somebody who looks into the zip is told to unpack it, and nobody else is', async () => {
  const page = await open(editions.sample, 'index.html');
  assert.equal(await page.locator('.unzip').isVisible(), false);
  await page.close();
  const alone = await browser.newPage();
  await alone.setContent(await readFile(join(editions.sample, 'index.html'), 'utf8'));
  assert.equal(await alone.locator('.unzip').isVisible(), true);
  assert.match(await alone.locator('.unzip').innerText(), /请先解压/);
  await alone.close();
});

test('it is not much larger than the site', async () => {
  for (const name of names) {
    const [a, b] = [await size(built.sites[name].dir), await size(editions[name])];
    assert.ok(b <= 1.4 * a, `${name}: ${b} bytes beside ${a}`);
  }
});
